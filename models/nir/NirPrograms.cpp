//===- NirPrograms.cpp - Populations of NIR nodes -------------------------===//

#include "models/nir/NirPrograms.h"

#include "models/network/ProgramBuilder.h"

#include <bit>

using namespace mlir;
using namespace synfire;
using namespace synfire::models;

namespace {
/// Graded payloads up to this width are handed on as they are.
constexpr int64_t MostPayloadBits = 16;

/// A population while it is made. Constants are told first, as those that
/// differ among neurons are params.
class Maker {
public:
  Maker(GraphBuilder &G, int64_t Count, const Signal &In)
      : G(G), Count(Count), In(In) {}

  /// Tells of a constant; the program asks for it by what this returns.
  size_t constant(PerNeuron V) {
    Constants.push_back(std::move(V));
    return Constants.size() - 1;
  }
  /// The same for the input: the factor of each term and what is added.
  void readTimes(const PerNeuron &Gain, const PerNeuron &Plus) {
    for (const Term &T : In.Terms)
      Factors.push_back(constant(Gain * T.Scale));
    Offset = constant(Gain * In.Bias + Plus);
  }

  spike::PopulationOp begin(ArrayRef<std::string> Names, ArrayRef<Type> Types,
                            size_t NumStates) {
    SmallVector<Value> Inputs, Params;
    for (const Term &T : In.Terms)
      Inputs.push_back(T.Of);
    for (const PerNeuron &C : Constants) {
      Where.push_back(Params.size());
      if (!C.isUniform())
        Params.push_back(G.repeated(
            C.floats(), Count / static_cast<int64_t>(C.Data.size())));
    }
    Op = G.population(Names, Types, Inputs, Params,
                      std::vector<float>(NumStates), /*Integer=*/false);
    Body.emplace(OpBuilder::atBlockEnd(&Op.getBody().front()));
    P.emplace(*Body, Op.getLoc());
    return Op;
  }

  ProgramBuilder &program() { return *P; }
  Value state(size_t I) { return Op.stateArgs()[I]; }
  Value operator[](size_t Constant) {
    const PerNeuron &C = Constants[Constant];
    return C.isUniform() ? P->constant(static_cast<float>(C.Data[0]))
                         : Value(Op.paramArgs()[Where[Constant]]);
  }
  /// \p V times a constant; null for nothing.
  Value times(Value V, size_t Constant) {
    if (!V || Constants[Constant].is(0))
      return {};
    return Constants[Constant].is(1) ? V : P->mul(V, (*this)[Constant]);
  }
  Value sum(Value L, Value R) { return L && R ? P->add(L, R) : L ? L : R; }
  Value plus(Value V, size_t Constant) {
    return Constants[Constant].is(0) ? V : sum(V, (*this)[Constant]);
  }
  Value orZero(Value V) { return V ? V : P->constant(0); }
  /// The terms, without what is added.
  Value terms() {
    Value X;
    for (auto [Arg, Factor] : llvm::zip(Op.inputArgs(), Factors))
      X = sum(X, times(P->real(Arg), Factor));
    return X;
  }
  size_t offset() const { return Offset; }
  void end(ValueRange Results, ValueRange States) {
    spike::YieldOp::create(*Body, Op.getLoc(), Results, States);
  }

private:
  GraphBuilder &G;
  int64_t Count;
  const Signal &In;
  std::vector<PerNeuron> Constants;
  std::vector<size_t> Where; ///< of each constant: the param it is
  std::vector<size_t> Factors;
  size_t Offset = 0;
  spike::PopulationOp Op;
  std::optional<OpBuilder> Body;
  std::optional<ProgramBuilder> P;
};
} // namespace

bool Signal::isLinear() const {
  return Bias.is(0) && std::ranges::all_of(Terms, [](const Term &T) {
           return T.Given && T.Scale.isUniform();
         });
}

static PerNeuron orZero(const std::vector<double> &V,
                        const SpatialShape &Shape) {
  return V.empty() ? PerNeuron(0) : perNeuron(V, Shape);
}

NeuronConstants::NeuronConstants(const nir::NeuronStep &Step,
                                 const SpatialShape &Shape)
    : Decay(perNeuron(Step.Decay, Shape)), Drive(perNeuron(Step.Drive, Shape)),
      Gain(perNeuron(Step.Gain, Shape)), SynDecay(orZero(Step.SynDecay, Shape)),
      SynGain(orZero(Step.SynGain, Shape)),
      Threshold(orZero(Step.Threshold, Shape)),
      ResetTo(orZero(Step.ResetTo, Shape)), HasCurrent(!Step.SynDecay.empty()),
      Spikes(!Step.Threshold.empty()) {}

