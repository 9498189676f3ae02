//===- Attention.cpp - Softmax attention in spikes ------------------------===//

#include "models/network/Attention.h"

#include <fmt/format.h>

using namespace mlir;
using namespace synfire;
using namespace synfire::models;

/// `Base`, or `BaseN` for the memories after the first.
static std::string numbered(const std::string &Base, size_t N) {
  return N == 0 ? Base : fmt::format("{}{}", Base, N);
}

ResultRange models::attention(NetworkBuilder &N, const Attention &A) {
  const std::string &Name = A.Name;
  int64_t Rows = A.Heads * A.Positions;
  When WhereRows;
  WhereRows.Rows = A.Causal ? spike::Rows::Seen : spike::Rows::All;

  SmallVector<Value> Products;
  for (auto [I, K] : llvm::enumerate(A.Keys))
    Products.push_back(N.matmul(numbered(Name + ".qk", I), K.Query, K.Written,
                                spike::Along::Keys, A.Heads, A.KvHeads,
                                A.Causal));
  Value Scores = N.population(
      {Name + ".scores"}, {N.currents(Rows)}, Products, {}, {},
      [&](ProgramBuilder &P, ValueRange In, ValueRange, ValueRange) {
        Value Sum = P.real(In.front());
        for (Value More : In.drop_front())
          Sum = P.add(Sum, P.real(More));
        return ProgramResults{{P.mul(Sum, P.perStep(A.Scale))}, {}};
      },
      WhereRows)[0];
  Value Largest =
      N.population({Name + ".max"}, {N.currents(A.Heads)},
                   {N.largest(Name + ".scores_max", Scores, A.Heads)}, {}, {},
                   [](ProgramBuilder &, ValueRange In, ValueRange, ValueRange) {
                     return ProgramResults{{In[0]}, {}};
                   })[0];
  auto Weights = N.population(
      {Name + ".weights", Name + ".weights_sum"},
      {N.currents(Rows), N.currents(Rows)}, {Scores, Largest}, {}, {},
      [](ProgramBuilder &P, ValueRange In, ValueRange, ValueRange) {
        Value E = P.exp(P.sub(In[0], In[1]));
        return ProgramResults{{E, E}, {}};
      },
      WhereRows);
  Value Norm = N.population(
      {Name + ".norm"}, {N.currents(A.Heads)},
      {N.sum(Name + ".total", Weights[1], A.Heads)}, {}, {},
      [](ProgramBuilder &P, ValueRange In, ValueRange, ValueRange) {
        Value Zero = P.constant(0.0f);
        Value Inverse = P.div(P.constant(1.0f), In[0]);
        return ProgramResults{{P.select(P.above(In[0], Zero), Inverse, Zero)},
                              {}};
      })[0];

  SmallVector<Value> Read;
  for (auto [I, V] : llvm::enumerate(A.Values))
    Read.push_back(N.matmul(numbered(Name + ".pv", I), Weights[0], V,
                            spike::Along::Values, A.Heads, A.KvHeads,
                            A.Causal));
  int64_t Size = spike::sizeOf(Read.front().getType());
  Read.push_back(Norm);
  SmallVector<Value> Params;
  if (A.SecondValues)
    Params.push_back(A.SecondValues);
  std::vector<std::string> Names = {Name + ".context"};
  if (A.WithNegative)
    Names.push_back(Name + ".context.neg");
  return N.population(
      Names, SmallVector<Type>(Names.size(), N.currents(Size)), Read, Params,
      {}, [&](ProgramBuilder &P, ValueRange In, ValueRange Par, ValueRange) {
        Value Sum = P.real(In[0]);
        if (!Par.empty())
          Sum =
              P.select(P.atLeast(Par[0], P.constant(0.5f)), P.real(In[1]), Sum);
        Value C = P.mul(Sum, In.back());
        if (A.ContextScale != std::vector<float>{1.0f})
          C = P.mul(C, P.perStep(A.ContextScale));
        ProgramResults R{{C}, {}};
        if (A.WithNegative)
          R.Results.push_back(P.neg(C));
        return R;
      });
}
