//===- tests/unit/mapping/Networks.cpp ------------------------------------===//

#include "Networks.h"

#include <fmt/format.h>

using namespace synfire;
using namespace synfire::mapping;

ChipSpec mapping::largeChip() {
  ChipSpec C;
  C.Name = "large";
  C.Core.Neurons = 8192;
  C.Core.InputAxons = 4096;
  C.Core.OutputFlows = 4096;
  C.Core.UnifiedBytes = Bytes(196608);
  C.Core.AxonEntryBytes = 4;
  C.Core.WeightBits = {1, 8};
  C.Neuron.ProgramWords = 4096;
  C.Event.Kinds = {image::PayloadKind::Binary, image::PayloadKind::Ternary,
                   image::PayloadKind::Signed, image::PayloadKind::Unsigned};
  C.Event.PayloadBits = 32;
  C.Noc.Width = 8;
  C.Noc.Height = 4;
  C.Noc.CoresPerRouter = 4;
  C.Noc.Multicast = true;
  C.Noc.LinkWidthBits = 32;
  C.System.MaxChips = 1152;
  C.System.GridWidth = 8;
  C.System.UsableCores = 120;
  return C;
}

ChipSpec mapping::smallChip() {
  ChipSpec C = largeChip();
  C.Name = "small";
  C.Core.Neurons = 1024;
  C.Core.InputAxons = 1024;
  C.Core.UnifiedBytes = Bytes(16384);
  C.Noc.Width = 4;
  C.Noc.Height = 4;
  C.Noc.CoresPerRouter = 1;
  C.Noc.Multicast = false;
  C.Noc.LinkWidthBits = 32;
  C.System.UsableCores = 16;
  C.System.GridWidth = 4;
  return C;
}

ChipSpec mapping::randomChip(std::mt19937 &Random) {
  auto Pick = [&](uint32_t Low, uint32_t High) -> uint32_t {
    return Low + Random() % (High - Low + 1);
  };
  ChipSpec C = largeChip();
  C.Core.Neurons = Pick(128, 2048);
  C.Core.InputAxons = Pick(256, 2048);
  const uint64_t Memory = Pick(12, 64) * 1024;
  C.Core.UnifiedBytes.reset();
  if (Random() % 2) {
    C.Core.UnifiedBytes = Bytes(Memory);
  } else {
    C.Core.SynapseBytes = Bytes(Memory / 2);
    C.Core.StateBytes = Bytes(Memory / 4);
    C.Core.ProgramBytes = Bytes(Memory / 4);
    C.Core.AxonBytes = Bytes(Memory / 4);
  }
  C.Core.AxonEntryBytes = Pick(1, 8);
  if (Random() % 3 == 0)
    C.Core.Synapses = {8 * Pick(1, 16), Pick(0, 20), Pick(0, 1) * Pick(1, 64),
                       Pick(0, 2) * 6, Pick(0, 1)};
  C.Noc.Width = Pick(1, 9);
  C.Noc.Height = Pick(1, 5);
  C.Noc.CoresPerRouter = Pick(1, 4);
  C.Noc.Multicast = Random() % 2 == 0;
  C.Noc.LinkWidthBits = 32;
  C.System.UsableCores =
      Pick(1, C.Noc.Width * C.Noc.Height * C.Noc.CoresPerRouter);
  C.System.MaxChips = 65536;
  C.System.GridWidth = Pick(1, 6);
  return C;
}

namespace {

/// Builds a workload population by population.
class Builder {
public:
  Workload Net;

