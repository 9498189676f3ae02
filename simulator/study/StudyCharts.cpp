//===- StudyCharts.cpp - Charts of study.html -----------------------------===//

#include "simulator/study/StudyCharts.h"

#include "simulator/report/Format.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

using namespace synfire;
using namespace synfire::study;
using synfire::report::escapeHtml;
using synfire::report::shortCount;

namespace {

constexpr unsigned NumColours = 7; // .c0 .. .c6 of the style sheet

struct Frame {
  double Left, Right, Top, Bottom;
};
constexpr Frame Large{92, 988, 14, 386};
constexpr double LargeWidth = 1000, LargeHeight = 440;
constexpr Frame Small{52, 314, 10, 136};
constexpr double SmallWidth = 320, SmallHeight = 164;

std::string text(double X, double Y, const char *Anchor,
                 const std::string &Escaped) {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}"
                     "</text>",
                     X, Y, Anchor, Escaped);
}

std::string rule(double X0, double Y0, double X1, double Y1) {
  return fmt::format("<path class=\"grid\" d=\"M{:.1f} {:.1f}L{:.1f} "
                     "{:.1f}\"></path>",
                     X0, Y0, X1, Y1);
}

std::string horizontals(const Scale &Y, const Frame &F) {
  std::string Out;
  for (double Tick : Y.ticks())
    Out += rule(F.Left, Y.at(Tick), F.Right, Y.at(Tick)) +
           text(F.Left - 7, Y.at(Tick) + 5, "end", shortCount(Tick));
  return Out;
}

std::string verticals(const Scale &X, const Frame &F) {
  std::string Out;
  for (double Tick : X.ticks())
    Out += rule(X.at(Tick), F.Top, X.at(Tick), F.Bottom) +
           text(X.at(Tick), F.Bottom + 22, "middle", shortCount(Tick));
  return Out;
}

/// A path through \p Points.
std::string pathOf(const std::vector<std::pair<double, double>> &Points) {
  std::string Steps;
  for (auto [X, Y] : Points)
    Steps += fmt::format("{}{:.1f} {:.1f}", Steps.empty() ? "M" : "L", X, Y);
  return Steps;
}

} // namespace

Scale::Scale(double From, double To, double Begin, double End, double LogFrom)
    : Log(From > 0 && To > From * LogFrom), Low(From), High(To), Begin(Begin),
      End(End) {
  if (Log) {
    Low = std::log10(Low);
    High = std::log10(High);
  }
  double Margin =
      High > Low ? (High - Low) * 0.06 : std::fabs(Low) * 0.1 + 1e-9;
  if (From != 0) // Zero is a floor, not the lowest of the numbers.
    Low -= Margin;
  High += Margin;
}

double Scale::at(double X) const {
  return Begin +
         ((Log ? std::log10(X) : X) - Low) / (High - Low) * (End - Begin);
}

std::vector<double> Scale::ticks() const {
  std::vector<double> Out;
  if (Log) {
    // 1, 2, 5 in each decade; only 1 when the decades are many.
    const bool Many = High - Low > 3;
    for (double Decade = std::floor(Low); Decade <= High; ++Decade)
      for (double Digit : {1.0, 2.0, 5.0}) {
        const double Exponent = Decade + std::log10(Digit);
        if (Exponent >= Low && Exponent <= High && (Digit == 1 || !Many))
          Out.push_back(std::pow(10, Decade) * Digit);
      }
    return Out;
  }
  const double Rough = (High - Low) / 5;
  double Step = std::pow(10, std::floor(std::log10(Rough)));
  for (double Digit : {5.0, 2.0})
    if (Rough >= Step * Digit) {
      Step *= Digit;
      break;
    }
  for (double N = std::ceil(Low / Step); N * Step <= High; ++N)
    Out.push_back(N * Step);
  return Out;
}

