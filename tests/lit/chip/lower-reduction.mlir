// What is summed over a population goes to one neuron, to all neurons of a
// population, or to those of its own group: the last two into a slot that a
// block has once.
// RUN: synfire-opt %s --spike-to-chip --chip-schedule --chip-place --chip-route --chip-assign-memory --chip-verify | FileCheck %s

// CHECK-DAG: chip.program @p{{[0-9]+}} uniform [false, true] params 0
// CHECK-DAG: chip.program @p{{[0-9]+}} uniform [false, true, true] params 0
// CHECK: chip.population "x" neurons 8 {{.*}} sends ["x", "x", "x"] reduced [0, 7, 6]
// CHECK: chip.population "all" neurons 8
// CHECK-SAME: level 1
// CHECK: chip.population "groups" neurons 8
// CHECK-SAME: level 2
spike.network @n {
  %t = spike.input "tokens" : !spike.events<8 x binary>
  %w = spike.weight "w" in "w.bin" at 0 as "f32" hash 0 : tensor<8x8xf32>
  %s = spike.row_scale %w bits 8 : tensor<8x8xf32> -> tensor<8xf32>
  %c = spike.quantize %w by %s bits 8 : tensor<8x8xf32>, tensor<8xf32> -> tensor<8x8xi8>
  %i = spike.linear "in" %t, %c : !spike.events<8 x binary>, tensor<8x8xi8> -> tensor<8xi32>
  %x = spike.population ["x"] (%i : tensor<8xi32>) params() init [] {
  ^bb0(%sum: i32):
    %three = arith.constant 3 : i32
    %low = arith.andi %sum, %three : i32
    spike.yield %low : i32
  } : !spike.events<8 x planes<3>>
  %one = spike.reduce "one" %x : !spike.events<8 x planes<3>> -> tensor<1xi32>
  %two = spike.reduce "two" %x : !spike.events<8 x planes<3>> -> tensor<2xi32>
  %l = spike.linear "l" %x, %c : !spike.events<8 x planes<3>>, tensor<8x8xi8> -> tensor<8xi32>
  %all = spike.population ["all"] (%l, %one : tensor<8xi32>, tensor<1xi32>) params() init [] {
  ^bb0(%a: i32, %b: i32):
    %r = arith.addi %a, %b : i32
    spike.yield %r : i32
  } : !spike.events<8 x signed<24>>
  %groups = spike.population ["groups"] (%all, %two, %one : !spike.events<8 x signed<24>>, tensor<2xi32>, tensor<1xi32>) params() init [] {
  ^bb0(%a: i32, %b: i32, %d: i32):
    %r = arith.addi %a, %b : i32
    %q = arith.addi %r, %d : i32
    spike.yield %q : i32
  } : !spike.events<8 x signed<24>>
  spike.output "out" %groups scaled by %s : !spike.events<8 x signed<24>>, tensor<8xf32>
}
