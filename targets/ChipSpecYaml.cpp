//===- targets/ChipSpecYaml.cpp - The keys of a chip file -------*- C++ -*-===//

#include "targets/ChipSpecYaml.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

using namespace synfire;
using yaml::Unit;

namespace {

constexpr double MaxNeurons = 1 << 20;
constexpr double MaxTable = 1 << 24;
constexpr double MaxPool = double(uint64_t(1) << 32);

#define SYNFIRE_FIELD(Type, Place)                                             \
  SpecField::Access<Type>([](ChipSpec &S) -> Type & { return S.Place; })

const SpecField Fields[] = {
    {"core", "neurons", Unit::Count, 1, MaxNeurons,
     SYNFIRE_FIELD(uint32_t, Core.Neurons)},
    {"core", "input_axons", Unit::Count, 1, MaxTable,
     SYNFIRE_FIELD(uint32_t, Core.InputAxons)},
    {"core", "output_flows", Unit::Count, 1, MaxTable,
     SYNFIRE_FIELD(uint32_t, Core.OutputFlows)},
    {"core", "unified_bytes", Unit::Bytes, 1024, MaxPool,
     SYNFIRE_FIELD(std::optional<Bytes>, Core.UnifiedBytes)},
    {"core", "synapse_bytes", Unit::Bytes, 64, MaxPool,
     SYNFIRE_FIELD(std::optional<Bytes>, Core.SynapseBytes)},
    {"core", "state_bytes", Unit::Bytes, 64, MaxPool,
     SYNFIRE_FIELD(std::optional<Bytes>, Core.StateBytes)},
    {"core", "program_bytes", Unit::Bytes, 64, MaxPool,
     SYNFIRE_FIELD(std::optional<Bytes>, Core.ProgramBytes)},
    {"core", "axon_bytes", Unit::Bytes, 64, MaxPool,
     SYNFIRE_FIELD(std::optional<Bytes>, Core.AxonBytes)},
    {"core", "axon_entry_bytes", Unit::Bytes, 0, 64,
     SYNFIRE_FIELD(uint32_t, Core.AxonEntryBytes)},
    {"core", "accumulator_bits", Unit::Bits, 8, 32,
     SYNFIRE_FIELD(uint32_t, Core.AccumulatorBits)},
    {"core", "weight_bits", Unit::Bits, 1, 8,
     SYNFIRE_FIELD(std::vector<uint32_t>, Core.WeightBits)},
    {"core", "accumulate_lanes", Unit::Count, 1, 65536,
     SYNFIRE_FIELD(uint32_t, Core.AccumulateLanes)},
    {"core", "program_lanes", Unit::Count, 1, 65536,
     SYNFIRE_FIELD(uint32_t, Core.ProgramLanes)},
    {"core", "dynamic_synapses", Unit::Count, 0, 1,
     SYNFIRE_FIELD(bool, Core.DynamicSynapses)},
    {"core", "skips_zero_weights", Unit::Count, 0, 1,
     SYNFIRE_FIELD(bool, Core.SkipsZeroWeights)},
    {"core", "buffered_sums", Unit::Count, 0, 1,
     SYNFIRE_FIELD(bool, Core.BufferedSums)},
    {"core", "synapse_word_bits", Unit::Bits, 0, 1024,
     SYNFIRE_FIELD(uint32_t, Core.Synapses.WordBits)},
    {"core", "synapse_header_bits", Unit::Bits, 0, 1024,
     SYNFIRE_FIELD(uint32_t, Core.Synapses.HeaderBits)},
    {"core", "synapse_group", Unit::Count, 0, MaxTable,
     SYNFIRE_FIELD(uint32_t, Core.Synapses.Group)},
    {"core", "synapse_index_bits", Unit::Bits, 0, 32,
     SYNFIRE_FIELD(uint32_t, Core.Synapses.IndexBits)},
    {"core", "synapse_stride_bits", Unit::Bits, 0, 32,
     SYNFIRE_FIELD(uint32_t, Core.Synapses.StrideBits)},
    {"core", "weight_exponent_bits", Unit::Bits, 0, 8,
     SYNFIRE_FIELD(uint32_t, Core.WeightExponentBits)},
    {"neuron", "programmable", Unit::Count, 0, 1,
     SYNFIRE_FIELD(bool, Neuron.Programmable)},
    {"neuron", "instructions", Unit::Count, 0, 0,
     SYNFIRE_FIELD(std::vector<isa::CostClass>, Neuron.Instructions)},
    {"neuron", "program_words", Unit::Count, 0, 65536,
     SYNFIRE_FIELD(uint32_t, Neuron.ProgramWords)},
    {"neuron", "instruction_bytes", Unit::Bytes, 0, 64,
     SYNFIRE_FIELD(uint32_t, Neuron.InstructionBytes)},
    {"neuron", "arithmetic", Unit::Count, 0, 0,
     SYNFIRE_FIELD(Arithmetic, Neuron.Numbers)},
    {"neuron", "state_bits", Unit::Bits, 8, 32,
     SYNFIRE_FIELD(uint32_t, Neuron.StateBits)},
    {"neuron", "multiplier_bits", Unit::Bits, 4, 32,
     SYNFIRE_FIELD(uint32_t, Neuron.MultiplierBits)},
    {"neuron", "rounding", Unit::Count, 0, 0,
     SYNFIRE_FIELD(Rounding, Neuron.Rounds)},
    {"neuron", "overflow", Unit::Count, 0, 0,
     SYNFIRE_FIELD(Overflow, Neuron.Beyond)},
    {"event", "kinds", Unit::Count, 0, 0,
     SYNFIRE_FIELD(std::vector<image::PayloadKind>, Event.Kinds)},
    {"event", "payload_bits", Unit::Bits, 0, 32,
     SYNFIRE_FIELD(uint32_t, Event.PayloadBits)},
    {"event", "header_bits", Unit::Bits, 1, 1024,
     SYNFIRE_FIELD(uint32_t, Event.HeaderBits)},
    {"event", "driven", Unit::Count, 0, 1, SYNFIRE_FIELD(bool, Event.Driven)},
    {"system", "max_chips", Unit::Count, 1, 65536,
     SYNFIRE_FIELD(uint32_t, System.MaxChips)},
    {"system", "grid_width", Unit::Count, 1, 65536,
     SYNFIRE_FIELD(uint32_t, System.GridWidth)},
    {"system", "usable_cores", Unit::Count, 1, 1 << 24,
     SYNFIRE_FIELD(uint32_t, System.UsableCores)},
    {"system", "link_width_bits", Unit::Bits, 1, 4096,
     SYNFIRE_FIELD(uint32_t, System.LinkWidthBits)},
    {"system", "barrier", Unit::Count, 0, 1,
     SYNFIRE_FIELD(bool, System.Barrier)},
};
#undef SYNFIRE_FIELD

const std::string Instructions[] = {"move",     "memory",  "add",
                                    "multiply", "divide",  "exponential",
                                    "logic",    "convert", "emit"};
static_assert(std::size(Instructions) == isa::NumCostClasses);
const std::string PayloadKinds[] = {"binary", "ternary", "signed", "unsigned"};
const std::string Arithmetics[] = {"float32", "fixed"};
const std::string Roundings[] = {"toward_zero", "down", "nearest"};
const std::string Overflows[] = {"saturate", "wrap"};
const std::string Grades[] = {"M", "P", "D", "A"};

const std::string SetSource = "set by --set";

template <typename T>
constexpr bool IsNumber = std::is_same_v<T, uint32_t>;

/// Names of a key with one of a few values, in the order of the enumerators.
template <typename T>
std::span<const std::string> choicesOf() {
  if constexpr (std::is_same_v<T, Arithmetic>)
    return Arithmetics;
  else if constexpr (std::is_same_v<T, Rounding>)
    return Roundings;
  else
    return Overflows;
}

/// Reads one list item into an element of the field's type.
template <typename T>
std::optional<T> readItem(const SpecField &F, const yaml::Node &N,
                          Errors &Out) {
  if constexpr (IsNumber<T>) {
    if (auto V = readNumber(N, F.path(), F.Unit, F.Min, F.Max, true, Out))
      return static_cast<T>(*V);
  } else {
    auto Names = std::is_same_v<T, isa::CostClass> ? instructionNames()
                                                   : payloadKindNames();
    if (auto V = readChoice(N, F.path(), Names, Out))
      return static_cast<T>(*V);
  }
  return std::nullopt;
}

template <typename T>
void readList(const SpecField &F, const yaml::Node &N, std::vector<T> &List,
              Errors &Out) {
  // No instructions is what a chip with fixed neurons says.
  bool MayBeEmpty = std::is_same_v<T, isa::CostClass>;
  if (!(MayBeEmpty && N.isList()) && !expectList(N, F.path(), Out))
    return;
  for (const yaml::Node &Item : N.Items)
    if (std::optional<T> V = readItem<T>(F, Item, Out)) {
      if (std::ranges::find(List, *V) != List.end())
        Out.push_back(
            {Item.Where, "yaml-duplicate-item",
             fmt::format("`{}`: `{}` is listed twice", F.path(), Item.Text)});
      List.push_back(*V);
    }
  std::ranges::sort(List);
}

void readValue(const SpecField &F, const yaml::Node &N, ChipSpec &Spec,
               Errors &Out) {
  auto Read = [&]<typename T>(SpecField::Access<T> Field) {
    T &Held = Field(Spec);
    if constexpr (std::is_same_v<T, bool>) {
      if (auto V = readBool(N, F.path(), Out))
        Held = *V;
    } else if constexpr (std::is_same_v<T, uint32_t>) {
      if (auto V = readNumber(N, F.path(), F.Unit, F.Min, F.Max, true, Out))
        Held = static_cast<uint32_t>(*V);
    } else if constexpr (std::is_same_v<T, std::optional<Bytes>>) {
      if (auto V = readNumber(N, F.path(), F.Unit, F.Min, F.Max, true, Out))
        Held = Bytes(static_cast<uint64_t>(*V));
    } else if constexpr (std::is_enum_v<T>) {
      if (auto V = readChoice(N, F.path(), choicesOf<T>(), Out))
        Held = static_cast<T>(*V);
    } else {
      readList(F, N, Held, Out);
    }
  };
  std::visit(Read, F.Field);
}

/// `value` alone or `{value, grade, source}`.
void readField(const SpecField &F, const yaml::Node &N, ChipSpec &Spec,
               Errors &Out) {
  Sourced &Origin = Spec.Origins[F.path()];
  if (!N.isMap()) {
    Origin.Source = bareSource(N);
    return readValue(F, N, Spec, Out);
  }
  yaml::MapReader Reader(N, F.path(), Out);
  const yaml::Node *Value = Reader.need("value");
  if (Value)
    readValue(F, *Value, Spec, Out);
  readEvidence(Reader, Value && Value->FromOverride, Origin.Evidence,
               Origin.Source, Out);
  Reader.finish();
}

/// The `noc` section stands before this one; it has a table of its own.
constexpr std::string_view AfterNoc = "system";

constexpr std::string_view UsableCores = "system.usable_cores";

/// Keys that may be left out although the field has no empty state, with the
/// source of the value that it has then.
const std::pair<std::string_view, std::string_view> Defaults[] = {
    {"core.accumulate_lanes", "one at a time where nothing else is stated"},
    {"core.program_lanes", "one at a time where nothing else is stated"},
    {"core.dynamic_synapses",
     "events write no synapses where nothing else is stated"},
    {"core.skips_zero_weights", "all are stored where nothing else is stated"},
    {"core.buffered_sums",
     "a step waits for its synapses where nothing else is stated"},
    {"core.synapse_word_bits", "bare weights where nothing else is stated"},
    {"core.synapse_header_bits", "none where nothing else is stated"},
    {"core.synapse_group", "all of a row where nothing else is stated"},
    {"core.synapse_index_bits", "none where nothing else is stated"},
    {"core.synapse_stride_bits", "none where nothing else is stated"},
    {"core.weight_exponent_bits", "none where nothing else is stated"},
    {"neuron.arithmetic", "binary32 where nothing else is stated"},
    {"neuron.state_bits", "a register where nothing else is stated"},
    {"neuron.multiplier_bits", "a register where nothing else is stated"},
    {"neuron.rounding", "as shifts of the magnitude where nothing else is "
                        "stated"},
    {"neuron.overflow", "stays at the end where nothing else is stated"},
    {"event.driven", "work is started by events where nothing else is stated"},
    {UsableCores, "all cores of the mesh"},
};

bool isOptional(const SpecField &F) {
  return std::ranges::find(Defaults, F.path(),
                           [](const auto &D) { return D.first; }) !=
             std::end(Defaults) ||
         std::holds_alternative<SpecField::Access<std::optional<Bytes>>>(
             F.Field);
}

/// The value as YAML, or nothing for a pool that is not given.
std::optional<std::string> valueText(const SpecField &F, const ChipSpec &Spec) {
  auto Write = [&]<typename T>(
                   SpecField::Access<T> Field) -> std::optional<std::string> {
    // The table's accessors are for both directions; nothing is changed here.
    const T &Held = Field(const_cast<ChipSpec &>(Spec));
    if constexpr (std::is_same_v<T, std::optional<Bytes>>) {
      if (!Held)
        return std::nullopt;
      return fmt::format("{}", Held->Value);
    } else if constexpr (std::is_same_v<T, std::vector<uint32_t>>) {
      return fmt::format("[{}]", fmt::join(Held, ", "));
    } else if constexpr (std::is_same_v<T, uint32_t> ||
                         std::is_same_v<T, bool>) {
      return fmt::format("{}", Held);
    } else if constexpr (std::is_enum_v<T>) {
      return choicesOf<T>()[static_cast<unsigned>(Held)];
    } else {
      std::vector<std::string> Names;
      for (auto Item : Held)
        Names.push_back(
            (std::is_same_v<T, std::vector<isa::CostClass>>
                 ? instructionNames()
                 : payloadKindNames())[static_cast<unsigned>(Item)]);
      return fmt::format("[{}]", fmt::join(Names, ", "));
    }
  };
  return std::visit(Write, F.Field);
}

} // namespace

