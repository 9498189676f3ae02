// Each numbered rule of convolutions, delays and fixed point is checked, and the
// message names it.
// RUN: synfire-opt %s --split-input-file --verify-diagnostics

spike.network @n {
  %x = spike.input "x" role events : !spike.events<6 x binary>
  %k = spike.constant dense<1.0> : tensor<2x4xf32> : tensor<2x4xf32>
  // expected-error @+1 {{conv-1: the kernel is 2 x 4, must be 2 x 6}}
  %y = spike.conv "y" %x, %k from [1, 2, 3] to [2, 1, 1] size [2, 3] stride [1, 1] pad [0, 0] dilation [1, 1] : !spike.events<6 x binary>, tensor<2x4xf32> -> tensor<2xf32>
}

// -----

spike.network @n {
  %x = spike.input "x" role events : !spike.events<6 x binary>
  %k = spike.constant dense<1.0> : tensor<2x6xf32> : tensor<2x6xf32>
  // expected-error @+1 {{conv-1: from and to are [channels, height, width]}}
  %y = spike.conv "y" %x, %k from [1, 2, 3] to [2, 1, 1] size [2, 3] stride [1, 0] pad [0, 0] dilation [1, 1] : !spike.events<6 x binary>, tensor<2x6xf32> -> tensor<2xf32>
}

// -----

spike.network @n {
  %x = spike.input "x" role events : !spike.events<6 x binary>
  %k = spike.constant dense<1.0> : tensor<3x6xf32> : tensor<3x6xf32>
  // expected-error @+1 {{conv-1: 1 and 3 channels are no multiples of 2 groups}}
  %y = spike.conv "y" %x, %k from [1, 2, 3] to [3, 1, 1] size [2, 3] stride [1, 1] pad [0, 0] dilation [1, 1] groups 2 : !spike.events<6 x binary>, tensor<3x6xf32> -> tensor<3xf32>
}

// -----

spike.network @n {
  %x = spike.input "x" role events : !spike.events<5 x binary>
  %k = spike.constant dense<1.0> : tensor<2x6xf32> : tensor<2x6xf32>
  // expected-error @+1 {{conv-2: 'from' is 6 values, the operand has 5}}
  %y = spike.conv "y" %x, %k from [1, 2, 3] to [2, 1, 1] size [2, 3] stride [1, 1] pad [0, 0] dilation [1, 1] : !spike.events<5 x binary>, tensor<2x6xf32> -> tensor<2xf32>
}

// -----

spike.network @n {
  %x = spike.input "x" role events : !spike.events<6 x binary>
  %k = spike.constant dense<1.0> : tensor<2x6xf32> : tensor<2x6xf32>
  // expected-error @+1 {{conv-3: an f32 kernel gives f32}}
  %y = spike.conv "y" %x, %k from [1, 2, 3] to [2, 1, 1] size [2, 3] stride [1, 1] pad [0, 0] dilation [1, 1] : !spike.events<6 x binary>, tensor<2x6xf32> -> tensor<2xi32>
}

// -----

spike.network @n {
  %x = spike.input "x" role events : !spike.events<6 x binary>
  %k = spike.constant dense<1.0> : tensor<1x2xf32> : tensor<1x2xf32>
  // expected-error @+1 {{conv-4: the kernel has 1 x 3 places (height x width), 'to' says 1 x 2}}
  %y = spike.conv "y" %x, %k from [1, 2, 3] to [1, 1, 2] size [2, 1] stride [1, 1] pad [0, 0] dilation [1, 1] : !spike.events<6 x binary>, tensor<1x2xf32> -> tensor<2xf32>
}

// -----

spike.network @n {
  %x = spike.input "x" role events : !spike.events<6 x signed<4>>
  %k = spike.constant dense<1.0> : tensor<1x2xf32> : tensor<1x2xf32>
  // expected-error @+1 {{conv-5: accumulate_only is true}}
  %y = spike.conv "y" %x, %k from [1, 2, 3] to [1, 1, 3] size [2, 1] stride [1, 1] pad [0, 0] dilation [1, 1] {accumulate_only = true} : !spike.events<6 x signed<4>>, tensor<1x2xf32> -> tensor<3xf32>
}

// -----

spike.network @n {
  %x = spike.input "x" role events : !spike.events<6 x binary>
  // expected-error @+1 {{pool-1: 1 channels become 3}}
  %y = spike.pool "y" %x from [1, 2, 3] to [3, 1, 1] size [2, 3] stride [1, 1] pad [0, 0] : !spike.events<6 x binary> -> tensor<3xi32>
}

// -----

spike.network @n {
  %x = spike.input "x" role events : !spike.events<6 x binary>
  // expected-error @+1 {{pool-3: currents give f32, events i32}}
  %y = spike.pool "y" %x from [1, 2, 3] to [1, 1, 1] size [2, 3] stride [1, 1] pad [0, 0] : !spike.events<6 x binary> -> tensor<1xf32>
}

// -----

spike.network @n {
  %x = spike.input "x" role events : !spike.events<6 x binary>
  // expected-error @+1 {{delay-1: by 0 token steps, must be 1 to 1023}}
  %d = spike.delay %x by 0 : !spike.events<6 x binary> -> !spike.events<6 x binary>
}

// -----

spike.network @n {
  %t = spike.input "t" : !spike.events<6 x binary>
  // expected-error @+1 {{delay-2: the operand is no input of events}}
  %d = spike.delay %t by 1 : !spike.events<6 x binary> -> !spike.events<6 x binary>
}

// -----

