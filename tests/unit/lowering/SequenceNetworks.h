//===- SequenceNetworks.h - Quantised networks with attention -------------===//
//
// Inner steps, sweeps, memories, groups, rotated and sparse readers, written by
// hand and as small as they can be.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_TESTS_UNIT_LOWERING_SEQUENCENETWORKS_H
#define SYNFIRE_TESTS_UNIT_LOWERING_SEQUENCENETWORKS_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Parser/Parser.h"
#include "xxhash.h"

#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <map>
#include <string>
#include <vector>

namespace synfire::networks {

/// A network whose matrices lie in a file of their own, filled with noise.
class SequenceNetwork {
public:
  std::string File, Text;
  std::map<std::string, std::vector<float>> Weights;

  SequenceNetwork(const SequenceNetwork &) = delete;
  SequenceNetwork &operator=(const SequenceNetwork &) = delete;
  ~SequenceNetwork() { std::remove(File.c_str()); }

  mlir::OwningOpRef<mlir::ModuleOp> parse(mlir::MLIRContext *Context) const {
    return mlir::parseSourceString<mlir::ModuleOp>(Text, Context);
  }

protected:
  explicit SequenceNetwork(std::string Path)
      : File(std::move(Path)), Out(File, std::ios::binary) {}

  /// The text of a spike.weight of \p Rows x \p Cols.
  std::string weight(const std::string &Name, int Rows, int Cols) {
    std::vector<float> &V = Weights[Name];
    for (int I = 0; I < Rows * Cols; ++I) {
      Seed = Seed * 1664525u + 1013904223u;
      V.push_back(static_cast<float>(Seed >> 8) / (1 << 23) - 1.0f);
    }
    Out.write(reinterpret_cast<const char *>(V.data()), V.size() * 4);
    Out.flush();
    std::string Line = fmt::format(
        "    %{0} = spike.weight \"{0}\" in \"{1}\" at {2} as \"f32\" hash {3} "
        ": tensor<{4}x{5}xf32>\n",
        Name, File, At, XXH3_64bits(V.data(), V.size() * 4), Rows, Cols);
    At += V.size() * 4;
    return Line;
  }
  /// An embedding of bits: %NAME.sum from %\p From.
  std::string embed(const std::string &Name, const std::string &From, int Rows,
                    int Cols) {
    return weight(Name, Rows, Cols) + fmt::format(R"mlir(
    %{0}_bits = spike.derive(%{0} : tensor<{2}x{3}xf32>) {{
    ^bb0(%e: f32):
      %zero = arith.constant 0.0 : f32
      %fires = arith.cmpf oge, %e, %zero : f32
      spike.yield %fires : i1
    }} : tensor<{2}x{3}xi1>
    %{0}_sum = spike.embed "{0}.sum" %{1}, %{0}_bits
        : !spike.events<{2} x binary>, tensor<{2}x{3}xi1> -> tensor<{3}xi32>
)mlir",
                                                  Name, From, Rows, Cols);
  }
  /// A linear of \p Bits: %NAME_sum from %\p From, whose type is given.
  std::string linear(const std::string &Name, const std::string &From,
                     const std::string &Events, int Sources, int Targets,
                     int Bits, const std::string &Only = "") {
    return weight(Name, Targets, Sources) +
           fmt::format(R"mlir(
    %{0}_scale = spike.row_scale %{0} bits {5} : tensor<{4}x{3}xf32> -> tensor<{4}xf32>
    %{0}_codes = spike.quantize %{0} by %{0}_scale bits {5}
        : tensor<{4}x{3}xf32>, tensor<{4}xf32> -> tensor<{4}x{3}xi8>
    %{0}_sum = spike.linear "{0}" %{1}, %{0}_codes {6}
        : {2}, tensor<{4}x{3}xi8> -> tensor<{4}xi32>
)mlir",
                       Name, From, Events, Sources, Targets, Bits, Only);
  }
  /// A population of \p Kind that limits the sum of its inputs (sums or graded
  /// events of \p Types) to Low .. High.
  static std::string limit(const std::string &Name,
                           const std::vector<std::string> &Inputs,
                           const std::vector<std::string> &Types,
                           const std::string &Rule, int Low, int High,
                           const std::string &Kind) {
    std::string Arguments, Sum;
    std::string Last = "%a0";
    for (size_t I = 0; I < Inputs.size(); ++I) {
      Arguments += fmt::format("{}%a{}: i32", I ? ", " : "", I);
      if (I != 0) {
        Sum +=
            fmt::format("      %s{} = arith.addi {}, %a{} : i32\n", I, Last, I);
        Last = fmt::format("%s{}", I);
      }
    }
    return fmt::format(
        R"mlir(
    %{0} = spike.population ["{0}"] ({1} : {2}) params() init [] {3} {{
    ^bb0({4}):
{5}      %least = arith.constant {6} : i32
      %largest = arith.constant {7} : i32
      %m = arith.maxsi {8}, %least : i32
      %l = arith.minsi %m, %largest : i32
      spike.yield %l : i32
    }} : {9}
)mlir",
        Name, fmt::join(Inputs, ", "), fmt::join(Types, ", "), Rule, Arguments,
        Sum, Low, High, Last, Kind);
  }
  static std::string events(int Size, const std::string &Kind) {
    return fmt::format("!spike.events<{} x {}>", Size, Kind);
  }
  static std::string sums(int Size) {
    return fmt::format("tensor<{}xi32>", Size);
  }

  void finish(const std::string &Name, const std::string &Header,
              const std::string &Body) {
    Text = fmt::format("module {{\n  spike.network @{} {} {{\n{}  }}\n}}\n",
                       Name, Header, Body);
  }

  /// Softmax by populations over %scores_sum (heads * positions), as %weights
  /// of \p Weights and %norm of one neuron per head.
  static std::string softmax(int Heads, int Positions, const std::string &Rows,
                             const std::string &Weights) {
    const int N = Heads * Positions;
    return limit("scores", {"%scores_sum"}, {sums(N)}, "rows " + Rows, 0, 127,
                 events(N, "unsigned<7>")) +
           fmt::format("    %max_sum = spike.reduce \"scores.max\" max %scores "
                       ": {} -> tensor<{}xi32>\n",
                       events(N, "unsigned<7>"), Heads) +
           limit("max", {"%max_sum"}, {sums(Heads)}, "", 0, 127,
                 events(Heads, "unsigned<7>")) +
           fmt::format(R"mlir(
    %weights = spike.population ["weights"] (%scores, %max :
        {0}, {1}) params() init [] rows {2} {{
    ^bb0(%s: i32, %m: i32):
      %d = arith.subi %s, %m : i32
      %f = arith.sitofp %d : i32 to f32
      %scale = arith.constant 0.25 : f32
      %p = arith.mulf %f, %scale : f32
      %e = math.exp %p : f32
      %most = arith.constant 15.0 : f32
      %b = arith.mulf %e, %most : f32
      %r = math.roundeven %b : f32
      %c = arith.fptosi %r : f32 to i32
      spike.yield %c : i32
    }} : {3}
    %total = spike.reduce "weights.total" %weights : {3} -> tensor<{4}xi32>
)mlir",
                       events(N, "unsigned<7>"), events(Heads, "unsigned<7>"),
                       Rows, events(N, Weights), Heads) +
           limit("norm", {"%total"}, {sums(Heads)}, "", 1, 8191,
                 events(Heads, "signed<16>"));
  }

