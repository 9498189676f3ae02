//===- tests/unit/report/JsonSchema.h - A small schema checker --*- C++ -*-===//

#ifndef SYNFIRE_TESTS_UNIT_REPORT_JSONSCHEMA_H
#define SYNFIRE_TESTS_UNIT_REPORT_JSONSCHEMA_H

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace synfire::report {

/// Where and how \p Document breaks \p Schema; empty when it does not. Knows
/// the keywords that docs/summary.schema.json uses, and complains of others:
/// type, properties, required, additionalProperties (false or a schema), items,
/// enum, const, minimum, maximum, minItems, pattern, $ref to #/$defs, anyOf.
std::vector<std::string> violations(const nlohmann::json &Document,
                                    const nlohmann::json &Schema);

} // namespace synfire::report

#endif // SYNFIRE_TESTS_UNIT_REPORT_JSONSCHEMA_H
