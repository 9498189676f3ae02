//===- models/checkpoint/PickleMachine.h - A stack machine ------*- C++ -*-===//
//
// The state behind Pickle::parse: the bytes with a place in them, the stack,
// its marks and the memo. Bounded in everything that a file can ask for.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_MODELS_CHECKPOINT_PICKLEMACHINE_H
#define SYNFIRE_MODELS_CHECKPOINT_PICKLEMACHINE_H

#include "models/checkpoint/Pickle.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace synfire::checkpoint {

/// The stack machine. Every handler returns false after it has set Failure.
class PickleMachine {
public:
  PickleMachine(std::span<const uint8_t> Bytes, const std::string &FileName,
                uint64_t Base)
      : Bytes(Bytes), FileName(FileName), Base(Base) {}

  Result<Pickle> run();

private:
  using Id = Pickle::Id;
  using Kind = Pickle::Kind;
  using Value = Pickle::Value;
  /// Of the stack, and of its open marks.
  static constexpr size_t MaxDepth = size_t(1) << 20;

  bool fail(const char *Rule, const std::string &Text);
  bool damaged(const std::string &Text) {
    return fail("pickle-format", Text + "; the file is damaged, save it again");
  }
  bool refused(const std::string &Text) { return fail("pickle-refused", Text); }

  /// The next \p Count bytes, or null at the end.
  const uint8_t *take(uint64_t Count);
  /// A little-endian unsigned number of \p Count bytes.
  bool number(unsigned Count, uint64_t &Out);
  /// Text up to the next newline.
  bool line(std::string &Text);

  bool push(Value V);
  bool pushId(Id I);
  bool pushInt(int64_t I, Kind K = Kind::Int);
  bool pushText(std::string Text, Kind K);
  bool pushItems(Kind K, std::vector<Id> Items);
  bool pushIndexed(Kind K, size_t Index) {
    return pushInt(static_cast<int64_t>(Index), K);
  }

  /// A value may be used many times, so a small pickle can describe much more
  /// than its own size; all containers together are bounded.
  bool countItems(size_t Count);

  /// Lowest stack slot that may be popped: nothing below the last mark.
  size_t floor() const { return Marks.empty() ? 0 : Marks.back(); }
  bool pop(Id &I);
  bool popToMark(std::vector<Id> &Items);
  bool tuple(unsigned Count);

  /// Appends \p Items to the container on top of the stack.
  bool extend(Kind K, const std::vector<Id> &Items);

  bool put(uint64_t Index);
  bool get(uint64_t Index);

  /// Names that an instruction refers to or calls (PickleTensors.cpp).
  bool global();
  bool persistentId();
  bool reduce();
  bool rebuildTensor(const std::vector<Id> &Arguments, bool HasType);
  bool integers(Id I, std::vector<int64_t> &To);

  /// One instruction.
  bool step();

  std::span<const uint8_t> Bytes;
  const std::string &FileName;
  uint64_t Base;
  uint64_t At = 0;
  uint64_t OpStart = 0;
  size_t TotalItems = 0;
  bool Done = false;
  std::optional<Error> Failure;
  Pickle Out;
  std::vector<Id> Stack;
  std::vector<size_t> Marks;
  std::unordered_map<uint64_t, Id> Memo; ///< looked up only, never walked
};

} // namespace synfire::checkpoint

#endif // SYNFIRE_MODELS_CHECKPOINT_PICKLEMACHINE_H
