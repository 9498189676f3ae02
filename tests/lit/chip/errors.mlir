// One broken rule per system; the messages cite the rules of ChipOps.td.
// RUN: synfire-opt %s -split-input-file -verify-diagnostics

chip.system @s on "t" hash 0 {
  // expected-error @+1 {{system-1: a system holds chip ops only}}
  %c = arith.constant 0 : i32
}

// -----

chip.system @s on "t" hash 0 {
  chip.stream "a" neurons 4 payload binary 1
  // expected-error @+1 {{system-2: the stream 'a' stands twice}}
  chip.stream "a" neurons 4 payload binary 1
}

// -----

chip.system @s on "t" hash 0 {
  // expected-error @+1 {{system-3: core 1 stands at place 0}}
  chip.core 1 synapses 0 parameters 0 states 0 accumulators 0 programs 0 axons 0 {
  }
}

// -----

chip.system @s on "t" hash 0 {
  // expected-error @+1 {{program-1: argument 0 is 'f32', a slot is i32 or i1}}
  chip.program @p uniform [false] params 0 init [] {
  ^bb0(%a: f32):
    chip.yield
  }
}

// -----

chip.system @s on "t" hash 0 {
  // expected-error @+1 {{program-2: the region must end in chip.yield with 1 states}}
  chip.program @p uniform [] params 0 init [0.0] {
  ^bb0(%v: f32):
    chip.yield
  }
}

// -----

chip.system @s on "t" hash 0 {
  chip.program @p uniform [false] params 0 init [] {
  ^bb0(%a: i32):
    // expected-error @+1 {{program-3: no neuron instruction computes this}}
    %f = arith.uitofp %a : i32 to f32
    chip.yield
  }
}

// -----

chip.system @s on "t" hash 0 {
  // expected-error @+1 {{stream-1: a ternary payload of 8 bits}}
  chip.stream "a" neurons 4 payload ternary 8
}

// -----

chip.system @s on "t" hash 0 {
  // expected-error @+1 {{population-1: there is no program @p}}
  chip.population "a" neurons 4 runs @p sends [] reduced []
}

// -----

chip.system @s on "t" hash 0 {
  chip.program @p uniform [false] params 0 init [] {
  ^bb0(%a: i32):
    chip.yield %a : i32
  }
  chip.stream "a" neurons 3 payload signed 8
  // expected-error @+1 {{population-2: stream "a" has 3 neurons, the population 4}}
  chip.population "a" neurons 4 runs @p sends ["a"] reduced [0]
}

// -----

chip.system @s on "t" hash 0 {
  chip.program @p uniform [false] params 0 init [] {
  ^bb0(%a: i32):
    chip.yield
  }
  // expected-error @+1 {{population-3: 2 depths for 1 slots}}
  chip.population "a" neurons 4 runs @p sends [] reduced [] depths [1, 1]
}

// -----

chip.system @s on "t" hash 0 {
  // expected-error @+1 {{connection-1: weights of 9 bits, must be 1 to 8}}
  chip.connection "c" 4 by 4 bits 9
}

// -----

chip.system @s on "t" hash 0 {
  chip.core 0 synapses 0 parameters 0 states 0 accumulators 0 programs 0 axons 0 {
    // expected-error @+1 {{core-1: a core holds blocks, tiles and axons}}
    %c = arith.constant 0 : i32
  }
}

// -----

chip.system @s on "t" hash 0 {
  chip.core 0 at [0, 0, 1] synapses 0 parameters 0 states 0 accumulators 0 programs 0 axons 0 {
  }
  // expected-error @+1 {{core-2: two cores are at [0, 0, 1]}}
  chip.core 1 at [0, 0, 1] synapses 0 parameters 0 states 0 accumulators 0 programs 0 axons 0 {
  }
}

// -----

chip.system @s on "t" hash 0 chips 1 {
  // expected-error @+1 {{core-3: the system has its chips, but core 0 has no place}}
  chip.core 0 synapses 0 parameters 0 states 0 accumulators 0 programs 0 axons 0 {
  }
}

// -----

chip.system @s on "t" hash 0 {
  chip.program @p uniform [] params 0 init [] {
    chip.yield
  }
  chip.population "a" neurons 4 runs @p sends [] reduced []
  chip.core 0 synapses 0 parameters 0 states 0 accumulators 0 programs 0 axons 0 {
    // expected-error @+1 {{block-1: neurons [2, 3] of 'a', which has 4}}
    chip.block 0 "a" neurons [2, 3]
  }
}

// -----

chip.system @s on "t" hash 0 {
  chip.program @p uniform [] params 0 init [] {
    chip.yield
  }
  chip.population "a" neurons 4 runs @p sends [] reduced []
  chip.core 0 synapses 0 parameters 0 states 0 accumulators 0 programs 0 axons 0 {
    // expected-error @+1 {{block-2: the address 8 is not a multiple of 16}}
    chip.block 0 "a" neurons [0, 4] address 8
  }
}

// -----

chip.system @s on "t" hash 0 {
  chip.connection "c" 4 by 4 bits 8
  chip.core 0 synapses 0 parameters 0 states 0 accumulators 0 programs 0 axons 0 {
    // expected-error @+1 {{tile-1: there is no such piece of a connection 'c'}}
    chip.tile 0 "c" rows [1, 4] cols [0, 4] block 0 slot 0 offset 0 int8 stride 16
  }
}

