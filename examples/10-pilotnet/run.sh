#!/usr/bin/env bash
# A network that Intel trained for Loihi 2 (models/pilotnet), on our Loihi 2:
# every spike of every layer is compared with the published traces, and cores,
# time and energy with the log of the chip.
set -euo pipefail
cd "$(dirname "$0")/../.."
bin=${SYNFIRE_BIN:-build/bin}
out=${SYNFIRE_OUT:-out/examples}/10
mkdir -p "$out"
rm -rf "$out/run"

# One frame, held as biases; layers begin anew one after the other, as in the
# traces. Cores hold whole blocks of columns, as Intel's tools lay them out.
"$bin/synfire" compile models/pilotnet/network.net --target loihi2 \
  --bias models/pilotnet/image.npy --reset-every 17 --block-columns \
  -o "$out/pilotnet.sfi"
"$bin/synfire" run "$out/pilotnet.sfi" --events none --steps 24 --spikes \
  -o "$out/run"
/usr/bin/python3 examples/10-pilotnet/compare.py "$out/run/outputs.npz"

# What the chip's log says of cores, time and energy, beside ours.
rm -rf "$out/hardware" && mkdir "$out/hardware"
/usr/bin/python3 examples/10-pilotnet/hardware.py "$bin" "$out/hardware"
