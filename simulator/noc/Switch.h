//===- simulator/noc/Switch.h - Who goes through the switch -----*- C++ -*-===//
//
// Part of Kernel: switch allocation, and how the stages of a router follow each
// other. Also one iteration of iSLIP; where several channels of an input ask
// for the same output, a round robin of the input chooses one first.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_NOC_SWITCH_H
#define SYNFIRE_SIMULATOR_NOC_SWITCH_H

#include "simulator/noc/Kernel.h"

#include <algorithm>

namespace synfire::sim::noc {

/// Flit \p Flit is left alone until \p Until (Never: until a credit is sent).
template <unsigned W, bool Deep>
void Kernel<W, Deep>::park(uint32_t Router, uint32_t Flit, Tick Until) {
  if constexpr (Deep)
    return;
  const uint32_t In = Router * PerRouter + Flit;
  if (!F.Ins[In].Branches)
    Routers[Router].Flits.clear(Flit);
  if (Until != Never)
    schedule(Until, Event::Retry, In);
}

/// Whether the front flit of a channel could go out by \p Port now; if not, it
/// is parked.
template <unsigned W, bool Deep>
bool Kernel<W, Deep>::mayLeave(uint32_t Router, uint32_t Flit, uint32_t Port,
                               uint32_t Channel) {
  const OutPort &P = F.OutPorts[portIndex(Router, Port)];
  const Tick When =
      Deep ? Now + Stages.SwitchAllocation - 1 : Now; // of the grant
  if (P.Ready > When) {
    park(Router, Flit, P.Ready);
    return false;
  }
  const OutVc &O = outOf(Router, Port, Channel);
  const Tick Free = F.Slots[O.FirstSlot + O.Back].Free;
  if (Free <= Now)
    return true;
  if (!Deep && Free == Never)
    F.Ins[O.Receiver].SenderWaits = true;
  park(Router, Flit, Free);
  return false;
}

template <unsigned W, bool Deep>
void Kernel<W, Deep>::askFor(uint32_t Router, uint32_t Flit, uint32_t Port) {
  const uint32_t Input = PortOf[Flit], Channel = ChannelOf[Flit];
  if (!(Outputs >> Port & 1)) {
    Outputs |= uint32_t(1) << Port;
    InputsOf[Port] = 0;
  }
  if (!(InputsOf[Port] >> Input & 1)) {
    InputsOf[Port] |= uint32_t(1) << Input;
    Label[Input][Port] = static_cast<uint8_t>(Channel);
    return;
  }
  uint32_t Turn = SwitchTurn[portIndex(Router, Input)];
  auto Distance = [&](uint32_t C) {
    return C >= Turn ? C - Turn : C + F.Channels - Turn;
  };
  if (Distance(Channel) < Distance(Label[Input][Port]))
    Label[Input][Port] = static_cast<uint8_t>(Channel);
}

template <unsigned W, bool Deep>
void Kernel<W, Deep>::accept(uint32_t Router, uint32_t Input, uint32_t Port,
                             std::vector<SwitchGrant> &Grants) {
  const uint32_t Channel = Label[Input][Port];
  SwitchGive[portIndex(Router, Port)] =
      static_cast<uint8_t>(Input + 1 == F.Ports ? 0 : Input + 1);
  SwitchTake[portIndex(Router, Input)] =
      static_cast<uint8_t>(Port + 1 == F.Ports ? 0 : Port + 1);
  SwitchTurn[portIndex(Router, Input)] =
      static_cast<uint8_t>(Channel + 1 == F.Channels ? 0 : Channel + 1);
  Grants.push_back({Input * F.Channels + Channel, Port});
}

template <unsigned W, bool Deep>
void Kernel<W, Deep>::findSwitch(uint32_t Router, const Set &Flits,
                                 std::vector<SwitchGrant> &Grants) {
  const uint32_t FirstIn = Router * PerRouter;
  Outputs = 0;
  Flits.forEach([&](uint32_t Flit) {
    const uint32_t In = FirstIn + Flit;
    const InVc &I = F.Ins[In];
    if (!I.Branches) {
      if (mayLeave(Router, Flit, I.Out, I.OutChannel))
        askFor(Router, Flit, I.Out);
      return;
    }
    BranchState &B = F.Branches[In];
    for (uint32_t Ports = B.Waiting & ~B.Blocked; Ports; Ports &= Ports - 1) {
      uint32_t Port = static_cast<uint32_t>(std::countr_zero(Ports));
      if (mayLeave(Router, Flit, Port,
                   F.BranchChannel[size_t(In) * F.Ports + Port]))
        askFor(Router, Flit, Port);
      else if (!Deep)
        B.Blocked |= uint32_t(1) << Port;
    }
    if (!(B.Waiting & ~B.Blocked))
      Routers[Router].Flits.clear(Flit);
  });
  uint32_t Inputs = 0;
  for (uint32_t Left = Outputs; Left; Left &= Left - 1) {
    uint32_t Port = static_cast<uint32_t>(std::countr_zero(Left));
    uint32_t Input =
        nextFrom(InputsOf[Port], SwitchGive[portIndex(Router, Port)]);
    uint32_t Bit = uint32_t(1) << Input;
    if (!(Inputs & Bit))
      GivenTo[Input] = 0;
    Inputs |= Bit;
    GivenTo[Input] |= uint32_t(1) << Port;
  }
  for (; Inputs; Inputs &= Inputs - 1) {
    uint32_t Input = static_cast<uint32_t>(std::countr_zero(Inputs));
    uint32_t Given = GivenTo[Input];
    uint32_t Port = nextFrom(Given, SwitchTake[portIndex(Router, Input)]);
    accept(Router, Input, Port, Grants);
    const uint32_t Channel = Label[Input][Port];
    if (!F.Ins[FirstIn + Input * F.Channels + Channel].Branches)
      continue;
    // One flit goes to all outputs that are there for it.
    for (Given &= ~(uint32_t(1) << Port); Given; Given &= Given - 1) {
      uint32_t Other = static_cast<uint32_t>(std::countr_zero(Given));
      if (Label[Input][Other] == Channel)
        accept(Router, Input, Other, Grants);
    }
  }
}

template <unsigned W, bool Deep>
void Kernel<W, Deep>::visit(uint32_t Router) {
  RouterState &R = Routers[Router];
  // What gets its channels now asks for the switch a cycle later; without a
  // clock there are no cycles to wait for.
  Set Flits = R.Flits;
  if (R.Heads.any()) {
    ChannelGrants.clear();
    findChannels(Router, ChannelGrants);
    for (const ChannelGrant &G : ChannelGrants)
      takeChannel(Router, G);
    if (!Stages.Clocked)
      Flits = R.Flits;
  }
  if (Flits.any()) {
    SwitchGrants.clear();
    findSwitch(Router, Flits, SwitchGrants);
    for (const SwitchGrant &G : SwitchGrants)
      send(Router, G);
  }
  if (R.Flits.any() || (R.Heads.any() && mayFindChannels(Router)))
    schedule(Now + 1, Event::Visit, Router);
}

template <unsigned W, bool Deep>
void Kernel<W, Deep>::visitDeep(uint32_t Router) {
  RouterState &R = Routers[Router];
  DeepState &D = Depths[Router];
  // Every stage takes what has come before any of them is done.
  if (D.Routing.any() && !D.InRouting.any()) {
    D.InRouting = D.Routing;
    D.Routing = {};
    D.RoutingDone = Now + Stages.Routing - 1;
    visitAt(D.RoutingDone, Router);
  }
  if (R.Heads.any() && !D.ChannelsBusy) {
    D.ChannelsBusy = true;
    D.ChannelsDone = Now + Stages.VcAllocation - 1;
    D.Channels.clear();
    findChannels(Router, D.Channels);
    visitAt(D.ChannelsDone, Router);
  }
  if (R.Flits.any() && !D.SwitchBusy) {
    D.SwitchBusy = true;
    D.SwitchDone = Now + Stages.SwitchAllocation - 1;
    D.Switch.clear();
    findSwitch(Router, R.Flits, D.Switch);
    visitAt(D.SwitchDone, Router);
  }
  if (D.InRouting.any() && D.RoutingDone == Now) {
    D.InRouting.forEach(
        [&](uint32_t Flit) { route(Router * PerRouter + Flit); });
    D.InRouting = {};
  }
  if (D.ChannelsBusy && D.ChannelsDone == Now) {
    D.ChannelsBusy = false;
    for (const ChannelGrant &G : D.Channels)
      takeChannel(Router, G);
  }
  if (D.SwitchBusy && D.SwitchDone == Now) {
    D.SwitchBusy = false;
    for (const SwitchGrant &G : D.Switch)
      send(Router, G);
  }
  if ((D.Routing.any() && !D.InRouting.any()) ||
      (R.Heads.any() && !D.ChannelsBusy) || (R.Flits.any() && !D.SwitchBusy))
    schedule(Now + 1, Event::Visit, Router);
}

} // namespace synfire::sim::noc

#endif // SYNFIRE_SIMULATOR_NOC_SWITCH_H
