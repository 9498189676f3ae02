//===- SequenceTest.cpp - Attention and sparse readers on chips -----------===//

#include "SequenceNetworks.h"
#include "TestNetworks.h"

#include "compiler/lowering/Compile.h"

#include "mlir/IR/Verifier.h"

#include <gtest/gtest.h>

#include <set>
#include <unistd.h>

using namespace synfire;
using namespace synfire::compiler;
using namespace synfire::networks;

namespace {

std::string told(const Errors &Found) {
  std::string Out;
  for (const Error &E : Found)
    Out += E.format() + "\n";
  return Out;
}

std::string fileFor(const char *Name) {
  return ::testing::TempDir() + "sequence-" + Name + std::to_string(getpid()) +
         ".bin";
}

/// Lowers \p Net to \p Chip with every stage verified and parsed back.
struct Lowered {
  Lowered(const SequenceNetwork &Net, const std::string &Name,
          const std::vector<std::string> &Set = {}) {
    auto Loaded = ChipSpec::load(Name, Set);
    EXPECT_TRUE(Loaded) << told(Loaded.errors());
    Chip = std::make_unique<ChipSpec>(*Loaded);
    Module = Net.parse(Context.get());
    EXPECT_TRUE(Module);
    if (!Module)
      return;
    auto Made = compileToChip(*Module, *Chip);
    EXPECT_TRUE(Made) << told(Made.errors());
    if (!Made)
      return;
    Fit = *Made;
    if (!Fit.fits())
      return;
    EXPECT_TRUE(mlir::succeeded(mlir::verify(*Module)));
    EXPECT_EQ(told(verifySystem(*Module, *Chip, ChipStage::LaidOut).errors()),
              "");
    std::string Text;
    llvm::raw_string_ostream(Text) << *Module;
    auto Again = mlir::parseSourceString<mlir::ModuleOp>(Text, Context.get());
    EXPECT_TRUE(Again);
    std::string Twice;
    llvm::raw_string_ostream(Twice) << *Again;
    EXPECT_EQ(Text, Twice);
  }

  chip::PopulationOp population(llvm::StringRef Name) {
    chip::PopulationOp Found;
    Module->walk([&](chip::PopulationOp P) {
      if (P.getName() == Name)
        Found = P;
    });
    return Found;
  }

