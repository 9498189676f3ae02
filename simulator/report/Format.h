//===- simulator/report/Format.h - Numbers for readers ----------*- C++ -*-===//

#ifndef SYNFIRE_SIMULATOR_REPORT_FORMAT_H
#define SYNFIRE_SIMULATOR_REPORT_FORMAT_H

#include <string>
#include <string_view>

namespace synfire::report {

/// \p Value in units of 10^(3 n) with three significant digits: `3.42 uJ` of
/// 3420 with \p Unit "J" and \p Exponent -9 (Value is in nanojoules). From
/// pico to peta; outside of it in scientific form.
std::string withPrefix(double Value, std::string_view Unit, int Exponent = 0);

/// A count with digits in groups of three: `1,234,567`; exact to 2^53.
std::string grouped(double Count);

/// Three significant digits without a unit, `12.3 k` from 10,000 on.
std::string shortCount(double Count);

/// `12.3 %` of a share in 0 .. 1.
std::string percent(double Share);

/// `1 chip`, `6 chips`: \p Count is the number as shown.
std::string plural(const std::string &Count, std::string_view Noun);

/// Text for HTML: the five special characters as entities.
std::string escapeHtml(std::string_view Text);

} // namespace synfire::report

#endif // SYNFIRE_SIMULATOR_REPORT_FORMAT_H
