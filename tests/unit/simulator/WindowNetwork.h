//===- WindowNetwork.h - Random nets of places and delays -------*- C++ -*-===//
//
// Events of the host and up to three populations of places, cut anywhere, that
// send to each other and to themselves through convolutions, matrices and 1:1,
// at once or some token steps later; states return to their initial values at
// times. Computed once more here, plainly: every pair of a source and a target
// is looked at.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_TESTS_UNIT_SIMULATOR_WINDOWNETWORK_H
#define SYNFIRE_TESTS_UNIT_SIMULATOR_WINDOWNETWORK_H

#include "simulator/engine/Counters.h"
#include "simulator/engine/Sequence.h"
#include "tests/unit/simulator/ImageFixture.h"

#include <random>

namespace synfire::sim {

struct WindowNetwork {
  WindowNetwork(const ChipSpec &Spec, uint32_t Seed);

  /// Places of the host's stream (first) and of each population.
  struct Place {
    uint32_t Channels = 1, Height = 1, Width = 1;
    uint32_t Extra = 0; ///< neurons behind the last column
    uint32_t size() const { return Channels * Height * Width + Extra; }
  };
  struct Edge {
    uint32_t From = 0, To = 0; ///< index into Places
    image::AxonKind Kind = image::AxonKind::Window;
    uint32_t Delay = 0, Connection = 0, Salt = 0;
    image::WindowRecord Window = {};
    image::WeightFormat Format = image::WeightFormat::Int8;
    int weight(uint32_t Row, uint32_t Col) const;
  };

  ImageBuilder Builder;
  uint32_t Steps = 1;
  std::vector<Place> Places;
  std::vector<Edge> Edges;
  std::vector<std::vector<uint32_t>> Cuts;           ///< of each population
  std::vector<std::pair<uint32_t, uint32_t>> Resets; ///< every, at
  int32_t Initial = 0;

  /// Random events of the host for \p Tokens tokens.
  struct Given {
    std::vector<uint32_t> Tokens;
    std::vector<uint64_t> Offsets = {0};
    std::vector<Event> Events;
    EventInput input() const { return {0, Offsets, Events}; }
  };
  Given draw(uint32_t Tokens, std::mt19937 &Random) const;

  struct Expected {
    std::vector<float> Logits; ///< [token][neuron of all populations]
    std::vector<ConnectionCounts> Connections;
    uint64_t Direct = 0, Lookups = 0, Resets = 0;
    uint64_t RowsMet = 0; ///< rows of kernels and matrices
  };
  Expected expect(const Given &In) const;

private:
  void addEdges(std::mt19937 &Random);
  void addBlocks(const ChipSpec &Spec, std::mt19937 &Random);
  image::WindowRecord drawWindow(const Place &From, const Place &To,
                                 std::mt19937 &Random) const;
};

} // namespace synfire::sim

#endif // SYNFIRE_TESTS_UNIT_SIMULATOR_WINDOWNETWORK_H
