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
  AllIn,       ///< chip power / operations: nothing may be added on top
};

/// X(name, YAML key): the actions a chip is charged for. Counters carry the
/// same names.
#define SYNFIRE_ACTIONS(X)                                                     \
  X(SynapseAccumulate, "synapse_accumulate")                                   \
  X(SynapseMultiply, "synapse_multiply_accumulate")                            \
  X(SynapseByteRead, "synapse_byte_read")                                      \
  X(AxonLookup, "axon_lookup")                                                 \
  X(DirectWrite, "direct_write")                                               \
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
  Nanoseconds Time; ///< per action at the unit that performs it
  Scope EnergyScope = Scope::Incremental;
  Grade EnergyGrade = Grade::Assumed;
  Grade TimeGrade = Grade::Assumed;
  std::string EnergySource; ///< paper and table, or why it is assumed
  std::string TimeSource;
  /// Why the chip has no such action; empty when it has.
  std::string NotApplicable;
};

/// Power that flows as long as the system is on.
struct StaticPower {
  Watts PerChip;
  Watts PerCore; ///< of each core in use
  Grade Evidence = Grade::Assumed;
  std::string Source;
};

/// Barrier time as a straight line through the chips in use:
/// Base + PerTile x (routers in use on the fullest chip) + PerChip x (chips-1).
struct BarrierTime {
  Nanoseconds Base;
  Nanoseconds PerTile;
  Nanoseconds PerChip;
  Grade Evidence = Grade::Assumed;
  std::string Source;
};

/// Bandwidth and latency of a chip-to-chip link.
struct ChipLink {
  double BitsPerNanosecond = 0;
  Nanoseconds Latency;
  Grade Evidence = Grade::Assumed;
  std::string Source;
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
