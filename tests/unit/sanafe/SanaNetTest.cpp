// Networks of SANA-FE: groups, edges of every kind, mappings, and faults.

#include "models/sanafe/SanaNet.h"

#include <gmock/gmock.h>

#include <algorithm>

using namespace synfire;
using namespace synfire::sanafe;
using testing::ElementsAre;

namespace {

constexpr const char *Small = R"(network:
  name: small
  groups:
    - name: in
      attributes: [log_spikes: true]
      neurons:
        - 0: [spikes: [1, 0, 1]]
        - 1: {rate: 0.5}
    - name: out
      attributes: {threshold: 2.0, reset_mode: soft}
      neurons:
        - 0..2: {bias: 1}
        - 1: {soma: {leak_decay: 0.5}, dendrite: {log_u: true}}
        - 2: []
  edges:
    - in -> out: [type: dense, weight: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]]
    - out.0 -> out.4: {weight: -4}
    - out.0->out.3: {w: 2, delay: 3}
    - in -> out: {type: sparse, source_target_pairs: [[1, 4], [0, 2]], weight: [0.5, 0]}
mappings:
  - in: [core: 0.0, soma: inputs]
  - out.0..3: {core: 1.2}
  - out.4: {core: 3.0}
)";

std::string with(std::string_view From, std::string_view To) {
  std::string Text = Small;
  const size_t At = Text.find(From);
  EXPECT_NE(At, std::string::npos) << From;
  return Text.replace(At, From.size(), To);
}

TEST(SanaNet, ReadsEveryPart) {
  Result<SanaNet> Net = SanaNet::parse(Small, "small.yaml");
  ASSERT_TRUE(Net) << Net.errors()[0].format();
  ASSERT_EQ(Net->Groups.size(), 2U);
  // Three, one and one: entries are counted, not united.
  EXPECT_EQ(Net->Groups[1].size(), 5U);
  auto Kind = [&](uint32_t G, uint32_t N) -> const NeuronKind & {
    return Net->Kinds[Net->Groups[G].Kinds[N]];
  };
  EXPECT_EQ(Kind(1, 0).Bias, 1);
  EXPECT_EQ(Kind(1, 1).Bias, 0); // the later entry begins anew
  EXPECT_EQ(Kind(1, 1).LeakDecay, 0.5);
  EXPECT_EQ(Kind(1, 4).Threshold, 2);
  EXPECT_EQ(Kind(1, 4).OnSpike, ResetMode::Soft);
  EXPECT_THAT(Net->inputs(), ElementsAre(std::array<uint32_t, 2>{0, 0},
                                         std::array<uint32_t, 2>{0, 1}));
  std::vector<bool> Fires;
  for (uint64_t Step = 1; Step <= 4; ++Step)
    for (uint32_t N : {0, 1})
      Fires.push_back(Kind(0, N).fires(Step));
  EXPECT_THAT(Fires, ElementsAre(1, 0, 0, 1, 1, 0, 0, 1));
  ASSERT_EQ(Net->Projections.size(), 4U);
  EXPECT_TRUE(Net->Projections[0].Pairs.empty());
  EXPECT_EQ(Net->Projections[1].Weights, std::vector<double>{-4});
  EXPECT_EQ(Net->Projections[2].Delay, 3U);
  EXPECT_THAT(Net->Projections[3].Pairs,
              ElementsAre(std::array<uint32_t, 2>{1, 4},
                          std::array<uint32_t, 2>{0, 2}));
  EXPECT_EQ(Net->numSynapses(), 14U);
  EXPECT_THAT(Net->Notes, ElementsAre(testing::HasSubstr("1 synapses")));
  EXPECT_TRUE(Net->IsMapped);
  EXPECT_THAT(Net->Groups[1].Cores,
              ElementsAre(coreOf(1, 2), coreOf(1, 2), coreOf(1, 2),
                          coreOf(1, 2), coreOf(3, 0)));
}

