//===- simulator/baselines/DeviceYaml.cpp - The keys of a device ----------===//

#include "simulator/baselines/DeviceYaml.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace synfire::baselines {

using yaml::MapReader;
using yaml::Node;
using yaml::Unit;

namespace {

enum class Needed {
  Always,
  WithTime, ///< all such keys or none
  Never,
};

/// A key `section.key` of a device file and the number that it fills.
struct Field {
  std::string_view Section, Key;
  Unit Dimension;
  std::string_view UnitText; ///< as lists print it
  double Min, Max;
  bool Whole;
  Needed When;
  std::optional<Figure> DenseDevice::*Number;

  std::string path() const { return fmt::format("{}.{}", Section, Key); }
};

constexpr double MaxBits = 64, MaxEnergy = 1e9, MaxTime = 1e12, MaxRate = 1e12,
                 MaxCount = 1e6, MaxCapacity = 1e18, MaxPower = 1e6;
/// A share that is used and divided by: nothing runs at a rate of 0.
constexpr double LeastShare = 1e-6;

const Field Fields[] = {
    {"precision", "weight_bits", Unit::Bits, "bit", 1, MaxBits, true,
     Needed::Always, &DenseDevice::WeightBits},
    {"precision", "kv_bits", Unit::Bits, "bit", 1, MaxBits, true,
     Needed::Always, &DenseDevice::KvBits},
    {"memory", "energy_pj_per_bit", Unit::Picojoules, "pJ/bit", 0, MaxEnergy,
     false, Needed::Always, &DenseDevice::MemoryEnergy},
    {"memory", "capacity_bytes", Unit::Bytes, "B", 1, MaxCapacity, true,
     Needed::Never, &DenseDevice::Capacity},
    {"memory", "bandwidth", Unit::BitsPerNanosecond, "bit/ns", LeastShare,
     MaxRate, false, Needed::WithTime, &DenseDevice::Bandwidth},
    {"memory", "bandwidth_use", Unit::Count, "share", LeastShare, 1, false,
     Needed::WithTime, &DenseDevice::BandwidthUse},
    {"arithmetic", "energy_pj_per_mac", Unit::Picojoules, "pJ/MAC", 0,
     MaxEnergy, false, Needed::Always, &DenseDevice::MacEnergy},
    {"arithmetic", "macs_per_ns", Unit::Count, "MAC/ns", LeastShare, MaxRate,
     false, Needed::WithTime, &DenseDevice::MacRate},
    {"arithmetic", "rate_use", Unit::Count, "share", LeastShare, 1, false,
     Needed::WithTime, &DenseDevice::MacUse},
    {"power", "static_w", Unit::Watts, "W", 0, MaxPower, false,
     Needed::WithTime, &DenseDevice::StaticPower},
    {"launch", "per_layer_ns", Unit::Nanoseconds, "ns", 0, MaxTime, false,
     Needed::WithTime, &DenseDevice::LayerTime},
    {"launch", "per_step_ns", Unit::Nanoseconds, "ns", 0, MaxTime, false,
     Needed::WithTime, &DenseDevice::StepTime},
    {"system", "max_devices", Unit::Count, "devices", 1, MaxCount, true,
     Needed::Never, &DenseDevice::MaxDevices},
    {"system", "large_batch", Unit::Count, "sequences", 2, MaxCount, true,
     Needed::Never, &DenseDevice::LargeBatch},
};

const std::string Grades[] = {"M", "P", "D", "A"};

/// Grade and source, which every number must have.
void readEvidence(MapReader &Reader, Grade &Evidence, std::string &Source,
                  Errors &Out) {
  if (const Node *N = Reader.need("grade"))
    if (auto V = readChoice(*N, Reader.pathOf("grade"), Grades, Out))
      Evidence = static_cast<Grade>(*V);
  const Node *N = Reader.need("source");
  if (!N)
    return;
  if (auto V = readText(*N, Reader.pathOf("source"), Out))
    Source = *V;
  if (N->Type == Node::Kind::Null || Source.empty())
    Out.push_back({N->Where, "baseline-source",
                   fmt::format("`{}` is empty; name the paper or data sheet, "
                               "or, for grade A, why it is assumed",
                               Reader.pathOf("source"))});
}

std::optional<Figure> readFigure(const Node &N, const Field &F, Errors &Out) {
  if (!N.isMap()) {
    Out.push_back({N.Where, "baseline-source",
                   fmt::format("`{}` has no source; write {{value: ..., grade: "
                               "A, source: \"...\"}}",
                               F.path())});
    return std::nullopt;
  }
  size_t Before = Out.size();
  MapReader Reader(N, F.path(), Out);
  Figure Number;
  auto read = [&](const Node *At, std::string_view Key, double &Held) {
    if (At)
      if (auto V = readNumber(*At, Reader.pathOf(Key), F.Dimension, F.Min,
                              F.Max, F.Whole, Out))
        Held = *V;
  };
  read(Reader.need("value"), "value", Number.Value);
  Number.Low = Number.High = Number.Value;
  read(Reader.take("low"), "low", Number.Low);
  read(Reader.take("high"), "high", Number.High);
  readEvidence(Reader, Number.Evidence, Number.Source, Out);
  Reader.finish();
  if (Out.size() == Before &&
      !(Number.Low <= Number.Value && Number.Value <= Number.High))
    Out.push_back(
        {N.Where, "baseline-range",
         fmt::format("`{}`: low {} <= value {} <= high {} does not "
                     "hold",
                     F.path(), Number.Low, Number.Value, Number.High)});
  return Number;
}

void readFields(MapReader &Top, DenseDevice &Device, Errors &Out) {
  for (size_t I = 0; I < std::size(Fields);) {
    std::string_view Section = Fields[I].Section;
    const Node *Map = Top.take(Section);
    bool Sound = Map && expectMap(*Map, std::string(Section), Out);
    std::optional<MapReader> Reader;
    if (Sound)
      Reader.emplace(*Map, std::string(Section), Out);
    for (; I < std::size(Fields) && Fields[I].Section == Section; ++I) {
      const Field &F = Fields[I];
      if (F.When == Needed::Always && !Map)
        Top.need(F.path());
      if (!Sound)
        continue;
      const Node *N =
          F.When == Needed::Always ? Reader->need(F.Key) : Reader->take(F.Key);
      if (N)
        Device.*F.Number = readFigure(*N, F, Out);
    }
    if (Sound)
      Reader->finish();
  }
}

/// A rate without a power, or the other way round, would give half a truth.
void checkTime(const Node &Root, const DenseDevice &Device, Errors &Out) {
  std::vector<std::string> There, Missing;
  for (const Field &F : Fields)
    if (F.When == Needed::WithTime)
      (Device.*F.Number ? There : Missing).push_back(F.path());
  if (!There.empty() && !Missing.empty())
    Out.push_back(
        {Root.Where, "baseline-time",
         fmt::format("a device with time also needs {}; without "
                     "time, leave out {}",
                     fmt::join(Missing, ", "), fmt::join(There, ", "))});
}

void readRun(const Node &N, const std::string &Path, PublishedRun &Run,
             Errors &Out) {
  if (!expectMap(N, Path, Out))
    return;
  MapReader Reader(N, Path, Out);
  if (const Node *Model = Reader.need("model"))
    if (auto V = readText(*Model, Reader.pathOf("model"), Out))
      Run.Model = *V;
  auto number = [&](const Node *At, std::string_view Key, double Min,
                    double Max) -> std::optional<double> {
    return At ? readNumber(*At, Reader.pathOf(Key), Unit::Count, Min, Max,
                           false, Out)
              : std::nullopt;
  };
  const std::pair<const char *, double *> Sizes[] = {
      {"layers", &Run.Shape.Layers},
      {"width", &Run.Shape.Width},
      {"vocabulary", &Run.Shape.Vocabulary},
      {"context", &Run.Context},
      {"batch", &Run.Batch}};
  for (const auto &[Key, Held] : Sizes)
    if (auto V = number(Reader.need(Key), Key, 1, 1e9))
      *Held = *V;
  if (auto V = number(Reader.take("kv_share"), "kv_share", LeastShare, 1))
    Run.Shape.KvShare = *V;
  Run.TokensPerSecond =
      number(Reader.take("tokens_per_s"), "tokens_per_s", LeastShare, MaxRate);
  Run.JoulesPerToken = number(Reader.take("joules_per_token"),
                              "joules_per_token", 1e-15, MaxRate);
  readEvidence(Reader, Run.Evidence, Run.Source, Out);
  Reader.finish();
}

} // namespace

