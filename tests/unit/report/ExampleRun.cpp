//===- tests/unit/report/ExampleRun.cpp - A run made by hand --------------===//

#include "ExampleRun.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace synfire::report {

namespace {

constexpr uint64_t Tokens = 64, Width = 128, Hidden = 512, Vocabulary = 65;

void addLinear(RunData &Run, const std::string &Name, uint64_t Rows,
               uint64_t Cols, double Density) {
  ConnectionData C;
  C.Name = Name;
  C.Rows = Rows;
  C.Cols = Cols;
  C.WeightBits = 8;
  C.Events =
      static_cast<uint64_t>(static_cast<double>(Rows * Tokens) * Density);
  C.Dense = Rows * Cols * Tokens;
  C.EffectiveMacs = C.Events * Cols - C.Events;
  C.Counts[Action::SynapseMultiply] = C.Events * Cols;
  C.Counts[Action::SynapseByteRead] = C.Events * Cols;
  C.Counts[Action::AxonLookup] = C.Events;
  Run.Connections.push_back(C);
}

void addPopulation(RunData &Run, const std::string &Name, uint64_t Neurons,
                   image::PayloadKind Kind, double Rate, bool IsSpike) {
  PopulationData P;
  P.Name = Name;
  P.Neurons = Neurons;
  uint64_t Updates = Neurons * Tokens;
  uint64_t Events = static_cast<uint64_t>(static_cast<double>(Updates) * Rate);
  P.Counts[Action::NeuronUpdate] = Updates;
  P.Counts[Action::InstructionMemory] = 6 * Updates;
  P.Counts[Action::InstructionAdd] = 3 * Updates;
  P.Counts[Action::InstructionMultiply] = 2 * Updates;
  P.Counts[Action::InstructionLogic] = 2 * Updates;
  P.Counts[Action::SpikeEmit] = Events;
  Run.Populations.push_back(P);
  StreamData S;
  S.Name = Name;
  S.Neurons = Neurons;
  S.Kind = Kind;
  S.IsSpike = IsSpike;
  S.Events = Events;
  Run.Streams.push_back(S);
}

void addNetwork(RunData &Run) {
  ConnectionData Table;
  Table.Name = "emb.table";
  Table.Rows = Vocabulary;
  Table.Cols = Width;
  Table.WeightBits = 1;
  Table.AccumulateOnly = true;
  Table.FromHost = true;
  Table.Events = Tokens;
  Table.Counts[Action::SynapseAccumulate] = Tokens * Width;
  Table.Counts[Action::SynapseByteRead] = Tokens * Width / 8;
  Table.Counts[Action::AxonLookup] = Tokens;
  Run.Connections.push_back(Table);
  using image::PayloadKind;
  addPopulation(Run, "emb", Width, PayloadKind::Binary, 0.5, false);
  for (int L = 0; L < 4; ++L) {
    std::string B = "blocks." + std::to_string(L) + ".";
    addPopulation(Run, B + "mix", 3 * Width, PayloadKind::Signed, 0.98, false);
    for (const char *W : {"att.key", "att.value", "att.receptance"})
      addLinear(Run, B + W, Width, Width, 0.98);
    addLinear(Run, B + "att.output", Width, Width, 0.95);
    addPopulation(Run, B + "lif1", Width, PayloadKind::Binary, 0.16 + 0.03 * L,
                  true);
    addPopulation(Run, B + "relu2", Hidden, PayloadKind::Unsigned, 0.2, false);
    addLinear(Run, B + "ffn.key", Width, Hidden, 0.98);
    addLinear(Run, B + "ffn.receptance", Width, Width, 0.98);
    addLinear(Run, B + "ffn.value", Hidden, Width, 0.2);
    addPopulation(Run, B + "lif2", Width, PayloadKind::Binary, 0.23 + 0.05 * L,
                  true);
  }
  addLinear(Run, "head", Width, Vocabulary, 0.99);
  addPopulation(Run, "logits", Vocabulary, PayloadKind::Signed, 1, false);
}

/// Deals what the parts of the network counted to two cores, and adds traffic.
void addCores(RunData &Run) {
  ActionCounts All;
  for (const PopulationData &P : Run.Populations)
    All += P.Counts;
  for (const ConnectionData &C : Run.Connections)
    All += C.Counts;
  uint64_t Emitted = All[Action::SpikeEmit];
  All[Action::DirectWrite] = Emitted / 2;
  All[Action::MessageOut] = Emitted * 3;
  All[Action::MessageIn] = Emitted * 3;
  All[Action::HopEastWest] = Emitted * 4;
  All[Action::HopNorthSouth] = Emitted * 2;
  CoreData First{CoreId{0}, 0, {0, 0}, {}}, Second{CoreId{1}, 0, {0, 0}, {}};
  for (unsigned A = 0; A < NumActions; ++A) {
    First.Counts.Values[A] = All.Values[A] / 3;
    Second.Counts.Values[A] = All.Values[A] - First.Counts.Values[A];
  }
  Run.Cores = {First, Second};
  Run.System[Action::HopEastWest] = Tokens;
  Run.Total = All;
  Run.Total += Run.System;
  Run.Links.push_back({{0, 0}, {1, 0}, false, Emitted, Emitted * 40});
}

constexpr uint32_t Depth = 26;

/// Adds a tick that lasts \p Core or \p Network, and the barrier.
void addTick(TimeData &T, double Core, double Network, uint32_t Resource) {
  TickData D;
  D.Core = Nanoseconds(Core);
  D.Network = Nanoseconds(Network);
  D.Duration = Nanoseconds(std::max(Core, Network) + T.Barrier.Value);
  D.Resource = Resource;
  T.Each.push_back(D);
  T.Total += D.Duration;
  T.Bounds[Resource].TotalTime += D.Duration;
  ++T.Bounds[Resource].Ticks;
  ++T.Ticks;
  ++T.Barriers;
}

TimeData emptyTime(const RunData &Run, const char *Mode) {
  TimeData T;
  T.Mode = Mode;
  T.Fidelity = Run.Fidelity;
  T.Barrier = barrierTime(Run.Chip.Costs.Barrier, 1, Run.Chips);
  using sim::Bound;
  using sim::Stage;
  T.Resources = {"core 1: synapses", "core 0: programs", "link (0,0) to (1,0)"};
  T.Kinds = {{Bound::Core, Stage::Synapses, 1},
             {Bound::Core, Stage::Programs, 0},
             {Bound::Link, Stage::Programs, 0}};
  for (const std::string &Name : T.Resources)
    T.Bounds.push_back({Name, 0, {}});
  return T;
}

void addUse(const RunData &Run, TimeData &T) {
  T.CoreBusy.resize(Run.Cores.size());
  for (size_t C = 0; C < T.CoreBusy.size(); ++C) {
    T.CoreBusy[C][sim::Stage::Synapses] = T.Total.Value * 0.3 * (C + 1);
    T.CoreBusy[C][sim::Stage::Programs] = T.Total.Value * 0.1;
  }
  T.LinkUse.resize(Run.Links.size());
  for (sim::LinkUse &U : T.LinkUse)
    U.Busy = Nanoseconds(T.Total.Value * 0.125);
}

TimeData generateTime(const RunData &Run) {
  TimeData T = emptyTime(Run, "generate");
  for (uint64_t Token = 0; Token < Run.Tokens; ++Token)
    for (uint32_t L = 0; L < Depth; ++L) {
      const double Work = 3800.0 + 900.0 * ((L * 7) % 13);
      addTick(T, Work, L % 5 ? Work / 2 : Work + 500, L % 5 ? L % 2 : 2);
    }
  for (uint32_t L = 0; L < Depth; ++L)
    T.Levels.push_back(
        {L, "blocks." + std::to_string(L / 7) + ".mix", T.Each[L].Duration});
  double First = 0;
  for (const LevelData &L : T.Levels)
    First += L.MeanTime.Value;
  T.FirstToken = Nanoseconds(First);
  addUse(Run, T);
  return T;
}

TimeData prefillTime(const RunData &Run) {
  TimeData T = emptyTime(Run, "prefill");
  for (uint64_t Tick = 0; Tick < Run.Tokens + Depth - 1; ++Tick)
    addTick(T, 30800, 1000, 0);
  addUse(Run, T);
  return T;
}

} // namespace

