//===- ProgramTest.cpp - Every op of a program on edge values -------------===//

#include "compiler/reference/Program.h"
#include "dialects/spike/Spike.h"
#include "targets/Maths.h"
#include "tests/unit/reference/NetworkText.h"

#include <bit>
#include <limits>

using namespace synfire;
using namespace synfire::compiler;

namespace {
constexpr float Inf = std::numeric_limits<float>::infinity();
constexpr float NaN = std::numeric_limits<float>::quiet_NaN();
const std::vector<float> Floats = {0.0f,  -0.0f,   1.0f,   -1.0f, 2.5f,
                                   3.5f,  -2.5f,   1e-45f, 1e10f, -1e10f,
                                   3e38f, -3.1e9f, Inf,    -Inf,  NaN};
constexpr int32_t Min = std::numeric_limits<int32_t>::min();
constexpr int32_t Max = std::numeric_limits<int32_t>::max();
const std::vector<int32_t> Ints = {0, 1, -1, 5, 31, 32, -33, Min, Max};

class ProgramOps : public NetworkText {
protected:
  /// Decodes a program of the ops \p Body over arguments of the types \p
  /// ArgTypes that yields %r of type \p Type.
  Result<Program> decode(const std::vector<std::string> &ArgTypes,
                         const std::string &Body, const std::string &Type) {
    std::string Args;
    for (size_t I = 0; I < ArgTypes.size(); ++I)
      Args += fmt::format("{}%a{}: {}", I ? ", " : "", I, ArgTypes[I]);
    Context.allowUnregisteredDialects();
    // A block of its own: what a population would refuse reaches the decoder.
    Module = mlir::parseSourceString<mlir::ModuleOp>(
        "\"test.program\"() ({\n^bb0(" + Args + "):\n" + Body +
            "\n\"test.end\"(%r) : (" + Type + ") -> ()\n}) : () -> ()",
        &Context);
    if (!Module)
      return Error{"", "test", "does not parse"};
    mlir::Block &Block = Module->getBody()->front().getRegion(0).front();
    mlir::Operation *End = &Block.back();
    mlir::OpBuilder B(End);
    spike::YieldOp::create(B, End->getLoc(), End->getOperands(),
                           mlir::ValueRange());
    End->erase();
    return Program::decode(Block);
  }

  /// Evaluates on every pair of \p Words.
  template <typename F>
  void expectPairs(const std::string &Op, const std::vector<int32_t> &Words,
                   const std::string &ArgType, const std::string &Type,
                   F Expected) {
    auto P = decode({ArgType, ArgType}, "%r = " + Op, Type);
    ASSERT_TRUE(P) << Op << why(P);
    std::vector<int32_t> A, B;
    for (int32_t X : Words)
      for (int32_t Y : Words) {
        A.push_back(X);
        B.push_back(Y);
      }
    std::vector<int32_t> Out(A.size());
    Program::Registers Scratch = P->registers();
    for (size_t I = 0; I < A.size(); I += Program::MaxNeurons) {
      const int32_t *Args[] = {A.data() + I, B.data() + I};
      int32_t *Outs[] = {Out.data() + I};
      P->run(Args, Outs, std::min<int64_t>(Program::MaxNeurons, A.size() - I),
             Scratch);
    }
    for (size_t I = 0; I < A.size(); ++I)
      EXPECT_EQ(Out[I], Expected(A[I], B[I]))
          << Op << " of words " << A[I] << ", " << B[I];
  }
  template <typename F>
  void expectFloats(const std::string &Op, const std::string &Type, F Expect) {
    std::vector<int32_t> Words;
    for (float V : Floats)
      Words.push_back(std::bit_cast<int32_t>(V));
    expectPairs(Op, Words, "f32", Type, [&](int32_t A, int32_t B) {
      auto Out = Expect(std::bit_cast<float>(A), std::bit_cast<float>(B));
      if constexpr (std::is_same_v<decltype(Out), bool>)
        return static_cast<int32_t>(Out);
      else
        return std::bit_cast<int32_t>(Out);
    });
  }
};
} // namespace

