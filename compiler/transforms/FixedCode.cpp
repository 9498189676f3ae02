//===- FixedCode.cpp - Fixed-point instructions ---------------------------===//

#include "compiler/transforms/FixedCode.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <algorithm>
#include <bit>
#include <cmath>

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;
using arith::CmpIPredicate;

/// The largest magnitude of a mantissa.
static constexpr double MostWord = 2147483647.0;
/// How far a proven range may exceed the expected one before it is cut off: 16
/// times, which costs 4 of the register's bits instead of two instructions.
static constexpr double Slack = 16;
static constexpr int MostFraction = 62;
/// Constants from here on stand for infinity (compiler/reference/Program.h).
static constexpr double Infinite = 1e30;

double FixedValue::magnitude() const {
  return std::max(std::fabs(Low), std::fabs(High));
}

static spike::Rounding roundingOf(Rounding R) {
  switch (R) {
  case Rounding::TowardZero:
    return spike::Rounding::Zero;
  case Rounding::Down:
    return spike::Rounding::Floor;
  case Rounding::Nearest:
    break;
  }
  return spike::Rounding::Nearest;
}

FixedCode::FixedCode(OpBuilder B, Location Loc, const NeuronUnit &Neuron)
    : B(B), Loc(Loc), Rounds(roundingOf(Neuron.Rounds)),
      FactorBits(Neuron.MultiplierBits), Beyond(Neuron.Beyond) {}

Value FixedCode::word(int64_t V) {
  auto Limit = static_cast<int64_t>(MostWord);
  return arith::ConstantOp::create(
      B, Loc,
      B.getI32IntegerAttr(static_cast<int32_t>(std::clamp(V, -Limit, Limit))));
}

Value FixedCode::product(Value A, Value C, int Shift, spike::Rounding How) {
  return spike::MulShiftOp::create(B, Loc, B.getI32Type(), A, C, Shift, How);
}
Value FixedCode::product(Value A, Value C, int Shift) {
  return product(A, C, Shift, Rounds);
}

int FixedCode::fittingFraction(const FixedValue &A) {
  const double M = A.magnitude();
  if (M == 0)
    return MostFraction;
  // ilogb(M) = e: 2^e <= M < 2^(e+1), so M 2^(30-e) < 2^31. One bit of a
  // register is left where M is rounded up to the next power of two.
  int F = 30 - std::ilogb(M);
  if (std::ldexp(M, F) > MostWord - 1)
    --F;
  return std::clamp(F, -64, MostFraction);
}

int FixedCode::fractionFor(double Low, double High, double Expected) {
  const int Fits = fittingFraction({{}, 0, Low, High});
  if (!(Expected > 0))
    return Fits;
  return std::min(Fits, fittingFraction({{}, 0, -Expected, Expected}));
}

Value FixedCode::at(const FixedValue &A, int Fraction) {
  if (A.isConstant())
    return word(std::llround(
        std::clamp(std::ldexp(A.Low, Fraction), -MostWord, MostWord)));
  const int Up = Fraction - A.Fraction;
  if (Up == 0)
    return A.Mantissa;
  if (Up > 0)
    return Up > 31 ? word(0) // only of a number that is 0
                   : binary<arith::ShLIOp>(A.Mantissa, word(Up));
  if (-Up > MostFraction)
    return word(0);
  // A product fits its register here, so that cutting twice the same way is
  // cutting once.
  if (auto From = A.Mantissa.getDefiningOp<spike::MulShiftOp>();
      From && From.getRounding() == Rounds &&
      Rounds != spike::Rounding::Nearest &&
      static_cast<int>(From.getBy()) - Up <= MostFraction)
    return product(From.getLeft(), From.getRight(),
                   static_cast<int>(From.getBy()) - Up);
  if (Rounds == spike::Rounding::Floor && -Up < 32)
    return binary<arith::ShRSIOp>(A.Mantissa, word(-Up));
  return product(A.Mantissa, word(1), -Up);
}

/// The end of \p Limit that a mantissa at \p Fraction reaches.
static double inside(double Limit, int Fraction) {
  return std::ldexp(std::trunc(std::ldexp(Limit, Fraction)), -Fraction);
}

