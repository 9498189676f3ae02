//===- simulator/engine/ProgramLoopsPortable.cpp - Loops for the baseline
//------===//

#include "simulator/engine/ProgramLoops.h"

const synfire::sim::LoopTable synfire::sim::detail::LoopsPortable =
    makeLoopTable();
