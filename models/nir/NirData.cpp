//===- models/nir/NirData.cpp - Spikes and traces in NIRData files --------===//

#include "models/nir/NirData.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace synfire::nir {

namespace {

using hdf5::printable;

constexpr double StepTolerance = 1e-6;
constexpr int64_t MaxNeurons = int64_t(1) << 28;

class DataReader {
public:
  DataReader(const hdf5::File &File, GraphData &Out) : File(File), Out(Out) {}

  Status read();

private:
  Error fail(const char *Rule, const hdf5::Object &At,
             std::string_view Text) const {
    return Error{File.name(), Rule,
                 fmt::format("'{}': {}", printable(At.Path), Text)};
  }
  /// The group \p Name of \p Owner.
  Result<const hdf5::Object *> group(const hdf5::Object &Owner,
                                     std::string_view Name) const;
  Result<const hdf5::Object *>
  dataset(const hdf5::Object &Owner, std::string_view Name, size_t Rank) const;
  Result<std::string> type(const hdf5::Object &O) const;
  Result<double> number(const hdf5::Object &O, std::string_view Name) const;
  Status readNode(const hdf5::Object &Node);
  Result<GriddedData> readGridded(const hdf5::Object &O) const;
  Result<EventData> readEvents(const hdf5::Object &O, bool Valued) const;

  const hdf5::File &File;
  GraphData &Out;
};

Result<const hdf5::Object *> DataReader::group(const hdf5::Object &Owner,
                                               std::string_view Name) const {
  const hdf5::Object *O = Owner.find(Name);
  if (!O || !O->IsGroup)
    return O && O->Fault ? *O->Fault
                         : fail("nirdata-format", Owner,
                                fmt::format("has no group '{}'", Name));
  if (O->Fault)
    return *O->Fault;
  return O;
}

Result<const hdf5::Object *> DataReader::dataset(const hdf5::Object &Owner,
                                                 std::string_view Name,
                                                 size_t Rank) const {
  const hdf5::Object *O = Owner.find(Name);
  if (!O || O->IsGroup)
    return fail("nirdata-format", Owner,
                fmt::format("has no dataset '{}'", Name));
  if (O->Fault)
    return *O->Fault;
  if (O->Data.Shape.size() != Rank)
    return fail("nirdata-format", *O,
                fmt::format("has shape {}; {} axes are expected",
                            formatShape(O->Data.Shape), Rank));
  return O;
}

Result<std::string> DataReader::type(const hdf5::Object &O) const {
  if (O.Fault)
    return *O.Fault;
  const hdf5::Attribute *A = O.attribute("__type__");
  if (!A)
    return fail("nirdata-format", O, "has no attribute '__type__'");
  return File.readText(O, *A);
}

Result<double> DataReader::number(const hdf5::Object &O,
                                  std::string_view Name) const {
  const hdf5::Attribute *A = O.attribute(Name);
  if (!A)
    return fail("nirdata-format", O,
                fmt::format("has no attribute '{}'", Name));
  Result<double> Value = File.readDouble(O, *A);
  if (Value && !(*Value > 0 && std::isfinite(*Value)))
    return fail("nirdata-value", O,
                fmt::format("attribute '{}' is {}; it is above 0 and finite",
                            Name, *Value));
  return Value;
}

Result<GriddedData> DataReader::readGridded(const hdf5::Object &O) const {
  Result<const hdf5::Object *> D = dataset(O, "data", 3);
  if (!D)
    return D.errors();
  Result<double> Dt = number(O, "dt");
  if (!Dt)
    return Dt.errors();
  Result<std::vector<double>> Values = File.readDoubles(**D);
  if (!Values)
    return Values.errors();
  const std::vector<int64_t> &S = (*D)->Data.Shape;
  return GriddedData{S[0], S[1], S[2], *Dt, std::move(*Values)};
}

Result<EventData> DataReader::readEvents(const hdf5::Object &O,
                                         bool Valued) const {
  Result<double> NumNeurons = number(O, "n_neurons"), End = number(O, "t_max");
  Result<const hdf5::Object *> Index = dataset(O, "idx", 2);
  Result<const hdf5::Object *> Time = dataset(O, "time", 2);
  for (const Errors *E :
       {NumNeurons ? nullptr : &NumNeurons.errors(),
        End ? nullptr : &End.errors(), Index ? nullptr : &Index.errors(),
        Time ? nullptr : &Time.errors()})
    if (E)
      return *E;
  Result<std::vector<int64_t>> Neurons = File.readIntegers(**Index);
  if (!Neurons)
    return Neurons.errors();
  Result<std::vector<double>> Times = File.readDoubles(**Time);
  if (!Times)
    return Times.errors();
  const std::vector<int64_t> &S = (*Index)->Data.Shape;
  std::vector<double> Amounts(Times->size(), 1);
  if (Valued) {
    Result<const hdf5::Object *> Value = dataset(O, "value", 2);
    if (!Value)
      return Value.errors();
    Result<std::vector<double>> Read = File.readDoubles(**Value);
    if (!Read)
      return Read.errors();
    Amounts = std::move(*Read);
    if ((*Value)->Data.Shape != S)
      return fail("nirdata-format", O, "'idx' and 'value' differ in shape");
  }
  if ((*Time)->Data.Shape != S)
    return fail("nirdata-format", O, "'idx' and 'time' differ in shape");
  if (*NumNeurons != std::floor(*NumNeurons) ||
      *NumNeurons > static_cast<double>(MaxNeurons) || S[0] > hdf5::MaxTexts)
    return fail("nirdata-value", O,
                fmt::format("{} neurons and {} samples; whole numbers up to {} "
                            "and {} are read",
                            *NumNeurons, S[0], MaxNeurons, hdf5::MaxTexts));
  EventData Data{static_cast<int64_t>(*NumNeurons), *End, {}};
  Data.Samples.resize(static_cast<size_t>(S[0]));
  for (size_t I = 0; I != Neurons->size(); ++I) {
    int64_t Neuron = (*Neurons)[I];
    double At = (*Times)[I];
    if (Neuron == -1 || (std::isinf(At) && At > 0))
      continue; // Padding.
    size_t Sample = I / static_cast<size_t>(S[1]);
    if (Neuron < 0 || Neuron >= Data.NumNeurons || !(At >= 0) ||
        !std::isfinite(Amounts[I]))
      return fail(
          "nirdata-value", O,
          fmt::format("event {} of sample {}: neuron {} of {}, time {}, "
                      "value {}",
                      I % static_cast<size_t>(S[1]), Sample, Neuron,
                      Data.NumNeurons, At, Amounts[I]));
    Data.Samples[Sample].push_back({Neuron, At, Amounts[I]});
  }
  return Data;
}

Status DataReader::readNode(const hdf5::Object &Node) {
  Result<std::string> Type = type(Node);
  if (!Type)
    return Type.errors();
  if (*Type == "NIRGraphData")
    return fail("nirdata-format", Node,
                "data of a subgraph are not read; write those of its nodes");
  Result<const hdf5::Object *> All = group(Node, "observables");
  if (!All)
    return All.errors();
  for (const hdf5::Object &O : (*All)->Children) {
    Result<std::string> Kind = type(O);
    if (!Kind)
      return Kind.errors();
    Observable Found{Node.Name, O.Name, {}, {}};
    if (*Kind == "TimeGriddedData") {
      Result<GriddedData> Data = readGridded(O);
      if (!Data)
        return Data.errors();
      Found.Gridded = std::move(*Data);
    } else if (*Kind == "EventData" || *Kind == "ValuedEventData") {
      Result<EventData> Data = readEvents(O, *Kind == "ValuedEventData");
      if (!Data)
        return Data.errors();
      Found.Events = std::move(*Data);
    } else {
      return fail("nirdata-format", O,
                  fmt::format("is a '{}'; TimeGriddedData, EventData and "
                              "ValuedEventData are read",
                              printable(*Kind)));
    }
    Out.Observables.push_back(std::move(Found));
  }
  return {};
}

Status DataReader::read() {
  Result<std::string> Type = type(File.root());
  if (!Type)
    return Type.errors();
  if (*Type != "NIRGraphData")
    return fail(
        "nirdata-format", File.root(),
        fmt::format("is a '{}' instead of NIRGraphData", printable(*Type)));
  Result<const hdf5::Object *> Nodes = group(File.root(), "nodes");
  if (!Nodes)
    return Nodes.errors();
  for (const hdf5::Object &Node : (*Nodes)->Children)
    if (Status S = readNode(Node); !S)
      return S;
  return {};
}

Result<GraphData> readAll(const Result<hdf5::File> &File) {
  if (!File)
    return File.errors();
  GraphData Data;
  if (Status S = DataReader(*File, Data).read(); !S)
    return S.errors();
  return Data;
}

} // namespace

