//===- simulator/engine/Wiring.cpp - What reaches what --------------------===//
//
// The image's own structure (indices, sizes, levels) was checked when it was
// opened; here only what depends on the chip, on the programs and on the routes
// is.
//
//===----------------------------------------------------------------------===//

#include "simulator/engine/Wiring.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

namespace synfire::sim {
namespace {

using image::None;

/// Slot and payload memory is handed out in whole vectors.
constexpr uint32_t VectorWords = 16;
uint64_t roundUp(uint64_t N) {
  return (N + VectorWords - 1) / VectorWords * VectorWords;
}

/// What of \p Whole is in none of the disjoint ascending \p Parts.
std::vector<IndexRange> without(IndexRange Whole,
                                std::span<const IndexRange> Parts) {
  std::vector<IndexRange> Out;
  uint32_t Next = Whole.First;
  for (IndexRange P : Parts) {
    if (P.First > Next)
      Out.push_back({Next, P.First});
    Next = std::max(Next, P.Last);
  }
  if (Next < Whole.Last)
    Out.push_back({Next, Whole.Last});
  return Out;
}

Error fault(std::string Where, std::string Rule, std::string Text) {
  return {std::move(Where), std::move(Rule), std::move(Text),
          ErrorKind::BadInput};
}

/// Bits that hold every payload of \p Stream with its sign.
uint32_t signedBits(const image::StreamRecord &Stream) {
  if (Stream.Kind == image::PayloadKind::Binary ||
      Stream.Kind == image::PayloadKind::Ternary)
    return 2;
  const bool Signed = Stream.Kind == image::PayloadKind::Signed;
  return Stream.PayloadBits + (Signed ? 0u : 1u);
}

struct Builder {
  const image::Image &Img;
  const ChipSpec &Spec;
  Wiring W;
  std::map<uint32_t, uint32_t> CoreIndex; ///< core id -> index
  std::vector<uint32_t> BlockOfSlot;
  uint64_t Taps = 0; ///< entries of the tables of convolutions

