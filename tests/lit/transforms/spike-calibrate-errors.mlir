// Options and files are checked before anything runs.
// RUN: not synfire-opt %s --spike-calibrate=tokens=%t.missing.npy 2>&1 | FileCheck %s
// RUN: not synfire-opt %s "--spike-calibrate=tokens=x.npy window=0" 2>&1 | FileCheck %s --check-prefix=WINDOW

// CHECK: spike-calibrate: {{.*}}missing.npy
// WINDOW: window and max-tokens must be at least 1
spike.network @n {
  %t = spike.input "t" : !spike.events<4xbinary>
}
