//===- FixedPointTest.cpp - Programs in integers against binary32 ---------===//
//
// One op at a time over its whole range, as a population that reads payloads
// and writes codes: the integers that the pass makes, run by the interpreter,
// against the same program in binary32.
//
//===----------------------------------------------------------------------===//

#include "compiler/reference/Interpreter.h"
#include "compiler/transforms/ToFixedPoint.h"
#include "compiler/transforms/ValueRanges.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

using namespace synfire;
using namespace synfire::compiler;

namespace {
/// One computation: `%y` of `%x` (f32).
struct Case {
  const char *Name;
  const char *Body; ///< ops; `%x` and `%c0` (0.0), `%c1` (1.0) are there
  double Unit;      ///< value of a payload of 1
  int Least, Most;  ///< payloads
  double Code;      ///< value of a code of 1 that is written
  int64_t Off;      ///< codes that may be between the two
};

/// One neuron that reads events %i of \p Bits, with states (%v) that begin with
/// \p Init and \p Arguments for them.
std::string oneNeuron(int Bits, const char *Init, const char *Arguments,
                      const std::string &Body) {
  return fmt::format(R"(
spike.network @n {{
  %e = spike.input "in" role events : !spike.events<1xsigned<{0}>>
  %p = spike.population ["out"](%e : !spike.events<1xsigned<{0}>>) params() init [{1}] {{
  ^bb0(%i: i32{2}):
{3}  }} : !spike.events<1xsigned<24>>
  %scale = spike.derive() {{
    %one = arith.constant 1.0 : f32
    spike.yield %one : f32
  }} : tensor<1xf32>
  spike.output "y" %p scaled by %scale : !spike.events<1xsigned<24>>, tensor<1xf32>
}}
)",
                     Bits, Init, Arguments, Body);
}

std::string withState(int Bits, const char *Init, const char *Body) {
  return oneNeuron(Bits, Init, ", %v: f32", Body);
}

std::string text(const Case &C) {
  return oneNeuron(24, "", "",
                   fmt::format(R"(
    %unit = arith.constant {:.9e} : f32
    %code = arith.constant {:.9e} : f32
    %c0 = arith.constant 0.0 : f32
    %c1 = arith.constant 1.0 : f32
    %low = arith.constant -8388607 : i32
    %high = arith.constant 8388607 : i32
    %f = arith.sitofp %i : i32 to f32
    %x = arith.mulf %f, %unit : f32
    {}
    %s = arith.mulf %y, %code : f32
    %r = math.roundeven %s : f32
    %n = arith.fptosi %r : f32 to i32
    %l = arith.maxsi %n, %low : i32
    %h = arith.minsi %l, %high : i32
    spike.yield %h : i32
)",
                               C.Unit, 1 / C.Code, C.Body));
}

NeuronUnit loihi2Like() {
  NeuronUnit N;
  N.Numbers = Arithmetic::Fixed;
  N.StateBits = 24;
  N.MultiplierBits = 24;
  N.Rounds = Rounding::TowardZero;
  return N;
}

class Fixture {
public:
  explicit Fixture(const std::string &Text) {
    Context.loadDialect<spike::SpikeDialect, mlir::arith::ArithDialect,
                        mlir::math::MathDialect>();
    Module = mlir::parseSourceString<mlir::ModuleOp>(Text, &Context);
  }
  spike::NetworkOp network() {
    return *Module->getOps<spike::NetworkOp>().begin();
  }
  std::vector<float> run(const std::vector<int32_t> &Payloads) {
    auto Runner = Interpreter::create(network(), Files);
    EXPECT_TRUE(Runner);
    std::vector<int64_t> Steps(Payloads.size());
    std::vector<EventInput> Events = {{"in", Payloads}};
    auto Run = Runner->run(RunInputs{Steps, {}, {}, Events});
    EXPECT_TRUE(Run);
    return Run ? Run->Logits : std::vector<float>();
  }
  Status measure(const std::vector<int32_t> &Payloads) {
    CalibrationSequence S;
    S.Tokens.resize(Payloads.size());
    S.Events = {{"in", Payloads}};
    return measureValueRanges(network(), std::vector{S}, Files);
  }

