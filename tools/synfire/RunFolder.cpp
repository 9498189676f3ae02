//===- RunFolder.cpp - A folder that appears whole ------------------------===//

#include "tools/synfire/RunFolder.h"

#include <filesystem>
#include <fmt/format.h>
#include <unistd.h>

using namespace synfire;
using namespace synfire::tools;
namespace fs = std::filesystem;

static Error fault(const std::string &Path, const std::string &Why) {
  return {Path, "run-folder", Why, ErrorKind::BadInput};
}

Result<RunFolder> RunFolder::create(const std::string &Final) {
  std::error_code Code;
  fs::path Path = fs::path(Final).lexically_normal();
  if (!Path.has_filename())
    Path = Path.parent_path();
  // Only what a run wrote may be replaced.
  if (fs::exists(Path, Code) && !fs::exists(Path / "manifest.json", Code) &&
      !fs::is_empty(Path, Code))
    return fault(Final, "the name is taken by something that is not the folder "
                        "of a run (it has no manifest.json); choose another");
  if (Path.has_parent_path())
    fs::create_directories(Path.parent_path(), Code);
  if (Code)
    return fault(Final,
                 fmt::format("the folder cannot be made: {}", Code.message()));
  std::string Temporary = fmt::format("{}.tmp{}", Path.string(), getpid());
  fs::create_directory(Temporary, Code);
  if (Code)
    return fault(Final,
                 fmt::format("the folder cannot be made: {}", Code.message()));
  return RunFolder(Path.string(), Temporary);
}

RunFolder::RunFolder(RunFolder &&Other) noexcept
    : Final(std::move(Other.Final)), Temporary(std::move(Other.Temporary)) {
  Other.Temporary.clear();
}

RunFolder::~RunFolder() {
  std::error_code Ignored;
  if (!Temporary.empty())
    fs::remove_all(Temporary, Ignored);
}

Status RunFolder::commit() {
  std::error_code Code;
  fs::remove_all(Final, Code);
  if (!Code)
    fs::rename(Temporary, Final, Code);
  if (Code)
    return fault(Final, fmt::format("the folder cannot be replaced: {}",
                                    Code.message()));
  Temporary.clear();
  return {};
}
