//===- models/checkpoint/Pickle.h - Reading pickles, not running them -----===//
//
// A pickle is a program for a stack machine that can call anything. This reader
// interprets the few instructions and names that a PyTorch state dict is made
// of, builds plain values, and refuses everything else by name. It never
// imports, constructs or calls. Source: Python's `pickletools`, protocol 2.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_MODELS_CHECKPOINT_PICKLE_H
#define SYNFIRE_MODELS_CHECKPOINT_PICKLE_H

#include "targets/Status.h"
#include "targets/arrays/StoredTensor.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace synfire::checkpoint {

/// A storage that a pickle names by its persistent id.
struct PickledStorage {
  std::string Key; ///< entry `data/<Key>` of the archive
  /// Element type; U8 when untyped (then the elements are bytes).
  DType Type = DType::F32;
  bool Untyped = false;
  int64_t NumElements = 0;
};

/// A view of a storage; offsets and strides in elements, unchecked.
struct PickledTensor {
  PickledStorage Storage;
  DType Type = DType::F32;
  int64_t Offset = 0;
  std::vector<int64_t> Shape;
  std::vector<int64_t> Strides;
};

class Pickle {
public:
  using Id = uint32_t;
  enum class Kind : uint8_t {
    None,
    Bool,
    Int,
    Float,
    String,
    Tuple,
    List,
    Dict,
    Global,  ///< Text is `module name`
    Storage, ///< Index into storages()
    Tensor,  ///< Index into tensors()
  };
  struct Value {
    Kind K = Kind::None;
    int64_t Int = 0;       ///< Bool, Int; Storage and Tensor: the index
    double Real = 0;       ///< Float
    std::string Text;      ///< String, Global
    std::vector<Id> Items; ///< Tuple, List; Dict: key, value, key, value
  };

  /// Interprets \p Bytes, which lie \p Base bytes into the file \p FileName
  /// (messages count from the start of the file). Errors have rule
  /// `pickle-format` for damage and `pickle-refused` for what is not read.
  static Result<Pickle> parse(std::span<const uint8_t> Bytes,
                              const std::string &FileName, uint64_t Base);

  const Value &root() const { return Values[Root]; }
  const Value &value(Id I) const { return Values[I]; }
  const PickledTensor &tensor(const Value &V) const {
    return Tensors[static_cast<size_t>(V.Int)];
  }

private:
  friend class PickleMachine;
  Id Root = 0;
  std::vector<Value> Values;
  std::vector<PickledStorage> Storages;
  std::vector<PickledTensor> Tensors;
};

} // namespace synfire::checkpoint

#endif // SYNFIRE_MODELS_CHECKPOINT_PICKLE_H