std::string study::frontChart(const std::vector<Mark> &Marks) {
  if (Marks.empty())
    return "";
  auto [Cheap, Dear] = std::ranges::minmax(Marks, {}, &Mark::Energy);
  auto [Slow, Fast] = std::ranges::minmax(Marks, {}, &Mark::Speed);
  const double Most = std::ranges::max(Marks, {}, &Mark::Cores).Cores;
  const Frame &F = Large;
  const Scale X(Cheap.Energy, Dear.Energy, F.Left, F.Right);
  const Scale Y(Slow.Speed, Fast.Speed, F.Bottom, F.Top);
  std::string Out = horizontals(Y, F) + verticals(X, F);

  std::map<unsigned, std::vector<std::pair<double, double>>> Fronts;
  std::vector<const Mark *> Order;
  for (const Mark &M : Marks) {
    if (M.OnFront)
      Fronts[M.Group].emplace_back(X.at(M.Energy), Y.at(M.Speed));
    Order.push_back(&M);
  }
  for (auto &[Group, Points] : Fronts) {
    std::ranges::sort(Points);
    Out += fmt::format("<path class=\"s{} dash\" d=\"{}\"></path>",
                       Group % NumColours, pathOf(Points));
  }
  // Small marks and the front on top.
  std::ranges::stable_sort(Order, [](const Mark *A, const Mark *B) {
    return std::pair(A->OnFront, -A->Cores) < std::pair(B->OnFront, -B->Cores);
  });
  for (const Mark *M : Order)
    Out += fmt::format(
        "<circle class=\"c{}{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:.1f}\">"
        "<title>{}</title></circle>",
        M->Group % NumColours, M->OnFront ? " front" : "", X.at(M->Energy),
        Y.at(M->Speed), 4 + 10 * std::sqrt(M->Cores / std::max(Most, 1.0)),
        escapeHtml(M->Label));
  Out += text((F.Left + F.Right) / 2, LargeHeight - 8, "middle",
              "energy per token, uJ") +
         fmt::format("<text transform=\"translate(18 {:.1f}) rotate(-90)\" "
                     "text-anchor=\"middle\">tokens/s</text>",
                     (F.Top + F.Bottom) / 2);
  return fmt::format("<svg class=\"lines marks\" viewBox=\"0 0 {} {}\" "
                     "role=\"img\">{}</svg>\n",
                     LargeWidth, LargeHeight, Out);
}

std::string study::bandChart(const std::string &Title,
                             const std::vector<Step> &Steps) {
  double Most = 0;
  for (const Step &S : Steps)
    Most = std::max(Most, S.High);
  if (Steps.size() < 2 || Most <= 0)
    return "";
  const Frame &F = Small;
  // Without logarithm: the height of the line is the size of the number.
  const Scale Y(0, Most, F.Bottom, F.Top);
  const double Stride = (F.Right - F.Left) / static_cast<double>(Steps.size());
  const size_t Every = (Steps.size() + 5) / 6; // labels that have room
  std::vector<std::pair<double, double>> Mean, Band, Back;
  std::string Labels, Dots;
  for (size_t I = 0; I < Steps.size(); ++I) {
    const Step &S = Steps[I];
    const double X = F.Left + Stride * (static_cast<double>(I) + 0.5);
    if (I % Every == 0)
      Labels += text(X, F.Bottom + 18, "middle", escapeHtml(S.Label));
    if (S.Count == 0)
      continue;
    Mean.emplace_back(X, Y.at(S.Mean));
    Band.emplace_back(X, Y.at(S.High));
    Back.emplace_back(X, Y.at(S.Low));
    Dots += fmt::format(
        "<circle class=\"c0\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\"><title>{}: "
        "mean {}, {} to {}, {}</title></circle>",
        X, Y.at(S.Mean), escapeHtml(S.Label), shortCount(S.Mean),
        shortCount(S.Low), shortCount(S.High),
        report::plural(std::to_string(S.Count), "point"));
  }
  Band.insert(Band.end(), Back.rbegin(), Back.rend());
  return fmt::format(
      "<figure><figcaption>{}</figcaption><svg class=\"lines marks\" "
      "viewBox=\"0 0 {} {}\" role=\"img\">{}<path class=\"band\" "
      "d=\"{}Z\"></path><path class=\"s0\" "
      "d=\"{}\"></path>{}{}</svg></figure>\n",
      escapeHtml(Title), SmallWidth, SmallHeight, horizontals(Y, F),
      pathOf(Band), pathOf(Mean), Dots, Labels);
}