  mlir::MLIRContext Context;
  mlir::OwningOpRef<mlir::ModuleOp> Module;
  WeightFiles Files;
};

std::vector<int32_t> sweep(const Case &C) {
  std::vector<int32_t> Out;
  const int Step = std::max(1, (C.Most - C.Least) / 4000);
  for (int V = C.Least; V <= C.Most; V += Step)
    Out.push_back(V);
  Out.push_back(C.Most);
  return Out;
}
} // namespace

class FixedPointOp : public testing::TestWithParam<Case> {};

TEST_P(FixedPointOp, IsBinary32WithinItsCodes) {
  const Case &C = GetParam();
  Fixture Float(text(C)), Fixed(text(C));
  ASSERT_TRUE(Float.Module && Fixed.Module);
  const std::vector<int32_t> Payloads = sweep(C);
  expandFunctions(Fixed.network());
  ASSERT_TRUE(Fixed.measure(Payloads));
  ASSERT_TRUE(toFixedPoint(Fixed.network(), loihi2Like()));
  Fixed.network().walk([](mlir::Operation *Op) {
    if (Op->getParentOfType<spike::PopulationOp>()) {
      for (mlir::Type T : Op->getResultTypes())
        EXPECT_FALSE(T.isF32()) << "a real number is left";
    }
  });
  ASSERT_TRUE(mlir::succeeded(mlir::verify(*Fixed.Module)));
  const std::vector<float> Want = Float.run(Payloads),
                           Got = Fixed.run(Payloads);
  ASSERT_EQ(Want.size(), Payloads.size());
  ASSERT_EQ(Got.size(), Payloads.size());
  for (size_t I = 0; I < Want.size(); ++I)
    EXPECT_LE(std::abs(double(Want[I]) - Got[I]), static_cast<double>(C.Off))
        << "payload " << Payloads[I] << ", binary32 " << Want[I];
}

// Codes are a millionth of the largest result, or what is said.
INSTANTIATE_TEST_SUITE_P(
    All, FixedPointOp,
    testing::Values(
        Case{"add",
             "%d = arith.constant 0.3 : f32\n%y = arith.addf %x, %d : f32",
             1e-3, -9000, 9000, 1e-5, 1},
        Case{"subtract_self_scaled",
             "%d = arith.constant 0.7 : f32\n%z = arith.mulf %x, %d : f32\n"
             "%y = arith.subf %x, %z : f32",
             1e-3, -9000, 9000, 1e-5, 1},
        Case{"square", "%y = arith.mulf %x, %x : f32", 1e-3, -3000, 3000, 1e-5,
             2},
        Case{"largest", "%y = arith.maxnumf %x, %c1 : f32", 1e-3, -3000, 3000,
             1e-6, 2},
        Case{"select",
             "%z = arith.cmpf olt, %x, %c0 : f32\n%m = arith.negf %x : f32\n"
             "%y = arith.select %z, %m, %c1 : f32",
             1e-3, -3000, 3000, 1e-6, 2},
        Case{"exponential", "%y = math.exp %x : f32", 1e-3, -12000, 2000, 1e-5,
             3},
        Case{"exponential_below", "%y = math.exp %x : f32", 1, -100000, 0, 1e-6,
             1},
        Case{"quotient", "%y = arith.divf %c1, %x : f32", 1e-3, 250, 90000,
             4e-6, 2},
        Case{"quotient_of_both_signs",
             "%d = arith.constant 5.0e-4 : f32\n%z = arith.addf %x, %d : f32\n"
             "%a = math.absf %z : f32\n%b = arith.addf %a, %c1 : f32\n"
             "%m = arith.negf %b : f32\n%y = arith.divf %z, %m : f32",
             1e-3, -20000, 20000, 1e-6, 2},
        Case{"reciprocal_root", "%y = math.rsqrt %x : f32", 1e-3, 20, 90000,
             7e-6, 3},
        Case{"root", "%y = math.sqrt %x : f32", 1e-3, 0, 90000, 1e-5, 3},
        Case{"tanh", "%y = math.tanh %x : f32", 1e-3, -9000, 9000, 1e-6, 3},
        Case{"erf", "%y = math.erf %x : f32", 1e-3, -6000, 6000, 1e-6, 4},
        // 1 + e^9 leaves 16 bits after the point: 1.5e-5 where e^-x is small.
        Case{"sigmoid",
             "%m = arith.negf %x : f32\n%e1 = math.exp %m : f32\n"
             "%b = arith.addf %e1, %c1 : f32\n%y = arith.divf %c1, %b : f32",
             1e-3, -9000, 9000, 1e-6, 16}),
    [](const auto &Info) { return std::string(Info.param.Name); });

