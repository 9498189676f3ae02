//===- simulator/noc/Kernel.h - Routers at work -----------------*- C++ -*-===//
//
// Private to simulator/noc. One run: instants in order, at each the sources and
// routers that have something to do. Two ways to run a router:
//
//   shallow  every stage takes at most a cycle. Channels that wait for a credit
//            or a wire are left alone until they get it.
//   Deep     some stage takes more. A stage takes what has come, works on it
//            for its cycles, and takes again when it is done (so does
//            BookSim 2); routers with waiting packets are visited at each end
//            of a stage.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_NOC_KERNEL_H
#define SYNFIRE_SIMULATOR_NOC_KERNEL_H

#include "simulator/noc/Bits.h"
#include "simulator/noc/Fabric.h"

#include <memory>

namespace synfire::sim::noc {

/// What a run fills; kept between runs for its memory.
struct RunOutput {
  std::vector<Delivery> Deliveries;
  std::vector<LinkLoad> Links;
  std::vector<uint32_t> UsedLinks;
  RunStats Stats;
};

class KernelBase {
public:
  virtual ~KernelBase() = default;
  virtual Status run(std::span<const Injection> Packets, RunOutput &Out) = 0;
};
std::unique_ptr<KernelBase> makeKernel(const Topology &Graph,
                                       const RouteTable &Routes, Fabric &State);

/// Why nothing moves any more (Deadlock.cpp).
Error explainDeadlock(const Topology &Graph, const RouteTable &Routes,
                      const Fabric &State, uint64_t Waiting, Instant At);

/// \p W: words of a set of all virtual channels of a router.
template <unsigned W, bool Deep>
class Kernel : public KernelBase {
public:
  Kernel(const Topology &Graph, const RouteTable &Routes, Fabric &State);
  Status run(std::span<const Injection> Packets, RunOutput &Out) override;

private:
  using Set = Bits<W>;
  enum class Event : uint32_t { Arrival, Retry, Visit, Source };
  static constexpr unsigned EventShift = 30;
  static constexpr uint32_t MaxPorts = 32;

  struct RouterState {
    Set Heads; ///< heads that wait for channels
    Set Flits; ///< flits that may ask for the switch
    Tick Visited = Never;
    bool Touched = false;    ///< in this run
    uint32_t BranchTurn = 0; ///< of the heads that branch
  };
  struct ChannelGrant {
    uint32_t Head, Port, Channel;
  };
  struct SwitchGrant {
    uint32_t Flit, Port;
  };
  /// Stages at work; Deep only.
  struct DeepState {
    Set Routing, InRouting;
    Tick RoutingDone = 0, ChannelsDone = 0, SwitchDone = 0;
    bool ChannelsBusy = false, SwitchBusy = false;
    bool NextTraversal = false; ///< flits wait for the traversal after this
    Tick TraversalEnd = 0;
    std::vector<ChannelGrant> Channels;
    std::vector<SwitchGrant> Switch;
  };

  // Run.h: the order of events.
  void beginRun(std::span<const Injection> Packets, RunOutput &Out);
  void forget(uint32_t Router);
  Status startEpoch(Instant First);
  Status loop();
  void instant();
  void inject(uint32_t I);
  void finishRun();
  void schedule(Tick At, Event Kind, uint32_t Index) {
    Clock.add(At, static_cast<uint32_t>(Kind) << EventShift | Index);
  }
  void list(uint32_t Router);
  void visitAt(Tick At, uint32_t Router) {
    if (At > Now)
      schedule(At, Event::Visit, Router);
  }
  Instant outside(Tick T) const { return T - Zero; }

  // Source.h: sources and arrivals.
  void wakeSource(uint32_t Source, Tick At);
  void runSource(uint32_t Source);
  bool chooseChannel(SourceState &S, uint32_t Source);
  bool hasRoom(const OutVc &O) const;
  void waitFor(OutVc &O, Tick &Soonest);
  void put(OutVc &O, uint32_t Packet, uint32_t Way, Tick Arrive);
  void arrive(uint32_t In);
  void beginPacket(uint32_t In, const Slot &S);
  void route(uint32_t In);
  void routeAdaptively(InVc &I, uint32_t Ports);

