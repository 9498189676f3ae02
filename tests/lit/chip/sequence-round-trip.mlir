// What sequences, memories and tables add prints as it parsed.
// RUN: synfire-opt %s | synfire-opt | FileCheck %s

// CHECK: chip.system @system on "generic" hash 42 steps 2 positions 4 sweeps 2 {
chip.system @system on "generic" hash 42 steps 2 positions 4 sweeps 2 {
  chip.program @p0 uniform [false] params 0 init [] {
  ^bb0(%sum: i32):
    // CHECK: chip.step
    %step = chip.step
    %out = arith.addi %sum, %step : i32
    chip.yield %out, %out : i32, i32
  }
  // CHECK: chip.stream "places" neurons 4 payload binary 1 role position
  chip.stream "places" neurons 4 payload binary 1 role position
  // CHECK: chip.stream "q" neurons 4 payload planes 3
  chip.stream "q" neurons 4 payload planes 3
  chip.stream "s" neurons 8 payload unsigned 7
  // CHECK: chip.population "q" neurons 4 runs @p0 sends ["q", "q"] reduced [0, 6] groups [1, 2] maxima [false, true] largest [true] entry_bytes [2] sweep 1 held each level 1 depths [8]
  chip.population "q" neurons 4 runs @p0 sends ["q", "q"] reduced [0, 6] groups [1, 2] maxima [false, true] largest [true] entry_bytes [2] sweep 1 held each level 1 depths [8]
  // CHECK: chip.population "s" neurons 8 runs @p0 sends ["s", "s"] reduced [0, 0] sweep 1 rows all
  chip.population "s" neurons 8 runs @p0 sends ["s", "s"] reduced [0, 0] sweep 1 rows all
  // CHECK: chip.connection "m" 4 by 8 bits 4 accumulate_only memory keys heads 2
  chip.connection "m" 4 by 8 bits 4 accumulate_only memory keys heads 2 over 1
  chip.connection "w" 2 by 4 bits 4
  // CHECK: chip.table 0 [0, -1, 1]
  chip.table 0 [0, -1, 1]
  // CHECK: axons 16 dynamic 16 {
  chip.core 0 synapses 4 parameters 32 states 32 accumulators 32 programs 24 axons 16 dynamic 16 {
    chip.block 0 "q" neurons [0, 2]
    chip.block 1 "s" neurons [2, 2]
    // CHECK: chip.tile 0 "m" rows[0, 2] cols[2, 2] block 1 slot 0 offset 0 int4 stride 1 planes 2 position 2
    chip.tile 0 "m" rows [0, 2] cols [2, 2] block 1 slot 0 offset 0 int4 stride 1 planes 2 position 2
    // CHECK: chip.tile 1 "w" rows[0, 2] cols[0, 2] block 0 slot 0 offset 0 int4 stride 16
    chip.tile 1 "w" rows [0, 2] cols [0, 2] block 0 slot 0 offset 0 int4 stride 16
    // CHECK: chip.axon flow 0 indices[0, 3] tile 1 offset 0 table 0
    chip.axon flow 0 indices [0, 3] tile 1 offset 0 table 0
    // CHECK: chip.axon flow 1 indices[0, 2] writes tile 0 offset 0
    chip.axon flow 1 indices [0, 2] writes tile 0 offset 0
  }
  chip.flow 0 from host "places" indices [0, 3] to [0]
  chip.flow 1 from block 0 output 0 indices [0, 2] to [0]
}
