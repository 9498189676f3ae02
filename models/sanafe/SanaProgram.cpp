//===- SanaProgram.cpp - One neuron of SANA-FE ----------------------------===//

#include "models/sanafe/SanaProgram.h"

#include "models/network/ProgramBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <cmath>

using namespace mlir;
using namespace synfire;
using namespace synfire::models;
using sanafe::NeuronKind;
using sanafe::ResetMode;

namespace {
/// Potentials are cut to multiples of 1/64; decays that integers can apply are
/// n / 4096.
constexpr double Grid = 64, DecayUnits = 4096;
constexpr int64_t DecayShift = 12;
/// Largest integer that binary32, which holds params, has with all below it.
constexpr double MostInteger = 1 << 24;
/// Where integers stop: a potential, a bias, what arrives in a step and what is
/// left of steps before add up to less than 2^31.
constexpr int64_t MostPotential = 1 << 30, MostCurrent = 1 << 28;

bool isInteger(double V) {
  return V == std::floor(V) && std::abs(V) <= MostInteger;
}

/// A quantity of the neurons: one number for all, or a param.
class Quantities {
public:
  Quantities(GraphBuilder &G, const std::vector<const NeuronKind *> &Kinds,
             bool Integer)
      : G(G), Kinds(Kinds), Integer(Integer) {}

  struct Entry {
    double First = 0;
    std::optional<size_t> Param;
    bool is(double V) const { return !Param && First == V; }
  };
  /// \p Scale: what integers count it in.
  Entry add(double NeuronKind::*Field, double Scale) {
    Entry E{Kinds.front()->*Field * (Integer ? Scale : 1), std::nullopt};
    std::vector<float> All;
    bool Same = true;
    for (const NeuronKind *K : Kinds) {
      All.push_back(static_cast<float>(K->*Field * (Integer ? Scale : 1)));
      Same &= K->*Field == Kinds.front()->*Field;
    }
    if (!Same) {
      E.Param = Params.size();
      Params.push_back(G.constant(All));
    }
    return E;
  }
  std::vector<Value> Params;

private:
  GraphBuilder &G;
  const std::vector<const NeuronKind *> &Kinds;
  bool Integer;
};

/// Arithmetic of a program in either kind of number.
class Words {
public:
  Words(OpBuilder &B, spike::PopulationOp Op, bool Integer)
      : B(B), Loc(Op.getLoc()), Op(Op), P(B, Loc), Integer(Integer) {}

  Value constant(double V) {
    if (!Integer)
      return P.constant(static_cast<float>(V));
    return arith::ConstantOp::create(
        B, Loc, B.getI32IntegerAttr(static_cast<int32_t>(V)));
  }
  Value of(const Quantities::Entry &E) {
    return E.Param ? Value(Op.paramArgs()[*E.Param]) : constant(E.First);
  }
  Value add(Value L, Value R) {
    if (!L || !R)
      return L ? L : R;
    return Integer ? Value(arith::AddIOp::create(B, Loc, L, R)) : P.add(L, R);
  }
  Value sub(Value L, Value R) {
    return Integer ? Value(arith::SubIOp::create(B, Loc, L, R)) : P.sub(L, R);
  }
  Value mul(Value L, Value R) {
    return Integer ? Value(arith::MulIOp::create(B, Loc, L, R)) : P.mul(L, R);
  }
  Value above(Value L, Value R) {
    if (!Integer)
      return P.above(L, R);
    return arith::CmpIOp::create(B, Loc, arith::CmpIPredicate::sgt, L, R);
  }
  Value select(Value If, Value Yes, Value No) { return P.select(If, Yes, No); }
  /// \p V, no further from 0 than \p Most, of integers.
  Value cut(Value V, int64_t Most) {
    Value Low =
        arith::MaxSIOp::create(B, Loc, V, constant(-static_cast<double>(Most)));
    return arith::MinSIOp::create(B, Loc, Low,
                                  constant(static_cast<double>(Most)));
  }
  /// \p V after a leak, cut towards zero to a multiple of 1/64.
  Value leaked(Value V, const Quantities::Entry &Decay) {
    if (Integer) {
      if (Decay.is(DecayUnits))
        return V;
      return spike::MulShiftOp::create(B, Loc, B.getI32Type(), V, of(Decay),
                                       DecayShift, spike::Rounding::Zero);
    }
    if (!Decay.is(1))
      V = P.mul(V, of(Decay));
    Value Cut = P.fromInt(P.toInt(P.mul(V, P.constant(Grid))));
    return P.mul(Cut, P.constant(1 / Grid));
  }
  Value input(Value Sums, double Factor) {
    if (Integer)
      return mul(Sums, constant(Factor * Grid));
    Value Real = P.real(Sums);
    return Factor == 1 ? Real
                       : P.mul(Real, P.constant(static_cast<float>(Factor)));
  }

private:
  OpBuilder &B;
  Location Loc;
  spike::PopulationOp Op;
  ProgramBuilder P;
  bool Integer;
};
} // namespace

bool synfire::models::isOnGrid(const NeuronKind &K) {
  for (double V : {K.Threshold, K.Reset, K.Bias, K.Potential,
                   K.ReverseThreshold, K.ReverseReset})
    if (!isInteger(V * Grid))
      return false;
  return isInteger(K.LeakDecay * DecayUnits) &&
         (K.InputDecay == 0 || K.InputDecay == 1);
}

