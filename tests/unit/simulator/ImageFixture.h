//===- ImageFixture.h - Images built by hand --------------------*- C++ -*-===//
//
// Collects cores, blocks, tiles, flows and axons in any order and writes them
// as an image, grouped and numbered as the format wants.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_TESTS_UNIT_SIMULATOR_IMAGEFIXTURE_H
#define SYNFIRE_TESTS_UNIT_SIMULATOR_IMAGEFIXTURE_H

#include "targets/ChipSpec.h"
#include "targets/Image.h"

#include <bit>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>
#include <unistd.h>
#include <vector>

namespace synfire::sim {

/// A chip of \p Width x \p Height routers with 2 cores each; every action takes
/// a time of its own.
inline ChipSpec makeChip(uint32_t Width = 3, uint32_t Height = 3,
                         bool Multicast = true) {
  ChipSpec S;
  S.Name = "test";
  S.Core.Neurons = 4096;
  S.Noc.Width = Width;
  S.Noc.Height = Height;
  S.Noc.CoresPerRouter = 2;
  S.Noc.Multicast = Multicast;
  S.Noc.LinkWidthBits = 16;
  S.Event.HeaderBits = 32;
  S.System.UsableCores = Width * Height * 2;
  S.System.MaxChips = 1;
  S.System.GridWidth = 1;
  for (unsigned A = 0; A < NumActions; ++A)
    S.Costs.Rows[A].Time = Nanoseconds(0.5 + A);
  S.Noc.HopTime = {S.Costs[Action::HopEastWest].Time,
                   S.Costs[Action::HopNorthSouth].Time};
  S.Costs.Barrier.Base = Nanoseconds(100);
  S.Costs.Barrier.PerTile = Nanoseconds(10);
  return S;
}

/// One instruction in short form.
inline isa::Instruction op(isa::Opcode Op, uint16_t Dst, uint16_t A = 0,
                           uint16_t B = 0, uint16_t C = 0) {
  isa::Instruction I;
  I.Op = Op;
  I.Dst = Dst;
  I.A = A;
  I.B = B;
  I.C = C;
  return I;
}
inline isa::Instruction load(isa::Opcode Op, uint16_t Dst, uint32_t Imm) {
  isa::Instruction I;
  I.Op = Op;
  I.Dst = Dst;
  I.Imm = Imm;
  return I;
}
inline isa::Instruction constant(uint16_t Dst, uint32_t Bits) {
  isa::Instruction I = load(isa::Opcode::Constant, Dst, Bits);
  I.Uniform = 1;
  return I;
}
inline isa::Instruction constant(uint16_t Dst, float Value) {
  return constant(Dst, std::bit_cast<uint32_t>(Value));
}
inline isa::Instruction store(isa::Opcode Op, uint32_t Imm, uint16_t A) {
  isa::Instruction I;
  I.Op = Op;
  I.A = A;
  I.Imm = Imm;
  return I;
}
inline isa::Instruction uniform(isa::Instruction I) {
  I.Uniform = 1;
  return I;
}

class ImageBuilder {
public:
  struct Program {
    std::string Name;
    std::vector<isa::Instruction> Code;
    uint16_t Slots = 1, Params = 0, Outputs = 1, Registers = 32;
    std::vector<float> StateInit;
  };
  struct Block {
    uint32_t Core, Population, FirstNeuron, NumNeurons, Level;
    std::vector<bool> UniformSlots; ///< one per slot
    std::vector<float> Params;
    struct Output {
      uint32_t Stream = 0;
      uint32_t Reduced = 0;
      std::vector<uint32_t> Flows = {};
      uint32_t ReducedIndex = 0;
    };
    std::vector<Output> Outputs;
    uint16_t Sweep = 0;
    image::Held Holds = image::Held::No;
    image::RowRule Rows = image::RowRule::None;
    uint32_t FirstRow = 0;
    bool Largest = false; ///< what its slots keep
    uint32_t ResetEvery = 0, ResetAt = 0;
  };
  struct Tile {
    uint32_t Core, Connection, FirstRow, Rows, FirstCol, Cols, Block, Slot,
        SlotOffset;
    std::vector<std::byte> Weights;
    uint32_t Stride;
    image::WeightFormat Format;
    uint16_t Planes = 0; ///< of a dynamic tile
    uint32_t FirstPosition = 0;
  };
  struct Flow {
    uint32_t Block = image::None, Output = 0; ///< None: the host
    uint32_t Stream = 0;
    uint32_t FirstIndex = 0, NumIndices = 0;
    std::vector<image::HopRecord> Hops;
  };
  struct Axon {
    uint32_t Core, Flow;
    image::AxonKind Kind;
    uint32_t FirstIndex, NumIndices;
    uint32_t Target; ///< tile, or block
    uint32_t Slot;   ///< of the block
    uint32_t Offset;
    uint32_t Table = image::None;
    uint32_t Delay = 0;
  };

