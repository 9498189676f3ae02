//===- TargetCheckTest.cpp - What is asked of programs and weights --------===//

#include "compiler/transforms/TargetCheck.h"
#include "compiler/transforms/LeakyIntegrate.h"
#include "compiler/transforms/NonNegative.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

using namespace synfire;
using namespace synfire::compiler;

namespace {
struct Parsed {
  explicit Parsed(const std::string &Text) {
    Context.loadDialect<spike::SpikeDialect, mlir::arith::ArithDialect,
                        mlir::math::MathDialect>();
    Module = mlir::parseSourceString<mlir::ModuleOp>(Text, &Context);
  }
  spike::NetworkOp network() {
    return *Module->getOps<spike::NetworkOp>().begin();
  }
  mlir::MLIRContext Context;
  mlir::OwningOpRef<mlir::ModuleOp> Module;
};

/// A population with \p Head, then \p Times values that are twice the one
/// before, from `%a0` on, compared with 1.
Parsed doubling(const char *Head, int Times) {
  std::string Body;
  for (int I = 0; I < Times; ++I)
    Body += fmt::format("%a{} = arith.addf %a{}, %a{} : f32\n", I + 1, I, I);
  return Parsed(fmt::format(R"(
spike.network @n {{
  %x = spike.input "x" role events : !spike.events<2xbinary>
  %s = spike.population ["s"](%x : !spike.events<2xbinary>) params() init [0.0] {{
  ^bb0(%i: i1, %v: f32):
    %zero = arith.constant 0.0 : f32
    %one = arith.constant 1.0 : f32
    %c = arith.uitofp %i : i1 to f32
    {}
    {}
    %f = arith.cmpf oge, %a{}, %one : f32
    %next = arith.select %f, %zero, %a{} : f32
    spike.yield %f : i1 states %next : f32
  }} : !spike.events<2xbinary>
  %scale = spike.derive() {{
    %one = arith.constant 1.0 : f32
    spike.yield %one : f32
  }} : tensor<2xf32>
  spike.output "y" %s scaled by %scale : !spike.events<2xbinary>, tensor<2xf32>
}}
)",
                            Head, Body, Times, Times));
}

spike::PopulationOp populationOf(Parsed &P) {
  return *P.network().getOps<spike::PopulationOp>().begin();
}
} // namespace

// Paths to the first value double with each step: 2^60 are never walked.
TEST(LeakyIntegrate, LooksAtAValueOnceHoweverOftenItIsRead) {
  Parsed Leaky = doubling("%a0 = arith.addf %v, %c : f32", 60);
  ASSERT_TRUE(Leaky.Module);
  EXPECT_TRUE(isLeakyIntegrateAndFire(populationOf(Leaky)));
  Parsed Other = doubling("%a0 = arith.mulf %v, %v : f32", 60);
  ASSERT_TRUE(Other.Module);
  EXPECT_FALSE(isLeakyIntegrateAndFire(populationOf(Other)));
}

TEST(NonNegative, LooksAtAValueOnceHoweverOftenItIsRead) {
  Parsed P = doubling("%a0 = math.absf %v : f32", 30);
  ASSERT_TRUE(P.Module);
  for (auto Sum : populationOf(P).getBody().getOps<mlir::arith::AddFOp>())
    EXPECT_TRUE(isProvenNonNegative(Sum));
}

TEST(TargetCheck, WeightsOfKernelsCountLikeThoseOfMatrices) {
  Parsed P(R"(
spike.network @n {
  %x = spike.input "x" role events : !spike.events<6xbinary>
  %k = spike.derive() {
    %c = arith.constant 0.5 : f32
    spike.yield %c : f32
  } : tensor<2x6xf32>
  %r = spike.row_scale %k bits 8 : tensor<2x6xf32> -> tensor<2xf32>
  %q = spike.quantize %k by %r bits 8 : tensor<2x6xf32>, tensor<2xf32> -> tensor<2x6xi8>
  %y = spike.conv "kernel" %x, %q from [1, 2, 3] to [2, 1, 1] size [2, 3] stride [1, 1] pad [0, 0] dilation [1, 1] : !spike.events<6xbinary>, tensor<2x6xi8> -> tensor<2xi32>
  %s = spike.population ["s"](%y : tensor<2xi32>) params() init [] {
  ^bb0(%i: i32):
    %one = arith.constant 1 : i32
    %f = arith.cmpi sge, %i, %one : i32
    spike.yield %f : i1
  } : !spike.events<2xbinary>
  %scale = spike.derive() {
    %one = arith.constant 1.0 : f32
    spike.yield %one : f32
  } : tensor<2xf32>
  spike.output "y" %s scaled by %scale : !spike.events<2xbinary>, tensor<2xf32>
}
)");
  ASSERT_TRUE(P.Module);
  auto Chip = ChipSpec::load("generic");
  ASSERT_TRUE(Chip);
  EXPECT_TRUE(checkTarget(P.network(), *Chip));
  Chip->Core.WeightBits = {4};
  Status S = checkTarget(P.network(), *Chip);
  ASSERT_FALSE(S);
  ASSERT_EQ(S.errors().size(), 2u);
  EXPECT_EQ(S.errors().back().Rule, "target-weight-bits");
  EXPECT_NE(S.errors().back().Text.find("'kernel'"), std::string::npos);
}
