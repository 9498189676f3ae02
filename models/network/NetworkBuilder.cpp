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
  auto Network = spike::NetworkOp::create(B, named(Name), Name);
  B.setInsertionPointToStart(&Network.getBody().emplaceBlock());
}

Location NetworkBuilder::named(StringRef Name) {
  return NameLoc::get(B.getStringAttr(Name));
}

Type NetworkBuilder::binary(int64_t N) {
  return spike::EventsType::get(B.getContext(), N, spike::EventKind::Binary, 1);
}
Type NetworkBuilder::currents(int64_t N) {
  return RankedTensorType::get({N}, B.getF32Type());
}

Value NetworkBuilder::input(StringRef Name, int64_t Vocabulary) {
  return spike::InputOp::create(B, named(Name), binary(Vocabulary), Name);
}

Value NetworkBuilder::weight(StringRef Name, ArrayRef<int64_t> Shape) {
  if (Value Known = Weights.lookup(Name))
    return Known;
  const checkpoint::Tensor *T = From.find(Name.str());
  auto Count = [](ArrayRef<int64_t> S) {
    return std::accumulate(S.begin(), S.end(), int64_t(1), std::multiplies<>());
  };
  uint64_t Hash = 0;
  if (!T) {
    Found.push_back({From.path(), "checkpoint-missing-tensor",
                     fmt::format("tensor '{}' is missing", Name.str())});
  } else if (Count(T->Shape) != Count(Shape)) {
    Found.push_back({From.path(), "checkpoint-shape",
                     fmt::format("tensor '{}' has {} elements, the network "
                                 "needs {}",
                                 Name.str(), Count(T->Shape), Count(Shape))});
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

Value NetworkBuilder::embed(StringRef Name, Value Tokens, Value Table) {
  int64_t Width = cast<ShapedType>(Table.getType()).getDimSize(1);
  return spike::EmbedOp::create(B, named(Name), currents(Width), Name, Tokens,
                                Table);
}

Value NetworkBuilder::linear(StringRef Name, Value Values, Value Matrix) {
  int64_t Targets = cast<ShapedType>(Matrix.getType()).getDimSize(0);
  return spike::LinearOp::create(B, named(Name), currents(Targets), Name,
                                 Values, Matrix, /*accumulate_only=*/nullptr,
                                 /*sum_bits=*/nullptr);
}

ResultRange NetworkBuilder::population(ArrayRef<std::string> Names,
                                       ArrayRef<Type> Types, ValueRange Inputs,
                                       ValueRange Params, ArrayRef<float> Init,
                                       Body Program) {
  SmallVector<StringRef> NameRefs(Names.begin(), Names.end());
  Location Loc = named(Names.front());
  auto Op =
      spike::PopulationOp::create(B, Loc, Types, B.getStrArrayAttr(NameRefs),
                                  Inputs, Params, B.getDenseF32ArrayAttr(Init));
  Block &Entry = Op.getBody().emplaceBlock();
  for (Value In : Inputs)
    Entry.addArgument(spike::programType(In.getType()), Loc);
  for (size_t I = 0; I < Params.size() + Init.size(); ++I)
    Entry.addArgument(B.getF32Type(), Loc);

  OpBuilder::InsertionGuard Guard(B);
  B.setInsertionPointToStart(&Entry);
  ProgramBuilder P(B, Loc);
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

NormStatistics NetworkBuilder::normStatistics(StringRef Name, Value Values,
                                              float Epsilon) {
  std::string Base = Name.str();
  int64_t N = spike::sizeOf(Values.getType());
  Value Squares =
      population({Base + ".sq"}, {currents(N)}, {Values}, {}, {},
                 [](ProgramBuilder &P, ValueRange In, ValueRange, ValueRange) {
                   Value X = In[0].getType().isInteger(1) ? P.asFloat(In[0])
                                                          : Value(In[0]);
                   return ProgramResults{{P.mul(X, X)}, {}};
                 })[0];
  auto Sum = [&](StringRef Suffix, Value Of) -> Value {
    std::string Full = Base + Suffix.str();
    bool Events = isa<spike::EventsType>(Of.getType());
    Type Element = Events ? Type(B.getI32Type()) : Type(B.getF32Type());
    return spike::ReduceOp::create(
        B, named(Full), RankedTensorType::get({1}, Element), Full, Of);
  };
  Value S1 = Sum(".s1", Values);
  Value S2 = Sum(".s2", Squares);
  auto Stats = population(
      {Base + ".mean", Base + ".rstd"}, {currents(1), currents(1)}, {S1, S2},
      {}, {}, [&](ProgramBuilder &P, ValueRange In, ValueRange, ValueRange) {
        Value Count = P.constant(static_cast<float>(N));
        Value First = In[0];
        if (First.getType().isInteger(32))
          First = P.fromInt(First);
        Value Mean = P.div(First, Count);
        Value Variance = P.max(P.sub(P.div(In[1], Count), P.mul(Mean, Mean)),
                               P.constant(0.0f));
        Value Rstd = P.rsqrt(P.add(Variance, P.constant(Epsilon)));
        return ProgramResults{{Mean, Rstd}, {}};
      });
  return {Stats[0], Stats[1]};
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
