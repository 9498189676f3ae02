//===- AttentionTest.cpp - Attention becomes integer ----------------------===//
//
// A network with two inner steps, two sweeps, memories of ternary and of graded
// events, softmax, a rotation and a value that appears in the last inner step
// only, before and after quantisation. Its weights are angles of rotary
// embedding: numbers between -1 and 1 without a file.
//
//===----------------------------------------------------------------------===//

#include "compiler/reference/Interpreter.h"
#include "compiler/transforms/Calibration.h"
#include "compiler/transforms/Classification.h"
#include "compiler/transforms/Pipeline.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"

#include <cmath>
#include <gtest/gtest.h>
#include <string>

using namespace synfire;
using namespace synfire::compiler;

namespace {
constexpr int64_t Vocabulary = 16, Positions = 6, Steps = 2, Outputs = 16;

const char *const Network = R"(
spike.network @attention steps 2 positions 6 {
  %t = spike.input "tokens" : !spike.events<16xbinary>
  %p = spike.input "positions" role position : !spike.events<6xbinary>
  %we = spike.rotary base 7.0 heads 2 : tensor<8x16xf32>
  %wp = spike.rotary sine base 3.0 heads 2 : tensor<8x6xf32>
  %wq = spike.rotary base 2.0 heads 1 : tensor<8x8xf32>
  %wk = spike.rotary sine base 5.0 heads 1 : tensor<8x8xf32>
  %wv = spike.rotary base 11.0 heads 1 : tensor<8x8xf32>
  %wo = spike.rotary sine base 13.0 heads 2 : tensor<16x8xf32>
  %word = spike.linear "word" %t, %we : !spike.events<16xbinary>, tensor<8x16xf32> -> tensor<8xf32>
  %place = spike.linear "place" %p, %wp : !spike.events<6xbinary>, tensor<8x6xf32> -> tensor<8xf32>
  %x = spike.population ["x"](%word, %place : tensor<8xf32>, tensor<8xf32>) params() init [] {
  ^bb0(%a: f32, %b: f32):
    %step = spike.step
    %time = arith.sitofp %step : i32 to f32
    %tenth = arith.constant 0.1 : f32
    %drift = arith.mulf %time, %tenth : f32
    %c = arith.addf %a, %b : f32
    %d = arith.addf %c, %drift : f32
    spike.yield %d : f32
  } : tensor<8xf32>
  %qs = spike.linear "wq" %x, %wq : tensor<8xf32>, tensor<8x8xf32> -> tensor<8xf32>
  %ks = spike.linear "wk" %x, %wk : tensor<8xf32>, tensor<8x8xf32> -> tensor<8xf32>
  %vs = spike.linear "wv" %x, %wv : tensor<8xf32>, tensor<8x8xf32> -> tensor<8xf32>
  %k = spike.population ["k"](%ks : tensor<8xf32>) params() init [] {
  ^bb0(%a: f32):
    %high = arith.constant 0.75 : f32
    %low = arith.constant -0.75 : f32
    %zero = arith.constant 0 : i32
    %one = arith.constant 1 : i32
    %minus = arith.constant -1 : i32
    %up = arith.cmpf ogt, %a, %high : f32
    %down = arith.cmpf olt, %a, %low : f32
    %n = arith.select %down, %minus, %zero : i32
    %s = arith.select %up, %one, %n : i32
    spike.yield %s : i32
  } : !spike.events<8xternary>
  %v = spike.population ["v"](%vs : tensor<8xf32>) params() init [] {
  ^bb0(%a: f32):
    spike.yield %a : f32
  } : tensor<8xf32>
  %q = spike.population ["q"](%qs : tensor<8xf32>) params() init [] held each {
  ^bb0(%a: f32):
    spike.yield %a : f32
  } : tensor<8xf32>
  %qt = spike.rotate %q heads 2 : tensor<8xf32> -> tensor<8xf32>
  %r = spike.population ["r"](%q, %qt : tensor<8xf32>, tensor<8xf32>) params() init [] {
  ^bb0(%a: f32, %b: f32):
    %half = arith.constant 0.5 : f32
    %c = arith.mulf %b, %half : f32
    %d = arith.addf %a, %c : f32
    spike.yield %d : f32
  } : tensor<8xf32>
  %qk = spike.matmul "qk" %r against %k along keys heads 2 over 2 : tensor<8xf32>, !spike.events<8xternary> -> tensor<12xf32>
  %scores = spike.population ["scores"](%qk : tensor<12xf32>) params() init [] rows all {
  ^bb0(%a: f32):
    %scale = arith.constant 0.5 : f32
    %b = arith.mulf %a, %scale : f32
    spike.yield %b : f32
  } : tensor<12xf32>
  %m = spike.reduce "m" max %scores : tensor<12xf32> -> tensor<2xf32>
  %max = spike.population ["max"](%m : tensor<2xf32>) params() init [] {
  ^bb0(%a: f32):
    spike.yield %a : f32
  } : tensor<2xf32>
  %w:2 = spike.population ["weights", "weights_sum"](%scores, %max : tensor<12xf32>, tensor<2xf32>) params() init [] rows all {
  ^bb0(%a: f32, %b: f32):
    %c = arith.subf %a, %b : f32
    %e = math.exp %c : f32
    spike.yield %e, %e : f32, f32
  } : tensor<12xf32>, tensor<12xf32>
  %total = spike.reduce "total" %w#1 : tensor<12xf32> -> tensor<2xf32>
  %norm = spike.population ["norm"](%total : tensor<2xf32>) params() init [] {
  ^bb0(%a: f32):
    %one = arith.constant 1.0 : f32
    %b = arith.divf %one, %a : f32
    spike.yield %b : f32
  } : tensor<2xf32>
  %pv = spike.matmul "pv" %w#0 against %v along values heads 2 over 2 : tensor<12xf32>, tensor<8xf32> -> tensor<8xf32>
  %c = spike.population ["context"](%pv, %norm : tensor<8xf32>, tensor<2xf32>) params() init [] {
  ^bb0(%a: f32, %b: f32):
    %d = arith.mulf %a, %b : f32
    spike.yield %d : f32
  } : tensor<8xf32>
  // The mean over inner steps, given in the last one.
  %mean = spike.population ["mean"](%c : tensor<8xf32>) params() init [0.0] {
  ^bb0(%a: f32, %sum: f32):
    %zero = arith.constant 0 : i32
    %none = arith.constant 0.0 : f32
    %half = arith.constant 0.5 : f32
    %step = spike.step
    %first = arith.cmpi eq, %step, %zero : i32
    %before = arith.select %first, %none, %sum : f32
    %now = arith.addf %before, %a : f32
    %scaled = arith.mulf %now, %half : f32
    %given = arith.select %first, %none, %scaled : f32
    spike.yield %given : f32 states %now : f32
  } : tensor<8xf32>
  %o = spike.linear "wo" %mean, %wo : tensor<8xf32>, tensor<16x8xf32> -> tensor<16xf32>
  spike.output "logits" %o : tensor<16xf32>
}
)";

