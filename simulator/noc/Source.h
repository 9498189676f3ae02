//===- simulator/noc/Source.h - Into the network and its routers -*- C++ -*-==//
//
// Part of Kernel: sources, and flits that come to stand in front of a buffer.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_NOC_SOURCE_H
#define SYNFIRE_SIMULATOR_NOC_SOURCE_H

#include "simulator/noc/Kernel.h"

#include <algorithm>

namespace synfire::sim::noc {

template <unsigned W, bool Deep>
void Kernel<W, Deep>::wakeSource(uint32_t Source, Tick At) {
  SourceState &S = F.Sources[Source];
  if (S.WakeAt != Never && S.WakeAt >= Now && S.WakeAt <= At)
    return; // Comes earlier; it looks around then.
  S.WakeAt = At;
  schedule(At, Event::Source, Source);
}

template <unsigned W, bool Deep>
bool Kernel<W, Deep>::hasRoom(const OutVc &O) const {
  return F.Slots[O.FirstSlot + O.Back].Free <= Now;
}

/// \p O has no room: asks its receiver to say when, or lowers \p Soonest to the
/// time that is known already.
template <unsigned W, bool Deep>
void Kernel<W, Deep>::waitFor(OutVc &O, Tick &Soonest) {
  Tick Free = F.Slots[O.FirstSlot + O.Back].Free;
  if (Free == Never)
    F.Ins[O.Receiver].SenderWaits = true;
  else
    Soonest = std::min(Soonest, Free);
}

/// Finds a channel for the first packet; round robin.
template <unsigned W, bool Deep>
bool Kernel<W, Deep>::chooseChannel(SourceState &S, uint32_t Source) {
  for (uint32_t I = 1; I <= F.Channels; ++I) {
    uint32_t V = S.Fresh ? I - 1 : (S.LastChannel + I) % F.Channels;
    if (!hasRoom(F.Outs[S.FirstVc + V]))
      continue;
    if (S.Fresh)
      TouchedSources.push_back(Source);
    S.Fresh = false;
    S.Sending = true;
    S.Channel = S.LastChannel = static_cast<uint8_t>(V);
    return true;
  }
  return false;
}

template <unsigned W, bool Deep>
void Kernel<W, Deep>::runSource(uint32_t Source) {
  SourceState &S = F.Sources[Source];
  if (S.WakeAt != Now)
    return;
  S.WakeAt = Never;
  if (S.First == None)
    return;
  Tick Soonest = Never;
  if (S.Ready > Now) {
    Soonest = S.Ready;
  } else if (!S.Sending && !chooseChannel(S, Source)) {
    for (uint32_t V = 0; V < F.Channels; ++V)
      waitFor(F.Outs[S.FirstVc + V], Soonest);
  } else if (!hasRoom(F.Outs[S.FirstVc + S.Channel])) {
    waitFor(F.Outs[S.FirstVc + S.Channel], Soonest);
  } else {
    const uint32_t Packet = S.First;
    const Injection &P = Packets[Packet];
    uint32_t Flags = 0;
    if (S.Left == P.Flits) {
      Flags |= HeadFlag;
      InjectAt[Packet] = Now;
    }
    if (--S.Left == 0) {
      Flags |= TailFlag;
      S.Sending = false;
      S.First = NextOfSource[Packet];
      if (S.First != None)
        S.Left = Packets[S.First].Flits;
    }
    put(F.Outs[S.FirstVc + S.Channel], Packet | Flags, Routes.tree(P.Tree).Way,
        Now + Stages.PortLatency);
    S.Ready = Now + Stages.InjectGap;
    Soonest = S.First == None ? Never : S.Ready;
  }
  if (Soonest != Never)
    wakeSource(Source, Soonest);
}

/// Writes a flit into the buffer behind \p O, where it is from \p Arrive on.
template <unsigned W, bool Deep>
void Kernel<W, Deep>::put(OutVc &O, uint32_t Packet, uint32_t Way,
                          Tick Arrive) {
  Slot &S = F.Slots[O.FirstSlot + O.Back];
  S.Arrive = Arrive;
  S.Free = Never;
  S.Packet = Packet;
  S.Way = Way;
  const bool First = F.Ins[O.Receiver].Front == O.Back;
  O.Back = O.Back + 1 == O.Depth ? 0 : O.Back + 1;
  LastMove = Now;
  if (!First)
    return; // Looked at when it comes to the front.
  if (Arrive == Now)
    arrive(O.Receiver);
  else
    schedule(Arrive, Event::Arrival, O.Receiver);
}

/// The front flit of \p In is here.
template <unsigned W, bool Deep>
void Kernel<W, Deep>::arrive(uint32_t In) {
  InVc &I = F.Ins[In];
  list(I.Router);
  LastMove = Now;
  I.Since = Now;
  if (I.State == VcState::Idle) {
    beginPacket(In, F.Slots[I.FirstSlot + I.Front]);
    return;
  }
  if (I.Branches) {
    F.Branches[In].Waiting = F.Branches[In].Ports;
    F.Branches[In].Blocked = 0;
  }
  Routers[I.Router].Flits.set(In - I.Router * PerRouter);
}

/// A head has come to the front of \p In; I.Since says from when on it counts.
template <unsigned W, bool Deep>
void Kernel<W, Deep>::beginPacket(uint32_t In, const Slot &S) {
  InVc &I = F.Ins[In];
  I.State = VcState::Head;
  I.Way = S.Way;
  uint32_t Flit = In - I.Router * PerRouter;
  if constexpr (Deep)
    if (Stages.Routing > 0) {
      Depths[I.Router].Routing.set(Flit);
      return;
    }
  route(In);
}

template <unsigned W, bool Deep>
void Kernel<W, Deep>::route(uint32_t In) {
  InVc &I = F.Ins[In];
  const uint32_t Flit = In - I.Router * PerRouter;
  Routers[I.Router].Heads.set(Flit);
  I.Branches = false;
  if (I.Way & ToNode) {
    uint32_t At = F.Networks == 1 ? I.Router : I.Router % F.PerNetwork;
    uint32_t Node = I.Way & ~ToNode;
    if (Adaptive) {
      const Slot &S = F.Slots[I.FirstSlot + I.Front];
      const Injection &P = Packets[S.Packet & PacketMask];
      routeAdaptively(I, Routes.adaptivePorts(At, Node,
                                              Routes.tree(P.Tree).Source %
                                                  Graph.numNodes()));
      return;
    }
    ChannelClass Here = ClassMask[Lower] >> ChannelOf[Flit] & 1 ? Lower : Upper;
    RouteTable::Choice C = Routes.towards(At, Node, PortOf[Flit], Here);
    I.Out = C.Port;
    I.Class = C.Class;
    return;
  }
  const Stop &S = Routes.stop(I.Way);
  I.Out = static_cast<uint8_t>(std::countr_zero(S.Ports));
  I.Class = Routes.next(S, I.Out).Class;
  if (S.Ports & (S.Ports - 1)) {
    I.Branches = true;
    F.Branches[In] = {S.Ports, S.Ports, 0};
  }
}

/// Takes the port with most room, the first of equals.
template <unsigned W, bool Deep>
void Kernel<W, Deep>::routeAdaptively(InVc &I, uint32_t Ports) {
  I.Class = All;
  uint32_t Best = 0;
  bool Found = false;
  for (uint32_t Left = Ports; Left; Left &= Left - 1) {
    uint32_t Port = static_cast<uint32_t>(std::countr_zero(Left));
    uint32_t Room = static_cast<uint32_t>(std::popcount(
                        F.OutPorts[portIndex(I.Router, Port)].Free))
                    << 16;
    if (Ports & (Ports - 1))
      for (uint32_t V = 0; V < F.Channels; ++V) {
        const OutVc &O = outOf(I.Router, Port, V);
        for (uint32_t B = 0; B < O.Depth; ++B)
          Room += F.Slots[O.FirstSlot + B].Free <= Now;
      }
    if (!Found || Room > Best) {
      Best = Room;
      I.Out = static_cast<uint8_t>(Port);
    }
    Found = true;
  }
}

} // namespace synfire::sim::noc

#endif // SYNFIRE_SIMULATOR_NOC_SOURCE_H