const Sourced &synfire::originOf(const ChipSpec &Spec,
                                 const std::string &Path) {
  static const Sourced Unknown{0, "", Grade::Assumed, "not stated"};
  auto At = Spec.Origins.find(Path);
  return At == Spec.Origins.end() ? Unknown : At->second;
}

std::string SpecField::path() const {
  return fmt::format("{}.{}", Section, Key);
}

std::span<const SpecField> synfire::specFields() { return Fields; }
std::span<const std::string> synfire::instructionNames() {
  return Instructions;
}
std::span<const std::string> synfire::payloadKindNames() {
  return PayloadKinds;
}

std::string synfire::bareSource(const yaml::Node &Value) {
  return Value.FromOverride ? SetSource : "not stated";
}

void synfire::readEvidence(yaml::MapReader &Reader, bool Overridden,
                           Grade &Evidence, std::string &Source, Errors &Out) {
  const yaml::Node *GradeNode = Reader.take("grade");
  const yaml::Node *SourceNode = Reader.take("source");
  Evidence = Grade::Assumed;
  Source = "not stated";
  if (GradeNode)
    if (auto V = readChoice(*GradeNode, Reader.pathOf("grade"), Grades, Out))
      Evidence = static_cast<Grade>(*V);
  if (SourceNode)
    if (auto V = readText(*SourceNode, Reader.pathOf("source"), Out))
      Source = *V;
  // The file's evidence is not that of a number from the command line.
  if (Overridden && !(GradeNode && GradeNode->FromOverride))
    Evidence = Grade::Assumed;
  if (Overridden && !(SourceNode && SourceNode->FromOverride))
    Source = SetSource;
}

