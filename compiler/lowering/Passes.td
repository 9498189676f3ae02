//===- Passes.td - Lowering passes -------------------------*- tablegen -*-===//
//
// In the order in which they run; chip-verify may stand after each.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_COMPILER_LOWERING_PASSES_TD
#define SYNFIRE_COMPILER_LOWERING_PASSES_TD

include "mlir/Pass/PassBase.td"

class LoweringPass<string name> : Pass<name, "::mlir::ModuleOp"> {
  let dependentDialects = ["::synfire::chip::ChipDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::math::MathDialect"];
  list<Option> targetOption = [
    Option<"Target", "target", "std::string", /*default=*/"\"loihi2\"",
           "chip by name, or a YAML file">,
  ];
}

def SpikeToChip : LoweringPass<"spike-to-chip"> {
  let summary = "cuts a quantised network into blocks and tiles on cores";
  let description = [{
    Populations become ranges (blocks), linears rectangles (tiles), grouped on
    cores so that no limit of the target is exceeded; programs are brought into
    the canonical form of their code. The chip.system is appended to the module.

    - Requires: one quantised spike.network (`spike-verify-quantized`), no
      chip.system.
    - Ensures: a chip.system without levels, places, routes and addresses;
      every neuron in one block, every weight in one tile.
    - Fails when: the network is not quantised; a value is read in a way that a
      chip cannot (`lower-...`); it does not fit (the table of limits is a
      note).
    - Source: mapping.md section 6; compiler/mapping/PartitionProblem.h.
  }];
  let options = targetOption;
  let statistics = [Statistic<"NumCores", "num-cores", "cores in use">,
                    Statistic<"NumTiles", "num-tiles", "tiles made">];
}

def ChipSchedule : LoweringPass<"chip-schedule"> {
  let summary = "fills in levels of populations and depths of slots";
  let description = [{
    A population runs one level behind the last that sends to it; a slot is as
    deep as its first write lies before its read.

    - Requires: a chip.system.
    - Ensures: `level` and `depths` on every chip.population.
    - Fails when: populations send in a circle.
    - Source: docs/architecture.md, "Time".
  }];
  let options = targetOption;
}

def ChipPlace : LoweringPass<"chip-place"> {
  let summary = "gives every core a place on the chips";
  let description = [{
    Cores that have a place keep it. Cores are renumbered by place, and what
    they hold with them.

    - Requires: a chip.system.
    - Ensures: `at` on every core, ascending; `chips`; routes are dropped.
    - Fails when: there are more cores than the system can have, or a given
      place is no usable core.
    - Source: mapping.md section 5; compiler/mapping/PlaceProblem.h.
  }];
  let options = !listconcat(targetOption, [
    Option<"Algorithm", "algorithm", "std::string",
           /*default=*/"\"space-filling\"",
           "space-filling, row-major or shuffled">,
    Option<"Seed", "seed", "uint64_t", /*default=*/"0", "of shuffled">,
  ]);
}

def ChipRoute : LoweringPass<"chip-route"> {
  let summary = "gives every flow its route";
  let description = [{
    Along the row first, then along the column; a multicast tree is the union of
    such paths.

    - Requires: `chip-place`.
    - Ensures: `route` on every flow.
    - Fails when: a core has no place.
    - Source: noc.md; compiler/mapping/RouteProblem.h.
  }];
  let options = targetOption;
}

def ChipAssignMemory : LoweringPass<"chip-assign-memory"> {
  let summary = "gives parameters and tiles their addresses";
  let description = [{
    Per core: parameters of blocks, then tiles, each at a multiple of 16.

    - Requires: a chip.system.
    - Ensures: `address` on every block and tile; nothing overlaps.
    - Fails when: never.
  }];
}

def ChipVerify : LoweringPass<"chip-verify"> {
  let summary = "checks a system against its network and its target";
  let description = [{
    Recounts what the passes up to `stage` should have ensured, with code that
    shares nothing with them.

    - Requires: the network and the chip.system of a module.
    - Ensures: nothing changes.
    - Fails when: a rule is broken; the message cites it.
  }];
  let options = !listconcat(targetOption, [
    Option<"Stage", "stage", "std::string", /*default=*/"\"laid-out\"",
           "partitioned, placed, routed or laid-out">,
  ]);
}

#endif // SYNFIRE_COMPILER_LOWERING_PASSES_TD
