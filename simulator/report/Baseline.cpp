//===- simulator/report/Baseline.cpp - The dense Transformer beside it ----===//

#include "simulator/report/Baseline.h"
#include "simulator/report/SynOps.h"

#include <algorithm>
#include <cassert>

namespace synfire::report {

using baselines::DenseDevice;

namespace definition {
const std::string_view Baseline =
    "Transformer with the same layers, width, vocabulary and context, KV "
    "cache, untied embedding and head; feed-forward part of m = 2 matrices of "
    "d x f, f = 4d, and s = 1, unless the network is itself a Transformer with "
    "spikes: then its own m (3 when gated), f and share s of key and value "
    "channels. Multiply-accumulates per token at context length c: "
    "L ((2 + 2 s) d^2 + m d f + 2 c d) + V d; KV cache read per token: 2 L c d "
    "s values of one byte.";
const std::string_view DenseOnChip =
    "The same chip, every weight fetched for every token: each product at the "
    "chip's cost of a multiply-accumulate and of reading its bytes (weights as "
    "wide as this image stores them, KV values one byte); L 10 d + d "
    "activations per token, each one program access and one emission, and the "
    "axon, message, hop and link counts per emitted event that this mapping "
    "showed. Not charged, in the Transformer's favour: softmax, norms, "
    "activation functions, and the chips its KV cache would need.";
const std::string_view GpuMemory =
    "Batch 1 on a GPU, memory traffic alone: parameters and KV cache at 16 bit "
    "from HBM2, read once per token.";
const std::string_view NearMemory =
    "Dense near-memory accelerator at batch 1, 7 nm: parameters and KV cache "
    "at 8 bit from local SRAM, plus the int8 multiply-accumulates; no network, "
    "control or static power.";
} // namespace definition

uint32_t denseWeightBits(const RunData &Run) {
  uint32_t Bits = 1;
  for (const ConnectionData &C : Run.Connections)
    if (!C.FromHost)
      Bits = std::max(Bits, C.WeightBits);
  return Bits;
}

double denseActivations(const NetworkData &N) {
  return 10.0 * N.Layers * N.Width + N.Width;
}

baselines::Transformer transformerOf(const NetworkData &N) {
  baselines::Transformer T{static_cast<double>(N.Layers),
                           static_cast<double>(N.Width),
                           static_cast<double>(N.Vocabulary)};
  bool IsLlama = N.Architecture == "spikellm";
  if (!IsLlama && N.Architecture != "spikelm")
    return T;
  T.Hidden = N.Hidden;
  T.Matrices = IsLlama ? 3 : 2;
  if (N.Heads && N.KvHeads)
    T.KvShare = static_cast<double>(N.KvHeads) / N.Heads;
  return T;
}

bool isBidirectional(const NetworkData &N) {
  return N.Architecture == "spikelm";
}

double multiplyEnergy45nm(const NetworkData &N) {
  return N.Architecture == "spikelm" || N.Architecture == "spikellm"
             ? 4.6
             : PaperFigures::MultiplyEnergy;
}

namespace {

/// A shipped device, which is always there.
DenseDevice shipped(const char *Name) {
  Result<DenseDevice> Device = DenseDevice::load(Name);
  assert(Device && "a shipped device does not read");
  return std::move(*Device);
}

EnergyRange charge(const RunData &Run, Action A, double Count) {
  const Cost &Row = Run.Chip.Costs[A];
  return EnergyRange{Row.EnergyLow.Value, Row.Energy.Value,
                     Row.EnergyHigh.Value} *
         Count;
}

DensePoint pointAt(const RunData &Run, std::string Name, double Context) {
  baselines::Transformer T = transformerOf(Run.Network);
  DensePoint P;
  P.Name = std::move(Name);
  P.Context = Context;
  P.Macs = T.macs(Context);
  P.KvBytesRead = T.kvRead(Context);
  P.KvBytesWritten = T.kvWritten();
  P.Paper45nm = P.Macs.total() * multiplyEnergy45nm(Run.Network);
  P.Integer45nm = P.Macs.total() * IntMultiplyEnergy45nm;
  P.OnChip = denseOnChip(Run, Context);
  double Read = T.weightsRead() + P.KvBytesRead;
  DenseDevice Gpu = shipped("gpu-a100"), Near = shipped("near-memory");
  P.GpuMemory = Read * Gpu.WeightBits->Value * Gpu.MemoryEnergy->Value;
  P.NearMemory = Read * Near.WeightBits->Value * Near.MemoryEnergy->Value +
                 P.Macs.total() * Near.MacEnergy->Value;
  return P;
}

Anchor anchor(std::string Name, const baselines::Figure &F, const char *Unit) {
  return {std::move(Name), F.Value, Unit,
          F.Source + " (" + gradeLetter(F.Evidence) + ")"};
}

} // namespace

DenseOnChip denseOnChip(const RunData &Run, double Context) {
  auto cost = [&](Action A, double Count) { return charge(Run, A, Count); };
  baselines::Transformer T = transformerOf(Run.Network);
  baselines::DenseMacs Macs = T.macs(Context);
  double Activations = denseActivations(Run.Network);
  double Products = Macs.total();
  double WeightBytes = (Products - Macs.Attention) * denseWeightBits(Run) / 8.0;
  DenseOnChip E;
  E.Synapses = cost(Action::SynapseMultiply, Products);
  E.Synapses += cost(Action::SynapseByteRead, WeightBytes + T.kvRead(Context));
  E.Neurons = cost(Action::NeuronUpdate, Activations + Run.Network.Vocabulary);
  E.Neurons += cost(Action::SpikeEmit, Activations);
  uint64_t Emitted = Run.Total[Action::SpikeEmit];
  if (Emitted)
    for (Action A :
         {Action::AxonLookup, Action::MessageOut, Action::MessageIn,
          Action::HopEastWest, Action::HopNorthSouth, Action::ChipLinkBit})
      E.Traffic += cost(A, Activations * Run.Total[A] / Emitted);
  E.Dynamic = E.Synapses;
  E.Dynamic += E.Neurons;
  E.Dynamic += E.Traffic;
  return E;
}

double meanContext(uint64_t Tokens, uint32_t Context) {
  if (Tokens == 0)
    return 0;
  double Rising = static_cast<double>(std::min<uint64_t>(Tokens, Context));
  double Flat = static_cast<double>(Tokens) - Rising;
  return (Rising * (Rising + 1) / 2 + Flat * Context) / Tokens;
}

double meanContext(const RunData &Run) {
  const std::vector<uint64_t> All =
      Run.Sequences.empty() ? std::vector{Run.Tokens} : Run.Sequences;
  double Sum = 0, Tokens = 0;
  for (uint64_t Length : All) {
    auto N = static_cast<double>(Length);
    Sum += N * (isBidirectional(Run.Network)
                    ? N
                    : meanContext(Length, contextOf(Run)));
    Tokens += N;
  }
  return Tokens > 0 ? Sum / Tokens : 0;
}

bool hasTransformerShape(const NetworkData &N) {
  return N.Layers && N.Width && N.Vocabulary;
}

BaselineReport computeBaseline(const RunData &Run) {
  BaselineReport R;
  R.Shape = transformerOf(Run.Network);
  R.MultiplyEnergy = multiplyEnergy45nm(Run.Network);
  R.Parameters = static_cast<uint64_t>(transformerOf(Run.Network).parameters());
  R.ActivationsPerToken = denseActivations(Run.Network);
  uint32_t Context = contextOf(Run);
  R.Run = pointAt(Run, "run", meanContext(Run));
  R.Full = pointAt(Run, "full", Context);
  DenseDevice Gpu = shipped("gpu-a100"), Near = shipped("near-memory");
  R.Anchors = {
      {"E_MAC, 45 nm", multiplyEnergy45nm(Run.Network), "pJ",
       multiplyEnergy45nm(Run.Network) == PaperFigures::MultiplyEnergy
           ? "SpikeGPT paper, section 3.7 (P)"
           : "Horowitz, ISSCC 2014: 3.7 + 0.9 pJ (P)"},
      {"8-bit multiply-accumulate, 45 nm", IntMultiplyEnergy45nm, "pJ",
       "Horowitz, ISSCC 2014: 0.2 + 0.03 pJ (P)"},
      anchor("GPU memory", *Gpu.MemoryEnergy, "pJ/bit"),
      anchor("near memory, SRAM", *Near.MemoryEnergy, "pJ/bit"),
      anchor("near memory, multiply-accumulate", *Near.MacEnergy, "pJ"),
  };
  return R;
}

} // namespace synfire::report
