//===- SanaArch.cpp - Reads architectures of SANA-FE ----------------------===//

#include "models/sanafe/SanaArch.h"

#include "models/sanafe/SanaYaml.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

using namespace synfire;
using namespace synfire::sanafe;
using yaml::Node;

namespace {
constexpr uint64_t MostWidth = 1024, MostCoresPerTile = 16;
constexpr uint64_t MostNeurons = 1 << 20;
constexpr double MostJoules = 1, MostSeconds = 1;

/// The attributes of a thing by name.
using Attributes = std::map<std::string, const Node *, std::less<>>;

class Reader {
public:
  Reader(Arch &A, const UnitNames &Units) : A(A), Units(Units) {}
  Errors Found;
  void architecture(const Node &N);

private:
  Attributes attributes(const Node &Of);
  double number(const Attributes &From, const Node &Of, const char *Key,
                double Max);
  EventCost cost(const Attributes &From, const Node &Of,
                 const std::string &Event);
  uint64_t whole(const Attributes &From, const Node &Of, const char *Key,
                 uint64_t Max);
  void sync(const Attributes &From);
  void tile(const Node &N);
  void core(const Node &N, uint64_t &Cores);
  std::string nameOf(const Node &N);
  const Node *pickUnit(const Node &Core, const char *Section,
                       const std::string &Wanted, bool NoInputs);
  void fail(const Node &At, const char *Rule, std::string Text) {
    Found.push_back({At.Where, Rule, std::move(Text)});
  }
  void note(std::string Text) {
    if (std::ranges::find(A.Notes, Text) == A.Notes.end())
      A.Notes.push_back(std::move(Text));
  }

  Arch &A;
  const UnitNames &Units;
  bool HasTile = false, HasCore = false;
  uint64_t Tiles = 0;
};

/// The items of a list, or the one thing that stands in its place.
std::vector<const Node *> eachOf(const Node &N) {
  if (!N.isList())
    return {&N};
  std::vector<const Node *> Out;
  for (const Node &I : N.Items)
    Out.push_back(&I);
  return Out;
}
} // namespace

Attributes Reader::attributes(const Node &Of) {
  Attributes Out;
  if (const Node *N = Of.find("attributes"))
    for (const Attribute &At : attributesOf(*N, Found))
      Out[At.Key->Text] = At.Value;
  return Out;
}

double Reader::number(const Attributes &From, const Node &Of, const char *Key,
                      double Max) {
  auto It = From.find(Key);
  if (It == From.end()) {
    fail(Of, "sana-missing", fmt::format("`{}` is missing", Key));
    return 0;
  }
  return numberOf(*It->second, Key, 0, Max, Found).value_or(0);
}

EventCost Reader::cost(const Attributes &From, const Node &Of,
                       const std::string &Event) {
  return {number(From, Of, ("energy_" + Event).c_str(), MostJoules),
          number(From, Of, ("latency_" + Event).c_str(), MostSeconds)};
}

uint64_t Reader::whole(const Attributes &From, const Node &Of, const char *Key,
                       uint64_t Max) {
  auto It = From.find(Key);
  std::optional<uint64_t> V;
  if (It != From.end() && It->second->Type == Node::Kind::Scalar)
    V = wholeOf(It->second->Text);
  if (V && *V >= 1 && *V <= Max)
    return *V;
  fail(It == From.end() ? Of : *It->second, "sana-number",
       fmt::format("`{}` must be a whole number from 1 to {}", Key, Max));
  return 1;
}

std::string Reader::nameOf(const Node &N) {
  if (const Node *Name = N.find("name"))
    return textOf(*Name, "name", Found).value_or("");
  fail(N, "sana-missing", "`name` is missing");
  return "";
}

