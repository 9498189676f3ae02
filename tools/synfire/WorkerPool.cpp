//===- WorkerPool.cpp - Work shared by processes --------------------------===//

#include "tools/synfire/WorkerPool.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fmt/format.h>
#include <optional>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

using namespace synfire;
using namespace synfire::tools;

namespace {

volatile std::sig_atomic_t Stopped = 0;
void stop(int) { Stopped = 1; }

/// Turns the signals that end a program into a flag, while it lives.
class StopSignals {
public:
  StopSignals() {
    Stopped = 0;
    struct sigaction Action{};
    Action.sa_handler = stop; // no SA_RESTART: poll() is to wake up
    sigaction(SIGINT, &Action, &Before[0]);
    sigaction(SIGTERM, &Action, &Before[1]);
  }
  ~StopSignals() {
    sigaction(SIGINT, &Before[0], nullptr);
    sigaction(SIGTERM, &Before[1], nullptr);
  }

private:
  struct sigaction Before[2];
};

struct Child {
  pid_t Process = -1;
  int Socket = -1;
  std::optional<size_t> At; ///< the job it is doing
  std::string Received;     ///< of its answer
};

bool sendAll(int Socket, const void *Data, size_t Size) {
  const char *Bytes = static_cast<const char *>(Data);
  while (Size > 0) {
    ssize_t Sent = send(Socket, Bytes, Size, MSG_NOSIGNAL);
    if (Sent < 0 && errno == EINTR)
      continue;
    if (Sent <= 0)
      return false;
    Bytes += Sent;
    Size -= static_cast<size_t>(Sent);
  }
  return true;
}

/// What a child does until its parent hangs up.
[[noreturn]] void serve(int Socket, const std::function<Job()> &Begin) {
  // The terminal tells the whole group; the parent decides.
  std::signal(SIGINT, SIG_IGN);
  std::signal(SIGTERM, SIG_DFL);
  const Job Do = Begin();
  uint64_t Number = 0;
  while (recv(Socket, &Number, sizeof(Number), MSG_WAITALL) ==
         static_cast<ssize_t>(sizeof(Number))) {
    const std::string Answer = Do(Number) + "\n";
    if (!sendAll(Socket, Answer.data(), Answer.size()))
      break;
  }
  _exit(0); // Not exit(): buffers and handlers are the parent's.
}

std::string deathOf(pid_t Process) {
  int How = 0;
  while (waitpid(Process, &How, 0) < 0 && errno == EINTR)
    ;
  if (WIFSIGNALED(How))
    return fmt::format("the process that worked on it was ended by signal {} "
                       "({}){}",
                       WTERMSIG(How), strsignal(WTERMSIG(How)),
                       WTERMSIG(How) == SIGKILL ? "; is memory short?" : "");
  return fmt::format("the process that worked on it ended with code {}",
                     WIFEXITED(How) ? WEXITSTATUS(How) : -1);
}

class Pool {
public:
  Pool(std::span<const size_t> Numbers, const std::function<Job()> &Begin,
       const PoolEvents &Events)
      : Waiting(Numbers), Begin(Begin), Events(Events) {}

  ~Pool() {
    for (Child &C : Children) {
      kill(C.Process, SIGKILL);
      deathOf(C.Process);
      close(C.Socket);
    }
  }

  Result<bool> run(unsigned Count) {
    for (unsigned I = 0; I < Count && !Waiting.empty(); ++I)
      if (Status S = add(); !S)
        return S.errors();
    while (!Children.empty()) {
      std::vector<pollfd> Sockets;
      for (const Child &C : Children)
        Sockets.push_back({C.Socket, POLLIN, 0});
      poll(Sockets.data(), Sockets.size(), 500);
      if (Stopped)
        return false;
      Events.Tick();
      // From behind, since children leave the list.
      for (size_t I = Sockets.size(); I-- > 0;)
        if (Sockets[I].revents)
          if (Status S = hear(I); !S)
            return S.errors();
    }
    return true;
  }

private:
  std::span<const size_t> Waiting;
  const std::function<Job()> &Begin;
  const PoolEvents &Events;
  std::vector<Child> Children;

  Status add() {
    int Ends[2];
    std::fflush(nullptr);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, Ends) != 0)
      return fault();
    Child C;
    C.Process = fork();
    if (C.Process < 0)
      return fault();
    if (C.Process == 0) {
      close(Ends[0]);
      for (const Child &Other : Children)
        close(Other.Socket);
      serve(Ends[1], Begin);
    }
    close(Ends[1]);
    C.Socket = Ends[0];
    Children.push_back(std::move(C));
    give(Children.back());
    return {};
  }

  static Error fault() {
    return {"", "study-process",
            std::string("no further process can be made: ") +
                std::strerror(errno),
            ErrorKind::RunFailed};
  }

  /// The next job; none left: the child ends when its socket closes.
  void give(Child &C) {
    C.At.reset();
    if (Waiting.empty()) {
      shutdown(C.Socket, SHUT_WR);
      return;
    }
    C.At = Waiting.front();
    Waiting = Waiting.subspan(1);
    const uint64_t Number = *C.At;
    sendAll(C.Socket, &Number, sizeof(Number)); // a dead child is heard of
  }

  Status hear(size_t Index) {
    Child &C = Children[Index];
    char Buffer[65536];
    ssize_t Got = recv(C.Socket, Buffer, sizeof(Buffer), 0);
    if (Got < 0 && errno == EINTR)
      return {};
    if (Got <= 0)
      return bury(Index);
    C.Received.append(Buffer, static_cast<size_t>(Got));
    size_t End = C.Received.find('\n');
    if (End == std::string::npos)
      return {};
    const std::string Answer = C.Received.substr(0, End);
    const size_t Number = C.At.value_or(0);
    C.Received.clear();
    give(C);
    Events.Ended(Number, Answer);
    return {};
  }

  /// A child that has ended, with or without a job.
  Status bury(size_t Index) {
    Child C = std::move(Children[Index]);
    Children.erase(Children.begin() + static_cast<ptrdiff_t>(Index));
    close(C.Socket);
    const std::string Why = deathOf(C.Process);
    if (C.At)
      Events.Ended(*C.At,
                   Error{"", "study-process", Why, ErrorKind::RunFailed});
    return Waiting.empty() ? Status() : add();
  }
};

} // namespace

Result<bool> tools::runInPool(std::span<const size_t> Numbers,
                              unsigned Children,
                              const std::function<Job()> &Begin,
                              const PoolEvents &Events) {
  StopSignals Signals;
  return Pool(Numbers, Begin, Events).run(std::max(1u, Children));
}
