//===- EmitTest.cpp - Images hold what the network says -------------------===//

#include "tests/unit/lowering/TestNetworks.h"

#include "compiler/emit/EmitImage.h"
#include "compiler/emit/ImageToChip.h"
#include "compiler/emit/NetworkSection.h"
#include "compiler/lowering/Compile.h"
#include "targets/Maths.h"

#include <gtest/gtest.h>

#include <fmt/format.h>
#include <fstream>
#include <iterator>
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

std::string bytesOf(const std::string &Path) {
  std::ifstream In(Path, std::ios::binary);
  return {std::istreambuf_iterator<char>(In), {}};
}

class Emit : public ::testing::TestWithParam<const char *> {
protected:
  void SetUp() override {
    auto Loaded = ChipSpec::load(GetParam());
    ASSERT_TRUE(Loaded) << told(Loaded.errors());
    Chip = std::make_unique<ChipSpec>(*Loaded);
    std::string Base =
        fmt::format("{}emit-{}-{}", ::testing::TempDir(), getpid(), GetParam());
    Net =
        std::make_unique<TestNetwork>(Base + ".bin", 65, widthFor(GetParam()));
    Path = Base + ".sfi";
    Module = Net->parse(Context.get());
    ASSERT_TRUE(Module);
    auto Fit = compileToChip(*Module, *Chip);
    ASSERT_TRUE(Fit) << told(Fit.errors());
    ASSERT_TRUE(Fit->fits()) << Fit->table();
    WeightFiles Files;
    Status S = emitImage(*Module, *Chip, Files, {"{}"}, Path);
    ASSERT_TRUE(S) << told(S.errors());
    auto Opened = image::Image::open(Path);
    ASSERT_TRUE(Opened) << told(Opened.errors());
    Image = std::make_unique<image::Image>(*Opened);
  }
  void TearDown() override {
    for (const char *Ending : {"", ".again", ".failed"})
      std::remove((Path + Ending).c_str());
  }

  std::unique_ptr<mlir::MLIRContext> Context = networks::makeContext();
  std::unique_ptr<ChipSpec> Chip;
  std::unique_ptr<TestNetwork> Net;
  std::string Path;
  mlir::OwningOpRef<mlir::ModuleOp> Module;
  std::unique_ptr<image::Image> Image;
};

TEST_P(Emit, EveryWeightIsStoredOnceWithItsCode) {
  std::map<std::string, std::vector<int>> Times;
  for (const image::CoreRecord &Core : Image->cores())
    for (const image::TileRecord &T :
         Image->tiles().subspan(Core.FirstTile, Core.NumTiles)) {
      const image::ConnectionRecord &C = Image->connections()[T.Connection];
      std::string Name(Image->string(C.Name));
      auto &Count = Times[Name];
      Count.resize(size_t(C.Rows) * C.Cols);
      const std::vector<float> &Stored =
          Name == "hidden" ? Net->Hidden : Net->Head;
      auto Scale = [&](uint32_t Target) {
        float Most = 0;
        for (uint32_t J = 0; J < C.Rows; ++J)
          Most = std::max(Most, std::fabs(Stored[size_t(Target) * C.Rows + J]));
        return Most / 127.0f;
      };
      for (uint32_t K = 0; K < T.Cols; ++K) {
        uint32_t Target = T.FirstCol + K;
        float Step = Name == "emb.sum" ? 1.0f : Scale(Target);
        for (uint32_t J = 0; J < T.Rows; ++J) {
          uint32_t Source = T.FirstRow + J;
          ++Count[size_t(Source) * C.Cols + Target];
          const std::byte *Row = Image->coreMemory().data() +
                                 Core.MemoryOffset + T.WeightOffset +
                                 size_t(J) * T.RowStride;
          int Found = T.Format == image::WeightFormat::Int8
                          ? static_cast<int8_t>(Row[K])
                          : static_cast<int>(Row[K / 8] >> (K % 8)) & 1;
          int Expected =
              Name == "emb.sum"
                  ? Net->Table[size_t(Source) * C.Cols + Target] >= 0
                  : maths::quantizeSymmetric(
                        Stored[size_t(Target) * C.Rows + Source], Step, 8);
          ASSERT_EQ(Found, Expected) << Name << " " << Source << " " << Target;
        }
      }
    }
  ASSERT_EQ(Times.size(), 3u);
  for (const auto &[Name, Count] : Times)
    for (int N : Count)
      ASSERT_EQ(N, 1) << Name;
}

TEST_P(Emit, ParametersAndScalesAreThere) {
  bool Seen = false;
  for (const image::CoreRecord &Core : Image->cores())
    for (const image::BlockRecord &B :
         Image->blocks().subspan(Core.FirstBlock, Core.NumBlocks)) {
      const image::PopulationRecord &P = Image->populations()[B.Population];
      if (Image->string(P.Name) != "out")
        continue;
      Seen = true;
      auto *Values = reinterpret_cast<const float *>(
          Image->coreMemory().data() + Core.MemoryOffset + B.ParamOffset);
      for (uint32_t I = 0; I < B.NumNeurons; ++I)
        ASSERT_EQ(Values[I], Net->Gain[B.FirstNeuron + I]);
    }
  EXPECT_TRUE(Seen);
  EXPECT_EQ(Image->hostScales().size(), size_t(Net->Vocabulary));
}

TEST_P(Emit, SameBytesTwice) {
  WeightFiles Files;
  std::string Other = Path + ".again";
  ASSERT_TRUE(emitImage(*Module, *Chip, Files, {"{}"}, Other));
  EXPECT_EQ(bytesOf(Other), bytesOf(Path));
}

TEST_P(Emit, AFailureLeavesNothingBehind) {
  std::remove(Net->File.c_str());
  WeightFiles Files;
  std::string Other = Path + ".failed";
  EXPECT_FALSE(emitImage(*Module, *Chip, Files, {"{}"}, Other));
  EXPECT_FALSE(std::ifstream(Other).good());
}

TEST_P(Emit, ImageAndChipIrAreARoundTrip) {
  auto Back = mlir::OwningOpRef<mlir::ModuleOp>(
      mlir::ModuleOp::create(mlir::UnknownLoc::get(Context.get())));
  auto System = imageToChip(*Image, *Chip, *Back);
  ASSERT_TRUE(System) << told(System.errors());
  chip::SystemOp Original = *systemOf(*Module);
  // An image does not hold the expected rate of flows.
  Original.walk([](chip::FlowOp F) { F.removeRateAttr(); });
  auto Print = [](chip::SystemOp Op) {
    std::string Out;
    llvm::raw_string_ostream Stream(Out);
    Op.print(Stream);
    return Out;
  };
  EXPECT_EQ(Print(*System), Print(Original));
}

TEST_P(Emit, TheNetworkCanBeReadBack) {
  auto Other = networks::makeContext();
  auto Network = readNetwork(*Image, Other.get());
  ASSERT_TRUE(Network) << told(Network.errors());
  auto Print = [](spike::NetworkOp Op) {
    std::string Out;
    llvm::raw_string_ostream Stream(Out);
    Op.print(Stream);
    return Out;
  };
  EXPECT_EQ(Print(*networkOf(**Network)), Print(*networkOf(*Module)));
}

INSTANTIATE_TEST_SUITE_P(Chips, Emit, ::testing::Values("loihi2", "tiny"));

} // namespace
