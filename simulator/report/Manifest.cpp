//===- simulator/report/Manifest.cpp - manifest.json ----------------------===//

#include "simulator/report/Manifest.h"
#include "simulator/report/Revision.h"
#include "simulator/report/Summary.h"

#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <xxhash.h>

namespace synfire::report {

using Json = nlohmann::ordered_json;

FileMark markBytes(std::string Role, std::span<const uint8_t> Bytes) {
  return {std::move(Role), Bytes.size(),
          XXH3_64bits(Bytes.data(), Bytes.size())};
}

Result<FileMark> markFile(std::string Role, const std::string &Path) {
  // Read in pieces: an image that is mapped already must not be mapped twice.
  std::ifstream File(Path, std::ios::binary);
  if (!File)
    return Error{Path, "file-open", "the file cannot be opened"};
  std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> State(
      XXH3_createState(), XXH3_freeState);
  XXH3_64bits_reset(State.get());
  std::vector<char> Piece(1 << 20);
  FileMark Mark{std::move(Role), 0, 0};
  while (File.read(Piece.data(), Piece.size()) || File.gcount() > 0) {
    XXH3_64bits_update(State.get(), Piece.data(), File.gcount());
    Mark.Bytes += File.gcount();
  }
  Mark.Hash = XXH3_64bits_digest(State.get());
  return Mark;
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
