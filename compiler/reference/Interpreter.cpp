//===- compiler/reference/Interpreter.cpp - Rungs R1 and R2 ---------------===//
//
// One function per op; each takes and makes the values of all token steps.
//
//===----------------------------------------------------------------------===//

#include "compiler/reference/Interpreter.h"

#include "compiler/reference/Constants.h"
#include "compiler/reference/Products.h"
#include "compiler/reference/Program.h"
#include "targets/Maths.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/TypeSwitch.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <fmt/format.h>
#include <new>
#include <oneapi/tbb/parallel_for.h>
#include <optional>

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;
using namespace synfire::spike;

namespace {
/// All steps of one value, [token, neuron]; one of the two vectors is used.
struct Steps {
  std::vector<float> Floats; ///< currents
  std::vector<int32_t> Ints; ///< payloads or sums
};

/// A payload that its type cannot hold.
struct Overrun {
  int64_t Token = 0;
  int64_t Neuron = 0;
  unsigned Output = 0;
  int32_t Payload = 0;
};
} // namespace

struct Interpreter::Plan {
  Plan(NetworkOp Network, WeightFiles &Files)
      : Network(Network), Weights(Files) {}

  NetworkOp Network;
  InputOp Input;
  OutputOp Output;
  Constants Weights;
  llvm::DenseMap<Operation *, Program> Programs;
  /// Values that nothing reads after an op.
  llvm::DenseMap<Operation *, std::vector<Value>> LastReadBy;

  Status prepare();
};

namespace {
/// One run over some tokens.
class Run {
public:
  Run(Constants &Weights, const llvm::DenseMap<Operation *, Program> &Programs,
      std::span<const int64_t> Tokens, const RunOptions &Options)
      : Weights(Weights), Programs(Programs), Tokens(Tokens),
        Count(static_cast<int64_t>(Tokens.size())), Options(Options) {}

  Status step(Operation &Op);
  void forget(Value V) { Values.erase(V); }
  RunResult Out;

private:
  Status embed(EmbedOp Op);
  Status linear(LinearOp Op);
  Status population(PopulationOp Op);
  Status reduce(ReduceOp Op);
  Status output(OutputOp Op);

  void keep(OpResult Result, Steps S);
  /// Payloads or sums; one-hot tokens are made when an op reads them as such.
  const std::vector<int32_t> &ints(Value V);
  const std::vector<float> &floats(Value V) { return Values[V].Floats; }

  Constants &Weights;
  const llvm::DenseMap<Operation *, Program> &Programs;
  std::span<const int64_t> Tokens;
  int64_t Count;
  const RunOptions &Options;
  llvm::DenseMap<Value, Steps> Values;
};
} // namespace

