#!/usr/bin/env bash
# Does LLaMA, coded by spikes, or BERT-base fit these chips? From sizes alone:
# no weights, no calibration, seconds each. SIZES="7b 13b 70b" asks about more.
set -euo pipefail
cd "$(dirname "$0")/../.."
bin=${SYNFIRE_BIN:-build/bin}
out=${SYNFIRE_OUT:-out/examples}/09
mkdir -p "$out"
rm -f "$out"/*.json

# ask NAME TARGET OPTION...: answers are tabulated, also "it does not fit".
ask() {
  local name=$1 target=$2
  shift 2
  "$bin/synfire" fit "$@" --target "$target" --json >"$out/$name-$target.json" \
    2>"$out/why.txt" || [ $? -eq 3 ]
  # A chip that lacks what the network needs at all gives no sizes.
  if [ ! -s "$out/$name-$target.json" ]; then
    cat "$out/why.txt" >&2
    rm "$out/$name-$target.json"
  fi
}
for target in ${TARGETS:-loihi2 spinnaker2 generic}; do
  ask spikelm-base-8 "$target" --model-shape spikelm-base
  for size in ${SIZES:-7b}; do
    for bits in 2 4; do
      ask "spikellm-$size-$bits" "$target" --model-shape "spikellm-$size" \
        --weight-bits "$bits"
    done
  done
done
/usr/bin/python3 examples/09-published-sizes/table.py "$out"
