//===- PortEvents.cpp - A file of events for an input ---------------------===//

#include "tools/synfire/PortEvents.h"

#include "models/nir/NirData.h"
#include "models/sanafe/SanaNet.h"
#include "targets/arrays/MappedFile.h"
#include "targets/arrays/Npy.h"
#include "tools/synfire/TraceComparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

using namespace synfire;
using namespace synfire::tools;

namespace {
/// Two lengths of a step are the same within this, relatively.
constexpr double SameDt = 1e-6;

/// Numbers of a file, whatever it was: [sequence, step, neuron].
struct Grid {
  int64_t Sequences = 1, Steps = 0;
  bool Batched = false;
  bool Shaped = false; ///< neurons are channel, y, x, in that order
  std::vector<double> Values;
};

/// The number of neuron \p I of an array in row-major order of channels, height
/// and width.
int64_t placeOf(int64_t I, const std::vector<int64_t> &Shape) {
  const int64_t X = I % Shape[2], Y = I / Shape[2] % Shape[1];
  return (X * Shape[1] + Y) * Shape[0] + I / Shape[2] / Shape[1];
}

/// The array, if \p Shape is one that \p Port can read; without values.
std::optional<Grid> gridOf(std::vector<int64_t> Shape, const EventPort &Port) {
  const std::vector<int64_t> Flat = {Port.Neurons};
  // What stands behind the steps: the port's own shape, or neurons in a row.
  for (const std::vector<int64_t> &Tail : {Port.Shape, Flat}) {
    if (Tail.empty() || Shape.size() < Tail.size() ||
        !std::equal(Tail.rbegin(), Tail.rend(), Shape.rbegin()))
      continue;
    Shape.resize(Shape.size() - Tail.size());
    if (Shape.size() > 2)
      return std::nullopt;
    Grid G;
    G.Steps = Shape.empty() ? 1 : Shape.back();
    G.Sequences = Shape.size() == 2 ? Shape.front() : 1;
    G.Batched = Shape.size() == 2;
    G.Shaped = Tail.size() == 3;
    return G.Steps >= 1 && G.Sequences >= 1 ? std::optional(G) : std::nullopt;
  }
  return std::nullopt;
}

Result<Grid> readArray(const std::string &Path, const EventPort &Port) {
  Result<Array> File = readNpy(Path);
  if (!File)
    return File.errors();
  std::optional<Grid> G = gridOf(File->Shape, Port);
  if (!G)
    return Error{
        Path, "events-shape",
        fmt::format(
            "an array of shape {} holds no events of '{}'; [step, {}]"
            "{} is needed, or the same with a dimension for sequences "
            "in front",
            formatShape(File->Shape), Port.Name, Port.Neurons,
            Port.Shape.empty()
                ? ""
                : fmt::format(" or [step, {}]", fmt::join(Port.Shape, ", ")))};
  Result<std::vector<int64_t>> Values = File->toIntegers(Path);
  if (!Values)
    return Values.errors();
  G->Values.assign(Values->begin(), Values->end());
  return *G;
}

/// The inputs of a trace. Where a framework wrote spikes as any one number,
/// that number is 1.
Result<Grid> readTraceInputs(const std::string &Path, const EventPort &Port) {
  auto T = TraceTable::read(Path);
  if (!T)
    return T.errors();
  if (T->Columns < Port.Neurons)
    return Error{Path, "events-shape",
                 fmt::format("{} columns; the first {} are to be the events of "
                             "'{}'",
                             T->Columns, Port.Neurons, Port.Name)};
  Grid G;
  G.Steps = T->Steps;
  for (int64_t Step = 0; Step != T->Steps; ++Step) {
    const double *Row = &T->Values[Step * T->Columns];
    G.Values.insert(G.Values.end(), Row, Row + Port.Neurons);
  }
  double Spike = 0;
  for (double V : G.Values)
    Spike = Spike == 0 ? V : Spike;
  if (std::ranges::all_of(G.Values,
                          [&](double V) { return V == 0 || V == Spike; }))
    for (double &V : G.Values)
      V = V != 0;
  return G;
}

/// What was recorded of the port's node, or of the one that is chosen.
Result<const nir::Observable *> chooseFrom(const nir::GraphData &Data,
                                           const std::string &Path,
                                           const std::string &Chosen,
                                           const EventPort &Port, bool Shared) {
  std::vector<const nir::Observable *> All, OfPort;
  std::string Names;
  for (const nir::Observable &O : Data.Observables) {
    const std::string Name = O.Node + "/" + O.Key;
    Names.append(Names.empty() ? "" : ", ").append(hdf5::printable(Name));
    if (Name == Chosen)
      return &O;
    All.push_back(&O);
    if (O.Node == Port.Name)
      OfPort.push_back(&O);
  }
  if (Chosen.empty() && OfPort.size() == 1)
    return OfPort.front();
  if (Chosen.empty() && OfPort.empty() && All.size() == 1 && !Shared)
    return All.front();
  return Error{Path, "events-inputs",
               fmt::format("which data are for '{}'? The file has {}; choose "
                           "with {}#NODE/KEY",
                           Port.Name, Names.empty() ? "none" : Names, Path)};
}

Result<Grid> readNirData(const std::string &Given, const EventPort &Port,
                         int64_t Steps, bool Shared) {
  const size_t Mark = Given.rfind('#');
  const std::string Path = Given.substr(0, Mark);
  auto Data = nir::GraphData::read(Path);
  if (!Data)
    return Data.errors();
  auto Of = chooseFrom(*Data, Path,
                       Mark == std::string::npos ? "" : Given.substr(Mark + 1),
                       Port, Shared);
  if (!Of)
    return Of.errors();
  const std::string Where =
      fmt::format("{}#{}/{}", Path, (*Of)->Node, (*Of)->Key);
  if (Port.Dt == 0)
    return Error{Where, "events-dt",
                 "the network does not say how long a step is, so times have "
                 "no meaning; give an array (.npy)"};
  const auto &Gridded = (*Of)->Gridded;
  const auto &Events = (*Of)->Events;
  const int64_t Neurons = Gridded ? Gridded->NumNeurons : Events->NumNeurons;
  if (Neurons != Port.Neurons)
    return Error{Where, "events-shape",
                 fmt::format("{} neurons; '{}' has {}", Neurons, Port.Name,
                             Port.Neurons)};
  Grid G;
  G.Batched = true;
  G.Shaped = !Port.Shape.empty();
  if (Gridded) {
    if (std::fabs(Gridded->Dt / Port.Dt - 1) > SameDt)
      return Error{Where, "events-dt",
                   fmt::format("its steps are {:g} long, the network's {:g}; "
                               "compile with --dt {:g}",
                               Gridded->Dt, Port.Dt, Gridded->Dt)};
    G.Sequences = Gridded->NumSamples;
    G.Steps = Gridded->NumSteps;
    G.Values = Gridded->Values;
    return G;
  }
  G.Sequences = static_cast<int64_t>(Events->Samples.size());
  const auto Most = static_cast<double>(MostPayloads / Port.Neurons /
                                        std::max<int64_t>(G.Sequences, 1));
  const double Length = Steps != 0 ? static_cast<double>(Steps)
                                   : std::ceil(Events->End / Port.Dt - SameDt);
  if (!(Length >= 1 && Length <= Most))
    return Error{Where, "events-steps",
                 fmt::format("t_max {:g} and steps of {:g} make {:g} steps of "
                             "{} samples of {} neurons; 1 to {:g} are read "
                             "(--steps says another number)",
                             Events->End, Port.Dt, Length, G.Sequences,
                             Port.Neurons, Most)};
  G.Steps = static_cast<int64_t>(Length);
  for (size_t S = 0; S != Events->Samples.size(); ++S) {
    auto Put = nir::toSteps(*Events, S, Port.Dt, G.Steps, Where);
    if (!Put)
      return Put.errors();
    G.Values.insert(G.Values.end(), Put->begin(), Put->end());
  }
  return G;
}

/// What the inputs of a SANA-FE network send.
Result<Grid> readSanaSpikes(const std::string &Path, const EventPort &Port,
                            int64_t Steps) {
  auto Bytes = MappedFile::open(Path);
  if (!Bytes)
    return Bytes.errors();
  auto Net = sanafe::SanaNet::parse(
      {Bytes->bytes().begin(), Bytes->bytes().end()}, Path);
  if (!Net)
    return Net.errors();
  const auto Inputs = Net->inputs();
  if (static_cast<int64_t>(Inputs.size()) != Port.Neurons)
    return Error{
        Path, "events-shape",
        fmt::format("the file has {} inputs, '{}' has {} neurons; give "
                    "the network that was compiled",
                    Inputs.size(), Port.Name, Port.Neurons)};
  Grid G;
  G.Steps = Steps != 0 ? Steps : static_cast<int64_t>(Net->longestSpikes());
  if (G.Steps == 0 || G.Steps > MostPayloads / Port.Neurons)
    return Error{Path, "events-steps",
                 fmt::format("{} token steps of {} inputs; 1 step to {} values "
                             "are read, say how many with --steps",
                             G.Steps, Port.Neurons, MostPayloads)};
  for (int64_t T = 1; T <= G.Steps; ++T)
    for (auto [Group, Neuron] : Inputs) {
      const uint32_t Kind = Net->Groups[Group].Kinds[Neuron];
      G.Values.push_back(Net->Kinds[Kind].fires(static_cast<uint64_t>(T)));
    }
  return G;
}
} // namespace

