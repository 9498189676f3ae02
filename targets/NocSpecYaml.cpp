//===- targets/NocSpecYaml.cpp - The keys of a network on chip ------------===//

#include "targets/ChipSpecYaml.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <variant>

using namespace synfire;
using yaml::MapReader;
using yaml::Node;
using yaml::Unit;

namespace {

constexpr double MaxCycles = 1024;
constexpr double MaxClock = 1e6; // MHz
constexpr std::string_view HopKey = "hop_ns";
constexpr std::string_view ClockKey = "clock_mhz";

const std::string Topologies[] = {"mesh", "torus", "tree"};
const std::string Routings[] = {"xy", "yx", "adaptive"};
const std::string Classes[] = {"events", "partial_sums", "reductions", "host"};

/// Which networks a key is for.
enum class For : uint8_t { All, Grid, Tree, Clocked };

/// A key of the section and the field that it fills.
struct Field {
  std::string_view Key;
  Unit Dimension;
  double Min, Max; ///< of a number
  std::variant<uint32_t NocSpec::*, bool NocSpec::*, double NocSpec::*,
               NocTopology NocSpec::*, NocRouting NocSpec::*,
               std::vector<TrafficClass> NocSpec::*>
      Place;
  For Use = For::All;
  bool InChip = false;  ///< a chip file must state it
  bool InAlone = false; ///< so must a file with a network alone

  std::string path() const { return fmt::format("noc.{}", Key); }
  bool usedBy(const NocSpec &Noc) const {
    bool IsTree = Noc.Topology == NocTopology::Tree;
    return Use == For::All || (Use == For::Tree && IsTree) ||
           (Use == For::Grid && !IsTree) ||
           (Use == For::Clocked && Noc.isClocked());
  }
};

const Field Fields[] = {
    {"topology", Unit::Count, 0, 0, &NocSpec::Topology},
    {"width", Unit::Count, 1, 1024, &NocSpec::Width, For::Grid, true, true},
    {"height", Unit::Count, 1, 1024, &NocSpec::Height, For::Grid, true, true},
    {"levels", Unit::Count, 1, 16, &NocSpec::TreeLevels, For::Tree, true, true},
    {"arity", Unit::Count, 2, 8, &NocSpec::TreeArity, For::Tree, true, true},
    // A hop names the cores of its router in 16 bits (docs/image.md).
    {"cores_per_router", Unit::Count, 1, 16, &NocSpec::CoresPerRouter, For::All,
     true},
    {"routing", Unit::Count, 0, 0, &NocSpec::Routing},
    {"multicast", Unit::Count, 0, 1, &NocSpec::Multicast, For::All, true},
    {"link_width_bits", Unit::Bits, 1, 4096, &NocSpec::LinkWidthBits, For::All,
     true},
    {"virtual_channels", Unit::Count, 1, 16, &NocSpec::VirtualChannels},
    {"buffer_flits", Unit::Count, 1, 4096, &NocSpec::BufferFlits},
    {"routing_cycles", Unit::Count, 0, MaxCycles, &NocSpec::RoutingCycles,
     For::Clocked},
    {"vc_allocation_cycles", Unit::Count, 1, MaxCycles,
     &NocSpec::VcAllocationCycles, For::Clocked},
    {"switch_allocation_cycles", Unit::Count, 1, MaxCycles,
     &NocSpec::SwitchAllocationCycles, For::Clocked},
    {"switch_traversal_cycles", Unit::Count, 1, MaxCycles,
     &NocSpec::SwitchTraversalCycles, For::Clocked},
    {"link_cycles", Unit::Count, 1, MaxCycles, &NocSpec::LinkCycles,
     For::Clocked},
    {"credit_cycles", Unit::Count, 0, MaxCycles, &NocSpec::CreditCycles,
     For::Clocked},
    {"injection_flits_per_cycle", Unit::Count, 0, 1,
     &NocSpec::InjectionFlitsPerCycle, For::Clocked},
    {"ejection_flits_per_cycle", Unit::Count, 0, 1,
     &NocSpec::EjectionFlitsPerCycle, For::Clocked},
    {"separate_networks", Unit::Count, 0, 0, &NocSpec::SeparateNetworks},
    {ClockKey, Unit::Count, 0, MaxClock, &NocSpec::ClockMhz, For::Clocked},
};

void readClasses(const Node &N, const std::string &Path,
                 std::vector<TrafficClass> &List, Errors &Out) {
  if (!N.isList()) {
    expectList(N, Path, Out);
    return;
  }
  for (const Node &Item : N.Items)
    if (auto V = readChoice(Item, Path, Classes, Out)) {
      auto Class = static_cast<TrafficClass>(*V);
      if (std::ranges::find(List, Class) != List.end())
        Out.push_back(
            {Item.Where, "yaml-duplicate-item",
             fmt::format("`{}`: `{}` is listed twice", Path, Item.Text)});
      else
        List.push_back(Class);
    }
  std::ranges::sort(List);
}

void readValue(const Field &F, const Node &N, NocSpec &Noc, Errors &Out) {
  auto Read = [&]<typename T>(T NocSpec::*Place) {
    T &Held = Noc.*Place;
    const std::string Path = F.path();
    if constexpr (std::is_same_v<T, bool>) {
      if (auto V = readBool(N, Path, Out))
        Held = *V;
    } else if constexpr (std::is_same_v<T, uint32_t> ||
                         std::is_same_v<T, double>) {
      constexpr bool Whole = std::is_same_v<T, uint32_t>;
      if (auto V = readNumber(N, Path, F.Dimension, F.Min, F.Max, Whole, Out))
        Held = static_cast<T>(*V);
    } else if constexpr (std::is_same_v<T, NocTopology>) {
      if (auto V = readChoice(N, Path, Topologies, Out))
        Held = static_cast<T>(*V);
    } else if constexpr (std::is_same_v<T, NocRouting>) {
      if (auto V = readChoice(N, Path, Routings, Out))
        Held = static_cast<T>(*V);
    } else {
      Held.clear();
      readClasses(N, Path, Held, Out);
    }
  };
  std::visit(Read, F.Place);
}

std::string valueText(const Field &F, const NocSpec &Noc) {
  auto Write = [&]<typename T>(T NocSpec::*Place) -> std::string {
    const T &Held = Noc.*Place;
    if constexpr (std::is_same_v<T, NocTopology>)
      return std::string(topologyName(Held));
    else if constexpr (std::is_same_v<T, NocRouting>)
      return std::string(routingName(Held));
    else if constexpr (std::is_same_v<T, std::vector<TrafficClass>>) {
      std::vector<std::string_view> Names;
      for (TrafficClass C : Held)
        Names.push_back(trafficClassName(C));
      return fmt::format("[{}]", fmt::join(Names, ", "));
    } else
      return fmt::format("{}", Held);
  };
  return std::visit(Write, F.Place);
}

/// A key written as nothing takes back what a chip further down states.
const Node *takeStated(MapReader &Reader, std::string_view Key) {
  const Node *N = Reader.take(Key);
  return N && N->Type == Node::Kind::Null ? nullptr : N;
}

class NocReader {
public:
  NocReader(const Node &Map, ChipSpec &Spec,
            std::map<std::string, std::string> &Places, bool Alone, Errors &Out)
      : Reader(Map, "noc", Out), Spec(Spec), Places(Places), Alone(Alone),
        Out(Out) {}

