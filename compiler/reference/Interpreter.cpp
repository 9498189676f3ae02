//===- compiler/reference/Interpreter.cpp - Rungs R1 and R2 ---------------===//
//
// Makes a network ready to run, and drives a run op by op (NetworkRun.h).
//
//===----------------------------------------------------------------------===//

#include "compiler/reference/Interpreter.h"

#include "compiler/reference/NetworkRun.h"

#include <fmt/format.h>
#include <new>
#include <set>

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;
using namespace synfire::spike;

struct Interpreter::Plan {
  Plan(NetworkOp Network, WeightFiles &Files)
      : Network(Network), Weights(Files) {}

  NetworkOp Network;
  InputOp Input; ///< the tokens; null when it reads none
  InputOp Types; ///< may be null
  OutputOp Output;
  Constants Weights;
  llvm::DenseMap<Operation *, Program> Programs;
  /// Values that nothing reads after an op.
  llvm::DenseMap<Operation *, std::vector<Value>> LastReadBy;
  llvm::DenseMap<Operation *, Operation *> Circles; ///< first op to last

  Status prepare();
};

Status Interpreter::Plan::prepare() {
  std::string Name = Network.getSymName().str();
  llvm::DenseMap<Value, Operation *> LastRead;
  std::set<InputRole> Roles;
  for (Operation &Op : Network.getBody().front()) {
    for (Value Read : Op.getOperands())
      if (!isConstant(Read))
        LastRead[Read] = &Op;
    if (auto In = dyn_cast<InputOp>(Op)) {
      if (In.getRole() != InputRole::Events &&
          !Roles.insert(In.getRole()).second)
        return Error{Name, "one-input",
                     fmt::format("a network is run from one spike.input of "
                                 "each role; there are several of role {}",
                                 stringifyInputRole(In.getRole()).str()),
                     ErrorKind::RunFailed};
      if (In.getRole() == InputRole::Token)
        Input = In;
      else if (In.getRole() == InputRole::Type)
        Types = In;
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
  // Spikes are a result too: a circle of populations may have no other.
  if (!Output && Programs.empty())
    return Error{Name, "one-output",
                 "the network has neither a spike.output nor a population",
                 ErrorKind::RunFailed};
  for (auto [First, Last] : circlesOf(Network)) {
    Circles[First] = Last;
    for (auto &[Value, Op] : LastRead)
      if (!Op->isBeforeInBlock(First) && Op->isBeforeInBlock(Last))
        Op = Last;
  }
  for (auto [Value, Op] : LastRead)
    LastReadBy[Op].push_back(Value);
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
  return P->Input ? sizeOf(P->Input.getTokens().getType()) : 0;
}

int64_t Interpreter::outputSize() const {
  return P->Output ? sizeOf(P->Output.getValues().getType()) : 0;
}

/// Whether \p Inputs has events for \p In that its type holds.
static Status checkEvents(InputOp In, const RunInputs &Inputs) {
  EventsType Type = In.getTokens().getType();
  auto Given = llvm::find_if(Inputs.Events, [&](const EventInput &E) {
    return E.Name == In.getName();
  });
  const size_t Needed = Inputs.Tokens.size() * Type.getSize();
  if (Given == Inputs.Events.end() || Given->Payloads.size() != Needed)
    return Error{
        In.getName().str(), "sequence-inputs",
        fmt::format("{} payloads are given for {} token steps of {} neurons",
                    Given == Inputs.Events.end() ? 0 : Given->Payloads.size(),
                    Inputs.Tokens.size(), Type.getSize())};
  for (size_t I = 0; I < Needed; ++I)
    if (int32_t P = Given->Payloads[I];
        P < Type.minPayload() || P > Type.maxPayload())
      return Error{In.getName().str(), "payload-range",
                   fmt::format("neuron {} has payload {} at token step {}, its "
                               "events hold {} to {}",
                               I % Type.getSize(), P, I / Type.getSize(),
                               Type.minPayload(), Type.maxPayload())};
  return {};
}

Status compiler::checkInputs(NetworkOp Network, InputOp Input, InputOp Types,
                             const RunInputs &Inputs) {
  std::span<const int64_t> Tokens = Inputs.Tokens;
  auto InRange = [](InputOp In, std::span<const int64_t> Values,
                    const char *Rule, const char *Word,
                    const char *Whole) -> Status {
    int64_t Size = In.getTokens().getType().getSize();
    for (size_t I = 0; I < Values.size(); ++I)
      if (Values[I] < 0 || Values[I] >= Size)
        return Error{In.getName().str(), Rule,
                     fmt::format("{} {} at position {} is not in the {} of {} "
                                 "(0 to {})",
                                 Word, Values[I], I, Whole, Size, Size - 1)};
    return {};
  };
  if (Input)
    if (Status S = InRange(Input, Tokens, "token-range", "token", "vocabulary");
        !S)
      return S;
  for (auto In : Network.getBody().front().getOps<InputOp>())
    if (In.getRole() == InputRole::Events)
      if (Status S = checkEvents(In, Inputs); !S)
        return S;
  if (Types)
    if (Status S = InRange(Types, Inputs.Types, "type-range", "type", "types");
        !S)
      return S;
  for (auto [What, Size] : {std::pair("types", Inputs.Types.size()),
                            std::pair("marks of padding", Inputs.Valid.size())})
    if (Size != 0 && Size != Tokens.size())
      return Error{
          Network.getSymName().str(), "sequence-inputs",
          fmt::format("{} {} for {} tokens; give one for each, or none", Size,
                      What, Tokens.size())};
  if (auto Most = Network.getPositions(); Most && Tokens.size() > *Most)
    return Error{Network.getSymName().str(), "sequence-length",
                 fmt::format("the sequence has {} tokens, the network has {} "
                             "positions; cut it",
                             Tokens.size(), *Most)};
  return {};
}

Result<RunResult> Interpreter::run(const RunInputs &Inputs,
                                   const RunOptions &Options) {
  if (Status S = checkInputs(P->Network, P->Input, P->Types, Inputs); !S)
    return S.errors();
  try {
    NetworkRun R(P->Weights, P->Programs, Sequence(P->Network, Inputs),
                 Options);
    Block &Body = P->Network.getBody().front();
    for (Operation *Op = &Body.front(); Op; Op = Op->getNextNode()) {
      Operation *First = Op;
      if (Operation *Last = P->Circles.lookup(Op))
        Op = Last;
      if (Status Done = Op == First ? R.step(*Op) : R.circle(*First, *Op);
          !Done)
        return Done.errors();
      for (Value Read : P->LastReadBy.lookup(Op))
        R.forget(Read);
    }
    return std::move(R.Out);
  } catch (const std::bad_alloc &) {
    return Error{P->Network.getSymName().str(), "memory",
                 fmt::format("out of memory over {} tokens; run fewer at once",
                             Inputs.Tokens.size()),
                 ErrorKind::RunFailed};
  }
}
