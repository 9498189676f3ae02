//===- compiler/mapping/FitReport.cpp -------------------------------------===//

#include "compiler/mapping/FitReport.h"

#include <fmt/format.h>

#include <array>

using namespace synfire;
using namespace synfire::mapping;

std::string_view mapping::keyOf(Limit L) {
  static constexpr std::array<std::string_view, NumLimits> Keys = {
      "core.neurons",          "core.input_axons",      "core.output_flows",
      "core.unified_bytes",    "core.synapse_bytes",    "core.state_bytes",
      "core.program_bytes",    "core.axon_bytes",       "neuron.program_words",
      "core.accumulator_bits", "core.weight_bits",      "event.kinds",
      "event.payload_bits",    "core.dynamic_synapses", "system.max_chips"};
  return Keys[static_cast<unsigned>(L)];
}

CoreUse &CoreUse::operator+=(const CoreUse &O) {
  Neurons += O.Neurons;
  InputAxons += O.InputAxons;
  OutputFlows += O.OutputFlows;
  SynapseBytes += O.SynapseBytes;
  DynamicBytes += O.DynamicBytes;
  StateBytes += O.StateBytes;
  AccumulatorBytes += O.AccumulatorBytes;
  ProgramBytes += O.ProgramBytes;
  ParameterBytes += O.ParameterBytes;
  AxonBytes += O.AxonBytes;
  Work += O.Work;
  return *this;
}

uint64_t CoreUse::used(Limit L) const {
  switch (L) {
  case Limit::Neurons:
    return Neurons;
  case Limit::InputAxons:
    return InputAxons;
  case Limit::OutputFlows:
    return OutputFlows;
  case Limit::UnifiedBytes:
    return totalBytes();
  case Limit::SynapseBytes:
    return SynapseBytes + DynamicBytes;
  case Limit::StateBytes:
    return StateBytes + AccumulatorBytes;
  case Limit::ProgramBytes:
    return ProgramBytes + ParameterBytes;
  case Limit::AxonBytes:
    return AxonBytes;
  default:
    return 0;
  }
}

std::optional<uint64_t> mapping::available(const ChipSpec &Chip, Limit L) {
  auto Pool = [](const std::optional<Bytes> &B) -> std::optional<uint64_t> {
    if (!B)
      return std::nullopt;
    return B->Value;
  };
  switch (L) {
  case Limit::Neurons:
    return Chip.Core.Neurons;
  case Limit::InputAxons:
    return Chip.Core.InputAxons;
  case Limit::OutputFlows:
    return Chip.Core.OutputFlows;
  case Limit::UnifiedBytes:
    return Pool(Chip.Core.UnifiedBytes);
  case Limit::SynapseBytes:
    return Pool(Chip.Core.SynapseBytes);
  case Limit::StateBytes:
    return Pool(Chip.Core.StateBytes);
  case Limit::ProgramBytes:
    return Pool(Chip.Core.ProgramBytes);
  case Limit::AxonBytes:
    return Pool(Chip.Core.AxonBytes);
  default:
    return std::nullopt;
  }
}

std::optional<Limit> mapping::brokenLimit(const ChipSpec &Chip,
                                          const CoreUse &Use) {
  for (Limit L : {Limit::UnifiedBytes, Limit::SynapseBytes, Limit::StateBytes,
                  Limit::ProgramBytes, Limit::AxonBytes, Limit::Neurons,
                  Limit::InputAxons, Limit::OutputFlows})
    if (auto Most = available(Chip, L); Most && Use.used(L) > *Most)
      return L;
  return std::nullopt;
}

Error FitReport::error() const {
  const Misfit &F = *Failure;
  std::string Core = F.Core ? fmt::format(" on logical core {}", *F.Core) : "";
  return {
      F.Thing, "does-not-fit",
      fmt::format("needs {} of {}{}, the target has {}; smallest change: {}",
                  F.Needed, keyOf(F.What), Core, F.Available, F.Change),
      ErrorKind::DoesNotFit};
}

std::string FitReport::table() const {
  std::string Out =
      fmt::format("{:<24} {:>14} {:>14} {:>7} {:>6} {:>16}\n", "limit", "used",
                  "available", "%", "core", "total");
  for (const LimitUse &L : Limits)
    Out += fmt::format("{:<24} {:>14} {:>14} {:>7.1f} {:>6} {:>16}\n",
                       keyOf(L.What), L.Used, L.Available,
                       L.Available ? 100.0 * L.Used / L.Available : 0.0, L.Core,
                       L.Total);
  if (DynamicBytes != 0)
    Out +=
        fmt::format("of the synapses {} bytes are written by events, at most "
                    "{} on one core\n",
                    DynamicBytes, DynamicBytesOfCore);
  Out += fmt::format("cores {} (at least {}), {:.1f} % full, on {} {}\n", Cores,
                     CoresLowerBound, FillPercent, Chips,
                     Chips == 1 ? "chip" : "chips");
  return Out;
}