void synfire::readSpec(const yaml::Node &Root, ChipSpec &Spec,
                       std::map<std::string, std::string> &Places,
                       Errors &Out) {
  if (!expectMap(Root, "the document", Out))
    return;
  yaml::MapReader Top(Root, "", Out);
  if (const yaml::Node *N = Top.need("version"))
    readNumber(*N, "version", Unit::Count, 1, 1, true, Out);
  Top.take("extends"); // Resolved before.
  if (const yaml::Node *N = Top.need("name"))
    if (auto V = readText(*N, "name", Out))
      Spec.Name = *V;
  if (const yaml::Node *N = Top.need("summary"))
    if (auto V = readText(*N, "summary", Out))
      Spec.Summary = *V;
  if (const yaml::Node *N = Top.take("limits"))
    if (auto V = readText(*N, "limits", Out))
      Spec.Limits = *V;
  Places[""] = Root.Where;

  for (size_t I = 0; I < std::size(Fields);) {
    std::string_view Section = Fields[I].Section;
    if (Section == AfterNoc)
      if (const yaml::Node *Noc = Top.need("noc");
          Noc && expectMap(*Noc, "noc", Out)) {
        Places["noc"] = Noc->Where;
        readNoc(*Noc, Spec, Places, false, Out);
      }
    const yaml::Node *Map = Top.need(Section);
    bool Sound = Map && expectMap(*Map, std::string(Section), Out);
    if (Sound) {
      Places[std::string(Section)] = Map->Where;
      yaml::MapReader Reader(*Map, std::string(Section), Out);
      for (; I < std::size(Fields) && Fields[I].Section == Section; ++I) {
        const SpecField &F = Fields[I];
        const yaml::Node *N =
            isOptional(F) ? Reader.take(F.Key) : Reader.need(F.Key);
        if (!N)
          continue;
        Places[F.path()] = N->Where;
        readField(F, *N, Spec, Out);
      }
      Reader.finish();
    }
    while (I < std::size(Fields) && Fields[I].Section == Section)
      ++I;
  }
  for (const auto &[Path, Source] : Defaults) {
    auto [At, Absent] = Spec.Origins.try_emplace(std::string(Path));
    if (!Absent)
      continue;
    At->second.Source = Source;
    if (Path != UsableCores)
      continue;
    // So that a mesh can be widened without counting its cores.
    Spec.System.UsableCores = Spec.coresPerChip();
    At->second.Evidence = Grade::Derived;
  }
  if (const yaml::Node *Map = Top.need("costs"))
    if (expectMap(*Map, "costs", Out))
      readCosts(*Map, Spec.Costs, Places, Out);
  Top.finish();
}

