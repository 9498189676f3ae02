//===- SanaChip.cpp - An architecture as a chip file ----------------------===//
//
// What SANA-FE does not limit (memory, tables, programs) gets the largest value
// that a chip file takes, so that it never binds.
//
//===----------------------------------------------------------------------===//

#include "models/sanafe/SanaArch.h"

#include "targets/ChipYaml.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

using namespace synfire;
using namespace synfire::sanafe;

namespace {
constexpr double PicojoulesPerJoule = 1e12, NanosecondsPerSecond = 1e9;
/// A network whose hops take no time has no order of events.
constexpr double LeastHop = 0.001; // ns
constexpr const char *MeanOfTwo = "mean of the two directions";

class Writer {
public:
  explicit Writer(const Arch &A)
      : A(A), File(std::filesystem::path(A.File).filename().string()) {}
  std::string run();

private:
  std::string source(const std::string &What) const {
    return fmt::format("grade: A, source: {}",
                       yaml::quote(What.empty() ? File : File + ": " + What));
  }
  void row(const char *Key, double Low, double Joules, double Seconds,
           const std::string &What) {
    const double Energy = Joules * PicojoulesPerJoule;
    Out += fmt::format("  {}:\n    energy_pj: {{value: {:.15g}, low: {:.15g}, "
                       "{}}}\n    time_ns: {{value: {:.15g}, {}}}\n",
                       Key, Energy, Low * PicojoulesPerJoule, source(What),
                       Seconds * NanosecondsPerSecond, source(What));
  }
  void row(const char *Key, const EventCost &C, const std::string &What) {
    row(Key, C.Energy, C.Energy, C.Latency, What);
  }
  void hop(const char *Key, const EventCost &One, const EventCost &Two) {
    const auto [Low, High] = std::minmax(One.Energy, Two.Energy);
    Out += fmt::format(
        "  {}:\n    energy_pj: {{value: {:.15g}, low: {:.15g}, high: {:.15g}, "
        "{}}}\n",
        Key, (One.Energy + Two.Energy) / 2 * PicojoulesPerJoule,
        Low * PicojoulesPerJoule, High * PicojoulesPerJoule,
        source(Low == High ? "" : MeanOfTwo));
  }
  std::string hopTime(const EventCost &One, const EventCost &Two) const {
    const double Mean = (One.Latency + Two.Latency) / 2 * NanosecondsPerSecond;
    const char *What = Mean <= 0                    ? "0; a hop takes time here"
                       : One.Latency == Two.Latency ? ""
                                                    : MeanOfTwo;
    return fmt::format("{{value: {:.15g}, {}}}", std::max(Mean, LeastHop),
                       source(What));
  }
  void limits();
  void costs();

  const Arch &A;
  std::string File, Out;
};
} // namespace

void Writer::limits() {
  const std::string None = "grade: A, source: \"SANA-FE states no limit\"";
  const CoreCosts &C = A.Core;
  Out += fmt::format(
      R"(core:
  neurons: {{value: {}, {}}}
  input_axons: {{value: 16777216, {None}}}
  output_flows: {{value: 16777216, {None}}}
  unified_bytes: {{value: 4GiB, {None}}}
  axon_entry_bytes: {{value: 0, {None}}}
  accumulator_bits: {{value: 32, {None}}}
  weight_bits: {{value: [8], grade: A, source: "SANA-FE has real numbers; the image format holds up to 8 bits"}}
  skips_zero_weights: {{value: true, grade: A, source: "SANA-FE has no synapse where none is given"}}
neuron:
  programmable: {{value: true, grade: A, source: "models are code"}}
  instructions: {{value: [move, memory, add, multiply, divide, exponential, logic, convert, emit], grade: A, source: "models are code"}}
  program_words: {{value: 65536, {None}}}
  instruction_bytes: {{value: 0, {None}}}
event:
  kinds: {{value: [binary], grade: A, source: "spikes without payload"}}
  payload_bits: 0
  header_bits: {{value: 32, grade: A, source: "SANA-FE states no width"}}
noc:
  topology: {{value: mesh, {}}}
  width: {{value: {}, {}}}
  height: {{value: {}, {}}}
  cores_per_router: {{value: {}, {}}}
  routing: {{value: xy, grade: A, source: "as SANA-FE counts hops"}}
  multicast: {{value: false, grade: A, source: "a message per destination core"}}
  link_width_bits: {{value: 32, grade: A, source: "one message"}}
  virtual_channels: {{value: 1, grade: A, source: "SANA-FE's cycle model has 1"}}
  buffer_flits: {{value: {}, {}}}
  hop_ns:
    east_west: {}
    north_south: {}
system:
  max_chips: 1
  grid_width: 1
  link_width_bits: 32
  barrier: {{value: true, grade: A, source: "a step ends when all cores have"}}
)",
      C.Neurons, source(""), source(""), A.Width, source(""), A.Height,
      source(""), A.CoresPerTile, source(""), A.LinkBuffer,
      source("link_buffer_size"), hopTime(A.Tile.East, A.Tile.West),
      hopTime(A.Tile.North, A.Tile.South), fmt::arg("None", None));
}

