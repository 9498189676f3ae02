//===- models/network/NetworkBuilder.h - Builds a spike.network -*- C++ -*-===//
//
// What every importer needs: weights of a checkpoint as `spike.weight` (each
// created once), linears, populations written as a lambda, and norms.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_MODELS_NETWORK_NETWORKBUILDER_H
#define SYNFIRE_MODELS_NETWORK_NETWORKBUILDER_H

#include "dialects/spike/Spike.h"
#include "models/checkpoint/Checkpoint.h"
#include "models/network/ProgramBuilder.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/ADT/StringMap.h"

#include <optional>
#include <string>

namespace synfire::models {

/// What the body of a population returns: one value per result, then the new
/// states.
struct ProgramResults {
  llvm::SmallVector<mlir::Value> Results;
  llvm::SmallVector<mlir::Value> States;
};

/// When neurons run, if not in every token step of their inputs' sweep.
struct When {
  std::optional<spike::Held> Held;
  std::optional<spike::Rows> Rows;
};

/// Mean and reciprocal standard deviation of a population's values in a step,
/// as one-neuron currents that everyone may read. A root mean square has no
/// mean.
struct NormStatistics {
  mlir::Value Mean;
  mlir::Value InverseDeviation;
  /// What a population that norms values has to read beside them.
  llvm::SmallVector<mlir::Value> inputs() const;
};

/// A norm that stands alone. With a bias it is a layer norm, without one it
/// divides by the root mean square (arXiv 1910.07467).
struct NormWeights {
  mlir::Value Gain;
  mlir::Value Bias; ///< may be null
  float Epsilon = 1e-5f;
  /// Nothing is sent before the last inner step of a token.
  bool AtLastStep = false;
};

class NetworkBuilder {
public:
  using Body = llvm::function_ref<ProgramResults(
      ProgramBuilder &, mlir::ValueRange Inputs, mlir::ValueRange Params,
      mlir::ValueRange States)>;

  /// Starts an empty network \p Name; weights come from \p From, which must
  /// outlive the builder.
  NetworkBuilder(mlir::MLIRContext *Context, llvm::StringRef Name,
                 const checkpoint::Checkpoint &From);

  /// Inner steps per token, and the longest sequence in tokens.
  void setTime(int64_t Steps, int64_t Positions);

  /// Binary events of \p N neurons, and currents of \p N neurons.
  mlir::Type binary(int64_t N);
  mlir::Type events(int64_t N, spike::EventKind Kind, unsigned Bits);
  mlir::Type currents(int64_t N);

  mlir::Value input(llvm::StringRef Name, int64_t Size,
                    spike::InputRole Role = spike::InputRole::Token);
  /// The tensor \p Name seen with \p Shape (same number of elements, dense).
  mlir::Value weight(llvm::StringRef Name, llvm::ArrayRef<int64_t> Shape);
  /// Part \p First .. of the first dimension of that tensor: of a matrix the
  /// rows that make \p Shape, or one row as a vector.
  mlir::Value weightRows(llvm::StringRef Name, int64_t First,
                         llvm::ArrayRef<int64_t> Shape);
  /// The matrix \p Name, transposed to [Rows, Cols].
  mlir::Value transposedWeight(llvm::StringRef Name, int64_t Rows,
                               int64_t Cols);
  /// Constants of the size of the first one, element by element, from constants
  /// of that shape.
  mlir::Value
  derive(llvm::StringRef Name, mlir::ValueRange Constants,
         llvm::function_ref<mlir::Value(ProgramBuilder &, mlir::ValueRange)>
             Program);
  /// 1 where \p Chosen, else 0.
  mlir::Value mask(llvm::ArrayRef<bool> Chosen);
  /// \p Matrix, known to be codes of \p Bits times \p Scales; with \p Zeros
  /// unsigned codes less those of their row.
  mlir::Value grid(mlir::Value Matrix, mlir::Value Scales, int64_t Bits,
                   mlir::Value Zeros = {});
  /// What a linear makes of the constant \p Vector.
  mlir::Value apply(mlir::Value Matrix, mlir::Value Vector);
  /// Cosines, or sines, of rotary embedding for \p Targets values in \p Heads
  /// heads: [Targets, Positions].
  mlir::Value rotary(bool Sine, float Base, int64_t Heads, int64_t Targets,
                     int64_t Positions);
  /// The other half of each head of a population's values.
  mlir::Value rotate(mlir::Value Values, int64_t Heads);
  mlir::Value embed(llvm::StringRef Name, mlir::Value Tokens,
                    mlir::Value Table);
  /// `Matrix` is [targets, sources]; \p Only a mask of the sources that have
  /// synapses.
  mlir::Value linear(llvm::StringRef Name, mlir::Value Values,
                     mlir::Value Matrix, mlir::Value Only = {});
  mlir::ResultRange population(llvm::ArrayRef<std::string> Names,
                               llvm::ArrayRef<mlir::Type> Types,
                               mlir::ValueRange Inputs, mlir::ValueRange Params,
                               llvm::ArrayRef<float> Init, Body Program,
                               When W = {});
  void output(llvm::StringRef Name, mlir::Value Values);

