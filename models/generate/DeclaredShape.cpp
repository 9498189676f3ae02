//===- DeclaredShape.cpp - Networks without weights -----------------------===//

#include "models/generate/DeclaredShape.h"

#include "models/generate/MatMulFreeWeights.h"
#include "models/generate/SafetensorsWriter.h"
#include "models/generate/SpikeGptWeights.h"
#include "models/network/ConfigFile.h"
#include "targets/arrays/MappedFile.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>

namespace synfire::models {

namespace {
constexpr const char *Known[] = {"spikegpt", "matmulfree", "spikelm",
                                 "spikellm"};
/// As the generators have it.
constexpr uint64_t Seed = 1;

/// Every published shape by its full name.
std::map<std::string, DeclaredShape> publishedShapes() {
  std::map<std::string, DeclaredShape> All;
  auto Add = [&](const std::string &Architecture, const std::string &Name,
                 const GeneratedShape &Sizes) -> DeclaredShape & {
    DeclaredShape &S = All[Architecture + "-" + Name];
    S.Name = Architecture + "-" + Name;
    S.Architecture = Architecture;
    S.Sizes = Sizes;
    return S;
  };
  for (const auto &[Name, Model] : publishedSpikeLlm())
    Add("spikellm", Name, Model.Shape).Llama = Model.Llama;
  for (const auto &[Name, Sizes] : publishedSpikeLm())
    Add("spikelm", Name, Sizes);
  for (const auto &[Name, Sizes] : publishedSpikeGpt())
    Add("spikegpt", Name, Sizes);
  for (const auto &[Name, Sizes] : publishedMatMulFree())
    Add("matmulfree", Name, Sizes);
  return All;
}

std::string namesOf(const std::map<std::string, DeclaredShape> &Shapes) {
  std::vector<std::string> Names;
  for (const auto &[Name, Ignored] : Shapes)
    Names.push_back(Name);
  return fmt::format("{}", fmt::join(Names, ", "));
}

/// The architecture that a configuration is of.
Result<std::string> architectureOf(ConfigFile &File, const std::string &Given) {
  std::string Type = Given;
  if (Type.empty())
    File.text("model_type", Type);
  if (Type == "llama")
    Type = "spikellm";
  if (Type == "bert")
    Type = "spikelm";
  if (std::find(std::begin(Known), std::end(Known), Type) != std::end(Known))
    return Type;
  return Error{File.path(), "shape-architecture",
               fmt::format("{}; give --arch {}",
                           Type.empty()
                               ? "no model_type says what network this is of"
                               : fmt::format("'{}' is not imported", Type),
                           fmt::join(Known, ", "))};
}

Result<DeclaredShape> parseShape(const std::string &Path,
                                 const ShapeChanges &Changes) {
  auto Mapped = MappedFile::open(Path);
  if (!Mapped)
    return Mapped.errors();
  auto Bytes = Mapped->bytes();
  auto File = ConfigFile::parse(
      {reinterpret_cast<const char *>(Bytes.data()), Bytes.size()}, Path);
  if (!File)
    return File.errors();
  auto Architecture = architectureOf(*File, Changes.Architecture);
  if (!Architecture)
    return Architecture.errors();
  DeclaredShape S;
  S.Name = Path;
  S.Architecture = *Architecture;
  // The ranges of the generators; two layers are the least of spikegpt.
  File->integer("num_hidden_layers", S.Sizes.Layers,
                S.Architecture == "spikegpt" ? 2 : 1, 999, /*Needed=*/true);
  File->integer("hidden_size", S.Sizes.Width, 2, 65536, /*Needed=*/true);
  File->integer("vocab_size", S.Sizes.Vocabulary, 1, 10'000'000,
                /*Needed=*/true);
  int64_t Heads = 0, KvHeads = 0;
  if (S.Architecture == "spikellm") {
    GeneratedLlama &L = S.Llama;
    int64_t WeightBits = L.WeightBits, Bits = L.Bits, AddBits = L.AddBits;
    File->integer("intermediate_size", L.Hidden, 1, 1 << 20, /*Needed=*/true);
    File->integer("num_attention_heads", L.Heads, 1, 1024, /*Needed=*/true);
    L.KvHeads = L.Heads;
    File->integer("num_key_value_heads", L.KvHeads, 1, 1024);
    File->integer("max_position_embeddings", L.Positions, 1, 1 << 20,
                  /*Needed=*/true);
    File->real("rms_norm_eps", L.Epsilon, 0.0, 1.0);
    File->integer("wbits", WeightBits, 2, 8);
    File->integer("abits", Bits, 1, 8);
    File->integer("addbit", AddBits, 0, 4);
    File->real("low_p", L.LowShare, 0.0, 1.0);
    L.WeightBits = static_cast<int>(WeightBits);
    L.Bits = static_cast<int>(Bits);
    L.AddBits = static_cast<int>(AddBits);
    Heads = L.Heads;
    KvHeads = L.KvHeads;
  } else if (S.Architecture == "spikelm") {
    GeneratedBert &B = S.Bert;
    File->integer("intermediate_size", B.Hidden, 1, 1 << 20);
    File->integer("num_attention_heads", B.Heads, 1, 1024);
    File->integer("max_position_embeddings", B.Positions, 1, 1 << 20);
    File->integer("T", B.Steps, 1, 64);
    File->integer("num_labels", B.Labels, 1, 1 << 20);
    completeBert(S.Sizes, B);
    Heads = KvHeads = B.Heads;
  } else if (S.Architecture == "matmulfree") {
    File->integer("intermediate_size", S.Hidden, 1, 65536);
  }
  if (File->found().empty() && Heads > 0) {
    if (S.Sizes.Width % Heads != 0 ||
        (S.Architecture == "spikellm" && S.Sizes.Width / Heads % 2 != 0))
      File->fail("num_attention_heads", Heads,
                 fmt::format("must divide hidden_size {} into parts of an even "
                             "length",
                             S.Sizes.Width));
    else if (Heads % KvHeads != 0)
      File->fail("num_key_value_heads", KvHeads,
                 fmt::format("must divide the {} heads", Heads));
  }
  if (!File->found().empty())
    return File->found();
  return S;
}
} // namespace

Result<DeclaredShape> readShape(const std::string &NameOrFile,
                                const ShapeChanges &Changes) {
  Result<DeclaredShape> S =
      Error{NameOrFile, "shape-unknown",
            fmt::format("no published shape has this name, and it is no .json "
                        "file; there are {}",
                        namesOf(publishedShapes()))};
  auto Published = publishedShapes();
  if (auto At = Published.find(NameOrFile); At != Published.end()) {
    S = At->second;
    completeBert(S->Sizes, S->Bert);
    if (!Changes.Architecture.empty() &&
        Changes.Architecture != S->Architecture)
      return Error{NameOrFile, "shape-architecture",
                   fmt::format("this is a {}, not a {}; leave --arch out",
                               S->Architecture, Changes.Architecture)};
  } else if (NameOrFile.ends_with(".json")) {
    S = parseShape(NameOrFile, Changes);
  }
  if (!S)
    return S;
  if (Changes.Positions != 0) {
    if (S->Architecture != "spikellm" && S->Architecture != "spikelm")
      return Error{NameOrFile, "shape-positions",
                   fmt::format("a {} keeps no positions; leave --positions out",
                               S->Architecture)};
    S->Llama.Positions = S->Bert.Positions = Changes.Positions;
  }
  if (Changes.WeightBits)
    S->Llama.WeightBits = *Changes.WeightBits;
  return S;
}

Result<checkpoint::Checkpoint> declareNetwork(const DeclaredShape &S) {
  auto Made = std::make_shared<std::vector<GeneratedTensor>>();
  std::optional<std::string> Config;
  if (S.Architecture == "spikellm") {
    *Made = spikeLlmTensors(S.Sizes, S.Llama);
    Config = spikeLlmConfig(S.Sizes, S.Llama);
  } else if (S.Architecture == "spikelm") {
    *Made = spikeLmTensors(S.Sizes, S.Bert);
    Config = spikeLmConfig(S.Sizes, S.Bert);
  } else if (S.Architecture == "matmulfree") {
    *Made = matMulFreeTensors(S.Sizes, S.Hidden);
  } else {
    *Made = spikeGptTensors(S.Sizes);
  }
  std::vector<checkpoint::Tensor> Tensors;
  for (const GeneratedTensor &T : *Made)
    Tensors.push_back({T.Name, storedType(T, DType::F16), T.Shape, {}, 0});
  auto Elements = [Made](size_t Index) {
    const GeneratedTensor &T = (*Made)[Index];
    return storedElements(T, Seed, Index, 0, T.numElements(), DType::F16);
  };
  return checkpoint::Checkpoint::declare(S.Name, std::move(Tensors), Elements,
                                         std::move(Config));
}

} // namespace synfire::models
