//===- models/sanafe/SanaYaml.h - What SANA-FE's files share ----*- C++ -*-===//
//
// Attributes as a map or a list of maps, ranges such as `core[0..3]` and
// `0..9`, plain numbers. Files of SANA-FE v2.2 (commit 8951ab0) are the model.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_MODELS_SANAFE_SANAYAML_H
#define SYNFIRE_MODELS_SANAFE_SANAYAML_H

#include "targets/ChipYaml.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace synfire::sanafe {

/// One `key: value`.
struct Attribute {
  const yaml::Node *Key;
  const yaml::Node *Value;
};

/// The entries of a map, or of a list of maps one after the other. Reports what
/// is neither (`sana-map`).
std::vector<Attribute> attributesOf(const yaml::Node &N, Errors &Out);

/// First and last of `3`, `0..3` or `name[0..3]`; a name without a range is
/// 0..0 with \p Named, else nothing (`sana-range`). At most \p Most things.
struct Range {
  uint64_t First = 0, Last = 0;
  uint64_t size() const { return Last - First + 1; }
};
std::optional<Range> rangeOf(const std::string &Text, bool Named, uint64_t Most,
                             const std::string &Where, Errors &Out);

/// A whole number without a sign.
std::optional<uint64_t> wholeOf(std::string_view Text);

/// The number that \p N holds, within the limits (`sana-number`).
std::optional<double> numberOf(const yaml::Node &N, const std::string &Name,
                               double Min, double Max, Errors &Out);
std::optional<bool> truthOf(const yaml::Node &N, const std::string &Name,
                            Errors &Out);
/// The text of a scalar; `sana-text` for a list or a map.
std::optional<std::string> textOf(const yaml::Node &N, const std::string &Name,
                                  Errors &Out);

} // namespace synfire::sanafe

#endif // SYNFIRE_MODELS_SANAFE_SANAYAML_H
