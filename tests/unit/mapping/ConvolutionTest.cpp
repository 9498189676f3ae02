//===- tests/unit/mapping/ConvolutionTest.cpp - Kernels and circles -------===//

#include "Networks.h"
#include "compiler/mapping/LowerBounds.h"
#include "compiler/mapping/PartitionProblem.h"
#include "compiler/mapping/PlaceProblem.h"
#include "compiler/mapping/Schedule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

using namespace synfire;
using namespace synfire::mapping;
using ::testing::Contains;
using ::testing::HasSubstr;

namespace {

/// Layer upon layer, spatial ones first.
class NetworkBuilder {
public:
  Workload Net;

  uint32_t population(uint32_t Neurons, uint32_t States) {
    Population P;
    P.Name = "p" + std::to_string(Net.Populations.size());
    P.Neurons = Neurons;
    P.Program = Net.Populations.size();
    P.Instructions = 12;
    P.States = States;
    Net.Populations.push_back(P);
    return P.Program;
  }
  Source output(uint32_t From, double Activity, bool Reduced = false) {
    Population &P = Net.Populations[From];
    Output O;
    O.Name = P.Name + "." + std::to_string(P.Outputs.size());
    O.PayloadBits = 8;
    O.Activity = Activity;
    O.Reduced = Reduced;
    P.Outputs.push_back(O);
    return {false, From, uint32_t(P.Outputs.size() - 1)};
  }
  Edge &edge(EdgeKind Kind, Source From, uint32_t To, uint32_t Delay = 0) {
    Edge E;
    Population &P = Net.Populations[To];
    E.Name = P.Name + ".in" + std::to_string(P.Slots.size());
    E.Kind = Kind;
    E.From = From;
    E.To = To;
    E.Slot = P.Slots.size();
    E.Delay = Delay;
    P.Slots.push_back({"in", Kind == EdgeKind::Broadcast, 24});
    Net.Edges.push_back(E);
    return Net.Edges.back();
  }
};

uint32_t pick(std::mt19937 &Random, uint32_t Low, uint32_t High) {
  return Low + Random() % (High - Low + 1);
}

/// A convolution or pooling of a source of \p C x \p H x \p W.
image::WindowRecord randomWindow(std::mt19937 &Random, uint32_t C, uint32_t H,
                                 uint32_t W) {
  image::WindowRecord Out{C, H, W, 0, 0, 0, 0, 0};
  auto Side = [&](uint32_t Size, uint32_t &Kernel, uint32_t &Stride,
                  uint32_t &Pad, uint32_t &Dilation) {
    Kernel = pick(Random, 1, 3);
    Stride = pick(Random, 1, 3);
    Dilation = pick(Random, 1, 2);
    Pad = Random() % (Kernel + 1);
    const uint32_t Reach = (Kernel - 1) * Dilation + 1;
    while (Size + 2 * Pad < Reach)
      ++Pad;
    return (Size + 2 * Pad - Reach) / Stride + 1;
  };
  Out.TargetHeight =
      Side(H, Out.KernelHeight, Out.StrideY, Out.PadY, Out.DilationY);
  Out.TargetWidth =
      Side(W, Out.KernelWidth, Out.StrideX, Out.PadX, Out.DilationX);
  if (Random() % 3 == 0) {
    Out.Shared = 1;
    Out.Groups = Out.TargetChannels = C;
  } else {
    Out.Groups = C % 2 == 0 && Random() % 2 ? 2 : 1;
    Out.TargetChannels = Out.Groups * pick(Random, 1, 8);
  }
  if (Random() % 4 == 0) // columns that no source reaches
    Out.TargetWidth += pick(Random, 1, 20);
  return Out;
}

/// Convolutions, then dense layers, with delays forth, back and to themselves.
Workload randomSpatial(std::mt19937 &Random) {
  NetworkBuilder B;
  auto Activity = [&] { return (Random() % 11) / 10.0; };
  uint32_t C = pick(Random, 1, 4), H = pick(Random, 1, 10),
           W = pick(Random, 1, 30);
  HostInput In{"in", C * H * W + uint32_t(Random() % 3)};
  In.Role = image::HostRole::Events;
  In.Activity = Activity();
  B.Net.HostInputs.push_back(In);
  Source From{true, 0, 0};
  uint32_t Last = 0;
  for (uint32_t L = pick(Random, 1, 4); L != 0; --L) {
    const image::WindowRecord Shape = randomWindow(Random, C, H, W);
    const uint32_t Neurons = Shape.numTargets();
    if (Neurons > 4000)
      break;
    Last = B.population(Neurons, Random() % 3);
    C = Shape.TargetChannels, H = Shape.TargetHeight, W = Shape.TargetWidth;
    Population &P = B.Net.Populations[Last];
    P.CutAt = Random() % 2 ? C * H : 0;
    P.OwnCores = Random() % 6 == 0;
    P.ResetEvery = Random() % 2 ? 16 : 0;
    B.edge(EdgeKind::Window, From, Last, Random() % 3).Window = Shape;
    const Source Here = B.output(Last, Activity());
    if (Random() % 3 == 0) // the same once more, later
      B.edge(EdgeKind::Window, From, Last, pick(Random, 1, 5)).Window = Shape;
    if (Random() % 3 == 0) {
      image::WindowRecord Self{C, H, W, C, H, W, 3, 3};
      Self.PadX = Self.PadY = 1;
      B.edge(EdgeKind::Window, Here, Last, pick(Random, 1, 3)).Window = Self;
    }
    if (Random() % 3 == 0)
      B.edge(EdgeKind::Direct, Here, Last, pick(Random, 1, 3));
    if (Random() % 4 == 0) { // a mean that comes back
      const uint32_t Mean = B.population(1, 0);
      B.edge(EdgeKind::Reduce, B.output(Last, 1, true), Mean, Random() % 2);
      B.edge(EdgeKind::Broadcast, B.output(Mean, 1), Last, 2);
    }
    if (Random() % 4 == 0) { // a follower
      const uint32_t Next = B.population(Neurons, 1);
      B.edge(EdgeKind::Direct, Here, Next, Random() % 2);
      Last = Next;
    }
    From = B.output(Last, Activity());
  }
  const uint32_t Middle = Last;
  for (uint32_t L = pick(Random, 1, 3); L != 0; --L) {
    Last = B.population(pick(Random, 1, 300), 1);
    B.edge(EdgeKind::Linear, From, Last, Random() % 2);
    From = B.output(Last, Activity());
    if (Random() % 2) // recurrent
      B.edge(EdgeKind::Linear, From, Last, pick(Random, 1, 4));
  }
  if (Random() % 2) // a long circle
    B.edge(EdgeKind::Linear, From, Middle, pick(Random, 3, 12));
  Edge Out;
  Out.Name = "out";
  Out.Kind = EdgeKind::HostOutput;
  Out.From = From;
  B.Net.Edges.push_back(Out);
  return B.Net;
}

/// Which tiles each target of each Window is on, and that each of them hears
/// every source that its taps lead to, by the definition of the convolution.
void expectEveryTapHeard(const Workload &Net, const Mapping &Map) {
  std::vector<std::vector<const MappedAxon *>> AxonsOf(Map.Tiles.size());
  for (const MappedAxon &A : Map.Axons)
    if (A.Kind == image::AxonKind::Window)
      AxonsOf[A.Target].push_back(&A);
  for (uint32_t I = 0; I != Net.Edges.size(); ++I) {
    const Edge &E = Net.Edges[I];
    if (E.Kind != EdgeKind::Window)
      continue;
    const image::WindowRecord &W = E.Window;
    std::vector<uint32_t> Covered(W.numTargets());
    for (uint32_t T = 0; T != Map.Tiles.size(); ++T) {
      const MappedTile &Tile = Map.Tiles[T];
      if (Tile.Edge != I)
        continue;
      EXPECT_EQ(Tile.Rows, W.rows());
      uint64_t Missing = 0;
      for (uint32_t N = Tile.FirstCol; N != Tile.FirstCol + Tile.Cols; ++N) {
        ++Covered[N];
        const int64_t X = N / W.TargetChannels / W.TargetHeight,
                      Y = N / W.TargetChannels % W.TargetHeight;
        for (int64_t KX = 0; KX != W.KernelWidth; ++KX)
          for (int64_t KY = 0; KY != W.KernelHeight; ++KY) {
            const int64_t SX = X * W.StrideX - W.PadX + KX * W.DilationX,
                          SY = Y * W.StrideY - W.PadY + KY * W.DilationY;
            if (SX < 0 || SY < 0 || SX >= W.SourceWidth || SY >= W.SourceHeight)
              continue;
            const uint64_t Place =
                (SX * W.SourceHeight + SY) * W.SourceChannels;
            Missing +=
                std::count_if(AxonsOf[T].begin(), AxonsOf[T].end(),
                              [&](const MappedAxon *A) {
                                return A->FirstIndex <= Place &&
                                       Place < A->FirstIndex + A->NumIndices &&
                                       A->Delay == E.Delay && A->Offset == 0;
                              }) != 1;
          }
      }
      EXPECT_EQ(Missing, 0u) << E.Name;
    }
    EXPECT_EQ(uint64_t(std::count(Covered.begin(), Covered.end(), 1u)),
              W.numTargets())
        << E.Name;
  }
}

TEST(Convolution, RandomNetworksObeyEveryRule) {
  uint32_t Fitted = 0, Cut = 0, Relayed = 0, Circles = 0, Own = 0, Unicast = 0;
  for (uint32_t Seed = 0; Seed != 200; ++Seed) {
    SCOPED_TRACE(Seed);
    std::mt19937 Random(Seed);
    const ChipSpec Chip = randomChip(Random);
    const Workload Net = randomSpatial(Random);
    const PartitionProblem Problem{Net, Chip};
    if (const Errors Wrong = Problem.check(); !Wrong.empty()) {
      // Delays are drawn at random; some circles ask for more.
      ASSERT_EQ(Wrong.front().Rule, "schedule-recurrence")
          << Wrong.front().format();
      continue;
    }
    Partition Found = partitionAnalytically(Problem);
    if (!Found.Fit.fits()) {
      EXPECT_FALSE(Found.Fit.Failure->Change.empty());
      EXPECT_NE(Found.Fit.Failure->What, Limit::Chips);
      continue;
    }
    ++Fitted;
    Relayed += !Found.Map.Relays.empty();
    Unicast += !Chip.Noc.Multicast;
    const auto Recurrent = recurrentEdges(Net);
    Circles += std::count(Recurrent.begin(), Recurrent.end(), true) != 0;
    Cut += Found.Map.Blocks.size() > Net.Populations.size();
    for (const Population &P : Net.Populations)
      Own += P.OwnCores;
    auto Faults = Problem.verify(Found.Map);
    ASSERT_TRUE(Faults.empty()) << textOf(Faults);
    expectEveryTapHeard(Net, Found.Map);
    EXPECT_GE(Found.Map.Cores.size(), lowerBoundsOf(Net, Chip).Cores);
    for (const MappedCore &C : Found.Map.Cores)
      for (unsigned L = 0; L != NumLimits; ++L)
        if (auto Has = available(Chip, Limit(L))) {
          EXPECT_LE(C.Use.used(Limit(L)), *Has);
        }
    const PlaceProblem Place{Found.Map, Chip};
    Placement Where = placeShuffled(Place, Seed);
    sortByCoreId(Found.Map, Where);
    Faults = Problem.verify(Found.Map);
    ASSERT_TRUE(Faults.empty()) << "sorted: " << textOf(Faults);
    if (Seed % 4 != 0)
      continue;
    const Partition Even = partitionSpread(Problem, 0);
    Faults = Problem.verify(Even.Map);
    ASSERT_TRUE(Faults.empty()) << "spread: " << textOf(Faults);
  }
  // The test must not pass by never trying.
  std::cout << Fitted << " fit, " << Cut << " cut, " << Relayed << " relayed, "
            << Circles << " with circles, " << Own << " own cores, " << Unicast
            << " unicast\n";
  EXPECT_GE(Fitted, 100u);
  EXPECT_GE(Cut, 30u);
  EXPECT_GE(Relayed, 5u);
  EXPECT_GE(Circles, 50u);
  EXPECT_GE(Own, 10u);
  EXPECT_GE(Unicast, 30u);
}

/// A layer of \p Channels x 8 x \p Width behind the host, 3x3 and padded.
Workload oneLayer(uint32_t Channels, uint32_t Groups, uint32_t Width = 40) {
  NetworkBuilder B;
  HostInput In{"in", Channels * 8 * Width};
  In.Role = image::HostRole::Events;
  In.Activity = 0.25;
  B.Net.HostInputs.push_back(In);
  const uint32_t P = B.population(Channels * 8 * Width, 1);
  image::WindowRecord W{Channels, 8, Width, Channels, 8, Width, 3, 3};
  W.PadX = W.PadY = 1;
  W.Groups = Groups;
  B.edge(EdgeKind::Window, {true, 0, 0}, P, 1).Window = W;
  B.output(P, 0.5);
  return B.Net;
}

TEST(Convolution, AKernelTakesItsBytesOnEachCoreOnly) {
  Workload Net = oneLayer(6, 1);
  Net.Populations[0].CutAt = 6 * 8;
  const ChipSpec Chip = smallChip();
  const Partition Found = partitionAnalytically({Net, Chip});
  ASSERT_TRUE(Found.Fit.fits());
  // 1920 neurons of 1024 a core; 54 rows of 6 bytes, in steps of 16.
  ASSERT_EQ(Found.Map.Cores.size(), 2u);
  for (const MappedCore &C : Found.Map.Cores)
    EXPECT_EQ(C.Use.SynapseBytes, (54u * 6 + 15) / 16 * 16);
  EXPECT_EQ(Found.Map.Blocks[0].NumNeurons, 1008u); // 21 columns of 48
  // The host sends a quarter of its events, columns 0 to 21 to the first core.
  ASSERT_EQ(Found.Map.Axons.size(), 2u);
  EXPECT_EQ(Found.Map.Axons[0].NumIndices, 22u * 48);
  EXPECT_EQ(Found.Map.Axons[1].FirstIndex, 20u * 48);
  EXPECT_EQ(Found.Map.Axons[1].Delay, 1u);
  EXPECT_EQ(Found.Map.Flows[0].EventsPerToken, 22 * 48 * 0.25);
  EXPECT_EQ(Found.Map.Cores[0].Use.InputAxons, 1u);
  EXPECT_EQ(Found.Map.Cores[0].Use.AxonBytes, 4u);
  // The host writes a level before and the events wait one step more.
  EXPECT_EQ(Found.Map.Slots[0].Depth, 2u);
}

/// Every second place in both directions is heard, of 8 x 16.
TEST(Convolution, NobodySendsWhatNoKernelMeets) {
  NetworkBuilder B;
  HostInput In{"in", 3 * 8 * 16};
  In.Role = image::HostRole::Events;
  B.Net.HostInputs.push_back(In);
  const uint32_t P = B.population(5 * 4 * 8, 1);
  image::WindowRecord W{3, 8, 16, 5, 4, 8, 1, 1};
  W.StrideX = W.StrideY = 2;
  B.edge(EdgeKind::Window, {true, 0, 0}, P).Window = W;
  B.output(P, 0.5);
  ChipSpec Chip = smallChip();
  Partition Found = partitionAnalytically({B.Net, Chip});
  ASSERT_TRUE(Found.Fit.fits());
  ASSERT_EQ(Found.Map.Axons.size(), 4u * 8);
  for (const MappedAxon &A : Found.Map.Axons) {
    EXPECT_EQ(A.NumIndices, 3u);
    const uint32_t Place = A.FirstIndex / 3;
    EXPECT_EQ(Place % 2, 0u);
    EXPECT_EQ(Place / 8 % 2, 0u);
  }
  // Gaps do not take the axons of small cores.
  Chip.Core.InputAxons = 128;
  Found = partitionAnalytically({B.Net, Chip});
  ASSERT_TRUE(Found.Fit.fits());
  ASSERT_EQ(Found.Map.Axons.size(), 1u);
  EXPECT_EQ(Found.Map.Axons[0].NumIndices, 3u * (14 * 8 + 7));
}

TEST(Convolution, AKernelTakesTheWordsOfTheChip) {
  Workload Net = oneLayer(6, 1);
  ChipSpec Chip = smallChip();
  Chip.Core.Synapses.WordBits = 64;
  Chip.Core.Synapses.HeaderBits = 20;
  const Partition Found = partitionAnalytically({Net, Chip});
  ASSERT_TRUE(Found.Fit.fits());
  // 6 weights of 8 bits and a header: two words for each of 54 rows.
  for (const MappedCore &C : Found.Map.Cores)
    EXPECT_EQ(C.Use.SynapseBytes, 54u * 16);
}

TEST(Convolution, AKernelLargerThanACoreSaysWhatHelps) {
  const Workload Net = oneLayer(64, 1, 3);
  ChipSpec Chip = smallChip();
  const FitReport Fit = partitionAnalytically({Net, Chip}).Fit;
  ASSERT_FALSE(Fit.fits());
  EXPECT_EQ(Fit.Failure->What, Limit::UnifiedBytes);
  const std::string Text = Fit.error().format();
  EXPECT_THAT(Text, HasSubstr("p0.in0"));
  EXPECT_THAT(Text, HasSubstr("36864 bytes"));
  EXPECT_THAT(Text, HasSubstr("16384"));
  EXPECT_THAT(Text, HasSubstr("fewer bits"));
  EXPECT_THAT(Text, HasSubstr("grouped"));
  // Each way out is one.
  Workload Grouped = oneLayer(64, 16, 3);
  EXPECT_TRUE(partitionAnalytically({Grouped, Chip}).Fit.fits());
  Chip.Core.UnifiedBytes = Bytes(Fit.Failure->Needed);
  const FitReport Enough = partitionAnalytically({Net, Chip}).Fit;
  EXPECT_TRUE(Enough.fits() || Enough.Failure->What == Limit::Chips);
  Chip.Core.UnifiedBytes = Bytes(Fit.Failure->Needed - 1);
  const FitReport Less = partitionAnalytically({Net, Chip}).Fit;
  ASSERT_FALSE(Less.fits());
  EXPECT_EQ(Less.Failure->What, Limit::UnifiedBytes);
}

TEST(Convolution, WishesThatDoNotFitAreNoted) {
  Workload Net = oneLayer(6, 1);
  Net.Populations[0].OwnCores = true;
  Net.Populations[0].CutAt = 1025;
  const FitReport Fit = partitionAnalytically({Net, smallChip()}).Fit;
  ASSERT_FALSE(Fit.fits());
  EXPECT_EQ(Fit.Failure->What, Limit::Neurons);
  EXPECT_EQ(Fit.Failure->Needed, 1025u);
  EXPECT_THAT(Fit.error().format(), HasSubstr("1025 neurons that were asked"));
}

/// \p Neurons that hear themselves \p Delay steps later and \p Inputs of the
/// host at once.
Workload recurrentLayer(uint32_t Neurons, uint32_t Inputs, uint32_t Delay) {
  NetworkBuilder B;
  HostInput In{"in", Inputs};
  In.Role = image::HostRole::Events;
  B.Net.HostInputs.push_back(In);
  const uint32_t P = B.population(Neurons, 1);
  const Source Out = B.output(P, 0.5);
  B.edge(EdgeKind::Linear, {true, 0, 0}, P);
  B.edge(EdgeKind::Linear, Out, P, Delay);
  return B.Net;
}

TEST(Recurrence, RowsThatMustLeaveAskForDelay) {
  ChipSpec Chip = smallChip();
  Chip.Core.InputAxons = 4096;
  const Workload Short = recurrentLayer(1200, 10, 1);
  const FitReport Fit = partitionAnalytically({Short, Chip}).Fit;
  ASSERT_FALSE(Fit.fits());
  EXPECT_THAT(Fit.error().format(), HasSubstr("delay of at least 2"));
  EXPECT_THAT(Fit.error().format(), HasSubstr("p0.in1"));
  const Workload Long = recurrentLayer(1200, 10, 2);
  const PartitionProblem Problem{Long, Chip};
  const Partition Found = partitionAnalytically(Problem);
  ASSERT_TRUE(Found.Fit.fits()) << Found.Fit.error().format();
  EXPECT_FALSE(Found.Map.Relays.empty());
  EXPECT_TRUE(Problem.verify(Found.Map).empty());
}

TEST(Recurrence, OnlyRowsOffTheCircleLeave) {
  ChipSpec Chip = smallChip();
  Chip.Core.InputAxons = 4096;
  const Workload Net = recurrentLayer(500, 1500, 1);
  const PartitionProblem Problem{Net, Chip};
  const Partition Found = partitionAnalytically(Problem);
  ASSERT_TRUE(Found.Fit.fits()) << Found.Fit.error().format();
  ASSERT_EQ(Found.Map.Relays.size(), 1u);
  EXPECT_EQ(Found.Map.Relays[0].Edge, 0u);
  EXPECT_TRUE(Problem.verify(Found.Map).empty());
}

TEST(Convolution, VerifyNamesDamage) {
  Workload Net = oneLayer(6, 1);
  Net.Populations[0].ResetEvery = 4;
  const ChipSpec Chip = smallChip();
  const PartitionProblem Problem{Net, Chip};
  const Partition Sound = partitionAnalytically(Problem);
  ASSERT_TRUE(Sound.Fit.fits());
  ASSERT_TRUE(Problem.verify(Sound.Map).empty());
  auto Broken = [&](const std::function<void(Mapping &)> &Damage) {
    Mapping Map = Sound.Map;
    Damage(Map);
    std::vector<std::string> Rules;
    for (const Violation &V : Problem.verify(Map))
      Rules.push_back(V.Rule);
    return Rules;
  };
  EXPECT_THAT(Broken([](Mapping &M) { M.Tiles[0].Rows -= 1; }),
              Contains("tile-cover"));
  EXPECT_THAT(Broken([](Mapping &M) { M.Tiles[1].Cols -= 1; }),
              Contains("tile-cover"));
  EXPECT_THAT(Broken([](Mapping &M) { M.Tiles[0].RowStride = 16; }),
              Contains("slot"));
  EXPECT_THAT(Broken([](Mapping &M) { M.Axons[0].NumIndices -= 1; }),
              Contains("axon"));
  EXPECT_THAT(Broken([](Mapping &M) { M.Axons[1].FirstIndex += 1; }),
              Contains("axon"));
  EXPECT_THAT(Broken([](Mapping &M) { M.Axons[0].Offset = 1; }),
              Contains("axon"));
  EXPECT_THAT(Broken([](Mapping &M) { M.Axons[0].Delay = 0; }),
              Contains("axon"));
  EXPECT_THAT(
      Broken([](Mapping &M) { M.Axons[0].Kind = image::AxonKind::Rows; }),
      Contains("axon"));
  EXPECT_THAT(Broken([](Mapping &M) { M.Slots[0].Depth = 1; }),
              Contains("depth"));
  EXPECT_THAT(Broken([](Mapping &M) { M.Blocks[0].ResetEvery = 5; }),
              Contains("sweep"));
  EXPECT_THAT(Broken([](Mapping &M) { M.Cores[0].Use.AxonBytes += 4; }),
              Contains("limit"));
}

TEST(Convolution, UnsoundShapes) {
  auto RuleOf = [](const std::function<void(Workload &)> &Damage) {
    Workload Net = oneLayer(6, 1);
    Damage(Net);
    const Errors Found = Net.check();
    return Found.empty() ? std::string() : std::string(Found[0].Rule);
  };
  EXPECT_EQ(RuleOf([](Workload &) {}), "");
  auto Shape = [&](const std::function<void(image::WindowRecord &)> &Damage) {
    return RuleOf([&](Workload &N) { Damage(N.Edges[0].Window); });
  };
  EXPECT_EQ(Shape([](auto &W) { W.StrideX = 0; }), "workload-window");
  EXPECT_EQ(Shape([](auto &W) { W.Groups = 4; }), "workload-window");
  EXPECT_EQ(Shape([](auto &W) { W.Shared = 1; }), "workload-window");
  EXPECT_EQ(Shape([](auto &W) { W.SourceWidth += 1; }), "workload-size");
  EXPECT_EQ(Shape([](auto &W) { W.TargetWidth -= 1; }), "workload-size");
  EXPECT_EQ(Shape([](auto &W) { W.KernelHeight = 0x80000000; }),
            "workload-window");
  EXPECT_EQ(Shape([](auto &W) {
              W.TargetWidth = W.TargetHeight = W.TargetChannels = 0x80000000;
            }),
            "workload-size");
  EXPECT_EQ(Shape([](auto &W) { W.SourceWidth -= 1; }), ""); // fewer may
  EXPECT_EQ(RuleOf([](Workload &N) { N.Populations[0].CutAt = 7; }),
            "workload-cut");
  EXPECT_EQ(RuleOf([](Workload &N) {
              N.Populations[0].CutAt = 7;
              N.Populations[0].OwnCores = true;
            }),
            "");
  EXPECT_EQ(RuleOf([](Workload &N) { N.Populations[0].ResetAt = 1; }),
            "workload-reset");
  EXPECT_EQ(RuleOf([](Workload &N) { N.HostInputs[0].Activity = 2; }),
            "workload-activity");
  EXPECT_EQ(RuleOf([](Workload &N) { N.Edges[0].Delay = 1u << 21; }),
            "workload-delay");
  EXPECT_EQ(RuleOf([](Workload &N) { N.Edges[0].Only = {1}; }),
            "workload-only");
}

} // namespace
