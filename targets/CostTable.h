//===- targets/CostTable.h - What an action costs ---------------*- C++ -*-===//
//
// One row per action of the chip: energy and time, each with its evidence.
// Energy is count x cost and nothing else; it is computed by the report from
// the simulator's integer counters, never inside the simulator.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_TARGETS_COSTTABLE_H
#define SYNFIRE_TARGETS_COSTTABLE_H

#include "targets/Isa.h"
#include "targets/Units.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace synfire {

/// How a figure came to be (targets.md): the letter is what files carry.
enum class Grade : uint8_t {
  Measured,  ///< M: on silicon, published
  Published, ///< P: design value, vendor figure, pre-silicon simulation
  Derived,   ///< D: arithmetic from published figures
  Assumed,   ///< A: nobody published it; ours
};
char gradeLetter(Grade G);

/// What an energy figure includes.
enum class Scope : uint8_t {
  Incremental, ///< one more operation
  AllIn,       ///< chip power / operations: no other cost may stand beside it
};

/// X(name, YAML key): the actions a chip is charged for. Counters carry the
/// same names.
#define SYNFIRE_ACTIONS(X)                                                     \
  X(SynapseAccumulate, "synapse_accumulate")                                   \
  X(SynapseMultiply, "synapse_multiply_accumulate")                            \
  X(SynapseByteRead, "synapse_byte_read")                                      \
  X(AxonLookup, "axon_lookup")                                                 \
  X(DirectWrite, "direct_write")                                               \
  X(DynamicWrite, "dynamic_write")                                             \
  X(NeuronUpdate, "neuron_update")                                             \
  X(InstructionMove, "instruction_move")                                       \
  X(InstructionMemory, "instruction_memory")                                   \
  X(InstructionAdd, "instruction_add")                                         \
  X(InstructionMultiply, "instruction_multiply")                               \
  X(InstructionDivide, "instruction_divide")                                   \
  X(InstructionExponential, "instruction_exponential")                         \
  X(InstructionLogic, "instruction_logic")                                     \
  X(InstructionConvert, "instruction_convert")                                 \
  X(InstructionEmit, "instruction_emit")                                       \
  X(SpikeEmit, "spike_emit")                                                   \
  X(MessageOut, "message_out")                                                 \
  X(MessageIn, "message_in")                                                   \
  X(HopEastWest, "hop_east_west")                                              \
  X(HopNorthSouth, "hop_north_south")                                          \
  X(ChipLinkBit, "chip_link_bit")                                              \
  X(Barrier, "barrier")

enum class Action : uint8_t {
#define SYNFIRE_X(Name, Key) Name,
  SYNFIRE_ACTIONS(SYNFIRE_X)
#undef SYNFIRE_X
};
inline constexpr unsigned NumActions = 0
#define SYNFIRE_X(Name, Key) +1
    SYNFIRE_ACTIONS(SYNFIRE_X)
#undef SYNFIRE_X
    ;
std::string_view actionKey(Action A);
/// The row that executing an instruction of \p Class is charged to.
Action instructionAction(isa::CostClass Class);

/// Energy and time of one action. Low <= nominal <= high; equal when the
/// source gives a single figure.
struct Cost {
  Picojoules Energy; ///< per action, nominal
  Picojoules EnergyLow;
  Picojoules EnergyHigh;
  /// Per action on one lane of the unit that performs it. The range is for
  /// sensitivity; simulated time takes the nominal one.
  Nanoseconds Time;
  Nanoseconds TimeLow;
  Nanoseconds TimeHigh;
  Scope EnergyScope = Scope::Incremental;
  Grade EnergyGrade = Grade::Assumed;
  Grade TimeGrade = Grade::Assumed;
  std::string EnergySource; ///< paper and table, or why it is assumed
  std::string TimeSource;
  /// Why the chip has no such action; empty when it has.
  std::string NotApplicable;
};

/// A quantity with its range and where it comes from: Low <= Value <= High.
/// Assigning a plain quantity makes it exact.
template <typename Q>
struct Ranged : Q {
  Q Low, High;
  Grade Evidence = Grade::Assumed;
  std::string Source;

  Ranged &operator=(Q Exact) {
    Low = High = static_cast<Q &>(*this) = Exact;
    return *this;
  }
};

/// Power that flows as long as the system is on.
struct StaticPower {
  Ranged<Watts> PerChip;
  Ranged<Watts> PerCore;       ///< of each core that holds something
  Ranged<Watts> PerIdleCore;   ///< of each other usable core of a chip in use
  Ranged<Watts> HostProcessor; ///< of the embedded processors, per chip
};

/// A barrier over at least this many tiles takes this long.
struct BarrierStep {
  uint32_t Tiles = 0;
  Nanoseconds Time, Low, High;
};

/// Barrier time, as a straight line through the tiles in use or, when Steps is
/// not empty, as a table; see barrierTime().
struct BarrierTime {
  Ranged<Nanoseconds> Base;
  Ranged<Nanoseconds> PerTile;
  Ranged<Nanoseconds> PerChip;
  std::vector<BarrierStep> Steps; ///< by rising tiles, the first at 1
  Grade StepEvidence = Grade::Assumed;
  std::string StepSource;
};

/// Time of the barrier over \p Tiles routers in use on the fullest of \p Chips
/// chips: Base + PerTile x Tiles, or the last step with at most that many
/// tiles; then PerChip for each chip but one.
Nanoseconds barrierTime(const BarrierTime &B, uint32_t Tiles, uint32_t Chips);

/// Bandwidth and latency of a chip-to-chip link.
struct ChipLink {
  double BitsPerNanosecond = 0;
  double BitsPerNanosecondLow = 0;
  double BitsPerNanosecondHigh = 0;
  Grade Evidence = Grade::Assumed; ///< of the bandwidth
  std::string Source;
  Ranged<Nanoseconds> Latency;
};

struct CostTable {
  std::array<Cost, NumActions> Rows;
  StaticPower Static;
  BarrierTime Barrier;
  ChipLink Link;
  std::string OperatingPoint; ///< voltage, temperature, or "not published"

  const Cost &operator[](Action A) const {
    return Rows[static_cast<unsigned>(A)];
  }
  Cost &operator[](Action A) { return Rows[static_cast<unsigned>(A)]; }
};

} // namespace synfire

#endif // SYNFIRE_TARGETS_COSTTABLE_H
