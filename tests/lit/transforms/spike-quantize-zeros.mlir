// Zero points leave a matrix where its codes are then stored in fewer bits.
// RUN: synfire-opt %s --spike-quantize --cse --spike-verify-quantized | FileCheck %s
// RUN: synfire-opt %s --spike-quantize --cse -o %t && synfire-opt %t --spike-quantize --cse | diff %t -
// RUN: synfire-opt %s "--spike-quantize=fold-zeros=false" --cse | FileCheck %s --check-prefix=KEPT

// Two linears of one source, and one of another with half of its sources: each
// source is added up once, and the reader adds what its rows lack.
// CHECK-LABEL: @folded
// KEPT-LABEL: @folded
spike.network @folded {
  %t = spike.input "t" : !spike.events<24xbinary>
  %w = spike.weight "w" in "f" at 0 as "f32" hash 0 : tensor<2x24xf32>
  // CHECK: %[[STEP:.*]] = spike.weight "step"
  %step = spike.weight "step" in "f" at 256 as "f32" hash 0 : tensor<2xf32>
  // CHECK: %[[ZERO:.*]] = spike.weight "zero"
  %zero = spike.weight "zero" in "f" at 264 as "f32" hash 0 : tensor<2xf32>
  %g = spike.grid %w by %step zeros %zero : tensor<2xf32> bits 4 : tensor<2x24xf32>, tensor<2xf32> -> tensor<2x24xf32>
  %m = spike.mask [true, false, true, false, true, false, true, false, true, false, true, false, true, false, true, false, true, false, true, false, true, false, true, false] : tensor<24xf32>
  // CHECK: %[[X:.*]]:2 = spike.population ["x", "y"]
  // KEPT: %[[X:.*]]:2 = spike.population ["x", "y"]
  %x, %y = spike.population ["x", "y"](%t : !spike.events<24xbinary>) params() init [] attributes {spike.ranges = [array<f32>, array<f32: 2.54, 2.54, -2.54>]} {
  ^bb0(%s: i1):
    %i = arith.extui %s : i1 to i32
    %f = arith.sitofp %i : i32 to f32
    spike.yield %i, %f : i32, f32
  } : !spike.events<24xplanes<4>>, tensor<24xf32>
  // CHECK: %[[C:.*]] = spike.quantize %{{.*}} by %[[STEP]] zeros %[[ZERO]] : tensor<2xf32> bits 4
  // CHECK: %[[H:.*]] = spike.derive(%[[ZERO]] : tensor<2xf32>)
  // CHECK: arith.constant 8.0
  // CHECK-NEXT: arith.subf %cst, %{{.*}}
  // CHECK: %[[L:.*]] = spike.linear "l" %[[X]]#0, %[[C]] :
  // CHECK: %[[SX:.*]] = spike.reduce "x.total" %[[X]]#0 : !spike.events<24xplanes<4>> -> tensor<1xi32>
  // CHECK: %[[K:.*]] = spike.linear "k" %[[X]]#0, %[[C]] :
  // CHECK-NOT: spike.reduce
  // CHECK: %[[D:.*]] = spike.linear "d" %[[X]]#1, %[[C]] only
  // CHECK: %[[SY:.*]] = spike.reduce "y.total" %[[X]]#1 : !spike.events<24xunsigned<8>> -> tensor<1xi32>
  // KEPT: spike.quantize %{{.*}} by %{{.*}} bits 5
  // KEPT-NOT: spike.reduce
  %l = spike.linear "l" %x, %g : !spike.events<24xplanes<4>>, tensor<2x24xf32> -> tensor<2xf32>
  %k = spike.linear "k" %x, %g : !spike.events<24xplanes<4>>, tensor<2x24xf32> -> tensor<2xf32>
  %d = spike.linear "d" %y, %g only %m : tensor<24xf32> : tensor<24xf32>, tensor<2x24xf32> -> tensor<2xf32>
  // CHECK: spike.population ["o"](%[[L]], %[[K]], %[[D]], %[[SX]], %[[SY]] : {{.*}}) params(%[[H]], %[[STEP]], %{{.*}} : tensor<2xf32>, tensor<2xf32>, tensor<2xf32>)
  // CHECK-NEXT: ^bb0(%[[SUM:.*]]: i32, %{{.*}}: i32, %{{.*}}: i32, %[[TX:.*]]: i32, %[[TY:.*]]: i32, %[[OFF:.*]]: f32, %{{.*}}: f32, %{{.*}}: f32):
  // CHECK: %[[I:.*]] = arith.fptosi %[[OFF]] : f32 to i32
  // CHECK: %[[P:.*]] = arith.muli %[[I]], %[[TX]] : i32
  // CHECK: %[[WHOLE:.*]] = arith.addi %[[SUM]], %[[P]] : i32
  // CHECK: arith.sitofp %[[WHOLE]]
  // CHECK: arith.muli %{{.*}}, %[[TY]] : i32
  %o = spike.population ["o"](%l, %k, %d : tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) params() init [] attributes {spike.ranges = [array<f32: 4.0, 4.0, -4.0>]} {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %e = arith.addf %a, %b : f32
    %f = arith.addf %e, %c : f32
    spike.yield %f : f32
  } : tensor<2xf32>
  spike.output "out" %o : tensor<2xf32>
}

