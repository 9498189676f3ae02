//===- targets/ChipYaml.cpp - Reading checked nodes -------------*- C++ -*-===//

#include "targets/ChipYaml.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

using namespace synfire;
using namespace synfire::yaml;

namespace {

struct UnitInfo {
  std::string_view Suffix;
  Unit Dimension;
  double Factor; ///< to the dimension's own unit
};

constexpr UnitInfo Suffixes[] = {
    {"bit", Unit::Bits, 1},
    {"bits", Unit::Bits, 1},
    {"B", Unit::Bytes, 1},
    {"KiB", Unit::Bytes, 1024.0},
    {"MiB", Unit::Bytes, 1048576.0},
    {"GiB", Unit::Bytes, 1073741824.0},
    {"kB", Unit::Bytes, 1e3},
    {"KB", Unit::Bytes, 1e3},
    {"MB", Unit::Bytes, 1e6},
    {"GB", Unit::Bytes, 1e9},
    {"fJ", Unit::Picojoules, 1e-3},
    {"pJ", Unit::Picojoules, 1},
    {"nJ", Unit::Picojoules, 1e3},
    {"uJ", Unit::Picojoules, 1e6},
    {"mJ", Unit::Picojoules, 1e9},
    {"J", Unit::Picojoules, 1e12},
    {"ps", Unit::Nanoseconds, 1e-3},
    {"ns", Unit::Nanoseconds, 1},
    {"us", Unit::Nanoseconds, 1e3},
    {"ms", Unit::Nanoseconds, 1e6},
    {"s", Unit::Nanoseconds, 1e9},
    {"uW", Unit::Watts, 1e-6},
    {"mW", Unit::Watts, 1e-3},
    {"W", Unit::Watts, 1},
    {"kW", Unit::Watts, 1e3},
    {"bit/ns", Unit::BitsPerNanosecond, 1},
    {"Mbit/s", Unit::BitsPerNanosecond, 1e-3},
    {"Gbit/s", Unit::BitsPerNanosecond, 1},
    {"Tbit/s", Unit::BitsPerNanosecond, 1e3},
    {"MB/s", Unit::BitsPerNanosecond, 8e-3},
    {"GB/s", Unit::BitsPerNanosecond, 8},
};
/// Frequencies: a time per action may be given as actions per second.
struct RateInfo {
  std::string_view Suffix;
  double PerNanosecond;
};
constexpr RateInfo Rates[] = {
    {"kHz", 1e-6}, {"MHz", 1e-3}, {"GHz", 1}, {"Hz", 1e-9}};

std::string_view dimensionName(Unit U) {
  switch (U) {
  case Unit::Count:
    return "a count";
  case Unit::Bits:
    return "a width in bits";
  case Unit::Bytes:
    return "a size in bytes";
  case Unit::Picojoules:
    return "an energy";
  case Unit::Nanoseconds:
    return "a time";
  case Unit::Watts:
    return "a power";
  case Unit::BitsPerNanosecond:
    return "a bandwidth";
  }
  return "";
}

/// Length of the decimal number that \p Text starts with, 0 if none.
size_t numberLength(std::string_view Text) {
  size_t I = 0;
  auto Digits = [&] {
    size_t Begin = I;
    while (I < Text.size() && Text[I] >= '0' && Text[I] <= '9')
      ++I;
    return I > Begin;
  };
  if (I < Text.size() && (Text[I] == '+' || Text[I] == '-'))
    ++I;
  bool Any = Digits();
  if (I < Text.size() && Text[I] == '.') {
    ++I;
    Any |= Digits();
  }
  if (!Any)
    return 0;
  if (I < Text.size() && (Text[I] == 'e' || Text[I] == 'E')) {
    size_t Mantissa = I++;
    if (I < Text.size() && (Text[I] == '+' || Text[I] == '-'))
      ++I;
    if (!Digits())
      I = Mantissa; // `e` begins a unit then.
  }
  return I;
}

/// `010` would be eight to some readers and ten to others.
bool hasLeadingZero(std::string_view Number) {
  if (!Number.empty() && (Number[0] == '+' || Number[0] == '-'))
    Number.remove_prefix(1);
  return Number.size() > 1 && Number[0] == '0' && Number[1] >= '0' &&
         Number[1] <= '9';
}

std::string shown(const Node &N) {
  switch (N.Type) {
  case Node::Kind::Null:
    return "nothing";
  case Node::Kind::List:
    return "a list";
  case Node::Kind::Map:
    return "a map";
  case Node::Kind::Scalar:
    break;
  }
  constexpr size_t MaxShown = 40;
  std::string Text =
      N.Text.size() > MaxShown ? N.Text.substr(0, MaxShown) + "..." : N.Text;
  return N.Quoted ? "the text \"" + Text + "\"" : "`" + Text + "`";
}

size_t editDistance(std::string_view A, std::string_view B) {
  std::vector<size_t> Row(B.size() + 1);
  for (size_t J = 0; J <= B.size(); ++J)
    Row[J] = J;
  for (size_t I = 1; I <= A.size(); ++I) {
    size_t Diagonal = Row[0];
    Row[0] = I;
    for (size_t J = 1; J <= B.size(); ++J) {
      size_t Above = Row[J];
      Row[J] = std::min({Row[J] + 1, Row[J - 1] + 1,
                         Diagonal + (A[I - 1] == B[J - 1] ? 0 : 1)});
      Diagonal = Above;
    }
  }
  return Row[B.size()];
}

} // namespace

