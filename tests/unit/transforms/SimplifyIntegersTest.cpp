//===- SimplifyIntegersTest.cpp - The same bits from fewer ops ------------===//
//
// Each rule where it holds and where it would be wrong: a program is run on
// payloads of all sizes before and after; all 32 bits must be equal.
//
//===----------------------------------------------------------------------===//

#include "compiler/transforms/SimplifyIntegers.h"

#include "compiler/reference/Interpreter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

using namespace synfire;
using namespace synfire::compiler;

namespace {
/// `%v` (i32) of the payload `%i`, of 24 bits and a sign.
struct Rule {
  const char *Name;
  const char *Body; ///< ops; constants %c0, %c1, %c5, %m7 (-7), %big are there
  int Saved;        ///< ops that are no constants
};

/// 16 bits of %v from \p Shift on are what is sent.
std::string text(const Rule &R, int Shift) {
  return fmt::format(R"(
spike.network @n {{
  %e = spike.input "in" role events : !spike.events<1xsigned<24>>
  %p = spike.population ["out"](%e : !spike.events<1xsigned<24>>) params() init [] {{
  ^bb0(%i: i32):
    %c0 = arith.constant 0 : i32
    %c1 = arith.constant 1 : i32
    %c5 = arith.constant 5 : i32
    %m7 = arith.constant -7 : i32
    %big = arith.constant 1000000 : i32
    %mask = arith.constant 65535 : i32
    %by = arith.constant {} : i32
    {}
    %w = arith.shrsi %v, %by : i32
    %h = arith.andi %w, %mask : i32
    spike.yield %h : i32
  }} : !spike.events<1xsigned<24>>
  %scale = spike.derive() {{
    %one = arith.constant 1.0 : f32
    spike.yield %one : f32
  }} : tensor<1xf32>
  spike.output "y" %p scaled by %scale : !spike.events<1xsigned<24>>, tensor<1xf32>
}}
)",
                     Shift, R.Body);
}

class Fixture {
public:
  explicit Fixture(const std::string &Text) {
    Context.loadDialect<spike::SpikeDialect, mlir::arith::ArithDialect>();
    Module = mlir::parseSourceString<mlir::ModuleOp>(Text, &Context);
  }
  spike::NetworkOp network() {
    return *Module->getOps<spike::NetworkOp>().begin();
  }
  spike::PopulationOp population() {
    return *network().getOps<spike::PopulationOp>().begin();
  }
  int length() {
    return static_cast<int>(
        llvm::count_if(population().getBody().front(), [](mlir::Operation &Op) {
          return !mlir::isa<mlir::arith::ConstantOp>(Op);
        }));
  }
  void simplify() {
    IntegerRanges Known;
    spike::PopulationOp P = population();
    Known.set(P.inputArgs()[0], rangeOfInput(P.getInputs()[0]));
    simplifyIntegers(P, Known);
  }
  std::vector<float> run(const std::vector<int32_t> &Payloads) {
    WeightFiles Files;
    auto Runner = Interpreter::create(network(), Files);
    EXPECT_TRUE(Runner);
    std::vector<int64_t> Steps(Payloads.size());
    std::vector<EventInput> Events = {{"in", Payloads}};
    auto Run = Runner->run(RunInputs{Steps, {}, {}, Events});
    EXPECT_TRUE(Run);
    return Run ? Run->Logits : std::vector<float>();
  }

private:
  mlir::MLIRContext Context;

public:
  mlir::OwningOpRef<mlir::ModuleOp> Module;
};

std::vector<int32_t> payloads() {
  std::vector<int32_t> Out = {8388607, -8388607};
  for (int32_t V = -600; V <= 600; ++V)
    Out.push_back(V);
  std::mt19937 Random(7);
  for (int I = 0; I != 2000; ++I)
    Out.push_back(static_cast<int32_t>(Random() % 16777215) - 8388607);
  return Out;
}

class SimplifyIntegers : public testing::TestWithParam<Rule> {};

