//===- FixedFunctions.cpp - Exponential, quotient, root in integers -------===//
//
// What a core without dividers and tables in its instruction set does: shifts
// bring the argument into one octave, a polynomial starts, Newton's iteration
// doubles the right bits. Polynomials are minimax fits of the relative error,
// by Remez' exchange.
//
//===----------------------------------------------------------------------===//

#include "compiler/transforms/FixedCode.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <span>

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;
using arith::CmpIPredicate;

/// Bits of a register without its sign.
static constexpr int WordBits = 31;

/// The word of \p V at \p Fraction.
static int64_t scaled(double V, int Fraction) {
  return std::llround(std::ldexp(V, Fraction));
}

Value FixedCode::normalised(Value A, int64_t Least, unsigned Step, Value &Shift,
                            int &MostShift) {
  // The highest bit of Least is at most WordBits - 1.
  MostShift = WordBits - 1 - std::ilogb(static_cast<double>(Least));
  MostShift -= MostShift % static_cast<int>(Step);
  Shift = word(0);
  for (int By = 16; By >= static_cast<int>(Step); By /= 2) {
    if (By > MostShift)
      continue;
    // Free at the top: By bits or more.
    Value Small = arith::CmpIOp::create(B, Loc, CmpIPredicate::slt, A,
                                        word(int64_t(1) << (WordBits - By)));
    Value Of = arith::SelectOp::create(B, Loc, Small, word(By), word(0));
    A = binary<arith::ShLIOp>(A, Of);
    Shift = binary<arith::AddIOp>(Shift, Of);
  }
  return A;
}

Value FixedCode::shiftedRight(Value A, int Constant, Value Amount) {
  Value By = binary<arith::SubIOp>(word(Constant), Amount);
  if (Constant > WordBits)
    By = binary<arith::MinSIOp>(By, word(WordBits));
  return binary<arith::ShRSIOp>(A, By);
}

FixedValue FixedCode::exponential(FixedValue A, double Expected) {
  if (A.isConstant())
    return constant(std::exp(A.Low));
  // Below the lower end nothing is left in a register.
  constexpr double Nothing = -44;
  A = refined(A, 0);
  const double Most = std::log(std::max(Expected, 0x1p-30));
  A = clamp(A, Nothing, Most);
  FixedValue T = multiply(A, constant(std::numbers::log2e), 0);
  const int F = std::clamp(T.Fraction, 0, 26);
  Value Word = at(T, F);
  Value Whole = F > 0 ? binary<arith::ShRSIOp>(Word, word(F)) : Word;
  Value Part = binary<arith::AndIOp>(Word, word((int64_t(1) << F) - 1));

  constexpr int At = 29;
  constexpr double Power[] = {1.877576673403557e-3, 8.989340094626633e-3,
                              5.582631805011106e-2, 2.4015361704531024e-1,
                              6.931530732000782e-1, 9.999999250635297e-1};
  Value P = word(scaled(Power[0], At));
  for (double C : std::span(Power).subspan(1))
    P = binary<arith::AddIOp>(product(P, Part, F), word(scaled(C, At)));

  // P is 1 to 2; the result is shifted right, whatever Whole is.
  const double High = std::exp2(T.High);
  const int MostWhole = static_cast<int>(std::floor(T.High));
  const int R = std::min(fractionFor(0, High, Expected), At - MostWhole);
  Value By = binary<arith::SubIOp>(word(At - R), Whole);
  By = binary<arith::MinSIOp>(By, word(WordBits));
  return {binary<arith::ShRSIOp>(P, By), R, 0, High};
}

