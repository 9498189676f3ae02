//===- simulator/noc/Fabric.cpp - The state of all routers ----------------===//

#include "simulator/noc/Fabric.h"

#include <algorithm>

namespace synfire::sim::noc {

Fabric::Fabric(const Topology &Graph)
    : Ports(Graph.maxPorts()), Channels(Graph.spec().VirtualChannels),
      PerNetwork(Graph.numRouters()), Networks(Graph.spec().numNetworks()) {
  const Pipeline &Stages = Graph.pipeline();
  const uint32_t Depth = Graph.spec().BufferFlits;
  const uint32_t AllChannels = Channels == 32 ? ~0U : (1U << Channels) - 1;
  const size_t AllPorts = size_t(numRouters()) * Ports;
  Ins.resize(AllPorts * Channels);
  Outs.resize(AllPorts * Channels);
  OutPorts.resize(AllPorts);
  CreditDelay.resize(AllPorts);
  for (uint32_t I = 0; I < Ins.size(); ++I)
    Ins[I].Router = I / (Ports * Channels);
  Horizon = std::max({Stages.PortLatency + Stages.Traversal, Stages.EjectGap,
                      Stages.InjectGap, Stages.InjectCredit, Stages.Routing,
                      Stages.VcAllocation, Stages.SwitchAllocation}) +
            1;

  for (uint32_t N = 0; N < Networks; ++N) {
    const uint32_t FirstRouter = N * PerNetwork;
    auto portOf = [&](uint32_t Router, uint32_t Port) {
      return (FirstRouter + Router) * Ports + Port;
    };
    for (uint32_t I = 0; I < Graph.links().size(); ++I) {
      const NocLink &L = Graph.links()[I];
      uint32_t From = portOf(L.From, L.Out), To = portOf(L.To, L.In);
      OutPort &P = OutPorts[From];
      P.Link = I;
      P.Latency = L.Latency;
      P.Gap = L.PerFlit;
      P.Free = AllChannels;
      CreditDelay[To] = L.Credit;
      for (uint32_t V = 0; V < Channels; ++V) {
        Ins[To * Channels + V].Sender = From * Channels + V;
        connect(From * Channels + V, L.Buffer, To * Channels + V);
      }
      Horizon = std::max(
          {Horizon, L.Latency + Stages.Traversal, L.PerFlit, L.Credit + 1});
    }
    for (uint32_t I = 0; I < Graph.numNodes(); ++I) {
      const NocNode &Node = Graph.nodes()[I];
      uint32_t Port = portOf(Node.Router, Node.Port);
      OutPort &P = OutPorts[Port];
      P.Node = I;
      P.Latency = Stages.PortLatency;
      P.Gap = Stages.EjectGap;
      P.Free = AllChannels;
      CreditDelay[Port] = Stages.InjectCredit;
      SourceState Source;
      Source.FirstVc = static_cast<uint32_t>(Outs.size());
      Outs.resize(Outs.size() + Channels);
      for (uint32_t V = 0; V < Channels; ++V) {
        Ins[Port * Channels + V].Sender =
            SourceFlag | static_cast<uint32_t>(Sources.size());
        connect(Port * Channels + V, Depth, None);
        connect(Source.FirstVc + V, Depth, Port * Channels + V);
      }
      Sources.push_back(Source);
    }
  }
  Horizon = std::max(Horizon, Stages.PortLatency + Stages.EjectCredit +
                                  Stages.Traversal);
}

void Fabric::connect(uint32_t Out, uint32_t Depth, uint32_t Receiver) {
  OutVc &O = Outs[Out];
  O.FirstSlot = static_cast<uint32_t>(Slots.size());
  O.Depth = static_cast<uint16_t>(Depth);
  O.Receiver = Receiver;
  if (Receiver != None) {
    Ins[Receiver].FirstSlot = O.FirstSlot;
    Ins[Receiver].Depth = O.Depth;
  }
  Slots.resize(Slots.size() + Depth);
}

void Fabric::needBranches() {
  if (!Branches.empty())
    return;
  Branches.resize(Ins.size());
  BranchChannel.resize(Ins.size() * Ports);
}

void Fabric::clear() {
  std::ranges::fill(Slots, Slot{});
  for (InVc &I : Ins) {
    I.Front = 0;
    I.State = VcState::Idle;
    I.Branches = I.SenderWaits = false;
  }
  for (OutVc &O : Outs) {
    O.Owner = None;
    O.Back = 0;
  }
  const uint32_t AllChannels = Channels == 32 ? ~0U : (1U << Channels) - 1;
  for (OutPort &P : OutPorts) {
    P.Ready = P.LastSend = 0;
    P.Free = P.Link == None && P.Node == None ? 0 : AllChannels;
  }
  for (SourceState &S : Sources) {
    SourceState Empty;
    Empty.FirstVc = S.FirstVc;
    S = Empty;
  }
}

} // namespace synfire::sim::noc