private:
  std::ofstream Out;
  size_t At = 0;
  uint32_t Seed = 7;
};

/// Two heads that look both ways, two inner steps, three sweeps: tokens and
/// positions -> ternary x -> k, v written; held q, a held copy of x -> context
/// -> held-last pooling -> logits.
struct BothWays : SequenceNetwork {
  static constexpr int Vocabulary = 12, Width = 8, Heads = 2;

  explicit BothWays(std::string Path, int Positions = 8)
      : SequenceNetwork(std::move(Path)) {
    const std::string X = events(Width, "ternary"), S = sums(Width);
    std::string Body = fmt::format(
        R"mlir(    %tokens = spike.input "tokens" : !spike.events<{0} x binary>
    %places = spike.input "places" role position : !spike.events<{1} x binary>
)mlir",
        Vocabulary, Positions);
    Body += embed("table", "tokens", Vocabulary, Width);
    Body += embed("place", "places", Positions, Width);
    Body += fmt::format(R"mlir(
    %x = spike.population ["x"] (%table_sum, %place_sum : {0}, {0}) params() init [0.25] {{
    ^bb0(%t: i32, %p: i32, %v: f32):
      %step = spike.step
      %zero = arith.constant 0 : i32
      %first = arith.cmpi eq, %step, %zero : i32
      %start = arith.constant 0.25 : f32
      %old = arith.select %first, %start, %v : f32
      %sum = arith.addi %t, %p : i32
      %f = arith.sitofp %sum : i32 to f32
      %g = math.erf %f : f32
      %n = arith.addf %old, %g : f32
      %r = math.roundeven %n : f32
      %c = arith.fptosi %r : f32 to i32
      %one = arith.constant 1 : i32
      %code = arith.minsi %c, %one : i32
      %back = arith.sitofp %code : i32 to f32
      %next = arith.subf %n, %back : f32
      spike.yield %code : i32 states %next : f32
    }} : {1}
)mlir",
                        S, X);
    for (const char *Name : {"q", "k", "v"})
      Body += linear(std::string(Name) + "_proj", "x", X, Width, Width, 8);
    Body += limit("k", {"%k_proj_sum"}, {S}, "", -1, 1, X);
    Body += limit("v", {"%v_proj_sum"}, {S}, "", -1, 1, X);
    Body += limit("q", {"%q_proj_sum"}, {S}, "held each", -1, 1, X);
    Body += limit("x_kept", {"%x"}, {X}, "held each", -1, 1, X);
    Body += fmt::format(
        "    %scores_sum = spike.matmul \"scores.sum\" %q against %k along "
        "keys heads {0} over {0} : {1}, {1} -> {2}\n",
        Heads, X, sums(Heads * Positions));
    Body += softmax(Heads, Positions, "all", "unsigned<4>");
    Body += fmt::format(
        "    %context_sum = spike.matmul \"context.sum\" %weights against %v "
        "along values heads {0} over {0} : {1}, {2} -> {3}\n",
        Heads, events(Heads * Positions, "unsigned<4>"), X, S);
    Body += limit("context", {"%context_sum", "%norm"},
                  {S, events(Heads, "signed<16>")}, "", -127, 127,
                  events(Width, "signed<8>"));
    Body +=
        limit("sum", {"%context", "%x_kept"}, {events(Width, "signed<8>"), X},
              "", -127, 127, events(Width, "signed<8>"));
    Body += limit("pool", {"%sum"}, {events(Width, "signed<8>")}, "held last",
                  -127, 127, events(Width, "signed<8>"));
    Body += linear("head", "pool", events(Width, "signed<8>"), Width,
                   Vocabulary, 8);
    Body += limit("logits", {"%head_sum"}, {sums(Vocabulary)}, "", -8388607,
                  8388607, events(Vocabulary, "signed<24>"));
    Body += fmt::format("    spike.output \"logits.host\" %logits scaled by "
                        "%head_scale : {}, tensor<{}xf32>\n",
                        events(Vocabulary, "signed<24>"), Vocabulary);
    finish("both_ways", fmt::format("steps 2 positions {}", Positions), Body);
  }
};

