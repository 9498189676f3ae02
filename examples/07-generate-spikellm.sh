#!/usr/bin/env bash
# A LLaMA whose matrices read spike codes writes, letter by letter. Keys are
# coded token by token, so that nothing has to see the future.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=${SYNFIRE_BIN:-build/bin}
out=${SYNFIRE_OUT:-out/examples}/07
mkdir -p "$out"

"$bin/synfire" compile models/shakespeare-spikellm/spikellm.pth --target loihi2 \
  -q -o "$out/model.sfi"
"$bin/synfire" run "$out/model.sfi" --prompt "ROMEO:" --generate 60 -o "$out/run"