  /// A memory: \p Written of every token against \p Query.
  mlir::Value matmul(llvm::StringRef Name, mlir::Value Query,
                     mlir::Value Written, spike::Along Along, int64_t Heads,
                     int64_t KvHeads, bool Causal);

  /// The sum over each of \p Groups equal parts of a population's \p Values.
  mlir::Value sum(llvm::StringRef Name, mlir::Value Values, int64_t Groups = 1);
  /// The largest value of each of \p Groups equal parts.
  mlir::Value largest(llvm::StringRef Name, mlir::Value Values,
                      int64_t Groups = 1);
  /// Statistics of a layer norm over \p Values (currents or binary events):
  /// mean and 1/sqrt(variance + Epsilon), biased variance, from the sums of
  /// values and of squares. Populations `Name.sq`, `Name.mean`, `Name.rstd`,
  /// reduces `Name.s1`, `Name.s2`.
  NormStatistics normStatistics(llvm::StringRef Name, mlir::Value Values,
                                float Epsilon, bool AtLastStep = false);
  /// The same without a mean, from the squares of some values: 1 / sqrt(mean
  /// square + Epsilon). Reduce `Name.s2`, population `Name.rstd`.
  NormStatistics rootMeanSquare(llvm::StringRef Name, mlir::Value Squares,
                                float Epsilon, bool AtLastStep = false);
  /// One normed value inside a program: \p Statistics is what the program
  /// reads for NormStatistics::inputs(), \p Bias may be null.
  static mlir::Value applyNorm(ProgramBuilder &P, mlir::Value X,
                               mlir::ValueRange Statistics, mlir::Value Gain,
                               mlir::Value Bias);
  /// \p Values normed by a population \p Name, whose statistics are populations
  /// `Name.sq`, `Name.rstd` (and `Name.mean`): a layer norm when there is a
  /// bias, else by the root mean square.
  mlir::Value norm(llvm::StringRef Name, mlir::Value Values,
                   const NormWeights &Weights);

  /// Ends the network; the first tensor that was asked for and is missing or
  /// of another size is the error.
  Result<mlir::OwningOpRef<mlir::ModuleOp>> finish();

private:
  mlir::Location named(llvm::StringRef Name);
  mlir::Value reduce(llvm::StringRef Name, mlir::Value Values, int64_t Groups,
                     bool Max);
  const checkpoint::Tensor *find(llvm::StringRef Name);
  mlir::Value view(llvm::StringRef Name, const checkpoint::Tensor *T,
                   llvm::ArrayRef<int64_t> Shape);

  const checkpoint::Checkpoint &From;
  mlir::OpBuilder B;
  mlir::OwningOpRef<mlir::ModuleOp> Module;
  int64_t Steps = 1;
  int64_t Positions = 0; ///< 0: not set
  llvm::StringMap<mlir::Value> Weights;
  Errors Found;
};

} // namespace synfire::models

#endif // SYNFIRE_MODELS_NETWORK_NETWORKBUILDER_H
