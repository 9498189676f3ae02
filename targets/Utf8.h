//===- targets/Utf8.h - Well-formed text ------------------------*- C++ -*-===//
//
// Text from files goes into reports and JSON, whose writers refuse anything
// that is not UTF-8; so readers check it at the door.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_TARGETS_UTF8_H
#define SYNFIRE_TARGETS_UTF8_H

#include <cstddef>
#include <optional>
#include <string_view>

namespace synfire {

/// Offset of the first byte that does not belong to well-formed UTF-8 (Unicode
/// 15, table 3-7: no overlong forms, no surrogates), or nothing.
std::optional<size_t> findInvalidUtf8(std::string_view Text);

} // namespace synfire

#endif // SYNFIRE_TARGETS_UTF8_H
