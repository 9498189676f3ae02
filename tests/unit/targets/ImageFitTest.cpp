// An image against a chip: existing cores, routes on the grid, limits.

#include "targets/ImageFit.h"

#include "tests/unit/targets/ImageFixture.h"

#include <gtest/gtest.h>

#include <filesystem>

using namespace synfire;
using namespace synfire::image;

namespace {

/// Rule of the first fault of \p P on `tiny` with \p Overrides; empty if none.
std::string ruleOf(const ImageParts &P,
                   const std::vector<std::string> &Overrides = {},
                   const std::string &Chip = "tiny") {
  Result<ChipSpec> Spec = ChipSpec::load(Chip, Overrides);
  EXPECT_TRUE(Spec) << Spec.errors().front().format();
  std::string Path = temporaryPath("fit.sfi");
  EXPECT_TRUE(P.write(Path));
  Result<Image> I = Image::open(Path);
  std::filesystem::remove(Path);
  if (!I)
    return I.errors().front().format();
  Status Fits = checkAgainst(*I, *Spec);
  return Fits ? "" : Fits.errors().front().Rule;
}

TEST(ImageFit, SmallImageFits) { EXPECT_EQ(ruleOf(ImageParts::small()), ""); }

TEST(ImageFit, CoreMustExist) {
  ImageParts P = ImageParts::small();
  P.Cores[1].Core = 100000;
  P.Flows[2].SourceCore = 100000;
  EXPECT_EQ(ruleOf(P), "fit-core-id");
  EXPECT_EQ(ruleOf(ImageParts::small(), {"system.usable_cores=1"}),
            "fit-core-id");
}

TEST(ImageFit, RouteMustStayOnTheGrid) {
  for (uint16_t Ports : {Port::North, Port::West}) {
    ImageParts P = ImageParts::small();
    P.Hops[0].Ports = Ports;
    EXPECT_EQ(ruleOf(P), "fit-route") << Ports;
  }
}

TEST(ImageFit, RouteMustBeATreeFromItsSource) {
  ImageParts P = ImageParts::small();
  std::swap(P.Hops[0], P.Hops[1]);
  EXPECT_EQ(ruleOf(P), "fit-route") << "starts elsewhere";
  P = ImageParts::small();
  P.Hops[1].Router = 2;
  EXPECT_EQ(ruleOf(P), "fit-route") << "a hop is missing";
  P = ImageParts::small();
  P.Hops[1] = {1, Port::West, 0};
  EXPECT_EQ(ruleOf(P), "fit-route") << "comes back";
  P = ImageParts::small();
  P.Hops[1].Router = 0;
  EXPECT_EQ(ruleOf(P), "fit-route") << "one router twice";
  P = ImageParts::small();
  P.Hops[0] = {0, 0, 1};
  EXPECT_EQ(ruleOf(P), "fit-route") << "a hop that nothing reaches";
  P = ImageParts::small();
  P.Hops[1].Cores = 2;
  EXPECT_EQ(ruleOf(P), "fit-route") << "a core that does not exist";
}

TEST(ImageFit, BranchesNeedMulticast) {
  ImageParts P = ImageParts::small();
  P.Hops[0].Cores = 1;
  EXPECT_EQ(ruleOf(P), "fit-multicast");
  EXPECT_EQ(ruleOf(P, {"noc.multicast=true"}), "");
}

TEST(ImageFit, LimitsOfACore) {
  ImageParts P = ImageParts::small();
  EXPECT_EQ(ruleOf(P, {"core.neurons=3"}), "fit-core");
  EXPECT_EQ(ruleOf(P, {"core.input_axons=4"}), "fit-core");
  EXPECT_EQ(ruleOf(P, {"core.output_flows=1"}), "fit-core");
  // Synapses are counted as the chip stores them, not as the image says.
  P.Cores[0].SynapseBytes = 20000;
  EXPECT_EQ(ruleOf(P, {"core.unified_bytes=1KiB"}), "");
  EXPECT_EQ(ruleOf(P, {"core.unified_bytes=1KiB", "core.synapse_word_bits=1024",
                       "core.synapse_header_bits=1024"}),
            "fit-core");
}

TEST(ImageFit, ProgramsPayloadsAndWeights) {
  ImageParts P = ImageParts::small();
  EXPECT_EQ(ruleOf(P, {"neuron.program_words=6"}), "fit-program");
  EXPECT_EQ(ruleOf(P, {"neuron.arithmetic=fixed"}), "") << "only integers";
  P.Instructions[3].Op = isa::Opcode::AddF;
  EXPECT_EQ(ruleOf(P, {"neuron.arithmetic=fixed"}), "fit-arithmetic");
  P.Instructions[3].Op = isa::Opcode::AddI;
  EXPECT_EQ(ruleOf(P, {"event.payload_bits=16"}), "fit-payload");
  EXPECT_EQ(ruleOf(P, {"core.weight_bits=[1, 4]"}), "fit-weights");
  EXPECT_EQ(ruleOf(P, {"core.weight_bits=[8]"}), "");
  // Fixed neurons hold no programs to limit, but loihi lacks graded events.
  EXPECT_EQ(ruleOf(P, {}, "loihi"), "fit-payload");
}

} // namespace
