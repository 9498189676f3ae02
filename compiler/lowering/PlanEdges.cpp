//===- PlanEdges.cpp - What populations read ------------------------------===//

#include "compiler/lowering/Planner.h"

#include <fmt/format.h>

#include <numeric>

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;

/// Bits of a sum of \p Count products of at most \p Left times \p Right.
static uint32_t productWidth(int64_t Left, int64_t Right, int64_t Count) {
  const double Most = double(Left) * double(Right) * double(Count);
  if (Most >= double(INT64_MAX))
    return 64;
  return signedWidth(-Left * Right * Count, Left * Right * Count);
}

static int64_t magnitudeOf(spike::EventsType T) {
  return std::max(-T.minPayload(), T.maxPayload());
}

std::optional<mapping::Source>
Planner::sourceOf(Value Events, const std::string &Reader, Reduction How) {
  auto Known = StreamOf.find(Events);
  if (Known == StreamOf.end()) {
    fail(Reader, "lower-source",
         "reads something else than an input or the result of a population");
    return std::nullopt;
  }
  uint32_t Stream = Known->second;
  mapping::Source From;
  From.FromHost = Plan.Streams[Stream].Population == image::None;
  // Streams of the host come first.
  From.Index = From.FromHost ? Stream : Plan.Streams[Stream].Population;
  From.Output = From.FromHost ? 0 : OutputOf[{Stream, How}];
  return From;
}

bool Planner::readFrom(mapping::Edge &E, Value Events) {
  if (auto Delay = Events.getDefiningOp<spike::DelayOp>())
    E.Delay = Delay.getBy();
  auto From = sourceOf(spike::undelayed(Events), E.Name);
  if (From)
    E.From = *From;
  return From.has_value();
}

bool Planner::planEmbed(mapping::Edge &E, spike::EmbedOp Op) {
  if (!llvm::cast<ShapedType>(Op.getTable().getType())
           .getElementType()
           .isInteger(1)) {
    fail(E.Name, "lower-not-quantised",
         "the embedding table is real; run spike-fold-embedding");
    return false;
  }
  auto From = sourceOf(Op.getTokens(), E.Name);
  if (!From)
    return false;
  E.From = *From;
  E.WeightBits = 1;
  E.AccumulateOnly = true;
  E.SumBits = 2; // one row of zeros and ones
  return true;
}

/// The operand of the join that \p Read is, or what is read itself.
static Value partOf(Value Read, JoinedPart Part) {
  auto Join = Read.getDefiningOp<spike::JoinOp>();
  return Join ? Join.getParts()[Part.Index] : Read;
}

bool Planner::planLinear(mapping::Edge &E, spike::LinearOp Op,
                         JoinedPart Part) {
  auto Codes = Op.getMatrix().getDefiningOp<spike::QuantizeOp>();
  const Value Read = partOf(Op.getValues(), Part);
  auto Events = llvm::dyn_cast<spike::EventsType>(Read.getType());
  if (!Codes || !Events) {
    fail(E.Name, "lower-not-quantised",
         "the linear has real weights or reads real values; run "
         "spike-quantize");
    return false;
  }
  if (!readFrom(E, Read))
    return false;
  if (Part.Of != 1 && Op.getOnly()) {
    fail(E.Name, "lower-join",
         "a mask of sources and a spike.join; read the "
         "populations by linears of their own");
    return false;
  }
  if (auto Mask = Op.getOnly() ? Op.getOnly().getDefiningOp<spike::MaskOp>()
                               : spike::MaskOp()) {
    for (auto [I, Bit] : llvm::enumerate(Mask.getBits()))
      if (Bit)
        E.Only.push_back(I);
    // A linear without synapses still has a row, of a source that never fires.
    if (E.Only.empty())
      E.Only.push_back(0);
    if (E.Only.size() == Mask.getBits().size())
      E.Only.clear();
  }
  // Sources beyond the last column have no synapses.
  const int64_t Columns =
      llvm::cast<ShapedType>(Op.getMatrix().getType()).getDimSize(1) / Part.Of;
  if (Columns < Events.getSize() && !Op.getOnly()) {
    E.Only.resize(Columns);
    std::iota(E.Only.begin(), E.Only.end(), 0u);
  }
  E.WeightBits = Codes.getBits();
  E.AccumulateOnly = Events.isAccumulateOnly();
  const int64_t Sources = E.Only.empty() ? Events.getSize() : E.Only.size();
  E.SumBits = Op.getSumBits()
                  ? *Op.getSumBits()
                  : productWidth((int64_t(1) << (E.WeightBits - 1)) - 1,
                                 magnitudeOf(Events), Sources * Part.Of);
  return true;
}

