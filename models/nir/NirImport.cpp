//===- NirImport.cpp - NIR -> spike IR ------------------------------------===//

#include "models/nir/ImportPlan.h"
#include "models/nir/NirPrograms.h"
#include "models/nir/NirSteps.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringSet.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <map>

using namespace mlir;
using namespace synfire;
using namespace synfire::models;
using nir::Kind;
using nir::Node;

namespace {
/// Linear nodes in a row before a population must come.
constexpr int MostDepth = 1000;
class Importer {
public:
  Importer(MLIRContext *Context, const nir::Graph &From,
           const nir::Interpretation &How, const NirOptions &Options,
           ImportPlan Plan)
      : From(From), How(How), Options(Options), Plan(std::move(Plan)),
        G(Context, "nir", From.file().name(), From.file().bytes()),
        Built(From.Nodes.size()), Begun(From.Nodes.size()) {}
  Result<OwningOpRef<ModuleOp>> run();

private:
  /// What leaves node \p I, \p Late steps later than it would.
  Result<Signal> signalOf(uint32_t I, int64_t Late);
  Result<Signal> computeSignal(uint32_t I, int64_t Late);
  /// What arrives at node \p I.
  Result<Signal> inputOf(uint32_t I, int64_t Late);
  /// The same, for a linear to read.
  Result<Signal> sourcesOf(uint32_t I, int64_t Late);
  Result<Value> weightOf(uint32_t I);
  Value linear(uint32_t I, Value Of, Value Weight);

  /// Nodes with a population (or input) of their own.
  bool isGiven(uint32_t I) const {
    const Kind K = From.Nodes[I].K;
    return K == Kind::Input || K == Kind::Threshold || nir::isNeuron(K) ||
           Plan.Relays[I];
  }
  Result<Term> given(uint32_t I, int64_t Late);
  Status build(uint32_t I);
  Status writeOutput(uint32_t I);

  std::string unique(const std::string &Name) {
    std::string Out = Name;
    for (int N = 2; !Names.insert(Out).second; ++N)
      Out = fmt::format("{}.{}", Name, N);
    return Out;
  }
  Error fail(const Node &N, std::string_view Rule, std::string_view Why) const {
    return nodeError(From, N, Rule, Why);
  }

  const nir::Graph &From;
  const nir::Interpretation &How;
  const NirOptions &Options;
  const ImportPlan Plan;
  GraphBuilder G;
  int Depth = 0;

  std::map<std::pair<uint32_t, int64_t>, Signal> Signals;
  std::map<std::pair<uint32_t, int64_t>, Value> Delayed;
  std::map<uint32_t, Value> WeightValues;
  std::vector<std::optional<Term>> Built;
  std::vector<bool> Begun;
  struct Unset {
    Value Delay;
    uint32_t Of;
  };
  std::vector<Unset> Pending;
  llvm::StringSet<> Names;
};
} // namespace

//===----------------------------------------------------------------------===//
// Linear nodes
//===----------------------------------------------------------------------===//

Result<Signal> Importer::signalOf(uint32_t I, int64_t Late) {
  if (auto Known = Signals.find({I, Late}); Known != Signals.end())
    return Known->second;
  if (++Depth > MostDepth)
    return fail(
        From.Nodes[I], "nir-import",
        fmt::format("more than {} nodes without neurons in a row", MostDepth));
  auto Made = computeSignal(I, Late);
  --Depth;
  if (Made)
    Signals.emplace(std::pair(I, Late), *Made);
  return Made;
}

Result<Signal> Importer::inputOf(uint32_t I, int64_t Late) {
  Signal Sum;
  llvm::SmallDenseMap<Value, size_t> Place; // in Sum.Terms
  for (ImportPlan::Arrow A : Plan.Sources[I]) {
    auto One = signalOf(A.From, Late + (A.Closes ? How.RecurrentDelay : 0));
    if (!One)
      return One.errors();
    // Ways through Scales double from node to node; what they lead from does
    // not.
    for (const Term &T : One->Terms) {
      auto [At, New] = Place.try_emplace(T.Of, Sum.Terms.size());
      if (New)
        Sum.Terms.push_back(T);
      else
        Sum.Terms[At->second].Scale = Sum.Terms[At->second].Scale + T.Scale;
    }
    Sum.Bias = Sum.Bias + One->Bias;
  }
  return Sum;
}