  // Channels.h: virtual channel allocation.
  void findChannels(uint32_t Router, std::vector<ChannelGrant> &Grants);
  void shareChannels(uint32_t Router, uint32_t Port,
                     std::vector<ChannelGrant> &Grants);
  uint32_t freeChannels(uint32_t Router, uint32_t Port) const {
    return F.OutPorts[portIndex(Router, Port)].Free;
  }
  /// The channel of \p Port that comes first when \p Turn counts through those
  /// of all ports.
  uint32_t startAt(uint32_t Turn, uint32_t Port) const {
    uint32_t Channel = Turn - Port * F.Channels;
    return Channel < F.Channels ? Channel : 0;
  }
  bool allFree(uint32_t Router, const Stop &S) const;
  void findBranchChannels(uint32_t Router, const Set &Heads);
  void takeBranches(uint32_t Router, uint32_t Head, const Stop &S);
  void takeChannel(uint32_t Router, const ChannelGrant &G);
  bool mayFindChannels(uint32_t Router) const;

  // Switch.h: switch allocation, and the stages of a router.
  void visit(uint32_t Router);
  void visitDeep(uint32_t Router);
  void findSwitch(uint32_t Router, const Set &Flits,
                  std::vector<SwitchGrant> &Grants);
  bool mayLeave(uint32_t Router, uint32_t Flit, uint32_t Port,
                uint32_t Channel);
  void park(uint32_t Router, uint32_t Flit, Tick Until);
  void askFor(uint32_t Router, uint32_t Flit, uint32_t Port);
  void accept(uint32_t Router, uint32_t Input, uint32_t Port,
              std::vector<SwitchGrant> &Grants);

  // Send.h: a flit leaves.
  void send(uint32_t Router, const SwitchGrant &G);
  Tick traverse(uint32_t Router, OutPort &P);
  void deliver(OutVc &O, uint32_t Node, uint32_t Packet, Tick Arrive);
  void dropFront(uint32_t In, bool Tail);

  uint32_t portIndex(uint32_t Router, uint32_t Port) const {
    return Router * F.Ports + Port;
  }
  OutVc &outOf(uint32_t Router, uint32_t Port, uint32_t Channel) {
    return F.Outs[portIndex(Router, Port) * F.Channels + Channel];
  }

  const Topology &Graph;
  const RouteTable &Routes;
  Fabric &F;
  const Pipeline Stages;
  const bool Adaptive;
  const uint32_t PerRouter; ///< virtual channels of all inputs
  uint32_t ClassMask[3];
  std::vector<uint8_t> PortOf, ChannelOf; ///< of a number below PerRouter

  std::vector<RouterState> Routers;
  std::vector<DeepState> Depths;
  // Round-robin pointers, as iSLIP keeps them.
  std::vector<uint16_t> ChannelGive, ChannelTake; ///< per Outs, per Ins
  std::vector<uint8_t> SwitchGive, SwitchTake, SwitchTurn; ///< per port

  // The run.
  Wheel Clock;
  Tick Now = 0;
  Instant Zero = 0; ///< modulo 2^64: internal time of the run's start
  Tick NextStart = 0;
  Tick LastMove = 0;
  uint64_t Waiting = 0; ///< deliveries still to come
  std::span<const Injection> Packets;
  size_t NextPacket = 0;
  std::vector<uint32_t> NextOfSource;
  std::vector<Tick> InjectAt;
  RunOutput *Out = nullptr;
  std::vector<uint32_t> Events, Visits, Touched, TouchedSources;

  // Scratch of one visit.
  std::vector<ChannelGrant> ChannelGrants;
  std::vector<SwitchGrant> SwitchGrants;
  Set Asking[MaxPorts];
  uint32_t Outputs = 0;              ///< that are asked for
  uint32_t InputsOf[MaxPorts];       ///< that ask for an output
  uint32_t GivenTo[MaxPorts];        ///< outputs that picked an input
  uint8_t Label[MaxPorts][MaxPorts]; ///< input, output: channel that asks
};

} // namespace synfire::sim::noc

#endif // SYNFIRE_SIMULATOR_NOC_KERNEL_H