  std::vector<Program> Programs;
  std::vector<image::PopulationRecord> Populations;
  std::vector<image::ConnectionRecord> Connections;
  std::vector<image::StreamRecord> Streams;
  std::vector<Block> Blocks;
  std::vector<Tile> Tiles;
  std::vector<Flow> Flows;
  std::vector<Axon> Axons;
  std::vector<float> HostScales;
  std::vector<image::SequenceRecord> Sequence = {{1, 0, 1, 0}};
  std::vector<uint32_t> AxonRows;
  std::vector<image::WindowRecord> Windows;

  uint32_t name(const std::string &Text) {
    auto At = static_cast<uint32_t>(Strings.size());
    Strings += Text;
    Strings.push_back('\0');
    return At;
  }
  uint32_t population(const std::string &Name, uint32_t N, uint32_t Program,
                      bool Relay = false) {
    Populations.push_back({name(Name), N, Program, Relay});
    return static_cast<uint32_t>(Populations.size() - 1);
  }
  uint32_t stream(const std::string &Name, uint32_t N, image::PayloadKind Kind,
                  uint16_t Bits, uint32_t Population) {
    Streams.push_back({name(Name), N, Kind, Bits, Population});
    return static_cast<uint32_t>(Streams.size() - 1);
  }
  /// \p Weight gives the weight of (row, column) of the connection.
  uint32_t tile(uint32_t Connection, uint32_t FirstRow, uint32_t Rows,
                uint32_t FirstCol, uint32_t Cols, uint32_t Core, uint32_t Block,
                uint32_t Slot, uint32_t SlotOffset,
                const std::function<int(uint32_t, uint32_t)> &Weight,
                image::WeightFormat Format = image::WeightFormat::Int8) {
    const uint32_t Bits = image::bitsOf(Format), PerByte = 8 / Bits;
    Tile T{Core,  Connection, FirstRow,   Rows, FirstCol, Cols,
           Block, Slot,       SlotOffset, {},   0,        Format};
    T.Stride = (Cols + PerByte - 1) / PerByte;
    if (Bits != 1)
      T.Stride = (T.Stride + 15) / 16 * 16;
    T.Weights.resize(size_t(T.Stride) * Rows);
    for (uint32_t R = 0; R < Rows; ++R)
      for (uint32_t C = 0; C < Cols; ++C) {
        int W = Weight(FirstRow + R, FirstCol + C);
        T.Weights[T.Stride * R + C / PerByte] |= static_cast<std::byte>(
            (W & ((1 << Bits) - 1)) << (Bits * (C % PerByte)));
      }
    Tiles.push_back(std::move(T));
    return static_cast<uint32_t>(Tiles.size() - 1);
  }
  /// The kernel of a convolution, for targets \p FirstCol on; \p Weight gives
  /// the weight of (row, column) of the kernel.
  uint32_t windowTile(uint32_t Connection, uint32_t FirstCol, uint32_t Cols,
                      uint32_t Core, uint32_t Block, uint32_t Slot,
                      uint32_t SlotOffset,
                      const std::function<int(uint32_t, uint32_t)> &Weight,
                      image::WeightFormat Format = image::WeightFormat::Int8) {
    const image::WindowRecord &W = Windows[Connections[Connection].Window];
    const auto Rows = static_cast<uint32_t>(W.rows());
    const uint32_t Made = tile(Connection, 0, Rows, 0, W.cols(), Core, Block,
                               Slot, SlotOffset, Weight, Format);
    Tile &T = Tiles[Made];
    const uint32_t Short = (W.cols() * image::bitsOf(Format) + 7) / 8;
    std::vector<std::byte> Packed;
    for (uint32_t R = 0; R < Rows; ++R)
      Packed.insert(Packed.end(), T.Weights.begin() + R * T.Stride,
                    T.Weights.begin() + R * T.Stride + Short);
    T.Weights = std::move(Packed);
    T.Stride = Short;
    T.FirstCol = FirstCol;
    T.Cols = Cols;
    return Made;
  }
  uint32_t dynamicTile(Tile T) {
    T.Planes = static_cast<uint16_t>(Sequence[0].Steps);
    T.Stride = (T.Cols * image::bitsOf(T.Format) + 7) / 8;
    Tiles.push_back(std::move(T));
    return static_cast<uint32_t>(Tiles.size() - 1);
  }
  /// A flow from an output of a block (or the host) to \p Cores (and the host),
  /// x first.
  uint32_t flow(const ChipSpec &Spec, Flow F, std::vector<uint32_t> Cores,
                bool ToHost = false) {
    Coord From = Spec.coordOf(
        F.Block == image::None ? Spec.hostRouter()
                               : Spec.routerOf(CoreId{Blocks[F.Block].Core}));
    std::map<uint32_t, image::HopRecord> Hops;
    auto at = [&](Coord C) -> image::HopRecord & {
      uint32_t R = Spec.routerAt(C).Value;
      Hops.try_emplace(R, image::HopRecord{R, 0, 0});
      return Hops[R];
    };
    auto walk = [&](Coord To) -> image::HopRecord & {
      Coord C = From;
      while (C.X != To.X) {
        at(C).Ports |= C.X < To.X ? image::East : image::West;
        C.X += C.X < To.X ? 1 : -1;
      }
      while (C.Y != To.Y) {
        at(C).Ports |= C.Y < To.Y ? image::South : image::North;
        C.Y += C.Y < To.Y ? 1 : -1;
      }
      return at(C);
    };
    for (uint32_t Core : Cores)
      walk(Spec.coordOf(Spec.routerOf(CoreId{Core}))).Cores |=
          1u << Spec.localIndexOf(CoreId{Core});
    if (ToHost)
      walk(Spec.coordOf(Spec.hostRouter())).Ports |= image::Host;
    F.Hops.push_back(at(From));
    for (const auto &[Router, Hop] : Hops)
      if (Router != F.Hops[0].Router)
        F.Hops.push_back(Hop);
    Flows.push_back(std::move(F));
    auto Index = static_cast<uint32_t>(Flows.size() - 1);
    if (Flows[Index].Block != image::None)
      Blocks[Flows[Index].Block].Outputs[Flows[Index].Output].Flows.push_back(
          Index);
    return Index;
  }

