//===- TestNetworks.h - Small quantised networks, written by hand ---------===//

#ifndef SYNFIRE_TESTS_UNIT_LOWERING_TESTNETWORKS_H
#define SYNFIRE_TESTS_UNIT_LOWERING_TESTNETWORKS_H

#include "dialects/chip/Chip.h"
#include "dialects/spike/Spike.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Parser/Parser.h"
#include "xxhash.h"

#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

namespace synfire::networks {

/// A context that knows the dialects.
inline std::unique_ptr<mlir::MLIRContext> makeContext() {
  auto Out = std::make_unique<mlir::MLIRContext>();
  Out->loadDialect<spike::SpikeDialect, chip::ChipDialect,
                   mlir::arith::ArithDialect, mlir::math::MathDialect>();
  return Out;
}

/// Tokens -> embedding bits -> a LIF layer -> a gated layer that is divided by
/// a sum over the LIF layer -> logits. Has an embedding, linears, a value
/// handed on 1:1, a reduction, a broadcast, states, params and host scales.
/// Weights are \p Width * (Vocabulary + Width + Vocabulary) floats in File.
struct TestNetwork {
  int Vocabulary = 6;
  int Width = 40;
  std::string File;
  std::vector<float> Table, Hidden, Head, Gain;
  std::string Text;

  TestNetwork(const TestNetwork &) = delete;
  TestNetwork &operator=(const TestNetwork &) = delete;
  ~TestNetwork() { std::remove(File.c_str()); }

