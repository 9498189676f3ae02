//===- NocFileTest.cpp - The noc section, alone and in a chip -------------===//

#include "targets/ChipSpec.h"

#include <gmock/gmock.h>

using namespace synfire;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

namespace {

std::string errorOf(const std::string &Yaml) {
  Result<NocSpec> Noc = NocSpec::parse(Yaml, "n.yaml");
  if (Noc)
    return "";
  std::string All;
  for (const Error &E : Noc.errors())
    All += E.format() + "\n";
  return All;
}

TEST(NocFile, ANetworkAloneHasDefaults) {
  Result<NocSpec> Noc =
      NocSpec::parse("noc: {width: 8, height: 4, virtual_channels: 2,\n"
                     "  clock_mhz: {value: 500, grade: P, source: x}}\n",
                     "n.yaml", {"noc.buffer_flits=3"});
  ASSERT_TRUE(Noc) << Noc.errors()[0].format();
  EXPECT_EQ(Noc->numRouters(), 32u);
  EXPECT_EQ(Noc->VirtualChannels, 2u);
  EXPECT_EQ(Noc->BufferFlits, 3u);
  EXPECT_EQ(Noc->CoresPerRouter, 1u);
  EXPECT_DOUBLE_EQ(Noc->cycle().Value, 2);
  EXPECT_DOUBLE_EQ(Noc->hopLatency(true).Value, 8);
  EXPECT_DOUBLE_EQ(Noc->flitTime(false).Value, 2);
}

TEST(NocFile, AllKeysAreRead) {
  Result<NocSpec> Noc = NocSpec::parse(
      "version: 1\nnoc:\n  topology: torus\n  width: 4\n  height: 5\n"
      "  cores_per_router: 2\n  routing: yx\n  multicast: true\n"
      "  link_width_bits: 16\n  virtual_channels: 6\n  buffer_flits: 7\n"
      "  routing_cycles: 1\n  vc_allocation_cycles: 2\n"
      "  switch_allocation_cycles: 3\n  switch_traversal_cycles: 4\n"
      "  link_cycles: 5\n  credit_cycles: 6\n"
      "  injection_flits_per_cycle: 0.5\n  ejection_flits_per_cycle: 0.25\n"
      "  separate_networks: [host, partial_sums]\n  clock_mhz: 250\n",
      "n.yaml");
  ASSERT_TRUE(Noc) << Noc.errors()[0].format();
  EXPECT_EQ(Noc->Topology, NocTopology::Torus);
  EXPECT_EQ(Noc->Routing, NocRouting::YX);
  EXPECT_EQ(Noc->hopLatency(true).Value, 15 * 4);
  EXPECT_EQ(Noc->endLatency().Value, 13 * 4);
  EXPECT_EQ(Noc->numNetworks(), 3u);
  EXPECT_EQ(Noc->networkOf(TrafficClass::Events), 0u);
  EXPECT_EQ(Noc->networkOf(TrafficClass::PartialSums), 1u);
  EXPECT_EQ(Noc->networkOf(TrafficClass::Reductions), 0u);
  EXPECT_EQ(Noc->networkOf(TrafficClass::Host), 2u);
  EXPECT_EQ(Noc->EjectionFlitsPerCycle, 0.25);
}

TEST(NocFile, MistakesHaveAPlace) {
  EXPECT_THAT(errorOf("noc: {width: 8, height: 8, virtual_chanels: 2}\n"),
              AllOf(StartsWith("n.yaml:1:"), HasSubstr("virtual_channels")));
  EXPECT_THAT(errorOf("noc: {width: 8}\n"), HasSubstr("noc.height"));
  EXPECT_THAT(errorOf("noc:\n  width: 8\n  height: 8\n  buffer_flits: 0\n"),
              AllOf(StartsWith("n.yaml:4:17: "), HasSubstr("buffer_flits")));
  EXPECT_THAT(errorOf("noc:\n  width: 8\n  height: 8\n  virtual_channels: 0\n"),
              StartsWith("n.yaml:4:21: "));
  EXPECT_THAT(errorOf("noc:\n  topology: torus\n  width: 8\n  height: 8\n"
                      "  virtual_channels: 1\n"),
              AllOf(StartsWith("n.yaml:5:21: "), HasSubstr("at least 2"),
                    HasSubstr("[noc-torus]")));
  EXPECT_THAT(errorOf("noc: {topology: torus, width: 8, height: 8, routing: "
                      "adaptive}\n"),
              HasSubstr("[noc-routing]"));
  EXPECT_THAT(errorOf("noc: {width: 8, height: 8,\n"
                      "  ejection_flits_per_cycle: 0}\n"),
              AllOf(StartsWith("n.yaml:2:29: "), HasSubstr("[noc-rate]")));
  EXPECT_THAT(errorOf("noc: {width: 8, height: 8, "
                      "injection_flits_per_cycle: 0.7}\n"),
              HasSubstr("one in 1.429 cycles"));
  EXPECT_THAT(errorOf("noc: {width: 8, height: 8, clock_mhz: 0}\n"),
              HasSubstr("[noc-time]"));
  EXPECT_THAT(errorOf("noc: {width: 8, height: 8, levels: 3}\n"),
              HasSubstr("`noc.levels` is for a tree; this network is a mesh"));
  EXPECT_THAT(errorOf("noc: {topology: tree, levels: 3}\n"),
              HasSubstr("noc.arity"));
  EXPECT_THAT(errorOf("noc: {topology: tree, levels: 16, arity: 8}\n"),
              HasSubstr("[noc-size]"));
  EXPECT_THAT(errorOf("noc: {width: 8, height: 8, hop_ns: {east_west: 4.1}}\n"),
              HasSubstr("noc.hop_ns.north_south"));
  std::string Hops = "hop_ns: {east_west: 4.1, north_south: 6.5}";
  EXPECT_THAT(errorOf("noc: {width: 8, height: 8, clock_mhz: 9, " + Hops + "}"),
              AllOf(HasSubstr("n.yaml:1:39: "), HasSubstr("Remove one")));
  EXPECT_THAT(
      errorOf("noc: {width: 8, height: 8, link_cycles: 1, " + Hops + "}"),
      HasSubstr("`noc.link_cycles` counts cycles"));
  EXPECT_EQ(errorOf("noc: {width: 8, height: 8, " + Hops + "}"), "");
  EXPECT_THAT(errorOf("noc: {width: 8, height: 8, separate_networks: "
                      "[host, host]}"),
              HasSubstr("listed twice"));
  EXPECT_THAT(errorOf("noc: {width: 8, height: 8}\ncores: {}\n"),
              HasSubstr("`cores`"));
  EXPECT_THAT(errorOf(""), HasSubstr("error"));
  EXPECT_THAT(errorOf("[]"), HasSubstr("error"));
}

TEST(NocFile, AHopsTimeIsStatedOnce) {
  Result<ChipSpec> Loihi = ChipSpec::load("loihi");
  ASSERT_TRUE(Loihi);
  EXPECT_FALSE(Loihi->Noc.isClocked());
  EXPECT_EQ(Loihi->Costs[Action::HopEastWest].Time.Value, 4.1);
  EXPECT_EQ(Loihi->Costs[Action::HopNorthSouth].Time.Value, 6.5);
  Result<ChipSpec> Faster =
      ChipSpec::load("loihi", {"noc.hop_ns.east_west.value=2"});
  ASSERT_TRUE(Faster) << Faster.errors()[0].format();
  EXPECT_EQ(Faster->Noc.HopTime->EastWest.Value, 2);
  EXPECT_EQ(Faster->Costs[Action::HopEastWest].Time.Value, 2);
  Result<ChipSpec> Slow = ChipSpec::load("generic", {"noc.clock_mhz=250"});
  ASSERT_TRUE(Slow);
  EXPECT_EQ(Slow->Costs[Action::HopEastWest].Time.Value, 4);
  EXPECT_EQ(Slow->Costs[Action::HopEastWest].TimeHigh.Value, 4);
  // What a chip says can be taken back.
  Result<ChipSpec> Clocked =
      ChipSpec::load("loihi", {"noc.hop_ns=~", "noc.clock_mhz=100"});
  ASSERT_TRUE(Clocked) << Clocked.errors()[0].format();
  EXPECT_EQ(Clocked->Costs[Action::HopNorthSouth].Time.Value, 10);
  // The old place says where to go.
  Result<ChipSpec> Old =
      ChipSpec::load("generic", {"costs.hop_east_west.time_ns=1"});
  ASSERT_FALSE(Old);
  EXPECT_THAT(Old.errors()[0].format(),
              AllOf(HasSubstr("noc.hop_ns"), HasSubstr("noc.clock_mhz"),
                    HasSubstr("[chip-hop-time]")));
  Result<ChipSpec> Tree = ChipSpec::load(
      "generic",
      {"noc={topology: tree, levels: 3, arity: 2, "
       "cores_per_router: 1, multicast: true, link_width_bits: 32}"});
  ASSERT_FALSE(Tree);
  EXPECT_THAT(Tree.errors()[0].format(), HasSubstr("[chip-topology]"));
}

TEST(NocFile, AChipsFileServesAsWell) {
  for (const std::string &Name : ChipSpec::names()) {
    Result<ChipSpec> Chip = ChipSpec::load(Name);
    ASSERT_TRUE(Chip) << Chip.errors()[0].format();
    Result<NocSpec> Noc = NocSpec::parse(Chip->resolvedYaml(), "c.yaml");
    ASSERT_TRUE(Noc) << Noc.errors()[0].format();
    EXPECT_EQ(*Noc, Chip->Noc) << Name;
  }
  Result<NocSpec> Small =
      NocSpec::parse("extends: tiny\nnoc: {width: 2}\n", "x.yaml");
  ASSERT_TRUE(Small) << Small.errors()[0].format();
  EXPECT_EQ(Small->Width, 2u);
}

} // namespace