DenseDevice readDevice(const Node &Root, Errors &Out) {
  DenseDevice Device;
  if (!expectMap(Root, "the document", Out))
    return Device;
  MapReader Top(Root, "", Out);
  if (const Node *N = Top.need("version"))
    readNumber(*N, "version", Unit::Count, 1, 1, true, Out);
  Top.take("extends"); // Resolved before.
  if (const Node *N = Top.need("name"))
    if (auto V = readText(*N, "name", Out))
      Device.Name = *V;
  if (const Node *N = Top.need("summary"))
    if (auto V = readText(*N, "summary", Out))
      Device.Summary = *V;
  readFields(Top, Device, Out);
  if (const Node *Runs = Top.take("published")) {
    if (!Runs->isList())
      expectList(*Runs, "published", Out);
    for (size_t I = 0; I < Runs->Items.size(); ++I)
      readRun(Runs->Items[I], fmt::format("published.{}", I),
              Device.Published.emplace_back(), Out);
  }
  Top.finish();
  if (Out.empty())
    checkTime(Root, Device, Out);
  return Device;
}

std::vector<FigureRow> describe(const DenseDevice &Device) {
  std::vector<FigureRow> Rows;
  for (const Field &F : Fields)
    if (Device.*F.Number)
      Rows.push_back({F.path(), std::string(F.UnitText), *(Device.*F.Number)});
  return Rows;
}

} // namespace synfire::baselines