RunData exampleRun() {
  RunData Run;
  Result<ChipSpec> Chip = ChipSpec::load("loihi2");
  if (!Chip) {
    ADD_FAILURE() << Chip.errors().front().format();
    return Run;
  }
  Run.Chip = *Chip;
  Run.Network.Model = "shakespeare.pth";
  Run.Network.ModelHash = 0x1234;
  Run.Network.Layers = 4;
  Run.Network.Width = Width;
  Run.Network.Hidden = Hidden;
  Run.Network.Vocabulary = Vocabulary;
  Run.Network.Context = 128;
  Run.Network.Parameters = 874752;
  Run.Network.Architecture = "spikegpt";
  Run.Chips = 1;
  Run.ImageHash = 0xabcdef;
  Run.ImageBytes = 1234567;
  Run.Mode = "generate";
  Run.Fidelity = "analytic";
  Run.Tokens = Tokens;
  addNetwork(Run);
  addCores(Run);
  Run.Fit = {{"core.neurons", "neurons", 1200, 8192, 2400, "core 1"},
             {"core.unified_bytes", "bytes", 180000, 196608, 320000, "core 0"},
             {"core.state_bytes", "bytes", 9000, std::nullopt, 17000, "core 0"},
             {"system.max_chips", "chips", 1, 1152, 1, ""}};
  Run.Times = {generateTime(Run), prefillTime(Run)};
  Run.Quality.FloatBits = 1.8953;
  Run.Quality.Binary32Bits = 1.9002;
  Run.Quality.QuantizedBits = 1.905;
  Run.Quality.Tokens = 2048;
  Run.Quality.Text = "tinyshakespeare, last tenth";
  return Run;
}

} // namespace synfire::report
