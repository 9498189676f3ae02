//===- models/spikellm/SpikeLlm.h - SpikeLLM -> spike IR --------*- C++ -*-===//
//
// Imports SpikeLLM (Xing et al., arXiv 2407.04752): a LLaMA whose projections
// read integer event counts of generalised integrate-and-fire neurons. Read are
// the state that the public code saves, and dense LLaMA checkpoints with the
// tensor names of Hugging Face; docs/models.md has the equations.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_MODELS_SPIKELLM_SPIKELLM_H
#define SYNFIRE_MODELS_SPIKELLM_SPIKELLM_H

#include "models/network/TensorNames.h"
#include "models/spikellm/SpikeLlmConfig.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

#include <map>

namespace synfire::models {

/// How the codes of a projection's input travel. All give the same sums.
enum class GifCoding {
  Planes,   ///< one binary spike per bit that is set; accumulate-only
  Unary,    ///< code c as c binary spikes; accumulate-only
  Unsigned, ///< one graded event with c
  /// One graded event with c - z: silence for values near 0. z is within the
  /// code range when the values of a token have both signs; if they do not,
  /// the payload is limited to it.
  Signed,
};

/// What range a code of a key has.
enum class KeyRange {
  /// Per channel over the whole sequence, as the public code evaluates: one
  /// sweep more per layer, no generation.
  Window,
  Token, ///< per token and head, as values have it: our rule for streaming
};

/// What a file beside the weights, or the calibration of SaliencyCollector,
/// says: for `model.layers.0.self_attn.q_proj` and the like, which channels are
/// low.
using ChannelMasks = std::map<std::string, std::vector<bool>, std::less<>>;

struct SpikeLlmOptions {
  SpikeLlmConfig Config;
  GifCoding Coding = GifCoding::Planes;
  KeyRange Range = KeyRange::Window;
  /// Import the network without any coding: projections read real values. For
  /// calibration, and to compare with.
  bool Dense = false;
  /// In place of the masks of the checkpoint.
  ChannelMasks LowMasks;
};

/// True when \p From has the tensor names of a LLaMA.
bool looksLikeLlama(const checkpoint::Checkpoint &From);

/// Reads the shape off the tensors and checks every name and shape against it
/// and against \p Config; reports all faults at once.
Result<NetworkShape> inferLlamaShape(const checkpoint::Checkpoint &From,
                                     const SpikeLlmConfig &Config);

/// \p Given, and for what it leaves out the masks that \p From stores
/// (`mask_low_mse`): all of them, or an error that says which are missing and
/// how to get them. None are needed, and an empty set is returned, when the
/// configuration has no salient channels.
Result<ChannelMasks> readMasks(const checkpoint::Checkpoint &From,
                               const NetworkShape &Shape,
                               const SpikeLlmConfig &Config,
                               ChannelMasks Given = {});

/// The masks that \p From holds, which may hold other tensors beside them and
/// need not have a mask for everything. Fails when it has none (rule
/// `spikellm-masks`), has one that the network does not (`spikellm-mask-name`)
/// or one of another number of channels (`spikellm-mask-size`).
Result<ChannelMasks> masksOf(const checkpoint::Checkpoint &From,
                             const NetworkShape &Shape,
                             const SpikeLlmConfig &Config);

/// Builds a module with one spike.network @spikellm. Events are
/// `layerL.<module>.low` and `.high`, <module> as in the checkpoint; codes of
/// queries `layerL.self_attn.qkt_matmul.x1`.
Result<mlir::OwningOpRef<mlir::ModuleOp>>
importSpikeLlm(mlir::MLIRContext *Context, const checkpoint::Checkpoint &From,
               const SpikeLlmOptions &Options);

} // namespace synfire::models

#endif // SYNFIRE_MODELS_SPIKELLM_SPIKELLM_H