bool Planner::planWindow(mapping::Edge &E, Operation *Op, JoinedPart Part) {
  const Value Read = partOf(Op->getOperand(0), Part);
  auto Events = llvm::dyn_cast<spike::EventsType>(Read.getType());
  auto Conv = llvm::dyn_cast<spike::ConvOp>(Op);
  auto Codes = Conv ? Conv.getKernel().getDefiningOp<spike::QuantizeOp>()
                    : spike::QuantizeOp();
  if (!Events || (Conv && !Codes)) {
    fail(E.Name, "lower-not-quantised",
         "the convolution has real weights or reads real values; run "
         "spike-quantize");
    return false;
  }
  if (!readFrom(E, Read))
    return false;
  E.Kind = mapping::EdgeKind::Window;
  E.Window = spike::windowOf(Op);
  // A kernel of ones is stored in the narrowest signed width.
  E.WeightBits = Codes ? Codes.getBits() : 2;
  E.AccumulateOnly = Events.isAccumulateOnly();
  const int64_t Terms = int64_t(E.Window.KernelHeight) * E.Window.KernelWidth *
                        (Conv ? E.Window.SourceChannels / E.Window.Groups : 1);
  auto SumBits =
      Conv ? Conv.getSumBits() : llvm::cast<spike::PoolOp>(Op).getSumBits();
  const int64_t Largest =
      Conv ? (int64_t(1) << (E.WeightBits - 1)) - 1 : int64_t(1);
  E.SumBits =
      SumBits ? *SumBits : productWidth(Largest, magnitudeOf(Events), Terms);
  if (Part.Of != 1 && (E.Window.Groups != 1 ||
                       E.Window.SourceChannels != Part.Channels * Part.Of)) {
    fail(E.Name, "lower-join",
         "reads a spike.join by groups, or with another number of channels; "
         "read the populations by windows of their own");
    return false;
  }
  E.Window.SourceChannels /= Part.Of;
  return true;
}

bool Planner::planMatmul(mapping::Edge &E, spike::MatmulOp Op) {
  auto Asked = llvm::dyn_cast<spike::EventsType>(Op.getQuery().getType());
  auto Kept = llvm::dyn_cast<spike::EventsType>(Op.getWritten().getType());
  if (!Asked || !Kept) {
    fail(E.Name, "lower-not-quantised",
         "the matmul multiplies real values; run spike-quantize");
    return false;
  }
  auto From = sourceOf(Op.getQuery(), E.Name);
  auto Written = sourceOf(Op.getWritten(), E.Name);
  if (!From || !Written)
    return false;
  const bool Keys = Op.getAlong() == spike::Along::Keys;
  E.Kind = Keys ? mapping::EdgeKind::Keys : mapping::EdgeKind::Values;
  E.From = *From;
  E.Written = *Written;
  E.Heads = Op.getHeads();
  E.KvHeads = Op.getKvHeads();
  E.AccumulateOnly = spike::isAccumulateOnly(Op);
  // What the stored widths hold: -2 .. 1, -8 .. 7 and -128 .. 127.
  const uint32_t Needs = signedWidth(Kept.minPayload(), Kept.maxPayload());
  E.WeightBits = Needs <= 2 ? 2 : Needs <= 4 ? 4 : 8;
  if (Needs > 8) {
    fail(E.Name, "lower-memory-bits",
         fmt::format("what is written has {} to {}, a synapse holds -128 to "
                     "127; write a narrower payload",
                     Kept.minPayload(), Kept.maxPayload()));
    return false;
  }
  const int64_t Count =
      Keys ? Kept.getSize() / E.KvHeads : int64_t(Plan.Net.Positions);
  E.SumBits = Op.getSumBits()
                  ? *Op.getSumBits()
                  : productWidth(magnitudeOf(Asked), magnitudeOf(Kept), Count);
  addGroups(E.To, E.Heads);
  return true;
}

