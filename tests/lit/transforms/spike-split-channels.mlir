// A population whose kernels are above the limit becomes several; convolutions
// and linears read them joined, pooling reads part by part, and the populations
// behind pooling are split alike. What fits stays.
// RUN: synfire-opt %s --spike-split-channels=most-bytes=60 | FileCheck %s
// RUN: synfire-opt %s --spike-split-channels=most-bytes=60 -o %t && synfire-opt %t --spike-split-channels=most-bytes=60 | diff %t -
// RUN: synfire-opt %s --spike-split-channels=most-bytes=64 | FileCheck %s --check-prefix=FITS
// RUN: synfire-opt %s --spike-split-channels=most-bytes=3 2>&1 | FileCheck %s --check-prefix=SMALL

// FITS-NOT: "a/0"
// SMALL: remark: {{.*}}'a' has kernels of 64 bytes, more than a core holds, and stays whole: in 4 parts, {{.*}} kernels have 16 bytes

// CHECK-LABEL: @n
spike.network @n {
  %x = spike.input "x" role events : !spike.events<16xbinary>
  // CHECK: %[[K:.*]] = spike.weight "k"
  %k = spike.weight "k" in "m" at 0 as "f32" hash 1 : tensor<4x16xf32>
  %b = spike.weight "b" in "m" at 256 as "f32" hash 2 : tensor<4xf32>
  %m = spike.weight "m" in "m" at 272 as "f32" hash 3 : tensor<2x4xf32>
  %r = spike.repeat %b : tensor<4xf32> -> tensor<4xf32>
  // CHECK: %[[K0:.*]] = spike.part %[[K]] first 0 count 2 of 4 : tensor<4x16xf32> -> tensor<2x16xf32>
  // CHECK: %[[C0:.*]] = spike.conv "c/0" %{{.*}}, %[[K0]] from [4, 2, 2] to [2, 1, 1]
  // CHECK: %[[C1:.*]] = spike.conv "c/1"
  %c = spike.conv "c" %x, %k from [4, 2, 2] to [4, 1, 1] size [2, 2] stride [1, 1] pad [0, 0] dilation [1, 1] : !spike.events<16xbinary>, tensor<4x16xf32> -> tensor<4xf32>
  // CHECK: %[[A0:.*]] = spike.population ["a/0"](%[[C0]] : tensor<2xf32>)
  // CHECK: %[[A1:.*]] = spike.population ["a/1"](%[[C1]] : tensor<2xf32>)
  // CHECK: %[[ALL:.*]] = spike.join %[[A0]], %[[A1]] channels 2
  // CHECK-NOT: spike.population ["a"]
  %a = spike.population ["a"](%c : tensor<4xf32>) params(%r : tensor<4xf32>) init [] {
  ^bb0(%s: f32, %p: f32):
    %f = arith.cmpf ogt, %s, %p : f32
    spike.yield %f : i1
  } : !spike.events<4xbinary>
  // CHECK: spike.pool "p/0" %[[A0]] from [2, 1, 1] to [2, 1, 1]
  // CHECK: spike.pool "p/1" %[[A1]]
  %p = spike.pool "p" %a from [4, 1, 1] to [4, 1, 1] size [1, 1] stride [1, 1] pad [0, 0] : !spike.events<4xbinary> -> tensor<4xi32>
  // CHECK: spike.population ["q/0"]
  %q = spike.population ["q"](%p : tensor<4xi32>) params() init [] {
  ^bb0(%s: i32):
    %z = arith.constant 0 : i32
    %f = arith.cmpi sgt, %s, %z : i32
    spike.yield %f : i1
  } : !spike.events<4xbinary>
  // CHECK: spike.linear "l" %[[ALL]], %{{.*}} : !spike.events<4xbinary>, tensor<2x4xf32>
  %l = spike.linear "l" %a, %m : !spike.events<4xbinary>, tensor<2x4xf32> -> tensor<2xf32>
  %o = spike.population ["o"](%l : tensor<2xf32>) params() init [] {
  ^bb0(%s: f32):
    spike.yield %s : f32
  } : tensor<2xf32>
  spike.output "out" %o : tensor<2xf32>
}
