// One fault at a time: each is refused under its own rule and names its record.

#include "tests/unit/targets/ImageFixture.h"

#include <gtest/gtest.h>

#include <filesystem>

using namespace synfire;
using namespace synfire::image;
using isa::Opcode;

namespace {

struct Fault {
  const char *Name;
  void (*Make)(ImageParts &);
  const char *Rule;
  const char *Where;
};

const Fault Faults[] = {
    {"PopulationName", [](ImageParts &P) { P.Populations[1].Name = 9999; },
     "image-string", "populations[1]"},
    {"PopulationEmpty", [](ImageParts &P) { P.Populations[0].NumNeurons = 0; },
     "image-dimension", "populations[0]"},
    {"PopulationProgram", [](ImageParts &P) { P.Populations[0].Program = 2; },
     "image-index", "populations[0]"},
    {"RelayFlag", [](ImageParts &P) { P.Populations[0].IsRelay = 2; },
     "image-flag", "populations[0]"},
    {"WeightBits", [](ImageParts &P) { P.Connections[1].WeightBits = 9; },
     "image-weight-bits", "connections[1]"},
    {"HugeConnection", [](ImageParts &P) { P.Connections[0].Rows = ~0u; },
     "image-dimension", "connections[0]"},
    {"StreamKind", [](ImageParts &P) { P.Streams[1].Kind = PayloadKind(6); },
     "image-payload", "streams[1]"},
    {"StreamBits", [](ImageParts &P) { P.Streams[1].PayloadBits = 33; },
     "image-payload", "streams[1]"},
    {"StreamPopulation", [](ImageParts &P) { P.Streams[1].Population = 2; },
     "image-index", "streams[1]"},
    {"StreamNeurons", [](ImageParts &P) { P.Streams[1].NumNeurons = 3; },
     "image-dimension", "streams[1]"},
    {"Registers", [](ImageParts &P) { P.Programs[0].NumRegisters = 4097; },
     "image-register", "programs[0]"},
    {"StateInit", [](ImageParts &P) { P.Programs[0].FirstStateInit = 1; },
     "image-index", "programs[0]"},
    {"SharedCode", [](ImageParts &P) { P.Programs[1].FirstInstruction = 0; },
     "image-index", "programs[1]"},
    {"CodeOfNobody", [](ImageParts &P) { P.Instructions.emplace_back(); },
     "image-index", "programs[2]"},
    {"Opcode", [](ImageParts &P) { P.Instructions[3].Op = Opcode(99); },
     "image-opcode", "instructions[3]"},
    {"ReservedField", [](ImageParts &P) { P.Instructions[3].Reserved = 1; },
     "image-reserved", "instructions[3]"},
    {"UnusedOperand", [](ImageParts &P) { P.Instructions[3].C = 1; },
     "image-reserved", "instructions[3]"},
    {"WritesBeyond", [](ImageParts &P) { P.Instructions[3].Dst = 3; },
     "image-register", "instructions[3]"},
    {"ReadsBeyond", [](ImageParts &P) { P.Instructions[3].B = 3; },
     "image-register", "instructions[3]"},
    {"ReadsUnwritten",
     [](ImageParts &P) { std::swap(P.Instructions[2], P.Instructions[3]); },
     "image-register", "instructions[2]"},
    {"SlotIndex", [](ImageParts &P) { P.Instructions[0].Imm = 1; },
     "image-index", "instructions[0]"},
    {"ParamIndex", [](ImageParts &P) { P.Instructions[1].Imm = 1; },
     "image-index", "instructions[1]"},
    {"StateIndex", [](ImageParts &P) { P.Instructions[4].Imm = 1; },
     "image-index", "instructions[4]"},
    {"OutputIndex", [](ImageParts &P) { P.Instructions[6].Imm = 2; },
     "image-index", "instructions[6]"},
    {"EmitsTwice", [](ImageParts &P) { P.Instructions[6].Imm = 0; },
     "image-program", "instructions[6]"},
    {"UniformOfPerNeuron", [](ImageParts &P) { P.Instructions[9].Uniform = 1; },
     "image-uniform", "instructions[9]"},
    {"UniformState", [](ImageParts &P) { P.Instructions[2].Uniform = 1; },
     "image-uniform", "instructions[2]"},
    {"UniformLoadOfNeuronSlot",
     [](ImageParts &P) { P.Instructions[7].Uniform = 1; }, "image-uniform",
     "blocks[1]"},
    {"NeuronLoadOfUniformSlot",
     [](ImageParts &P) { P.Instructions[8].Uniform = 0; }, "image-uniform",
     "blocks[1]"},
    {"CoreOrder", [](ImageParts &P) { P.Cores[1].Core = 0; }, "image-order",
     "cores[1]"},
    {"CoreBlocks", [](ImageParts &P) { P.Cores[1].NumBlocks = 2; },
     "image-index", "cores[1]"},
    {"CoreTiles", [](ImageParts &P) { P.Cores[0].FirstTile = 1; },
     "image-index", "cores[0]"},
    {"CoreMemoryBeyond", [](ImageParts &P) { P.Cores[1].MemoryBytes = 65; },
     "image-core-memory", "cores[1]"},
    {"CoreMemoryWraps",
     [](ImageParts &P) { P.Cores[1].MemoryBytes = ~uint64_t(0) - 8; },
     "image-core-memory", "cores[1]"},
    {"CoreMemoryOverlaps", [](ImageParts &P) { P.Cores[1].MemoryOffset = 80; },
     "image-core-memory", "cores[1]"},
    {"BlockPopulation", [](ImageParts &P) { P.Blocks[0].Population = 7; },
     "image-index", "blocks[0]"},
    {"BlockNeurons", [](ImageParts &P) { P.Blocks[0].FirstNeuron = ~0u; },
     "image-index", "blocks[0]"},
    {"BlockLevel", [](ImageParts &P) { P.Blocks[0].Level = 3; }, "image-level",
     "blocks[0]"},
    {"BlockSlots", [](ImageParts &P) { P.Blocks[0].NumSlots = 2; },
     "image-program", "blocks[0]"},
    {"Params", [](ImageParts &P) { P.Blocks[0].ParamOffset = 96; },
     "image-core-memory", "blocks[0]"},
    {"ParamsWrap",
     [](ImageParts &P) { P.Blocks[0].ParamOffset = ~uint64_t(0) - 15; },
     "image-core-memory", "blocks[0]"},
    {"Coverage",
     [](ImageParts &P) {
       P.Populations[0].NumNeurons = 5;
       P.Streams[1].NumNeurons = 5;
     },
     "image-coverage", "populations[0]"},
    {"SlotSize", [](ImageParts &P) { P.Slots[1].Size = 3; }, "image-slot",
     "slots[1]"},
    {"SlotDepth", [](ImageParts &P) { P.Slots[1].Depth = 4; }, "image-slot",
     "slots[1]"},
    {"OutputStream", [](ImageParts &P) { P.Outputs[0].Stream = 3; },
     "image-index", "outputs[0]"},
    {"ReducedBits", [](ImageParts &P) { P.Outputs[1].ReducedBits = 33; },
     "image-payload", "outputs[1]"},
    {"TileRows", [](ImageParts &P) { P.Tiles[1].Rows = 5; }, "image-tile",
     "tiles[1]"},
    {"TileCols", [](ImageParts &P) { P.Tiles[1].FirstCol = ~0u; }, "image-tile",
     "tiles[1]"},
    {"TileSlot", [](ImageParts &P) { P.Tiles[1].Slot = 0; }, "image-other-core",
     "tiles[1]"},
    {"TileSlotOffset", [](ImageParts &P) { P.Tiles[1].SlotOffset = 1; },
     "image-tile", "tiles[1]"},
    {"TileStride", [](ImageParts &P) { P.Tiles[1].RowStride = 8; },
     "image-tile", "tiles[1]"},
    {"TileWeights", [](ImageParts &P) { P.Tiles[1].WeightOffset = 16; },
     "image-core-memory", "tiles[1]"},
    {"TileFormat",
     [](ImageParts &P) { P.Tiles[1].Format = WeightFormat::Bit1; },
     "image-tile", "tiles[1]"},
    {"TilePadding", [](ImageParts &P) { P.CoreMemory[96 + 15] = std::byte(1); },
     "image-padding", "tiles[1]"},
    {"FlowSource", [](ImageParts &P) { P.Flows[0].Source = 1; }, "image-index",
     "flows[0]"},
    {"FlowKind", [](ImageParts &P) { P.Flows[0].SourceKind = FlowSource(2); },
     "image-flow", "flows[0]"},
    {"FlowCore", [](ImageParts &P) { P.Flows[2].SourceCore = 0; },
     "image-other-core", "flows[2]"},
    {"FlowIndices", [](ImageParts &P) { P.Flows[1].NumIndices = 2; },
     "image-flow", "flows[1]"},
    {"FlowWithoutHops", [](ImageParts &P) { P.Flows[3].NumHops = 0; },
     "image-index", "flows[3]"},
    {"FlowHostPort", [](ImageParts &P) { P.Flows[0].HostOutput = 1; },
     "image-flow", "flows[0]"},
    {"HostFlowOfPopulation", [](ImageParts &P) { P.Flows[3].Source = 1; },
     "image-index", "flows[3]"},
    {"HopNowhere", [](ImageParts &P) { P.Hops[1].Cores = 0; }, "image-hop",
     "hops[1]"},
    {"HopPort", [](ImageParts &P) { P.Hops[0].Ports = 32; }, "image-hop",
     "hops[0]"},
    {"AxonKind", [](ImageParts &P) { P.Axons[0].Kind = AxonKind(4); },
     "image-axon", "axons[0]"},
    {"AxonFlow", [](ImageParts &P) { P.Axons[2].Flow = 4; }, "image-index",
     "axons[2]"},
    {"AxonRange", [](ImageParts &P) { P.Axons[0].NumIndices = 6; },
     "image-axon", "axons[0]"},
    {"AxonRow", [](ImageParts &P) { P.Axons[1].Offset = 1; }, "image-axon",
     "axons[1]"},
    {"AxonTargetCore", [](ImageParts &P) { P.Axons[1].Target = 0; },
     "image-other-core", "axons[1]"},
    {"AxonOrder", [](ImageParts &P) { std::swap(P.Axons[1], P.Axons[2]); },
     "image-order", "axons[2]"},
    {"AxonLevel", [](ImageParts &P) { P.Blocks[1].Level = 1; }, "image-level",
     "axons[1]"},
    {"HostScales", [](ImageParts &P) { P.HostScales.pop_back(); },
     "image-host-scales", "host-scales"},
    {"InvalidUtf8", [](ImageParts &P) { P.Metadata.push_back('\xff'); },
     "image-utf8", "sections[0]"},
    {"UnterminatedString", [](ImageParts &P) { P.Strings.back() = 'x'; },
     "image-string", "sections[2]"},
};

/// Of the image with attention.
const Fault SequenceFaults[] = {
    {"Steps", [](ImageParts &P) { P.Sequence[0].Steps = 65; }, "image-sequence",
     "sequence[0]"},
    {"TokenSteps", [](ImageParts &P) { P.Sequence[0].Positions = 1u << 30; },
     "image-sequence", "sequence[0]"},
    {"EndlessSweeps", [](ImageParts &P) { P.Sequence[0].Positions = 0; },
     "image-sequence", "sequence[0]"},
    {"EmptySweep", [](ImageParts &P) { P.Sequence[0].Sweeps = 3; },
     "image-sweep", "blocks[5]"},
    {"TwoSequences", [](ImageParts &P) { P.Sequence.push_back(P.Sequence[0]); },
     "image-sequence", "sequence[0]"},
    {"ConnectionKind",
     [](ImageParts &P) { P.Connections[1].Kind = ConnectionKind(4); },
     "image-connection", "connections[1]"},
    {"Heads", [](ImageParts &P) { P.Connections[1].Heads = 0; },
     "image-connection", "connections[1]"},
    {"SharedHeads", [](ImageParts &P) { P.Connections[1].KvHeads = 3; },
     "image-connection", "connections[1]"},
    {"LinearWithHeads", [](ImageParts &P) { P.Connections[0].Heads = 2; },
     "image-connection", "connections[0]"},
    {"PositionsOfKeys", [](ImageParts &P) { P.Sequence[0].Positions = 4; },
     "image-connection", "connections[1]"},
    {"Role", [](ImageParts &P) { P.Streams[0].Role = HostRole(4); },
     "image-role", "streams[0]"},
    {"RoleOfPopulation",
     [](ImageParts &P) { P.Streams[1].Role = HostRole::Type; }, "image-role",
     "streams[1]"},
    {"PositionRole",
     [](ImageParts &P) { P.Streams[0].Role = HostRole::Position; },
     "image-role", "streams[0]"},
    {"BlockSweep", [](ImageParts &P) { P.Blocks[4].Sweep = 2; }, "image-sweep",
     "blocks[4]"},
    {"HeldAtFirst", [](ImageParts &P) { P.Blocks[0].Holds = Held::Last; },
     "image-sweep", "blocks[0]"},
    {"HeldKind", [](ImageParts &P) { P.Blocks[1].Holds = Held(3); },
     "image-sweep", "blocks[1]"},
    {"RowRule", [](ImageParts &P) { P.Blocks[2].Rows = RowRule(3); },
     "image-rows", "blocks[2]"},
    {"RowsBeyond", [](ImageParts &P) { P.Blocks[2].FirstRow = 1; },
     "image-rows", "blocks[2]"},
    {"RowOfNoRule", [](ImageParts &P) { P.Blocks[4].FirstRow = 1; },
     "image-rows", "blocks[4]"},
    {"SweepLevels", [](ImageParts &P) { P.Blocks[0].Level = 1; }, "image-level",
     "blocks[5]"},
    {"HeldDepth", [](ImageParts &P) { P.Slots[1].Depth = 3; }, "image-slot",
     "slots[1]"},
    {"NarrowEntries", [](ImageParts &P) { P.Slots[2].EntryBytes = 2; },
     "image-slot", "slots[2]"},
    {"NoEntries", [](ImageParts &P) { P.Slots[1].EntryBytes = 0; },
     "image-slot", "slots[1]"},
    {"HeldBytes", [](ImageParts &P) { P.Cores[0].AccumulatorBytes = 15; },
     "image-core-use", "cores[0]"},
    {"LargestOfSigned",
     [](ImageParts &P) { P.Streams[3].Kind = PayloadKind::Signed; },
     "image-payload", "outputs[3]"},
    {"ReducedIndex", [](ImageParts &P) { P.Outputs[5].ReducedIndex = 4; },
     "image-index", "outputs[5]"},
    {"ReducedFlow", [](ImageParts &P) { P.Flows[3].FirstIndex = 0; },
     "image-flow", "flows[3]"},
    {"Planes", [](ImageParts &P) { P.Tiles[1].Planes = 1; }, "image-dynamic",
     "tiles[1]"},
    {"PlanesOfWeights", [](ImageParts &P) { P.Tiles[0].Planes = 2; },
     "image-reserved", "tiles[0]"},
    {"FirstPosition", [](ImageParts &P) { P.Tiles[2].FirstPosition = 1; },
     "image-dynamic", "tiles[2]"},
    {"TwoHeads", [](ImageParts &P) { P.Tiles[1].FirstRow = 1; },
     "image-dynamic", "tiles[1]"},
    {"DynamicStride", [](ImageParts &P) { P.Tiles[1].RowStride = 16; },
     "image-dynamic", "tiles[1]"},
    {"DynamicBits",
     [](ImageParts &P) { P.Tiles[1].Format = WeightFormat::Bit1; },
     "image-tile", "tiles[1]"},
    {"UnknownFormat",
     [](ImageParts &P) { P.Tiles[0].Format = WeightFormat(4); }, "image-tile",
     "tiles[0]"},
    {"KeysWithoutRows", [](ImageParts &P) { P.Blocks[2].Rows = RowRule::None; },
     "image-dynamic", "tiles[1]"},
    {"DynamicBytes", [](ImageParts &P) { P.Cores[0].DynamicBytes = 9; },
     "image-core-use", "cores[0]"},
    {"PackedPadding", [](ImageParts &P) { P.CoreMemory[1] = std::byte(1); },
     "image-padding", "tiles[0]"},
    {"WriteOfWeights", [](ImageParts &P) { P.Axons[1].Target = 0; },
     "image-write", "axons[1]"},
    {"WriteBeyond", [](ImageParts &P) { P.Axons[1].Offset = 1; }, "image-axon",
     "axons[1]"},
    {"WideWrite",
     [](ImageParts &P) {
       P.Streams[1].Kind = PayloadKind::Signed;
       P.Streams[1].PayloadBits = 3;
     },
     "image-write", "axons[1]"},
    {"WriteFromHost",
     [](ImageParts &P) { P.Axons[7] = {5, AxonKind::Write, 0, 2, 1, 0}; },
     "image-write", "axons[7]"},
    {"QueryFromHost",
     [](ImageParts &P) { P.Axons[7] = {5, AxonKind::Rows, 0, 2, 1, 0}; },
     "image-dynamic", "axons[7]"},
    {"WrittenTooLate",
     [](ImageParts &P) {
       P.Axons[1].Flow = 1; // what asks the memory writes it
       std::swap(P.Axons[1], P.Axons[2]);
     },
     "image-level", "tiles[1]"},
    {"ReadsAnotherSweep",
     [](ImageParts &P) {
       P.Blocks[1].Holds = Held::No;
       P.Slots[1] = {4, 0, 1};
     },
     "image-sweep", "axons[0]"},
    {"TableBeyond", [](ImageParts &P) { P.Axons[7].Table = 1; }, "image-table",
     "axons[7]"},
    {"TableRow", [](ImageParts &P) { P.AxonRows[2] = 2; }, "image-table",
     "axons[7]"},
    {"TableOffset", [](ImageParts &P) { P.Axons[7].Offset = 1; }, "image-table",
     "axons[7]"},
    {"TableOfMemory", [](ImageParts &P) { P.Axons[3].Table = 0; },
     "image-table", "axons[3]"},
    {"TableOfSlot", [](ImageParts &P) { P.Axons[5].Table = 0; }, "image-table",
     "axons[5]"},
    {"SumIntoLargest", [](ImageParts &P) { P.Outputs[3].Reduced = 1; },
     "image-largest", "axons[5]"},
    {"TileIntoLargest", [](ImageParts &P) { P.Slots[0].Largest = 1; },
     "image-largest", "tiles[0]"},
};

/// Of the image with a convolution.
const Fault WindowFaults[] = {
    {"NoSide", [](ImageParts &P) { P.Windows[0].KernelHeight = 0; },
     "image-window", "windows[0]"},
    {"NoStride", [](ImageParts &P) { P.Windows[0].StrideX = 0; },
     "image-window", "windows[0]"},
    {"NoDilation", [](ImageParts &P) { P.Windows[0].DilationY = 0; },
     "image-window", "windows[0]"},
    {"HugePad", [](ImageParts &P) { P.Windows[0].PadX = ~0u; }, "image-window",
     "windows[0]"},
    {"HugeSource", [](ImageParts &P) { P.Windows[0].SourceHeight = 1u << 30; },
     "image-window", "windows[0]"},
    {"HugeKernel",
     [](ImageParts &P) {
       P.Windows[0].KernelHeight = P.Windows[0].KernelWidth = 1u << 16;
     },
     "image-window", "windows[0]"},
    {"WindowGroups", [](ImageParts &P) { P.Windows[0].Groups = 2; },
     "image-window", "windows[0]"},
    {"SharedTaps", [](ImageParts &P) { P.Windows[0].Shared = 1; },
     "image-window", "windows[0]"},
    {"SharedFlag", [](ImageParts &P) { P.Windows[0].Shared = 2; },
     "image-window", "windows[0]"},
    {"WindowIndex", [](ImageParts &P) { P.Connections[0].Window = 1; },
     "image-index", "connections[0]"},
    {"WindowOfLinear",
     [](ImageParts &P) { P.Connections[0].Kind = ConnectionKind::Linear; },
     "image-connection", "connections[0]"},
    {"WindowSources", [](ImageParts &P) { P.Connections[0].Rows = 5; },
     "image-connection", "connections[0]"},
    {"WindowTargets", [](ImageParts &P) { P.Windows[0].TargetWidth = 3; },
     "image-connection", "connections[0]"},
    {"KernelRows", [](ImageParts &P) { P.Windows[0].KernelWidth = 3; },
     "image-tile", "tiles[0]"},
    {"KernelFirstRow", [](ImageParts &P) { P.Tiles[0].FirstRow = 1; },
     "image-tile", "tiles[0]"},
    {"KernelStride", [](ImageParts &P) { P.Tiles[0].RowStride = 2; },
     "image-tile", "tiles[0]"},
    {"KernelMemory", [](ImageParts &P) { P.Tiles[0].WeightOffset = 16; },
     "image-core-memory", "tiles[0]"},
    {"KernelPlanes", [](ImageParts &P) { P.Tiles[0].Planes = 1; },
     "image-reserved", "tiles[0]"},
    {"TargetsOfTile", [](ImageParts &P) { P.Tiles[0].FirstCol = 1; },
     "image-tile", "tiles[0]"},
    {"RowsOfKernel", [](ImageParts &P) { P.Axons[1].Kind = AxonKind::Rows; },
     "image-axon", "axons[1]"},
    {"WindowOffset", [](ImageParts &P) { P.Axons[1].Offset = 1; }, "image-axon",
     "axons[1]"},
    {"WindowTable", [](ImageParts &P) { P.Axons[1].Table = 0; }, "image-table",
     "axons[1]"},
    {"NoDelayInCircle", [](ImageParts &P) { P.Axons[0].Delay = 0; },
     "image-level", "axons[0]"},
    {"LongDelay", [](ImageParts &P) { P.Axons[1].Delay = 1024; }, "image-delay",
     "axons[1]"},
    {"DelayedDepth", [](ImageParts &P) { P.Slots[0].Depth = 3; }, "image-slot",
     "slots[0]"},
    {"NoDepth", [](ImageParts &P) { P.Slots[0].Depth = 0; }, "image-slot",
     "slots[0]"},
    {"ResetAt", [](ImageParts &P) { P.Blocks[0].ResetAt = 4; }, "image-reset",
     "blocks[0]"},
    {"ResetNever", [](ImageParts &P) { P.Blocks[0].ResetEvery = 0; },
     "image-reset", "blocks[0]"},
    {"Shift", [](ImageParts &P) { P.Instructions[3].Imm = 63; }, "image-shift",
     "instructions[3]"},
    {"EventsOfPopulation",
     [](ImageParts &P) { P.Streams[1].Role = HostRole::Events; }, "image-role",
     "streams[1]"},
};

class ImageFault : public testing::TestWithParam<Fault> {};
class SequenceFault : public testing::TestWithParam<Fault> {};
class WindowFault : public testing::TestWithParam<Fault> {};

/// \p P with \p F is refused under its rule, at its record.
void expectRefused(ImageParts P, const Fault &F) {
  F.Make(P);
  std::string Path = temporaryPath(std::string("fault-") + F.Name + ".sfi");
  ASSERT_TRUE(P.write(Path));
  Result<Image> I = Image::open(Path);
  std::filesystem::remove(Path);
  ASSERT_FALSE(I);
  bool Found = false;
  for (const Error &E : I.errors()) {
    EXPECT_EQ(E.Kind, ErrorKind::BadInput);
    Found |= E.Rule == F.Rule && E.Where.find(F.Where) != std::string::npos;
  }
  EXPECT_TRUE(Found) << "first: " << I.errors().front().format();
}

TEST_P(ImageFault, IsRefusedByName) {
  expectRefused(ImageParts::small(), GetParam());
}
TEST_P(SequenceFault, IsRefusedByName) {
  expectRefused(ImageParts::attention(), GetParam());
}

TEST_P(WindowFault, IsRefusedByName) {
  expectRefused(ImageParts::convolution(), GetParam());
}

INSTANTIATE_TEST_SUITE_P(All, ImageFault, testing::ValuesIn(Faults),
                         [](const auto &Info) { return Info.param.Name; });

INSTANTIATE_TEST_SUITE_P(All, SequenceFault, testing::ValuesIn(SequenceFaults),
                         [](const auto &Info) { return Info.param.Name; });

INSTANTIATE_TEST_SUITE_P(All, WindowFault, testing::ValuesIn(WindowFaults),
                         [](const auto &Info) { return Info.param.Name; });

TEST(ImageCheck, AMemoryIsAskedWithoutDelay) {
  // Writes, and what selects rows.
  for (uint32_t Axon : {1u, 3u}) {
    ImageParts P = ImageParts::attention();
    P.Axons[Axon].Delay = 1;
    std::string Path = temporaryPath("delayed-memory.sfi");
    ASSERT_TRUE(P.write(Path));
    Result<Image> I = Image::open(Path);
    std::filesystem::remove(Path);
    ASSERT_FALSE(I);
    EXPECT_EQ(I.errors().front().Rule, "image-delay");
  }
}

TEST(ImageCheck, AConvolutionIsSoundAndKeepsItsWords) {
  std::string Path = temporaryPath("convolution.sfi");
  ASSERT_TRUE(ImageParts::convolution().write(Path));
  Result<Image> I = Image::open(Path);
  std::filesystem::remove(Path);
  ASSERT_TRUE(I) << I.errors().front().format();
  ASSERT_EQ(I->windows().size(), 1u);
  EXPECT_EQ(I->windows()[0].rows(), 2u);
  EXPECT_EQ(I->windows()[0].cols(), 2u);
  EXPECT_EQ(I->stateInit()[0], 0x7f800001u);
  EXPECT_EQ(I->axons()[0].Delay, 1u);
  EXPECT_EQ(I->blocks()[0].ResetEvery, 4u);
  EXPECT_EQ(I->streams()[0].Role, HostRole::Events);
}

TEST(ImageCheck, AnImageWithAttentionIsSound) {
  std::string Path = temporaryPath("attention.sfi");
  ASSERT_TRUE(ImageParts::attention().write(Path));
  Result<Image> I = Image::open(Path);
  std::filesystem::remove(Path);
  ASSERT_TRUE(I) << I.errors().front().format();
  EXPECT_EQ(I->sequence().Sweeps, 2u);
  EXPECT_EQ(I->axonRows().size(), 3u);
}

TEST(ImageCheck, FaultsOfASectionAreToldTogetherAndCounted) {
  ImageParts P = ImageParts::small();
  P.Hops.assign(P.Hops.size(), HopRecord{0, 64, 0});
  P.Slots[0].Size = P.Slots[1].Size = 77;
  std::string Path = temporaryPath("many.sfi");
  ASSERT_TRUE(P.write(Path));
  Result<Image> I = Image::open(Path);
  ASSERT_FALSE(I);
  EXPECT_EQ(I.errors().size(), 2u);

  P = ImageParts::small();
  P.Populations.assign(30, PopulationRecord{0, 0, 0, 0});
  ASSERT_TRUE(P.write(Path));
  Result<Image> Many = Image::open(Path);
  std::filesystem::remove(Path);
  ASSERT_FALSE(Many);
  EXPECT_EQ(Many.errors().size(), 11u);
  EXPECT_EQ(Many.errors().back().Rule, "image-more");
}

} // namespace