Result<GraphData> GraphData::read(const std::string &Path) {
  return readAll(hdf5::File::open(Path));
}
Result<GraphData> GraphData::parse(std::span<const uint8_t> Bytes,
                                   const std::string &Name) {
  return readAll(hdf5::File::parse(Bytes, Name));
}

const Observable *GraphData::find(std::string_view Node,
                                  std::string_view Key) const {
  auto Place = std::ranges::find_if(Observables, [&](const Observable &O) {
    return O.Node == Node && O.Key == Key;
  });
  return Place == Observables.end() ? nullptr : &*Place;
}

Result<std::vector<double>> toSteps(const EventData &Data, size_t Sample,
                                    double Dt, int64_t NumSteps,
                                    const std::string &FileName) {
  auto fail = [&](std::string Text) {
    return Error{FileName, "nirdata-value", std::move(Text)};
  };
  int64_t Count = 0;
  if (Sample >= Data.Samples.size())
    return fail(fmt::format("sample {} of {}", Sample, Data.Samples.size()));
  if (!(Dt > 0) || NumSteps < 0 ||
      __builtin_mul_overflow(NumSteps, Data.NumNeurons, &Count) ||
      Count > hdf5::MaxElements)
    return fail(fmt::format("{} steps of {} for {} neurons; at most {} values "
                            "are made",
                            NumSteps, Dt, Data.NumNeurons, hdf5::MaxElements));
  std::vector<double> Out(static_cast<size_t>(Count), 0);
  for (const TimedEvent &E : Data.Samples[Sample]) {
    double Step = std::floor(E.Time / Dt + StepTolerance);
    if (!(Step < static_cast<double>(NumSteps)))
      return fail(
          fmt::format("an event of neuron {} at time {} is in step {:g} "
                      "of {}; give a larger dt or more steps",
                      E.Neuron, E.Time, Step, NumSteps));
    Out[static_cast<size_t>(static_cast<int64_t>(Step) * Data.NumNeurons +
                            E.Neuron)] += E.Value;
  }
  return Out;
}

} // namespace synfire::nir