static bool isReal(Value V) {
  auto Tensor = dyn_cast<ShapedType>(V.getType());
  return Tensor && Tensor.getElementType().isF32();
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

void Run::keep(OpResult Result, Steps S) {
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

const std::vector<int32_t> &Run::ints(Value V) {
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

Status Run::embed(EmbedOp Op) {
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

Status Run::linear(LinearOp Op) {
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

Status Run::population(PopulationOp Op) {
  const Program &P = Programs.find(Op)->second;
  int64_t N = Op.getNumNeurons();
  size_t NumInputs = Op.getInputs().size(), NumParams = Op.getParams().size();
  size_t NumStates = Op.getNumStates(), NumOutputs = Op.getOutputs().size();

  struct Source {
    const char *Data; ///< words of all steps; floats or ints
    int64_t Size;     ///< N or 1
  };
  std::vector<Source> Inputs;
  for (Value In : Op.getInputs()) {
    const void *Data = isReal(In) ? static_cast<const void *>(floats(In).data())
                                  : static_cast<const void *>(ints(In).data());
    Inputs.push_back({static_cast<const char *>(Data), sizeOf(In.getType())});
  }
  std::vector<std::vector<float>> Params;
  for (Value Param : Op.getParams()) {
    auto Whole = Weights.floats(Param);
    if (!Whole)
      return Whole.errors();
    Params.push_back(std::move(*Whole));
    if (static_cast<int64_t>(Params.back().size()) != N)
      Params.back().assign(N, Params.back().front());
  }
  std::vector<Steps> Results(NumOutputs);
  std::vector<char *> Targets;
  for (auto [Result, S] : llvm::zip(Op.getOutputs(), Results)) {
    if (isReal(Result)) {
      S.Floats.resize(Count * N);
      Targets.push_back(reinterpret_cast<char *>(S.Floats.data()));
    } else {
      S.Ints.resize(Count * N);
      Targets.push_back(reinterpret_cast<char *>(S.Ints.data()));
    }
  }

  // Neurons are independent: a group of them runs through all tokens, its
  // states close by. Groups have one size whatever the number of threads.
  constexpr int64_t Group = Program::MaxNeurons;
  constexpr size_t Word = sizeof(int32_t);
  int64_t NumGroups = (N + Group - 1) / Group;
  std::vector<std::optional<Overrun>> Overruns(NumGroups);
  auto RunGroup = [&](int64_t G) {
    int64_t Begin = G * Group, Width = std::min(Group, N - Begin);
    Program::Registers Scratch = P.registers();
    std::vector<int32_t> Read((NumInputs + NumParams + NumStates) * Group);
    std::vector<int32_t> Written((NumOutputs + NumStates) * Group);
    std::vector<const int32_t *> Arguments;
    std::vector<int32_t *> Yields;
    for (size_t I = 0; I < NumInputs + NumParams + NumStates; ++I)
      Arguments.push_back(Read.data() + I * Group);
    for (size_t I = 0; I < NumOutputs + NumStates; ++I)
      Yields.push_back(Written.data() + I * Group);
    for (size_t I = 0; I < NumParams; ++I)
      std::memcpy(Read.data() + (NumInputs + I) * Group,
                  Params[I].data() + Begin, Width * Word);
    int32_t *States = Read.data() + (NumInputs + NumParams) * Group;
    for (size_t I = 0; I < NumStates; ++I)
      std::fill_n(States + I * Group, Group,
                  std::bit_cast<int32_t>(Op.getInit()[I]));

    for (int64_t T = 0; T < Count; ++T) {
      for (size_t I = 0; I < NumInputs; ++I) {
        int32_t *To = Read.data() + I * Group;
        if (Inputs[I].Size == N) {
          std::memcpy(To, Inputs[I].Data + (T * N + Begin) * Word,
                      Width * Word);
        } else {
          std::memcpy(To, Inputs[I].Data + T * Word, Word);
          std::fill_n(To + 1, Width - 1, *To);
        }
      }
      P.run(Arguments, Yields, Width, Scratch);
      std::memcpy(States, Written.data() + NumOutputs * Group,
                  NumStates * Group * Word);
      for (size_t I = 0; I < NumOutputs; ++I) {
        const int32_t *From = Written.data() + I * Group;
        std::memcpy(Targets[I] + (T * N + Begin) * Word, From, Width * Word);
        auto Events = dyn_cast<EventsType>(Op.getOutputs()[I].getType());
        if (!Events || Overruns[G])
          continue;
        int64_t Least = Events.minPayload(), Most = Events.maxPayload();
        auto [Low, High] = std::minmax_element(From, From + Width);
        if (*Low < Least || *High > Most) {
          const int32_t *Bad = *Low < Least ? Low : High;
          Overruns[G] = {T, Begin + (Bad - From), static_cast<unsigned>(I),
                         *Bad};
        }
      }
    }
  };
  if (NumGroups * Count < 64)
    for (int64_t G = 0; G < NumGroups; ++G)
      RunGroup(G);
  else
    tbb::parallel_for(int64_t(0), NumGroups, RunGroup);

  const Overrun *First = nullptr;
  for (const std::optional<Overrun> &O : Overruns)
    if (O && (!First || O->Token < First->Token))
      First = &*O;
  if (First) {
    auto Events = cast<EventsType>(Op.getOutputs()[First->Output].getType());
    return Error{Op.getResultName(First->Output).str(), "payload-range",
                 fmt::format("neuron {} emits payload {} at token {}, its "
                             "events hold {} to {}; the program must clamp",
                             First->Neuron, First->Payload, First->Token,
                             Events.minPayload(), Events.maxPayload()),
                 ErrorKind::RunFailed};
  }
  for (auto [Result, S] : llvm::zip(Op->getResults(), Results))
    keep(Result, std::move(S));
  return {};
}

Status Run::reduce(ReduceOp Op) {
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

Status Run::output(OutputOp Op) {
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

Status Run::step(Operation &Op) {
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

//===----------------------------------------------------------------------===//
// Interpreter
//===----------------------------------------------------------------------===//

Status Interpreter::Plan::prepare() {
  std::string Name = Network.getSymName().str();
  llvm::DenseMap<Value, Operation *> LastRead;
  for (Operation &Op : Network.getBody().front()) {
    for (Value Read : Op.getOperands())
      if (!isConstant(Read))
        LastRead[Read] = &Op;
    if (auto In = dyn_cast<InputOp>(Op)) {
      if (Input)
        return Error{Name, "one-input", "a network is run from one spike.input",
                     ErrorKind::RunFailed};
      Input = In;
    } else if (auto Out = dyn_cast<OutputOp>(Op)) {
      if (Output)
        return Error{Name, "one-output", "a network is run to one spike.output",
                     ErrorKind::RunFailed};
      Output = Out;
    } else if (auto Population = dyn_cast<PopulationOp>(Op)) {
      auto Decoded = Program::decode(Population.getBody().front());
      if (!Decoded)
        return Decoded.errors();
      Programs.try_emplace(&Op, std::move(*Decoded));
    }
  }
  if (!Input || !Output)
    return Error{
        Name, Input ? "one-output" : "one-input",
        fmt::format("the network has no spike.{}", Input ? "output" : "input"),
        ErrorKind::RunFailed};
  for (auto [Read, Op] : LastRead)
    LastReadBy[Op].push_back(Read);
  return {};
}

Interpreter::Interpreter(std::unique_ptr<Plan> P) : P(std::move(P)) {}
Interpreter::Interpreter(Interpreter &&) noexcept = default;
Interpreter &Interpreter::operator=(Interpreter &&) noexcept = default;
Interpreter::~Interpreter() = default;

Result<Interpreter> Interpreter::create(NetworkOp Network, WeightFiles &Files) {
  auto P = std::make_unique<Plan>(Network, Files);
  if (Status Ready = P->prepare(); !Ready)
    return Ready.errors();
  return Interpreter(std::move(P));
}

int64_t Interpreter::vocabulary() const {
  return sizeOf(P->Input.getTokens().getType());
}

int64_t Interpreter::outputSize() const {
  return sizeOf(P->Output.getValues().getType());
}

Result<RunResult> Interpreter::run(std::span<const int64_t> Tokens,
                                   const RunOptions &Options) {
  for (size_t I = 0; I < Tokens.size(); ++I)
    if (Tokens[I] < 0 || Tokens[I] >= vocabulary())
      return Error{P->Input.getName().str(), "token-range",
                   fmt::format("token {} at position {} is not in the "
                               "vocabulary of {} (0 to {})",
                               Tokens[I], I, vocabulary(), vocabulary() - 1)};
  try {
    Run R(P->Weights, P->Programs, Tokens, Options);
    for (Operation &Op : P->Network.getBody().front()) {
      if (Status Done = R.step(Op); !Done)
        return Done.errors();
      for (Value Read : P->LastReadBy.lookup(&Op))
        R.forget(Read);
    }
    return std::move(R.Out);
  } catch (const std::bad_alloc &) {
    return Error{P->Network.getSymName().str(), "memory",
                 fmt::format("out of memory over {} tokens; run fewer at once",
                             Tokens.size()),
                 ErrorKind::RunFailed};
  }
}
