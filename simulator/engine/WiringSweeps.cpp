//===- simulator/engine/WiringSweeps.cpp - What happens when --------------===//

#include "simulator/engine/Wiring.h"

#include <fmt/core.h>

#include <bit>
#include <tuple>

namespace synfire::sim {

using image::None;

SpikeCount spikeCountOf(image::PayloadKind Kind) {
  if (Kind == image::PayloadKind::Unary)
    return SpikeCount::Payload;
  return Kind == image::PayloadKind::Planes ? SpikeCount::Bits
                                            : SpikeCount::Event;
}

uint32_t spikesOf(SpikeCount Counts, int32_t Payload) {
  const auto Bits = static_cast<uint32_t>(Payload);
  switch (Counts) {
  case SpikeCount::Event:
    break;
  case SpikeCount::Payload:
    return Bits;
  case SpikeCount::Bits:
    return static_cast<uint32_t>(std::popcount(Bits));
  }
  return Payload != 0;
}

uint64_t workOf(const DeliveryPlan &D, const Wiring &Plan,
                const image::TileRecord &T) {
  const uint64_t Indices = D.Indices.Last - D.Indices.First;
  if (!D.Window)
    return Indices * T.Cols;
  // A target hears about as many taps wherever it lies.
  const WindowPlan &P = Plan.Windows[D.Tile];
  const uint64_t Taps =
      uint64_t(P.KernelWidth) * P.KernelHeight * (P.SourceChannels / P.Groups);
  return std::min(Indices,
                  uint64_t(P.X.last() - P.X.first()) * P.ColumnSources) +
         T.Cols * Taps;
}

std::vector<IndexRange> unite(std::vector<IndexRange> Ranges) {
  std::erase_if(Ranges, [](IndexRange R) { return R.empty(); });
  std::sort(Ranges.begin(), Ranges.end(),
            [](IndexRange A, IndexRange B) { return A.First < B.First; });
  std::vector<IndexRange> Out;
  for (IndexRange R : Ranges)
    if (!Out.empty() && R.First <= Out.back().Last)
      Out.back().Last = std::max(Out.back().Last, R.Last);
    else
      Out.push_back(R);
  return Out;
}

namespace {

Error fault(std::string Where, std::string Text) {
  return {std::move(Where), "image-sweep", std::move(Text),
          ErrorKind::BadInput};
}

struct SweepBuilder {
  const image::Image &Img;
  Wiring &W;

  Status findLevels() {
    W.Sweeps.resize(std::max(1u, Img.sequence().Sweeps));
    std::vector<uint32_t> End(W.Sweeps.size());
    for (uint32_t I = 0; I < W.Blocks.size(); ++I) {
      const BlockPlan &B = W.Blocks[I];
      const bool Held = B.Holds != image::Held::No;
      if (B.Sweep >= End.size() || (Held && B.Sweep == 0))
        return fault(fmt::format("block {}", I),
                     fmt::format("{}in sweep {} of {}", Held ? "held, " : "",
                                 B.Sweep, End.size()));
      End[B.Sweep] = std::max(End[B.Sweep], B.Level + 1);
    }
    uint32_t Next = 0;
    for (uint32_t S = 0; S < End.size(); ++S) {
      if (End[S] <= Next && End.size() > 1)
        return fault(fmt::format("sweep {}", S),
                     "no block of it is above those of the sweep before");
      W.Sweeps[S].FirstLevel = Next;
      W.Sweeps[S].NumLevels = End[S] - Next;
      Next = End[S];
    }
    for (uint32_t I = 0; I < W.Blocks.size(); ++I)
      if (W.Blocks[I].Level < W.Sweeps[W.Blocks[I].Sweep].FirstLevel)
        return fault(fmt::format("block {}", I),
                     fmt::format("level {} of sweep {} is not above the sweep "
                                 "before",
                                 W.Blocks[I].Level, W.Blocks[I].Sweep));
    return {};
  }

  uint32_t sweepOf(const DeliveryPlan &D) const {
    if (uint32_t Output = W.Flows[D.Flow].Output; Output != None)
      return W.Blocks[W.Outputs[Output].Block].Sweep;
    const BlockPlan &B = W.Blocks[D.Block];
    return B.Sweep - (B.Holds != image::Held::No);
  }