std::string print(const Errors &All) {
  std::string Out;
  for (const Error &E : All)
    Out += E.format() + "\n";
  return Out;
}

class AttentionTest : public testing::Test {
protected:
  mlir::MLIRContext Context;
  mlir::OwningOpRef<mlir::ModuleOp> Module;
  WeightFiles Files;
  std::vector<CalibrationSequence> Sequences;

  void SetUp() override {
    Context.loadDialect<spike::SpikeDialect>();
    Module = mlir::parseSourceString<mlir::ModuleOp>(Network, &Context);
    ASSERT_TRUE(Module);
    for (int64_t S = 0; S < 12; ++S) {
      CalibrationSequence Sequence;
      for (int64_t I = 0; I < Positions; ++I)
        Sequence.Tokens.push_back((S * 5 + I * I * 3 + I * S) % Vocabulary);
      if (S % 3 == 0) // the last two are padding
        Sequence.Valid = {1, 1, 1, 1, 0, 0};
      Sequences.push_back(Sequence);
    }
  }

  spike::NetworkOp network() {
    return *Module->getOps<spike::NetworkOp>().begin();
  }
  void simplify() {
    mlir::PassManager PM(&Context);
    addSimplifyPasses(PM);
    ASSERT_TRUE(mlir::succeeded(PM.run(*Module)));
  }
  void quantize() {
    Status S = calibrate(network(), Sequences, Files);
    ASSERT_TRUE(S) << print(S.errors());
    mlir::PassManager PM(&Context);
    addQuantizePasses(PM);
    ASSERT_TRUE(mlir::succeeded(PM.run(*Module)));
  }
  /// The outputs of all sequences.
  std::vector<float> run() {
    auto Runner = Interpreter::create(network(), Files);
    EXPECT_TRUE(Runner) << print(Runner.errors());
    std::vector<float> All;
    for (const CalibrationSequence &S : Sequences) {
      auto R = Runner->run(RunInputs{S.Tokens, S.Types, S.Valid});
      EXPECT_TRUE(R) << print(R.errors());
      EXPECT_EQ(R->Logits.size(), S.Tokens.size() * Outputs);
      All.insert(All.end(), R->Logits.begin(), R->Logits.end());
    }
    return All;
  }
  spike::PopulationOp population(llvm::StringRef Name) {
    for (auto P : network().getBody().front().getOps<spike::PopulationOp>())
      for (unsigned I = 0; I < P.getNames().size(); ++I)
        if (P.getResultName(I) == Name)
          return P;
    return {};
  }
};

