#!/usr/bin/env bash
# One study instead of many runs: 81 chips, one table, one page, a Pareto front.
set -euo pipefail
cd "$(dirname "$0")/../.."
bin=${SYNFIRE_BIN:-build/bin}
out=${SYNFIRE_OUT:-out/examples}/05
rm -rf "$out"

"$bin/synfire" explore examples/05-explore/study.yaml -o "$out" --jobs 2

/usr/bin/python3 - "$out" <<'PY'
import csv
import json
import sys
rows = list(csv.DictReader(open(f"{sys.argv[1]}/results.csv")))
keys = ("noc.link_width_bits", "noc.clock_mhz", "noc.cores_per_router",
        "core.unified_bytes")
print("On the front:")
print(f"{'bits':>5} {'MHz':>5} {'cores/router':>12} {'memory':>7}"
      f" {'cores':>5} {'uJ/token':>9} {'tokens/s':>9}")
for row in rows:
    if row["pareto"] == "yes":
        print(f"{row[keys[0]]:>5} {row[keys[1]]:>5} {row[keys[2]]:>12}"
              f" {row[keys[3]]:>7} {row['cores']:>5} {float(row['generate_energy_per_token_uJ']):9.2f}"
              f" {float(row['generate_tokens_per_s']):9.0f}")
study = json.load(open(f"{sys.argv[1]}/manifest.json"))["study"]
print(f"{study['done']} points from {study['compiled_images']} images and"
      f" {study['network_runs']} runs of the network")
# What a network does depends on neither links nor clocks.
events = {row["synaptic_events"] for row in rows}
sys.exit(len(rows) != 81 or study["done"] != 81 or len(events) != 1)
PY