  Status placeDeliveries() {
    // Of what tokens write into a tile: when, and whether it is +-1 only.
    std::vector<uint32_t> WrittenIn(Img.tiles().size(), None);
    std::vector<bool> Graded(Img.tiles().size());
    for (DeliveryPlan &D : W.Deliveries) {
      D.Sweep = sweepOf(D);
      if (!D.Write)
        continue;
      if (WrittenIn[D.Tile] != None && WrittenIn[D.Tile] != D.Sweep)
        return fault(fmt::format("axon {}", D.Axon),
                     fmt::format("tile {} is written in two sweeps", D.Tile));
      WrittenIn[D.Tile] = D.Sweep;
      const image::PayloadKind Kind =
          Img.streams()[W.Flows[D.Flow].Stream].Kind;
      if (Kind != image::PayloadKind::Binary &&
          Kind != image::PayloadKind::Ternary)
        Graded[D.Tile] = true;
    }
    for (DeliveryPlan &D : W.Deliveries) {
      const BlockPlan &B = W.Blocks[D.Block];
      const bool Held = B.Holds != image::Held::No;
      if (D.Sweep > B.Sweep || (D.Sweep == B.Sweep && Held) ||
          (D.Sweep < B.Sweep && !Held && !D.Write))
        return fault(fmt::format("axon {}", D.Axon),
                     fmt::format("brings events of sweep {} to a {}block of "
                                 "sweep {}",
                                 D.Sweep, Held ? "held " : "", B.Sweep));
      // What is sent later in a token step than it is read was sent in an
      // earlier batch.
      if (const FlowPlan &F = W.Flows[D.Flow];
          D.Delay != 0 && F.Output != None && D.Sweep == B.Sweep &&
          F.Level >= B.Level)
        W.MostAtOnce = std::min(W.MostAtOnce, D.Delay);
      if (!D.weighs())
        continue;
      D.Adds = accumulates(Img.streams()[W.Flows[D.Flow].Stream].Kind);
      if (!W.isDynamic(D.Tile))
        continue;
      D.Adds |= WrittenIn[D.Tile] != None && !Graded[D.Tile];
      if (WrittenIn[D.Tile] != None && WrittenIn[D.Tile] > D.Sweep)
        return fault(fmt::format("axon {}", D.Axon),
                     fmt::format("reads tile {} in sweep {}, before it is "
                                 "written in sweep {}",
                                 D.Tile, D.Sweep, WrittenIn[D.Tile]));
      D.Limit = WrittenIn[D.Tile] == D.Sweep ? image::RowRule::Seen
                                             : image::RowRule::All;
    }
    return {};
  }

  /// By block; of a block by sweep; of those dynamic tiles first, and what is
  /// written before what is read.
  void orderDeliveries() {
    auto key = [&](const DeliveryPlan &D) {
      const bool Dynamic = D.Rows && W.isDynamic(D.Tile);
      return std::tuple(D.Block, D.Sweep, D.Write ? 0 : Dynamic ? 1 : 2);
    };
    std::stable_sort(W.Deliveries.begin(), W.Deliveries.end(),
                     [&](const DeliveryPlan &A, const DeliveryPlan &B) {
                       return key(A) < key(B);
                     });
    for (uint32_t First = 0, End; First < W.Deliveries.size(); First = End) {
      const DeliveryPlan &D = W.Deliveries[First];
      CapturePlan C{D.Block, First, 0, 0, 0};
      for (End = First;
           End < W.Deliveries.size() && W.Deliveries[End].Block == D.Block &&
           W.Deliveries[End].Sweep == D.Sweep;
           ++End) {
        const DeliveryPlan &E = W.Deliveries[End];
        ++C.NumDeliveries;
        C.NumDynamic += E.Write || (E.Rows && W.isDynamic(E.Tile));
        C.Work += E.Tile == None ? E.Indices.Last - E.Indices.First
                                 : workOf(E, W, Img.tiles()[E.Tile]);
      }
      BlockPlan &B = W.Blocks[D.Block];
      if (B.Holds == image::Held::No && D.Sweep == B.Sweep) {
        B.FirstDelivery = C.FirstDelivery;
        B.NumDeliveries = C.NumDeliveries;
        B.NumDynamic = C.NumDynamic;
      } else {
        W.Sweeps[D.Sweep].Captures.push_back(C);
      }
    }
  }

