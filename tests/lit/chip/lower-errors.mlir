// What a chip cannot do is told by name.
// RUN: synfire-opt %s --spike-to-chip -split-input-file -verify-diagnostics

// expected-error @+1 {{p: the population emits real values, only integers travel on a chip; run spike-quantize [lower-not-quantised]}}
module {
  spike.network @n {
    %t = spike.input "tokens" : !spike.events<4 x binary>
    %p = spike.population ["p"] (%t : !spike.events<4 x binary>) params() init [] {
    ^bb0(%e: i1):
      %r = arith.uitofp %e : i1 to f32
      spike.yield %r : f32
    } : tensor<4xf32>
    spike.output "o" %p : tensor<4xf32>
  }
}

// -----

// expected-error @+1 {{s: 'q' reads a single sum for all its 4 neurons; put a population of one neuron between [lower-single-sum]}}
module {
  spike.network @n {
    %t = spike.input "tokens" : !spike.events<4 x binary>
    %w = spike.weight "w" in "w.bin" at 0 as "f32" hash 0 : tensor<1x4xf32>
    %r = spike.row_scale %w bits 8 : tensor<1x4xf32> -> tensor<1xf32>
    %c = spike.quantize %w by %r bits 8 : tensor<1x4xf32>, tensor<1xf32> -> tensor<1x4xi8>
    %p = spike.population ["p"] (%t : !spike.events<4 x binary>) params() init [] {
    ^bb0(%e: i1):
      spike.yield %e : i1
    } : !spike.events<4 x binary>
    %s = spike.linear "s" %p, %c : !spike.events<4 x binary>, tensor<1x4xi8> -> tensor<1xi32>
    %q = spike.population ["q"] (%s, %p : tensor<1xi32>, !spike.events<4 x binary>) params() init [] {
    ^bb0(%m: i32, %e: i1):
      spike.yield %e : i1
    } : !spike.events<4 x binary>
  }
}

// -----

// expected-error @+1 {{the module has 0 spike.network, expected one [lower-module]}}
module {
}
