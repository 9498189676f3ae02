//===- simulator/report/SummaryAccounting.cpp - Papers beside the chip ----===//

#include "simulator/report/SummaryParts.h"

#include <nlohmann/json.hpp>

namespace synfire::report {

using Json = nlohmann::ordered_json;

static Json orNull(const std::optional<double> &Value) {
  return Value ? Json(*Value) : Json(nullptr);
}

static Json row(const AccountingRow &R) {
  return {{"accounting", R.Kind},
          {"what", R.What},
          {"tokens", R.Tokens},
          {"inner_steps", R.Steps},
          {"rate", orNull(R.Rate)},
          {"operations", orNull(R.Operations)},
          {"dense_operations", orNull(R.DenseOperations)},
          {"operations_to_dense", orNull(R.operationsToDense())},
          {"spiking_pj", orNull(R.SpikingPj)},
          {"spiking_with_static_pj", orNull(R.WithStaticPj)},
          {"dense_pj", orNull(R.DensePj)},
          {"ratio", orNull(R.ratio())},
          {"ace_per_mac", orNull(R.Ace)},
          {"dense_ace_per_mac", orNull(R.DenseAce)}};
}

Json accountingJson(const Analysis &A) {
  if (!A.Accounting)
    return nullptr;
  const AccountingReport &R = *A.Accounting;
  Json Rows = Json::array();
  for (const AccountingRow &Row : R.Rows)
    Rows.push_back(row(Row));
  return {{"architecture", R.Architecture},
          {"definition", R.Definition},
          {"source", R.Source},
          {"unit", "pJ for all tokens of the row"},
          {"e_ac_pj", R.AccumulateEnergy},
          {"e_mac_pj", R.MultiplyEnergy},
          {"rows", Rows}};
}

} // namespace synfire::report
