//===- ImportPlan.cpp - What is known before building ---------------------===//

#include "models/nir/ImportPlan.h"
#include "models/nir/NirSteps.h"

#include <fmt/format.h>

#include <cmath>

using namespace synfire;
using namespace synfire::models;
using nir::Kind;
using nir::Node;

int64_t synfire::models::countOf(const nir::Shape &S) {
  return std::accumulate(S.begin(), S.end(), int64_t(1), std::multiplies<>());
}

SpatialShape synfire::models::planesOf(const nir::Shape &S) {
  return S.size() == 2 ? SpatialShape{S[0], 1, S[1]}
                       : SpatialShape{S[0], S[1], S[2]};
}

SpatialShape synfire::models::placesOf(const nir::Shape &S) {
  const int64_t Large =
      std::ranges::count_if(S, [](int64_t N) { return N > 1; });
  if (Large <= 1 || S.size() > 3)
    return {countOf(S), 1, 1};
  return planesOf(S);
}

Error synfire::models::nodeError(const nir::Graph &From, const Node &N,
                                 std::string_view Rule, std::string_view Why) {
  return {From.file().name(), std::string(Rule),
          fmt::format("node {} ({}): {}", nir::quoted(N.Name), name(N.K), Why),
          ErrorKind::BadInput};
}

namespace {
/// Crossings on their way are states of a neuron.
constexpr unsigned MostSpikeDelay = 8;

class Planner {
public:
  Planner(const nir::Graph &From, const nir::Interpretation &How,
          const NirOptions &Options)
      : From(From), How(How), Options(Options) {}
  Result<ImportPlan> run();

private:
  Status checkPorts();
  Status checkOutput(uint32_t I) const;
  Status checkSizes(const Node &N) const;
  void place(uint32_t I);
  Status planDelay(uint32_t I);
  Status checkLayouts() const;
  Error fail(const Node &N, std::string_view Rule, std::string_view Why) const {
    return nodeError(From, N, Rule, Why);
  }

  const nir::Graph &From;
  const nir::Interpretation &How;
  const NirOptions &Options;
  ImportPlan P;
};
} // namespace

/// A further Output is what a population gives anyway.
Status Planner::checkOutput(uint32_t I) const {
  int64_t Given = 0, Sources = 0;
  for (nir::Edge E : From.Edges)
    if (E.To == I) {
      const Kind K = From.Nodes[E.From].K;
      Given += K == Kind::Threshold || nir::isSpiking(K);
      ++Sources;
    }
  if (Sources == 1 && Given == 1)
    return {};
  return fail(From.Nodes[I], "nir-ports",
              fmt::format("the network's output is {}; a further Output stands "
                          "right behind one spiking node, whose spikes it is",
                          nir::quoted(From.Nodes[P.Output].Name)));
}

/// Any number of Inputs; the first Output is the network's.
Status Planner::checkPorts() {
  std::vector<uint32_t> Inputs, Outputs;
  for (uint32_t I = 0; I != From.Nodes.size(); ++I) {
    if (From.Nodes[I].K == Kind::Input)
      Inputs.push_back(I);
    if (From.Nodes[I].K == Kind::Output)
      Outputs.push_back(I);
  }
  if (Inputs.empty() || Outputs.empty())
    return Error{From.file().name(), "nir-ports",
                 fmt::format("the graph has {} nodes of the type Input and {} "
                             "of the type Output; one of each is needed",
                             Inputs.size(), Outputs.size()),
                 ErrorKind::BadInput};
  P.Output = Outputs.front();
  for (uint32_t I : Outputs)
    if (I != P.Output)
      if (Status S = checkOutput(I); !S)
        return S;
  return {};
}

Status Planner::checkSizes(const Node &N) const {
  const size_t Count = countOf(N.Out);
  auto fits = [&](const nir::Values &V) {
    return V.Data.size() <= 1 || V.Data.size() == Count;
  };
  bool Fits = true;
  if (const auto *E = std::get_if<nir::Elementwise>(&N.Is))
    Fits = fits(E->By);
  else if (const auto *L = std::get_if<nir::Neuron>(&N.Is))
    Fits = fits(L->Tau) && fits(L->TauSyn) && fits(L->R) && fits(L->VLeak) &&
           fits(L->VThreshold) && fits(L->VReset) && fits(L->WIn);
  if (!Fits)
    return fail(
        N, "nir-shape",
        fmt::format("its parameters are neither 1 nor {} numbers", Count));
  if (static_cast<int64_t>(Count) > MostConstants)
    return fail(N, "nir-import",
                fmt::format("{} neurons; at most {} are imported", Count,
                            MostConstants));
  return {};
}

