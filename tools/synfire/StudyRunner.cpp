//===- StudyRunner.cpp - One point after the other ------------------------===//

#include "tools/synfire/StudyRunner.h"

#include "tools/synfire/ChipRunner.h"
#include "tools/synfire/CompileSteps.h"
#include "tools/synfire/FixedPoint.h"
#include "tools/synfire/MadeOnce.h"
#include "tools/synfire/StudyInput.h"
#include "tools/synfire/Tokens.h"

#include "compiler/emit/EmitImage.h"
#include "compiler/transforms/TargetCheck.h"
#include "simulator/engine/Simulation.h"
#include "simulator/replay/Replay.h"
#include "simulator/report/Collect.h"
#include "simulator/report/Summary.h"
#include "targets/ChipYaml.h"
#include "targets/ImageFit.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <tbb/global_control.h>
#include <unistd.h>
#include <xxhash.h>

using namespace synfire;
using namespace synfire::tools;
namespace fs = std::filesystem;

namespace {

/// A quantised network, ready to be mapped.
struct PreparedNetwork {
  uint64_t Key = 0;
  Model From;
  std::unique_ptr<compiler::WeightFiles> Files;
  WindowedText Text;         ///< that it was calibrated on
  unsigned ExponentBits = 0; ///< of the weights of the chip it is for
};

struct OpenImage {
  uint64_t Key = 0;
  image::Image Image;
  uint64_t Partition = 0;
};

struct OpenTrace {
  std::string Path;
  sim::ActivityTrace Trace;
};

Status store(const std::string &Path, const std::string &Text) {
  std::ofstream File(Path, std::ios::binary);
  if (!(File << Text) || !File.flush())
    return Error{Path, "study-folder", "the file cannot be written"};
  return {};
}

} // namespace

/// What a process keeps from point to point: the last one of each kind, since
/// points come sorted.
class StudyRunner::Workshop {
public:
  Workshop(const StudyPlan &Plan, StudyFolder Folder, uint32_t Threads)
      : Plan(Plan), Folder(std::move(Folder)), Threads(Threads),
        Limit(tbb::global_control::max_allowed_parallelism, Threads) {}

  Result<study::PointResult> run(size_t Index, PointWork &Work) {
    auto C = study::configure(Plan.Study, Plan.Points[Index]);
    if (!C)
      return C.errors();
    if (Status S = openImage(Index, Work); !S)
      return S.errors();
    if (Status S = image::checkAgainst(Image->Image, C->Chip); !S)
      return S.errors();
    if (Status S = openTrace(Index, *C, Work); !S)
      return S.errors();
    auto Figures = replayOn(*C, Work);
    if (!Figures)
      return Figures;
    auto Quality = qualityOf(Index, *C);
    if (!Quality)
      return Quality.errors();
    Figures->QualityBits = *Quality;
    return Figures;
  }

  /// The folder of a point, under its name when it is whole.
  Status writePoint(size_t Index, const study::PointResult &R) {
    auto C = study::configure(Plan.Study, Plan.Points[Index]);
    if (!C)
      return C.errors();
    const uint64_t Key = Plan.Keys[Index].Point;
    const std::string Temporary =
        fmt::format("{}/point-{}", Folder.work(), getpid());
    std::error_code Code;
    fs::remove_all(Temporary, Code);
    fs::create_directory(Temporary, Code);
    if (Status S = store(Temporary + "/config.yaml", configText(Index, *C)); !S)
      return S;
    if (Status S = store(Temporary + "/summary.json",
                         report::summaryText(study::pointJson(R)));
        !S)
      return S;
    fs::rename(Temporary, Folder.point(Key), Code);
    if (Code && !fs::exists(Folder.point(Key) + "/summary.json"))
      return Error{Folder.point(Key), "study-folder",
                   "the folder cannot be made: " + Code.message()};
    return {};
  }

private:
  const StudyPlan &Plan;
  StudyFolder Folder;
  uint32_t Threads;
  tbb::global_control Limit;
  std::optional<PreparedNetwork> Network;
  std::optional<OpenImage> Image;
  std::optional<OpenTrace> Trace;
  std::optional<std::pair<std::string, std::optional<double>>> Quality;

