//===- compiler/reference/Constants.cpp - Values of weights ---------------===//

#include "compiler/reference/Constants.h"

#include "targets/Maths.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fmt/format.h>

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;

/// Elements of a tile that is worked on at once; 256 KiB of words.
static constexpr int64_t TileElements = 1 << 16;

static ArrayRef<int64_t> shapeOf(Value V) {
  return cast<ShapedType>(V.getType()).getShape();
}
static int64_t colsOf(Value V) {
  return shapeOf(V).empty() ? 1 : shapeOf(V).back();
}
static int64_t rowsOf(Value V) {
  return cast<ShapedType>(V.getType()).getNumElements() / colsOf(V);
}
static int64_t rowsPerTile(int64_t Cols) {
  return std::max<int64_t>(1, TileElements / std::max<int64_t>(1, Cols));
}

/// Computed once and kept: vectors, and the small matrix of rotary angles.
static bool isKeptWhole(Value V) {
  Operation *Def = V.getDefiningOp();
  if (isa_and_nonnull<spike::PartOp>(Def))
    return shapeOf(V).size() == 1;
  return Def && isa<spike::RowScaleOp, spike::ApplyOp, spike::MaskOp,
                    spike::RotaryOp, spike::RepeatOp, spike::ConstantOp>(Def);
}

static std::string nameOf(Value Constant) {
  if (auto Weight = Constant.getDefiningOp<spike::WeightOp>())
    return Weight.getName().str();
  return Constant.getDefiningOp()->getName().getStringRef().str();
}

static bool isZeroPoint(float Zero, int Bits) {
  return Zero >= 0 && Zero < static_cast<float>(1 << Bits) &&
         std::floor(Zero) == Zero;
}

/// The unsigned code of \p W less 2^(Bits-1).
static int8_t codeAroundZero(float W, float Scale, float Zero, int Bits) {
  float Last = static_cast<float>((1 << Bits) - 1);
  float Code = maths::roundEven(W / Scale) + Zero;
  return static_cast<int8_t>(
      maths::toInt(maths::minNum(maths::maxNum(Code, 0), Last)) -
      (1 << (Bits - 1)));
}

static Error notConstant(Value V, const char *Wanted) {
  Operation *Def = V.getDefiningOp();
  return {Def ? Def->getName().getStringRef().str() : "block argument",
          "constant-kind",
          fmt::format("this value is not {} that can be computed from weights",
                      Wanted),
          ErrorKind::RunFailed};
}

/// Calls Visit(first row, number of rows) for the runs of rows of its operand
/// that rows \p Begin to \p End of \p Part are.
template <typename Visitor>
static Status forRuns(spike::PartOp Part, int64_t Begin, int64_t End,
                      Visitor Visit) {
  const int64_t Count = Part.getCount();
  for (int64_t Row = Begin; Row < End;) {
    const int64_t Within = Row % Count;
    const int64_t Run = std::min(Count - Within, End - Row);
    const int64_t First = Row / Count * static_cast<int64_t>(Part.getOf()) +
                          static_cast<int64_t>(Part.getFirst()) + Within;
    if (Status S = Visit(First, Run); !S)
      return S;
    Row += Run;
  }
  return {};
}

//===----------------------------------------------------------------------===//
// Weights and programs
//===----------------------------------------------------------------------===//

Result<WeightTensor *> Constants::tensorOf(spike::WeightOp Op) {
  {
    std::lock_guard Lock(Mutex);
    if (auto Known = Tensors.find(Op); Known != Tensors.end())
      return Known->second;
  }
  WeightPlace Place;
  Place.File = Op.getFile().str();
  Place.Hash = Op.getHash();
  StoredTensor &T = Place.Tensor;
  T.Name = Op.getName().str();
  T.FileOffset = Op.getOffset();
  std::optional<DType> Type = parseDType(Op.getDtype().str());
  if (!Type || *Type == DType::Bool)
    return Error{T.Name, "weight-1",
                 fmt::format("dtype '{}' is none that a weight may have",
                             Op.getDtype().str())};
  T.Type = *Type;
  T.Shape = shapeOf(Op).vec();
  T.Strides =
      Op.getStrides() ? Op.getStrides()->vec() : contiguousStrides(T.Shape);
  auto Tensor = Files.open(Place);
  if (Tensor) {
    std::lock_guard Lock(Mutex);
    Tensors.emplace(Op, *Tensor);
  }
  return Tensor;
}

