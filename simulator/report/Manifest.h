//===- simulator/report/Manifest.h - manifest.json --------------*- C++ -*-===//
//
// What made the files of a run, and their hashes. Everything that may differ
// between two equal runs (time, threads) stands in the object `volatile`; the
// rest of the document is the same whenever the run is.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_REPORT_MANIFEST_H
#define SYNFIRE_SIMULATOR_REPORT_MANIFEST_H

#include "targets/Status.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace synfire::report {

inline constexpr int ManifestSchemaVersion = 1;

/// A file that went in or came out.
struct FileMark {
  std::string Role; ///< `image`, `tokens`, ...; for outputs the file's name
  uint64_t Bytes = 0;
  uint64_t Hash = 0; ///< XXH3-64 of all bytes
};

/// Marks \p Bytes, or the file at \p Path (fails with rule `file-open`).
FileMark markBytes(std::string Role, std::span<const uint8_t> Bytes);
Result<FileMark> markFile(std::string Role, const std::string &Path);

struct Manifest {
  std::vector<std::string> Command; ///< program name without folder, arguments
  std::vector<FileMark> Inputs;
  uint64_t TargetHash = 0; ///< of the resolved chip description
  uint64_t Seed = 0;
  std::vector<FileMark> Outputs;
  /// The volatile part.
  std::string StartTime; ///< ISO 8601, UTC
  double WallSeconds = 0;
  uint32_t Threads = 1;
};

nlohmann::ordered_json manifestJson(const Manifest &M);

} // namespace synfire::report

#endif // SYNFIRE_SIMULATOR_REPORT_MANIFEST_H
