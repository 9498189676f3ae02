//===- NetworkPlan.cpp - spike IR to a workload ---------------------------===//

#include "compiler/lowering/NetworkPlan.h"

#include "compiler/lowering/Planner.h"
#include "dialects/spike/Wishes.h"

#include <fmt/format.h>

#include <bit>
#include <set>

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;
using synfire::isa::Opcode;

uint32_t synfire::compiler::signedWidth(int64_t Low, int64_t High) {
  auto Magnitude = static_cast<uint64_t>(std::max(-Low - 1, High));
  return std::bit_width(Magnitude) + 1;
}

/// Share of neurons that are expected to send in a token step: spikes are
/// sparse, graded payloads are mostly not 0, whatever they travel as.
static double expectedActivity(spike::EventsType T) {
  constexpr double Spiking = 0.2;
  return T.getKind() == spike::EventKind::Binary ||
                 T.getKind() == spike::EventKind::Ternary
             ? Spiking
             : 1.0;
}

static image::RowRule rowRuleOf(spike::PopulationOp Op) {
  if (!Op.getRows())
    return image::RowRule::None;
  return *Op.getRows() == spike::Rows::Seen ? image::RowRule::Seen
                                            : image::RowRule::All;
}

static image::Held heldOf(spike::PopulationOp Op) {
  if (!Op.getHeld())
    return image::Held::No;
  return *Op.getHeld() == spike::Held::Each ? image::Held::Each
                                            : image::Held::Last;
}

void Planner::addStreams() {
  Block &Body = Network.getBody().front();
  for (auto Op : Body.getOps<spike::InputOp>()) {
    auto Role = static_cast<image::HostRole>(Op.getRole());
    const bool Any = Op.getRole() == spike::InputRole::Events;
    StreamOf[Op.getTokens()] = Plan.Streams.size();
    Plan.Streams.push_back(
        {Op.getName().str(), Op.getTokens().getType(), image::None, Role});
    Plan.Net.HostInputs.push_back(
        {Op.getName().str(),
         static_cast<uint32_t>(Op.getTokens().getType().getSize()), Role,
         Any ? expectedActivity(Op.getTokens().getType()) : 1.0});
  }
  for (auto Op : Body.getOps<spike::PopulationOp>()) {
    uint32_t Index = Plan.Populations.size();
    Plan.Populations.push_back({Op, {}});
    for (OpResult R : Op->getResults()) {
      auto Events = llvm::dyn_cast<spike::EventsType>(R.getType());
      std::string Name = Op.getResultName(R.getResultNumber()).str();
      if (!Events) {
        fail(Name, "lower-not-quantised",
             "the population emits real values, only integers travel on a "
             "chip; run spike-quantize");
        continue;
      }
      StreamOf[R] = Plan.Streams.size();
      Plan.Streams.push_back({Name, Events, Index});
    }
  }
}

/// Steps, positions and sweeps of the network and of its populations.
void Planner::addSequence() {
  mapping::Workload &Net = Plan.Net;
  Net.Steps = Network.getSteps();
  Net.Positions = Network.getPositions().value_or(0);
  auto Sweeps = spike::sweepsOf(Network);
  for (uint32_t I = 0; I < Plan.Populations.size(); ++I) {
    spike::PopulationOp Op = Plan.Populations[I].Op;
    mapping::Population &P = Net.Populations[I];
    P.Name = Op.getResultName(0).str();
    P.Neurons = Op.getNumNeurons();
    P.Sweep = Sweeps.lookup(Op);
    P.Held = heldOf(Op);
    P.Rows = rowRuleOf(Op);
    if (auto Piece = Op->getAttrOfType<IntegerAttr>(spike::OwnCoresAttr)) {
      P.CutAt = std::min<uint64_t>(Piece.getInt(), P.Neurons);
      P.OwnCores = true;
    }
    if (auto Reset = Op.getReset()) {
      P.ResetEvery = (*Reset)[0];
      P.ResetAt = (*Reset)[1];
    }
    Net.Sweeps = std::max(Net.Sweeps, P.Sweep + 1);
    if (P.Rows != image::RowRule::None)
      addGroups(I, P.Neurons / Net.Positions);
  }
}

void Planner::addGroups(uint32_t Index, uint32_t Groups) {
  mapping::Population &P = Plan.Net.Populations[Index];
  const auto [Few, Many] = std::minmax(P.Groups, Groups);
  if (Many % Few != 0)
    return fail(P.Name, "lower-groups",
                fmt::format("the population is read or reads by {} groups and "
                            "by {}; one must be a multiple of the other",
                            Few, Many));
  P.Groups = Many;
}

