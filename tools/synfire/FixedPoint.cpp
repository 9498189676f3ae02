//===- FixedPoint.cpp - Programs as the chip computes ---------------------===//

#include "tools/synfire/FixedPoint.h"

#include "compiler/transforms/Classification.h"
#include "compiler/transforms/ValueRanges.h"

#include <cmath>
#include <fmt/format.h>

using namespace synfire;
using namespace synfire::tools;

/// What every population emits on \p Of.
static Result<std::vector<compiler::Recording>>
eventsOf(spike::NetworkOp Network, compiler::WeightFiles &Files,
         const Sequence &Of) {
  auto Runner = compiler::Interpreter::create(Network, Files);
  if (!Runner)
    return Runner.errors();
  compiler::RunOptions Options;
  Options.RecordEvents = true;
  auto Run = compiler::runOn(*Runner, Of, Options);
  if (!Run)
    return Run.errors();
  return std::move(Run->Events);
}

static void compare(const std::vector<compiler::Recording> &Before,
                    const std::vector<compiler::Recording> &After,
                    FixedPointCost &Cost) {
  for (size_t I = 0; I < Before.size(); ++I) {
    uint64_t Different = 0;
    double Apart = 0, Power = 0;
    for (size_t J = 0; J < Before[I].Payloads.size(); ++J) {
      const double Was = Before[I].Payloads[J];
      const double By = Was - After[I].Payloads[J];
      Different += By != 0;
      Apart += By * By;
      Power += Was * Was;
    }
    const auto Count = static_cast<uint64_t>(Before[I].Payloads.size());
    Cost.Payloads += Count;
    Cost.Different += Different;
    const double Share =
        Count ? static_cast<double>(Different) / static_cast<double>(Count) : 0;
    if (Share > Cost.WorstShare) {
      Cost.WorstShare = Share;
      Cost.Worst = Before[I].Name;
    }
    const double Error = Power > 0 ? std::sqrt(Apart / Power) : 0;
    if (Error > Cost.LargestError) {
      Cost.LargestError = Error;
      Cost.Farthest = Before[I].Name;
    }
  }
}

std::string FixedPointCost::text(const NeuronUnit &Neuron) const {
  std::string Out = fmt::format("fixed    {} programs in {}-bit states: {} "
                                "float ops became {} integer ops",
                                Programs.Programs, Neuron.StateBits,
                                Programs.Before, Programs.After);
  if (Payloads)
    Out += fmt::format("; {:.2f} % of {} payloads equal",
                       100 * (1 - static_cast<double>(Different) /
                                      static_cast<double>(Payloads)),
                       Payloads);
  if (Different)
    Out += fmt::format(", least of {} ({:.1f} %); root mean square error up "
                       "to {:.2g} of what is sent ({})",
                       Worst, 100 * (1 - WorstShare), LargestError, Farthest);
  return Out + "\n";
}

bool tools::needsFixedPoint(const ChipSpec &Chip, spike::NetworkOp Network) {
  auto Populations = Network.getBody().front().getOps<spike::PopulationOp>();
  return Chip.Neuron.Numbers == Arithmetic::Fixed &&
         llvm::any_of(Populations, [](spike::PopulationOp P) {
           return !compiler::realValues(P).empty();
         });
}

Result<std::optional<FixedPointCost>>
tools::toArithmeticOf(const ChipSpec &Chip, spike::NetworkOp Network,
                      compiler::WeightFiles &Files, const WindowedText &Text,
                      bool Compare) {
  if (!needsFixedPoint(Chip, Network))
    return std::optional<FixedPointCost>();
  // Widths of sums are what is proven of them.
  if (auto Sums =
          compiler::classifyLinears(Network, Files, Chip.Core.AccumulatorBits);
      !Sums)
    return Sums.errors();
  Result<std::vector<compiler::Recording>> Before =
      std::vector<compiler::Recording>();
  if (Compare && !Text.Windows.empty()) {
    Before = eventsOf(Network, Files, Text.Windows.front());
    if (!Before)
      return Before.errors();
  }
  compiler::expandFunctions(Network);
  if (Status S = compiler::measureValueRanges(Network, Text.Windows, Files); !S)
    return S.errors();
  Result<compiler::FixedCounts> Done =
      compiler::toFixedPoint(Network, Chip.Neuron);
  if (!Done)
    return Done.errors();
  FixedPointCost Cost;
  Cost.Programs = *Done;
  if (!Before->empty()) {
    auto After = eventsOf(Network, Files, Text.Windows.front());
    if (!After)
      return After.errors();
    compare(*Before, *After, Cost);
  }
  return std::optional(std::move(Cost));
}
