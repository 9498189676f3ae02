//===- targets/ChipSpecYaml.h - Chip descriptions as text -------*- C++ -*-===//
//
// Private to targets/: the keys of a chip file, once, for reading, writing and
// printing; and the rules that tie several keys together.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_TARGETS_CHIPSPECYAML_H
#define SYNFIRE_TARGETS_CHIPSPECYAML_H

#include "targets/ChipSpec.h"
#include "targets/ChipYaml.h"

#include <map>
#include <span>
#include <string>
#include <variant>

namespace synfire {

/// A key `section.key` of a chip file and the field that it fills.
struct SpecField {
  template <typename T>
  using Access = T &(*)(ChipSpec &);

  std::string_view Section;
  std::string_view Key;
  yaml::Unit Unit;
  double Min, Max; ///< of each number; unused otherwise
  std::variant<Access<uint32_t>, Access<std::optional<Bytes>>, Access<bool>,
               Access<std::vector<uint32_t>>, Access<Arithmetic>,
               Access<Rounding>, Access<Overflow>,
               Access<std::vector<isa::CostClass>>,
               Access<std::vector<image::PayloadKind>>>
      Field;

  std::string path() const;
};

/// All of them, in file order.
std::span<const SpecField> specFields();
/// Lower-case names, in the order of the enumerators.
std::span<const std::string> instructionNames();
std::span<const std::string> payloadKindNames();

/// Fills \p Spec from a document; \p Places receives where each key stands.
void readSpec(const yaml::Node &Root, ChipSpec &Spec,
              std::map<std::string, std::string> &Places, Errors &Out);
/// The `costs` section (CostTableYaml.cpp).
void readCosts(const yaml::Node &Map, CostTable &Costs,
               std::map<std::string, std::string> &Places, Errors &Out);
std::string writeCosts(const CostTable &Costs);
void describeCosts(const CostTable &Costs, std::vector<SpecRow> &Rows);
/// The time of a hop row, which stands under `noc.hop_ns`.
void readHopTime(const yaml::Node &N, const std::string &Path, Cost &Row,
                 Errors &Out);
std::string hopTimeText(const Cost &Row);
SpecRow hopTimeRow(const std::string &Key, const Cost &Row);

/// The `noc` section (NocSpecYaml.cpp). \p Alone: of a file without a chip.
void readNoc(const yaml::Node &Map, ChipSpec &Spec,
             std::map<std::string, std::string> &Places, bool Alone,
             Errors &Out);
std::string writeNoc(const ChipSpec &Spec);
void describeNoc(const ChipSpec &Spec, std::vector<SpecRow> &Rows);
/// checkNoc with places.
Errors nocFaults(const NocSpec &Noc, const std::string &File,
                 const std::map<std::string, std::string> &Places);

/// Where the value of a key comes from.
const Sourced &originOf(const ChipSpec &Spec, const std::string &Path);

/// Grade and source of a map or number; a number without them is assumed.
void readEvidence(yaml::MapReader &Reader, bool Overridden, Grade &Evidence,
                  std::string &Source, Errors &Out);
/// What the evidence of a bare value is.
std::string bareSource(const yaml::Node &Value);

/// Rules between keys (ChipSpecRules.cpp).
Errors checkSpec(const ChipSpec &Spec, const std::string &File,
                 const std::map<std::string, std::string> &Places);

/// Texts of the chips built into the library, by name (generated).
struct BuiltInChip {
  std::string_view Name;
  std::string_view Yaml;
};
std::span<const BuiltInChip> builtInChips();

} // namespace synfire

#endif // SYNFIRE_TARGETS_CHIPSPECYAML_H