  std::unique_ptr<mlir::MLIRContext> Context = makeContext();
  std::unique_ptr<ChipSpec> Chip;
  mlir::OwningOpRef<mlir::ModuleOp> Module;
  mapping::FitReport Fit;
};

class Sequences : public ::testing::TestWithParam<const char *> {};

TEST_P(Sequences, HeldPopulationsBeginSweeps) {
  BothWays Net(fileFor("both"));
  Lowered L(Net, GetParam());
  ASSERT_TRUE(L.Fit.fits()) << L.Fit.table();
  chip::SystemOp System = *systemOf(*L.Module);
  EXPECT_EQ(System.getSteps(), 2u);
  EXPECT_EQ(System.getPositions(), 8u);
  EXPECT_EQ(System.getSweeps(), 3u);
  for (auto [Name, Sweep] : {std::pair("x", 0u),
                             {"k", 0u},
                             {"q", 1u},
                             {"context", 1u},
                             {"pool", 2u},
                             {"logits", 2u}})
    EXPECT_EQ(L.population(Name).getSweep(), Sweep) << Name;
  // Sums of all token steps, or of the last, as narrow as they are.
  chip::PopulationOp Q = L.population("q"), Pool = L.population("pool");
  EXPECT_EQ((*Q.getDepths())[0], 16);
  EXPECT_EQ(Q.entryBytesOf(0), 2); // 8 x 127: 11 bits
  EXPECT_EQ((*Pool.getDepths())[0], 1);
  EXPECT_EQ(Pool.entryBytesOf(0), 1);
  EXPECT_GT(*Q.getLevel(), *L.population("k").getLevel());
  EXPECT_GT(L.Fit.DynamicBytes, 0u);
}

TEST_P(Sequences, MaximaAndSumsKeepToHeads) {
  BothWays Net(fileFor("heads"));
  Lowered L(Net, GetParam());
  ASSERT_TRUE(L.Fit.fits()) << L.Fit.table();
  chip::PopulationOp Scores = L.population("scores");
  ASSERT_EQ(Scores.getReduced().size(), 2u); // each neuron, and the largest
  EXPECT_TRUE(Scores.sendsLargest(1));
  EXPECT_EQ(Scores.groupsOf(1), 2);
  EXPECT_TRUE(L.population("max").keepsLargest(0));
  L.Module->walk([&](chip::BlockOp B) {
    if (B.getPopulation() == "scores" || B.getPopulation() == "weights") {
      EXPECT_EQ(B.getFirst() / 8, (B.getFirst() + B.getNeurons() - 1) / 8);
    }
  });
}

TEST_P(Sequences, CausalMemoriesAreWrittenBeforeTheyAreAsked) {
  Causal Net(fileFor("causal"));
  Lowered L(Net, GetParam());
  ASSERT_TRUE(L.Fit.fits()) << L.Fit.table();
  EXPECT_LT(*L.population("k").getLevel(), *L.population("q").getLevel());
  EXPECT_LT(*L.population("v").getLevel(), *L.population("weights").getLevel());
  // Two query heads read each written one.
  std::vector<chip::TileOp> Tiles;
  L.Module->walk([&](chip::TileOp T) { Tiles.push_back(T); });
  uint64_t Written = 0;
  L.Module->walk([&](chip::AxonOp A) {
    if (A.getWrites() && Tiles[*A.getTile()].getConnection() == "scores.sum")
      Written += A.getCount();
  });
  EXPECT_GE(Written, 16u); // each of 8 values goes to two heads
  for (chip::TileOp T : Tiles)
    if (T.getConnection() == "scores.sum") {
      EXPECT_EQ(T.getFormat(), chip::Format::Int4);
    }
}

TEST_P(Sequences, SparseLinearsHaveRowsForTheirSourcesOnly) {
  const bool Tiny = std::string(GetParam()) == "tiny";
  Sparse Net(fileFor("sparse"), Tiny ? 1200 : 48);
  Lowered L(Net, GetParam());
  ASSERT_TRUE(L.Fit.fits()) << L.Fit.table();
  std::map<std::string, uint64_t> Area;
  L.Module->walk([&](chip::TileOp T) {
    Area[T.getConnection().str()] += T.getRows() * T.getCols();
  });
  const uint64_t Width = Net.Width, Third = (Width + 2) / 3;
  EXPECT_EQ(Area["w_high"], Third * Width);
  EXPECT_EQ(Area["w_low"], (Width - Third) * Width);
  uint64_t Tables = 0, Sparse = 0;
  L.Module->walk([&](chip::TableOp) { ++Tables; });
  L.Module->walk([&](chip::AxonOp A) { Sparse += A.getTable().has_value(); });
  EXPECT_GE(Tables, 2u);
  EXPECT_LE(Tables, Sparse);
}

INSTANTIATE_TEST_SUITE_P(Chips, Sequences,
                         ::testing::Values("loihi2", "tiny", "spinnaker2"));

TEST(SequenceFit, AttentionNeedsSynapsesThatEventsWrite) {
  Causal Net(fileFor("fixed"));
  Lowered L(Net, "generic", {"core.dynamic_synapses=false"});
  ASSERT_FALSE(L.Fit.fits());
  EXPECT_EQ(L.Fit.Failure->What, mapping::Limit::DynamicSynapses);
  EXPECT_EQ(L.Fit.Failure->Thing, "scores.sum");
  EXPECT_NE(L.Fit.error().Text.find("core.dynamic_synapses must be true"),
            std::string::npos);
}

TEST(SequenceFit, ATooLongContextNamesTheLengthThatFits) {
  // A held neuron keeps a sum of 2 bytes for each of 2 x 20000 token steps.
  BothWays Net(fileFor("long"), 20000);
  Lowered L(Net, "tiny");
  ASSERT_FALSE(L.Fit.fits());
  EXPECT_EQ(L.Fit.Failure->What, mapping::Limit::UnifiedBytes);
  const std::string Text = L.Fit.error().Text;
  const std::string Way = "or sequences of at most ";
  const size_t At = Text.find(Way);
  ASSERT_NE(At, std::string::npos) << Text;
  EXPECT_NE(Text.find("(now 20000)"), std::string::npos) << Text;
  const int Fits = std::stoi(Text.substr(At + Way.size()));
  EXPECT_GT(Fits, 1000); // 16 KiB / 4 bytes, less what else is there
  EXPECT_LT(Fits, 4096);
}

} // namespace
