//===- simulator/report/Accounting.cpp - Four ways to count one -----------===//

#include "simulator/report/Accounting.h"
#include "simulator/report/Analysis.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace synfire::report {

std::optional<double> AccountingRow::ratio() const {
  if (!SpikingPj || !DensePj || *SpikingPj <= 0)
    return std::nullopt;
  return *DensePj / *SpikingPj;
}

std::optional<double> AccountingRow::operationsToDense() const {
  if (!Operations || !DenseOperations || *DenseOperations <= 0)
    return std::nullopt;
  return *Operations / *DenseOperations;
}

double encoderMacs(double Layers, double Width, double Hidden, double Tokens) {
  return Layers * (Tokens * (4 * Width * Width + 2 * Width * Hidden) +
                   2 * Tokens * Tokens * Width);
}

double meanSteps(double LowShare, uint32_t SalientBits) {
  return LowShare + (1 - LowShare) * std::ldexp(1.0, int(SalientBits));
}

namespace {

/// What the accumulate-only matrices of the network did.
struct SpikeOps {
  double Operations = 0, Dense = 0;
};

SpikeOps spikeOps(const RunData &Run) {
  SpikeOps Ops;
  for (const ConnectionData &C : Run.Connections) {
    if (C.FromHost || !C.AccumulateOnly)
      continue;
    // The papers count spikes x fan-out; of a product of attention both sides
    // must be there.
    bool IsLinear = !C.isMemory();
    Ops.Operations += static_cast<double>(
        IsLinear ? C.Counts[Action::SynapseAccumulate] + C.Skipped
                 : C.EffectiveAcs + C.EffectiveMacs);
    Ops.Dense += static_cast<double>(C.Dense);
  }
  return Ops;
}

/// MACs of the matrices of the encoder over the sequences of the run.
double ownEncoderMacs(const RunData &Run) {
  const NetworkData &N = Run.Network;
  double Sum = 0;
  for (uint64_t Length :
       Run.Sequences.empty() ? std::vector{Run.Tokens} : Run.Sequences)
    Sum += encoderMacs(N.Layers, N.Width, N.Hidden, double(Length));
  return Sum;
}

class Accountant {
public:
  explicit Accountant(const Analysis &A) : A(A), Run(*A.Run) {
    Report.Architecture = Run.Network.Architecture;
  }

  AccountingReport spikeGpt();
  AccountingReport spikeLm();
  AccountingReport spikeLlm();

private:
  AccountingRow &row(const char *Kind, std::string What, uint64_t Tokens,
                     uint32_t Steps) {
    AccountingRow Row;
    Row.Kind = Kind;
    Row.What = std::move(What);
    Row.Tokens = Tokens;
    Row.Steps = Steps;
    return Report.Rows.emplace_back(std::move(Row));
  }
  std::optional<double> denseMacs() const {
    if (!A.Baseline)
      return std::nullopt;
    return A.Baseline->Run.Macs.total() * static_cast<double>(Run.Tokens);
  }
  /// Every weight that was fetched and every product of attention, head
  /// included, at 45 nm; and the chip itself.
  void addCounted() {
    const SynapticEvents &Chip = A.SynOps.Chip;
    auto Acs = static_cast<double>(Chip.spikeDriven());
    auto Macs = static_cast<double>(Chip.MultiplyAccumulate);
    AccountingRow &Counted =
        row("counted_operations",
            "this network: its accumulates and multiply-accumulates as "
            "counted, head included, embedding not",
            Run.Tokens, Run.Steps);
    Counted.Operations = Acs + Macs;
    Counted.DenseOperations = denseMacs();
    Counted.SpikingPj =
        Report.AccumulateEnergy * Acs + Report.MultiplyEnergy * Macs;
    if (Counted.DenseOperations)
      Counted.DensePj = Report.MultiplyEnergy * *Counted.DenseOperations;

    const ModeReport &Mode = A.main();
    auto Tokens = static_cast<double>(Run.Tokens);
    AccountingRow &OnChip =
        row("this_chip",
            fmt::format("this network on {}: all actions of the run, without "
                        "static power",
                        Run.Chip.Name),
            Run.Tokens, Run.Steps);
    OnChip.SpikingPj = Mode.DynamicPerToken.Nominal * Tokens;
    if (Mode.Energy.HasStatic)
      OnChip.WithStaticPj = Mode.PerToken.Nominal * Tokens;
    if (A.Baseline)
      OnChip.DensePj = A.Baseline->Run.OnChip.Dynamic.Nominal * Tokens;
  }

