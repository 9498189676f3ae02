// What is chosen where NIR leaves it open, against published traces.

#include "models/nir/Interpretation.h"
#include "tests/unit/nir/GoldenNir.h"
#include "tests/unit/nir/NirFile.h"

#include <gmock/gmock.h>

#include <cmath>
#include <deque>
#include <filesystem>

using namespace synfire;
using namespace synfire::nir;
using namespace synfire::testfiles;
using testing::DoubleNear;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

/// One neuron, as the header of Interpretation.h says it.
GoldenTrace run(const NeuronStep &S, const Interpretation &How,
                const std::vector<double> &Input) {
  GoldenTrace Out{Input, {}, {}};
  std::deque<bool> Late(How.SpikeDelay, false);
  double V = 0;
  for (size_t T = 0; T != Input.size(); ++T) {
    V = S.Decay[0] * V + S.Drive[0] + S.Gain[0] * Input[T];
    bool Leaves;
    if (How.ResetWithSpike && How.SpikeDelay) {
      Leaves = Late.front();
      Late.pop_front();
      if (Leaves)
        V = S.ResetTo.empty() ? V - S.Threshold[0] : S.ResetTo[0];
      Late.push_back(V > S.Threshold[0]);
    } else {
      Late.push_back(V > S.Threshold[0]);
      if (Late.back())
        V = S.ResetTo.empty() ? V - S.Threshold[0] : S.ResetTo[0];
      Leaves = Late.front();
      Late.pop_front();
    }
    Out.V.push_back(V);
    if (Leaves)
      Out.Spikes.push_back(static_cast<int>(T));
  }
  return Out;
}

TEST(Interpretation, PresetsReproduceTheTracesOfTheirFrameworks) {
  if (!std::filesystem::exists(golden("lif_norse.nir")))
    GTEST_SKIP() << "no " << golden("lif_norse.nir");
  Result<Graph> G = Graph::read(golden("lif_norse.nir"));
  ASSERT_TRUE(G);
  std::vector<double> Input = readTrace("norse").Input;
  ASSERT_EQ(Input.size(), 1000U);
  struct {
    const char *Preset, *File;
    double Scale;
    size_t Late = 0; ///< steps from v to its record
  } Cases[] = {{"norse", "norse", 1},
               {"snntorch", "snntorch", 25},
               {"sinabs", "sinabs", 1},
               {"rockpool", "rockpool", 1},
               {"spyx", "spyx", 1},
               {"default", "norse", 1},
               {"lava", "lava_cpu_float", 1, 1}};
  for (const auto &C : Cases) {
    Result<Interpretation> How = Interpretation::preset(C.Preset);
    ASSERT_TRUE(How);
    Result<NeuronStep> S = discretize(*G->find("1"), *How, "lif_norse.nir");
    ASSERT_TRUE(S);
    GoldenTrace Ours = run(*S, *How, Input), Theirs = readTrace(C.File);
    EXPECT_EQ(Ours.Spikes, Theirs.Spikes) << C.Preset;
    for (size_t T = 0; T + C.Late != Ours.V.size(); ++T)
      ASSERT_NEAR(Ours.V[T], Theirs.V[T + C.Late] / C.Scale, 1e-6)
          << C.Preset << T;
  }
}

Result<Graph>
oneNeuron(const char *Kind,
          std::initializer_list<std::pair<const char *, double>> Parameters) {
  NirFile F;
  F.port("input", "Input", {1});
  F.type("n", Kind);
  for (const auto &[Name, Value] : Parameters)
    F.W.doubles(F.place("n") + Name, {1}, {Value});
  F.port("output", "Output", {1});
  F.edges({"input", "n", "n", "output"});
  return F.read();
}

TEST(Interpretation, RefusesCoarseSteps) {
  Result<Graph> G = oneNeuron(
      "LIF", {{"tau", 1e-4}, {"r", 1}, {"v_leak", 0}, {"v_threshold", 1}});
  ASSERT_TRUE(G) << G.errors()[0].format();
  for (double Dt : {1e-4, 1.0, 0.0, -1.0, double(NAN)}) {
    Interpretation How;
    How.Dt = Dt;
    Result<NeuronStep> S = discretize(*G->find("n"), How, "f.nir");
    ASSERT_FALSE(S) << Dt;
    EXPECT_EQ(S.errors()[0].Rule, "nir-dt");
    EXPECT_FALSE(describeNeurons(*G, How));
  }
  Interpretation Fine;
  Fine.Dt = 2.5e-5;
  Result<NeuronStep> S = discretize(*G->find("n"), Fine, "f.nir");
  ASSERT_TRUE(S);
  EXPECT_THAT(S->Decay, ElementsAre(DoubleNear(0.75, 1e-12)));
}

