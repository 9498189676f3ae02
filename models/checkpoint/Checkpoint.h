//===- models/checkpoint/Checkpoint.h - Trained networks in files ---------===//
//
// Opens a trained network and says which tensors it holds and where they lie.
// Read are the zip files of torch.save (PyTorch 1.6 and later, state dicts
// only; the pickle inside is interpreted, never executed) and .safetensors.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_MODELS_CHECKPOINT_CHECKPOINT_H
#define SYNFIRE_MODELS_CHECKPOINT_CHECKPOINT_H

#include "targets/Status.h"
#include "targets/arrays/MappedFile.h"
#include "targets/arrays/StoredTensor.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace synfire::checkpoint {

using synfire::DType;
using Tensor = synfire::StoredTensor;

class Checkpoint {
public:
  /// Opens \p Path. Only tensors whose name begins with \p Prefix are kept, and
  /// it is cut off (with the dot that may follow). Entries of a dictionary
  /// inside the checkpoint are named `outer.inner`; when all tensors lie in one
  /// such dictionary (`{'state_dict': ...}`), it is taken.
  ///
  /// Checked: that every element of every tensor lies inside its storage and
  /// the file, and the checksums of the file (one pass over it). Errors carry
  /// the file, the byte, and what to do.
  static Result<Checkpoint> open(const std::string &Path,
                                 const std::string &Prefix = "");

  const std::string &path() const { return File.path(); }
  /// `pytorch-zip` or `safetensors`.
  const std::string &format() const { return Format; }
  /// In the order of the file: of the state dict, or of the data.
  std::span<const Tensor> tensors() const { return Tensors; }
  /// The tensor of that name, or null.
  const Tensor *find(std::string_view Name) const;
  /// The whole file, as mapped; Tensor::FileOffset counts from its start.
  std::span<const uint8_t> bytes() const { return File.bytes(); }

  /// Elements in C order as binary32.
  Result<std::vector<float>> readFloats(const Tensor &T) const;

private:
  explicit Checkpoint(MappedFile File) : File(std::move(File)) {}
  MappedFile File;
  std::string Format;
  std::vector<Tensor> Tensors;
  std::vector<uint32_t> ByName; ///< indices of Tensors, sorted by name
};

} // namespace synfire::checkpoint

#endif // SYNFIRE_MODELS_CHECKPOINT_CHECKPOINT_H
