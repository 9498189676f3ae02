// A quantised network becomes a system step by step; a place given by hand
// stays where it is.
// RUN: synfire-opt %s --spike-to-chip --chip-schedule \
// RUN:   --chip-verify=stage=partitioned | FileCheck %s --check-prefix=CUT
// RUN: synfire-opt %s --spike-to-chip --chip-schedule --chip-place \
// RUN:   --chip-verify=stage=placed --chip-route --chip-verify=stage=routed \
// RUN:   --chip-assign-memory --chip-verify | FileCheck %s --check-prefix=DONE
// RUN: synfire-opt %s --spike-to-chip --chip-schedule \
// RUN:   | sed 's/chip.core 0 /chip.core 0 at [3, 2, 1] /' \
// RUN:   | synfire-opt --chip-place --chip-verify=stage=placed \
// RUN:   | FileCheck %s --check-prefix=PINNED
// RUN: not synfire-opt %s --spike-to-chip --chip-route 2>&1 \
// RUN:   | FileCheck %s --check-prefix=EARLY

// CUT: chip.system @system on "loihi2" hash {{[0-9]+}} {
// CUT: chip.program @p0 uniform [false] params 1 init [0.000000e+00]
// CUT: chip.population "lif" neurons 32 runs @p0 sends ["lif"] reduced [0] level 0 depths [1]
// CUT: chip.connection "in" 8 by 32 bits 8 accumulate_only
// CUT: chip.core 0 synapses 320
// CUT: chip.tile 0 "in" rows[0, 8] cols[0, 32] block 0 slot 0 offset 0 int8 stride 32
// CUT-NOT: route

// DONE: chips 1
// DONE: chip.core 0 at [0, 0, 0]
// DONE: chip.block 0 "lif" neurons[0, 32] address 0
// DONE: chip.tile 0 {{.*}} address 128
// DONE: route [0

// PINNED: chip.core 0 at [3, 2, 1]

// EARLY: the core has no place; run chip-place [chip-not-placed]

spike.network @n {
  %t = spike.input "tokens" : !spike.events<8 x binary>
  %w = spike.weight "w" in "w.bin" at 0 as "f32" hash 0 : tensor<32x8xf32>
  %s = spike.row_scale %w bits 8 : tensor<32x8xf32> -> tensor<32xf32>
  %c = spike.quantize %w by %s bits 8
      : tensor<32x8xf32>, tensor<32xf32> -> tensor<32x8xi8>
  %i = spike.linear "in" %t, %c
      : !spike.events<8 x binary>, tensor<32x8xi8> -> tensor<32xi32>
  %o = spike.population ["lif"] (%i : tensor<32xi32>)
      params(%s : tensor<32xf32>) init [0.0] {
  ^bb0(%sum: i32, %scale: f32, %v: f32):
    %r = arith.sitofp %sum : i32 to f32
    %x = arith.mulf %r, %scale : f32
    %n = arith.addf %x, %v : f32
    %one = arith.constant 1.0 : f32
    %f = arith.cmpf oge, %n, %one : f32
    spike.yield %f : i1 states %n : f32
  } : !spike.events<32 x binary>
  spike.output "out" %o scaled by %s : !spike.events<32 x binary>, tensor<32xf32>
}
