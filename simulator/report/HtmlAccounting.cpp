//===- simulator/report/HtmlAccounting.cpp - Papers beside the chip -------===//

#include "simulator/report/HtmlParts.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <map>

namespace synfire::report::html {

using Json = nlohmann::ordered_json;

std::string accounting(const Json &S) {
  if (S.at("accounting").is_null())
    return "";
  static const std::map<std::string, std::string> Names = {
      {"published", "published"},
      {"formula_published_rate", "the paper's formula, published rate"},
      {"formula_measured_rate", "the paper's formula, measured rate"},
      {"counted_operations", "counted operations at 45 nm"},
      {"this_chip", "this chip"}};
  const Json &All = S.at("accounting").at("rows");
  bool HasAce = false;
  for (const Json &Row : All)
    HasAce |= !Row.at("ace_per_mac").is_null();
  std::vector<std::vector<std::string>> Rows;
  for (size_t I = 0; I < All.size(); ++I) {
    std::string At = fmt::format("/accounting/rows/{}", I);
    std::vector<std::string> Row = {
        Names.at(All.at(I).at("accounting").get<std::string>()),
        text(S, At + "/what"),
        value(S, At + "/tokens", Show::Count),
        value(S, At + "/inner_steps", Show::Count),
        value(S, At + "/rate", Show::Plain),
        value(S, At + "/operations", Show::Short),
        value(S, At + "/operations_to_dense", Show::Plain),
        value(S, At + "/spiking_pj", Show::Picojoule),
        value(S, At + "/dense_pj", Show::Picojoule),
        value(S, At + "/ratio", Show::Plain)};
    if (HasAce)
      for (const char *Key : {"/ace_per_mac", "/dense_ace_per_mac"})
        Row.push_back(value(S, At + Key, Show::Plain));
    Rows.push_back(std::move(Row));
  }
  std::vector<std::string> Heads = {
      "accounting", "of what",     "tokens",  "T",     "rate",
      "operations", "times dense", "spiking", "dense", "dense / spiking"};
  if (HasAce) {
    Heads.emplace_back("ACE per MAC");
    Heads.emplace_back("16-bit floats");
  }
  return section("Four accountings, never to be mixed",
                 definition(text(S, "/accounting/definition")) +
                     definition("Source: " + text(S, "/accounting/source") +
                                ". Energies are of all tokens of the row.") +
                     table(Heads, Rows, {0, 1}));
}

} // namespace synfire::report::html
