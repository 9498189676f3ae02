//===- models/checkpoint/Checkpoint.h - Trained networks in files ---------===//
//
// Opens a trained network and says which tensors it holds and where they lie.
// Read are the zip files of torch.save (PyTorch 1.6 and later, state dicts
// only; the pickle inside is interpreted, never executed) and .safetensors. A
// network may also be declared: names and shapes without a file.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_MODELS_CHECKPOINT_CHECKPOINT_H
#define SYNFIRE_MODELS_CHECKPOINT_CHECKPOINT_H

#include "targets/Status.h"
#include "targets/arrays/MappedFile.h"
#include "targets/arrays/StoredTensor.h"

#include <functional>
#include <optional>
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

  /// Makes the stored elements of tensor number \p Index (as declared), in C
  /// order.
  using ElementSource = std::function<std::vector<uint8_t>(size_t Index)>;
  /// A network that is declared, not held: \p Tensors have names, shapes and
  /// types; \p Elements is asked for those that an importer reads, such as
  /// masks and zero points, and matrices are never made. \p Name stands for the
  /// path, \p Config for the `config.json` beside it. Offsets are those of one
  /// packed file. Rule `checkpoint-names`.
  static Result<Checkpoint> declare(std::string Name,
                                    std::vector<Tensor> Tensors,
                                    ElementSource Elements,
                                    std::optional<std::string> Config);

  const std::string &path() const { return Path; }
  /// True when there is no file: bytes() is empty.
  bool isDeclared() const { return !File; }
  /// What stands for `config.json` of a declared network.
  const std::optional<std::string> &config() const { return Config; }
  /// `pytorch-zip`, `safetensors` or `declared`.
  const std::string &format() const { return Format; }
  /// In the order of the file: of the state dict, or of the data.
  std::span<const Tensor> tensors() const { return Tensors; }
  /// The tensor of that name, or null.
  const Tensor *find(std::string_view Name) const;
  /// The whole file, as mapped; Tensor::FileOffset counts from its start.
  std::span<const uint8_t> bytes() const {
    return File ? File->bytes() : std::span<const uint8_t>();
  }

  /// Elements in C order as binary32. Of a declared network whole tensors only.
  Result<std::vector<float>> readFloats(const Tensor &T) const;

private:
  Checkpoint() = default;
  /// Fills ByName; fails when two tensors have one name.
  Status index();

  std::optional<MappedFile> File;
  std::string Path;
  std::string Format;
  std::optional<std::string> Config;
  ElementSource Elements;
  std::vector<Tensor> Tensors;
  std::vector<uint32_t> ByName; ///< indices of Tensors, sorted by name
};

} // namespace synfire::checkpoint

#endif // SYNFIRE_MODELS_CHECKPOINT_CHECKPOINT_H