std::string_view yaml::unitName(Unit U) {
  switch (U) {
  case Unit::Count:
    return "";
  case Unit::Bits:
    return "bit";
  case Unit::Bytes:
    return "B";
  case Unit::Picojoules:
    return "pJ";
  case Unit::Nanoseconds:
    return "ns";
  case Unit::Watts:
    return "W";
  case Unit::BitsPerNanosecond:
    return "bit/ns";
  }
  return "";
}

std::optional<std::string> yaml::nearest(std::string_view Name,
                                         std::span<const std::string> Known) {
  constexpr size_t MaxLength = 64; // Nobody misspells longer ones.
  if (Name.size() > MaxLength)
    return std::nullopt;
  // A third of the letters may be wrong, and at least two.
  size_t Best = std::max<size_t>(2, Name.size() / 3) + 1;
  std::optional<std::string> Found;
  for (const std::string &Candidate : Known)
    if (size_t D = editDistance(Name, Candidate); D < Best) {
      Best = D;
      Found = Candidate;
    }
  return Found;
}

MapReader::MapReader(const Node &Map, std::string Path, Errors &Out)
    : Map(Map), Path(std::move(Path)), Out(Out) {}

std::string MapReader::pathOf(std::string_view Key) const {
  return Path.empty() ? std::string(Key) : fmt::format("{}.{}", Path, Key);
}

const Node *MapReader::take(std::string_view Key) {
  Asked.emplace_back(Key);
  return Map.find(Key);
}

const Node *MapReader::need(std::string_view Key) {
  const Node *N = take(Key);
  if (!N)
    Out.push_back({Map.Where, "yaml-missing-key",
                   fmt::format("key `{}` is missing", pathOf(Key))});
  return N;
}

void MapReader::finish() {
  for (const Node &Key : Map.Keys) {
    if (std::ranges::find(Asked, Key.Text) != Asked.end())
      continue;
    std::string Text = fmt::format("unknown key `{}`", pathOf(Key.Text));
    if (std::optional<std::string> Near = nearest(Key.Text, Asked))
      Text += fmt::format("; did you mean `{}`?", pathOf(*Near));
    else if (!Asked.empty())
      Text += fmt::format("; known here: {}", fmt::join(Asked, ", "));
    Out.push_back({Key.Where, "yaml-unknown-key", std::move(Text)});
  }
}

