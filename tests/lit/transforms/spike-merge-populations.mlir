// Equal populations are one, and so are those that become equal by it; the
// names of the merged ones are kept.
// RUN: synfire-opt %s --spike-merge-populations | FileCheck %s
// RUN: synfire-opt %s --spike-merge-populations -o %t && synfire-opt %t --spike-merge-populations | diff %t -

// CHECK-LABEL: @n
spike.network @n {
  %t = spike.input "t" : !spike.events<4xbinary>
  // CHECK: %[[A:.*]] = spike.population ["a"]({{.*}}) params() init [0.000000e+00] attributes {spike.aliases = {b = "a"}}
  %a = spike.population ["a"](%t : !spike.events<4xbinary>) params() init [0.0] {
  ^bb0(%s: i1, %v: f32):
    %f = arith.uitofp %s : i1 to f32
    %n = arith.addf %f, %v : f32
    spike.yield %n : f32 states %n : f32
  } : tensor<4xf32>
  %b = spike.population ["b"](%t : !spike.events<4xbinary>) params() init [0.0] {
  ^bb0(%s: i1, %v: f32):
    %f = arith.uitofp %s : i1 to f32
    %n = arith.addf %f, %v : f32
    spike.yield %n : f32 states %n : f32
  } : tensor<4xf32>
  // Another initial state is another population.
  // CHECK: spike.population ["c"]
  %c = spike.population ["c"](%t : !spike.events<4xbinary>) params() init [1.0] {
  ^bb0(%s: i1, %v: f32):
    %f = arith.uitofp %s : i1 to f32
    %n = arith.addf %f, %v : f32
    spike.yield %n : f32 states %n : f32
  } : tensor<4xf32>
  // CHECK: spike.population ["d"](%[[A]] : tensor<4xf32>) {{.*}}aliases = {e = "d"}
  %d = spike.population ["d"](%a : tensor<4xf32>) params() init [] {
  ^bb0(%x: f32):
    spike.yield %x : f32
  } : tensor<4xf32>
  // CHECK-NOT: ["e"]
  %e = spike.population ["e"](%b : tensor<4xf32>) params() init [] {
  ^bb0(%x: f32):
    spike.yield %x : f32
  } : tensor<4xf32>
  spike.output "o" %e : tensor<4xf32>
}

// The inputs of query, key and value are one population when their amplitudes
// are equal, wherever those lie in the file.
// CHECK-LABEL: @amplitudes
spike.network @amplitudes {
  %t = spike.input "t" : !spike.events<4xbinary>
  %q = spike.weight "q.alpha" in "f" at 0 as "f32" hash 7 : tensor<1xf32>
  %k = spike.weight "k.alpha" in "f" at 4 as "f32" hash 7 : tensor<1xf32>
  %v = spike.weight "v.alpha" in "f" at 8 as "f32" hash 8 : tensor<1xf32>
  // CHECK: spike.population ["q_in"]{{.*}} attributes {spike.aliases = {k_in = "q_in"}}
  %a = spike.population ["q_in"](%t : !spike.events<4xbinary>) params(%q : tensor<1xf32>) init [] {
  ^bb0(%s: i1, %p: f32):
    %f = arith.uitofp %s : i1 to f32
    %n = arith.mulf %f, %p : f32
    spike.yield %n : f32
  } : tensor<4xf32>
  // CHECK-NOT: ["k_in"]
  %b = spike.population ["k_in"](%t : !spike.events<4xbinary>) params(%k : tensor<1xf32>) init [] {
  ^bb0(%s: i1, %p: f32):
    %f = arith.uitofp %s : i1 to f32
    %n = arith.mulf %f, %p : f32
    spike.yield %n : f32
  } : tensor<4xf32>
  // CHECK: spike.population ["v_in"]
  %c = spike.population ["v_in"](%t : !spike.events<4xbinary>) params(%v : tensor<1xf32>) init [] {
  ^bb0(%s: i1, %p: f32):
    %f = arith.uitofp %s : i1 to f32
    %n = arith.mulf %f, %p : f32
    spike.yield %n : f32
  } : tensor<4xf32>
  // Constants of a program as well.
  // CHECK: spike.population ["one"]
  %d = spike.population ["one"](%t : !spike.events<4xbinary>) params() init [] {
  ^bb0(%s: i1):
    %f = arith.constant 1.0 : f32
    spike.yield %f : f32
  } : tensor<4xf32>
  // CHECK: spike.population ["two"]
  %e = spike.population ["two"](%t : !spike.events<4xbinary>) params() init [] {
  ^bb0(%s: i1):
    %f = arith.constant 2.0 : f32
    spike.yield %f : f32
  } : tensor<4xf32>
}

// When and where a population runs belongs to what it computes.
// CHECK-LABEL: @time
spike.network @time positions 4 {
  %t = spike.input "t" : !spike.events<4xbinary>
  // CHECK: spike.population ["always"]
  // CHECK: spike.population ["seen"]
  // CHECK: spike.population ["all"]
  // CHECK: spike.population ["each"]
  // CHECK: spike.population ["last"]
  %a = spike.population ["always"](%t : !spike.events<4xbinary>) params() init [] {
  ^bb0(%s: i1):
    spike.yield %s : i1
  } : !spike.events<4xbinary>
  %b = spike.population ["seen"](%t : !spike.events<4xbinary>) params() init [] rows seen {
  ^bb0(%s: i1):
    spike.yield %s : i1
  } : !spike.events<4xbinary>
  %c = spike.population ["all"](%t : !spike.events<4xbinary>) params() init [] rows all {
  ^bb0(%s: i1):
    spike.yield %s : i1
  } : !spike.events<4xbinary>
  %d = spike.population ["each"](%a : !spike.events<4xbinary>) params() init [] held each {
  ^bb0(%s: i1):
    spike.yield %s : i1
  } : !spike.events<4xbinary>
  %e = spike.population ["last"](%a : !spike.events<4xbinary>) params() init [] held last {
  ^bb0(%s: i1):
    spike.yield %s : i1
  } : !spike.events<4xbinary>
}