/// Magnitude of what the terms of a step add up to, at most, in units of 1/64.
static double largestSum(const std::vector<SanaTerm> &Terms) {
  double Sum = 0;
  for (const SanaTerm &T : Terms)
    Sum += T.Factor * Grid * T.Largest;
  return Sum;
}

bool synfire::models::areOnGrid(const std::vector<SanaTerm> &Terms) {
  return largestSum(Terms) <= static_cast<double>(MostCurrent) &&
         llvm::all_of(Terms, [](const SanaTerm &T) {
           return T.IsInteger && isInteger(T.Factor * Grid);
         });
}

/// Whether the leak keeps all potentials below where integers stop.
static bool leaksEnough(const std::vector<const NeuronKind *> &Kinds,
                        double PerStep) {
  return llvm::all_of(Kinds, [&](const NeuronKind *K) {
    const double Resets =
        std::max({std::abs(K->Threshold), std::abs(K->Reset),
                  std::abs(K->ReverseThreshold), std::abs(K->ReverseReset)});
    const double Added = PerStep + (std::abs(K->Bias) + 2 * Resets) * Grid;
    return Added < (1 - K->LeakDecay) * static_cast<double>(MostPotential);
  });
}

spike::PopulationOp
synfire::models::sanaNeurons(GraphBuilder &G, const std::string &Name,
                             const std::vector<const NeuronKind *> &Kinds,
                             const std::vector<SanaTerm> &Terms, bool Integer) {
  Quantities Q(G, Kinds, Integer);
  const auto Count = static_cast<int64_t>(Kinds.size());
  const ResetMode OnSpike = Kinds.front()->OnSpike,
                  OnReverse = Kinds.front()->OnReverse;
  const auto Threshold = Q.add(&NeuronKind::Threshold, Grid),
             Reset = Q.add(&NeuronKind::Reset, Grid),
             Bias = Q.add(&NeuronKind::Bias, Grid),
             Leak = Q.add(&NeuronKind::LeakDecay, DecayUnits),
             InputDecay = Q.add(&NeuronKind::InputDecay, 1),
             Refractory = Q.add(&NeuronKind::Refractory, 1),
             Low = Q.add(&NeuronKind::ReverseThreshold, Grid),
             LowReset = Q.add(&NeuronKind::ReverseReset, Grid);
  // A refractory period of one step ends before the next begins.
  const bool Rests = llvm::any_of(
      Kinds, [](const NeuronKind *K) { return K->Refractory > 1; });
  const bool KeepsInput = !InputDecay.is(0);
  const bool Cuts =
      Integer && (KeepsInput || !leaksEnough(Kinds, largestSum(Terms)));

  SmallVector<Value> Inputs;
  for (const SanaTerm &T : Terms)
    Inputs.push_back(T.Sums);
  std::vector<float> Init = {
      static_cast<float>(Kinds.front()->Potential * (Integer ? Grid : 1))};
  Init.resize(1 + KeepsInput + Rests);
  auto Op = G.population({Name}, G.events(Count, spike::EventKind::Binary, 1),
                         Inputs, Q.Params, Init, Integer);
  OpBuilder B = OpBuilder::atBlockEnd(&Op.getBody().front());
  Words W(B, Op, Integer);

  Value V = W.leaked(Op.stateArgs()[0], Leak);
  Value Current;
  for (auto [Arg, T] : llvm::zip(Op.inputArgs(), Terms))
    Current = W.add(Current, W.input(Arg, T.Factor));
  Value Kept, Rest, Resting;
  if (Rests) {
    Rest = Op.stateArgs()[1 + KeepsInput];
    Resting = W.above(Rest, W.constant(0));
  }
  if (KeepsInput) {
    Value Before = W.mul(Op.stateArgs()[1], W.of(InputDecay));
    Current = W.add(Before, Current);
    Kept = Rests ? W.select(Resting, Before, Current) : Current;
    Kept = Integer ? W.cut(Kept, MostCurrent) : Kept;
  }
  Value Next = Bias.is(0) ? V : W.add(V, W.of(Bias));
  Next = W.add(Next, Current);
  Value Fires = W.above(Next, W.of(Threshold));
  if (OnSpike != ResetMode::None)
    Next = W.select(Fires,
                    OnSpike == ResetMode::Soft ? W.sub(Next, W.of(Threshold))
                                               : W.of(Reset),
                    Next);
  if (OnReverse != ResetMode::None)
    Next = W.select(W.above(W.of(Low), Next),
                    OnReverse == ResetMode::Soft   ? W.sub(Next, W.of(Low))
                    : OnReverse == ResetMode::Hard ? W.of(LowReset)
                                                   : W.of(Low),
                    Next);
  if (Cuts)
    Next = W.cut(Next, MostPotential);
  SmallVector<Value> States;
  if (Rests) {
    Value None =
        arith::ConstantOp::create(B, Op.getLoc(), B.getBoolAttr(false));
    Fires = W.select(Resting, None, Fires);
    Next = W.select(Resting, V, Next);
  }
  States.push_back(Next);
  if (KeepsInput)
    States.push_back(Kept);
  if (Rests) {
    Value Left = W.select(Fires, W.of(Refractory), Rest);
    Value Less = W.sub(Left, W.constant(1));
    States.push_back(
        W.select(W.above(Left, W.constant(0)), Less, W.constant(0)));
  }
  spike::YieldOp::create(B, Op.getLoc(), Fires, States);
  return Op;
}
