//===- compiler/reference/NetworkRun.cpp - Values op by op ----------------===//

#include "compiler/reference/NetworkRun.h"

#include "compiler/reference/Products.h"
#include "targets/Maths.h"

#include "llvm/ADT/TypeSwitch.h"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <utility>

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;
using namespace synfire::spike;

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

void NetworkRun::keep(OpResult Result, Steps S) {
  if (Begin == 0 && End == Count)
    return settle(Result, std::move(S));
  Steps &All = Values[Result];
  const size_t N = sizeOf(Result.getType());
  All.Floats.resize(S.Floats.empty() ? 0 : Count * N);
  All.Ints.resize(S.Ints.empty() ? 0 : Count * N);
  std::copy(S.Floats.begin(), S.Floats.end(), All.Floats.begin() + Begin * N);
  std::copy(S.Ints.begin(), S.Ints.end(), All.Ints.begin() + Begin * N);
}

void NetworkRun::settle(OpResult Result, Steps S) {
  if (isReal(Result) && Options.ObserveCurrents)
    Options.ObserveCurrents(Result, S.Floats);
  auto Events = dyn_cast<EventsType>(Result.getType());
  if (Events && Options.RecordEvents)
    if (auto Op = dyn_cast<PopulationOp>(Result.getOwner()))
      Out.Events.push_back({Op.getResultName(Result.getResultNumber()).str(),
                            Events.getKind(), Events.getBits(),
                            Events.getSize(), S.Ints});
  if (KeepsUnread || !Result.use_empty())
    Values[Result] = std::move(S);
}

void NetworkRun::forgetAllBut(Value V) {
  Steps Kept = std::move(Values[V]);
  Values.clear();
  Values[V] = std::move(Kept);
}

const std::vector<int32_t> &NetworkRun::ints(Value V) {
  Steps &S = Values[V];
  if (auto In = V.getDefiningOp<InputOp>(); In && S.Ints.empty()) {
    int64_t N = sizeOf(V.getType());
    S.Ints.resize(Count * N);
    if (In.getRole() == InputRole::Events) {
      std::span<const int32_t> Given = Time.events(In.getName());
      for (int64_t T = 0; T < Count; ++T)
        std::copy_n(Given.begin() + T / Time.innerSteps() * N, N,
                    S.Ints.begin() + T * N);
      return S.Ints;
    }
    for (int64_t T = 0; T < Count; ++T)
      S.Ints[T * N + Time.input(In.getRole(), T)] = 1;
  }
  return S.Ints;
}

const std::vector<float> &NetworkRun::asFloats(Value V,
                                               std::vector<float> &Made) {
  if (isReal(V))
    return floats(V);
  const std::vector<int32_t> &Payloads = ints(V);
  Made.assign(Payloads.begin(), Payloads.end());
  return Made;
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
  auto In = Op.getTokens().getDefiningOp<InputOp>();
  if (!In)
    return Error{Op.getName().str(), "embed-input",
                 "only the tokens of a spike.input can select rows",
                 ErrorKind::RunFailed};
  const int64_t Range = End - Begin;
  Real ? S.Floats.resize(Range * N) : S.Ints.resize(Range * N);
  for (int64_t T = Begin; T < End; ++T) {
    int64_t Token = Time.input(In.getRole(), T);
    Status Read =
        Real ? Weights.floats(Table, Token, Token + 1, 0, N,
                              S.Floats.data() + (T - Begin) * N)
             : Weights.codes(Table, Token, Token + 1, 0, N, Row.data());
    if (!Read)
      return Read;
    if (!Real)
      std::copy(Row.begin(), Row.end(), S.Ints.begin() + (T - Begin) * N);
  }
  keep(cast<OpResult>(Op.getSums()), std::move(S));
  return {};
}

Status NetworkRun::checkOnly(LinearOp Op) {
  auto Mask = Op.getOnly() ? Op.getOnly().getDefiningOp<MaskOp>() : MaskOp();
  if (!Mask)
    return {};
  ArrayRef<bool> Has = Mask.getBits();
  auto Scan = [&](const auto &Values) -> Status {
    for (size_t I = 0; I < Values.size(); ++I)
      if (Values[I] != 0 && !Has[I % Has.size()])
        return Error{Op.getName().str(), "linear-5",
                     fmt::format("source {} emits {} at token step {}, but has "
                                 "no synapses (`only`)",
                                 I % Has.size(), Values[I], I / Has.size()),
                     ErrorKind::RunFailed};
    return {};
  };
  return isReal(Op.getValues()) ? Scan(floats(Op.getValues()))
                                : Scan(ints(Op.getValues()));
}

