// Architectures of SANA-FE become chip files with the same costs.

#include "models/sanafe/SanaArch.h"
#include "targets/ChipSpec.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>

using namespace synfire;
using namespace synfire::sanafe;

namespace {

/// Every cost is a prime number of pJ and ns, so that none can stand for
/// another.
constexpr const char *Small = R"(architecture:
  name: small
  attributes: {topology: mesh, width: 2, height: 3, link_buffer_size: 7,
               sync_model: table, latency_sync: {0: 1.0e-9, 4: 3.0e-9}}
  tile:
    - name: t[0..5]
      attributes: {energy_north_hop: 2.0e-12, latency_north_hop: 3.0e-9,
                   energy_south_hop: 2.0e-12, latency_south_hop: 3.0e-9,
                   energy_east_hop: 5.0e-12, latency_east_hop: 7.0e-9,
                   energy_west_hop: 5.0e-12, latency_west_hop: 7.0e-9}
      core:
        - name: c[0..2]
          attributes: {buffer_position: soma, max_neurons_supported: 11}
          axon_in: {name: in, attributes: {energy_message_in: 13.0e-12, latency_message_in: 17.0e-9}}
          synapse:
            - {name: one, attributes: {model: current_based, energy_process_spike: 19.0e-12, latency_process_spike: 23.0e-9}}
            - {name: two, attributes: {model: current_based, energy_process_spike: 0.5e-12, latency_process_spike: 0.25e-9}}
          dendrite: {name: d, attributes: {model: accumulator, energy_update: 29.0e-12, latency_update: 31.0e-9}}
          soma:
            - {name: "given[0..10]", attributes: {model: input, energy_access_neuron: 0.0, latency_access_neuron: 0.0, energy_update_neuron: 0.0, latency_update_neuron: 0.0, energy_spike_out: 0.0, latency_spike_out: 0.0}}
            - {name: lif, attributes: {model: leaky_integrate_fire, energy_access_neuron: 37.0e-12, latency_access_neuron: 41.0e-9, energy_update_neuron: 43.0e-12, latency_update_neuron: 47.0e-9, energy_spike_out: 53.0e-12, latency_spike_out: 59.0e-9}}
          axon_out: {name: out, attributes: {energy_message_out: 61.0e-12, latency_message_out: 67.0e-9}}
)";

std::string with(std::string_view From, std::string_view To) {
  std::string Text = Small;
  const size_t At = Text.find(From);
  EXPECT_NE(At, std::string::npos) << From;
  return Text.replace(At, From.size(), To);
}

Result<ChipSpec> chipOf(const std::string &Text, const UnitNames &Units = {}) {
  Result<Arch> A = Arch::parse(Text, "small.yaml", Units);
  if (!A)
    return A.errors();
  return ChipSpec::parse(A->toChipYaml(), "chip");
}

TEST(SanaArch, MapsCostsOneToOne) {
  Result<ChipSpec> Chip = chipOf(Small);
  ASSERT_TRUE(Chip) << Chip.errors()[0].format();
  EXPECT_EQ(Chip->Noc.Width, 2U);
  EXPECT_EQ(Chip->Noc.Height, 3U);
  EXPECT_EQ(Chip->Noc.CoresPerRouter, 3U);
  EXPECT_EQ(Chip->Core.Neurons, 11U);
  EXPECT_FALSE(Chip->Noc.Multicast);
  EXPECT_TRUE(Chip->Core.SkipsZeroWeights);
  const struct {
    Action A;
    double Energy, Time;
  } Wanted[] = {{Action::MessageIn, 13, 17},
                {Action::SynapseAccumulate, 19 + 29, 23 + 31},
                {Action::NeuronUpdate, 37 + 43, 41 + 47},
                {Action::SpikeEmit, 53, 59},
                {Action::MessageOut, 61, 67}};
  for (const auto &W : Wanted) {
    EXPECT_DOUBLE_EQ(Chip->Costs[W.A].Energy.Value, W.Energy);
    EXPECT_DOUBLE_EQ(Chip->Costs[W.A].Time.Value, W.Time);
    EXPECT_EQ(Chip->Costs[W.A].EnergyGrade, Grade::Assumed);
    EXPECT_THAT(Chip->Costs[W.A].EnergySource,
                testing::HasSubstr("small.yaml"));
  }
  EXPECT_DOUBLE_EQ(Chip->Costs[Action::NeuronUpdate].EnergyLow.Value, 37);
  EXPECT_DOUBLE_EQ(Chip->Costs[Action::HopEastWest].Energy.Value, 5);
  EXPECT_DOUBLE_EQ(Chip->Costs[Action::HopNorthSouth].Energy.Value, 2);
  EXPECT_DOUBLE_EQ(barrierTime(Chip->Costs.Barrier, 1, 1).Value, 1);
  EXPECT_DOUBLE_EQ(barrierTime(Chip->Costs.Barrier, 3, 1).Value, 1);
  EXPECT_DOUBLE_EQ(barrierTime(Chip->Costs.Barrier, 5, 1).Value, 3);
}

