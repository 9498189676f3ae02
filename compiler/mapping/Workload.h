//===- compiler/mapping/Workload.h - A network to be mapped -----*- C++ -*-===//
//
// What the mapping algorithms know of a network: sizes, bytes, bits and who
// sends to whom. No weights and no MLIR. Populations and edges are numbered by
// their place in the vectors; those numbers come back in the Mapping.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_COMPILER_MAPPING_WORKLOAD_H
#define SYNFIRE_COMPILER_MAPPING_WORKLOAD_H

#include "targets/Image.h"
#include "targets/Status.h"

#include <cstdint>
#include <string>
#include <vector>

namespace synfire::mapping {

/// One accumulator of a population: the sum of everything its edges bring.
struct Slot {
  std::string Name;
  /// True: one value for all neurons of a block (a broadcast scalar); else one
  /// per neuron.
  bool Uniform = false;
  /// Bits of the widest sum that can occur, sign included, 1 .. 32.
  uint32_t SumBits = 32;
  /// Keeps the largest of what arrives instead of the sum.
  bool Largest = false;
};

/// One stream that a population emits. A stream that is read both neuron by
/// neuron and as a sum is two outputs, one of them Reduced.
struct Output {
  std::string Name;
  image::PayloadKind Kind = image::PayloadKind::Signed;
  /// Bits of one neuron's payload, 1 .. 32.
  uint32_t PayloadBits = 8;
  /// True: each block sends one event, the sum of its neurons' payloads (or the
  /// largest of them), of at most ReducedBits bits.
  bool Reduced = false;
  bool Largest = false;
  uint32_t ReducedBits = 32;
  /// Of a reduced output: equal groups of the population that are reduced each
  /// by itself; a divisor of Population::Groups.
  uint32_t ReducedGroups = 1;
  /// Expected share of neurons that send an event in a token step, 0 .. 1.
  double Activity = 1.0;
};

/// A population: equal neurons that run one program.
struct Population {
  std::string Name;
  uint32_t Neurons = 0;
  /// Populations with the same program share its memory on a core.
  uint32_t Program = 0;
  uint32_t Instructions = 0; ///< length of the program
  uint32_t States = 0;       ///< binary32 values per neuron
  uint32_t Parameters = 0;   ///< binary32 values per neuron
  /// Equal groups that blocks may not cross: a broadcast of one value per group
  /// reaches it, or it is reduced by group. Neurons is a multiple.
  uint32_t Groups = 1;
  uint32_t Sweep = 0;
  image::Held Held = image::Held::No;
  /// Not None: neuron i of each group of Workload::Positions neurons belongs to
  /// row i of the memories; Groups is then a multiple of the heads.
  image::RowRule Rows = image::RowRule::None;
  /// image::BlockRecord: states return to their initial values.
  uint32_t ResetEvery = 0, ResetAt = 0;
  /// Not 0: blocks are cut at multiples of this many neurons only (columns of a
  /// convolution), if one such piece fits a core.
  uint32_t CutAt = 0;
  std::vector<Slot> Slots;
  std::vector<Output> Outputs;
};

/// Events that the host sends, such as the token: one event per token step
/// whose index, 0 .. Size-1, is the token.
struct HostInput {
  std::string Name;
  uint32_t Size = 0;
  image::HostRole Role = image::HostRole::Token;
  /// Of a role of Events: expected share of indices that carry one.
  double Activity = 1.0;
};

enum class EdgeKind {
  Linear,     ///< every source neuron to every target neuron, by weights
  Direct,     ///< neuron i to neuron i; sizes are equal
  Broadcast,  ///< neuron g of the source to a uniform slot of group g
  Reduce,     ///< a Reduced output, group g, to neuron g of the target or to
              ///< a uniform slot of its group g
  HostOutput, ///< to the host
  /// A memory that tokens write (image::ConnectionKind): the query's neurons of
  /// head h to the target's neurons of head h, by what Written has sent.
  Keys,
  Values,
  /// A convolution: a range of targets hears a range of sources (Window).
  Window,
};

/// Where an edge starts.
struct Source {
  bool FromHost = false;
  uint32_t Index = 0;  ///< of the population, or of the host input
  uint32_t Output = 0; ///< of the population
};

/// One connection of the network. An embedding table is a Linear of 1-bit
/// weights whose source is a host input.
struct Edge {
  std::string Name;
  EdgeKind Kind = EdgeKind::Direct;
  Source From;
  uint32_t To = 0;   ///< population; unused for HostOutput
  uint32_t Slot = 0; ///< of that population; unused for HostOutput