/// What lies far outside of what was measured saturates; nothing wraps.
TEST(FixedPoint, FarInputsSaturate) {
  const Case C{"", "%y = arith.mulf %x, %x : f32", 1, -8000000, 8000000, 1, 0};
  Fixture F(text(C));
  ASSERT_TRUE(F.Module);
  ASSERT_TRUE(F.measure({-30, 30}));
  ASSERT_TRUE(toFixedPoint(F.network(), loihi2Like()));
  const std::vector<float> Out =
      F.run({30, 100, 1000, 8000000, -8000000, -1000});
  EXPECT_EQ(Out[0], 900);
  for (float V : Out)
    EXPECT_GE(V, 900) << "a square that wrapped around";
}

/// Far beyond what was measured, where conversions have few bits to spare.
TEST(FixedPoint, ConversionsSaturateAtBothEnds) {
  // 2^31 / 300 and 2^31 / 1024 are less than the largest payload.
  const Case Cases[] = {
      {"rounded with a factor", "%y = arith.addf %x, %c0 : f32", 1, 0, 0,
       1 / 300.0, 0},
      {"cut off",
       "%k = arith.constant 1024.0 : f32\n%g = arith.mulf %x, %k : f32\n"
       "%t = arith.fptosi %g : f32 to i32\n"
       "%y = arith.sitofp %t : i32 to f32",
       1, 0, 0, 1, 0},
      {"the opposite of -2^31",
       "%w = arith.constant -2147483648 : i32\n"
       "%q = arith.minsi %i, %w : i32\n%g = arith.sitofp %q : i32 to f32\n"
       "%m = arith.negf %g : f32\n%z = arith.cmpf oge, %x, %c0 : f32\n"
       "%y = arith.select %z, %m, %g : f32",
       1, 0, 0, 1, 0}};
  for (const Case &C : Cases) {
    Fixture F(text(C));
    ASSERT_TRUE(F.Module) << C.Name;
    ASSERT_TRUE(F.measure({-400000, 400000}));
    ASSERT_TRUE(toFixedPoint(F.network(), loihi2Like()));
    EXPECT_EQ(F.run({8000000, -8000000}),
              (std::vector<float>{8388607, -8388607}))
        << C.Name;
  }
}

