//===- targets/arrays/Npz.h - NumPy's .npz archives -------------*- C++ -*-===//
//
// Reads .npz (zip of .npy members, stored or deflated) and writes it member by
// member, so that an output larger than memory can be streamed. The same arrays
// give the same bytes: every member carries the earliest date zip can hold.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_TARGETS_ARRAYS_NPZ_H
#define SYNFIRE_TARGETS_ARRAYS_NPZ_H

#include "targets/arrays/AtomicFile.h"
#include "targets/arrays/MappedFile.h"
#include "targets/arrays/Npy.h"
#include "targets/arrays/Zip.h"

#include <memory>
#include <string>
#include <vector>

namespace synfire {

class NpzReader {
public:
  static Result<NpzReader> open(const std::string &Path);
  /// Member names without `.npy`, in file order.
  std::vector<std::string> names() const;
  bool contains(const std::string &Name) const;
  /// Reads one member; rule `npz-member` if there is none of that name.
  Result<Array> read(const std::string &Name) const;

private:
  NpzReader(MappedFile File, ZipArchive Archive)
      : File(std::move(File)), Archive(std::move(Archive)) {}
  MappedFile File;
  ZipArchive Archive;
};

class NpzWriter {
public:
  enum class Mode { Stored, Deflated };
  static Result<NpzWriter> create(const std::string &Path,
                                  Mode M = Mode::Stored);
  NpzWriter(NpzWriter &&) noexcept;
  ~NpzWriter();

  /// Starts a member; its elements follow by append() and must fill the shape
  /// before the next begin() or finish() (rule `npz-member` otherwise).
  Status begin(const std::string &Name, DType Type,
               std::span<const int64_t> Shape);
  Status append(std::span<const uint8_t> Bytes);
  template <typename T>
  Status append(std::span<const T> Values) {
    return append(asBytes(Values));
  }
  /// A whole member.
  Status add(const std::string &Name, const Array &A);
  template <typename T>
  Status add(const std::string &Name, std::vector<int64_t> Shape,
             std::span<const T> Values) {
    if (Status S = begin(Name, DTypeOf<T>::Value, Shape); !S)
      return S;
    return append(asBytes(Values));
  }
  /// Writes the directory and gives the file its name. Without it, nothing
  /// remains.
  Status finish();

private:
  struct State;
  explicit NpzWriter(std::unique_ptr<State> S);
  Status endMember();
  std::unique_ptr<State> S;
};

} // namespace synfire

#endif // SYNFIRE_TARGETS_ARRAYS_NPZ_H