Status NetworkRun::linear(LinearOp Op) {
  int64_t Targets = sizeOf(Op.getSums().getType());
  int64_t Sources = sizeOf(Op.getValues().getType());
  if (Status S = checkOnly(Op); !S)
    return S;
  Steps S;
  Status Done;
  const int64_t Range = End - Begin;
  const int64_t Columns =
      cast<ShapedType>(Op.getMatrix().getType()).getDimSize(1);
  auto Multiply = [&](const auto &Values, auto &Sums) {
    Sums.resize(Range * Targets);
    auto Read = std::span(Values).subspan(Begin * Sources, Range * Sources);
    if (Columns == Sources)
      return multiply(Weights, Op.getMatrix(), Range, Read, Sources, Sums,
                      Targets);
    std::decay_t<decltype(Values)> First(Range * Columns);
    for (int64_t T = 0; T < Range; ++T)
      std::copy_n(Read.begin() + T * Sources, Columns,
                  First.begin() + T * Columns);
    return multiply(Weights, Op.getMatrix(), Range, First, Columns, Sums,
                    Targets);
  };
  if (isReal(Op.getSums())) {
    std::vector<float> Made;
    Done = Multiply(asFloats(Op.getValues(), Made), S.Floats);
  } else {
    Done = Multiply(ints(Op.getValues()), S.Ints);
  }
  if (Done)
    keep(cast<OpResult>(Op.getSums()), std::move(S));
  return Done;
}

Status NetworkRun::reduce(ReduceOp Op) {
  int64_t N = sizeOf(Op.getValues().getType());
  int64_t Groups = sizeOf(Op.getSum().getType()), Size = N / Groups;
  auto Source = Op.getValues().getDefiningOp<PopulationOp>();
  bool OfRows = Source && Source.getRows();
  int64_t Head = OfRows ? Time.positions() : N;
  // Calls Take(value) for every neuron that ran of a group in a token step.
  auto ForNeurons = [&](const auto &Values, int64_t T, int64_t G, auto Take) {
    int64_t There = OfRows ? Time.rowsThere(*Source.getRows(), T) : N;
    for (int64_t I = G * Size; I < (G + 1) * Size; ++I)
      if (I % Head < There)
        Take(Values[T * N + I]);
  };
  Steps S;
  for (int64_t T = Begin; T < End; ++T)
    for (int64_t G = 0; G < Groups; ++G) {
      if (isReal(Op.getValues())) {
        double Sum = 0;
        std::optional<float> Most;
        ForNeurons(floats(Op.getValues()), T, G, [&](float V) {
          Sum += static_cast<double>(V);
          Most = Most ? maths::maxNum(*Most, V) : V;
        });
        S.Floats.push_back(Op.getMax() ? Most.value_or(0.0f)
                                       : static_cast<float>(Sum));
      } else {
        int32_t Sum = 0, Most = 0;
        ForNeurons(ints(Op.getValues()), T, G, [&](int32_t V) {
          Sum = maths::addWrap(Sum, V);
          Most = std::max(Most, V);
        });
        S.Ints.push_back(Op.getMax() ? Most : Sum);
      }
    }
  keep(cast<OpResult>(Op.getSum()), std::move(S));
  return {};
}

Status NetworkRun::output(OutputOp Op) {
  Value Read = Op.getValues();
  size_t N = sizeOf(Read.getType()), Inner = Time.innerSteps();
  // Where the last inner step of a token begins.
  auto Last = [&](size_t Token) { return (Token * Inner + Inner - 1) * N; };
  Out.Logits.resize(Time.numTokens() * N);
  if (isReal(Read)) {
    const std::vector<float> &Values = floats(Read);
    for (size_t T = 0; T * N < Out.Logits.size(); ++T)
      std::copy_n(Values.begin() + Last(T), N, Out.Logits.begin() + T * N);
    return {};
  }
  auto Scales = Weights.floats(Op.getScales());
  if (!Scales)
    return Scales.errors();
  const std::vector<int32_t> &Payloads = ints(Read);
  for (size_t I = 0; I < Out.Logits.size(); ++I)
    Out.Logits[I] =
        static_cast<float>(Payloads[Last(I / N) + I % N]) * (*Scales)[I % N];
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
      .Case<ConvOp>([&](ConvOp C) { return conv(C); })
      .Case<PoolOp>([&](PoolOp P) { return pool(P); })
      .Case<DelayOp>([&](DelayOp D) { return delay(D); })
      .Case<JoinOp>([&](JoinOp J) { return join(J); })
      .Case<PopulationOp>([&](PopulationOp P) { return population(P); })
      .Case<ReduceOp>([&](ReduceOp R) { return reduce(R); })
      .Case<MatmulOp>([&](MatmulOp M) { return matmul(M); })
      .Case<RotateOp>([&](RotateOp R) { return rotate(R); })
      .Case<OutputOp>([&](OutputOp O) { return output(O); })
      .Default(Status()); // Constants are evaluated where they are read.
}

Status NetworkRun::circle(Operation &First, Operation &Last) {
  Operation *Behind = Last.getNextNode();
  for (Begin = 0; Begin < Count; ++Begin) {
    End = Begin + 1;
    for (Operation *Op = &First; Op != Behind; Op = Op->getNextNode())
      if (Status Done = step(*Op); !Done)
        return Done;
  }
  Begin = 0;
  End = Count;
  for (Operation *Op = &First; Op != Behind; Op = Op->getNextNode())
    for (OpResult Result : Op->getResults())
      if (!isConstant(Result) && !isa<InputOp>(Op))
        settle(Result, std::exchange(Values[Result], Steps()));
  States.clear();
  return {};
}
