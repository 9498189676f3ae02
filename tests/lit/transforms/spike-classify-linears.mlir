// What a linear costs follows from its events; the width of its sums from its
// codes: 127 in each of three columns.
// RUN: synfire-opt %s --spike-classify-linears | FileCheck %s
// RUN: not synfire-opt %s --spike-classify-linears=accumulator-bits=16 2>&1 | FileCheck %s --check-prefix=NARROW

// NARROW: a sum of row 0 of linear 'graded' may lie anywhere from 0 to 97155 and needs 18 bits, the accumulator has 16; choose fewer activation bits or weight bits [classify-accumulator]
// NARROW: a sum of matmul 'pv' has 64 terms, may lie anywhere from -2088960 to 2072640 and needs 22 bits, the accumulator has 16; choose fewer activation bits or shorter sequences [classify-accumulator]

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

// Only sources with synapses count; spikes that count or select are added. Of a
// matmul both sides are payloads, and there are as many terms as a head has
// values (along keys) or a sequence positions (along values).
spike.network @products positions 64 {
  %t = spike.input "t" : !spike.events<4xbinary>
  %w = spike.derive() {
    %c = arith.constant 0.5 : f32
    spike.yield %c : f32
  } : tensor<2x4xf32>
  %s = spike.row_scale %w bits 8 : tensor<2x4xf32> -> tensor<2xf32>
  %c = spike.quantize %w by %s bits 8 : tensor<2x4xf32>, tensor<2xf32> -> tensor<2x4xi8>
  %m = spike.mask [true, false, false, false] : tensor<4xf32>
  %p:3 = spike.population ["unary", "signed", "ternary"](%t : !spike.events<4xbinary>) params() init [] {
  ^bb0(%x: i1):
    %i = arith.extui %x : i1 to i32
    spike.yield %i, %i, %i : i32, i32, i32
  } : !spike.events<4xunary<4>>, !spike.events<4xsigned<8>>, !spike.events<4xternary>
  // 127 x 15 in one column needs 12 bits.
  // CHECK: spike.linear "only" {{.*}} {accumulate_only = true, sum_bits = 12 : i64}
  %l = spike.linear "only" %p#0, %c only %m : tensor<4xf32> : !spike.events<4xunary<4>>, tensor<2x4xi8> -> tensor<2xi32>
  // 128 x 1 in each of 2 terms needs 10 bits: it reaches +256.
  // CHECK: spike.matmul "qk" {{.*}} {accumulate_only = true, sum_bits = 10 : i64}
  %qk = spike.matmul "qk" %p#1 against %p#2 along keys heads 2 over 2 causal : !spike.events<4xsigned<8>>, !spike.events<4xternary> -> tensor<128xi32>
  %e = spike.population ["e"](%qk : tensor<128xi32>) params() init [] rows seen {
  ^bb0(%x: i32):
    spike.yield %x : i32
  } : !spike.events<128xunsigned<8>>
  // 255 x -128 in each of 64 terms needs 22 bits.
  // CHECK: spike.matmul "pv" {{.*}} {accumulate_only = false, sum_bits = 22 : i64}
  %pv = spike.matmul "pv" %e against %p#1 along values heads 2 over 2 causal : !spike.events<128xunsigned<8>>, !spike.events<4xsigned<8>> -> tensor<4xi32>
}
