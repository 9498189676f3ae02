// Memories, softmax, rotations and grids have payloads of their own.
// RUN: synfire-opt %s --spike-quantize --cse --spike-verify-quantized | FileCheck %s
// RUN: synfire-opt %s --spike-quantize --cse -o %t && synfire-opt %t --spike-quantize --cse | diff %t -

// CHECK-LABEL: @n
spike.network @n positions 4 {
  %t = spike.input "t" : !spike.events<4xbinary>
  %w = spike.weight "w" in "f" at 0 as "f32" hash 0 : tensor<4x4xf32>
  // CHECK: %[[STEP:.*]] = spike.weight "step"
  %step = spike.weight "step" in "f" at 64 as "f32" hash 0 : tensor<4xf32>
  %grid = spike.grid %w by %step bits 5 : tensor<4x4xf32>, tensor<4xf32> -> tensor<4x4xf32>
  // The grid of the file is kept: no scale is computed.
  // CHECK-NOT: spike.row_scale
  // CHECK: spike.quantize %{{.*}} by %[[STEP]] bits 5
  // CHECK: %[[L:.*]] = spike.linear "l" {{.*}} only %{{.*}} : tensor<4xf32>
  %m = spike.mask [true, true, true, false] : tensor<4xf32>
  %l = spike.linear "l" %t, %grid only %m : tensor<4xf32> : !spike.events<4xbinary>, tensor<4x4xf32> -> tensor<4xf32>
  // A query, a value written and a value rotated.
  // CHECK: %[[Q:.*]]:3 = spike.population ["q", "q.direct", "q.written"](%[[L]] : tensor<4xi32>) params(%[[STEP]] : tensor<4xf32>)
  // CHECK: : !spike.events<4xsigned<12>>, !spike.events<4xsigned<16>>, !spike.events<4xsigned<8>>
  %q = spike.population ["q"](%l : tensor<4xf32>) params() init [] attributes {spike.ranges = [array<f32: 4.0, 4.0, -4.0>]} {
  ^bb0(%a: f32):
    spike.yield %a : f32
  } : tensor<4xf32>
  // CHECK: %[[R:.*]] = spike.rotate %[[Q]]#1 heads 2 : !spike.events<4xsigned<16>> -> !spike.events<4xsigned<16>>
  %r = spike.rotate %q heads 2 : tensor<4xf32> -> tensor<4xf32>
  // CHECK: spike.matmul "qk" %[[Q]]#0 against %[[Q]]#2 along keys heads 2 over 2 causal : {{.*}} -> tensor<8xi32>
  %qk = spike.matmul "qk" %q against %q along keys heads 2 over 2 causal : tensor<4xf32>, tensor<4xf32> -> tensor<8xf32>
  // The product of both scales is one constant: (4 / 127)^2.
  // CHECK: %[[S:.*]]:2 = spike.population ["s", "s.largest"](%{{.*}} : tensor<8xi32>) params() init [] rows seen
  // The product of steps 4/2047 and 4/127.
  // CHECK: arith.constant 6.154580e-05 : f32
  // CHECK: %[[HALF:.*]] = arith.constant 524288 : i32
  // CHECK: arith.addi %{{.*}}, %[[HALF]] : i32
  // CHECK: : !spike.events<8xsigned<16>>, !spike.events<8xunsigned<20>>
  %s = spike.population ["s"](%qk : tensor<8xf32>) params() init [] rows seen attributes {spike.ranges = [array<f32: 4.0, 4.0, -4.0>]} {
  ^bb0(%a: f32):
    spike.yield %a : f32
  } : tensor<8xf32>
  // CHECK: spike.reduce "m" max %[[S]]#1 : !spike.events<8xunsigned<20>> -> tensor<2xi32>
  %max = spike.reduce "m" max %s : tensor<8xf32> -> tensor<2xf32>
  // Where nothing came the largest is 0, else the offset goes.
  // CHECK: spike.population ["max"]
  // CHECK: arith.cmpi ne
  // CHECK: arith.subi
  // CHECK: arith.select
  // CHECK: : !spike.events<2xsigned<24>>
  %top = spike.population ["max"](%max : tensor<2xf32>) params() init [] attributes {spike.ranges = [array<f32: 4.0, 4.0, -4.0>]} {
  ^bb0(%a: f32):
    spike.yield %a : f32
  } : tensor<2xf32>
  // Weights and their sum are one result of unsigned codes.
  // CHECK: %[[E:.*]] = spike.population ["e"]({{.*}} : !spike.events<8xsigned<16>>, !spike.events<2xsigned<24>>)
  // CHECK: : !spike.events<8xunsigned<12>>
  %e:2 = spike.population ["e", "e_sum"](%s, %top : tensor<8xf32>, tensor<2xf32>) params() init [] rows seen attributes {spike.ranges = [array<f32: 1.0, 1.0, 0.0>, array<f32: 1.0, 1.0, 0.0>]} {
  ^bb0(%a: f32, %b: f32):
    %c = arith.subf %a, %b : f32
    %d = math.exp %c : f32
    spike.yield %d, %d : f32, f32
  } : tensor<8xf32>, tensor<8xf32>
  // CHECK: spike.reduce "sum" %[[E]] : !spike.events<8xunsigned<12>> -> tensor<2xi32>
  %sum = spike.reduce "sum" %e#1 : tensor<8xf32> -> tensor<2xf32>
  // CHECK: spike.matmul "pv" %[[E]] against %[[Q]]#2 along values
  %pv = spike.matmul "pv" %e#0 against %q along values heads 2 over 2 causal : tensor<8xf32>, tensor<4xf32> -> tensor<4xf32>
  %norm = spike.population ["norm"](%sum : tensor<2xf32>) params() init [] attributes {spike.ranges = [array<f32: 1.0, 1.0, 0.0>]} {
  ^bb0(%a: f32):
    %one = arith.constant 1.0 : f32
    %n = arith.divf %one, %a : f32
    spike.yield %n : f32
  } : tensor<2xf32>
  // CHECK: spike.population ["o"](%{{.*}}, %[[R]]
  %o = spike.population ["o"](%pv, %r, %norm : tensor<4xf32>, tensor<4xf32>, tensor<2xf32>) params() init [] attributes {spike.ranges = [array<f32: 4.0, 4.0, -4.0>]} {
  ^bb0(%a: f32, %b: f32, %n: f32):
    %c = arith.mulf %a, %n : f32
    %d = arith.addf %c, %b : f32
    spike.yield %d : f32
  } : tensor<4xf32>
  spike.output "out" %o : tensor<4xf32>
}