bool Planner::planTiles(mapping::Edge &E, Operation *Op, JoinedPart Part) {
  bool Planned;
  if (auto Embed = llvm::dyn_cast<spike::EmbedOp>(Op))
    Planned = planEmbed(E, Embed);
  else if (auto Matmul = llvm::dyn_cast<spike::MatmulOp>(Op))
    Planned = planMatmul(E, Matmul);
  else if (llvm::isa<spike::ConvOp, spike::PoolOp>(Op))
    Planned = planWindow(E, Op, Part);
  else
    Planned = planLinear(E, llvm::cast<spike::LinearOp>(Op), Part);
  if (Planned && E.SumBits > 32) {
    fail(E.Name, "lower-sum-bits",
         fmt::format("a sum may need {} bits, an accumulator has 32; run "
                     "spike-classify-linears for the exact bound, or narrow "
                     "the payload",
                     E.SumBits));
    return false;
  }
  return Planned;
}

JoinedPart synfire::compiler::joinedPartOf(const NetworkPlan &Plan,
                                           uint32_t Edge) {
  auto Join = Plan.Linears[Edge]->getOperand(0).getDefiningOp<spike::JoinOp>();
  if (!Join)
    return {};
  // Names are unique, and no operand stands twice.
  const mapping::Source &From = Plan.Net.Edges[Edge].From;
  const std::string &Name =
      Plan.Streams[Plan.Populations[From.Index].Streams[From.Output]].Name;
  JoinedPart Part{0, static_cast<uint32_t>(Join.getParts().size()),
                  static_cast<uint32_t>(Join.getChannels())};
  for (auto [I, Operand] : llvm::enumerate(Join.getParts())) {
    auto Result = llvm::cast<OpResult>(spike::undelayed(Operand));
    auto P = llvm::cast<spike::PopulationOp>(Result.getOwner());
    if (P.getResultName(Result.getResultNumber()) == Name)
      Part.Index = I;
  }
  return Part;
}

void Planner::readTiles(mapping::Edge E, Operation *Op, mapping::Slot &Into) {
  E.Kind = mapping::EdgeKind::Linear;
  // A linear that several populations read lies on the chip once for each.
  const bool Again = TimesRead[Op]++ > 0;
  auto Join = Op->getOperand(0).getDefiningOp<spike::JoinOp>();
  const auto Of = Join ? static_cast<uint32_t>(Join.getParts().size()) : 1u;
  for (uint32_t I = 0; I != Of; ++I) {
    mapping::Edge Piece = E;
    JoinedPart Part{I, Of};
    if (Join) {
      Part.Channels = Join.getChannels();
      Piece.Name += fmt::format("/{}", I);
    }
    if (!planTiles(Piece, Op, Part))
      return;
    Into.SumBits = Piece.SumBits;
    if (Again)
      Piece.Name += "@" + Plan.Net.Populations[E.To].Name;
    Plan.Net.Edges.push_back(std::move(Piece));
    Plan.Linears.push_back(Op);
  }
}

