#!/usr/bin/env bash
# Compiles the shipped network for Loihi 2, lets the chip write, and checks that
# the chip computes what the host computes: the same bits.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=${SYNFIRE_BIN:-build/bin}
out=${SYNFIRE_OUT:-out/examples}/01
mkdir -p "$out"
model=models/shakespeare/shakespeare.pth

"$bin/synfire" compile "$model" --target loihi2 -o "$out/model.sfi"
"$bin/synfire" run "$out/model.sfi" --prompt "ROMEO:" --generate 100 -o "$out/write"

# Both read the same text: the chip from its image, the host from the checkpoint
# with the scales that the image carries.
head -c 200 models/shakespeare/evaluate.txt >"$out/text.txt"
"$bin/synfire" run "$out/model.sfi" --text "$out/text.txt" --mode prefill \
  --spikes -q -o "$out/read"
"$bin/synfire" reference "$model" --quantized "$out/model.sfi" \
  --tokens "$out/text.txt" --spikes -o "$out/reference.npz"

# Debian's Python, which has NumPy.
/usr/bin/python3 - "$out/read/outputs.npz" "$out/reference.npz" <<'PY'
import sys
import numpy as np
chip, host = np.load(sys.argv[1]), np.load(sys.argv[2])
differ = [n for n in host.files if chip[n].tobytes() != host[n].tobytes()]
print(f"{len(host.files)} arrays compared, {len(differ)} differ")
sys.exit(differ != [])
PY
