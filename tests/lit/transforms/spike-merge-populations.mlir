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