  uint32_t population(const std::string &Name, uint32_t Neurons,
                      uint32_t Instructions, uint32_t States,
                      uint32_t Parameters) {
    Population P;
    P.Name = Name;
    P.Neurons = Neurons;
    P.Program = Net.Populations.size();
    P.Instructions = Instructions;
    P.States = States;
    P.Parameters = Parameters;
    Net.Populations.push_back(P);
    return P.Program;
  }
  Source output(uint32_t From, uint32_t Bits, bool Reduced = false,
                double Activity = 1) {
    auto &P = Net.Populations[From];
    Output O;
    O.Name = fmt::format("{}.{}", P.Name, P.Outputs.size());
    O.Kind =
        Bits == 1 ? image::PayloadKind::Binary : image::PayloadKind::Signed;
    O.PayloadBits = Bits;
    O.Reduced = Reduced;
    O.Activity = Activity;
    P.Outputs.push_back(O);
    return {false, From, uint32_t(P.Outputs.size() - 1)};
  }
  /// A reduction is for neuron 0, or with \p ForAll for all neurons.
  void edge(EdgeKind Kind, Source From, uint32_t To, uint32_t WeightBits = 8,
            bool ForAll = false) {
    Edge E;
    E.Kind = Kind;
    E.From = From;
    E.WeightBits = WeightBits;
    if (Kind != EdgeKind::HostOutput) {
      auto &P = Net.Populations[To];
      E.To = To;
      E.Slot = P.Slots.size();
      P.Slots.push_back({"in", Kind == EdgeKind::Broadcast || ForAll, 32});
      E.Name = fmt::format("{}.{}", P.Name, E.Slot);
    } else {
      E.Name = "host";
    }
    Net.Edges.push_back(E);
  }
};

/// Statistics and normalisation of \p X, whose sums are \p Sum and \p Squares.
uint32_t addNorm(Builder &B, const std::string &Name, uint32_t Width, Source X,
                 Source Sum, Source Squares) {
  uint32_t Stats = B.population(Name + ".stats", 1, 12, 0, 0);
  B.edge(EdgeKind::Reduce, Sum, Stats);
  B.edge(EdgeKind::Reduce, Squares, Stats);
  uint32_t Norm = B.population(Name, Width, 24, 1, 5);
  B.edge(EdgeKind::Direct, X, Norm);
  B.edge(EdgeKind::Broadcast, B.output(Stats, 24), Norm);
  B.edge(EdgeKind::Broadcast, B.output(Stats, 24), Norm);
  return Norm;
}

} // namespace

Workload mapping::spikeGpt(uint32_t Layers, uint32_t Width,
                           uint32_t Vocabulary) {
  Builder B;
  B.Net.HostInputs.push_back({"token", Vocabulary});
  // A residual stream is sent on, summed, and summed squared.
  auto Residual = [&](uint32_t P) {
    return std::array<Source, 3>{B.output(P, 16), B.output(P, 16, true),
                                 B.output(P, 16, true)};
  };
  uint32_t Embedding = B.population("emb", Width, 4, 0, 1);
  B.edge(EdgeKind::Linear, {true, 0, 0}, Embedding, 1);
  auto X = Residual(Embedding);
  uint32_t Norm0 = addNorm(B, "ln0", Width, X[0], X[1], X[2]);
  X = Residual(Norm0);
  for (uint32_t L = 0; L != Layers; ++L) {
    std::string Name = fmt::format("blocks.{}.", L);
    uint32_t Ln1 = addNorm(B, Name + "ln1", Width, X[0], X[1], X[2]);
    uint32_t Wkv = B.population(Name + "wkv", Width, 40, 3, 5);
    for (int I = 0; I != 3; ++I)
      B.edge(EdgeKind::Linear, B.output(Ln1, 8), Wkv);
    uint32_t Lif1 = B.population(Name + "lif1", Width, 14, 1, 1);
    B.edge(EdgeKind::Linear, B.output(Wkv, 8), Lif1);
    B.edge(EdgeKind::Direct, X[0], Lif1);
    X = Residual(Lif1);
    uint32_t Ln2 = addNorm(B, Name + "ln2", Width, X[0], X[1], X[2]);
    uint32_t Key = B.population(Name + "key", 4 * Width, 8, 0, 1);
    B.edge(EdgeKind::Linear, B.output(Ln2, 8), Key);
    uint32_t Lif2 = B.population(Name + "lif2", Width, 18, 1, 2);
    B.edge(EdgeKind::Linear, B.output(Key, 8, false, 0.5), Lif2);
    B.edge(EdgeKind::Linear, B.output(Ln2, 8), Lif2);
    B.edge(EdgeKind::Direct, X[0], Lif2);
    X = Residual(Lif2);
  }
  uint32_t LnOut = addNorm(B, "ln_out", Width, X[0], X[1], X[2]);
  uint32_t Head = B.population("head", Vocabulary, 3, 0, 0);
  B.edge(EdgeKind::Linear, B.output(LnOut, 8), Head);
  B.edge(EdgeKind::HostOutput, B.output(Head, 32), 0);
  return B.Net;
}

