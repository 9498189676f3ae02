//===- targets/Maths.h - The scalar maths of every rung ---------*- C++ -*-===//
//
// The one definition of each function that a neuron may use. The reference
// interpreter (R1, R2) and the simulator (R3) both call these and nothing
// else, so equal inputs give equal bits. Only +, -, *, /, sqrt, comparisons and
// bit moves of IEEE binary32 are used, each of which rounds the same way on
// every machine; the whole project is built with -ffp-contract=off.
//
// Every function is branch-free, so that a loop over neurons vectorises.
// Error bounds are in units in the last place (ulp) against the real function,
// checked by tests/unit/targets/MathsTest.cpp.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_TARGETS_MATHS_H
#define SYNFIRE_TARGETS_MATHS_H

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace synfire::maths {

/// The nearest integer, ties to even; exact for every finite input.
inline float roundEven(float X) {
  const float Magic = 8388608.0f; // 2^23: above it every float is an integer.
  float Magnitude = std::fabs(X);
  float Rounded = std::copysign((Magnitude + Magic) - Magic, X);
  return Magnitude < Magic ? Rounded : X;
}

/// e^X. At most 2 ulp where the result is normal; 0 below -103.98, +inf above
/// 88.73; NaN stays NaN. Method: X = n ln2 + r with |r| <= ln2/2 (Cody and
/// Waite's two-part ln2), degree-7 Taylor polynomial in r, and 2^n in two
/// factors so that subnormal results round once.
inline float exp(float X) {
  float Clamped = X < -104.0f ? -104.0f : X;
  Clamped = Clamped > 89.0f ? 89.0f : Clamped;
  float N = roundEven(Clamped * 1.44269504088896341f);
  float R = (Clamped - N * 0.693359375f) - N * -2.12194440e-4f;
  float P = 1.98412698e-4f;
  P = P * R + 1.38888889e-3f;
  P = P * R + 8.33333333e-3f;
  P = P * R + 4.16666667e-2f;
  P = P * R + 1.66666667e-1f;
  P = P * R + 0.5f;
  P = (P * R) * R + R + 1.0f;
  // A NaN input would make this conversion undefined; it is put back below.
  int32_t Exponent = static_cast<int32_t>(X == X ? N : 0.0f);
  int32_t Half = Exponent >> 1;
  float First = std::bit_cast<float>((Half + 127) << 23);
  float Second = std::bit_cast<float>((Exponent - Half + 127) << 23);
  float Value = (P * First) * Second;
  return X == X ? Value : X;
}

/// 1 / (1 + e^-X). At most 3 ulp.
inline float sigmoid(float X) { return 1.0f / (1.0f + exp(-X)); }

/// 1 / sqrt(X), both correctly rounded: at most 1.5 ulp. +inf at 0, NaN below.
inline float rsqrt(float X) { return 1.0f / std::sqrt(X); }

/// tanh X = sign(X) (1 - t) / (1 + t) with t = e^(-2|X|); absolute error at
/// most 2e-7 (relative error grows near 0, where 1 - t cancels).
inline float tanh(float X) {
  float T = exp(-2.0f * std::fabs(X));
  return std::copysign((1.0f - T) / (1.0f + T), X);
}

/// The error function; absolute and relative error at most 2e-7. Method: up to
/// 1 an odd polynomial, beyond it 1 - e^-q(|X|), both least-squares fits on
/// Chebyshev points; 1 from 4 on.
inline float erf(float X) {
  float A = std::fabs(X);
  float U = A * A;
  float P = 7.882497448e-05f;
  P = P * U - 8.018855006e-04f;
  P = P * U + 5.189312156e-03f;
  P = P * U - 2.685432881e-02f;
  P = P * U + 1.128359735e-01f;
  P = P * U - 3.761262596e-01f;
  P = P * U + 1.128379107f;
  float Clamped = A > 4.0f ? 4.0f : A;
  float Q = 6.582861545e-08f;
  Q = Q * Clamped - 3.095205557e-06f;
  Q = Q * Clamped + 6.006880358e-05f;
  Q = Q * Clamped - 6.733376068e-04f;
  Q = Q * Clamped + 5.021044984e-03f;
  Q = Q * Clamped - 2.699949779e-02f;
  Q = Q * Clamped + 1.109074205e-01f;
  Q = Q * Clamped + 6.310888529e-01f;
  Q = Q * Clamped + 1.130604506f;
  Q = Q * Clamped - 4.005005758e-04f;
  float Value = A <= 1.0f ? P * A : 1.0f - exp(-Q);
  return std::copysign(X == X ? Value : X, X);
}

/// Float to integer, towards zero, saturating; NaN becomes 0.
inline int32_t toInt(float X) {
  float Low = X < -2147483648.0f ? -2147483648.0f : X;
  // The largest float below 2^31.
  float Both = Low > 2147483520.0f ? 2147483520.0f : Low;
  return static_cast<int32_t>(X == X ? Both : 0.0f);
}

/// Minimum and maximum that return the other operand when one is NaN
/// (`arith.minnumf` and `arith.maxnumf`); of two zeros either may be returned
/// by IEEE, here the first operand wins.
inline float minNum(float A, float B) { return B < A || A != A ? B : A; }
inline float maxNum(float A, float B) { return B > A || A != A ? B : A; }

/// Two's complement wrap-around integer arithmetic, as the chip's adders do.
inline int32_t addWrap(int32_t A, int32_t B) {
  return static_cast<int32_t>(static_cast<uint32_t>(A) +
                              static_cast<uint32_t>(B));
}
inline int32_t subWrap(int32_t A, int32_t B) {
  return static_cast<int32_t>(static_cast<uint32_t>(A) -
                              static_cast<uint32_t>(B));
}
inline int32_t mulWrap(int32_t A, int32_t B) {
  return static_cast<int32_t>(static_cast<uint32_t>(A) *
                              static_cast<uint32_t>(B));
}

/// A * B / 2^Shift, the product exact in 64 bits, rounded toward zero, down, or
/// to the nearest (halves up); the low 32 bits of it. \p Shift is 0 .. 62.
inline int32_t mulShiftZero(int32_t A, int32_t B, unsigned Shift) {
  const int64_t Product = int64_t(A) * B;
  // A negative one is rounded up: 2^Shift - 1 more, then down.
  const int64_t Up = (Product >> 63) & ((int64_t(1) << Shift) - 1);
  return static_cast<int32_t>((Product + Up) >> Shift);
}
inline int32_t mulShiftFloor(int32_t A, int32_t B, unsigned Shift) {
  return static_cast<int32_t>((int64_t(A) * B) >> Shift);
}
inline int32_t mulShiftNearest(int32_t A, int32_t B, unsigned Shift) {
  const int64_t Half = (int64_t(1) << Shift) >> 1;
  return static_cast<int32_t>((int64_t(A) * B + Half) >> Shift);
}

/// Weight \p W as a signed code of \p Bits bits under \p Scale (> 0): nearest,
/// ties to even, clamped to +-(2^(Bits-1) - 1), so that codes are symmetric.
inline int32_t quantizeSymmetric(float W, float Scale, int Bits) {
  float Limit = static_cast<float>((1 << (Bits - 1)) - 1);
  float Code = roundEven(W / Scale);
  return toInt(minNum(maxNum(Code, -Limit), Limit));
}

} // namespace synfire::maths

#endif // SYNFIRE_TARGETS_MATHS_H
