//===- SplitChannels.cpp - Large convolutions as several populations ------===//

#include "compiler/transforms/ChannelClasses.h"
#include "compiler/transforms/Passes.h"
#include "dialects/spike/Wishes.h"

#include "llvm/ADT/SetVector.h"

#include <fmt/format.h>

namespace synfire::compiler {
#define GEN_PASS_DEF_SPLITCHANNELS
#include "compiler/transforms/Passes.h.inc"
} // namespace synfire::compiler

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;
using spike::PopulationOp;

std::string ChannelSplit::text() const {
  const std::string &Name = Names.front();
  if (Why.empty())
    return fmt::format(
        "'{}' {}: {} populations '{}/0' to '{}/{}' of {} "
        "channels each",
        Name,
        KernelBytes == 0 ? "is split alike"
                         : fmt::format("has kernels of {} bytes", KernelBytes),
        Parts, Name, Name, Parts - 1, Channels / Parts);
  return fmt::format(
      "'{}' has kernels of {} bytes, more than a core holds, and "
      "stays whole: {}",
      Name, KernelBytes, Why);
}

namespace {
/// Splits the members of one class.
class Splitter {
public:
  Splitter(const ChannelClass &Class, int64_t Parts)
      : Class(Class), Parts(Parts) {}
  void run();

private:
  using Values = SmallVector<Value>;

  void split(const ChannelMember &M);
  /// What the parts of a population with \p Channels read instead of \p In.
  Values partsOf(Value In, int64_t Channels);
  Values windowParts(Operation *Op);
  Value constantPart(OpBuilder &B, Value Whole, int64_t Channels, int64_t I);
  /// \p Op once more for part \p I: named after it, with its share of neurons.
  Operation *clonePart(OpBuilder &B, Operation *Op, int64_t I);
  void joinReaders(Value Given, int64_t Channels);
  static std::string named(StringRef Name, int64_t I) {
    return fmt::format("{}/{}", Name.str(), I);
  }
  Type partType(Type T) const;

  const ChannelClass &Class;
  const int64_t Parts;
  /// Populations' results, delays, sums: what stands for them.
  llvm::DenseMap<Value, Values> Made;
  llvm::SetVector<Operation *> Old;
  struct Unset {
    Operation *Delay;
    Value Of;
    int64_t Part;
  };
  SmallVector<Unset> Pending; ///< delays of what is made later
};
} // namespace

Type Splitter::partType(Type T) const {
  if (auto Events = dyn_cast<spike::EventsType>(T))
    return spike::EventsType::get(T.getContext(), Events.getSize() / Parts,
                                  Events.getKind(), Events.getBits());
  auto Tensor = cast<RankedTensorType>(T);
  return Tensor.clone({Tensor.getDimSize(0) / Parts});
}

/// Channels of part \p I of a vector, or rows of a matrix, of which \p Channels
/// belong to a place.
Value Splitter::constantPart(OpBuilder &B, Value Whole, int64_t Channels,
                             int64_t I) {
  const Location Loc = Whole.getLoc();
  auto Type = cast<RankedTensorType>(Whole.getType());
  auto Part = [&](Value Of) { return constantPart(B, Of, Channels, I); };
  SmallVector<int64_t> Shape(Type.getShape());
  Shape[0] /= Parts;
  if (auto Q = Whole.getDefiningOp<spike::QuantizeOp>())
    return spike::QuantizeOp::create(
        B, Loc, Type.clone(Shape), Part(Q.getMatrix()), Part(Q.getScales()),
        Q.getZeros() ? Part(Q.getZeros()) : Value(), Q.getBits());
  if (auto G = Whole.getDefiningOp<spike::GridOp>())
    return spike::GridOp::create(
        B, Loc, Type.clone(Shape), Part(G.getMatrix()), Part(G.getScales()),
        G.getZeros() ? Part(G.getZeros()) : Value(), G.getBits());
  if (auto R = Whole.getDefiningOp<spike::RepeatOp>();
      R && cast<ShapedType>(R.getVector().getType()).getDimSize(0) == Channels)
    return spike::RepeatOp::create(B, Loc, Type.clone(Shape),
                                   Part(R.getVector()));
  const int64_t Count = Channels / Parts;
  return spike::PartOp::create(B, Loc, Type.clone(Shape), Whole, I * Count,
                               Count, Channels);
}

