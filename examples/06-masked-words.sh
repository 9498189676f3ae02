#!/usr/bin/env bash
# A spiking BERT fills in characters that are missing from a line of text.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=${SYNFIRE_BIN:-build/bin}
out=${SYNFIRE_OUT:-out/examples}/06
mkdir -p "$out"

"$bin/synfire" compile models/shakespeare-spikelm/spikelm.pth --target loihi2 \
  -q -o "$out/model.sfi"
"$bin/synfire" run "$out/model.sfi" --fill "What is th_ matter, my l_rd? I kn_w not." \
  -o "$out/run"
