//===- compiler/mapping/SpaceFillingPlace.cpp - Along a Hilbert curve -----===//
//
// Logical cores follow the levels, so cores that talk to each other have near
// numbers; a space-filling curve gives them near places (mapping.md 5: within a
// third of annealing). The mesh of a chip is any rectangle: the curve of the
// smallest enclosing square is walked and places outside are skipped.
//
//===----------------------------------------------------------------------===//

#include "compiler/mapping/PlaceProblem.h"

#include <algorithm>
#include <bit>

using namespace synfire;
using namespace synfire::mapping;

/// Position of (\p X, \p Y) along the Hilbert curve of a square of \p Side, a
/// power of two.
static uint64_t hilbertIndex(uint32_t Side, uint32_t X, uint32_t Y) {
  uint64_t Index = 0;
  for (uint32_t S = Side / 2; S != 0; S /= 2) {
    const uint32_t Right = (X & S) != 0, Lower = (Y & S) != 0;
    Index += uint64_t(S) * S * ((3 * Right) ^ Lower);
    if (Lower == 0) { // turn the quadrant
      if (Right == 1) {
        X = Side - 1 - X;
        Y = Side - 1 - Y;
      }
      std::swap(X, Y);
    }
  }
  return Index;
}

Placement mapping::placeSpaceFilling(const PlaceProblem &Problem) {
  const ChipSpec &Chip = Problem.Chip;
  const uint32_t Side =
      std::bit_ceil(std::max({1u, Chip.Noc.Width, Chip.Noc.Height}));
  Placement Out;
  while (Out.Cores.size() != Problem.Map.Cores.size()) {
    const uint32_t ThisChip = Out.NumChips++;
    const Coord Corner =
        Chip.coordOf(Chip.routerOf(Chip.usableCore(ThisChip, 0)));
    std::vector<std::pair<uint64_t, CoreId>> Places;
    for (uint32_t N = 0; N != Chip.System.UsableCores; ++N) {
      CoreId Core = Chip.usableCore(ThisChip, N);
      Coord At = Chip.coordOf(Chip.routerOf(Core));
      Places.push_back(
          {hilbertIndex(Side, At.X - Corner.X, At.Y - Corner.Y), Core});
    }
    std::sort(Places.begin(), Places.end());
    for (auto [Index, Core] : Places)
      if (Out.Cores.size() != Problem.Map.Cores.size())
        Out.Cores.push_back(Core);
  }
  return Out;
}
