//===- compiler/reference/Interpreter.h - Rungs R1 and R2 -------*- C++ -*-===//
//
// Runs a `spike.network` as the dialect defines it. Op by op, all token steps
// of an op at once: time lives only inside populations, so this is exact, and
// it makes a linear a matrix product that reads its weights once. On the float
// network this is R1, on the quantised one R2 (docs/architecture.md).
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_COMPILER_REFERENCE_INTERPRETER_H
#define SYNFIRE_COMPILER_REFERENCE_INTERPRETER_H

#include "compiler/reference/Program.h"
#include "compiler/reference/WeightFile.h"
#include "dialects/spike/Spike.h"
#include "targets/Status.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace synfire::compiler {

/// What one population result emitted in a run.
struct Recording {
  std::string Name;
  spike::EventKind Kind = spike::EventKind::Binary;
  unsigned Bits = 1; ///< width of a payload
  int64_t Neurons = 0;
  std::vector<int32_t> Payloads; ///< [token step, neuron]; 0 is no event
};

/// The events of one input of the role `events`.
struct EventInput {
  std::string Name;
  std::span<const int32_t> Payloads; ///< [token, neuron]; 0 is no event
};

/// One sequence, as the host tells it.
struct RunInputs {
  /// Of a network that reads no tokens, only their number matters.
  std::span<const int64_t> Tokens;
  /// The type of each token; empty: all 0.
  std::span<const int64_t> Types;
  /// 0 for a token that is padding and leaves no row in the memories of
  /// attention; empty: all are valid.
  std::span<const uint8_t> Valid;
  /// One for each input of the role `events`.
  std::span<const EventInput> Events = {};
};

struct RunOptions {
  /// Keep what every population emitted (4 bytes per neuron and token step).
  bool RecordEvents = false;
  /// Called, in network order, with every real-valued (f32) result of a
  /// population, embed, linear, matmul, rotate or reduce: [token step, neuron].
  /// For calibration. Where a neuron of a population of `rows` did not run, or
  /// the row of a sum along keys is not there, the value is 0.
  std::function<void(mlir::OpResult Result, std::span<const float> Values)>
      ObserveCurrents;
  /// Called with every population and the ranges of what its program computed
  /// in all neurons and token steps (Program::widen), possibly several times.
  std::function<void(spike::PopulationOp P,
                     std::span<const NumberRange> Values)>
      ObservePrograms;
};

struct RunResult {
  /// [token, neuron of the output], as of the last inner step of the token.
  std::vector<float> Logits;
  std::vector<Recording> Events; ///< in network order
};

/// A network made ready to run. The network and \p Files must outlive it and
/// not change.
class Interpreter {
public:
  /// Decodes every program. The network has at most one `spike.input` of each
  /// role but events (none, if biases drive it), and one `spike.output`.
  static Result<Interpreter> create(spike::NetworkOp Network,
                                    WeightFiles &Files);
  Interpreter(Interpreter &&) noexcept;
  Interpreter &operator=(Interpreter &&) noexcept;
  ~Interpreter();

  /// Tokens are 0 .. vocabulary() - 1; 0 when the network reads none.
  int64_t vocabulary() const;
  /// Neurons of the output: values per token in RunResult::Logits.
  int64_t outputSize() const;

  /// Runs one sequence from reset state. The result depends on nothing else,
  /// nor on the number of threads. Fails on a token outside the vocabulary, on
  /// inputs of different lengths, on a sequence longer than the network's
  /// positions, on a weight that cannot be read, on an event where a linear has
  /// no synapses (`only`), and on a payload that its type cannot hold.
  Result<RunResult> run(const RunInputs &Inputs,
                        const RunOptions &Options = {});
  /// The same of tokens that are all valid and of type 0.
  Result<RunResult> run(std::span<const int64_t> Tokens,
                        const RunOptions &Options = {}) {
    return run(RunInputs{Tokens, {}, {}}, Options);
  }

private:
  struct Plan;
  explicit Interpreter(std::unique_ptr<Plan> P);
  std::unique_ptr<Plan> P;
};

} // namespace synfire::compiler

#endif // SYNFIRE_COMPILER_REFERENCE_INTERPRETER_H