Result<std::shared_ptr<const Program>>
Constants::programOf(spike::DeriveOp Op) {
  {
    std::lock_guard Lock(Mutex);
    if (auto Known = Programs.find(Op); Known != Programs.end())
      return Known->second;
  }
  auto Decoded = Program::decode(Op.getBody().front());
  if (!Decoded)
    return Decoded.errors();
  auto Shared = std::make_shared<const Program>(std::move(*Decoded));
  std::lock_guard Lock(Mutex);
  return Programs.emplace(Op, Shared).first->second;
}

//===----------------------------------------------------------------------===//
// Tiles
//===----------------------------------------------------------------------===//

Status Constants::derive(spike::DeriveOp Op, int64_t RowBegin, int64_t RowEnd,
                         int64_t ColBegin, int64_t ColEnd, int32_t *Out) {
  auto Decoded = programOf(Op);
  if (!Decoded)
    return Decoded.errors();
  const Program &P = **Decoded;
  int64_t Cols = ColEnd - ColBegin;
  int64_t Step = rowsPerTile(Cols);
  Program::Registers Scratch = P.registers();
  std::vector<std::vector<int32_t>> Tiles(P.numArguments());
  std::vector<const int32_t *> Arguments(P.numArguments());
  for (int64_t Row = RowBegin; Row < RowEnd; Row += Step) {
    int64_t Rows = std::min(Step, RowEnd - Row);
    for (auto [Input, Tile] : llvm::zip(Op.getInputs(), Tiles)) {
      Tile.resize(Rows * Cols);
      Status Read;
      if (shapeOf(Input) == shapeOf(Op)) {
        Read = words(Input, Row, Row + Rows, ColBegin, ColEnd, Tile.data());
      } else if (shapeOf(Input) == ArrayRef<int64_t>{1}) {
        Read = words(Input, 0, 1, 0, 1, Tile.data());
        std::fill(Tile.begin() + 1, Tile.end(), Tile.front());
      } else { // A row vector, taken in every row.
        Read = words(Input, 0, 1, ColBegin, ColEnd, Tile.data());
        for (int64_t R = 1; R < Rows; ++R)
          std::copy_n(Tile.begin(), Cols, Tile.begin() + R * Cols);
      }
      if (!Read)
        return Read;
    }
    for (int64_t I = 0; I < Rows * Cols; I += Program::MaxNeurons) {
      for (size_t A = 0; A < Tiles.size(); ++A)
        Arguments[A] = Tiles[A].data() + I;
      int32_t *Target = Out + (Row - RowBegin) * Cols + I;
      P.run(Arguments, {&Target, 1},
            std::min(Program::MaxNeurons, Rows * Cols - I), Scratch);
    }
  }
  return {};
}

Status Constants::words(Value Constant, int64_t RowBegin, int64_t RowEnd,
                        int64_t ColBegin, int64_t ColEnd, int32_t *Out) {
  if (auto Derived = Constant.getDefiningOp<spike::DeriveOp>())
    return derive(Derived, RowBegin, RowEnd, ColBegin, ColEnd, Out);
  int64_t Count = (RowEnd - RowBegin) * (ColEnd - ColBegin);
  std::vector<float> Values(Count);
  Status Read =
      floats(Constant, RowBegin, RowEnd, ColBegin, ColEnd, Values.data());
  if (Read)
    std::memcpy(Out, Values.data(), Count * sizeof(float));
  return Read;
}

