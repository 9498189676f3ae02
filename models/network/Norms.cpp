//===- Norms.cpp - Layer norm and root mean square ------------------------===//

#include "models/network/NetworkBuilder.h"

using namespace mlir;
using namespace synfire;
using namespace synfire::models;

SmallVector<Value> NormStatistics::inputs() const {
  if (!Mean)
    return {InverseDeviation};
  return {Mean, InverseDeviation};
}

/// A population `Name.sq` of the squares of \p Values.
static Value squares(NetworkBuilder &N, const std::string &Name, Value Values) {
  return N.population(
      {Name + ".sq"}, {N.currents(spike::sizeOf(Values.getType()))}, {Values},
      {}, {}, [](ProgramBuilder &P, ValueRange In, ValueRange, ValueRange) {
        Value X = P.real(In[0]);
        return ProgramResults{{P.mul(X, X)}, {}};
      })[0];
}

NormStatistics NetworkBuilder::normStatistics(StringRef Name, Value Values,
                                              float Epsilon, bool AtLastStep) {
  std::string Base = Name.str();
  auto Size = static_cast<float>(spike::sizeOf(Values.getType()));
  Value Squares = squares(*this, Base, Values);
  Value S1 = sum(Base + ".s1", Values);
  Value S2 = sum(Base + ".s2", Squares);
  auto Stats = population(
      {Base + ".mean", Base + ".rstd"}, {currents(1), currents(1)}, {S1, S2},
      {}, {}, [&](ProgramBuilder &P, ValueRange In, ValueRange, ValueRange) {
        Value Count = P.constant(Size);
        Value Mean = P.div(P.real(In[0]), Count);
        Value Variance = P.max(P.sub(P.div(In[1], Count), P.mul(Mean, Mean)),
                               P.constant(0.0f));
        Value Rstd = P.rsqrt(P.add(Variance, P.constant(Epsilon)));
        return ProgramResults{
            {Mean, AtLastStep ? P.atLastStep(Rstd, P.constant(0.0f)) : Rstd},
            {}};
      });
  return {Stats[0], Stats[1]};
}

NormStatistics NetworkBuilder::rootMeanSquare(StringRef Name, Value Squares,
                                              float Epsilon, bool AtLastStep) {
  std::string Base = Name.str();
  auto Size = static_cast<float>(spike::sizeOf(Squares.getType()));
  Value S2 = sum(Base + ".s2", Squares);
  return {{},
          population(
              {Base + ".rstd"}, {currents(1)}, {S2}, {}, {},
              [&](ProgramBuilder &P, ValueRange In, ValueRange, ValueRange) {
                Value Mean = P.div(In[0], P.constant(Size));
                Value Rstd = P.rsqrt(P.add(Mean, P.constant(Epsilon)));
                return ProgramResults{
                    {AtLastStep ? P.atLastStep(Rstd, P.constant(0.0f)) : Rstd},
                    {}};
              })[0]};
}

Value NetworkBuilder::applyNorm(ProgramBuilder &P, Value X,
                                ValueRange Statistics, Value Gain, Value Bias) {
  X = P.real(X);
  if (Statistics.size() == 2)
    X = P.sub(X, Statistics.front());
  Value Normed = P.mul(P.mul(X, Statistics.back()), Gain);
  return Bias ? P.add(Normed, Bias) : Normed;
}

Value NetworkBuilder::norm(StringRef Name, Value Values,
                           const NormWeights &Weights) {
  std::string Base = Name.str();
  NormStatistics Stats =
      Weights.Bias
          ? normStatistics(Name, Values, Weights.Epsilon, Weights.AtLastStep)
          : rootMeanSquare(Name, squares(*this, Base, Values), Weights.Epsilon,
                           Weights.AtLastStep);
  SmallVector<Value> Inputs = {Values}, Params = {Weights.Gain};
  Inputs.append(Stats.inputs());
  if (Weights.Bias)
    Params.push_back(Weights.Bias);
  return population(
      {Base}, {currents(spike::sizeOf(Values.getType()))}, Inputs, Params, {},
      [&](ProgramBuilder &P, ValueRange In, ValueRange Par, ValueRange) {
        Value Y = applyNorm(P, In[0], In.drop_front(), Par[0],
                            Par.size() > 1 ? Par[1] : Value());
        return ProgramResults{
            {Weights.AtLastStep ? P.atLastStep(Y, P.constant(0.0f)) : Y}, {}};
      })[0];
}
