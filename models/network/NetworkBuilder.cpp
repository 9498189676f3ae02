//===- NetworkBuilder.cpp - Builds a spike.network ------------------------===//

#include "models/network/NetworkBuilder.h"

#include "models/checkpoint/Digest.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Verifier.h"

#include <filesystem>
#include <fmt/format.h>
#include <numeric>

using namespace mlir;
using namespace synfire;
using namespace synfire::models;

/// The IR names a file without its folder, so that the same model gives the
/// same IR wherever it lies; whoever reads weights knows the folder.
static std::string fileName(const std::string &Path) {
  return std::filesystem::path(Path).filename().string();
}

NetworkBuilder::NetworkBuilder(MLIRContext *Context, StringRef Name,
                               const checkpoint::Checkpoint &From)
    : From(From), B(Context) {
  Context->loadDialect<spike::SpikeDialect>();
  Module = ModuleOp::create(B.getUnknownLoc());
  B.setInsertionPointToStart(Module->getBody());
  auto Network = spike::NetworkOp::create(B, named(Name), Name, /*steps=*/1,
                                          /*positions=*/nullptr);
  B.setInsertionPointToStart(&Network.getBody().emplaceBlock());
}

void NetworkBuilder::setTime(int64_t Steps, int64_t Positions) {
  auto Network = *Module->getOps<spike::NetworkOp>().begin();
  Network.setSteps(Steps);
  Network.setPositions(Positions);
  this->Steps = Steps;
  this->Positions = Positions;
}

Location NetworkBuilder::named(StringRef Name) {
  return NameLoc::get(B.getStringAttr(Name));
}

Type NetworkBuilder::binary(int64_t N) {
  return spike::EventsType::get(B.getContext(), N, spike::EventKind::Binary, 1);
}
Type NetworkBuilder::events(int64_t N, spike::EventKind Kind, unsigned Bits) {
  return spike::EventsType::get(B.getContext(), N, Kind, Bits);
}
Type NetworkBuilder::currents(int64_t N) {
  return RankedTensorType::get({N}, B.getF32Type());
}

Value NetworkBuilder::input(StringRef Name, int64_t Size,
                            spike::InputRole Role) {
  return spike::InputOp::create(B, named(Name), binary(Size), Name, Role,
                                /*shape=*/DenseI64ArrayAttr());
}

/// Elements of a tensor of that shape.
static int64_t count(ArrayRef<int64_t> Shape) {
  return std::accumulate(Shape.begin(), Shape.end(), int64_t(1),
                         std::multiplies<>());
}

const checkpoint::Tensor *NetworkBuilder::find(StringRef Name) {
  const checkpoint::Tensor *T = From.find(Name.str());
  if (!T)
    Found.push_back({From.path(), "checkpoint-missing-tensor",
                     fmt::format("tensor '{}' is missing", Name.str())});
  return T;
}

/// The elements that \p T describes, which may be part of a stored tensor, as
/// the constant \p Name; zeros and an error when they cannot be had.
Value NetworkBuilder::view(StringRef Name, const checkpoint::Tensor *T,
                           ArrayRef<int64_t> Shape) {
  uint64_t Hash = 0;
  if (!T) {
    // Has been told.
  } else if (count(T->Shape) != count(Shape)) {
    Found.push_back({From.path(), "checkpoint-shape",
                     fmt::format("tensor '{}' has {} elements, the network "
                                 "needs {}",
                                 Name.str(), count(T->Shape), count(Shape))});
  } else if (Result<TensorDigest> Digest = checkpoint::digest(From, *T);
             !Digest) {
    Found.insert(Found.end(), Digest.errors().begin(), Digest.errors().end());
  } else if (Digest->FirstNonFinite) {
    Found.push_back(
        {From.path(), "checkpoint-not-finite",
         fmt::format("element {} of tensor '{}' is NaN or infinite; "
                     "such a network computes nothing",
                     *Digest->FirstNonFinite, Name.str())});
  } else {
    Hash = Digest->Hash;
  }
  // Strides are kept only where the file does not hold plain row-major order;
  // a [1,1,d] tensor read as [d] never needs them.
  DenseI64ArrayAttr Strides;
  if (T && T->Shape.size() == Shape.size() && !T->isContiguous())
    Strides = B.getDenseI64ArrayAttr(T->Strides);
  Value V = spike::WeightOp::create(
      B, named(Name), RankedTensorType::get(Shape, B.getF32Type()), Name,
      fileName(From.path()), T ? T->FileOffset : 0,
      T ? StringRef(synfire::name(T->Type)) : "f32", Hash, Strides);
  Weights[Name] = V;
  return V;
}

