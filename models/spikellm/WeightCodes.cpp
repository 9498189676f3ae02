//===- WeightCodes.cpp - Weights as codes ---------------------------------===//

#include "models/spikellm/WeightCodes.h"

#include "models/spikellm/Projections.h"
#include "targets/arrays/AtomicFile.h"
#include "targets/arrays/Npy.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

using namespace synfire;
using namespace synfire::models;
using checkpoint::Checkpoint;

/// Limits of the public code.
static constexpr float LeastScale = 1e-5f, MostScale = 1e4f, MostZero = 1e4f;

RowCodes models::quantizeRow(std::span<float> Row, int64_t Bits) {
  if (Row.empty())
    return {LeastScale, 0};
  auto [Least, Most] = std::minmax_element(Row.begin(), Row.end());
  auto Last = static_cast<float>((int64_t(1) << Bits) - 1);
  RowCodes Of;
  Of.Scale = std::clamp((*Most - *Least) / Last, LeastScale, MostScale);
  Of.Zero = std::nearbyint(std::clamp(-*Least / Of.Scale, -MostZero, MostZero));
  for (float &W : Row) {
    float Code = std::nearbyint(W / Of.Scale) + Of.Zero;
    W = (std::clamp(Code, 0.0f, Last) - Of.Zero) * Of.Scale;
  }
  return Of;
}

namespace {
/// A file that is laid out first and then filled in the same order. Masks come
/// last, so that floats stay aligned.
class QuantizedFile {
public:
  QuantizedFile(const Checkpoint &From, const SpikeLlmConfig &Config)
      : From(From), Config(Config) {
    Header["__metadata__"] = {{"format", "pt"}};
  }

  void copy(const std::string &Name) {
    if (const checkpoint::Tensor *T = From.find(Name)) {
      Parts.push_back({T, /*Coded=*/false});
      place(Name, T->Shape, sizeof(float));
    }
  }
  void code(const std::string &Name) {
    const checkpoint::Tensor *T = From.find(Name + ".weight");
    Parts.push_back({T, /*Coded=*/true});
    place(T->Name, T->Shape, sizeof(float));
    for (const char *Of : {"scales", "zeros"})
      place(Name + ".weight_quantizer." + Of, {T->Shape[0], 1}, sizeof(float));
  }
  void mask(const std::string &Name, std::vector<int64_t> Shape,
            const std::vector<bool> &Low) {
    Bits.insert(Bits.end(), Low.begin(), Low.end());
    place(Name + ".mask_low_mse", std::move(Shape), 1);
  }

  Status write(const std::string &Path) {
    std::string Text = Header.dump();
    Text.append((8 - Text.size() % 8) % 8, ' ');
    Result<AtomicFile> File = AtomicFile::create(Path);
    if (!File)
      return File.errors();
    uint64_t Size = Text.size();
    Status Done = File->write(asBytes(std::span<const uint64_t>(&Size, 1)));
    if (Done)
      Done = File->write(asBytes(std::span<const char>(Text)));
    for (const Part &P : Parts)
      if (Done)
        Done = write(*File, P);
    if (Done)
      Done = File->write(Bits);
    return Done ? File->commit() : Done;
  }

private:
  struct Part {
    const checkpoint::Tensor *T;
    bool Coded;
  };

