//===- simulator/engine/Activity.cpp - From events to counters ------------===//

#include "simulator/engine/Activity.h"

namespace synfire::sim {

uint32_t storedRowBytes(const image::TileRecord &Tile) {
  return Tile.Format == image::WeightFormat::Bit1 ? (Tile.Cols + 7) / 8
                                                  : Tile.Cols;
}

bool accumulates(const image::StreamRecord &Stream) {
  return Stream.Kind == image::PayloadKind::Binary ||
         Stream.Kind == image::PayloadKind::Ternary;
}

Action actionOf(isa::CostClass Class) {
  switch (Class) {
  case isa::CostClass::Move:
    return Action::InstructionMove;
  case isa::CostClass::Memory:
    return Action::InstructionMemory;
  case isa::CostClass::Add:
    return Action::InstructionAdd;
  case isa::CostClass::Multiply:
    return Action::InstructionMultiply;
  case isa::CostClass::Divide:
    return Action::InstructionDivide;
  case isa::CostClass::Exponential:
    return Action::InstructionExponential;
  case isa::CostClass::Logic:
    return Action::InstructionLogic;
  case isa::CostClass::Convert:
    return Action::InstructionConvert;
  case isa::CostClass::Emit:
    break;
  }
  return Action::InstructionEmit;
}

ActionCounts Counters::total() const {
  ActionCounts Sum = System;
  for (const CoreCounts &C : Cores)
    Sum += C.Actions;
  return Sum;
}

namespace {

void countBlocks(Counters &Out, const ActivityTotals &T, const Wiring &Plan) {
  for (const BlockPlan &B : Plan.Blocks) {
    ActionCounts &Core = Out.Cores[B.Core].Actions;
    Core[Action::NeuronUpdate] += T.TokenSteps * B.NumNeurons;
    Out.Populations[B.Population].Updates += T.TokenSteps * B.NumNeurons;
    Out.Levels[B.Level].Neurons += B.NumNeurons;
    const InstructionCounts &Counts = Plan.Programs[B.Program].counts();
    for (unsigned C = 0; C < isa::NumCostClasses; ++C)
      Core[actionOf(static_cast<isa::CostClass>(C))] +=
          T.TokenSteps *
          (uint64_t(Counts.PerNeuron[C]) * B.NumNeurons + Counts.PerBlock[C]);
  }
  for (uint32_t O = 0; O < Plan.Outputs.size(); ++O) {
    const BlockPlan &B = Plan.Blocks[Plan.Outputs[O].Block];
    Out.Cores[B.Core].Actions[Action::SpikeEmit] += T.Outputs[O];
    Out.Streams[Plan.Outputs[O].Stream].Events += T.Outputs[O];
    if (!Plan.Outputs[O].Reduced)
      Out.Streams[Plan.Outputs[O].Stream].Emitted += T.Emitted[O];
    Out.Levels[B.Level].Events += T.Outputs[O];
  }
}

void countFlows(Counters &Out, const ActivityTotals &T, const Wiring &Plan) {
  for (const LinkPlan &L : Plan.Links)
    Out.Links.push_back({L.Where, L.Crossing, 0, 0});
  for (uint32_t I = 0; I < Plan.Flows.size(); ++I) {
    const FlowPlan &F = Plan.Flows[I];
    const uint64_t Events = T.Flows[I];
    StreamCounts &S = Out.Streams[F.Stream];
    S.Copies += Events * (uint64_t(F.NumArrivals) + F.DeadEnds + F.ReachesHost);
    S.Dropped += Events * F.DeadEnds;
    S.Host += Events * F.ReachesHost;
    bool FromHost = F.Core == image::None;
    if (FromHost)
      S.Events = T.TokenSteps;
    ActionCounts &Sender = FromHost ? Out.System : Out.Cores[F.Core].Actions;
    auto add = [&](Action A, uint64_t Count) {
      Sender[A] += Count;
      S.Traffic[A] += Count;
    };
    if (!FromHost)
      add(Action::MessageOut, Events * F.MessagesOut);
    for (uint32_t L : F.Links) {
      LinkCounts &Link = Out.Links[L];
      Link.Messages += Events;
      Link.Bits += Events * F.MessageBits;
      if (Link.Where.Port == image::East || Link.Where.Port == image::West)
        add(Action::HopEastWest, Events);
      else if (Link.Where.Port != image::Host)
        add(Action::HopNorthSouth, Events);
      if (Link.Crossing)
        add(Action::ChipLinkBit, Events * F.MessageBits);
    }
  }
  for (uint32_t I = 0; I < Plan.Arrivals.size(); ++I) {
    const ArrivalPlan &A = Plan.Arrivals[I];
    const uint64_t Events = T.Flows[A.Flow];
    StreamCounts &S = Out.Streams[Plan.Flows[A.Flow].Stream];
    S.Dropped += T.Drops[I];
    S.Received += Events - T.Drops[I];
    if (A.IsMessage && A.Core != image::None) {
      Out.Cores[A.Core].Actions[Action::MessageIn] += Events;
      S.Traffic[Action::MessageIn] += Events;
    }
  }
}

void countDeliveries(Counters &Out, const ActivityTotals &T, const Wiring &Plan,
                     const image::Image &Image) {
  for (uint32_t I = 0; I < Plan.Deliveries.size(); ++I) {
    const DeliveryPlan &D = Plan.Deliveries[I];
    const FlowPlan &F = Plan.Flows[D.Flow];
    const uint64_t Events = T.Deliveries[I];
    ActionCounts &Core = Out.Cores[Plan.Blocks[D.Block].Core].Actions;
    Core[Action::AxonLookup] += Events;
    Out.Streams[F.Stream].Deliveries += Events;
    LevelCounts *Level =
        F.Level < Out.Levels.size() ? &Out.Levels[F.Level] : nullptr;
    if (Level)
      Level->Deliveries += Events;
    if (!D.Rows) {
      Core[Action::DirectWrite] += Events;
      ActionCounts &Traffic = Out.Streams[F.Stream].Traffic;
      Traffic[Action::DirectWrite] += Events;
      Traffic[Action::AxonLookup] += Events;
      continue;
    }
    const image::TileRecord &Tile = Image.tiles()[D.Tile];
    ConnectionCounts &C = Out.Connections[Tile.Connection];
    const uint64_t Synapses = Events * Tile.Cols;
    const uint64_t Bytes = Events * storedRowBytes(Tile);
    C.RowsAccumulated += Events;
    C.BytesRead += Bytes;
    C.FromHost |= F.Core == image::None;
    Core[Action::SynapseByteRead] += Bytes;
    if (accumulates(Image.streams()[F.Stream])) {
      C.Accumulates += Synapses;
      Core[Action::SynapseAccumulate] += Synapses;
    } else {
      C.Multiplies += Synapses;
      Core[Action::SynapseMultiply] += Synapses;
    }
    if (Level)
      Level->SynapticEvents += Synapses;
  }
  for (uint32_t C = 0; C < Out.Connections.size(); ++C) {
    const image::ConnectionRecord &R = Image.connections()[C];
    Out.Connections[C].Dense = T.TokenSteps * R.Rows * R.Cols;
    Out.Connections[C].EffectiveAccumulates = T.EffectiveAccumulates[C];
    Out.Connections[C].EffectiveMultiplies = T.EffectiveMultiplies[C];
  }
}

} // namespace

Counters countersOf(const ActivityTotals &Totals, const Wiring &Plan,
                    const image::Image &Image) {
  Counters Out;
  Out.TokenSteps = Totals.TokenSteps;
  for (const image::CoreRecord &C : Image.cores())
    Out.Cores.push_back({CoreId{C.Core}, {}});
  Out.Connections.resize(Image.connections().size());
  Out.Streams.resize(Image.streams().size());
  Out.Populations.resize(Image.populations().size());
  Out.Levels.resize(Plan.Levels.size());
  countBlocks(Out, Totals, Plan);
  countFlows(Out, Totals, Plan);
  countDeliveries(Out, Totals, Plan, Image);
  return Out;
}

} // namespace synfire::sim
