//===- ThreadsTest.cpp - The number of threads changes no byte ------------===//

#include "tests/unit/reference/NetworkText.h"

#include <algorithm>
#include <cstring>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>

using namespace synfire;
using namespace synfire::compiler;

namespace {
/// Networks wide enough for several groups of neurons and several pieces of a
/// product, so that two threads share the work.
class Threads : public NetworkText {
protected:
  static constexpr int64_t Tokens = 48, Sources = 700, Targets = 900;

  void SetUp() override {
    weight("x", {Tokens, Sources}, values(Tokens * Sources, 90.0f));
    weight("w", {Targets, Sources}, values(Targets * Sources, 0.05f));
    weight("back", {Targets, Targets}, values(Targets * Targets, 0.03f));
  }
  static std::vector<float> values(int64_t Count, float Scale) {
    std::vector<float> Out(Count);
    uint32_t State = 7;
    for (float &V : Out) {
      State = State * 1664525u + 1013904223u;
      V = Scale * (static_cast<float>(State >> 8) / 8388608.0f - 1.0f);
    }
    return Out;
  }

  /// What a network of \p Ops gives with at most \p Count threads.
  Result<RunResult> runOn(int Count, const std::string &Ops) {
    tbb::global_control Limit(tbb::global_control::max_allowed_parallelism,
                              Count);
    // An arena of its own: the default one has no more threads than there are
    // processors.
    return tbb::task_arena(Count).execute([&] {
      RunOptions Options;
      Options.RecordEvents = true;
      return run(Ops, counting(Tokens), Options);
    });
  }

  /// Bit for bit, so that zeros of two signs differ and NaNs can be equal.
  static void expectSameBytes(const RunResult &A, const RunResult &B) {
    ASSERT_EQ(A.Logits.size(), B.Logits.size());
    EXPECT_EQ(std::memcmp(A.Logits.data(), B.Logits.data(),
                          A.Logits.size() * sizeof(float)),
              0);
    ASSERT_EQ(A.Events.size(), B.Events.size());
    for (size_t I = 0; I < A.Events.size(); ++I)
      EXPECT_EQ(A.Events[I].Payloads, B.Events[I].Payloads) << A.Events[I].Name;
  }

  void expectOneEqualsTwo(const std::string &Ops, size_t NumEvents) {
    auto One = runOn(1, Ops);
    ASSERT_TRUE(One) << why(One);
    ASSERT_EQ(One->Events.size(), NumEvents);
    // Neither logits nor events that are all the same would show anything.
    EXPECT_NE(One->Logits.front(), One->Logits.back());
    for (const Recording &R : One->Events)
      EXPECT_NE(*std::min_element(R.Payloads.begin(), R.Payloads.end()),
                *std::max_element(R.Payloads.begin(), R.Payloads.end()))
          << R.Name;
    for (int Again = 0; Again < 3; ++Again) {
      auto Two = runOn(2, Ops);
      ASSERT_TRUE(Two) << why(Two);
      expectSameBytes(*One, *Two);
    }
  }
};
} // namespace

TEST_F(Threads, FloatNetwork) {
  expectOneEqualsTwo(R"(
    %t = spike.input "tokens" : !spike.events<48 x binary>
    %i = spike.embed "i" %t, %x : !spike.events<48 x binary>,
        tensor<48x700xf32> -> tensor<700xf32>
    %y = spike.linear "y" %i, %w : tensor<700xf32>, tensor<900x700xf32>
        -> tensor<900xf32>
    %a = spike.reduce "a" %y : tensor<900xf32> -> tensor<1xf32>
    %s, %r = spike.population ["s", "r"] (%y, %a :
        tensor<900xf32>, tensor<1xf32>) params() init [0.5] {
    ^bb0(%v: f32, %m: f32, %u: f32):
      %e = math.tanh %v : f32
      %c = arith.constant 0.875 : f32
      %d = arith.mulf %u, %c : f32
      %n = arith.addf %d, %e : f32
      %z = arith.constant 0.25 : f32
      %f = arith.cmpf oge, %n, %z : f32
      %p = arith.mulf %n, %m : f32
      spike.yield %f, %p : i1, f32 states %n : f32
    } : !spike.events<900 x binary>, tensor<900xf32>
    %l = spike.linear "l" %s, %back : !spike.events<900 x binary>,
        tensor<900x900xf32> -> tensor<900xf32>
    %o = spike.population ["o"] (%l, %r : tensor<900xf32>, tensor<900xf32>)
        params() init [] {
    ^bb0(%b: f32, %q: f32):
      %n = arith.addf %b, %q : f32
      spike.yield %n : f32
    } : tensor<900xf32>
    spike.output "out" %o : tensor<900xf32>)",
                     1);
}

TEST_F(Threads, IntegerNetwork) {
  expectOneEqualsTwo(R"(
    %t = spike.input "tokens" : !spike.events<48 x binary>
    %i = spike.embed "i" %t, %x : !spike.events<48 x binary>,
        tensor<48x700xf32> -> tensor<700xf32>
    %e = spike.population ["e"] (%i : tensor<700xf32>) params() init [] {
    ^bb0(%v: f32):
      %n = arith.fptosi %v : f32 to i32
      spike.yield %n : i32
    } : !spike.events<700 x signed<8>>
    %ws = spike.row_scale %w bits 8 : tensor<900x700xf32> -> tensor<900xf32>
    %wc = spike.quantize %w by %ws bits 8 : tensor<900x700xf32>,
        tensor<900xf32> -> tensor<900x700xi8>
    %y = spike.linear "y" %e, %wc : !spike.events<700 x signed<8>>,
        tensor<900x700xi8> -> tensor<900xi32>
    %h, %g = spike.population ["h", "g"] (%y : tensor<900xi32>)
        params(%ws : tensor<900xf32>) init [0.0] {
    ^bb0(%v: i32, %k: f32, %u: f32):
      %b = arith.sitofp %v : i32 to f32
      %c = arith.mulf %b, %k : f32
      %n = arith.addf %c, %u : f32
      %z = arith.constant 1.0 : f32
      %f = arith.cmpf oge, %n, %z : f32
      %bits = arith.constant 8 : i32
      %p = arith.shrsi %v, %bits : i32
      spike.yield %f, %p : i1, i32 states %c : f32
    } : !spike.events<900 x binary>, !spike.events<900 x signed<24>>
    %r = spike.reduce "r" %h : !spike.events<900 x binary> -> tensor<1xi32>
    %vs = spike.row_scale %back bits 8 : tensor<900x900xf32> -> tensor<900xf32>
    %vc = spike.quantize %back by %vs bits 8 : tensor<900x900xf32>,
        tensor<900xf32> -> tensor<900x900xi8>
    %l = spike.linear "l" %g, %vc : !spike.events<900 x signed<24>>,
        tensor<900x900xi8> -> tensor<900xi32>
    %o = spike.population ["o"] (%l, %r : tensor<900xi32>, tensor<1xi32>)
        params() init [] {
    ^bb0(%b: i32, %q: i32):
      %bits = arith.constant 9 : i32
      %d = arith.shrsi %b, %bits : i32
      %n = arith.addi %d, %q : i32
      spike.yield %n : i32
    } : !spike.events<900 x signed<24>>
    spike.output "out" %o scaled by %vs : !spike.events<900 x signed<24>>,
        tensor<900xf32>)",
                     4);
}
