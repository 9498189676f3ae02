//===- RunCommand.cpp - synfire run ---------------------------------------===//
//
// The simulated chip executes an image: it reads a text, or writes one. What it
// did is counted and stored in one folder.
//
//===----------------------------------------------------------------------===//

#include "tools/synfire/ChipRunner.h"
#include "tools/synfire/Commands.h"
#include "tools/synfire/Fill.h"
#include "tools/synfire/JoinedSpikes.h"
#include "tools/synfire/Outputs.h"
#include "tools/synfire/Readout.h"
#include "tools/synfire/RunFolder.h"
#include "tools/synfire/RunInputs.h"
#include "tools/synfire/TraceComparison.h"

#include "compiler/reference/Quality.h"
#include "simulator/engine/Simulation.h"
#include "simulator/report/Collect.h"
#include "simulator/report/RunFolder.h"
#include "simulator/report/Screen.h"
#include "simulator/trace/TokenTrace.h"
#include "targets/arrays/AtomicFile.h"

#include <chrono>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <memory>
#include <nlohmann/json.hpp>

using namespace synfire;
using namespace synfire::tools;

namespace {
struct RunOptions {
  std::string Output;
  RunInputs Inputs;
  int64_t Generate = 0;
  std::string Mode, Fidelity = "analytic"; ///< no mode: the image decides
  uint32_t Threads = 1;
  double Temperature = 0;
  uint64_t Seed = 0;
  bool Spikes = false, Quiet = false;
  std::optional<uint64_t> TraceToken;
  std::vector<std::string> Baselines;
  TraceOptions Trace;
  ReadoutOptions Readout;
};

constexpr sim::Fidelity Fidelities[] = {
    sim::Fidelity::Functional, sim::Fidelity::Analytic, sim::Fidelity::Event};

/// Spikes as the simulation packed them, as one integer each.
std::vector<SpikeArray> spikesOf(const sim::Simulation &Chip) {
  std::vector<SpikeArray> Out;
  for (const sim::SpikeArray &S : Chip.spikes()) {
    const image::StreamRecord &Stream = Chip.image().streams()[S.Stream];
    SpikeArray A{std::string(Chip.image().string(Stream.Name)),
                 Stream.Kind,
                 S.Width,
                 {}};
    A.Payloads.resize(S.Bytes.size() / S.ElementBytes);
    for (size_t I = 0; I < A.Payloads.size(); ++I) {
      if (S.ElementBytes == 4)
        std::memcpy(&A.Payloads[I], &S.Bytes[I * 4], 4);
      else
        A.Payloads[I] = static_cast<int8_t>(S.Bytes[I]);
    }
    // Relays are the compiler's; the network does not know them.
    if (!Chip.image().populations()[Stream.Population].IsRelay)
      Out.push_back(std::move(A));
  }
  return Out;
}

void describe(report::RunData &Data, const RunOptions &O,
              const ImageMetadata &About, const Transcript &T) {
  report::NetworkData &Network = Data.Network;
  Network.Model = About.ModelFile;
  Network.ModelHash = About.ModelHash;
  Network.Layers = About.Layers;
  Network.Width = About.Width;
  Network.Hidden = About.Hidden;
  Network.Vocabulary = About.Vocabulary;
  Network.Context = About.Context;
  Network.Parameters = About.Parameters;
  Network.Architecture = About.Architecture;
  if (About.Codes) {
    Network.WeightCodeBits = About.Codes->Weight;
    Network.CodeBits = About.Codes->Activation;
    Network.SalientBits = About.Codes->Salient;
    Network.LowShare = About.Codes->LowShare;
  }
  Data.Mode = O.Mode;
  Data.Fidelity = O.Fidelity;
  Data.Quality.FloatBits = About.FloatBits;
  Data.Quality.QuantizedBits = About.QuantizedBits;
  Data.Quality.Binary32Bits = About.Binary32Bits;
  Data.Quality.Masked = About.Masked;
  Data.Quality.FloatAccuracy = About.FloatAccuracy;
  Data.Quality.QuantizedAccuracy = About.QuantizedAccuracy;
  Data.Quality.ArgmaxAgreement = About.ArgmaxAgreement;
  Data.Quality.Tokens = About.EvaluationTokens;
  Data.Quality.Text = About.EvaluationText;
  if (T.KnownText && T.Tokens.size() > 1) {
    size_t Width = T.Logits.size() / T.Tokens.size();
    auto Bits = compiler::bitsPerToken(
        std::span(T.Logits).first(T.Logits.size() - Width),
        std::span(T.Tokens).subspan(1));
    if (Bits)
      Data.Quality.RunBits = *Bits;
  }
}

/// Writes `token.pftrace` into \p Folder.
Status writeTrace(const trace::TokenTrace &Trace, const sim::Simulation &Chip,
                  const std::string &Folder) {
  if (Trace.empty())
    return Error{"--trace-token", "run-trace",
                 fmt::format("the run has only tokens 0 to {}",
                             int64_t(Chip.counters().Tokens) - 1)};
  auto Times = Chip.timings();
  if (!Times)
    return Times.errors();
  const sim::Counters Counts = Chip.counters();
  const std::string Bytes =
      Trace.draw({Chip.image(), Chip.spec(), Chip.wiring(), Counts, *Times});
  auto File = AtomicFile::create(Folder + "/token.pftrace");
  if (!File)
    return File.errors();
  if (Status S = File->write(
          {reinterpret_cast<const uint8_t *>(Bytes.data()), Bytes.size()});
      !S)
    return S;
  return File->commit();
}

/// What an image that takes sequences as a whole cannot do.
Status checkSweeps(const RunOptions &O, uint32_t Sweeps) {
  if (Sweeps <= 1)
    return {};
  auto refuse = [&](const char *Option, const char *Text) {
    return Error{Option, "run-sweeps",
                 fmt::format("the network passes a sequence {} times: {}",
                             Sweeps, Text)};
  };
  if (O.Generate > 0)
    return refuse("--generate", "it reads sequences as a whole and writes "
                                "none; leave the option out");
  if (O.Mode == "generate")
    return refuse("--mode", "tokens cannot come one at a time; use prefill");
  if (O.TraceToken)
    return refuse("--trace-token", "the ticks of one token do not lie "
                                   "together; leave the option out");
  return {};
}

Status runImage(RunOptions O, const std::vector<std::string> &Arguments) {
  auto Start = std::chrono::system_clock::now();
  if (Status S = O.Trace.check(); !S)
    return S;
  Result<OpenedImage> Opened = OpenedImage::open(O.Inputs.Image);
  if (!Opened)
    return Opened.errors();
  const ImageMetadata &About = Opened->About;
  const image::SequenceRecord &Kind = Opened->Image.sequence();
  if (Status S = checkSweeps(O, Kind.Sweeps); !S)
    return S;
  // Token steps of events are the ticks of the chip.
  if (O.Mode.empty())
    O.Mode = Kind.Sweeps > 1 || O.Inputs.givesEvents() ? "prefill" : "generate";
  auto Vocabulary = vocabularyOf(About, O.Inputs.Image);
  if (!Vocabulary)
    return Vocabulary.errors();
  Result<Sequences> Given = givenSequences(O.Inputs, *Opened, *Vocabulary);
  if (!Given)
    return Given.errors();

  auto Baselines = baselines::loadDevices(O.Baselines);
  if (!Baselines)
    return Baselines.errors();

  sim::SimulationOptions Options;
  Options.TokenMode =
      O.Mode == "prefill" ? sim::Mode::Prefill : sim::Mode::Generate;
  for (sim::Fidelity F : Fidelities)
    if (O.Fidelity == sim::fidelityName(F))
      Options.Time = F;
  Options.Threads = O.Threads;
  Options.RecordSpikes = O.Spikes || O.Trace.asked() || !O.Readout.Of.empty();
  std::optional<trace::TokenTrace> Trace;
  if (O.TraceToken) {
    if (Options.Time == sim::Fidelity::Functional)
      return Error{"--trace-token", "run-trace",
                   "a trace shows time, and `functional` fidelity has none; "
                   "use --fidelity event or analytic"};
    Options.Observer = &Trace.emplace(*O.TraceToken, Options.TokenMode);
  }
  auto Sim = sim::Simulation::create(Opened->Image, Opened->Chip, Options);
  if (!Sim)
    return Sim.errors();
  if (Trace)
    Trace->setLevels(Sim->wiring().Levels.size(), Kind.Steps);
  if (Status S = checkInputs(O.Inputs, *Opened, *Given, *Sim); !S)
    return S;
  // The folder is asked for before the work, so that an unwritable place is
  // known at once.
  Result<RunFolder> Folder = RunFolder::create(O.Output);
  if (!Folder)
    return Folder.errors();

  ChipRunner Run(*Sim, *Vocabulary, O.Quiet);
  Result<Transcript> T = !O.Inputs.givesSequences()
                             ? Run.run(std::move(Given->All.front().Tokens),
                                       O.Generate, {O.Temperature, O.Seed})
                             : Run.runAll(*Given);
  if (!T)
    return T.errors();
  if (!O.Inputs.Fill.empty() && !O.Quiet) {
    auto Gaps = gapsOf(O.Inputs, *Vocabulary);
    if (!Gaps)
      return Gaps.errors();
    auto Filled = describeFilled(*Gaps, T->Logits, **Vocabulary);
    if (!Filled)
      return Filled.errors();
    fmt::print("{}", *Filled);
  }
  std::vector<SpikeArray> Spikes = spikesOf(*Sim);
  joinSpikes(Spikes, About.Splits);
  const auto Count = static_cast<int64_t>(Given->All.size());
  std::vector<NamedArray> More;
  if (O.Readout.asked()) {
    auto Read =
        Readout::of(O.Readout, T->Logits, Sim->numLogits(), Spikes, Count);
    if (!Read)
      return Read.errors();
    if (!O.Quiet)
      fmt::print("{}", Read->describe(O.Readout));
    More = Read->arrays(Given->Batched);
  }
  if (Status S = writeOutputs(Folder->path() + "/outputs.npz", T->Tokens,
                              T->Logits, Sim->numLogits(),
                              O.Spikes ? std::span<const SpikeArray>(Spikes)
                                       : std::span<const SpikeArray>(),
                              {Count, Given->Batched}, More);
      !S)
    return S;

  Result<report::RunData> Collected = report::collect(*Sim);
  if (!Collected)
    return Collected.errors();
  if (Trace)
    if (Status S = writeTrace(*Trace, *Sim, Folder->path()); !S)
      return S;
  report::RunData &Data = *Collected;
  describe(Data, O, About, *T);
  auto ImageMark = report::markFile("image", O.Inputs.Image);
  if (!ImageMark)
    return ImageMark.errors();
  Data.ImageHash = ImageMark->Hash;
  auto Analysis = report::analyse(Data, *Baselines);
  if (!Analysis)
    return Analysis.errors();
  report::Manifest Manifest;
  Manifest.Command = Arguments;
  Manifest.Inputs = {*ImageMark};
  for (const std::string &File : O.Baselines) {
    auto Mark = report::markFile("baseline", File);
    if (!Mark)
      return Mark.errors();
    Manifest.Inputs.push_back(*Mark);
  }
  Manifest.TargetHash = About.TargetHash;
  Manifest.Seed = O.Seed;
  Manifest.Threads = O.Threads;
  Manifest.StartTime =
      fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                  fmt::gmtime(std::chrono::system_clock::to_time_t(Start)));
  Manifest.WallSeconds =
      std::chrono::duration<double>(std::chrono::system_clock::now() - Start)
          .count();
  std::vector<std::string> Written = {"outputs.npz"};
  if (Trace)
    Written.push_back("token.pftrace");
  for (const std::string &Name : Written) {
    auto Mark = report::markFile(Name, Folder->path() + "/" + Name);
    if (!Mark)
      return Mark.errors();
    Manifest.Outputs.push_back(*Mark);
  }
  auto Summary =
      report::writeRunFolder(Folder->path(), *Analysis, std::move(Manifest));
  if (!Summary)
    return Summary.errors();
  if (Status S = Folder->commit(); !S)
    return S;
  if (!O.Quiet) {
    auto Screen = report::renderScreen(*Summary, O.Output + "/report.html");
    if (!Screen)
      return Screen.errors();
    fmt::print("{}", *Screen);
  }
  if (!O.Trace.asked())
    return {};
  return compareWithTrace(
      O.Trace, {*Given, T->Logits, Sim->numLogits(), Spikes, About.Reading});
}
} // namespace