  // For Linear only:
  uint32_t WeightBits = 8;     ///< 1 .. 8
  bool AccumulateOnly = false; ///< events are binary or ternary
  /// Bits of the widest partial sum, sign included: what a relay has to send.
  uint32_t SumBits = 32;
  /// Sources that have synapses, ascending; empty: all. The others never fire.
  /// Rows of tiles are numbered among these.
  std::vector<uint32_t> Only;

  // For Keys and Values only (WeightBits: of what is stored):
  Source Written; ///< the population whose events are stored
  uint32_t Heads = 1, KvHeads = 1;

  // For Direct only:
  /// Neuron i of each of this many equal parts of length n reads neuron
  /// (i + n/2) mod n of the part; 0: neuron i reads neuron i.
  uint32_t RotateParts = 0;

  // For Window only (WeightBits, AccumulateOnly and SumBits as for Linear):
  image::WindowRecord Window = {};

  // For all but Keys, Values and HostOutput:
  /// Token steps that events wait before they are read. Populations may send to
  /// each other in a circle if some edge of it has a delay.
  uint32_t Delay = 0;
};

/// Memory that tokens write, not weights that are loaded.
inline bool isDynamic(const Edge &E) {
  return E.Kind == EdgeKind::Keys || E.Kind == EdgeKind::Values;
}
/// What lies on the chip as tiles.
inline bool hasTiles(const Edge &E) {
  return E.Kind == EdgeKind::Linear || E.Kind == EdgeKind::Window ||
         isDynamic(E);
}

/// A network, ready to be mapped.
struct Workload {
  std::vector<HostInput> HostInputs;
  std::vector<Population> Populations;
  std::vector<Edge> Edges;
  /// Instructions of the program of a relay: load the sum, emit it.
  uint32_t RelayInstructions = 2;
  uint32_t Steps = 1;     ///< inner steps per token
  uint32_t Positions = 0; ///< most tokens of a sequence; 0: no limit
  uint32_t Sweeps = 1;

  /// Source neurons of \p E.
  uint32_t sourceSize(const Edge &E) const {
    return E.From.FromHost ? HostInputs[E.From.Index].Size
                           : Populations[E.From.Index].Neurons;
  }
  /// Groups that the source of \p E, a reduction, is summed by.
  uint32_t reducedGroups(const Edge &E) const {
    return Populations[E.From.Index].Outputs[E.From.Output].ReducedGroups;
  }
  /// Rows of a tile that has all of \p E for a target: its sources, those of
  /// one head where heads do not meet.
  uint32_t rows(const Edge &E) const {
    if (!E.Only.empty())
      return E.Only.size();
    return sourceSize(E) / E.Heads;
  }
  /// Targets of one head of \p E.
  uint32_t colsOfHead(const Edge &E) const {
    return Populations[E.To].Neurons / E.Heads;
  }
  /// Neurons of one group, which is as far as a block reaches.
  uint32_t groupSize(uint32_t Population) const {
    return Populations[Population].Neurons / Populations[Population].Groups;
  }
  /// Token steps that the slots of a held population keep apart: 0 when
  /// \p P is not held.
  uint32_t heldDepth(const Population &P) const {
    if (P.Held == image::Held::Each)
      return Steps * Positions;
    return P.Held == image::Held::Last ? 1 : 0;
  }
  /// The same network for sequences of at most \p Shorter tokens.
  Workload withPositions(uint32_t Shorter) const;
  /// Share of the rows of \p E that carry an event in a token step.
  double activity(const Edge &E) const;

  /// Every mistake: indices out of range, sizes that do not match the kind of
  /// edge, zero sizes, a cycle among populations. Empty when sound.
  Errors check() const;
};

} // namespace synfire::mapping

#endif // SYNFIRE_COMPILER_MAPPING_WORKLOAD_H
