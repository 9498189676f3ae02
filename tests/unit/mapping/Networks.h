//===- tests/unit/mapping/Networks.h - Networks and chips to map -*- C++
//-*-===//
//
// Workloads and chips made in code, for the mapping tests.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_TESTS_UNIT_MAPPING_NETWORKS_H
#define SYNFIRE_TESTS_UNIT_MAPPING_NETWORKS_H

#include "compiler/mapping/Mapping.h"
#include "compiler/mapping/Workload.h"
#include "targets/ChipSpec.h"

#include <random>

namespace synfire::mapping {

/// A roomy programmable chip: 8x4 routers of 4 cores, 192 KB each, of which 120
/// may be used.
ChipSpec largeChip();
/// 4x4 routers of one core of 16 KB, unicast.
ChipSpec smallChip();
/// Any sensible chip.
ChipSpec randomChip(std::mt19937 &Random);

/// The shape of SpikeGPT: per layer a norm, WKV with three linears, a spiking
/// residual with one, a norm, the squared key, and a spiking residual with two;
/// an embedding behind the token and a head to the host.
Workload spikeGpt(uint32_t Layers, uint32_t Width, uint32_t Vocabulary);
/// Layers of a population of \p Width and one of \p Narrow that reads it
/// through a linear and also hears the sum over it, which takes an axon for
/// each of its blocks.
Workload sumsBesideLinears(uint32_t Layers, uint32_t Width, uint32_t Narrow);
/// A random acyclic network of every kind of edge.
Workload randomNetwork(std::mt19937 &Random);

/// The texts of \p Found, for failure messages.
std::string textOf(const std::vector<Violation> &Found);

} // namespace synfire::mapping

#endif // SYNFIRE_TESTS_UNIT_MAPPING_NETWORKS_H
