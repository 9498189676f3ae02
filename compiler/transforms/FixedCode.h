//===- compiler/transforms/FixedCode.h - Fixed-point instructions -*- C++ -*-=//
//
// Writes the integer instructions of a neuron program that calculates with
// real numbers. A number is a mantissa in a register of 32 bits and a fraction,
// known when compiling: value = mantissa / 2^fraction. Two ranges go with it:
// the proven one, that no input can leave (so no register overflows), and the
// expected one, measured, that decides how many fraction bits there are.
//
// Nothing is assumed of the chip but its ISA: products of 64 bits that are
// shifted and rounded, additions, shifts, comparisons and selects.
// Exponentials, reciprocals and roots are made of those (FixedFunctions.cpp),
// and every instruction of them is executed and charged.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_COMPILER_TRANSFORMS_FIXEDCODE_H
#define SYNFIRE_COMPILER_TRANSFORMS_FIXEDCODE_H

#include "dialects/spike/Spike.h"
#include "targets/ChipSpec.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <optional>

namespace synfire::compiler {

/// A real number in a register, or a constant that is in none yet.
struct FixedValue {
  mlir::Value Mantissa;     ///< i32; null of a constant
  int Fraction = 0;         ///< -64 .. 62
  double Low = 0, High = 0; ///< proven, of the real number; Low <= High

  bool isConstant() const { return !Mantissa; } ///< then it is Low
  double magnitude() const;                     ///< the largest that is proven
};

class FixedCode {
public:
  FixedCode(mlir::OpBuilder B, mlir::Location Loc, const NeuronUnit &Neuron);
  /// New instructions go in front of \p Op.
  void before(mlir::Operation *Op) { B.setInsertionPoint(Op); }

  FixedValue constant(double V) const { return {{}, 0, V, V}; }
  /// An integer within Low .. High as it is.
  FixedValue integer(mlir::Value V, double Low, double High) const {
    return {V, 0, Low, High};
  }

  // Arithmetic. Expected is the largest magnitude that the result is meant to
  // have (twice what was measured); what lies far beyond it is cut off.
  FixedValue add(FixedValue A, FixedValue B, double Expected);
  FixedValue subtract(FixedValue A, FixedValue B, double Expected);
  FixedValue multiply(FixedValue A, FixedValue B, double Expected);
  FixedValue negate(FixedValue A);
  FixedValue absolute(FixedValue A);
  FixedValue largest(FixedValue A, FixedValue B);
  FixedValue least(FixedValue A, FixedValue B);
  FixedValue select(mlir::Value Which, FixedValue A, FixedValue B,
                    double Expected);
  mlir::Value compare(mlir::arith::CmpIPredicate How, FixedValue A,
                      FixedValue B);

  // Functions (FixedFunctions.cpp). LeastExpected: the smallest denominator
  // (radicand) that is meant to come, half of what was measured; smaller ones
  // are taken for it.
  /// e^A, relative error of the method 8e-8.
  FixedValue exponential(FixedValue A, double Expected);
  /// A / B; B is one sign throughout or not, as proven or as \p MayBeNegative.
  FixedValue divide(FixedValue A, FixedValue B, double LeastExpected,
                    bool MayBeNegative, double Expected);
  /// 1 / sqrt(A), A > 0.
  FixedValue reciprocalRoot(FixedValue A, double LeastExpected,
                            double Expected);
  /// sqrt(A), of A below 0 that of 0.
  FixedValue root(FixedValue A, double Expected);

  /// The nearest integer of A times the constant \p Factor, halves up: one
  /// product where that is possible. Cut off at +-(2^31 - 1).
  FixedValue nearest(FixedValue A, double Factor);
  /// The integer part, toward zero.
  FixedValue truncated(FixedValue A);

  /// The mantissa of \p A at \p Fraction; the caller knows that it fits.
  mlir::Value at(const FixedValue &A, int Fraction);
  /// \p A with \p Fraction bits or more; what then leaves a register saturates.
  FixedValue refined(FixedValue A, int Fraction);
  /// \p A within Low .. High, with the instructions that this takes.
  FixedValue clamp(FixedValue A, double Low, double High);
  /// Cuts off what lies far beyond \p Expected, if it can be there at all.
  FixedValue tightened(FixedValue A, double Expected);
  /// The mantissa of a state at \p Fraction within its \p Bits.
  mlir::Value stored(FixedValue A, int Fraction, unsigned Bits);

  /// The largest fraction at which \p A cannot overflow a register.
  static int fittingFraction(const FixedValue &A);
  /// The fraction of a result: as many bits as Expected leaves room for, and no
  /// more than Low .. High has room for.
  static int fractionFor(double Low, double High, double Expected);

private:
  mlir::Value word(int64_t V);
  mlir::Value product(mlir::Value A, mlir::Value B, int Shift);
  mlir::Value product(mlir::Value A, mlir::Value B, int Shift,
                      spike::Rounding How);
  /// \p A shifted left until its highest bit is bit 30; Shift receives by how
  /// many bits. \p Step: 1, or 2 for even shifts. \p Least <= mantissa.
  mlir::Value normalised(mlir::Value A, int64_t Least, unsigned Step,
                         mlir::Value &Shift, int &MostShift);
  /// What both roots begin with: A as u 2^(31 - Shift - fraction), u in 0.25 to
  /// 1 in U, and its reciprocal root in Y, at RootFraction. \p A has an odd
  /// fraction afterwards, so that 31 - fraction is even.
  struct Octave {
    mlir::Value U, Y, Halves;        ///< Halves: half of the shift
    int MostHalves = 0, Octaves = 0; ///< Octaves: (fraction - 31) / 2
  };
  Octave rootOfOctave(FixedValue &A, double Least);

  /// \p A / 2^(Constant - Amount), Amount a value in 0 .. Constant.
  mlir::Value shiftedRight(mlir::Value A, int Constant, mlir::Value Amount);
  /// Both at one fraction that is right for both.
  int alignedFraction(const FixedValue &A, const FixedValue &B, double Low,
                      double High, double Expected);
  /// A constant as a factor of at most MultiplierBits bits.
  FixedValue factor(double V);

  template <typename Op>
  mlir::Value binary(mlir::Value A, mlir::Value C) {
    return Op::create(B, Loc, A, C);
  }

  mlir::OpBuilder B;
  mlir::Location Loc;
  spike::Rounding Rounds;
  unsigned FactorBits;
  Overflow Beyond;
};

} // namespace synfire::compiler

#endif // SYNFIRE_COMPILER_TRANSFORMS_FIXEDCODE_H