TEST(SanaNet, WritesConvolutionsOut) {
  // 1 x 2 x 3 neurons, kernels of 2 x 2 to two channels: 2 x 1 x 2 targets.
  Result<SanaNet> Net = SanaNet::parse(R"(network:
  groups:
    - {name: a, neurons: [0..5: []]}
    - {name: b, neurons: [0..3: []]}
  edges:
    - a -> b: {type: conv2d, input_width: 3, input_height: 2, input_channels: 1,
               kernel_width: 2, kernel_height: 2, kernel_count: 2,
               weight: [1, 10, 2, 20, 3, 30, 4, 40]}
)",
                                       "conv");
  ASSERT_TRUE(Net) << Net.errors()[0].format();
  const Projection &P = Net->Projections.at(0);
  // Channel by channel, as SANA-FE numbers them; [y, x, in, out] in the file.
  double Matrix[4][6] = {};
  for (size_t I = 0; I != P.Pairs.size(); ++I)
    Matrix[P.Pairs[I][1]][P.Pairs[I][0]] = P.Weights[I];
  const double Wanted[4][6] = {{1, 2, 0, 3, 4, 0},
                               {0, 1, 2, 0, 3, 4},
                               {10, 20, 0, 30, 40, 0},
                               {0, 10, 20, 0, 30, 40}};
  for (int T = 0; T < 4; ++T)
    EXPECT_THAT(Matrix[T], testing::ElementsAreArray(Wanted[T]));
  EXPECT_EQ(P.Pairs.size(), 16U);
  EXPECT_FALSE(Net->IsMapped);
}

TEST(SanaNet, RefusesByNameAndPlace) {
  const struct {
    const char *From, *To, *Rule;
  } Faults[] = {
      {"0..2: {bias: 1}", "0..999999999: {bias: 1}", "sana-range"},
      {"0..2: {bias: 1}", "0..1048575: {bias: 1}", "sana-size"},
      {"0..2: {bias: 1}", "5..7: {bias: 1}", "sana-range"},
      {"bias: 1", "bias: one", "sana-number"},
      {"bias: 1", "taps: 1", "sana-attribute"},
      {"rate: 0.5", "poisson: 0.5", "sana-random"},
      {"reset_mode: soft", "reset_mode: gently", "sana-choice"},
      {"name: out", "name: in", "sana-name"},
      {"name: out", "name: o.ut", "sana-name"},
      {"8, 9, 10]", "8, 9]", "sana-size"},
      {"[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]", "1", "sana-number"},
      {"type: dense", "type: random", "sana-choice"},
      {"out.0 -> out.4", "out.0 -> out.5", "sana-range"},
      {"out.0 -> out.4", "out.0 -> nobody.4", "sana-group"},
      {"out.0 -> out.4", "out.0 to out.4", "sana-edge"},
      {"out.0 -> out.4", "out -> out.4", "sana-edge"},
      {"out.0 -> out.4", "out.0 -> in.0", "sana-edge"},
      {"weight: -4", "wait: -4", "sana-attribute"},
      {"delay: 3", "delay: 1.5", "sana-edge"},
      {"[[1, 4], [0, 2]]", "[[1, 4], [0, 9]]", "sana-range"},
      {"[[1, 4], [0, 2]]", "[[1, 4], [1, 4]]", "sana-edge"},
      {"[[1, 4], [0, 2]]", "[[1, 4]]", "sana-size"},
      {"  - out.4: {core: 3.0}\n", "", "sana-unmapped"},
      {"core: 3.0", "core: 3", "sana-core"},
      {"core: 3.0", "core: 3.16", "sana-core"},
      {"core: 3.0", "tile: 3.0", "sana-attribute"},
      {"network:", "net:", "sana-missing"},
  };
  for (const auto &F : Faults) {
    auto Net = SanaNet::parse(with(F.From, F.To), "small.yaml");
    ASSERT_FALSE(Net) << F.To;
    EXPECT_EQ(Net.errors()[0].Rule, F.Rule)
        << F.To << ": " << Net.errors()[0].format();
    EXPECT_THAT(Net.errors()[0].Where, testing::HasSubstr("small.yaml:"));
  }
}

TEST(SanaNet, DropsItsMapping) {
  Result<SanaNet> Net = SanaNet::parse(Small, "small.yaml");
  ASSERT_TRUE(Net);
  Net->dropMapping();
  EXPECT_FALSE(Net->IsMapped);
  EXPECT_TRUE(Net->Groups[1].Cores.empty());
}

} // namespace
