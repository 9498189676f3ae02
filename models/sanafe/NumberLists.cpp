//===- NumberLists.cpp - Long lists in YAML -------------------------------===//

#include "models/sanafe/NumberLists.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

using namespace synfire;
using namespace synfire::sanafe;

namespace {
/// What stands in place of list 0, 1, ...
constexpr std::string_view Marker = "synfire-numbers-";

bool isBlank(char C) { return C == ' ' || C == '\t' || C == '\n' || C == '\r'; }
bool isNumeric(char C) {
  return (C >= '0' && C <= '9') || C == '.' || C == '-' || C == '+' ||
         C == 'e' || C == 'E';
}

/// Reads a list from its bracket on; nothing when it is none that is taken out.
class Scanner {
public:
  Scanner(std::string_view Text, size_t At) : Text(Text), At(At + 1) {}

  std::optional<NumberList> run() {
    NumberList Out;
    for (bool First = true;; First = false) {
      skip();
      if (take(']'))
        return Out;
      if (!First && (!take(',') || (skip(), false)))
        return std::nullopt;
      if (take(']')) // a comma at the end
        return Out;
      const bool IsPair = take('[');
      if (!First && IsPair != Out.Pairs)
        return std::nullopt;
      Out.Pairs = IsPair;
      if (!number(Out))
        return std::nullopt;
      if (IsPair && (!(skip(), take(',')) || !(skip(), number(Out)) ||
                     !(skip(), take(']'))))
        return std::nullopt;
    }
  }
  size_t end() const { return At; }

private:
  void skip() {
    while (At < Text.size() && isBlank(Text[At]))
      ++At;
  }
  bool take(char C) {
    if (At >= Text.size() || Text[At] != C)
      return false;
    ++At;
    return true;
  }
  bool number(NumberList &Out) {
    skip();
    size_t End = At;
    while (End < Text.size() && isNumeric(Text[End]))
      ++End;
    std::optional<double> V = parseNumber(Text.substr(At, End - At));
    if (V)
      Out.Values.push_back(*V);
    At = End;
    return V.has_value();
  }

  std::string_view Text;
  size_t At;
};
} // namespace

std::optional<double> sanafe::parseNumber(std::string_view Text) {
  if (Text.starts_with('+'))
    Text.remove_prefix(1);
  if (Text.empty() || Text.starts_with('+'))
    return std::nullopt;
  double V = 0;
  auto [End, Code] = std::from_chars(Text.data(), Text.data() + Text.size(), V);
  if (Code != std::errc() || End != Text.data() + Text.size() ||
      !std::isfinite(V))
    return std::nullopt;
  return V;
}

NumberLists::NumberLists(std::string &Text, size_t LongerThan) {
  // A file that holds the marker could name a list that is not its own.
  if (Text.find(Marker) != std::string::npos)
    return;
  std::string Out;
  size_t Copied = 0;
  for (size_t I = Text.find('['); I != std::string::npos;
       I = Text.find('[', I)) {
    Scanner S(Text, I);
    std::optional<NumberList> L = S.run();
    const size_t Length = S.end() - I;
    if (!L || Length <= LongerThan) {
      ++I;
      continue;
    }
    Out.append(Text, Copied, I - Copied);
    Out += fmt::format("[{}{}", Marker, Lists.size());
    Out.append(static_cast<size_t>(std::count(
                   Text.begin() + static_cast<ptrdiff_t>(I),
                   Text.begin() + static_cast<ptrdiff_t>(S.end()), '\n')),
               '\n');
    Out += ']';
    Lists.push_back(std::move(*L));
    Copied = I = S.end();
  }
  if (Lists.empty())
    return;
  Out.append(Text, Copied);
  Text = std::move(Out);
}

/// The list that \p N stands for.
static std::optional<size_t> markedBy(const yaml::Node &N, size_t Count) {
  if (!N.isList() || N.Items.size() != 1 || Count == 0 ||
      !N.Items[0].Text.starts_with(Marker))
    return std::nullopt;
  size_t I = 0;
  const std::string &T = N.Items[0].Text;
  std::from_chars(T.data() + Marker.size(), T.data() + T.size(), I);
  return I < Count ? std::optional(I) : std::nullopt;
}

std::optional<std::vector<double>> NumberLists::read(const yaml::Node &N,
                                                     bool Pairs, size_t Most,
                                                     Errors &Out) const {
  std::vector<double> Values;
  auto Refuse = [&](const yaml::Node &At) {
    Out.push_back({At.Where, "sana-number",
                   Pairs ? "a list of pairs of numbers is needed, such as "
                           "[[0, 1], [0, 2]]"
                         : "a list of decimal numbers is needed, one for each "
                           "connection or step"});
    return std::nullopt;
  };
  auto Add = [&](const yaml::Node &Item) {
    std::optional<double> V;
    if (Item.Type == yaml::Node::Kind::Scalar && !Item.Quoted)
      V = Item.Text == "true"    ? 1
          : Item.Text == "false" ? 0
                                 : parseNumber(Item.Text);
    if (V)
      Values.push_back(*V);
    return V.has_value();
  };
  if (auto I = markedBy(N, Lists.size())) {
    if (Lists[*I].Pairs != Pairs && !Lists[*I].Values.empty())
      return Refuse(N);
    Values = Lists[*I].Values;
  } else {
    if (!N.isList())
      return Refuse(N);
    for (const yaml::Node &Item : N.Items) {
      if (!Pairs && !Add(Item))
        return Refuse(Item);
      if (Pairs && (!Item.isList() || Item.Items.size() != 2 ||
                    !Add(Item.Items[0]) || !Add(Item.Items[1])))
        return Refuse(Item);
    }
  }
  if (Values.size() <= Most)
    return Values;
  Out.push_back(
      {N.Where, "sana-size",
       fmt::format("{} numbers; at most {} are read", Values.size(), Most)});
  return std::nullopt;
}
