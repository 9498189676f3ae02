// A sum that no population reads gets an identity population.
// RUN: synfire-opt %s --spike-insert-readers | FileCheck %s
// RUN: synfire-opt %s --spike-insert-readers -o %t && synfire-opt %t --spike-insert-readers | diff %t -

// CHECK-LABEL: @n
spike.network @n {
  %t = spike.input "t" : !spike.events<4xbinary>
  %w = spike.weight "w" in "f" at 0 as "f32" hash 0 : tensor<2x4xf32>
  // CHECK: %[[L:.*]] = spike.linear "head"
  %l = spike.linear "head" %t, %w : !spike.events<4xbinary>, tensor<2x4xf32> -> tensor<2xf32>
  // CHECK: %[[O:.*]] = spike.population ["head.out"](%[[L]] : tensor<2xf32>)
  // CHECK: spike.output "logits" %[[O]]
  spike.output "logits" %l : tensor<2xf32>
}

// What a matmul, too, sums is read by populations; a population that reads sums
// by broadcast has them handed on.
// CHECK-LABEL: @attention
spike.network @attention positions 4 {
  %t = spike.input "t" : !spike.events<4xbinary>
  %w = spike.weight "w" in "f" at 0 as "f32" hash 0 : tensor<2x4xf32>
  // CHECK: %[[Q:.*]] = spike.linear "q"
  // CHECK-NEXT: %[[QO:.*]] = spike.population ["q.out"](%[[Q]]
  %q = spike.linear "q" %t, %w : !spike.events<4xbinary>, tensor<2x4xf32> -> tensor<2xf32>
  // CHECK: spike.matmul "qk" %[[QO]] against %[[QO]]
  %qk = spike.matmul "qk" %q against %q along keys heads 2 over 2 causal : tensor<2xf32>, tensor<2xf32> -> tensor<8xf32>
  // CHECK-NEXT: spike.population ["s"]
  %s = spike.population ["s"](%qk : tensor<8xf32>) params() init [] rows seen {
  ^bb0(%a: f32):
    spike.yield %a : f32
  } : tensor<8xf32>
  // CHECK: %[[M:.*]] = spike.reduce "m" max
  // CHECK-NEXT: %[[MO:.*]] = spike.population ["m.out"](%[[M]] : tensor<2xf32>)
  %m = spike.reduce "m" max %s : tensor<8xf32> -> tensor<2xf32>
  // CHECK: spike.population ["e"](%{{.*}}, %[[MO]] : tensor<8xf32>, tensor<2xf32>)
  %e = spike.population ["e"](%s, %m : tensor<8xf32>, tensor<2xf32>) params() init [] rows seen {
  ^bb0(%a: f32, %b: f32):
    %c = arith.subf %a, %b : f32
    spike.yield %c : f32
  } : tensor<8xf32>
  // CHECK: %[[PV:.*]] = spike.matmul "pv"
  // CHECK-NEXT: %[[PO:.*]] = spike.population ["pv.out"](%[[PV]]
  %pv = spike.matmul "pv" %e against %q along values heads 2 over 2 causal : tensor<8xf32>, tensor<2xf32> -> tensor<2xf32>
  // CHECK: spike.output "o" %[[PO]]
  spike.output "o" %pv : tensor<2xf32>
}
