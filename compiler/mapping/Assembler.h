//===- compiler/mapping/Assembler.h - Draft to mapping ----------*- C++ -*-===//
//
// The state behind assemble(): cores with their blocks and tiles first
// (Assemble.cpp), then the flows and axons between them (AssembleFlows.cpp).
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_COMPILER_MAPPING_ASSEMBLER_H
#define SYNFIRE_COMPILER_MAPPING_ASSEMBLER_H

#include "compiler/mapping/Draft.h"

#include <cstdint>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

namespace synfire::mapping {

/// Something that takes a range of a stream's indices.
struct Consumer {
  uint32_t First = 0, Count = 0;
  uint32_t Core = 0;
  image::AxonKind Kind = image::AxonKind::Direct;
  uint32_t Target = 0;
  uint32_t Place = 0; ///< where index First lands in the target
  /// Not null: the indices that have a row, of which the target's row 0 is
  /// number FirstOnly.
  const std::vector<uint32_t> *Only = nullptr;
  uint32_t FirstOnly = 0;
  uint32_t Delay = 0; ///< token steps

  uint32_t end() const { return First + Count; }
};

/// The readers of one stream.
struct Readers {
  std::vector<Consumer> Consumers;
  bool Host = false;
};

class Assembler {
public:
  Assembler(const Demand &D, const Draft &Plan)
      : D(D), Net(D.Net), Plan(Plan) {}
  Mapping run();

private:
  void numberRelays();
  void layCores();
  void addBlock(uint32_t DraftId);
  void addTile(const DraftTile &T);
  void collectReaders();
  void readTile(uint32_t Tile);
  void readEdge(const Edge &E, uint32_t DraftId);
  Readers &readersOf(const Source &S) {
    return S.FromHost ? HostReaders[S.Index] : OutputReaders[S.Index][S.Output];
  }
  void addAxon(uint32_t Flow, const Consumer &C);
  uint32_t tableOf(const Consumer &C, uint32_t From, uint32_t To);
  void addFlows(const Readers &R, MappedFlow Flow, uint32_t First,
                uint32_t Count);
  void layFlows();
  void layAxons();
  void countUse();
  uint32_t slotOf(uint32_t DraftId, uint32_t Slot) const {
    return Map.Blocks[Final[DraftId]].FirstSlot + Slot;
  }

  const Demand &D;
  const Workload &Net;
  const Draft &Plan;
  Mapping Map;
  std::vector<uint32_t> RelayOf;    ///< edge -> Map.Relays, or None
  std::vector<uint32_t> RelayFirst; ///< draft block -> first relay neuron
  std::vector<uint32_t> Final;      ///< draft block -> Map.Blocks
  std::vector<std::vector<Readers>> OutputReaders; ///< population, output
  std::vector<Readers> RelayReaders, HostReaders;
  std::vector<std::pair<uint32_t, MappedAxon>> CoreAxons; ///< with their core
  /// Tables by list, row 0, first index and end.
  using TableKey =
      std::tuple<const std::vector<uint32_t> *, uint32_t, uint32_t, uint32_t>;
  std::map<TableKey, uint32_t> TableOf;
};

} // namespace synfire::mapping

#endif // SYNFIRE_COMPILER_MAPPING_ASSEMBLER_H
