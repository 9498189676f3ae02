// A threshold behind the embedding becomes bits in the table; a population with
// a state stays what it is.
// RUN: synfire-opt %s --spike-fold-embedding | FileCheck %s
// RUN: synfire-opt %s --spike-fold-embedding -o %t && synfire-opt %t --spike-fold-embedding | diff %t -

// CHECK-LABEL: @fold
spike.network @fold {
  %t = spike.input "t" : !spike.events<4xbinary>
  %table = spike.weight "w" in "f" at 0 as "f32" hash 0 : tensor<4x3xf32>
  // CHECK: %[[BITS:.*]] = spike.derive(%{{.*}} : tensor<4x3xf32>) {
  // CHECK: arith.cmpf oge
  // CHECK: } : tensor<4x3xi1>
  // CHECK: spike.embed "e" %{{.*}}, %[[BITS]] : !spike.events<4xbinary>, tensor<4x3xi1> -> tensor<3xi32>
  %e = spike.embed "e" %t, %table : !spike.events<4xbinary>, tensor<4x3xf32> -> tensor<3xf32>
  // CHECK: spike.population ["emb"](%{{.*}} : tensor<3xi32>)
  // CHECK: arith.cmpi ne
  %s = spike.population ["emb"](%e : tensor<3xf32>) params() init [] {
  ^bb0(%a: f32):
    %zero = arith.constant 0.0 : f32
    %f = arith.cmpf oge, %a, %zero : f32
    spike.yield %f : i1
  } : !spike.events<3xbinary>
}

// CHECK-LABEL: @state
spike.network @state {
  %t = spike.input "t" : !spike.events<4xbinary>
  %table = spike.weight "w" in "f" at 0 as "f32" hash 0 : tensor<4x3xf32>
  // CHECK: tensor<4x3xf32> -> tensor<3xf32>
  %e = spike.embed "e" %t, %table : !spike.events<4xbinary>, tensor<4x3xf32> -> tensor<3xf32>
  %s = spike.population ["emb"](%e : tensor<3xf32>) params() init [0.0] {
  ^bb0(%a: f32, %v: f32):
    %f = arith.cmpf oge, %a, %v : f32
    spike.yield %f : i1 states %a : f32
  } : !spike.events<3xbinary>
}
