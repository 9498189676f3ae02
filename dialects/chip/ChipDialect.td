//===- ChipDialect.td - The chip dialect -------------------*- tablegen -*-===//

#ifndef SYNFIRE_DIALECTS_CHIP_DIALECT_TD
#define SYNFIRE_DIALECTS_CHIP_DIALECT_TD

include "mlir/IR/OpBase.td"

def Chip_Dialect : Dialect {
  let name = "chip";
  let cppNamespace = "::synfire::chip";
  let summary = "what a chip is told";
  let description = [{
    A `chip.system` is an image in the making: its ops are the records of
    `targets/Image.h`, one op per block, tile, axon and flow, never per neuron.
    It stands beside the `spike.network` that it maps. Each step of the lowering
    fills something in; after every step the module prints, parses and verifies:

    | pass | fills in |
    |---|---|
    | `spike-to-chip` | programs, populations, cores with blocks, tiles and axons, flows |
    | `chip-schedule` | `level` and `depths` of populations |
    | `chip-place` | `chips` of the system, `at` of cores |
    | `chip-route` | `route` of flows |
    | `chip-assign-memory` | `address` of tiles and of blocks' parameters |

    Cores, blocks, tiles and flows are numbered from 0 in the order in which they
    stand, and are referred to by number; programs by symbol; populations,
    streams and connections by name. A place given by hand (`at`) is kept.

    Programs are regions of `arith` and `math` ops, as in `spike.population`, but
    typed as the chip sees them: a slot is an integer, an output an integer
    payload. Whether a system fits a target is not asked here but by
    `chip-verify`, which knows the target.
  }];
  let dependentDialects = ["mlir::arith::ArithDialect",
                           "mlir::math::MathDialect"];
}

#endif // SYNFIRE_DIALECTS_CHIP_DIALECT_TD
