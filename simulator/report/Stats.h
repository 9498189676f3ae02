//===- simulator/report/Stats.h - stats.csv ---------------------*- C++ -*-===//
//
// Every counter in long form, one figure a line, for scripts:
//
//   name,scope,instance,value,unit,definition
//
// `scope` is total, core, population, connection, stream, link or layer;
// `instance` says which one; `definition` is an anchor of docs/report.md.
// Lines of value 0 are left out for cores, populations and connections.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_REPORT_STATS_H
#define SYNFIRE_SIMULATOR_REPORT_STATS_H

#include "simulator/report/Analysis.h"

namespace synfire::report {

/// The whole file, header line first, lines in a fixed order.
std::string statsCsv(const Analysis &A);

/// \p Text as one CSV field (RFC 4180): quoted when it holds a comma, a quote
/// or a line break.
std::string csvField(const std::string &Text);

} // namespace synfire::report

#endif // SYNFIRE_SIMULATOR_REPORT_STATS_H
