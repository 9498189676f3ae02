//===- models/checkpoint/Pickle.cpp - Reading pickles, not running them ---===//

#include "models/checkpoint/Pickle.h"

#include <fmt/format.h>

#include <bit>
#include <cstring>
#include <optional>
#include <string_view>
#include <unordered_map>

namespace synfire::checkpoint {

namespace {

constexpr uint64_t MaxBytes = uint64_t(1) << 31;
constexpr size_t MaxValues = size_t(1) << 22;
constexpr size_t MaxDepth = size_t(1) << 20;
constexpr size_t MaxItems = size_t(1) << 24;
constexpr size_t MaxTensors = size_t(1) << 18;
constexpr size_t MaxKeyBytes = 256;
/// PyTorch itself stops at 64 dimensions.
constexpr size_t MaxRank = 64;

struct NamedType {
  std::string_view Name;
  DType Type;
};
constexpr NamedType StorageTypes[] = {
    {"torch FloatStorage", DType::F32}, {"torch DoubleStorage", DType::F64},
    {"torch HalfStorage", DType::F16},  {"torch BFloat16Storage", DType::BF16},
    {"torch LongStorage", DType::I64},  {"torch IntStorage", DType::I32},
    {"torch ShortStorage", DType::I16}, {"torch CharStorage", DType::I8},
    {"torch ByteStorage", DType::U8},   {"torch BoolStorage", DType::Bool}};
constexpr NamedType ElementTypes[] = {
    {"torch float32", DType::F32}, {"torch float64", DType::F64},
    {"torch float16", DType::F16}, {"torch bfloat16", DType::BF16},
    {"torch int64", DType::I64},   {"torch int32", DType::I32},
    {"torch int16", DType::I16},   {"torch int8", DType::I8},
    {"torch uint8", DType::U8},    {"torch bool", DType::Bool}};
constexpr std::string_view OrderedDict = "collections OrderedDict";
constexpr std::string_view RebuildTensor2 = "torch._utils _rebuild_tensor_v2";
constexpr std::string_view RebuildTensor3 = "torch._utils _rebuild_tensor_v3";
constexpr std::string_view RebuildParameter = "torch._utils _rebuild_parameter";
constexpr std::string_view UntypedStorage = "torch.storage UntypedStorage";
constexpr std::string_view Size = "torch Size";

template <size_t N>
std::optional<DType> lookUp(const NamedType (&Table)[N],
                            std::string_view Name) {
  for (const NamedType &Entry : Table)
    if (Entry.Name == Name)
      return Entry.Type;
  return std::nullopt;
}

bool isKnownGlobal(std::string_view Name) {
  for (std::string_view Known : {OrderedDict, RebuildTensor2, RebuildTensor3,
                                 RebuildParameter, UntypedStorage, Size})
    if (Name == Known)
      return true;
  return lookUp(StorageTypes, Name) || lookUp(ElementTypes, Name);
}

} // namespace

/// The stack machine. Every handler returns false after it has set Failure.
class PickleMachine {
public:
  PickleMachine(std::span<const uint8_t> Bytes, const std::string &FileName,
                uint64_t Base)
      : Bytes(Bytes), FileName(FileName), Base(Base) {}

