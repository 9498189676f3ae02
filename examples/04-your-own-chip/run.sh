#!/usr/bin/env bash
# A chip described in a file: compile for it, run, and see what one more number
# on the command line changes.
set -euo pipefail
cd "$(dirname "$0")/../.."
bin=${SYNFIRE_BIN:-build/bin}
out=${SYNFIRE_OUT:-out/examples}/04
chip=examples/04-your-own-chip/chip.yaml
mkdir -p "$out"

"$bin/synfire" targets "$chip" | grep -E '^(core.unified_bytes|noc|costs.(static|synapse_mul))'
"$bin/synfire" compile models/shakespeare/shakespeare.pth --target "$chip" \
  -o "$out/model.sfi"
"$bin/synfire" run "$out/model.sfi" --prompt "ROMEO:" --generate 60 -o "$out/run"

# Too small on purpose: the command says what does not fit and exits with 3.
code=0
"$bin/synfire" compile models/shakespeare/shakespeare.pth --target "$chip" \
  --set noc.width=1 --set noc.height=1 --set system.max_chips=1 \
  --set system.grid_width=1 -o "$out/none.sfi" || code=$?
test "$code" = 3
test ! -e "$out/none.sfi"
