//===- simulator/noc/Channels.h - Who gets a virtual channel ----*- C++ -*-===//
//
// Part of Kernel: virtual channel allocation. One iteration of iSLIP: each free
// channel of an output picks one of the heads that ask for it, each head takes
// one of the channels that picked it, both round robin; pointers move past what
// was taken.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_NOC_CHANNELS_H
#define SYNFIRE_SIMULATOR_NOC_CHANNELS_H

#include "simulator/noc/Kernel.h"

namespace synfire::sim::noc {

template <unsigned W, bool Deep>
void Kernel<W, Deep>::findChannels(uint32_t Router,
                                   std::vector<ChannelGrant> &Grants) {
  const Set Heads = Routers[Router].Heads;
  const uint32_t FirstIn = Router * PerRouter;
  if (Routes.hasBranches())
    findBranchChannels(Router, Heads);
  uint32_t Asked = 0, Several = 0;
  Heads.forEach([&](uint32_t Head) {
    const InVc &I = F.Ins[FirstIn + Head];
    if (I.Branches || !(freeChannels(Router, I.Out) & ClassMask[I.Class]))
      return;
    uint32_t Bit = uint32_t(1) << I.Out;
    if (!(Asked & Bit))
      Asking[I.Out] = {};
    Several |= Asked & Bit;
    Asked |= Bit;
    Asking[I.Out].set(Head);
  });
  for (; Asked; Asked &= Asked - 1) {
    uint32_t Port = static_cast<uint32_t>(std::countr_zero(Asked));
    if (Several >> Port & 1) {
      shareChannels(Router, Port, Grants);
      continue;
    }
    // A head alone is picked by every channel that it may take.
    uint32_t Head = Asking[Port].nextFrom(0);
    const InVc &I = F.Ins[FirstIn + Head];
    uint32_t Turn = ChannelTake[FirstIn + Head];
    uint32_t Start = startAt(Turn, Port);
    uint32_t Free = freeChannels(Router, Port) & ClassMask[I.Class];
    Grants.push_back({Head, Port, nextFrom(Free, Start)});
  }
}

/// Several heads ask for \p Port.
template <unsigned W, bool Deep>
void Kernel<W, Deep>::shareChannels(uint32_t Router, uint32_t Port,
                                    std::vector<ChannelGrant> &Grants) {
  const uint32_t FirstIn = Router * PerRouter;
  const uint32_t FirstOut = portIndex(Router, Port) * F.Channels;
  uint32_t PickedBy[32]; // Channels that picked a head, by order of heads.
  uint32_t Heads[32], NumHeads = 0;
  for (uint32_t Free = freeChannels(Router, Port); Free; Free &= Free - 1) {
    uint32_t Channel = static_cast<uint32_t>(std::countr_zero(Free));
    Set Able = Asking[Port];
    Asking[Port].forEach([&](uint32_t Head) {
      if (!(ClassMask[F.Ins[FirstIn + Head].Class] >> Channel & 1))
        Able.clear(Head);
    });
    if (!Able.any())
      continue;
    uint32_t Head = Able.nextFrom(ChannelGive[FirstOut + Channel]);
    uint32_t I = 0;
    while (I < NumHeads && Heads[I] != Head)
      ++I;
    if (I == NumHeads) {
      Heads[NumHeads++] = Head;
      PickedBy[I] = 0;
    }
    PickedBy[I] |= uint32_t(1) << Channel;
  }
  for (uint32_t I = 0; I < NumHeads; ++I) {
    uint32_t Turn = ChannelTake[FirstIn + Heads[I]];
    uint32_t Start = startAt(Turn, Port);
    Grants.push_back({Heads[I], Port, nextFrom(PickedBy[I], Start)});
  }
}

template <unsigned W, bool Deep>
bool Kernel<W, Deep>::allFree(uint32_t Router, const Stop &S) const {
  for (uint32_t Ports = S.Ports; Ports; Ports &= Ports - 1) {
    uint32_t Port = static_cast<uint32_t>(std::countr_zero(Ports));
    if (!(F.OutPorts[portIndex(Router, Port)].Free &
          ClassMask[Routes.next(S, Port).Class]))
      return false;
  }
  return true;
}

/// A packet that branches takes all its channels at once or none: two of them
/// that held what the other needs would wait forever. They come before single
/// packets and take turns among each other. Keeping freed channels for them
/// would make packets in a column wait for one in a row, and so close cycles.
template <unsigned W, bool Deep>
void Kernel<W, Deep>::findBranchChannels(uint32_t Router, const Set &Heads) {
  Set Left = Heads;
  for (uint32_t Turn = Routers[Router].BranchTurn; Left.any();) {
    uint32_t Head = Left.nextFrom(Turn);
    Left.clear(Head);
    Turn = Head + 1 == PerRouter ? 0 : Head + 1;
    const InVc &I = F.Ins[Router * PerRouter + Head];
    if (!I.Branches)
      continue;
    const Stop &S = Routes.stop(I.Way);
    if (allFree(Router, S))
      takeBranches(Router, Head, S);
  }
}

template <unsigned W, bool Deep>
void Kernel<W, Deep>::takeBranches(uint32_t Router, uint32_t Head,
                                   const Stop &S) {
  const uint32_t In = Router * PerRouter + Head;
  for (uint32_t Ports = S.Ports; Ports; Ports &= Ports - 1) {
    uint32_t Port = static_cast<uint32_t>(std::countr_zero(Ports));
    OutPort &P = F.OutPorts[portIndex(Router, Port)];
    uint32_t Channel =
        nextFrom(P.Free & ClassMask[Routes.next(S, Port).Class], 0);
    P.Free &= ~(uint32_t(1) << Channel);
    F.BranchChannel[size_t(In) * F.Ports + Port] =
        static_cast<uint8_t>(Channel);
    outOf(Router, Port, Channel).Owner = In;
  }
  F.Ins[In].State = VcState::Active;
  LastMove = Now;
  RouterState &R = Routers[Router];
  R.Heads.clear(Head);
  R.Flits.set(Head);
  R.BranchTurn = Head + 1 == PerRouter ? 0 : Head + 1;
}

template <unsigned W, bool Deep>
void Kernel<W, Deep>::takeChannel(uint32_t Router, const ChannelGrant &G) {
  const uint32_t In = Router * PerRouter + G.Head;
  InVc &I = F.Ins[In];
  F.OutPorts[portIndex(Router, G.Port)].Free &= ~(uint32_t(1) << G.Channel);
  const uint32_t OutIndex = portIndex(Router, G.Port) * F.Channels + G.Channel;
  F.Outs[OutIndex].Owner = In;
  I.OutChannel = static_cast<uint8_t>(G.Channel);
  I.State = VcState::Active;
  LastMove = Now;
  RouterState &R = Routers[Router];
  R.Heads.clear(G.Head);
  R.Flits.set(G.Head);
  ChannelGive[OutIndex] =
      static_cast<uint16_t>(G.Head + 1 == PerRouter ? 0 : G.Head + 1);
  uint32_t Turn = G.Port * F.Channels + G.Channel + 1;
  ChannelTake[In] = static_cast<uint16_t>(Turn == PerRouter ? 0 : Turn);
}

/// Whether a waiting head could get something at the next instant.
template <unsigned W, bool Deep>
bool Kernel<W, Deep>::mayFindChannels(uint32_t Router) const {
  bool May = false;
  Routers[Router].Heads.forEach([&](uint32_t Head) {
    const InVc &I = F.Ins[Router * PerRouter + Head];
    if (I.Branches)
      May |= allFree(Router, Routes.stop(I.Way));
    else
      May |= (freeChannels(Router, I.Out) & ClassMask[I.Class]) != 0;
  });
  return May;
}

} // namespace synfire::sim::noc

#endif // SYNFIRE_SIMULATOR_NOC_CHANNELS_H