spike.network @n {
  // expected-error @+1 {{network-5: reads what spike.population gives later in the token step; read it through a spike.delay}}
  %a = spike.population ["a"] (%b : !spike.events<2 x binary>) params() init [] {
  ^bb0(%i: i1):
    spike.yield %i : i1
  } : !spike.events<2 x binary>
  %b = spike.population ["b"] (%a : !spike.events<2 x binary>) params() init [] {
  ^bb0(%i: i1):
    spike.yield %i : i1
  } : !spike.events<2 x binary>
}

// -----

spike.network @n {
  // expected-error @+1 {{input-3: the shape is [channels, height, width] of 6 events}}
  %x = spike.input "x" role events shape [2, 2, 2] : !spike.events<6 x binary>
}

// -----

spike.network @n {
  %w = spike.constant dense<1.0> : tensor<2x3xf32> : tensor<2x3xf32>
  // expected-error @+1 {{collapse-1}}
  %m = spike.collapse %w : tensor<2x3xf32> -> tensor<3x2xf32>
}

// -----

spike.network @n {
  %w = spike.constant dense<1.0> : tensor<2xf32> : tensor<2xf32>
  // expected-error @+1 {{repeat-1}}
  %m = spike.repeat %w : tensor<2xf32> -> tensor<3xf32>
}

// -----

spike.network @n {
  // expected-error @+1 {{constant-1: needs at most 2^24 finite binary32 elements}}
  %w = spike.constant dense<0x7FC00000> : tensor<2xf32> : tensor<2xf32>
}

// -----

spike.network @n {
  // expected-error @+1 {{population-8: reset is [every, at] with 0 <= at < every}}
  %a = spike.population ["a"] () params() init [0.0] reset [4, 4] {
  ^bb0(%s: f32):
    spike.yield %s : f32 states %s : f32
  } : tensor<2xf32>
}

// -----

spike.network @n {
  // expected-error @+1 {{population-9: 5.000000e-01 is no integer of 32 bits, an i32 state begins at one}}
  %a = spike.population ["a"] () params() init [0.5] {
  ^bb0(%s: i32):
    spike.yield %s : i32 states %s : i32
  } : !spike.events<2 x signed<8>>
}

// -----

spike.network @n {
  // expected-error @+1 {{population-5: a state is 'i32', the region yields 'f32'}}
  %a = spike.population ["a"] () params() init [0.0] {
  ^bb0(%s: i32):
    %f = arith.sitofp %s : i32 to f32
    spike.yield %s : i32 states %f : f32
  } : !spike.events<2 x signed<8>>
}

// -----

spike.network @n {
  %a = spike.population ["a"] () params() init [0.0] {
  ^bb0(%s: i32):
    // expected-error @+1 {{mul-shift-1: by is 63, must be 0 to 62}}
    %m = spike.mul_shift %s, %s by 63 floor
    spike.yield %m : i32 states %m : i32
  } : !spike.events<2 x signed<8>>
}

// -----

spike.network @n {
  %w = spike.weight "w" in "m" at 0 as "f32" hash 1 : tensor<4x3xf32>
  // expected-error @+1 {{part-1: elements 1 to 3 of every 3 of 'tensor<4x3xf32>'}}
  %p = spike.part %w first 1 count 2 of 3 : tensor<4x3xf32> -> tensor<2x3xf32>
}

// -----

spike.network @n {
  %w = spike.weight "w" in "m" at 0 as "f32" hash 1 : tensor<4x3xf32>
  // expected-error @+1 {{part-1: elements 1 to 3 of every 2}}
  %p = spike.part %w first 1 count 2 of 2 : tensor<4x3xf32> -> tensor<4x3xf32>
}

// -----

spike.network @n {
  %w = spike.weight "w" in "m" at 0 as "f32" hash 1 : tensor<4x3xf32>
  // expected-error @+1 {{part-2: the result is 'tensor<3x3xf32>', its first dimension must be 2}}
  %p = spike.part %w first 1 count 1 of 2 : tensor<4x3xf32> -> tensor<3x3xf32>
}

// -----

spike.network @n {
  %a = spike.population ["a"] () params() init [] {
  ^bb0:
    %f = arith.constant true
    spike.yield %f : i1
  } : !spike.events<4 x binary>
  // expected-error @+1 {{join-1: 2 populations with 3 channels}}
  %j = spike.join %a, %a channels 3 : !spike.events<4 x binary>, !spike.events<4 x binary> -> !spike.events<8 x binary>
}

// -----

spike.network @n {
  %a = spike.population ["a"] () params() init [] {
  ^bb0:
    %f = arith.constant true
    spike.yield %f : i1
  } : !spike.events<4 x binary>
  // expected-error @+1 {{join-1: 2 populations with 2 channels, the first '!spike.events<4xbinary>', do not make '!spike.events<4xbinary>'}}
  %j = spike.join %a, %a channels 2 : !spike.events<4 x binary>, !spike.events<4 x binary> -> !spike.events<4 x binary>
}

// -----

spike.network @n {
  %x = spike.input "x" role events : !spike.events<4 x binary>
  // expected-error @+1 {{join-2: an operand is no result of a population}}
  %j = spike.join %x, %x channels 2 : !spike.events<4 x binary>, !spike.events<4 x binary> -> !spike.events<8 x binary>
}

// -----

spike.network @n {
  %a = spike.population ["a"] () params() init [] {
  ^bb0:
    %f = arith.constant true
    spike.yield %f : i1
  } : !spike.events<4 x binary>
  %d = spike.delay %a by 1 : !spike.events<4 x binary> -> !spike.events<4 x binary>
  // expected-error @+1 {{join-2: an operand is no result of a population without rows, is later than the first one, or stands twice}}
  %j = spike.join %a, %d channels 2 : !spike.events<4 x binary>, !spike.events<4 x binary> -> !spike.events<8 x binary>
}
