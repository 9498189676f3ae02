//===- compiler/mapping/RowMajorPlace.cpp - In core order -----------------===//

#include "compiler/mapping/PlaceProblem.h"

#include <random>

using namespace synfire;
using namespace synfire::mapping;

Placement mapping::placeRowMajor(const PlaceProblem &Problem) {
  const ChipSpec &Chip = Problem.Chip;
  Placement Out;
  for (uint32_t I = 0; I != Problem.Map.Cores.size(); ++I) {
    const uint32_t ThisChip = I / Chip.System.UsableCores;
    Out.NumChips = ThisChip + 1;
    Out.Cores.push_back(Chip.usableCore(ThisChip, I % Chip.System.UsableCores));
  }
  return Out;
}

Placement mapping::placeShuffled(const PlaceProblem &Problem, uint64_t Seed) {
  const ChipSpec &Chip = Problem.Chip;
  Placement Out = placeRowMajor(Problem);
  std::vector<CoreId> Places;
  for (uint32_t C = 0; C != Out.NumChips; ++C)
    for (uint32_t N = 0; N != Chip.System.UsableCores; ++N)
      Places.push_back(Chip.usableCore(C, N));
  // Fisher-Yates by hand: std::shuffle differs between libraries.
  std::mt19937_64 Random(Seed);
  for (size_t I = Places.size(); I > 1; --I)
    std::swap(Places[I - 1], Places[Random() % I]);
  Places.resize(Problem.Map.Cores.size());
  Out.Cores = std::move(Places);
  return Out;
}
