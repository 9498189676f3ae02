//===- LoweringTest.cpp - Networks on roomy and on tiny chips -------------===//

#include "TestNetworks.h"

#include "compiler/lowering/Compile.h"
#include "compiler/lowering/ProgramEncoding.h"

#include "mlir/IR/Verifier.h"

#include <gtest/gtest.h>

#include <set>
#include <unistd.h>

using namespace synfire;
using namespace synfire::compiler;
using synfire::networks::TestNetwork;

namespace {

/// On the tiny chip: more sources than a core has input axons, so that linears
/// are cut by rows as well.
int widthFor(const std::string &Chip) { return Chip == "tiny" ? 2304 : 192; }

std::string told(const Errors &Found) {
  std::string Out;
  for (const Error &E : Found)
    Out += E.format() + "\n";
  return Out;
}

class Lowering : public ::testing::TestWithParam<const char *> {
protected:
  void SetUp() override {
    auto Loaded = ChipSpec::load(GetParam());
    ASSERT_TRUE(Loaded) << told(Loaded.errors());
    Chip = std::make_unique<ChipSpec>(*Loaded);
    Net = std::make_unique<TestNetwork>(::testing::TempDir() + "lowering-" +
                                            std::to_string(getpid()) +
                                            GetParam() + ".bin",
                                        65, widthFor(GetParam()));
    Module = Net->parse(Context.get());
    ASSERT_TRUE(Module);
  }

  std::string print() {
    std::string Out;
    llvm::raw_string_ostream Stream(Out);
    Module->print(Stream);
    return Out;
  }