Operation *Splitter::clonePart(OpBuilder &B, Operation *Op, int64_t I) {
  Operation *Part = B.clone(*Op);
  for (OpResult R : Part->getResults())
    R.setType(partType(R.getType()));
  if (auto Name = Op->getAttrOfType<StringAttr>("name"))
    Part->setAttr("name", B.getStringAttr(named(Name, I)));
  return Part;
}

/// Of a convolution, pooling or linear: a k-th of its sums each.
Splitter::Values Splitter::windowParts(Operation *Op) {
  OpBuilder B(Op);
  Values Out;
  auto Conv = dyn_cast<spike::ConvOp>(Op);
  auto Pool = dyn_cast<spike::PoolOp>(Op);
  auto share = [&](ArrayRef<int64_t> Shape) {
    SmallVector<int64_t> Own(Shape);
    Own[0] /= Parts;
    return B.getDenseI64ArrayAttr(Own);
  };
  const bool Apart = Pool || (Conv && Conv.getGroups() != 1);
  Values Sources;
  if (Apart)
    Sources = partsOf(Op->getOperand(0),
                      Pool ? Pool.getFrom()[0] : Conv.getFrom()[0]);
  for (int64_t I = 0; I != Parts; ++I) {
    Operation *Part = clonePart(B, Op, I);
    B.setInsertionPoint(Part);
    if (Apart)
      Part->setOperand(0, Sources[I]);
    if (auto C = dyn_cast<spike::ConvOp>(Part)) {
      Part->setOperand(1, constantPart(B, C.getKernel(), Conv.getTo()[0], I));
      C.setToAttr(share(C.getTo()));
      if (Apart) {
        C.setFromAttr(share(C.getFrom()));
        C.setGroups(C.getGroups() / Parts);
      }
    } else if (auto P = dyn_cast<spike::PoolOp>(Part)) {
      P.setToAttr(share(P.getTo()));
      P.setFromAttr(share(P.getFrom()));
    }
    B.setInsertionPoint(Op);
    Out.push_back(Part->getResult(0));
  }
  return Out;
}

Splitter::Values Splitter::partsOf(Value In, int64_t Channels) {
  if (auto Known = Made.find(In); Known != Made.end())
    return Known->second;
  Operation *Def = In.getDefiningOp();
  Values Out;
  if (auto Delay = dyn_cast<spike::DelayOp>(Def)) {
    OpBuilder B(Def);
    for (int64_t I = 0; I != Parts; ++I) {
      Operation *Part = clonePart(B, Def, I);
      // Of itself until all parts are there: no reader of what was split.
      Part->setOperand(0, Part->getResult(0));
      Pending.push_back({Part, Delay.getValues(), I});
      Out.push_back(Part->getResult(0));
    }
  } else if (auto Linear = dyn_cast<spike::LinearOp>(Def)) {
    OpBuilder B(Def);
    for (int64_t I = 0; I != Parts; ++I) {
      Value Rows = constantPart(B, Linear.getMatrix(), Channels, I);
      Operation *Part = clonePart(B, Def, I);
      Part->setOperand(1, Rows);
      Out.push_back(Part->getResult(0));
    }
  } else {
    Out = windowParts(Def);
  }
  Old.insert(Def);
  Made[In] = Out;
  return Out;
}

