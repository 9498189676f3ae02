//===- simulator/report/Accounting.h - Four ways to count one -*- C++ -*-===//
//
// What a paper published, its formula at the published and at the measured
// rate, the operations that were counted at 45 nm, and this chip: side by side
// for the three published spiking language models, so that no figure stands for
// another. A property of the architecture that the image names.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_REPORT_ACCOUNTING_H
#define SYNFIRE_SIMULATOR_REPORT_ACCOUNTING_H

#include "simulator/report/RunData.h"

#include <optional>
#include <string>
#include <vector>

namespace synfire::report {

struct Analysis;

/// One accounting. Energies and operations are of all `Tokens` together; what
/// is not known, or not meant, is absent.
struct AccountingRow {
  /// `published`, `formula_published_rate`, `formula_measured_rate`,
  /// `counted_operations` or `this_chip`.
  std::string Kind;
  std::string What; ///< of which network, and how
  uint64_t Tokens = 0;
  uint32_t Steps = 1; ///< T
  /// Operations per dense multiply-accumulate and inner step.
  std::optional<double> Rate;
  std::optional<double> Operations, DenseOperations;
  std::optional<double> SpikingPj, DensePj;
  std::optional<double> WithStaticPj; ///< the chip alone
  /// Bits of a weight x bits of an activation, per multiply-accumulate.
  std::optional<double> Ace, DenseAce;

  std::optional<double> ratio() const; ///< dense / spiking energy
  std::optional<double> operationsToDense() const;
};

struct AccountingReport {
  std::string Architecture;
  std::string Source;     ///< the paper
  std::string Definition; ///< its formula, and what it leaves out
  double AccumulateEnergy = 0, MultiplyEnergy = 0; ///< pJ, 45 nm
  std::vector<AccountingRow> Rows;
};

/// Published and reconstructed figures of SpikeLM (arXiv 2406.03287).
struct SpikeLmFigures {
  static constexpr double AccumulateEnergy = 0.9; ///< pJ, 45 nm
  static constexpr double MultiplyEnergy = 4.6;   ///< pJ, 45 nm
  static constexpr uint32_t Layers = 12, Width = 768, Hidden = 3072;
  static constexpr uint64_t Tokens = 128;
  static constexpr uint32_t Steps = 4;
  static constexpr double PublishedDense = 51.41e9;  ///< pJ
  static constexpr double PublishedSpiking = 13.9e9; ///< pJ: 3.7 times less
  static constexpr double Rate = 0.33; ///< published for k = 2, T = 4
};

/// MACs of the matrices of an encoder, L (N (4 D^2 + 2 D F) + 2 N^2 D): the
/// count that reproduces the published energy of BERT-base.
double encoderMacs(double Layers, double Width, double Hidden, double Tokens);

/// Mean inner steps per channel, low + (1 - low) x 2^n: SpikeLLM's W4A4 with a
/// tenth salient in 2 steps has 1.1.
double meanSteps(double LowShare, uint32_t SalientBits);

/// None when no paper's accounting is known for the architecture, or the
/// network states no layers or width. Wants the modes, SynOps and Baseline.
std::optional<AccountingReport> computeAccounting(const Analysis &A);

} // namespace synfire::report

#endif // SYNFIRE_SIMULATOR_REPORT_ACCOUNTING_H