  Status checkCores() {
    const uint32_t PerRouter = Spec.Noc.CoresPerRouter;
    const uint64_t Routers =
        uint64_t(Spec.systemWidth()) * Spec.systemHeight(Spec.System.MaxChips);
    std::map<uint32_t, std::set<uint32_t>> RoutersOfChip;
    for (uint32_t I = 0; I < Img.cores().size(); ++I) {
      uint32_t Id = Img.cores()[I].Core;
      if (Id / PerRouter >= Routers)
        return fault(fmt::format("core {}", Id), "image-core",
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
      for (const image::HopRecord &H :
           Img.hops().subspan(F.FirstHop, F.NumHops))
        if (H.Router >= Routers)
          return fault(fmt::format("router {}", H.Router), "image-router",
                       fmt::format("the system has {} routers", Routers));
    return {};
  }

  std::string nameOfProgram(uint32_t P) const {
    return std::string(Img.string(Img.programs()[P].Name));
  }

  Status decodePrograms() {
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

  Status planBlocks() {
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
        return fault(
            fmt::format("block {}", I), "image-level",
            fmt::format("level {} of {} blocks", Level, W.Blocks.size()));
      if (Level >= W.Levels.size())
        W.Levels.resize(size_t(Level) + 1);
      W.Levels[Level].push_back(I);
    }
    return {};
  }

  Status planBlock(uint32_t Core, uint32_t Index) {
    const image::BlockRecord &R = Img.blocks()[Index];
    if (R.NumNeurons > Spec.Core.Neurons)
      return fault(fmt::format("block {}", Index), "image-fit",
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
        Img.coreMemory().data() + Img.cores()[Core].MemoryOffset +
        R.ParamOffset);
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
      return fault(
          fmt::format("block {}", Index), "image-uniform",
          fmt::format("program {} reads a parameter or state uniformly, but "
                      "the block has {} neurons",
                      nameOfProgram(B.Program), B.NumNeurons));
    for (uint32_t S : Program.uniformSlots())
      if (!Img.slots()[R.FirstSlot + S].Uniform && B.NumNeurons > 1)
        return fault(fmt::format("block {}", Index), "image-uniform",
                     fmt::format("program {} reads slot {} uniformly, but the "
                                 "slot has one sum per neuron",
                                 nameOfProgram(B.Program), S));
    const auto &Counts = Program.counts();
    uint64_t Instructions = std::accumulate(
        Counts.PerNeuron.begin(), Counts.PerNeuron.end(), uint64_t(0));
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
      Out.Indices =
          Out.Reduced ? IndexRange{Record.ReducedIndex, Record.ReducedIndex + 1}
                      : IndexRange{B.FirstNeuron, B.FirstNeuron + B.NumNeurons};
      Out.Place = W.NumPayloads;
      W.NumPayloads += roundUp(Out.Indices.Last - Out.Indices.First);
    }
    return {};
  }

  uint32_t messageBitsOf(uint32_t Stream, const image::FlowRecord &F) const {
    if (F.SourceKind == image::FlowSource::Output &&
        Img.outputs()[F.Source].Reduced)
      return Spec.Event.HeaderBits + Img.outputs()[F.Source].ReducedBits;
    const image::StreamRecord &S = Img.streams()[Stream];
    const bool Bare = S.Kind == image::PayloadKind::Binary ||
                      spikeCountOf(S.Kind) != SpikeCount::Event;
    return Spec.Event.HeaderBits + (Bare ? 0 : S.PayloadBits);
  }

  /// Tables of all tiles together have at most this many entries.
  static constexpr uint64_t MostTaps = uint64_t(1) << 26;

  Status planWindow(uint32_t Tile) {
    const image::TileRecord &T = Img.tiles()[Tile];
    const image::ConnectionRecord &C = Img.connections()[T.Connection];
    const image::WindowRecord &Window = Img.windows()[C.Window];
    Taps += WindowPlan::sizeOf(Window, T);
    if (Taps > MostTaps)
      return fault(fmt::format("tile {}", Tile), "image-window",
                   fmt::format("the convolutions up to this one need tables of "
                               "{} entries, at most {}; cut the network into "
                               "fewer blocks",
                               Taps, MostTaps));
    W.Windows[Tile] = WindowPlan::of(Window, T);
    if (W.DenseProducts[T.Connection] == 0)
      W.DenseProducts[T.Connection] = denseProductsOf(Window);
    return {};
  }

  /// The host's events of a stream, by index into Wiring::Givens.
  uint32_t givenOf(uint32_t Stream) {
    for (uint32_t I = 0; I < W.Givens.size(); ++I)
      if (W.Givens[I].Stream == Stream)
        return I;
    W.Givens.push_back({Stream, spikeCountOf(Img.streams()[Stream].Kind), {}});
    return static_cast<uint32_t>(W.Givens.size() - 1);
  }

  Status planTiles() {
    W.Steps = std::max(1u, Img.sequence().Steps);
    W.Positions = Img.sequence().Positions;
    W.SkipsZeroWeights = Spec.Core.SkipsZeroWeights;
    W.Dynamic.resize(Img.tiles().size());
    W.Windows.resize(Img.tiles().size());
    W.DenseProducts.resize(Img.connections().size());
    for (uint32_t I = 0; I < W.Dynamic.size(); ++I) {
      const image::TileRecord &T = Img.tiles()[I];
      if (Img.connections()[T.Connection].Kind ==
          image::ConnectionKind::Window) {
        if (Status S = planWindow(I); !S)
          return S;
        continue;
      }
      if (T.Planes == 0)
        continue;
      if (T.Planes != W.Steps)
        return fault(fmt::format("tile {}", I), "image-dynamic",
                     fmt::format("{} planes, but a token takes {} inner steps",
                                 T.Planes, W.Steps));
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

  Status planFlows() {
    std::vector<FlowWalk> Walks;
    std::set<Link> AllLinks;
    for (const image::FlowRecord &F : Img.flows()) {
      Walks.push_back(walkFlow(F, Img.hops(), Spec));
      AllLinks.insert(Walks.back().Links.begin(), Walks.back().Links.end());
    }
    std::map<Link, uint32_t> LinkIndex;
    for (const Link &L : AllLinks) {
      LinkIndex[L] = static_cast<uint32_t>(W.Links.size());
      W.Links.push_back({L, crossesChips(L, Spec)});
    }
    W.Flows.resize(Img.flows().size());
    for (uint32_t I = 0; I < W.Flows.size(); ++I)
      if (Status S = planFlow(I, Walks[I], LinkIndex); !S)
        return S;
    return {};
  }

  Status planFlow(uint32_t Index, const FlowWalk &Walk,
                  const std::map<Link, uint32_t> &LinkIndex) {
    const image::FlowRecord &R = Img.flows()[Index];
    FlowPlan &F = W.Flows[Index];
    F.Indices = {R.FirstIndex, R.FirstIndex + R.NumIndices};
    if (R.SourceKind == image::FlowSource::Host) {
      F.Stream = R.Source;
      F.Role = Img.streams()[R.Source].Role;
      if (F.Role == image::HostRole::Events) {
        F.Given = givenOf(F.Stream);
        F.Counts = W.Givens[F.Given].Counts;
        W.Givens[F.Given].Sent.push_back(F.Indices);
      }
    } else {
      const OutputPlan &O = W.Outputs[R.Source];
      F.Output = R.Source;
      F.Stream = O.Stream;
      F.Counts = O.Counts;
      F.Core = W.Blocks[O.Block].Core;
      F.Level = W.Blocks[O.Block].Level;
      F.Indices = intersect(F.Indices, O.Indices);
    }
    for (const Link &L : Walk.Links)
      F.Links.push_back(LinkIndex.at(L));
    F.DeadEnds = Walk.DeadEnds;
    // Nothing but outputs leaves for the host.
    F.ReachesHost = Walk.ReachesHost && F.Output != None;
    F.DeadEnds += Walk.ReachesHost && F.Output == None;
    F.Latency = Walk.Latency;
    F.MessageBits = messageBitsOf(F.Stream, R);
    F.FirstArrival = static_cast<uint32_t>(W.Arrivals.size());
    for (CoreId C : Walk.Cores)
      if (Status S = planArrival(Index, C); !S)
        return S;
    F.NumArrivals = static_cast<uint32_t>(W.Arrivals.size()) - F.FirstArrival;
    uint32_t Destinations = F.DeadEnds + (F.ReachesHost ? 1 : 0);
    for (uint32_t A = 0; A < F.NumArrivals; ++A)
      Destinations += W.Arrivals[F.FirstArrival + A].IsMessage;
    F.MessagesOut =
        Spec.Noc.Multicast ? std::min(Destinations, 1u) : Destinations;
    return {};
  }

  Status planArrival(uint32_t Flow, CoreId Core) {
    const FlowPlan &F = W.Flows[Flow];
    ArrivalPlan A;
    A.Flow = Flow;
    auto Arrival = static_cast<uint32_t>(W.Arrivals.size());
    bool OnlyDirect = true;
    std::vector<IndexRange> Taken;
    if (auto Found = CoreIndex.find(Core.Value); Found != CoreIndex.end()) {
      A.Core = Found->second;
      const image::CoreRecord &R = Img.cores()[A.Core];
      auto Axons = Img.axons().subspan(R.FirstAxon, R.NumAxons);
      auto [First, Last] =
          std::ranges::equal_range(Axons, Flow, {}, &image::AxonRecord::Flow);
      for (auto It = First; It != Last; ++It) {
        OnlyDirect &= It->Kind == image::AxonKind::Direct;
        IndexRange R = intersect(
            F.Indices, {It->FirstIndex, It->FirstIndex + It->NumIndices});
        Taken.push_back(R);
        if (R.empty())
          continue;
        if (Status S =
                planDelivery(static_cast<uint32_t>(&*It - Img.axons().data()),
                             Flow, Arrival, R);
            !S)
          return S;
      }
    }
    A.Gaps = without(F.Indices, unite(Taken));
    A.IsMessage =
        A.Core == None || A.Core != F.Core || !OnlyDirect || Taken.empty();
    W.Arrivals.push_back(std::move(A));
    return {};
  }

  Status planDelivery(uint32_t Axon, uint32_t Flow, uint32_t Arrival,
                      IndexRange Indices) {
    const image::AxonRecord &R = Img.axons()[Axon];
    DeliveryPlan D;
    D.Axon = Axon;
    D.Flow = Flow;
    D.Arrival = Arrival;
    D.Indices = Indices;
    D.Rows = R.Kind == image::AxonKind::Rows;
    D.Write = R.Kind == image::AxonKind::Write;
    D.Window = R.Kind == image::AxonKind::Window;
    D.Delay = R.Delay;
    W.LongestDelay = std::max(W.LongestDelay, D.Delay);
    const image::StreamRecord &Stream = Img.streams()[W.Flows[Flow].Stream];
    if (R.Kind == image::AxonKind::Direct) {
      D.Block = BlockOfSlot[R.Target];
      D.Largest = Img.slots()[R.Target].Largest != 0;
      D.Place =
          W.SlotPlaces[R.Target] + R.Offset + (Indices.First - R.FirstIndex);
      W.Blocks[D.Block].Work += R.NumIndices;
      W.Deliveries.push_back(D);
      return {};
    }
    const image::TileRecord &T = Img.tiles()[R.Target];
    D.Tile = R.Target;
    D.Block = BlockOfSlot[T.Slot];
    D.RowBias = R.Offset - R.FirstIndex;
    D.HasTable = D.Rows && R.Table != None;
    D.TableBias = R.Table - R.FirstIndex;
    D.Place = W.SlotPlaces[T.Slot] + T.SlotOffset;
    W.Blocks[D.Block].Work += workOf(D, W, T);
    if (D.Window) {
      W.Deliveries.push_back(D);
      return {};
    }
    auto refuse = [&](std::string Text) {
      return fault(fmt::format("axon {}", Axon), "image-dynamic",
                   std::move(Text));
    };
    if (Img.slots()[T.Slot].Largest)
      return refuse(fmt::format("tile {} adds to a slot that keeps the largest",
                                R.Target));
    if (D.Write && !W.isDynamic(R.Target))
      return refuse(
          fmt::format("writes into tile {}, which is not dynamic", R.Target));
    if (D.Write && W.Flows[Flow].Output == None)
      return refuse("the host writes into a dynamic tile");
    if (D.Write && signedBits(Stream) > W.Dynamic[R.Target].Bits)
      return refuse(fmt::format("writes payloads of {} bits with their sign "
                                "into tile {} of {} bits",
                                signedBits(Stream), R.Target,
                                W.Dynamic[R.Target].Bits));
    W.Deliveries.push_back(D);
    return {};
  }

  /// Logits follow the streams that the image sends to the host, in order of
  /// their number (Image.h, HostScales), whether or not the routes get there.
  void planHost() {
    std::vector<bool> Meant(Img.streams().size());
    for (uint32_t F = 0; F < W.Flows.size(); ++F)
      if (Img.flows()[F].HostOutput && W.Flows[F].Output != None)
        Meant[W.Flows[F].Stream] = true;
    std::vector<uint32_t> First(Meant.size());
    for (uint32_t S = 0; S < Meant.size(); ++S) {
      First[S] = W.NumLogits;
      W.NumLogits += Meant[S] ? Img.streams()[S].NumNeurons : 0;
    }
    for (uint32_t F = 0; F < W.Flows.size(); ++F)
      if (W.Flows[F].ReachesHost && Meant[W.Flows[F].Stream])
        W.Hosts.push_back(
            {F, First[W.Flows[F].Stream], W.Flows[F].Sweeps.front()});
  }
};

} // namespace

Result<Wiring> Wiring::build(const image::Image &Image, const ChipSpec &Spec) {
  Builder B{Image, Spec, {}, {}, {}, 0};
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
