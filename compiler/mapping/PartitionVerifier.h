//===- compiler/mapping/PartitionVerifier.h - Recount a mapping -*- C++ -*-===//
//
// The state behind PartitionProblem::verify. Everything is counted again from
// the records and the rules of docs/architecture.md; nothing of the solver is
// used. Each rule is a function that adds to the list of what is broken.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_COMPILER_MAPPING_PARTITIONVERIFIER_H
#define SYNFIRE_COMPILER_MAPPING_PARTITIONVERIFIER_H

#include "compiler/mapping/PartitionProblem.h"

#include <fmt/format.h>

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace synfire::mapping {

class PartitionVerifier {
public:
  PartitionVerifier(const PartitionProblem &Problem, const Mapping &Map)
      : Net(Problem.Net), Chip(Problem.Chip), Map(Map) {}
  std::vector<Violation> run();

private:
  bool verifyGrouping();
  void verifyBlocks();
  void verifySequence();
  void verifyTiles();
  void verifyMemories();
  void verifyOwnCores();
  void verifyRelays();
  void verifyOutputs();
  void verifyFlows();
  void verifyAxons();
  void verifyDeliveries();
  void verifyLevels();
  void verifyLimits();

  template <typename... Args>
  void fail(const char *Rule, fmt::format_string<Args...> Text,
            Args &&...Values) {
    if (Out.size() < 100) // enough to see what is wrong
      Out.push_back({Rule, fmt::format(Text, std::forward<Args>(Values)...)});
  }
  /// What a stream of the mapping is: kind, index, output.
  using Stream = std::array<uint32_t, 3>;
  enum StreamKind : uint32_t { OfHost, OfPopulation, OfRelay };
  Stream streamOf(const MappedFlow &F) const {
    if (F.SourceKind == image::FlowSource::Host)
      return {OfHost, F.Source, 0};
    const MappedOutput &O = Map.Outputs[F.Source];
    const MappedBlock &B = Map.Blocks[O.Block];
    return {B.IsRelay ? OfRelay : OfPopulation, B.Index, O.Output};
  }
  static Stream streamOf(const Source &S) {
    return {S.FromHost ? OfHost : OfPopulation, S.Index,
            S.FromHost ? 0 : S.Output};
  }
  /// Sweep of a block by the network; of a relay that of what it sums.
  uint32_t sweepOf(const MappedBlock &B) const {
    if (!B.IsRelay)
      return Net.Populations[B.Index].Sweep;
    const Population &To =
        Net.Populations[Net.Edges[Map.Relays[B.Index].Edge].To];
    return To.Held == image::Held::No ? To.Sweep : To.Sweep - 1;
  }
  uint32_t numSlots(const MappedBlock &B) const {
    return B.IsRelay ? 1 : Net.Populations[B.Index].Slots.size();
  }
  bool isUniform(const MappedBlock &B, uint32_t Slot) const {
    return !B.IsRelay && Net.Populations[B.Index].Slots[Slot].Uniform;
  }

  const Workload &Net;
  const ChipSpec &Chip;
  const Mapping &Map;
  std::vector<Violation> Out;
  std::vector<uint32_t> BlockOfSlot;
  /// Delivered, per slot: which part of what stream lands at which place.
  struct Arrival {
    Stream From;
    uint32_t First, Count, Place;
    uint32_t Delay = 0;
    auto operator<=>(const Arrival &) const = default;
  };
  std::vector<std::vector<Arrival>> ArrivalsOfSlot, ArrivalsOfTile,
      WritesOfTile, WindowsOfTile;
  /// Takes the arrivals of \p From away, which must be the \p Count places
  /// \p Place and on, from index \p First on, each once, as late as \p E says.
  void expect(std::vector<Arrival> &Arrivals, Stream From, uint32_t First,
              uint32_t Count, uint32_t Place, const Edge &E);
  /// Takes the arrivals of the receptive range of a tile of a Window away.
  void expectWindow(uint32_t Tile);
  void expectRotated(std::vector<Arrival> &Arrivals, const MappedBlock &B,
                     const Edge &E);
};

} // namespace synfire::mapping

#endif // SYNFIRE_COMPILER_MAPPING_PARTITIONVERIFIER_H
