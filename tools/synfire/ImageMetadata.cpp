//===- ImageMetadata.cpp - Provenance of an image -------------------------===//

#include "tools/synfire/ImageMetadata.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

using namespace synfire;
using namespace synfire::tools;
using Json = nlohmann::ordered_json;

namespace {
/// 64-bit hashes are hexadecimal text: a JSON number would lose bits in most
/// readers.
std::string hex(uint64_t Value) { return fmt::format("{:016x}", Value); }
uint64_t unhex(const std::string &Text) {
  size_t Used = 0;
  uint64_t Value = std::stoull(Text, &Used, 16);
  if (Used != Text.size())
    throw std::invalid_argument("not a hexadecimal number");
  return Value;
}
Json optional(const std::optional<double> &Value) {
  return Value ? Json(*Value) : Json(nullptr);
}
std::optional<double> optional(const Json &Value) {
  return Value.is_null() ? std::nullopt : std::optional(Value.get<double>());
}
} // namespace

std::string ImageMetadata::toJson() const {
  Json J;
  J["tool"] = Tool;
  J["model"] = {{"architecture", Architecture},
                {"file", ModelFile},
                {"xxh3", hex(ModelHash)},
                {"parameters", Parameters},
                {"layers", Layers},
                {"width", Width},
                {"hidden", Hidden},
                {"vocabulary", Vocabulary},
                {"context", Context}};
  J["codes"] = nullptr;
  if (Codes)
    J["codes"] = {{"weight_bits", Codes->Weight},
                  {"bits", Codes->Activation},
                  {"salient_bits", Codes->Salient},
                  {"low_share", Codes->LowShare}};
  J["reading"] = Reading;
  J["input_shapes"] = InputShapes;
  if (!Splits.empty())
    J["channel_parts"] = Splits;
  J["dt"] = Dt;
  J["target"] = {{"name", TargetName}, {"xxh3", hex(TargetHash)}};
  J["mapping"] = {{"placement", Placement}, {"seed", Seed}};
  J["quantization"] = {{"activation_bits", ActivationBits},
                       {"weight_bits", WeightBits},
                       {"calibration_text", CalibrationText},
                       {"calibration_tokens", CalibrationTokens}};
  J["quality"] = {{"float_bits_per_token", optional(FloatBits)},
                  {"binary32_bits_per_token", optional(Binary32Bits)},
                  {"quantized_bits_per_token", optional(QuantizedBits)},
                  {"masked", Masked},
                  {"float_accuracy", optional(FloatAccuracy)},
                  {"quantized_accuracy", optional(QuantizedAccuracy)},
                  {"argmax_agreement", optional(ArgmaxAgreement)},
                  {"text", EvaluationText},
                  {"tokens", EvaluationTokens}};
  J["symbols"] = Symbols;
  return J.dump(1, ' ', /*ensure_ascii=*/true);
}

Result<ImageMetadata> ImageMetadata::fromJson(std::string_view Text,
                                              const std::string &Where) {
  // nlohmann reports by exceptions; none leaves this function.
  try {
    Json J = Json::parse(Text);
    ImageMetadata M;
    M.Tool = J.at("tool");
    const Json &Model = J.at("model");
    M.Architecture = Model.at("architecture");
    M.ModelFile = Model.at("file");
    M.ModelHash = unhex(Model.at("xxh3"));
    M.Parameters = Model.at("parameters");
    M.Layers = Model.at("layers");
    M.Width = Model.at("width");
    M.Hidden = Model.at("hidden");
    M.Vocabulary = Model.at("vocabulary");
    M.Context = Model.at("context");
    if (const Json &Codes = J.at("codes"); !Codes.is_null())
      M.Codes = {Codes.at("weight_bits"), Codes.at("bits"),
                 Codes.at("salient_bits"), Codes.at("low_share")};
    M.Reading = J.at("reading");
    M.InputShapes =
        J.at("input_shapes").get<std::map<std::string, std::vector<int64_t>>>();
    M.Splits = J.value("channel_parts", ChannelParts());
    for (const auto &[Name, Split] : M.Splits)
      if (Split.first < 1 || Split.second < 1)
        throw std::invalid_argument("parts without channels");
    M.Dt = J.at("dt");
    const Json &Target = J.at("target");
    M.TargetName = Target.at("name");
    M.TargetHash = unhex(Target.at("xxh3"));
    const Json &Mapping = J.at("mapping");
    M.Placement = Mapping.at("placement");
    M.Seed = Mapping.at("seed");
    const Json &Quantization = J.at("quantization");
    M.ActivationBits = Quantization.at("activation_bits");
    M.WeightBits = Quantization.at("weight_bits");
    M.CalibrationText = Quantization.at("calibration_text");
    M.CalibrationTokens = Quantization.at("calibration_tokens");
    const Json &Quality = J.at("quality");
    M.FloatBits = optional(Quality.at("float_bits_per_token"));
    M.Binary32Bits = optional(Quality.at("binary32_bits_per_token"));
    M.QuantizedBits = optional(Quality.at("quantized_bits_per_token"));
    M.Masked = Quality.at("masked");
    M.FloatAccuracy = optional(Quality.at("float_accuracy"));
    M.QuantizedAccuracy = optional(Quality.at("quantized_accuracy"));
    M.ArgmaxAgreement = optional(Quality.at("argmax_agreement"));
    M.EvaluationText = Quality.at("text");
    M.EvaluationTokens = Quality.at("tokens");
    M.Symbols = J.at("symbols").get<std::vector<std::string>>();
    return M;
  } catch (const std::exception &E) {
    return Error{Where, "image-metadata",
                 fmt::format("the metadata section cannot be read: {}; compile "
                             "the image again",
                             E.what())};
  }
}