Value NetworkBuilder::weight(StringRef Name, ArrayRef<int64_t> Shape) {
  if (Value Known = Weights.lookup(Name))
    return Known;
  return view(Name, find(Name), Shape);
}

Value NetworkBuilder::weightRows(StringRef Name, int64_t First,
                                 ArrayRef<int64_t> Shape) {
  int64_t Rows = Shape.size() == 1 ? 1 : Shape.front();
  std::string Part = fmt::format("{}[{}:{}]", Name.str(), First, First + Rows);
  if (Value Known = Weights.lookup(Part))
    return Known;
  const checkpoint::Tensor *Whole = find(Name);
  if (!Whole || Whole->Shape.size() != 2 || First + Rows > Whole->Shape[0])
    return view(Name, Whole, Shape);
  checkpoint::Tensor T = *Whole;
  T.FileOffset +=
      static_cast<uint64_t>(First * T.Strides[0]) * byteSize(T.Type);
  T.Shape[0] = Rows;
  if (Shape.size() == 1) {
    T.Shape.erase(T.Shape.begin());
    T.Strides.erase(T.Strides.begin());
  }
  return view(Part, &T, Shape);
}

Value NetworkBuilder::transposedWeight(StringRef Name, int64_t Rows,
                                       int64_t Cols) {
  std::string Turned = fmt::format("{}.T", Name.str());
  if (Value Known = Weights.lookup(Turned))
    return Known;
  const checkpoint::Tensor *Whole = find(Name);
  if (!Whole || Whole->Shape.size() != 2)
    return view(Name, Whole, {Rows, Cols});
  checkpoint::Tensor T = *Whole;
  std::swap(T.Shape[0], T.Shape[1]);
  std::swap(T.Strides[0], T.Strides[1]);
  return view(Turned, &T, {Rows, Cols});
}

Value NetworkBuilder::derive(
    StringRef Name, ValueRange Constants,
    function_ref<Value(ProgramBuilder &, ValueRange)> Program) {
  Location Loc = named(Name);
  auto Op =
      spike::DeriveOp::create(B, Loc, Constants.front().getType(), Constants);
  Block &Entry = Op.getBody().emplaceBlock();
  for (size_t I = 0; I < Constants.size(); ++I)
    Entry.addArgument(B.getF32Type(), Loc);
  OpBuilder::InsertionGuard Guard(B);
  B.setInsertionPointToStart(&Entry);
  ProgramBuilder P(B, Loc);
  spike::YieldOp::create(B, Loc, Program(P, Entry.getArguments()),
                         ValueRange());
  return Op.getValue();
}

Value NetworkBuilder::mask(ArrayRef<bool> Chosen) {
  return spike::MaskOp::create(B, B.getUnknownLoc(),
                               currents(static_cast<int64_t>(Chosen.size())),
                               B.getDenseBoolArrayAttr(Chosen));
}

Value NetworkBuilder::grid(Value Matrix, Value Scales, int64_t Bits,
                           Value Zeros) {
  return spike::GridOp::create(B, Matrix.getLoc(), Matrix.getType(), Matrix,
                               Scales, Zeros, B.getI64IntegerAttr(Bits));
}

Value NetworkBuilder::apply(Value Matrix, Value Vector) {
  int64_t Targets = cast<ShapedType>(Matrix.getType()).getDimSize(0);
  return spike::ApplyOp::create(B, Matrix.getLoc(), currents(Targets), Matrix,
                                Vector);
}

Value NetworkBuilder::rotary(bool Sine, float Base, int64_t Heads,
                             int64_t Targets, int64_t Positions) {
  return spike::RotaryOp::create(
      B, B.getUnknownLoc(),
      RankedTensorType::get({Targets, Positions}, B.getF32Type()), Sine,
      llvm::APFloat(Base), Heads);
}

Value NetworkBuilder::rotate(Value Values, int64_t Heads) {
  return spike::RotateOp::create(B, Values.getLoc(), Values.getType(), Values,
                                 Heads);
}