  void sortOut() {
    for (uint32_t I = 0; I < W.Blocks.size(); ++I)
      if (W.Blocks[I].ResetEvery != 0)
        W.Sweeps[W.Blocks[I].Sweep].ResetBlocks.push_back(I);
    for (uint32_t I = 0; I < W.Blocks.size(); ++I)
      if (W.Blocks[I].Rows != image::RowRule::None)
        W.Sweeps[W.Blocks[I].Sweep].RowBlocks.push_back(I);
    for (uint32_t I = 0; I < W.Deliveries.size(); ++I) {
      const DeliveryPlan &D = W.Deliveries[I];
      W.Sweeps[D.Sweep].Deliveries.push_back(I);
      W.Flows[D.Flow].Sweeps.push_back(D.Sweep);
    }
    for (uint32_t I = 0; I < W.Outputs.size(); ++I)
      W.Sweeps[W.Blocks[W.Outputs[I].Block].Sweep].Outputs.push_back(I);
    for (uint32_t I = 0; I < W.Flows.size(); ++I) {
      FlowPlan &F = W.Flows[I];
      if (F.Output != None)
        F.Sweeps = {W.Blocks[W.Outputs[F.Output].Block].Sweep};
      std::sort(F.Sweeps.begin(), F.Sweeps.end());
      F.Sweeps.erase(std::unique(F.Sweeps.begin(), F.Sweeps.end()),
                     F.Sweeps.end());
      if (F.Sweeps.empty())
        F.Sweeps = {0};
      for (uint32_t S : F.Sweeps) {
        W.Sweeps[S].Flows.push_back(I);
        for (uint32_t A = 0; A < F.NumArrivals; ++A)
          W.Sweeps[S].Arrivals.push_back(F.FirstArrival + A);
        std::vector<uint32_t> &Givens = W.Sweeps[S].Givens;
        if (F.Given != None &&
            std::ranges::find(Givens, F.Given) == Givens.end())
          Givens.push_back(F.Given);
      }
    }
  }

  void findEvents() {
    std::vector<std::vector<IndexRange>> Sent(W.Outputs.size());
    auto needEventsUnlessWhole = [&](uint32_t Output, IndexRange R) {
      OutputPlan &O = W.Outputs[Output];
      O.NeedsEvents |= R.First != O.Indices.First || R.Last != O.Indices.Last;
    };
    for (const FlowPlan &F : W.Flows)
      if (F.Output != None) {
        Sent[F.Output].push_back(F.Indices);
        needEventsUnlessWhole(F.Output, F.Indices);
      }
    for (const DeliveryPlan &D : W.Deliveries) {
      uint32_t Output = W.Flows[D.Flow].Output;
      if (Output == None)
        continue;
      W.Outputs[Output].NeedsEvents |= D.weighs() || D.Write;
      needEventsUnlessWhole(Output, D.Indices);
    }
    for (const ArrivalPlan &A : W.Arrivals)
      for (IndexRange Gap : A.Gaps)
        if (uint32_t Output = W.Flows[A.Flow].Output; Output != None)
          needEventsUnlessWhole(Output, Gap);
    for (uint32_t O = 0; O < W.Outputs.size(); ++O) {
      OutputPlan &Out = W.Outputs[O];
      Out.Sent = unite(std::move(Sent[O]));
      Out.SentWhole = Out.Sent.size() == 1 &&
                      Out.Sent[0].First == Out.Indices.First &&
                      Out.Sent[0].Last == Out.Indices.Last;
    }
  }
};

} // namespace

bool accumulates(image::PayloadKind Kind) {
  return Kind != image::PayloadKind::Signed &&
         Kind != image::PayloadKind::Unsigned;
}

Status Wiring::planSweeps(const image::Image &Image) {
  SweepBuilder B{Image, *this};
  if (Status S = B.findLevels(); !S)
    return S;
  if (Status S = B.placeDeliveries(); !S)
    return S;
  B.orderDeliveries();
  B.sortOut();
  B.findEvents();
  return {};
}

} // namespace synfire::sim
