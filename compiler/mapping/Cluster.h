//===- compiler/mapping/Cluster.h - Populations cut alike -------*- C++ -*-===//
//
// A cluster is a population and those that follow it: populations without a
// linear of their own that read it (or a follower) neuron by neuron. They are
// cut at the same neurons and share cores, so that what they exchange stays
// local.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_COMPILER_MAPPING_CLUSTER_H
#define SYNFIRE_COMPILER_MAPPING_CLUSTER_H

#include "compiler/mapping/Demand.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace synfire::mapping {

struct Cluster {
  /// Populations in level order; the first one leads and alone has linears.
  std::vector<uint32_t> Members;
  /// Is cut by rows, with relays.
  bool RowCut = false;
  /// Columns of a full piece, and what they come in multiples of.
  uint32_t Width = 0, Granule = 1;
  /// Most groups of any member: no piece crosses one.
  uint32_t Groups = 1;
  /// Whether it may be cut by rows though columns alone fit.
  bool MayCut = true;

  uint32_t leader() const { return Members.front(); }
};

/// Every population in exactly one cluster; clusters in level order of their
/// leaders, equal levels in workload order.
std::vector<Cluster> clusterPopulations(const Demand &D);

/// Neurons of one group of \p C: the most that a piece can have.
uint32_t groupSize(const Demand &D, const Cluster &C);

/// \p Cols neurons of each member, with all programs.
CoreUse ownerUse(const Demand &D, const Cluster &C, uint32_t Cols);

/// The same with all rows of all tiles: a core of their own.
CoreUse wholeUse(const Demand &D, const Cluster &C, uint32_t Cols);

/// Consecutive rows of one linear, or of one head of a matmul.
struct RowSegment {
  uint32_t Edge = 0;
  uint32_t FirstRow = 0, Rows = 0;
};

/// How the rows of one column group are spread: over the owner's core and over
/// cores of relays (one relay per segment).
struct RowPlan {
  std::vector<RowSegment> Local;
  std::vector<std::vector<RowSegment>> Remote; ///< per core
  uint32_t NumRelays = 0;
};

/// Fills the owner's core, which already holds \p Use (owner blocks included),
/// with rows, and empty cores with the rest. Fails when the rest may not leave
/// (\p MayRelay) or no row fits.
std::optional<RowPlan> planRows(const Demand &D, const Cluster &C,
                                const CoreUse &Use, uint32_t Cols,
                                bool MayRelay);

/// True when the chip can carry and relay the partial sums of \p C. Sums along
/// keys are not relayed: a relay would not know which rows are there; nor those
/// of a kernel, whose rows all meet every target.
bool canRelay(const Demand &D, const Cluster &C);

/// Picks Granule (Population::CutAt where such a piece fits, else places of a
/// convolution), RowCut and Width: the shape with the smallest product of
/// messages per token and memory (mapping.md 4.2 gives the trade: wide tiles
/// save copies of source events, tall ones save partial sums). Columns alone
/// are preferred unless rows save a tenth. Keeps RowCut if it is set. Fails
/// when nothing fits an empty core.
bool chooseShape(const Demand &D, Cluster &C);

/// Why chooseShape() fails, with the smallest sufficient limit.
Misfit explainMisfit(const Demand &D, const Cluster &C);

} // namespace synfire::mapping

#endif // SYNFIRE_COMPILER_MAPPING_CLUSTER_H
