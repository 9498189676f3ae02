//===- models/checkpoint/PickleTensors.cpp - Names that make tensors ------===//
//
// The names of PyTorch that a state dict refers to and what a reference to, or
// a call of, each of them is as a value: storages, tensors, dictionaries.
//
//===----------------------------------------------------------------------===//

#include "models/checkpoint/PickleMachine.h"

#include <fmt/format.h>

#include <string_view>

namespace synfire::checkpoint {

namespace {

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

bool PickleMachine::global() {
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

} // namespace synfire::checkpoint
