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