TEST(SanaArch, TakesTheUnitThatIsAskedFor) {
  Result<ChipSpec> Chip = chipOf(Small, {"two", "", ""});
  ASSERT_TRUE(Chip) << Chip.errors()[0].format();
  EXPECT_DOUBLE_EQ(Chip->Costs[Action::SynapseAccumulate].Energy.Value, 29.5);
  auto Missing = Arch::parse(Small, "f", {"three", "", ""});
  ASSERT_FALSE(Missing);
  EXPECT_EQ(Missing.errors()[0].Rule, "sana-unit");
  EXPECT_THAT(Arch::parse(Small, "f")->Notes,
              testing::ElementsAre(testing::HasSubstr("two")));
}

TEST(SanaArch, RefusesByNameAndPlace) {
  const struct {
    const char *From, *To, *Rule;
  } Faults[] = {
      {"t[0..5]", "t[0..4]", "sana-size"},
      {"t[0..5]", "t[0..999999999]", "sana-range"},
      {"t[0..5]", "t[5..0]", "sana-range"},
      {"c[0..2]", "c[0..99]", "sana-range"},
      {"width: 2", "width: 0", "sana-number"},
      {"width: 2,", "", "sana-number"},
      {"buffer_position: soma", "buffer_position: axon_out", "sana-buffer"},
      {"model: leaky_integrate_fire", "model: truenorth", "sana-model"},
      {"model: accumulator", "model: taps", "sana-model"},
      {"model: accumulator", "model: accumulator, plugin: x.so", "sana-plugin"},
      {"13.0e-12", "-1", "sana-number"},
      {"13.0e-12", "fast", "sana-number"},
      {"energy_message_out: 61.0e-12, ", "", "sana-missing"},
      {"topology: mesh", "topology: torus", "sana-choice"},
      {"sync_model: table", "sync_model: dynamic", "sana-choice"},
      {"architecture:", "arch:", "sana-missing"},
      {"{name: in", "{name: [in]", "sana-text"},
  };
  for (const auto &F : Faults) {
    auto A = Arch::parse(with(F.From, F.To), "small.yaml");
    ASSERT_FALSE(A) << F.To;
    const bool Told = std::ranges::any_of(
        A.errors(), [&](const Error &E) { return E.Rule == F.Rule; });
    EXPECT_TRUE(Told) << F.To << ": " << A.errors()[0].format();
    EXPECT_THAT(A.errors()[0].Where, testing::HasSubstr("small.yaml:"));
  }
}

TEST(SanaArch, RefusesTilesThatDiffer) {
  std::string Two = Small;
  const std::string Tile = Two.substr(Two.find("    - name: t"));
  Two += Tile;
  auto Replace = [&](const char *From, const char *To) {
    Two.replace(Two.rfind(From), std::string_view(From).size(), To);
  };
  Two.replace(Two.find("t[0..5]"), 7, "t[0..2]");
  Replace("t[0..5]", "u[0..2]");
  EXPECT_TRUE(Arch::parse(Two, "f"))
      << Arch::parse(Two, "f").errors()[0].format();
  Replace("61.0e-12", "62.0e-12");
  auto A = Arch::parse(Two, "f");
  ASSERT_FALSE(A);
  EXPECT_EQ(A.errors()[0].Rule, "sana-differ");
}

} // namespace
