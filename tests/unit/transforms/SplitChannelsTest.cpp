//===- SplitChannelsTest.cpp - The parts of a layer are the layer ---------===//

#include "compiler/transforms/SplitChannels.h"
#include "tests/unit/reference/NetworkText.h"

#include "mlir/IR/Verifier.h"

#include <gmock/gmock.h>
#include <map>
#include <random>

using namespace synfire;
using namespace synfire::compiler;
using ::testing::HasSubstr;

namespace {
/// Sizes of the drawn network: 4 x 3 places.
constexpr int64_t Steps = 40, Inputs = 3 * 12;

class SplitChannels : public NetworkText {
protected:
  void SetUp() override {
    draw("k1", {8, 3 * 9});
    draw("k2", {8, 8 * 9});
    draw("again", {8, 8});
    draw("alone", {8, 4});
    draw("m", {5, 48});
    draw("bias", {8}, 0.3f);
    draw("own", {96}, 0.3f);
    for (int64_t I = 0; I != Steps * Inputs; ++I)
      Given.push_back(Random() % 10 < 3);
  }
  void draw(const std::string &Name, std::vector<int64_t> Shape,
            float Most = 1) {
    std::vector<float> Values(std::accumulate(Shape.begin(), Shape.end(),
                                              int64_t(1), std::multiplies<>()));
    std::uniform_real_distribution<float> Pick(-0.8f * Most, Most);
    for (float &V : Values)
      V = Pick(Random);
    weight(Name, Shape, Values);
  }

  /// Convolutions (one of them recurrent, one depthwise), a residual, pooling,
  /// biases by channel and by neuron, a linear; \p More ops at the end.
  std::string drawn(const std::string &More = "") {
    return R"(
    %x = spike.input "x" role events : !spike.events<36 x binary>
    %c1 = spike.conv "c1" %x, %k1 from [3, 4, 3] to [8, 4, 3] size [3, 3]
        stride [1, 1] pad [1, 1] dilation [1, 1] : !spike.events<36 x binary>,
        tensor<8x27xf32> -> tensor<96xf32>
    %byneuron = spike.repeat %bias : tensor<8xf32> -> tensor<96xf32>
    %a = spike.population ["a"] (%c1 : tensor<96xf32>)
        params(%byneuron, %own : tensor<96xf32>, tensor<96xf32>) init [0.0] {
    ^bb0(%i: f32, %p: f32, %q: f32, %v: f32):
      %one = arith.constant 1.0 : f32
      %zero = arith.constant 0.0 : f32
      %s1 = arith.addf %v, %i : f32
      %s2 = arith.addf %s1, %p : f32
      %s3 = arith.addf %s2, %q : f32
      %f = arith.cmpf ogt, %s3, %one : f32
      %n = arith.select %f, %zero, %s3 : f32
      spike.yield %f : i1 states %n : f32
    } : !spike.events<96 x binary>
    %c2 = spike.conv "c2" %a, %k2 from [8, 4, 3] to [8, 4, 3] size [3, 3]
        stride [1, 1] pad [1, 1] dilation [1, 1] : !spike.events<96 x binary>,
        tensor<8x72xf32> -> tensor<96xf32>
    %d = spike.delay %b by 1 : !spike.events<96 x binary>
        -> !spike.events<96 x binary>
    %c3 = spike.conv "c3" %d, %again from [8, 4, 3] to [8, 4, 3] size [1, 1]
        stride [1, 1] pad [0, 0] dilation [1, 1] : !spike.events<96 x binary>,
        tensor<8x8xf32> -> tensor<96xf32>
    %b = spike.population ["b"] (%c2, %c3, %a, %d : tensor<96xf32>,
        tensor<96xf32>, !spike.events<96 x binary>, !spike.events<96 x binary>)
        params() init [0.0] {
    ^bb0(%i: f32, %r: f32, %h: i1, %before: i1, %v: f32):
      %three = arith.constant 3.0 : f32
      %zero = arith.constant 0.0 : f32
      %hf = arith.uitofp %h : i1 to f32
      %bf = arith.uitofp %before : i1 to f32
      %s1 = arith.addf %v, %i : f32
      %s2 = arith.addf %s1, %r : f32
      %s3 = arith.addf %s2, %hf : f32
      %s4 = arith.subf %s3, %bf : f32
      %f = arith.cmpf ogt, %s4, %three : f32
      %n = arith.select %f, %zero, %s4 : f32
      spike.yield %f : i1 states %n : f32
    } : !spike.events<96 x binary>
    %p = spike.pool "p" %b from [8, 4, 3] to [8, 3, 2] size [2, 2] stride [1, 1]
        pad [0, 0] : !spike.events<96 x binary> -> tensor<48xi32>
    %c4 = spike.conv "c4" %b, %alone from [8, 4, 3] to [8, 3, 2] size [2, 2]
        stride [1, 1] pad [0, 0] dilation [1, 1] groups 8
        : !spike.events<96 x binary>, tensor<8x4xf32> -> tensor<48xf32>
    %c = spike.population ["c"] (%p, %c4 : tensor<48xi32>, tensor<48xf32>)
        params() init [0.0] {
    ^bb0(%i: i32, %w: f32, %v: f32):
      %six = arith.constant 6.0 : f32
      %zero = arith.constant 0.0 : f32
      %pf = arith.sitofp %i : i32 to f32
      %s1 = arith.addf %v, %w : f32
      %s2 = arith.addf %s1, %pf : f32
      %f = arith.cmpf ogt, %s2, %six : f32
      %n = arith.select %f, %zero, %s2 : f32
      spike.yield %f : i1 states %n : f32
    } : !spike.events<48 x binary>
    %l = spike.linear "l" %c, %m : !spike.events<48 x binary>, tensor<5x48xf32>
        -> tensor<5xf32>
    %o = spike.population ["o"] (%l : tensor<5xf32>) params() init [0.0] {
    ^bb0(%i: f32, %v: f32):
      %s1 = arith.addf %v, %i : f32
      spike.yield %s1 : f32 states %s1 : f32
    } : tensor<5xf32>
    spike.output "out" %o : tensor<5xf32>
    )" + More;
  }

