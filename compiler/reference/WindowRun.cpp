//===- compiler/reference/WindowRun.cpp - Convolutions and delays ---------===//
//
// `spike.conv`, `spike.pool`, `spike.delay` and `spike.join` over a range of
// token steps.
//
//===----------------------------------------------------------------------===//

#include "compiler/reference/NetworkRun.h"
#include "targets/Image.h"
#include "targets/Maths.h"

#include <algorithm>
#include <oneapi/tbb/parallel_for.h>

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;
using namespace synfire::spike;

namespace {
/// Sums of one token step. Weights are [kx][ky][source channel of a group]
/// [target channel]; with null weights all are 1 and channels stay apart.
/// \p Sum is what terms are added in: the value itself, or wider.
template <typename Value, typename Weight, typename Sum>
void convolve(const image::WindowRecord &W, const Value *Values,
              const Weight *Weights, Sum *Sums) {
  const int64_t Channels = W.SourceChannels, Targets = W.TargetChannels;
  const int64_t OfGroup = Channels / W.Groups, ToGroup = Targets / W.Groups;
  for (int64_t X = 0; X < W.TargetWidth; ++X)
    for (int64_t Y = 0; Y < W.TargetHeight; ++Y) {
      Sum *To = Sums + (X * W.TargetHeight + Y) * Targets;
      for (int64_t Kx = 0; Kx < W.KernelWidth; ++Kx)
        for (int64_t Ky = 0; Ky < W.KernelHeight; ++Ky) {
          const int64_t Sx = X * W.StrideX - W.PadX + Kx * W.DilationX;
          const int64_t Sy = Y * W.StrideY - W.PadY + Ky * W.DilationY;
          if (Sx < 0 || Sx >= W.SourceWidth || Sy < 0 || Sy >= W.SourceHeight)
            continue;
          const Value *From = Values + (Sx * W.SourceHeight + Sy) * Channels;
          for (int64_t C = 0; C < Channels; ++C) {
            if (From[C] == 0)
              continue;
            if (!Weights) {
              To[C] += static_cast<Sum>(From[C]);
              continue;
            }
            const Weight *Row =
                Weights +
                ((Kx * W.KernelHeight + Ky) * OfGroup + C % OfGroup) * Targets;
            const int64_t First = C / OfGroup * ToGroup;
            for (int64_t T = First; T < First + ToGroup; ++T)
              To[T] += static_cast<Sum>(Row[T]) * static_cast<Sum>(From[C]);
          }
        }
    }
}

/// [target][c][kx][ky] to [kx][ky][c][target].
template <typename Weight>
std::vector<Weight> byPlace(const image::WindowRecord &W,
                            const std::vector<Weight> &Rows) {
  const int64_t OfGroup = W.SourceChannels / W.Groups;
  const int64_t Places = int64_t(W.KernelWidth) * W.KernelHeight;
  const int64_t Columns = OfGroup * Places;
  std::vector<Weight> Out(Rows.size());
  for (int64_t T = 0; T < W.TargetChannels; ++T)
    for (int64_t C = 0; C < OfGroup; ++C)
      for (int64_t P = 0; P < Places; ++P)
        Out[(P * OfGroup + C) * W.TargetChannels + T] =
            Rows[T * Columns + C * Places + P];
  return Out;
}
} // namespace

/// All token steps of the range: reals added in binary64 and rounded once,
/// integers modulo 2^32.
template <typename Weight>
void NetworkRun::convolveSteps(Operation *Op, const Weight *Weights) {
  const image::WindowRecord W = windowOf(Op);
  Value In = Op->getOperand(0);
  auto Result = cast<OpResult>(Op->getResult(0));
  const int64_t Sources = sizeOf(In.getType()), N = sizeOf(Result.getType());
  Steps S;
  if (isReal(Result)) {
    std::vector<float> Made;
    const std::vector<float> &Values = asFloats(In, Made);
    S.Floats.resize((End - Begin) * N);
    tbb::parallel_for(Begin, End, [&](int64_t T) {
      std::vector<double> Sums(N);
      convolve(W, Values.data() + T * Sources, Weights, Sums.data());
      std::transform(Sums.begin(), Sums.end(),
                     S.Floats.begin() + (T - Begin) * N,
                     [](double V) { return static_cast<float>(V); });
    });
  } else {
    const std::vector<int32_t> &Values = ints(In);
    S.Ints.resize((End - Begin) * N);
    tbb::parallel_for(Begin, End, [&](int64_t T) {
      std::vector<uint32_t> Sums(N);
      convolve(W, Values.data() + T * Sources, Weights, Sums.data());
      std::copy(Sums.begin(), Sums.end(), S.Ints.begin() + (T - Begin) * N);
    });
  }
  keep(Result, std::move(S));
}

Status NetworkRun::conv(ConvOp Op) {
  const image::WindowRecord W = windowOf(Op);
  const auto Shape = cast<ShapedType>(Op.getKernel().getType()).getShape();
  if (isReal(Op.getSums())) {
    auto Kernel = Weights.floats(Op.getKernel());
    if (!Kernel)
      return Kernel.errors();
    convolveSteps(Op, byPlace(W, *Kernel).data());
    return {};
  }
  std::vector<int8_t> Codes(Shape[0] * Shape[1]);
  if (Status Read =
          Weights.codes(Op.getKernel(), 0, Shape[0], 0, Shape[1], Codes.data());
      !Read)
    return Read;
  convolveSteps(Op, byPlace(W, Codes).data());
  return {};
}

Status NetworkRun::pool(PoolOp Op) {
  convolveSteps<int8_t>(Op, nullptr);
  return {};
}

Status NetworkRun::delay(DelayOp Op) {
  Value In = Op.getValues();
  const int64_t N = sizeOf(In.getType()), By = Op.getBy();
  auto Shift = [&](const auto &From, auto &To) {
    To.resize((End - Begin) * N);
    for (int64_t T = std::max(Begin, By); T < End; ++T)
      std::copy_n(From.begin() + (T - By) * N, N, To.begin() + (T - Begin) * N);
  };
  // What stands later has its values of earlier token steps only, or none yet.
  Steps &From = Values[In];
  Steps S;
  if (isReal(In)) {
    From.Floats.resize(Count * N);
    Shift(From.Floats, S.Floats);
  } else {
    if (llvm::isa<InputOp>(In.getDefiningOp()))
      ints(In);
    From.Ints.resize(Count * N);
    Shift(From.Ints, S.Ints);
  }
  keep(cast<OpResult>(Op.getDelayed()), std::move(S));
  return {};
}

Status NetworkRun::join(JoinOp Op) {
  const int64_t N = sizeOf(Op.getEvents().getType());
  const auto NumParts = static_cast<int64_t>(Op.getParts().size());
  const int64_t Own = N / NumParts;
  const auto Channels = static_cast<int64_t>(Op.getChannels());
  Steps S;
  S.Ints.resize((End - Begin) * N);
  for (auto [I, Part] : llvm::enumerate(Op.getParts())) {
    const std::vector<int32_t> &From = ints(Part);
    for (int64_t T = Begin; T < End; ++T)
      for (int64_t At = 0; At < Own; At += Channels)
        std::copy_n(From.begin() + T * Own + At, Channels,
                    S.Ints.begin() + (T - Begin) * N + At * NumParts +
                        static_cast<int64_t>(I) * Channels);
  }
  keep(cast<OpResult>(Op.getEvents()), std::move(S));
  return {};
}
