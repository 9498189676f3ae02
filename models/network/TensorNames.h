//===- models/network/TensorNames.h - What a file must hold -----*- C++ -*-===//
//
// An importer knows from a few tensors how large a network is and thereby which
// others there must be. This says what is missing, misshapen or unknown, all at
// once.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_MODELS_NETWORK_TENSORNAMES_H
#define SYNFIRE_MODELS_NETWORK_TENSORNAMES_H

#include "models/checkpoint/Checkpoint.h"
#include "targets/Status.h"

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace synfire::models {

/// Sizes of a network, all read off tensor shapes.
struct NetworkShape {
  int64_t Layers = 0;     ///< blocks
  int64_t Width = 0;      ///< d, channels
  int64_t Hidden = 0;     ///< f, neurons of a channel mix or gated linear unit
  int64_t Vocabulary = 0; ///< V
};

/// A tensor that the network needs.
struct ExpectedTensor {
  std::string Name;
  std::vector<int64_t> Shape;
  bool Choice = false; ///< booleans, not numbers
};

/// One more than the highest N of the tensors `<Prefix>N.`; an error with rule
/// \p Rule when that is more than there are tensors.
Result<int64_t> countBlocks(const checkpoint::Checkpoint &From,
                            std::string_view Prefix, const std::string &Rule);

/// Every expected tensor is there in its shape and of floating point, and no
/// other is. \p Kind names the network, such as "SpikeGPT", and \p Shape what
/// was read off the file; tensors of \p Ignored may be there and are not
/// looked at. Rules `checkpoint-missing-tensor`,
/// `checkpoint-shape`, `checkpoint-dtype`, `checkpoint-unknown-tensor`.
Errors checkTensors(const checkpoint::Checkpoint &From,
                    const std::vector<ExpectedTensor> &Expected,
                    std::string_view Kind, const NetworkShape &Shape,
                    const std::set<std::string> &Ignored = {});

} // namespace synfire::models

#endif // SYNFIRE_MODELS_NETWORK_TENSORNAMES_H
