//===- UnitVectorsTest.cpp - Parts of SpikeGPT against the public code ----===//
//
// The vectors of golden/spikegpt/units.npz, made by the public code, through
// programs written here by hand from the equations. An embed table holds the
// stimulus: token t selects its row t.
//
//===----------------------------------------------------------------------===//

#include "targets/arrays/Npz.h"
#include "tests/unit/reference/NetworkText.h"

#include <cmath>

using namespace synfire;
using namespace synfire::compiler;

namespace {
class UnitVectors : public NetworkText {
protected:
  void SetUp() override {
    Path = SYNFIRE_SHARED_DIR "/golden/spikegpt/units.npz";
    if (!std::filesystem::exists(Path))
      GTEST_SKIP() << "golden vectors are not at " << Path;
  }
  Array array(const std::string &Name) {
    auto Reader = NpzReader::open(Path);
    EXPECT_TRUE(Reader) << why(Reader);
    auto Read = Reader->read(Name);
    EXPECT_TRUE(Read) << why(Read);
    return std::move(*Read);
  }
  std::vector<float> floats(const std::string &Name) {
    Array A = array(Name);
    return {A.as<float>().begin(), A.as<float>().end()};
  }
  std::vector<uint8_t> bytes(const std::string &Name) {
    Array A = array(Name);
    return {A.as<uint8_t>().begin(), A.as<uint8_t>().end()};
  }
  std::string Path;
};
} // namespace

TEST_F(UnitVectors, LifFiresWhenTheMembraneReachesOne) {
  weight("x", {40, 24}, floats("lif_x"));
  RunOptions Options;
  Options.RecordEvents = true;
  auto Ran = run(R"(
    %t = spike.input "tokens" : !spike.events<40 x binary>
    %i = spike.embed "i" %t, %x : !spike.events<40 x binary>,
        tensor<40x24xf32> -> tensor<24xf32>
    %s, %after = spike.population ["s", "after"] (%i : tensor<24xf32>)
        params() init [0.0] {
    ^bb0(%current: f32, %v: f32):
      %two = arith.constant 2.0 : f32
      %one = arith.constant 1.0 : f32
      %zero = arith.constant 0.0 : f32
      %d = arith.subf %current, %v : f32
      %half = arith.divf %d, %two : f32
      %h = arith.addf %v, %half : f32
      %over = arith.subf %h, %one : f32
      %fires = arith.cmpf oge, %over, %zero : f32
      %next = arith.select %fires, %zero, %h : f32
      spike.yield %fires, %next : i1, f32 states %next : f32
    } : !spike.events<24 x binary>, tensor<24xf32>
    spike.output "out" %after : tensor<24xf32>)",
                 counting(40), Options);
  ASSERT_TRUE(Ran) << why(Ran);
  std::vector<uint8_t> Spikes = bytes("lif_spike");
  ASSERT_EQ(Ran->Events.size(), 1u);
  EXPECT_EQ(Ran->Events[0].Name, "s");
  EXPECT_EQ(Ran->Events[0].Neurons, 24);
  EXPECT_EQ(Ran->Events[0].Payloads,
            std::vector<int32_t>(Spikes.begin(), Spikes.end()));
  EXPECT_EQ(Ran->Logits, floats("lif_v_after_reset"));
}

TEST_F(UnitVectors, HeavisideIsOneAtBothZeros) {
  weight("x", {10, 1}, [&] {
    // Infinities are no weights; the largest floats stand for them.
    std::vector<float> X = floats("heav_x");
    for (float &V : X)
      if (std::isinf(V))
        V = std::copysign(std::numeric_limits<float>::max(), V);
    return X;
  }());
  auto Ran = run(R"(
    %bits = spike.derive(%x : tensor<10x1xf32>) {
    ^bb0(%e: f32):
      %zero = arith.constant 0.0 : f32
      %fires = arith.cmpf oge, %e, %zero : f32
      spike.yield %fires : i1
    } : tensor<10x1xi1>
    %t = spike.input "tokens" : !spike.events<10 x binary>
    %i = spike.embed "i" %t, %bits : !spike.events<10 x binary>,
        tensor<10x1xi1> -> tensor<1xi32>
    %f = spike.population ["f"] (%i : tensor<1xi32>) params() init [] {
    ^bb0(%sum: i32):
      %r = arith.sitofp %sum : i32 to f32
      spike.yield %r : f32
    } : tensor<1xf32>
    spike.output "out" %f : tensor<1xf32>)",
                 counting(10));
  ASSERT_TRUE(Ran) << why(Ran);
  std::vector<uint8_t> Expected = bytes("heav_y");
  EXPECT_EQ(Ran->Logits, std::vector<float>(Expected.begin(), Expected.end()));
}

