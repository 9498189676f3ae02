#!/usr/bin/env bash
# Networks that other frameworks could have written as NIR files: one of
# convolutions, and one that hears itself, whose trace lies beside it.
set -euo pipefail
cd "$(dirname "$0")/../.."
bin=${SYNFIRE_BIN:-build/bin}
out=${SYNFIRE_OUT:-out/examples}/11
mkdir -p "$out"

# Every spike and membrane of the float network is that of the trace.
net=examples/11-nir/recurrent.nir
trace=examples/11-nir/recurrent.csv
"$bin/synfire" reference "$net" --events "$trace" --compare "$trace" \
  -o "$out/recurrent.npz"

# On the chip weights have 8 bits; which neuron of the output spikes most?
"$bin/synfire" compile "$net" --target loihi2 --calibrate "$trace" \
  --evaluate "$trace" -q -o "$out/recurrent.sfi"
rm -rf "$out/run"
"$bin/synfire" run "$out/recurrent.sfi" --events "$trace" --readout rate \
  --window 20 -o "$out/run"

# What is imported can be written again.
"$bin/synfire" export examples/11-nir/convolutional.nir -o "$out/again.nir"
