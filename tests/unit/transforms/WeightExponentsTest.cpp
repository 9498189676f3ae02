//===- WeightExponentsTest.cpp - Weights as w 2^e -------------------------===//

#include "compiler/transforms/WeightExponents.h"
#include "compiler/transforms/Calibration.h"
#include "compiler/transforms/Pipeline.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

using namespace synfire;
using namespace synfire::compiler;

namespace {
/// Two projections of constant weights into one population of spikes.
struct Net {
  Net(double First, double Second) {
    Context.loadDialect<spike::SpikeDialect>();
    Module = mlir::parseSourceString<mlir::ModuleOp>(fmt::format(R"(
spike.network @n {{
  %x = spike.input "x" role events : !spike.events<4xbinary>
  %v = spike.derive() {{
    %c = arith.constant {:.9e} : f32
    spike.yield %c : f32
  }} : tensor<3x4xf32>
  %w = spike.derive() {{
    %c = arith.constant {:.9e} : f32
    spike.yield %c : f32
  }} : tensor<3x4xf32>
  %a = spike.linear "a" %x, %v : !spike.events<4xbinary>, tensor<3x4xf32> -> tensor<3xf32>
  %b = spike.linear "b" %x, %w : !spike.events<4xbinary>, tensor<3x4xf32> -> tensor<3xf32>
  %s = spike.population ["s"](%a, %b : tensor<3xf32>, tensor<3xf32>) params() init [] {{
  ^bb0(%p: f32, %q: f32):
    %h = arith.addf %p, %q : f32
    %one = arith.constant 1.0 : f32
    %f = arith.cmpf oge, %h, %one : f32
    spike.yield %f : i1
  }} : !spike.events<3xbinary>
  %scale = spike.derive() {{
    %one = arith.constant 1.0 : f32
    spike.yield %one : f32
  }} : tensor<3xf32>
  spike.output "y" %s scaled by %scale : !spike.events<3xbinary>, tensor<3xf32>
}}
)",
                                                                 First, Second),
                                                     &Context);
  }
  spike::NetworkOp network() {
    return *Module->getOps<spike::NetworkOp>().begin();
  }
  std::vector<int64_t> exponents() {
    std::vector<int64_t> Out;
    for (auto L : network().getOps<spike::LinearOp>())
      if (auto E = L->getAttrOfType<mlir::IntegerAttr>(WeightExponentAttr))
        Out.push_back(E.getInt());
    return Out;
  }
  mlir::MLIRContext Context;
  mlir::OwningOpRef<mlir::ModuleOp> Module;
  WeightFiles Files;
};
} // namespace

TEST(WeightExponents, AreTheLeastThatHoldTheLargestWeight) {
  // 127 x 2^-7 is the first above 0.7; 127 itself is a code.
  Net N(0.7, -127);
  ASSERT_TRUE(N.Module);
  ASSERT_TRUE(chooseWeightExponents(N.network(), N.Files, 8, 4));
  EXPECT_EQ(N.exponents(), (std::vector<int64_t>{-7, 0}));
  ASSERT_TRUE(chooseWeightExponents(N.network(), N.Files, 4, 4));
  EXPECT_EQ(N.exponents(), (std::vector<int64_t>{-3, 5}));
}

TEST(WeightExponents, ThatAreTooFarApartAreRefused) {
  Net N(127, 127.0 / 65536);
  ASSERT_TRUE(N.Module);
  Status S = chooseWeightExponents(N.network(), N.Files, 8, 4);
  ASSERT_FALSE(S);
  EXPECT_EQ(S.errors().front().Rule, "weight-exponents");
  EXPECT_EQ(S.errors().front().Kind, ErrorKind::DoesNotFit);
  EXPECT_TRUE(chooseWeightExponents(N.network(), N.Files, 8, 5));
}

/// With exponents a quantised network multiplies no sum by a scale per row.
TEST(WeightExponents, QuantisedSumsAreWorthPowersOfTwo) {
  Net N(0.7, 3);
  ASSERT_TRUE(N.Module);
  ASSERT_TRUE(chooseWeightExponents(N.network(), N.Files, 8, 4));
  mlir::PassManager PM(&N.Context);
  addQuantizePasses(PM);
  ASSERT_TRUE(mlir::succeeded(PM.run(*N.Module)));
  EXPECT_TRUE(N.exponents().empty()) << "said in the programs now";
  for (auto P : N.network().getOps<spike::PopulationOp>()) {
    EXPECT_TRUE(P.getParams().empty());
    P.walk([](mlir::arith::MulFOp Mul) {
      auto Scale = Mul.getRhs().getDefiningOp<mlir::arith::ConstantOp>();
      ASSERT_TRUE(Scale);
      int Power = 0;
      EXPECT_EQ(
          std::frexp(
              mlir::cast<mlir::FloatAttr>(Scale.getValue()).getValueAsDouble(),
              &Power),
          0.5);
    });
  }
  EXPECT_TRUE(N.network().getOps<spike::RowScaleOp>().empty());
}
