// Each numbered rule of the dialect is checked, and the message names it.
// RUN: synfire-opt %s --split-input-file --verify-diagnostics

// expected-error @+1 {{events-1: size is 0, must be at least 1}}
spike.network @n { %t = spike.input "t" : !spike.events<0xbinary> }

// -----

// expected-error @+1 {{events-2: payload width is 1 bits, must be 2 to 32}}
spike.network @n { %t = spike.input "t" : !spike.events<4xsigned<1>> }

// -----

// expected-error @+1 {{events-2: payload width is 33 bits, must be 1 to 32}}
spike.network @n { %t = spike.input "t" : !spike.events<4xunsigned<33>> }

// -----

// expected-error @+1 {{expected binary, ternary, signed, unsigned, unary or planes, got 'graded'}}
spike.network @n { %t = spike.input "t" : !spike.events<4xgraded> }

// -----

// expected-error @+1 {{events have one dimension}}
spike.network @n { %t = spike.input "t" : !spike.events<4x4xbinary> }

// -----

spike.network @n {
  // expected-error @+1 {{network-1: only spike ops may stand in a network}}
  %c = arith.constant 0.0 : f32
}

// -----

spike.network @n {
  %a = spike.input "t" : !spike.events<4xbinary>
  // expected-error @+1 {{network-2: the name 't' stands twice in the network}}
  %b = spike.input "t" : !spike.events<4xbinary>
}

// -----

spike.network @n {
  // expected-error @+1 {{input-1: tokens are binary events}}
  %a = spike.input "t" : !spike.events<4xternary>
}

// -----

spike.network @n {
  // expected-error @+1 {{weight-1: dtype 'u16' is none of f32, f64, f16, bf16, i64, i32, i16, i8, u8}}
  %w = spike.weight "w" in "f" at 0 as "u16" hash 0 : tensor<2x2xf32>
}

// -----

spike.network @n {
  // expected-error @+1 {{weight-2: 1 strides for 2 dimensions}}
  %w = spike.weight "w" in "f" at 0 as "f32" hash 0 strides [1] : tensor<2x2xf32>
}

// -----

spike.network @n {
  %w = spike.weight "w" in "f" at 0 as "f32" hash 0 : tensor<2x3xf32>
  %v = spike.weight "v" in "f" at 0 as "f32" hash 0 : tensor<2xf32>
  // expected-error @+1 {{derive-1: operand 'tensor<2xf32>' does not have the shape of the result 'tensor<2x3xf32>'}}
  %d = spike.derive(%w, %v : tensor<2x3xf32>, tensor<2xf32>) {
  ^bb0(%a: f32, %b: f32):
    spike.yield %a : f32
  } : tensor<2x3xf32>
}

// -----

spike.network @n {
  %t = spike.input "t" : !spike.events<4xbinary>
  %w = spike.weight "w" in "f" at 0 as "f32" hash 0 : tensor<4x3xf32>
  %e = spike.embed "e" %t, %w : !spike.events<4xbinary>, tensor<4x3xf32> -> tensor<3xf32>
  // expected-error @+1 {{derive-2: an operand is not a constant}}
  %d = spike.derive(%e : tensor<3xf32>) {
  ^bb0(%a: f32):
    spike.yield %a : f32
  } : tensor<3xf32>
}

// -----

spike.network @n {
  %w = spike.weight "w" in "f" at 0 as "f32" hash 0 : tensor<3xf32>
  // expected-error @+1 {{derive-3: a region argument is 'i1', the operand holds 'f32'}}
  %d = spike.derive(%w : tensor<3xf32>) {
  ^bb0(%a: i1):
    spike.yield %a : i1
  } : tensor<3xi1>
}

// -----

spike.network @n {
  %w = spike.weight "w" in "f" at 0 as "f32" hash 0 : tensor<2x3xf32>
  %v = spike.weight "v" in "f" at 0 as "f32" hash 0 : tensor<2xf32>
  // expected-error @+1 {{apply-1: 'tensor<2x3xf32>' cannot be applied to 'tensor<2xf32>' to give 'tensor<2xf32>'}}
  %d = spike.apply %w to %v : tensor<2x3xf32>, tensor<2xf32> -> tensor<2xf32>
}

// -----

spike.network @n {
  %t = spike.input "t" : !spike.events<4xbinary>
  %w = spike.weight "w" in "f" at 0 as "f32" hash 0 : tensor<4x3xf32>
  %e = spike.embed "e" %t, %w : !spike.events<4xbinary>, tensor<4x3xf32> -> tensor<3xf32>
  // expected-error @+1 {{apply-2: an operand is not a constant}}
  %d = spike.apply %w to %e : tensor<4x3xf32>, tensor<3xf32> -> tensor<4xf32>
}

