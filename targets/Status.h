//===- targets/Status.h - Errors as values ----------------------*- C++ -*-===//
//
// Every library of Synfire reports the user's mistakes as values: an Error says
// where, which rule, and what to do. Tools print them and choose the exit code
// from the kind. Exceptions of third-party libraries are caught at the call
// that can throw and never travel further (a C++ exception must not cross an
// MLIR frame).
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_TARGETS_STATUS_H
#define SYNFIRE_TARGETS_STATUS_H

#include <cassert>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace synfire {

/// What went wrong, in the classes that the command line tells apart.
enum class ErrorKind {
  RunFailed,  ///< Exit code 1: the run itself failed.
  BadInput,   ///< Exit code 2: bad usage or a bad input file.
  DoesNotFit, ///< Exit code 3: the network does not fit the target.
};

/// One mistake, told so that the reader can mend it.
struct Error {
  /// `file:line:column`, an op or a thing's name; may be empty.
  std::string Where;
  /// Stable tag of the rule that was broken, such as `yaml-unknown-key`.
  std::string Rule;
  /// The sentence: what was found, the limit, and the way out.
  std::string Text;
  ErrorKind Kind = ErrorKind::BadInput;

  /// `where: error: text [rule]`, the one form in which errors are printed.
  std::string format() const {
    std::string Out = Where.empty() ? "" : Where + ": ";
    return Out + "error: " + Text + (Rule.empty() ? "" : " [" + Rule + "]");
  }
};

/// All mistakes found in one go; never empty when it stands for a failure.
using Errors = std::vector<Error>;

/// The exit code that a tool returns for \p E (the first error decides).
inline int exitCode(const Errors &E) {
  if (E.empty())
    return 0;
  return E.front().Kind == ErrorKind::RunFailed  ? 1
         : E.front().Kind == ErrorKind::BadInput ? 2
                                                 : 3;
}

/// A value, or the errors that kept it from being made.
template <typename T>
class [[nodiscard]] Result {
public:
  Result(T Value) : Held(std::move(Value)) {}
  Result(Error E) : Held(Errors{std::move(E)}) {}
  Result(Errors E) : Held(std::move(E)) {
    assert(!std::get<Errors>(Held).empty() && "a failure needs a reason");
  }

  explicit operator bool() const { return std::holds_alternative<T>(Held); }
  T &operator*() { return std::get<T>(Held); }
  const T &operator*() const { return std::get<T>(Held); }
  T *operator->() { return &std::get<T>(Held); }
  const T *operator->() const { return &std::get<T>(Held); }
  const Errors &errors() const { return std::get<Errors>(Held); }

private:
  std::variant<T, Errors> Held;
};

/// Success, or errors: the result of a function that makes nothing.
class [[nodiscard]] Status {
public:
  Status() = default;
  Status(Error E) : Held{std::move(E)} {}
  Status(Errors E) : Held(std::move(E)) {}

  explicit operator bool() const { return Held.empty(); }
  const Errors &errors() const { return Held; }

private:
  Errors Held;
};

} // namespace synfire

#endif // SYNFIRE_TARGETS_STATUS_H
