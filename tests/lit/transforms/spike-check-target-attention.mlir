// A chip whose synapses stay as they are cannot run attention, and says so with
// all else that it lacks.
// RUN: synfire-opt %s --spike-check-target=target=generic -o %t
// RUN: not synfire-opt %s --spike-check-target=target=darwin3 2>&1 | FileCheck %s
// RUN: not synfire-opt %s --spike-check-target=target=loihi 2>&1 | FileCheck %s --check-prefix=HOST

// CHECK: darwin3 cannot run this network
// CHECK: neurons without exponential and convert instructions
// CHECK: synapses that are fixed while a network runs
// CHECK: the network has: {{.*}}attention over 2 memories that events write
// CHECK: ways out: a target that can (generic{{.*}}), or a network with {{.*}}a recurrence instead of attention
// CHECK: 'e' needs instructions of class exponential (1 of 3 populations)
// CHECK: error: 'qk' and 'pv' multiply a memory that events write while the network runs; synapses of darwin3 are fixed (core.dynamic_synapses) [target-dynamic-synapses]
// HOST: its embedded processors (0.065 W, at most 0.13 W per chip, costs.static_power.host_processor_w) could compute what its neurons cannot; Synfire compiles nothing for them

spike.network @n positions 4 {
  %t = spike.input "t" : !spike.events<4xbinary>
  %q = spike.population ["q"](%t : !spike.events<4xbinary>) params() init [] {
  ^bb0(%s: i1):
    %i = arith.extui %s : i1 to i32
    spike.yield %i : i32
  } : !spike.events<4xsigned<8>>
  %qk = spike.matmul "qk" %q against %q along keys heads 2 over 2 causal : !spike.events<4xsigned<8>>, !spike.events<4xsigned<8>> -> tensor<8xi32>
  %e = spike.population ["e"](%qk : tensor<8xi32>) params() init [] rows seen {
  ^bb0(%i: i32):
    %f = arith.sitofp %i : i32 to f32
    %x = math.erf %f : f32
    %c = arith.fptosi %x : f32 to i32
    spike.yield %c : i32
  } : !spike.events<8xunsigned<8>>
  %pv = spike.matmul "pv" %e against %q along values heads 2 over 2 causal : !spike.events<8xunsigned<8>>, !spike.events<4xsigned<8>> -> tensor<4xi32>
  %o = spike.population ["o"](%pv : tensor<4xi32>) params() init [] {
  ^bb0(%i: i32):
    spike.yield %i : i32
  } : !spike.events<4xsigned<24>>
}
