//===- MadeOnce.cpp - A file that one process makes -----------------------===//

#include "tools/synfire/MadeOnce.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sys/file.h>
#include <unistd.h>

using namespace synfire;
using namespace synfire::tools;
using Json = nlohmann::json;
namespace fs = std::filesystem;

namespace {

/// Held as long as it lives; the system lets go when the process ends.
class FileLock {
public:
  explicit FileLock(const std::string &Path)
      : Descriptor(open(Path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0644)) {
    while (Descriptor >= 0 && flock(Descriptor, LOCK_EX) != 0 && errno == EINTR)
      ;
  }
  FileLock(const FileLock &) = delete;
  FileLock &operator=(const FileLock &) = delete;
  ~FileLock() {
    if (Descriptor >= 0)
      close(Descriptor);
  }
  bool isOpen() const { return Descriptor >= 0; }

private:
  int Descriptor;
};

void keepFailure(const std::string &Path, const Errors &Why) {
  Json Out = Json::array();
  for (const Error &E : Why)
    Out.push_back({E.Where, E.Rule, E.Text, static_cast<int>(E.Kind)});
  std::ofstream(Path) << Out.dump(-1, ' ', false,
                                  Json::error_handler_t::replace);
}

/// The failure that an earlier caller kept; empty when there is none.
Errors keptFailure(const std::string &Path) {
  std::ifstream File(Path);
  Json Kept = Json::parse(File, nullptr, /*allow_exceptions=*/false);
  Errors Out;
  if (Kept.is_array())
    for (const Json &E : Kept)
      Out.push_back({E.at(0).get<std::string>(), E.at(1).get<std::string>(),
                     E.at(2).get<std::string>(),
                     static_cast<ErrorKind>(E.at(3).get<int>())});
  return Out;
}

} // namespace

Result<bool>
tools::makeOnce(const std::string &Path, const std::string &Work,
                const std::function<Status(const std::string &)> &Make) {
  const std::string Base = Work + "/" + fs::path(Path).filename().string();
  std::error_code Code;
  if (fs::exists(Path, Code))
    return false;
  FileLock Lock(Base + ".lock");
  if (!Lock.isOpen())
    return Error{Base + ".lock", "study-folder",
                 std::string("the file cannot be made: ") +
                     std::strerror(errno)};
  if (fs::exists(Path, Code))
    return false;
  if (Errors Why = keptFailure(Base + ".failed"); !Why.empty())
    return Why;
  if (Status S = Make(Base + ".made"); !S) {
    keepFailure(Base + ".failed", S.errors());
    return S.errors();
  }
  fs::rename(Base + ".made", Path, Code);
  if (Code)
    return Error{Path, "study-folder",
                 "the file cannot be named: " + Code.message()};
  return true;
}
