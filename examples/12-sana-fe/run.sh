#!/usr/bin/env bash
# A network and an architecture of SANA-FE: both are imported as they are, and
# the chip's spikes, counts and energy stand beside those that SANA-FE gave.
set -euo pipefail
cd "$(dirname "$0")/../.."
bin=${SYNFIRE_BIN:-build/bin}
out=${SYNFIRE_OUT:-out/examples}/12
mkdir -p "$out"
rm -rf "$out/run"

/usr/bin/python3 examples/12-sana-fe/make_ring.py "$out" --neurons 64
"$bin/synfire" import-chip "$out/arch.yaml" -o "$out/chip.yaml"
# The file's own mapping says which core each neuron lies on.
"$bin/synfire" compile "$out/ring.yaml" --target "$out/chip.yaml" -o "$out/ring.sfi"
"$bin/synfire" run "$out/ring.sfi" --events none --steps 100 -q -o "$out/run"
/usr/bin/python3 examples/12-sana-fe/compare.py "$out/run"
