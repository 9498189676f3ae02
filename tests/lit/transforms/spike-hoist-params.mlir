// What depends on params only is computed once, at compile time.
// RUN: synfire-opt %s --spike-hoist-params | FileCheck %s
// RUN: synfire-opt %s --spike-hoist-params -o %t && synfire-opt %t --spike-hoist-params | diff %t -

// CHECK-LABEL: @n
spike.network @n {
  %t = spike.input "t" : !spike.events<4xbinary>
  %m = spike.weight "m" in "f" at 64 as "f32" hash 0 : tensor<4xf32>
  // CHECK: %[[D:.*]] = spike.derive(%{{.*}} : tensor<4xf32>) {
  // CHECK: arith.subf
  // CHECK: } : tensor<4xf32>
  // CHECK: spike.population ["x"]({{.*}}) params(%{{.*}}, %[[D]] : tensor<4xf32>, tensor<4xf32>)
  // CHECK-NOT: arith.subf
  %x = spike.population ["x"](%t : !spike.events<4xbinary>) params(%m : tensor<4xf32>) init [0.0] {
  ^bb0(%s: i1, %mix: f32, %v: f32):
    %u = arith.uitofp %s : i1 to f32
    %one = arith.constant 1.0 : f32
    %rest = arith.subf %one, %mix : f32
    %a = arith.mulf %mix, %u : f32
    %b = arith.mulf %rest, %v : f32
    %y = arith.addf %a, %b : f32
    spike.yield %y : f32 states %u : f32
  } : tensor<4xf32>
  spike.output "o" %x : tensor<4xf32>
}
