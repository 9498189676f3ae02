//===- targets/ChipSpec.h - What a chip is ----------------------*- C++ -*-===//
//
// The validated description of a chip and of the system it is part of. It is
// the only place that knows a hardware limit: the compiler, the verifiers, the
// simulator and the report all ask it. A literal such as 1024 anywhere else is
// a bug. docs/chip-yaml.md lists the keys; targets/chips/ holds the chips.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_TARGETS_CHIPSPEC_H
#define SYNFIRE_TARGETS_CHIPSPEC_H

#include "targets/CostTable.h"
#include "targets/Image.h"
#include "targets/Isa.h"
#include "targets/NocSpec.h"
#include "targets/Status.h"
#include "targets/SynapseStore.h"
#include "targets/Units.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace synfire {

/// A place in the global router grid: X grows to the east, Y to the south.
struct Coord {
  uint32_t X = 0;
  uint32_t Y = 0;
  auto operator<=>(const Coord &) const = default;
};

/// A number of a target with where it comes from.
struct Sourced {
  double Value = 0;
  std::string Unit;
  Grade Evidence = Grade::Assumed;
  std::string Source;
};

/// Limits of one core. Memory is either one pool that everything shares
/// (UnifiedBytes) or one pool per use; a pool that is not given is not limited
/// by itself.
struct CoreLimits {
  uint32_t Neurons = 0;     ///< neurons (program instances) per core
  uint32_t InputAxons = 0;  ///< distinct (source neuron, core) inputs
  uint32_t OutputFlows = 0; ///< routes that start at the core
  std::optional<Bytes> UnifiedBytes;
  std::optional<Bytes> SynapseBytes;
  std::optional<Bytes> StateBytes;   ///< states, accumulators and buffers
  std::optional<Bytes> ProgramBytes; ///< programs and parameters
  std::optional<Bytes> AxonBytes;    ///< input and routing tables
  uint32_t AxonEntryBytes = 4;       ///< memory of one input axon
  uint32_t AccumulatorBits = 32;     ///< width of a synaptic sum, 8 .. 32
  std::vector<uint32_t> WeightBits;  ///< widths a synapse can be stored at
  uint32_t AccumulateLanes = 1;      ///< synapses accumulated at the same time
  uint32_t ProgramLanes = 1;         ///< neurons updated at the same time
  /// Events can write synapses while a network runs: what attention needs.
  bool DynamicSynapses = false;
  /// Weights of zero are not stored as synapses, so an event costs nothing
  /// where they are: time and energy of synapses are those of the others.
  bool SkipsZeroWeights = false;
  /// The sums of the next step have memory of their own: a core accumulates
  /// while its neurons update, and past the barrier, until its neurons need
  /// the sums. False: a step ends when all of its synapses are done.
  bool BufferedSums = false;
  SynapseStore Synapses; ///< what weights take of the core's memory
  /// Width of the signed exponent e of a stored weight w 2^e; 0: weights have
  /// none, and programs scale the sums.
  uint32_t WeightExponentBits = 0;
};

/// The numbers that a neuron calculates with.
enum class Arithmetic : uint8_t {
  Float32, ///< IEEE binary32
  Fixed,   ///< integers with a scale that the compiler chooses
};
/// What becomes of the bits that a product loses.
enum class Rounding : uint8_t { TowardZero, Down, Nearest };
/// What becomes of a state beyond its width.
enum class Overflow : uint8_t { Saturate, Wrap };

/// What a neuron can compute.
struct NeuronUnit {
  /// False: only the fixed leaky integrate-and-fire rule of the chip.
  bool Programmable = true;
  /// Cost classes that programs may use.
  std::vector<isa::CostClass> Instructions;
  uint32_t ProgramWords = 0;     ///< longest program, in instructions
  uint32_t InstructionBytes = 4; ///< memory of one instruction on the chip
  Arithmetic Numbers = Arithmetic::Float32;
  // Of fixed arithmetic; registers have 32 bits.
  uint32_t StateBits = 32;      ///< signed width of a state and a parameter
  uint32_t MultiplierBits = 32; ///< signed width of a constant factor
  Rounding Rounds = Rounding::TowardZero;
  Overflow Beyond = Overflow::Saturate;
};

