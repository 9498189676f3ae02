//===- models/checkpoint/Safetensors.cpp - Files of safetensors -----------===//
//
// u64 N, N bytes of JSON (name -> dtype, shape, data_offsets), packed data.
// The data may have neither holes nor overlaps.
//
//===----------------------------------------------------------------------===//

#include "models/checkpoint/Formats.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstring>
#include <tuple>

namespace synfire::checkpoint {

namespace {

using Json = nlohmann::json;

/// The cap of the format's reference implementation.
constexpr uint64_t MaxHeaderBytes = 100'000'000;

struct FormatType {
  std::string_view Name;
  DType Type;
};
constexpr FormatType FormatTypes[] = {
    {"F32", DType::F32},   {"F64", DType::F64}, {"F16", DType::F16},
    {"BF16", DType::BF16}, {"I64", DType::I64}, {"I32", DType::I32},
    {"I16", DType::I16},   {"I8", DType::I8},   {"U8", DType::U8},
    {"BOOL", DType::Bool}};

Error damaged(const std::string &File, const std::string &Text) {
  return Error{File, "safetensors-format", Text};
}

/// Parses the header. The JSON reader keeps the last of two equal keys; the
/// format forbids them, so they are watched for.
Result<Json> parseHeader(std::string_view Text, const std::string &File) {
  std::vector<std::string> Names;
  bool TooDeep = false;
  auto Watch = [&](int Depth, Json::parse_event_t Event, Json &Parsed) {
    TooDeep |= Depth > 4;
    if (Event == Json::parse_event_t::key && Depth == 1)
      Names.push_back(Parsed.get_ref<const std::string &>());
    return !TooDeep;
  };
  Json Header;
  try {
    Header = Json::parse(Text, Watch);
  } catch (const Json::exception &E) {
    const auto *Parse = dynamic_cast<const Json::parse_error *>(&E);
    return damaged(File, fmt::format("at byte {}: the header is not JSON: the "
                                     "file is damaged",
                                     8 + (Parse ? Parse->byte : 0)));
  }
  if (TooDeep || !Header.is_object())
    return damaged(File, "at byte 8: the header is not a table of tensors");
  std::sort(Names.begin(), Names.end());
  if (auto Twice = std::adjacent_find(Names.begin(), Names.end());
      Twice != Names.end())
    return damaged(
        File, fmt::format("tensor '{}' stands twice in the header", *Twice));
  return Header;
}

bool isCount(const Json &J) {
  return J.is_number_unsigned() &&
         J.get<uint64_t>() <= static_cast<uint64_t>(INT64_MAX);
}

/// One entry of the header; offsets count from \p DataStart of the file.
Result<Tensor> readEntry(const std::string &Name, const Json &Entry,
                         uint64_t DataStart, uint64_t DataSize,
                         const std::string &File) {
  auto fail = [&](const std::string &Text) {
    return damaged(File, fmt::format("tensor '{}': {}", Name, Text));
  };
  if (!Entry.is_object() || Entry.size() != 3 || !Entry.contains("dtype") ||
      !Entry.contains("shape") || !Entry.contains("data_offsets") ||
      !Entry["dtype"].is_string() || !Entry["shape"].is_array() ||
      !Entry["data_offsets"].is_array() || Entry["data_offsets"].size() != 2 ||
      !std::ranges::all_of(Entry["shape"], isCount) ||
      !std::ranges::all_of(Entry["data_offsets"], isCount))
    return fail("an entry has exactly dtype, shape and data_offsets [begin, "
                "end]");
  const std::string &TypeName = Entry["dtype"].get_ref<const std::string &>();
  auto Type = std::ranges::find(FormatTypes, TypeName, &FormatType::Name);
  if (Type == std::end(FormatTypes))
    return fail(fmt::format("dtype '{}' is not read; convert to F32, F16 or "
                            "BF16",
                            TypeName));
  uint64_t Begin = Entry["data_offsets"][0].get<uint64_t>();
  uint64_t End = Entry["data_offsets"][1].get<uint64_t>();
  if (Begin > End || End > DataSize)
    return fail(fmt::format("data from byte {} to {}, and the file's data end "
                            "at {}: it is truncated or damaged",
                            DataStart + Begin, DataStart + End,
                            DataStart + DataSize));
  Tensor T;
  T.Name = Name;
  T.Type = Type->Type;
  uint64_t Size = byteSize(T.Type);
  for (const Json &Dimension : Entry["shape"]) {
    T.Shape.push_back(Dimension.get<int64_t>());
    if (__builtin_mul_overflow(Size, Dimension.get<uint64_t>(), &Size))
      return fail(fmt::format("shape {} overflows", formatShape(T.Shape)));
  }
  if (Size != End - Begin)
    return fail(fmt::format("shape {} of {} takes {} bytes, data_offsets give "
                            "{}",
                            formatShape(T.Shape), TypeName, Size, End - Begin));
  T.Strides = contiguousStrides(T.Shape);
  T.FileOffset = DataStart + Begin;
  if (Status S = checkBounds(T, DataStart + DataSize); !S)
    return fail(S.errors().front().Text);
  return T;
}

} // namespace

Result<Contents> readSafetensors(std::span<const uint8_t> Bytes,
                                 const std::string &FileName) {
  uint64_t HeaderSize = 0;
  if (Bytes.size() < sizeof(HeaderSize))
    return damaged(FileName, "too short for a header");
  std::memcpy(&HeaderSize, Bytes.data(), sizeof(HeaderSize));
  if (HeaderSize > MaxHeaderBytes || HeaderSize > Bytes.size() - 8)
    return damaged(FileName,
                   fmt::format("at byte 0: a header of {} bytes; the file has "
                               "{} and at most {} are read",
                               HeaderSize, Bytes.size(), MaxHeaderBytes));
  std::string_view Text(reinterpret_cast<const char *>(Bytes.data()) + 8,
                        HeaderSize);
  Result<Json> Header = parseHeader(Text, FileName);
  if (!Header)
    return Header.errors();
  uint64_t DataStart = 8 + HeaderSize, DataSize = Bytes.size() - DataStart;
  std::vector<Tensor> Tensors;
  for (const auto &[Name, Entry] : Header->items()) {
    if (Name == "__metadata__")
      continue;
    Result<Tensor> T = readEntry(Name, Entry, DataStart, DataSize, FileName);
    if (!T)
      return T.errors();
    Tensors.push_back(std::move(*T));
  }
  // Ties are empty tensors: they come before what begins at the same place.
  auto end = [](const Tensor &T) {
    return T.FileOffset +
           static_cast<uint64_t>(T.numElements()) * byteSize(T.Type);
  };
  std::ranges::sort(Tensors, {}, [&](const Tensor &T) {
    return std::tuple(T.FileOffset, end(T), std::string_view(T.Name));
  });
  uint64_t At = DataStart;
  for (const Tensor &T : Tensors) {
    if (T.FileOffset != At)
      return damaged(
          FileName, fmt::format("tensor '{}' begins at byte {}, the one before "
                                "it ends at {}: holes and overlaps are not "
                                "allowed",
                                T.Name, T.FileOffset, At));
    At = end(T);
  }
  if (At != Bytes.size())
    return damaged(FileName, fmt::format("the tensors end at byte {}, the file "
                                         "at {}",
                                         At, Bytes.size()));
  return Contents{std::move(Tensors)};
}

} // namespace synfire::checkpoint
