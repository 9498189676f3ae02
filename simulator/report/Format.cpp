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
  if (Value == 0)
    return fmt::format("0 {}", Unit);
  // The addend keeps 1000, whose logarithm may round down, one step up.
  double Power = std::log10(std::fabs(Value)) + Exponent;
  int Step = static_cast<int>(std::floor(Power / 3 + 1e-12));
  int Index = Step - First / 3;
  if (Index < 0 || Index >= static_cast<int>(std::size(Prefixes)))
    return fmt::format("{:.2e} {}", Value * std::pow(10.0, Exponent), Unit);
  double Scaled = Value * std::pow(10.0, Exponent - 3 * Step);
  return fmt::format("{} {}{}", threeDigits(Scaled), Prefixes[Index], Unit);
}

std::string grouped(double Count) {
  std::string Digits = fmt::format("{:.0f}", std::fabs(Count));
  std::string Out;
  for (size_t I = 0; I < Digits.size(); ++I) {
    if (I > 0 && (Digits.size() - I) % 3 == 0)
      Out.push_back(',');
    Out.push_back(Digits[I]);
  }
  return fmt::format("{}{}", Count < 0 ? "-" : "", Out);
}

std::string shortCount(double Count) {
  if (std::fabs(Count) >= 10000)
    return withPrefix(Count, "");
  if (Count == std::floor(Count) || std::fabs(Count) >= 1000)
    return grouped(Count);
  return fmt::format("{:.3g}", Count);
}

std::string percent(double Share) {
  double Value = Share * 100;
  return fmt::format("{:.{}f} %", Value, Value != 0 && Value < 1 ? 2 : 1);
}

std::string plural(const std::string &Count, std::string_view Noun) {
  return fmt::format("{} {}{}", Count, Noun, Count == "1" ? "" : "s");
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