TEST_F(UnitVectors, WkvFollowsItsRunningMaximum) {
  std::vector<float> K = floats("wkv_k"), V = floats("wkv_v"),
                     Y = floats("wkv_y");
  size_t Half = K.size() / 2;
  weight("decay", {64}, floats("wkv_time_decay"));
  weight("first", {64}, floats("wkv_time_first"));
  weight("ks", {96, 64}, K);
  weight("vs", {96, 64}, V);
  spike::NetworkOp Network = network(R"(
    %w = spike.derive(%decay : tensor<64xf32>) {
    ^bb0(%d: f32):
      %e = math.exp %d : f32
      %n = arith.negf %e : f32
      spike.yield %n : f32
    } : tensor<64xf32>
    %t = spike.input "tokens" : !spike.events<96 x binary>
    %k = spike.embed "k" %t, %ks : !spike.events<96 x binary>,
        tensor<96x64xf32> -> tensor<64xf32>
    %v = spike.embed "v" %t, %vs : !spike.events<96 x binary>,
        tensor<96x64xf32> -> tensor<64xf32>
    %y = spike.population ["y"] (%k, %v : tensor<64xf32>, tensor<64xf32>)
        params(%w, %first : tensor<64xf32>, tensor<64xf32>)
        init [0.0, 0.0, -1.0e38] {
    ^bb0(%key: f32, %value: f32, %decay_: f32, %u: f32, %p: f32, %q: f32,
         %o: f32):
      %uk = arith.addf %u, %key : f32
      %n = arith.maxnumf %o, %uk : f32
      %on = arith.subf %o, %n : f32
      %a = math.exp %on : f32
      %ukn = arith.subf %uk, %n : f32
      %b = math.exp %ukn : f32
      %ap = arith.mulf %a, %p : f32
      %bv = arith.mulf %b, %value : f32
      %top = arith.addf %ap, %bv : f32
      %aq = arith.mulf %a, %q : f32
      %bottom = arith.addf %aq, %b : f32
      %r = arith.divf %top, %bottom : f32
      %wo = arith.addf %decay_, %o : f32
      %m = arith.maxnumf %wo, %key : f32
      %wom = arith.subf %wo, %m : f32
      %c = math.exp %wom : f32
      %km = arith.subf %key, %m : f32
      %d = math.exp %km : f32
      %cp = arith.mulf %c, %p : f32
      %dv = arith.mulf %d, %value : f32
      %p1 = arith.addf %cp, %dv : f32
      %cq = arith.mulf %c, %q : f32
      %q1 = arith.addf %cq, %d : f32
      spike.yield %r : f32 states %p1, %q1, %m : f32, f32, f32
    } : tensor<64xf32>
    spike.output "out" %y : tensor<64xf32>)");
  ASSERT_TRUE(Network);
  auto Ready = Interpreter::create(Network, Files());
  ASSERT_TRUE(Ready) << why(Ready);
  // Two sequences, each from reset state.
  for (int64_t Batch = 0; Batch < 2; ++Batch) {
    std::vector<int64_t> Tokens = counting(48);
    for (int64_t &T : Tokens)
      T += Batch * 48;
    auto Ran = Ready->run(Tokens);
    ASSERT_TRUE(Ran) << why(Ran);
    ASSERT_EQ(Ran->Logits.size(), Half);
    for (size_t I = 0; I < Half; ++I)
      ASSERT_NEAR(Ran->Logits[I], Y[Batch * Half + I], 1e-5)
          << "batch " << Batch << " token " << I / 64 << " channel " << I % 64;
  }
}

TEST_F(UnitVectors, LayerNormFromReduces) {
  weight("x", {6, 32}, floats("ln_x"));
  weight("gamma", {32}, floats("ln_gamma"));
  weight("beta", {32}, floats("ln_beta"));
  auto Ran = run(R"(
    %t = spike.input "tokens" : !spike.events<6 x binary>
    %v = spike.embed "v" %t, %x : !spike.events<6 x binary>,
        tensor<6x32xf32> -> tensor<32xf32>
    %s1 = spike.reduce "s1" %v : tensor<32xf32> -> tensor<1xf32>
    %mean = spike.population ["mean"] (%s1 : tensor<1xf32>) params() init [] {
    ^bb0(%s: f32):
      %n = arith.constant 32.0 : f32
      %m = arith.divf %s, %n : f32
      spike.yield %m : f32
    } : tensor<1xf32>
    %sq = spike.population ["sq"] (%v, %mean : tensor<32xf32>, tensor<1xf32>)
        params() init [] {
    ^bb0(%e: f32, %m: f32):
      %d = arith.subf %e, %m : f32
      %d2 = arith.mulf %d, %d : f32
      spike.yield %d2 : f32
    } : tensor<32xf32>
    %s2 = spike.reduce "s2" %sq : tensor<32xf32> -> tensor<1xf32>
    %y = spike.population ["y"]
        (%v, %mean, %s2 : tensor<32xf32>, tensor<1xf32>, tensor<1xf32>)
        params(%gamma, %beta : tensor<32xf32>, tensor<32xf32>) init [] {
    ^bb0(%e: f32, %m: f32, %s: f32, %g: f32, %b: f32):
      %n = arith.constant 32.0 : f32
      %eps = arith.constant 1.0e-5 : f32
      %var = arith.divf %s, %n : f32
      %safe = arith.addf %var, %eps : f32
      %rstd = math.rsqrt %safe : f32
      %d = arith.subf %e, %m : f32
      %z = arith.mulf %d, %rstd : f32
      %zg = arith.mulf %z, %g : f32
      %r = arith.addf %zg, %b : f32
      spike.yield %r : f32
    } : tensor<32xf32>
    spike.output "out" %y : tensor<32xf32>)",
                 counting(6));
  ASSERT_TRUE(Ran) << why(Ran);
  std::vector<float> Expected = floats("ln_y");
  for (size_t I = 0; I < Expected.size(); ++I)
    EXPECT_NEAR(Ran->Logits[I], Expected[I], 2e-6) << "element " << I;
}
