//===- NetworkPlan.cpp - spike IR to a workload ---------------------------===//

#include "compiler/lowering/NetworkPlan.h"

#include "llvm/ADT/DenseMap.h"

#include <fmt/format.h>

#include <bit>
#include <map>

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;
using synfire::isa::Opcode;

/// Bits of two's complement that hold every number of [\p Low, \p High].
static uint32_t signedWidth(int64_t Low, int64_t High) {
  auto Magnitude = static_cast<uint64_t>(std::max(-Low - 1, High));
  return std::bit_width(Magnitude) + 1;
}

/// Share of neurons that are expected to send in a token step: spikes are
/// sparse, graded payloads are mostly not 0.
static double expectedActivity(spike::EventsType T) {
  constexpr double Spiking = 0.2;
  return T.isAccumulateOnly() ? Spiking : 1.0;
}

namespace {
class Planner {
public:
  explicit Planner(spike::NetworkOp Network) : Network(Network) {}
  Result<NetworkPlan> run();

private:
  void fail(std::string Where, const char *Rule, std::string Text) {
    Found.push_back(
        {std::move(Where), Rule, std::move(Text), ErrorKind::BadInput});
  }
  void addStreams();
  void addOutputs(uint32_t Index);
  void addPopulation(uint32_t Index);
  void addProgram(uint32_t Index, const std::vector<uint32_t> &SlotOfInput);
  void addSlot(uint32_t Index, Value Read);
  void addLinear(mapping::Edge E, Operation *Op, mapping::Slot &Into);
  void addHostOutput(spike::OutputOp Op);
  mapping::Source sourceOf(Value Events, bool Reduced);

  spike::NetworkOp Network;
  NetworkPlan Plan;
  Errors Found;
  std::vector<mapping::Edge> Others;
  llvm::DenseMap<Value, uint32_t> StreamOf;
  llvm::DenseMap<Operation *, uint32_t> PopulationOf;
  std::map<std::pair<uint32_t, bool>, uint32_t> OutputOf; // stream, reduced
  llvm::DenseMap<Operation *, unsigned> TimesRead;        // linears
  std::map<std::string, uint32_t> ProgramOf;              // by key
};
} // namespace

