//===- simulator/timing/Analytic.cpp - Time from counts -------------------===//

#include "simulator/timing/Analytic.h"

#include <algorithm>

namespace synfire::sim {
namespace {

using image::None;

class AnalyticNetwork : public NetworkModel {
public:
  AnalyticNetwork(const Wiring &Plan, const ChipSpec &Spec)
      : Plan(Plan), Spec(Spec), LinkNs(Plan.Links.size()) {
    for (const FlowPlan &F : Plan.Flows) {
      PerMessage.emplace_back();
      for (uint32_t L : F.Links)
        PerMessage.back().push_back(messageNs(Plan.Links[L], F.MessageBits));
    }
  }

  NetworkTime deliver(std::span<const FlowLoad> Loads) override {
    NetworkTime Out;
    double Latency = 0;
    Touched.clear();
    for (const FlowLoad &Load : Loads) {
      const FlowPlan &F = Plan.Flows[Load.Flow];
      for (size_t I = 0; I < F.Links.size(); ++I) {
        double &Ns = LinkNs[F.Links[I]];
        if (Ns == 0)
          Touched.push_back(F.Links[I]);
        Ns += PerMessage[Load.Flow][I] * Load.Events;
      }
      Latency = std::max(Latency, F.Latency.Value);
    }
    double Busiest = 0;
    std::sort(Touched.begin(), Touched.end());
    for (uint32_t L : Touched) {
      if (LinkNs[L] > Busiest) {
        Busiest = LinkNs[L];
        Out.BusiestLink = L;
      }
      LinkNs[L] = 0;
    }
    Out.Delivered = Nanoseconds(Busiest + Latency);
    return Out;
  }

private:
  double messageNs(const LinkPlan &L, uint32_t Bits) const {
    if (L.Where.Port == image::Host)
      return 0;
    auto flits = [&](uint32_t Width) {
      return Width == 0 ? 1u : (Bits + Width - 1) / Width;
    };
    if (L.Crossing) {
      uint32_t Width = std::max(1u, Spec.System.LinkWidthBits);
      double Rate = Spec.Costs.Link.BitsPerNanosecond;
      return Rate > 0 ? double(flits(Width)) * Width / Rate : 0;
    }
    bool EastWest = L.Where.Port == image::East || L.Where.Port == image::West;
    return flits(Spec.Noc.LinkWidthBits) *
           Spec.Costs[EastWest ? Action::HopEastWest : Action::HopNorthSouth]
               .Time.Value;
  }

