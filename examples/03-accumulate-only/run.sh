#!/usr/bin/env bash
# Spike IR written by hand, on a chip that knows nothing but binary spikes and
# fixed leaky integrate-and-fire neurons. The weights are drawn, not trained.
set -euo pipefail
cd "$(dirname "$0")/../.."
bin=${SYNFIRE_BIN:-build/bin}
out=${SYNFIRE_OUT:-out/examples}/03
mkdir -p "$out"
cp examples/03-accumulate-only/network.mlir "$out/"
/usr/bin/python3 examples/03-accumulate-only/make_weights.py "$out"

echo "What the compiler proves of each linear:"
"$bin/synfire-opt" "$out/network.mlir" --spike-quantize \
  --spike-classify-linears="weights=$out accumulator-bits=24" |
  grep 'spike.linear'

"$bin/synfire" compile "$out/network.mlir" --target loihi -o "$out/network.sfi"
"$bin/synfire" run "$out/network.sfi" --tokens "$out/tokens.npy" --mode prefill \
  --spikes -q -o "$out/run"
"$bin/synfire" reference "$out/network.mlir" --quantized "$out/network.sfi" \
  --tokens "$out/tokens.npy" --spikes -o "$out/reference.npz"

/usr/bin/python3 - "$out" <<'PY'
import json
import sys
import numpy as np
chip = np.load(f"{sys.argv[1]}/run/outputs.npz")
host = np.load(f"{sys.argv[1]}/reference.npz")
assert all(chip[n].tobytes() == host[n].tobytes() for n in host.files)
for name in host.files:
    if name.startswith("spikes/"):
        print(f"{name}: {chip[name].mean():.3f} of the neurons fire per token")
counts = json.load(open(f"{sys.argv[1]}/run/summary.json"))["synops"]["synaptic_events"]
skipped = counts["skipped_zero_weights"]
print(f"accumulates {counts['accumulate']:,}, "
      f"multiply-accumulates {counts['multiply_accumulate']:,}, "
      f"weights of zero passed over {skipped:,}")
# 128 weights per token, and 32 for every spike of the hidden layer.
expected = 128 * chip["tokens"].size + 32 * int(chip["spikes/hidden.lif"].sum())
assert counts["accumulate"] + skipped == expected
assert counts["multiply_accumulate"] == 0
PY
