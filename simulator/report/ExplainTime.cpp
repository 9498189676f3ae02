//===- simulator/report/ExplainTime.cpp - Why so many nanoseconds ---------===//

#include "simulator/report/ExplainParts.h"
#include "simulator/report/Format.h"

#include <fmt/format.h>

namespace synfire::report {

using Json = nlohmann::ordered_json;

namespace {

std::string seconds(double Ns) { return withPrefix(Ns, "s", -9); }

/// The figures of the chip that simulated time rests on.
void timeFigures(Answer &A) {
  A.head("Times of the chip (M measured, P published, D derived, A assumed)");
  for (const Json &F : A.S.at("figures"))
    if (F.at("quantity") != "energy" && F.at("quantity") != "power" &&
        F.at("value").get<double>() != 0)
      A.line(fmt::format(
          "{:<27} {} {} ({} to {}) [{}]", F.at("key").get<std::string>(),
          digits(F.at("value").get<double>()), F.at("unit").get<std::string>(),
          digits(F.at("low").get<double>()), digits(F.at("high").get<double>()),
          F.at("grade").get<std::string>()));
  A.words("Sources: ask for figures.NAME, such as figures.neuron_update.");
}

void split(Answer &A, const Json &Time) {
  const Json &Split = Time.at("split");
  const double Total = Time.at("total_ns").get<double>();
  double Sum = 0;
  A.head("= sum over ticks of (work of the busiest core + network after it + "
         "barrier)");
  for (const auto &[Key, Name] : {std::pair("core_ns", "busiest core"),
                                  {"network_ns", "network after it"},
                                  {"barrier_ns", "barrier"}}) {
    const double Ns = Split.at(Key).get<double>();
    Sum += Ns;
    A.line(fmt::format("{:<18} {:>20} ns {:>8}", Name, digits(Ns),
                       Total > 0 ? percent(Ns / Total) : "-"));
  }
  const Json &Mode = A.mode();
  A.result(Sum, "ns", fmt::format("/modes/{}/simulated_time_ns", A.ModeIndex));
  A.line(fmt::format("{} ticks, each with a barrier of {} ns",
                     Mode.at("ticks").dump(),
                     digits(Time.at("barrier_ns").get<double>())));
  A.head("What ticks waited for (whole ticks, barrier included)");
  for (const Json &B : Time.at("critical"))
    A.line(fmt::format(
        "{:<28} {:>10} ticks {:>18} ns", B.at("resource").get<std::string>(),
        B.at("ticks").dump(), digits(B.at("time_ns").get<double>())));
}

} // namespace

void explainTime(Answer &A, const std::string &) {
  const Json *Time = A.ofMode("time");
  if (!Time) {
    A.words("No time was simulated: the run was functional. Run it with "
            "--fidelity analytic or event.");
    return;
  }
  const double Total =
      A.number(fmt::format("/modes/{}/simulated_time_ns", A.ModeIndex));
  A.Text += fmt::format("simulated time, {}, {}: {}, {} per token\n",
                        A.modeName(), Time->at("fidelity").get<std::string>(),
                        seconds(Total), seconds(Total / A.tokens()));
  split(A, *Time);
  if (!Time->at("analytic").is_null())
    A.words(fmt::format(
        "From counts alone (analytic) it would be {} ns; more than that is "
        "messages in each other's way.",
        digits(Time->at("analytic").at("total_ns").get<double>())));
  timeFigures(A);
}

void explainTokensPerSecond(Answer &A, const std::string &) {
  const std::string At = fmt::format("/modes/{}", A.ModeIndex);
  if (!A.mode().at("has_time").get<bool>())
    return explainTime(A, "");
  const double Total = A.number(At + "/simulated_time_ns");
  A.Text += fmt::format("tokens_per_s, {}\n", A.modeName());
  A.head("= tokens / simulated time");
  A.line(fmt::format("{} / {} ns x 1e9", digits(A.tokens()), digits(Total)));
  A.result(A.tokens() * 1e9 / Total, "tokens/s", At + "/tokens_per_s");
  A.Text += "\n";
  explainTime(A, "");
}

void explainFirstToken(Answer &A, const std::string &) {
  if (A.mode().at("first_token_ns").is_null())
    return explainTime(A, "");
  A.Text += fmt::format("first_token, {}: {}\n", A.modeName(),
                        seconds(A.mode().at("first_token_ns").get<double>()));
  A.head("= ticks of the first token, from its first level to its last");
  const Json *Time = A.ofMode("time");
  if (!Time || Time->at("levels").empty()) {
    A.words("ticks.csv has the length of each tick.");
    return;
  }
  A.words("Mean over all tokens, level by level; ticks.csv has each tick:");
  double Sum = 0;
  for (const Json &L : Time->at("levels")) {
    Sum += L.at("mean_time_ns").get<double>();
    A.line(fmt::format("level {:>3} {:>16} ns  {}", L.at("level").dump(),
                       digits(L.at("mean_time_ns").get<double>()),
                       L.at("populations").get<std::string>()));
  }
  A.line(fmt::format("sum       {:>16} ns per token", digits(Sum)));
}

} // namespace synfire::report
