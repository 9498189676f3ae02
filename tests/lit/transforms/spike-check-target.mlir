// A programmable target runs any program; a fixed one only leaky integrate-and-
// fire, and says what it was given instead.
// RUN: synfire-opt %s --spike-check-target=target=generic -o %t
// RUN: not synfire-opt %s --spike-check-target=target=loihi2 2>&1 | FileCheck %s --check-prefix=REAL
// RUN: not synfire-opt %s --spike-check-target=target=loihi 2>&1 | FileCheck %s
// RUN: not synfire-opt %s --spike-check-target=target=nowhere 2>&1 | FileCheck %s --check-prefix=NONE

// CHECK-NOT: 'lif
// CHECK: loihi cannot run this network
// CHECK-NEXT: it has: fixed leaky integrate-and-fire neurons
// CHECK-NEXT: a neuron decays
// CHECK-NEXT: the network has: 1 population of another kind, computing exp
// CHECK-NEXT: ways out: a target that can (generic, loihi2, loihi2-fitted, spinnaker2, tiny), or a network with leaky integrate-and-fire neurons{{$}}
// CHECK-NEXT: its embedded processors (0.065 W, at most 0.13 W per chip, costs.static_power.host_processor_w) could compute what its neurons cannot; Synfire compiles nothing for them [target-kind]
// CHECK-NOT: 'lif
// CHECK: spike-check-target.mlir:[[# @LINE + 39]]:{{[0-9]+}}: error: 'wave' is not leaky integrate-and-fire (1 of 3 populations; computed with math.exp); neurons of loihi are not programmable [target-fixed-neuron]
// CHECK-NOT: 'lif
// NONE: nowhere
// REAL: 'lif', 'lif2' and 1 more compute with real numbers; neurons of loihi2 calculate in fixed point (neuron.arithmetic): run spike-to-fixed-point [target-arithmetic]

spike.network @n {
  %t = spike.input "t" : !spike.events<4xbinary>
  %bits = spike.derive() {
    %c = arith.constant true
    spike.yield %c : i1
  } : tensor<4x3xi1>
  %e = spike.embed "e" %t, %bits : !spike.events<4xbinary>, tensor<4x3xi1> -> tensor<3xi32>
  %a = spike.population ["lif"](%e : tensor<3xi32>) params() init [0.0] {
  ^bb0(%i: i32, %v: f32):
    %x = arith.sitofp %i : i32 to f32
    %d = arith.subf %x, %v : f32
    %two = arith.constant 2.0 : f32
    %half = arith.divf %d, %two : f32
    %h = arith.addf %v, %half : f32
    %one = arith.constant 1.0 : f32
    %above = arith.subf %h, %one : f32
    %zero = arith.constant 0.0 : f32
    %f = arith.cmpf oge, %above, %zero : f32
    %next = arith.select %f, %zero, %h : f32
    spike.yield %f : i1 states %next : f32
  } : !spike.events<3xbinary>
  %b = spike.population ["lif2"](%e : tensor<3xi32>) params() init [0.0] {
  ^bb0(%i: i32, %v: f32):
    %x = arith.sitofp %i : i32 to f32
    %leak = arith.constant 0.9 : f32
    %kept = arith.mulf %leak, %v : f32
    %h = arith.addf %kept, %x : f32
    %one = arith.constant 1.0 : f32
    %f = arith.cmpf ogt, %h, %one : f32
    %s = arith.uitofp %f : i1 to f32
    %rest = arith.subf %one, %s : f32
    %next = arith.mulf %h, %rest : f32
    spike.yield %f : i1 states %next : f32
  } : !spike.events<3xbinary>
  %c = spike.population ["wave"](%e : tensor<3xi32>) params() init [0.0] {
  ^bb0(%i: i32, %v: f32):
    %x = arith.sitofp %i : i32 to f32
    %h = math.exp %v : f32
    %f = arith.cmpf oge, %h, %x : f32
    spike.yield %f : i1 states %h : f32
  } : !spike.events<3xbinary>
}