TEST(FixedPoint, ConstantsThatNoRegisterHoldsStandForTheirEnds) {
  struct {
    const char *Body;
    double Unit, Code;
    std::vector<int32_t> Measured, Payloads;
    std::vector<float> Want;
  } const Cases[] = {
      // A mask of minus infinity, ahead of an exponential.
      {"%k = arith.constant 0xFF800000 : f32\n"
       "%z = arith.cmpf oge, %x, %c0 : f32\n"
       "%m = arith.select %z, %x, %k : f32\n%y = math.exp %m : f32",
       1e-3,
       1e-4,
       {-3000, 2000},
       {-1000, 0, 1000},
       {0, 10000, 27183}},
      {"%y = arith.divf %x, %c0 : f32",
       1,
       1,
       {-4, 8},
       {1, -1},
       {8388607, -8388607}},
      // An exponent whose unit is 2^40.
      {"%k = arith.constant 1.0995116e12 : f32\n"
       "%t = arith.mulf %x, %k : f32\n%y = math.exp %t : f32",
       1,
       1e-3,
       {-4, 0},
       {0, -1, -4},
       {1000, 0, 0}},
      // The mantissa of 0.1 is 0.1.
      {"%k = arith.constant 0.1 : f32\n%z = arith.cmpf oeq, %x, %k : f32\n"
       "%y = arith.select %z, %c1, %c0 : f32",
       0.1,
       1,
       {0, 9},
       {0, 1, 2},
       {0, 1, 0}},
      // A radicand that fills the register, and nothing known of its least.
      {"%q = arith.mulf %x, %x : f32\n%y = math.rsqrt %q : f32",
       1,
       1e-10,
       {0, 1000000, 8000000},
       {8000000, 4000000, 1000000},
       {1250, 2500, 10000}},
  };
  for (const auto &C : Cases) {
    Fixture F(text({"", C.Body, C.Unit, 0, 0, C.Code, 0}));
    ASSERT_TRUE(F.Module) << C.Body;
    ASSERT_TRUE(F.measure(C.Measured));
    ASSERT_TRUE(toFixedPoint(F.network(), loihi2Like()));
    ASSERT_TRUE(mlir::succeeded(mlir::verify(*F.Module))) << C.Body;
    const std::vector<float> Got = F.run(C.Payloads);
    ASSERT_EQ(Got.size(), C.Want.size());
    for (size_t I = 0; I < Got.size(); ++I)
      EXPECT_NEAR(Got[I], C.Want[I], 1) << C.Body;
  }
}

TEST(FixedPoint, AConstantThatIsNoNumberIsAnError) {
  Fixture F(text({"",
                  "%k = arith.constant 0x7FC00000 : f32\n"
                  "%y = arith.maxnumf %x, %k : f32",
                  1, -8, 8, 1, 0}));
  ASSERT_TRUE(F.Module);
  ASSERT_TRUE(F.measure({-8, 8}));
  auto Done = toFixedPoint(F.network(), loihi2Like());
  ASSERT_FALSE(Done);
  EXPECT_EQ(Done.errors().front().Rule, "fixed-point-3");
}

/// The state is coarser where it comes from: an integer, of few bits.
TEST(FixedPoint, AStateOfCoarseNumbersStaysWithinItsWidth) {
  const std::string Text = withState(5, "0.0", R"(
    %f = arith.sitofp %i : i32 to f32
    %k = arith.constant 1048576.0 : f32
    %s = arith.mulf %v, %k : f32
    %r = math.roundeven %s : f32
    %o = arith.fptosi %r : f32 to i32
    spike.yield %o : i32 states %f : f32
)");
  Fixture F(Text);
  ASSERT_TRUE(F.Module);
  // Twice 3 is below 8, of which 2^-20 are left: payloads are mantissas.
  ASSERT_TRUE(F.measure({0, 3, 0}));
  ASSERT_TRUE(toFixedPoint(F.network(), loihi2Like()));
  EXPECT_EQ(
      F.run({7, 8, 15, -8, -15, 0}),
      (std::vector<float>{0, 7340032, 8388607, 8388607, -8388608, -8388608}));
}