/// A result that is read and reduced is an output for each way, of the same
/// stream.
void Planner::addOutputs(uint32_t Index) {
  spike::PopulationOp Op = Plan.Populations[Index].Op;
  mapping::Population &P = Plan.Net.Populations[Index];
  for (OpResult R : Op->getResults()) {
    uint32_t Stream = StreamOf[R];
    spike::EventsType T = Plan.Streams[Stream].Type;
    // In an order that does not depend on that of the uses.
    std::set<Reduction> Ways;
    for (Operation *User : R.getUsers())
      if (auto Reduce = llvm::dyn_cast<spike::ReduceOp>(User))
        Ways.insert(
            {spike::sizeOf(Reduce.getSum().getType()), Reduce.getMax()});
      else
        Ways.insert({0, false});
    if (Ways.empty())
      Ways.insert({0, false});
    for (auto [Groups, Largest] : Ways) {
      mapping::Output O;
      O.Name = Plan.Streams[Stream].Name;
      O.Kind = static_cast<image::PayloadKind>(T.getKind());
      O.PayloadBits =
          T.getKind() == spike::EventKind::Ternary ? 2 : T.getBits();
      O.Activity = expectedActivity(T);
      if (Groups != 0) {
        const int64_t Summed = Largest ? 1 : T.getSize() / Groups;
        O.Reduced = true;
        O.Largest = Largest;
        O.ReducedGroups = Groups;
        O.ReducedBits = std::min(
            32u, signedWidth(T.minPayload() * Summed, T.maxPayload() * Summed));
        addGroups(Index, Groups);
      }
      OutputOf[{Stream, {Groups, Largest}}] = P.Outputs.size();
      P.Outputs.push_back(O);
      Plan.Populations[Index].Streams.push_back(Stream);
    }
  }
}

void Planner::addProgram(uint32_t Index,
                         const std::vector<uint32_t> &SlotOfInput) {
  spike::PopulationOp Op = Plan.Populations[Index].Op;
  mapping::Population &P = Plan.Net.Populations[Index];
  ProgramRegion Region;
  Region.Body = &Op.getBody().front();
  for (uint32_t Slot : SlotOfInput)
    Region.Arguments.push_back({Opcode::LoadAccumulator, Slot});
  for (uint32_t I = 0; I < Op.getParams().size(); ++I)
    Region.Arguments.push_back({Opcode::LoadParameter, I});
  for (uint32_t I = 0; I < Op.getNumStates(); ++I)
    Region.Arguments.push_back({Opcode::LoadState, I});
  for (const mapping::Slot &S : P.Slots)
    Region.UniformSlots.push_back(S.Uniform);
  for (uint32_t Stream : Plan.Populations[Index].Streams)
    for (OpResult R : Op->getResults())
      if (StreamOf[R] == Stream)
        Region.Payloads.push_back(
            Op.getYield().getResults()[R.getResultNumber()]);
  llvm::append_range(Region.States, Op.getYield().getStates());
  Result<EncodedProgram> Code = encodeProgram(Region);
  if (!Code) {
    for (Error E : Code.errors()) {
      E.Where = P.Name;
      Found.push_back(std::move(E));
    }
    return;
  }
  Code->Init = initialWords(Op.stateArgs(), Op.getInit());
  P.Instructions = Code->Code.size();
  P.States = Op.getNumStates();
  P.Parameters = Op.getParams().size();
  auto [It, New] = ProgramOf.try_emplace(Code->key(), Plan.Programs.size());
  P.Program = It->second;
  if (New)
    Plan.Programs.push_back(std::move(*Code));
}

void Planner::addPopulation(uint32_t Index) {
  spike::PopulationOp Op = Plan.Populations[Index].Op;
  std::vector<uint32_t> SlotOfInput;
  llvm::DenseMap<Value, uint32_t> SlotOf;
  for (Value In : Op.getInputs()) {
    uint32_t Next = Plan.Net.Populations[Index].Slots.size();
    auto [It, New] = SlotOf.try_emplace(In, Next);
    if (New)
      addSlot(Index, In);
    SlotOfInput.push_back(It->second);
  }
  addProgram(Index, SlotOfInput);
}

void Planner::addHostOutput(spike::OutputOp Op) {
  std::string Name = Op.getName().str();
  if (!llvm::isa<spike::EventsType>(Op.getValues().getType()))
    return fail(Name, "lower-not-quantised",
                "the output is real; run spike-quantize");
  if (!Op.getValues().getDefiningOp<spike::PopulationOp>())
    return fail(Name, "lower-output-source",
                "an output reads something else than a population");
  uint32_t Stream = StreamOf[Op.getValues()];
  for (const PlannedHostOutput &O : Plan.HostOutputs)
    if (O.Stream == Stream)
      return fail(Name, "lower-output-twice",
                  fmt::format("'{}' is sent to the host twice",
                              Plan.Streams[Stream].Name));
  mapping::Edge E;
  E.Name = Name;
  E.Kind = mapping::EdgeKind::HostOutput;
  E.From = *sourceOf(Op.getValues(), Name);
  Others.push_back(E);
  Plan.HostOutputs.push_back({Stream, Op.getScales()});
}

Result<NetworkPlan> Planner::run() {
  addStreams();
  if (!Found.empty())
    return Found;
  Plan.Net.Populations.resize(Plan.Populations.size());
  addSequence();
  for (uint32_t I = 0; I < Plan.Populations.size(); ++I)
    addOutputs(I);
  for (uint32_t I = 0; I < Plan.Populations.size(); ++I)
    addPopulation(I);
  for (auto Op : Network.getBody().front().getOps<spike::OutputOp>())
    addHostOutput(Op);
  llvm::sort(Plan.HostOutputs,
             [](const auto &A, const auto &B) { return A.Stream < B.Stream; });
  if (!Found.empty())
    return Found;
  llvm::append_range(Plan.Net.Edges, Others);
  Errors Mistakes = Plan.Net.check();
  if (!Mistakes.empty())
    return Mistakes;
  return std::move(Plan);
}

Result<NetworkPlan> synfire::compiler::planNetwork(spike::NetworkOp Network) {
  return Planner(Network).run();
}
