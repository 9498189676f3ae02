//===- simulator/timing/BufferedSums.h - Ticks that overlap -----*- C++ -*-===//
//
// Cores whose sums of the next step have memory of their own
// (core.buffered_sums). In a core of Loihi the synapse, dendrite and axon units
// are a pipeline (Davies 2018): while neurons are updated and send, and after
// the barrier, the synapse unit adds up what has come for the next step. So a
// barrier waits until every core has updated its neurons and sent and every
// message is there, not until its synapses are added; a core's own neurons wait
// for its own sums. For core c and tick t:
//
//   N(c,t) = max(B(t-1), S(c,t-1))         its neurons begin
//   E(c,t) = N(c,t) + programs + sending   it has sent
//   S(c,t) = max(S(c,t-1), first arrival) + receiving + synapses
//   B(t)   = max(E(c,t) over all c, first N of a sender + network) + barrier
//
// A first arrival is the earliest N of a core that sends to c in tick t. That
// no event is used before it is sent needs no term of its own: sums of t are
// read after B(t), and nothing is sent later. S assumes that events never run
// out between the first and the last; `event` has a queue instead, and takes
// the later of both.
//
// What a network reads in the tick in which it is sent (what the host sends) is
// added up before N, from B(t-1) on. What waits for a delay is counted when it
// is read; it came one tick before, or earlier, and is added to S(c,t-1). Two
// sets of sums are all there is: every core, with neurons to run or not, must
// be done with t-1 before B(t).
//
// The reason to have this: PilotNet on Loihi 2 takes 201, 107, 181, 125 us for
// four steps whose largest work of a core is the other way round
// (docs/validation.md); with one rate for all synapses no maximum per step
// gives that, and this does.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_TIMING_BUFFEREDSUMS_H
#define SYNFIRE_SIMULATOR_TIMING_BUFFEREDSUMS_H

#include "simulator/timing/Work.h"

namespace synfire::sim {

/// What the synapse unit of a core still has to do when a tick begins. Times in
/// ns from there; negative: done before.
struct SynapseUnit {
  double Done = 0;   ///< with all that came, if events never ran out
  double Queued = 0; ///< with all messages, one after the other (`event`)
  Stage Kind = Stage::Synapses; ///< what it does most
  /// With everything, after \p More ns of work that came with it.
  double free(double More = 0) const { return std::max(Done + More, Queued); }
};

/// One tick of all cores.
class BufferedSums {
public:
  /// \p Plan must outlive it.
  explicit BufferedSums(const Wiring &Plan) : Plan(Plan) {}

  struct Core {
    double Before; ///< ns of synapses that its neurons wait for, of this tick
    double Free;   ///< its synapse unit is done with those
    double Begin;  ///< its neurons begin
    double Sent;   ///< they have run and sent
    double After;  ///< ns of synapses for later ticks
    double First;  ///< when the first message for those came; none: infinite
    Stage Kind;    ///< what keeps it from having sent
  };

  /// Neurons and sending. \p Units: one per core of the image.
  void begin(const TickWork &Work, std::span<const SynapseUnit> Units);
  /// A message for later ticks comes to core \p C.
  void arrive(uint32_t C, double At);
  /// All messages of \p Loads come when their senders begin. Returns when the
  /// first one leaves; 0 if there is none.
  double arrive(std::span<const FlowLoad> Loads);
  /// What is left, in ns from the begin of this tick. \p Queued: per core when
  /// it is done with its messages; empty: not known.
  void end(const TickWork &Work, std::span<const double> Queued,
           std::span<SynapseUnit> Units) const;
  /// When core \p C begins with synapses for later ticks.
  double beginsAfter(uint32_t C) const;
  /// The core that has sent last; the first of several. None without cores.
  uint32_t last() const;

  std::vector<Core> Cores; ///< per core of the image

private:
  const Wiring &Plan;
};

} // namespace synfire::sim

#endif // SYNFIRE_SIMULATOR_TIMING_BUFFEREDSUMS_H
