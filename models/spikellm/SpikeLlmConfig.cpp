//===- SpikeLlmConfig.cpp - Reads config.json -----------------------------===//

#include "models/spikellm/SpikeLlmConfig.h"
#include "targets/arrays/MappedFile.h"

#include <filesystem>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

using namespace synfire;
using namespace synfire::models;
using nlohmann::json;

namespace {
/// Reads keys of a JSON object and keeps what was wrong.
class Reader {
public:
  Reader(const json &From, const std::string &Path) : From(From), Path(Path) {}
  Errors Found;

  void integer(const char *Key, int64_t &To, int64_t Least, int64_t Most,
               bool Needed = false) {
    const json *V = find(Key, Needed);
    if (!V)
      return;
    if (!V->is_number_integer() || V->get<double>() < double(Least) ||
        V->get<double>() > double(Most))
      return fail(Key, *V,
                  fmt::format("must be an integer in {} .. {}", Least, Most));
    To = V->get<int64_t>();
  }
  template <typename T>
  void real(const char *Key, T &To, double Least, double Most) {
    const json *V = find(Key, false);
    if (!V)
      return;
    if (!V->is_number() || !(V->get<double>() >= Least) ||
        !(V->get<double>() <= Most))
      return fail(Key, *V,
                  fmt::format("must be a number in {:g} .. {:g}", Least, Most));
    To = V->get<T>();
  }
  void flag(const char *Key, bool &To) {
    const json *V = find(Key, false);
    if (V && !V->is_boolean())
      return fail(Key, *V, "must be true or false");
    if (V)
      To = V->get<bool>();
  }
  /// A setting of the public model that changes what it computes.
  void only(const char *Key, const json &Known) {
    if (const json *V = find(Key, false); V && *V != Known)
      fail(Key, *V, fmt::format("only {} is imported", Known.dump()));
  }
  void fail(const char *Key, const json &V, const std::string &Text) {
    std::string Shown = V.dump(-1, ' ', true, json::error_handler_t::replace);
    Found.push_back(
        {Path, "config-value",
         fmt::format("{} is {}, {}", Key, Shown.substr(0, 60), Text)});
  }

private:
  const json *find(const char *Key, bool Needed) {
    auto At = From.find(Key);
    if (At != From.end() && !At->is_null())
      return &*At;
    if (Needed)
      Found.push_back(
          {Path, "config-value", fmt::format("{} is missing", Key)});
    return nullptr;
  }
  const json &From;
  const std::string &Path;
};
} // namespace

Result<SpikeLlmConfig>
SpikeLlmConfig::besides(const std::string &CheckpointPath) {
  std::filesystem::path Own(CheckpointPath);
  Own.replace_extension(".json");
  std::filesystem::path Common = Own.parent_path() / "config.json";
  std::error_code Ignored;
  std::filesystem::path Path =
      std::filesystem::exists(Own, Ignored) ? Own : Common;
  if (!std::filesystem::exists(Path, Ignored))
    return Error{
        CheckpointPath, "config-missing",
        fmt::format("the number of heads and the bits of codes are not "
                    "in the tensors; they are read from '{}' or '{}', "
                    "and neither is there",
                    Own.filename().string(), Common.filename().string())};
  Result<MappedFile> File = MappedFile::open(Path.string());
  if (!File)
    return File.errors();
  std::span<const uint8_t> Bytes = File->bytes();
  return parse({reinterpret_cast<const char *>(Bytes.data()), Bytes.size()},
               Path.string());
}

Result<SpikeLlmConfig> SpikeLlmConfig::parse(const std::string &Text,
                                             const std::string &Path) {
  constexpr int DeepestNesting = 8;
  bool TooDeep = false;
  json All = json::parse(
      Text,
      [&](int Depth, json::parse_event_t, json &) {
        TooDeep |= Depth > DeepestNesting;
        return Depth <= DeepestNesting;
      },
      /*allow_exceptions=*/false);
  if (All.is_discarded() || TooDeep || !All.is_object())
    return Error{Path, "config-syntax", "this is not a JSON object"};
  SpikeLlmConfig C;
  C.Path = Path;
  Reader R(All, Path);
  R.integer("num_attention_heads", C.Heads, 1, 65536, /*Needed=*/true);
  C.KvHeads = C.Heads;
  R.integer("num_key_value_heads", C.KvHeads, 1, 65536);
  R.integer("max_position_embeddings", C.Positions, 1, 1 << 24,
            /*Needed=*/true);
  R.integer("vocab_size", C.Vocabulary, 1, 1 << 28);
  R.real("rms_norm_eps", C.Epsilon, 0.0, 1.0);
  R.real("rope_theta", C.RopeBase, 1.0, 1e12);
  R.flag("tie_word_embeddings", C.TiedHead);
  R.only("hidden_act", "silu");
  R.only("rope_scaling", nullptr);
  R.integer("wbits", C.WeightBits, 2, 16);
  R.integer("abits", C.Bits, 1, 8);
  R.integer("addbit", C.AddBits, 0, 4);
  R.real("low_p", C.LowShare, 0.0, 1.0);
  if (C.KvHeads > C.Heads || C.Heads % C.KvHeads != 0)
    R.fail("num_key_value_heads", C.KvHeads,
           fmt::format("must divide the {} heads", C.Heads));
  if (!R.Found.empty())
    return R.Found;
  return C;
}
