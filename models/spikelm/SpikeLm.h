//===- models/spikelm/SpikeLm.h - SpikeLM -> spike IR -----------*- C++ -*-===//
//
// Imports a SpikeLM encoder (Xing et al., arXiv 2406.03287; the state_dict of
// the public code): BERT with ternary spikes in front of every linear of the
// encoder and on keys and values. A token takes T inner steps. Every block is
// a sweep of its own, since its attention reads the whole sequence.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_MODELS_SPIKELM_SPIKELM_H
#define SYNFIRE_MODELS_SPIKELM_SPIKELM_H

#include "models/checkpoint/Checkpoint.h"
#include "models/network/TensorNames.h"
#include "targets/Status.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

#include <map>
#include <string>
#include <vector>

namespace synfire::models {

/// How a membrane goes from inner step to inner step, s the spike, a the
/// amplitude of the step before and o = a s.
enum class SpikeLmMembrane {
  Published, ///< m' = (m 0.25) (a - o) + x, what the public code computes
  Textbook,  ///< m' = 0.25 m (1 - |s|) + x, a leak with a reset of both signs
};

/// What the host reads of the time mean of the encoder's last hidden state.
enum class SpikeLmHead {
  FromTensors,   ///< classifier if there is one, else language model, else none
  None,          ///< the mean itself, D values per token
  LanguageModel, ///< dense, activation, norm, decoder: V logits per token
  NextSentence,  ///< pooler and 2 logits, at the first token (0 elsewhere)
  Classifier,    ///< pooler and its logits, at the first token (0 elsewhere)
};

/// Amplitudes that stand in for stored ones, by the tensor's name.
using SpikeLmAmplitudes = std::map<std::string, float, std::less<>>;

/// Runs a network while it is being built, on the batch from which the public
/// code would set amplitudes that are not set yet.
class SpikeLmCalibrator {
public:
  virtual ~SpikeLmCalibrator() = default;
  /// The values of \p Drive, a result of the last op so far: [token step,
  /// neuron] of each sequence. The op is erased next.
  virtual Result<std::vector<std::vector<float>>> drive(mlir::Value Drive) = 0;
  /// Nothing that will be built reads a value so far but \p Live.
  virtual Status keepOnly(mlir::Value Live) = 0;
  /// Amplitude \p Tensor has been computed.
  virtual void set(const std::string &Tensor, float Value) = 0;
};

struct SpikeLmOptions {
  SpikeLmMembrane Membrane = SpikeLmMembrane::Published;
  SpikeLmHead Head = SpikeLmHead::FromTensors;
  SpikeLmAmplitudes Amplitudes;
  /// Computes amplitudes that are neither given nor set; null: an error.
  SpikeLmCalibrator *Calibrator = nullptr;
};

struct SpikeLmShape {
  NetworkShape Sizes;
  int64_t Steps = 1; ///< T: how many `act_clip_val.*` a linear has
  int64_t Heads = 1;
  int64_t Positions = 1;
  int64_t Types = 1;
  int64_t Labels = 0; ///< of the classifier; 0 when there is none
  bool LanguageModel = false, NextSentence = false, Pooler = false;
  float EmbeddingEpsilon = 1e-12f; ///< layer_norm_eps of the config
  bool ReluHead = false;           ///< hidden_act of the head is relu, not gelu
  std::string ConfigPath;
};

/// True when \p From has the tensor names of this model.
bool looksLikeSpikeLm(const checkpoint::Checkpoint &From);

/// Reads the shape off the tensors and the config beside the file
/// (num_attention_heads, layer_norm_eps, hidden_act), and checks every name,
/// shape, and that tied tensors are equal; reports all faults at once.
Result<SpikeLmShape> inferSpikeLmShape(const checkpoint::Checkpoint &From);

/// Builds a module with one spike.network @spikelm. Populations of spikes are
/// named layer{i}.{q_in,k_in,v_in,k_out,v_out,attn_out_in,ffn_up_in,
/// ffn_down_in}. An amplitude that the public code would set from the first
/// batch that it sees (stored as exactly 1, or missing: a checkpoint of fewer
/// steps) and that is not in the options is computed by the options'
/// calibrator, by the rule of the public code: twice the mean magnitude of the
/// membrane over all neurons and tokens of the batch, population after
/// population and step after step, each with those before it already set.
/// Without a calibrator it is an error (rule `spikelm-amplitude`), as is one
/// that is not positive.
Result<mlir::OwningOpRef<mlir::ModuleOp>>
importSpikeLm(mlir::MLIRContext *Context, const checkpoint::Checkpoint &From,
              const SpikeLmOptions &Options = {});

} // namespace synfire::models

#endif // SYNFIRE_MODELS_SPIKELM_SPIKELM_H
