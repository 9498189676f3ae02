//===- TestNetwork.cpp - A small network, cut in many ways ----------------===//

#include "tests/unit/simulator/TestNetwork.h"

#include "targets/Maths.h"

#include <algorithm>

namespace synfire::sim {

using isa::Opcode;
using Output = ImageBuilder::Block::Output;

namespace {

/// Programs by index.
enum { ProgramA, ProgramR, ProgramB, ProgramC, ProgramRelay };

std::vector<ImageBuilder::Program> makePrograms() {
  // Membrane v += sum / 8; fires at the threshold and subtracts it.
  ImageBuilder::Program A{
      "a",
      {load(Opcode::LoadAccumulator, 0, 0), op(Opcode::IntToFloat, 1, 0),
       constant(2, 0.125f), op(Opcode::MulF, 3, 1, 2),
       load(Opcode::LoadState, 4, 0), op(Opcode::AddF, 5, 4, 3),
       load(Opcode::LoadParameter, 6, 0), op(Opcode::GeF, 7, 5, 6),
       op(Opcode::IntToFloat, 8, 7), op(Opcode::MulF, 9, 8, 6),
       op(Opcode::SubF, 10, 5, 9), store(Opcode::StoreState, 0, 10),
       store(Opcode::Emit, 0, 7), constant(11, 4.0f),
       op(Opcode::MulF, 12, 10, 11), op(Opcode::FloatToInt, 13, 12),
       store(Opcode::Emit, 1, 13), store(Opcode::Emit, 2, 13)},
      1,
      1,
      3,
      16,
      {0.25f}};
  ImageBuilder::Program R{"r",
                          {load(Opcode::LoadAccumulator, 0, 0), constant(1, 2u),
                           op(Opcode::ShrI, 2, 0, 1),
                           store(Opcode::Emit, 0, 2)},
                          1,
                          0,
                          1,
                          4,
                          {}};
  ImageBuilder::Program B{
      "b",
      {load(Opcode::LoadAccumulator, 0, 0), load(Opcode::LoadAccumulator, 1, 2),
       uniform(load(Opcode::LoadAccumulator, 2, 1)), constant(3, 3u),
       uniform(op(Opcode::AddI, 4, 2, 3)), op(Opcode::AddI, 5, 0, 1),
       op(Opcode::AddI, 5, 5, 4), constant(6, 4u), op(Opcode::ShrI, 7, 5, 6),
       store(Opcode::Emit, 0, 7)},
      3,
      0,
      1,
      8,
      {}};
  ImageBuilder::Program Pass{
      "pass", {load(Opcode::LoadAccumulator, 0, 0), store(Opcode::Emit, 0, 0)},
      1,      0,
      1,      1,
      {}};
  ImageBuilder::Program Relay = Pass;
  Relay.Name = "relay";
  return {A, R, B, Pass, Relay};
}

struct Maker {
  ImageBuilder &I;
  const ChipSpec &Spec;
  const Cuts &C;
  uint32_t Dealt = 0;
  uint32_t NumRelays = 0;

  uint32_t nextCore() { return C.Cores[Dealt++ % C.Cores.size()]; }

  uint32_t block(uint32_t Population, uint32_t First, uint32_t N,
                 uint32_t Level, std::vector<bool> Slots,
                 std::vector<Output> Outputs, std::vector<float> Params = {}) {
    I.Blocks.push_back(
        {nextCore(), Population, First, N, Level, Slots, Params, Outputs});
    return I.Blocks.size() - 1;
  }

  /// Tiles of a linear whose columns belong to \p Owner, cut by rows; all but
  /// the first piece on a core of their own with a relay.
  void linear(uint32_t Connection, const std::vector<uint32_t> &RowBounds,
              uint32_t FirstCol, uint32_t Cols, uint32_t Owner, uint32_t Level,
              int (*Weight)(uint32_t, uint32_t), std::vector<uint32_t> &Tiles) {
    for (size_t P = 0; P + 1 < RowBounds.size(); ++P) {
      uint32_t First = RowBounds[P], Rows = RowBounds[P + 1] - First;
      uint32_t Target = Owner;
      if (P != 0) {
        std::string Name = "relay" + std::to_string(NumRelays++);
        uint32_t Population = I.population(Name, Cols, ProgramRelay, true);
        uint32_t Stream =
            I.stream(Name, Cols, image::PayloadKind::Signed, 32, Population);
        Target = block(Population, 0, Cols, Level, {false}, {{Stream}});
        uint32_t F = I.flow(Spec, {Target, 0, Stream, 0, Cols, {}},
                            {I.Blocks[Owner].Core});
        I.Axons.push_back({I.Blocks[Owner].Core, F, image::AxonKind::Direct, 0,
                           Cols, Owner, 0, 0});
      }
      Tiles.push_back(I.tile(Connection, First, Rows, FirstCol, Cols,
                             I.Blocks[Target].Core, Target, 0, 0, Weight));
    }
  }

