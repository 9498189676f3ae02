//===- SequenceEmitTest.cpp - Images of attention and sparse readers ------===//

#include "tests/unit/lowering/SequenceNetworks.h"
#include "tests/unit/lowering/TestNetworks.h"

#include "compiler/emit/EmitImage.h"
#include "compiler/emit/ImageToChip.h"
#include "compiler/lowering/Compile.h"
#include "targets/ImageFit.h"
#include "targets/Maths.h"

#include <gtest/gtest.h>

#include <fmt/format.h>
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

std::string baseFor(const std::string &Name) {
  return fmt::format("{}sequence-emit-{}-{}", ::testing::TempDir(), getpid(),
                     Name);
}

/// An image of \p Net on a chip, opened.
struct Emitted {
  Emitted(const SequenceNetwork &Net, const std::string &Target,
          const std::string &Path)
      : Path(Path) {
    auto Loaded = ChipSpec::load(Target);
    EXPECT_TRUE(Loaded) << told(Loaded.errors());
    Chip = std::make_unique<ChipSpec>(*Loaded);
    Module = Net.parse(Context.get());
    auto Fit = compileToChip(*Module, *Chip);
    EXPECT_TRUE(Fit) << told(Fit.errors());
    if (!Fit || !Fit->fits())
      return;
    WeightFiles Files;
    Status S = emitImage(*Module, *Chip, Files, {"{}"}, Path);
    EXPECT_TRUE(S) << told(S.errors());
    auto Opened = image::Image::open(Path);
    EXPECT_TRUE(Opened) << told(Opened.errors());
    if (Opened)
      Image = std::make_unique<image::Image>(*Opened);
  }

  Emitted(const Emitted &) = delete;
  Emitted &operator=(const Emitted &) = delete;
  ~Emitted() { std::remove(Path.c_str()); }

  void roundTrip() {
    EXPECT_EQ(told(image::checkAgainst(*Image, *Chip).errors()), "");
    auto Back = mlir::OwningOpRef<mlir::ModuleOp>(
        mlir::ModuleOp::create(mlir::UnknownLoc::get(Context.get())));
    auto System = imageToChip(*Image, *Chip, *Back);
    ASSERT_TRUE(System) << told(System.errors());
    chip::SystemOp Original = *systemOf(*Module);
    Original.walk([](chip::FlowOp F) { F.removeRateAttr(); });
    std::string Made, Read;
    llvm::raw_string_ostream(Made) << Original;
    llvm::raw_string_ostream(Read) << *System;
    EXPECT_EQ(Read, Made);
  }

  std::string Path;
  std::unique_ptr<mlir::MLIRContext> Context = makeContext();
  std::unique_ptr<ChipSpec> Chip;
  mlir::OwningOpRef<mlir::ModuleOp> Module;
  std::unique_ptr<image::Image> Image;
};

class SequenceEmit : public ::testing::TestWithParam<const char *> {};

TEST_P(SequenceEmit, BothWays) {
  std::string Base = baseFor(std::string("both-") + GetParam());
  BothWays Net(Base + ".bin");
  Emitted E(Net, GetParam(), Base + ".sfi");
  ASSERT_TRUE(E.Image);
  EXPECT_EQ(E.Image->sequence().Steps, 2u);
  EXPECT_EQ(E.Image->sequence().Positions, 8u);
  EXPECT_EQ(E.Image->sequence().Sweeps, 3u);
  EXPECT_EQ(E.Image->streams()[1].Role, image::HostRole::Position);
  uint64_t Planes = 0, Held = 0, Largest = 0, Steps = 0, Errors = 0;
  for (const image::TileRecord &T : E.Image->tiles())
    Planes += T.Planes;
  for (const image::BlockRecord &B : E.Image->blocks())
    Held += B.Holds != image::Held::No;
  for (const image::SlotRecord &S : E.Image->slots())
    Largest += S.Largest;
  for (const isa::Instruction &I : E.Image->instructions()) {
    Steps += I.Op == isa::Opcode::LoadStep;
    Errors += I.Op == isa::Opcode::ErfF;
  }
  EXPECT_GE(Planes, 2u * 4); // keys and values of two heads
  EXPECT_GE(Held, 3u);
  EXPECT_GE(Largest, 1u);
  EXPECT_EQ(Steps, 1u);
  EXPECT_EQ(Errors, 1u);
  E.roundTrip();
}

