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
