//===- simulator/noc/Run.h - The order of events ----------------*- C++ -*-===//
//
// Part of Kernel: from the start of a run to its end.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_NOC_RUN_H
#define SYNFIRE_SIMULATOR_NOC_RUN_H

#include "simulator/noc/Kernel.h"

#include <algorithm>
#include <tuple>

namespace synfire::sim::noc {

/// Internal time is kept below this where an epoch may end, so that no busy
/// period of reasonable length reaches Never.
inline constexpr Tick EpochEnd = Tick(1) << 31;

template <unsigned W, bool Deep>
Kernel<W, Deep>::Kernel(const Topology &Graph, const RouteTable &Routes,
                        Fabric &State)
    : Graph(Graph), Routes(Routes), F(State), Stages(Graph.pipeline()),
      Adaptive(Graph.spec().Routing == NocRouting::Adaptive),
      PerRouter(F.Ports * F.Channels), Routers(F.numRouters()),
      Depths(Deep ? F.numRouters() : 0), ChannelGive(F.Ins.size()),
      ChannelTake(F.Ins.size()), SwitchGive(F.OutPorts.size()),
      SwitchTake(F.OutPorts.size()), SwitchTurn(F.OutPorts.size()) {
  for (ChannelClass Class : {All, Lower, Upper})
    ClassMask[Class] = channelsOf(Class, F.Channels);
  for (uint32_t I = 0; I < PerRouter; ++I) {
    PortOf.push_back(static_cast<uint8_t>(I / F.Channels));
    ChannelOf.push_back(static_cast<uint8_t>(I % F.Channels));
  }
  Clock.reset(F.Horizon);
}

template <unsigned W, bool Deep>
void Kernel<W, Deep>::list(uint32_t Router) {
  RouterState &R = Routers[Router];
  if (R.Visited == Now)
    return;
  R.Visited = Now;
  Visits.push_back(Router);
  if (!R.Touched) {
    R.Touched = true;
    Touched.push_back(Router);
  }
}

/// Round robins start from the beginning in each run.
template <unsigned W, bool Deep>
void Kernel<W, Deep>::forget(uint32_t Router) {
  RouterState &R = Routers[Router];
  R = RouterState();
  auto Clear = [&](auto &Pointers, uint32_t Count) {
    std::fill_n(Pointers.begin() + size_t(Router) * Count, Count, 0);
  };
  Clear(ChannelGive, PerRouter);
  Clear(ChannelTake, PerRouter);
  Clear(SwitchGive, F.Ports);
  Clear(SwitchTake, F.Ports);
  Clear(SwitchTurn, F.Ports);
  if constexpr (Deep)
    Depths[Router] = DeepState();
}

template <unsigned W, bool Deep>
void Kernel<W, Deep>::beginRun(std::span<const Injection> Given,
                               RunOutput &Filled) {
  for (uint32_t R : Touched)
    forget(R);
  Touched.clear();
  for (uint32_t S : TouchedSources) {
    F.Sources[S].Fresh = true;
    F.Sources[S].LastChannel = 0;
  }
  TouchedSources.clear();
  Packets = Given;
  NextPacket = 0;
  Waiting = 0;
  if (NextOfSource.size() < Packets.size()) {
    NextOfSource.resize(Packets.size());
    InjectAt.resize(Packets.size());
  }
  Out = &Filled;
  Out->Deliveries.clear();
  Out->Stats = {};
  Out->Links.resize(Graph.links().size());
  for (uint32_t L : Out->UsedLinks)
    Out->Links[L] = {};
  Out->UsedLinks.clear();
}

/// Puts the outside time \p First at an internal time that leaves room.
template <unsigned W, bool Deep>
Status Kernel<W, Deep>::startEpoch(Instant First) {
  if (NextStart >= EpochEnd) {
    for (Slot &S : F.Slots)
      S.Free = 0;
    for (OutPort &P : F.OutPorts)
      P.Ready = P.LastSend = 0;
    for (SourceState &S : F.Sources) {
      S.Ready = 0;
      S.WakeAt = Never;
    }
    for (RouterState &R : Routers)
      R.Visited = Never;
    for (DeepState &D : Depths)
      D.TraversalEnd = 0;
    NextStart = 0;
  }
  Zero = NextStart - First;
  Now = LastMove = NextStart;
  return {};
}

template <unsigned W, bool Deep>
Status Kernel<W, Deep>::run(std::span<const Injection> Given,
                            RunOutput &Filled) {
  beginRun(Given, Filled);
  while (NextPacket < Packets.size()) {
    if (Status S = startEpoch(Packets[NextPacket].Time); !S)
      return S;
    Status S = loop();
    // Nothing is left of this epoch that could still be on its way.
    NextStart = Now + F.Horizon + 1;
    if (!S) {
      F.clear();
      Clock.clear();
      for (uint32_t R : Touched)
        forget(R);
      NextStart = EpochEnd;
      return S;
    }
  }
  finishRun();
  return {};
}

/// Runs until all packets have arrived, or the network is empty and the next
/// packet far away.
template <unsigned W, bool Deep>
Status Kernel<W, Deep>::loop() {
  // What a stuck network may still have under way.
  const uint64_t Patience = 4 * (uint64_t(F.Horizon) + Stages.Routing +
                                 Stages.VcAllocation + Stages.SwitchAllocation);
  for (;;) {
    Tick At = Clock.next(Now);
    if (NextPacket < Packets.size()) {
      Instant Given = Packets[NextPacket].Time;
      if (NextPacket && Given < Packets[NextPacket - 1].Time)
        return Error{"", "noc-order",
                     "packets are not in the order of their times"};
      Instant Inside = Given + Zero;
      if (At == Never && Waiting == 0 && Inside >= EpochEnd)
        return {};
      At = static_cast<Tick>(std::min<Instant>(At, Inside));
    }
    if (At == Never && Waiting == 0 && NextPacket == Packets.size())
      return {};
    if (At == Never || (Deep && Waiting && At - LastMove > Patience))
      return explainDeadlock(Graph, Routes, F, Waiting, outside(Now));
    if (At > Never - 2 * F.Horizon - 2)
      return Error{"", "noc-time",
                   "the network was busy for 2^32 quanta without a pause; "
                   "simulate a shorter trace",
                   ErrorKind::RunFailed};
    Now = At;
    instant();
    ++Now;
  }
}

template <unsigned W, bool Deep>
void Kernel<W, Deep>::instant() {
  Visits.clear();
  for (; NextPacket < Packets.size() && Packets[NextPacket].Time + Zero == Now;
       ++NextPacket)
    inject(static_cast<uint32_t>(NextPacket));
  Clock.take(Now, Events);
  constexpr uint32_t IndexMask = (uint32_t(1) << EventShift) - 1;
  for (uint32_t E : Events) {
    uint32_t Index = E & IndexMask;
    switch (static_cast<Event>(E >> EventShift)) {
    case Event::Arrival:
      arrive(Index);
      break;
    case Event::Retry: {
      InVc &I = F.Ins[Index];
      Routers[I.Router].Flits.set(Index - I.Router * PerRouter);
      if (I.Branches)
        F.Branches[Index].Blocked = 0;
      list(I.Router);
      break;
    }
    case Event::Visit:
      list(Index);
      break;
    case Event::Source:
      runSource(Index);
      break;
    }
  }
  for (uint32_t Router : Visits)
    if constexpr (Deep)
      visitDeep(Router);
    else
      visit(Router);
}

template <unsigned W, bool Deep>
void Kernel<W, Deep>::inject(uint32_t I) {
  const Injection &P = Packets[I];
  const TreeRecord &Tree = Routes.tree(P.Tree);
  if (Tree.Nodes == 0)
    return;
  Waiting += Tree.Nodes;
  SourceState &S = F.Sources[Tree.Source];
  NextOfSource[I] = None;
  if (S.First != None) {
    NextOfSource[S.Last] = I;
    S.Last = I;
    return;
  }
  S.First = S.Last = I;
  S.Left = P.Flits;
  wakeSource(Tree.Source, std::max(Now, S.Ready));
}

template <unsigned W, bool Deep>
void Kernel<W, Deep>::finishRun() {
  auto Sooner = [](const Delivery &A, const Delivery &B) {
    return std::tie(A.TailOut, A.Node, A.Injection) <
           std::tie(B.TailOut, B.Node, B.Injection);
  };
  std::vector<Delivery> &All = Out->Deliveries;
  // Nearly sorted: deliveries of an instant stand together.
  auto SameEnd = [](const Delivery &A, const Delivery &B) {
    return A.TailOut < B.TailOut;
  };
  if (std::is_sorted(All.begin(), All.end(), SameEnd)) {
    for (auto First = All.begin(); First != All.end();) {
      auto Last = First + 1;
      while (Last != All.end() && Last->TailOut == First->TailOut)
        ++Last;
      std::sort(First, Last, Sooner);
      First = Last;
    }
  } else {
    std::sort(All.begin(), All.end(), Sooner);
  }
  std::ranges::sort(Out->UsedLinks);
  for (uint32_t L : Out->UsedLinks)
    Out->Links[L].Busy = Out->Links[L].Flits * Graph.links()[L].PerFlit;
  Out->Stats.End = All.empty() ? 0 : All.back().TailOut;
}

} // namespace synfire::sim::noc

#endif // SYNFIRE_SIMULATOR_NOC_RUN_H
