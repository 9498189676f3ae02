//===- simulator/report/ExplainEnergy.cpp - Why so many joules ------------===//

#include "simulator/report/ExplainParts.h"
#include "simulator/report/Format.h"

#include <fmt/format.h>

#include <algorithm>

namespace synfire::report {

using Json = nlohmann::ordered_json;

namespace {

std::string joules(double Picojoules) {
  return withPrefix(Picojoules, "J", -12);
}

bool isStatic(const ExplainedTerm &T) { return T.Component == "static"; }
bool isDynamic(const ExplainedTerm &T) {
  return !isStatic(T) && T.Component != "barrier";
}

/// The largest terms first; returns their sum.
double listTerms(Answer &A, std::vector<ExplainedTerm> Terms) {
  double Sum = 0;
  for (const ExplainedTerm &T : Terms)
    Sum += T.energy();
  std::stable_sort(
      Terms.begin(), Terms.end(),
      [](const auto &X, const auto &Y) { return X.energy() > Y.energy(); });
  A.head(fmt::format("{:<11} {:<27} {:>15} x {:<30} {:>5} {:>17} {:>8}", "  of",
                     "action", "count", "coefficient (low to high)", "grade",
                     "pJ", "share"));
  size_t Zero = 0;
  for (const ExplainedTerm &T : Terms) {
    if (T.energy() == 0 && T.High == 0) {
      ++Zero;
      continue;
    }
    std::string Coefficient = fmt::format("{:g} {} ({:g} to {:g})", T.Nominal,
                                          T.CoefficientUnit, T.Low, T.High);
    A.line(fmt::format("{:<9} {:<27} {:>15} x {:<30} {:>5} {:>17} {:>8}",
                       T.Component, T.Action, digits(T.Count), Coefficient,
                       T.Grade, digits(T.energy()),
                       Sum > 0 ? percent(T.energy() / Sum) : "-"));
  }
  if (Zero)
    A.line(fmt::format("and {} whose cost is 0", Zero));
  return Sum;
}

void sources(Answer &A, const std::vector<ExplainedTerm> &Terms, double Sum,
             double LeastShare) {
  A.head("Sources (M measured, P published, D derived, A assumed)");
  size_t Small = 0;
  for (const ExplainedTerm &T : Terms) {
    if (T.energy() < LeastShare * Sum || T.energy() == 0) {
      ++Small;
      continue;
    }
    A.line(fmt::format("{} [{}]", T.Action, T.Grade));
    A.words(T.Source, 4);
  }
  if (Small)
    A.line(fmt::format("{} with less than {} of the sum: ask for "
                       "energy.ACTION",
                       Small, percent(LeastShare)));
  if (std::any_of(Terms.begin(), Terms.end(), isStatic))
    A.words("Static power: the count is chips (cores) x simulated seconds; ask "
            "for time to see those.");
}

std::vector<ExplainedTerm> dynamicTerms(const Answer &A) {
  std::vector<ExplainedTerm> Out;
  for (ExplainedTerm &T : termsOf(A))
    if (isDynamic(T))
      Out.push_back(std::move(T));
  return Out;
}

void perToken(Answer &A, const std::vector<ExplainedTerm> &Terms,
              const char *Key, const char *Formula) {
  const std::string At = fmt::format("/modes/{}/{}", A.ModeIndex, Key);
  const Json &Range = A.S.at(Json::json_pointer(At));
  A.Text += fmt::format("{}, {}: {} ({} to {})\n", Key, A.modeName(),
                        joules(Range.at("nominal").get<double>()),
                        joules(Range.at("low").get<double>()),
                        joules(Range.at("high").get<double>()));
  A.head(Formula);
  const double Sum = listTerms(A, Terms);
  A.line(fmt::format("sum {} pJ / {} tokens", digits(Sum), digits(A.tokens())));
  A.result(Sum / A.tokens(), "pJ", At + "/nominal");
  A.words("The range adds all rows up at their low, then at their high end.");
  sources(A, Terms, Sum, 0.01);
}

} // namespace

std::vector<ExplainedTerm> termsOf(const Answer &A) {
  std::vector<ExplainedTerm> Out;
  const Json &Energy = A.S.at("energy");
  const Json *Of = nullptr; // the mode of the terms in the document
  for (const Json &M : A.S.at("modes"))
    if (M.at("mode") == Energy.at("mode"))
      Of = &M;
  const bool Same = !Of || A.mode().at("mode") == Energy.at("mode");
  for (const Json &T : Energy.at("terms")) {
    ExplainedTerm E;
    E.Component = T.at("component").get<std::string>();
    E.Action = T.at("action").get<std::string>();
    E.CoefficientUnit = T.at("coefficient_unit").get<std::string>();
    E.Grade = T.at("grade").get<std::string>();
    E.Source = T.at("source").get<std::string>();
    E.Count = T.at("count").get<double>();
    E.Low = T.at("coefficient").at("low").get<double>();
    E.Nominal = T.at("coefficient").at("nominal").get<double>();
    E.High = T.at("coefficient").at("high").get<double>();
    // Barriers and time are all that tells two modes apart.
    if (!Same && E.Component == "barrier")
      E.Count = A.mode().at("ticks").get<double>();
    else if (!Same && E.Component == "static")
      E.Count *= A.mode().at("simulated_time_ns").get<double>() /
                 Of->at("simulated_time_ns").get<double>();
    Out.push_back(std::move(E));
  }
  return Out;
}

void explainEnergyPerToken(Answer &A, const std::string &) {
  perToken(A, termsOf(A), "energy_per_token_pj",
           "= sum over actions of (count x coefficient) / tokens");
  explainSensitivity(A, "");
}

void explainDynamicEnergy(Answer &A, const std::string &) {
  perToken(A, dynamicTerms(A), "dynamic_energy_per_token_pj",
           "= sum over actions of (count x coefficient) / tokens, without "
           "barrier and static power");
}

void explainPerParameter(Answer &A, const std::string &) {
  const std::string At = fmt::format("/modes/{}", A.ModeIndex);
  const double Parameters = A.number("/model/parameters");
  const double PerToken = A.number(At + "/energy_per_token_pj/nominal");
  A.Text += fmt::format("pj_per_parameter_and_token, {}\n", A.modeName());
  A.head("= energy per token / parameters of the float checkpoint");
  A.line(fmt::format("{} pJ / {}", digits(PerToken), digits(Parameters)));
  A.result(PerToken / Parameters, "pJ",
           At + "/pj_per_parameter_and_token/nominal");
  const Json &Sanity = A.mode().at("sanity");
  if (!Sanity.is_null())
    A.words("Verdict: " + Sanity.at("text").get<std::string>() + ".");
  A.words("The energy: ask for energy_per_token.");
}

/// The whole, one component, or one action.
void explainEnergy(Answer &A, const std::string &Part) {
  std::vector<ExplainedTerm> Terms;
  bool IsAction = false;
  for (ExplainedTerm &T : termsOf(A))
    if (Part.empty() || T.Component == Part || T.Action == Part) {
      IsAction |= T.Action == Part && T.Component != Part;
      Terms.push_back(std::move(T));
    }
  A.Text += fmt::format("energy{}{}, {}, whole run\n", Part.empty() ? "" : ".",
                        Part, A.modeName());
  A.head("= sum of count x coefficient");
  const double Sum = listTerms(A, Terms);
  const bool Stated =
      A.modeName() == A.S.at("energy").at("mode").get<std::string>();
  if (Stated && Part.empty())
    A.result(Sum, "pJ", "/energy/total_pj/nominal");
  else if (Stated && !IsAction && !Terms.empty())
    A.result(Sum, "pJ",
             fmt::format("/energy/by_component_pj/{}/nominal", Part));
  else
    A.line(fmt::format("= {} pJ", digits(Sum)));
  A.line(fmt::format("{} per token ({} tokens)", joules(Sum / A.tokens()),
                     digits(A.tokens())));
  sources(A, Terms, Sum, Part.empty() ? 0.01 : 0);
}

void explainSensitivity(Answer &A, const std::string &) {
  const Json *Mode = A.ofMode("sensitivity");
  if (!Mode || Mode->at("figures").empty())
    return;
  A.head(fmt::format("What moves energy_per_token ({}) most: figures that are "
                     "assumed or derived, one at a time",
                     A.modeName()));
  size_t Left = 3;
  for (const Json &F : Mode->at("figures")) {
    if (Left-- == 0)
      break;
    const bool IsTime = F.at("quantity") == "time";
    A.line(fmt::format(
        "{} {} [{}]: {} to {} per token", F.at("key").get<std::string>(),
        F.at("quantity").get<std::string>(), F.at("grade").get<std::string>(),
        joules(F.at("at_low_pj").get<double>()),
        joules(F.at("at_high_pj").get<double>())));
    A.words(
        fmt::format(
            "{} {} from {} to {}{}; {} of the {}. {}",
            digits(F.at("value").get<double>()),
            F.at("unit").get<std::string>(), digits(F.at("low").get<double>()),
            digits(F.at("high").get<double>()),
            F.at("range") == "stated" ? ""
                                      : " (no range stated: half to double)",
            percent(F.at("share").get<double>()),
            IsTime ? "simulated time, over which static power flows" : "energy",
            F.at("source").get<std::string>()),
        4);
  }
  A.words("A time counts to first order: ticks go on waiting for the same "
          "resource.");
}

} // namespace synfire::report
