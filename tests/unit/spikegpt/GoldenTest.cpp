//===- GoldenTest.cpp - Rung R1 = rung R0 on SpikeGPT ---------------------===//
//
// The interpreter on the imported network against vectors that the original
// public code made: every spike equal, logits within 1e-5 (1e-4 for the trained
// network, whose logits are larger).
//
//===----------------------------------------------------------------------===//

#include "compiler/reference/Interpreter.h"
#include "compiler/reference/Quality.h"
#include "models/spikegpt/SpikeGpt.h"
#include "targets/arrays/Npz.h"

#include "mlir/IR/MLIRContext.h"

#include <filesystem>
#include <fmt/format.h>
#include <gtest/gtest.h>

using namespace synfire;
using compiler::Interpreter;
using models::SpikeGptForm;

namespace {
const std::filesystem::path Golden =
    std::filesystem::path(SYNFIRE_SHARED_DIR) / "golden";

std::string print(const Errors &All) {
  std::string Out;
  for (const Error &E : All)
    Out += E.format() + "\n";
  return Out;
}

/// An imported checkpoint, ready to run.
struct Network {
  mlir::MLIRContext Context;
  mlir::OwningOpRef<mlir::ModuleOp> Module;
  std::unique_ptr<compiler::WeightFiles> Files;
  std::unique_ptr<Interpreter> Run;

  void load(const std::filesystem::path &Path,
            SpikeGptForm Form = SpikeGptForm::Training) {
    auto File = checkpoint::Checkpoint::open(Path);
    ASSERT_TRUE(File) << print(File.errors());
    auto Imported = models::importSpikeGpt(&Context, *File, Form);
    ASSERT_TRUE(Imported) << print(Imported.errors());
    Module = std::move(*Imported);
    Files = std::make_unique<compiler::WeightFiles>(Path.parent_path());
    auto Net = *Module->getOps<spike::NetworkOp>().begin();
    auto Made = Interpreter::create(Net, *Files);
    ASSERT_TRUE(Made) << print(Made.errors());
    Run = std::make_unique<Interpreter>(std::move(*Made));
  }
};

compiler::RunOptions recordEvents() {
  compiler::RunOptions Options;
  Options.RecordEvents = true;
  return Options;
}

template <typename T>
std::vector<T> slice(const Array &A, size_t Index) {
  size_t Size = A.numElements() / A.Shape.front();
  auto All = A.as<T>().subspan(Index * Size, Size);
  return {All.begin(), All.end()};
}

/// Number of spikes that differ from [L,2,T,d] (or [T,d] for the embedding).
size_t spikesThatDiffer(const compiler::RunResult &Got,
                        const std::vector<uint8_t> &Spikes,
                        const std::vector<uint8_t> &EmbeddingBits) {
  size_t Size = EmbeddingBits.size(), Differ = 0, Compared = 0;
  for (const compiler::Recording &R : Got.Events) {
    const uint8_t *Want = nullptr;
    unsigned Block = 0, Lif = 0;
    if (R.Name == "emb")
      Want = EmbeddingBits.data();
    else if (std::sscanf(R.Name.c_str(), "blocks.%u.lif%u", &Block, &Lif) == 2)
      Want = Spikes.data() + (Block * 2 + Lif - 1) * Size;
    else
      continue;
    ++Compared;
    for (size_t I = 0; I < Size; ++I)
      Differ += R.Payloads[I] != Want[I];
  }
  EXPECT_EQ(Compared, Spikes.size() / Size + 1) << "a population is missing";
  return Differ;
}

/// Largest difference, absolute or relative, whichever is smaller.
double largestError(const std::vector<float> &Got,
                    const std::vector<float> &Want) {
  EXPECT_EQ(Got.size(), Want.size());
  double Worst = 0;
  for (size_t I = 0; I < std::min(Got.size(), Want.size()); ++I) {
    double Error = std::abs(double(Got[I]) - Want[I]);
    Worst = std::max(Worst, Error / std::max(1.0, std::abs(double(Want[I]))));
  }
  return Worst;
}

class SpikeGptGolden : public testing::TestWithParam<const char *> {};
} // namespace