FixedValue FixedCode::refined(FixedValue A, int Fraction) {
  if (A.isConstant() || A.Fraction >= Fraction)
    return A;
  // A unit larger than a register's is as good as the largest of those.
  constexpr int MostUp = 30;
  if (const int Beyond = Fraction - MostUp - A.Fraction; Beyond > 0) {
    A.Fraction += Beyond;
    A.Low = std::ldexp(A.Low, -Beyond);
    A.High = std::ldexp(A.High, -Beyond);
  }
  const double Most = inside(std::ldexp(MostWord, -Fraction), A.Fraction);
  A = clamp(A, -Most, Most);
  return {at(A, Fraction), Fraction, A.Low, A.High};
}

FixedValue FixedCode::clamp(FixedValue A, double Low, double High) {
  if (A.isConstant())
    return constant(std::clamp(A.Low, Low, High));
  // Limits on the mantissa; what is proven afterwards is what they are worth.
  if (A.High > High) {
    const auto Most =
        static_cast<int64_t>(std::ceil(std::ldexp(High, A.Fraction)));
    A.Mantissa = binary<arith::MinSIOp>(A.Mantissa, word(Most));
    A.High = std::ldexp(static_cast<double>(Most), -A.Fraction);
  }
  if (A.Low < Low) {
    const auto Least =
        static_cast<int64_t>(std::floor(std::ldexp(Low, A.Fraction)));
    A.Mantissa = binary<arith::MaxSIOp>(A.Mantissa, word(Least));
    A.Low = std::ldexp(static_cast<double>(Least), -A.Fraction);
  }
  A.High = std::max(A.High, A.Low);
  return A;
}

FixedValue FixedCode::tightened(FixedValue A, double Expected) {
  if (A.isConstant() || !(Expected > 0))
    return A;
  return clamp(A, A.Low < -Slack * Expected ? -Expected : A.Low,
               A.High > Slack * Expected ? Expected : A.High);
}

Value FixedCode::stored(FixedValue A, int Fraction, unsigned Bits) {
  A = refined(A, Fraction);
  const double Limit = std::ldexp(1.0, static_cast<int>(Bits) - 1);
  if (Beyond == Overflow::Wrap && Bits < 32 && !A.isConstant()) {
    // The low bits of the register, as the chip's memory keeps them.
    Value Up = word(32 - static_cast<int64_t>(Bits));
    A = clamp(A, -std::ldexp(MostWord, -Fraction),
              std::ldexp(MostWord, -Fraction));
    return binary<arith::ShRSIOp>(binary<arith::ShLIOp>(at(A, Fraction), Up),
                                  Up);
  }
  return at(
      clamp(A, std::ldexp(-Limit, -Fraction), std::ldexp(Limit - 1, -Fraction)),
      Fraction);
}

/// The least fraction that holds \p V exactly.
static int exactFraction(double V) {
  if (V == 0)
    return -64;
  int Power = 0;
  const double Half = std::frexp(V, &Power);
  // A double has 53 bits.
  const auto Bits = static_cast<uint64_t>(std::fabs(std::ldexp(Half, 53)));
  return std::min(53 - Power - std::countr_zero(Bits), MostFraction);
}

int FixedCode::alignedFraction(const FixedValue &A, const FixedValue &C,
                               double Low, double High, double Expected) {
  const int Most = fractionFor(Low, High, Expected);
  // Fraction bits that neither has say nothing. A constant is not worth a shift
  // of the other once that has all but some bits of the register.
  constexpr int Spare = 8;
  auto Of = [&](const FixedValue &One, const FixedValue &Other) {
    if (!One.isConstant())
      return One.Fraction;
    if (!Other.isConstant() && Other.Fraction >= Most - Spare)
      return Other.Fraction;
    return exactFraction(One.Low);
  };
  return std::min({Most, std::max(Of(A, C), Of(C, A)), fittingFraction(A),
                   fittingFraction(C)});
}

FixedValue FixedCode::add(FixedValue A, FixedValue C, double Expected) {
  if (A.isConstant() && C.isConstant())
    return constant(A.Low + C.Low);
  for (FixedValue *One : {&A, &C})
    if (One->isConstant() && One->Low == 0)
      return One == &A ? C : A;
  const double Low = A.Low + C.Low, High = A.High + C.High;
  const int F = alignedFraction(A, C, Low, High, Expected);
  FixedValue Sum{binary<arith::AddIOp>(at(A, F), at(C, F)), F, Low, High};
  return tightened(Sum, Expected);
}

