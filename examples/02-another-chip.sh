#!/usr/bin/env bash
# One network, four chips: two shipped ones, and one of them with other numbers.
# What a token takes is read from each run's summary.json.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=${SYNFIRE_BIN:-build/bin}
out=${SYNFIRE_OUT:-out/examples}/02
mkdir -p "$out"

# try NAME TARGET [--set KEY=VALUE ...]
try() {
  local name=$1
  shift
  "$bin/synfire" compile models/shakespeare/shakespeare.pth -q --target "$@" \
    -o "$out/$name.sfi"
  "$bin/synfire" run "$out/$name.sfi" --prompt "ROMEO:" --generate 60 -q \
    -o "$out/$name"
}
try generic generic
try small-cores generic --set core.unified_bytes=32KiB
try unicast generic --set core.unified_bytes=32KiB --set noc.multicast=false
try tiny tiny

/usr/bin/python3 - "$out" <<'PY'
import json
import sys
print(f"{'chip':12} {'cores':>6} {'chips':>6} {'us/token':>9} {'uJ/token':>9} {'dynamic':>9}")
texts = set()
for name in ("generic", "small-cores", "unicast", "tiny"):
    summary = json.load(open(f"{sys.argv[1]}/{name}/summary.json"))
    mode = next(m for m in summary["modes"] if m["mode"] == "generate")
    print(f"{name:12} {summary['fit']['cores']:6} {summary['fit']['chips']:6}"
          f" {mode['time_per_token_ns'] / 1e3:9.1f}"
          f" {mode['energy_per_token_pj']['nominal'] / 1e6:9.2f}"
          f" {mode['dynamic_energy_per_token_pj']['nominal'] / 1e6:9.2f}")
    manifest = json.load(open(f"{sys.argv[1]}/{name}/manifest.json"))
    texts |= {o["hash"] for o in manifest["outputs"] if o["name"] == "outputs.npz"}
print(f"tokens and logits of the runs: {'equal' if len(texts) == 1 else 'DIFFERENT'}")
sys.exit(len(texts) != 1)
PY
