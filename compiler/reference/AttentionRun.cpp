//===- AttentionRun.cpp - Products of activations -------------------------===//
//
// `spike.matmul` and `spike.rotate` over all token steps of a sequence.
//
//===----------------------------------------------------------------------===//

#include "compiler/reference/NetworkRun.h"

#include <Eigen/Core>
#include <oneapi/tbb/parallel_for.h>

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;
using namespace synfire::spike;

namespace {
/// Sizes of a product of activations.
struct Shape {
  int64_t Heads, Group, Length, QueryWidth, WrittenWidth, SumsWidth;
  bool Keys, Causal;

  explicit Shape(MatmulOp Op)
      : Heads(static_cast<int64_t>(Op.getHeads())),
        Group(Heads / static_cast<int64_t>(Op.getKvHeads())),
        Length(sizeOf(Op.getWritten().getType()) /
               static_cast<int64_t>(Op.getKvHeads())),
        QueryWidth(sizeOf(Op.getQuery().getType())),
        WrittenWidth(sizeOf(Op.getWritten().getType())),
        SumsWidth(sizeOf(Op.getSums().getType())),
        Keys(Op.getAlong() == Along::Keys), Causal(Op.getCausal()) {}
};

/// One head in one inner step: all tokens at once. Integers are unsigned, so
/// that they wrap.
template <typename T>
void multiplyHead(const Shape &S, const Sequence &Time, int64_t Inner,
                  int64_t Head, const T *Query, const T *Written, T *Sums) {
  using Rows =
      Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  using Strided = Eigen::OuterStride<>;
  int64_t Steps = Time.innerSteps(), Tokens = Time.numTokens();
  int64_t NumRows = Time.numRows(), Positions = Time.positions();
  if (Tokens == 0 || NumRows == 0)
    return;
  Rows Memory(NumRows, S.Length);
  for (int64_t Row = 0; Row < NumRows; ++Row)
    std::copy_n(Written +
                    (Time.tokenOfRow(Row) * Steps + Inner) * S.WrittenWidth +
                    Head / S.Group * S.Length,
                S.Length, Memory.data() + Row * S.Length);
  int64_t Asked = S.Keys ? S.Length : Positions;
  int64_t Given = S.Keys ? Positions : S.Length;
  Eigen::Map<const Rows, 0, Strided> Q(
      Query + Inner * S.QueryWidth + Head * Asked, Tokens,
      S.Keys ? S.Length : NumRows, Strided(Steps * S.QueryWidth));
  Eigen::Map<Rows, 0, Strided> Out(Sums + Inner * S.SumsWidth + Head * Given,
                                   Tokens, S.Keys ? NumRows : S.Length,
                                   Strided(Steps * S.SumsWidth));
  if (!S.Keys) {
    // A query beyond the rows that are there is 0: its neuron did not run.
    Out.noalias() = Q * Memory;
    return;
  }
  Out.noalias() = Q * Memory.transpose();
  if (S.Causal)
    for (int64_t Token = 0; Token < Tokens; ++Token) {
      int64_t There = Time.rowsThere(spike::Rows::Seen, Token * Steps);
      Out.row(Token).tail(NumRows - There).setZero();
    }
}

template <typename T>
void multiplyAll(const Shape &S, const Sequence &Time, const T *Query,
                 const T *Written, T *Sums) {
  tbb::parallel_for(int64_t(0), Time.innerSteps() * S.Heads, [&](int64_t I) {
    multiplyHead(S, Time, I / S.Heads, I % S.Heads, Query, Written, Sums);
  });
}
} // namespace

Status NetworkRun::matmul(MatmulOp Op) {
  Shape Sizes(Op);
  Steps S;
  if (isReal(Op.getSums())) {
    std::vector<float> Query, Written;
    S.Floats.resize(Count * Sizes.SumsWidth);
    multiplyAll(Sizes, Time, asFloats(Op.getQuery(), Query).data(),
                asFloats(Op.getWritten(), Written).data(), S.Floats.data());
  } else {
    auto Words = [](const std::vector<int32_t> &V) {
      return reinterpret_cast<const uint32_t *>(V.data());
    };
    S.Ints.resize(Count * Sizes.SumsWidth);
    multiplyAll(Sizes, Time, Words(ints(Op.getQuery())),
                Words(ints(Op.getWritten())),
                reinterpret_cast<uint32_t *>(S.Ints.data()));
  }
  keep(cast<OpResult>(Op.getSums()), std::move(S));
  return {};
}

Status NetworkRun::rotate(RotateOp Op) {
  int64_t N = sizeOf(Op.getValues().getType());
  int64_t Length = N / static_cast<int64_t>(Op.getHeads()), Half = Length / 2;
  auto Turn = [&](const auto &From, auto &To) {
    To.resize(From.size());
    for (size_t Part = 0; Part < From.size(); Part += Length) {
      std::copy_n(From.begin() + Part, Half, To.begin() + Part + Half);
      std::copy_n(From.begin() + Part + Half, Half, To.begin() + Part);
    }
  };
  Steps S;
  if (isReal(Op.getValues()))
    Turn(floats(Op.getValues()), S.Floats);
  else
    Turn(ints(Op.getValues()), S.Ints);
  keep(cast<OpResult>(Op.getRotated()), std::move(S));
  return {};
}