  void place(const std::string &Name, const std::vector<int64_t> &Shape,
             int64_t ElementBytes) {
    int64_t Begin = End;
    int64_t Count = 1;
    for (int64_t Size : Shape)
      Count *= Size;
    End += Count * ElementBytes;
    Header[Name] = {{"dtype", ElementBytes == 1 ? "BOOL" : "F32"},
                    {"shape", Shape},
                    {"data_offsets", {Begin, End}}};
  }
  Status write(AtomicFile &File, const Part &P) const {
    Result<std::vector<float>> W = From.readFloats(*P.T);
    if (!W)
      return W.errors();
    if (auto Bad =
            std::ranges::find_if(*W, [](float V) { return !std::isfinite(V); });
        Bad != W->end())
      return Error{From.path(), "checkpoint-not-finite",
                   fmt::format("element {} of tensor '{}' is NaN or infinite; "
                               "it has no code",
                               Bad - W->begin(), P.T->Name)};
    std::vector<float> Scales, Zeros;
    if (P.Coded) {
      auto Sources = static_cast<size_t>(P.T->Shape[1]);
      for (size_t Row = 0; Row < W->size(); Row += Sources) {
        RowCodes Of =
            quantizeRow(std::span(*W).subspan(Row, Sources), Config.WeightBits);
        Scales.push_back(Of.Scale);
        Zeros.push_back(Of.Zero);
      }
    }
    for (const auto *Values : {&*W, &Scales, &Zeros})
      if (Status S = File.write(asBytes(std::span<const float>(*Values))); !S)
        return S;
    return {};
  }

  const Checkpoint &From;
  const SpikeLlmConfig &Config;
  nlohmann::ordered_json Header;
  int64_t End = 0;
  std::vector<Part> Parts;
  std::vector<uint8_t> Bits;
};
} // namespace

Status models::writeQuantized(const Checkpoint &From, const NetworkShape &Shape,
                              const SpikeLlmConfig &Config,
                              const ChannelMasks &Masks,
                              const std::string &Path) {
  QuantizedFile File(From, Config);
  File.copy("model.embed_tokens.weight");
  for (int64_t L = 0; L < Shape.Layers; ++L) {
    std::string Layer = layerName(L);
    for (const char *Norm : {"input_layernorm", "post_attention_layernorm"})
      for (const char *Of : {".weight", ".bias"})
        File.copy(Layer + Norm + Of);
    for (const Projection &P : projections(Shape, Config)) {
      if (From.find(Layer + P.Name + ".weight_quantizer.scales"))
        return Error{From.path(), "spikellm-quantised",
                     fmt::format("'{}{}' has scales of integer codes, so the "
                                 "weights are quantised already; give the "
                                 "dense checkpoint",
                                 Layer, P.Name)};
      File.code(Layer + P.Name);
      File.copy(Layer + P.Name + ".bias");
    }
  }
  File.copy("model.norm.weight");
  File.copy("lm_head.weight");
  int64_t HeadSize = Shape.Width / Config.Heads;
  for (const auto &[Name, Low] : Masks)
    File.mask(
        Name,
        Name.ends_with("qkt_matmul")
            ? std::vector<int64_t>{1, Config.Heads, HeadSize, 1}
        : Name.ends_with("pv_matmul")
            ? std::vector<int64_t>{1, Config.Heads, 1, HeadSize}
            : std::vector<int64_t>{1, 1, static_cast<int64_t>(Low.size())},
        Low);
  return File.write(Path);
}

/// The shortest decimal that is read back as \p Value.
static double decimal(float Value) {
  return std::stod(fmt::format("{}", Value));
}

std::string models::quantizedConfig(const NetworkShape &Shape,
                                    const SpikeLlmConfig &C) {
  nlohmann::ordered_json Out = {
      {"hidden_size", Shape.Width},
      {"intermediate_size", Shape.Hidden},
      {"num_hidden_layers", Shape.Layers},
      {"num_attention_heads", C.Heads},
      {"num_key_value_heads", C.KvHeads},
      {"vocab_size", Shape.Vocabulary},
      {"max_position_embeddings", C.Positions},
      {"rms_norm_eps", decimal(C.Epsilon)},
      {"rope_theta", decimal(C.RopeBase)},
      {"tie_word_embeddings", C.TiedHead},
      {"hidden_act", "silu"},
      {"wbits", C.WeightBits},
      {"abits", C.Bits},
      {"addbit", C.AddBits},
      {"low_p", C.LowShare},
  };
  return Out.dump(1) + "\n";
}
