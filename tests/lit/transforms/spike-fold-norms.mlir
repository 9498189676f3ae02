// gamma scales the columns of the matrix; the matrix applied to beta is added
// where the sums are read.
// RUN: synfire-opt %s --spike-insert-readers --spike-fold-norms | FileCheck %s
// RUN: synfire-opt %s --spike-insert-readers --spike-fold-norms -o %t && synfire-opt %t --spike-fold-norms | diff %t -

// CHECK-LABEL: @n
spike.network @n {
  %t = spike.input "t" : !spike.events<4xbinary>
  %w = spike.weight "w" in "f" at 0 as "f32" hash 0 : tensor<2x4xf32>
  // CHECK-DAG: %[[G:.*]] = spike.weight "gamma"
  %gamma = spike.weight "gamma" in "f" at 64 as "f32" hash 0 : tensor<4xf32>
  // CHECK-DAG: %[[B:.*]] = spike.weight "beta"
  %beta = spike.weight "beta" in "f" at 128 as "f32" hash 0 : tensor<4xf32>
  // CHECK: %[[X:.*]] = spike.population ["x"](%{{.*}} : !spike.events<4xbinary>) params() init [0.000000e+00] {
  // CHECK-NOT: arith.mulf
  %x = spike.population ["x"](%t : !spike.events<4xbinary>) params(%gamma, %beta : tensor<4xf32>, tensor<4xf32>) init [0.0] {
  ^bb0(%s: i1, %g: f32, %b: f32, %v: f32):
    %f = arith.uitofp %s : i1 to f32
    %n = arith.subf %f, %v : f32
    %ng = arith.mulf %n, %g : f32
    %y = arith.addf %b, %ng : f32
    spike.yield %y : f32 states %f : f32
  } : tensor<4xf32>
  // CHECK: %[[O:.*]] = spike.apply %[[W:.*]] to %[[B]]
  // CHECK: %[[D:.*]] = spike.derive(%[[W]], %[[G]] : tensor<2x4xf32>, tensor<4xf32>)
  // CHECK: spike.linear "head" %[[X]], %[[D]]
  %l = spike.linear "head" %x, %w : tensor<4xf32>, tensor<2x4xf32> -> tensor<2xf32>
  // CHECK: spike.population ["head.out"](%{{.*}} : tensor<2xf32>) params(%[[O]] : tensor<2xf32>)
  // CHECK: arith.addf
  spike.output "o" %l : tensor<2xf32>
}

// A matrix on a grid would leave it, so gamma stays; sources without synapses
// have to stay silent, so everything does; and a neuron whose row is not there
// gives no offset.
// CHECK-LABEL: @kept
spike.network @kept positions 4 {
  %t = spike.input "t" : !spike.events<4xbinary>
  %w = spike.weight "w" in "f" at 0 as "f32" hash 0 : tensor<2x4xf32>
  %step = spike.weight "step" in "f" at 32 as "f32" hash 0 : tensor<2xf32>
  %gamma = spike.weight "gamma" in "f" at 64 as "f32" hash 0 : tensor<4xf32>
  // CHECK: %[[G:.*]] = spike.grid
  %g = spike.grid %w by %step bits 4 : tensor<2x4xf32>, tensor<2xf32> -> tensor<2x4xf32>
  // CHECK: %[[M:.*]] = spike.mask
  %m = spike.mask [true, false, true, false] : tensor<4xf32>
  // CHECK: spike.population ["x", "y"]
  // CHECK: %[[V:.*]] = arith.mulf
  // CHECK: spike.yield %[[V]], %[[V]]
  %x:2 = spike.population ["x", "y"](%t : !spike.events<4xbinary>) params(%gamma : tensor<4xf32>) init [] {
  ^bb0(%s: i1, %a: f32):
    %f = arith.uitofp %s : i1 to f32
    %b = arith.mulf %f, %a : f32
    spike.yield %b, %b : f32, f32
  } : tensor<4xf32>, tensor<4xf32>
  // CHECK: spike.population ["z"]
  // CHECK: %[[Z:.*]] = arith.addf
  // CHECK: spike.yield %[[Z]]
  %z = spike.population ["z"](%t : !spike.events<4xbinary>) params(%gamma : tensor<4xf32>) init [] rows seen {
  ^bb0(%s: i1, %a: f32):
    %f = arith.uitofp %s : i1 to f32
    %b = arith.addf %f, %a : f32
    spike.yield %b : f32
  } : tensor<4xf32>
  // CHECK: spike.linear "grid" %{{.*}}, %[[G]]
  %l = spike.linear "grid" %x#0, %g : tensor<4xf32>, tensor<2x4xf32> -> tensor<2xf32>
  // CHECK: spike.linear "only" %{{.*}}, %{{.*}} only %[[M]]
  %o = spike.linear "only" %x#1, %w only %m : tensor<4xf32> : tensor<4xf32>, tensor<2x4xf32> -> tensor<2xf32>
  %r = spike.linear "rows" %z, %w : tensor<4xf32>, tensor<2x4xf32> -> tensor<2xf32>
  %y = spike.population ["sum"](%l, %o, %r : tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) params() init [] {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %ab = arith.addf %a, %b : f32
    %abc = arith.addf %ab, %c : f32
    spike.yield %abc : f32
  } : tensor<2xf32>
  spike.output "out" %y : tensor<2xf32>
}
