//===- SanaYaml.cpp - What SANA-FE's files share --------------------------===//

#include "models/sanafe/SanaYaml.h"

#include "models/sanafe/NumberLists.h"

#include <fmt/format.h>

#include <charconv>

using namespace synfire;
using namespace synfire::sanafe;
using yaml::Node;

static void addAttributes(const Node &N, std::vector<Attribute> &To,
                          Errors &Out) {
  if (N.Type == Node::Kind::Null)
    return;
  if (N.isMap()) {
    for (size_t I = 0; I != N.Keys.size(); ++I)
      To.push_back({&N.Keys[I], &N.Items[I]});
    return;
  }
  if (!N.isList()) {
    Out.push_back({N.Where, "sana-map",
                   "attributes are a map, or a list of maps of one key each"});
    return;
  }
  for (const Node &Item : N.Items)
    addAttributes(Item, To, Out);
}

std::vector<Attribute> sanafe::attributesOf(const Node &N, Errors &Out) {
  std::vector<Attribute> To;
  addAttributes(N, To, Out);
  return To;
}

std::optional<uint64_t> sanafe::wholeOf(std::string_view Text) {
  uint64_t V = 0;
  auto [End, Code] = std::from_chars(Text.data(), Text.data() + Text.size(), V);
  if (Code != std::errc() || End != Text.data() + Text.size())
    return std::nullopt;
  return V;
}

std::optional<Range> sanafe::rangeOf(const std::string &Text, bool Named,
                                     uint64_t Most, const std::string &Where,
                                     Errors &Out) {
  auto Refuse = [&](std::string Why) {
    Out.push_back({Where, "sana-range", std::move(Why)});
    return std::nullopt;
  };
  std::string_view T = Text;
  if (size_t Open = T.find('['); Open != std::string_view::npos) {
    const size_t Close = T.find(']', Open);
    if (Close == std::string_view::npos)
      return Refuse(fmt::format("`{}` has no closing bracket", Text));
    T = T.substr(Open + 1, Close - Open - 1);
  } else if (Named && T.find("..") == std::string_view::npos) {
    return Range();
  }
  const size_t Dots = T.find("..");
  auto First = wholeOf(T.substr(0, Dots));
  auto Last =
      Dots == std::string_view::npos ? First : wholeOf(T.substr(Dots + 2));
  if (!First || !Last || *First > *Last)
    return Refuse(fmt::format("`{}` is no range; first..last of whole numbers "
                              "is one, such as 0..3",
                              Text));
  if (*Last - *First >= Most || *Last >= Most)
    return Refuse(fmt::format("`{}` reaches beyond {}, the largest number of "
                              "such things that is read",
                              Text, Most));
  return Range{*First, *Last};
}

std::optional<double> sanafe::numberOf(const Node &N, const std::string &Name,
                                       double Min, double Max, Errors &Out) {
  std::optional<double> V;
  if (N.Type == Node::Kind::Scalar && !N.Quoted)
    V = parseNumber(N.Text);
  if (V && *V >= Min && *V <= Max)
    return V;
  Out.push_back(
      {N.Where, "sana-number",
       V ? fmt::format("`{}` is {}; {} to {} is possible", Name, *V, Min, Max)
         : fmt::format("`{}` must be a decimal number", Name)});
  return std::nullopt;
}

std::optional<bool> sanafe::truthOf(const Node &N, const std::string &Name,
                                    Errors &Out) {
  if (N.Type == Node::Kind::Scalar && !N.Quoted) {
    if (N.Text == "true" || N.Text == "1")
      return true;
    if (N.Text == "false" || N.Text == "0")
      return false;
  }
  Out.push_back({N.Where, "sana-number",
                 fmt::format("`{}` must be true or false", Name)});
  return std::nullopt;
}

std::optional<std::string>
sanafe::textOf(const Node &N, const std::string &Name, Errors &Out) {
  if (N.Type == Node::Kind::Scalar)
    return N.Text;
  Out.push_back(
      {N.Where, "sana-text", fmt::format("`{}` must be a word", Name)});
  return std::nullopt;
}
