//===- tools/synfire/RunFolder.h - A folder that appears whole --*- C++ -*-===//

#ifndef SYNFIRE_TOOLS_SYNFIRE_RUNFOLDER_H
#define SYNFIRE_TOOLS_SYNFIRE_RUNFOLDER_H

#include "targets/Status.h"

#include <string>

namespace synfire::tools {

/// Files are written into a folder beside the final one; commit() gives it the
/// name, replacing an earlier run's folder. Without commit() nothing remains.
class RunFolder {
public:
  /// Fails with rule `run-folder` where nothing can be written, and when the
  /// name is taken by something that is not a run's folder.
  static Result<RunFolder> create(const std::string &Final);
  RunFolder(RunFolder &&Other) noexcept;
  RunFolder &operator=(RunFolder &&) = delete;
  ~RunFolder();

  /// Where to write.
  const std::string &path() const { return Temporary; }
  Status commit();

private:
  RunFolder(std::string Final, std::string Temporary)
      : Final(std::move(Final)), Temporary(std::move(Temporary)) {}
  std::string Final, Temporary;
};

} // namespace synfire::tools

#endif // SYNFIRE_TOOLS_SYNFIRE_RUNFOLDER_H