  /// The chip file of a point, with its other choices as remarks: it can be
  /// given to `synfire compile --target`.
  std::string configText(size_t Index, const study::Configuration &C) const {
    const study::Study &S = Plan.Study;
    const study::Point &P = Plan.Points[Index];
    std::string Out =
        fmt::format("# Point {} of the study {}\n# model: {}\n# target: {}\n",
                    study::keyText(Plan.Keys[Index].Point), yaml::quote(S.Name),
                    yaml::quote(S.Models[P.Model].Name),
                    yaml::quote(S.Targets[P.Target].Name));
    for (const study::Setting *Set : P.Settings)
      Out += fmt::format("# set: {}\n", yaml::quote(Set->assignment()));
    const CompileChoices &Told = C.Compile;
    Out += fmt::format("# weight bits {}, activation bits {}, placement {}, "
                       "spread {}, seed {}, norms {}\n",
                       Told.WeightBits, Told.ActivationBits, Told.Placement,
                       Told.Spread ? std::to_string(*Told.Spread) : "no",
                       Told.Seed, Told.DeferNorms ? "deferred" : "in place");
    Out += fmt::format("# {} fidelity, at most {} tokens\n",
                       sim::fidelityName(S.Fidelity), S.Tokens);
    return Out + C.Chip.resolvedYaml();
  }

  const study::StudyModel &modelOf(size_t Index) const {
    return Plan.Study.Models[Plan.Points[Index].Model];
  }

  Result<Model> openModelOf(size_t Index, const study::Configuration &C) {
    Result<StudyOptions> Options = optionsOf(modelOf(Index));
    if (!Options)
      return Options.errors();
    Options->Model.MeshHeight = C.Chip.Noc.Height;
    return openForCompile(Options->Model);
  }

  /// Makes Network the one of point \p Index.
  Status prepare(size_t Index, const study::Configuration &C) {
    const CompileChoices &Choices = C.Compile;
    const uint64_t Key = Plan.Keys[Index].Network;
    const unsigned ExponentBits = C.Chip.Core.WeightExponentBits;
    if (Network && Network->Key == Key && Network->ExponentBits == ExponentBits)
      return {};
    Network.reset();
    Result<Model> M = openModelOf(Index, C);
    if (!M)
      return M.errors();
    PreparedNetwork Made{Key, std::move(*M), nullptr, {}, ExponentBits};
    Made.Files = std::make_unique<compiler::WeightFiles>(Made.From.Folder);
    if (Status S = simplify(Made.From, Choices); !S)
      return S;
    Result<StudyOptions> Options = optionsOf(modelOf(Index));
    if (!Options)
      return Options.errors();
    Result<WindowedText> Text =
        calibrationText(Made.From, Options->Model.Calibrate, Choices.Seed);
    if (!Text)
      return Text.errors();
    if (Status S = calibrate(Made.From, *Made.Files, *Text); !S)
      return S;
    if (Status S = quantize(Made.From, Choices, *Made.Files, ExponentBits); !S)
      return S;
    Made.Text = std::move(*Text);
    Network = std::move(Made);
    return {};
  }

  Status compile(size_t Index, const std::string &Path) {
    auto C = study::configure(Plan.Study, Plan.Points[Index]);
    if (!C)
      return C.errors();
    if (Status S = prepare(Index, *C); !S)
      return S;
    mlir::OwningOpRef<mlir::ModuleOp> Copy(Network->From.Module->clone());
    Result<spike::NetworkOp> Quantized = compiler::networkOf(*Copy);
    if (!Quantized)
      return Quantized.errors();
    auto Fixed = toArithmeticOf(C->Chip, *Quantized, *Network->Files,
                                Network->Text, /*Compare=*/false);
    if (!Fixed)
      return Fixed.errors();
    // Whose sums were proven on the way need no second look at the weights.
    if (Status S = *Fixed ? compiler::checkTarget(*Quantized, C->Chip)
                          : checkRuns(*Quantized, *Network->Files, C->Chip);
        !S)
      return S;
    auto Fit = mapOnto(*Copy, C->Chip, C->Compile);
    if (!Fit)
      return Fit.errors();
    if (!Fit->fits())
      return Fit->error();
    const ImageMetadata About =
        describeImage(C->Compile, Network->From, C->Chip);
    return compiler::emitImage(*Copy, C->Chip, *Network->Files,
                               {About.toJson()}, Path);
  }

