// RUN: not synfire-opt %s --split-input-file --spike-to-fixed-point=target=loihi2 2>&1 | FileCheck %s
// RUN: not synfire-opt %s --split-input-file --spike-to-fixed-point=target=nowhere 2>&1 | FileCheck %s --check-prefix=TARGET

// TARGET: nowhere

// CHECK: its 2 real numbers have no measured ranges (spike.value_ranges); measure them first [fixed-point-2]
spike.network @n {
  %x = spike.input "x" role events : !spike.events<4xbinary>
  %s = spike.population ["s"](%x : !spike.events<4xbinary>) params() init [] {
  ^bb0(%i: i1):
    %one = arith.constant 1.0 : f32
    %f = arith.uitofp %i : i1 to f32
    %g = arith.addf %f, %one : f32
    %fires = arith.cmpf oge, %g, %one : f32
    spike.yield %fires : i1
  } : !spike.events<4xbinary>
}

// -----

// CHECK: is a real value; quantise first (spike-quantize) [fixed-point-1]
spike.network @n {
  %x = spike.input "x" role events : !spike.events<4xbinary>
  %s = spike.population ["s"](%x : !spike.events<4xbinary>) params() init [] {
  ^bb0(%i: i1):
    %f = arith.uitofp %i : i1 to f32
    spike.yield %f : f32
  } : tensor<4xf32>
}