FixedValue FixedCode::subtract(FixedValue A, FixedValue C, double Expected) {
  if (C.isConstant())
    return add(A, constant(-C.Low), Expected);
  const double Low = A.Low - C.High, High = A.High - C.Low;
  const int F = alignedFraction(A, C, Low, High, Expected);
  FixedValue Difference{binary<arith::SubIOp>(at(A, F), at(C, F)), F, Low,
                        High};
  return tightened(Difference, Expected);
}

FixedValue FixedCode::negate(FixedValue A) {
  if (A.isConstant())
    return constant(-A.Low);
  // -2^31 has no opposite.
  A = clamp(A, std::ldexp(-MostWord, -A.Fraction), A.High);
  return {binary<arith::SubIOp>(word(0), A.Mantissa), A.Fraction, -A.High,
          -A.Low};
}

FixedValue FixedCode::absolute(FixedValue A) {
  if (A.Low >= 0)
    return A;
  FixedValue Minus = negate(A);
  if (A.High <= 0)
    return Minus;
  return {binary<arith::MaxSIOp>(A.Mantissa, Minus.Mantissa), A.Fraction, 0,
          A.magnitude()};
}

FixedValue FixedCode::factor(double V) {
  // A mantissa below 2^(bits - 1), without the zeros at its end.
  const int Most = static_cast<int>(std::min(FactorBits, 31u)) - 1;
  int F = Most - 1 - std::ilogb(V);
  auto M = std::llround(std::ldexp(V, F));
  if (std::llabs(M) >= int64_t(1) << Most) // rounded up to the next power
    M = std::llround(std::ldexp(V, --F));
  for (; M % 2 == 0; M /= 2)
    --F;
  const double Worth = std::ldexp(static_cast<double>(M), -F);
  return {word(M), F, Worth, Worth};
}

FixedValue FixedCode::multiply(FixedValue A, FixedValue C, double Expected) {
  if (A.isConstant())
    std::swap(A, C);
  if (A.isConstant())
    return constant(A.Low * C.Low);
  if (C.isConstant()) {
    if (C.Low == 0)
      return constant(0);
    int Power = 0;
    if (std::fabs(std::frexp(C.Low, &Power)) == 0.5) { // a power of two
      A.Fraction -= Power - 1;
      const double By = std::fabs(C.Low);
      A.Low *= By;
      A.High *= By;
      return tightened(C.Low < 0 ? negate(A) : A, Expected);
    }
    C = factor(C.Low);
  }
  const double Corners[] = {A.Low * C.Low, A.Low * C.High, A.High * C.Low,
                            A.High * C.High};
  double Low = *std::min_element(Corners, Corners + 4);
  const double High = *std::max_element(Corners, Corners + 4);
  if (A.Mantissa == C.Mantissa)
    Low = std::max(Low, 0.0); // a square
  int F = std::min(fractionFor(Low, High, Expected), A.Fraction + C.Fraction);
  int Shift = A.Fraction + C.Fraction - F;
  if (Shift > MostFraction) { // far too small to matter
    F += Shift - MostFraction;
    Shift = MostFraction;
  }
  FixedValue Product{product(A.Mantissa, C.Mantissa, Shift), F, Low, High};
  return tightened(Product, Expected);
}

/// Largest and least keep the finer fraction: one of the two is the result.
FixedValue FixedCode::largest(FixedValue A, FixedValue C) {
  if (A.isConstant() && C.isConstant())
    return constant(std::max(A.Low, C.Low));
  const double Low = std::max(A.Low, C.Low), High = std::max(A.High, C.High);
  if (A.Low >= C.High)
    return A;
  if (C.Low >= A.High)
    return C;
  const int F = alignedFraction(A, C, Low, High, 0);
  return {binary<arith::MaxSIOp>(at(A, F), at(C, F)), F, Low, High};
}

