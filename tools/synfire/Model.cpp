//===- Model.cpp - The MODEL of a command ---------------------------------===//

#include "tools/synfire/Model.h"

#include "tools/synfire/Architectures.h"
#include "tools/synfire/Diagnostics.h"
#include "tools/synfire/GraphFiles.h"

#include "dialects/chip/Chip.h"
#include "targets/arrays/MappedFile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"

#include <filesystem>
#include <fmt/format.h>
#include <xxhash.h>

using namespace synfire;
using namespace synfire::tools;

/// Steps between resets, and their offset.
static constexpr int64_t MostSteps = int64_t(1) << 30;

static bool isIrFile(const std::string &Path) {
  return Path.ends_with(".mlir") || Path.ends_with(".mlirbc");
}

void ModelOptions::addTo(CLI::App &Command) {
  Command
      .add_option("model", Path,
                  "checkpoint (.pth, .safetensors), Lava-DL network (.net), "
                  "NIR graph (.nir), SANA-FE network (.yaml) or spike IR "
                  "(.mlir)")
      ->required();
  Command.add_option("--arch", Architecture,
                     "of checkpoints: spikegpt, matmulfree, spikelm or "
                     "spikellm; by default what the card says or the tensors "
                     "look like");
  Command.add_option("--form", Form,
                     "of checkpoints: training (default) or public-run");
  Command.add_option("--prefix", Prefix,
                     "of checkpoints: prefix of the network's tensors");
  Command
      .add_option("--membrane", Membrane,
                  "of spikelm: published (default), as the public code "
                  "computes, or textbook, a leak with a reset")
      ->check(CLI::IsMember({"published", "textbook"}));
  Command
      .add_option("--head", Head,
                  "of spikelm: what to read of the encoder; by default what "
                  "the tensors have")
      ->check(CLI::IsMember({"none", "mlm", "next-sentence", "classifier"}));
  Command
      .add_option("--coding", Coding,
                  "of spikellm: how codes travel; planes (default), unary, "
                  "unsigned or signed")
      ->check(CLI::IsMember({"planes", "unary", "unsigned", "signed"}));
  Command
      .add_option("--k-range", KeyRange,
                  "of spikellm: what the scale of a key's code spans; token "
                  "(default), which can generate, or window (the sequence, as "
                  "the public code evaluates)")
      ->check(CLI::IsMember({"window", "token"}));
  Command
      .add_option("--positions", Positions,
                  "of spikellm: longest sequence in tokens; by default what "
                  "the configuration says")
      ->check(CLI::PositiveNumber);
  Command.add_option("--calibrate", Calibrate,
                     "text or token ids (.npy) to calibrate on; by default "
                     "what the card says");
  Command.add_flag("--calibrate-alphas", CalibrateAlphas,
                   "of spikelm: compute amplitudes that are not set from the "
                   "calibration text, as the public code does at its first "
                   "batch");
  Command.add_option("--masks", Masks,
                     "of spikellm: which channels are salient; checkpoint "
                     "(default), compute (from the calibration text), or a "
                     "file with tensors mask_low_mse");
  Command.add_option("--bias", Bias,
                     "of .net: integers that the input layer holds as biases "
                     "(.npy: [channel, height, width])");
  auto *Every =
      Command
          .add_option("--reset-every", ResetEvery,
                      "of .net: token steps after which a layer begins anew")
          ->check(CLI::Range(int64_t(1), MostSteps));
  Command
      .add_option("--reset-offset", ResetOffset,
                  "of .net: layer i begins anew before step t when t mod EVERY "
                  "is (OFFSET + i) mod EVERY")
      ->needs(Every)
      ->check(CLI::Range(-MostSteps, MostSteps));
  Command.add_flag("--ignore-mapping", IgnoreMapping,
                   "of .yaml: lay it out anew");
  Command.add_flag("--block-columns", BlockColumns,
                   "of .net: give cores whole blocks of columns, as Intel's "
                   "tools do");
  Command.add_flag("--output-spikes", OutputSpikes,
                   "of .net: the output is the spikes of the last layer, not "
                   "its u and v, which only graded events carry");
  Command
      .add_option("--preset", NirPreset,
                  "of .nir: whose reading of what the file leaves open; "
                  "default, norse, snntorch, sinabs, rockpool, lava or spyx")
      ->check(CLI::IsMember({"default", "norse", "snntorch", "sinabs",
                             "rockpool", "lava", "spyx"}));
  Command.add_option("--dt", NirDt,
                     "of .nir: one step, in the unit of the file's time "
                     "constants (default 1e-4)");
  Command
      .add_option("--reset", NirReset,
                  "of .nir: what a spike does to the membrane, if not what the "
                  "preset says")
      ->check(CLI::IsMember({"v_reset", "zero", "subtract"}));
  Command
      .add_option("--if-convention", NirIf,
                  "of .nir: r of an IF is per step (unit), per time (dt), or "
                  "by its value (auto, the default)")
      ->check(CLI::IsMember({"auto", "unit", "dt"}));
  Command
      .add_option("--input-bits", InputBits,
                  "of .nir: the input is signed payloads of so many bits; 1 "
                  "(default): spikes")
      ->check(CLI::Range(1, 32));
  Command
      .add_option("--input-scale", InputScale,
                  "of .nir: what a payload of 1 is worth (default 1)")
      ->check(CLI::Number);
  Command.add_flag("--record-membrane", RecordMembrane,
                   "of .nir: the output is the membrane of the last neurons, "
                   "not their spikes");
  Command.add_option("--beside", Beside,
                     "of .nir: checkpoint (.pt, .pth, .safetensors) that it "
                     "was exported from: every weight and bias must equal a "
                     "tensor of it to the bit");
  Command.add_flag("--dense", Dense,
                   "of spikellm: the network without its codes, to compare");
  // Whose an option is stands at the beginning of its description.
  for (const CLI::Option *O : Command.get_options()) {
    const std::string &Text = O->get_description();
    if (!Text.starts_with("of ") || Text.find(':') == std::string::npos)
      continue;
    const std::string Owner = Text.substr(3, Text.find(':') - 3);
    Owned.emplace_back(Owner.starts_with('.') ? Owner : "checkpoints", O);
  }
}