  void run() {
    readTimes();
    // What kind of network it is decides which keys it has.
    for (const Field &F : Fields)
      readField(F);
    Reader.finish();
    if (!Spec.Noc.isClocked())
      return;
    for (Action A : {Action::HopEastWest, Action::HopNorthSouth}) {
      Cost &Row = Spec.Costs[A];
      const Sourced &Clock = Spec.Origins["noc.clock_mhz"];
      Row.Time = Row.TimeLow = Row.TimeHigh = Spec.Noc.cycle();
      Row.TimeGrade = Clock.Evidence;
      Row.TimeSource = fmt::format("one cycle at {} MHz: {}", Spec.Noc.ClockMhz,
                                   Clock.Source);
    }
  }

private:
  void readTimes() {
    const Node *Hop = takeStated(Reader, HopKey);
    if (!Hop)
      return;
    Places["noc.hop_ns"] = Hop->Where;
    Spec.Noc.HopTime.emplace();
    if (!expectMap(*Hop, "noc.hop_ns", Out))
      return;
    MapReader Axes(*Hop, "noc.hop_ns", Out);
    auto Axis = [&](std::string_view Key, Action A, Nanoseconds &Held) {
      if (const Node *N = Axes.need(Key)) {
        Places[Axes.pathOf(Key)] = N->Where;
        readHopTime(*N, Axes.pathOf(Key), Spec.Costs[A], Out);
        Held = Spec.Costs[A].Time;
      }
    };
    Axis("east_west", Action::HopEastWest, Spec.Noc.HopTime->EastWest);
    Axis("north_south", Action::HopNorthSouth, Spec.Noc.HopTime->NorthSouth);
    Axes.finish();
  }

  void readField(const Field &F) {
    Sourced &Origin = Spec.Origins[F.path()];
    bool Used = F.usedBy(Spec.Noc);
    const bool Needed = Used && (Alone ? F.InAlone : F.InChip);
    const Node *N = Needed ? Reader.need(F.Key) : takeStated(Reader, F.Key);
    if (!N) {
      Origin.Source = "not stated; the usual value";
      return;
    }
    Places[F.path()] = N->Where;
    if (!Used)
      return refuse(F, *N);
    if (!N->isMap()) {
      Origin.Source = bareSource(*N);
      return readValue(F, *N, Spec.Noc, Out);
    }
    MapReader Parts(*N, F.path(), Out);
    const Node *Value = Parts.need("value");
    if (Value)
      readValue(F, *Value, Spec.Noc, Out);
    readEvidence(Parts, Value && Value->FromOverride, Origin.Evidence,
                 Origin.Source, Out);
    Parts.finish();
  }

