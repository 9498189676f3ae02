// Element-wise neighbours become one population, unless another way connects
// them; events keep their names, currents that only the consumer reads vanish.
// RUN: synfire-opt %s --spike-fuse-populations | FileCheck %s
// RUN: synfire-opt %s --spike-fuse-populations -o %t && synfire-opt %t --spike-fuse-populations | diff %t -

// CHECK-LABEL: @chain
spike.network @chain {
  %t = spike.input "t" : !spike.events<4xbinary>
  %table = spike.weight "w" in "f" at 0 as "f32" hash 0 : tensor<4x3xf32>
  %e = spike.embed "e" %t, %table : !spike.events<4xbinary>, tensor<4x3xf32> -> tensor<3xf32>
  // The current is inside, the spike and the residual are results.
  // CHECK: spike.population ["lif", "x"](%{{.*}} : tensor<3xf32>) params() init [5.000000e-01] {
  // CHECK-NOT: spike.population
  %c = spike.population ["current"](%e : tensor<3xf32>) params() init [] {
  ^bb0(%a: f32):
    %b = arith.addf %a, %a : f32
    spike.yield %b : f32
  } : tensor<3xf32>
  %s = spike.population ["lif"](%c : tensor<3xf32>) params() init [0.5] {
  ^bb0(%i: f32, %v: f32):
    %h = arith.addf %v, %i : f32
    %f = arith.cmpf oge, %h, %v : f32
    spike.yield %f : i1 states %h : f32
  } : !spike.events<3xbinary>
  %x = spike.population ["x"](%e, %s : tensor<3xf32>, !spike.events<3xbinary>) params() init [] {
  ^bb0(%a: f32, %b: i1):
    %f = arith.uitofp %b : i1 to f32
    %y = arith.addf %a, %f : f32
    spike.yield %y : f32
  } : tensor<3xf32>
  // CHECK: spike.output
  spike.output "o" %x : tensor<3xf32>
}

// A reduction leads from one to the other: they stay apart.
// CHECK-LABEL: @norm
spike.network @norm {
  %t = spike.input "t" : !spike.events<4xbinary>
  %table = spike.weight "w" in "f" at 0 as "f32" hash 0 : tensor<4x3xf32>
  %e = spike.embed "e" %t, %table : !spike.events<4xbinary>, tensor<4x3xf32> -> tensor<3xf32>
  // CHECK: spike.population ["x", "square"]
  %x = spike.population ["x"](%e : tensor<3xf32>) params() init [] {
  ^bb0(%a: f32):
    %b = arith.addf %a, %a : f32
    spike.yield %b : f32
  } : tensor<3xf32>
  %q = spike.population ["square"](%x : tensor<3xf32>) params() init [] {
  ^bb0(%a: f32):
    %b = arith.mulf %a, %a : f32
    spike.yield %b : f32
  } : tensor<3xf32>
  // CHECK: spike.reduce
  %r = spike.reduce "r" %q : tensor<3xf32> -> tensor<1xf32>
  // CHECK: spike.population ["scale"]
  %m = spike.population ["scale"](%r : tensor<1xf32>) params() init [] {
  ^bb0(%a: f32):
    %b = math.rsqrt %a : f32
    spike.yield %b : f32
  } : tensor<1xf32>
  // CHECK: spike.population ["normed"]
  %y = spike.population ["normed"](%x, %m : tensor<3xf32>, tensor<1xf32>) params() init [] {
  ^bb0(%a: f32, %b: f32):
    %c = arith.mulf %a, %b : f32
    spike.yield %c : f32
  } : tensor<3xf32>
  spike.output "o" %y : tensor<3xf32>
}

// What is held begins another sweep, neurons of rows run when others do not, a
// value of groups is not one to one: all stay apart.
// CHECK-LABEL: @apart
spike.network @apart positions 4 {
  %t = spike.input "t" : !spike.events<4xbinary>
  // CHECK: spike.population ["x"]
  %x = spike.population ["x"](%t : !spike.events<4xbinary>) params() init [] {
  ^bb0(%s: i1):
    %f = arith.uitofp %s : i1 to f32
    spike.yield %f : f32
  } : tensor<4xf32>
  // CHECK: spike.population ["held"]
  // CHECK-SAME: held each
  %h = spike.population ["held"](%x : tensor<4xf32>) params() init [] held each {
  ^bb0(%a: f32):
    %b = arith.addf %a, %a : f32
    spike.yield %b : f32
  } : tensor<4xf32>
  // CHECK: spike.population ["rows"]
  // CHECK-SAME: rows all
  %r = spike.population ["rows"](%h : tensor<4xf32>) params() init [] rows all {
  ^bb0(%a: f32):
    %b = arith.mulf %a, %a : f32
    spike.yield %b : f32
  } : tensor<4xf32>
  // CHECK: spike.population ["groups"]
  %g = spike.population ["groups"](%r : tensor<4xf32>) params() init [] {
  ^bb0(%a: f32):
    %b = arith.negf %a : f32
    spike.yield %b : f32
  } : tensor<8xf32>
  spike.output "o" %g : tensor<8xf32>
}
// Of the same rows they become one.
// CHECK-LABEL: @together
spike.network @together positions 4 {
  %t = spike.input "t" : !spike.events<4xbinary>
  // CHECK: spike.population ["b"](%{{.*}} : !spike.events<4xbinary>) params() init [] rows seen {
  // CHECK: spike.step
  // CHECK-NOT: spike.population
  %a = spike.population ["a"](%t : !spike.events<4xbinary>) params() init [] rows seen {
  ^bb0(%s: i1):
    %f = arith.uitofp %s : i1 to f32
    spike.yield %f : f32
  } : tensor<4xf32>
  %b = spike.population ["b"](%a : tensor<4xf32>) params() init [] rows seen {
  ^bb0(%x: f32):
    %step = spike.step
    %f = arith.sitofp %step : i32 to f32
    %y = arith.addf %x, %f : f32
    spike.yield %y : f32
  } : tensor<4xf32>
  spike.output "o" %b : tensor<4xf32>
}