TEST_F(ProgramOps, FloatArithmeticIsThatOfMaths) {
  // Sums and products whose NaN may carry either operand's bits are compared
  // by value elsewhere; here one operand at most is NaN.
  expectFloats("arith.minnumf %a0, %a1 : f32", "f32",
               [](float A, float B) { return maths::minNum(A, B); });
  expectFloats("arith.maxnumf %a0, %a1 : f32", "f32",
               [](float A, float B) { return maths::maxNum(A, B); });
  expectFloats("arith.negf %a0 : f32", "f32", [](float A, float) {
    return std::bit_cast<float>(std::bit_cast<uint32_t>(A) ^ 0x80000000u);
  });
  expectFloats("math.absf %a0 : f32", "f32",
               [](float A, float) { return std::fabs(A); });
  expectFloats("math.roundeven %a0 : f32", "f32",
               [](float A, float) { return maths::roundEven(A); });
  expectFloats("math.exp %a0 : f32", "f32",
               [](float A, float) { return maths::exp(A); });
  expectFloats("arith.fptosi %a0 : f32 to i32", "i32",
               [](float A, float) { return maths::toInt(A); });
}

TEST_F(ProgramOps, FloatComparisonsAreOrderedExceptNotEqual) {
  expectFloats("arith.cmpf oeq, %a0, %a1 : f32", "i1",
               [](float A, float B) { return A == B; });
  expectFloats("arith.cmpf une, %a0, %a1 : f32", "i1",
               [](float A, float B) { return A != B; });
  expectFloats("arith.cmpf olt, %a0, %a1 : f32", "i1",
               [](float A, float B) { return A < B; });
  expectFloats("arith.cmpf ole, %a0, %a1 : f32", "i1",
               [](float A, float B) { return A <= B; });
  expectFloats("arith.cmpf ogt, %a0, %a1 : f32", "i1",
               [](float A, float B) { return A > B; });
  expectFloats("arith.cmpf oge, %a0, %a1 : f32", "i1",
               [](float A, float B) { return A >= B; });
}

TEST_F(ProgramOps, FloatValues) {
  auto P = decode({"f32", "f32"}, R"(
    %s = arith.addf %a0, %a1 : f32
    %d = arith.subf %s, %a1 : f32
    %m = arith.mulf %d, %a1 : f32
    %q = arith.divf %m, %a0 : f32
    %root = math.sqrt %q : f32
    %inverse = math.rsqrt %root : f32
    %r = math.tanh %inverse : f32)",
                  "f32");
  ASSERT_TRUE(P) << why(P);
  std::vector<int32_t> A, B, Out(100);
  for (int I = 0; I < 100; ++I) {
    A.push_back(std::bit_cast<int32_t>(0.37f + I));
    B.push_back(std::bit_cast<int32_t>(1.9f * I + 0.01f));
  }
  const int32_t *Args[] = {A.data(), B.data()};
  int32_t *Outs[] = {Out.data()};
  Program::Registers Scratch = P->registers();
  P->run(Args, Outs, 100, Scratch);
  for (int I = 0; I < 100; ++I) {
    float X = std::bit_cast<float>(A[I]), Y = std::bit_cast<float>(B[I]);
    float Q = (X + Y - Y) * Y / X;
    float Expected = maths::tanh(maths::rsqrt(std::sqrt(Q)));
    EXPECT_EQ(std::bit_cast<float>(Out[I]), Expected) << I;
  }
}

