//===- Architectures.cpp - Importers by name ------------------------------===//

#include "tools/synfire/Architectures.h"

#include "models/matmulfree/MatMulFree.h"
#include "models/spikegpt/SpikeGpt.h"
#include "models/spikellm/SpikeLlm.h"
#include "models/spikelm/SpikeLm.h"
#include "tools/synfire/ModelCalibration.h"

#include <fmt/format.h>

using namespace synfire;
using namespace synfire::tools;
using checkpoint::Checkpoint;
using Module = Result<mlir::OwningOpRef<mlir::ModuleOp>>;

namespace {
/// What one importer needs to be chosen and run.
struct Architecture {
  const char *Name;
  bool (*LooksLikeIt)(const Checkpoint &);
  Result<models::NetworkShape> (*Shape)(const Checkpoint &);
  Module (*Import)(Model &, const ModelOptions &, const Checkpoint &);
};
} // namespace

static Result<models::NetworkShape> spikeLmSizes(const Checkpoint &File) {
  auto Shape = models::inferSpikeLmShape(File);
  if (!Shape)
    return Shape.errors();
  return Shape->Sizes;
}

static Module spikeLm(Model &M, const ModelOptions &Options,
                      const Checkpoint &File) {
  models::SpikeLmOptions O;
  if (Options.Membrane == "textbook")
    O.Membrane = models::SpikeLmMembrane::Textbook;
  using Head = models::SpikeLmHead;
  O.Head = Options.Head == "none"            ? Head::None
           : Options.Head == "mlm"           ? Head::LanguageModel
           : Options.Head == "next-sentence" ? Head::NextSentence
           : Options.Head == "classifier"    ? Head::Classifier
                                             : Head::FromTensors;
  if (!Options.CalibrateAlphas)
    return models::importSpikeLm(M.Context.get(), File, O);
  AmplitudeCalibration Calibration(M, Options.Calibrate);
  O.Calibrator = &Calibration;
  Module Imported = models::importSpikeLm(M.Context.get(), File, O);
  if (Imported)
    M.Notes.push_back(Calibration.note());
  return Imported;
}

static Result<models::SpikeLlmConfig> configOf(const Checkpoint &File) {
  using Config = models::SpikeLlmConfig;
  return File.config() ? Config::parse(*File.config(), File.path())
                       : Config::besides(File.path());
}

static Result<models::NetworkShape> llamaSizes(const Checkpoint &File) {
  auto Config = configOf(File);
  if (!Config)
    return Config.errors();
  return models::inferLlamaShape(File, *Config);
}

static Module spikeLlm(Model &M, const ModelOptions &Options,
                       const Checkpoint &File) {
  models::SpikeLlmOptions O;
  auto Config = configOf(File);
  if (!Config)
    return Config.errors();
  O.Config = *Config;
  if (Options.Positions)
    O.Config.Positions = Options.Positions;
  using Coding = models::GifCoding;
  O.Coding = Options.Coding == "unary"      ? Coding::Unary
             : Options.Coding == "unsigned" ? Coding::Unsigned
             : Options.Coding == "signed"   ? Coding::Signed
                                            : Coding::Planes;
  // Not the importer's default: a chip that is given tokens one at a time can
  // write text.
  O.Range = Options.KeyRange == "window" ? models::KeyRange::Window
                                         : models::KeyRange::Token;
  O.Dense = Options.Dense;
  if (!O.Dense && !Options.Masks.empty() && Options.Masks != "checkpoint") {
    auto Masks = chooseMasks(M, Options, File, O.Config);
    if (!Masks)
      return Masks.errors();
    O.LowMasks = std::move(*Masks);
  }
  return models::importSpikeLlm(M.Context.get(), File, O);
}

static Module matMulFree(Model &M, const ModelOptions &,
                         const Checkpoint &File) {
  return models::importMatMulFree(M.Context.get(), File);
}

static Module spikeGpt(Model &M, const ModelOptions &, const Checkpoint &File) {
  using Form = models::SpikeGptForm;
  return models::importSpikeGpt(M.Context.get(), File,
                                M.Form == "training" ? Form::Training
                                                     : Form::PublicRun);
}

/// The first one that a file looks like is taken; the last one says what is
/// missing when it looks like none.
static const Architecture Architectures[] = {
    {"spikelm", models::looksLikeSpikeLm, spikeLmSizes, spikeLm},
    {"spikellm", models::looksLikeLlama, llamaSizes, spikeLlm},
    {"matmulfree", models::looksLikeMatMulFree, models::inferMatMulFreeShape,
     matMulFree},
    {"spikegpt", [](const Checkpoint &) { return true; },
     models::inferSpikeGptShape, spikeGpt},
};

Status synfire::tools::importBy(Model &M, const ModelOptions &Options,
                                const Checkpoint &File) {
  const Architecture *Chosen = nullptr;
  std::string Names;
  for (const Architecture &A : Architectures) {
    Names += (Names.empty() ? "" : ", ") + std::string(A.Name);
    bool Fits =
        M.Architecture.empty() ? A.LooksLikeIt(File) : M.Architecture == A.Name;
    if (!Chosen && Fits)
      Chosen = &A;
  }
  if (!Chosen)
    return Error{M.Path, "model-architecture",
                 fmt::format("architecture '{}' is unknown; there are {}",
                             M.Architecture, Names)};
  M.Architecture = Chosen->Name;
  auto OnlyOf = [&](const std::string &Given, const char *Option,
                    const char *Name) -> Status {
    if (Given.empty() || M.Architecture == Name)
      return {};
    return Error{M.Path, "model-form",
                 fmt::format("{} is an option of {}, this is a {}", Option,
                             Name, M.Architecture)};
  };
  if (M.Form != "training" &&
      (M.Form != "public-run" || M.Architecture != "spikegpt"))
    return Error{M.Path, "model-form",
                 fmt::format("form '{}' is unknown; there is training, and "
                             "public-run of spikegpt",
                             M.Form)};
  const std::string Dense = Options.Dense ? "given" : "";
  const std::string Positions = Options.Positions ? "given" : "";
  const std::string Alphas = Options.CalibrateAlphas ? "given" : "";
  for (const Status &S : {OnlyOf(Options.Membrane, "--membrane", "spikelm"),
                          OnlyOf(Options.Head, "--head", "spikelm"),
                          OnlyOf(Alphas, "--calibrate-alphas", "spikelm"),
                          OnlyOf(Options.Coding, "--coding", "spikellm"),
                          OnlyOf(Options.KeyRange, "--k-range", "spikellm"),
                          OnlyOf(Positions, "--positions", "spikellm"),
                          OnlyOf(Options.Masks, "--masks", "spikellm"),
                          OnlyOf(Dense, "--dense", "spikellm")})
    if (!S)
      return S;
  auto Shape = Chosen->Shape(File);
  if (!Shape)
    return Shape.errors();
  M.Shape = *Shape;
  auto Imported = Chosen->Import(M, Options, File);
  if (!Imported)
    return Imported.errors();
  M.Module = std::move(*Imported);
  return {};
}
