//===- SaturationTest.cpp - Payloads stay in range whatever is computed ---===//
//
// A neuron whose state grows by a million a step is calibrated on one step and
// run for many: its values pass every range, become infinite, then NaN. The
// interpreter fails on a payload that its type cannot hold, so that the run
// succeeds is the property.
//
//===----------------------------------------------------------------------===//

#include "compiler/reference/Interpreter.h"
#include "compiler/transforms/Calibration.h"
#include "compiler/transforms/Pipeline.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"

#include <gtest/gtest.h>

using namespace synfire;
using namespace synfire::compiler;

static const char *const Growing = R"(
spike.network @growing {
  %t = spike.input "tokens" : !spike.events<2xbinary>
  %bits = spike.derive() {
    %one = arith.constant true
    spike.yield %one : i1
  } : tensor<2x2xi1>
  %w = spike.derive() {
    %one = arith.constant 1.0 : f32
    spike.yield %one : f32
  } : tensor<2x2xf32>
  %e = spike.embed "emb" %t, %bits : !spike.events<2xbinary>, tensor<2x2xi1> -> tensor<2xi32>
  %x = spike.population ["x"](%e : tensor<2xi32>) params() init [1.0] {
  ^bb0(%sum: i32, %v: f32):
    %rate = arith.constant -1.0e6 : f32
    %next = arith.mulf %v, %rate : f32
    // Infinity minus infinity is NaN.
    %odd = arith.subf %next, %next : f32
    %y = arith.addf %next, %odd : f32
    spike.yield %y : f32 states %next : f32
  } : tensor<2xf32>
  %l = spike.linear "l" %x, %w : tensor<2xf32>, tensor<2x2xf32> -> tensor<2xf32>
  %r = spike.reduce "r" %x : tensor<2xf32> -> tensor<1xf32>
  %y = spike.population ["y"](%x, %l, %r : tensor<2xf32>, tensor<2xf32>, tensor<1xf32>) params() init [] {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %ab = arith.addf %a, %b : f32
    %abc = arith.addf %ab, %c : f32
    spike.yield %abc : f32
  } : tensor<2xf32>
  spike.output "out" %y : tensor<2xf32>
}
)";

TEST(Saturation, PayloadsStayInRange) {
  mlir::MLIRContext Context;
  Context.loadDialect<spike::SpikeDialect>();
  auto Module = mlir::parseSourceString<mlir::ModuleOp>(Growing, &Context);
  ASSERT_TRUE(Module);
  auto Network = *Module->getOps<spike::NetworkOp>().begin();
  WeightFiles Files;
  std::vector<std::vector<int64_t>> Windows = {{0}};
  ASSERT_TRUE(calibrate(Network, Windows, Files));
  mlir::PassManager PM(&Context);
  addQuantizePasses(PM);
  ASSERT_TRUE(mlir::succeeded(PM.run(*Module)));

  auto Runner = Interpreter::create(Network, Files);
  ASSERT_TRUE(Runner);
  RunOptions Options;
  Options.RecordEvents = true;
  auto Run = Runner->run(std::vector<int64_t>(12, 0), Options);
  ASSERT_TRUE(Run) << Run.errors().front().format();
  for (const Recording &R : Run->Events) {
    if (R.Name != "x")
      continue;
    EXPECT_EQ(R.Payloads[0], -127) << "the calibrated value is the last code";
    EXPECT_EQ(R.Payloads[2], 127) << "beyond it the payload saturates";
    EXPECT_EQ(R.Payloads.back(), 0) << "NaN is no event";
  }
}

TEST(Saturation, CalibrationRefusesInfinity) {
  mlir::MLIRContext Context;
  Context.loadDialect<spike::SpikeDialect>();
  auto Module = mlir::parseSourceString<mlir::ModuleOp>(Growing, &Context);
  ASSERT_TRUE(Module);
  WeightFiles Files;
  std::vector<std::vector<int64_t>> Windows = {std::vector<int64_t>(12, 1)};
  Status S =
      calibrate(*Module->getOps<spike::NetworkOp>().begin(), Windows, Files);
  ASSERT_FALSE(S);
  EXPECT_EQ(S.errors().front().Rule, "calibrate-not-finite");
  EXPECT_EQ(S.errors().front().Where, "x");
}