void Planner::addStreams() {
  Block &Body = Network.getBody().front();
  for (auto Op : Body.getOps<spike::InputOp>()) {
    StreamOf[Op.getTokens()] = Plan.Streams.size();
    Plan.Streams.push_back({Op.getName().str(), Op.getTokens().getType()});
    Plan.Net.HostInputs.push_back(
        {Op.getName().str(),
         static_cast<uint32_t>(Op.getTokens().getType().getSize())});
  }
  for (auto Op : Body.getOps<spike::PopulationOp>()) {
    uint32_t Index = Plan.Populations.size();
    PopulationOf[Op] = Index;
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

/// A result that is read and summed is two outputs of the same stream.
void Planner::addOutputs(uint32_t Index) {
  spike::PopulationOp Op = Plan.Populations[Index].Op;
  mapping::Population &P = Plan.Net.Populations[Index];
  for (OpResult R : Op->getResults()) {
    uint32_t Stream = StreamOf[R];
    spike::EventsType T = Plan.Streams[Stream].Type;
    auto IsReduce = [](Operation *User) {
      return llvm::isa<spike::ReduceOp>(User);
    };
    auto Add = [&](bool Reduced) {
      mapping::Output O;
      O.Name = Plan.Streams[Stream].Name;
      O.Kind = static_cast<image::PayloadKind>(T.getKind());
      O.PayloadBits =
          T.getKind() == spike::EventKind::Ternary ? 2 : T.getBits();
      O.Reduced = Reduced;
      O.Activity = expectedActivity(T);
      if (Reduced)
        O.ReducedBits =
            std::min(32u, signedWidth(T.minPayload() * T.getSize(),
                                      T.maxPayload() * T.getSize()));
      OutputOf[{Stream, Reduced}] = P.Outputs.size();
      P.Outputs.push_back(O);
      Plan.Populations[Index].Streams.push_back(Stream);
    };
    if (R.use_empty() || !llvm::all_of(R.getUsers(), IsReduce))
      Add(false);
    if (llvm::any_of(R.getUsers(), IsReduce))
      Add(true);
  }
}

mapping::Source Planner::sourceOf(Value Events, bool Reduced) {
  uint32_t Stream = StreamOf[Events];
  mapping::Source From;
  From.FromHost = Plan.Streams[Stream].Population == image::None;
  // Streams of the host come first.
  From.Index = From.FromHost ? Stream : Plan.Streams[Stream].Population;
  From.Output = From.FromHost ? 0 : OutputOf[{Stream, Reduced}];
  return From;
}

void Planner::addLinear(mapping::Edge E, Operation *Op, mapping::Slot &Into) {
  E.Kind = mapping::EdgeKind::Linear;
  if (auto Embed = llvm::dyn_cast<spike::EmbedOp>(Op)) {
    if (!llvm::cast<ShapedType>(Embed.getTable().getType())
             .getElementType()
             .isInteger(1))
      return fail(E.Name, "lower-not-quantised",
                  "the embedding table is real; run spike-fold-embedding");
    E.From = sourceOf(Embed.getTokens(), false);
    E.WeightBits = 1;
    E.AccumulateOnly = true;
    E.SumBits = 2; // one row of zeros and ones
  } else {
    auto Linear = llvm::cast<spike::LinearOp>(Op);
    auto Codes = Linear.getMatrix().getDefiningOp<spike::QuantizeOp>();
    auto Events =
        llvm::dyn_cast<spike::EventsType>(Linear.getValues().getType());
    if (!Codes || !Events)
      return fail(E.Name, "lower-not-quantised",
                  "the linear has real weights or reads real values; run "
                  "spike-quantize");
    E.From = sourceOf(Linear.getValues(), false);
    E.WeightBits = Codes.getBits();
    E.AccumulateOnly = Events.isAccumulateOnly();
    int64_t Most = ((int64_t(1) << (E.WeightBits - 1)) - 1) *
                   std::max(-Events.minPayload(), Events.maxPayload()) *
                   Events.getSize();
    E.SumBits =
        Linear.getSumBits() ? *Linear.getSumBits() : signedWidth(-Most, Most);
    if (E.SumBits > 32)
      return fail(E.Name, "lower-sum-bits",
                  fmt::format("a sum may need {} bits, an accumulator has 32; "
                              "run spike-classify-linears for the exact bound, "
                              "or narrow the payload",
                              E.SumBits));
  }
  Into.SumBits = E.SumBits;
  // A linear that several populations read lies on the chip once for each.
  if (TimesRead[Op]++ > 0)
    E.Name += "@" + Plan.Net.Populations[E.To].Name;
  Plan.Net.Edges.push_back(std::move(E));
  Plan.Linears.push_back(Op);
}

void Planner::addSlot(uint32_t Index, Value Read) {
  mapping::Population &P = Plan.Net.Populations[Index];
  mapping::Slot Slot;
  mapping::Edge E;
  E.To = Index;
  E.Slot = P.Slots.size();
  bool Single = spike::sizeOf(Read.getType()) == 1 && P.Neurons > 1;
  Operation *Def = Read.getDefiningOp();
  if (auto Events = llvm::dyn_cast<spike::EventsType>(Read.getType())) {
    Slot.Name = E.Name = Plan.Streams[StreamOf[Read]].Name;
    Slot.Uniform = Single;
    Slot.SumBits = signedWidth(Events.minPayload(), Events.maxPayload());
    E.Kind = Single ? mapping::EdgeKind::Broadcast : mapping::EdgeKind::Direct;
    E.From = sourceOf(Read, false);
    if (Slot.SumBits > 32)
      fail(E.Name, "lower-sum-bits",
           "an unsigned payload of 32 bits does not fit an accumulator");
    Others.push_back(E);
  } else if (llvm::isa_and_present<spike::LinearOp, spike::EmbedOp>(Def)) {
    Slot.Name = E.Name = Def->getAttrOfType<StringAttr>("name").str();
    if (Single)
      fail(E.Name, "lower-single-sum",
           fmt::format("'{}' reads a single sum for all its {} neurons; put a "
                       "population of one neuron between",
                       P.Name, P.Neurons));
    else
      addLinear(E, Def, Slot);
  } else if (auto Reduce = llvm::dyn_cast_if_present<spike::ReduceOp>(Def);
             Reduce &&
             llvm::isa<spike::EventsType>(Reduce.getValues().getType())) {
    Slot.Name = E.Name = Reduce.getName().str();
    E.Kind = mapping::EdgeKind::Reduce;
    if (P.Neurons != 1)
      fail(E.Name, "lower-single-sum",
           fmt::format("'{}' reads a reduction with its {} neurons; put a "
                       "population of one neuron between",
                       P.Name, P.Neurons));
    else if (!Reduce.getValues().getDefiningOp<spike::PopulationOp>())
      fail(E.Name, "lower-reduce-source",
           "a reduction reads something else than a population");
    else {
      E.From = sourceOf(Reduce.getValues(), true);
      const mapping::Population &From = Plan.Net.Populations[E.From.Index];
      Slot.SumBits = From.Outputs[E.From.Output].ReducedBits;
      Others.push_back(E);
    }
  } else {
    fail(P.Name, "lower-not-quantised",
         "the population reads real values; run spike-quantize");
  }
  P.Slots.push_back(Slot);
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
  Code->Init.assign(Op.getInit().begin(), Op.getInit().end());
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
  E.From = sourceOf(Op.getValues(), false);
  Others.push_back(E);
  Plan.HostOutputs.push_back({Stream, Op.getScales()});
}

Result<NetworkPlan> Planner::run() {
  addStreams();
  if (!Found.empty())
    return Found;
  Plan.Net.Populations.resize(Plan.Populations.size());
  for (uint32_t I = 0; I < Plan.Populations.size(); ++I) {
    spike::PopulationOp Op = Plan.Populations[I].Op;
    Plan.Net.Populations[I].Name = Op.getResultName(0).str();
    Plan.Net.Populations[I].Neurons = Op.getNumNeurons();
    addOutputs(I);
  }
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