  Status openImage(size_t Index, PointWork &Work) {
    const uint64_t Key = Plan.Keys[Index].Image;
    if (Image && Image->Key == Key)
      return {};
    Image.reset();
    const std::string Path = Folder.image(Key);
    Result<bool> Made =
        makeOnce(Path, Folder.work(), [&](const std::string &Temporary) {
          return compile(Plan.FirstOfImage.at(Key), Temporary);
        });
    if (!Made)
      return Made.errors();
    Work.Images += *Made;
    Result<image::Image> Opened = image::Image::open(Path);
    if (!Opened)
      return Opened.errors();
    const uint64_t Partition = sim::partitionHash(*Opened);
    Image = OpenImage{Key, std::move(*Opened), Partition};
    return {};
  }

  /// Runs the network of the open image and keeps who sent when.
  Status recordActivity(size_t Index, const study::Configuration &C,
                        const std::string &Path) {
    const study::StudyModel &Entry = modelOf(Index);
    Result<Model> M = openModelOf(Index, C);
    if (!M)
      return M.errors();
    auto Given =
        inputOf(Plan.Study, Entry, *M, Image->Image.sequence(), C.Compile.Seed);
    if (!Given)
      return Given.errors();
    sim::SimulationOptions Options;
    Options.Threads = Threads;
    Options.TokenMode = sim::Mode::Prefill; // which every network can
    Options.RecordActivity = true;
    auto Run = sim::Simulation::create(Image->Image, C.Chip, Options);
    if (!Run)
      return Run.errors();
    for (const Sequence &S : Given->All)
      if (Run->numTokens() > 0)
        if (Status Known = checkTokens(S.Tokens, Run->numTokens(), Entry.Path);
            !Known)
          return Known;
    auto Ran = ChipRunner(*Run, M->Vocabulary, /*Quiet=*/true).runAll(*Given);
    if (!Ran)
      return Ran.errors();
    return Run->takeActivity().save(Path);
  }

  Status openTrace(size_t Index, const study::Configuration &C,
                   PointWork &Work) {
    const study::PointKeys &Keys = Plan.Keys[Index];
    const uint64_t Parts[] = {Image->Partition, Keys.Network, Keys.Input,
                              sim::TraceFormatVersion};
    const std::string Path =
        fmt::format("{}/{}.npz", Folder.activity(),
                    study::keyText(XXH3_64bits(Parts, sizeof(Parts))));
    if (Trace && Trace->Path == Path)
      return {};
    Trace.reset();
    Result<bool> Made =
        makeOnce(Path, Folder.work(), [&](const std::string &Temporary) {
          return recordActivity(Index, C, Temporary);
        });
    if (!Made)
      return Made.errors();
    Work.NetworkRuns += *Made;
    Result<sim::ActivityTrace> Read = sim::ActivityTrace::load(Path);
    if (!Read)
      return Read.errors();
    Trace = OpenTrace{Path, std::move(*Read)};
    return {};
  }

