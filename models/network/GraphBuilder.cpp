//===- GraphBuilder.cpp - Networks of others ------------------------------===//

#include "models/network/GraphBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Verifier.h"

#include <filesystem>

using namespace mlir;
using namespace synfire;
using namespace synfire::models;

GraphBuilder::GraphBuilder(MLIRContext *Context, StringRef Name,
                           const std::string &File,
                           std::span<const uint8_t> Bytes)
    : B(Context), Module(ModuleOp::create(UnknownLoc::get(Context))),
      File(std::filesystem::path(File).filename().string()), Bytes(Bytes) {
  B.setInsertionPointToEnd(Module->getBody());
  auto Network = spike::NetworkOp::create(
      B, UnknownLoc::get(Context), B.getStringAttr(Name),
      /*steps=*/B.getI64IntegerAttr(1), /*positions=*/IntegerAttr());
  B.setInsertionPointToEnd(&Network.getBody().emplaceBlock());
}

Location GraphBuilder::named(StringRef Name) {
  return NameLoc::get(B.getStringAttr(Name));
}

Type GraphBuilder::events(int64_t N, spike::EventKind Kind, unsigned Bits) {
  return spike::EventsType::get(B.getContext(), N, Kind, Bits);
}

Type GraphBuilder::values(int64_t N, bool Integer) {
  return RankedTensorType::get({N}, Integer ? Type(B.getI32Type())
                                            : Type(B.getF32Type()));
}

Value GraphBuilder::eventInput(StringRef Name, Type Events,
                               std::optional<SpatialShape> Shape) {
  return spike::InputOp::create(
      B, named(Name), Events, Name, spike::InputRole::Events,
      Shape ? B.getDenseI64ArrayAttr(*Shape) : DenseI64ArrayAttr());
}

Value GraphBuilder::constant(std::span<const float> Values) {
  auto Type = RankedTensorType::get({static_cast<int64_t>(Values.size())},
                                    B.getF32Type());
  return spike::ConstantOp::create(
      B, B.getUnknownLoc(), Type,
      DenseElementsAttr::get(Type, ArrayRef(Values.data(), Values.size())));
}

Value GraphBuilder::repeated(std::span<const float> ByChannel, int64_t Places) {
  Value Vector = constant(ByChannel);
  if (Places == 1)
    return Vector;
  return spike::RepeatOp::create(
      B, B.getUnknownLoc(),
      values(static_cast<int64_t>(ByChannel.size()) * Places), Vector);
}

Value GraphBuilder::permuted(const LayerWeights &W, std::array<int, 4> Axes) {
  const std::vector<int64_t> Strides = contiguousStrides(W.Shape);
  StoredTensor View;
  View.Name = W.Name;
  for (int Axis : Axes) {
    View.Shape.push_back(W.Shape[Axis]);
    View.Strides.push_back(Strides[Axis]);
  }
  auto Type = RankedTensorType::get(View.Shape, B.getF32Type());
  Value Whole;
  if (W.Stored) {
    View.Type = W.Stored->Type;
    View.FileOffset = W.Stored->FileOffset;
    Result<TensorDigest> Digest = digest(Bytes, View);
    if (!Digest)
      Found.insert(Found.end(), Digest.errors().begin(), Digest.errors().end());
    Whole = spike::WeightOp::create(
        B, named(W.Name), Type, W.Name, File, View.FileOffset,
        StringRef(name(View.Type)), Digest ? Digest->Hash : 0,
        View.isContiguous() ? DenseI64ArrayAttr()
                            : B.getDenseI64ArrayAttr(View.Strides));
  } else {
    std::vector<float> Values;
    Values.reserve(W.Values.size());
    std::array<int64_t, 4> I{};
    for (I[0] = 0; I[0] < View.Shape[0]; ++I[0])
      for (I[1] = 0; I[1] < View.Shape[1]; ++I[1])
        for (I[2] = 0; I[2] < View.Shape[2]; ++I[2])
          for (I[3] = 0; I[3] < View.Shape[3]; ++I[3])
            Values.push_back(
                W.Values[I[0] * View.Strides[0] + I[1] * View.Strides[1] +
                         I[2] * View.Strides[2] + I[3] * View.Strides[3]]);
    Whole = spike::ConstantOp::create(
        B, named(W.Name), Type, DenseElementsAttr::get(Type, ArrayRef(Values)));
  }
  const int64_t Columns = View.Shape[1] * View.Shape[2] * View.Shape[3];
  return spike::CollapseOp::create(
      B, named(W.Name),
      RankedTensorType::get({View.Shape[0], Columns}, B.getF32Type()), Whole);
}

Value GraphBuilder::kernel(const LayerWeights &W) {
  return permuted(W, {0, 1, 3, 2});
}

Value GraphBuilder::matrix(const LayerWeights &W) {
  return permuted(W, {0, 3, 2, 1});
}

