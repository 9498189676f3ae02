//===- simulator/timing/Analytic.h - Time from counts -----------*- C++ -*-===//
//
// A tick lasts as long as its busiest core or the network, whichever is longer,
// plus the barrier:
//
//   core     the sum, over everything that it does in the tick, of count x time
//            (targets/CostTable.h): programs, events sent and messages out of
//            the blocks that run; messages in, axon look-ups, weight rows and
//            direct writes of the events that arrive. Units that could overlap
//            within a core are added up: an upper bound.
//   network  the busiest link's messages one after the other, plus the slowest
//            route's latency: an upper bound where flows do not contend, too
//            low where they do (the busiest links of a route may add up).
//   barrier  a straight line through the chips in use (BarrierTime).
//
// What a level sends is charged to the tick in which it runs, at both ends;
// what the host sends, to the token's first tick. Messages on a link: flits x
// hop time; between chips: bits of whole flits over the link's bandwidth. The
// port to the host costs no time.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_TIMING_ANALYTIC_H
#define SYNFIRE_SIMULATOR_TIMING_ANALYTIC_H

#include "simulator/engine/Activity.h"
#include "simulator/timing/NetworkModel.h"

#include <memory>

namespace synfire::sim {

/// Link loads without contention between flows.
std::unique_ptr<NetworkModel> makeAnalyticNetwork(const Wiring &Plan,
                                                  const ChipSpec &Spec);

/// Time of one barrier of the system that \p Plan uses; 0 when the target has
/// none.
Nanoseconds barrierTime(const Wiring &Plan, const ChipSpec &Spec);

/// Adds up ticks while token steps are handed in. \p Plan and \p Image must
/// outlive it.
class TickTimer {
public:
  TickTimer(const Wiring &Plan, const image::Image &Image, const ChipSpec &Spec,
            Mode TokenMode, std::unique_ptr<NetworkModel> Network);

  void add(const TokenActivity &Token);
  /// Everything so far; in prefill mode as if the last token was the last.
  Timing result() const;

private:
  /// Work of a tick that is not over yet.
  struct Tick {
    std::vector<double> CoreNs; ///< per core of the image
    std::vector<FlowLoad> Loads;
  };
  /// Time per unit of the counts of one level.
  struct Charge {
    uint32_t Core;  ///< index into Image::cores()
    uint32_t Count; ///< index into the token's counts
    double Ns;
  };
  struct LevelCharges {
    std::vector<Charge> Outputs, Flows, Arrivals, Deliveries;
    std::vector<Charge> Programs; ///< Count unused: once per token
    std::vector<uint32_t> Routed; ///< flows that use links
  };

  void addLevel(const TokenActivity &Token, const LevelCharges &L, Tick &T);
  TickTime close(const Tick &T) const;
  static void clear(Tick &T);

  std::vector<uint32_t> CoreIds;
  std::vector<LevelCharges> Levels;
  std::unique_ptr<NetworkModel> Network;
  /// Generate: one tick. Prefill: ticks of the tokens in flight; the one of
  /// tick n is at n % D.
  std::vector<Tick> Open;
  Timing Done;
};

} // namespace synfire::sim

#endif // SYNFIRE_SIMULATOR_TIMING_ANALYTIC_H
