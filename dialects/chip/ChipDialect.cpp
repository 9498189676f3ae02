//===- ChipDialect.cpp - Registration of the dialect ----------------------===//

#include "dialects/chip/Chip.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace synfire::chip;

#include "dialects/chip/ChipDialect.cpp.inc"
#include "dialects/chip/ChipEnums.cpp.inc"

void ChipDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "dialects/chip/ChipOps.cpp.inc"
      >();
}