TEST(FixedPoint, AStateIsAsWideAsTheTargetSaysAndSaturates) {
  // v grows by x in every step; measured on 3 steps of 1, run with more.
  const std::string Text = withState(24, "0.25", R"(
    %f = arith.sitofp %i : i32 to f32
    %n = arith.addf %v, %f : f32
    %k = arith.constant 4.0 : f32
    %s = arith.mulf %n, %k : f32
    %r = math.roundeven %s : f32
    %o = arith.fptosi %r : f32 to i32
    spike.yield %o : i32 states %n : f32
)");
  for (Overflow How : {Overflow::Saturate, Overflow::Wrap}) {
    Fixture F(Text);
    ASSERT_TRUE(F.Module);
    ASSERT_TRUE(F.measure({1, 1, 1}));
    NeuronUnit N = loihi2Like();
    N.StateBits = 8;
    N.Beyond = How;
    ASSERT_TRUE(toFixedPoint(F.network(), N));
    // 2 x 3.25 needs 3 bits before the point and one is the sign: 2^-4 each.
    const std::vector<float> Out = F.run(std::vector<int32_t>(14, 1));
    EXPECT_EQ(std::vector<float>(Out.begin(), Out.begin() + 3),
              (std::vector<float>{5, 9, 13}));
    if (How == Overflow::Wrap) {
      EXPECT_LT(*std::min_element(Out.begin(), Out.end()), 0);
    } else {
      // The last state and 1 more, in quarters.
      EXPECT_EQ(Out[10], std::round(4 * (7.9375f + 1)));
      EXPECT_EQ(Out[13], Out[10]);
    }
  }
}

/// Initial states and params are written as binary32, which has no 2^31 - 1.
TEST(FixedPoint, WhatIsWrittenAsBinary32FitsStatesOf32Bits) {
  const char *const Text = R"(
spike.network @n {
  %e = spike.input "in" role events : !spike.events<1xsigned<24>>
  %most = spike.derive() {
    %one = arith.constant 1.99999988 : f32
    spike.yield %one : f32
  } : tensor<1xf32>
  %p = spike.population ["out"](%e : !spike.events<1xsigned<24>>) params(%most : tensor<1xf32>) init [-1.0e30] {
  ^bb0(%i: i32, %m: f32, %v: f32):
    %f = arith.sitofp %i : i32 to f32
    %k = arith.constant 1.0e6 : f32
    %s = arith.mulf %m, %k : f32
    %z = arith.cmpf olt, %v, %f : f32
    %c0 = arith.constant 0.0 : f32
    %y = arith.select %z, %s, %c0 : f32
    %r = math.roundeven %y : f32
    %o = arith.fptosi %r : f32 to i32
    spike.yield %o : i32 states %f : f32
  } : !spike.events<1xsigned<24>>
  %scale = spike.derive() {
    %one = arith.constant 1.0 : f32
    spike.yield %one : f32
  } : tensor<1xf32>
  spike.output "y" %p scaled by %scale : !spike.events<1xsigned<24>>, tensor<1xf32>
}
)";
  for (unsigned Bits : {24u, 25u, 26u, 31u, 32u}) {
    Fixture F(Text);
    ASSERT_TRUE(F.Module);
    ASSERT_TRUE(F.measure({1, 2, 3}));
    NeuronUnit N = loihi2Like();
    N.StateBits = Bits;
    ASSERT_TRUE(toFixedPoint(F.network(), N));
    auto P = *F.network().getOps<spike::PopulationOp>().begin();
    EXPECT_LT(std::fabs(P.getInit()[0]), std::ldexp(1.0, int(Bits) - 1));
    EXPECT_GT(std::fabs(P.getInit()[0]), std::ldexp(0.99, int(Bits) - 1));
    EXPECT_EQ(F.run({-5, 1, 1}), (std::vector<float>{2000000, 2000000, 0}))
        << Bits;
  }
}

TEST(FixedPoint, WhatWasNotMeasuredIsAnError) {
  const Case C{"", "%y = arith.mulf %x, %x : f32", 1, -8, 8, 1, 0};
  Fixture F(text(C));
  ASSERT_TRUE(F.Module);
  auto Done = toFixedPoint(F.network(), loihi2Like());
  ASSERT_FALSE(Done);
  EXPECT_EQ(Done.errors().front().Rule, "fixed-point-2");
  assumeValueRanges(F.network());
  EXPECT_TRUE(toFixedPoint(F.network(), loihi2Like()));
}
