//===- models/network/GraphBuilder.h - Networks of others -------*- C++ -*-===//
//
// What importers of layer graphs (NIR, Lava-DL) need to write spike IR: event
// inputs, convolutions, delays that close circles, and weights wherever they
// are. Spatial populations are numbered columns first (spike.conv); this class
// turns the arrays of frameworks, which have channels first, to that order.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_MODELS_NETWORK_GRAPHBUILDER_H
#define SYNFIRE_MODELS_NETWORK_GRAPHBUILDER_H

#include "dialects/spike/Spike.h"
#include "targets/Status.h"
#include "targets/arrays/StoredTensor.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

#include <array>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace synfire::models {

/// Weights [target, source channel, y, x] of a layer, in C order: those of a
/// file that holds them as they are, or numbers.
struct LayerWeights {
  std::string Name;
  std::array<int64_t, 4> Shape = {1, 1, 1, 1};
  std::optional<StoredTensor> Stored; ///< of any rank, contiguous
  std::vector<float> Values;          ///< when not Stored
};

/// Channels, height and width.
using SpatialShape = std::array<int64_t, 3>;
inline int64_t sizeOf(const SpatialShape &S) { return S[0] * S[1] * S[2]; }

/// A window over places, [y, x] each.
struct WindowShape {
  SpatialShape From = {1, 1, 1}, To = {1, 1, 1};
  std::array<int64_t, 2> Size = {1, 1}, Stride = {1, 1}, Pad = {0, 0},
                         Dilation = {1, 1};
  int64_t Groups = 1;
};

class GraphBuilder {
public:
  /// An empty network \p Name; stored weights lie in \p File (its last part is
  /// written into the IR), whose bytes are \p Bytes.
  GraphBuilder(mlir::MLIRContext *Context, llvm::StringRef Name,
               const std::string &File, std::span<const uint8_t> Bytes);

  /// For what the functions below do not make.
  mlir::OpBuilder &builder() { return B; }
  mlir::Location named(llvm::StringRef Name);
  mlir::Type events(int64_t N, spike::EventKind Kind, unsigned Bits);
  /// Currents, or with \p Integer sums.
  mlir::Type values(int64_t N, bool Integer = false);

  mlir::Value eventInput(llvm::StringRef Name, mlir::Type Events,
                         std::optional<SpatialShape> Shape);
  /// A vector that is part of the IR.
  mlir::Value constant(std::span<const float> Values);
  /// \p ByChannel for \p Places places.
  mlir::Value repeated(std::span<const float> ByChannel, int64_t Places);

  /// The kernel of a convolution: [target, (source channel, x, y)].
  mlir::Value kernel(const LayerWeights &W);
  /// The matrix of a layer that reads all of a spatial population:
  /// [target, (x, y, source channel)].
  mlir::Value matrix(const LayerWeights &W);
  /// Integers of \p Matrix divided by \p Factor, as codes of \p Bits bits.
  mlir::Value codes(mlir::Value Matrix, float Factor, int64_t Bits);

  mlir::Value conv(llvm::StringRef Name, mlir::Value Values, mlir::Value Kernel,
                   const WindowShape &W);
  mlir::Value pool(llvm::StringRef Name, mlir::Value Values,
                   const WindowShape &W);
  mlir::Value linear(llvm::StringRef Name, mlir::Value Values,
                     mlir::Value Matrix);

  /// \p Values, \p By token steps later.
  mlir::Value delay(mlir::Value Values, int64_t By);
  /// The same of values of type \p T that do not exist yet: set() gives them.
  mlir::Value laterDelay(mlir::Type T, int64_t By);
  /// Makes \p Delayed, of laterDelay(), that of \p Values.
  void set(mlir::Value Delayed, mlir::Value Values);

  /// An empty population at the end of the network: \p Types of results,
  /// region arguments for \p Inputs, \p Params and \p Init, the latter i32 with
  /// \p Integer. The program is written into the body and ended by a yield.
  spike::PopulationOp population(llvm::ArrayRef<std::string> Names,
                                 llvm::ArrayRef<mlir::Type> Types,
                                 mlir::ValueRange Inputs,
                                 mlir::ValueRange Params,
                                 llvm::ArrayRef<float> Init, bool Integer);
  /// \p Values to the host, each worth \p Scale if they are events.
  void output(llvm::StringRef Name, mlir::Value Values, float Scale = 1);

  /// Verified; rule `import-ir` if it is no network, which is a fault of the
  /// importer.
  Result<mlir::OwningOpRef<mlir::ModuleOp>> finish();

private:
  /// \p W with its axes in the order \p Axes, as a matrix of its rows.
  mlir::Value permuted(const LayerWeights &W, std::array<int, 4> Axes);

  mlir::OpBuilder B;
  mlir::OwningOpRef<mlir::ModuleOp> Module;
  std::string File;
  std::span<const uint8_t> Bytes;
  Errors Found;
};

} // namespace synfire::models

#endif // SYNFIRE_MODELS_NETWORK_GRAPHBUILDER_H
