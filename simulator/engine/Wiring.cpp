//===- simulator/engine/Wiring.cpp - What reaches what --------------------===//
//
// The image's own structure (indices, sizes, levels) was checked when it was
// opened; here only what depends on the chip, on the programs and on the routes
// is.
//
//===----------------------------------------------------------------------===//

#include "simulator/engine/WiringBuilder.h"

#include <fmt/core.h>

#include <algorithm>
#include <numeric>
#include <set>

namespace synfire::sim {

using image::None;

/// Slot and payload memory is handed out in whole vectors.
static constexpr uint32_t VectorWords = 16;
static uint64_t roundUp(uint64_t N) {
  return (N + VectorWords - 1) / VectorWords * VectorWords;
}

Status WiringBuilder::checkCores() {
  const uint32_t PerRouter = Spec.Noc.CoresPerRouter;
  const uint64_t Routers =
      uint64_t(Spec.systemWidth()) * Spec.systemHeight(Spec.System.MaxChips);
  std::map<uint32_t, std::set<uint32_t>> RoutersOfChip;
  for (uint32_t I = 0; I < Img.cores().size(); ++I) {
    uint32_t Id = Img.cores()[I].Core;
    if (Id / PerRouter >= Routers)
      return wiringFault(
          fmt::format("core {}", Id), "image-core",
          fmt::format("the chip {} has {} cores; compile for this "
                      "chip or simulate the one it was made for",
                      Spec.Name, Routers * PerRouter));
    CoreIndex[Id] = I;
    RouterId R = Spec.routerOf(CoreId{Id});
    RoutersOfChip[Spec.chipOf(R)].insert(R.Value);
  }
  for (const auto &[Chip, Used] : RoutersOfChip) {
    W.NumChips = std::max(W.NumChips, Chip + 1);
    W.RoutersInUse =
        std::max(W.RoutersInUse, static_cast<uint32_t>(Used.size()));
  }
  for (const image::FlowRecord &F : Img.flows())
    for (const image::HopRecord &H : Img.hops().subspan(F.FirstHop, F.NumHops))
      if (H.Router >= Routers)
        return wiringFault(fmt::format("router {}", H.Router), "image-router",
                           fmt::format("the system has {} routers", Routers));
  return {};
}

std::string WiringBuilder::nameOfProgram(uint32_t P) const {
  return std::string(Img.string(Img.programs()[P].Name));
}

Status WiringBuilder::decodePrograms() {
  for (uint32_t P = 0; P < Img.programs().size(); ++P) {
    const image::ProgramRecord &R = Img.programs()[P];
    Result<ProgramRunner> Made = ProgramRunner::decode(
        R, Img.instructions().subspan(R.FirstInstruction, R.NumInstructions),
        nameOfProgram(P));
    if (!Made)
      return Made.errors();
    W.Programs.push_back(std::move(*Made));
  }
  return {};
}

Status WiringBuilder::planBlocks() {
  W.Blocks.resize(Img.blocks().size());
  W.SlotPlaces.resize(Img.slots().size());
  BlockOfSlot.resize(Img.slots().size());
  W.Outputs.resize(Img.outputs().size());
  for (uint32_t C = 0; C < Img.cores().size(); ++C) {
    const image::CoreRecord &Core = Img.cores()[C];
    for (uint32_t I = 0; I < Core.NumBlocks; ++I)
      if (Status S = planBlock(C, Core.FirstBlock + I); !S)
        return S;
  }
  for (uint32_t I = 0; I < W.Blocks.size(); ++I) {
    uint32_t Level = W.Blocks[I].Level;
    // A block stands one above a block that sends to it.
    if (Level >= W.Blocks.size())
      return wiringFault(
          fmt::format("block {}", I), "image-level",
          fmt::format("level {} of {} blocks", Level, W.Blocks.size()));
    if (Level >= W.Levels.size())
      W.Levels.resize(size_t(Level) + 1);
    W.Levels[Level].push_back(I);
  }
  return {};
}

Status WiringBuilder::planBlock(uint32_t Core, uint32_t Index) {
  const image::BlockRecord &R = Img.blocks()[Index];
  if (R.NumNeurons > Spec.Core.Neurons)
    return wiringFault(
        fmt::format("block {}", Index), "image-fit",
        fmt::format("{} neurons, but a core of {} has {}; compile "
                    "for this chip",
                    R.NumNeurons, Spec.Name, Spec.Core.Neurons));
  BlockPlan &B = W.Blocks[Index];
  B.Core = Core;
  B.Population = R.Population;
  B.Program = Img.populations()[R.Population].Program;
  B.Level = R.Level;
  B.Sweep = R.Sweep;
  B.Holds = R.Holds;
  B.Rows = R.Rows;
  B.FirstRow = R.FirstRow;
  B.ResetEvery = R.ResetEvery;
  B.ResetAt = R.ResetAt;
  B.FirstNeuron = R.FirstNeuron;
  B.NumNeurons = R.NumNeurons;
  B.FirstSlot = R.FirstSlot;
  B.NumSlots = R.NumSlots;
  B.FirstOutput = R.FirstOutput;
  B.NumOutputs = R.NumOutputs;
  B.Params = reinterpret_cast<const uint32_t *>(
      Img.coreMemory().data() + Img.cores()[Core].MemoryOffset + R.ParamOffset);
  B.StatePlace = W.NumStates;
  W.NumStates +=
      roundUp(uint64_t(R.NumNeurons) * Img.programs()[B.Program].NumStates);
  for (uint32_t S = R.FirstSlot; S < R.FirstSlot + R.NumSlots; ++S) {
    BlockOfSlot[S] = Index;
    W.SlotPlaces[S] = B.SlotWords;
    B.SlotWords += static_cast<uint32_t>(roundUp(Img.slots()[S].Size));
  }
  const ProgramRunner &Program = W.Programs[B.Program];
  if (Program.needsSingleNeuron() && B.NumNeurons > 1)
    return wiringFault(
        fmt::format("block {}", Index), "image-uniform",
        fmt::format("program {} reads a parameter or state uniformly, but "
                    "the block has {} neurons",
                    nameOfProgram(B.Program), B.NumNeurons));
  for (uint32_t S : Program.uniformSlots())
    if (!Img.slots()[R.FirstSlot + S].Uniform && B.NumNeurons > 1)
      return wiringFault(
          fmt::format("block {}", Index), "image-uniform",
          fmt::format("program {} reads slot {} uniformly, but the "
                      "slot has one sum per neuron",
                      nameOfProgram(B.Program), S));
  const auto &Counts = Program.counts();
  uint64_t Instructions = std::accumulate(Counts.PerNeuron.begin(),
                                          Counts.PerNeuron.end(), uint64_t(0));
  // A vector instruction on a neuron costs about as much as four synapses.
  B.Work = 4 * (Instructions + 4) * B.NumNeurons;
  for (uint32_t O = R.FirstOutput; O < R.FirstOutput + R.NumOutputs; ++O) {
    OutputPlan &Out = W.Outputs[O];
    Out.Block = Index;
    Out.Stream = Img.outputs()[O].Stream;
    const image::OutputRecord &Record = Img.outputs()[O];
    Out.Reduced = Record.Reduced != 0;
    Out.Largest = Record.Reduced == 2;
    // A sum of spikes is one graded event.
    Out.Counts = Out.Reduced ? SpikeCount::Event
                             : spikeCountOf(Img.streams()[Out.Stream].Kind);
    Out.Indices = Out.Reduced
                      ? IndexRange{Record.ReducedIndex, Record.ReducedIndex + 1}
                      : IndexRange{B.FirstNeuron, B.FirstNeuron + B.NumNeurons};
    Out.Place = W.NumPayloads;
    W.NumPayloads += roundUp(Out.Indices.Last - Out.Indices.First);
  }
  return {};
}

/// Tables of all tiles together have at most this many entries.
static constexpr uint64_t MostTaps = uint64_t(1) << 26;

Status WiringBuilder::planWindow(uint32_t Tile) {
  const image::TileRecord &T = Img.tiles()[Tile];
  const image::ConnectionRecord &C = Img.connections()[T.Connection];
  const image::WindowRecord &Window = Img.windows()[C.Window];
  Taps += WindowPlan::sizeOf(Window, T);
  if (Taps > MostTaps)
    return wiringFault(
        fmt::format("tile {}", Tile), "image-window",
        fmt::format("the convolutions up to this one need tables of "
                    "{} entries, at most {}; cut the network into "
                    "fewer blocks",
                    Taps, MostTaps));
  W.Windows[Tile] = WindowPlan::of(Window, T);
  if (W.DenseProducts[T.Connection] == 0)
    W.DenseProducts[T.Connection] = denseProductsOf(Window);
  return {};
}

Status WiringBuilder::planTiles() {
  W.Steps = std::max(1u, Img.sequence().Steps);
  W.Positions = Img.sequence().Positions;
  W.SkipsZeroWeights = Spec.Core.SkipsZeroWeights;
  W.Dynamic.resize(Img.tiles().size());
  W.Windows.resize(Img.tiles().size());
  W.DenseProducts.resize(Img.connections().size());
  for (uint32_t I = 0; I < W.Dynamic.size(); ++I) {
    const image::TileRecord &T = Img.tiles()[I];
    if (Img.connections()[T.Connection].Kind == image::ConnectionKind::Window) {
      if (Status S = planWindow(I); !S)
        return S;
      continue;
    }
    if (T.Planes == 0)
      continue;
    if (T.Planes != W.Steps)
      return wiringFault(
          fmt::format("tile {}", I), "image-dynamic",
          fmt::format("{} planes, but a token takes {} inner steps", T.Planes,
                      W.Steps));
    DynamicShape &D = W.Dynamic[I];
    D.Keys =
        Img.connections()[T.Connection].Kind == image::ConnectionKind::Keys;
    D.FirstPosition = T.FirstPosition;
    D.Positions = D.Keys ? T.Cols : T.Rows;
    D.Bits = image::bitsOf(T.Format);
    D.Cols = T.Cols;
  }
  return {};
}

Result<Wiring> Wiring::build(const image::Image &Image, const ChipSpec &Spec) {
  WiringBuilder B{Image, Spec};
  if (Status S = B.checkCores(); !S)
    return S.errors();
  if (Status S = B.decodePrograms(); !S)
    return S.errors();
  if (Status S = B.planBlocks(); !S)
    return S.errors();
  if (Status S = B.planTiles(); !S)
    return S.errors();
  if (Status S = B.planFlows(); !S)
    return S.errors();
  for (GivenPlan &G : B.W.Givens)
    G.Sent = unite(std::move(G.Sent));
  if (Status S = B.W.planSweeps(Image); !S)
    return S.errors();
  B.planHost();
  return std::move(B.W);
}

} // namespace synfire::sim
