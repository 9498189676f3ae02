//===- simulator/engine/ProgramLoopsAvx2.cpp - Loops for AVX2 ------===//

#include "simulator/engine/ProgramLoops.h"

const synfire::sim::LoopTable synfire::sim::detail::LoopsAvx2 = makeLoopTable();
