// One factor for all neurons is taken behind the linear; a factor of each
// neuron stays, and so does one that something else than linears reads.
// RUN: synfire-opt %s --spike-defer-scales | FileCheck %s
// RUN: synfire-opt %s --spike-defer-scales -o %t && synfire-opt %t --spike-defer-scales | diff %t -

// CHECK-LABEL: @n
spike.network @n {
  %t = spike.input "t" : !spike.events<4xbinary>
  %w = spike.weight "w" in "f" at 0 as "f32" hash 0 : tensor<2x4xf32>
  %g = spike.weight "g" in "f" at 64 as "f32" hash 0 : tensor<4xf32>
  %s = spike.reduce "s" %t : !spike.events<4xbinary> -> tensor<1xi32>
  // CHECK: %[[R:.*]] = spike.population ["r"]
  %r = spike.population ["r"](%s : tensor<1xi32>) params() init [] {
  ^bb0(%sum: i32):
    %f = arith.sitofp %sum : i32 to f32
    spike.yield %f : f32
  } : tensor<1xf32>
  // CHECK: %[[X:.*]]:2 = spike.population ["x", "y"](%{{.*}} : !spike.events<4xbinary>, tensor<1xf32>)
  // CHECK: %[[XG:.*]] = arith.mulf
  // CHECK: %[[Y:.*]] = arith.mulf %[[XG]]
  // CHECK: spike.yield %[[XG]], %[[Y]]
  %x:2 = spike.population ["x", "y"](%t, %r : !spike.events<4xbinary>, tensor<1xf32>) params(%g : tensor<4xf32>) init [] {
  ^bb0(%b: i1, %scale: f32, %gain: f32):
    %f = arith.uitofp %b : i1 to f32
    %fg = arith.mulf %f, %gain : f32
    %y = arith.mulf %fg, %scale : f32
    spike.yield %y, %y : f32, f32
  } : tensor<4xf32>, tensor<4xf32>
  // CHECK: %[[L:.*]] = spike.linear "l" %[[X]]#0
  %l = spike.linear "l" %x#0, %w : tensor<4xf32>, tensor<2x4xf32> -> tensor<2xf32>
  // CHECK: spike.population ["z"](%[[L]], %[[R]] : tensor<2xf32>, tensor<1xf32>)
  // CHECK-NEXT: ^bb0(%[[SUM:.*]]: f32, %[[SCALE:.*]]: f32)
  // CHECK-NEXT: %[[V:.*]] = arith.mulf %[[SUM]], %[[SCALE]]
  // CHECK: arith.negf %[[V]]
  %z = spike.population ["z"](%l : tensor<2xf32>) params() init [] {
  ^bb0(%v: f32):
    %n = arith.negf %v : f32
    spike.yield %n : f32
  } : tensor<2xf32>
  spike.output "o" %z : tensor<2xf32>
  spike.output "p" %x#1 : tensor<4xf32>
}
