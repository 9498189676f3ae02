//===- ConfigFile.cpp - config.json of a checkpoint -----------------------===//

#include "models/network/ConfigFile.h"

#include "targets/arrays/MappedFile.h"

#include <filesystem>
#include <fmt/format.h>

using namespace synfire;
using namespace synfire::models;
using nlohmann::json;

Result<ConfigFile> ConfigFile::besides(const std::string &CheckpointPath,
                                       const std::string &Why) {
  std::filesystem::path Own(CheckpointPath);
  Own.replace_extension(".json");
  std::filesystem::path Common = Own.parent_path() / "config.json";
  std::error_code Ignored;
  std::filesystem::path Path =
      std::filesystem::exists(Own, Ignored) ? Own : Common;
  if (!std::filesystem::exists(Path, Ignored))
    return Error{CheckpointPath, "config-missing",
                 fmt::format("{} not in the tensors; they are read from '{}' "
                             "or '{}', and neither is there",
                             Why, Own.filename().string(),
                             Common.filename().string())};
  Result<MappedFile> File = MappedFile::open(Path.string());
  if (!File)
    return File.errors();
  std::span<const uint8_t> Bytes = File->bytes();
  return parse({reinterpret_cast<const char *>(Bytes.data()), Bytes.size()},
               Path.string());
}

Result<ConfigFile> ConfigFile::of(const checkpoint::Checkpoint &From,
                                  const std::string &Why) {
  return From.config() ? parse(*From.config(), From.path())
                       : besides(From.path(), Why);
}

Result<ConfigFile> ConfigFile::parse(const std::string &Text,
                                     const std::string &Path) {
  constexpr int DeepestNesting = 8;
  bool TooDeep = false;
  ConfigFile Out;
  Out.Path = Path;
  Out.From = json::parse(
      Text,
      [&](int Depth, json::parse_event_t, json &) {
        TooDeep |= Depth > DeepestNesting;
        return Depth <= DeepestNesting;
      },
      /*allow_exceptions=*/false);
  if (Out.From.is_discarded() || TooDeep || !Out.From.is_object())
    return Error{Path, "config-syntax", "this is not a JSON object"};
  return Out;
}

const json *ConfigFile::find(const char *Key, bool Needed) {
  auto At = From.find(Key);
  if (At != From.end() && !At->is_null())
    return &*At;
  if (Needed)
    Found.push_back({Path, "config-value", fmt::format("{} is missing", Key)});
  return nullptr;
}

void ConfigFile::fail(const char *Key, const json &V, const std::string &Text) {
  std::string Shown = V.dump(-1, ' ', true, json::error_handler_t::replace);
  Found.push_back(
      {Path, "config-value",
       fmt::format("{} is {}, {}", Key, Shown.substr(0, 60), Text)});
}

void ConfigFile::integer(const char *Key, int64_t &To, int64_t Least,
                         int64_t Most, bool Needed) {
  const json *V = find(Key, Needed);
  if (!V)
    return;
  if (!V->is_number_integer() || V->get<double>() < double(Least) ||
      V->get<double>() > double(Most))
    return fail(Key, *V,
                fmt::format("must be an integer in {} .. {}", Least, Most));
  To = V->get<int64_t>();
}

void ConfigFile::real(const char *Key, double &To, double Least, double Most) {
  const json *V = find(Key, false);
  if (!V)
    return;
  if (!V->is_number() || !(V->get<double>() >= Least) ||
      !(V->get<double>() <= Most))
    return fail(Key, *V,
                fmt::format("must be a number in {:g} .. {:g}", Least, Most));
  To = V->get<double>();
}

void ConfigFile::real(const char *Key, float &To, double Least, double Most) {
  auto Wide = static_cast<double>(To);
  real(Key, Wide, Least, Most);
  To = static_cast<float>(Wide);
}

void ConfigFile::flag(const char *Key, bool &To) {
  const json *V = find(Key, false);
  if (V && !V->is_boolean())
    return fail(Key, *V, "must be true or false");
  if (V)
    To = V->get<bool>();
}

void ConfigFile::text(const char *Key, std::string &To) {
  const json *V = find(Key, false);
  if (V && !V->is_string())
    return fail(Key, *V, "must be a text");
  if (V)
    To = V->get<std::string>();
}

void ConfigFile::only(const char *Key, const json &Known) {
  if (const json *V = find(Key, false); V && *V != Known)
    fail(Key, *V, fmt::format("only {} is imported", Known.dump()));
}
