//===- simulator/timing/Work.h - What a tick asks of cores ------*- C++ -*-===//
//
// The time that cores and routes are kept busy, from counts. Every fidelity
// starts from this and adds up the same work; they differ in what they say
// about waiting.
//
//   programs    neuron update and instructions of the neurons that run, and the
//               stores of a reset, on core.program_lanes neurons at a time
//   sending     events emitted, messages out
//   receiving   messages in, axon look-ups
//   synapses    weight rows (core.accumulate_lanes synapses at a time, and
//               their bytes), direct writes and writes into dynamic tiles; a
//               row of a kernel that is met in part takes as many turns as a
//               whole one. Where the chip skips zero weights
//               (core.skips_zero_weights) the others fill the lanes, row after
//               row; bytes stay those of the rows as stored
//
// What a level sends is charged to the tick in which it runs, at both ends;
// what the host sends, to the token step's first tick in the sweep. What waits
// for a delay is carried when it is sent and taken (looked up, added) when the
// block that reads it runs, or at the last level of a sweep whose sums are
// held; a core does that before its programs. The units of a core do not
// overlap: an upper bound (SANA-FE adds them up too); where sums are buffered
// they do (simulator/timing/BufferedSums.h).
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_TIMING_WORK_H
#define SYNFIRE_SIMULATOR_TIMING_WORK_H

#include "simulator/engine/Activity.h"
#include "simulator/timing/Timing.h"

#include <span>

namespace synfire::sim {

/// Events of one flow in a tick; each goes once over every link of the flow.
struct FlowLoad {
  uint32_t Flow = 0;
  uint32_t Events = 0;
};
/// The time that a block is busy with its program and with sending.
struct SendLoad {
  uint32_t Block = 0;
  double Ns = 0;
};
/// The time that a core is busy with all events of one arrival.
struct ArrivalLoad {
  uint32_t Arrival = 0;
  double Ns = 0;
};

/// The time that a core is busy with what its neurons need in the same tick.
struct TakenLoad {
  uint32_t Core = 0; ///< index into Image::cores()
  double Ns = 0;
};

/// Work of one tick. Lists may name a flow or a block once per token.
struct TickWork {
  std::vector<CoreBusy> Cores; ///< per core of the image
  std::vector<FlowLoad> Loads; ///< flows with events that use links or arrive
  /// Direct writes within the core included. Ascending within a level.
  std::vector<SendLoad> Sends;
  std::vector<ArrivalLoad> Arrivals; ///< that are messages, with events
  std::vector<TakenLoad> Taken;      ///< what has waited for a delay
  std::vector<TakenLoad> Given;      ///< what the host has sent
  void clear();
};

/// Turns the counts of a token into work, level by level.
class WorkPlan {
public:
  /// \p Messages: fill Sends and Arrivals as well. \p Plan and \p Image
  /// must outlive it.
  WorkPlan(const Wiring &Plan, const image::Image &Image, const ChipSpec &Spec,
           bool Messages);

  size_t numLevels() const { return Levels.size(); }
  size_t numCores() const { return Cores; }
  /// Adds what level \p Level does for the token of \p Token.
  void add(const TokenActivity &Token, size_t Level, TickWork &Work) const;

private:
  /// Time per unit of one count.
  struct Charge {
    uint32_t Core;  ///< index into Image::cores()
    uint32_t Count; ///< index into the token's counts
    double Ns;
  };
  struct Delivery {
    uint32_t Index;
    double LookupNs, SynapseNs; ///< per event; of a convolution per row met
    /// What an event does depends on the rows that are there.
    bool Dynamic;
    bool Window;
  };
  struct Arrival {
    uint32_t Core, Flow, Index;
    bool IsMessage;
    uint32_t FirstDelivery, NumDeliveries;
  };
  struct Block {
    uint32_t Core, Index;
    double ProgramNs; ///< when all its neurons run
    double ResetNs;   ///< of a token step that begins with a reset
  };
  struct Level {
    std::vector<Block> Blocks;
    std::vector<Charge> Outputs, Flows;
    std::vector<Arrival> Arrivals;
    std::vector<Delivery> Deliveries; ///< by arrival
    std::vector<uint32_t> Routed;     ///< flows that send messages
    /// Deliveries with a delay, ascending by core.
    std::vector<std::pair<uint32_t, Delivery>> Delayed;
  };

  void planBlocks();
  void planArrivals();
  /// Levels at which \p Flow starts: one, or one per sweep of the host.
  std::vector<uint32_t> levelsOf(const FlowPlan &Flow) const;
  double programNs(const BlockPlan &B, uint32_t Running) const;
  double programNs(const Block &B, const StepPlace &At) const;
  double rowNs(const DeliveryPlan &D, uint32_t Cols, uint32_t Bytes) const;
  double synapsesNs(const Delivery &D, const TokenActivity &Token) const;
  /// Of \p D that meets weights that do not change, when zeros are skipped.
  double nonZeroNs(const Delivery &D, const TokenActivity &Token) const;
  void addDelayed(const TokenActivity &Token, const Level &L,
                  TickWork &Work) const;
  double dynamicNs(const DeliveryPlan &D, const StepPlace &At) const;
  void addSends(const TokenActivity &Token, const Level &L,
                TickWork &Work) const;
  /// The load of the block that \p Flow starts at, in the part of Work.Sends
  /// that was added last.
  double &sendOf(uint32_t Flow, const Level &L, TickWork &Work) const;

  double ns(Action A) const { return Ns[static_cast<unsigned>(A)]; }

  const Wiring &Plan;
  const image::Image &Image;
  size_t Cores = 0;
  bool Messages = false;
  std::array<double, NumActions> Ns{};
  uint32_t ProgramLanes = 1, AccumulateLanes = 1;
  double EmitNs = 0, MessageOutNs = 0, MessageInNs = 0;
  std::vector<Level> Levels;
};

} // namespace synfire::sim

#endif // SYNFIRE_SIMULATOR_TIMING_WORK_H
