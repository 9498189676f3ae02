// The height of a spike moves into the columns of the matrix behind it.
// RUN: synfire-opt %s --spike-fold-amplitudes | FileCheck %s
// RUN: synfire-opt %s --spike-fold-amplitudes -o %t && synfire-opt %t --spike-fold-amplitudes | diff %t -

// CHECK-LABEL: @binary
spike.network @binary {
  %t = spike.input "t" : !spike.events<4xbinary>
  %w = spike.weight "w" in "f" at 0 as "f32" hash 0 : tensor<2x4xf32>
  // CHECK: %[[S:.*]] = spike.population ["s"]
  // CHECK: : !spike.events<4xbinary>
  %s = spike.population ["s"](%t : !spike.events<4xbinary>) params() init [] {
  ^bb0(%x: i1):
    %a = arith.constant 2.5 : f32
    %zero = arith.constant 0.0 : f32
    %y = arith.select %x, %a, %zero : f32
    spike.yield %y : f32
  } : tensor<4xf32>
  // CHECK: %[[D:.*]] = spike.derive(%{{.*}}, %{{.*}} : tensor<2x4xf32>, tensor<4xf32>) {
  // CHECK: arith.mulf
  // CHECK: spike.linear "l" %[[S]], %[[D]] : !spike.events<4xbinary>, tensor<2x4xf32>
  %l = spike.linear "l" %s, %w : tensor<4xf32>, tensor<2x4xf32> -> tensor<2xf32>
  // Another reader multiplies for itself.
  // CHECK: spike.population ["r"](%[[S]] : !spike.events<4xbinary>) params(%{{.*}} : tensor<4xf32>)
  %r = spike.population ["r"](%s : tensor<4xf32>) params() init [0.0] {
  ^bb0(%x: f32, %v: f32):
    %y = arith.addf %x, %v : f32
    spike.yield %y : f32 states %y : f32
  } : tensor<4xf32>
  spike.output "o" %l : tensor<2xf32>
}

// CHECK-LABEL: @ternary
spike.network @ternary {
  %t = spike.input "t" : !spike.events<4xbinary>
  %w = spike.weight "w" in "f" at 0 as "f32" hash 0 : tensor<2x4xf32>
  %alpha = spike.weight "alpha" in "f" at 64 as "f32" hash 0 : tensor<1xf32>
  // CHECK: : !spike.events<4xternary>
  %s = spike.population ["s"](%t : !spike.events<4xbinary>) params(%alpha : tensor<1xf32>) init [0.0] {
  ^bb0(%x: i1, %a: f32, %v: f32):
    %zero = arith.constant 0.0 : f32
    %below = arith.cmpf olt, %v, %zero : f32
    %minus = arith.negf %a : f32
    %down = arith.select %below, %minus, %zero : f32
    %y = arith.select %x, %a, %down : f32
    spike.yield %y : f32 states %y : f32
  } : tensor<4xf32>
  // CHECK: spike.linear "l" %{{.*}}, %{{.*}} : !spike.events<4xternary>, tensor<2x4xf32>
  %l = spike.linear "l" %s, %w : tensor<4xf32>, tensor<2x4xf32> -> tensor<2xf32>
  spike.output "o" %l : tensor<2xf32>
}

// Read by a reduction: left alone.
// CHECK-LABEL: @kept
spike.network @kept {
  %t = spike.input "t" : !spike.events<4xbinary>
  %w = spike.weight "w" in "f" at 0 as "f32" hash 0 : tensor<2x4xf32>
  %s = spike.population ["s"](%t : !spike.events<4xbinary>) params() init [] {
  ^bb0(%x: i1):
    %y = arith.uitofp %x : i1 to f32
    spike.yield %y : f32
  // CHECK: } : tensor<4xf32>
  } : tensor<4xf32>
  %l = spike.linear "l" %s, %w : tensor<4xf32>, tensor<2x4xf32> -> tensor<2xf32>
  %r = spike.reduce "r" %s : tensor<4xf32> -> tensor<1xf32>
  spike.output "o" %l : tensor<2xf32>
}

// A population of groups reads it: there is no amplitude per group.
// CHECK-LABEL: @groups
spike.network @groups {
  %t = spike.input "t" : !spike.events<4xbinary>
  %w = spike.weight "w" in "f" at 0 as "f32" hash 0 : tensor<8x4xf32>
  %s = spike.population ["s"](%t : !spike.events<4xbinary>) params() init [] {
  ^bb0(%x: i1):
    %y = arith.uitofp %x : i1 to f32
    spike.yield %y : f32
  // CHECK: } : tensor<4xf32>
  } : tensor<4xf32>
  %l = spike.linear "l" %s, %w : tensor<4xf32>, tensor<8x4xf32> -> tensor<8xf32>
  %r = spike.population ["r"](%l, %s : tensor<8xf32>, tensor<4xf32>) params() init [] {
  ^bb0(%a: f32, %b: f32):
    %c = arith.addf %a, %b : f32
    spike.yield %c : f32
  } : tensor<8xf32>
  spike.output "o" %r : tensor<8xf32>
}