std::optional<double> yaml::readNumber(const Node &N, const std::string &Path,
                                       Unit U, double Min, double Max,
                                       bool Whole, Errors &Out) {
  auto Refuse = [&](std::string_view Rule, std::string Text) {
    Out.push_back({N.Where, std::string(Rule),
                   fmt::format("`{}`: {}", Path, std::move(Text))});
    return std::nullopt;
  };
  size_t Length =
      N.Type == Node::Kind::Scalar && !N.Quoted ? numberLength(N.Text) : 0;
  if (Length == 0)
    return Refuse("yaml-type",
                  fmt::format("a decimal number is needed, not {}", shown(N)));
  std::string_view Text = N.Text;
  std::string_view Number = Text.substr(0, Length);
  std::string_view Suffix = Text.substr(Length);
  while (!Suffix.empty() && Suffix.front() == ' ')
    Suffix.remove_prefix(1);
  // `0x10` and `1_000` are numbers elsewhere, not numbers with odd units.
  if (Suffix.find_first_of("0123456789_") != Suffix.npos)
    return Refuse("yaml-type",
                  fmt::format("a decimal number is needed, not {}", shown(N)));
  if (hasLeadingZero(Number))
    return Refuse("yaml-type", fmt::format("{} starts with a zero; write the "
                                           "number without it",
                                           shown(N)));
  if (Number.front() == '+')
    Number.remove_prefix(1);
  double Value = 0;
  auto [End, Code] =
      std::from_chars(Number.data(), Number.data() + Number.size(), Value);
  if (Code != std::errc() || End != Number.data() + Number.size() ||
      !std::isfinite(Value))
    return Refuse("yaml-range",
                  fmt::format("{} is beyond any number we can hold", shown(N)));

  if (!Suffix.empty()) {
    const UnitInfo *Known =
        std::ranges::find(Suffixes, Suffix, &UnitInfo::Suffix);
    const RateInfo *Rate = std::ranges::find(Rates, Suffix, &RateInfo::Suffix);
    bool IsRate = Rate != std::end(Rates);
    if (IsRate && U == Unit::Nanoseconds && Value > 0)
      Value = 1.0 / (Value * Rate->PerNanosecond);
    else if (Known != std::end(Suffixes) && Known->Dimension == U)
      Value *= Known->Factor;
    else if (IsRate || Known != std::end(Suffixes))
      return Refuse(
          "yaml-unit",
          fmt::format("{} is {}, but {}{}{} is needed", shown(N),
                      IsRate ? "a frequency" : dimensionName(Known->Dimension),
                      dimensionName(U), U == Unit::Count ? "" : ", in ",
                      unitName(U)));
    else
      return Refuse("yaml-unit",
                    fmt::format("`{}` is no unit we know{}{}", Suffix,
                                U == Unit::Count ? "; none is needed"
                                                 : "; write for example 1 ",
                                unitName(U)));
  }
  if (Whole && Value != std::floor(Value))
    return Refuse("yaml-type",
                  fmt::format("a whole number is needed, not {}", shown(N)));
  if (!(Value >= Min && Value <= Max))
    return Refuse("yaml-range",
                  fmt::format("{} is outside {} to {}{}{}", shown(N), Min, Max,
                              U == Unit::Count ? "" : " ", unitName(U)));
  return Value;
}

std::optional<bool> yaml::readBool(const Node &N, const std::string &Path,
                                   Errors &Out) {
  if (N.Type == Node::Kind::Scalar && !N.Quoted)
    if (N.Text == "true" || N.Text == "false")
      return N.Text == "true";
  Out.push_back({N.Where, "yaml-type",
                 fmt::format("`{}`: `true` or `false` is needed, not {}", Path,
                             shown(N))});
  return std::nullopt;
}

std::optional<std::string>
yaml::readText(const Node &N, const std::string &Path, Errors &Out) {
  if (N.Type == Node::Kind::Scalar)
    return N.Text;
  Out.push_back({N.Where, "yaml-type",
                 fmt::format("`{}`: text is needed, not {}", Path, shown(N))});
  return std::nullopt;
}

std::optional<size_t> yaml::readChoice(const Node &N, const std::string &Path,
                                       std::span<const std::string> Choices,
                                       Errors &Out) {
  if (N.Type == Node::Kind::Scalar) {
    auto At = std::ranges::find(Choices, N.Text);
    if (At != Choices.end())
      return At - Choices.begin();
  }
  std::string Text = fmt::format("`{}`: {} is none of {}", Path, shown(N),
                                 fmt::join(Choices, ", "));
  if (std::optional<std::string> Near = nearest(N.Text, Choices))
    Text += fmt::format("; did you mean `{}`?", *Near);
  Out.push_back({N.Where, "yaml-choice", std::move(Text)});
  return std::nullopt;
}

bool yaml::expectMap(const Node &N, const std::string &Path, Errors &Out) {
  if (N.isMap())
    return true;
  Out.push_back({N.Where, "yaml-type",
                 fmt::format("`{}`: a map is needed, not {}", Path, shown(N))});
  return false;
}

bool yaml::expectList(const Node &N, const std::string &Path, Errors &Out) {
  if (N.isList() && !N.Items.empty())
    return true;
  Out.push_back({N.Where, "yaml-type",
                 fmt::format("`{}`: a list such as [1, 2] is needed, not {}",
                             Path, N.isList() ? "an empty one" : shown(N))});
  return false;
}

std::string yaml::quote(std::string_view Text) {
  std::string Out = "\"";
  for (char C : Text) {
    auto Byte = static_cast<unsigned char>(C);
    if (C == '"' || C == '\\')
      (Out += '\\') += C;
    else if (C == '\n')
      Out += "\\n";
    else if (Byte < 0x20 || Byte == 0x7f)
      Out += fmt::format("\\x{:02x}", Byte);
    else
      Out += C;
  }
  return Out + "\"";
}
