//===- simulator/timing/Event.cpp - Every message hop by hop --------------===//
//
// A tick in three parts:
//
//   sending     a core runs its blocks one after the other, in image order. The
//               k-th of n events of a flow leaves after k/n of its block's
//               time: counts do not tell which neurons sent, so events are
//               spread evenly over the block (assumed). What the host sends
//               leaves when the tick begins.
//   travelling  simulator/noc: routers with finite buffers, hop by hop.
//   receiving   a core is one server with an endless queue: it takes messages
//               in the order of their last flits, once its own blocks are done
//               (so does `analytic`: the units of a core do not overlap). A
//               message keeps it busy for the mean of its flow's messages to
//               it in the tick.
//
// Where sums are buffered (simulator/timing/BufferedSums.h) that server is the
// core's synapse unit: it takes messages while blocks run, goes on past the end
// of the tick, and blocks wait for what it has for them. What a block writes
// into slots of its own core is part of the block's time.
//
// The tick is over when the last core is; where sums are buffered, when the
// last core has sent and the last message is there. It waited for whatever took
// longest on the way of the message that ended that core's last idle time: the
// sending core, the network or the receiving core.
//
//===----------------------------------------------------------------------===//

#include "simulator/noc/Network.h"
#include "simulator/timing/TickModel.h"

#include <fmt/core.h>

#include <algorithm>

namespace synfire::sim {
namespace {

using image::None;

class EventModel : public TickModel {
public:
  EventModel(noc::Engine Net, const Wiring &Plan, const image::Image &Image,
             const ChipSpec &Spec)
      : Net(std::move(Net)), Plan(Plan), Image(Image), Spec(Spec),
        Start(Plan.Blocks.size()), BlockNs(Plan.Blocks.size()),
        Service(Plan.Arrivals.size()), Free(Image.cores().size()),
        Taker(Image.cores().size()), Sums(Plan), Woken(Image.cores().size()) {}

  Status addRoutes();
  Result<TickTime> time(const TickWork &Work, std::span<SynapseUnit> Units,
                        std::span<LinkUse> Use) override;
  bool needsMessages() const override { return true; }
  bool setSchedule(TickSchedule *Into) override {
    Schedule = Into;
    return true;
  }

private:
  /// A message of this tick, as injected.
  struct Message {
    noc::Injection Packet;
    uint32_t Flow;
  };

  TrafficClass classOf(const FlowPlan &F) const;
  void send(const TickWork &Work, std::span<const SynapseUnit> Units);
  void queueMessages(const TickWork &Work);
  void receive(bool Buffered);
  void recordLinks(std::span<LinkUse> Use) const;
  /// The arrival of \p Flow at node \p Node; None: the host.
  uint32_t arrivalAt(uint32_t Flow, uint32_t Node) const;
  void blame(uint32_t Delivery, double Finish, uint32_t Core,
             const TickWork &Work, TickTime &Out) const;
  double createdNs(uint32_t Message) const {
    return Net.topology().toTime(Sent[Message].Packet.Time).Value;
  }
  double arrivedNs(const noc::Delivery &D) const {
    return Net.topology().toTime(D.TailOut).Value;
  }

  noc::Engine Net;
  const Wiring &Plan;
  const image::Image &Image;
  const ChipSpec &Spec;
  struct Route {
    uint32_t Tree = None;
    uint32_t Flits = 1;
    uint32_t FirstTarget = 0, NumTargets = 0;
  };
  struct Target {
    uint32_t Node, Arrival;
  };
  std::vector<Route> Routes;      ///< per flow
  std::vector<Target> Targets;    ///< ascending by node within a flow
  std::vector<uint32_t> PlanLink; ///< per link of the topology

