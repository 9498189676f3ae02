//===- simulator/report/HtmlLines.cpp - Lines on logarithmic axes ---------===//

#include "simulator/report/Format.h"
#include "simulator/report/HtmlParts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace synfire::report::html {

namespace {

constexpr unsigned NumStrokes = 7; // .s0 .. .s6 of the style sheet
constexpr double Width = 1000, Height = 400;
constexpr double Left = 92, Right = 32, Top = 14, Bottom = 34;

/// Maps logarithms of numbers to a stretch of the picture.
struct Axis {
  double Low, High, Begin, End;

  double at(double Number) const {
    return Begin + (std::log10(Number) - Low) / (High - Low) * (End - Begin);
  }
};

std::string strokeClass(const Line &L) {
  std::string Class =
      L.Bold ? "ink" : fmt::format("s{}", L.Colour % NumStrokes);
  return L.Dashed ? Class + " dash" : Class;
}

std::string grid(const Axis &X, const Axis &Y, const std::vector<double> &Xs,
                 Show As) {
  std::string Out;
  auto line = [&](double X0, double Y0, double X1, double Y1) {
    Out += fmt::format("<path class=\"grid\" d=\"M{:.1f} {:.1f}L{:.1f} "
                       "{:.1f}\"></path>",
                       X0, Y0, X1, Y1);
  };
  for (double Decade = Y.Low; Decade <= Y.High; Decade += 1) {
    double Number = std::pow(10, Decade), At = Y.at(Number);
    line(X.Begin, At, X.End, At);
    Out += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" "
                       "text-anchor=\"end\">{}</text>",
                       X.Begin - 8, At + 5, shown(Number, As));
  }
  for (double Number : Xs) {
    double At = X.at(Number);
    line(At, Y.End, At, Y.Begin);
    Out += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" "
                       "text-anchor=\"middle\">{}</text>",
                       At, Y.Begin + 22, grouped(Number));
  }
  return Out;
}

std::string path(const Line &L, const Axis &X, const Axis &Y,
                 const std::vector<double> &Xs) {
  std::string Steps;
  bool Drawing = false;
  for (size_t I = 0; I < Xs.size() && I < L.Ys.size(); ++I) {
    if (L.Ys[I])
      Steps += fmt::format("{}{:.1f} {:.1f}", Drawing ? "L" : "M", X.at(Xs[I]),
                           Y.at(*L.Ys[I]));
    Drawing = L.Ys[I].has_value();
  }
  return fmt::format("<path class=\"{}\" d=\"{}\"><title>{}</title></path>",
                     strokeClass(L), Steps, escapeHtml(L.Label));
}

} // namespace

std::string lines(const std::string &Title, const std::vector<double> &Xs,
                  const std::vector<Line> &Lines, Show As) {
  double Low = INFINITY, High = 0;
  for (const Line &L : Lines)
    for (const std::optional<double> &Y : L.Ys)
      if (Y && *Y > 0) {
        Low = std::min(Low, *Y);
        High = std::max(High, *Y);
      }
  if (Xs.size() < 2 || High <= 0)
    return "";
  Axis X{std::log10(Xs.front()), std::log10(Xs.back()), Left, Width - Right};
  Axis Y{std::floor(std::log10(Low)), std::ceil(std::log10(High)),
         Height - Bottom, Top};
  if (Y.High <= Y.Low)
    Y.High = Y.Low + 1;
  std::string Drawn = grid(X, Y, Xs, As), Keys;
  for (Line L : Lines) {
    bool Any = false;
    for (std::optional<double> &Number : L.Ys) {
      if (Number && *Number <= 0)
        Number.reset(); // has no logarithm
      Any |= Number.has_value();
    }
    if (!Any)
      continue;
    Drawn += path(L, X, Y, Xs);
    Keys += fmt::format("<li><svg viewBox=\"0 0 34 8\"><path class=\"{}\" "
                        "d=\"M0 4L34 4\"></path></svg>{}</li>",
                        strokeClass(L), escapeHtml(L.Label));
  }
  return fmt::format("<h3>{}</h3>\n<svg class=\"lines\" viewBox=\"0 0 {} {}\" "
                     "role=\"img\">{}</svg>\n<ul class=\"keys\">{}</ul>\n",
                     Title, Width, Height, Drawn, Keys);
}

} // namespace synfire::report::html
