//===- simulator/study/StudyTable.h - All points side by side ---*- C++ -*-===//

#ifndef SYNFIRE_SIMULATOR_STUDY_STUDYTABLE_H
#define SYNFIRE_SIMULATOR_STUDY_STUDYTABLE_H

#include "simulator/study/Grid.h"
#include "simulator/study/PointResult.h"

#include <functional>

namespace synfire::study {

struct StudyRow {
  const Point *Of = nullptr;
  PointKeys Keys;
  PointResult Result;
  /// On the front of energy per token, tokens per second and cores in the first
  /// mode, among the points that run the same network: networks that compute
  /// something else cannot replace each other.
  bool Pareto = false;
};

/// Rows in the order of the points; a point that a stopped study did not reach
/// has none.
struct StudyTable {
  const Study *Of = nullptr;
  std::vector<StudyRow> Rows;

  /// Fills in every row's Pareto.
  void markFront();
  size_t count(PointStatus S) const;
};

/// A column of results.csv.
struct Column {
  std::string Name; ///< with its unit: `generate_energy_per_token_uJ`
  bool IsText = false;
  /// The cell; empty when the row has none.
  std::function<std::string(const StudyRow &)> Cell;
};

/// All columns, in order. \p S must outlive them.
std::vector<Column> columnsOf(const Study &S);

/// results.csv: a header line, then one line per row (RFC 4180).
std::string resultsCsv(const StudyTable &Table);

} // namespace synfire::study

#endif // SYNFIRE_SIMULATOR_STUDY_STUDYTABLE_H