// -----

chip.system @s on "t" hash 0 {
  chip.connection "c" 4 by 4 bits 8
  chip.core 0 synapses 0 parameters 0 states 0 accumulators 0 programs 0 axons 0 {
    // expected-error @+1 {{tile-2: block 0 is not on this core}}
    chip.tile 0 "c" rows [0, 4] cols [0, 4] block 0 slot 0 offset 0 int8 stride 16
  }
}

// -----

chip.system @s on "t" hash 0 {
  chip.program @p uniform [true] params 0 init [] {
  ^bb0(%a: i32):
    chip.yield
  }
  chip.population "a" neurons 4 runs @p sends [] reduced []
  chip.connection "c" 4 by 4 bits 8
  chip.core 0 synapses 0 parameters 0 states 0 accumulators 0 programs 0 axons 0 {
    chip.block 0 "a" neurons [0, 4]
    // expected-error @+1 {{tile-2: block 0 has no slot 0 with places [0, 4]}}
    chip.tile 0 "c" rows [0, 4] cols [0, 4] block 0 slot 0 offset 0 int8 stride 16
  }
}

// -----

chip.system @s on "t" hash 0 {
  chip.program @p uniform [false] params 0 init [] {
  ^bb0(%a: i32):
    chip.yield
  }
  chip.population "a" neurons 4 runs @p sends [] reduced []
  chip.connection "c" 4 by 4 bits 8
  chip.core 0 synapses 0 parameters 0 states 0 accumulators 0 programs 0 axons 0 {
    chip.block 0 "a" neurons [0, 4]
    // expected-error @+1 {{tile-3: a stride of 8 bytes does not hold a row of 4 int8}}
    chip.tile 0 "c" rows [0, 4] cols [0, 4] block 0 slot 0 offset 0 int8 stride 8
  }
}

// -----

chip.system @s on "t" hash 0 {
  chip.program @p uniform [false] params 0 init [] {
  ^bb0(%a: i32):
    chip.yield
  }
  chip.population "a" neurons 4 runs @p sends [] reduced []
  chip.connection "c" 4 by 4 bits 8
  chip.core 0 synapses 0 parameters 0 states 0 accumulators 0 programs 0 axons 0 {
    chip.block 0 "a" neurons [0, 4]
    // expected-error @+1 {{tile-4: the address 4 is not a multiple of 16}}
    chip.tile 0 "c" rows [0, 4] cols [0, 4] block 0 slot 0 offset 0 int8 stride 16 address 4
  }
}

// -----

chip.system @s on "t" hash 0 {
  chip.core 0 synapses 0 parameters 0 states 0 accumulators 0 programs 0 axons 0 {
    // expected-error @+1 {{axon-1: flow 0 does not end on this core}}
    chip.axon flow 0 indices [0, 4] block 0 slot 0 offset 0
  }
}

// -----

chip.system @s on "t" hash 0 {
  chip.stream "x" neurons 4 payload binary 1
  chip.core 0 synapses 0 parameters 0 states 0 accumulators 0 programs 0 axons 0 {
    // expected-error @+1 {{axon-2: flow 0 carries indices [0, 2], the axon takes [1, 2]}}
    chip.axon flow 0 indices [1, 2] block 0 slot 0 offset 0
  }
  chip.flow 0 from host "x" indices [0, 2] to [0]
}

// -----

chip.system @s on "t" hash 0 {
  chip.stream "x" neurons 4 payload binary 1
  chip.core 0 synapses 0 parameters 0 states 0 accumulators 0 programs 0 axons 0 {
    // expected-error @+1 {{axon-3: the axon needs a tile with those rows}}
    chip.axon flow 0 indices [0, 2] tile 0 offset 0
  }
  chip.flow 0 from host "x" indices [0, 2] to [0]
}

// -----

chip.system @s on "t" hash 0 {
  // expected-error @+1 {{flow-1: there is no stream "x"}}
  chip.flow 0 from host "x" indices [0, 2] to [] and_host
}

// -----

chip.system @s on "t" hash 0 {
  // expected-error @+1 {{flow-1: a flow starts at an output of a block or at the host}}
  chip.flow 0 from block 0 indices [0, 2] to [] and_host
}

// -----

chip.system @s on "t" hash 0 {
  chip.stream "x" neurons 4 payload binary 1
  // expected-error @+1 {{flow-2: the stream has 4 indices}}
  chip.flow 0 from host "x" indices [3, 2] to [] and_host
}

// -----

chip.system @s on "t" hash 0 {
  chip.stream "x" neurons 4 payload binary 1
  // expected-error @+1 {{flow-3: the flow has no end}}
  chip.flow 0 from host "x" indices [0, 2] to []
}

// -----

chip.system @s on "t" hash 0 {
  chip.stream "x" neurons 4 payload binary 1
  // expected-error @+1 {{flow-3: there is no core 3}}
  chip.flow 0 from host "x" indices [0, 2] to [3]
}

// -----

chip.system @s on "t" hash 0 {
  chip.stream "x" neurons 4 payload binary 1
  // expected-error @+1 {{flow-4: a route has at least one hop}}
  chip.flow 0 from host "x" indices [0, 2] to [] and_host route []
}
