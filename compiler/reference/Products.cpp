//===- compiler/reference/Products.cpp - Matrix products ------------------===//

#include "compiler/reference/Products.h"

#include "targets/Maths.h"

#include <Eigen/Core>
#include <algorithm>
#include <fmt/format.h>
#include <oneapi/tbb/parallel_for.h>

using namespace synfire;
using namespace synfire::compiler;

/// Elements of the matrix in one tile: 512 KiB of binary32, which stays in the
/// second-level cache.
static constexpr int64_t TileElements = 1 << 17;

/// Runs Body(first row, end row) for every tile of rows, in parallel. Tiles
/// depend on the sizes alone. The first failing tile's errors are returned.
template <typename F>
static Status forTiles(int64_t Rows, int64_t Cols, F Body) {
  int64_t Step = std::max<int64_t>(8, TileElements / Cols / 8 * 8);
  int64_t Tiles = (Rows + Step - 1) / Step;
  std::vector<Status> Done(Tiles);
  tbb::parallel_for(int64_t(0), Tiles, [&](int64_t I) {
    Done[I] = Body(I * Step, std::min(Rows, (I + 1) * Step));
  });
  for (Status &S : Done)
    if (!S)
      return S;
  return {};
}

Status compiler::multiply(Constants &Weights, mlir::Value Matrix, int64_t Count,
                          std::span<const float> Values, int64_t Sources,
                          std::span<float> Out, int64_t Targets) {
  using Rows =
      Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  Eigen::Map<const Rows> X(Values.data(), Count, Sources);
  Eigen::Map<Rows> Y(Out.data(), Count, Targets);
  return forTiles(Targets, Sources, [&](int64_t Begin, int64_t End) -> Status {
    Rows Tile(End - Begin, Sources);
    if (Status Read =
            Weights.floats(Matrix, Begin, End, 0, Sources, Tile.data());
        !Read)
      return Read;
    if (Count > 0)
      Y.middleCols(Begin, End - Begin).noalias() = X * Tile.transpose();
    Weights.dropRows(Matrix, Begin, End);
    return {};
  });
}

//===----------------------------------------------------------------------===//
// Integers
//===----------------------------------------------------------------------===//

/// Sources summed in 32 bits at once: 256 * 2^7 * 2^15 < 2^31, so no partial
/// sum of 16-bit payloads and codes can overflow.
static constexpr int64_t ExactRun = 256;
/// Steps and targets worked on together, so that each load serves several sums.
static constexpr int64_t StepBlock = 4;
static constexpr int64_t TargetBlock = 2;

/// Sums[s][t] = dot product of step s and target t over \p Count <= ExactRun
/// sources.
__attribute__((target_clones("avx2", "default"))) static void
dot(const int16_t *Values, int64_t ValueStride, const int16_t *Codes,
    int64_t CodeStride, int64_t Count,
    int32_t (&Sums)[StepBlock][TargetBlock]) {
  const int16_t *X0 = Values, *X1 = X0 + ValueStride, *X2 = X1 + ValueStride,
                *X3 = X2 + ValueStride;
  const int16_t *W0 = Codes, *W1 = W0 + CodeStride;
  int32_t S00 = 0, S01 = 0, S10 = 0, S11 = 0, S20 = 0, S21 = 0, S30 = 0,
          S31 = 0;
  for (int64_t I = 0; I < Count; ++I) {
    S00 += X0[I] * W0[I];
    S01 += X0[I] * W1[I];
    S10 += X1[I] * W0[I];
    S11 += X1[I] * W1[I];
    S20 += X2[I] * W0[I];
    S21 += X2[I] * W1[I];
    S30 += X3[I] * W0[I];
    S31 += X3[I] * W1[I];
  }
  Sums[0][0] = S00, Sums[0][1] = S01, Sums[1][0] = S10, Sums[1][1] = S11;
  Sums[2][0] = S20, Sums[2][1] = S21, Sums[3][0] = S30, Sums[3][1] = S31;
}

/// The tile of targets [Begin, End) for payloads that fit 16 bits. Values and
/// codes are padded with rows of zeros to whole blocks.
static void multiplyNarrow(const std::vector<int16_t> &Values, int64_t Count,
                           int64_t Sources, const std::vector<int16_t> &Codes,
                           int64_t Begin, int64_t End, int32_t *Out,
                           int64_t Targets) {
  int32_t Sums[StepBlock][TargetBlock];
  for (int64_t T = 0; T < Count; T += StepBlock)
    for (int64_t I = Begin; I < End; I += TargetBlock) {
      int32_t Totals[StepBlock][TargetBlock] = {};
      for (int64_t J = 0; J < Sources; J += ExactRun) {
        dot(Values.data() + T * Sources + J, Sources,
            Codes.data() + (I - Begin) * Sources + J, Sources,
            std::min(ExactRun, Sources - J), Sums);
        for (int64_t S = 0; S < StepBlock; ++S)
          for (int64_t R = 0; R < TargetBlock; ++R)
            Totals[S][R] = maths::addWrap(Totals[S][R], Sums[S][R]);
      }
      for (int64_t S = 0; S < std::min(StepBlock, Count - T); ++S)
        for (int64_t R = 0; R < std::min(TargetBlock, End - I); ++R)
          Out[(T + S) * Targets + I + R] = Totals[S][R];
    }
}

/// The same for payloads of any width, one product at a time.
static void multiplyWide(std::span<const int32_t> Values, int64_t Count,
                         int64_t Sources, const std::vector<int16_t> &Codes,
                         int64_t Begin, int64_t End, int32_t *Out,
                         int64_t Targets) {
  for (int64_t T = 0; T < Count; ++T)
    for (int64_t I = Begin; I < End; ++I) {
      const int32_t *X = Values.data() + T * Sources;
      const int16_t *W = Codes.data() + (I - Begin) * Sources;
      int32_t Sum = 0;
      for (int64_t J = 0; J < Sources; ++J)
        Sum = maths::addWrap(Sum, maths::mulWrap(X[J], W[J]));
      Out[T * Targets + I] = Sum;
    }
}

static int64_t roundUp(int64_t Value, int64_t Multiple) {
  return (Value + Multiple - 1) / Multiple * Multiple;
}

Status compiler::multiply(Constants &Weights, mlir::Value Matrix, int64_t Count,
                          std::span<const int32_t> Values, int64_t Sources,
                          std::span<int32_t> Out, int64_t Targets) {
  bool IsNarrow = std::all_of(Values.begin(), Values.end(), [](int32_t V) {
    return V == static_cast<int16_t>(V);
  });
  std::vector<int16_t> Narrow;
  if (IsNarrow) {
    Narrow.reserve(roundUp(Count, StepBlock) * Sources);
    Narrow.assign(Values.begin(), Values.end());
    Narrow.resize(roundUp(Count, StepBlock) * Sources);
  }
  return forTiles(Targets, Sources, [&](int64_t Begin, int64_t End) -> Status {
    std::vector<int8_t> Stored((End - Begin) * Sources);
    if (Status Read =
            Weights.codes(Matrix, Begin, End, 0, Sources, Stored.data());
        !Read)
      return Read;
    Weights.dropRows(Matrix, Begin, End);
    std::vector<int16_t> Codes(Stored.begin(), Stored.end());
    Codes.resize(roundUp(End - Begin, TargetBlock) * Sources);
    if (IsNarrow)
      multiplyNarrow(Narrow, Count, Sources, Codes, Begin, End, Out.data(),
                     Targets);
    else
      multiplyWide(Values, Count, Sources, Codes, Begin, End, Out.data(),
                   Targets);
    return {};
  });
}
