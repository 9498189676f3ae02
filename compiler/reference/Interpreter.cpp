//===- compiler/reference/Interpreter.cpp - Rungs R1 and R2 ---------------===//
//
// Makes a network ready to run, and drives a run op by op (NetworkRun.h).
//
//===----------------------------------------------------------------------===//

#include "compiler/reference/Interpreter.h"

#include "compiler/reference/NetworkRun.h"

#include <fmt/format.h>
#include <new>

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;
using namespace synfire::spike;

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
    NetworkRun R(P->Weights, P->Programs, Tokens, Options);
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
