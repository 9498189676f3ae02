//===- SpikeLmShape.cpp - What a SpikeLM checkpoint holds -----------------===//
//
// Source of names and shapes: docs/models.md, section SpikeLM.
//
//===----------------------------------------------------------------------===//

#include "models/spikelm/SpikeLm.h"

#include "models/network/ConfigFile.h"

#include <fmt/format.h>

using namespace synfire;
using namespace synfire::models;
using checkpoint::Checkpoint;
using checkpoint::Tensor;

namespace {
constexpr char NotRecognised[] = "spikelm-not-recognised";
constexpr char FirstLayer[] = "bert.encoder.layer.0.";
/// More inner steps than this no network has (network-3).
constexpr int64_t MostSteps = 64;

std::vector<ExpectedTensor> expectedTensors(const Checkpoint &From,
                                            const SpikeLmShape &S) {
  int64_t D = S.Sizes.Width, F = S.Sizes.Hidden, V = S.Sizes.Vocabulary;
  std::vector<ExpectedTensor> All;
  auto Linear = [&](const std::string &Name, int64_t Out, int64_t In) {
    All.push_back({Name + ".weight", {Out, In}});
    All.push_back({Name + ".bias", {Out}});
  };
  auto Norm = [&](const std::string &Name) {
    All.push_back({Name + ".weight", {D}});
    All.push_back({Name + ".bias", {D}});
  };
  // A missing amplitude has an error of its own, which says what it means.
  auto Optional = [&](const std::string &Name, std::vector<int64_t> Shape) {
    if (From.find(Name))
      All.push_back({Name, std::move(Shape)});
  };
  auto Amplitude = [&](const std::string &Name) {
    for (int64_t T = 0; T < S.Steps; ++T)
      Optional(fmt::format("{}.{}", Name, T), {});
  };
  auto Spiking = [&](const std::string &Name, int64_t Out, int64_t In) {
    Linear(Name, Out, In);
    Optional(Name + ".weight_clip_val", {1}); // the public code stores it only
    Amplitude(Name + ".act_clip_val");
  };
  const std::string E = "bert.embeddings.";
  All.push_back({E + "word_embeddings.weight", {V, D}});
  All.push_back({E + "position_embeddings.weight", {S.Positions, D}});
  All.push_back({E + "token_type_embeddings.weight", {S.Types, D}});
  Norm(E + "LayerNorm");
  for (int64_t L = 0; L < S.Sizes.Layers; ++L) {
    std::string P = fmt::format("bert.encoder.layer.{}.", L);
    for (const char *Name : {"query", "key", "value"})
      Spiking(P + "attention.self." + Name, D, D);
    Amplitude(P + "attention.self.clip_key");
    Amplitude(P + "attention.self.clip_value");
    Spiking(P + "attention.output.dense", D, D);
    Norm(P + "attention.output.LayerNorm");
    Spiking(P + "intermediate.dense", F, D);
    Spiking(P + "output.dense", D, F);
    Norm(P + "output.LayerNorm");
  }
  if (S.Pooler)
    Linear("bert.pooler.dense", D, D);
  if (S.LanguageModel) {
    Linear("cls.predictions.transform.dense", D, D);
    Norm("cls.predictions.transform.LayerNorm");
    All.push_back({"cls.predictions.decoder.weight", {V, D}});
    All.push_back({"cls.predictions.bias", {V}});
    Optional("cls.predictions.decoder.bias", {V});
  }
  if (S.NextSentence)
    Linear("cls.seq_relationship", 2, D);
  if (S.Labels > 0)
    Linear("classifier", S.Labels, D);
  return All;
}

/// The public code ties these pairs: two different contents would be two
/// different networks.
Errors checkTied(const Checkpoint &From) {
  Errors Found;
  for (auto [First, Second] :
       {std::pair("bert.embeddings.word_embeddings.weight",
                  "cls.predictions.decoder.weight"),
        std::pair("cls.predictions.bias", "cls.predictions.decoder.bias")}) {
    const Tensor *A = From.find(First), *B = From.find(Second);
    if (!A || !B || A->FileOffset == B->FileOffset)
      continue;
    auto X = From.readFloats(*A), Y = From.readFloats(*B);
    if (X && Y && *X != *Y)
      Found.push_back({From.path(), "spikelm-tied",
                       fmt::format("'{}' and '{}' are one tensor in the public "
                                   "code, here they differ",
                                   First, Second)});
  }
  return Found;
}

/// What the file beside the checkpoint says, checked against the tensors.
Errors readConfig(const Checkpoint &From, SpikeLmShape &S) {
  auto File = ConfigFile::of(
      From, "the number of heads and the activation of the head are");
  if (!File)
    return File.errors();
  int64_t D = S.Sizes.Width, Vocabulary = S.Sizes.Vocabulary, Width = D,
          Steps = S.Steps, Layers = S.Sizes.Layers, Hidden = S.Sizes.Hidden,
          Positions = S.Positions;
  S.ConfigPath = File->path();
  File->integer("num_attention_heads", S.Heads, 1, 65536, /*Needed=*/true);
  File->real("layer_norm_eps", S.EmbeddingEpsilon, 0.0, 1.0);
  std::string Activation = "gelu";
  File->text("hidden_act", Activation);
  S.ReluHead = Activation == "relu";
  if (Activation != "relu" && Activation != "gelu")
    File->fail("hidden_act", Activation, "only relu and gelu are imported");
  File->only("input_bits", 2);
  File->only("weight_bits", 32);
  File->only("position_embedding_type", "absolute");
  File->only("is_decoder", false);
  File->only("add_cross_attention", false);
  struct Size {
    const char *Key;
    int64_t &Said;
    int64_t Stored;
  };
  for (Size Each : {Size{"vocab_size", Vocabulary, Vocabulary},
                    Size{"hidden_size", Width, D},
                    Size{"num_hidden_layers", Layers, Layers},
                    Size{"intermediate_size", Hidden, Hidden},
                    Size{"max_position_embeddings", Positions, Positions}}) {
    File->integer(Each.Key, Each.Said, 1, int64_t(1) << 40);
    if (Each.Said != Each.Stored)
      File->fail(
          Each.Key, Each.Said,
          fmt::format("the tensors of '{}' say {}", From.path(), Each.Stored));
  }
  // More steps than are stored is a known use: amplitudes are then missing.
  File->integer("T", Steps, 1, MostSteps);
  S.Steps = Steps;
  if (S.Heads > 0 && D % S.Heads != 0)
    File->fail("num_attention_heads", S.Heads,
               fmt::format("must divide the width {}", D));
  return File->found();
}
} // namespace