Workload mapping::sumsBesideLinears(uint32_t Layers, uint32_t Width,
                                    uint32_t Narrow) {
  Builder B;
  B.Net.HostInputs.push_back({"token", Narrow});
  Source From = {true, 0, 0};
  for (uint32_t L = 0; L != Layers; ++L) {
    const uint32_t Wide =
        B.population(fmt::format("wide{}", L), Width, 4, 0, 0);
    B.edge(EdgeKind::Linear, From, Wide);
    const uint32_t To =
        B.population(fmt::format("narrow{}", L), Narrow, 4, 0, 0);
    B.edge(EdgeKind::Linear, B.output(Wide, 8), To);
    B.edge(EdgeKind::Reduce, B.output(Wide, 20, true), To, 8, /*ForAll=*/true);
    From = B.output(To, 8);
  }
  return B.Net;
}

Workload mapping::randomNetwork(std::mt19937 &Random) {
  auto Pick = [&](uint32_t Low, uint32_t High) -> uint32_t {
    return Low + Random() % (High - Low + 1);
  };
  Builder B;
  B.Net.HostInputs.push_back({"token", Pick(1, 3000)});
  const uint32_t Sizes[] = {1, Pick(2, 40), Pick(40, 300), Pick(300, 900)};
  const uint32_t Populations = Pick(2, 14);
  for (uint32_t P = 0; P != Populations; ++P) {
    uint32_t Size = P == 0 ? Sizes[Pick(1, 3)] : Sizes[Random() % 4];
    uint32_t To = B.population(fmt::format("p{}", P), Size, Pick(1, 60),
                               Random() % 4, Random() % 6);
    if (Random() % 3 == 0 && P != 0) // a program that another one has too
      B.Net.Populations[To].Program = B.Net.Populations[To - 1].Program,
      B.Net.Populations[To].Instructions =
          B.Net.Populations[To - 1].Instructions;
    if (P == 0 || Random() % 8 == 0)
      B.edge(EdgeKind::Linear, {true, 0, 0}, To, Random() % 2 ? 1 : 8);
    for (uint32_t N = P == 0 ? 0 : Pick(1, 3); N != 0; --N) {
      const uint32_t From = Random() % P;
      const uint32_t FromSize = B.Net.Populations[From].Neurons;
      const double Activity = (Random() % 11) / 10.0;
      if (Size == FromSize && Random() % 2)
        B.edge(EdgeKind::Direct, B.output(From, 8, false, Activity), To);
      else if (FromSize == 1)
        B.edge(EdgeKind::Broadcast, B.output(From, 24), To);
      else if (Size == 1)
        B.edge(EdgeKind::Reduce, B.output(From, 16, true), To);
      else if (From % 4 == 1)
        B.edge(EdgeKind::Reduce, B.output(From, 16, true), To, 8,
               /*ForAll=*/true);
      else
        B.edge(EdgeKind::Linear, B.output(From, 8, false, Activity), To,
               Random() % 3 ? 8 : 1);
    }
    if (Random() % 4 == 0)
      B.edge(EdgeKind::HostOutput, B.output(To, 8), 0);
  }
  return B.Net;
}

std::string mapping::textOf(const std::vector<Violation> &Found) {
  std::string Out;
  for (const Violation &V : Found)
    Out += fmt::format("{}: {}\n", V.Rule, V.Text);
  return Out;
}