  /// Sends output \p Out of \p Block to every tile that has rows for it.
  uint32_t connect(uint32_t Block, uint32_t Out,
                   const std::vector<uint32_t> &Tiles) {
    const ImageBuilder::Block &B = I.Blocks[Block];
    uint32_t First = B.FirstNeuron, Last = First + B.NumNeurons;
    std::vector<uint32_t> Cores;
    std::vector<ImageBuilder::Axon> Axons;
    for (uint32_t T : Tiles) {
      const ImageBuilder::Tile &Tile = I.Tiles[T];
      uint32_t Lo = std::max(First, Tile.FirstRow);
      uint32_t Hi = std::min(Last, Tile.FirstRow + Tile.Rows);
      if (Lo >= Hi)
        continue;
      if (std::ranges::find(Cores, Tile.Core) == Cores.end())
        Cores.push_back(Tile.Core);
      Axons.push_back({Tile.Core, 0, image::AxonKind::Rows, Lo, Hi - Lo, T, 0,
                       Lo - Tile.FirstRow});
    }
    return spread({Block, Out, B.Outputs[Out].Stream, First, B.NumNeurons, {}},
                  Cores, Axons);
  }

  /// One multicast flow, or a copy per core.
  uint32_t spread(ImageBuilder::Flow F, const std::vector<uint32_t> &Cores,
                  std::vector<ImageBuilder::Axon> Axons) {
    uint32_t Index = 0;
    if (Spec.Noc.Multicast) {
      Index = I.flow(Spec, F, Cores);
      for (ImageBuilder::Axon &A : Axons)
        A.Flow = Index;
    } else
      for (uint32_t Core : Cores) {
        Index = I.flow(Spec, F, {Core});
        for (ImageBuilder::Axon &A : Axons)
          if (A.Core == Core)
            A.Flow = Index;
      }
    I.Axons.insert(I.Axons.end(), Axons.begin(), Axons.end());
    return Index;
  }
};

} // namespace

TestNetwork::TestNetwork(const ChipSpec &Spec, const Cuts &C,
                         image::WeightFormat Embedding) {
  using image::PayloadKind;
  ImageBuilder &I = Builder;
  Maker M{I, Spec, C};
  bool Bit = Embedding == image::WeightFormat::Bit1;
  I.Programs = makePrograms();
  uint32_t PopA = I.population("a", NumA, ProgramA),
           PopR = I.population("r", 1, ProgramR),
           PopB = I.population("b", NumB, ProgramB),
           PopC = I.population("c", NumC, ProgramC);
  uint32_t Token =
               I.stream("token", Tokens, PayloadKind::Binary, 1, image::None),
           Spike = I.stream("a.spike", NumA, PayloadKind::Binary, 1, PopA),
           Grade = I.stream("a.grade", NumA, PayloadKind::Signed, 16, PopA),
           Sum = I.stream("a.sum", 1, PayloadKind::Signed, 16, PopA),
           R = I.stream("r", 1, PayloadKind::Signed, 24, PopR),
           B = I.stream("b", NumB, PayloadKind::Signed, 16, PopB),
           Logit = I.stream("c", NumC, PayloadKind::Signed, 32, PopC);
  I.Connections.push_back(
      {I.name("embedding"), Tokens, NumA, uint16_t(Bit ? 1 : 8), 1});
  I.Connections.push_back({I.name("w1"), NumA, NumB, 8, 1});
  I.Connections.push_back({I.name("w2"), NumB, NumC, 8, 0});

  std::vector<uint32_t> BlocksA, BlocksB, TilesEmbedding, TilesW1, TilesW2;
  for (size_t P = 0; P + 1 < C.A.size(); ++P) {
    uint32_t First = C.A[P], N = C.A[P + 1] - First;
    std::vector<float> Thresholds;
    for (uint32_t J = First; J < First + N; ++J)
      Thresholds.push_back(threshold(J));
    BlocksA.push_back(M.block(PopA, First, N, 0, {false},
                              {{Spike}, {Grade}, {Sum, true}}, Thresholds));
    TilesEmbedding.push_back(I.tile(
        0, 0, Tokens, First, N, I.Blocks[BlocksA.back()].Core, BlocksA.back(),
        0, 0, [&](uint32_t T, uint32_t J) { return embedding(T, J, Bit); },
        Embedding));
  }
  uint32_t BlockR = M.block(PopR, 0, 1, 1, {false}, {{R}});
  for (size_t P = 0; P + 1 < C.B.size(); ++P) {
    uint32_t First = C.B[P], N = C.B[P + 1] - First;
    BlocksB.push_back(M.block(PopB, First, N, 2, {false, true, false}, {{B}}));
    M.linear(1, C.RowsOfW1, First, N, BlocksB.back(), 1, w1, TilesW1);
  }
  uint32_t LevelC = C.RowsOfW2.size() > 2 ? 4 : 3;
  uint32_t BlockC = M.block(PopC, 0, NumC, LevelC, {false}, {{Logit}});
  M.linear(2, C.RowsOfW2, 0, NumC, BlockC, 3, w2, TilesW2);

  std::vector<uint32_t> Cores;
  std::vector<ImageBuilder::Axon> Axons;
  for (uint32_t T : TilesEmbedding) {
    uint32_t Core = I.Tiles[T].Core;
    if (std::ranges::find(Cores, Core) == Cores.end())
      Cores.push_back(Core);
    Axons.push_back({Core, 0, image::AxonKind::Rows, 0, Tokens, T, 0, 0});
  }
  M.spread({image::None, 0, Token, 0, Tokens, {}}, Cores, Axons);
  for (uint32_t Block : BlocksA) {
    FlowsOfA.push_back(M.connect(Block, 0, TilesW1));
    uint32_t First = I.Blocks[Block].FirstNeuron,
             N = I.Blocks[Block].NumNeurons;
    Cores.clear();
    Axons.clear();
    for (uint32_t To : BlocksB) {
      const ImageBuilder::Block &Target = I.Blocks[To];
      uint32_t Lo = std::max(First, Target.FirstNeuron);
      uint32_t Hi = std::min(First + N, Target.FirstNeuron + Target.NumNeurons);
      if (Lo >= Hi)
        continue;
      if (std::ranges::find(Cores, Target.Core) == Cores.end())
        Cores.push_back(Target.Core);
      Axons.push_back({Target.Core, 0, image::AxonKind::Direct, Lo, Hi - Lo, To,
                       2, Lo - Target.FirstNeuron});
    }
    M.spread({Block, 1, Grade, First, N, {}}, Cores, Axons);
    uint32_t CoreR = I.Blocks[BlockR].Core;
    M.spread({Block, 2, Sum, 0, 1, {}}, {CoreR},
             {{CoreR, 0, image::AxonKind::Direct, 0, 1, BlockR, 0, 0}});
  }
  Cores.clear();
  Axons.clear();
  for (uint32_t Block : BlocksB) {
    M.connect(Block, 0, TilesW2);
    uint32_t Core = I.Blocks[Block].Core;
    if (std::ranges::find(Cores, Core) == Cores.end())
      Cores.push_back(Core);
    Axons.push_back({Core, 0, image::AxonKind::Direct, 0, 1, Block, 1, 0});
  }
  M.spread({BlockR, 0, R, 0, 1, {}}, Cores, Axons);
  I.flow(Spec, {BlockC, 0, Logit, 0, NumC, {}}, {}, true);
  for (uint32_t J = 0; J < NumC; ++J)
    I.HostScales.push_back(scale(J));
}

TestNetwork::Expected TestNetwork::expect(const std::vector<uint32_t> &TokenIds,
                                          bool Bit) {
  Expected Out;
  std::vector<float> V(NumA, 0.25f);
  for (uint32_t Token : TokenIds) {
    int32_t Sum = 0;
    std::vector<int32_t> Spike(NumA), Grade(NumA), B(NumB);
    for (uint32_t J = 0; J < NumA; ++J) {
      V[J] = V[J] + float(embedding(Token, J, Bit)) * 0.125f;
      Spike[J] = V[J] >= threshold(J);
      V[J] = V[J] - float(Spike[J]) * threshold(J);
      Grade[J] = maths::toInt(V[J] * 4.0f);
      Sum += Grade[J];
    }
    for (uint32_t J = 0; J < NumB; ++J) {
      int32_t S = J < NumA ? Grade[J] : 0;
      for (uint32_t I = 0; I < NumA; ++I)
        S += Spike[I] * w1(I, J);
      B[J] = (S + (Sum >> 2) + 3) >> 4;
    }
    for (uint32_t J = 0; J < NumC; ++J) {
      int32_t S = 0;
      for (uint32_t I = 0; I < NumB; ++I)
        S += B[I] * w2(I, J);
      Out.Logits.push_back(float(S) * scale(J));
    }
    Out.Spikes.insert(Out.Spikes.end(), Spike.begin(), Spike.end());
    Out.Grades.insert(Out.Grades.end(), Grade.begin(), Grade.end());
    Out.B.insert(Out.B.end(), B.begin(), B.end());
  }
  return Out;
}

} // namespace synfire::sim