TEST_F(ProgramOps, IntegersWrapAndShiftsUseFiveBits) {
  auto Pairs = [&](const std::string &Op, const std::string &Type, auto F) {
    expectPairs(Op, Ints, "i32", Type, [&](int32_t A, int32_t B) {
      return static_cast<int32_t>(F(A, B));
    });
  };
  Pairs("arith.addi %a0, %a1 : i32", "i32",
        [](int64_t A, int64_t B) { return static_cast<uint32_t>(A + B); });
  Pairs("arith.subi %a0, %a1 : i32", "i32",
        [](int64_t A, int64_t B) { return static_cast<uint32_t>(A - B); });
  Pairs("arith.muli %a0, %a1 : i32", "i32",
        [](int64_t A, int64_t B) { return static_cast<uint32_t>(A * B); });
  Pairs("arith.minsi %a0, %a1 : i32", "i32",
        [](int32_t A, int32_t B) { return std::min(A, B); });
  Pairs("arith.maxsi %a0, %a1 : i32", "i32",
        [](int32_t A, int32_t B) { return std::max(A, B); });
  Pairs("arith.shli %a0, %a1 : i32", "i32", [](int32_t A, int32_t B) {
    return static_cast<uint32_t>(A) << (static_cast<uint32_t>(B) % 32);
  });
  Pairs("arith.shrsi %a0, %a1 : i32", "i32", [](int32_t A, int32_t B) {
    return A >> (static_cast<uint32_t>(B) % 32);
  });
  Pairs("arith.andi %a0, %a1 : i32", "i32",
        [](int32_t A, int32_t B) { return A & B; });
  Pairs("arith.ori %a0, %a1 : i32", "i32",
        [](int32_t A, int32_t B) { return A | B; });
  Pairs("arith.xori %a0, %a1 : i32", "i32",
        [](int32_t A, int32_t B) { return A ^ B; });
  Pairs("arith.cmpi eq, %a0, %a1 : i32", "i1",
        [](int32_t A, int32_t B) { return A == B; });
  Pairs("arith.cmpi ne, %a0, %a1 : i32", "i1",
        [](int32_t A, int32_t B) { return A != B; });
  Pairs("arith.cmpi slt, %a0, %a1 : i32", "i1",
        [](int32_t A, int32_t B) { return A < B; });
  Pairs("arith.cmpi sle, %a0, %a1 : i32", "i1",
        [](int32_t A, int32_t B) { return A <= B; });
  Pairs("arith.cmpi sgt, %a0, %a1 : i32", "i1",
        [](int32_t A, int32_t B) { return A > B; });
  Pairs("arith.cmpi sge, %a0, %a1 : i32", "i1",
        [](int32_t A, int32_t B) { return A >= B; });
  Pairs("arith.sitofp %a0 : i32 to f32", "f32", [](int32_t A, int32_t) {
    return std::bit_cast<int32_t>(static_cast<float>(A));
  });
}

TEST_F(ProgramOps, BitsAreZeroAndOne) {
  auto Bits = [&](const std::string &Op, const std::string &Type, auto F) {
    expectPairs(Op, {0, 1}, "i1", Type, F);
  };
  Bits("arith.xori %a0, %a1 : i1", "i1",
       [](int32_t A, int32_t B) { return A ^ B; });
  Bits("arith.extui %a0 : i1 to i32", "i32",
       [](int32_t A, int32_t) { return A; });
  Bits("arith.uitofp %a0 : i1 to f32", "f32", [](int32_t A, int32_t) {
    return std::bit_cast<int32_t>(A ? 1.0f : 0.0f);
  });
  Bits("arith.select %a0, %a1, %a0 : i1", "i1",
       [](int32_t A, int32_t B) { return A ? B : A; });
  // `true` is the word 1.
  auto P = decode({"i1"},
                  "%t = arith.constant true\n"
                  "%r = arith.xori %a0, %t : i1",
                  "i1");
  ASSERT_TRUE(P);
  int32_t In[] = {0, 1}, Out[2];
  const int32_t *Args[] = {In};
  int32_t *Outs[] = {Out};
  Program::Registers Scratch = P->registers();
  P->run(Args, Outs, 2, Scratch);
  EXPECT_EQ(Out[0], 1);
  EXPECT_EQ(Out[1], 0);
}

TEST_F(ProgramOps, WhatTheInstructionSetLacksIsRefused) {
  auto Refused = [&](const std::string &Type, const std::string &Op,
                     const std::string &ResultType) {
    auto P = decode({Type, Type}, "%r = " + Op, ResultType);
    ASSERT_FALSE(P) << Op;
    EXPECT_EQ(P.errors().front().Rule, "population-4") << Op;
  };
  Refused("f32", "math.log %a0 : f32", "f32");
  Refused("f32", "arith.cmpf ueq, %a0, %a1 : f32", "i1");
  Refused("i1", "arith.addi %a0, %a1 : i1", "i1");
  Refused("i1", "arith.cmpi slt, %a0, %a1 : i1", "i1");
  Refused("i1", "arith.sitofp %a0 : i1 to f32", "f32");
}
