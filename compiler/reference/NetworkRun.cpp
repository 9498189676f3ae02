//===- compiler/reference/NetworkRun.cpp - Values op by op ----------------===//

#include "compiler/reference/NetworkRun.h"

#include "compiler/reference/Products.h"
#include "targets/Maths.h"

#include "llvm/ADT/TypeSwitch.h"

#include <algorithm>

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;
using namespace synfire::spike;

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

void NetworkRun::keep(OpResult Result, Steps S) {
  if (isReal(Result) && Options.ObserveCurrents)
    Options.ObserveCurrents(Result, S.Floats);
  auto Events = dyn_cast<EventsType>(Result.getType());
  if (Events && Options.RecordEvents)
    if (auto Op = dyn_cast<PopulationOp>(Result.getOwner()))
      Out.Events.push_back({Op.getResultName(Result.getResultNumber()).str(),
                            Events.getKind(), Events.getBits(),
                            Events.getSize(), S.Ints});
  if (!Result.use_empty())
    Values[Result] = std::move(S);
}

const std::vector<int32_t> &NetworkRun::ints(Value V) {
  Steps &S = Values[V];
  if (S.Ints.empty() && V.getDefiningOp<InputOp>()) {
    int64_t N = sizeOf(V.getType());
    S.Ints.resize(Count * N);
    for (int64_t T = 0; T < Count; ++T)
      S.Ints[T * N + Tokens[T]] = 1;
  }
  return S.Ints;
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

Status NetworkRun::embed(EmbedOp Op) {
  Value Table = Op.getTable();
  int64_t N = sizeOf(Op.getSums().getType());
  Steps S;
  std::vector<int8_t> Row(N);
  bool Real = isReal(Op.getSums());
  if (!Op.getTokens().getDefiningOp<InputOp>())
    return Error{Op.getName().str(), "embed-input",
                 "only the tokens of a spike.input can select rows",
                 ErrorKind::RunFailed};
  Real ? S.Floats.resize(Count * N) : S.Ints.resize(Count * N);
  for (int64_t T = 0; T < Count; ++T) {
    int64_t Token = Tokens[T];
    Status Read =
        Real ? Weights.floats(Table, Token, Token + 1, 0, N,
                              S.Floats.data() + T * N)
             : Weights.codes(Table, Token, Token + 1, 0, N, Row.data());
    if (!Read)
      return Read;
    if (!Real)
      std::copy(Row.begin(), Row.end(), S.Ints.begin() + T * N);
  }
  keep(cast<OpResult>(Op.getSums()), std::move(S));
  return {};
}

Status NetworkRun::linear(LinearOp Op) {
  int64_t Targets = sizeOf(Op.getSums().getType());
  int64_t Sources = sizeOf(Op.getValues().getType());
  Steps S;
  Status Done;
  if (isReal(Op.getSums())) {
    std::vector<float> Converted;
    if (!isReal(Op.getValues())) {
      const std::vector<int32_t> &Payloads = ints(Op.getValues());
      Converted.assign(Payloads.begin(), Payloads.end());
    }
    S.Floats.resize(Count * Targets);
    Done = multiply(Weights, Op.getMatrix(), Count,
                    isReal(Op.getValues()) ? floats(Op.getValues()) : Converted,
                    Sources, S.Floats, Targets);
  } else {
    S.Ints.resize(Count * Targets);
    Done = multiply(Weights, Op.getMatrix(), Count, ints(Op.getValues()),
                    Sources, S.Ints, Targets);
  }
  if (Done)
    keep(cast<OpResult>(Op.getSums()), std::move(S));
  return Done;
}

Status NetworkRun::reduce(ReduceOp Op) {
  int64_t N = sizeOf(Op.getValues().getType());
  Steps S;
  for (int64_t T = 0; T < Count; ++T) {
    if (isReal(Op.getValues())) {
      const float *Row = floats(Op.getValues()).data() + T * N;
      double Sum = 0;
      for (int64_t I = 0; I < N; ++I)
        Sum += static_cast<double>(Row[I]);
      S.Floats.push_back(static_cast<float>(Sum));
    } else {
      const int32_t *Row = ints(Op.getValues()).data() + T * N;
      int32_t Sum = 0;
      for (int64_t I = 0; I < N; ++I)
        Sum = maths::addWrap(Sum, Row[I]);
      S.Ints.push_back(Sum);
    }
  }
  keep(cast<OpResult>(Op.getSum()), std::move(S));
  return {};
}

Status NetworkRun::output(OutputOp Op) {
  Value Read = Op.getValues();
  if (isReal(Read)) {
    // Moved out, not copied, when nothing else reads them.
    Out.Logits =
        Read.hasOneUse() ? std::move(Values[Read].Floats) : floats(Read);
    return {};
  }
  auto Scales = Weights.floats(Op.getScales());
  if (!Scales)
    return Scales.errors();
  const std::vector<int32_t> &Payloads = ints(Read);
  size_t N = Scales->size();
  Out.Logits.resize(Payloads.size());
  for (size_t I = 0; I < Payloads.size(); ++I)
    Out.Logits[I] = static_cast<float>(Payloads[I]) * (*Scales)[I % N];
  return {};
}

Status NetworkRun::step(Operation &Op) {
  return llvm::TypeSwitch<Operation *, Status>(&Op)
      .Case<InputOp>([&](InputOp In) {
        Values[In.getTokens()] = Steps();
        return Status();
      })
      .Case<EmbedOp>([&](EmbedOp E) { return embed(E); })
      .Case<LinearOp>([&](LinearOp L) { return linear(L); })
      .Case<PopulationOp>([&](PopulationOp P) { return population(P); })
      .Case<ReduceOp>([&](ReduceOp R) { return reduce(R); })
      .Case<OutputOp>([&](OutputOp O) { return output(O); })
      .Default(Status()); // Constants are evaluated where they are read.
}