Value GraphBuilder::codes(Value Matrix, float Factor, int64_t Bits) {
  auto Shape = cast<ShapedType>(Matrix.getType()).getShape();
  auto D = spike::DeriveOp::create(B, Matrix.getLoc(), values(Shape[0]),
                                   ValueRange{});
  OpBuilder In = OpBuilder::atBlockBegin(&D.getBody().emplaceBlock());
  Value Scale = arith::ConstantOp::create(In, Matrix.getLoc(),
                                          In.getF32FloatAttr(Factor));
  spike::YieldOp::create(In, Matrix.getLoc(), Scale, ValueRange{});
  return spike::QuantizeOp::create(
      B, Matrix.getLoc(), RankedTensorType::get(Shape, B.getI8Type()), Matrix,
      D.getValue(), /*zeros=*/Value(), Bits);
}

/// Whether the elements of \p Matrix are codes.
static bool isInteger(Value Matrix) {
  return cast<ShapedType>(Matrix.getType()).getElementType().isInteger(8);
}

Value GraphBuilder::conv(StringRef Name, Value Values, Value Kernel,
                         const WindowShape &W) {
  return spike::ConvOp::create(
      B, named(Name), values(sizeOf(W.To), isInteger(Kernel)), Name, Values,
      Kernel, W.From, W.To, W.Size, W.Stride, W.Pad, W.Dilation, W.Groups,
      /*accumulate_only=*/nullptr,
      /*sum_bits=*/nullptr);
}

Value GraphBuilder::pool(StringRef Name, Value Values, const WindowShape &W) {
  return spike::PoolOp::create(
      B, named(Name),
      values(sizeOf(W.To), isa<spike::EventsType>(Values.getType())), Name,
      Values, W.From, W.To, W.Size, W.Stride, W.Pad,
      /*accumulate_only=*/nullptr, /*sum_bits=*/nullptr);
}

Value GraphBuilder::linear(StringRef Name, Value Values, Value Matrix) {
  return spike::LinearOp::create(
      B, named(Name),
      values(cast<ShapedType>(Matrix.getType()).getDimSize(0),
             isInteger(Matrix)),
      Name, Values, Matrix, /*only=*/Value(), /*accumulate_only=*/nullptr,
      /*sum_bits=*/nullptr);
}

Value GraphBuilder::delay(Value Values, int64_t By) {
  return spike::DelayOp::create(B, Values.getLoc(), Values.getType(), Values,
                                By);
}

Value GraphBuilder::laterDelay(Type T, int64_t By) {
  // Something to read until there is something to read.
  auto Nothing =
      UnrealizedConversionCastOp::create(B, B.getUnknownLoc(), T, ValueRange{});
  return delay(Nothing.getResult(0), By);
}

void GraphBuilder::set(Value Delayed, Value Values) {
  auto Op = Delayed.getDefiningOp<spike::DelayOp>();
  Operation *Nothing = Op.getValues().getDefiningOp();
  Op->setOperand(0, Values);
  Nothing->erase();
}

spike::PopulationOp
GraphBuilder::population(ArrayRef<std::string> Names, ArrayRef<Type> Types,
                         ValueRange Inputs, ValueRange Params,
                         ArrayRef<float> Init, bool Integer) {
  SmallVector<StringRef> NameRefs(Names.begin(), Names.end());
  Location Loc = named(Names.front());
  auto Op = spike::PopulationOp::create(
      B, Loc, Types, B.getStrArrayAttr(NameRefs), Inputs, Params,
      B.getDenseF32ArrayAttr(Init), /*rows=*/nullptr, /*held=*/nullptr,
      /*reset=*/nullptr);
  Block &Body = Op.getBody().emplaceBlock();
  for (Value In : Inputs)
    Body.addArgument(spike::programType(In.getType()), Loc);
  for (size_t I = 0; I < Params.size() + Init.size(); ++I)
    Body.addArgument(Integer ? Type(B.getI32Type()) : Type(B.getF32Type()),
                     Loc);
  return Op;
}

void GraphBuilder::output(StringRef Name, Value Values, float Scale) {
  mlir::Value Scales;
  if (auto Events = dyn_cast<spike::EventsType>(Values.getType()))
    Scales = constant(std::vector<float>(Events.getSize(), Scale));
  spike::OutputOp::create(B, named(Name), Name, Values, Scales);
}

Result<OwningOpRef<ModuleOp>> GraphBuilder::finish() {
  if (!Found.empty())
    return Found;
  std::string Why;
  ScopedDiagnosticHandler Listen(B.getContext(), [&](Diagnostic &D) {
    Why += (Why.empty() ? "" : "; ") + D.str();
    return success();
  });
  if (failed(verify(*Module)))
    return Error{File, "import-ir",
                 "the importer wrote a network that is none: " + Why};
  return std::move(Module);
}
