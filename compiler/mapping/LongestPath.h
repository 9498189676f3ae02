//===- compiler/mapping/LongestPath.h - Lengths and circles -----*- C++ -*-===//
//
// Longest paths in a graph whose arcs may have negative lengths and which may
// have circles, as delays make them.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_COMPILER_MAPPING_LONGESTPATH_H
#define SYNFIRE_COMPILER_MAPPING_LONGESTPATH_H

#include <cstdint>
#include <vector>

namespace synfire::mapping {

/// Asks that To lies at least Length above From.
struct Arc {
  uint32_t From = 0, To = 0;
  int64_t Length = 1;
};

/// Sorts \p Arcs so that one relaxation of them, in order, settles what those
/// of a positive length ask for among nodes 0 .. \p NumNodes-1, if they have
/// no circle.
void sortTopologically(std::vector<Arc> &Arcs, uint32_t NumNodes);

/// Raises \p Heights (by node) as little as \p Arcs ask for. The arcs of a
/// circle that has no solution, first to last; empty when there is none.
std::vector<Arc> raise(std::vector<int64_t> &Heights,
                       const std::vector<Arc> &Arcs);

} // namespace synfire::mapping

#endif // SYNFIRE_COMPILER_MAPPING_LONGESTPATH_H
