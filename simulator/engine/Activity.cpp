//===- simulator/engine/Activity.cpp - From events to counters ------------===//

#include "simulator/engine/Activity.h"

#include <algorithm>

namespace synfire::sim {

uint32_t bytesOf(uint32_t Cols, uint32_t Bits) {
  return static_cast<uint32_t>((uint64_t(Cols) * Bits + 7) / 8);
}

uint32_t storedRowBytes(const image::TileRecord &Tile) {
  return bytesOf(Tile.Cols, image::bitsOf(Tile.Format));
}

uint32_t dynamicColumns(const DeliveryPlan &D, const Wiring &Plan,
                        const StepPlace &Place) {
  return Plan.Dynamic[D.Tile].columns(Place.rows(D.Limit));
}

ActivityTotals ActivityTotals::zero(const Wiring &Plan,
                                    const image::Image &Image) {
  ActivityTotals T;
  T.Outputs.resize(Plan.Outputs.size());
  T.Emitted.resize(Plan.Outputs.size());
  T.Flows.resize(Plan.Flows.size());
  T.Drops.resize(Plan.Arrivals.size());
  T.Deliveries.resize(Plan.Deliveries.size());
  T.Dynamic.resize(Plan.Deliveries.size());
  T.NonZero.resize(Plan.Deliveries.size());
  T.Running.resize(Plan.Blocks.size());
  T.Runs.resize(Plan.Blocks.size());
  T.Resets.resize(Plan.Blocks.size());
  T.Givens.resize(Plan.Givens.size());
  T.EffectiveAccumulates.resize(Image.connections().size());
  T.EffectiveMultiplies.resize(Image.connections().size());
  return T;
}

void ActivityTotals::add(const TokenActivity &Token, const Wiring &Plan) {
  const StepPlace &At = Token.Place;
  if (At.Sweep == 0) {
    ++TokenSteps;
    RowsSeen += At.RowsSeen;
    RowsAll += At.RowsAll;
    if (At.Index == 0)
      SequenceTokens.push_back(0);
    SequenceTokens.back() += At.Last;
  }
  const SweepPlan &Now = Plan.Sweeps[At.Sweep];
  for (uint32_t O : Now.Outputs)
    Outputs[O] += Token.Outputs[O];
  for (uint32_t F : Now.Flows)
    Flows[F] += Token.Flows[F];
  for (uint32_t A : Now.Arrivals)
    Drops[A] += Token.Drops[A];
  for (uint32_t I : Now.Deliveries) {
    const uint64_t Events = Token.Deliveries[I];
    Deliveries[I] += Events;
    const DeliveryPlan &D = Plan.Deliveries[I];
    if (Plan.skipsZeros(D))
      NonZero[I] += Token.NonZero[I];
    if (D.Window) {
      Dynamic[I].Synapses += Token.Met[I].Synapses;
      Dynamic[I].Bytes += Token.Met[I].Bytes;
    } else if (D.Write) {
      const DynamicShape &Tile = Plan.Dynamic[D.Tile];
      if (At.writes(Tile.FirstPosition, Tile.Positions))
        Dynamic[I].Writes += Events;
    } else if (D.Limit != image::RowRule::None) {
      const uint32_t Cols = dynamicColumns(D, Plan, At);
      Dynamic[I].Synapses += Events * Cols;
      Dynamic[I].Bytes += Events * bytesOf(Cols, Plan.Dynamic[D.Tile].Bits);
    }
  }
  for (uint32_t G : Now.Givens)
    Givens[G] += Token.Givens[G];
  for (uint32_t I : Now.ResetBlocks)
    Resets[I] += Plan.Blocks[I].resets(At.Index);
  for (uint32_t I : Now.RowBlocks) {
    const BlockPlan &B = Plan.Blocks[I];
    const uint32_t N = At.running(B.Rows, B.FirstRow, B.NumNeurons);
    Running[I] += N;
    Runs[I] += N != 0;
  }
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

void countBlocks(Counters &Out, const ActivityTotals &T, const Wiring &Plan,
                 const image::Image &Image) {
  for (uint32_t I = 0; I < Plan.Blocks.size(); ++I) {
    const BlockPlan &B = Plan.Blocks[I];
    const bool All = B.Rows == image::RowRule::None;
    const uint64_t Updates = All ? T.TokenSteps * B.NumNeurons : T.Running[I];
    const uint64_t Runs = All ? T.TokenSteps : T.Runs[I];
    ActionCounts Programs;
    Programs[Action::NeuronUpdate] = Updates;
    const InstructionCounts &Counts = Plan.Programs[B.Program].counts();
    for (unsigned C = 0; C < isa::NumCostClasses; ++C)
      Programs[actionOf(static_cast<isa::CostClass>(C))] +=
          Updates * Counts.PerNeuron[C] + Runs * Counts.PerBlock[C];
    Programs[Action::InstructionMemory] +=
        T.Resets[I] * B.NumNeurons * Image.programs()[B.Program].NumStates;
    Out.Cores[B.Core].Actions += Programs;
    Out.Populations[B.Population].Programs += Programs;
    Out.Populations[B.Population].Updates += Updates;
    Out.Levels[B.Level].Neurons += B.NumNeurons;
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
    if (FromHost && F.Given != image::None)
      S.Events = T.Givens[F.Given];
    else if (FromHost)
      S.Events = std::max(S.Events, T.TokenSteps * F.Sweeps.size());
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
    if (D.Write) {
      ConnectionCounts &C = Out.Connections[Image.tiles()[D.Tile].Connection];
      C.Written += T.Dynamic[I].Writes;
      C.NotWritten += Events - T.Dynamic[I].Writes;
      Core[Action::DynamicWrite] += T.Dynamic[I].Writes;
      ActionCounts &Traffic = Out.Streams[F.Stream].Traffic;
      Traffic[Action::DynamicWrite] += T.Dynamic[I].Writes;
      Traffic[Action::AxonLookup] += Events;
      continue;
    }
    if (!D.weighs()) {
      Core[Action::DirectWrite] += Events;
      ActionCounts &Traffic = Out.Streams[F.Stream].Traffic;
      Traffic[Action::DirectWrite] += Events;
      Traffic[Action::AxonLookup] += Events;
      continue;
    }
    const image::TileRecord &Tile = Image.tiles()[D.Tile];
    ConnectionCounts &C = Out.Connections[Tile.Connection];
    const bool Dynamic = D.Limit != image::RowRule::None;
    const bool Varies = Dynamic || D.Window;
    const uint64_t Stored = Varies ? T.Dynamic[I].Synapses : Events * Tile.Cols;
    const uint64_t Synapses = Plan.skipsZeros(D) ? T.NonZero[I] : Stored;
    const uint64_t Bytes =
        Varies ? T.Dynamic[I].Bytes : Events * storedRowBytes(Tile);
    C.RowsAccumulated += Events;
    C.BytesRead += Bytes;
    C.Skipped += Stored - Synapses;
    C.FromHost |= F.Core == image::None && F.Given == image::None;
    Core[Action::SynapseByteRead] += Bytes;
    if (D.Adds) {
      C.Accumulates += Synapses;
      Core[Action::SynapseAccumulate] += Synapses;
    } else {
      C.Multiplies += Synapses;
      Core[Action::SynapseMultiply] += Synapses;
    }
    if (Level)
      Level->SynapticEvents += Synapses;
    // Every value of the query with every row that is there: of a head, its
    // values for keys and its sums for values.
    const image::ConnectionRecord &R = Image.connections()[Tile.Connection];
    if (Dynamic)
      C.Dense = (Plan.Dynamic[D.Tile].Keys ? R.Rows : R.Cols) *
                (D.Limit == image::RowRule::Seen ? T.RowsSeen : T.RowsAll);
  }
  for (uint32_t C = 0; C < Out.Connections.size(); ++C) {
    const image::ConnectionRecord &R = Image.connections()[C];
    if (R.Kind == image::ConnectionKind::Linear)
      Out.Connections[C].Dense = T.TokenSteps * R.Rows * R.Cols;
    else if (R.Kind == image::ConnectionKind::Window)
      Out.Connections[C].Dense = T.TokenSteps * Plan.DenseProducts[C];
    Out.Connections[C].EffectiveAccumulates = T.EffectiveAccumulates[C];
    Out.Connections[C].EffectiveMultiplies = T.EffectiveMultiplies[C];
  }
}

} // namespace

Counters countersOf(const ActivityTotals &Totals, const Wiring &Plan,
                    const image::Image &Image) {
  Counters Out;
  Out.TokenSteps = Totals.TokenSteps;
  Out.Sequences = Totals.SequenceTokens;
  for (uint64_t Tokens : Out.Sequences)
    Out.Tokens += Tokens;
  for (const image::CoreRecord &C : Image.cores())
    Out.Cores.push_back({CoreId{C.Core}, {}});
  Out.Connections.resize(Image.connections().size());
  Out.Streams.resize(Image.streams().size());
  Out.Populations.resize(Image.populations().size());
  Out.Levels.resize(Plan.Levels.size());
  countBlocks(Out, Totals, Plan, Image);
  countFlows(Out, Totals, Plan);
  countDeliveries(Out, Totals, Plan, Image);
  return Out;
}

} // namespace synfire::sim
