//===- compiler/reference/NetworkRun.h - One run over tokens ----*- C++ -*-===//
//
// The values of a network while it is interpreted, one function per op; each
// takes and makes the values of all token steps, or, in a circle that a
// spike.delay closes, of one.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_COMPILER_REFERENCE_NETWORKRUN_H
#define SYNFIRE_COMPILER_REFERENCE_NETWORKRUN_H

#include "compiler/reference/Constants.h"
#include "compiler/reference/Interpreter.h"
#include "compiler/reference/Program.h"
#include "compiler/reference/Sequence.h"

#include "llvm/ADT/DenseMap.h"

#include <cstdint>
#include <span>
#include <vector>

namespace synfire::compiler {

/// All steps of one value, [token step, neuron]; one of the two vectors is
/// used.
struct Steps {
  std::vector<float> Floats; ///< currents
  std::vector<int32_t> Ints; ///< payloads or sums
};

/// Whether \p V is currents and no payloads or sums.
inline bool isReal(mlir::Value V) {
  auto Tensor = llvm::dyn_cast<mlir::ShapedType>(V.getType());
  return Tensor && Tensor.getElementType().isF32();
}

/// Whether \p Inputs can be a sequence of \p Network, whose inputs are \p
/// Tokens and \p Types (may be null). Rules `token-range`, `type-range`,
/// `sequence-inputs`, `sequence-length`.
Status checkInputs(spike::NetworkOp Network, spike::InputOp Tokens,
                   spike::InputOp Types, const RunInputs &Inputs);

/// One run over one sequence.
class NetworkRun {
public:
  NetworkRun(Constants &Weights,
             const llvm::DenseMap<mlir::Operation *, Program> &Programs,
             Sequence Of, const RunOptions &Options)
      : Weights(Weights), Programs(Programs), Time(std::move(Of)),
        Count(Time.numSteps()), End(Count), Options(Options) {}

  /// Runs \p Op over all token steps.
  Status step(mlir::Operation &Op);
  /// Runs the ops from \p First to \p Last token step by token step.
  Status circle(mlir::Operation &First, mlir::Operation &Last);
  void forget(mlir::Value V) { Values.erase(V); }
  void forgetAllBut(mlir::Value V);
  /// Keeps values that nothing reads: their readers are not built yet.
  void keepUnread() { KeepsUnread = true; }
  RunResult Out;

private:
  Status embed(spike::EmbedOp Op);
  Status conv(spike::ConvOp Op);
  Status pool(spike::PoolOp Op);
  Status delay(spike::DelayOp Op);
  Status join(spike::JoinOp Op);
  template <typename Weight>
  void convolveSteps(mlir::Operation *Op, const Weight *Weights);
  Status linear(spike::LinearOp Op);
  Status population(spike::PopulationOp Op);
  Status matmul(spike::MatmulOp Op);
  Status rotate(spike::RotateOp Op);
  Status reduce(spike::ReduceOp Op);
  Status output(spike::OutputOp Op);

  /// Takes the values of the token steps [Begin, End) of \p Result.
  void keep(mlir::OpResult Result, Steps S);
  /// All values of \p Result are there: tells those who want to know.
  void settle(mlir::OpResult Result, Steps S);
  /// Payloads or sums; one-hot tokens are made when an op reads them as such.
  const std::vector<int32_t> &ints(mlir::Value V);
  const std::vector<float> &floats(mlir::Value V) { return Values[V].Floats; }
  /// The same as floats, whatever they are; \p Made holds them if converted.
  const std::vector<float> &asFloats(mlir::Value V, std::vector<float> &Made);
  /// Fails when a source of \p Op that has no synapses emits something.
  Status checkOnly(spike::LinearOp Op);

  Constants &Weights;
  const llvm::DenseMap<mlir::Operation *, Program> &Programs;
  Sequence Time;
  int64_t Count;          ///< token steps
  int64_t Begin = 0, End; ///< those that ops are run for
  const RunOptions &Options;
  bool KeepsUnread = false;
  llvm::DenseMap<mlir::Value, Steps> Values;
  /// Of populations in a circle, between token steps: [state][neuron].
  llvm::DenseMap<mlir::Operation *, std::vector<int32_t>> States;
};

} // namespace synfire::compiler

#endif // SYNFIRE_COMPILER_REFERENCE_NETWORKRUN_H
