//===- models/checkpoint/Formats.h - The file formats -----------*- C++ -*-===//
//
// One function per file format; each turns the bytes of a file into the tensors
// it holds. Checkpoint::open picks by the first bytes.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_MODELS_CHECKPOINT_FORMATS_H
#define SYNFIRE_MODELS_CHECKPOINT_FORMATS_H

#include "models/checkpoint/Checkpoint.h"

namespace synfire::checkpoint {

/// What a file holds.
struct Contents {
  std::vector<Tensor> Tensors;
  /// True if all tensors lie in named dictionaries: a trainer wrapped them.
  bool Wrapped = false;
};

/// Tensors of a torch.save zip archive. Those of dictionaries inside it are
/// named `outer.inner`.
Result<Contents> readPytorchZip(std::span<const uint8_t> Bytes,
                                const std::string &FileName);

/// Tensors of a .safetensors file, in the order of their data.
Result<Contents> readSafetensors(std::span<const uint8_t> Bytes,
                                 const std::string &FileName);

/// Tells the formats apart by the first bytes and reads; \p Format receives the
/// name. Files of other formats are refused with what to do (rule
/// `checkpoint-format`).
Result<Contents> readTensors(std::span<const uint8_t> Bytes,
                             const std::string &FileName, std::string &Format);

} // namespace synfire::checkpoint

#endif // SYNFIRE_MODELS_CHECKPOINT_FORMATS_H
