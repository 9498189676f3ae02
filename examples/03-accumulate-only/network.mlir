// Two layers of leaky integrate-and-fire neurons, 64 - 128 - 32, written by hand.
// Every value that reaches a matrix is a binary event, so the compiler proves
// that both linears only add rows of weights.
//
// A neuron: h = v + (I - v) / 2, it fires when h >= 1, and v becomes 0 if it
// fired and h otherwise.
spike.network @two_layers {
  %token = spike.input "tokens" : !spike.events<64 x binary>

  %w1 = spike.weight "hidden.weight" in "weights.safetensors" at 256 as "f32" hash 15161164600370894876
      : tensor<128x64xf32>
  %i1 = spike.linear "hidden" %token, %w1
      : !spike.events<64 x binary>, tensor<128x64xf32> -> tensor<128xf32>
  %s1 = spike.population ["hidden.lif"] (%i1 : tensor<128xf32>) params() init [0.0] {
  ^bb0(%current: f32, %v: f32):
    %zero = arith.constant 0.0 : f32
    %one = arith.constant 1.0 : f32
    %two = arith.constant 2.0 : f32
    %difference = arith.subf %current, %v : f32
    %step = arith.divf %difference, %two : f32
    %h = arith.addf %v, %step : f32
    %fires = arith.cmpf oge, %h, %one : f32
    %next = arith.select %fires, %zero, %h : f32
    spike.yield %fires : i1 states %next : f32
  } : !spike.events<128 x binary>

  %w2 = spike.weight "readout.weight" in "weights.safetensors" at 33024 as "f32" hash 12702081653458569810
      : tensor<32x128xf32>
  %i2 = spike.linear "readout" %s1, %w2
      : !spike.events<128 x binary>, tensor<32x128xf32> -> tensor<32xf32>
  %s2 = spike.population ["readout.lif"] (%i2 : tensor<32xf32>) params() init [0.0] {
  ^bb0(%current: f32, %v: f32):
    %zero = arith.constant 0.0 : f32
    %one = arith.constant 1.0 : f32
    %two = arith.constant 2.0 : f32
    %difference = arith.subf %current, %v : f32
    %step = arith.divf %difference, %two : f32
    %h = arith.addf %v, %step : f32
    %fires = arith.cmpf oge, %h, %one : f32
    %next = arith.select %fires, %zero, %h : f32
    spike.yield %fires : i1 states %next : f32
  } : !spike.events<32 x binary>

  // The host reads a spike as the number 1.
  %unit = spike.derive() {
    %one = arith.constant 1.0 : f32
    spike.yield %one : f32
  } : tensor<32xf32>
  spike.output "spikes" %s2 scaled by %unit : !spike.events<32 x binary>, tensor<32xf32>
}
