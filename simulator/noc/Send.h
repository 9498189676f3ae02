//===- simulator/noc/Send.h - A flit leaves ---------------------*- C++ -*-===//
//
// Part of Kernel: what a grant of the switch does.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_NOC_SEND_H
#define SYNFIRE_SIMULATOR_NOC_SEND_H

#include "simulator/noc/Kernel.h"

#include <algorithm>

namespace synfire::sim::noc {

/// When a flit that is granted now leaves the switch.
template <unsigned W, bool Deep>
Tick Kernel<W, Deep>::traverse(uint32_t Router, OutPort &P) {
  if constexpr (!Deep) {
    return Now + Stages.Traversal;
  } else {
    // Those granted at an instant start at the next one, unless the switch is
    // at work; then when it is through, with all that have come by then.
    DeepState &D = Depths[Router];
    const Tick Takes = Stages.Traversal;
    if (D.NextTraversal && Now > D.TraversalEnd) {
      D.TraversalEnd += Takes;
      D.NextTraversal = false;
    }
    if (Now > D.TraversalEnd)
      D.TraversalEnd = Now + Takes;
    const bool Started = Now + Takes > D.TraversalEnd;
    D.NextTraversal |= Started;
    const Tick Done = D.TraversalEnd + (Started ? Takes : 0);
    // Flits of one traversal leave one after the other.
    return P.LastSend = std::max(Done, P.LastSend + 1);
  }
}

template <unsigned W, bool Deep>
void Kernel<W, Deep>::deliver(OutVc &O, uint32_t Node, uint32_t Packet,
                              Tick Arrive) {
  Slot &S = F.Slots[O.FirstSlot + O.Back];
  S.Free = Arrive + Stages.EjectCredit;
  O.Back = O.Back + 1 == O.Depth ? 0 : O.Back + 1;
  LastMove = Now;
  if (Packet & HeadFlag)
    O.HeadAt = Arrive;
  if (!(Packet & TailFlag))
    return;
  uint32_t I = Packet & PacketMask;
  Out->Deliveries.push_back(
      {I, Node, outside(InjectAt[I]), outside(O.HeadAt), outside(Arrive)});
  --Waiting;
}

template <unsigned W, bool Deep>
void Kernel<W, Deep>::send(uint32_t Router, const SwitchGrant &G) {
  const uint32_t In = Router * PerRouter + G.Flit;
  InVc &I = F.Ins[In];
  const Slot Moved = F.Slots[I.FirstSlot + I.Front];
  const bool Head = Moved.Packet & HeadFlag, Tail = Moved.Packet & TailFlag;
  OutPort &P = F.OutPorts[portIndex(Router, G.Port)];
  const uint32_t Channel = I.Branches
                               ? F.BranchChannel[size_t(In) * F.Ports + G.Port]
                               : I.OutChannel;
  OutVc &O = outOf(Router, G.Port, Channel);

  P.Ready = Now + P.Gap;
  const Tick Arrive = traverse(Router, P) + P.Latency;
  ++Out->Stats.FlitHops;
  Out->Stats.PacketHops += Head;
  if (P.Node != None) {
    deliver(O, P.Node, Moved.Packet, Arrive);
  } else {
    LinkLoad &Load = Out->Links[P.Link];
    if (Load.Flits++ == 0)
      Out->UsedLinks.push_back(P.Link);
    uint32_t Least = Stages.SwitchAllocation ? Stages.SwitchAllocation - 1 : 0;
    if (Head)
      Least += Stages.Routing + Stages.VcAllocation;
    if (uint32_t Stood = Now - I.Since; Stood > Least)
      Load.Blocked += Stood - Least;
    uint32_t Way = I.Way;
    if (!(Way & ToNode))
      Way = Routes.next(Routes.stop(Way), G.Port).Stop;
    put(O, Moved.Packet, Way, Arrive);
  }
  if (Tail) {
    O.Owner = None;
    P.Free |= uint32_t(1) << Channel;
  }
  if (I.Branches) {
    BranchState &B = F.Branches[In];
    B.Waiting &= ~(uint32_t(1) << G.Port);
    if (B.Waiting)
      return;
  }
  dropFront(In, Tail);
}

/// The front flit of \p In has gone everywhere.
template <unsigned W, bool Deep>
void Kernel<W, Deep>::dropFront(uint32_t In, bool Tail) {
  InVc &I = F.Ins[In];
  const uint32_t Flit = In - I.Router * PerRouter;
  Slot &Left = F.Slots[I.FirstSlot + I.Front];
  Left.Free = Now + F.CreditDelay[portIndex(I.Router, PortOf[Flit])];
  I.Front = I.Front + 1 == I.Depth ? 0 : I.Front + 1;
  if (I.SenderWaits) {
    I.SenderWaits = false;
    if (I.Sender & SourceFlag)
      wakeSource(I.Sender & ~SourceFlag, Left.Free);
    else
      schedule(Left.Free, Event::Retry, F.Outs[I.Sender].Owner);
  }
  RouterState &R = Routers[I.Router];
  if (Tail)
    I.State = VcState::Idle;
  const Slot &S = F.Slots[I.FirstSlot + I.Front];
  if (S.Free != Never || S.Arrive > Now) {
    R.Flits.clear(Flit);
    if (S.Free == Never)
      schedule(S.Arrive, Event::Arrival, In);
    return;
  }
  I.Since = Now + (Stages.Clocked ? 1 : 0);
  if (Tail) {
    R.Flits.clear(Flit);
    beginPacket(In, S);
  } else if (I.Branches) {
    F.Branches[In].Waiting = F.Branches[In].Ports;
    F.Branches[In].Blocked = 0;
  }
}

} // namespace synfire::sim::noc

#endif // SYNFIRE_SIMULATOR_NOC_SEND_H