double norm(const std::vector<float> &V) {
  double Sum = 0;
  for (float X : V)
    Sum += static_cast<double>(X) * X;
  return std::sqrt(Sum);
}

/// |A - B| / |B|
double relativeError(const std::vector<float> &A, const std::vector<float> &B) {
  std::vector<float> Difference;
  for (size_t I = 0; I < B.size(); ++I)
    Difference.push_back(A[I] - B[I]);
  return norm(Difference) / norm(B);
}
} // namespace

TEST_F(AttentionTest, SimplifyingKeepsTheMeaning) {
  std::vector<float> Before = run();
  ASSERT_GT(norm(Before), 1.0);
  simplify();
  EXPECT_LT(relativeError(run(), Before), 1e-6);
  // What is held reads the sweep before, and stays by itself.
  EXPECT_TRUE(population("q") && population("q").getHeld());
}

TEST_F(AttentionTest, QuantisingKeepsTheOutputs) {
  simplify();
  std::vector<float> Before = run();
  quantize();
  std::vector<float> After = run();
  ASSERT_EQ(After.size(), Before.size());
  // A ternary key whose sum lies at its threshold may turn; with 96 of them
  // written per sequence of 6 tokens that is a few percent at most.
  EXPECT_LT(relativeError(After, Before), 0.03);
  EXPECT_GT(relativeError(After, Before), 0.0);

  // Weights and their sum are the same codes.
  EXPECT_FALSE(population("weights_sum"));
  auto Weights = population("weights");
  ASSERT_TRUE(Weights);
  ASSERT_EQ(Weights.getOutputs().size(), 1u);
  EXPECT_EQ(llvm::cast<spike::EventsType>(Weights.getOutputs()[0].getType())
                .getKind(),
            spike::EventKind::Unsigned);

  auto Counts = classifyLinears(network(), Files, 32);
  ASSERT_TRUE(Counts) << print(Counts.errors());
  EXPECT_EQ(Counts->MatmulsAccumulate, 1u) << "keys are ternary";
  EXPECT_EQ(Counts->MatmulsMultiply, 1u);
  auto Narrow = classifyLinears(network(), Files, 10);
  EXPECT_FALSE(Narrow);
}

TEST_F(AttentionTest, QuantisingAgainChangesNothing) {
  simplify();
  quantize();
  auto Text = [&] {
    std::string Out;
    llvm::raw_string_ostream Stream(Out);
    Module->print(Stream);
    return Out;
  };
  std::string Once = Text();
  mlir::PassManager PM(&Context);
  addQuantizePasses(PM);
  ASSERT_TRUE(mlir::succeeded(PM.run(*Module)));
  EXPECT_EQ(Text(), Once);
}

TEST_F(AttentionTest, WhatIsGatedHasTheRangeOfWhatIsSent) {
  simplify();
  ASSERT_TRUE(calibrate(network(), Sequences, Files));
  auto P = population("mean");
  ASSERT_TRUE(P);
  auto Ranges = P->getAttrOfType<mlir::ArrayAttr>("spike.ranges");
  ASSERT_TRUE(Ranges);
  // Its percentile lies among its 96 * 12 / 2 values and not among zeros.
  auto Range =
      llvm::cast<mlir::DenseF32ArrayAttr>(Ranges[P.getNames().size() - 1]);
  ASSERT_EQ(Range.size(), 3);
  EXPECT_GT(Range[1], 0.5f * Range[0]);
}
