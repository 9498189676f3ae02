// Every reader of a value gets the payload of the numeric contract.
// RUN: synfire-opt %s --spike-quantize --cse --spike-verify-quantized | FileCheck %s
// RUN: synfire-opt %s --spike-quantize --cse -o %t && synfire-opt %t --spike-quantize --cse | diff %t -
// RUN: synfire-opt %s "--spike-quantize=activation-bits=4 weight-bits=2" | FileCheck %s --check-prefix=NARROW

// CHECK-LABEL: @n
spike.network @n {
  %t = spike.input "t" : !spike.events<4xbinary>
  %table = spike.weight "b" in "f" at 0 as "f32" hash 0 : tensor<4x4xf32>
  %bits = spike.derive(%table : tensor<4x4xf32>) {
  ^bb0(%e: f32):
    %zero = arith.constant 0.0 : f32
    %fires = arith.cmpf oge, %e, %zero : f32
    spike.yield %fires : i1
  } : tensor<4x4xi1>
  %w = spike.weight "w" in "f" at 0 as "f32" hash 0 : tensor<2x4xf32>
  %e = spike.embed "e" %t, %bits : !spike.events<4xbinary>, tensor<4x4xi1> -> tensor<4xi32>
  // A linear, a population, a reduction read x; the square is not negative.
  // CHECK: %[[X:.*]]:4 = spike.population ["x", "x.direct", "x.reduced", "square"]
  // CHECK-NOT: spike.ranges
  // CHECK: math.roundeven
  // CHECK-NEXT: arith.fptosi
  // CHECK: arith.maxsi
  // CHECK: arith.minsi
  // CHECK: : !spike.events<4xsigned<8>>, !spike.events<4xsigned<16>>, !spike.events<4xsigned<20>>, !spike.events<4xunsigned<8>>
  // NARROW: : !spike.events<4xsigned<4>>, !spike.events<4xsigned<16>>, !spike.events<4xsigned<20>>, !spike.events<4xunsigned<4>>
  %x:2 = spike.population ["x", "square"](%e : tensor<4xi32>) params() init [0.0] attributes {spike.ranges = [array<f32: 4.0, 3.0, -4.0>, array<f32: 16.0, 9.0, 0.0>]} {
  ^bb0(%i: i32, %v: f32):
    %f = arith.sitofp %i : i32 to f32
    %n = arith.addf %f, %v : f32
    %q = arith.mulf %n, %n : f32
    spike.yield %n, %q : f32, f32 states %n : f32
  } : tensor<4xf32>, tensor<4xf32>
  // CHECK: %[[S:.*]] = spike.row_scale %[[W:.*]] bits 8
  // CHECK: %[[C:.*]] = spike.quantize %[[W]] by %[[S]] bits 8
  // CHECK: %[[L:.*]] = spike.linear "l" %[[X]]#0, %[[C]] : !spike.events<4xsigned<8>>, tensor<2x4xi8> -> tensor<2xi32>
  // NARROW: spike.row_scale %{{.*}} bits 2
  %l = spike.linear "l" %x#0, %w : tensor<4xf32>, tensor<2x4xf32> -> tensor<2xf32>
  // CHECK: %[[P:.*]] = spike.derive(%[[S]] : tensor<2xf32>)
  // CHECK: %[[Q:.*]] = spike.linear "q" %[[X]]#3, %[[C]]
  %q = spike.linear "q" %x#1, %w : tensor<4xf32>, tensor<2x4xf32> -> tensor<2xf32>
  // CHECK: %[[R:.*]] = spike.reduce "r" %[[X]]#2 : !spike.events<4xsigned<20>> -> tensor<1xi32>
  %r = spike.reduce "r" %x#0 : tensor<4xf32> -> tensor<1xf32>
  // CHECK: %[[M:.*]] = spike.population ["m"](%[[R]] : tensor<1xi32>)
  // CHECK: } : !spike.events<1xsigned<24>>
  %m = spike.population ["m"](%r : tensor<1xf32>) params() init [] attributes {spike.ranges = [array<f32: 0.0, 0.0, 0.0>]} {
  ^bb0(%a: f32):
    spike.yield %a : f32
  } : tensor<1xf32>
  %y = spike.population ["y"](%x#0, %m : tensor<4xf32>, tensor<1xf32>) params() init [] {
  ^bb0(%a: f32, %b: f32):
    %z = arith.cmpf oge, %a, %b : f32
    spike.yield %z : i1
  } : !spike.events<4xbinary>
  // CHECK: spike.population ["out"](%[[L]], %[[Q]] : tensor<2xi32>, tensor<2xi32>) params(%[[P]], %{{.*}} : tensor<2xf32>, tensor<2xf32>)
  // CHECK: } : !spike.events<2xsigned<24>>
  %o = spike.population ["out"](%l, %q : tensor<2xf32>, tensor<2xf32>) params() init [] attributes {spike.ranges = [array<f32: 1.0, 1.0, 0.0>]} {
  ^bb0(%a: f32, %b: f32):
    %c = arith.addf %a, %b : f32
    spike.yield %c : f32
  } : tensor<2xf32>
  // Four times the maximum, over 2^23 - 1 codes: 2^-20 is the power of two.
  // CHECK: arith.constant 9.53674316E-7 : f32
  // CHECK: spike.output "logits" %{{.*}} scaled by %{{.*}} : !spike.events<2xsigned<24>>, tensor<2xf32>
  spike.output "logits" %o : tensor<2xf32>
}