/// The one unit of a section that the chip will have; notes the others.
const Node *Reader::pickUnit(const Node &Core, const char *Section,
                             const std::string &Wanted, bool NoInputs) {
  const Node *In = Core.find(Section);
  if (!In) {
    fail(Core, "sana-missing",
         fmt::format("a core needs a unit `{}`", Section));
    return nullptr;
  }
  const Node *Picked = nullptr;
  std::vector<std::string> Others;
  for (const Node *Unit : eachOf(*In)) {
    if (!Unit->isMap()) {
      fail(*Unit, "sana-map", fmt::format("a unit of `{}` is a map", Section));
      return nullptr;
    }
    const std::string Name = nameOf(*Unit);
    const Attributes Has = attributes(*Unit);
    auto Model = Has.find("model");
    const bool IsInput = Model != Has.end() && Model->second->Text == "input";
    if (!Picked && (Wanted.empty() ? !(NoInputs && IsInput) : Name == Wanted))
      Picked = Unit;
    else if (!IsInput)
      Others.push_back(Name);
  }
  if (!Picked)
    fail(*In, "sana-unit",
         Wanted.empty()
             ? fmt::format("`{}` has no unit that neurons can use", Section)
             : fmt::format("`{}` has no unit `{}`; it has {}", Section, Wanted,
                           fmt::join(Others, ", ")));
  else if (!Others.empty())
    note(fmt::format("{}: '{}' is taken for all; a chip has one, so the costs "
                     "of {} are left out",
                     Section, Picked->find("name")->Text,
                     fmt::join(Others, ", ")));
  return Picked;
}

void Reader::core(const Node &N, uint64_t &Cores) {
  if (!N.isMap())
    return fail(N, "sana-map", "a core is a map");
  auto Many = rangeOf(nameOf(N), true, MostCoresPerTile, N.Where, Found);
  Cores += Many ? Many->size() : 1;
  CoreCosts C;
  const Attributes Of = attributes(N);
  C.Neurons = whole(Of, N, "max_neurons_supported", MostNeurons);
  auto Position = Of.find("buffer_position");
  auto Inside = Of.find("buffer_inside_unit");
  const bool IsInside =
      Inside != Of.end() &&
      truthOf(*Inside->second, "buffer_inside_unit", Found).value_or(false);
  const std::string Where = Position == Of.end() ? "" : Position->second->Text;
  C.DendriteEachStep = Where == "dendrite" && IsInside;
  if (!(Where == "soma" && !IsInside) && !C.DendriteEachStep)
    fail(Position == Of.end() ? N : *Position->second, "sana-buffer",
         fmt::format("the time-step buffer is {}`{}`; sums are kept before the "
                     "soma (`soma`), or inside a dendrite that delays",
                     IsInside ? "inside " : "before ", Where));
  const struct {
    const char *Section, *Model;
    const std::string &Wanted;
    std::initializer_list<std::pair<const char *, EventCost *>> Costs;
  } Sections[] = {
      {"axon_in", "", "", {{"message_in", &C.MessageIn}}},
      {"synapse",
       "current_based",
       Units.Synapse,
       {{"process_spike", &C.Synapse}}},
      {"dendrite",
       C.DendriteEachStep ? "accumulator_with_delay" : "accumulator",
       Units.Dendrite,
       {{"update", &C.Dendrite}}},
      {"soma",
       "leaky_integrate_fire",
       Units.Soma,
       {{"access_neuron", &C.Access},
        {"update_neuron", &C.Update},
        {"spike_out", &C.SpikeOut}}},
      {"axon_out", "", "", {{"message_out", &C.MessageOut}}},
  };
  for (const auto &S : Sections) {
    const std::string Section = S.Section;
    const Node *Unit =
        pickUnit(N, S.Section, S.Wanted, /*NoInputs=*/Section == "soma");
    if (!Unit)
      continue;
    const Attributes Has = attributes(*Unit);
    if (auto It = Has.find("plugin"); It != Has.end())
      fail(*It->second, "sana-plugin",
           "a unit that a plugin models cannot be described by costs; use a "
           "built-in model");
    if (auto It = Has.find("noise"); It != Has.end())
      fail(*It->second, "sana-noise", "noise of neurons is not imported");
    auto Model = Has.find("model");
    if (*S.Model && (Model == Has.end() || Model->second->Text != S.Model))
      fail(Model == Has.end() ? *Unit : *Model->second, "sana-model",
           fmt::format("a {} of the model `{}` is needed", S.Section, S.Model));
    if (auto It = Has.find("update_every_timestep");
        It != Has.end() &&
        truthOf(*It->second, It->first, Found).value_or(false))
      note(fmt::format("{}: forced updates in every step are not charged",
                       S.Section));
    for (auto [Event, Into] : S.Costs)
      *Into = cost(Has, *Unit, Event);
  }
  if (HasCore && !(C == A.Core))
    fail(N, "sana-differ",
         "this core differs from the first one; a chip has cores of one kind");
  A.Core = C;
  HasCore = true;
}

