// Whatever is still real, or is read where sums cannot be, is named.
// RUN: synfire-opt %s --spike-verify-quantized --split-input-file --verify-diagnostics

spike.network @n {
  %t = spike.input "t" : !spike.events<4xbinary>
  // expected-error @+1 {{quantized-1: 'x' is real, only integers travel on a chip; run spike-quantize}}
  %x = spike.population ["x"](%t : !spike.events<4xbinary>) params() init [] {
  ^bb0(%s: i1):
    %f = arith.uitofp %s : i1 to f32
    spike.yield %f : f32
  } : tensor<4xf32>
}

// -----

spike.network @n {
  %t = spike.input "t" : !spike.events<4xbinary>
  // expected-error @+1 {{quantized-2: sums are read by spike.reduce, only populations can}}
  %r = spike.reduce "a" %t : !spike.events<4xbinary> -> tensor<1xi32>
  // expected-error @+1 {{quantized-1: 'b' is real}}
  %s = spike.reduce "b" %r : tensor<1xi32> -> tensor<1xf32>
}

// -----

spike.network @n {
  %t = spike.input "t" : !spike.events<4xbinary>
  // expected-error @+1 {{quantized-1: 'x' is real}}
  %x = spike.population ["x"](%t : !spike.events<4xbinary>) params() init [] {
  ^bb0(%s: i1):
    %f = arith.uitofp %s : i1 to f32
    spike.yield %f : f32
  } : tensor<4xf32>
  // expected-error @+1 {{quantized-1: 'x' is real}}
  %r = spike.rotate %x heads 2 : tensor<4xf32> -> tensor<4xf32>
}
