//===- GraphFiles.cpp - Networks of other tools ---------------------------===//

#include "tools/synfire/GraphFiles.h"

#include "models/lavadl/LavaImport.h"
#include "models/nir/NirImport.h"
#include "models/nir/WeightMatch.h"
#include "models/sanafe/SanaImport.h"
#include "targets/arrays/Npy.h"

#include <cmath>
#include <fmt/format.h>

using namespace synfire;
using namespace synfire::tools;

bool synfire::tools::isGraphFile(const std::string &Path) {
  return Path.ends_with(".net") || Path.ends_with(".nir") || isSanaFile(Path);
}

bool synfire::tools::isSanaFile(const std::string &Path) {
  return Path.ends_with(".yaml") || Path.ends_with(".yml");
}

/// The integers of an image for an input of \p Shape: [channel, height, width],
/// or [width, height, channel] as Lava-DL stores them when that alone fits.
static Result<std::vector<int64_t>>
readImage(const std::string &Path, const std::array<int64_t, 3> &Shape) {
  Result<Array> File = readNpy(Path);
  if (!File)
    return File.errors();
  Result<std::vector<int64_t>> Values = File->toIntegers(Path);
  if (!Values)
    return Values.errors();
  const std::vector<int64_t> Ours(Shape.begin(), Shape.end());
  const std::vector<int64_t> Lavas(Shape.rbegin(), Shape.rend());
  if (File->Shape == Ours)
    return Values;
  if (File->Shape != Lavas)
    return Error{Path, "lava-input",
                 fmt::format("the image has shape {}, the input is {} (or {}, "
                             "as Lava-DL stores it)",
                             formatShape(File->Shape), formatShape(Ours),
                             formatShape(Lavas))};
  std::vector<int64_t> Out(Values->size());
  const auto [C, H, W] = Shape;
  for (int64_t X = 0; X < W; ++X)
    for (int64_t Y = 0; Y < H; ++Y)
      for (int64_t K = 0; K < C; ++K)
        Out[(K * H + Y) * W + X] = (*Values)[(X * H + Y) * C + K];
  return Out;
}

static Status importLava(Model &M, const ModelOptions &Options) {
  auto Bytes = MappedFile::open(M.Path);
  if (!Bytes)
    return Bytes.errors();
  auto Net = lavadl::LavaNet::parse(Bytes->bytes(), M.Path);
  if (!Net)
    return Net.errors();
  for (const std::string &Note : Net->Notes)
    fmt::print(stderr, "{}: note: {}\n", M.Path, Note);
  models::LavaOptions O;
  O.ResetEvery = Options.ResetEvery;
  O.ResetOffset = Options.ResetOffset;
  O.BlockColumns = Options.BlockColumns;
  O.OutputSpikes = Options.OutputSpikes;
  if (!Options.Bias.empty()) {
    auto Image = readImage(Options.Bias, Net->Layers.front().Shape);
    if (!Image)
      return Image.errors();
    O.InputBias = std::move(*Image);
  }
  for (const lavadl::Layer &L : Net->Layers)
    M.Parameters += L.Weight.size() + L.Bias.size();
  M.Architecture = "lava-dl";
  auto Module =
      models::importLavaNet(M.Context.get(), *Net, M.Path, Bytes->bytes(), O);
  if (!Module)
    return Module.errors();
  M.Module = std::move(*Module);
  return {};
}

/// What the options say of what a NIR file leaves open.
static Result<nir::Interpretation> interpretationOf(const ModelOptions &O) {
  Result<nir::Interpretation> How = nir::Interpretation::preset(O.NirPreset);
  if (!How)
    return How;
  if (O.NirDt)
    How->Dt = *O.NirDt;
  if (!(How->Dt > 0 && std::isfinite(How->Dt)))
    return Error{"--dt", "nir-dt",
                 fmt::format("a step of {}; it is above 0", How->Dt)};
  if (!O.NirReset.empty()) {
    auto Reset = nir::parseReset(O.NirReset);
    if (!Reset)
      return Reset.errors();
    How->OnSpike = *Reset;
  }
  if (!O.NirIf.empty()) {
    auto If = nir::parseIfConvention(O.NirIf);
    if (!If)
      return If.errors();
    How->If = *If;
  }
  return How;
}

/// Prints which tensors of \p Path the weights of \p G are; all must be.
static Status compareWeights(const nir::Graph &G, const std::string &Path) {
  auto Checkpoint = checkpoint::Checkpoint::open(Path);
  if (!Checkpoint)
    return Checkpoint.errors();
  auto Match = nir::matchWeights(G, *Checkpoint);
  if (!Match)
    return Match.errors();
  fmt::print(stderr, "{}", Match->describe());
  return Match->check(G.file().name(), Path);
}

static Status importNirGraph(Model &M, const ModelOptions &Options) {
  auto How = interpretationOf(Options);
  if (!How)
    return How.errors();
  auto Graph = nir::Graph::read(M.Path);
  if (!Graph)
    return Graph.errors();
  auto Neurons = nir::describeNeurons(*Graph, *How);
  if (!Neurons)
    return Neurons.errors();
  for (const nir::Note &N : Graph->Notes)
    fmt::print(stderr, "{}\n", N.format());
  fmt::print(stderr, "{}{}", How->describe(), *Neurons);
  if (!Options.Beside.empty())
    if (Status S = compareWeights(*Graph, Options.Beside); !S)
      return S;
  models::NirOptions O;
  O.InputBits = Options.InputBits;
  O.InputScale = Options.InputScale;
  O.RecordMembrane = Options.RecordMembrane;
  M.Parameters = models::numWeights(*Graph);
  M.Architecture = "nir";
  M.Reading = How->summary();
  M.Dt = How->Dt;
  auto Module = models::importNir(M.Context.get(), *Graph, *How, O);
  if (!Module)
    return Module.errors();
  M.Module = std::move(*Module);
  return {};
}

static Status importSana(Model &M, const ModelOptions &Options) {
  auto Bytes = MappedFile::open(M.Path);
  if (!Bytes)
    return Bytes.errors();
  auto Net = sanafe::SanaNet::parse(
      {Bytes->bytes().begin(), Bytes->bytes().end()}, M.Path);
  if (!Net)
    return Net.errors();
  if (Options.IgnoreMapping)
    Net->dropMapping();
  M.Architecture = "sana-fe";
  M.Parameters = Net->numSynapses();
  auto Module =
      models::importSanaNet(M.Context.get(), *Net, {Options.MeshHeight});
  if (!Module)
    return Module.errors();
  for (const std::string &Note : Net->Notes)
    fmt::print(stderr, "{}: note: {}\n", M.Path, Note);
  M.Module = std::move(*Module);
  return {};
}

Errors synfire::tools::withImportOptions(Errors Refused, const Model &M,
                                         const ModelOptions &Options) {
  if (M.Architecture == "lava-dl" && !Options.OutputSpikes)
    for (Error &E : Refused)
      if (E.Rule == "target-payload-kind")
        E.Text += "; with --output-spikes the last layer sends spikes alone";
  return Refused;
}

Status synfire::tools::importGraphFile(Model &M, const ModelOptions &Options) {
  if (isSanaFile(M.Path))
    return importSana(M, Options);
  if (M.Path.ends_with(".nir"))
    return importNirGraph(M, Options);
  return importLava(M, Options);
}
