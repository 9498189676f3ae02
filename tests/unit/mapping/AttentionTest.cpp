//===- tests/unit/mapping/AttentionTest.cpp - Memories, sweeps, groups ----===//

#include "Networks.h"
#include "compiler/mapping/PartitionProblem.h"
#include "compiler/mapping/PlaceProblem.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <iostream>

using namespace synfire;
using namespace synfire::mapping;

namespace {

/// The shape of a network of attention layers.
struct Shape {
  uint32_t Layers = 1, Width = 64, Hidden = 128, Heads = 4, KvHeads = 2,
           Positions = 16, Steps = 1, Vocabulary = 100;
  bool Causal = true; ///< else every layer begins a sweep
  /// Every linear is two: for one source in Salient, and for the others.
  uint32_t Salient = 0;
};

class Builder {
public:
  explicit Builder(const Shape &S) : S(S) {
    Net.Steps = S.Steps;
    Net.Positions = S.Positions;
    Net.HostInputs.push_back({"token", S.Vocabulary});
    uint32_t X = population("x", S.Width);
    linear({true, 0, 0}, X, 1);
    for (uint32_t L = 0; L != S.Layers; ++L)
      X = layer(fmt::format("layer{}.", L), X);
    uint32_t Head = population("head", S.Vocabulary);
    linear(out(X), Head, 8);
    Edge E;
    E.Kind = EdgeKind::HostOutput;
    E.Name = "host";
    E.From = out(Head);
    Net.Edges.push_back(E);
    Net.Sweeps = Sweep + 1;
  }

  Workload Net;

private:
  uint32_t population(const std::string &Name, uint32_t Neurons,
                      uint32_t Groups = 1) {
    Population P;
    P.Name = Name;
    P.Neurons = Neurons;
    P.Program = Net.Populations.size();
    P.Instructions = 12;
    P.Parameters = 1;
    P.Groups = Groups;
    P.Sweep = Sweep;
    Net.Populations.push_back(P);
    return P.Program;
  }
  Source out(uint32_t P, uint32_t Groups = 0, bool Largest = false) {
    Output O;
    O.Name = fmt::format("{}.{}", Net.Populations[P].Name,
                         Net.Populations[P].Outputs.size());
    O.Kind =
        Largest ? image::PayloadKind::Unsigned : image::PayloadKind::Signed;
    O.Reduced = Groups != 0;
    O.Largest = Largest;
    O.ReducedGroups = std::max(1u, Groups);
    Net.Populations[P].Outputs.push_back(O);
    return {false, P, uint32_t(Net.Populations[P].Outputs.size() - 1)};
  }
  Edge &edge(EdgeKind Kind, Source From, uint32_t To) {
    Edge E;
    E.Kind = Kind;
    E.From = From;
    E.To = To;
    E.Slot = Net.Populations[To].Slots.size();
    E.Name = fmt::format("{}.{}", Net.Populations[To].Name, E.Slot);
    Slot Into{"in", Kind == EdgeKind::Broadcast, 16, false};
    if (Kind == EdgeKind::Reduce)
      Into.Largest = Net.Populations[From.Index].Outputs[From.Output].Largest;
    Net.Populations[To].Slots.push_back(Into);
    Net.Edges.push_back(E);
    return Net.Edges.back();
  }
  void linear(Source From, uint32_t To, uint32_t Bits) {
    const uint32_t Sources =
        From.FromHost ? S.Vocabulary : Net.Populations[From.Index].Neurons;
    if (S.Salient == 0 || From.FromHost) {
      edge(EdgeKind::Linear, From, To).WeightBits = Bits;
      return;
    }
    std::vector<uint32_t> High, Low;
    for (uint32_t I = 0; I != Sources; ++I)
      (I % S.Salient == 0 ? High : Low).push_back(I);
    for (auto &Only : {High, Low}) {
      Edge &E = edge(EdgeKind::Linear, From, To);
      E.WeightBits = Bits;
      E.Only = Only;
    }
  }
  void matmul(EdgeKind Kind, Source From, Source Written, uint32_t To) {
    Edge &E = edge(Kind, From, To);
    E.Written = Written;
    E.Heads = S.Heads;
    E.KvHeads = S.KvHeads;
    E.WeightBits = 4;
    E.SumBits = 24;
  }
  uint32_t rows(const std::string &Name) {
    uint32_t P = population(Name, S.Heads * S.Positions, S.Heads);
    Net.Populations[P].Rows =
        S.Causal ? image::RowRule::Seen : image::RowRule::All;
    return P;
  }
  uint32_t layer(const std::string &Name, uint32_t X) {
    const uint32_t Kv = S.Width / S.Heads * S.KvHeads;
    uint32_t QRaw = population(Name + "q_raw", S.Width);
    linear(out(X), QRaw, 4);
    uint32_t K = population(Name + "k", Kv), V = population(Name + "v", Kv);
    linear(out(X), K, 4);
    linear(out(X), V, 2);
    if (!S.Causal)
      ++Sweep;
    uint32_t Q = population(Name + "q", S.Width);
    uint32_t Kept = population(Name + "kept", S.Width);
    for (uint32_t P : {Q, Kept})
      if (!S.Causal)
        Net.Populations[P].Held = image::Held::Each;
    edge(EdgeKind::Direct, out(QRaw), Q);
    edge(EdgeKind::Direct, out(QRaw), Q).RotateParts = S.Heads;
    edge(EdgeKind::Direct, out(X), Kept);
    uint32_t Scores = rows(Name + "scores");
    matmul(EdgeKind::Keys, out(Q), out(K), Scores);
    uint32_t Max = population(Name + "max", S.Heads);
    edge(EdgeKind::Reduce, out(Scores, S.Heads, true), Max);
    uint32_t Weights = rows(Name + "weights");
    edge(EdgeKind::Direct, out(Scores), Weights);
    edge(EdgeKind::Broadcast, out(Max), Weights);
    uint32_t Norm = population(Name + "norm", S.Heads);
    edge(EdgeKind::Reduce, out(Weights, S.Heads), Norm);
    uint32_t Context = population(Name + "context", S.Width, S.Heads);
    matmul(EdgeKind::Values, out(Weights), out(V), Context);
    edge(EdgeKind::Broadcast, out(Norm), Context);
    uint32_t Sum = population(Name + "sum", S.Width);
    linear(out(Context), Sum, 4);
    edge(EdgeKind::Direct, out(Kept), Sum);
    uint32_t Up = population(Name + "up", S.Hidden);
    linear(out(Sum), Up, 4);
    linear(out(Sum), Up, 4); // the gate
    uint32_t Down = population(Name + "down", S.Width);
    linear(out(Up), Down, 4);
    edge(EdgeKind::Direct, out(Sum), Down);
    return Down;
  }

