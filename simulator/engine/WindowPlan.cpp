//===- simulator/engine/WindowPlan.cpp - Convolutions, planned ------------===//

#include "simulator/engine/WindowPlan.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace synfire::sim {
namespace {

/// A / B rounded down, B > 0.
int64_t divideDown(int64_t A, int64_t B) {
  return A / B - (A % B != 0 && A < 0);
}
int64_t divideUp(int64_t A, int64_t B) { return -divideDown(-A, B); }

/// The inverse of \p A modulo \p M, to which it is coprime; 0 modulo 1.
int64_t inverseOf(int64_t A, int64_t M) {
  int64_t Previous = M, Rest = A % M, Before = 0, Now = 1;
  while (Rest != 0) {
    const int64_t Quotient = Previous / Rest;
    Previous = std::exchange(Rest, Previous - Quotient * Rest);
    Before = std::exchange(Now, Before - Quotient * Now);
  }
  return (Before % M + M) % M;
}

/// Sources that targets \p First to \p Last may meet, as [first, second).
std::pair<int64_t, int64_t> reachOf(const WindowAxis &A, uint32_t First,
                                    uint32_t Last) {
  if (First >= Last)
    return {0, 0};
  const int64_t Low = int64_t(First) * A.Stride - A.Pad;
  const int64_t High =
      int64_t(Last - 1) * A.Stride - A.Pad + int64_t(A.Kernel - 1) * A.Dilation;
  const int64_t From = std::clamp<int64_t>(Low, 0, A.Source);
  return {From, std::max(From, std::clamp<int64_t>(High + 1, 0, A.Source))};
}

int8_t weightAt(image::WeightFormat Format, const std::byte *Row, uint32_t J) {
  const unsigned Bits = image::bitsOf(Format), PerByte = 8 / Bits;
  const auto Byte = std::to_integer<unsigned>(Row[J / PerByte]);
  const unsigned Code = Byte >> (Bits * (J % PerByte));
  if (Format == image::WeightFormat::Bit1)
    return static_cast<int8_t>(Code & 1);
  const unsigned Unused = 8 - Bits;
  return static_cast<int8_t>(
      static_cast<int8_t>(static_cast<uint8_t>(Code << Unused)) >> Unused);
}

/// Places of targets of \p T along x and y, as [first, second).
struct Extent {
  uint32_t FirstX, LastX, FirstY, LastY;
  Extent(const image::WindowRecord &W, const image::TileRecord &T) {
    const uint32_t End = T.FirstCol + T.Cols;
    const uint32_t Column = W.TargetHeight * W.TargetChannels;
    FirstX = T.FirstCol / Column;
    LastX = (End - 1) / Column + 1;
    const bool One = FirstX + 1 == LastX;
    FirstY = One ? T.FirstCol % Column / W.TargetChannels : 0;
    LastY = One ? (End - 1) % Column / W.TargetChannels + 1 : W.TargetHeight;
  }
};

} // namespace

WindowAxis WindowAxis::x(const image::WindowRecord &W) {
  return {W.SourceWidth, W.TargetWidth, W.KernelWidth,
          W.StrideX,     W.PadX,        W.DilationX};
}
WindowAxis WindowAxis::y(const image::WindowRecord &W) {
  return {W.SourceHeight, W.TargetHeight, W.KernelHeight,
          W.StrideY,      W.PadY,         W.DilationY};
}

uint64_t WindowAxis::numTaps() const {
  uint64_t Sum = 0;
  for (uint32_t K = 0; K < Kernel; ++K) {
    // Sources 0 .. Source - 1 are heard by these targets.
    const int64_t Offset = int64_t(Pad) - int64_t(K) * Dilation;
    const int64_t First = std::max<int64_t>(0, divideUp(Offset, Stride));
    const int64_t Last = std::min<int64_t>(
        int64_t(Target) - 1, divideDown(Offset + Source - 1, Stride));
    Sum += Last >= First ? static_cast<uint64_t>(Last - First + 1) : 0;
  }
  return Sum;
}

uint64_t denseProductsOf(const image::WindowRecord &W) {
  const uint64_t Pairs =
      W.Shared ? W.TargetChannels
               : uint64_t(W.TargetChannels) * (W.SourceChannels / W.Groups);
  return WindowAxis::x(W).numTaps() * WindowAxis::y(W).numTaps() * Pairs;
}

std::vector<uint32_t> AxisTaps::orderOf(const WindowAxis &A) {
  const uint32_t Residues = A.Stride / std::gcd(A.Stride, A.Dilation);
  std::vector<uint32_t> Order(A.Kernel);
  uint32_t Next = 0;
  for (uint32_t R = 0; R < std::min(Residues, A.Kernel); ++R) {
    const uint32_t Of = (A.Kernel - 1 - R) / Residues + 1;
    for (uint32_t I = 0; I < Of; ++I)
      Order[R + I * Residues] = Next + (Of - 1 - I);
    Next += Of;
  }
  return Order;
}