FixedValue FixedCode::least(FixedValue A, FixedValue C) {
  if (A.isConstant() && C.isConstant())
    return constant(std::min(A.Low, C.Low));
  const double Low = std::min(A.Low, C.Low), High = std::min(A.High, C.High);
  if (A.High <= C.Low)
    return A;
  if (C.High <= A.Low)
    return C;
  const int F = alignedFraction(A, C, Low, High, 0);
  return {binary<arith::MinSIOp>(at(A, F), at(C, F)), F, Low, High};
}

FixedValue FixedCode::select(Value Which, FixedValue A, FixedValue C,
                             double Expected) {
  // Infinity, a mask, is not to take the fraction of the other; e^-64 is 0.
  const double Far = std::max(Slack * Expected, 64.0);
  for (FixedValue *One : {&A, &C})
    if (One->isConstant() && std::fabs(One->Low) >= Infinite)
      *One = constant(std::copysign(Far, One->Low));
  const double Low = std::min(A.Low, C.Low), High = std::max(A.High, C.High);
  const int F = alignedFraction(A, C, Low, High, 0);
  return {arith::SelectOp::create(B, Loc, Which, at(A, F), at(C, F)), F, Low,
          High};
}

Value FixedCode::compare(CmpIPredicate How, FixedValue A, FixedValue C) {
  if (A.isConstant() && !C.isConstant()) {
    std::swap(A, C);
    How = How == CmpIPredicate::slt   ? CmpIPredicate::sgt
          : How == CmpIPredicate::sle ? CmpIPredicate::sge
          : How == CmpIPredicate::sgt ? CmpIPredicate::slt
          : How == CmpIPredicate::sge ? CmpIPredicate::sle
                                      : How;
  }
  if (C.isConstant() && !A.isConstant()) {
    // Against the mantissas that lie on the same side of the constant; what
    // equals it is the mantissa that stands for it.
    const double Exact = std::ldexp(C.Low, A.Fraction);
    const bool Up = How == CmpIPredicate::slt || How == CmpIPredicate::sge;
    const bool Equal = How == CmpIPredicate::eq || How == CmpIPredicate::ne;
    const double Whole = std::clamp(Equal ? std::round(Exact)
                                    : Up  ? std::ceil(Exact)
                                          : std::floor(Exact),
                                    -MostWord, MostWord);
    return arith::CmpIOp::create(B, Loc, How, A.Mantissa,
                                 word(static_cast<int64_t>(Whole)));
  }
  const int F = alignedFraction(A, C, std::min(A.Low, C.Low),
                                std::max(A.High, C.High), 0);
  return arith::CmpIOp::create(B, Loc, How, at(A, F), at(C, F));
}

FixedValue FixedCode::nearest(FixedValue A, double Factor) {
  if (A.isConstant())
    return constant(std::floor(A.Low * Factor + 0.5));
  int Power = 0;
  const bool IsPower = std::frexp(Factor, &Power) == 0.5;
  FixedValue C =
      IsPower ? FixedValue{{}, 1 - Power, Factor, Factor} : factor(Factor);
  A = refined(A, -C.Fraction);
  const double Limit = inside(MostWord / std::fabs(C.Low), A.Fraction);
  A = clamp(A, -Limit, Limit);
  const int Shift = A.Fraction + C.Fraction;
  const double Ends[] = {A.Low * C.Low, A.High * C.Low};
  FixedValue Whole{{},
                   0,
                   std::floor(std::min(Ends[0], Ends[1]) + 0.5),
                   std::floor(std::max(Ends[0], Ends[1]) + 0.5)};
  if (Shift > MostFraction)
    Whole.Mantissa = word(0);
  else if (IsPower && Shift == 0)
    Whole.Mantissa = A.Mantissa;
  else
    Whole.Mantissa = product(A.Mantissa, IsPower ? word(1) : C.Mantissa, Shift,
                             spike::Rounding::Nearest);
  return Whole;
}

FixedValue FixedCode::truncated(FixedValue A) {
  if (A.isConstant())
    return constant(std::trunc(A.Low));
  A = refined(A, 0);
  A = clamp(A, -MostWord, MostWord);
  if (A.Fraction == 0)
    return A;
  return {product(A.Mantissa, word(1), A.Fraction, spike::Rounding::Zero), 0,
          std::trunc(A.Low), std::trunc(A.High)};
}
