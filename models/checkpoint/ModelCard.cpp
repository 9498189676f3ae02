//===- models/checkpoint/ModelCard.cpp - What shapes do not tell ----------===//

#include "models/checkpoint/ModelCard.h"
#include "targets/arrays/MappedFile.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <charconv>
#include <filesystem>
#include <set>

namespace synfire::checkpoint {

namespace {

/// A card is a handful of lines; yaml-cpp recurses on nesting, so what it is
/// given is bounded.
constexpr size_t MaxCardBytes = 16384;

class CardReader {
public:
  CardReader(const std::string &Path) : Path(Path) { Card.Path = Path; }

  Result<ModelCard> read(const YAML::Node &Root) {
    if (!Root.IsMap())
      return Error{Path, "card-syntax",
                   "a model card is a list of `key: value` lines"};
    std::set<std::string> Seen;
    for (const auto &Entry : Root) {
      if (!Entry.first.IsScalar() || !Entry.second.IsScalar()) {
        fail(Entry.first, "card-value", "every line is `key: value`");
        continue;
      }
      std::string Key = Entry.first.Scalar();
      if (!Seen.insert(Key).second)
        fail(Entry.first, "card-key", fmt::format("key `{}` twice", Key));
      else
        set(Key, Entry.first, Entry.second);
    }
    if (Card.Architecture.empty() && Found.empty())
      Found.push_back({Path, "card-key",
                       "key `architecture` is missing; say `architecture: "
                       "spikegpt`"});
    if (!Found.empty())
      return Found;
    return Card;
  }

private:
  void fail(const YAML::Node &At, const char *Rule, const std::string &Text) {
    Found.push_back({fmt::format("{}:{}:{}", Path, At.Mark().line + 1,
                                 At.Mark().column + 1),
                     Rule, Text});
  }

  void set(const std::string &Key, const YAML::Node &KeyNode,
           const YAML::Node &Value) {
    const std::string &Text = Value.Scalar();
    if (Key == "architecture") {
      Card.Architecture = Text;
      if (Text != "spikegpt" && Text != "matmulfree" && Text != "spikelm" &&
          Text != "spikellm")
        fail(Value, "card-value",
             fmt::format("architecture '{}' is not known; there are: spikegpt, "
                         "matmulfree, spikelm, spikellm",
                         Text));
    } else if (Key == "form") {
      Card.Form = Text;
      if (Text != "training" && Text != "public-run")
        fail(Value, "card-value",
             fmt::format("form '{}' is neither training nor public-run", Text));
    } else if (Key == "vocabulary") {
      Card.Vocabulary = path(Value);
    } else if (Key == "calibrate") {
      Card.Calibrate = path(Value);
    } else if (Key == "evaluate") {
      Card.Evaluate = path(Value);
    } else if (Key == "evaluate_labels") {
      Card.EvaluateLabels = path(Value);
    } else if (Key == "evaluate_mask") {
      Card.EvaluateMask = path(Value);
    } else if (Key == "evaluate_window") {
      int64_t Window = 0;
      auto [End, Code] =
          std::from_chars(Text.data(), Text.data() + Text.size(), Window);
      if (Code != std::errc() || End != Text.data() + Text.size() || Window < 1)
        fail(Value, "card-value",
             fmt::format("evaluate_window '{}' is not a number of tokens, 1 or "
                         "more",
                         Text));
      else
        Card.EvaluateWindow = Window;
    } else {
      fail(KeyNode, "card-key",
           fmt::format("key `{}` is not known; there are: architecture, form, "
                       "vocabulary, calibrate, evaluate, evaluate_window, "
                       "evaluate_labels, evaluate_mask",
                       Key));
    }
  }

  std::string path(const YAML::Node &Value) {
    if (Value.Scalar().empty())
      fail(Value, "card-value", "a file name is empty");
    return (std::filesystem::path(Path).parent_path() / Value.Scalar())
        .string();
  }

  const std::string &Path;
  ModelCard Card;
  Errors Found;
};

} // namespace

std::string ModelCard::pathFor(const std::string &CheckpointPath) {
  return std::filesystem::path(CheckpointPath)
      .replace_extension(".yaml")
      .string();
}

Result<ModelCard> ModelCard::besides(const std::string &CheckpointPath) {
  std::string Path = pathFor(CheckpointPath);
  std::error_code Code;
  if (!std::filesystem::exists(Path, Code))
    return ModelCard();
  Result<MappedFile> File = MappedFile::open(Path);
  if (!File)
    return File.errors();
  std::span<const uint8_t> Bytes = File->bytes();
  return parse({Bytes.begin(), Bytes.end()}, Path);
}

Result<ModelCard> ModelCard::parse(const std::string &Text,
                                   const std::string &Path) {
  if (Text.size() > MaxCardBytes)
    return Error{Path, "card-syntax",
                 fmt::format("{} bytes; a model card has at most {}",
                             Text.size(), MaxCardBytes)};
  try {
    return CardReader(Path).read(YAML::Load(Text));
  } catch (const YAML::Exception &E) {
    return Error{
        fmt::format("{}:{}:{}", Path, E.mark.line + 1, E.mark.column + 1),
        "card-syntax", E.msg};
  }
}

} // namespace synfire::checkpoint
