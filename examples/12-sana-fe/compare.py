"""Sets a run of the ring (4 layers of 64, 100 steps) beside what SANA-FE counted
for the same two files. Usage: compare.py RUN"""

import csv
import pathlib
import sys

# SANA-FE v2.2.1, commit 8951ab0: `sim arch.yaml ring.yaml 100`.
SANA_FE = {"neurons fired": 3392, "messages": 13568, "synaptic events": 217088,
           "soma, uJ": 1.916864, "network, uJ": 1.510664,
           "synapse and dendrite, uJ": 6.729728 + 0.1085440}
# Picojoules of make_ring.ARCH.
UPDATE, SPIKE, SYNAPSE = 47.0 + 19.0, 67.0, 31.0 + 0.5
OUT, IN, HOP = 103.0, 1.5, 4.5

total = {}
with (pathlib.Path(sys.argv[1]) / "stats.csv").open() as file:
    for row in csv.DictReader(file):
        if row["scope"] == "total":
            total[row["name"]] = float(row["value"])
count = total.__getitem__
OURS = {
    "neurons fired": count("spike_emit"),
    "messages": count("message_out"),
    "synaptic events": count("synapse_accumulate"),
    "soma, uJ": (count("neuron_update") * UPDATE
                 + count("spike_emit") * SPIKE) * 1e-6,
    "network, uJ": (count("message_out") * OUT + count("message_in") * IN
                    + count("hop_north_south") * HOP) * 1e-6,
    "synapse and dendrite, uJ": count("synapse_accumulate") * SYNAPSE * 1e-6,
}
print(f"{'':26}{'SANA-FE':>12}{'here':>12}")
for name, theirs in SANA_FE.items():
    digits = 6 if "uJ" in name else 0
    print(f"{name:26}{theirs:12.{digits}f}{OURS[name]:12.{digits}f}")
print("Synapses of the last step's spikes are looked up in the step after it: "
      "SANA-FE\ncounts them at once.")
same = all(OURS[name] == SANA_FE[name] for name in ("neurons fired", "messages"))
sys.exit(not same)
