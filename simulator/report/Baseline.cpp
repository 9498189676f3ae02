//===- simulator/report/Baseline.cpp - The dense Transformer beside it ----===//

#include "simulator/report/Baseline.h"
#include "simulator/report/SynOps.h"

#include <algorithm>

namespace synfire::report {

namespace definition {
const std::string_view Baseline =
    "Decoder-only Transformer with the same layers, width, vocabulary and "
    "context, feed-forward width 4d, KV cache, untied embedding and head. "
    "Multiply-accumulates per token at context length c: L (12 d^2 + 2 c d) + "
    "V d; KV cache read per token: 2 L c d values of one byte.";
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
  return {static_cast<double>(N.Layers), static_cast<double>(N.Width),
          static_cast<double>(N.Vocabulary), 1};
}

namespace {

/// A shipped device; the two used here are always there.
const DenseDevice &shipped(const char *Name) {
  static std::map<std::string, DenseDevice> Loaded;
  auto At = Loaded.find(Name);
  if (At == Loaded.end())
    At = Loaded.emplace(Name, *DenseDevice::load(Name)).first;
  return At->second;
}

EnergyRange charge(const RunData &Run, Action A, double Count) {
  const Cost &Row = Run.Chip.Costs[A];
  return EnergyRange{Row.EnergyLow.Value, Row.Energy.Value,
                     Row.EnergyHigh.Value} *
         Count;
}

DenseOnChip onChip(const RunData &Run, const DensePoint &Point,
                   double Activations) {
  auto cost = [&](Action A, double Count) { return charge(Run, A, Count); };
  double Products = Point.Macs.total();
  double WeightBytes =
      (Products - Point.Macs.Attention) * weightBits(Run) / 8.0;
  DenseOnChip E;
  E.Synapses = cost(Action::SynapseMultiply, Products);
  E.Synapses += cost(Action::SynapseByteRead, WeightBytes + Point.KvBytesRead);
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

DensePoint pointAt(const RunData &Run, std::string Name, double Context,
                   const BaselineReport &Report) {
  const NetworkData &N = Run.Network;
  double L = N.Layers, D = N.Width, V = N.Vocabulary;
  DensePoint P;
  P.Name = std::move(Name);
  P.Context = Context;
  P.Macs = {4 * L * D * D, 2 * L * Context * D, 8 * L * D * D, V * D};
  P.KvBytesRead = 2 * L * Context * D;
  P.KvBytesWritten = 2 * L * D;
  P.Paper45nm = P.Macs.total() * PaperFigures::MultiplyEnergy;
  P.OnChip = onChip(Run, P, Report.ActivationsPerToken);
  // The embedding is looked up: one row of it is read.
  double Read = Report.Parameters - V * D + D + P.KvBytesRead;
  P.GpuMemory = Read * 16 * Hbm2PerBit;
  P.NearMemory = Read * SramPer64Bit / 8 + P.Macs.total() * Int8Mac;
  return P;
}

} // namespace

double meanContext(uint64_t Tokens, uint32_t Context) {
  if (Tokens == 0)
    return 0;
  double Rising = static_cast<double>(std::min<uint64_t>(Tokens, Context));
  double Flat = static_cast<double>(Tokens) - Rising;
  return (Rising * (Rising + 1) / 2 + Flat * Context) / Tokens;
}

bool hasTransformerShape(const NetworkData &N) {
  return N.Layers && N.Width && N.Vocabulary;
}

BaselineReport computeBaseline(const RunData &Run) {
  const NetworkData &N = Run.Network;
  uint64_t L = N.Layers, D = N.Width, V = N.Vocabulary;
  BaselineReport R;
  R.Parameters = 12 * L * D * D + 2 * V * D;
  R.ActivationsPerToken = static_cast<double>(10 * L * D + D);
  uint32_t Context = contextOf(Run);
  R.Run = pointAt(Run, "run", meanContext(Run.Tokens, Context), R);
  R.Full = pointAt(Run, "full", Context, R);
  R.Anchors = {
      {"E_MAC, 45 nm", PaperFigures::MultiplyEnergy, "pJ",
       "SpikeGPT paper, section 3.7 (P)"},
      {"HBM2 with controller", Hbm2PerBit, "pJ/bit",
       "Jouppi et al., ISCA 2021, 7 nm (P)"},
      {"SRAM 32 KB", SramPer64Bit, "pJ per 64 bit",
       "Jouppi et al., ISCA 2021, 7 nm (P)"},
      {"int8 multiply + int32 add", Int8Mac, "pJ",
       "Jouppi et al., ISCA 2021, 7 nm (P)"},
  };
  return R;
}

} // namespace synfire::report