  /// Writes the image to a file of its own and opens it.
  Result<image::Image> build() const {
    char Path[] = "/tmp/synfire-image-XXXXXX";
    int File = mkstemp(Path);
    if (File < 0)
      return Error{"", "test", "cannot make a temporary file"};
    close(File);
    Status Written = write(Path);
    if (!Written)
      return Written.errors();
    Result<image::Image> Out = image::Image::open(Path);
    std::remove(Path);
    return Out;
  }

private:
  std::string Strings = std::string(1, '\0');

  Status write(const std::string &Path) const;
};

inline Status ImageBuilder::write(const std::string &Path) const {
  using namespace image;
  std::map<uint32_t, uint32_t> CoreIds; // every core with something on it
  for (const Block &B : Blocks)
    CoreIds[B.Core] = 0;
  for (const Tile &T : Tiles)
    CoreIds[T.Core] = 0;

  std::vector<CoreRecord> CoreRecords;
  std::vector<BlockRecord> BlockRecords;
  std::vector<SlotRecord> SlotRecords;
  std::vector<OutputRecord> OutputRecords;
  std::vector<TileRecord> TileRecords;
  std::vector<AxonRecord> AxonRecords;
  std::vector<FlowRecord> FlowRecords;
  std::vector<HopRecord> HopRecords;
  std::vector<std::byte> Memory;
  std::vector<uint32_t> FirstSlot(Blocks.size()), FirstOutput(Blocks.size()),
      TileIndex(Tiles.size()), FlowIndex(Flows.size());

  auto align = [&](size_t To) {
    Memory.resize((Memory.size() + To - 1) / To * To);
  };
  auto append = [&](std::span<const std::byte> Bytes) {
    Memory.insert(Memory.end(), Bytes.begin(), Bytes.end());
  };
  for (auto &[Id, Index] : CoreIds) {
    CoreRecord C{};
    align(64);
    C.Core = Id;
    C.MemoryOffset = Memory.size();
    C.FirstBlock = BlockRecords.size();
    for (size_t I = 0; I < Blocks.size(); ++I) {
      const Block &B = Blocks[I];
      if (B.Core != Id)
        continue;
      align(16);
      BlockRecord R{};
      R.Population = B.Population;
      R.FirstNeuron = B.FirstNeuron;
      R.NumNeurons = B.NumNeurons;
      R.Level = B.Level;
      R.FirstSlot = FirstSlot[I] = SlotRecords.size();
      R.NumSlots = B.UniformSlots.size();
      R.FirstOutput = FirstOutput[I] = OutputRecords.size();
      R.NumOutputs = B.Outputs.size();
      R.ParamOffset = Memory.size() - C.MemoryOffset;
      append(std::as_bytes(std::span(B.Params)));
      C.ParameterBytes += B.Params.size() * 4;
      R.Sweep = B.Sweep;
      R.Holds = B.Holds;
      R.Rows = B.Rows;
      R.FirstRow = B.FirstRow;
      R.ResetEvery = B.ResetEvery;
      R.ResetAt = B.ResetAt;
      const uint32_t Depth =
          B.Holds == Held::Each ? Sequence[0].Steps * Sequence[0].Positions : 1;
      for (bool Uniform : B.UniformSlots) {
        if (B.Holds != Held::No)
          C.AccumulatorBytes += (Uniform ? 1 : B.NumNeurons) * Depth * 4;
        SlotRecords.push_back(
            {Uniform ? 1 : B.NumNeurons, Uniform, Depth, B.Largest});
      }
      for (const Block::Output &O : B.Outputs)
        OutputRecords.push_back(
            {O.Stream, O.Reduced, 0, 0, O.Reduced ? 32u : 0u, O.ReducedIndex});
      BlockRecords.push_back(R);
    }
    C.NumBlocks = BlockRecords.size() - C.FirstBlock;
    C.FirstTile = TileRecords.size();
    Index = CoreRecords.size();
    for (size_t I = 0; I < Tiles.size(); ++I) {
      const Tile &T = Tiles[I];
      if (T.Core != Id)
        continue;
      align(16);
      TileIndex[I] = TileRecords.size();
      TileRecords.push_back({T.Connection, T.FirstRow, T.Rows, T.FirstCol,
                             T.Cols, FirstSlot[T.Block] + T.Slot, T.SlotOffset,
                             T.Format, T.Planes,
                             T.Planes ? 0 : Memory.size() - C.MemoryOffset,
                             T.Stride, T.FirstPosition});
      append(T.Weights);
      C.SynapseBytes += T.Weights.size();
      C.DynamicBytes += T.Planes * T.Rows * T.Stride;
    }
    C.NumTiles = TileRecords.size() - C.FirstTile;
    align(16);
    C.MemoryBytes = Memory.size() - C.MemoryOffset;
    CoreRecords.push_back(C);
  }
  // Flows: the host's first, then by output.
  auto addFlow = [&](uint32_t Index) {
    const Flow &F = Flows[Index];
    FlowIndex[Index] = FlowRecords.size();
    bool Host = F.Block == None, ToHost = false;
    for (const HopRecord &H : F.Hops)
      ToHost |= (H.Ports & Port::Host) != 0;
    FlowRecords.push_back({Host ? FlowSource::Host : FlowSource::Output,
                           Host ? F.Stream : FirstOutput[F.Block] + F.Output,
                           Host ? None : Blocks[F.Block].Core,
                           static_cast<uint32_t>(HopRecords.size()),
                           static_cast<uint32_t>(F.Hops.size()), ToHost,
                           F.FirstIndex, F.NumIndices});
    HopRecords.insert(HopRecords.end(), F.Hops.begin(), F.Hops.end());
  };
  for (uint32_t I = 0; I < Flows.size(); ++I)
    if (Flows[I].Block == None)
      addFlow(I);
  for (const CoreRecord &C : CoreRecords)
    for (size_t I = 0; I < Blocks.size(); ++I)
      if (Blocks[I].Core == C.Core)
        for (size_t O = 0; O < Blocks[I].Outputs.size(); ++O) {
          OutputRecord &R = OutputRecords[FirstOutput[I] + O];
          R.FirstFlow = FlowRecords.size();
          R.NumFlows = Blocks[I].Outputs[O].Flows.size();
          for (uint32_t F : Blocks[I].Outputs[O].Flows)
            addFlow(F);
        }
  for (CoreRecord &C : CoreRecords) {
    C.FirstAxon = AxonRecords.size();
    std::multimap<uint32_t, AxonRecord> OfCore;
    for (const Axon &A : Axons)
      if (A.Core == C.Core)
        OfCore.insert(
            {FlowIndex[A.Flow],
             {FlowIndex[A.Flow], A.Kind, A.FirstIndex, A.NumIndices,
              A.Kind == AxonKind::Direct ? FirstSlot[A.Target] + A.Slot
                                         : TileIndex[A.Target],
              A.Offset, A.Table, A.Delay}});
    for (const auto &[Flow, A] : OfCore)
      AxonRecords.push_back(A);
    C.NumAxons = AxonRecords.size() - C.FirstAxon;
  }
  std::vector<ProgramRecord> ProgramRecords;
  std::vector<isa::Instruction> Code;
  std::vector<float> Init;
  std::string Names = Strings;
  for (const Program &P : Programs) {
    ProgramRecord R{};
    R.Name = Names.size();
    Names += P.Name + '\0';
    R.FirstInstruction = Code.size();
    R.NumInstructions = P.Code.size();
    R.FirstStateInit = Init.size();
    R.NumSlots = P.Slots;
    R.NumParams = P.Params;
    R.NumStates = P.StateInit.size();
    R.NumOutputs = P.Outputs;
    R.NumRegisters = P.Registers;
    Code.insert(Code.end(), P.Code.begin(), P.Code.end());
    Init.insert(Init.end(), P.StateInit.begin(), P.StateInit.end());
    ProgramRecords.push_back(R);
  }

  Result<ImageWriter> Made = ImageWriter::create(Path);
  if (!Made)
    return Made.errors();
  Errors All;
  auto keep = [&](Status S) {
    All.insert(All.end(), S.errors().begin(), S.errors().end());
  };
  auto put = [&]<typename R>(SectionKind Kind, const std::vector<R> &Records) {
    keep(Made->appendRecords(Kind, std::span<const R>(Records)));
  };
  keep(Made->appendText(SectionKind::Metadata, "{}"));
  keep(Made->appendText(SectionKind::Target, "name: test\n"));
  keep(Made->append(SectionKind::Strings, 1, std::as_bytes(std::span(Names))));
  put(SectionKind::Populations, Populations);
  put(SectionKind::Connections, Connections);
  put(SectionKind::Streams, Streams);
  put(SectionKind::Programs, ProgramRecords);
  put(SectionKind::Instructions, Code);
  put(SectionKind::StateInit, Init);
  put(SectionKind::Cores, CoreRecords);
  put(SectionKind::Blocks, BlockRecords);
  put(SectionKind::Slots, SlotRecords);
  put(SectionKind::Outputs, OutputRecords);
  put(SectionKind::Tiles, TileRecords);
  put(SectionKind::Axons, AxonRecords);
  put(SectionKind::Flows, FlowRecords);
  put(SectionKind::Hops, HopRecords);
  put(SectionKind::HostScales, HostScales);
  put(SectionKind::Sequence, Sequence);
  put(SectionKind::AxonRows, AxonRows);
  put(SectionKind::Windows, Windows);
  keep(Made->append(SectionKind::CoreMemory, 1, Memory));
  if (All.empty())
    keep(Made->finish());
  return All;
}

} // namespace synfire::sim

#endif // SYNFIRE_TESTS_UNIT_SIMULATOR_IMAGEFIXTURE_H