  TestNetwork(std::string Path, int Vocabulary, int Width)
      : Vocabulary(Vocabulary), Width(Width), File(std::move(Path)) {
    uint32_t Seed = 7;
    auto Fill = [&](std::vector<float> &V, size_t N) {
      for (size_t I = 0; I < N; ++I) {
        Seed = Seed * 1664525u + 1013904223u;
        V.push_back(static_cast<float>(Seed >> 8) / (1 << 23) - 1.0f);
      }
    };
    Fill(Table, size_t(Vocabulary) * Width);
    Fill(Hidden, size_t(Width) * Width);
    Fill(Head, size_t(Vocabulary) * Width);
    Fill(Gain, Width);
    std::ofstream Out(File, std::ios::binary);
    size_t At = 0;
    std::string Weights;
    auto Store = [&](const char *Name, const std::vector<float> &V,
                     const std::string &Shape) {
      Out.write(reinterpret_cast<const char *>(V.data()), V.size() * 4);
      Weights += fmt::format(
          "    %{0} = spike.weight \"{0}\" in \"{1}\" at {2} "
          "as \"f32\" hash {3} : tensor<{4}xf32>\n",
          Name, File, At, XXH3_64bits(V.data(), V.size() * 4), Shape);
      At += V.size() * 4;
    };
    Store("table", Table, fmt::format("{}x{}", Vocabulary, Width));
    Store("hidden", Hidden, fmt::format("{}x{}", Width, Width));
    Store("head", Head, fmt::format("{}x{}", Vocabulary, Width));
    Store("gain", Gain, fmt::format("{}", Width));
    Text = fmt::format(
        R"mlir(module {{
  spike.network @test {{
{2}    %tokens = spike.input "tokens" : !spike.events<{0} x binary>
    %bits = spike.derive(%table : tensor<{0}x{1}xf32>) {{
    ^bb0(%e: f32):
      %zero = arith.constant 0.0 : f32
      %fires = arith.cmpf oge, %e, %zero : f32
      spike.yield %fires : i1
    }} : tensor<{0}x{1}xi1>
    %es = spike.embed "emb.sum" %tokens, %bits
        : !spike.events<{0} x binary>, tensor<{0}x{1}xi1> -> tensor<{1}xi32>
    %emb = spike.population ["emb"] (%es : tensor<{1}xi32>) params() init [] {{
    ^bb0(%s: i32):
      %zero = arith.constant 0 : i32
      %f = arith.cmpi sgt, %s, %zero : i32
      spike.yield %f : i1
    }} : !spike.events<{1} x binary>
    %hs = spike.row_scale %hidden bits 8 : tensor<{1}x{1}xf32> -> tensor<{1}xf32>
    %hc = spike.quantize %hidden by %hs bits 8
        : tensor<{1}x{1}xf32>, tensor<{1}xf32> -> tensor<{1}x{1}xi8>
    %h = spike.linear "hidden" %emb, %hc
        : !spike.events<{1} x binary>, tensor<{1}x{1}xi8> -> tensor<{1}xi32>
    %lif, %graded = spike.population ["lif", "lif.graded"] (%h : tensor<{1}xi32>)
        params(%hs : tensor<{1}xf32>) init [0.0] {{
    ^bb0(%s: i32, %scale: f32, %v: f32):
      %r = arith.sitofp %s : i32 to f32
      %i = arith.mulf %r, %scale : f32
      %n = arith.addf %v, %i : f32
      %one = arith.constant 1.0 : f32
      %zero = arith.constant 0.0 : f32
      %f = arith.cmpf oge, %n, %one : f32
      %next = arith.select %f, %zero, %n : f32
      %neg = arith.negf %n : f32
      %exp = math.exp %neg : f32
      %den = arith.addf %exp, %one : f32
      %sig = arith.divf %one, %den : f32
      %many = arith.constant 100.0 : f32
      %big = arith.mulf %sig, %many : f32
      %code = arith.fptosi %big : f32 to i32
      spike.yield %f, %code : i1, i32 states %next : f32
    }} : !spike.events<{1} x binary>, !spike.events<{1} x unsigned<7>>
    %sum = spike.reduce "norm.s1" %graded : !spike.events<{1} x unsigned<7>> -> tensor<1xi32>
    %mean = spike.population ["mean"] (%sum : tensor<1xi32>) params() init [] {{
    ^bb0(%s: i32):
      %r = arith.sitofp %s : i32 to f32
      %n = arith.constant {3} : f32
      %m = arith.divf %r, %n : f32
      %c = arith.fptosi %m : f32 to i32
      spike.yield %c : i32
    }} : !spike.events<1 x signed<24>>
    %out = spike.population ["out"] (%lif, %graded, %mean, %graded :
        !spike.events<{1} x binary>, !spike.events<{1} x unsigned<7>>,
        !spike.events<1 x signed<24>>, !spike.events<{1} x unsigned<7>>)
        params(%gain : tensor<{1}xf32>) init [] {{
    ^bb0(%f: i1, %g: i32, %m: i32, %again: i32, %gain1: f32):
      %two = arith.constant 2 : i32
      %m2 = arith.muli %m, %two : i32
      %d = arith.subi %g, %m2 : i32
      %e = arith.addi %d, %again : i32
      %z = arith.constant 0 : i32
      %sel = arith.select %f, %e, %z : i32
      %lo = arith.constant -127 : i32
      %hi = arith.constant 127 : i32
      %a = arith.maxsi %sel, %lo : i32
      %b = arith.minsi %a, %hi : i32
      spike.yield %b : i32
    }} : !spike.events<{1} x signed<8>>
    %os = spike.row_scale %head bits 8 : tensor<{0}x{1}xf32> -> tensor<{0}xf32>
    %oc = spike.quantize %head by %os bits 8
        : tensor<{0}x{1}xf32>, tensor<{0}xf32> -> tensor<{0}x{1}xi8>
    %l = spike.linear "head" %out, %oc
        : !spike.events<{1} x signed<8>>, tensor<{0}x{1}xi8> -> tensor<{0}xi32>
    %logits = spike.population ["logits"] (%l : tensor<{0}xi32>) params() init [] {{
    ^bb0(%s: i32):
      spike.yield %s : i32
    }} : !spike.events<{0} x signed<24>>
    spike.output "logits.host" %logits scaled by %os
        : !spike.events<{0} x signed<24>>, tensor<{0}xf32>
  }}
}}
)mlir",
        Vocabulary, Width, Weights, fmt::format("{}.0", Width));
  }

  mlir::OwningOpRef<mlir::ModuleOp> parse(mlir::MLIRContext *Context) const {
    return mlir::parseSourceString<mlir::ModuleOp>(Text, Context);
  }
};

} // namespace synfire::networks

#endif // SYNFIRE_TESTS_UNIT_LOWERING_TESTNETWORKS_H
