//===- simulator/timing/Work.cpp - What a tick asks of cores --------------===//

#include "simulator/timing/Work.h"

#include <algorithm>

namespace synfire::sim {

using image::None;

void TickWork::clear() {
  std::fill(Cores.begin(), Cores.end(), CoreBusy());
  Loads.clear();
  Sends.clear();
  Arrivals.clear();
  Taken.clear();
  Given.clear();
}

WorkPlan::WorkPlan(const Wiring &Plan, const image::Image &Image,
                   const ChipSpec &Spec, bool Messages)
    : Plan(Plan), Image(Image), Cores(Image.cores().size()), Messages(Messages),
      ProgramLanes(Spec.Core.ProgramLanes),
      AccumulateLanes(Spec.Core.AccumulateLanes),
      Levels(std::max<size_t>(1, Plan.Levels.size())) {
  for (unsigned A = 0; A < NumActions; ++A)
    Ns[A] = Spec.Costs.Rows[A].Time.Value;
  EmitNs = ns(Action::SpikeEmit);
  MessageOutNs = ns(Action::MessageOut);
  MessageInNs = ns(Action::MessageIn);
  planBlocks();
  for (uint32_t F = 0; F < Plan.Flows.size(); ++F) {
    const FlowPlan &Flow = Plan.Flows[F];
    if (Flow.Core != None && Flow.MessagesOut != 0)
      Levels[Flow.Level].Flows.push_back(
          {Flow.Core, F, Flow.MessagesOut * MessageOutNs});
    bool Sends = Flow.MessagesOut != 0 || !Flow.Links.empty();
    for (uint32_t A = 0; A < Flow.NumArrivals; ++A)
      Sends |= Plan.Arrivals[Flow.FirstArrival + A].IsMessage;
    for (uint32_t L : levelsOf(Flow))
      if (Sends)
        Levels[L].Routed.push_back(F);
  }
  planArrivals();
}

std::vector<uint32_t> WorkPlan::levelsOf(const FlowPlan &Flow) const {
  if (Flow.Output != None)
    return {Flow.Level};
  std::vector<uint32_t> Out;
  for (uint32_t S : Flow.Sweeps)
    Out.push_back(Plan.Sweeps[S].FirstLevel);
  return Out;
}

double WorkPlan::programNs(const BlockPlan &B, uint32_t Running) const {
  const InstructionCounts &Counts = Plan.Programs[B.Program].counts();
  const double Rounds = (Running + ProgramLanes - 1) / ProgramLanes;
  double Sum = ns(Action::NeuronUpdate) * Rounds;
  for (unsigned C = 0; C < isa::NumCostClasses; ++C)
    Sum += ns(actionOf(static_cast<isa::CostClass>(C))) *
           (Counts.PerNeuron[C] * Rounds + Counts.PerBlock[C]);
  return Sum;
}

double WorkPlan::programNs(const Block &B, const StepPlace &At) const {
  const BlockPlan &Of = Plan.Blocks[B.Index];
  const double Reset = Of.resets(At.Index) ? B.ResetNs : 0;
  if (Of.Rows == image::RowRule::None)
    return B.ProgramNs + Reset;
  const uint32_t Running = At.running(Of.Rows, Of.FirstRow, Of.NumNeurons);
  return (Running == 0 ? 0 : programNs(Of, Running)) + Reset;
}

void WorkPlan::planBlocks() {
  // In image order, which is the order in which a core runs its blocks.
  for (uint32_t I = 0; I < Plan.Blocks.size(); ++I) {
    const BlockPlan &B = Plan.Blocks[I];
    const uint32_t Rounds = (B.NumNeurons + ProgramLanes - 1) / ProgramLanes;
    Levels[B.Level].Blocks.push_back(
        {B.Core, I, programNs(B, B.NumNeurons),
         double(Rounds) * Image.programs()[B.Program].NumStates *
             ns(Action::InstructionMemory)});
  }
  for (uint32_t O = 0; O < Plan.Outputs.size(); ++O) {
    const BlockPlan &B = Plan.Blocks[Plan.Outputs[O].Block];
    Levels[B.Level].Outputs.push_back({B.Core, O, EmitNs});
  }
}

double WorkPlan::rowNs(const DeliveryPlan &D, uint32_t Cols,
                       uint32_t Bytes) const {
  return (Cols + AccumulateLanes - 1) / AccumulateLanes *
             ns(D.Adds ? Action::SynapseAccumulate : Action::SynapseMultiply) +
         Bytes * ns(Action::SynapseByteRead);
}

double WorkPlan::dynamicNs(const DeliveryPlan &D, const StepPlace &At) const {
  const DynamicShape &Tile = Plan.Dynamic[D.Tile];
  if (D.Write)
    return At.writes(Tile.FirstPosition, Tile.Positions)
               ? ns(Action::DynamicWrite)
               : 0;
  const uint32_t Cols = dynamicColumns(D, Plan, At);
  return rowNs(D, Cols, bytesOf(Cols, Tile.Bits));
}

void WorkPlan::planArrivals() {
  std::vector<std::vector<Delivery>> Of(Plan.Arrivals.size());
  for (uint32_t I = 0; I < Plan.Deliveries.size(); ++I) {
    const DeliveryPlan &D = Plan.Deliveries[I];
    const bool Dynamic = D.Write || D.Limit != image::RowRule::None;
    double SynapseNs = ns(Action::DirectWrite);
    if (D.weighs()) {
      const image::TileRecord &T = Image.tiles()[D.Tile];
      SynapseNs = D.Window ? rowNs(D, Plan.Windows[D.Tile].Cols, 0)
                           : rowNs(D, T.Cols, storedRowBytes(T));
    }
    const Delivery Made{I, ns(Action::AxonLookup), SynapseNs, Dynamic,
                        D.Window};
    if (D.Delay == 0) {
      Of[D.Arrival].push_back(Made);
      continue;
    }
    const BlockPlan &Reader = Plan.Blocks[D.Block];
    const SweepPlan &Sweep = Plan.Sweeps[D.Sweep];
    const uint32_t At = D.Sweep == Reader.Sweep
                            ? Reader.Level
                            : Sweep.FirstLevel + Sweep.NumLevels - 1;
    Levels[At].Delayed.emplace_back(Reader.Core, Made);
  }
  for (Level &L : Levels)
    std::stable_sort(
        L.Delayed.begin(), L.Delayed.end(),
        [](const auto &A, const auto &B) { return A.first < B.first; });
  for (uint32_t A = 0; A < Plan.Arrivals.size(); ++A) {
    const ArrivalPlan &Arrival = Plan.Arrivals[A];
    if (Arrival.Core == None)
      continue;
    for (uint32_t At : levelsOf(Plan.Flows[Arrival.Flow])) {
      Level &L = Levels[At];
      L.Arrivals.push_back({Arrival.Core, Arrival.Flow, A, Arrival.IsMessage,
                            static_cast<uint32_t>(L.Deliveries.size()),
                            static_cast<uint32_t>(Of[A].size())});
      L.Deliveries.insert(L.Deliveries.end(), Of[A].begin(), Of[A].end());
    }
  }
}

double WorkPlan::nonZeroNs(const Delivery &D,
                           const TokenActivity &Token) const {
  const DeliveryPlan &Of = Plan.Deliveries[D.Index];
  const double Bytes = D.Window
                           ? double(Token.Met[D.Index].Bytes)
                           : double(storedRowBytes(Image.tiles()[Of.Tile])) *
                                 Token.Deliveries[D.Index];
  return ns(Of.Adds ? Action::SynapseAccumulate : Action::SynapseMultiply) *
             double(Token.NonZero[D.Index]) / AccumulateLanes +
         ns(Action::SynapseByteRead) * Bytes;
}

double WorkPlan::synapsesNs(const Delivery &D,
                            const TokenActivity &Token) const {
  if (Plan.skipsZeros(Plan.Deliveries[D.Index]))
    return nonZeroNs(D, Token);
  if (D.Window) {
    const MetCounts &Met = Token.Met[D.Index];
    return D.SynapseNs * double(Met.Rows) +
           ns(Action::SynapseByteRead) * double(Met.Bytes);
  }
  return (D.Dynamic ? dynamicNs(Plan.Deliveries[D.Index], Token.Place)
                    : D.SynapseNs) *
         Token.Deliveries[D.Index];
}

void WorkPlan::addDelayed(const TokenActivity &Token, const Level &L,
                          TickWork &Work) const {
  for (const auto &[Core, D] : L.Delayed) {
    if (Token.Deliveries[D.Index] == 0)
      continue;
    const double Receiving = D.LookupNs * Token.Deliveries[D.Index];
    const double Synapses = synapsesNs(D, Token);
    Work.Cores[Core][Stage::Receiving] += Receiving;
    Work.Cores[Core][Stage::Synapses] += Synapses;
    Work.Taken.push_back({Core, Receiving + Synapses});
  }
}

void WorkPlan::add(const TokenActivity &Token, size_t LevelIndex,
                   TickWork &Work) const {
  const Level &L = Levels[LevelIndex];
  for (const Block &B : L.Blocks)
    Work.Cores[B.Core][Stage::Programs] += programNs(B, Token.Place);
  for (const Charge &C : L.Outputs)
    Work.Cores[C.Core][Stage::Sending] += C.Ns * Token.Outputs[C.Count];
  for (const Charge &C : L.Flows)
    Work.Cores[C.Core][Stage::Sending] += C.Ns * Token.Flows[C.Count];
  for (uint32_t F : L.Routed)
    if (Token.Flows[F] != 0)
      Work.Loads.push_back({F, Token.Flows[F]});
  if (Messages)
    addSends(Token, L, Work);
  addDelayed(Token, L, Work);
  for (const Arrival &A : L.Arrivals) {
    const uint32_t Events = Token.Flows[A.Flow];
    if (Events == 0)
      continue;
    double Receiving = A.IsMessage ? MessageInNs * Events : 0, Synapses = 0;
    for (uint32_t I = 0; I < A.NumDeliveries; ++I) {
      const Delivery &D = L.Deliveries[A.FirstDelivery + I];
      Receiving += D.LookupNs * Token.Deliveries[D.Index];
      Synapses += synapsesNs(D, Token);
    }
    Work.Cores[A.Core][Stage::Receiving] += Receiving;
    Work.Cores[A.Core][Stage::Synapses] += Synapses;
    if (Plan.Flows[A.Flow].Core == None)
      Work.Given.push_back({A.Core, Receiving + Synapses});
    if (!Messages)
      continue;
    if (A.IsMessage)
      Work.Arrivals.push_back({A.Index, Receiving + Synapses});
    else
      sendOf(A.Flow, L, Work) += Receiving + Synapses;
  }
}

void WorkPlan::addSends(const TokenActivity &Token, const Level &L,
                        TickWork &Work) const {
  for (const Block &B : L.Blocks) {
    const BlockPlan &Of = Plan.Blocks[B.Index];
    double Ns = programNs(B, Token.Place);
    for (uint32_t O = Of.FirstOutput; O < Of.FirstOutput + Of.NumOutputs; ++O)
      Ns += Token.Outputs[O] * EmitNs;
    Work.Sends.push_back({B.Index, Ns});
  }
  for (const Charge &F : L.Flows)
    if (Token.Flows[F.Count] != 0)
      sendOf(F.Count, L, Work) += F.Ns * Token.Flows[F.Count];
}

double &WorkPlan::sendOf(uint32_t Flow, const Level &L, TickWork &Work) const {
  const uint32_t Block = Plan.Outputs[Plan.Flows[Flow].Output].Block;
  auto First = Work.Sends.end() - static_cast<ptrdiff_t>(L.Blocks.size());
  return std::lower_bound(
             First, Work.Sends.end(), Block,
             [](const SendLoad &S, uint32_t B) { return S.Block < B; })
      ->Ns;
}

} // namespace synfire::sim
