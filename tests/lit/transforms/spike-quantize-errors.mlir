// What keeps a network from becoming integer is named, with the pass to run.
// RUN: synfire-opt %s --spike-quantize --split-input-file --verify-diagnostics

spike.network @n {
  %t = spike.input "t" : !spike.events<4xbinary>
  // expected-error @+1 {{quantize-1: 'x' has no calibrated range; run spike-calibrate first}}
  %x = spike.population ["x"](%t : !spike.events<4xbinary>) params() init [] {
  ^bb0(%s: i1):
    %f = arith.uitofp %s : i1 to f32
    spike.yield %f : f32
  } : tensor<4xf32>
  spike.output "o" %x : tensor<4xf32>
}

// -----

spike.network @n {
  %t = spike.input "t" : !spike.events<4xbinary>
  %w = spike.weight "w" in "f" at 0 as "f32" hash 0 : tensor<2x4xf32>
  // expected-error @+1 {{quantize-2: real sums are read by spike.output, only populations can; run spike-insert-readers}}
  %l = spike.linear "l" %t, %w : !spike.events<4xbinary>, tensor<2x4xf32> -> tensor<2xf32>
  spike.output "o" %l : tensor<2xf32>
}

// -----

spike.network @n {
  %t = spike.input "t" : !spike.events<4xbinary>
  %w = spike.weight "w" in "f" at 0 as "f32" hash 0 : tensor<4x2xf32>
  // expected-error @+1 {{quantize-3: 'e' looks up real values; only a table of bits can be quantised: run spike-fold-embedding first}}
  %e = spike.embed "e" %t, %w : !spike.events<4xbinary>, tensor<4x2xf32> -> tensor<2xf32>
  spike.output "o" %e : tensor<2xf32>
}

// -----

spike.network @n {
  %t = spike.input "t" : !spike.events<4xbinary>
  %w = spike.weight "w" in "f" at 0 as "f32" hash 0 : tensor<2x4xf32>
  %x = spike.population ["x"](%t : !spike.events<4xbinary>) params() init [] attributes {spike.ranges = [array<f32: 1.0, 1.0, 0.0>]} {
  ^bb0(%s: i1):
    %f = arith.uitofp %s : i1 to f32
    spike.yield %f : f32
  } : tensor<4xf32>
  // expected-error @+1 {{quantize-4: a rotated value is handed on one to one, but spike.linear reads it otherwise}}
  %r = spike.rotate %x heads 2 : tensor<4xf32> -> tensor<4xf32>
  %l = spike.linear "l" %r, %w : tensor<4xf32>, tensor<2x4xf32> -> tensor<2xf32>
  %y = spike.population ["y"](%l : tensor<2xf32>) params() init [] attributes {spike.ranges = [array<f32: 1.0, 1.0, 0.0>]} {
  ^bb0(%a: f32):
    spike.yield %a : f32
  } : tensor<2xf32>
  spike.output "o" %y : tensor<2xf32>
}
