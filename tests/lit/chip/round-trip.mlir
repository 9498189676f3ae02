// Every op of the dialect prints what it parsed.
// RUN: synfire-opt %s | synfire-opt | FileCheck %s

// CHECK: chip.system @system on "loihi2" hash 42 chips 1 {
chip.system @system on "loihi2" hash 42 chips 1 {
  // CHECK: chip.program @p0 uniform [false] params 1 init [0.000000e+00] {
  chip.program @p0 uniform [false] params 1 init [0.0] {
  ^bb0(%sum: i32, %scale: f32, %v: f32):
    %real = arith.sitofp %sum : i32 to f32
    %current = arith.mulf %real, %scale : f32
    %next = arith.addf %current, %v : f32
    %one = arith.constant 1.0 : f32
    %fires = arith.cmpf oge, %next, %one : f32
    // CHECK: chip.yield %{{.*}} : i1 states %{{.*}} : f32
    chip.yield %fires : i1 states %next : f32
  }
  // CHECK: chip.program @p1 uniform [false, true] params 0 init [] {
  chip.program @p1 uniform [false, true] params 0 init [] {
  ^bb0(%spike: i1, %mean: i32):
    %zero = arith.constant 0 : i32
    %out = arith.select %spike, %mean, %zero : i32
    chip.yield %out, %out : i32, i32
  }
  // CHECK: chip.stream "tokens" neurons 4 payload binary 1
  chip.stream "tokens" neurons 4 payload binary 1
  chip.stream "a" neurons 8 payload binary 1
  // CHECK: chip.stream "b" neurons 8 payload signed 12
  chip.stream "b" neurons 8 payload signed 12
  // CHECK: chip.population "a" neurons 8 runs @p0 sends ["a"] reduced [0] level 0 depths [1]
  chip.population "a" neurons 8 runs @p0 sends ["a"] reduced [0] level 0 depths [1]
  // CHECK: chip.population "b" neurons 8 runs @p1 sends ["b", "b"] reduced [0, 15] relay level 1 depths [1, 2]
  chip.population "b" neurons 8 runs @p1 sends ["b", "b"] reduced [0, 15] relay level 1 depths [1, 2]
  // CHECK: chip.connection "in" 4 by 8 bits 1 accumulate_only
  chip.connection "in" 4 by 8 bits 1 accumulate_only
  // CHECK: chip.core 0 at [0, 1, 3] synapses 4 parameters 32 states 32 accumulators 32 programs 24 axons 16 {
  chip.core 0 at [0, 1, 3] synapses 4 parameters 32 states 32 accumulators 32 programs 24 axons 16 {
    // CHECK: chip.block 0 "a" neurons[0, 8] address 0
    chip.block 0 "a" neurons [0, 8] address 0
    // CHECK: chip.tile 0 "in" rows[0, 4] cols[0, 8] block 0 slot 0 offset 0 bit1 stride 1 address 32
    chip.tile 0 "in" rows [0, 4] cols [0, 8] block 0 slot 0 offset 0 bit1 stride 1 address 32
    // CHECK: chip.axon flow 2 indices[0, 4] tile 0 offset 0
    chip.axon flow 2 indices [0, 4] tile 0 offset 0
  }
  chip.core 1 at [1, 1, 0] synapses 0 parameters 0 states 0 accumulators 40 programs 24 axons 32 {
    chip.block 1 "b" neurons [0, 8] address 0
    // CHECK: chip.axon flow 0 indices[0, 8] block 1 slot 0 offset 0
    chip.axon flow 0 indices [0, 8] block 1 slot 0 offset 0
  }
  // CHECK: chip.flow 0 from block 0 output 0 indices[0, 8] to [1] rate 1.500000e+00 route [4 east, 5 cores(0)]
  chip.flow 0 from block 0 output 0 indices [0, 8] to [1] rate 1.5 route [4 east, 5 cores(0)]
  // CHECK: chip.flow 1 from block 1 output 0 indices[0, 8] to [] and_host route [5 west, 4 north, 0 host]
  chip.flow 1 from block 1 output 0 indices [0, 8] to [] and_host route [5 west, 4 north, 0 host]
  // CHECK: chip.flow 2 from host "tokens" indices[0, 4] to [0]
  chip.flow 2 from host "tokens" indices [0, 4] to [0]
}