Result<Signal> Importer::sourcesOf(uint32_t I, int64_t Late) {
  auto In = inputOf(I, Late);
  if (!In || In->isLinear())
    return In;
  const Node &N = From.Nodes[I];
  return Signal{{handOn(G, unique(N.Name + ".in"), countOf(N.In), *In)}};
}

Result<Value> Importer::weightOf(uint32_t I) {
  if (auto Known = WeightValues.find(I); Known != WeightValues.end())
    return Known->second;
  const Node &N = From.Nodes[I];
  const auto *D = std::get_if<nir::Dense>(&N.Is);
  const auto *C = std::get_if<nir::Convolution>(&N.Is);
  const nir::Weights &W = D ? D->W : C->W;
  LayerWeights L{N.Name + ".weight", {}, W.Stored, {}};
  if (D) {
    const size_t Rank = W.Dims.size();
    const SpatialShape &In = Plan.Places[Plan.Sources[I][0].From];
    if (countOf(W.Dims) != W.Dims[Rank - 2] * W.Dims[Rank - 1] ||
        W.Dims[Rank - 1] != sizeOf(In))
      return fail(N, "nir-import",
                  fmt::format("its weight has shape {}; one matrix that reads "
                              "all of {} elements is imported",
                              formatShape(W.Dims), sizeOf(In)));
    L.Shape = {W.Dims[Rank - 2], In[0], In[1], In[2]};
  } else {
    const bool Flat = W.Dims.size() == 3;
    L.Shape = {W.Dims[0], W.Dims[1], Flat ? 1 : W.Dims[2], W.Dims.back()};
  }
  if (!W.Stored) {
    if (countOf(W.Dims) > MostConstants)
      return fail(N, "nir-import",
                  fmt::format("its weight of shape {} is compressed or of a "
                              "type that is not read in place, and has more "
                              "than {} elements; store it as it is",
                              formatShape(W.Dims), MostConstants));
    auto Values = From.weights(W);
    if (!Values)
      return Values.errors();
    L.Values = std::move(*Values);
  }
  return WeightValues[I] = D ? G.matrix(L) : G.kernel(L);
}

Value Importer::linear(uint32_t I, Value Of, Value Weight) {
  const Node &N = From.Nodes[I];
  const std::string Name = unique(N.Name);
  if (std::holds_alternative<nir::Dense>(N.Is))
    return G.linear(Name, Of, Weight);
  WindowShape W;
  W.From = planesOf(N.In);
  W.To = planesOf(N.Out);
  auto pair = [](const nir::Shape &S, int64_t Default) {
    return S.size() == 1 ? std::array<int64_t, 2>{Default, S[0]}
                         : std::array<int64_t, 2>{S[0], S[1]};
  };
  if (const auto *P = std::get_if<nir::Pooling>(&N.Is)) {
    W.Size = pair(P->Kernel, 1);
    W.Stride = pair(P->Stride, 1);
    W.Pad = pair(P->Padding, 0);
    return G.pool(Name, Of, W);
  }
  const auto &C = std::get<nir::Convolution>(N.Is);
  W.Size = pair({C.W.Dims.begin() + 2, C.W.Dims.end()}, 1);
  W.Stride = pair(C.Stride, 1);
  W.Pad = pair(C.PadBefore, 0);
  W.Dilation = pair(C.Dilation, 1);
  W.Groups = C.Groups;
  return G.conv(Name, Of, Weight, W);
}

