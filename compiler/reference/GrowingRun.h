//===- compiler/reference/GrowingRun.h - Run while building -----*- C++ -*-===//
//
// Runs a `spike.network` that is still being built, several sequences at once,
// each op when it is there. For constants that depend on values of the network
// in front of them: one pass finds them all.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_COMPILER_REFERENCE_GROWINGRUN_H
#define SYNFIRE_COMPILER_REFERENCE_GROWINGRUN_H

#include "compiler/reference/Interpreter.h"

#include <memory>
#include <span>
#include <vector>

namespace synfire::compiler {

class GrowingRun {
public:
  /// Runs each of \p Sequences from reset state; what they point to and \p
  /// Files must outlive the object. Fails as Interpreter::run() does on inputs
  /// that are no sequence of \p Network, which has its inputs and its time.
  static Result<GrowingRun> create(spike::NetworkOp Network, WeightFiles &Files,
                                   std::span<const RunInputs> Sequences);
  GrowingRun(GrowingRun &&) noexcept;
  ~GrowingRun();

  /// Runs the ops that were appended since the last call; \p Last, currents, is
  /// a result of the last one. Its values, [token step, neuron] of each
  /// sequence. They are not remembered: the op can be erased, and if it is not
  /// it runs again when something is built on it.
  Result<std::vector<std::vector<float>>> take(mlir::Value Last);
  /// Runs what was appended and gives back the memory of all values but \p
  /// Live: nothing that will be built reads them.
  Status keepOnly(mlir::Value Live);

private:
  struct State;
  explicit GrowingRun(std::unique_ptr<State> S);
  std::unique_ptr<State> S;
};

} // namespace synfire::compiler

#endif // SYNFIRE_COMPILER_REFERENCE_GROWINGRUN_H
