//===- models/lavadl/LavaImport.h - Lava-DL -> spike IR ---------*- C++ -*-===//
//
// Networks that Lava-DL trained for Loihi 2, in the chip's own fixed point: the
// equations of LavaNet.h in 32-bit integers, u wrapping and v saturating at 24
// bits. Spikes of a step reach the next layer one step later (spike.delay), as
// on the chip, where all layers run in every step, and their axonal delay later
// than that. What a layer reads at several delays is several sums, each over
// all weights with zeros for those of other delays.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_MODELS_LAVADL_LAVAIMPORT_H
#define SYNFIRE_MODELS_LAVADL_LAVAIMPORT_H

#include "models/lavadl/LavaNet.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace synfire::models {

struct LavaOptions {
  /// Not 0: layer i (the input is 0, those without neurons do not count)
  /// returns to its initial state before step t (0, 1, ...) when t mod
  /// ResetEvery is (ResetOffset + i) mod ResetEvery, as Loihi's reset runs
  /// through the layers.
  int64_t ResetEvery = 0, ResetOffset = 0;
  /// Bias mantissas of the input layer [channel, y, x]: an image that is held
  /// (LavaNet's pixel rule applied). Empty: none.
  std::vector<int64_t> InputBias;
  /// Give every core whole blocks of columns, as Intel's tools do: as many
  /// columns as the largest power of two makes fewer than 4,096 neurons.
  /// Columns beyond the layer's last one exist then, hear what is in reach and
  /// are counted, but reach nobody.
  bool BlockColumns = false;
  /// The last layer sends its spikes alone, which are the output then: chips
  /// that carry no payloads carry no u and v.
  bool OutputSpikes = false;
};

/// Columns of one core under LavaOptions::BlockColumns, for columns of \p
/// Neurons neurons: the largest power of two p with p * Neurons < 4096, at
/// least 1.
int64_t blockColumns(int64_t Neurons);

/// Builds a module with one spike.network @lavadl that reads nothing: it is
/// driven by biases. Results are `layer0`, `layer1`, ... by LavaNet's numbers;
/// `LAYER.u` and `LAYER.v` of the last, of which v is the output `out` (or its
/// spikes, LavaOptions::OutputSpikes). Spatial layers are numbered columns
/// first (spike.conv). Rules `lava-import` for what a network cannot be made
/// of, `lava-input` for an image of another size or with values that are no
/// biases.
Result<mlir::OwningOpRef<mlir::ModuleOp>>
importLavaNet(mlir::MLIRContext *Context, const lavadl::LavaNet &From,
              const std::string &Path, std::span<const uint8_t> Bytes,
              const LavaOptions &Options);

} // namespace synfire::models

#endif // SYNFIRE_MODELS_LAVADL_LAVAIMPORT_H