  RunResult run(spike::NetworkOp Network) {
    auto Ready = Interpreter::create(Network, Files());
    if (!Ready) {
      ADD_FAILURE() << why(Ready);
      return {};
    }
    const std::vector<int64_t> Tokens(Steps);
    EventInput In{"x", Given};
    RunInputs Told;
    Told.Tokens = Tokens;
    Told.Events = {&In, 1};
    RunOptions Options;
    Options.RecordEvents = true;
    auto Ran = Ready->run(Told, Options);
    if (!Ran) {
      ADD_FAILURE() << why(Ran);
      return {};
    }
    return std::move(*Ran);
  }

  std::mt19937 Random{5};
  std::vector<int32_t> Given;
};
} // namespace

TEST_F(SplitChannels, PartsSendWhatTheLayerSends) {
  spike::NetworkOp Network = network(drawn());
  ASSERT_TRUE(Network);
  const RunResult Whole = run(Network);
  // c2 and c3 have 640 bytes: two parts of 320 are above three quarters of 400,
  // four of 160 are not.
  for (auto [Bytes, Parts] : {std::pair(500, 2), {400, 4}, {120, 8}}) {
    mlir::OwningOpRef<mlir::ModuleOp> Copy(Module->clone());
    auto Split = *Copy->getOps<spike::NetworkOp>().begin();
    KernelRoom Room;
    Room.Bytes = Bytes;
    const auto Told = splitChannels(Split, Room);
    ASSERT_EQ(Told.size(), 3u) << "a, b and c";
    for (const ChannelSplit &S : Told) {
      EXPECT_EQ(S.Parts, Parts) << S.text();
      EXPECT_EQ(S.Why, "");
    }
    ASSERT_TRUE(mlir::succeeded(mlir::verify(*Copy)));
    for (auto Conv : Split.getBody().front().getOps<spike::ConvOp>())
      EXPECT_EQ(Conv.getTo()[0], 8 / Parts);
    const RunResult Ran = run(Split);
    EXPECT_EQ(Ran.Logits, Whole.Logits) << "real values to the bit";
    std::map<std::string, std::vector<int32_t>> Sent;
    for (const Recording &R : Ran.Events)
      Sent[R.Name] = R.Payloads;
    for (const Recording &R : Whole.Events) {
      int64_t Spikes = 0;
      for (size_t I = 0; I != R.Payloads.size(); ++I) {
        const int64_t Own = 8 / Parts, Channel = static_cast<int64_t>(I) % 8;
        const auto &Part = Sent[fmt::format("{}/{}", R.Name, Channel / Own)];
        const size_t At = I / 8 * Own + Channel % Own;
        ASSERT_LT(At, Part.size()) << R.Name;
        ASSERT_EQ(Part[At], R.Payloads[I]) << R.Name << ", " << I;
        Spikes += R.Payloads[I];
      }
      EXPECT_GT(Spikes, 100) << R.Name;
      EXPECT_LT(Spikes, int64_t(R.Payloads.size()) * 9 / 10) << R.Name;
    }
  }
}

TEST_F(SplitChannels, WhatFitsStaysAsItIs) {
  spike::NetworkOp Network = network(drawn());
  ASSERT_TRUE(Network);
  KernelRoom Room;
  Room.Bytes = 640;
  EXPECT_TRUE(splitChannels(Network, Room).empty());
  for (auto P : Network.getBody().front().getOps<spike::PopulationOp>())
    EXPECT_THAT(P.getResultName(0).str(), ::testing::Not(HasSubstr("/")));
}

TEST_F(SplitChannels, WhatCannotBeSplitTellsWhy) {
  const auto whyNot = [&](const std::string &More, uint64_t Bytes) {
    spike::NetworkOp Network = network(drawn(More));
    KernelRoom Room;
    Room.Bytes = Bytes;
    const auto Told = splitChannels(Network, Room);
    if (Told.size() != 1)
      return std::string("not one");
    EXPECT_EQ(Told[0].Parts, 1);
    EXPECT_EQ(Told[0].KernelBytes, 640u);
    EXPECT_TRUE(mlir::succeeded(mlir::verify(*Module)));
    return Told[0].Why;
  };
  EXPECT_THAT(whyNot(R"(
    %r = spike.reduce "r" %b : !spike.events<96 x binary> -> tensor<1xi32>
    %s = spike.population ["s"] (%r : tensor<1xi32>) params() init [] {
    ^bb0(%i: i32):
      spike.yield %i : i32
    } : !spike.events<1 x signed<8>>)",
                     400),
              HasSubstr("read by a spike.reduce"));
  EXPECT_THAT(whyNot("", 70), HasSubstr("in 8 parts"));
}