  /// Time and energy of the open events on the chip of \p C.
  Result<study::PointResult> replayOn(const study::Configuration &C,
                                      PointWork &Work) {
    const study::Study &S = Plan.Study;
    Result<sim::Wiring> Wired = sim::Wiring::build(Image->Image, C.Chip);
    if (!Wired)
      return Wired.errors();
    sim::Counters Counts;
    std::vector<sim::Timing> Times;
    for (sim::Mode Mode : S.Modes) {
      // At `analytic` one replay tells both modes.
      if (!Times.empty() && S.Fidelity == sim::Fidelity::Analytic)
        break;
      auto Done = sim::replay(Trace->Trace, Image->Image, C.Chip, *Wired, Mode,
                              S.Fidelity);
      if (!Done)
        return Done.errors();
      ++Work.Replays;
      if (Times.empty())
        Counts = std::move(Done->Counts);
      if (S.Fidelity == sim::Fidelity::Event)
        Done->Times.resize(1); // the others are analytic
      std::ranges::move(Done->Times, std::back_inserter(Times));
    }
    Times.resize(S.Modes.size());
    report::RunData Data =
        report::collect({Image->Image, C.Chip, *Wired, Counts, Times});
    Data.Mode = report::modeName(S.Modes.front());
    Data.Fidelity = sim::fidelityName(S.Fidelity);
    // Without a Transformer's shape there is no baseline to be drawn.
    auto Analysis = report::analyse(Data, {});
    if (!Analysis)
      return Analysis.errors();
    return study::measure(*Analysis, Image->Image);
  }

  /// Bits per token of the quantised network on the model's evaluation text.
  Result<std::optional<double>> qualityOf(size_t Index,
                                          const study::Configuration &C) {
    // Chips that calculate alike share it.
    const NeuronUnit &N = C.Chip.Neuron;
    const std::string Numbers =
        N.Numbers == Arithmetic::Float32
            ? ""
            : fmt::format(
                  "-fixed{}-{}-{}-{}-{}-{}", N.StateBits, N.MultiplierBits,
                  static_cast<int>(N.Rounds), static_cast<int>(N.Beyond),
                  C.Chip.Core.AccumulatorBits, C.Chip.Core.WeightExponentBits);
    const std::string Path = Folder.activity() + "/" +
                             study::keyText(Plan.Keys[Index].Network) +
                             Numbers + ".quality.json";
    if (Quality && Quality->first == Path)
      return Quality->second;
    auto Measure = [&](const std::string &Temporary) -> Status {
      if (Status S = prepare(Index, C); !S)
        return S;
      Result<WindowedText> Text =
          evaluationText(Network->From, "", C.Compile.Seed);
      if (!Text)
        return Text.errors();
      nlohmann::json Bits;
      if (!Text->Targets.empty()) {
        mlir::OwningOpRef<mlir::ModuleOp> Copy(Network->From.Module->clone());
        Result<spike::NetworkOp> Asked = compiler::networkOf(*Copy);
        if (!Asked)
          return Asked.errors();
        if (auto Fixed = toArithmeticOf(C.Chip, *Asked, *Network->Files,
                                        Network->Text, /*Compare=*/false);
            !Fixed)
          return Fixed.errors();
        auto Predicted = predict(*Asked, *Network->Files, *Text);
        if (!Predicted)
          return Predicted.errors();
        Bits = *Predicted->BitsPerToken;
      }
      return store(Temporary, nlohmann::json{{"bits_per_token", Bits},
                                             {"text", Text->Name}}
                                      .dump() +
                                  "\n");
    };
    Result<bool> Made = makeOnce(Path, Folder.work(), Measure);
    if (!Made)
      return Made.errors();
    std::ifstream File(Path);
    auto Json = nlohmann::json::parse(File, nullptr, false);
    if (!Json.is_object() || !Json.contains("bits_per_token"))
      return Error{Path, "study-quality",
                   "the file is damaged; remove it and run again"};
    std::optional<double> Bits;
    if (Json["bits_per_token"].is_number())
      Bits = Json["bits_per_token"].get<double>();
    Quality.emplace(Path, Bits);
    return Bits;
  }
};

StudyRunner::StudyRunner(const StudyPlan &Plan, StudyFolder Folder,
                         uint32_t Threads)
    : Held(std::make_unique<Workshop>(Plan, std::move(Folder), Threads)) {}
StudyRunner::~StudyRunner() = default;

study::PointResult StudyRunner::run(size_t Index, PointWork &Work) {
  Result<study::PointResult> R = Held->run(Index, Work);
  study::PointResult Out = R ? std::move(*R) : study::without(R.errors());
  if (Out.Status == study::PointStatus::Failed)
    return Out;
  if (Status S = Held->writePoint(Index, Out); !S)
    return study::without(S.errors());
  return Out;
}
