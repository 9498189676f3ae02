//===- models/checkpoint/PickleMachine.cpp - Bytes, stack, memo -----------===//

#include "models/checkpoint/PickleMachine.h"

#include <fmt/format.h>

#include <cstring>

namespace synfire::checkpoint {

namespace {
constexpr size_t MaxValues = size_t(1) << 22;
constexpr size_t MaxItems = size_t(1) << 24;
} // namespace

bool PickleMachine::fail(const char *Rule, const std::string &Text) {
  Failure = Error{FileName, Rule,
                  fmt::format("at byte {}: {}", Base + OpStart, Text)};
  return false;
}

const uint8_t *PickleMachine::take(uint64_t Count) {
  if (Count > Bytes.size() - At) {
    damaged("the pickle ends inside an instruction");
    return nullptr;
  }
  const uint8_t *Start = Bytes.data() + At;
  At += Count;
  return Start;
}

bool PickleMachine::number(unsigned Count, uint64_t &Out) {
  const uint8_t *From = take(Count);
  Out = 0;
  for (unsigned I = 0; From && I != Count; ++I)
    Out |= uint64_t(From[I]) << (8 * I);
  return From != nullptr;
}

bool PickleMachine::line(std::string &Text) {
  const void *End = At == Bytes.size() ? nullptr
                                       : std::memchr(Bytes.data() + At, '\n',
                                                     Bytes.size() - At);
  if (!End)
    return damaged("a name without an end");
  const char *From = reinterpret_cast<const char *>(Bytes.data()) + At;
  size_t Length = static_cast<size_t>(static_cast<const char *>(End) - From);
  At += Length + 1;
  if (Length > 256)
    return damaged(fmt::format("a name of {} bytes", Length));
  Text.assign(From, Length);
  return true;
}

bool PickleMachine::push(Value V) {
  if (Out.Values.size() == MaxValues)
    return refused(
        fmt::format("more than {} values; save a state dict alone", MaxValues));
  Out.Values.push_back(std::move(V));
  return pushId(static_cast<Id>(Out.Values.size() - 1));
}

bool PickleMachine::pushId(Id I) {
  if (Stack.size() == MaxDepth)
    return damaged(fmt::format("a stack deeper than {}", MaxDepth));
  Stack.push_back(I);
  return true;
}

bool PickleMachine::pushInt(int64_t I, Kind K) {
  Value V;
  V.K = K;
  V.Int = I;
  return push(std::move(V));
}

bool PickleMachine::pushText(std::string Text, Kind K) {
  Value V;
  V.K = K;
  V.Text = std::move(Text);
  return push(std::move(V));
}

bool PickleMachine::pushItems(Kind K, std::vector<Id> Items) {
  if (!countItems(Items.size()))
    return false;
  Value V;
  V.K = K;
  V.Items = std::move(Items);
  return push(std::move(V));
}

bool PickleMachine::countItems(size_t Count) {
  TotalItems += Count;
  return TotalItems <= MaxItems ||
         refused(fmt::format("containers with more than {} entries; save a "
                             "state dict alone",
                             MaxItems));
}

bool PickleMachine::pop(Id &I) {
  if (Stack.size() <= floor())
    return damaged("an instruction lacks an operand");
  I = Stack.back();
  Stack.pop_back();
  return true;
}

bool PickleMachine::popToMark(std::vector<Id> &Items) {
  if (Marks.empty())
    return damaged("an instruction lacks its mark");
  auto From = Stack.begin() + static_cast<ptrdiff_t>(Marks.back());
  Items.assign(From, Stack.end());
  Stack.erase(From, Stack.end());
  Marks.pop_back();
  return true;
}

bool PickleMachine::tuple(unsigned Count) {
  std::vector<Id> Items(Count);
  for (unsigned I = Count; I-- != 0;)
    if (!pop(Items[I]))
      return false;
  return pushItems(Kind::Tuple, std::move(Items));
}

bool PickleMachine::extend(Kind K, const std::vector<Id> &Items) {
  if (Stack.size() <= floor() || Out.Values[Stack.back()].K != K ||
      (K == Kind::Dict && Items.size() % 2 != 0))
    return damaged(K == Kind::Dict ? "dictionary entries without a dictionary"
                                   : "list entries without a list");
  if (!countItems(Items.size()))
    return false;
  std::vector<Id> &To = Out.Values[Stack.back()].Items;
  To.insert(To.end(), Items.begin(), Items.end());
  return true;
}

bool PickleMachine::put(uint64_t Index) {
  if (Stack.size() <= floor())
    return damaged("a memo of nothing");
  Memo[Index] = Stack.back();
  return true;
}

bool PickleMachine::get(uint64_t Index) {
  auto Found = Memo.find(Index);
  if (Found == Memo.end())
    return damaged(fmt::format("memo {} is read before it is written", Index));
  return pushId(Found->second);
}

} // namespace synfire::checkpoint
