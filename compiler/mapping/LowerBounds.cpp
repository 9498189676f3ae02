//===- compiler/mapping/LowerBounds.cpp -----------------------------------===//

#include "compiler/mapping/LowerBounds.h"

#include "compiler/mapping/Demand.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

using namespace synfire;
using namespace synfire::mapping;

/// Memory of one core in all; nothing when it is not limited.
static std::optional<uint64_t> coreBytes(const ChipSpec &Chip) {
  if (Chip.Core.UnifiedBytes)
    return Chip.Core.UnifiedBytes->Value;
  uint64_t Sum = 0;
  for (Limit L : {Limit::SynapseBytes, Limit::StateBytes, Limit::ProgramBytes,
                  Limit::AxonBytes}) {
    auto Pool = available(Chip, L);
    if (!Pool)
      return std::nullopt;
    Sum += *Pool;
  }
  return Sum;
}

/// Fewest (event, core) pairs of a linear whose tiles have at most \p Synapses
/// weights: over all widths b, events * (C/b - 1) + C * (R/a - 1) with a*b =
/// Synapses; one copy of each may stay on its core.
static double linearMessages(double Rows, double Cols, double Activity,
                             double Synapses) {
  if (Rows * Cols <= Synapses)
    return 0;
  auto Cost = [&](double B) {
    double A = std::min(Rows, Synapses / B);
    return Rows * Activity * std::max(0.0, Cols / B - 1) +
           std::min(1.0, Activity * A) * Cols * std::max(0.0, Rows / A - 1);
  };
  double Least = INFINITY;
  for (double B = 1; B < Cols; B *= 1.02)
    Least = std::min(Least, Cost(B));
  return std::min(Least, Cost(Cols));
}

LowerBounds mapping::lowerBoundsOf(const Workload &Net, const ChipSpec &Chip) {
  LowerBounds Out;
  std::map<uint32_t, uint32_t> Programs; // program -> instructions
  for (const Population &P : Net.Populations) {
    uint64_t Words = uint64_t(P.States + P.Parameters) * P.Neurons;
    for (const Slot &S : P.Slots)
      Out.Bytes += uint64_t(S.Uniform ? 1 : P.Neurons) * entryBytes(P, S) *
                   std::max(1u, Net.heldDepth(P));
    Out.Bytes += 4 * Words;
    Out.Neurons += P.Neurons;
    Programs[P.Program] = P.Instructions;
  }
  for (auto [Program, Instructions] : Programs)
    Out.Bytes += uint64_t(Instructions) * Chip.Neuron.InstructionBytes;
  const auto Core = coreBytes(Chip);
  for (const Edge &E : Net.Edges) {
    if (E.Kind == EdgeKind::HostOutput)
      continue;
    const uint64_t Rows = Net.rows(E);
    if (E.Kind == EdgeKind::Window) {
      // One kernel; all sources may be on the same core.
      Out.Bytes += synapseBytes(Chip, E, Rows, 1);
      continue;
    }
    Out.Bytes +=
        (E.Kind == EdgeKind::Reduce ? Net.reducedGroups(E) : Rows * E.Heads) *
        Chip.Core.AxonEntryBytes;
    if (!hasTiles(E))
      continue;
    const uint64_t Cols = Net.colsOfHead(E);
    auto Format =
        storedFormat(Chip, E.WeightBits).value_or(image::WeightFormat::Int8);
    const SynapseStore &Store = Chip.Core.Synapses;
    const bool Words = Store.WordBits != 0 && !isDynamic(E);
    const uint64_t Bits =
        Words ? narrowestWidth(Chip.Core.WeightBits, E.WeightBits)
              : image::bitsOf(Format);
    const uint64_t Copies = uint64_t(E.Heads) * (isDynamic(E) ? Net.Steps : 1);
    if (Words) { // each row in one piece, behind one header
      SynapseStore Whole = Store;
      Whole.Group = 0;
      Out.Bytes += Copies * Whole.bytes(SynapseStore::Kind::Linear, Rows, Cols,
                                        static_cast<uint32_t>(Bits));
    } else {
      Out.Bytes += Copies * (Rows * Cols * Bits / 8);
    }
    if (Core)
      Out.MessagesPerToken +=
          E.Heads *
          linearMessages(Rows, Cols, Net.activity(E), *Core * 8.0 / Bits);
  }
  uint64_t Cores = 1;
  if (Core && *Core)
    Cores = std::max(Cores, (Out.Bytes + *Core - 1) / *Core);
  if (Chip.Core.Neurons)
    Cores = std::max(Cores,
                     (Out.Neurons + Chip.Core.Neurons - 1) / Chip.Core.Neurons);
  Out.Cores = static_cast<uint32_t>(std::min<uint64_t>(Cores, UINT32_MAX));
  return Out;
}

double mapping::messagesPerToken(const Mapping &Map) {
  double Sum = 0;
  for (const MappedFlow &F : Map.Flows) {
    double Ends = F.Destinations.size() + F.HostOutput;
    if (std::binary_search(F.Destinations.begin(), F.Destinations.end(),
                           F.SourceCore))
      Ends -= 1;
    Sum += F.EventsPerToken * Ends;
  }
  return Sum;
}

std::string mapping::describe(const LowerBounds &Bounds, const Mapping &Map) {
  return fmt::format("cores {} (bound {}, {:+.1f} %)\n"
                     "messages per token {:.0f} (bound {:.0f})\n",
                     Map.Cores.size(), Bounds.Cores,
                     100.0 * (double(Map.Cores.size()) / Bounds.Cores - 1),
                     messagesPerToken(Map), Bounds.MessagesPerToken);
}
