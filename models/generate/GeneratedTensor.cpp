//===- GeneratedTensor.cpp - Seeded random weights ------------------------===//

#include "models/generate/GeneratedTensor.h"

#include <algorithm>
#include <cmath>

namespace synfire::models {

/// The finaliser of SplitMix64: a bijection whose output looks random even for
/// consecutive inputs.
static uint64_t scramble(uint64_t X) {
  X += 0x9e3779b97f4a7c15u;
  X = (X ^ (X >> 30)) * 0xbf58476d1ce4e5b9u;
  X = (X ^ (X >> 27)) * 0x94d049bb133111ebu;
  return X ^ (X >> 31);
}

/// Sum of four uniform 16-bit numbers, brought to mean 0 and deviation 1: close
/// to normal, bounded by 3.46, one hash each.
static float nearNormal(uint64_t Bits) {
  int32_t Sum = static_cast<int32_t>((Bits & 0xffff) + (Bits >> 16 & 0xffff) +
                                     (Bits >> 32 & 0xffff) + (Bits >> 48));
  // Variance of one: (2^32 - 1) / 12.
  constexpr float Deviation = 37837.2268f;
  return (static_cast<float>(Sum) - 131070.0f) * (1.0f / Deviation);
}

int64_t GeneratedTensor::numElements() const {
  int64_t Count = 1;
  for (int64_t Size : Shape)
    Count *= Size;
  return Count;
}

void fillElements(const GeneratedTensor &T, uint64_t Seed, uint64_t Index,
                  int64_t First, std::span<float> Out) {
  // Every tensor has a stream of its own, so changing one moves no other.
  uint64_t Stream = scramble(scramble(Seed) + Index);
  double Size = T.Shape.empty() ? 1 : static_cast<double>(T.Shape.back());
  for (size_t I = 0; I != Out.size(); ++I) {
    int64_t C = First + static_cast<int64_t>(I);
    double Place = static_cast<double>(C);
    switch (T.How) {
    case Fill::Ones:
      Out[I] = 1.0f;
      break;
    case Fill::Zeros:
      Out[I] = 0.0f;
      break;
    case Fill::Random:
      Out[I] =
          T.Mean +
          T.Deviation * nearNormal(scramble(Stream ^ static_cast<uint64_t>(C)));
      break;
    case Fill::TimeDecay:
      Out[I] = static_cast<float>(
          -5.0 + 8.0 * std::pow(Place / (Size - 1.0), T.Exponent));
      break;
    case Fill::TimeFirst:
      Out[I] = static_cast<float>(std::log(0.3) +
                                  0.5 * static_cast<double>((C + 1) % 3 - 1));
      break;
    case Fill::Mix:
      Out[I] = static_cast<float>(std::pow(Place / Size, T.Exponent)) + T.Mean;
      break;
    case Fill::Codes: {
      // The codes' ends are two deviations out, as clipped weights have it; of
      // two bits only one code is above 0, and one deviation does.
      auto Half = static_cast<float>(1 << (T.Bits - 1));
      float Code = std::nearbyint(
          nearNormal(scramble(Stream ^ static_cast<uint64_t>(C))) * Half / 2);
      Out[I] = T.Deviation * std::clamp(Code, -Half, Half - 1);
      break;
    }
    case Fill::Choice: {
      int64_t Same = C / T.Part / T.Repeated * T.Part + C % T.Part;
      auto Draw = static_cast<float>(
          scramble(Stream ^ static_cast<uint64_t>(Same)) >> 32);
      Out[I] = Draw < T.Mean * 0x1p32f ? 1.0f : 0.0f;
      break;
    }
    }
  }
}

} // namespace synfire::models