  const Wiring &Plan;
  const ChipSpec &Spec;
  std::vector<std::vector<double>> PerMessage; ///< per flow and link of it
  std::vector<double> LinkNs;
  std::vector<uint32_t> Touched;
};

} // namespace

std::unique_ptr<NetworkModel> makeAnalyticNetwork(const Wiring &Plan,
                                                  const ChipSpec &Spec) {
  return std::make_unique<AnalyticNetwork>(Plan, Spec);
}

Nanoseconds barrierTime(const Wiring &Plan, const ChipSpec &Spec) {
  if (!Spec.System.Barrier)
    return {};
  const BarrierTime &B = Spec.Costs.Barrier;
  return B.Base + B.PerTile * Plan.RoutersInUse +
         B.PerChip * (Plan.NumChips == 0 ? 0 : Plan.NumChips - 1);
}

TickTimer::TickTimer(const Wiring &Plan, const image::Image &Image,
                     const ChipSpec &Spec, Mode TokenMode,
                     std::unique_ptr<NetworkModel> Network)
    : Levels(std::max<size_t>(1, Plan.Levels.size())),
      Network(std::move(Network)) {
  Done.TokenMode = TokenMode;
  Done.Barrier = barrierTime(Plan, Spec);
  auto ns = [&](Action A) { return Spec.Costs[A].Time.Value; };
  for (const image::CoreRecord &C : Image.cores())
    CoreIds.push_back(C.Core);
  for (uint32_t I = 0; I < Plan.Blocks.size(); ++I) {
    const BlockPlan &B = Plan.Blocks[I];
    const InstructionCounts &Counts = Plan.Programs[B.Program].counts();
    double Sum = ns(Action::NeuronUpdate) * B.NumNeurons;
    for (unsigned C = 0; C < isa::NumCostClasses; ++C)
      Sum += ns(actionOf(static_cast<isa::CostClass>(C))) *
             (double(Counts.PerNeuron[C]) * B.NumNeurons + Counts.PerBlock[C]);
    Levels[B.Level].Programs.push_back({B.Core, I, Sum});
  }
  for (uint32_t O = 0; O < Plan.Outputs.size(); ++O) {
    const BlockPlan &B = Plan.Blocks[Plan.Outputs[O].Block];
    Levels[B.Level].Outputs.push_back({B.Core, O, ns(Action::SpikeEmit)});
  }
  for (uint32_t F = 0; F < Plan.Flows.size(); ++F) {
    const FlowPlan &Flow = Plan.Flows[F];
    LevelCharges &L = Levels[Flow.Level];
    if (Flow.Core != None && Flow.MessagesOut != 0)
      L.Flows.push_back(
          {Flow.Core, F, Flow.MessagesOut * ns(Action::MessageOut)});
    if (!Flow.Links.empty())
      L.Routed.push_back(F);
  }
  for (uint32_t A = 0; A < Plan.Arrivals.size(); ++A) {
    const ArrivalPlan &Arrival = Plan.Arrivals[A];
    if (Arrival.IsMessage && Arrival.Core != None)
      Levels[Plan.Flows[Arrival.Flow].Level].Arrivals.push_back(
          {Arrival.Core, Arrival.Flow, ns(Action::MessageIn)});
  }
  for (uint32_t I = 0; I < Plan.Deliveries.size(); ++I) {
    const DeliveryPlan &D = Plan.Deliveries[I];
    const FlowPlan &F = Plan.Flows[D.Flow];
    double PerEvent = ns(Action::AxonLookup);
    if (D.Rows) {
      const image::TileRecord &T = Image.tiles()[D.Tile];
      bool Accumulate = accumulates(Image.streams()[F.Stream]);
      PerEvent += T.Cols * ns(Accumulate ? Action::SynapseAccumulate
                                         : Action::SynapseMultiply) +
                  storedRowBytes(T) * ns(Action::SynapseByteRead);
    } else {
      PerEvent += ns(Action::DirectWrite);
    }
    Levels[F.Level].Deliveries.push_back(
        {Plan.Blocks[D.Block].Core, I, PerEvent});
  }
  Open.resize(TokenMode == Mode::Generate ? 1 : Levels.size());
  for (Tick &T : Open)
    T.CoreNs.resize(CoreIds.size());
}

void TickTimer::clear(Tick &T) {
  std::fill(T.CoreNs.begin(), T.CoreNs.end(), 0);
  T.Loads.clear();
}

void TickTimer::addLevel(const TokenActivity &Token, const LevelCharges &L,
                         Tick &T) {
  auto charge = [&](const std::vector<Charge> &Charges,
                    std::span<const uint32_t> Counts) {
    for (const Charge &C : Charges)
      T.CoreNs[C.Core] += C.Ns * Counts[C.Count];
  };
  for (const Charge &C : L.Programs)
    T.CoreNs[C.Core] += C.Ns;
  charge(L.Outputs, Token.Outputs);
  charge(L.Flows, Token.Flows);
  charge(L.Arrivals, Token.Flows);
  charge(L.Deliveries, Token.Deliveries);
  for (uint32_t F : L.Routed)
    if (Token.Flows[F] != 0)
      T.Loads.push_back({F, Token.Flows[F]});
}

TickTime TickTimer::close(const Tick &T) const {
  TickTime Out;
  double Longest = 0;
  for (size_t C = 0; C < CoreIds.size(); ++C)
    if (T.CoreNs[C] > Longest) {
      Longest = T.CoreNs[C];
      Out.Waited = Bound::Core;
      Out.Id = CoreIds[C];
    }
  NetworkTime Net = Network->deliver(T.Loads);
  if (Net.Delivered.Value > Longest) {
    Longest = Net.Delivered.Value;
    Out.Waited = Bound::Link;
    Out.Id = Net.BusiestLink;
  }
  if (Done.Barrier.Value > Longest) {
    Out.Waited = Bound::Barrier;
    Out.Id = 0;
  }
  Out.Duration = Nanoseconds(Longest) + Done.Barrier;
  return Out;
}

void TickTimer::add(const TokenActivity &Token) {
  const uint64_t Depth = Levels.size();
  const uint64_t Index = Done.Tokens++;
  if (Done.TokenMode == Mode::Generate) {
    Nanoseconds Sum;
    for (const LevelCharges &L : Levels) {
      clear(Open[0]);
      addLevel(Token, L, Open[0]);
      Done.Ticks.push_back(close(Open[0]));
      Sum += Done.Ticks.back().Duration;
    }
    Done.Latency.push_back(Sum);
    Done.Total += Sum;
    return;
  }
  for (uint64_t K = 0; K < Depth; ++K)
    addLevel(Token, Levels[K], Open[(Index + K) % Depth]);
  // No later token takes part in this tick.
  Tick &Over = Open[Index % Depth];
  Done.Ticks.push_back(close(Over));
  Done.Total += Done.Ticks.back().Duration;
  clear(Over);
}

Timing TickTimer::result() const {
  Timing Out = Done;
  if (Out.TokenMode == Mode::Generate || Out.Tokens == 0)
    return Out;
  const uint64_t Depth = Levels.size();
  for (uint64_t K = 0; K + 1 < Depth; ++K) {
    Out.Ticks.push_back(close(Open[(Out.Tokens + K) % Depth]));
    Out.Total += Out.Ticks.back().Duration;
  }
  for (uint64_t T = 0; T < Out.Tokens; ++T) {
    Nanoseconds Sum;
    for (uint64_t K = 0; K < Depth; ++K)
      Sum += Out.Ticks[T + K].Duration;
    Out.Latency.push_back(Sum);
  }
  return Out;
}

} // namespace synfire::sim
