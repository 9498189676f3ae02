//===- compiler/mapping/Features.cpp --------------------------------------===//

#include "compiler/mapping/Features.h"

#include "compiler/mapping/Demand.h"

#include <fmt/format.h>

#include <algorithm>

using namespace synfire;
using namespace synfire::mapping;

std::optional<Misfit> mapping::missingFeature(const Workload &Net,
                                              const ChipSpec &Chip) {
  auto Lacks = [&](Limit L, uint64_t Needed, uint64_t Has,
                   const std::string &Thing) {
    return Misfit{L,
                  Needed,
                  Has,
                  Thing,
                  std::nullopt,
                  fmt::format("{} >= {} (now {})", keyOf(L), Needed, Has)};
  };
  for (const Population &P : Net.Populations) {
    if (P.Instructions > Chip.Neuron.ProgramWords && Chip.Neuron.Programmable)
      return Lacks(Limit::ProgramWords, P.Instructions,
                   Chip.Neuron.ProgramWords, P.Name);
    for (const Slot &S : P.Slots)
      if (S.SumBits > Chip.Core.AccumulatorBits)
        return Lacks(Limit::AccumulatorBits, S.SumBits,
                     Chip.Core.AccumulatorBits, P.Name + "." + S.Name);
  }
  for (const Edge &E : Net.Edges) {
    if (hasTiles(E) && !storedFormat(Chip, E.WeightBits)) {
      Misfit M = Lacks(Limit::WeightBits, E.WeightBits, 0, E.Name);
      for (uint32_t Bits : Chip.Core.WeightBits)
        M.Available = std::max<uint64_t>(M.Available, Bits);
      M.Change = fmt::format("{} must include 8", keyOf(Limit::WeightBits));
      return M;
    }
    if (isDynamic(E) && !Chip.Core.DynamicSynapses) {
      Misfit M = Lacks(Limit::DynamicSynapses, 1, 0, E.Name);
      M.Change = fmt::format(
          "{} must be true: the matmul keeps what tokens leave behind in "
          "synapses, which the cores of {} cannot write while they run; take a "
          "target that can",
          keyOf(Limit::DynamicSynapses), Chip.Name);
      return M;
    }
    if (E.From.FromHost)
      continue;
    const Output &O = Net.Populations[E.From.Index].Outputs[E.From.Output];
    const auto &Kinds = Chip.Event.Kinds;
    // Numbers that travel as spikes need spikes only.
    const auto Kind = image::carriedAs(O.Kind);
    if (std::find(Kinds.begin(), Kinds.end(), Kind) == Kinds.end()) {
      static constexpr const char *Names[] = {"binary", "ternary", "signed",
                                              "unsigned"};
      Misfit M = Lacks(Limit::PayloadKinds, 1, 0, O.Name);
      M.Change = fmt::format("{} must include {}", keyOf(Limit::PayloadKinds),
                             Names[static_cast<unsigned>(Kind)]);
      return M;
    }
    const bool Graded = O.Reduced || O.Kind == image::PayloadKind::Signed ||
                        O.Kind == image::PayloadKind::Unsigned;
    const uint32_t Bits = O.Reduced ? O.ReducedBits : O.PayloadBits;
    if (Graded && Bits > Chip.Event.PayloadBits)
      return Lacks(Limit::PayloadBits, Bits, Chip.Event.PayloadBits, O.Name);
  }
  return std::nullopt;
}