TEST_P(SimplifyIntegers, KeepsAllBits) {
  for (int Shift : {0, 16}) {
    Fixture Before(text(GetParam(), Shift)), After(text(GetParam(), Shift));
    ASSERT_TRUE(Before.Module && After.Module);
    After.simplify();
    ASSERT_TRUE(mlir::succeeded(mlir::verify(*After.Module)));
    // The shift by 0 is saved too.
    EXPECT_EQ(Before.length() - After.length(),
              GetParam().Saved + (Shift == 0 ? 1 : 0));
    const auto Want = Before.run(payloads()), Got = After.run(payloads());
    ASSERT_EQ(Want.size(), payloads().size());
    EXPECT_EQ(Want, Got);
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, SimplifyIntegers,
    testing::Values(
        Rule{"equal_ops",
             "%a = arith.shli %i, %c5 : i32\n%b = arith.shli %i, %c5 : i32\n"
             "%v = arith.addi %a, %b : i32",
             1},
        Rule{"nothing_added", "%v = arith.addi %c0, %i : i32", 1},
        Rule{"limits_out_of_reach",
             "%a = arith.shrsi %i, %c5 : i32\n"
             "%b = arith.minsi %a, %big : i32\n"
             "%v = arith.maxsi %b, %m7 : i32",
             1},
        Rule{"limits_within_reach",
             "%a = arith.minsi %i, %big : i32\n"
             "%v = arith.maxsi %a, %m7 : i32",
             0},
        Rule{"divided_twice",
             "%a = spike.mul_shift %i, %m7 by 3 zero\n"
             "%v = spike.mul_shift %a, %c1 by 4 zero",
             1},
        Rule{"divided_twice_down",
             "%a = spike.mul_shift %i, %m7 by 3 floor\n"
             "%v = spike.mul_shift %a, %c1 by 4 floor",
             1},
        Rule{"divided_through_limits",
             "%a = spike.mul_shift %i, %m7 by 2 zero\n"
             "%b = arith.minsi %a, %big : i32\n"
             "%c = arith.maxsi %b, %m7 : i32\n"
             "%v = spike.mul_shift %c, %c1 by 2 zero",
             1},
        Rule{"rounded_after_a_whole_product",
             "%a = spike.mul_shift %i, %m7 by 0 zero\n"
             "%v = spike.mul_shift %a, %c1 by 4 nearest",
             1},
        // Half of a half is rounded up twice.
        Rule{"nearest_twice",
             "%a = spike.mul_shift %i, %m7 by 3 nearest\n"
             "%v = spike.mul_shift %a, %c1 by 4 nearest",
             0},
        Rule{"cut_in_two_ways",
             "%a = spike.mul_shift %i, %m7 by 3 floor\n"
             "%v = spike.mul_shift %a, %c1 by 4 zero",
             0},
        // The square has 46 bits.
        Rule{"a_product_that_wraps",
             "%a = spike.mul_shift %i, %i by 3 zero\n"
             "%v = spike.mul_shift %a, %c1 by 4 zero",
             0},
        Rule{"a_product_that_others_read",
             "%a = spike.mul_shift %i, %m7 by 3 zero\n"
             "%b = spike.mul_shift %a, %c1 by 4 zero\n"
             "%v = arith.addi %a, %b : i32",
             0},
        Rule{"shifted_up_and_down",
             "%a = arith.shli %i, %c5 : i32\n"
             "%v = spike.mul_shift %a, %m7 by 9 zero",
             1},
        Rule{"shifted_too_far_up",
             "%k = arith.constant 12 : i32\n%a = arith.shli %i, %k : i32\n"
             "%v = spike.mul_shift %a, %m7 by 14 zero",
             0},
        Rule{"opposite",
             "%a = arith.subi %c0, %i : i32\n"
             "%b = arith.minsi %a, %big : i32\n"
             "%v = spike.mul_shift %b, %m7 by 2 zero",
             1},
        // Down is not the opposite of down.
        Rule{"opposite_of_what_is_cut_down",
             "%a = arith.subi %c0, %i : i32\n"
             "%v = spike.mul_shift %a, %m7 by 2 floor",
             0}),
    [](const auto &Info) { return std::string(Info.param.Name); });
} // namespace
