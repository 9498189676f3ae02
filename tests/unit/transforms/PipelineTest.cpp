//===- PipelineTest.cpp - What the passes keep, on the shipped network ----===//
//
// Simplifying keeps every spike; quantising costs at most 1 % bits per
// character on text that was not calibrated on. The network, its calibration
// text and its evaluation text are those of models/shakespeare.
//
//===----------------------------------------------------------------------===//

#include "compiler/transforms/Pipeline.h"
#include "compiler/reference/Quality.h"
#include "compiler/transforms/Calibration.h"
#include "compiler/transforms/Classification.h"
#include "compiler/transforms/TargetCheck.h"
#include "compiler/transforms/ToFixedPoint.h"
#include "compiler/transforms/ValueRanges.h"
#include "models/spikegpt/SpikeGpt.h"

#include "mlir/IR/MLIRContext.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

using namespace synfire;
using namespace synfire::compiler;

namespace {
const std::filesystem::path Model =
    std::filesystem::path(SYNFIRE_SOURCE_DIR) / "models" / "shakespeare";

std::string print(const Errors &All) {
  std::string Out;
  for (const Error &E : All)
    Out += E.format() + "\n";
  return Out;
}

std::string readText(const std::string &Name) {
  std::ifstream In(Model / Name, std::ios::binary);
  std::stringstream Out;
  Out << In.rdbuf();
  return Out.str();
}

class PipelineTest : public testing::Test {
protected:
  mlir::MLIRContext Context;
  mlir::OwningOpRef<mlir::ModuleOp> Module;
  WeightFiles Files{Model.string()};
  std::map<char, int64_t> Vocabulary;

  void SetUp() override {
    auto Json = nlohmann::json::parse(readText("vocab.json"));
    for (size_t I = 0; I < Json.size(); ++I)
      Vocabulary[Json[I].get<std::string>()[0]] = static_cast<int64_t>(I);
    auto File =
        checkpoint::Checkpoint::open((Model / "shakespeare.pth").string());
    ASSERT_TRUE(File) << print(File.errors());
    auto Imported = models::importSpikeGpt(&Context, *File);
    ASSERT_TRUE(Imported) << print(Imported.errors());
    Module = std::move(*Imported);
  }

