// Every op of the dialect survives printing and parsing, as text and bytecode.
// RUN: synfire-opt %s | synfire-opt | FileCheck %s
// RUN: synfire-opt %s --emit-bytecode | synfire-opt | FileCheck %s

// CHECK: spike.network @all
spike.network @all {
  // CHECK: spike.input "tokens" : !spike.events<4xbinary>
  %token = spike.input "tokens" : !spike.events<4xbinary>
  // CHECK: spike.weight "emb.weight" in "model.pth" at 64 as "f16" hash 18446744073709551615 strides [1, 4] : tensor<4x3xf32>
  %table = spike.weight "emb.weight" in "model.pth" at 64 as "f16" hash 18446744073709551615 strides [1, 4] : tensor<4x3xf32>
  %w = spike.weight "head.weight" in "model.pth" at 4096 as "f32" hash 42 : tensor<2x3xf32>
  %gamma = spike.weight "gamma" in "model.pth" at 8192 as "f32" hash 1 : tensor<3xf32>
  // CHECK: spike.derive(%{{.*}} : tensor<4x3xf32>) {
  %bits = spike.derive(%table : tensor<4x3xf32>) {
  ^bb0(%e: f32):
    %zero = arith.constant 0.0 : f32
    %fires = arith.cmpf oge, %e, %zero : f32
    // CHECK: spike.yield %{{.*}} : i1
    spike.yield %fires : i1
  } : tensor<4x3xi1>
  // A vector is taken in every row, a scalar everywhere.
  %scaled = spike.derive(%w, %gamma : tensor<2x3xf32>, tensor<3xf32>) {
  ^bb0(%e: f32, %g: f32):
    %p = arith.mulf %e, %g : f32
    spike.yield %p : f32
  } : tensor<2x3xf32>
  // CHECK: spike.derive() {
  %one = spike.derive() {
    %c = arith.constant 1.0 : f32
    spike.yield %c : f32
  } : tensor<2xf32>
  // CHECK: spike.apply %{{.*}} to %{{.*}} : tensor<2x3xf32>, tensor<3xf32> -> tensor<2xf32>
  %offset = spike.apply %w to %gamma : tensor<2x3xf32>, tensor<3xf32> -> tensor<2xf32>
  // CHECK: spike.row_scale %{{.*}} bits 8 : tensor<2x3xf32> -> tensor<2xf32>
  %scales = spike.row_scale %scaled bits 8 : tensor<2x3xf32> -> tensor<2xf32>
  // CHECK: spike.quantize %{{.*}} by %{{.*}} bits 8 : tensor<2x3xf32>, tensor<2xf32> -> tensor<2x3xi8>
  %codes = spike.quantize %scaled by %scales bits 8 : tensor<2x3xf32>, tensor<2xf32> -> tensor<2x3xi8>
  // CHECK: spike.grid %{{.*}} by %{{.*}} zeros %{{.*}} : tensor<2xf32> bits 4 : tensor<2x3xf32>, tensor<2xf32> -> tensor<2x3xf32>
  %grid = spike.grid %w by %scales zeros %one : tensor<2xf32> bits 4 : tensor<2x3xf32>, tensor<2xf32> -> tensor<2x3xf32>
  // CHECK: spike.quantize %{{.*}} by %{{.*}} zeros %{{.*}} : tensor<2xf32> bits 4 : tensor<2x3xf32>, tensor<2xf32> -> tensor<2x3xi8>
  %packed = spike.quantize %w by %scales zeros %one : tensor<2xf32> bits 4 : tensor<2x3xf32>, tensor<2xf32> -> tensor<2x3xi8>
  // CHECK: spike.embed "emb" %{{.*}}, %{{.*}} : !spike.events<4xbinary>, tensor<4x3xi1> -> tensor<3xi32>
  %e = spike.embed "emb" %token, %bits : !spike.events<4xbinary>, tensor<4x3xi1> -> tensor<3xi32>
  // CHECK: spike.population ["spikes", "graded"](%{{.*}} : tensor<3xi32>) params(%{{.*}} : tensor<3xf32>) init [0.000000e+00] {
  %s, %g = spike.population ["spikes", "graded"](%e : tensor<3xi32>) params(%gamma : tensor<3xf32>) init [0.0] {
  ^bb0(%sum: i32, %p: f32, %v: f32):
    %x = arith.sitofp %sum : i32 to f32
    %h = arith.addf %v, %x : f32
    %fires = arith.cmpf oge, %h, %p : f32
    // CHECK: spike.yield %{{.*}}, %{{.*}} : i1, i32 states %{{.*}} : f32
    spike.yield %fires, %sum : i1, i32 states %h : f32
  } : !spike.events<3xbinary>, !spike.events<3xunsigned<8>>
  // CHECK: spike.reduce "total" %{{.*}} : !spike.events<3xunsigned<8>> -> tensor<1xi32>
  %total = spike.reduce "total" %g : !spike.events<3xunsigned<8>> -> tensor<1xi32>
  // CHECK: spike.linear "head" %{{.*}}, %{{.*}} {accumulate_only = true, sum_bits = 12 : i64} : !spike.events<3xbinary>, tensor<2x3xi8> -> tensor<2xi32>
  %y = spike.linear "head" %s, %codes {accumulate_only = true, sum_bits = 12} : !spike.events<3xbinary>, tensor<2x3xi8> -> tensor<2xi32>
  %out = spike.population ["head.out"](%y, %total : tensor<2xi32>, tensor<1xi32>) params() init [] {
  ^bb0(%sum: i32, %all: i32):
    %r = arith.addi %sum, %all : i32
    spike.yield %r : i32
  } : !spike.events<2xsigned<24>>
  // CHECK: !spike.events<2xternary>
  %t = spike.population ["ternary"](%y : tensor<2xi32>) params() init [] {
  ^bb0(%sum: i32):
    %one_i = arith.constant 1 : i32
    %low = arith.constant -1 : i32
    %a = arith.minsi %sum, %one_i : i32
    %b = arith.maxsi %a, %low : i32
    spike.yield %b : i32
  } : !spike.events<2xternary>
  // CHECK: spike.output "logits" %{{.*}} scaled by %{{.*}} : !spike.events<2xsigned<24>>, tensor<2xf32>
  spike.output "logits" %out scaled by %one : !spike.events<2xsigned<24>>, tensor<2xf32>
}

// CHECK: spike.network @real
spike.network @real {
  %token = spike.input "tokens" : !spike.events<4xbinary>
  %table = spike.weight "emb.weight" in "model.pth" at 64 as "bf16" hash 0 : tensor<4x3xf32>
  %e = spike.embed "emb" %token, %table : !spike.events<4xbinary>, tensor<4x3xf32> -> tensor<3xf32>
  // CHECK: spike.reduce "sum" %{{.*}} : tensor<3xf32> -> tensor<1xf32>
  %s = spike.reduce "sum" %e : tensor<3xf32> -> tensor<1xf32>
  // CHECK: spike.output "logits" %{{.*}} : tensor<3xf32>
  spike.output "logits" %e : tensor<3xf32>
}