spike::PopulationOp synfire::models::neurons(GraphBuilder &G,
                                             const std::string &Name,
                                             int64_t Count, const Signal &In,
                                             const NeuronConstants &C,
                                             const nir::Interpretation &How,
                                             const std::string &Membrane) {
  Maker M(G, Count, In);
  M.readTimes(C.HasCurrent ? C.SynGain : C.Gain,
              C.HasCurrent ? PerNeuron(0) : C.Drive);
  // Without a current these are in what is read.
  const PerNeuron None(0);
  const size_t Decay = M.constant(C.Decay),
               Drive = M.constant(C.HasCurrent ? C.Drive : None),
               Gain = M.constant(C.HasCurrent ? C.Gain : None),
               SynDecay = M.constant(C.SynDecay),
               Threshold = M.constant(C.Threshold),
               ResetTo = M.constant(C.ResetTo);
  const unsigned Late = C.Spikes ? How.SpikeDelay : 0;
  std::vector<std::string> Names = {Name};
  std::vector<Type> Types = {C.Spikes
                                 ? G.events(Count, spike::EventKind::Binary, 1)
                                 : G.values(Count)};
  if (!Membrane.empty()) {
    Names.push_back(Membrane);
    Types.push_back(G.values(Count));
  }
  // i, v, then crossings on their way, the latest first.
  auto Op = M.begin(Names, Types, C.HasCurrent + 1 + Late);
  ProgramBuilder &P = M.program();
  auto late = [&](unsigned I) { return M.state(C.HasCurrent + 1 + I); };

  SmallVector<Value> States;
  Value Drawn = M.terms(), V = M.state(C.HasCurrent);
  if (C.HasCurrent) {
    Value Before = M.state(0);
    Value Now = M.plus(M.sum(M.times(Before, SynDecay), Drawn), M.offset());
    States.push_back(M.orZero(Now));
    Drawn = M.times(How.CurrentFirst ? Now : Before, Gain);
  }
  V = M.plus(M.sum(M.times(V, Decay), Drawn),
             C.HasCurrent ? Drive : M.offset());
  V = M.orZero(V);
  Value Emitted = V;
  if (C.Spikes) {
    const bool Subtract = How.OnSpike == nir::Reset::Subtract;
    auto reset = [&](Value If) {
      return P.select(If, Subtract ? P.sub(V, M[Threshold]) : M[ResetTo], V);
    };
    Value Leaves = Late ? P.above(late(Late - 1), P.constant(0.5f)) : Value();
    if (Late && How.ResetWithSpike)
      V = reset(Leaves);
    Value Crosses = P.above(V, M[Threshold]);
    if (!Late || !How.ResetWithSpike)
      V = reset(Crosses);
    Emitted = Late ? Leaves : Crosses;
    States.push_back(V);
    for (unsigned I = 0; I != Late; ++I)
      States.push_back(I ? late(I - 1) : P.asFloat(Crosses));
  } else {
    States.push_back(V);
  }
  SmallVector<Value> Results = {Emitted};
  if (!Membrane.empty())
    Results.push_back(V);
  M.end(Results, States);
  return Op;
}

Value synfire::models::threshold(GraphBuilder &G, const std::string &Name,
                                 int64_t Count, const Signal &In,
                                 const PerNeuron &Threshold) {
  Maker M(G, Count, In);
  M.readTimes(PerNeuron(1), PerNeuron(0));
  const size_t Limit = M.constant(Threshold);
  auto Op =
      M.begin(Name, G.events(Count, spike::EventKind::Binary, 1), /*States=*/0);
  Value X = M.orZero(M.plus(M.terms(), M.offset()));
  M.end(M.program().above(X, M[Limit]), {});
  return Op.getOutputs()[0];
}

Term synfire::models::currents(GraphBuilder &G, const std::string &Name,
                               int64_t Count, const Signal &In) {
  Maker M(G, Count, In);
  M.readTimes(PerNeuron(1), PerNeuron(0));
  auto Op = M.begin(Name, G.values(Count), /*States=*/0);
  M.end(M.orZero(M.plus(M.terms(), M.offset())), {});
  return {Op.getOutputs()[0]};
}

Term synfire::models::handOn(GraphBuilder &G, const std::string &Name,
                             int64_t Count, const Signal &In) {
  const Term &T = In.Terms.front();
  const int64_t Bits =
      std::bit_width(static_cast<uint64_t>(T.Largest)) + T.Signed;
  if (In.Terms.size() != 1 || !In.Bias.is(0) || !T.Scale.isUniform() ||
      T.Given || T.Largest == 0 || Bits > MostPayloadBits)
    return currents(G, Name, Count, In);
  Maker M(G, Count, In);
  auto Op = M.begin(
      Name,
      G.events(Count,
               T.Signed ? spike::EventKind::Signed : spike::EventKind::Unsigned,
               static_cast<unsigned>(Bits)),
      /*States=*/0);
  M.end(Value(Op.inputArgs()[0]), {});
  return {Op.getOutputs()[0], T.Scale, /*Given=*/true, T.Largest, T.Signed};
}
