#!/usr/bin/env bash
# Three published spiking language models on one chip, each beside the dense
# network of its size: one table, as Markdown and as a page.
set -euo pipefail
cd "$(dirname "$0")/../.."
bin=${SYNFIRE_BIN:-build/bin}
out=${SYNFIRE_OUT:-out/examples}/08
mkdir -p "$out"

# read_text NAME MODEL INPUT...: compile, and let the chip read.
read_text() {
  local name=$1 model=$2
  shift 2
  "$bin/synfire" compile "$model" --target loihi2 -q -o "$out/$name.sfi"
  "$bin/synfire" run "$out/$name.sfi" "$@" --mode prefill -q -o "$out/$name"
}
head -c 128 models/shakespeare/evaluate.txt >"$out/text.txt"
read_text spikegpt models/shakespeare/shakespeare.pth --text "$out/text.txt"
read_text spikelm models/shakespeare-spikelm/spikelm.pth \
  --tokens models/shakespeare-spikelm/evaluate.npy \
  --mask models/shakespeare-spikelm/evaluate-mask.npy
read_text spikellm models/shakespeare-spikellm/spikellm.pth --text "$out/text.txt"

/usr/bin/python3 examples/08-compare/compare.py "$out"/spikegpt/summary.json \
  "$out"/spikelm/summary.json "$out"/spikellm/summary.json -o "$out/table"
