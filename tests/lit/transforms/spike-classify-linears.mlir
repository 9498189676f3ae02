// What a linear costs follows from its events; the width of its sums from its
// codes: 127 in each of three columns.
// RUN: synfire-opt %s --spike-classify-linears | FileCheck %s
// RUN: not synfire-opt %s --spike-classify-linears=accumulator-bits=16 2>&1 | FileCheck %s --check-prefix=NARROW

// NARROW: a sum of row 0 of linear 'graded' may lie anywhere from 0 to 97155 and needs 18 bits, the accumulator has 16; choose fewer activation bits or weight bits [classify-accumulator]

spike.network @n {
  %t = spike.input "t" : !spike.events<3xbinary>
  %w = spike.derive() {
    %c = arith.constant 0.5 : f32
    spike.yield %c : f32
  } : tensor<2x3xf32>
  %s = spike.row_scale %w bits 8 : tensor<2x3xf32> -> tensor<2xf32>
  %c = spike.quantize %w by %s bits 8 : tensor<2x3xf32>, tensor<2xf32> -> tensor<2x3xi8>
  // CHECK: spike.linear "binary" {{.*}} {accumulate_only = true, sum_bits = 10 : i64}
  %a = spike.linear "binary" %t, %c : !spike.events<3xbinary>, tensor<2x3xi8> -> tensor<2xi32>
  %p = spike.population ["p"](%t : !spike.events<3xbinary>) params() init [] {
  ^bb0(%x: i1):
    %i = arith.extui %x : i1 to i32
    spike.yield %i : i32
  } : !spike.events<3xunsigned<8>>
  // CHECK: spike.linear "graded" {{.*}} {accumulate_only = false, sum_bits = 18 : i64}
  %b = spike.linear "graded" %p, %c : !spike.events<3xunsigned<8>>, tensor<2x3xi8> -> tensor<2xi32>
}
