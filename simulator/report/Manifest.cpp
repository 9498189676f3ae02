//===- simulator/report/Manifest.cpp - manifest.json ----------------------===//

#include "simulator/report/Manifest.h"
#include "simulator/report/Revision.h"
#include "simulator/report/Summary.h"
#include "targets/arrays/MappedFile.h"

#include <nlohmann/json.hpp>
#include <xxhash.h>

namespace synfire::report {

using Json = nlohmann::ordered_json;

FileMark markBytes(std::string Role, std::span<const uint8_t> Bytes) {
  return {std::move(Role), Bytes.size(),
          XXH3_64bits(Bytes.data(), Bytes.size())};
}

Result<FileMark> markFile(std::string Role, const std::string &Path) {
  Result<MappedFile> File = MappedFile::open(Path);
  if (!File)
    return File.errors();
  return markBytes(std::move(Role), File->bytes());
}

static Json marks(const std::vector<FileMark> &Files) {
  Json Out = Json::array();
  for (const FileMark &F : Files)
    Out.push_back(
        {{"name", F.Role}, {"bytes", F.Bytes}, {"hash", hashText(F.Hash)}});
  return Out;
}

Json manifestJson(const Manifest &M) {
  return {{"schema", "synfire-manifest"},
          {"schema_version", ManifestSchemaVersion},
          {"tool",
           {{"version", SYNFIRE_VERSION},
            {"revision", SYNFIRE_REVISION},
            {"build_type", SYNFIRE_BUILD_TYPE},
            {"compiler", SYNFIRE_CXX_COMPILER}}},
          {"command", M.Command},
          {"seed", M.Seed},
          {"target_hash", hashText(M.TargetHash)},
          {"inputs", marks(M.Inputs)},
          {"outputs", marks(M.Outputs)},
          {"volatile",
           {{"start_time", M.StartTime},
            {"wall_s", M.WallSeconds},
            {"threads", M.Threads}}}};
}

} // namespace synfire::report
