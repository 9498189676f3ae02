//===- simulator/report/Format.cpp - Numbers for readers ------------------===//

#include "simulator/report/Format.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace synfire::report {

static std::string threeDigits(double Value) {
  double Size = std::fabs(Value);
  int Decimals = Size >= 99.95 ? 0 : Size >= 9.995 ? 1 : 2;
  return fmt::format("{:.{}f}", Value, Decimals);
}

std::string withPrefix(double Value, std::string_view Unit, int Exponent) {
  static constexpr std::string_view Prefixes[] = {"p", "n", "u", "m", "",
                                                  "k", "M", "G", "T", "P"};
  static constexpr int First = -12;
  std::string Tail = Unit.empty() ? "" : std::string(Unit);
  if (Value == 0)
    return "0 " + Tail;
  // The small addend keeps 1000, whose logarithm may round down, one step up.
  double Power = std::log10(std::fabs(Value)) + Exponent;
  int Step = static_cast<int>(std::floor(Power / 3 + 1e-12));
  int Index = Step - First / 3;
  if (Index < 0 || Index >= static_cast<int>(std::size(Prefixes)))
    return fmt::format("{:.2e} {}", Value * std::pow(10.0, Exponent), Tail);
  double Scaled = Value * std::pow(10.0, Exponent - 3 * Step);
  return fmt::format("{} {}{}", threeDigits(Scaled), Prefixes[Index], Tail);
}

std::string grouped(double Count) {
  std::string Digits = fmt::format("{:.0f}", std::fabs(Count));
  for (int Place = static_cast<int>(Digits.size()) - 3; Place > 0; Place -= 3)
    Digits.insert(static_cast<size_t>(Place), ",");
  return (Count < 0 ? "-" : "") + Digits;
}

std::string shortCount(double Count) {
  if (std::fabs(Count) >= 10000)
    return withPrefix(Count, "");
  return Count == std::floor(Count) ? grouped(Count)
                                    : fmt::format("{:.3g}", Count);
}

std::string percent(double Share) {
  double Value = Share * 100;
  return fmt::format("{:.{}f} %", Value, Value != 0 && Value < 1 ? 2 : 1);
}

std::string escapeHtml(std::string_view Text) {
  std::string Out;
  Out.reserve(Text.size());
  for (char C : Text) {
    switch (C) {
    case '&':
      Out += "&amp;";
      break;
    case '<':
      Out += "&lt;";
      break;
    case '>':
      Out += "&gt;";
      break;
    case '"':
      Out += "&quot;";
      break;
    case '\'':
      Out += "&#39;";
      break;
    default:
      Out += C;
    }
  }
  return Out;
}

} // namespace synfire::report