void Splitter::split(const ChannelMember &M) {
  PopulationOp P = M.Op;
  OpBuilder B(P);
  SmallVector<Values> Operands;
  for (Value V : P->getOperands()) {
    Values Own(Parts, V);
    if (spike::sizeOf(V.getType()) != P.getNumNeurons()) {
      // One value for all.
    } else if (!spike::isConstant(V)) {
      Own = partsOf(V, M.Channels);
    } else {
      for (int64_t I = 0; I != Parts; ++I)
        Own[I] = constantPart(B, V, M.Channels, I);
    }
    Operands.push_back(std::move(Own));
  }
  for (Value R : P.getOutputs())
    Made[R];
  for (int64_t I = 0; I != Parts; ++I) {
    auto Part = cast<PopulationOp>(clonePart(B, P, I));
    SmallVector<Attribute> Names;
    for (uint32_t R = 0; R != P.getOutputs().size(); ++R)
      Names.push_back(B.getStringAttr(named(P.getResultName(R), I)));
    Part.setNamesAttr(B.getArrayAttr(Names));
    for (auto [At, Own] : llvm::enumerate(Operands))
      Part->setOperand(At, Own[I]);
    if (auto Own = P->getAttrOfType<IntegerAttr>(spike::OwnCoresAttr))
      Part->setAttr(spike::OwnCoresAttr,
                    B.getIntegerAttr(Own.getType(), Own.getInt() / Parts));
    for (auto [Whole, Its] : llvm::zip(P.getOutputs(), Part.getOutputs()))
      Made[Whole].push_back(Its);
  }
  Old.insert(P);
}

/// Lets those who go on reading all of \p Given read its parts, joined.
void Splitter::joinReaders(Value Given, int64_t Channels) {
  for (Operation *User : llvm::make_early_inc_range(Given.getUsers()))
    if (auto Delay = dyn_cast<spike::DelayOp>(User)) {
      joinReaders(Delay.getDelayed(), Channels);
      Old.insert(Delay);
    }
  if (llvm::all_of(Given.getUsers(),
                   [&](Operation *User) { return Old.contains(User); }))
    return;
  Operation *Def = Given.getDefiningOp();
  const Values Joined = partsOf(Given, Channels);
  OpBuilder B(Def);
  Value All = spike::JoinOp::create(B, Def->getLoc(), Given.getType(), Joined,
                                    Channels / Parts);
  Given.replaceAllUsesWith(All);
}

void Splitter::run() {
  for (const ChannelMember &M : Class.Members)
    split(M);
  for (const ChannelMember &M : Class.Members)
    for (Value Given : M.Op->getResults())
      joinReaders(Given, M.Channels);
  for (const Unset &U : Pending)
    U.Delay->setOperand(0, Made[U.Of][U.Part]);
  for (Operation *Op : Old)
    Op->dropAllReferences();
  for (Operation *Op : Old)
    Op->erase();
}

std::vector<ChannelSplit>
synfire::compiler::splitChannels(spike::NetworkOp Network,
                                 const KernelRoom &Room) {
  std::vector<ChannelSplit> Told;
  for (ChannelClass &Class : channelClasses(Network, Room)) {
    const int64_t Parts = Class.chooseParts(Room);
    auto tell = [&](const ChannelMember &M) {
      PopulationOp Op = M.Op;
      std::vector<std::string> Names;
      for (uint32_t I = 0; I != Op.getOutputs().size(); ++I)
        Names.push_back(Op.getResultName(I).str());
      Told.push_back({std::move(Names), M.Channels, std::max<int64_t>(Parts, 1),
                      M.kernelBytes(Room, 1), Class.Why});
    };
    if (Parts == 0) {
      tell(Class.largest(Room));
      continue;
    }
    for (const ChannelMember &M : Class.Members)
      tell(M);
    Splitter(Class, Parts).run();
  }
  return Told;
}

namespace {
struct SplitChannelsPass
    : synfire::compiler::impl::SplitChannelsBase<SplitChannelsPass> {
  using SplitChannelsBase::SplitChannelsBase;

  void runOnOperation() override {
    KernelRoom Room;
    Room.Bytes = MostBytes;
    Room.WeightBits = static_cast<uint32_t>(WeightBits);
    for (const ChannelSplit &S : splitChannels(getOperation(), Room)) {
      NumSplit += S.Why.empty();
      if (!S.Why.empty())
        getOperation().emitRemark("spike-split-channels: ") << S.text();
    }
  }
};
} // namespace
