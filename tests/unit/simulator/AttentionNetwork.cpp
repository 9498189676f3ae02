//===- AttentionNetwork.cpp - A small network with a memory ---------------===//

#include "tests/unit/simulator/AttentionNetwork.h"

#include <algorithm>

namespace synfire::sim {
namespace {

using image::AxonKind;
using image::PayloadKind;
using isa::Opcode;

int weight(uint32_t Salt, uint32_t Row, uint32_t Col, int Bits) {
  const uint32_t Hash = (Row * 73 + Col * 151 + Salt * 911) * 2654435761u >> 20;
  const int Most = (1 << (Bits - 1)) - 1;
  return static_cast<int>(Hash % (2 * Most + 1)) - Most;
}
int embX(uint32_t Token, uint32_t J) { return weight(1, Token, J, 8) / 8; }
int posX(uint32_t Position, uint32_t J) { return weight(2, Position, J, 4); }
int embK(uint32_t Token, uint32_t J) { return weight(3, Token, J, 4); }
int typeK(uint32_t Type, uint32_t J) { return weight(4, Type, J, 2); }
int embV(uint32_t Token, uint32_t J) { return weight(5, Token, J, 4); }
uint32_t rowOfX(uint32_t Token) { return Token * 3 % AttentionNetwork::Tokens; }

constexpr int32_t MostX = 20, MostQ = 7, MostE = 15;

/// r[To] = clamp(r[From], Low, High); takes registers To and To + 1.
void clamp(std::vector<isa::Instruction> &Code, uint16_t To, uint16_t From,
           int32_t Low, int32_t High) {
  const uint16_t At = static_cast<uint16_t>(To + 1);
  Code.push_back(constant(At, static_cast<uint32_t>(Low)));
  Code.push_back(op(Opcode::MaxI, To, From, At));
  const uint16_t Up = static_cast<uint16_t>(To + 2);
  Code.push_back(constant(Up, static_cast<uint32_t>(High)));
  Code.push_back(op(Opcode::MinI, To, To, Up));
}

std::vector<ImageBuilder::Program> makePrograms() {
  auto slot = [](uint16_t To) { return load(Opcode::LoadAccumulator, To, 0); };
  auto step = [](uint16_t To) {
    return uniform(load(Opcode::LoadStep, To, 0));
  };
  ImageBuilder::Program X{"x", {}, 1, 0, 1, 32, {0.0f}};
  X.Code = {slot(0), load(Opcode::LoadState, 1, 0), op(Opcode::AddI, 2, 0, 1)};
  clamp(X.Code, 3, 2, -MostX, MostX);
  X.Code.push_back(store(Opcode::StoreState, 0, 3));
  X.Code.push_back(store(Opcode::Emit, 0, 3));
  ImageBuilder::Program K{"k", {}, 1, 0, 1, 32, {}};
  K.Code = {slot(0), step(1), op(Opcode::AddI, 2, 0, 1)};
  clamp(K.Code, 3, 2, -1, 1);
  K.Code.push_back(store(Opcode::Emit, 0, 3));
  ImageBuilder::Program V{"v", {}, 1, 0, 1, 32, {}};
  V.Code = {slot(0)};
  clamp(V.Code, 3, 0, -MostQ, MostQ);
  V.Code.push_back(store(Opcode::Emit, 0, 3));
  ImageBuilder::Program Q{"q", {}, 1, 0, 1, 32, {}};
  Q.Code = {slot(0),
            step(1),
            op(Opcode::AddI, 2, 0, 1),
            constant(6, 0u),
            op(Opcode::SubI, 7, 6, 2),
            op(Opcode::MaxI, 2, 2, 7)};
  clamp(Q.Code, 3, 2, 0, MostQ);
  Q.Code.push_back(store(Opcode::Emit, 0, 3));
  ImageBuilder::Program E{"e", {}, 1, 0, 2, 32, {0.0f}};
  E.Code = {slot(0), load(Opcode::LoadState, 1, 0), constant(2, 1u),
            op(Opcode::AddI, 6, 1, 2), op(Opcode::AddI, 7, 0, 6)};
  clamp(E.Code, 3, 7, 0, MostE);
  E.Code.push_back(store(Opcode::StoreState, 0, 6));
  E.Code.push_back(store(Opcode::Emit, 0, 3));
  E.Code.push_back(store(Opcode::Emit, 1, 3));
  ImageBuilder::Program Pass{
      "pass", {slot(0), store(Opcode::Emit, 0, 0)}, 1, 0, 1, 1, {}};
  return {X, K, V, Q, E, Pass};
}

} // namespace

AttentionNetwork::AttentionNetwork(const ChipSpec &Spec,
                                   const AttentionShape &S)
    : Shape(S) {
  ImageBuilder &I = Builder;
  const uint32_t H = S.Heads, G = S.KvHeads, D = S.Width, M = S.Positions;
  const bool Both = !S.Causal;
  I.Sequence = {{S.Steps, M, Both ? 3u : 1u, 0}};
  I.Programs = makePrograms();
  const uint32_t PopX = I.population("x", H * D, 0),
                 PopK = I.population("k", G * D, 1),
                 PopV = I.population("v", G * D, 2),
                 PopQ = I.population("q", H * D, 3),
                 PopE = I.population("e", H * M, 4),
                 PopMax = I.population("max", H, 5),
                 PopC = I.population("c", H * D, 5),
                 PopL = I.population("l", H * D, 5);
  const uint32_t Token = I.stream("token", Tokens, PayloadKind::Binary, 1,
                                  image::None),
                 Position = I.stream("position", M, PayloadKind::Binary, 1,
                                     image::None),
                 Type = I.stream("type", Types, PayloadKind::Binary, 1,
                                 image::None),
                 X = I.stream("x", H * D, PayloadKind::Signed, 6, PopX),
                 K = I.stream("k", G * D, PayloadKind::Ternary, 2, PopK),
                 V = I.stream("v", G * D, PayloadKind::Signed, 4, PopV),
                 Q = I.stream("q", H * D, S.Query, 4, PopQ),
                 E = I.stream("e", H * M, PayloadKind::Unsigned, 4, PopE),
                 EMax =
                     I.stream("e.max", H * M, PayloadKind::Unsigned, 4, PopE),
                 Max = I.stream("max", H, PayloadKind::Signed, 32, PopMax),
                 C = I.stream("c", H * D, PayloadKind::Signed, 32, PopC),
                 L = I.stream("l", H * D, PayloadKind::Signed, 32, PopL);
  I.Streams[Position].Role = image::HostRole::Position;
  I.Streams[Type].Role = image::HostRole::Type;
  StreamQ = Q, StreamK = K, StreamE = E;
  auto linear = [&](const char *Name, uint32_t Rows, uint32_t Cols,
                    uint16_t Bits) {
    I.Connections.push_back({I.name(Name), Rows, Cols, Bits, 1});
    return static_cast<uint32_t>(I.Connections.size() - 1);
  };
  const uint32_t EmbX = linear("emb.x", Tokens, H * D, 8),
                 PosX = linear("pos.x", M, H * D, 4),
                 EmbK = linear("emb.k", Tokens, G * D, 4),
                 TypeK = linear("type.k", Types, G * D, 2),
                 EmbV = linear("emb.v", Tokens, G * D, 4);
  I.Connections.push_back(
      {I.name("keys"), H * D, H * M, 2, 1, image::ConnectionKind::Keys, H, G});
  I.Connections.push_back({I.name("values"), H * M, H * D, 4, 0,
                           image::ConnectionKind::Values, H, G});
  const uint32_t Keys = EmbV + 1, Values = EmbV + 2;

  uint32_t Dealt = 0;
  auto block = [&](uint32_t Population, uint32_t First, uint32_t N,
                   uint32_t Level, uint16_t Sweep,
                   std::vector<ImageBuilder::Block::Output> Outputs) {
    I.Blocks.push_back({S.Cores[Dealt++ % S.Cores.size()],
                        Population,
                        First,
                        N,
                        Level,
                        {false},
                        {},
                        std::move(Outputs)});
    I.Blocks.back().Sweep = Both ? Sweep : 0;
    return static_cast<uint32_t>(I.Blocks.size() - 1);
  };
  const uint32_t BX = block(PopX, 0, H * D, 0, 0, {{X}}),
                 BK = block(PopK, 0, G * D, 0, 0, {{K}}),
                 BV = block(PopV, 0, G * D, 0, 0, {{V}}),
                 BQ = block(PopQ, 0, H * D, 1, 1, {{Q}});
  std::vector<uint32_t> BE, BC;
  for (uint32_t h = 0; h < H; ++h)
    for (uint32_t First = 0; First < M; First += S.Chunk) {
      const uint32_t N = std::min(S.Chunk, M - First);
      BE.push_back(block(PopE, h * M + First, N, 2, 1,
                         {{E, 0, {}, 0}, {EMax, 2, {}, h}}));
      I.Blocks.back().Rows =
          S.Causal ? image::RowRule::Seen : image::RowRule::All;
      I.Blocks.back().FirstRow = First;
    }
  const uint32_t BMax = block(PopMax, 0, H, 3, 1, {{Max}});
  I.Blocks[BMax].Largest = true;
  for (uint32_t h = 0; h < H; ++h)
    BC.push_back(block(PopC, h * D, D, 3, 1, {{C}}));
  const uint32_t BL = block(PopL, 0, H * D, 4, 2, {{L}});
  if (Both) {
    I.Blocks[BQ].Holds = image::Held::Each;
    I.Blocks[BL].Holds = image::Held::Last;
  }

  struct Cast { ///< a flow and what it does
    std::vector<uint32_t> Cores;
    std::vector<ImageBuilder::Axon> Axons;
    void add(ImageBuilder::Axon A) {
      if (std::ranges::find(Cores, A.Core) == Cores.end())
        Cores.push_back(A.Core);
      Axons.push_back(A);
    }
  };
  auto send = [&](ImageBuilder::Flow F, Cast To, bool Host = false) {
    const uint32_t Index = I.flow(Spec, std::move(F), To.Cores, Host);
    for (ImageBuilder::Axon &A : To.Axons) {
      A.Flow = Index;
      I.Axons.push_back(A);
    }
  };
  auto coreOf = [&](uint32_t Block) { return I.Blocks[Block].Core; };
  auto embed = [&](uint32_t Connection, uint32_t Block, auto Weight,
                   image::WeightFormat Format) {
    return I.tile(Connection, 0, I.Connections[Connection].Rows, 0,
                  I.Connections[Connection].Cols, coreOf(Block), Block, 0, 0,
                  Weight, Format);
  };
  // Rows of x are in another order than tokens.
  const uint32_t TX = embed(
      EmbX, BX,
      [](uint32_t Row, uint32_t J) {
        uint32_t T = 0;
        while (rowOfX(T) != Row)
          ++T;
        return embX(T, J);
      },
      image::WeightFormat::Int8);
  for (uint32_t T = 0; T < Tokens; ++T)
    I.AxonRows.push_back(rowOfX(T));
  const uint32_t TP = embed(PosX, BX, posX, image::WeightFormat::Int4),
                 TK = embed(EmbK, BK, embK, image::WeightFormat::Int4),
                 TT = embed(TypeK, BK, typeK, image::WeightFormat::Int2),
                 TV = embed(EmbV, BV, embV, image::WeightFormat::Int4);
  Cast Of;
  Of.add({coreOf(BX), 0, AxonKind::Rows, 0, Tokens, TX, 0, 0, 0});
  Of.add({coreOf(BK), 0, AxonKind::Rows, 0, Tokens, TK, 0, 0});
  Of.add({coreOf(BV), 0, AxonKind::Rows, 0, Tokens, TV, 0, 0});
  send({image::None, 0, Token, 0, Tokens, {}}, Of);
  Of = {};
  Of.add({coreOf(BX), 0, AxonKind::Rows, 0, M, TP, 0, 0});
  send({image::None, 0, Position, 0, M, {}}, Of);
  Of = {};
  Of.add({coreOf(BK), 0, AxonKind::Rows, 0, Types, TT, 0, 0});
  send({image::None, 0, Type, 0, Types, {}}, Of);
  Of = {};
  Of.add({coreOf(BQ), 0, AxonKind::Direct, 0, H * D, BQ, 0, 0});
  send({BX, 0, X, 0, H * D, {}}, Of);

  Cast OfQ, OfK, OfV;
  for (uint32_t B : BE) {
    const uint32_t N = I.Blocks[B].NumNeurons, First = I.Blocks[B].FirstRow;
    const uint32_t h = I.Blocks[B].FirstNeuron / M, g = h * G / H;
    const uint32_t TileK = I.dynamicTile({coreOf(B),
                                          Keys,
                                          h * D,
                                          D,
                                          h * M + First,
                                          N,
                                          B,
                                          0,
                                          0,
                                          {},
                                          0,
                                          image::WeightFormat::Int2,
                                          0,
                                          First});
    OfQ.add({coreOf(B), 0, AxonKind::Rows, h * D, D, TileK, 0, 0});
    OfK.add({coreOf(B), 0, AxonKind::Write, g * D, D, TileK, 0, 0});
    const uint32_t To = BC[h];
    const uint32_t TileV = I.dynamicTile({coreOf(To),
                                          Values,
                                          h * M + First,
                                          N,
                                          h * D,
                                          D,
                                          To,
                                          0,
                                          0,
                                          {},
                                          0,
                                          image::WeightFormat::Int4,
                                          0,
                                          First});
    OfV.add({coreOf(To), 0, AxonKind::Write, g * D, D, TileV, 0, 0});
    Of = {};
    Of.add({coreOf(To), 0, AxonKind::Rows, h * M + First, N, TileV, 0, 0});
    send({B, 0, E, h * M + First, N, {}}, Of);
    Of = {};
    Of.add({coreOf(BMax), 0, AxonKind::Direct, h, 1, BMax, 0, h});
    send({B, 1, EMax, h, 1, {}}, Of);
  }
  send({BQ, 0, Q, 0, H * D, {}}, OfQ);
  send({BK, 0, K, 0, G * D, {}}, OfK);
  send({BV, 0, V, 0, G * D, {}}, OfV);
  for (uint32_t h = 0; h < H; ++h) {
    Of = {};
    Of.add({coreOf(BL), 0, AxonKind::Direct, h * D, D, BL, 0, h * D});
    send({BC[h], 0, C, h * D, D, {}}, Of, true);
  }
  send({BMax, 0, Max, 0, H, {}}, {}, true);
  send({BL, 0, L, 0, H * D, {}}, {}, true);
  I.HostScales.assign(H + 2 * H * D, 0.5f);
}

AttentionNetwork::Expected
AttentionNetwork::expect(const SequenceInput &In) const {
  const AttentionShape &S = Shape;
  const uint32_t H = S.Heads, G = S.KvHeads, D = S.Width, M = S.Positions;
  const auto N = static_cast<uint32_t>(In.Tokens.size());
  auto valid = [&](uint32_t T) { return In.Valid.empty() || In.Valid[T]; };
  Expected Out;
  std::vector<int32_t> State(H * D), Runs(H * M), C, X, V, Max;
  std::vector<uint32_t> TokenOfRow;
  for (uint32_t T = 0; T < N; ++T) {
    if (valid(T))
      TokenOfRow.push_back(T);
    for (uint32_t P = 0; P < S.Steps; ++P) {
      const int32_t Step = static_cast<int32_t>(P);
      for (uint32_t J = 0; J < H * D; ++J) {
        State[J] = std::clamp(State[J] + embX(In.Tokens[T], J) + posX(T, J),
                              -MostX, MostX);
        Out.Q.push_back(std::min(std::abs(State[J] + Step), MostQ));
      }
      for (uint32_t J = 0; J < G * D; ++J) {
        const int Of = embK(In.Tokens[T], J) +
                       typeK(In.Types.empty() ? 0 : In.Types[T], J);
        Out.K.push_back(std::clamp(Of + Step, -1, 1));
        V.push_back(std::clamp(embV(In.Tokens[T], J), -MostQ, MostQ));
      }
      Out.RowsThere.push_back(static_cast<uint32_t>(TokenOfRow.size()));
    }
  }
  for (uint32_t T = 0; T < N; ++T)
    for (uint32_t P = 0; P < S.Steps; ++P) {
      const uint32_t At = T * S.Steps + P;
      if (!S.Causal)
        Out.RowsThere[At] = static_cast<uint32_t>(TokenOfRow.size());
      for (uint32_t h = 0; h < H; ++h) {
        std::vector<int32_t> Context(D);
        int32_t Most = 0;
        for (uint32_t R = 0; R < M; ++R) {
          if (R >= Out.RowsThere[At]) {
            Out.E.push_back(0);
            continue;
          }
          const uint32_t Row =
              (TokenOfRow[R] * S.Steps + P) * G * D + h * G / H * D;
          int32_t Sum = ++Runs[h * M + R];
          for (uint32_t J = 0; J < D; ++J)
            Sum += Out.Q[At * H * D + h * D + J] * Out.K[Row + J];
          Out.E.push_back(std::clamp(Sum, 0, MostE));
          Most = std::max(Most, Out.E.back());
          for (uint32_t J = 0; J < D; ++J)
            Context[J] += Out.E.back() * V[Row + J];
        }
        Max.push_back(Most);
        C.insert(C.end(), Context.begin(), Context.end());
      }
    }
  const uint32_t LastStep = N * S.Steps - 1;
  for (uint32_t T = 0; T < N; ++T) {
    const uint32_t At = T * S.Steps + S.Steps - 1;
    auto tell = [&](const std::vector<int32_t> &Of, uint32_t Step, uint32_t W) {
      for (uint32_t J = 0; J < W; ++J)
        Out.Logits.push_back(float(Of[Step * W + J]) * 0.5f);
    };
    tell(Max, At, H);
    tell(C, At, H * D);
    tell(C, S.Causal ? At : LastStep, H * D);
  }
  return Out;
}

} // namespace synfire::sim