bool synfire::models::looksLikeSpikeLm(const Checkpoint &From) {
  return From.find("bert.embeddings.word_embeddings.weight") &&
         From.find(std::string(FirstLayer) +
                   "attention.self.query.act_clip_val.0");
}

Result<SpikeLmShape>
synfire::models::inferSpikeLmShape(const Checkpoint &From) {
  auto Matrix = [&](const std::string &Name) {
    const Tensor *T = From.find(Name);
    return T && T->Shape.size() == 2 ? T : nullptr;
  };
  const std::string E = "bert.embeddings.";
  const Tensor *Words = Matrix(E + "word_embeddings.weight");
  const Tensor *Places = Matrix(E + "position_embeddings.weight");
  const Tensor *Types = Matrix(E + "token_type_embeddings.weight");
  const Tensor *Up =
      Matrix(std::string(FirstLayer) + "intermediate.dense.weight");
  if (!looksLikeSpikeLm(From) || !Words || !Places || !Types || !Up)
    return Error{
        From.path(), NotRecognised,
        fmt::format("this does not look like a SpikeLM encoder: it needs the "
                    "matrices {0}word_embeddings.weight, "
                    "{0}position_embeddings.weight, "
                    "{0}token_type_embeddings.weight, "
                    "{1}intermediate.dense.weight and the scalar "
                    "{1}attention.self.query.act_clip_val.0 (is it wrapped in "
                    "another dictionary? name it with --prefix)",
                    E, FirstLayer)};
  SpikeLmShape S;
  S.Sizes.Vocabulary = Words->Shape[0];
  S.Sizes.Width = Words->Shape[1];
  S.Sizes.Hidden = Up->Shape[0];
  S.Positions = Places->Shape[0];
  S.Types = Types->Shape[0];
  while (S.Steps < MostSteps &&
         From.find(fmt::format("{}attention.self.query.act_clip_val.{}",
                               FirstLayer, S.Steps)))
    ++S.Steps;
  auto Blocks = countBlocks(From, "bert.encoder.layer.", NotRecognised);
  if (!Blocks)
    return Blocks.errors();
  S.Sizes.Layers = *Blocks;
  S.Pooler = From.find("bert.pooler.dense.weight");
  S.LanguageModel = From.find("cls.predictions.decoder.weight");
  S.NextSentence = From.find("cls.seq_relationship.weight");
  if (const Tensor *Labels = Matrix("classifier.weight"))
    S.Labels = Labels->Shape[0];
  Errors Found = readConfig(From, S);
  Errors Tensors = checkTensors(From, expectedTensors(From, S), "SpikeLM",
                                S.Sizes, {E + "position_ids"});
  Found.insert(Found.end(), Tensors.begin(), Tensors.end());
  if (Found.empty())
    Found = checkTied(From);
  if (!Found.empty())
    return Found;
  return S;
}
