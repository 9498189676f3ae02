//===- simulator/report/HeatMap.h - Where work and energy are ---*- C++ -*-===//
//
// Cores and links of the chips in use by what they did, small enough for a
// page: above MostPlaces usable cores, the cores of a router are put together,
// then routers in squares. stats.csv has every core and link.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_REPORT_HEATMAP_H
#define SYNFIRE_SIMULATOR_REPORT_HEATMAP_H

#include "simulator/report/Energy.h"

namespace synfire::report {

/// What a place of the map holds.
enum class HeatDetail : uint8_t { Core, Router, Block };
std::string_view detailName(HeatDetail D);

/// A core, the cores of a router or those of a square of routers.
struct HeatPlace {
  Coord At;          ///< router of its north-west corner, in the system's grid
  uint32_t Slot = 0; ///< which core of the router; 0 unless HeatDetail::Core
  uint32_t Used = 0; ///< cores that hold something
  uint32_t Idle = 0; ///< usable cores that hold nothing
  uint32_t Busiest = 0; ///< id of its busiest core
  sim::CoreBusy Share;  ///< of simulated time, of its busiest core
  double EnergyPj = 0;  ///< of its cores, without barrier and static power
  CoreId FirstCore{0};  ///< its only core when there is one
};

struct HeatLink {
  Coord From; ///< corner of a place
  Coord To;   ///< of the next place in the link's direction
  /// Of its busiest link: time that flits took, and time that messages stood
  /// before it (summed over messages, `event` only), by simulated time.
  double Utilisation = 0, Blocked = 0;
};

/// The ten cores and links that are listed by name.
struct HotCore {
  CoreId Core;
  uint32_t Chip = 0;
  Coord At;
  sim::CoreBusy Share;
  double EnergyPj = 0;
};
struct HotLink {
  std::string Name; ///< `(3,2) to (4,2)`
  bool CrossesChips = false;
  uint64_t Packets = 0;
  double Utilisation = 0, Blocked = 0;
};

struct HeatMap {
  HeatDetail Detail = HeatDetail::Core;
  uint32_t Edge = 1;                      ///< routers along the side of a place
  uint32_t Slots = 1;                     ///< places of a router
  uint32_t ChipWidth = 0, ChipHeight = 0; ///< routers
  uint32_t GridWidth = 1;                 ///< chips in a row
  uint32_t Chips = 0;
  uint64_t UsedCores = 0, IdleCores = 0;
  bool HasTime = false;
  std::vector<HeatPlace> Places; ///< with usable cores, by chip and core order
  std::vector<HeatLink> Links;   ///< that some flow may use
  std::vector<HotCore> Cores;    ///< longest busy first; without time, energy
  std::vector<HotLink> HotLinks; ///< busiest first; without time, packets
};

/// The map of \p Run, timed by \p Time (may be null). Empty for a chip whose
/// routers lie on no grid.
HeatMap heatMapOf(const RunData &Run, const TimeData *Time,
                  const EnergyReport &Energy, size_t MostPlaces = 600);

} // namespace synfire::report

#endif // SYNFIRE_SIMULATOR_REPORT_HEATMAP_H