TEST_P(SpikeGptGolden, EverySpikeAndLogitsWithin1e5) {
  std::string Name = GetParam();
  auto Folder = Golden / "spikegpt";
  if (!std::filesystem::exists(Folder))
    GTEST_SKIP() << "golden vectors are not beside this checkout";
  auto Io = NpzReader::open(Folder / (Name + "_io.npz"));
  ASSERT_TRUE(Io);
  Network Net;
  ASSERT_NO_FATAL_FAILURE(Net.load(Folder / (Name + ".pth")));
  Array Ids = *Io->read("input_ids"), Logits = *Io->read("logits"),
        Spikes = *Io->read("spikes"), Bits = *Io->read("emb_bits");
  for (int64_t B = 0; B < Ids.Shape[0]; ++B) {
    auto Got = Net.Run->run(slice<int64_t>(Ids, B), recordEvents());
    ASSERT_TRUE(Got) << print(Got.errors());
    EXPECT_EQ(spikesThatDiffer(*Got, slice<uint8_t>(Spikes, B),
                               slice<uint8_t>(Bits, B)),
              0u);
    EXPECT_LE(largestError(Got->Logits, slice<float>(Logits, B)), 1e-5);
  }
}

INSTANTIATE_TEST_SUITE_P(Networks, SpikeGptGolden,
                         testing::Values("tiny", "small", "deep7"));

/// The public run form is reproduced where its spikes are decided clearly; it
/// must differ from the training form where the original does.
TEST(SpikeGptRunForm, MatchesThePublicRunForm) {
  auto Folder = Golden / "spikegpt";
  if (!std::filesystem::exists(Folder))
    GTEST_SKIP() << "golden vectors are not beside this checkout";
  for (std::string Name : {"tiny", "deep7"}) {
    auto Io = NpzReader::open(Folder / (Name + "_io.npz"));
    ASSERT_TRUE(Io);
    Network Net;
    ASSERT_NO_FATAL_FAILURE(
        Net.load(Folder / (Name + ".pth"), SpikeGptForm::PublicRun));
    std::string Key =
        Name == "deep7" ? "logits_run_binemb" : "logits_run_public";
    Array Ids = *Io->read("input_ids"), Logits = *Io->read(Key),
          Training = *Io->read("logits");
    auto Got = Net.Run->run(slice<int64_t>(Ids, 0));
    ASSERT_TRUE(Got) << print(Got.errors());
    EXPECT_LE(largestError(Got->Logits, slice<float>(Logits, 0)), 1e-4) << Name;
    EXPECT_GE(largestError(Got->Logits, slice<float>(Training, 0)), 0.1)
        << Name;
  }
}

TEST(SpikeGptTrained, SpikesLogitsAndBitsPerCharacter) {
  auto Folder = Golden / "spikegpt-trained";
  if (!std::filesystem::exists(Folder))
    GTEST_SKIP() << "golden vectors are not beside this checkout";
  auto Io = NpzReader::open(Folder / "eval.npz");
  ASSERT_TRUE(Io);
  Network Net;
  ASSERT_NO_FATAL_FAILURE(Net.load(Folder / "shakespeare.pth"));
  Array Ids = *Io->read("input_ids"), Next = *Io->read("target_ids"),
        Logits = *Io->read("logits"), Spikes = *Io->read("spikes"),
        Bits = *Io->read("emb_bits"), Nll = *Io->read("nll_bits");
  double Got = 0, Want = 0;
  for (int64_t W = 0; W < Ids.Shape[0]; ++W) {
    auto R = Net.Run->run(slice<int64_t>(Ids, W), recordEvents());
    ASSERT_TRUE(R) << print(R.errors());
    if (W < Logits.Shape[0]) {
      EXPECT_EQ(spikesThatDiffer(*R, slice<uint8_t>(Spikes, W),
                                 slice<uint8_t>(Bits, W)),
                0u);
      EXPECT_LE(largestError(R->Logits, slice<float>(Logits, W)), 1e-4);
    }
    auto Measured = compiler::bitsPerToken(R->Logits, slice<int64_t>(Next, W));
    ASSERT_TRUE(Measured);
    Got += *Measured / Ids.Shape[0];
    for (float Bit : slice<float>(Nll, W))
      Want += Bit / Nll.numElements();
  }
  EXPECT_NEAR(Got, Want, 0.002);
}