// -----

spike.network @n {
  %w = spike.weight "w" in "f" at 0 as "f32" hash 0 : tensor<2x3xf32>
  // expected-error @+1 {{row-scale-1: 3 scales for 2 rows}}
  %s = spike.row_scale %w bits 8 : tensor<2x3xf32> -> tensor<3xf32>
}

// -----

spike.network @n {
  %w = spike.weight "w" in "f" at 0 as "f32" hash 0 : tensor<2x3xf32>
  // expected-error @+1 {{row-scale-2: bits is 1, must be 2 to 16}}
  %s = spike.row_scale %w bits 1 : tensor<2x3xf32> -> tensor<2xf32>
}

// -----

spike.network @n {
  %w = spike.weight "w" in "f" at 0 as "f32" hash 0 : tensor<2x3xf32>
  %s = spike.weight "s" in "f" at 0 as "f32" hash 0 : tensor<3xf32>
  // expected-error @+1 {{quantize-1: shapes of matrix, scales and codes disagree}}
  %q = spike.quantize %w by %s bits 8 : tensor<2x3xf32>, tensor<3xf32> -> tensor<2x3xi8>
}

// -----

spike.network @n {
  %w = spike.weight "w" in "f" at 0 as "f32" hash 0 : tensor<2x3xf32>
  %s = spike.row_scale %w bits 8 : tensor<2x3xf32> -> tensor<2xf32>
  // expected-error @+1 {{quantize-2: bits is 9, must be 2 to 8}}
  %q = spike.quantize %w by %s bits 9 : tensor<2x3xf32>, tensor<2xf32> -> tensor<2x3xi8>
}

// -----

spike.network @n {
  %w = spike.weight "w" in "f" at 0 as "f32" hash 0 : tensor<2x3xf32>
  %s = spike.weight "s" in "f" at 0 as "f32" hash 0 : tensor<2xf32>
  %z = spike.weight "z" in "f" at 0 as "f32" hash 0 : tensor<3xf32>
  // expected-error @+1 {{quantize-1: 3 zeros for 2 rows}}
  %q = spike.quantize %w by %s zeros %z : tensor<3xf32> bits 4 : tensor<2x3xf32>, tensor<2xf32> -> tensor<2x3xi8>
}

// -----

spike.network @n {
  %w = spike.weight "w" in "f" at 0 as "f32" hash 0 : tensor<2x3xf32>
  %s = spike.weight "s" in "f" at 0 as "f32" hash 0 : tensor<2xf32>
  %z = spike.weight "z" in "f" at 0 as "f32" hash 0 : tensor<3xf32>
  // expected-error @+1 {{grid-1: needs a constant zero for each of the 2 rows}}
  %g = spike.grid %w by %s zeros %z : tensor<3xf32> bits 4 : tensor<2x3xf32>, tensor<2xf32> -> tensor<2x3xf32>
}

// -----

spike.network @n {
  %t = spike.input "t" : !spike.events<4xbinary>
  %w = spike.weight "w" in "f" at 0 as "f32" hash 0 : tensor<5x3xf32>
  // expected-error @+1 {{embed-1: table is 5x3, tokens 4, results 3}}
  %e = spike.embed "e" %t, %w : !spike.events<4xbinary>, tensor<5x3xf32> -> tensor<3xf32>
}

// -----

spike.network @n {
  %t = spike.input "t" : !spike.events<4xbinary>
  %w = spike.weight "w" in "f" at 0 as "f32" hash 0 : tensor<4x3xf32>
  // expected-error @+1 {{embed-2: an f32 table gives f32, an i1 table i32}}
  %e = spike.embed "e" %t, %w : !spike.events<4xbinary>, tensor<4x3xf32> -> tensor<3xi32>
}

// -----

spike.network @n {
  %t = spike.input "t" : !spike.events<4xbinary>
  %w = spike.weight "w" in "f" at 0 as "f32" hash 0 : tensor<2x5xf32>
  // expected-error @+1 {{linear-1: matrix is 2x5 (targets x sources), sources 4, targets 2}}
  %y = spike.linear "l" %t, %w : !spike.events<4xbinary>, tensor<2x5xf32> -> tensor<2xf32>
}

// -----

spike.network @n {
  %t = spike.input "t" : !spike.events<3xbinary>
  %w = spike.weight "w" in "f" at 0 as "f32" hash 0 : tensor<2x3xf32>
  // expected-error @+1 {{linear-2: an f32 matrix gives f32, an i8 matrix i32}}
  %y = spike.linear "l" %t, %w : !spike.events<3xbinary>, tensor<2x3xf32> -> tensor<2xi32>
}