TEST_P(SequenceEmit, Causal) {
  std::string Base = baseFor(std::string("causal-") + GetParam());
  Causal Net(Base + ".bin");
  Emitted E(Net, GetParam(), Base + ".sfi");
  ASSERT_TRUE(E.Image);
  bool Planes = false;
  for (const image::StreamRecord &S : E.Image->streams())
    Planes |= S.Kind == image::PayloadKind::Planes && S.PayloadBits == 4;
  EXPECT_TRUE(Planes);
  E.roundTrip();
}

/// Every weight of a source that has synapses lies where its axon leads, at the
/// stored width.
TEST_P(SequenceEmit, SparseWeightsAreFoundThroughTheirTables) {
  const bool Tiny = std::string(GetParam()) == "tiny";
  std::string Base = baseFor(std::string("sparse-") + GetParam());
  Sparse Net(Base + ".bin", Tiny ? 1200 : 48);
  Emitted E(Net, GetParam(), Base + ".sfi");
  ASSERT_TRUE(E.Image);
  const image::Image &I = *E.Image;
  std::map<std::string, uint64_t> Seen;
  for (const image::CoreRecord &Core : I.cores())
    for (const image::AxonRecord &A :
         I.axons().subspan(Core.FirstAxon, Core.NumAxons)) {
      if (A.Table == image::None)
        continue;
      const image::TileRecord &T = I.tiles()[A.Target];
      const std::string Name(I.string(I.connections()[T.Connection].Name));
      const bool High = Name == "w_high";
      EXPECT_EQ(T.Format,
                High ? image::WeightFormat::Int4 : image::WeightFormat::Int2);
      const std::vector<float> &W = Net.Weights.at(Name);
      const uint32_t Width = Net.Width, Bits = image::bitsOf(T.Format);
      std::vector<float> Scale(T.Cols, 0);
      for (uint32_t C = 0; C < T.Cols; ++C) {
        for (uint32_t S = 0; S < Width; ++S)
          Scale[C] =
              std::max(Scale[C], std::fabs(W[(T.FirstCol + C) * Width + S]));
        Scale[C] /= (1 << (Bits - 1)) - 1;
      }
      for (uint32_t K = 0; K < A.NumIndices; ++K) {
        const uint32_t Row = I.axonRows()[A.Table + K];
        const uint32_t Source = A.FirstIndex + K;
        ASSERT_EQ(Row != image::None, (Source % 3 == 0) == High) << Source;
        if (Row == image::None)
          continue;
        const auto *Bytes = reinterpret_cast<const uint8_t *>(
            I.coreMemory().data() + Core.MemoryOffset + T.WeightOffset +
            uint64_t(Row) * T.RowStride);
        for (uint32_t C = 0; C < T.Cols; ++C) {
          const uint32_t Field =
              Bytes[C * Bits / 8] >> (C * Bits % 8) & ((1u << Bits) - 1);
          const int Code =
              Field >> (Bits - 1) ? int(Field) - (1 << Bits) : int(Field);
          ASSERT_EQ(Code,
                    maths::quantizeSymmetric(
                        W[(T.FirstCol + C) * Width + Source], Scale[C], Bits));
          ++Seen[Name];
        }
      }
    }
  const uint64_t Width = Net.Width, Third = (Width + 2) / 3;
  EXPECT_EQ(Seen["w_high"], Third * Width);
  EXPECT_EQ(Seen["w_low"], (Width - Third) * Width);
  E.roundTrip();
}

INSTANTIATE_TEST_SUITE_P(Chips, SequenceEmit,
                         ::testing::Values("generic", "tiny", "spinnaker2"));

} // namespace