Result<Signal> Importer::computeSignal(uint32_t I, int64_t Late) {
  const Node &N = From.Nodes[I];
  if (isGiven(I) || N.K == Kind::Delay) {
    if (!isGiven(I))
      return inputOf(I, Late + Plan.Steps[I]);
    auto T = given(I, Late + Plan.Steps[I]);
    if (!T)
      return T.errors();
    return Signal{{*T}};
  }
  if (N.K == Kind::Flatten || N.K == Kind::Scale) {
    auto In = inputOf(I, Late);
    if (!In || N.K == Kind::Flatten)
      return In;
    const PerNeuron By =
        perNeuron(std::get<nir::Elementwise>(N.Is).By.Data, Plan.Places[I]);
    for (Term &T : In->Terms)
      T.Scale = T.Scale * By;
    In->Bias = In->Bias * By;
    return In;
  }
  Value Weight;
  PerNeuron Factor(1);
  int64_t Area = 0;
  Signal Out;
  if (const auto *P = std::get_if<nir::Pooling>(&N.Is)) {
    Area = P->Kernel[0] * P->Kernel[1];
    if (N.K == Kind::AvgPool2d)
      Factor = PerNeuron(1 / static_cast<double>(Area));
  } else {
    const auto *C = std::get_if<nir::Convolution>(&N.Is);
    if (C && C->PadBefore != C->PadAfter)
      return fail(N, "nir-import",
                  fmt::format("it is padded by {} before and {} after; windows "
                              "padded alike on both sides are imported",
                              formatShape(C->PadBefore),
                              formatShape(C->PadAfter)));
    const nir::Values &Bias = C ? C->Bias : std::get<nir::Dense>(N.Is).Bias;
    if (!Bias.empty())
      Out.Bias =
          perNeuron(Bias.Data, {static_cast<int64_t>(Bias.Data.size()), 1, 1});
    auto W = weightOf(I);
    if (!W)
      return W.errors();
    Weight = *W;
  }
  auto In = sourcesOf(I, Late);
  if (!In)
    return In;
  for (const Term &T : In->Terms) {
    int64_t Largest = 0;
    // No larger than a payload may be, else as if it were real.
    if (__builtin_mul_overflow(T.Largest, Area, &Largest) ||
        Largest > std::numeric_limits<int32_t>::max())
      Largest = 0;
    Out.Terms.push_back({linear(I, T.Of, Weight), T.Scale * Factor,
                         /*Given=*/false, Largest, T.Signed});
  }
  return Out;
}

//===----------------------------------------------------------------------===//
// Populations
//===----------------------------------------------------------------------===//

Result<Term> Importer::given(uint32_t I, int64_t Late) {
  const Node &N = From.Nodes[I];
  if (Late == 0 || N.K == Kind::Input)
    if (Status S = build(I); !S)
      return S.errors();
  if (Late == 0)
    return *Built[I];
  if (Late > MostDelay)
    return fail(N, "nir-delay",
                fmt::format("what it gives is read {} steps later; at most {} "
                            "are imported",
                            Late, MostDelay));
  const bool Spikes = N.K == Kind::Threshold || nir::isSpiking(N.K);
  Term T{Value()};
  if (Built[I])
    T = *Built[I];
  else if (Spikes)
    T.Largest = 1;
  Value &V = Delayed[{I, Late}];
  if (!V && Built[I]) {
    V = G.delay(Built[I]->Of, Late);
  } else if (!V) {
    const int64_t Count = countOf(N.Out);
    V = G.laterDelay(Spikes ? G.events(Count, spike::EventKind::Binary, 1)
                            : G.values(Count),
                     Late);
    Pending.push_back({V, I});
  }
  T.Of = V;
  return T;
}