Status ModelOptions::check() const {
  const bool IsFile = isIrFile(Path) || isGraphFile(Path);
  const std::string Ending =
      !IsFile            ? "checkpoints"
      : isSanaFile(Path) ? ".yaml"
                         : std::filesystem::path(Path).extension().string();
  Errors Found;
  for (const auto &[Owner, O] : Owned)
    if (O->count() > 0 && Owner != Ending)
      Found.push_back({O->get_name(), "model-option",
                       fmt::format("it is an option of {}, and {} is none; "
                                   "leave it out",
                                   Owner, Path)});
  return Found;
}

spike::NetworkOp Model::network() {
  return *Module->getOps<spike::NetworkOp>().begin();
}

std::vector<EventPort> Model::eventPorts() {
  std::vector<EventPort> Out;
  for (spike::InputOp In : network().getOps<spike::InputOp>()) {
    if (In.getRole() != spike::InputRole::Events)
      continue;
    EventPort &P = Out.emplace_back();
    P.Name = In.getName().str();
    P.Neurons = In.getTokens().getType().getSize();
    P.Dt = Dt;
    if (auto Shape = In.getShape())
      P.Shape = {Shape->begin(), Shape->end()};
  }
  return Out;
}

bool Model::takesEvents() {
  return !eventPorts().empty() || network().getOps<spike::InputOp>().empty();
}

std::unique_ptr<mlir::MLIRContext> synfire::tools::makeContext() {
  auto Context = std::make_unique<mlir::MLIRContext>(
      mlir::MLIRContext::Threading::DISABLED);
  Context->loadDialect<spike::SpikeDialect, chip::ChipDialect,
                       mlir::arith::ArithDialect, mlir::math::MathDialect>();
  return Context;
}

/// Imports a checkpoint into M.
static Status importCheckpoint(Model &M, const ModelOptions &Options) {
  auto File = checkpoint::Checkpoint::open(M.Path, Options.Prefix);
  if (!File)
    return File.errors();
  for (const checkpoint::Tensor &T : File->tensors())
    M.Parameters += T.numElements();
  return importBy(M, Options, *File);
}