  void refuse(const Field &F, const Node &N) {
    std::string Why = fmt::format("is for a {}; this network is a {}",
                                  F.Use == For::Tree ? "tree" : "mesh or torus",
                                  topologyName(Spec.Noc.Topology));
    if (F.Key == ClockKey)
      Why = "stands beside noc.hop_ns; a network has a clock or hops of a "
            "given time. Remove one (`noc.hop_ns: null` takes an inherited "
            "one back)";
    else if (F.Use == For::Clocked)
      Why = "counts cycles, but noc.hop_ns describes a network without a "
            "clock; remove one of the two";
    Out.push_back({N.Where, "noc-key", fmt::format("`{}` {}", F.path(), Why)});
  }

  MapReader Reader;
  ChipSpec &Spec;
  std::map<std::string, std::string> &Places;
  bool Alone;
  Errors &Out;
};

} // namespace

void synfire::readNoc(const Node &Map, ChipSpec &Spec,
                      std::map<std::string, std::string> &Places, bool Alone,
                      Errors &Out) {
  NocReader(Map, Spec, Places, Alone, Out).run();
}

std::string synfire::writeNoc(const ChipSpec &Spec) {
  std::string Text = "noc:\n";
  for (const Field &F : Fields) {
    if (!F.usedBy(Spec.Noc))
      continue;
    const Sourced &Origin = originOf(Spec, F.path());
    Text += fmt::format("  {}: {{value: {}, grade: {}, source: {}}}\n", F.Key,
                        valueText(F, Spec.Noc), gradeLetter(Origin.Evidence),
                        yaml::quote(Origin.Source));
  }
  if (!Spec.Noc.isClocked())
    Text += fmt::format("  {}:\n    east_west: {}\n    north_south: {}\n",
                        HopKey, hopTimeText(Spec.Costs[Action::HopEastWest]),
                        hopTimeText(Spec.Costs[Action::HopNorthSouth]));
  return Text;
}

void synfire::describeNoc(const ChipSpec &Spec, std::vector<SpecRow> &Rows) {
  for (const Field &F : Fields) {
    if (!F.usedBy(Spec.Noc))
      continue;
    const Sourced &Origin = originOf(Spec, F.path());
    Rows.push_back(
        {F.path(), valueText(F, Spec.Noc),
         F.Key == ClockKey ? "MHz" : std::string(unitName(F.Dimension)),
         gradeLetter(Origin.Evidence), "", Origin.Source});
  }
  if (Spec.Noc.isClocked())
    return;
  Rows.push_back(
      hopTimeRow("noc.hop_ns.east_west", Spec.Costs[Action::HopEastWest]));
  Rows.push_back(
      hopTimeRow("noc.hop_ns.north_south", Spec.Costs[Action::HopNorthSouth]));
}

Result<NocSpec> NocSpec::parse(const std::string &Yaml,
                               const std::string &FileName,
                               const std::vector<std::string> &Overrides) {
  Result<Node> Root = yaml::parseDocument(Yaml, FileName);
  if (!Root)
    return Root.errors();
  // A chip says more than its network.
  bool IsChip = Root->find("extends") || Root->find("core") ||
                Root->find("costs") || Root->find("name");
  if (IsChip || !Root->isMap()) {
    Result<ChipSpec> Chip = ChipSpec::parse(Yaml, FileName, Overrides);
    if (!Chip)
      return Chip.errors();
    return Chip->Noc;
  }
  for (const std::string &O : Overrides)
    if (Status S = yaml::applyOverride(*Root, O); !S)
      return S.errors();
  Errors Out;
  ChipSpec Spec;
  std::map<std::string, std::string> Places;
  MapReader Top(*Root, "", Out);
  if (const Node *N = Top.take("version"))
    readNumber(*N, "version", Unit::Count, 1, 1, true, Out);
  if (const Node *N = Top.need("noc"); N && expectMap(*N, "noc", Out)) {
    Places["noc"] = N->Where;
    readNoc(*N, Spec, Places, true, Out);
  }
  Top.finish();
  if (Out.empty())
    Out = nocFaults(Spec.Noc, FileName, Places);
  if (!Out.empty())
    return Out;
  return Spec.Noc;
}

Errors synfire::nocFaults(const NocSpec &Noc, const std::string &File,
                          const std::map<std::string, std::string> &Places) {
  Errors Out;
  for (const NocFault &Fault : checkNoc(Noc)) {
    std::string Key = "noc." + Fault.Key;
    auto At = Places.find(Key);
    if (At == Places.end())
      At = Places.find("noc");
    Out.push_back({At == Places.end() ? File : At->second, Fault.Rule,
                   fmt::format("`{}`: {}", Key, Fault.Text)});
  }
  return Out;
}
