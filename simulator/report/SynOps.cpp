//===- simulator/report/SynOps.cpp - Synaptic operations, three ways ------===//

#include "simulator/report/SynOps.h"

namespace synfire::report {

namespace definition {
const std::string_view SynapticEvents =
    "Weight fetches that the chip made: for every event that selected a row of "
    "a tile, every stored weight of that row, zero weights included unless the "
    "chip skips them (core.skips_zero_weights): those are "
    "'skipped_zero_weights'. "
    "'accumulate': the payload is 0/1 or -1/0/1 and the weight is added; "
    "'multiply_accumulate': the payload is graded and the weight is "
    "multiplied first.";
const std::string_view NeuroBench =
    "NeuroBench 2.3 SynapticOperations for one sample (this token sequence), "
    "on the quantised network as it runs: products of a non-zero input and a "
    "non-zero weight in linear layers and convolutions, per layer and token as "
    "ACs when every input is -1, 0 or 1 and as MACs otherwise; Dense counts "
    "all products, without those of padding. Embedding look-ups, pooling, "
    "products of attention, norms, element-wise work and biases are not "
    "counted.";
const std::string_view AttentionOps =
    "NeuroBench does not count attention. These are the products with keys and "
    "values that tokens wrote, by the same rules: both sides not 0.";
const std::string_view NormOps =
    "Add, multiply, divide and exponential instructions of populations that "
    "send no spikes: norms, softmax, activation functions, residual sums.";
const std::string_view MembraneOps =
    "The same of populations that send spikes: membranes, thresholds, and what "
    "of a norm is computed in the same neuron. membrane_updates: their neurons "
    "that ran, once per token step.";
const std::string_view Paper =
    "SpikeGPT paper, section 3.7 and table 1, per layer and T tokens: vanilla "
    "= E_MAC (3Td^2 + 2T^2 d + 3T^2 + FL), spiking = E_AC R (3Td^2 + FL) + "
    "E_MAC 6Td, with FL = 6Td^2, E_AC = 0.9 pJ, E_MAC = 4.5 pJ (45 nm). It "
    "charges every projection at rate x accumulate although these matrices "
    "receive real values, and leaves out the output projection, the head, the "
    "norms and all memory traffic.";
const std::string_view FiringRate =
    "Events (payloads other than 0) per neuron and token step over the whole "
    "run; a token has as many steps as the model has inner steps.";
} // namespace definition

PaperEnergies paperEnergies(uint32_t Layers, uint32_t Width, uint32_t Context,
                            double Rate) {
  const double Ac = PaperFigures::AccumulateEnergy;
  const double Mac = PaperFigures::MultiplyEnergy;
  double L = Layers, D = Width, T = Context;
  double Projections = 3 * T * D * D, FeedForward = 6 * T * D * D;
  PaperEnergies E;
  E.Layers = Layers;
  E.Width = Width;
  E.Context = Context;
  E.Rate = Rate;
  E.VanillaAttention = L * Mac * 2 * T * T * D;
  E.VanillaWithoutAttention = L * Mac * (Projections + FeedForward);
  // Scaling costs T^2 and the softmax 2 T^2.
  E.Vanilla =
      E.VanillaWithoutAttention + E.VanillaAttention + L * Mac * 3 * T * T;
  E.Spiking = L * (Ac * Rate * (Projections + FeedForward) + Mac * 6 * T * D);
  return E;
}

static SynapticEvents chipEvents(const RunData &Run) {
  SynapticEvents E;
  E.Accumulate = Run.Total[Action::SynapseAccumulate];
  E.MultiplyAccumulate = Run.Total[Action::SynapseMultiply];
  for (const ConnectionData &C : Run.Connections) {
    E.SkippedZeros += C.Skipped;
    if (C.FromHost)
      E.TableLookup += C.Counts[Action::SynapseAccumulate];
  }
  return E;
}

static NeuroBenchOps neuroBenchOps(const RunData &Run, bool Attention) {
  NeuroBenchOps Ops;
  for (const ConnectionData &C : Run.Connections) {
    if (C.FromHost || C.isMemory() != Attention)
      continue;
    Ops.EffectiveAcs += C.EffectiveAcs;
    Ops.EffectiveMacs += C.EffectiveMacs;
    Ops.Dense += C.Dense;
  }
  return Ops;
}

static UncountedOps uncountedOps(const RunData &Run) {
  UncountedOps Ops;
  Ops.Attention = neuroBenchOps(Run, /*Attention=*/true);
  for (const PopulationData &P : Run.Populations) {
    uint64_t &Sum = P.SendsSpikes ? Ops.Membranes : Ops.Norms;
    for (Action A : {Action::InstructionAdd, Action::InstructionMultiply,
                     Action::InstructionDivide, Action::InstructionExponential})
      Sum += P.Counts[A];
    if (P.SendsSpikes)
      Ops.MembraneUpdates += P.Counts[Action::NeuronUpdate];
  }
  return Ops;
}

static Activity activityOf(const StreamData &S, uint64_t TokenSteps) {
  Activity A;
  A.Stream = S.Name;
  bool Graded = S.Kind == image::PayloadKind::Signed ||
                S.Kind == image::PayloadKind::Unsigned;
  A.Kind = S.IsSpike ? "spikes" : Graded ? "graded" : "bits";
  A.Neurons = S.Neurons;
  A.Events = S.Events;
  double Chances = static_cast<double>(S.Neurons) * TokenSteps;
  A.Rate = Chances > 0 ? S.Events / Chances : 0;
  return A;
}

SynOpsReport countSynOps(const RunData &Run) {
  SynOpsReport R;
  R.Chip = chipEvents(Run);
  R.NeuroBench = neuroBenchOps(Run, /*Attention=*/false);
  R.Uncounted = uncountedOps(Run);
  double Spikes = 0, Chances = 0;
  for (const StreamData &S : Run.Streams) {
    if (S.IsRelay || S.FromHost)
      continue;
    R.Activities.push_back(activityOf(S, Run.tokenSteps()));
    if (S.IsSpike) {
      Spikes += static_cast<double>(S.Events);
      Chances += static_cast<double>(S.Neurons) * Run.tokenSteps();
    }
  }
  if (Chances > 0)
    R.MeanRate = Spikes / Chances;
  const NetworkData &N = Run.Network;
  const double Assumed = PaperFigures::AssumedRate;
  uint32_t Context = contextOf(Run);
  R.PaperOwnShape = paperEnergies(N.Layers, N.Width, Context, Assumed);
  R.PaperMeasuredRate =
      paperEnergies(N.Layers, N.Width, Context, R.MeanRate.value_or(0));
  R.PaperPublished =
      paperEnergies(1, PaperFigures::Width, PaperFigures::Context, Assumed);
  return R;
}

} // namespace synfire::report