  Shape S;
  uint32_t Sweep = 0;
};

ChipSpec writable(ChipSpec Chip) {
  Chip.Core.DynamicSynapses = true;
  Chip.Core.WeightBits = {1, 2, 4, 8};
  return Chip;
}

TEST(Attention, RandomShapesObeyEveryRule) {
  uint32_t Fitted = 0, Relayed = 0, Cut = 0;
  for (uint32_t Seed = 0; Seed != 60; ++Seed) {
    SCOPED_TRACE(Seed);
    std::mt19937 Random(Seed);
    auto Pick = [&](uint32_t Low, uint32_t High) {
      return Low + uint32_t(Random() % (High - Low + 1));
    };
    const ChipSpec Chip = writable(randomChip(Random));
    Shape S;
    S.KvHeads = Pick(1, 3);
    S.Heads = S.KvHeads * Pick(1, 3);
    S.Width = S.Heads * 2 * Pick(2, 20);
    S.Hidden = Pick(20, 400);
    S.Positions = Pick(1, 70);
    S.Steps = Pick(1, 3);
    S.Layers = Pick(1, 2);
    S.Causal = Random() % 2;
    S.Salient = Random() % 2 ? Pick(2, 9) : 0;
    const Workload Net = Builder(S).Net;
    const PartitionProblem Problem{Net, Chip};
    ASSERT_TRUE(Problem.check().empty()) << Problem.check().front().format();
    Partition Found = partitionAnalytically(Problem);
    if (!Found.Fit.fits()) {
      EXPECT_FALSE(Found.Fit.Failure->Change.empty());
      continue;
    }
    ++Fitted;
    Relayed += !Found.Map.Relays.empty();
    for (const MappedTile &T : Found.Map.Tiles)
      Cut += T.isDynamic() && T.FirstPosition != 0;
    auto Faults = Problem.verify(Found.Map);
    ASSERT_TRUE(Faults.empty()) << textOf(Faults);
    const PlaceProblem Place{Found.Map, Chip};
    Placement Where = placeShuffled(Place, Seed);
    sortByCoreId(Found.Map, Where);
    Faults = Problem.verify(Found.Map);
    ASSERT_TRUE(Faults.empty()) << "sorted: " << textOf(Faults);
  }
  EXPECT_GE(Fitted, 30u);
  EXPECT_GE(Relayed, 5u);
  EXPECT_GE(Cut, 1u);
}

TEST(Attention, VerifyNamesDamage) {
  Shape S;
  S.Causal = false;
  S.Steps = 2;
  S.Salient = 3;
  const Workload Net = Builder(S).Net;
  const ChipSpec Chip = writable(largeChip());
  const PartitionProblem Problem{Net, Chip};
  ASSERT_TRUE(Problem.check().empty()) << Problem.check().front().format();
  const Partition Sound = partitionAnalytically(Problem);
  ASSERT_TRUE(Sound.Fit.fits()) << Sound.Fit.table();
  ASSERT_EQ(textOf(Problem.verify(Sound.Map)), "");
  auto Broken = [&](const std::function<void(Mapping &)> &Damage) {
    Mapping Map = Sound.Map;
    Damage(Map);
    std::vector<std::string> Rules;
    for (const Violation &V : Problem.verify(Map))
      Rules.push_back(V.Rule);
    return Rules;
  };
  auto Dynamic = [](Mapping &M) -> MappedTile & {
    for (MappedTile &T : M.Tiles)
      if (T.isDynamic())
        return T;
    return M.Tiles.front();
  };
  auto Axon = [](Mapping &M, auto Is) -> MappedAxon & {
    for (MappedAxon &A : M.Axons)
      if (Is(A))
        return A;
    return M.Axons.front();
  };
  using ::testing::Contains;
  EXPECT_THAT(Broken([&](Mapping &M) { Dynamic(M).Planes = 1; }),
              Contains("memory"));
  EXPECT_THAT(Broken([&](Mapping &M) { Dynamic(M).FirstPosition += 1; }),
              Contains("memory"));
  EXPECT_THAT(Broken([&](Mapping &M) {
                Axon(M, [](auto &A) {
                  return A.Kind == image::AxonKind::Write;
                }).Offset += 1;
              }),
              Contains("axon"));
  EXPECT_THAT(Broken([&](Mapping &M) {
                Axon(M, [](auto &A) {
                  return A.Kind == image::AxonKind::Write;
                }).Target = &Dynamic(M) - M.Tiles.data() + 1;
              }),
              Contains("write"));
  EXPECT_THAT(
      Broken([&](Mapping &M) { std::swap(M.Tables[0][0], M.Tables[0][3]); }),
      Contains("axon"));
  EXPECT_THAT(Broken([](Mapping &M) {
                for (MappedBlock &B : M.Blocks)
                  if (B.Rows != image::RowRule::None)
                    B.FirstRow += 1;
              }),
              Contains("rows"));
  EXPECT_THAT(Broken([](Mapping &M) {
                for (MappedBlock &B : M.Blocks)
                  B.Sweep = 0;
              }),
              Contains("sweep"));
  EXPECT_THAT(Broken([](Mapping &M) {
                for (MappedSlot &S : M.Slots)
                  S.EntryBytes = 1;
              }),
              Contains("slot"));
  EXPECT_THAT(Broken([](Mapping &M) {
                for (MappedOutput &O : M.Outputs)
                  if (O.Reduced)
                    O.ReducedIndex += 1;
              }),
              Contains("output"));
  EXPECT_THAT(Broken([](Mapping &M) { M.Cores[0].Use.DynamicBytes += 1; }),
              Contains("limit"));
}

/// LLaMA-7B's shape on Loihi 2's: seconds, not minutes.
TEST(Attention, ALargeModelIsMappedInSeconds) {
  Shape S;
  S.Layers = 32;
  S.Width = 4096;
  S.Hidden = 11008;
  S.Heads = S.KvHeads = 32;
  S.Positions = 2048;
  S.Vocabulary = 32000;
  S.Salient = 10;
  const Workload Net = Builder(S).Net;
  ChipSpec Chip = writable(largeChip());
  Chip.System.MaxChips = 65536;
  auto Start = std::chrono::steady_clock::now();
  const Partition Found = partitionAnalytically({Net, Chip});
  const double Seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - Start)
          .count();
  ASSERT_TRUE(Found.Fit.fits()) << Found.Fit.error().format();
  std::cout << Found.Fit.table() << "blocks " << Found.Map.Blocks.size()
            << ", tiles " << Found.Map.Tiles.size() << ", flows "
            << Found.Map.Flows.size() << ", axons " << Found.Map.Axons.size()
            << ", tables " << Found.Map.Tables.size() << ", levels "
            << Found.Map.NumLevels << "\npartition " << Seconds << " s\n";
  // Keys and values of 4 bits: 32 layers x 2 x 2048 x 4096 / 2 bytes.
  EXPECT_EQ(Found.Fit.DynamicBytes, 32ull * 2 * 2048 * 4096 / 2);
  EXPECT_LT(Seconds, 60);
}

} // namespace
