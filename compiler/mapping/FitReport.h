//===- compiler/mapping/FitReport.h - Used and available --------*- C++ -*-===//
//
// How a network fills a target, limit by limit; made whether it fits or not.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_COMPILER_MAPPING_FITREPORT_H
#define SYNFIRE_COMPILER_MAPPING_FITREPORT_H

#include "targets/ChipSpec.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace synfire::mapping {

/// What a target limits, in the order of the table.
enum class Limit {
  Neurons,
  InputAxons,
  OutputFlows,
  UnifiedBytes,
  SynapseBytes,
  StateBytes,
  ProgramBytes,
  AxonBytes,
  ProgramWords,
  AccumulatorBits,
  WeightBits,
  PayloadKinds,
  PayloadBits,
  DynamicSynapses,
  Chips,
};
inline constexpr unsigned NumLimits = 15;

/// The key of the chip description that sets \p L, such as
/// `core.unified_bytes`.
std::string_view keyOf(Limit L);

/// What one core holds, in the units of ChipSpec::Core.
struct CoreUse {
  uint64_t Neurons = 0;
  uint64_t InputAxons = 0; ///< Mapping::indicesHeardBy
  uint64_t OutputFlows = 0;
  uint64_t SynapseBytes = 0; ///< stored weights
  uint64_t DynamicBytes = 0; ///< synapses that events write; in the same pool
  uint64_t StateBytes = 0;
  uint64_t AccumulatorBytes = 0;
  uint64_t ProgramBytes = 0;
  uint64_t ParameterBytes = 0;
  /// AxonEntryBytes for every entry of every axon (Mapping::entriesOf).
  uint64_t AxonBytes = 0;
  /// Expected per token step: synaptic events, events that arrive one to one,
  /// and instructions, all alike. No chip limits it; spreading a network does.
  double Work = 0;

  uint64_t totalBytes() const {
    return SynapseBytes + DynamicBytes + StateBytes + AccumulatorBytes +
           ProgramBytes + ParameterBytes + AxonBytes;
  }
  CoreUse &operator+=(const CoreUse &O);
  /// What is used of \p L, which is a limit per core.
  uint64_t used(Limit L) const;
};

/// What a core of \p Chip offers of \p L; nothing when it is not limited.
std::optional<uint64_t> available(const ChipSpec &Chip, Limit L);
/// The first limit that \p Use breaks.
std::optional<Limit> brokenLimit(const ChipSpec &Chip, const CoreUse &Use);

/// One line of the table.
struct LimitUse {
  Limit What;
  uint64_t Used = 0; ///< most that any core uses; chips: of the system
  uint64_t Available = 0;
  uint64_t Total = 0; ///< over all cores; equal to Used for chips and bits
  uint32_t Core = 0;  ///< logical core that uses most
};

/// Why a network does not fit.
struct Misfit {
  Limit What;
  uint64_t Needed = 0;
  uint64_t Available = 0;
  std::string Thing;            ///< population or linear that broke the limit
  std::optional<uint32_t> Core; ///< logical core, when one was chosen
  /// Smallest change of the chip that gets past this limit, such as
  /// `core.unified_bytes >= 24576 (now 16384)`.
  std::string Change;
};

struct FitReport {
  std::vector<LimitUse> Limits; ///< in the order of Limit; limited ones only
  std::optional<Misfit> Failure;
  uint32_t Cores = 0; ///< used
  uint32_t CoresLowerBound = 0;
  uint32_t Chips = 0; ///< needed for the cores
  /// Bytes used of the bytes that the pools of the used cores have; 0 when the
  /// target limits no pool.
  double FillPercent = 0;
  /// Memory that events write, of the synapses above: of all cores, and the
  /// most of one.
  uint64_t DynamicBytes = 0, DynamicBytesOfCore = 0;

  bool fits() const { return !Failure; }
  /// The failure as an Error of kind DoesNotFit; call only when !fits().
  Error error() const;
  /// The table as text: a line per limit, then how full the cores are.
  std::string table() const;
};

} // namespace synfire::mapping

#endif // SYNFIRE_COMPILER_MAPPING_FITREPORT_H