/// How the neurons behind node \p I are numbered.
void Planner::place(uint32_t I) {
  const Node &N = From.Nodes[I];
  const bool Makes = N.K == Kind::Input ||
                     std::holds_alternative<nir::Dense>(N.Is) ||
                     std::holds_alternative<nir::Convolution>(N.Is) ||
                     std::holds_alternative<nir::Pooling>(N.Is);
  P.Places[I] = placesOf(N.Out);
  if (!Makes)
    for (ImportPlan::Arrow A : P.Sources[I])
      if (!A.Closes) {
        P.Places[I] = P.Places[A.From];
        break;
      }
}

/// How long a Delay waits.
Status Planner::planDelay(uint32_t I) {
  const Node &N = From.Nodes[I];
  auto All = nir::delaySteps(N, How, From.file().name());
  if (!All)
    return All.errors();
  const auto [Least, Most] = std::ranges::minmax(*All);
  if (Least != Most)
    return fail(N, "nir-delay",
                fmt::format("elements wait {} to {} steps; delays that are "
                            "the same for all are imported",
                            Least, Most));
  if (Most < 0 || Most > MostDelay)
    return fail(N, "nir-delay",
                fmt::format("it waits {} steps; 0 to {} are imported", Most,
                            MostDelay));
  P.Steps[I] = Most;
  for (ImportPlan::Arrow A : P.Sources[I]) {
    const Kind K = From.Nodes[A.From].K;
    if (K != Kind::Input && K != Kind::Threshold && !nir::isNeuron(K))
      P.Relays[I] = true;
  }
  return {};
}

/// All terms of a sum are numbered alike.
Status Planner::checkLayouts() const {
  for (uint32_t I : From.Order) {
    const Node &N = From.Nodes[I];
    if (std::holds_alternative<nir::Dense>(N.Is) && P.Sources[I].size() < 2)
      continue;
    const bool Windows = std::holds_alternative<nir::Convolution>(N.Is) ||
                         std::holds_alternative<nir::Pooling>(N.Is);
    for (ImportPlan::Arrow A : P.Sources[I]) {
      const SpatialShape &Wanted = Windows ? placesOf(N.In)
                                   : std::holds_alternative<nir::Dense>(N.Is)
                                       ? P.Places[P.Sources[I][0].From]
                                       : P.Places[I];
      if (P.Places[A.From] != Wanted)
        return fail(
            N, "nir-layout",
            fmt::format("{} numbers its neurons by places of shape {}, {} is "
                        "needed here; sums over a Flatten, and windows behind "
                        "one, are not imported",
                        nir::quoted(From.Nodes[A.From].Name),
                        formatShape(P.Places[A.From]), formatShape(Wanted)));
    }
  }
  return {};
}

Result<ImportPlan> Planner::run() {
  const size_t NumNodes = From.Nodes.size();
  P.Sources.resize(NumNodes);
  P.Places.resize(NumNodes);
  P.Steps.resize(NumNodes);
  P.Relays.resize(NumNodes);
  if (How.SpikeDelay > MostSpikeDelay)
    return Error{From.file().name(), "nir-import",
                 fmt::format("spikes leave {} steps late; at most {} are "
                             "imported",
                             How.SpikeDelay, MostSpikeDelay),
                 ErrorKind::BadInput};
  if (Status S = checkPorts(); !S)
    return S.errors();
  if (Options.InputBits < 1 || Options.InputBits > 32 ||
      !std::isfinite(Options.InputScale))
    return Error{From.file().name(), "nir-option",
                 fmt::format("an input of {} bits worth {:g} each; 1 to 32 "
                             "bits and a finite worth are needed",
                             Options.InputBits, Options.InputScale),
                 ErrorKind::BadInput};
  std::vector<size_t> Position(NumNodes);
  for (size_t I = 0; I != NumNodes; ++I)
    Position[From.Order[I]] = I;
  for (nir::Edge E : From.Edges)
    P.Sources[E.To].push_back({E.From, Position[E.From] >= Position[E.To]});
  for (uint32_t I : From.Order) {
    const Node &N = From.Nodes[I];
    if (P.Sources[I].empty() && N.K != Kind::Input)
      return fail(N, "nir-import",
                  "nothing leads to it; take it out or draw an edge to it");
    if (Status S = checkSizes(N); !S)
      return S.errors();
    place(I);
    if (I == P.Output && Options.RecordMembrane) {
      if (P.Sources[I].size() != 1 ||
          !nir::isNeuron(From.Nodes[P.Sources[I][0].From].K))
        return fail(N, "nir-import",
                    "no neurons stand right before it whose membrane could be "
                    "recorded");
      P.Recorded = P.Sources[I][0].From;
    }
    if (N.K != Kind::Delay)
      continue;
    if (Status S = planDelay(I); !S)
      return S.errors();
  }
  if (Status S = checkLayouts(); !S)
    return S.errors();
  return std::move(P);
}

Result<ImportPlan> ImportPlan::of(const nir::Graph &From,
                                  const nir::Interpretation &How,
                                  const NirOptions &Options) {
  return Planner(From, How, Options).run();
}