void synfire::tools::addRun(CLI::App &App, Action &Chosen,
                            const std::vector<std::string> &Arguments) {
  auto O = std::make_shared<RunOptions>();
  CLI::App *Command =
      App.add_subcommand("run", "run an image on the simulated chip");
  Command->add_option("image", O->Inputs.Image, "image (.sfi)")->required();
  CLI::Option *Prompt = O->Inputs.addTo(*Command);
  Command->add_option("--generate", O->Generate, "tokens to write")
      ->needs(Prompt)
      ->check(CLI::NonNegativeNumber);
  Command
      ->add_option("--temperature", O->Temperature,
                   "0: the most likely token; above: sampling")
      ->check(CLI::NonNegativeNumber);
  Command->add_option("--seed", O->Seed, "seed of the sampling");
  Command
      ->add_option("--mode", O->Mode,
                   "how tokens share the chip's time; by default generate, or "
                   "prefill if the network takes sequences as a whole")
      ->check(CLI::IsMember({"generate", "prefill"}));
  Command->add_option("--fidelity", O->Fidelity, "how time is found")
      ->check(CLI::IsMember({"functional", "analytic", "event"}));
  Command->add_option("--threads", O->Threads, "threads of the simulator")
      ->check(CLI::Range(1, 256));
  Command
      ->add_option("--baseline", O->Baselines,
                   "device to compare with, beside the shipped (.yaml)")
      ->allow_extra_args(false);
  Command->add_option("--trace-token", O->TraceToken,
                      "draw the ticks of this token (from 0) for "
                      "ui.perfetto.dev: token.pftrace");
  Command->add_flag("--spikes", O->Spikes, "store every population's events");
  O->Trace.addTo(*Command);
  O->Readout.addTo(*Command);
  Command->add_flag("-q,--quiet", O->Quiet, "print nothing but errors");
  Command->add_option("-o,--output", O->Output, "folder to write")->required();
  Command->callback([O, &Chosen, Arguments] {
    Chosen = [O, Arguments] { return runImage(*O, Arguments); };
  });
}
