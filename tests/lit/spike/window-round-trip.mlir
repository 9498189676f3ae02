// Convolutions, delays that close a circle, event inputs and fixed point survive
// printing and parsing, as text and bytecode.
// RUN: synfire-opt %s | synfire-opt | FileCheck %s
// RUN: synfire-opt %s --emit-bytecode | synfire-opt | FileCheck %s

// CHECK: spike.network @windows
spike.network @windows {
  // CHECK: spike.input "x" role events shape [2, 3, 4] : !spike.events<24xsigned<8>>
  %x = spike.input "x" role events shape [2, 3, 4] : !spike.events<24 x signed<8>>
  // CHECK: spike.constant dense<{{.*}}> : tensor<2xf32> : tensor<2xf32>
  %b = spike.constant dense<[0.5, -1.0]> : tensor<2xf32> : tensor<2xf32>
  // CHECK: spike.weight "k" in "n.net" at 8 as "i32" hash 1 strides [12, 6, 1, 3] : tensor<2x2x2x3xf32>
  %w = spike.weight "k" in "n.net" at 8 as "i32" hash 1 strides [12, 6, 1, 3] : tensor<2x2x2x3xf32>
  // CHECK: spike.collapse %{{.*}} : tensor<2x2x2x3xf32> -> tensor<2x12xf32>
  %k = spike.collapse %w : tensor<2x2x2x3xf32> -> tensor<2x12xf32>
  // CHECK: spike.conv "c" %{{.*}}, %{{.*}} from [2, 3, 4] to [2, 2, 3] size [2, 3] stride [1, 1] pad [0, 0] dilation [1, 1] : !spike.events<24xsigned<8>>, tensor<2x12xf32> -> tensor<12xf32>
  %c = spike.conv "c" %x, %k from [2, 3, 4] to [2, 2, 3] size [2, 3] stride [1, 1] pad [0, 0] dilation [1, 1] : !spike.events<24 x signed<8>>, tensor<2x12xf32> -> tensor<12xf32>
  // CHECK: spike.pool "p" %{{.*}} from [2, 3, 4] to [2, 1, 2] size [3, 2] stride [1, 2] pad [0, 0] : !spike.events<24xsigned<8>> -> tensor<4xi32>
  %p = spike.pool "p" %x from [2, 3, 4] to [2, 1, 2] size [3, 2] stride [1, 2] pad [0, 0] : !spike.events<24 x signed<8>> -> tensor<4xi32>
  // CHECK: spike.repeat %{{.*}} : tensor<2xf32> -> tensor<12xf32>
  %r = spike.repeat %b : tensor<2xf32> -> tensor<12xf32>
  // CHECK: spike.part %{{.*}} first 1 count 1 of 2 : tensor<2x12xf32> -> tensor<1x12xf32>
  %part = spike.part %k first 1 count 1 of 2 : tensor<2x12xf32> -> tensor<1x12xf32>
  // CHECK: spike.part %{{.*}} first 2 count 1 of 3 : tensor<12xf32> -> tensor<4xf32>
  %third = spike.part %r first 2 count 1 of 3 : tensor<12xf32> -> tensor<4xf32>
  // CHECK: spike.delay %[[S:.*]] by 3 : !spike.events<12xbinary> -> !spike.events<12xbinary>
  %d = spike.delay %s by 3 : !spike.events<12 x binary> -> !spike.events<12 x binary>
  // CHECK: %[[S]] = spike.population ["s"]({{.*}}) params({{.*}}) init [0.000000e+00, 7.000000e+00] reset [16, 3]
  %s = spike.population ["s"] (%c, %d : tensor<12xf32>, !spike.events<12 x binary>) params(%r : tensor<12xf32>) init [0.0, 7.0] reset [16, 3] {
  ^bb0(%i: f32, %before: i1, %bias: f32, %v: f32, %n: i32):
    // CHECK: spike.mul_shift %{{.*}}, %{{.*}} by 12 zero
    %m = spike.mul_shift %n, %n by 12 zero
    %u = arith.addf %v, %i : f32
    %o = arith.addf %u, %bias : f32
    %f = arith.cmpf ogt, %o, %bias : f32
    spike.yield %f : i1 states %o, %m : f32, i32
  } : !spike.events<12 x binary>
  %t = spike.population ["t"] (%p : tensor<4xi32>) params() init [] {
  ^bb0(%n: i32):
    %f = arith.sitofp %n : i32 to f32
    spike.yield %f : f32
  } : tensor<4xf32>
  %z = spike.population ["z"] (%d : !spike.events<12 x binary>) params() init [] {
  ^bb0(%f: i1):
    spike.yield %f : i1
  } : !spike.events<12 x binary>
  %e = spike.delay %z by 3 : !spike.events<12 x binary> -> !spike.events<12 x binary>
  // CHECK: spike.join %{{.*}}, %{{.*}} channels 2 : !spike.events<12xbinary>, !spike.events<12xbinary> -> !spike.events<24xbinary>
  %j = spike.join %d, %e channels 2 : !spike.events<12 x binary>, !spike.events<12 x binary> -> !spike.events<24 x binary>
  spike.output "out" %t : tensor<4xf32>
}
