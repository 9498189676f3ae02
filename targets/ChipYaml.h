//===- targets/ChipYaml.h - YAML that is checked ----------------*- C++ -*-===//
//
// A strict layer over yaml-cpp: every key is asked for or reported, with the
// nearest known one; numbers are decimal and may carry a unit of the right
// dimension; booleans are `true` and `false`; a duplicate key, an anchor, an
// alias, a tag or a second document is an error. Every message names
// file:line:column (from 1), or the `--set` that the value came from. All
// mistakes are collected; no byte sequence crashes or exhausts the machine.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_TARGETS_CHIPYAML_H
#define SYNFIRE_TARGETS_CHIPYAML_H

#include "targets/Status.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace synfire::yaml {

/// A value of a document with the place it stands at.
struct Node {
  enum class Kind : uint8_t { Null, Scalar, List, Map };

  Kind Type = Kind::Null;
  bool Quoted = false;       ///< a scalar that is text, whatever it looks like
  bool FromOverride = false; ///< set by `--set`
  std::string Text;          ///< of a scalar
  std::string Where;         ///< `file:line:column` or `--set key=value`
  std::vector<Node> Items;   ///< of a list; of a map: its values
  std::vector<Node> Keys;    ///< of a map: one scalar per value

  bool isMap() const { return Type == Kind::Map; }
  bool isList() const { return Type == Kind::List; }
  /// The value of a key; null when absent or when this is no map.
  const Node *find(std::string_view Key) const;
  Node *find(std::string_view Key);
};

/// How large a document may be.
struct Limits {
  size_t Bytes = 1 << 20;
  size_t Values = 10000;
};

/// Reads one document of at most 16 levels.
Result<Node> parseDocument(const std::string &Text, const std::string &File,
                           Limits Most = {});

/// Applies `a.b.c=value` as if the file said so; the value is YAML. Missing
/// maps on the way are made, so a misspelt key is found like one in a file.
Status applyOverride(Node &Root, const std::string &Assignment);

/// \p Over laid on \p Base: maps merge key by key; anything else is replaced,
/// and so is a map that states one thing with its evidence (it has `value`,
/// `grade` or `not_applicable`), since old evidence must not cover new numbers.
Node merge(Node Base, const Node &Over);

/// What a number measures; the unit that a plain number is in.
enum class Unit : uint8_t {
  Count,
  Bits,
  Bytes,
  Picojoules,
  Nanoseconds,
  Watts,
  BitsPerNanosecond,
};
/// `pJ`, `ns`, ...; empty for a count.
std::string_view unitName(Unit U);

/// The known name nearest to \p Name by edit distance, if it is near enough to
/// be meant.
std::optional<std::string> nearest(std::string_view Name,
                                   std::span<const std::string> Known);

/// Reads the keys of one map. Keys that were not asked for before finish() are
/// errors.
class MapReader {
public:
  /// \p Path is the map's own dotted path, empty at the top.
  MapReader(const Node &Map, std::string Path, Errors &Out);

  /// The value of \p Key, or null.
  const Node *take(std::string_view Key);
  /// The same; reports an absent key.
  const Node *need(std::string_view Key);
  /// Reports the keys that nobody asked for.
  void finish();
  /// `path.key`, as messages and overrides write it.
  std::string pathOf(std::string_view Key) const;

private:
  const Node &Map;
  std::string Path;
  Errors &Out;
  std::vector<std::string> Asked;
};

/// A number in \p U within [Min, Max]; whole if \p Whole. Reports what is wrong
/// under the name \p Path.
std::optional<double> readNumber(const Node &N, const std::string &Path, Unit U,
                                 double Min, double Max, bool Whole,
                                 Errors &Out);
std::optional<bool> readBool(const Node &N, const std::string &Path,
                             Errors &Out);
std::optional<std::string> readText(const Node &N, const std::string &Path,
                                    Errors &Out);
/// Index of the scalar in \p Choices.
std::optional<size_t> readChoice(const Node &N, const std::string &Path,
                                 std::span<const std::string> Choices,
                                 Errors &Out);
/// Reports unless \p N is a map.
bool expectMap(const Node &N, const std::string &Path, Errors &Out);
/// Reports unless \p N is a list with at least one item.
bool expectList(const Node &N, const std::string &Path, Errors &Out);

/// \p Text as a double-quoted scalar.
std::string quote(std::string_view Text);

} // namespace synfire::yaml

#endif // SYNFIRE_TARGETS_CHIPYAML_H