Value NetworkBuilder::embed(StringRef Name, Value Tokens, Value Table) {
  int64_t Width = cast<ShapedType>(Table.getType()).getDimSize(1);
  return spike::EmbedOp::create(B, named(Name), currents(Width), Name, Tokens,
                                Table);
}

Value NetworkBuilder::linear(StringRef Name, Value Values, Value Matrix,
                             Value Only) {
  int64_t Targets = cast<ShapedType>(Matrix.getType()).getDimSize(0);
  return spike::LinearOp::create(B, named(Name), currents(Targets), Name,
                                 Values, Matrix, Only,
                                 /*accumulate_only=*/nullptr,
                                 /*sum_bits=*/nullptr);
}

ResultRange NetworkBuilder::population(ArrayRef<std::string> Names,
                                       ArrayRef<Type> Types, ValueRange Inputs,
                                       ValueRange Params, ArrayRef<float> Init,
                                       Body Program, When W) {
  SmallVector<StringRef> NameRefs(Names.begin(), Names.end());
  Location Loc = named(Names.front());
  auto Op =
      spike::PopulationOp::create(B, Loc, Types, B.getStrArrayAttr(NameRefs),
                                  Inputs, Params, B.getDenseF32ArrayAttr(Init),
                                  /*rows=*/nullptr, /*held=*/nullptr,
                                  /*reset=*/nullptr);
  if (W.Rows)
    Op.setRows(*W.Rows);
  if (W.Held)
    Op.setHeld(*W.Held);
  Block &Entry = Op.getBody().emplaceBlock();
  for (Value In : Inputs)
    Entry.addArgument(spike::programType(In.getType()), Loc);
  for (size_t I = 0; I < Params.size() + Init.size(); ++I)
    Entry.addArgument(B.getF32Type(), Loc);

  OpBuilder::InsertionGuard Guard(B);
  B.setInsertionPointToStart(&Entry);
  ProgramBuilder P(B, Loc, Steps);
  ValueRange Args = Entry.getArguments();
  ProgramResults R = Program(P, Args.take_front(Inputs.size()),
                             Args.slice(Inputs.size(), Params.size()),
                             Args.take_back(Init.size()));
  spike::YieldOp::create(B, Loc, R.Results, R.States);
  return Op.getOutputs();
}

void NetworkBuilder::output(StringRef Name, Value Values) {
  spike::OutputOp::create(B, named(Name), Name, Values, /*scales=*/Value());
}

Value NetworkBuilder::matmul(StringRef Name, Value Query, Value Written,
                             spike::Along Along, int64_t Heads, int64_t KvHeads,
                             bool Causal) {
  bool OfKeys = Along == spike::Along::Keys;
  int64_t Targets = OfKeys
                        ? Heads * Positions
                        : Heads * (spike::sizeOf(Written.getType()) / KvHeads);
  bool Events = isa<spike::EventsType>(Query.getType()) &&
                isa<spike::EventsType>(Written.getType());
  Type Element = Events ? Type(B.getI32Type()) : Type(B.getF32Type());
  return spike::MatmulOp::create(
      B, named(Name), RankedTensorType::get({Targets}, Element), Name, Query,
      Written, Along, Heads, KvHeads, Causal, /*accumulate_only=*/nullptr,
      /*sum_bits=*/nullptr);
}

Value NetworkBuilder::reduce(StringRef Name, Value Values, int64_t Groups,
                             bool Max) {
  bool Events = isa<spike::EventsType>(Values.getType());
  Type Element = Events ? Type(B.getI32Type()) : Type(B.getF32Type());
  return spike::ReduceOp::create(B, named(Name),
                                 RankedTensorType::get({Groups}, Element), Name,
                                 Values, Max);
}

Value NetworkBuilder::sum(StringRef Name, Value Values, int64_t Groups) {
  return reduce(Name, Values, Groups, /*Max=*/false);
}

Value NetworkBuilder::largest(StringRef Name, Value Values, int64_t Groups) {
  return reduce(Name, Values, Groups, /*Max=*/true);
}

Result<OwningOpRef<ModuleOp>> NetworkBuilder::finish() {
  if (!Found.empty())
    return Found;
  if (failed(verify(*Module)))
    return Error{From.path(), "import-invalid",
                 "the imported network does not verify; this is a fault of the "
                 "importer, please report it"};
  return std::move(Module);
}
