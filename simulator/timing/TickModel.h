//===- simulator/timing/TickModel.h - How long a tick takes -----*- C++ -*-===//
//
// The seam between what a tick is made of and how long it takes. A model sees
// the work of one tick. A tick ends with a barrier, so nothing carries over to
// the next but, where sums are buffered, the work of synapse units.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_TIMING_TICKMODEL_H
#define SYNFIRE_SIMULATOR_TIMING_TICKMODEL_H

#include "simulator/timing/BufferedSums.h"
#include "targets/Status.h"

#include <memory>

namespace synfire::sim {

/// What happened when in one tick, in ns from its start.
struct TickSchedule {
  /// `analytic` knows how long, not when: stages one after the other.
  struct StageSpan {
    uint32_t Core; ///< index into Image::cores()
    Stage Kind;
    double Start, Ns;
  };
  /// A block's program and what it sends.
  struct BlockSpan {
    uint32_t Block;
    double Start, Ns;
  };
  /// A core takes one message.
  struct MessageSpan {
    uint32_t Core, Flow;
    double Created, Arrived, Start, Ns;
  };
  std::vector<StageSpan> Stages;
  std::vector<BlockSpan> Blocks;
  std::vector<MessageSpan> Messages; ///< in the order of arrival
};

/// Is shown chosen ticks as they are closed.
class TickObserver {
public:
  virtual ~TickObserver() = default;
  virtual bool wants(uint64_t Tick) const = 0;
  /// \p Start: of the tick, since the start of the run. Ticks that drain a
  /// pipeline are shown each time that a result is asked for.
  virtual void see(uint64_t Tick, Nanoseconds Start, const TickTime &Time,
                   const TickSchedule &Schedule) = 0;
};

class TickModel {
public:
  virtual ~TickModel() = default;
  /// The schedule of the next ticks goes to \p Into, unless it is null. False:
  /// the model has none.
  virtual bool setSchedule(TickSchedule *) { return false; }
  /// Duration and Waited leave the barrier out. Adds to \p Use, one per link of
  /// the plan. Fails with RunFailed when the network cannot deliver (deadlock).
  /// \p Units, one per core where sums are buffered, else empty: what is left
  /// of the tick before; then of this one, in ns from its begin.
  virtual Result<TickTime> time(const TickWork &Work,
                                std::span<SynapseUnit> Units,
                                std::span<LinkUse> Use) = 0;
  /// True when TickWork::Sends and Arrivals are needed.
  virtual bool needsMessages() const { return false; }
};

/// simulator/timing/Analytic.h. \p Plan and \p Spec must outlive it.
std::unique_ptr<TickModel> makeAnalyticModel(const Wiring &Plan,
                                             const image::Image &Image,
                                             const ChipSpec &Spec);
/// simulator/timing/Event.h. \p Plan, \p Image and \p Spec must outlive it.
Result<std::unique_ptr<TickModel>> makeEventModel(const Wiring &Plan,
                                                  const image::Image &Image,
                                                  const ChipSpec &Spec);

} // namespace synfire::sim

#endif // SYNFIRE_SIMULATOR_TIMING_TICKMODEL_H