  std::unique_ptr<mlir::MLIRContext> Context = networks::makeContext();
  std::unique_ptr<ChipSpec> Chip;
  std::unique_ptr<TestNetwork> Net;
  mlir::OwningOpRef<mlir::ModuleOp> Module;
};

TEST_P(Lowering, EveryStageVerifiesAndParsesBack) {
  auto Fit = partitionNetwork(*Module, *Chip);
  ASSERT_TRUE(Fit) << told(Fit.errors());
  ASSERT_TRUE(Fit->fits()) << Fit->table();
  chip::SystemOp System = *systemOf(*Module);
  auto Check = [&](ChipStage Stage) {
    EXPECT_TRUE(mlir::succeeded(mlir::verify(*Module)));
    EXPECT_EQ(told(verifySystem(*Module, *Chip, Stage).errors()), "");
    auto Again =
        mlir::parseSourceString<mlir::ModuleOp>(print(), Context.get());
    EXPECT_TRUE(Again);
  };
  EXPECT_EQ(told(scheduleSystem(System, *Chip).errors()), "");
  Check(ChipStage::Partitioned);
  EXPECT_EQ(told(placeSystem(System, *Chip, Placing::Shuffled, 3).errors()),
            "");
  Check(ChipStage::Placed);
  EXPECT_EQ(told(routeSystem(System, *Chip).errors()), "");
  Check(ChipStage::Routed);
  EXPECT_FALSE(verifySystem(*Module, *Chip, ChipStage::LaidOut));
  EXPECT_EQ(told(assignMemory(System).errors()), "");
  Check(ChipStage::LaidOut);
}

TEST_P(Lowering, TilesHoldEveryWeightOnce) {
  auto Fit = compileToChip(*Module, *Chip);
  ASSERT_TRUE(Fit) << told(Fit.errors());
  ASSERT_TRUE(Fit->fits()) << Fit->table();
  std::map<std::string, int64_t> Area, Expected;
  Module->walk([&](chip::TileOp T) {
    Area[T.getConnection().str()] += T.getRows() * T.getCols();
  });
  Module->walk([&](chip::ConnectionOp C) {
    Expected[C.getName().str()] = C.getRows() * C.getCols();
  });
  EXPECT_EQ(Expected.size(), 3u);
  bool Relays = false;
  Module->walk([&](chip::PopulationOp P) { Relays |= P.getRelay(); });
  EXPECT_EQ(Relays, std::string(GetParam()) == "tiny");
  EXPECT_EQ(Area, Expected);
}

TEST_P(Lowering, SameNetworkSameText) {
  ASSERT_TRUE(compileToChip(*Module, *Chip));
  std::string First = print();
  Module = Net->parse(Context.get());
  ASSERT_TRUE(compileToChip(*Module, *Chip));
  EXPECT_EQ(print(), First);
}

TEST_P(Lowering, APlaceGivenByHandIsKept) {
  ASSERT_TRUE(partitionNetwork(*Module, *Chip));
  chip::SystemOp System = *systemOf(*Module);
  ASSERT_TRUE(scheduleSystem(System, *Chip));
  auto Pinned = *System.getBody().front().getOps<chip::CoreOp>().begin();
  std::string Population;
  int64_t First = 0;
  for (auto Block : Pinned.getBody().front().getOps<chip::BlockOp>()) {
    Population = Block.getPopulation().str();
    First = Block.getFirst();
  }
  ASSERT_FALSE(Population.empty());
  auto Last = placeOf(*Chip, Chip->usableCore(0, Chip->System.UsableCores - 1));
  Pinned.setAt(llvm::ArrayRef<int64_t>(Last));
  ASSERT_TRUE(placeSystem(System, *Chip, Placing::SpaceFilling, 0));
  bool Found = false;
  Module->walk([&](chip::BlockOp Block) {
    if (Block.getPopulation() != Population ||
        int64_t(Block.getFirst()) != First)
      return;
    Found = true;
    auto Core = mlir::cast<chip::CoreOp>(Block->getParentOp());
    EXPECT_EQ(llvm::ArrayRef<int64_t>(Last), *Core.getAt());
  });
  EXPECT_TRUE(Found);
  EXPECT_EQ(told(verifySystem(*Module, *Chip, ChipStage::Placed).errors()), "");
}

INSTANTIATE_TEST_SUITE_P(Chips, Lowering, ::testing::Values("loihi2", "tiny"));

TEST(LoweringFit, TooManyCoresLeaveTheModuleAlone) {
  auto Context = networks::makeContext();
  auto Chip =
      ChipSpec::load("tiny", {"system.max_chips=1", "system.grid_width=1"});
  ASSERT_TRUE(Chip) << told(Chip.errors());
  TestNetwork Net(::testing::TempDir() + std::to_string(getpid()) +
                      "too-large.bin",
                  65, 4096);
  auto Module = Net.parse(Context.get());
  auto Fit = compileToChip(*Module, *Chip);
  ASSERT_TRUE(Fit) << told(Fit.errors());
  EXPECT_FALSE(Fit->fits());
  EXPECT_EQ(Fit->error().Kind, ErrorKind::DoesNotFit);
  EXPECT_TRUE(Module->getBody()->getOps<chip::SystemOp>().empty());
}

/// Encodes every program of the lowered network again from its decoded form.
TEST(ProgramEncoding, EncodingIsCanonical) {
  auto Context = networks::makeContext();
  TestNetwork Net(
      ::testing::TempDir() + std::to_string(getpid()) + "canonical.bin", 6, 40);
  auto Module = Net.parse(Context.get());
  auto Plan = planNetwork(*networkOf(*Module));
  ASSERT_TRUE(Plan) << told(Plan.errors());
  ASSERT_EQ(Plan->Populations.size(), 5u);
  mlir::OpBuilder B = mlir::OpBuilder::atBlockEnd(Module->getBody());
  auto System = chip::SystemOp::create(
      B, B.getUnknownLoc(), B.getStringAttr("s"), B.getStringAttr("t"),
      B.getIntegerAttr(B.getIntegerType(64, false), 0), mlir::IntegerAttr(),
      B.getI64IntegerAttr(1), B.getI64IntegerAttr(0), B.getI64IntegerAttr(1));
  B.setInsertionPointToEnd(&System.getBody().emplaceBlock());
  bool Sigmoid = false, UniformWork = false;
  for (size_t I = 0; I < Plan->Programs.size(); ++I) {
    const EncodedProgram &Code = Plan->Programs[I];
    auto Op = decodeProgram(B, fmt::format("p{}", I), Code);
    ASSERT_TRUE(Op) << told(Op.errors());
    auto Again = encodeProgram(*Op);
    ASSERT_TRUE(Again) << told(Again.errors());
    EXPECT_EQ(Again->key(), Code.key());
    std::set<uint16_t> Uniform, Each;
    for (const isa::Instruction &Step : Code.Code) {
      Sigmoid |= Step.Op == isa::Opcode::SigmoidF;
      UniformWork |= Step.Op == isa::Opcode::MulI && Step.Uniform;
      if (Step.Op != isa::Opcode::Emit && Step.Op != isa::Opcode::StoreState)
        (Step.Uniform ? Uniform : Each).insert(Step.Dst);
    }
    for (uint16_t R : Uniform)
      EXPECT_FALSE(Each.contains(R));
    EXPECT_LE(Code.NumRegisters, 8u);
  }
  EXPECT_TRUE(Sigmoid);
  // Twice the broadcast mean is computed once per block.
  EXPECT_TRUE(UniformWork);
  EXPECT_TRUE(mlir::succeeded(mlir::verify(*Module)));
}

} // namespace