/// Four query heads over two written ones, token by token: q and its other
/// halves are added, k has 4 bits, weights travel as planes.
struct Causal : SequenceNetwork {
  static constexpr int Vocabulary = 12, Heads = 4, KvHeads = 2, Dim = 4;

  explicit Causal(std::string Path, int Positions = 8)
      : SequenceNetwork(std::move(Path)) {
    const int Width = Heads * Dim, Written = KvHeads * Dim;
    const std::string X = events(Width, "signed<8>");
    const std::string K = events(Written, "signed<4>");
    std::string Body = fmt::format(
        "    %tokens = spike.input \"tokens\" : !spike.events<{} x binary>\n",
        Vocabulary);
    Body += embed("table", "tokens", Vocabulary, Width);
    Body += limit("x", {"%table_sum"}, {sums(Width)}, "", -127, 127, X);
    Body += linear("q_proj", "x", X, Width, Width, 4);
    Body += linear("k_proj", "x", X, Width, Written, 4);
    Body += linear("v_proj", "x", X, Width, Written, 2);
    Body += limit("q_plain", {"%q_proj_sum"}, {sums(Width)}, "", -127, 127, X);
    Body += fmt::format("    %q_other = spike.rotate %q_plain heads {} : {} -> "
                        "{}\n",
                        Heads, X, X);
    Body += limit("q", {"%q_plain", "%q_other"}, {X, X}, "", -127, 127, X);
    Body += limit("k", {"%k_proj_sum"}, {sums(Written)}, "", -7, 7, K);
    Body += limit("v", {"%v_proj_sum"}, {sums(Written)}, "", -7, 7, K);
    Body += fmt::format(
        "    %scores_sum = spike.matmul \"scores.sum\" %q against %k along "
        "keys heads {} over {} causal : {}, {} -> {}\n",
        Heads, KvHeads, X, K, sums(Heads * Positions));
    Body += softmax(Heads, Positions, "seen", "planes<4>");
    Body += fmt::format(
        "    %context_sum = spike.matmul \"context.sum\" %weights against %v "
        "along values heads {} over {} causal : {}, {} -> {}\n",
        Heads, KvHeads, events(Heads * Positions, "planes<4>"), K, sums(Width));
    Body += limit("context", {"%context_sum", "%norm"},
                  {sums(Width), events(Heads, "signed<16>")}, "", -127, 127, X);
    Body += linear("head", "context", X, Width, Vocabulary, 8);
    Body += limit("logits", {"%head_sum"}, {sums(Vocabulary)}, "", -8388607,
                  8388607, events(Vocabulary, "signed<24>"));
    Body += fmt::format("    spike.output \"logits.host\" %logits scaled by "
                        "%head_scale : {}, tensor<{}xf32>\n",
                        events(Vocabulary, "signed<24>"), Vocabulary);
    finish("causal", fmt::format("positions {}", Positions), Body);
  }
};