void Planner::readReduce(mapping::Edge E, spike::ReduceOp Op,
                         mapping::Slot &Slot) {
  if (!Op.getValues().getDefiningOp<spike::PopulationOp>())
    return fail(E.Name, "lower-reduce-source",
                "a reduction reads something else than a population");
  const uint32_t Groups = spike::sizeOf(Op.getSum().getType());
  auto From = sourceOf(Op.getValues(), E.Name, {Groups, Op.getMax()});
  if (!From)
    return;
  E.Kind = mapping::EdgeKind::Reduce;
  E.From = *From;
  Slot.SumBits =
      Plan.Net.Populations[From->Index].Outputs[From->Output].ReducedBits;
  Slot.Largest = Op.getMax();
  Slot.Uniform = Groups < Plan.Net.Populations[E.To].Neurons;
  if (Slot.Uniform)
    addGroups(E.To, Groups);
  Others.push_back(E);
}

/// Neuron by neuron, rotated or not, or by groups.
void Planner::readEvents(mapping::Edge E, Value Read, mapping::Slot &Slot) {
  auto Events = llvm::cast<spike::EventsType>(Read.getType());
  const uint32_t Neurons = Plan.Net.Populations[E.To].Neurons;
  auto Rotate = Read.getDefiningOp<spike::RotateOp>();
  if (Rotate) {
    Read = Rotate.getValues();
    E.RotateParts = Rotate.getHeads();
  }
  if (auto Delay = Read.getDefiningOp<spike::DelayOp>())
    E.Delay = Delay.getBy();
  Read = spike::undelayed(Read);
  auto Known = StreamOf.find(Read);
  Slot.Name = E.Name = Known == StreamOf.end()
                           ? Plan.Net.Populations[E.To].Name
                           : Plan.Streams[Known->second].Name;
  auto From = sourceOf(Read, E.Name);
  if (!From)
    return;
  E.From = *From;
  Slot.Uniform = Events.getSize() < Neurons;
  Slot.SumBits = signedWidth(Events.minPayload(), Events.maxPayload());
  E.Kind =
      Slot.Uniform ? mapping::EdgeKind::Broadcast : mapping::EdgeKind::Direct;
  if (Slot.Uniform)
    addGroups(E.To, Events.getSize());
  if (Slot.Uniform && Rotate)
    return fail(E.Name, "lower-rotate",
                "rotated values are read neuron by neuron only");
  if (Slot.SumBits > 32)
    fail(E.Name, "lower-sum-bits",
         "an unsigned payload of 32 bits does not fit an accumulator");
  Others.push_back(E);
}

void Planner::addSlot(uint32_t Index, Value Read) {
  mapping::Slot Slot;
  mapping::Edge E;
  E.To = Index;
  E.Slot = Plan.Net.Populations[Index].Slots.size();
  const uint32_t Neurons = Plan.Net.Populations[Index].Neurons;
  const std::string &Name = Plan.Net.Populations[Index].Name;
  Operation *Def = Read.getDefiningOp();
  auto Reduce = llvm::dyn_cast_if_present<spike::ReduceOp>(Def);
  const bool Tiles =
      llvm::isa_and_present<spike::LinearOp, spike::ConvOp, spike::PoolOp,
                            spike::EmbedOp, spike::MatmulOp>(Def);
  if (llvm::isa<spike::EventsType>(Read.getType())) {
    readEvents(E, Read, Slot);
  } else if (!Tiles && !(Reduce && llvm::isa<spike::EventsType>(
                                       Reduce.getValues().getType()))) {
    fail(Name, "lower-not-quantised",
         "the population reads real values; run spike-quantize");
  } else {
    Slot.Name = E.Name = Def->getAttrOfType<StringAttr>("name").str();
    const int64_t Size = spike::sizeOf(Read.getType());
    if (Reduce)
      readReduce(E, Reduce, Slot);
    else if (Size == Neurons)
      readTiles(E, Def, Slot);
    else
      fail(E.Name, "lower-single-sum",
           fmt::format(
               "'{}' reads {} its {} neurons; put a population of {} "
               "between",
               Name,
               Size == 1 ? "a single sum for all" : "sums of groups for all",
               Neurons,
               Size == 1 ? "one neuron" : fmt::format("{} neurons", Size)));
  }
  Plan.Net.Populations[Index].Slots.push_back(Slot);
}