FixedValue FixedCode::divide(FixedValue A, FixedValue C, double LeastExpected,
                             bool MayBeNegative, double Expected) {
  if (C.isConstant()) // by 0: beyond every register
    return multiply(A, constant(std::clamp(1 / C.Low, -1e30, 1e30)), Expected);
  if (A.isConstant()) {
    const int F = std::min(fittingFraction(A), 30);
    A = {at(A, F), F, A.Low, A.High};
  }
  if (C.Low < 0 && MayBeNegative) {
    Value Minus = compare(CmpIPredicate::slt, C, constant(0));
    A = select(Minus, negate(A), A, 0);
    C = absolute(C);
  }
  // The smallest denominator, at least one unit.
  const double Unit = std::ldexp(1.0, -C.Fraction);
  const double Least = std::max({C.Low, LeastExpected, Unit});
  C = clamp(C, Least, std::max(C.High, Least));
  const auto LeastWord = std::max<int64_t>(
      1, static_cast<int64_t>(std::floor(std::ldexp(C.Low, C.Fraction))));
  Value Shift;
  int MostShift = 0;
  Value U = normalised(C.Mantissa, LeastWord, 1, Shift, MostShift);

  // 1 / u of u = U / 2^31 in 0.5 to 1: relative error 0.0101, then its square,
  // then the fourth power.
  constexpr int At = 28;
  Value Y = word(scaled(2.585858585858586, At));
  Y = binary<arith::SubIOp>(product(Y, U, WordBits),
                            word(scaled(5.818181818181818, At)));
  Y = binary<arith::AddIOp>(product(Y, U, WordBits),
                            word(scaled(4.242424242424242, At)));
  for (int I = 0; I < 2; ++I) {
    Value Rest =
        binary<arith::SubIOp>(word(int64_t(2) << At), product(U, Y, WordBits));
    Y = product(Y, Rest, At);
  }
  // A / C = a / u 2^(Shift + C.Fraction - 31): half of a / u fits a register.
  const int FA = fittingFraction(A);
  const int F = std::min(FA, A.Fraction + 31);
  Value Half = product(at(A, F), Y, At + 1);
  const double Most = A.magnitude() / C.Low;
  const double Low = A.Low < 0 ? -Most : 0, High = A.High > 0 ? Most : 0;
  const int R = std::min(fractionFor(Low, High, Expected),
                         F + 30 - C.Fraction - MostShift);
  return tightened(
      {shiftedRight(Half, F + 30 - R - C.Fraction, Shift), R, Low, High},
      Expected);
}

/// Of Y in rootOfOctave().
static constexpr int RootFraction = 28;

FixedCode::Octave FixedCode::rootOfOctave(FixedValue &A, double Least) {
  if (A.Fraction % 2 == 0) {
    const int F =
        A.Fraction < fittingFraction(A) ? A.Fraction + 1 : A.Fraction - 1;
    A = {at(A, F), F, A.Low, A.High};
  }
  A = clamp(A, Least, std::max(A.High, Least));
  const auto LeastWord = std::max<int64_t>(
      1, static_cast<int64_t>(std::floor(std::ldexp(A.Low, A.Fraction))));
  Octave Out;
  Value Shift;
  int MostShift = 0;
  Out.U = normalised(A.Mantissa, LeastWord, 2, Shift, MostShift);
  Out.MostHalves = MostShift / 2;
  Out.Halves = binary<arith::ShRSIOp>(Shift, word(1));
  Out.Octaves = (A.Fraction - WordBits) / 2;

  // 1 / sqrt(u): relative error 0.086, and after each step 1.5 times its
  // square: 0.011, 1.9e-4, 5e-8. Where U is 0, Y grows to 7.2.
  Out.Y = binary<arith::AddIOp>(
      product(word(scaled(-1.218727167538472, RootFraction)), Out.U, WordBits),
      word(scaled(2.132772543192326, RootFraction)));
  for (int I = 0; I < 3; ++I) {
    Value Square = product(Out.Y, Out.Y, RootFraction);
    Value Rest = binary<arith::SubIOp>(word(int64_t(3) << RootFraction),
                                       product(Square, Out.U, WordBits));
    Out.Y = product(Out.Y, Rest, RootFraction + 1);
  }
  return Out;
}

FixedValue FixedCode::reciprocalRoot(FixedValue A, double LeastExpected,
                                     double Expected) {
  if (A.isConstant())
    return constant(1 / std::sqrt(A.Low));
  // Two units: an odd fraction may be one less.
  const double Least = std::ldexp(2.0, -A.Fraction);
  const Octave O = rootOfOctave(A, std::max({A.Low, LeastExpected, Least}));
  // Y 2^((Shift + A.Fraction - 31) / 2).
  const double High = 1 / std::sqrt(A.Low);
  const int R = std::min(fractionFor(0, High, Expected),
                         RootFraction - O.Octaves - O.MostHalves);
  return tightened(
      {shiftedRight(O.Y, RootFraction - R - O.Octaves, O.Halves), R, 0, High},
      Expected);
}

FixedValue FixedCode::root(FixedValue A, double Expected) {
  if (A.isConstant())
    return constant(std::sqrt(std::max(A.Low, 0.0)));
  const Octave O = rootOfOctave(A, std::max(A.Low, 0.0));
  // u Y = sqrt(u), 2^((31 - Shift - A.Fraction) / 2) times.
  const double High = std::sqrt(A.High);
  const int R =
      std::min(fractionFor(0, High, Expected), RootFraction + O.Octaves);
  Value By =
      binary<arith::AddIOp>(word(RootFraction + O.Octaves - R), O.Halves);
  By = binary<arith::MinSIOp>(By, word(WordBits));
  return tightened(
      {binary<arith::ShRSIOp>(product(O.U, O.Y, WordBits), By), R, 0, High},
      Expected);
}