/// Salient channels and the others: two linears over one width, each with the
/// sources that have synapses, of 4 and 2 bits; every third source is salient.
struct Sparse : SequenceNetwork {
  static constexpr int Vocabulary = 12;
  int Width;

  explicit Sparse(std::string Path, int Width)
      : SequenceNetwork(std::move(Path)), Width(Width) {
    std::vector<std::string> High, Low;
    for (int I = 0; I < Width; ++I) {
      High.push_back(I % 3 == 0 ? "true" : "false");
      Low.push_back(I % 3 == 0 ? "false" : "true");
    }
    const std::string X = events(Width, "unsigned<4>");
    const std::string Few = events(Width, "unary<2>");
    std::string Body = fmt::format(
        R"mlir(    %tokens = spike.input "tokens" : !spike.events<{0} x binary>
    %high = spike.mask [{1}] : tensor<{3}xf32>
    %low = spike.mask [{2}] : tensor<{3}xf32>
)mlir",
        Vocabulary, fmt::join(High, ", "), fmt::join(Low, ", "), Width);
    Body += embed("table", "tokens", Vocabulary, Width);
    for (const char *Kind : {"high", "low"})
      Body += fmt::format(
          R"mlir(
    %x_{0} = spike.population ["x.{0}"] (%table_sum : {1})
        params(%{0} : tensor<{2}xf32>) init [] {{
    ^bb0(%s: i32, %chosen: f32):
      %f = arith.sitofp %s : i32 to f32
      %c = arith.mulf %f, %chosen : f32
      %i = arith.fptosi %c : f32 to i32
      spike.yield %i : i32
    }} : {3}
)mlir",
          Kind, sums(Width), Width, Kind[0] == 'h' ? X : Few);
    auto Only = [&](const char *Name) {
      return fmt::format("only %{} : tensor<{}xf32>", Name, Width);
    };
    Body += linear("w_high", "x_high", X, Width, Width, 4, Only("high"));
    Body += linear("w_low", "x_low", Few, Width, Width, 2, Only("low"));
    Body +=
        limit("y", {"%w_high_sum", "%w_low_sum"}, {sums(Width), sums(Width)},
              "", -127, 127, events(Width, "signed<8>"));
    Body +=
        linear("head", "y", events(Width, "signed<8>"), Width, Vocabulary, 8);
    Body += limit("logits", {"%head_sum"}, {sums(Vocabulary)}, "", -8388607,
                  8388607, events(Vocabulary, "signed<24>"));
    Body += fmt::format("    spike.output \"logits.host\" %logits scaled by "
                        "%head_scale : {}, tensor<{}xf32>\n",
                        events(Vocabulary, "signed<24>"), Vocabulary);
    finish("sparse", "", Body);
  }
};

} // namespace synfire::networks

#endif // SYNFIRE_TESTS_UNIT_LOWERING_SEQUENCENETWORKS_H
