//===- WindowNetwork.cpp - Random nets of places and delays ---------------===//

#include "tests/unit/simulator/WindowNetwork.h"

#include "targets/Maths.h"

#include <algorithm>
#include <set>

namespace synfire::sim {
namespace {

using image::AxonKind;
using image::PayloadKind;
using image::WeightFormat;
using isa::Opcode;

constexpr int32_t Most = 100; ///< magnitude of what neurons send

uint32_t pick(std::mt19937 &Random, uint32_t Low, uint32_t High) {
  return Low + static_cast<uint32_t>(Random() % (High - Low + 1));
}

ImageBuilder::Program makeProgram(int32_t Initial) {
  isa::Instruction Decay = op(Opcode::MulShiftZero, 3, 1, 2);
  Decay.Imm = 3;
  ImageBuilder::Program P{
      "leak",
      {load(Opcode::LoadAccumulator, 0, 0), load(Opcode::LoadState, 1, 0),
       constant(2, 5u), Decay, op(Opcode::AddI, 4, 0, 3),
       store(Opcode::StoreState, 0, 4), constant(5, 2u),
       op(Opcode::ShrI, 6, 4, 5), constant(7, static_cast<uint32_t>(-Most)),
       op(Opcode::MaxI, 8, 6, 7), constant(9, static_cast<uint32_t>(Most)),
       op(Opcode::MinI, 10, 8, 9), store(Opcode::Emit, 0, 10)},
      1,
      0,
      1,
      11,
      {std::bit_cast<float>(Initial)}};
  return P;
}

/// Cuts \p N neurons at random places into up to four blocks.
std::vector<uint32_t> drawCuts(uint32_t N, std::mt19937 &Random) {
  std::set<uint32_t> Cuts = {0, N};
  for (uint32_t I = pick(Random, 0, 3); I > 0; --I)
    Cuts.insert(pick(Random, 0, N));
  return {Cuts.begin(), Cuts.end()};
}

} // namespace

int WindowNetwork::Edge::weight(uint32_t Row, uint32_t Col) const {
  const uint32_t Hash =
      (Row * 7919 + Col * 104729 + Salt * 911 + 13) * 2654435761u >> 16;
  if (Hash % 5 == 0)
    return 0;
  const int Bits = static_cast<int>(image::bitsOf(Format));
  if (Bits == 1)
    return Hash % 2;
  return static_cast<int>(Hash / 5 % (1u << Bits)) - (1 << (Bits - 1));
}

image::WindowRecord WindowNetwork::drawWindow(const Place &From,
                                              const Place &To,
                                              std::mt19937 &Random) const {
  image::WindowRecord W{};
  W.SourceChannels = From.Channels;
  W.SourceHeight = From.Height;
  W.SourceWidth = From.Width;
  W.TargetChannels = To.Channels;
  W.TargetHeight = To.Height;
  W.TargetWidth = To.Width;
  W.KernelHeight = pick(Random, 1, 4);
  W.KernelWidth = pick(Random, 1, 4);
  W.StrideY = pick(Random, 1, 3);
  W.StrideX = pick(Random, 1, 3);
  W.PadY = pick(Random, 0, 3);
  W.PadX = pick(Random, 0, 3);
  W.DilationY = pick(Random, 1, 3);
  W.DilationX = pick(Random, 1, 3);
  W.Groups = 1;
  if (From.Channels == To.Channels && Random() % 3 == 0) {
    W.Shared = 1;
    W.Groups = From.Channels;
  } else {
    for (uint32_t G : {2u, 3u, 4u})
      if (From.Channels % G == 0 && To.Channels % G == 0 && Random() % 2)
        W.Groups = G;
  }
  return W;
}

void WindowNetwork::addEdges(std::mt19937 &Random) {
  const auto Populations = static_cast<uint32_t>(Places.size()) - 1;
  auto add = [&](uint32_t From, uint32_t To) {
    Edge E;
    E.From = From;
    E.To = To;
    E.Salt = static_cast<uint32_t>(Edges.size());
    // Population p is at level p - 1, the host before.
    const uint32_t Least = From >= To ? From + 1 - To : 0;
    E.Delay = Least + (Random() % 3 == 0 ? pick(Random, 0, 3) : 0);
    const uint32_t Kind = Random() % 6;
    E.Kind = Kind == 0   ? AxonKind::Direct
             : Kind == 1 ? AxonKind::Rows
                         : AxonKind::Window;
    constexpr WeightFormat Formats[] = {WeightFormat::Int8, WeightFormat::Int4,
                                        WeightFormat::Int2, WeightFormat::Bit1};
    E.Format = Formats[Random() % 4];
    E.Connection = static_cast<uint32_t>(Builder.Connections.size());
    const auto Bits = static_cast<uint16_t>(image::bitsOf(E.Format));
    const std::string Name =
        std::string("edge").append(std::to_string(Edges.size()));
    if (E.Kind == AxonKind::Rows)
      Builder.Connections.push_back({Builder.name(Name), Places[From].size(),
                                     Places[To].size(), Bits, 0});
    if (E.Kind == AxonKind::Window) {
      E.Window = drawWindow(Places[From], Places[To], Random);
      Builder.Connections.push_back(
          {Builder.name(Name), static_cast<uint32_t>(E.Window.numSources()),
           static_cast<uint32_t>(E.Window.numTargets()), Bits, 0,
           image::ConnectionKind::Window, 1, 1,
           static_cast<uint32_t>(Builder.Windows.size())});
      Builder.Windows.push_back(E.Window);
    }
    Edges.push_back(E);
  };
  for (uint32_t P = 1; P <= Populations; ++P)
    add(pick(Random, 0, P - 1), P);
  for (uint32_t I = pick(Random, 1, 4); I > 0; --I)
    add(pick(Random, 0, Populations), pick(Random, 1, Populations));
}

void WindowNetwork::addBlocks(const ChipSpec &Spec, std::mt19937 &Random) {
  ImageBuilder &I = Builder;
  const uint32_t Cores = pick(Random, 1, 6);
  uint32_t Dealt = 0;
  std::vector<std::vector<uint32_t>> Blocks(Places.size());
  std::vector<uint32_t> Streams(Places.size());
  for (uint32_t P = 1; P < Places.size(); ++P) {
    const std::string Name = std::string("p").append(std::to_string(P));
    const uint32_t Of = I.population(Name, Places[P].size(), 0);
    Streams[P] = I.stream(Name, Places[P].size(), PayloadKind::Signed, 8, Of);
    for (size_t C = 0; C + 1 < Cuts[P].size(); ++C) {
      I.Blocks.push_back({Dealt++ % Cores,
                          Of,
                          Cuts[P][C],
                          Cuts[P][C + 1] - Cuts[P][C],
                          P - 1,
                          {false},
                          {},
                          {{Streams[P]}}});
      std::tie(I.Blocks.back().ResetEvery, I.Blocks.back().ResetAt) = Resets[P];
      Blocks[P].push_back(static_cast<uint32_t>(I.Blocks.size() - 1));
    }
  }
  // Tiles first: one per edge and block of its target.
  std::vector<std::vector<uint32_t>> Tiles(Edges.size());
  for (uint32_t E = 0; E < Edges.size(); ++E)
    for (uint32_t B : Blocks[Edges[E].To]) {
      const ImageBuilder::Block To = I.Blocks[B];
      const Edge &Of = Edges[E];
      auto weight = [&](uint32_t Row, uint32_t Col) {
        return Of.weight(Row, Col);
      };
      uint32_t Made = image::None;
      if (Of.Kind == AxonKind::Rows)
        Made = I.tile(Of.Connection, 0, Places[Of.From].size(), To.FirstNeuron,
                      To.NumNeurons, To.Core, B, 0, 0, weight, Of.Format);
      // Neurons behind the last column are no targets of a convolution.
      const auto Targets = static_cast<uint32_t>(Of.Window.numTargets());
      if (Of.Kind == AxonKind::Window && To.FirstNeuron < Targets)
        Made = I.windowTile(Of.Connection, To.FirstNeuron,
                            std::min(To.NumNeurons, Targets - To.FirstNeuron),
                            To.Core, B, 0, 0, weight, Of.Format);
      Tiles[E].push_back(Made);
    }
  auto send = [&](uint32_t P, ImageBuilder::Flow F) {
    std::set<uint32_t> To;
    std::vector<ImageBuilder::Axon> Axons;
    for (uint32_t E = 0; E < Edges.size(); ++E) {
      if (Edges[E].From != P)
        continue;
      for (size_t K = 0; K < Blocks[Edges[E].To].size(); ++K) {
        const uint32_t B = Blocks[Edges[E].To][K];
        const ImageBuilder::Block &Of = I.Blocks[B];
        uint32_t First = F.FirstIndex, Last = First + F.NumIndices;
        uint32_t Target = Tiles[E][K], Offset = First;
        if (Edges[E].Kind == AxonKind::Direct) {
          First = std::max(First, Of.FirstNeuron);
          Last = std::min(Last, Of.FirstNeuron + Of.NumNeurons);
          Target = B;
          Offset = First - Of.FirstNeuron;
        }
        if (First >= Last || Target == image::None)
          continue;
        To.insert(Of.Core);
        Axons.push_back({Of.Core, 0, Edges[E].Kind, First, Last - First, Target,
                         0, Edges[E].Kind == AxonKind::Window ? 0 : Offset,
                         image::None, Edges[E].Delay});
      }
    }
    if (To.empty() && P == 0)
      return;
    const uint32_t Flow = I.flow(Spec, std::move(F), {To.begin(), To.end()},
                                 /*ToHost=*/P != 0);
    for (ImageBuilder::Axon &A : Axons) {
      A.Flow = Flow;
      I.Axons.push_back(A);
    }
  };
  send(0, {image::None, 0, 0, 0, Places[0].size(), {}});
  for (uint32_t P = 1; P < Places.size(); ++P)
    for (uint32_t B : Blocks[P])
      send(P, {B,
               0,
               Streams[P],
               I.Blocks[B].FirstNeuron,
               I.Blocks[B].NumNeurons,
               {}});
}

WindowNetwork::WindowNetwork(const ChipSpec &Spec, uint32_t Seed) {
  std::mt19937 Random(Seed);
  Steps = pick(Random, 1, 2);
  Builder.Sequence = {{Steps, 0, 1, 0}};
  Initial = static_cast<int32_t>(Random() % 100) - 50;
  Builder.Programs = {makeProgram(Initial)};
  const uint32_t Populations = pick(Random, 1, 3);
  for (uint32_t P = 0; P <= Populations; ++P) {
    constexpr uint32_t Channels[] = {1, 2, 3, 4, 6, 12, 32};
    const uint32_t Of = Channels[Random() % std::size(Channels)];
    const uint32_t Side = Of == 32 ? 3 : 6;
    Places.push_back({Of, pick(Random, 1, Side), pick(Random, 1, Side),
                      Random() % 3 ? 0 : pick(Random, 1, 9)});
    Cuts.push_back(drawCuts(Places.back().size(), Random));
    const uint32_t Every = Random() % 2 ? pick(Random, 1, 7) : 0;
    Resets.emplace_back(Every, Every ? Random() % Every : 0);
  }
  constexpr std::pair<PayloadKind, uint16_t> Kinds[] = {
      {PayloadKind::Binary, 1},   {PayloadKind::Ternary, 2},
      {PayloadKind::Signed, 8},   {PayloadKind::Signed, 24},
      {PayloadKind::Unsigned, 8}, {PayloadKind::Unary, 3},
      {PayloadKind::Planes, 6}};
  const auto [Kind, Bits] = Kinds[Random() % std::size(Kinds)];
  Builder.stream("given", Places[0].size(), Kind, Bits, image::None);
  Builder.Streams[0].Role = image::HostRole::Events;
  addEdges(Random);
  addBlocks(Spec, Random);
  for (uint32_t P = 1; P <= Populations; ++P)
    Builder.HostScales.resize(Builder.HostScales.size() + Places[P].size(), 1);
}

WindowNetwork::Given WindowNetwork::draw(uint32_t Tokens,
                                         std::mt19937 &Random) const {
  Given Out;
  const image::StreamRecord &S = Builder.Streams[0];
  const uint32_t Codes = 1u << S.PayloadBits;
  for (uint32_t T = 0; T < Tokens; ++T) {
    Out.Tokens.push_back(Random()); // means nothing
    const uint32_t Share = pick(Random, 1, 4);
    for (uint32_t I = 0; I < Places[0].size(); ++I) {
      if (Random() % 4 >= Share)
        continue;
      int32_t Payload = 1;
      if (S.Kind == PayloadKind::Ternary)
        Payload = Random() % 2 ? 1 : -1;
      else if (S.Kind == PayloadKind::Signed)
        Payload = static_cast<int32_t>(Random() % Codes) -
                  static_cast<int32_t>(Codes / 2);
      else if (S.Kind != PayloadKind::Binary)
        Payload = static_cast<int32_t>(pick(Random, 1, Codes - 1));
      if (Payload != 0)
        Out.Events.push_back({I, Payload});
    }
    Out.Offsets.push_back(Out.Events.size());
  }
  return Out;
}

WindowNetwork::Expected WindowNetwork::expect(const Given &In) const {
  Expected Out;
  Out.Connections.resize(Builder.Connections.size());
  const auto TokenSteps = static_cast<uint32_t>(In.Tokens.size()) * Steps;
  // Payloads of every token step: [place][token step][neuron].
  std::vector<std::vector<std::vector<int32_t>>> Sent(Places.size());
  std::vector<std::vector<int32_t>> States(Places.size());
  for (uint32_t P = 0; P < Places.size(); ++P) {
    Sent[P].assign(TokenSteps, std::vector<int32_t>(Places[P].size()));
    States[P].assign(Places[P].size(), Initial);
  }
  for (uint32_t T = 0; T < TokenSteps; ++T)
    for (uint64_t I = In.Offsets[T / Steps]; I < In.Offsets[T / Steps + 1]; ++I)
      Sent[0][T][In.Events[I].Index] = In.Events[I].Payload;
  auto spikes = [&](uint32_t P, int32_t Payload) -> uint32_t {
    const PayloadKind Kind =
        P == 0 ? Builder.Streams[0].Kind : PayloadKind::Signed;
    return Kind == PayloadKind::Unary ? static_cast<uint32_t>(Payload)
           : Kind == PayloadKind::Planes
               ? static_cast<uint32_t>(__builtin_popcount(Payload))
               : 1;
  };

  for (uint32_t T = 0; T < TokenSteps; ++T) {
    for (uint32_t P = 1; P < Places.size(); ++P) {
      std::vector<uint32_t> Sums(Places[P].size());
      for (const Edge &E : Edges) {
        if (E.To != P)
          continue;
        if (T < E.Delay)
          continue;
        const std::vector<int32_t> &From = Sent[E.From][T - E.Delay];
        ConnectionCounts None, &C = E.Kind == AxonKind::Direct
                                        ? None
                                        : Out.Connections[E.Connection];
        bool Unit = true;
        uint64_t Effective = 0;
        const PayloadKind Kind =
            E.From == 0 ? Builder.Streams[0].Kind : PayloadKind::Signed;
        const bool Adds =
            Kind != PayloadKind::Signed && Kind != PayloadKind::Unsigned;
        const bool Counted =
            Kind == PayloadKind::Unary || Kind == PayloadKind::Planes;
        for (size_t Cut = 0; Cut + 1 < Cuts[P].size(); ++Cut) {
          const uint32_t Low = Cuts[P][Cut], High = Cuts[P][Cut + 1];
          for (uint32_t S = 0; S < From.size(); ++S) {
            if (From[S] == 0)
              continue;
            const uint32_t N = spikes(E.From, From[S]);
            // What a row of this event brings: from which column to which.
            std::map<uint32_t, std::pair<uint32_t, uint32_t>> Rows;
            auto meet = [&](uint32_t Target, uint32_t Row, uint32_t Col) {
              const int W = E.weight(Row, Col);
              Sums[Target] +=
                  static_cast<uint32_t>(From[S]) * static_cast<uint32_t>(W);
              auto [It, New] = Rows.try_emplace(Row, Col, Col + 1);
              It->second.first = std::min(It->second.first, Col);
              It->second.second = std::max(It->second.second, Col + 1);
              (Adds ? C.Accumulates : C.Multiplies) += N;
              Effective += W != 0 ? N : 0;
            };
            bool Delivered = true;
            if (E.Kind == AxonKind::Direct) {
              Delivered = S >= Low && S < High;
              if (Delivered)
                Sums[S] += static_cast<uint32_t>(From[S]);
              Out.Direct += Delivered ? N : 0;
            } else if (E.Kind == AxonKind::Rows) {
              for (uint32_t J = Low; J < High; ++J)
                meet(J, S, J);
            } else {
              const image::WindowRecord &W = E.Window;
              Delivered = Low < W.numTargets();
              const uint32_t Channel = S % W.SourceChannels,
                             Y = S / W.SourceChannels % W.SourceHeight,
                             X = S / W.SourceChannels / W.SourceHeight;
              for (uint32_t J = Low;
                   X < W.SourceWidth &&
                   J < std::min<uint64_t>(High, W.numTargets());
                   ++J) {
                const uint32_t ToChannel = J % W.TargetChannels,
                               ToY = J / W.TargetChannels % W.TargetHeight,
                               ToX = J / W.TargetChannels / W.TargetHeight;
                const uint32_t PerGroup = W.TargetChannels / W.Groups;
                if (ToChannel / PerGroup !=
                    Channel / (W.SourceChannels / W.Groups))
                  continue;
                for (uint32_t KX = 0; KX < W.KernelWidth; ++KX)
                  for (uint32_t KY = 0; KY < W.KernelHeight; ++KY)
                    if (int64_t(X) == int64_t(ToX) * W.StrideX - W.PadX +
                                          int64_t(KX) * W.DilationX &&
                        int64_t(Y) == int64_t(ToY) * W.StrideY - W.PadY +
                                          int64_t(KY) * W.DilationY) {
                      const uint32_t Of = W.Shared ? 0 : Channel;
                      meet(J, (Of * W.KernelWidth + KX) * W.KernelHeight + KY,
                           W.Shared ? 0 : ToChannel % PerGroup);
                    }
              }
            }
            if (!Delivered)
              continue;
            Unit &= Counted || From[S] == 1 || From[S] == -1;
            C.RowsAccumulated += N;
            Out.Lookups += N;
            const uint32_t Bits = image::bitsOf(E.Format);
            for (const auto &[Row, Cols] : Rows) {
              // Rows of a matrix are those of a tile, which begins at Low.
              const uint32_t Start = E.Kind == AxonKind::Rows ? Low : 0;
              const uint32_t Begin = (Cols.first - Start) * Bits / 8;
              const uint32_t End = ((Cols.second - Start) * Bits + 7) / 8;
              C.BytesRead += uint64_t(N) * (End - Begin);
              Out.RowsMet += N;
            }
          }
        }
        (Unit ? C.EffectiveAccumulates : C.EffectiveMultiplies) += Effective;
      }
      const auto [Every, At] = Resets[P];
      const bool Reset = Every != 0 && T % Every == At;
      Out.Resets += Reset ? Places[P].size() : 0;
      for (uint32_t J = 0; J < Sums.size(); ++J) {
        int32_t &V = States[P][J];
        V = maths::addWrap(static_cast<int32_t>(Sums[J]),
                           maths::mulShiftZero(Reset ? Initial : V, 5, 3));
        Sent[P][T][J] = std::clamp(V >> 2, -Most, Most);
      }
    }
    if (T % Steps + 1 == Steps)
      for (uint32_t P = 1; P < Places.size(); ++P)
        for (int32_t Payload : Sent[P][T])
          Out.Logits.push_back(static_cast<float>(Payload));
  }
  for (const Edge &E : Edges)
    if (E.Kind == AxonKind::Rows) {
      Out.Connections[E.Connection].Dense =
          uint64_t(TokenSteps) * Places[E.From].size() * Places[E.To].size();
    } else if (E.Kind == AxonKind::Window) {
      const image::WindowRecord &W = E.Window;
      auto taps = [](uint32_t Targets, uint32_t Kernel, uint32_t Sources,
                     int64_t Stride, int64_t Pad, int64_t Dilation) {
        uint64_t Sum = 0;
        for (int64_t J = 0; J < Targets; ++J)
          for (int64_t K = 0; K < Kernel; ++K) {
            const int64_t S = J * Stride - Pad + K * Dilation;
            Sum += S >= 0 && S < Sources;
          }
        return Sum;
      };
      Out.Connections[E.Connection].Dense =
          TokenSteps *
          taps(W.TargetWidth, W.KernelWidth, W.SourceWidth, W.StrideX, W.PadX,
               W.DilationX) *
          taps(W.TargetHeight, W.KernelHeight, W.SourceHeight, W.StrideY,
               W.PadY, W.DilationY) *
          W.TargetChannels * (W.Shared ? 1 : W.SourceChannels / W.Groups);
    }
  return Out;
}

} // namespace synfire::sim
