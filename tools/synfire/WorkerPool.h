//===- tools/synfire/WorkerPool.h - Work shared by processes ----*- C++ -*-===//
//
// Child processes that take numbered jobs one by one. A child that dies loses
// the one job it was at; another child takes its place. Children see what the
// parent knew when they were forked, so the parent must run on one thread.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_TOOLS_SYNFIRE_WORKERPOOL_H
#define SYNFIRE_TOOLS_SYNFIRE_WORKERPOOL_H

#include "targets/Status.h"

#include <cstddef>
#include <functional>
#include <span>
#include <string>

namespace synfire::tools {

/// What a child does with a job; the answer is one line of text.
using Job = std::function<std::string(size_t)>;

struct PoolEvents {
  /// A job was answered, or (with the reason) its child died.
  std::function<void(size_t Number, const Result<std::string> &Answer)> Ended;
  /// About twice a second, and after every Ended.
  std::function<void()> Tick;
};

/// Has \p Children processes do the jobs \p Numbers, started in that order.
/// \p Begin makes a child's Job, in the child. Returns false when the user
/// stopped it (SIGINT, SIGTERM): the children are gone then, with what they
/// were at. Fails when no process can be made.
Result<bool> runInPool(std::span<const size_t> Numbers, unsigned Children,
                       const std::function<Job()> &Begin,
                       const PoolEvents &Events);

} // namespace synfire::tools

#endif // SYNFIRE_TOOLS_SYNFIRE_WORKERPOOL_H