  TickSchedule *Schedule = nullptr;
  // Of the current tick.
  std::vector<SendLoad> Order;
  std::vector<double> Start, BlockNs; ///< per block
  std::vector<double> Service;        ///< per arrival, of one message
  std::vector<double> Free;           ///< per core: done with its blocks
  std::vector<double> Taker;          ///< per core: done with messages so far
  BufferedSums Sums;
  std::vector<uint32_t> Woken; ///< per core: delivery that ended its last wait
  std::vector<Message> Sent;
  std::vector<noc::Injection> Packets;
};

TrafficClass EventModel::classOf(const FlowPlan &F) const {
  if (F.Output == None || F.ReachesHost)
    return TrafficClass::Host;
  if (Plan.Outputs[F.Output].Reduced)
    return TrafficClass::Reductions;
  const BlockPlan &B = Plan.Blocks[Plan.Outputs[F.Output].Block];
  return Image.populations()[B.Population].IsRelay ? TrafficClass::PartialSums
                                                   : TrafficClass::Events;
}

Status EventModel::addRoutes() {
  const noc::Topology &Graph = Net.topology();
  std::vector<uint32_t> GraphLink(Plan.Links.size(), None);
  PlanLink.assign(Graph.links().size(), None);
  for (uint32_t L = 0; L < Plan.Links.size(); ++L)
    if (auto At = Graph.linkAt(Plan.Links[L].Where.Router,
                               Plan.Links[L].Where.Port)) {
      GraphLink[L] = *At;
      PlanLink[*At] = L;
    }
  for (uint32_t I = 0; I < Plan.Flows.size(); ++I) {
    const FlowPlan &F = Plan.Flows[I];
    Routes.push_back({});
    const auto FirstTarget = static_cast<uint32_t>(Targets.size());
    std::vector<uint32_t> Links, Nodes;
    for (uint32_t L : F.Links)
      if (GraphLink[L] != None)
        Links.push_back(GraphLink[L]);
    for (uint32_t A = 0; A < F.NumArrivals; ++A) {
      const ArrivalPlan &Arrival = Plan.Arrivals[F.FirstArrival + A];
      if (!Arrival.IsMessage || Arrival.Core == None)
        continue;
      Nodes.push_back(Image.cores()[Arrival.Core].Core);
      Targets.push_back({Nodes.back(), F.FirstArrival + A});
    }
    if (F.ReachesHost)
      Nodes.push_back(*Graph.hostNode());
    if (Nodes.empty() && Links.empty())
      continue;
    const uint32_t Source =
        F.Core == None ? *Graph.hostNode() : Image.cores()[F.Core].Core;
    const bool Free =
        Spec.Noc.Routing == NocRouting::Adaptive && Nodes.size() == 1;
    auto Tree = Free ? Net.addTree(Source, Nodes, classOf(F))
                     : Net.addTree(Source, Links, Nodes, classOf(F));
    if (!Tree) {
      Error E = Tree.errors().front();
      E.Where = fmt::format("flow {}", I);
      return E;
    }
    const uint32_t Width = std::max(1u, Spec.Noc.LinkWidthBits);
    Routes.back() = {*Tree, std::max(1u, (F.MessageBits + Width - 1) / Width),
                     FirstTarget,
                     static_cast<uint32_t>(Targets.size()) - FirstTarget};
  }
  return {};
}

void EventModel::send(const TickWork &Work,
                      std::span<const SynapseUnit> Units) {
  Order.assign(Work.Sends.begin(), Work.Sends.end());
  std::sort(
      Order.begin(), Order.end(),
      [](const SendLoad &A, const SendLoad &B) { return A.Block < B.Block; });
  std::fill(Free.begin(), Free.end(), 0);
  std::fill(Woken.begin(), Woken.end(), None);
  if (Units.empty())
    for (const TakenLoad &T : Work.Taken)
      Free[T.Core] += T.Ns;
  else
    Sums.begin(Work, Units);
  for (uint32_t C = 0; C < Units.size(); ++C)
    Free[C] = Sums.Cores[C].Begin;
  for (const SendLoad &S : Order) {
    double &Done = Free[Plan.Blocks[S.Block].Core];
    Start[S.Block] = Done;
    BlockNs[S.Block] = S.Ns;
    Done += S.Ns;
    if (Schedule)
      Schedule->Blocks.push_back({S.Block, Start[S.Block], S.Ns});
  }
  for (uint32_t C = 0; C < Taker.size(); ++C)
    Taker[C] = Units.empty() ? Free[C] : Sums.Cores[C].Free;
}

void EventModel::queueMessages(const TickWork &Work) {
  Sent.clear();
  for (const ArrivalLoad &A : Work.Arrivals)
    Service[A.Arrival] = A.Ns;
  for (const FlowLoad &L : Work.Loads) {
    const FlowPlan &F = Plan.Flows[L.Flow];
    for (uint32_t A = 0; A < F.NumArrivals; ++A)
      Service[F.FirstArrival + A] /= L.Events;
    if (Routes[L.Flow].Tree == None)
      continue;
    double From = 0, Step = 0;
    if (F.Output != None) {
      const uint32_t Block = Plan.Outputs[F.Output].Block;
      From = Start[Block];
      Step = BlockNs[Block] / L.Events;
    }
    for (uint32_t K = 0; K < L.Events; ++K) {
      uint64_t Time =
          Net.topology().toQuanta(Nanoseconds(From + (K + 1) * Step));
      Sent.push_back(
          {{Time, Routes[L.Flow].Tree, Routes[L.Flow].Flits}, L.Flow});
    }
  }
  std::stable_sort(Sent.begin(), Sent.end(),
                   [](const Message &A, const Message &B) {
                     return A.Packet.Time < B.Packet.Time;
                   });
  Packets.clear();
  for (const Message &M : Sent)
    Packets.push_back(M.Packet);
}

uint32_t EventModel::arrivalAt(uint32_t Flow, uint32_t Node) const {
  const Route &R = Routes[Flow];
  auto Of = std::span(Targets).subspan(R.FirstTarget, R.NumTargets);
  auto At = std::ranges::lower_bound(Of, Node, {}, &Target::Node);
  return At == Of.end() || At->Node != Node ? None : At->Arrival;
}

void EventModel::receive(bool Buffered) {
  const auto Deliveries = Net.deliveries();
  for (uint32_t I = 0; I < Deliveries.size(); ++I) {
    const noc::Delivery &D = Deliveries[I];
    const uint32_t Arrival = arrivalAt(Sent[D.Injection].Flow, D.Node);
    if (Arrival == None)
      continue;
    const uint32_t Core = Plan.Arrivals[Arrival].Core;
    const double At = arrivedNs(D);
    // What the host sends was added up before the blocks ran.
    if (Buffered && Plan.Flows[Sent[D.Injection].Flow].Core == None)
      continue;
    if (Buffered)
      Sums.arrive(Core, At);
    if (At > Taker[Core]) {
      Taker[Core] = At;
      Woken[Core] = I;
    }
    if (Schedule)
      Schedule->Messages.push_back({Core, Sent[D.Injection].Flow,
                                    createdNs(D.Injection), At, Taker[Core],
                                    Service[Arrival]});
    Taker[Core] += Service[Arrival];
  }
}

void EventModel::recordLinks(std::span<LinkUse> Use) const {
  for (uint32_t L : Net.usedLinks()) {
    // Adaptive routes may take links that no route of the image has.
    if (PlanLink[L] == None)
      continue;
    const noc::LinkLoad &Load = Net.links()[L];
    Use[PlanLink[L]].Busy += Net.topology().toTime(Load.Busy);
    Use[PlanLink[L]].Blocked += Net.topology().toTime(Load.Blocked);
  }
}

void EventModel::blame(uint32_t Delivery, double Finish, uint32_t Core,
                       const TickWork &Work, TickTime &Out) const {
  auto toCore = [&](uint32_t Index) {
    Out.Waited = Bound::Core;
    Out.Kind = Spec.Core.BufferedSums ? Sums.Cores[Index].Kind
                                      : Work.Cores[Index].longest();
    Out.Id = Image.cores()[Index].Core;
  };
  if (Delivery == None)
    return toCore(Core);
  const noc::Delivery &D = Net.deliveries()[Delivery];
  const FlowPlan &F = Plan.Flows[Sent[D.Injection].Flow];
  const double Sending = createdNs(D.Injection);
  const double Travelling = arrivedNs(D) - Sending;
  const double Receiving = Finish - arrivedNs(D);
  if (Core != None && Receiving >= Travelling && Receiving >= Sending)
    return toCore(Core);
  if (F.Core != None && Sending >= Travelling)
    return toCore(F.Core);
  Out.Waited = Bound::Link;
  Out.Id = None;
  noc::Instant Most = 0;
  for (uint32_t L : F.Links) {
    auto At = Net.topology().linkAt(Plan.Links[L].Where.Router,
                                    Plan.Links[L].Where.Port);
    const noc::Instant Load =
        At ? Net.links()[*At].Busy + Net.links()[*At].Blocked : 0;
    if (Load > Most) {
      Most = Load;
      Out.Id = L;
    }
  }
}

Result<TickTime> EventModel::time(const TickWork &Work,
                                  std::span<SynapseUnit> Units,
                                  std::span<LinkUse> Use) {
  TickTime Out;
  const bool Buffered = !Units.empty();
  send(Work, Units);
  queueMessages(Work);
  Result<noc::RunStats> Ran = Net.run(Packets);
  if (!Ran)
    return Ran.errors();
  receive(Buffered);
  recordLinks(Use);

  double Finish = 0;
  uint32_t Last = None;
  const std::vector<double> &Ends = Buffered ? Free : Taker;
  for (uint32_t C = 0; C < Ends.size(); ++C) {
    Out.Core.Value =
        std::max(Out.Core.Value, Buffered ? Free[C] : Work.Cores[C].total());
    if (Ends[C] > Finish) {
      Finish = Ends[C];
      Last = C;
    }
  }
  Out.Network = Net.topology().toTime(Ran->End);
  uint32_t Delivery = Last == None || Buffered ? None : Woken[Last];
  // The host is no core: it may be what is reached last.
  if (Out.Network.Value > Finish) {
    Finish = Out.Network.Value;
    Last = None;
    Delivery = static_cast<uint32_t>(Net.deliveries().size() - 1);
  }
  Out.Duration = Nanoseconds(Finish);
  if (Last != None || Delivery != None)
    blame(Delivery, Finish, Last, Work, Out);
  if (Buffered)
    Sums.end(Work, Taker, Units);
  return Out;
}

} // namespace

Result<std::unique_ptr<TickModel>> makeEventModel(const Wiring &Plan,
                                                  const image::Image &Image,
                                                  const ChipSpec &Spec) {
  auto Graph = noc::Topology::ofSystem(Spec, std::max(1u, Plan.NumChips));
  if (!Graph)
    return Graph.errors();
  auto Net = noc::Engine::create(std::move(*Graph));
  if (!Net)
    return Net.errors();
  auto Model = std::make_unique<EventModel>(std::move(*Net), Plan, Image, Spec);
  if (Status S = Model->addRoutes(); !S)
    return S.errors();
  return std::unique_ptr<TickModel>(std::move(Model));
}

} // namespace synfire::sim