bool synfire::tools::isNirData(const std::string &Path) {
  const std::string File = Path.substr(0, Path.rfind('#'));
  return File.ends_with(".nir") || File.ends_with(".h5");
}

Result<PortEvents> synfire::tools::readPortEvents(const std::string &Path,
                                                  const EventPort &Port,
                                                  int64_t Steps, bool Shared) {
  auto G = isNirData(Path)          ? readNirData(Path, Port, Steps, Shared)
           : Path.ends_with(".csv") ? readTraceInputs(Path, Port)
           : Path.ends_with(".yaml") || Path.ends_with(".yml")
               ? readSanaSpikes(Path, Port, Steps)
               : readArray(Path, Port);
  if (!G)
    return G.errors();
  if (G->Sequences < 1 || G->Steps < 1)
    return Error{Path, "events-shape",
                 fmt::format("{} sequences of {} steps for '{}'; at least one "
                             "of each is needed",
                             G->Sequences, G->Steps, Port.Name)};
  const int64_t N = Port.Neurons;
  std::vector<int64_t> Places(N);
  for (int64_t I = 0; I < N; ++I)
    Places[I] = G->Shaped ? placeOf(I, Port.Shape) : I;
  PortEvents Out;
  Out.Steps = G->Steps;
  Out.Batched = G->Batched;
  for (int64_t S = 0; S < G->Sequences; ++S) {
    std::vector<int32_t> &Payloads = Out.Sequences.emplace_back(G->Steps * N);
    for (int64_t T = 0; T < G->Steps; ++T)
      for (int64_t I = 0; I < N; ++I) {
        const double V = G->Values[(S * G->Steps + T) * N + I];
        if (V != std::floor(V) || V < std::numeric_limits<int32_t>::min() ||
            V > std::numeric_limits<int32_t>::max())
          return Error{Path, "events-value",
                       fmt::format("payload {} of neuron {} at token step {} "
                                   "is no whole number of 32 bits",
                                   V, I, T)};
        Payloads[T * N + Places[I]] = static_cast<int32_t>(V);
      }
  }
  return Out;
}
