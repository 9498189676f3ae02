//===- models/hdf5/Hdf5.h - Files of the HDF5 format ------------*- C++ -*-===//
//
// Reads HDF5 files that others made: groups, attributes, strings and arrays of
// numbers. The format is read here and not by the HDF5 library, which trusts
// its input: release 1.10.8 crashes or hangs on files of which a few bytes were
// changed.
// Here every address, size and count is checked before use, and no size that a
// file claims is believed before its bytes are found.
//
// Source: HDF5 File Format Specification, version 3.0. Read: superblocks 0 to
// 3, groups of both forms (symbol tables; links in the header), contiguous,
// compact and chunked data, the filters deflate, shuffle and fletcher32.
// Refused by name: soft and external links, a second link to an object (which
// could make a cycle), groups with their links in a fractal heap, chunk indexes
// of HDF5 1.10 other than the single chunk, lzf, szip and other filters,
// compound and other types.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_MODELS_HDF5_HDF5_H
#define SYNFIRE_MODELS_HDF5_HDF5_H

#include "targets/Status.h"
#include "targets/arrays/MappedFile.h"
#include "targets/arrays/StoredTensor.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace synfire::hdf5 {

/// Groups inside groups.
constexpr unsigned MaxDepth = 32;
/// Groups, datasets and links of one file.
constexpr size_t MaxObjects = size_t(1) << 16;
/// Elements of one array of numbers, and of one array of strings.
constexpr int64_t MaxElements = int64_t(1) << 28;
constexpr int64_t MaxTexts = int64_t(1) << 20;
/// Bytes of one string, and of all of one array of strings.
constexpr size_t MaxTextBytes = size_t(1) << 16;
constexpr size_t MaxTextsBytes = size_t(1) << 26;
/// Bytes that deflate can make of one.
constexpr uint64_t MaxInflation = 1032;

/// How one element is stored.
struct ElementType {
  enum class Kind : uint8_t { Integer, Float, FixedText, VariableText, Other };
  Kind K = Kind::Other;
  uint32_t Size = 0; ///< bytes
  bool Signed = false;
  bool BigEndian = false;
  char Padding = 0;          ///< of fixed text: what fills it at the end
  std::string Name = "none"; ///< `float32`, `int64`, `string`, `compound`, ...

  bool isNumber() const { return K == Kind::Integer || K == Kind::Float; }
  bool isText() const {
    return K == Kind::FixedText || K == Kind::VariableText;
  }
};

struct Filter {
  uint16_t Id = 0;
  std::string Name;
};

/// An array of a file, not read yet: a dataset, or the value of an attribute.
struct StoredArray {
  enum class Layout : uint8_t {
    Absent,     ///< nothing was ever written; elements are zero
    Compact,    ///< Bytes bytes at Address, inside a header
    Contiguous, ///< Bytes bytes at Address
    OneChunk,   ///< Bytes bytes at Address, filtered
    Chunked,    ///< a tree of chunks at Address
  };
  ElementType Type;
  std::vector<int64_t> Shape; ///< outermost first; empty for a scalar
  Layout Place = Layout::Absent;
  uint64_t Address = 0;
  uint64_t Bytes = 0;
  uint32_t FilterMask = 0;          ///< of OneChunk: filters left out
  std::vector<uint32_t> ChunkShape; ///< of OneChunk and Chunked
  std::vector<Filter> Filters;

  int64_t numElements() const;
};

struct Attribute {
  std::string Name;
  StoredArray Value;
};

/// A group or a dataset.
struct Object {
  std::string Name; ///< the last part of Path; UTF-8
  std::string Path; ///< `/node/nodes/0/weight`
  bool IsGroup = false;
  std::vector<Object> Children; ///< of a group, sorted by name
  StoredArray Data;             ///< of a dataset
  std::vector<Attribute> Attributes;
  /// Why it cannot be read. Set instead of failing at once, so that a thing
  /// that nobody asks for (metadata) does not keep a file from being read.
  std::optional<Error> Fault;

  /// The child of that name, or null.
  const Object *find(std::string_view ChildName) const;
  const Attribute *attribute(std::string_view AttributeName) const;
};

/// Text for messages: control characters and bytes that are not UTF-8 are
/// written as `\xNN`, and more than 200 bytes are cut.
std::string printable(std::string_view Text);

class File {
public:
  /// Maps \p Path and reads its structure, no data. Errors name the file, the
  /// HDF5 path or byte, and carry a rule `hdf5-...`.
  static Result<File> open(const std::string &Path);
  /// The same for bytes that stay alive as long as the file.
  static Result<File> parse(std::span<const uint8_t> Bytes,
                            const std::string &Name);
  /// True if \p Bytes begin like an HDF5 file.
  static bool looksLike(std::span<const uint8_t> Bytes);

  const std::string &name() const { return Name; }
  const Object &root() const { return Root; }
  std::span<const uint8_t> bytes() const { return Bytes; }

  /// Numbers in C order; integers and binary32 become binary64 (integers above
  /// 2^53 are refused). Rules `hdf5-type`, `hdf5-size`, `hdf5-data`.
  Result<std::vector<double>> readDoubles(const Object &Dataset) const;
  /// The same as binary32; binary64 is rounded to nearest.
  Result<std::vector<float>> readFloats(const Object &Dataset) const;
  /// Integers, or floating-point numbers that are whole (rule `hdf5-integer`).
  Result<std::vector<int64_t>> readIntegers(const Object &Dataset) const;
  /// Strings, UTF-8 (rule `hdf5-text`), without what pads them.
  Result<std::vector<std::string>> readTexts(const Object &Dataset) const;

  /// The single number or string of a scalar or an array of one.
  Result<int64_t> readInteger(const Object &Dataset) const;
  Result<double> readDouble(const Object &Dataset) const;
  Result<std::string> readText(const Object &Dataset) const;

  /// The same for attributes of \p Owner.
  Result<double> readDouble(const Object &Owner, const Attribute &A) const;
  Result<std::string> readText(const Object &Owner, const Attribute &A) const;

  /// Where a dataset's numbers lie in the file, if they lie there as they are:
  /// little-endian, in one piece, without a filter. Then others can map them.
  std::optional<StoredTensor> stored(const Object &Dataset) const;

private:
  File() = default;
  Result<std::vector<double>> doubles(const StoredArray &A,
                                      const std::string &Path) const;
  Result<std::vector<std::string>> texts(const StoredArray &A,
                                         const std::string &Path) const;

  std::string Name;
  std::optional<MappedFile> Mapped;
  std::span<const uint8_t> Bytes;
  Object Root;
};

} // namespace synfire::hdf5

#endif // SYNFIRE_MODELS_HDF5_HDF5_H