/// What an event can carry.
struct EventFormat {
  std::vector<image::PayloadKind> Kinds;
  uint32_t PayloadBits = 0; ///< widest graded payload, 0 when none
  uint32_t HeaderBits = 32; ///< flow and neuron index, without payload
  /// Work is started by events. False: layers run densely, on a fixed schedule.
  bool Driven = true;
};

/// How chips make a system. Chips form a grid; a system is as many chips of it
/// as the network needs, up to MaxChips.
struct SystemSpec {
  uint32_t MaxChips = 1;
  uint32_t GridWidth = 1; ///< chips per row of the grid
  /// Cores of a chip that may be used; fewer than the mesh holds when some are
  /// reserved. They are the first ones in core order.
  uint32_t UsableCores = 0;
  /// Widest chip-to-chip transfer in bits (a flit of the external link).
  uint32_t LinkWidthBits = 32;
  bool Barrier = true; ///< ticks end with a barrier
};

/// A validated chip with its system and costs.
class ChipSpec {
public:
  std::string Name;
  std::string Summary;
  /// What a network has to live with, in a sentence; may be empty. `compile`
  /// says it to a network that cannot run here.
  std::string Limits;
  CoreLimits Core;
  NeuronUnit Neuron;
  EventFormat Event;
  NocSpec Noc;
  SystemSpec System;
  CostTable Costs;
  /// Where each number outside of Costs comes from, by key (`core.neurons`).
  /// Value and Unit of an entry repeat nothing and stay empty.
  std::map<std::string, Sourced> Origins;

  /// Reads a chip by name (`loihi2`) or file (`x.yaml`), applies `key=value`
  /// \p Overrides in order, and validates. Reports every mistake at once, each
  /// with file:line:column and the nearest known key.
  static Result<ChipSpec> load(const std::string &NameOrFile,
                               const std::vector<std::string> &Overrides = {});
  /// The same from text; \p FileName is used in messages only.
  static Result<ChipSpec> parse(const std::string &Yaml,
                                const std::string &FileName,
                                const std::vector<std::string> &Overrides = {});
  /// Names of the chips that load() finds, sorted.
  static std::vector<std::string> names();

  /// The fully resolved description: every key, in a fixed order, with cost
  /// sources. parse(resolvedYaml()) gives an equal spec; its XXH3 is the
  /// target's hash.
  std::string resolvedYaml() const;
  uint64_t hash() const;

  uint32_t coresPerChip() const;
  /// Routers of the whole grid, west to east; independent of the chips in use,
  /// so that a core keeps its number when the system grows.
  uint32_t systemWidth() const;
  /// Routers of the rows of chips that \p Chips chips need, north to south.
  uint32_t systemHeight(uint32_t Chips) const;
  Coord coordOf(RouterId R) const;
  RouterId routerAt(Coord C) const;
  RouterId routerOf(CoreId C) const;
  uint32_t localIndexOf(CoreId C) const;
  /// Chip (row-major in the grid) that holds a router.
  uint32_t chipOf(RouterId R) const;
  /// The router that \p Port of \p R leads to; none at an edge of the grid of
  /// System.MaxChips chips, and for image::Host. A torus has no edges.
  std::optional<RouterId> neighbour(RouterId R, image::Port Port) const;
  /// True when the link between two neighbouring routers leaves the chip.
  bool crossesChips(Coord A, Coord B) const;
  /// The \p N-th usable core of chip \p Chip, in core order.
  CoreId usableCore(uint32_t Chip, uint32_t N) const;
  /// Where tokens enter and results leave.
  RouterId hostRouter() const { return RouterId{0}; }
  bool hasInstruction(isa::CostClass Class) const;
  /// The inverse of usableCore: the place of \p C in the core order of its
  /// chip. The core may be used when this is below System.UsableCores.
  uint32_t indexOnChip(CoreId C) const;
};

/// One number of a target, as `synfire targets NAME` prints it.
struct SpecRow {
  std::string Key; ///< dotted, as `--set` takes it
  std::string Value;
  std::string Unit;   ///< empty for a count
  char Evidence;      ///< M, P, D, A
  std::string Scope;  ///< `incremental` or `all_in`; empty unless an energy
  std::string Source; ///< paper and table, or why it is assumed
  std::string Low{};  ///< ends of the range; empty when there is none
  std::string High{};
};

/// Every number of \p Spec with its evidence, in the order of resolvedYaml().
std::vector<SpecRow> describe(const ChipSpec &Spec);

} // namespace synfire

#endif // SYNFIRE_TARGETS_CHIPSPEC_H
