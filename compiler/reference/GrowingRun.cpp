//===- compiler/reference/GrowingRun.cpp - Run while building -------------===//

#include "compiler/reference/GrowingRun.h"

#include "compiler/reference/NetworkRun.h"

#include <fmt/format.h>
#include <new>
#include <utility>

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;
using namespace synfire::spike;

struct GrowingRun::State {
  State(NetworkOp Network, WeightFiles &Files)
      : Network(Network), Weights(Files) {}

  NetworkOp Network;
  Constants Weights;
  llvm::DenseMap<Operation *, Program> Programs;
  Value Wanted;
  std::vector<std::vector<float>> Taken; ///< values of Wanted, by sequence
  RunOptions Options;
  std::vector<NetworkRun> Runs; ///< by sequence
  Operation *Done = nullptr;    ///< the last op that all of them have run

  Operation *next() {
    return Done ? Done->getNextNode() : &Network.getBody().front().front();
  }
  /// Runs one op in all sequences.
  Status step(Operation &Op);
  /// Runs all ops but \p Last, which comes after them (null: all there are).
  Status runBefore(Operation *Last);
};

Status GrowingRun::State::step(Operation &Op) {
  if (auto Population = dyn_cast<PopulationOp>(Op)) {
    auto Decoded = Program::decode(Population.getBody().front());
    if (!Decoded)
      return Decoded.errors();
    // An op that was erased may have been at the same address.
    Programs.erase(&Op);
    Programs.try_emplace(&Op, std::move(*Decoded));
  }
  try {
    for (NetworkRun &Run : Runs)
      if (Status S = Run.step(Op); !S)
        return S;
    return {};
  } catch (const std::bad_alloc &) {
    return Error{Network.getSymName().str(), "memory",
                 fmt::format("out of memory over {} sequences at once; give "
                             "fewer",
                             Runs.size()),
                 ErrorKind::RunFailed};
  }
}

Status GrowingRun::State::runBefore(Operation *Last) {
  for (Operation *Op = next(); Op != Last; Op = next()) {
    if (Status S = step(*Op); !S)
      return S;
    Done = Op;
  }
  return {};
}

GrowingRun::GrowingRun(std::unique_ptr<State> S) : S(std::move(S)) {}
GrowingRun::GrowingRun(GrowingRun &&) noexcept = default;
GrowingRun::~GrowingRun() = default;

Result<GrowingRun> GrowingRun::create(NetworkOp Network, WeightFiles &Files,
                                      std::span<const RunInputs> Sequences) {
  InputOp Tokens, Types;
  for (InputOp In : Network.getOps<InputOp>()) {
    if (In.getRole() == InputRole::Token)
      Tokens = In;
    if (In.getRole() == InputRole::Type)
      Types = In;
  }
  if (!Tokens)
    return Error{Network.getSymName().str(), "one-input",
                 "the network has no spike.input of tokens",
                 ErrorKind::RunFailed};
  auto S = std::make_unique<State>(Network, Files);
  S->Options.ObserveCurrents = [State = S.get()](OpResult Result,
                                                 std::span<const float> Of) {
    if (Result == State->Wanted)
      State->Taken.emplace_back(Of.begin(), Of.end());
  };
  for (const RunInputs &Inputs : Sequences) {
    if (Status Sound = checkInputs(Network, Tokens, Types, Inputs); !Sound)
      return Sound.errors();
    S->Runs.emplace_back(S->Weights, S->Programs, Sequence(Network, Inputs),
                         S->Options);
    S->Runs.back().keepUnread();
  }
  return GrowingRun(std::move(S));
}

Result<std::vector<std::vector<float>>> GrowingRun::take(Value Last) {
  Operation *Of = Last.getDefiningOp();
  if (Status Before = S->runBefore(Of); !Before)
    return Before.errors();
  S->Wanted = Last;
  Status Ran = S->step(*Of);
  auto Values = std::exchange(S->Taken, {});
  S->Wanted = {};
  if (!Ran)
    return Ran.errors();
  for (NetworkRun &Run : S->Runs)
    for (Value Each : Of->getResults())
      Run.forget(Each);
  return Values;
}

Status GrowingRun::keepOnly(Value Live) {
  if (Status Ran = S->runBefore(nullptr); !Ran)
    return Ran;
  for (NetworkRun &Run : S->Runs)
    Run.forgetAllBut(Live);
  return {};
}