Status Constants::floats(Value Matrix, int64_t RowBegin, int64_t RowEnd,
                         int64_t ColBegin, int64_t ColEnd, float *Out) {
  if (!cast<ShapedType>(Matrix.getType()).getElementType().isF32())
    return notConstant(Matrix, "an f32 constant");
  if (auto Weight = Matrix.getDefiningOp<spike::WeightOp>()) {
    auto Tensor = tensorOf(Weight);
    if (!Tensor)
      return Tensor.errors();
    return (*Tensor)->read(RowBegin, RowEnd, ColBegin, ColEnd, Out);
  }
  if (auto Derived = Matrix.getDefiningOp<spike::DeriveOp>()) {
    int64_t Count = (RowEnd - RowBegin) * (ColEnd - ColBegin);
    std::vector<int32_t> Words(Count);
    Status Done =
        derive(Derived, RowBegin, RowEnd, ColBegin, ColEnd, Words.data());
    if (Done)
      std::memcpy(Out, Words.data(), Count * sizeof(float));
    return Done;
  }
  if (auto Collapse = Matrix.getDefiningOp<spike::CollapseOp>())
    return collapsed(Collapse.getTensor(), RowBegin, RowEnd, ColBegin, ColEnd,
                     Out);
  if (auto Grid = Matrix.getDefiningOp<spike::GridOp>())
    return floats(Grid.getMatrix(), RowBegin, RowEnd, ColBegin, ColEnd, Out);
  if (auto Part = Matrix.getDefiningOp<spike::PartOp>();
      Part && !isKeptWhole(Matrix))
    return forRuns(Part, RowBegin, RowEnd, [&](int64_t First, int64_t Rows) {
      Status Read =
          floats(Part.getWhole(), First, First + Rows, ColBegin, ColEnd, Out);
      Out += Rows * (ColEnd - ColBegin);
      return Read;
    });
  if (!isKeptWhole(Matrix))
    return notConstant(Matrix, "an f32 constant");
  auto Whole = cached(Matrix);
  if (!Whole)
    return Whole.errors();
  for (int64_t Row = RowBegin; Row < RowEnd; ++Row)
    Out = std::copy((*Whole)->begin() + Row * colsOf(Matrix) + ColBegin,
                    (*Whole)->begin() + Row * colsOf(Matrix) + ColEnd, Out);
  return {};
}

Status Constants::collapsed(Value Tensor, int64_t RowBegin, int64_t RowEnd,
                            int64_t ColBegin, int64_t ColEnd, float *Out) {
  // A row of the matrix is so many rows of the tensor.
  const int64_t Length = colsOf(Tensor);
  const int64_t PerRow = rowsOf(Tensor) / shapeOf(Tensor)[0];
  const int64_t First = ColBegin / Length;
  const int64_t Last = (ColEnd + Length - 1) / Length;
  std::vector<float> Whole((Last - First) * Length);
  for (int64_t Row = RowBegin; Row < RowEnd; ++Row) {
    if (Status Read = floats(Tensor, Row * PerRow + First, Row * PerRow + Last,
                             0, Length, Whole.data());
        !Read)
      return Read;
    Out = std::copy_n(Whole.begin() + (ColBegin - First * Length),
                      ColEnd - ColBegin, Out);
  }
  return {};
}

Status Constants::codes(Value Matrix, int64_t RowBegin, int64_t RowEnd,
                        int64_t ColBegin, int64_t ColEnd, int8_t *Out) {
  int64_t Cols = ColEnd - ColBegin;
  int64_t Step = rowsPerTile(Cols);
  if (auto Derived = Matrix.getDefiningOp<spike::DeriveOp>();
      Derived &&
      cast<ShapedType>(Matrix.getType()).getElementType().isInteger(1)) {
    std::vector<int32_t> Words(std::min(Step, RowEnd - RowBegin) * Cols);
    for (int64_t Row = RowBegin; Row < RowEnd; Row += Step) {
      int64_t Rows = std::min(Step, RowEnd - Row);
      if (Status Done =
              derive(Derived, Row, Row + Rows, ColBegin, ColEnd, Words.data());
          !Done)
        return Done;
      for (int64_t I = 0; I < Rows * Cols; ++I)
        *Out++ = static_cast<int8_t>(Words[I]);
    }
    return {};
  }
  auto Quantized = Matrix.getDefiningOp<spike::QuantizeOp>();
  if (!Quantized)
    return notConstant(Matrix, "a matrix of integer codes");
  auto Scales = cached(Quantized.getScales());
  if (!Scales)
    return Scales.errors();
  Vector Zeros;
  if (Quantized.getZeros()) {
    auto Read = cached(Quantized.getZeros());
    if (!Read)
      return Read.errors();
    Zeros = *Read;
  }
  int Bits = static_cast<int>(Quantized.getBits());
  std::vector<float> Values(std::min(Step, RowEnd - RowBegin) * Cols);
  for (int64_t Row = RowBegin; Row < RowEnd; Row += Step) {
    int64_t Rows = std::min(Step, RowEnd - Row);
    if (Status Read = floats(Quantized.getMatrix(), Row, Row + Rows, ColBegin,
                             ColEnd, Values.data());
        !Read)
      return Read;
    for (int64_t R = 0; R < Rows; ++R) {
      float Scale = (**Scales)[Row + R];
      if (!(Scale > 0) || !std::isfinite(Scale))
        return Error{"spike.quantize", "quantize-scale",
                     fmt::format("the scale of row {} is {}; a scale is finite "
                                 "and above 0",
                                 Row + R, Scale)};
      const float *W = Values.data() + R * Cols;
      if (Zeros) {
        float Zero = (*Zeros)[Row + R];
        if (!isZeroPoint(Zero, Bits))
          return Error{nameOf(Quantized.getZeros()), "quantize-zero",
                       fmt::format("the zero point of row {} is {}; one of {} "
                                   "bits is an integer of 0 to {}: correct the "
                                   "file, or promise a grid without zeros",
                                   Row + R, Zero, Bits, (1 << Bits) - 1)};
        for (int64_t C = 0; C < Cols; ++C)
          Out[C] = codeAroundZero(W[C], Scale, Zero, Bits);
      } else {
        for (int64_t C = 0; C < Cols; ++C)
          Out[C] =
              static_cast<int8_t>(maths::quantizeSymmetric(W[C], Scale, Bits));
      }
      Out += Cols;
    }
  }
  return {};
}

