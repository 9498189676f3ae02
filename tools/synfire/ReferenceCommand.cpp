//===- ReferenceCommand.cpp - synfire reference ---------------------------===//
//
// Runs rung R1 (the float network) or, given an image, R2 (the quantised
// network that the image carries, with the model's weights) on the host.
//
//===----------------------------------------------------------------------===//

#include "tools/synfire/Commands.h"
#include "tools/synfire/Diagnostics.h"
#include "tools/synfire/JoinedSpikes.h"
#include "tools/synfire/Model.h"
#include "tools/synfire/Outputs.h"
#include "tools/synfire/Readout.h"
#include "tools/synfire/Sequences.h"
#include "tools/synfire/Tokens.h"
#include "tools/synfire/TraceComparison.h"

#include "compiler/emit/NetworkSection.h"
#include "compiler/reference/Interpreter.h"
#include "compiler/transforms/Calibration.h"
#include "targets/Image.h"

#include <filesystem>
#include <fmt/format.h>
#include <memory>

using namespace synfire;
using namespace synfire::tools;

namespace {
struct ReferenceOptions {
  ModelOptions Model;
  std::string Tokens, Types, Mask, Quantized, Output;
  EventOptions Events;
  bool Spikes = false;
  TraceOptions Trace;
  ReadoutOptions Readout;
};

/// The quantised network of an image, with its weights named as the files of
/// \p M: the image knows a model by content (the hash of each tensor), not by
/// what its file is called.
Result<ChannelParts> takeNetworkOf(Model &M, const std::string &ImagePath) {
  Result<image::Image> Image = image::Image::open(ImagePath);
  if (!Image)
    return Image.errors();
  auto About = ImageMetadata::fromJson(Image->metadata(), ImagePath);
  if (!About)
    return About.errors();
  auto Module = compiler::readNetwork(*Image, M.Context.get());
  if (!Module)
    return Module.errors();
  M.Module = std::move(*Module);
  std::string File = std::filesystem::path(M.Path).filename().string();
  if (M.Architecture != "spike-ir")
    M.network().walk([&](spike::WeightOp W) { W.setFile(File); });
  return std::move(About->Splits);
}

/// What to run: arrays of ids, or a text as one sequence.
Result<Sequences> sequencesOf(const ReferenceOptions &O, Model &M) {
  if (M.takesEvents() != O.Events.asked())
    return Error{O.Model.Path, "events-inputs",
                 M.takesEvents()
                     ? "the network reads events; give them with --events"
                     : "the network reads tokens; give them with --tokens"};
  if (M.takesEvents())
    return readEvents(O.Events, M.eventPorts());
  if (O.Tokens.ends_with(".npy"))
    return readSequences(O.Tokens, O.Types, O.Mask);
  if (!O.Types.empty() || !O.Mask.empty())
    return Error{O.Tokens, "tokens-shape",
                 "types and a mask belong to token ids; give those as .npy"};
  auto Tokens = tokensOf(O.Tokens, M.Vocabulary);
  if (!Tokens)
    return Tokens.errors();
  return Sequences{{{std::move(*Tokens), {}, {}}}, /*Batched=*/false};
}

Status reference(ReferenceOptions O) {
  if (Status S = O.Trace.check(); !S)
    return S;
  // A trace has membranes.
  O.Model.RecordMembrane |= O.Trace.asked();
  Result<Model> M = openModel(O.Model);
  if (!M)
    return M.errors();
  ChannelParts Splits;
  if (!O.Quantized.empty()) {
    auto Taken = takeNetworkOf(*M, O.Quantized);
    if (!Taken)
      return Taken.errors();
    Splits = std::move(*Taken);
  }
  Result<Sequences> Given = sequencesOf(O, *M);
  if (!Given)
    return Given.errors();

  compiler::WeightFiles Files(M->Folder);
  auto Network = compiler::Interpreter::create(M->network(), Files);
  if (!Network)
    return Network.errors();
  compiler::RunOptions Options;
  Options.RecordEvents = O.Spikes || O.Trace.asked() || O.Readout.asked();
  std::vector<int64_t> Tokens;
  std::vector<float> Logits;
  std::vector<SpikeArray> Spikes;
  for (const Sequence &One : Given->All) {
    if (Network->vocabulary() > 0)
      if (Status S = checkTokens(One.Tokens, Network->vocabulary(), O.Tokens);
          !S)
        return S;
    auto Ran = compiler::runOn(*Network, One, Options);
    if (!Ran)
      return Ran.errors();
    Tokens.insert(Tokens.end(), One.Tokens.begin(), One.Tokens.end());
    Logits.insert(Logits.end(), Ran->Logits.begin(), Ran->Logits.end());
    Spikes.resize(Ran->Events.size());
    for (auto [R, To] : llvm::zip(Ran->Events, Spikes)) {
      To.Name = R.Name;
      To.Kind = static_cast<image::PayloadKind>(R.Kind);
      To.Neurons = R.Neurons;
      To.Payloads.insert(To.Payloads.end(), R.Payloads.begin(),
                         R.Payloads.end());
    }
  }
  joinSpikes(Spikes, Splits);
  printNotes(*M);
  const auto Count = static_cast<int64_t>(Given->All.size());
  std::vector<NamedArray> More;
  if (O.Readout.asked()) {
    auto Read =
        Readout::of(O.Readout, Logits, Network->outputSize(), Spikes, Count);
    if (!Read)
      return Read.errors();
    fmt::print("{}", Read->describe(O.Readout));
    More = Read->arrays(Given->Batched);
  }
  if (Status S =
          writeOutputs(O.Output, Tokens, Logits, Network->outputSize(),
                       O.Spikes ? std::span(Spikes) : std::span<SpikeArray>(),
                       {Count, Given->Batched}, More);
      !S || !O.Trace.asked())
    return S;
  return compareWithTrace(
      O.Trace, {*Given, Logits, Network->outputSize(), Spikes, M->Reading});
}
} // namespace

void synfire::tools::addReference(CLI::App &App, Action &Chosen) {
  auto O = std::make_shared<ReferenceOptions>();
  CLI::App *Command = App.add_subcommand(
      "reference", "run the network on the host, exactly (rungs R1 and R2)");
  O->Model.addTo(*Command);
  auto *Input = Command->add_option_group("input", "what the network reads");
  Input->add_option("--tokens", O->Tokens,
                    "token ids (.npy, [token] or [sequence, token]) or a text "
                    "file");
  O->Events.addTo(*Command, *Input);
  Input->require_option(1);
  Command->add_option("--types", O->Types,
                      "type of each token (.npy, shaped as the tokens)");
  Command->add_option("--mask", O->Mask,
                      "1 for a token, 0 for padding (.npy, likewise)");
  Command->add_option("--quantized", O->Quantized,
                      "run the quantised network of this image instead");
  Command->add_flag("--spikes", O->Spikes, "store every population's events");
  O->Trace.addTo(*Command);
  O->Readout.addTo(*Command);
  Command->add_option("-o,--output", O->Output, "arrays to write (.npz)")
      ->required();
  Command->callback([O, &Chosen] { Chosen = [O] { return reference(*O); }; });
}
