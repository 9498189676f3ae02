// Rules of sequences, groups, memories and tables: one broken rule per system.
// RUN: synfire-opt %s -split-input-file -verify-diagnostics

// expected-error @+1 {{system-4: 0 steps, 1 sweeps, 0 positions}}
chip.system @s on "t" hash 0 steps 0 {
}

// -----

// expected-error @+1 {{system-4: 1 steps, 2 sweeps, 0 positions}}
chip.system @s on "t" hash 0 sweeps 2 {
}

// -----

chip.system @s on "t" hash 0 {
  chip.program @p uniform [] params 0 init [] {
    chip.yield
  }
  // expected-error @+1 {{system-4: held populations and rows need positions}}
  chip.population "a" neurons 4 runs @p sends [] reduced [] rows all
}

// -----

chip.system @s on "t" hash 0 {
  chip.program @p uniform [] params 0 init [] {
    %c = arith.constant 1 : i32
    chip.yield %c : i32
  }
  chip.stream "a" neurons 4 payload unsigned 4
  // expected-error @+1 {{population-4: output 0 cannot be reduced by 3 groups}}
  chip.population "a" neurons 4 runs @p sends ["a"] reduced [6] groups [3]
}

// -----

chip.system @s on "t" hash 0 {
  chip.program @p uniform [] params 0 init [] {
    %c = arith.constant 1 : i32
    chip.yield %c : i32
  }
  chip.stream "a" neurons 4 payload unsigned 4
  // expected-error @+1 {{population-4: output 0 cannot be reduced by 1 groups}}
  chip.population "a" neurons 4 runs @p sends ["a"] reduced [0] maxima [true]
}

// -----

chip.system @s on "t" hash 0 {
  chip.program @p uniform [false] params 0 init [] {
  ^bb0(%a: i32):
    chip.yield
  }
  // expected-error @+1 {{population-5: largest and entry_bytes need one element for each of 1 slots, of 1 to 4 bytes}}
  chip.population "a" neurons 4 runs @p sends [] reduced [] entry_bytes [5]
}

// -----

chip.system @s on "t" hash 0 positions 4 {
  chip.program @p uniform [] params 0 init [] {
    chip.yield
  }
  // expected-error @+1 {{population-6: sweep 0 of 1; a held population is not of the first}}
  chip.population "a" neurons 4 runs @p sends [] reduced [] held each
}

// -----

chip.system @s on "t" hash 0 positions 4 {
  chip.program @p uniform [] params 0 init [] {
    chip.yield
  }
  // expected-error @+1 {{population-6: 6 neurons are no rows of 4 positions}}
  chip.population "a" neurons 6 runs @p sends [] reduced [] rows seen
}

// -----

chip.system @s on "t" hash 0 positions 4 {
  chip.program @p uniform [] params 0 init [] {
    chip.yield
  }
  chip.population "a" neurons 8 runs @p sends [] reduced [] rows seen
  chip.core 0 synapses 0 parameters 0 states 0 accumulators 0 programs 0 axons 0 {
    // expected-error @+1 {{block-3: neurons [2, 4] of 'a' cross a group}}
    chip.block 0 "a" neurons [2, 4]
  }
}

// -----

chip.system @s on "t" hash 0 positions 4 {
  // expected-error @+1 {{connection-2: 4 heads over 3 of 8 rows by 16}}
  chip.connection "m" 8 by 16 bits 4 memory keys heads 4 over 3
}

// -----

chip.system @s on "t" hash 0 steps 2 positions 4 {
  chip.program @p uniform [false] params 0 init [] {
  ^bb0(%a: i32):
    chip.yield
  }
  chip.population "a" neurons 8 runs @p sends [] reduced [] rows seen
  chip.connection "m" 8 by 8 bits 4 memory keys heads 2 over 1
  chip.core 0 synapses 0 parameters 0 states 0 accumulators 0 programs 0 axons 0 {
    chip.block 0 "a" neurons [4, 4]
    // expected-error @+1 {{tile-5: the tile of 'm' is not of one head of 4 by 4 with a plane per step, from position 0}}
    chip.tile 0 "m" rows [0, 4] cols [4, 4] block 0 slot 0 offset 0 int4 stride 2 planes 2
  }
}

// -----

chip.system @s on "t" hash 0 {
  chip.program @p uniform [false] params 0 init [] {
  ^bb0(%a: i32):
    chip.yield
  }
  chip.population "a" neurons 4 runs @p sends [] reduced []
  chip.connection "w" 4 by 4 bits 4
  chip.core 0 synapses 0 parameters 0 states 0 accumulators 0 programs 0 axons 0 {
    chip.block 0 "a" neurons [0, 4]
    // expected-error @+1 {{tile-5: 'w' is no memory}}
    chip.tile 0 "w" rows [0, 4] cols [0, 4] block 0 slot 0 offset 0 int4 stride 16 planes 1
  }
}

// -----

chip.system @s on "t" hash 0 {
  // expected-error @+1 {{table-1: a table has rows, each -1 or a row's number}}
  chip.table 0 [0, -2]
}

// -----

chip.system @s on "t" hash 0 {
  chip.program @p uniform [false] params 0 init [] {
  ^bb0(%a: i32):
    chip.yield
  }
  chip.stream "x" neurons 4 payload binary 1
  chip.population "a" neurons 4 runs @p sends [] reduced []
  chip.connection "w" 2 by 4 bits 2
  chip.table 0 [0, -1, 2]
  chip.core 0 synapses 0 parameters 0 states 0 accumulators 0 programs 0 axons 0 {
    chip.block 0 "a" neurons [0, 4]
    chip.tile 0 "w" rows [0, 2] cols [0, 4] block 0 slot 0 offset 0 int2 stride 16
    // expected-error @+1 {{axon-4: table 0 does not give a row of the tile's 2 for each of 3 indices}}
    chip.axon flow 0 indices [0, 3] tile 0 offset 0 table 0
  }
  chip.flow 0 from host "x" indices [0, 3] to [0]
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
    // expected-error @+1 {{axon-5: 'w' is no memory and cannot be written}}
    chip.axon flow 0 indices [0, 3] writes tile 0 offset 0
  }
  chip.flow 0 from host "x" indices [0, 3] to [0]
}