void Constants::dropRows(Value Matrix, int64_t RowBegin, int64_t RowEnd) {
  Operation *Def = Matrix.getDefiningOp();
  if (auto Weight = dyn_cast_or_null<spike::WeightOp>(Def)) {
    if (auto Tensor = tensorOf(Weight))
      (*Tensor)->dropRows(RowBegin, RowEnd);
  } else if (auto Quantized = dyn_cast_or_null<spike::QuantizeOp>(Def)) {
    dropRows(Quantized.getMatrix(), RowBegin, RowEnd);
  } else if (auto Grid = dyn_cast_or_null<spike::GridOp>(Def)) {
    dropRows(Grid.getMatrix(), RowBegin, RowEnd);
  } else if (auto Part = dyn_cast_or_null<spike::PartOp>(Def)) {
    (void)forRuns(Part, RowBegin, RowEnd, [&](int64_t First, int64_t Rows) {
      dropRows(Part.getWhole(), First, First + Rows);
      return Status();
    });
  } else if (auto Derived = dyn_cast_or_null<spike::DeriveOp>(Def)) {
    for (Value Input : Derived.getInputs())
      if (shapeOf(Input) == shapeOf(Derived))
        dropRows(Input, RowBegin, RowEnd);
  }
}

//===----------------------------------------------------------------------===//
// Vectors
//===----------------------------------------------------------------------===//

Result<std::vector<float>> Constants::floats(Value Constant) {
  if (isKeptWhole(Constant)) {
    auto Whole = cached(Constant);
    if (!Whole)
      return Whole.errors();
    return **Whole;
  }
  std::vector<float> Out(rowsOf(Constant) * colsOf(Constant));
  if (Status Read = floats(Constant, 0, rowsOf(Constant), 0, colsOf(Constant),
                           Out.data());
      !Read)
    return Read.errors();
  return Out;
}

Result<Constants::Vector> Constants::cached(Value Constant) {
  {
    std::lock_guard Lock(Mutex);
    if (auto Known = Vectors.find(Constant.getAsOpaquePointer());
        Known != Vectors.end())
      return Known->second;
  }
  // Two threads may compute the same vector; the first one is kept.
  auto Computed = compute(Constant);
  if (!Computed)
    return Computed.errors();
  auto Shared =
      std::make_shared<const std::vector<float>>(std::move(*Computed));
  std::lock_guard Lock(Mutex);
  return Vectors.emplace(Constant.getAsOpaquePointer(), Shared).first->second;
}