uint64_t AxisTaps::sizeOf(const WindowAxis &A, uint32_t First, uint32_t Last) {
  const auto [From, To] = reachOf(A, First, Last);
  return static_cast<uint64_t>(To - From);
}

AxisTaps::AxisTaps(const WindowAxis &A, uint32_t First, uint32_t Last) {
  const auto [From, To] = reachOf(A, First, Last);
  FirstSource = static_cast<uint32_t>(From);
  const int64_t Common = std::gcd(A.Stride, A.Dilation);
  const int64_t StrideStep = A.Stride / Common,
                TargetStep = A.Dilation / Common;
  Step = static_cast<uint32_t>(TargetStep);
  Runs.resize(static_cast<size_t>(To - From));
  const std::vector<uint32_t> Order = orderOf(A);
  const int64_t Inverse = inverseOf(StrideStep, TargetStep);
  for (int64_t Source = From; Source < To; ++Source) {
    // target * Stride + tap * Dilation = Sum
    const int64_t Sum = Source + A.Pad;
    if (Sum % Common != 0)
      continue;
    int64_t Target = std::max<int64_t>(
        First, divideUp(Sum - int64_t(A.Kernel - 1) * A.Dilation, A.Stride));
    const int64_t Most = std::min<int64_t>(int64_t(Last) - 1, Sum / A.Stride);
    const int64_t Residue = Sum / Common % TargetStep * Inverse % TargetStep;
    Target += ((Residue - Target) % TargetStep + TargetStep) % TargetStep;
    if (Target > Most)
      continue;
    const auto Tap =
        static_cast<size_t>((Sum - Target * A.Stride) / A.Dilation);
    Runs[static_cast<size_t>(Source - From)] = {
        static_cast<uint32_t>(Target), Order[Tap],
        static_cast<uint32_t>((Most - Target) / TargetStep + 1)};
  }
}

uint64_t WindowPlan::sizeOf(const image::WindowRecord &W,
                            const image::TileRecord &T) {
  const Extent E(W, T);
  return AxisTaps::sizeOf(WindowAxis::x(W), E.FirstX, E.LastX) +
         AxisTaps::sizeOf(WindowAxis::y(W), E.FirstY, E.LastY);
}

WindowPlan WindowPlan::of(const image::WindowRecord &W,
                          const image::TileRecord &T) {
  const Extent E(W, T);
  WindowPlan P;
  P.X = AxisTaps(WindowAxis::x(W), E.FirstX, E.LastX);
  P.Y = AxisTaps(WindowAxis::y(W), E.FirstY, E.LastY);
  P.SourceChannels = W.SourceChannels;
  P.ColumnSources = W.SourceHeight * W.SourceChannels;
  P.TargetChannels = W.TargetChannels;
  P.TargetHeight = W.TargetHeight;
  P.Groups = W.Groups;
  P.Shared = W.Shared != 0;
  P.KernelChannels = P.Shared ? 1 : W.SourceChannels;
  P.KernelWidth = W.KernelWidth;
  P.KernelHeight = W.KernelHeight;
  P.Cols = W.cols();
  P.Bits = image::bitsOf(T.Format);
  P.First = T.FirstCol;
  P.Last = T.FirstCol + T.Cols;
  P.InRuns = W.Groups == 1 && P.Y.step() == 1;
  return P;
}

WindowKernel WindowKernel::of(const image::WindowRecord &W,
                              const image::TileRecord &T,
                              const std::byte *Stored) {
  const uint32_t Channels = W.Shared ? 1 : W.SourceChannels, Cols = W.cols();
  const std::vector<uint32_t> X = AxisTaps::orderOf(WindowAxis::x(W)),
                              Y = AxisTaps::orderOf(WindowAxis::y(W));
  WindowKernel K;
  // The kernels of Accumulate.h take rows at multiples of 16.
  K.Stride = (W.KernelHeight * Cols + 15) / 16 * 16;
  const size_t Rows = size_t(W.KernelWidth) * Channels;
  K.Weights.resize(Rows * K.Stride + 64);
  K.NonZero.resize(Rows * (W.KernelHeight + size_t(1)));
  for (uint32_t C = 0; C < Channels; ++C)
    for (uint32_t KX = 0; KX < W.KernelWidth; ++KX) {
      const size_t To = size_t(X[KX]) * Channels + C;
      uint32_t *Counts = K.NonZero.data() + To * (W.KernelHeight + size_t(1));
      for (uint32_t KY = 0; KY < W.KernelHeight; ++KY) {
        const std::byte *Row =
            Stored + ((size_t(C) * W.KernelWidth + KX) * W.KernelHeight + KY) *
                         T.RowStride;
        int8_t *Into = K.Weights.data() + To * K.Stride + size_t(Y[KY]) * Cols;
        for (uint32_t J = 0; J < Cols; ++J) {
          Into[J] = weightAt(T.Format, Row, J);
          Counts[Y[KY] + 1] += Into[J] != 0;
        }
      }
      std::partial_sum(Counts, Counts + W.KernelHeight + 1, Counts);
    }
  return K;
}

} // namespace synfire::sim