TEST(Interpretation, TellsTheThreeConventionsOfIf) {
  struct {
    double R;
    IfConvention How;
    double Gain;
    bool Unit;
  } Cases[] = {{1, IfConvention::Auto, 1, true},
               {1e4, IfConvention::Auto, 1, false},
               {double(1e4F * 1.00000003F), IfConvention::Auto, 1, false},
               {3, IfConvention::Auto, 3e-4, false},
               {3, IfConvention::Unit, 3, true},
               {1, IfConvention::Dt, 1e-4, false}};
  for (const auto &C : Cases) {
    Result<Graph> G = oneNeuron("IF", {{"r", C.R}, {"v_threshold", 1}});
    ASSERT_TRUE(G);
    Interpretation How;
    How.If = C.How;
    Result<NeuronStep> S = discretize(*G->find("n"), How, "f.nir");
    ASSERT_TRUE(S);
    EXPECT_DOUBLE_EQ(S->Gain[0], C.Gain);
    EXPECT_EQ(S->UnitStep, C.Unit);
    EXPECT_THAT(S->Decay, ElementsAre(1));
  }
}

TEST(Interpretation, PrintsWhatItDoes) {
  Result<Graph> G = oneNeuron("CubaLIF", {{"tau_syn", 2e-4},
                                          {"tau_mem", 1e-3},
                                          {"r", 10},
                                          {"v_leak", 2},
                                          {"w_in", 2},
                                          {"v_reset", -1},
                                          {"v_threshold", 1}});
  ASSERT_TRUE(G) << G.errors()[0].format();
  Interpretation How;
  EXPECT_THAT(*describeNeurons(*G, How),
              HasSubstr("n (CubaLIF): current decay 0.5, gain 1; decay 0.9, "
                        "gain 1, threshold 1"));
  Result<NeuronStep> S = discretize(*G->find("n"), How, "f.nir");
  ASSERT_TRUE(S);
  EXPECT_DOUBLE_EQ(S->Drive[0], 0.2);
  EXPECT_EQ(S->ResetTo[0], -1);
  How.OnSpike = Reset::Subtract;
  EXPECT_TRUE(discretize(*G->find("n"), How, "f.nir")->ResetTo.empty());
  EXPECT_THAT(How.describe(), HasSubstr("subtract the threshold"));
  EXPECT_THAT(How.describe(), HasSubstr("0.0001"));
  EXPECT_EQ(Interpretation::preset("brian").errors()[0].Rule, "nir-preset");
  EXPECT_EQ(*parseReset("zero"), Reset::ToZero);
  EXPECT_FALSE(parseReset("none"));
  EXPECT_EQ(*parseIfConvention("dt"), IfConvention::Dt);
}

TEST(Interpretation, GoldenDecaysAreThoseOfTheTraining) {
  std::string Path = golden("braille_noDelay_bias_zero.nir");
  if (!std::filesystem::exists(Path))
    GTEST_SKIP() << "no " << Path;
  Result<Graph> G = Graph::read(Path);
  ASSERT_TRUE(G);
  Interpretation How;
  struct {
    const char *Node;
    double Syn, Mem;
  } Cases[] = {{"lif1.lif", 0.55, 0.9}, {"lif2", 0.5, 0.55}};
  for (const auto &C : Cases) {
    Result<NeuronStep> S = discretize(*G->find(C.Node), How, Path);
    ASSERT_TRUE(S);
    EXPECT_NEAR(S->SynDecay[0], C.Syn, 1e-6) << C.Node;
    EXPECT_NEAR(S->Decay[0], C.Mem, 1e-6) << C.Node;
    EXPECT_NEAR(S->SynGain[0], 1, 1e-6);
    EXPECT_NEAR(S->Gain[0], 1, 1e-6);
  }
}

TEST(Interpretation, DelaysAreWholeSteps) {
  NirFile F;
  F.port("input", "Input", {2});
  F.type("d", "Delay");
  F.W.floats(F.place("d") + "delay", {2}, {0, 3e-4F});
  F.edges({"input", "d"});
  Result<Graph> G = F.read();
  ASSERT_TRUE(G) << G.errors()[0].format();
  Interpretation How;
  EXPECT_THAT(*delaySteps(*G->find("d"), How, "f"), ElementsAre(0, 3));
  How.Dt = 2e-4;
  EXPECT_EQ(delaySteps(*G->find("d"), How, "f").errors()[0].Rule, "nir-dt");
}

} // namespace
