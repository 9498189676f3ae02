// A leaky integrator in the integers of a chip: one product for the decay, one
// for the input; comparisons take no shift.
// RUN: synfire-opt %s --spike-to-fixed-point=target=loihi2 --cse | FileCheck %s
// RUN: synfire-opt %s --spike-to-fixed-point=target=loihi2 --cse | FileCheck %s --check-prefix=NOFLOAT
// RUN: synfire-opt %s --spike-to-fixed-point=target=loihi2 -o %t && synfire-opt %t --spike-to-fixed-point=target=loihi2 | diff %t -

// NOFLOAT: ^bb0(%{{.*}}: i1
// NOFLOAT-NOT: f32
// NOFLOAT: spike.yield

// CHECK-LABEL: @n
spike.network @n {
  %x = spike.input "x" role events : !spike.events<4xbinary>
  %r = spike.weight "r" in "f" at 0 as "f32" hash 0 : tensor<4xf32>
  // The param becomes a whole number when compiling.
  // CHECK: %[[R:.*]] = spike.derive(%{{.*}} : tensor<4xf32>)
  // CHECK: math.roundeven
  // CHECK: spike.population ["s"]{{.*}} params(%[[R]] : tensor<4xf32>)
  // CHECK-NEXT: ^bb0(%[[I:.*]]: i1, %[[P:.*]]: i32, %[[V:.*]]: i32):
  // CHECK-DAG: spike.mul_shift %[[V]], %{{.*}} by {{[0-9]+}} zero
  // CHECK-DAG: spike.mul_shift %{{.*}}, %{{.*}} by {{[0-9]+}} zero
  // CHECK: %[[F:.*]] = arith.cmpi sge
  // CHECK: arith.select %[[F]]
  // CHECK: spike.yield %[[F]] : i1 states %{{.*}} : i32
  // CHECK-NOT: spike.value_ranges
  %s = spike.population ["s"](%x : !spike.events<4xbinary>) params(%r : tensor<4xf32>) init [0.0] attributes {spike.value_ranges = array<f32: 0.2, 0.9, 0.0, 0.99, 0.0, 1.0, 0.0, 0.9, 0.0, 0.89, 0.0, 1.6, 0.0, 0.99>} {
  ^bb0(%i: i1, %p: f32, %v: f32):
    %zero = arith.constant 0.0 : f32
    %one = arith.constant 1.0 : f32
    %decay = arith.constant 0.9 : f32
    %f = arith.uitofp %i : i1 to f32
    %in = arith.mulf %f, %p : f32
    %left = arith.mulf %v, %decay : f32
    %h = arith.addf %left, %in : f32
    %fires = arith.cmpf oge, %h, %one : f32
    %next = arith.select %fires, %zero, %h : f32
    spike.yield %fires : i1 states %next : f32
  } : !spike.events<4xbinary>
  %scale = spike.derive() {
    %c = arith.constant 1.0 : f32
    spike.yield %c : f32
  } : tensor<4xf32>
  spike.output "y" %s scaled by %scale : !spike.events<4xbinary>, tensor<4xf32>
}
