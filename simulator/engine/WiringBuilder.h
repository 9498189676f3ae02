//===- simulator/engine/WiringBuilder.h - How wiring is found ---*- C++ -*-===//
//
// What Wiring::build() goes through: cores, programs, blocks and tiles
// (Wiring.cpp), then flows with what they bring (WiringFlows.cpp).
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_ENGINE_WIRINGBUILDER_H
#define SYNFIRE_SIMULATOR_ENGINE_WIRINGBUILDER_H

#include "simulator/engine/Wiring.h"

#include <map>

namespace synfire::sim {

struct WiringBuilder {
  const image::Image &Img;
  const ChipSpec &Spec;
  Wiring W = {};
  std::map<uint32_t, uint32_t> CoreIndex = {}; ///< core id -> index
  std::vector<uint32_t> BlockOfSlot = {};
  uint64_t Taps = 0; ///< entries of the tables of convolutions

  Status checkCores();
  Status decodePrograms();
  Status planBlocks();
  Status planTiles();
  Status planFlows();
  void planHost();

private:
  std::string nameOfProgram(uint32_t P) const;
  Status planBlock(uint32_t Core, uint32_t Index);
  Status planWindow(uint32_t Tile);
  uint32_t messageBitsOf(uint32_t Stream, const image::FlowRecord &F) const;
  uint32_t givenOf(uint32_t Stream);
  Status planFlow(uint32_t Index, const FlowWalk &Walk,
                  const std::map<Link, uint32_t> &LinkIndex);
  Status planArrival(uint32_t Flow, CoreId Core);
  Status planDelivery(uint32_t Axon, uint32_t Flow, uint32_t Arrival,
                      IndexRange Indices);
};

/// What does not fit together in an image.
inline Error wiringFault(std::string Where, std::string Rule,
                         std::string Text) {
  return {std::move(Where), std::move(Rule), std::move(Text),
          ErrorKind::BadInput};
}

} // namespace synfire::sim

#endif // SYNFIRE_SIMULATOR_ENGINE_WIRINGBUILDER_H