  const Analysis &A;
  const RunData &Run;
  AccountingReport Report;
};

AccountingReport Accountant::spikeGpt() {
  Report.Source = "arXiv 2302.13939, section 3.7 and table 1";
  Report.Definition = definition::Paper;
  Report.AccumulateEnergy = PaperFigures::AccumulateEnergy;
  Report.MultiplyEnergy = PaperFigures::MultiplyEnergy;
  AccountingRow &Published =
      row("published", "the paper's table: d 512; its rate is assumed there",
          PaperFigures::Context, 1);
  Published.Rate = PaperFigures::AssumedRate;
  Published.SpikingPj = PaperFigures::PublishedSpiking;
  Published.DensePj = PaperFigures::PublishedVanilla;
  auto formula = [&](const char *Kind, const char *What,
                     const PaperEnergies &P) {
    AccountingRow &Row = row(Kind, What, P.Context, 1);
    double L = P.Layers, D = P.Width, T = P.Context;
    Row.Rate = P.Rate;
    Row.DenseOperations = L * 9 * T * D * D;
    Row.Operations = *Row.DenseOperations * P.Rate;
    Row.SpikingPj = P.Spiking;
    Row.DensePj = P.VanillaWithoutAttention;
  };
  formula("formula_published_rate",
          "the formula for this network, without attention",
          A.SynOps.PaperOwnShape);
  if (A.SynOps.MeanRate)
    formula("formula_measured_rate",
            "the same at the mean firing rate of this run",
            A.SynOps.PaperMeasuredRate);
  addCounted();
  return std::move(Report);
}

AccountingReport Accountant::spikeLm() {
  using F = SpikeLmFigures;
  const NetworkData &N = Run.Network;
  Report.Source = "arXiv 2406.03287; formula reconstructed";
  Report.Definition =
      "E = T x rate x MAC x 0.9 pJ against MAC x 4.6 pJ (45 nm, 32-bit "
      "floats), MAC = L (N (4 D^2 + 2 D F) + 2 N^2 D): reconstructed by us; it "
      "gives the published 51.41 mJ of BERT-base at N = 128 to three digits. "
      "It "
      "counts the matrices of the encoder and the products of attention as "
      "accumulates, and leaves out norms, softmax, GELU, membranes, embedding, "
      "head, all memory and all traffic. What is saved is the ratio of 4.6 to "
      "0.9: at T = 4 there are more operations than in the dense encoder.";
  Report.AccumulateEnergy = F::AccumulateEnergy;
  Report.MultiplyEnergy = F::MultiplyEnergy;
  double Base = encoderMacs(F::Layers, F::Width, F::Hidden, F::Tokens);
  AccountingRow &Published =
      row("published",
          "BERT-base, as later papers quote the table (3.7 times less)",
          F::Tokens, F::Steps);
  Published.SpikingPj = F::PublishedSpiking;
  Published.DensePj = F::PublishedDense;
  auto formula = [&](const char *Kind, const char *What, uint64_t Tokens,
                     uint32_t Steps, double Macs, double Rate) {
    AccountingRow &Row = row(Kind, What, Tokens, Steps);
    Row.Rate = Rate;
    Row.DenseOperations = Macs;
    Row.Operations = Steps * Rate * Macs;
    Row.SpikingPj = *Row.Operations * F::AccumulateEnergy;
    Row.DensePj = Macs * F::MultiplyEnergy;
  };
  formula("formula_published_rate",
          "the formula for BERT-base at the published rate of k = 2", F::Tokens,
          F::Steps, Base, F::Rate);
  double Own = ownEncoderMacs(Run);
  formula("formula_published_rate", "the formula for this network at that rate",
          Run.Tokens, Run.Steps, Own, F::Rate);
  if (SpikeOps Ops = spikeOps(Run); N.Hidden && Ops.Dense > 0)
    formula("formula_measured_rate",
            "the same at the measured rate: accumulates / products of the "
            "spiking matrices",
            Run.Tokens, Run.Steps, Own, Ops.Operations / Ops.Dense);
  addCounted();
  return std::move(Report);
}

AccountingReport Accountant::spikeLlm() {
  const NetworkData &N = Run.Network;
  constexpr double Float16 = 16 * 16;
  Report.Source = "arXiv 2407.04752; no energy is published there";
  Report.Definition =
      "The paper's unit is ACE: bits of the weight x bits of the activation "
      "per "
      "multiply-accumulate, times the mean steps per channel (low share + "
      "salient share x T). It publishes no energy, so the rows with one are "
      "the "
      "customary 45 nm figures for arithmetic (0.9 pJ an accumulate, 4.6 pJ a "
      "multiply-accumulate of 32-bit floats) applied to what was counted. An "
      "operation is one accumulate per spike and weight: code c is c spikes in "
      "unary coding, one per bit that is set in planes, one "
      "multiply-accumulate "
      "per event that is not 0 when graded. Norms, softmax, rotation, gates, "
      "the range of each token and all memory are left out.";
  Report.AccumulateEnergy = SpikeLmFigures::AccumulateEnergy;
  Report.MultiplyEnergy = SpikeLmFigures::MultiplyEnergy;
  AccountingRow &Published =
      row("published",
          "no energy; ACE of W4A4, a tenth salient in T = 2 steps "
          "(our arithmetic), against 16-bit floats",
          1, 2);
  Published.Ace = 4 * 4 * meanSteps(0.9, 1);
  Published.DenseAce = Float16;
  if (N.WeightCodeBits && N.CodeBits) {
    AccountingRow &Own = row("formula_published_rate",
                             "ACE of this network's bits and salient share",
                             Run.Tokens, 1u << std::min(N.SalientBits, 8u));
    Own.Ace =
        N.WeightCodeBits * N.CodeBits * meanSteps(N.LowShare, N.SalientBits);
    Own.DenseAce = Float16;
  }
  SpikeOps Ops = spikeOps(Run);
  if (std::optional<double> Dense = denseMacs(); Dense && Ops.Operations > 0) {
    AccountingRow &Row = row("formula_measured_rate",
                             "accumulates of the matrices that spikes drive, "
                             "against all products of the dense network",
                             Run.Tokens, Run.Steps);
    Row.Operations = Ops.Operations;
    Row.DenseOperations = *Dense;
    Row.Rate = Ops.Operations / *Dense;
    Row.SpikingPj = Report.AccumulateEnergy * Ops.Operations;
    Row.DensePj = Report.MultiplyEnergy * *Dense;
  }
  addCounted();
  return std::move(Report);
}

} // namespace

std::optional<AccountingReport> computeAccounting(const Analysis &A) {
  const NetworkData &N = A.Run->Network;
  if (!N.Layers || !N.Width)
    return std::nullopt;
  Accountant Of(A);
  if (N.Architecture == "spikegpt")
    return Of.spikeGpt();
  if (N.Architecture == "spikelm")
    return Of.spikeLm();
  if (N.Architecture == "spikellm")
    return Of.spikeLlm();
  return std::nullopt;
}

} // namespace synfire::report