void Reader::tile(const Node &N) {
  if (!N.isMap())
    return fail(N, "sana-map", "a tile is a map");
  auto Many = rangeOf(nameOf(N), true, MostWidth * MostWidth, N.Where, Found);
  Tiles += Many ? Many->size() : 1;
  const Attributes Of = attributes(N);
  TileCosts T;
  for (auto [Way, Into] :
       {std::pair("north_hop", &T.North), std::pair("east_hop", &T.East),
        std::pair("south_hop", &T.South), std::pair("west_hop", &T.West)})
    *Into = cost(Of, N, Way);
  uint64_t Cores = 0;
  const Node *In = N.find("core");
  if (!In)
    return fail(N, "sana-missing", "a tile needs a `core`");
  for (const Node *C : eachOf(*In))
    core(*C, Cores);
  if (Cores > MostCoresPerTile)
    fail(*In, "sana-size",
         fmt::format("{} cores in a tile; at most {} are read", Cores,
                     MostCoresPerTile));
  if (HasTile && (!(T == A.Tile) || Cores != A.CoresPerTile))
    fail(N, "sana-differ",
         "this tile differs from the first one; a chip has tiles of one kind");
  A.Tile = T;
  A.CoresPerTile = Cores;
  HasTile = true;
}

void Reader::sync(const Attributes &From) {
  auto Model = From.find("sync_model");
  auto Time = From.find("latency_sync");
  const bool IsTable = Model != From.end() && Model->second->Text == "table";
  if (Model != From.end() && !IsTable && Model->second->Text != "fixed")
    return fail(*Model->second, "sana-choice",
                "`sync_model` is `fixed` or `table`");
  auto Seconds = [&](const Node &N) {
    return numberOf(N, "latency_sync", 0, MostSeconds, Found).value_or(0);
  };
  A.Sync = {{1, 0}};
  if (Time == From.end())
    return;
  const Node &N = *Time->second;
  if (N.isMap() || N.isList()) {
    if (!IsTable)
      return fail(N, "sana-choice", "a table needs `sync_model: table`");
    std::map<uint64_t, double> Steps;
    for (size_t I = 0; I != N.Items.size(); ++I) {
      auto Tiles = N.isMap() ? wholeOf(N.Keys[I].Text) : I;
      if (!Tiles || *Tiles > MostWidth * MostWidth)
        return fail(N.isMap() ? N.Keys[I] : N, "sana-number",
                    "a key of the table is a number of tiles");
      Steps[*Tiles] = Seconds(N.Items[I]);
    }
    if (Steps.empty())
      return fail(N, "sana-missing", "the table is empty");
    // At least one tile is in use; below the first step its time holds.
    auto AtOne = Steps.upper_bound(1);
    const double First =
        AtOne == Steps.begin() ? AtOne->second : std::prev(AtOne)->second;
    A.Sync = {{1, First}};
    for (auto [Tiles, Time] : Steps)
      if (Tiles > 1)
        A.Sync.push_back({Tiles, Time});
    return;
  }
  A.Sync = {{1, Seconds(N)}};
}

void Reader::architecture(const Node &N) {
  if (!N.isMap())
    return fail(N, "sana-map", "`architecture` is a map");
  A.Name = nameOf(N);
  const Attributes Of = attributes(N);
  if (auto It = Of.find("topology");
      It != Of.end() && It->second->Text != "mesh")
    fail(*It->second, "sana-choice", "`topology` is `mesh`");
  A.Width = whole(Of, N, "width", MostWidth);
  A.Height = whole(Of, N, "height", MostWidth);
  A.LinkBuffer = whole(Of, N, "link_buffer_size", 4096);
  sync(Of);
  const Node *In = N.find("tile");
  if (!In)
    return fail(N, "sana-missing", "an architecture needs a `tile`");
  for (const Node *T : eachOf(*In))
    tile(*T);
  if (Found.empty() && Tiles != A.Width * A.Height)
    fail(*In, "sana-size",
         fmt::format("{} tiles for a mesh of {} x {}; each place needs one",
                     Tiles, A.Width, A.Height));
}

Result<Arch> Arch::parse(std::string Text, const std::string &File,
                         const UnitNames &Units) {
  Result<Node> Root = yaml::parseDocument(Text, File);
  if (!Root)
    return Root.errors();
  const Node *N = Root->find("architecture");
  if (!N)
    return Error{Root->Where, "sana-missing",
                 "an architecture of SANA-FE has `architecture:` at the top"};
  Arch A;
  A.File = File;
  Reader R(A, Units);
  R.architecture(*N);
  if (!R.Found.empty())
    return R.Found;
  return A;
}
