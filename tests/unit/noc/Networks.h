//===- tests/unit/noc/Networks.h - Networks and traffic for tests -*- C++ -*-=//

#ifndef SYNFIRE_TESTS_UNIT_NOC_NETWORKS_H
#define SYNFIRE_TESTS_UNIT_NOC_NETWORKS_H

#include "simulator/noc/OpenLoop.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace synfire::sim::noc {

inline NocSpec mesh(uint32_t Width, uint32_t Height) {
  NocSpec Noc;
  Noc.Width = Width;
  Noc.Height = Height;
  return Noc;
}

inline Topology topologyOf(const NocSpec &Noc) {
  Result<Topology> Graph = Topology::build(Noc);
  EXPECT_TRUE(Graph) << Graph.errors()[0].format();
  return std::move(*Graph);
}

inline Engine engineOf(const NocSpec &Noc) {
  Result<Engine> Made = Engine::create(topologyOf(Noc));
  EXPECT_TRUE(Made) << Made.errors()[0].format();
  return std::move(*Made);
}

/// One packet from node to node.
inline uint32_t unicast(Engine &Network, uint32_t Source, uint32_t Target) {
  Result<uint32_t> Tree = Network.addTree(Source, std::span(&Target, 1));
  EXPECT_TRUE(Tree) << Tree.errors()[0].format();
  return *Tree;
}

/// Runs and expects success.
inline RunStats runAll(Engine &Network, std::span<const Injection> Packets) {
  Result<RunStats> Stats = Network.run(Packets);
  EXPECT_TRUE(Stats) << Stats.errors()[0].format();
  return Stats ? *Stats : RunStats{};
}

/// Draws the same numbers on every machine.
class Dice {
public:
  explicit Dice(uint64_t Seed) : Random(Seed) {}
  uint32_t below(uint32_t Bound) {
    return static_cast<uint32_t>(Random() % Bound);
  }
  template <typename T>
  T oneOf(std::initializer_list<T> Values) {
    return Values.begin()[below(static_cast<uint32_t>(Values.size()))];
  }

private:
  std::mt19937_64 Random;
};

} // namespace synfire::sim::noc

#endif // SYNFIRE_TESTS_UNIT_NOC_NETWORKS_H
