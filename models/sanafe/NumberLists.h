//===- models/sanafe/NumberLists.h - Long lists in YAML ---------*- C++ -*-===//
//
// A YAML reader takes about a microsecond and some hundred bytes for each
// number of a list; files of SANA-FE hold millions in one. Long lists are taken
// out of the text before it is read, and what stands in their place leads back
// to them.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_MODELS_SANAFE_NUMBERLISTS_H
#define SYNFIRE_MODELS_SANAFE_NUMBERLISTS_H

#include "targets/ChipYaml.h"

#include <optional>
#include <string>
#include <vector>

namespace synfire::sanafe {

/// A list of numbers, or of pairs of numbers one after the other.
struct NumberList {
  std::vector<double> Values;
  bool Pairs = false;
};

class NumberLists {
public:
  /// Takes the lists of plain decimal numbers (and of pairs of them) that are
  /// longer than \p LongerThan bytes out of \p Text. Lines keep their numbers;
  /// a column behind a list on its own line counts from what replaced it.
  explicit NumberLists(std::string &Text, size_t LongerThan = 256);

  /// The numbers of \p N, taken out or not. \p Pairs: what they should be.
  /// Rule `sana-number` for another thing than such a list; at most \p Most
  /// values (`sana-size`).
  std::optional<std::vector<double>> read(const yaml::Node &N, bool Pairs,
                                          size_t Most, Errors &Out) const;
  size_t count() const { return Lists.size(); }

private:
  std::vector<NumberList> Lists;
};

/// The number that \p Text is, all of it: decimal, finite.
std::optional<double> parseNumber(std::string_view Text);

} // namespace synfire::sanafe

#endif // SYNFIRE_MODELS_SANAFE_NUMBERLISTS_H
