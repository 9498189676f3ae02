//===- Place.cpp - Places of cores ----------------------------------------===//

#include "compiler/lowering/Lowering.h"
#include "compiler/mapping/PlaceProblem.h"

#include <fmt/format.h>

#include <algorithm>

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;

/// Swaps places until every pinned core has its own.
static Status pin(const std::vector<std::optional<CoreId>> &Pins,
                  const ChipSpec &Chip, mapping::Placement &Where) {
  for (uint32_t C = 0; C < Pins.size(); ++C) {
    if (!Pins[C])
      continue;
    auto Holder = std::find(Where.Cores.begin(), Where.Cores.end(), *Pins[C]);
    if (Holder != Where.Cores.end())
      *Holder = Where.Cores[C];
    Where.Cores[C] = *Pins[C];
    uint32_t OnChip = Chip.chipOf(Chip.routerOf(*Pins[C]));
    if (OnChip >= Chip.System.MaxChips)
      return Error{fmt::format("core {}", C), "chip-place-outside",
                   fmt::format("its place is on chip {}, the system has {}",
                               OnChip, Chip.System.MaxChips),
                   ErrorKind::BadInput};
    Where.NumChips = std::max(Where.NumChips, OnChip + 1);
  }
  return {};
}

Status synfire::compiler::placeSystem(chip::SystemOp System,
                                      const ChipSpec &Chip, Placing How,
                                      uint64_t Seed) {
  Result<ChipMapping> From = readMapping(System, Chip);
  if (!From)
    return From.errors();
  mapping::PlaceProblem Problem{From->Map, Chip};
  if (Errors Mistakes = Problem.check(); !Mistakes.empty())
    return Mistakes;
  mapping::Placement Where;
  switch (How) {
  case Placing::SpaceFilling:
    Where = mapping::placeSpaceFilling(Problem);
    break;
  case Placing::RowMajor:
    Where = mapping::placeRowMajor(Problem);
    break;
  case Placing::Shuffled:
    Where = mapping::placeShuffled(Problem, Seed);
    break;
  }
  if (Status S = pin(From->Places, Chip, Where); !S)
    return S;
  if (auto Broken = Problem.verify(Where); !Broken.empty())
    return Error{"", fmt::format("chip-place-{}", Broken.front().Rule),
                 Broken.front().Text, ErrorKind::BadInput};
  mapping::sortByCoreId(From->Map, Where);
  From->Places.assign(Where.Cores.begin(), Where.Cores.end());
  From->NumChips = Where.NumChips;
  writeCores(System, *From, Chip);
  return {};
}