std::string ChipSpec::resolvedYaml() const {
  std::string Out = fmt::format("version: 1\nname: {}\nsummary: {}\n",
                                yaml::quote(Name), yaml::quote(Summary));
  if (!Limits.empty())
    Out += fmt::format("limits: {}\n", yaml::quote(Limits));
  std::string_view Section;
  for (const SpecField &F : Fields) {
    if (F.Section != Section) {
      if (F.Section == AfterNoc)
        Out += writeNoc(*this);
      Out += fmt::format("{}:\n", Section = F.Section);
    }
    std::optional<std::string> Value = valueText(F, *this);
    if (!Value)
      continue;
    const Sourced &Origin = originOf(*this, F.path());
    Out += fmt::format("  {}: {{value: {}, grade: {}, source: {}}}\n", F.Key,
                       *Value, gradeLetter(Origin.Evidence),
                       yaml::quote(Origin.Source));
  }
  return Out + writeCosts(Costs);
}

std::vector<SpecRow> synfire::describe(const ChipSpec &Spec) {
  std::vector<SpecRow> Rows;
  bool NocDone = false;
  for (const SpecField &F : Fields) {
    if (F.Section == AfterNoc && !std::exchange(NocDone, true))
      describeNoc(Spec, Rows);
    if (std::optional<std::string> Value = valueText(F, Spec)) {
      const Sourced &Origin = originOf(Spec, F.path());
      Rows.push_back({F.path(), *Value, std::string(unitName(F.Unit)),
                      gradeLetter(Origin.Evidence), "", Origin.Source});
    }
  }
  describeCosts(Spec.Costs, Rows);
  return Rows;
}
