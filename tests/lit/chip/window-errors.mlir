// RUN: synfire-opt %s --split-input-file --verify-diagnostics

chip.system @s on "t" hash 0 {
  chip.program @p uniform [] params 0 init [] {
    chip.yield
  }
  // expected-error @+1 {{population-7: reset is [every, at] with 0 <= at < every}}
  chip.population "a" neurons 4 runs @p sends [] reduced [] reset [4, 4]
}

// -----

chip.system @s on "t" hash 0 {
  // expected-error @+1 {{connection-3: a window has 16 numbers in the order of image::WindowRecord}}
  chip.connection "c" 96 by 96 bits 8 window [2, 8, 6, 4, 8, 3]
}

// -----

chip.system @s on "t" hash 0 {
  // A stride of 0.
  // expected-error @+1 {{connection-3: a window has 16 numbers in the order of image::WindowRecord}}
  chip.connection "c" 96 by 96 bits 8 window [2, 8, 6, 4, 8, 3, 3, 3, 0, 2, 1, 1, 1, 1, 2, 0]
}

// -----

chip.system @s on "t" hash 0 {
  // expected-error @+1 {{connection-3: the window has 96 sources and 96 targets, the connection is 95 by 96}}
  chip.connection "c" 95 by 96 bits 8 window [2, 8, 6, 4, 8, 3, 3, 3, 1, 2, 1, 1, 1, 1, 2, 0]
}

// -----

chip.system @s on "t" hash 0 {
  chip.program @p uniform [false] params 0 init [] {
  ^bb0(%a: i32):
    chip.yield
  }
  chip.stream "x" neurons 4 payload binary 1
  chip.population "a" neurons 4 runs @p sends [] reduced []
  chip.connection "w" 4 by 4 bits 2
  chip.core 0 synapses 0 parameters 0 states 0 accumulators 0 programs 0 axons 0 {
    chip.block 0 "a" neurons [0, 4]
    chip.tile 0 "w" rows [0, 4] cols [0, 4] block 0 slot 0 offset 0 int2 stride 16
    // expected-error @+1 {{axon-6: a delay of 1024 token steps, at most 1023 are possible, and none for writes}}
    chip.axon flow 0 indices [0, 4] tile 0 offset 0 delay 1024
  }
  chip.flow 0 from host "x" indices [0, 4] to [0]
}

// -----

chip.system @s on "t" hash 0 {
  chip.program @p uniform [false] params 0 init [] {
  ^bb0(%a: i32):
    chip.yield
  }
  chip.stream "x" neurons 96 payload binary 1
  chip.population "a" neurons 96 runs @p sends [] reduced []
  chip.connection "c" 96 by 96 bits 8 window [2, 8, 6, 4, 8, 3, 3, 3, 1, 2, 1, 1, 1, 1, 2, 0]
  chip.core 0 synapses 0 parameters 0 states 0 accumulators 0 programs 0 axons 0 {
    chip.block 0 "a" neurons [0, 96]
    chip.tile 0 "c" rows [0, 18] cols [0, 96] block 0 slot 0 offset 0 int8 stride 2
    // expected-error @+1 {{axon-6: indices [0, 90] of 96 sources of 'c'; a convolution takes neither offset nor table nor writes}}
    chip.axon flow 0 indices [0, 90] tile 0 offset 2
  }
  chip.flow 0 from host "x" indices [0, 96] to [0]
}