  std::vector<int64_t> tokens(const std::string &File, size_t Most) {
    std::vector<int64_t> Ids;
    for (char C : readText(File).substr(0, Most))
      Ids.push_back(Vocabulary.at(C));
    return Ids;
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
    auto Windows = windowsOf(tokens("calibrate.txt", 2048), 128);
    Status S = calibrate(network(), Windows, Files);
    ASSERT_TRUE(S) << print(S.errors());
    mlir::PassManager PM(&Context);
    addQuantizePasses(PM);
    ASSERT_TRUE(mlir::succeeded(PM.run(*Module)));
  }
  std::string text() {
    std::string Out;
    llvm::raw_string_ostream Stream(Out);
    Module->print(Stream);
    return Out;
  }
  RunResult run(const std::vector<int64_t> &Tokens) {
    RunOptions Options;
    Options.RecordEvents = true;
    auto Runner = Interpreter::create(network(), Files);
    EXPECT_TRUE(Runner) << print(Runner.errors());
    auto R = Runner->run(Tokens, Options);
    EXPECT_TRUE(R) << print(R.errors());
    return std::move(*R);
  }
  double bitsPerCharacter(const std::vector<int64_t> &Text) {
    auto Runner = Interpreter::create(network(), Files);
    EXPECT_TRUE(Runner) << print(Runner.errors());
    auto Bits = bitsPerToken(*Runner, Text, 128);
    EXPECT_TRUE(Bits) << print(Bits.errors());
    return *Bits;
  }
};

TEST_F(PipelineTest, SimplifyingKeepsEverySpike) {
  std::vector<int64_t> Tokens = tokens("evaluate.txt", 256);
  RunResult Before = run(Tokens);
  simplify();
  RunResult After = run(Tokens);

  ASSERT_EQ(After.Events.size(), Before.Events.size());
  std::map<std::string, const Recording *> ByName;
  for (const Recording &R : After.Events)
    ByName[R.Name] = &R;
  for (const Recording &R : Before.Events) {
    ASSERT_TRUE(ByName.contains(R.Name)) << R.Name << " is no longer recorded";
    EXPECT_EQ(ByName[R.Name]->Payloads, R.Payloads) << R.Name;
  }
  float Worst = 0;
  ASSERT_EQ(After.Logits.size(), Before.Logits.size());
  for (size_t I = 0; I < Before.Logits.size(); ++I)
    Worst = std::max(Worst, std::fabs(After.Logits[I] - Before.Logits[I]) /
                                std::max(1.0f, std::fabs(Before.Logits[I])));
  // Folding the last norm into the head rounds differently.
  EXPECT_LT(Worst, 1e-5f);
}

TEST_F(PipelineTest, SimplifyingTwiceChangesNothing) {
  simplify();
  std::string Once = text();
  simplify();
  EXPECT_EQ(text(), Once);
}

TEST_F(PipelineTest, QuantisingCostsLittle) {
  std::vector<int64_t> Text = tokens("evaluate.txt", 2049);
  simplify();
  double Float = bitsPerCharacter(Text);
  quantize();
  double Integer = bitsPerCharacter(Text);
  fmt::print("bits per character: float {:.4f}, quantised {:.4f} ({:+.2f} %)\n",
             Float, Integer, 100 * (Integer / Float - 1));
  EXPECT_LT(Integer, Float * 1.01);
  // Were it equal to the last digit, nothing would have been quantised.
  EXPECT_NE(Integer, Float);
}

TEST_F(PipelineTest, QuantisingWithoutFusionGivesTheSameKindOfNetwork) {
  mlir::PassManager PM(&Context);
  auto &N = PM.nest<spike::NetworkOp>();
  N.addPass(createInsertReaders());
  N.addPass(createFoldEmbedding());
  ASSERT_TRUE(mlir::succeeded(PM.run(*Module)));
  quantize();
  auto Counts = classifyLinears(network(), Files, 32);
  ASSERT_TRUE(Counts) << print(Counts.errors());
  EXPECT_EQ(Counts->Accumulate, 0u);
}

TEST_F(PipelineTest, QuantisedNetworksAreStableAndFitLoihi2) {
  simplify();
  quantize();
  std::string Once = text();
  mlir::PassManager PM(&Context);
  addQuantizePasses(PM);
  ASSERT_TRUE(mlir::succeeded(PM.run(*Module)));
  EXPECT_EQ(text(), Once) << "quantising again must change nothing";

  auto Counts = classifyLinears(network(), Files, 32);
  ASSERT_TRUE(Counts) << print(Counts.errors());
  // SpikeGPT as built has no matrix that receives spikes.
  EXPECT_EQ(Counts->Accumulate, 0u);
  EXPECT_EQ(Counts->Multiply, 4u * 7u + 1u);
  auto Narrow = classifyLinears(network(), Files, 12);
  ASSERT_FALSE(Narrow);
  EXPECT_EQ(Narrow.errors().front().Kind, ErrorKind::DoesNotFit);

  auto Loihi = ChipSpec::load("loihi");
  ASSERT_TRUE(Loihi) << print(Loihi.errors());
  Status Fixed = checkTarget(network(), *Loihi);
  ASSERT_FALSE(Fixed);
  EXPECT_EQ(exitCode(Fixed.errors()), 3);
  EXPECT_NE(print(Fixed.errors()).find("not programmable"), std::string::npos);
  // The first sentence teaches; there is one of it.
  const Error &First = Fixed.errors().front();
  EXPECT_EQ(First.Rule, "target-kind");
  EXPECT_EQ(First.Kind, ErrorKind::DoesNotFit);
  for (const char *Part :
       {"loihi cannot run this network", "fixed leaky integrate-and-fire",
        "binary events only", "graded events on ", "exp", "division",
        "a target that can (generic, loihi2, loihi2-fitted, spinnaker2, "
        "tiny)"})
    EXPECT_NE(First.format().find(Part), std::string::npos) << Part;
  // Each lack is told once, whatever the number of populations.
  EXPECT_LE(Fixed.errors().size(), 5u);
  EXPECT_EQ(
      std::count_if(Fixed.errors().begin(), Fixed.errors().end(),
                    [](const Error &E) { return E.Rule == "target-kind"; }),
      1);

  // Loihi 2 calculates in integers: the programs as they are do not run there.
  auto Loihi2 = ChipSpec::load("loihi2");
  ASSERT_TRUE(Loihi2) << print(Loihi2.errors());
  EXPECT_NE(print(checkTarget(network(), *Loihi2).errors())
                .find("[target-arithmetic]"),
            std::string::npos);
  expandFunctions(network());
  assumeValueRanges(network());
  auto Done = toFixedPoint(network(), Loihi2->Neuron);
  ASSERT_TRUE(Done) << print(Done.errors());
  EXPECT_GT(Done->After, Done->Before);
  Status Fits = checkTarget(network(), *Loihi2);
  EXPECT_TRUE(Fits) << print(Fits.errors());
}

TEST_F(PipelineTest, EveryChipThatLacksSomethingSaysAllOfIt) {
  simplify();
  quantize();
  auto Told = [&](const char *Name) {
    auto Chip = ChipSpec::load(Name);
    EXPECT_TRUE(Chip) << print(Chip.errors());
    Status Fits = checkTarget(network(), *Chip);
    EXPECT_EQ(exitCode(Fits.errors()), 3) << Name;
    return print(Fits.errors());
  };
  struct {
    const char *Chip;
    std::vector<const char *> Parts;
  } Lacks[] = {
      {"truenorth",
       {"[target-fixed-neuron]", "[target-payload-kind]",
        "[target-weight-bits]", "weights of at most 1 bit",
        "256 axons to 256 neurons", "4 signed weights"}},
      {"loihi", {"[target-fixed-neuron]", "[target-payload-kind]"}},
      {"loihi-fitted", {"[target-fixed-neuron]", "[target-payload-kind]"}},
      {"darwin3",
       {"[target-instructions]", "class divide", "class exponential",
        "[target-payload-kind]"}},
      {"tianjic", {"[target-fixed-neuron]", "8-bit activation"}},
      {"northpole",
       {"[target-events]", "fixed schedule, without events",
        "binary events on"}},
  };
  for (const auto &[Chip, Parts] : Lacks) {
    std::string Text = Told(Chip);
    for (const char *Part : Parts)
      EXPECT_NE(Text.find(Part), std::string::npos)
          << Chip << " does not say " << Part << ":\n"
          << Text;
  }
  for (const char *Name : {"generic", "spinnaker2", "tiny"}) {
    auto Chip = ChipSpec::load(Name);
    ASSERT_TRUE(Chip);
    EXPECT_TRUE(checkTarget(network(), *Chip)) << Name;
  }
}

TEST_F(PipelineTest, CalibrationNeedsTokensOfTheVocabulary) {
  EXPECT_FALSE(
      calibrate(network(), std::vector<std::vector<int64_t>>(), Files));
  std::vector<std::vector<int64_t>> Windows = {{1, 2, 65}};
  EXPECT_FALSE(calibrate(network(), Windows, Files));
}
} // namespace
