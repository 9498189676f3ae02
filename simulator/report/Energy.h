//===- simulator/report/Energy.h - Energy is count x cost -------*- C++ -*-===//
//
// The one place where energy is computed: each term is an integer count of the
// simulator times a cost row of the target, with its range, evidence and
// source, or static power times simulated time. Terms are kept, so that any
// sum can be explained. All of them are added: a chip description in which an
// all-in cost would be charged twice is refused when it is read.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_REPORT_ENERGY_H
#define SYNFIRE_SIMULATOR_REPORT_ENERGY_H

#include "simulator/report/RunData.h"

#include <string_view>

namespace synfire::report {

/// A figure with its range, in picojoules.
struct EnergyRange {
  double Low = 0, Nominal = 0, High = 0;

  EnergyRange &operator+=(const EnergyRange &O) {
    Low += O.Low;
    Nominal += O.Nominal;
    High += O.High;
    return *this;
  }
  EnergyRange operator*(double Factor) const {
    return {Low * Factor, Nominal * Factor, High * Factor};
  }
};

/// Parts of a chip that energy is split into.
enum class Component : uint8_t {
  Synapses, ///< weight reads, accumulations, input axons, writes
  Neurons,  ///< program access, instructions, emission
  Messages, ///< leaving and entering a core
  Hops,     ///< between routers
  ChipLinks,
  Barrier,
  Static,
};
inline constexpr unsigned NumComponents = 7;
std::string_view componentName(Component C);
Component componentOf(Action A);

/// count x coefficient of one action over the whole run.
struct EnergyTerm {
  Component Part = Component::Synapses;
  std::string Action; ///< YAML key of the cost row, or `static.per_chip` ...
  double Count = 0;   ///< actions; chip or core seconds for static power
  EnergyRange Coefficient; ///< pJ per action; pJ per second for static power
  EnergyRange Energy;      ///< Count x Coefficient
  Grade Evidence = Grade::Assumed;
  Scope EnergyScope = Scope::Incremental;
  std::string Formula; ///< with the numbers in it
  std::string Source;
};

/// Energy of something that has a name.
struct NamedEnergy {
  std::string Name;
  EnergyRange Energy;
};

struct EnergyReport {
  std::vector<EnergyTerm> Terms; ///< in action order, static last
  std::array<EnergyRange, NumComponents> ByComponent;
  EnergyRange Total;                     ///< sum over ByComponent
  std::vector<NamedEnergy> ByCore;       ///< without barrier and static
  std::vector<NamedEnergy> ByPopulation; ///< in the order of the run
  std::vector<NamedEnergy> ByConnection;
  /// Populations, connections and what streams sent (messages, hops, links,
  /// direct writes) by layerOf(); then `traffic` that no stream owns, `barrier`
  /// and `static`.
  std::vector<NamedEnergy> ByLayer;
  bool HasStatic = false; ///< static power is in the sums
  std::vector<std::string> Notes;
};

/// Energy of \p Run in \p Mode (its barriers and its time; with a mode that
/// has no time, barrier and static power are left out and a note says so).
/// Fails with RunFailed and rule `report-counts-open` when cores do not sum to
/// the total or populations, connections and streams exceed it.
Result<EnergyReport> computeEnergy(const RunData &Run, std::string_view Mode);

/// Energy of \p Counts under \p Costs.
EnergyRange energyOf(const ActionCounts &Counts, const CostTable &Costs);

} // namespace synfire::report

#endif // SYNFIRE_SIMULATOR_REPORT_ENERGY_H