void Writer::costs() {
  const CoreCosts &C = A.Core;
  std::string Steps;
  for (auto [Tiles, Seconds] : A.Sync)
    Steps += fmt::format("{}[{}, {:.15g}]", Steps.empty() ? "" : ", ", Tiles,
                         Seconds * NanosecondsPerSecond);
  Out += fmt::format(R"(costs:
  operating_point: {}
  static_power:
    per_chip_w: 0
    per_core_w: 0
    grade: A
    source: "SANA-FE has none"
  barrier_time:
    by_tiles: {{value: [{}], {}}}
    per_chip_ns: 0
  chip_link: {{bits_per_ns: 0, latency_ns: 0, grade: A, source: "one chip"}}
)",
                     yaml::quote("that of " + File), Steps,
                     source("latency_sync"));
  EventCost Synapse = C.Synapse, Access = C.Access;
  std::string Into = "access and update; low: access alone, of a neuron that "
                     "nothing reaches",
              Per = "";
  auto add = [](EventCost &To, const EventCost &More) {
    To.Energy += More.Energy;
    To.Latency += More.Latency;
  };
  // Ahead of the time-step buffer the dendrite runs for every synaptic event.
  add(Synapse, C.Dendrite);
  if (C.Dendrite != EventCost())
    Per = "synapse and dendrite";
  if (C.DendriteEachStep) {
    add(Access, C.Dendrite);
    Into += "; and the dendrite";
  }
  row("synapse_accumulate", Synapse, Per);
  row("neuron_update", Access.Energy, Access.Energy + C.Update.Energy,
      Access.Latency + C.Update.Latency, Into);
  row("spike_emit", C.SpikeOut, "");
  row("message_out", C.MessageOut, "per destination core");
  row("message_in", C.MessageIn, "");
  hop("hop_east_west", A.Tile.East, A.Tile.West);
  hop("hop_north_south", A.Tile.North, A.Tile.South);
  const std::string Free = "{energy_pj: 0, time_ns: 0}";
  for (const char *Key :
       {"synapse_byte_read", "axon_lookup", "direct_write", "instruction_move",
        "instruction_memory", "instruction_add", "instruction_multiply",
        "instruction_divide", "instruction_exponential", "instruction_logic",
        "instruction_convert", "instruction_emit", "barrier"})
    Out += fmt::format("  {}: {}\n", Key, Free);
}

std::string Writer::run() {
  auto comment = [&](std::string Text) {
    std::ranges::replace_if(
        Text, [](char C) { return C >= 0 && C < ' '; }, ' ');
    Out += fmt::format("# {}\n", Text);
  };
  comment(fmt::format("Made from {}, an architecture of SANA-FE.", File));
  for (const std::string &Note : A.Notes)
    comment(Note);
  if (A.Tile.East != A.Tile.West || A.Tile.North != A.Tile.South)
    Out += "# Hops of opposite directions differ; their mean is taken.\n";
  Out += fmt::format("version: 1\nname: {}\nsummary: {}\n", yaml::quote(A.Name),
                     yaml::quote("architecture of SANA-FE, from " + File));
  limits();
  costs();
  return std::move(Out);
}

std::string Arch::toChipYaml() const { return Writer(*this).run(); }