/// Parses spike IR into M.
static Status parseIr(Model &M) {
  DiagnosticCollector Found(*M.Context, "ir-syntax");
  M.Module = mlir::parseSourceFile<mlir::ModuleOp>(M.Path, M.Context.get());
  if (!M.Module)
    return Found.take(M.Path, "this is not spike IR");
  auto Networks = M.Module->getOps<spike::NetworkOp>();
  if (std::distance(Networks.begin(), Networks.end()) != 1)
    return Error{M.Path, "ir-network",
                 fmt::format("the file holds {} networks (spike.network), one "
                             "is needed",
                             std::distance(Networks.begin(), Networks.end()))};
  M.network().walk([&](spike::WeightOp W) {
    M.Parameters += llvm::cast<mlir::ShapedType>(W.getType()).getNumElements();
  });
  return {};
}

Result<Model> synfire::tools::openModel(const ModelOptions &Options) {
  if (Status S = Options.check(); !S)
    return S.errors();
  Model M;
  M.Context = makeContext();
  M.Path = Options.Path;
  std::filesystem::path Path(Options.Path);
  M.Folder = Path.has_parent_path() ? Path.parent_path().string() : ".";

  auto Bytes = MappedFile::open(Options.Path);
  if (!Bytes)
    return Bytes.errors();
  M.Hash = XXH3_64bits(Bytes->bytes().data(), Bytes->bytes().size());
  // A network of SANA-FE has the name that a card beside it would have.
  auto Card = isSanaFile(Options.Path)
                  ? checkpoint::ModelCard()
                  : checkpoint::ModelCard::besides(Options.Path);
  if (!Card)
    return Card.errors();
  M.Card = *Card;
  auto FirstOf = [](const std::string &A, const std::string &B,
                    const char *Default) {
    return !A.empty() ? A : !B.empty() ? B : Default;
  };
  const bool IsIr = isIrFile(Options.Path);
  M.Architecture = IsIr
                       ? "spike-ir"
                       : FirstOf(Options.Architecture, M.Card.Architecture, "");
  M.Form = FirstOf(Options.Form, M.Card.Form, "training");
  // An importer may have to read a text.
  if (!M.Card.Vocabulary.empty()) {
    auto Vocabulary = checkpoint::Vocabulary::open(M.Card.Vocabulary);
    if (!Vocabulary)
      return Vocabulary.errors();
    M.Vocabulary = std::move(*Vocabulary);
  }
  const bool IsGraph = isGraphFile(Options.Path);
  if (Status S = IsIr      ? parseIr(M)
                 : IsGraph ? importGraphFile(M, Options)
                           : importCheckpoint(M, Options);
      !S)
    return S.errors();

  if (M.Vocabulary) {
    auto Inputs = M.network().getOps<spike::InputOp>();
    for (spike::InputOp Input : Inputs)
      if (int64_t Size = Input.getTokens().getType().getSize();
          Input.getRole() == spike::InputRole::Token &&
          Size != static_cast<int64_t>(M.Vocabulary->size()))
        return Error{M.Card.Vocabulary, "vocabulary-size",
                     fmt::format("the vocabulary has {} symbols, the network "
                                 "takes {} tokens",
                                 M.Vocabulary->size(), Size)};
  }
  return M;
}

void synfire::tools::printNotes(const Model &M) {
  for (const std::string &Note : M.Notes)
    fmt::print("{}\n", Note);
}

Result<Model>
synfire::tools::importDeclared(const checkpoint::Checkpoint &Declared,
                               const std::string &Architecture,
                               const ModelOptions &Options) {
  Model M;
  M.Context = makeContext();
  M.Path = Declared.path();
  M.Architecture = Architecture;
  M.Form = "training";
  for (const checkpoint::Tensor &T : Declared.tensors())
    M.Parameters += static_cast<uint64_t>(T.numElements());
  if (Status S = importBy(M, Options, Declared); !S)
    return S.errors();
  return M;
}

std::vector<std::string> synfire::tools::symbolsOf(const Model &M) {
  std::vector<std::string> Symbols;
  for (int64_t Id = 0;
       M.Vocabulary && Id < static_cast<int64_t>(M.Vocabulary->size()); ++Id)
    Symbols.push_back(*M.Vocabulary->decode(std::span(&Id, 1)));
  return Symbols;
}