Result<std::vector<float>> Constants::compute(Value Constant) {
  if (auto Scales = Constant.getDefiningOp<spike::RowScaleOp>())
    return rowScales(Scales);
  if (auto Apply = Constant.getDefiningOp<spike::ApplyOp>())
    return apply(Apply);
  if (auto Rotary = Constant.getDefiningOp<spike::RotaryOp>())
    return rotary(Rotary);
  if (auto Given = Constant.getDefiningOp<spike::ConstantOp>()) {
    auto Values = cast<DenseElementsAttr>(Given.getValues()).getValues<float>();
    return std::vector<float>(Values.begin(), Values.end());
  }
  if (auto Repeat = Constant.getDefiningOp<spike::RepeatOp>()) {
    auto Vector = cached(Repeat.getVector());
    if (!Vector)
      return Vector.errors();
    std::vector<float> Out(colsOf(Repeat.getValue()));
    for (size_t I = 0; I < Out.size(); ++I)
      Out[I] = (**Vector)[I % (*Vector)->size()];
    return Out;
  }
  if (auto Part = Constant.getDefiningOp<spike::PartOp>()) {
    auto Whole = cached(Part.getWhole());
    if (!Whole)
      return Whole.errors();
    std::vector<float> Out;
    (void)forRuns(Part, 0, colsOf(Constant), [&](int64_t First, int64_t Run) {
      Out.insert(Out.end(), (*Whole)->begin() + First,
                 (*Whole)->begin() + First + Run);
      return Status();
    });
    return Out;
  }
  if (auto Mask = Constant.getDefiningOp<spike::MaskOp>())
    return std::vector<float>(Mask.getBits().begin(), Mask.getBits().end());
  return floats(Constant);
}

Result<std::vector<float>> Constants::rowScales(spike::RowScaleOp Op) {
  Value Matrix = Op.getMatrix();
  int64_t Cols = colsOf(Matrix);
  auto Limit = static_cast<float>((int64_t(1) << (Op.getBits() - 1)) - 1);
  std::vector<float> Scales;
  Status Done = forRows(Matrix, [&](const float *Row) {
    float Largest = 0;
    for (int64_t C = 0; C < Cols; ++C)
      Largest = std::max(Largest, std::fabs(Row[C]));
    float Scale = Largest / Limit;
    Scales.push_back(Scale > 0 ? Scale : 1.0f);
  });
  if (!Done)
    return Done.errors();
  return Scales;
}

Result<std::vector<float>> Constants::apply(spike::ApplyOp Op) {
  auto Vector = cached(Op.getVector());
  if (!Vector)
    return Vector.errors();
  std::vector<float> Sums;
  Status Done = forRows(Op.getMatrix(), [&](const float *Row) {
    double Sum = 0;
    for (size_t C = 0; C < (*Vector)->size(); ++C)
      Sum += static_cast<double>(Row[C]) * static_cast<double>((**Vector)[C]);
    Sums.push_back(static_cast<float>(Sum));
  });
  if (!Done)
    return Done.errors();
  return Sums;
}

std::vector<float> Constants::rotary(spike::RotaryOp Op) {
  int64_t Targets = rowsOf(Op.getValue()), Positions = colsOf(Op.getValue());
  int64_t Length = Targets / Op.getHeads();
  double Base = static_cast<double>(Op.getBase().convertToFloat());
  std::vector<float> Out;
  Out.reserve(Targets * Positions);
  for (int64_t I = 0; I < Targets; ++I) {
    // Powers and angles are rounded to binary32 one by one, as tensors are.
    int64_t Pair = I % Length % (Length / 2);
    auto Exponent = static_cast<float>(2 * Pair) / static_cast<float>(Length);
    float Frequency = 1.0f / static_cast<float>(
                                 std::pow(Base, static_cast<double>(Exponent)));
    for (int64_t P = 0; P < Positions; ++P) {
      double Angle = static_cast<double>(static_cast<float>(P) * Frequency);
      Out.push_back(
          static_cast<float>(Op.getSine() ? std::sin(Angle) : std::cos(Angle)));
    }
  }
  return Out;
}

Status Constants::forRows(Value Matrix,
                          llvm::function_ref<void(const float *)> Visit) {
  int64_t Cols = colsOf(Matrix), Step = rowsPerTile(Cols);
  std::vector<float> Tile(Step * Cols);
  for (int64_t Row = 0; Row < rowsOf(Matrix); Row += Step) {
    int64_t End = std::min(Row + Step, rowsOf(Matrix));
    if (Status Read = floats(Matrix, Row, End, 0, Cols, Tile.data()); !Read)
      return Read;
    for (int64_t R = 0; R < End - Row; ++R)
      Visit(Tile.data() + R * Cols);
    dropRows(Matrix, Row, End);
  }
  return {};
}
