//===- targets/CostTable.cpp - What an action costs -------------*- C++ -*-===//

#include "targets/CostTable.h"

using namespace synfire;

char synfire::gradeLetter(Grade G) { return "MPDA"[static_cast<unsigned>(G)]; }

std::string_view synfire::actionKey(Action A) {
  static constexpr std::string_view Keys[] = {
#define SYNFIRE_X(Name, Key) Key,
      SYNFIRE_ACTIONS(SYNFIRE_X)
#undef SYNFIRE_X
  };
  return Keys[static_cast<unsigned>(A)];
}

Action synfire::instructionAction(isa::CostClass Class) {
  static_assert(static_cast<unsigned>(Action::InstructionEmit) -
                        static_cast<unsigned>(Action::InstructionMove) + 1 ==
                    isa::NumCostClasses,
                "one instruction row per cost class, in the same order");
  return static_cast<Action>(static_cast<unsigned>(Action::InstructionMove) +
                             static_cast<unsigned>(Class));
}

Nanoseconds synfire::barrierTime(const BarrierTime &B, uint32_t Tiles,
                                 uint32_t Chips) {
  Nanoseconds OnChip = B.Base + B.PerTile * Tiles;
  if (!B.Steps.empty())
    OnChip = B.Steps.front().Time;
  for (const BarrierStep &Step : B.Steps)
    if (Step.Tiles <= Tiles)
      OnChip = Step.Time;
  return OnChip + B.PerChip * (Chips == 0 ? 0 : Chips - 1);
}