Status Importer::build(uint32_t I) {
  if (Built[I])
    return {};
  const Node &N = From.Nodes[I];
  if (Begun[I])
    return fail(N, "nir-cycle",
                "what it reads depends on what it gives in the "
                "same step; recurrent edges need a delay");
  Begun[I] = true;
  const int64_t Count = countOf(N.Out);
  if (N.K == Kind::Input) {
    const bool Binary = Options.InputBits == 1;
    std::optional<SpatialShape> Shape;
    if (N.Out.size() == 3 || placesOf(N.Out)[0] != Count)
      Shape = planesOf(N.Out);
    Value V = G.eventInput(
        unique(N.Name),
        G.events(Count,
                 Binary ? spike::EventKind::Binary : spike::EventKind::Signed,
                 Options.InputBits),
        Shape);
    Built[I] =
        Term{V, PerNeuron(Options.InputScale), true,
             Binary ? 1 : (int64_t(1) << (Options.InputBits - 1)), !Binary};
    return {};
  }
  auto In = inputOf(I, 0);
  if (!In)
    return In.errors();
  const std::string Name = unique(N.Name);
  if (N.K == Kind::Delay) {
    Built[I] = currents(G, Name, Count, *In);
  } else if (N.K == Kind::Threshold) {
    const auto &By = std::get<nir::Elementwise>(N.Is).By.Data;
    Built[I] =
        Term{threshold(G, Name, Count, *In, perNeuron(By, Plan.Places[I])),
             PerNeuron(1), true, 1};
  } else {
    auto Step = nir::discretize(N, How, From.file().name());
    if (!Step)
      return Step.errors();
    const bool Apart = Plan.Recorded == I && nir::isSpiking(N.K);
    auto Op =
        neurons(G, Name, Count, *In, NeuronConstants(*Step, Plan.Places[I]),
                How, Apart ? unique(N.Name + ".v") : "");
    Built[I] = Term{Op.getOutputs()[0], PerNeuron(1), true,
                    nir::isSpiking(N.K) ? 1 : 0};
  }
  return {};
}

Status Importer::writeOutput(uint32_t I) {
  const Node &N = From.Nodes[I];
  auto In = inputOf(I, 0);
  if (!In)
    return In.errors();
  if (Plan.Recorded) {
    G.output(unique(N.Name), In->Terms[0]
                                 .Of.getDefiningOp<spike::PopulationOp>()
                                 .getOutputs()
                                 .back());
    return {};
  }
  const Term &Only = In->Terms.front();
  const bool Whole = In->Terms.size() == 1 && In->isLinear() &&
                     Only.Of.getDefiningOp<spike::PopulationOp>();
  const bool Real = !isa<spike::EventsType>(Only.Of.getType());
  Term T = Whole && (!Real || Only.Scale.is(1))
               ? Only
               : handOn(G, unique(N.Name + ".in"), countOf(N.In), *In);
  G.output(unique(N.Name), T.Of, static_cast<float>(T.Scale.Data[0]));
  return {};
}

Result<OwningOpRef<ModuleOp>> Importer::run() {
  for (uint32_t I : From.Order)
    if (isGiven(I))
      if (Status S = build(I); !S)
        return S.errors();
  if (Status S = writeOutput(Plan.Output); !S)
    return S.errors();
  for (const Unset &U : Pending)
    G.set(U.Delay, Built[U.Of]->Of);
  return G.finish();
}

Result<OwningOpRef<ModuleOp>>
synfire::models::importNir(MLIRContext *Context, const nir::Graph &From,
                           const nir::Interpretation &How,
                           const NirOptions &Options) {
  Context->loadDialect<spike::SpikeDialect>();
  auto Plan = ImportPlan::of(From, How, Options);
  if (!Plan)
    return Plan.errors();
  return Importer(Context, From, How, Options, std::move(*Plan)).run();
}

uint64_t synfire::models::numWeights(const nir::Graph &From) {
  uint64_t Count = 0;
  for (const Node &N : From.Nodes)
    if (const auto *D = std::get_if<nir::Dense>(&N.Is))
      Count += countOf(D->W.Dims) + D->Bias.Data.size();
    else if (const auto *C = std::get_if<nir::Convolution>(&N.Is))
      Count += countOf(C->W.Dims) + C->Bias.Data.size();
  return Count;
}
