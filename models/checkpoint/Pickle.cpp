//===- models/checkpoint/Pickle.cpp - Reading pickles, not running them ---===//
//
// The instructions, by the numbers that Python's `pickletools` gives them.
//
//===----------------------------------------------------------------------===//

#include "models/checkpoint/PickleMachine.h"

#include <fmt/format.h>

#include <bit>

namespace synfire::checkpoint {

static constexpr uint64_t MaxBytes = uint64_t(1) << 31;

Result<Pickle> PickleMachine::run() {
  if (Bytes.size() > MaxBytes) {
    damaged(fmt::format("a pickle of {} bytes; at most {} are read",
                        Bytes.size(), MaxBytes));
    return *Failure;
  }
  while (!Done)
    if (!step())
      return *Failure;
  return std::move(Out);
}

bool PickleMachine::step() {
  OpStart = At;
  const uint8_t *Op = take(1);
  if (!Op)
    return false;
  uint64_t N = 0;
  std::vector<Id> Items;
  Id Top = 0;
  switch (*Op) {
  case 0x80: // PROTO
    if (!number(1, N))
      return false;
    return N <= 4 || refused(fmt::format("pickle protocol {}; save with "
                                         "protocol 2 (torch.save's default)",
                                         N));
  case 'c': // GLOBAL
    return global();
  case 'q': // BINPUT
    return number(1, N) && put(N);
  case 'r': // LONG_BINPUT
    return number(4, N) && put(N);
  case 'h': // BINGET
    return number(1, N) && get(N);
  case 'j': // LONG_BINGET
    return number(4, N) && get(N);
  case '(': // MARK
    if (Marks.size() == MaxDepth)
      return damaged(fmt::format("more than {} open marks", MaxDepth));
    Marks.push_back(Stack.size());
    return true;
  case 't': // TUPLE
    return popToMark(Items) && pushItems(Kind::Tuple, std::move(Items));
  case 0x85: // TUPLE1
    return tuple(1);
  case 0x86: // TUPLE2
    return tuple(2);
  case 0x87: // TUPLE3
    return tuple(3);
  case ')': // EMPTY_TUPLE
    return pushItems(Kind::Tuple, {});
  case ']': // EMPTY_LIST
    return pushItems(Kind::List, {});
  case '}': // EMPTY_DICT
    return pushItems(Kind::Dict, {});
  case 'a': // APPEND
    return pop(Top) && extend(Kind::List, {Top});
  case 'e': // APPENDS
    return popToMark(Items) && extend(Kind::List, Items);
  case 's': // SETITEM
    Items.resize(2);
    return pop(Items[1]) && pop(Items[0]) && extend(Kind::Dict, Items);
  case 'u': // SETITEMS
    return popToMark(Items) && extend(Kind::Dict, Items);
  case 'X':    // BINUNICODE
  case 0x8c: { // SHORT_BINUNICODE
    if (!number(*Op == 'X' ? 4 : 1, N))
      return false;
    const uint8_t *Text = take(N);
    return Text &&
           pushText({reinterpret_cast<const char *>(Text), N}, Kind::String);
  }
  case 'J': // BININT
    return number(4, N) && pushInt(static_cast<int32_t>(N));
  case 'K': // BININT1
    return number(1, N) && pushInt(static_cast<int64_t>(N));
  case 'M': // BININT2
    return number(2, N) && pushInt(static_cast<int64_t>(N));
  case 0x8a: { // LONG1: two's complement of any length up to 255 bytes
    if (!number(1, N))
      return false;
    unsigned Length = static_cast<unsigned>(N);
    if (Length > 8)
      return damaged(fmt::format("a number of {} bytes", Length));
    if (!number(Length, N))
      return false;
    unsigned Unused = 64 - 8 * Length;
    return pushInt(Length == 0 ? 0
                               : static_cast<int64_t>(N << Unused) >> Unused);
  }
  case 'G': { // BINFLOAT, big-endian
    if (!number(8, N))
      return false;
    Value V;
    V.K = Kind::Float;
    V.Real = std::bit_cast<double>(__builtin_bswap64(N));
    return push(std::move(V));
  }
  case 0x88: // NEWTRUE
    return pushInt(1, Kind::Bool);
  case 0x89: // NEWFALSE
    return pushInt(0, Kind::Bool);
  case 'N': // NONE
    return push({});
  case 'Q': // BINPERSID
    return persistentId();
  case 'R': // REDUCE
    return reduce();
  case 'b': // BUILD: a state dict carries `_metadata` this way
    if (!pop(Top))
      return false;
    if (Stack.size() <= floor() || Out.Values[Stack.back()].K != Kind::Dict)
      return damaged("a state is set on something else than a dictionary");
    return true;
  case '.': // STOP
    if (!pop(Top))
      return false;
    if (!Stack.empty() || !Marks.empty())
      return damaged("values are left over at the end");
    Out.Root = Top;
    Done = true;
    return true;
  case 0x81: // NEWOBJ
    return refused("the file pickles a whole module; save "
                   "`model.state_dict()` instead");
  default:
    return refused(fmt::format(
        "pickle instruction 0x{:02x} has no place in a state dict; save "
        "`model.state_dict()` by torch.save",
        *Op));
  }
}

Result<Pickle> Pickle::parse(std::span<const uint8_t> Bytes,
                             const std::string &FileName, uint64_t Base) {
  return PickleMachine(Bytes, FileName, Base).run();
}

} // namespace synfire::checkpoint