// 4 bits and 3 are stored alike; 4 sources save no more than a parameter takes;
// nothing adds up what the host sends.
// CHECK-LABEL: @alone
spike.network @alone {
  %t = spike.input "t" : !spike.events<24xbinary>
  %w = spike.weight "w" in "f" at 0 as "f32" hash 0 : tensor<2x24xf32>
  %step = spike.weight "step" in "f" at 256 as "f32" hash 0 : tensor<2xf32>
  %zero = spike.weight "zero" in "f" at 264 as "f32" hash 0 : tensor<2xf32>
  %three = spike.grid %w by %step zeros %zero : tensor<2xf32> bits 3 : tensor<2x24xf32>, tensor<2xf32> -> tensor<2x24xf32>
  %four = spike.grid %w by %step zeros %zero : tensor<2xf32> bits 4 : tensor<2x24xf32>, tensor<2xf32> -> tensor<2x24xf32>
  %m = spike.mask [true, true, true, true, false, false, false, false, false, false, false, false, false, false, false, false, false, false, false, false, false, false, false, false] : tensor<24xf32>
  %x = spike.population ["x"](%t : !spike.events<24xbinary>) params() init [] {
  ^bb0(%s: i1):
    %i = arith.extui %s : i1 to i32
    spike.yield %i : i32
  } : !spike.events<24xunsigned<4>>
  // CHECK: spike.quantize %{{.*}} by %{{.*}} bits 4
  // CHECK: spike.quantize %{{.*}} by %{{.*}} bits 5
  // CHECK-NOT: spike.reduce
  %l = spike.linear "l" %x, %three : !spike.events<24xunsigned<4>>, tensor<2x24xf32> -> tensor<2xf32>
  %k = spike.linear "k" %x, %four only %m : tensor<24xf32> : !spike.events<24xunsigned<4>>, tensor<2x24xf32> -> tensor<2xf32>
  %h = spike.linear "h" %t, %four : !spike.events<24xbinary>, tensor<2x24xf32> -> tensor<2xf32>
  %o = spike.population ["o"](%l, %k, %h : tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) params() init [] attributes {spike.ranges = [array<f32: 4.0, 4.0, -4.0>]} {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %e = arith.addf %a, %b : f32
    %f = arith.addf %e, %c : f32
    spike.yield %f : f32
  } : tensor<2xf32>
  spike.output "out" %o : tensor<2xf32>
}

// At 8 bits code - zero is no synapse: folded however few sources there are, or
// the matrix gets scales of its own.
// CHECK-LABEL: @eight
// KEPT-LABEL: @eight
spike.network @eight {
  %t = spike.input "t" : !spike.events<4xbinary>
  %w = spike.weight "w" in "f" at 0 as "f32" hash 0 : tensor<2x4xf32>
  %step = spike.weight "step" in "f" at 256 as "f32" hash 0 : tensor<2xf32>
  %zero = spike.weight "zero" in "f" at 264 as "f32" hash 0 : tensor<2xf32>
  %g = spike.grid %w by %step zeros %zero : tensor<2xf32> bits 8 : tensor<2x4xf32>, tensor<2xf32> -> tensor<2x4xf32>
  %x = spike.population ["x"](%t : !spike.events<4xbinary>) params() init [] {
  ^bb0(%s: i1):
    spike.yield %s : i1
  } : !spike.events<4xbinary>
  // CHECK: spike.quantize %{{.*}} by %{{.*}} zeros %{{.*}} : tensor<2xf32> bits 8
  // CHECK: arith.constant 1.280000e+02
  // CHECK: spike.reduce "x.total" %{{.*}} : !spike.events<4xbinary> -> tensor<1xi32>
  // CHECK: spike.row_scale %{{.*}} bits 8
  // CHECK-NEXT: spike.quantize %{{.*}} by %{{.*}} bits 8
  // CHECK-NEXT: spike.linear "h"
  // KEPT: spike.row_scale %{{.*}} bits 8
  // KEPT-NOT: spike.reduce
  %l = spike.linear "l" %x, %g : !spike.events<4xbinary>, tensor<2x4xf32> -> tensor<2xf32>
  %h = spike.linear "h" %t, %g : !spike.events<4xbinary>, tensor<2x4xf32> -> tensor<2xf32>
  %o = spike.population ["o"](%l, %h : tensor<2xf32>, tensor<2xf32>) params() init [] attributes {spike.ranges = [array<f32: 4.0, 4.0, -4.0>]} {
  ^bb0(%a: f32, %b: f32):
    %e = arith.addf %a, %b : f32
    spike.yield %e : f32
  } : tensor<2xf32>
  spike.output "out" %o : tensor<2xf32>
}