  Result<Pickle> run() {
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

private:
  using Id = Pickle::Id;
  using Kind = Pickle::Kind;
  using Value = Pickle::Value;

  bool fail(const char *Rule, const std::string &Text) {
    Failure = Error{FileName, Rule,
                    fmt::format("at byte {}: {}", Base + OpStart, Text)};
    return false;
  }
  bool damaged(const std::string &Text) {
    return fail("pickle-format", Text + "; the file is damaged, save it again");
  }
  bool refused(const std::string &Text) { return fail("pickle-refused", Text); }

  /// The next \p Count bytes, or null at the end.
  const uint8_t *take(uint64_t Count) {
    if (Count > Bytes.size() - At) {
      damaged("the pickle ends inside an instruction");
      return nullptr;
    }
    const uint8_t *Start = Bytes.data() + At;
    At += Count;
    return Start;
  }
  /// A little-endian unsigned number of \p Count bytes.
  bool number(unsigned Count, uint64_t &Out) {
    const uint8_t *From = take(Count);
    Out = 0;
    for (unsigned I = 0; From && I != Count; ++I)
      Out |= uint64_t(From[I]) << (8 * I);
    return From != nullptr;
  }
  /// Text up to the next newline.
  bool line(std::string &Text) {
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

  bool push(Value V) {
    if (Out.Values.size() == MaxValues)
      return refused(fmt::format("more than {} values; save a state dict alone",
                                 MaxValues));
    Out.Values.push_back(std::move(V));
    return pushId(static_cast<Id>(Out.Values.size() - 1));
  }
  bool pushId(Id I) {
    if (Stack.size() == MaxDepth)
      return damaged(fmt::format("a stack deeper than {}", MaxDepth));
    Stack.push_back(I);
    return true;
  }
  bool pushInt(int64_t I, Kind K = Kind::Int) {
    Value V;
    V.K = K;
    V.Int = I;
    return push(std::move(V));
  }
  bool pushText(std::string Text, Kind K) {
    Value V;
    V.K = K;
    V.Text = std::move(Text);
    return push(std::move(V));
  }
  bool pushItems(Kind K, std::vector<Id> Items) {
    if (!countItems(Items.size()))
      return false;
    Value V;
    V.K = K;
    V.Items = std::move(Items);
    return push(std::move(V));
  }
  bool pushIndexed(Kind K, size_t Index) {
    return pushInt(static_cast<int64_t>(Index), K);
  }

  /// A value may be used many times, so a small pickle can describe much more
  /// than its own size; all containers together are bounded.
  bool countItems(size_t Count) {
    TotalItems += Count;
    return TotalItems <= MaxItems ||
           refused(fmt::format("containers with more than {} entries; save a "
                               "state dict alone",
                               MaxItems));
  }

  /// Lowest stack slot that may be popped: nothing below the last mark.
  size_t floor() const { return Marks.empty() ? 0 : Marks.back(); }
  bool pop(Id &I) {
    if (Stack.size() <= floor())
      return damaged("an instruction lacks an operand");
    I = Stack.back();
    Stack.pop_back();
    return true;
  }
  bool popToMark(std::vector<Id> &Items) {
    if (Marks.empty())
      return damaged("an instruction lacks its mark");
    auto From = Stack.begin() + static_cast<ptrdiff_t>(Marks.back());
    Items.assign(From, Stack.end());
    Stack.erase(From, Stack.end());
    Marks.pop_back();
    return true;
  }
  bool tuple(unsigned Count) {
    std::vector<Id> Items(Count);
    for (unsigned I = Count; I-- != 0;)
      if (!pop(Items[I]))
        return false;
    return pushItems(Kind::Tuple, std::move(Items));
  }

  /// Appends \p Items to the container on top of the stack.
  bool extend(Kind K, const std::vector<Id> &Items) {
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

  bool put(uint64_t Index) {
    if (Stack.size() <= floor())
      return damaged("a memo of nothing");
    Memo[Index] = Stack.back();
    return true;
  }
  bool get(uint64_t Index) {
    auto Found = Memo.find(Index);
    if (Found == Memo.end())
      return damaged(
          fmt::format("memo {} is read before it is written", Index));
    return pushId(Found->second);
  }

  bool global() {
    std::string Module, Name;
    if (!line(Module) || !line(Name))
      return false;
    std::string Full = Module + " " + Name;
    if (!isKnownGlobal(Full))
      return refused(fmt::format(
          "the file pickles `{}.{}`, which only running it could rebuild; save "
          "`model.state_dict()` instead, or a .safetensors file",
          Module, Name));
    return pushText(std::move(Full), Kind::Global);
  }

  bool persistentId();
  bool reduce();
  bool rebuildTensor(const std::vector<Id> &Arguments, bool HasType);
  bool integers(Id I, std::vector<int64_t> &To);
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

bool PickleMachine::integers(Id I, std::vector<int64_t> &To) {
  const Value &V = Out.Values[I];
  if (V.K != Kind::Tuple || V.Items.size() > MaxRank)
    return damaged(fmt::format("a tensor's size or stride is not a tuple of at "
                               "most {} numbers",
                               MaxRank));
  for (Id Item : V.Items) {
    if (Out.Values[Item].K != Kind::Int)
      return damaged("a tensor's size or stride holds something else than "
                     "numbers");
    To.push_back(Out.Values[Item].Int);
  }
  return true;
}

bool PickleMachine::persistentId() {
  Id Tuple = 0;
  if (!pop(Tuple))
    return false;
  const Value &V = Out.Values[Tuple];
  auto is = [&](size_t I, Kind K) { return Out.Values[V.Items[I]].K == K; };
  if (V.K != Kind::Tuple || V.Items.size() != 5 || !is(0, Kind::String) ||
      Out.Values[V.Items[0]].Text != "storage" || !is(1, Kind::Global) ||
      !is(2, Kind::String) || !is(4, Kind::Int))
    return damaged("a persistent id that is not ('storage', type, key, "
                   "location, size)");
  PickledStorage Storage;
  const std::string &TypeName = Out.Values[V.Items[1]].Text;
  if (std::optional<DType> Type = lookUp(StorageTypes, TypeName)) {
    Storage.Type = *Type;
  } else if (TypeName == UntypedStorage) {
    Storage.Type = DType::U8;
    Storage.Untyped = true;
  } else {
    return damaged(fmt::format("`{}` is no storage type", TypeName));
  }
  if (Out.Values[V.Items[2]].Text.size() > MaxKeyBytes)
    return damaged("a storage key longer than a file name");
  Storage.Key = Out.Values[V.Items[2]].Text;
  Storage.NumElements = Out.Values[V.Items[4]].Int;
  Out.Storages.push_back(std::move(Storage));
  return pushIndexed(Kind::Storage, Out.Storages.size() - 1);
}

bool PickleMachine::rebuildTensor(const std::vector<Id> &Arguments,
                                  bool HasType) {
  auto arg = [&](size_t I) -> const Value & {
    return Out.Values[Arguments[I]];
  };
  size_t Needed = HasType ? 7 : 6;
  if (Arguments.size() < Needed || Arguments.size() > Needed + 1 ||
      arg(0).K != Kind::Storage || arg(1).K != Kind::Int)
    return damaged("a tensor that is not (storage, offset, size, stride, ...)");
  if (Out.Tensors.size() == MaxTensors)
    return refused(fmt::format("more than {} tensors", MaxTensors));
  PickledTensor T;
  T.Storage = Out.Storages[static_cast<size_t>(arg(0).Int)];
  T.Type = T.Storage.Type;
  T.Offset = arg(1).Int;
  if (!integers(Arguments[2], T.Shape) || !integers(Arguments[3], T.Strides))
    return false;
  if (T.Shape.size() != T.Strides.size())
    return damaged(fmt::format("a tensor with {} sizes and {} strides",
                               T.Shape.size(), T.Strides.size()));
  if (HasType) {
    std::optional<DType> Type = arg(6).K == Kind::Global
                                    ? lookUp(ElementTypes, arg(6).Text)
                                    : std::nullopt;
    if (!Type)
      return damaged("a tensor without an element type");
    T.Type = *Type;
  }
  Out.Tensors.push_back(std::move(T));
  return pushIndexed(Kind::Tensor, Out.Tensors.size() - 1);
}

bool PickleMachine::reduce() {
  Id Arguments = 0, Callee = 0;
  if (!pop(Arguments) || !pop(Callee))
    return false;
  if (Out.Values[Callee].K != Kind::Global ||
      Out.Values[Arguments].K != Kind::Tuple)
    return damaged("a call of something else than a name with a tuple");
  // Copies: pushing a value moves all of them.
  std::string Name = Out.Values[Callee].Text;
  std::vector<Id> Items = Out.Values[Arguments].Items;
  if (Name == RebuildTensor2 || Name == RebuildTensor3)
    return rebuildTensor(Items, Name == RebuildTensor3);
  if (Name == RebuildParameter) {
    if (Items.empty() || Out.Values[Items[0]].K != Kind::Tensor)
      return damaged("a parameter without a tensor");
    return pushId(Items[0]);
  }
  if (Name == Size) {
    if (Items.size() != 1)
      return damaged("a torch.Size of something else than one tuple");
    return pushId(Items[0]);
  }
  if (Name == OrderedDict) {
    std::vector<Id> Entries;
    if (!Items.empty()) {
      for (Id Pair : Out.Values[Items[0]].Items) {
        const Value &P = Out.Values[Pair];
        if ((P.K != Kind::Tuple && P.K != Kind::List) || P.Items.size() != 2)
          return damaged("an OrderedDict of something else than pairs");
        Entries.insert(Entries.end(), P.Items.begin(), P.Items.end());
      }
    }
    return pushItems(Kind::Dict, std::move(Entries));
  }
  return refused(fmt::format("a call of `{}`", Name));
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