// -----

spike.network @n {
  %t = spike.input "t" : !spike.events<3xbinary>
  %w = spike.weight "w" in "f" at 0 as "f32" hash 0 : tensor<2x3xf32>
  // expected-error @+1 {{linear-3: accumulate_only is false, but the sources are '!spike.events<3xbinary>'}}
  %y = spike.linear "l" %t, %w {accumulate_only = false} : !spike.events<3xbinary>, tensor<2x3xf32> -> tensor<2xf32>
}

// -----

spike.network @n {
  %t = spike.input "t" : !spike.events<3xbinary>
  %w = spike.weight "w" in "f" at 0 as "f32" hash 0 : tensor<2x3xf32>
  // expected-error @+1 {{linear-4: a sum needs 33 bits, at most 32 are possible}}
  %y = spike.linear "l" %t, %w {sum_bits = 33} : !spike.events<3xbinary>, tensor<2x3xf32> -> tensor<2xf32>
}

// -----

spike.network @n {
  %t = spike.input "t" : !spike.events<3xbinary>
  // expected-error @+1 {{population-1: 2 names for 1 results}}
  %p = spike.population ["a", "b"](%t : !spike.events<3xbinary>) params() init [] {
  ^bb0(%x: i1):
    spike.yield %x : i1
  } : !spike.events<3xbinary>
}

// -----

spike.network @n {
  %t = spike.input "t" : !spike.events<4xbinary>
  // expected-error @+1 {{population-2: an input has size 4, must divide 3}}
  %p = spike.population ["a"](%t : !spike.events<4xbinary>) params() init [] {
  ^bb0(%x: i1):
    spike.yield %x : i1
  } : !spike.events<3xbinary>
}

// -----

spike.network @n {
  %t = spike.input "t" : !spike.events<3xbinary>
  // expected-error @+1 {{population-3: '!spike.events<3xbinary>' is seen as 'i1', the region takes 'f32'}}
  %p = spike.population ["a"](%t : !spike.events<3xbinary>) params() init [] {
  ^bb0(%x: f32):
    %b = arith.constant true
    spike.yield %b : i1
  } : !spike.events<3xbinary>
}

// -----

spike.network @n {
  %t = spike.input "t" : !spike.events<3xbinary>
  %p = spike.population ["a"](%t : !spike.events<3xbinary>) params() init [0.0] {
  ^bb0(%x: i1, %v: f32):
    // expected-error @+1 {{population-4: not in the neuron instruction set}}
    %w = math.sin %v : f32
    spike.yield %x : i1 states %w : f32
  } : !spike.events<3xbinary>
}

// -----

spike.network @n {
  %t = spike.input "t" : !spike.events<3xbinary>
  // expected-error @+1 {{population-5: states are f32 or i32, one per init value}}
  %p = spike.population ["a"](%t : !spike.events<3xbinary>) params() init [0.0] {
  ^bb0(%x: i1, %v: i1):
    %c = arith.constant 0.0 : f32
    spike.yield %x : i1 states %c : f32
  } : !spike.events<3xbinary>
}

// -----

spike.network @n {
  %t = spike.input "t" : !spike.events<3xbinary>
  // expected-error @+1 {{reduce-1: currents give tensor<Sxf32>, events tensor<Sxi32>, with S a divisor of 3}}
  %r = spike.reduce "r" %t : !spike.events<3xbinary> -> tensor<1xf32>
}

// -----

spike.network @n {
  %t = spike.input "t" : !spike.events<3xbinary>
  %p = spike.population ["a"](%t : !spike.events<3xbinary>) params() init [] {
  ^bb0(%x: i1):
    %i = arith.extui %x : i1 to i32
    spike.yield %i : i32
  } : !spike.events<3xsigned<31>>
  // expected-error @+1 {{reduce-2: the sum may reach 3221225472, more than 32 bits hold; narrow the payload}}
  %r = spike.reduce "r" %p : !spike.events<3xsigned<31>> -> tensor<1xi32>
}

// -----

spike.network @n {
  %t = spike.input "t" : !spike.events<3xbinary>
  // expected-error @+1 {{output-1: events need scales, currents have none}}
  spike.output "o" %t : !spike.events<3xbinary>
}

// -----

spike.network @n {
  %t = spike.input "t" : !spike.events<3xbinary>
  %s = spike.weight "s" in "f" at 0 as "f32" hash 0 : tensor<2xf32>
  // expected-error @+1 {{output-1: 2 scales for 3 neurons}}
  spike.output "o" %t scaled by %s : !spike.events<3xbinary>, tensor<2xf32>
}
