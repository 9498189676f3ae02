"""Counts close, and energy is count x cost: checked from the files that a run
leaves and the chip's own table, without the report's code."""

import collections
import csv
import functools
import json
import unittest

import numpy

import synfire_command as synfire

TARGETS = ("loihi2", "tiny")


def read_run(target, mode="generate"):
    out = synfire.FOLDER / f"accounting_{target}_{mode}"
    if not out.exists():
        synfire.run("run", synfire.image(target), "--tokens",
                    synfire.tokens(), "--mode", mode, "--fidelity", "analytic",
                    "--spikes", "-o", out)
    values = collections.defaultdict(dict)
    with (out / "stats.csv").open() as file:
        for row in csv.DictReader(file):
            values[row["scope"], row["instance"]][row["name"]] = float(
                row["value"])
    return out, values


@functools.cache
def costs(target):
    """Action -> nominal energy in pJ, from `synfire targets`."""
    rows = json.loads(synfire.run("targets", target, "--json").stdout)["rows"]
    return {
        row["key"].split(".")[1]: float(row["value"].split()[0])
        for row in rows if row["key"].endswith(".energy_pj")
    }


def actions(values):
    """The counters of one instance that a cost row belongs to."""
    return {k: v for k, v in values.items() if k in costs("generic")}


class Accounting(unittest.TestCase):

    def test_every_event_arrives(self):
        for target in TARGETS:
            _, values = read_run(target)
            sent = 0
            for (scope, name), v in values.items():
                if scope != "stream":
                    continue
                with self.subTest(target=target, stream=name):
                    self.assertEqual(v["dropped"], 0)
                    self.assertEqual(v["copies"],
                                     v["received"] + v["host_received"])
                    sent += v["copies"]
            self.assertGreater(sent, 10000)

    def test_sent_events_are_the_recorded_ones(self):
        out, values = read_run("loihi2")
        arrays = synfire.outputs(out / "outputs.npz")
        compared = 0
        for name, array in arrays.items():
            stream = values.get(("stream", name.removeprefix("spikes/")))
            # What only enters a sum is emitted, but is no event.
            if (not name.startswith("spikes/") or
                    name.endswith((".sq", ".reduced"))):
                continue
            self.assertEqual(stream["events"], numpy.count_nonzero(array), name)
            compared += 1
        self.assertGreater(compared, 30)

    def test_rows_times_columns_are_the_synaptic_events(self):
        image = json.loads(
            synfire.run("inspect", synfire.image("loihi2"), "--json").stdout)
        columns = {t["connection"]: t["of_cols"] for t in image["tiles"]}
        whole = {t["connection"] for t in image["tiles"]
                 if t["cols"] == t["of_cols"]}
        _, values = read_run("loihi2")
        compared = 0
        for (scope, name), v in values.items():
            if scope == "connection" and name in whole:
                self.assertEqual(
                    v["row_events"] * columns[name],
                    v.get("synapse_accumulate", 0) +
                    v.get("synapse_multiply_accumulate", 0) +
                    v.get("skipped_zero_weights", 0), name)
                compared += 1
        self.assertGreater(compared, 5)

    def test_cores_add_up_to_the_total(self):
        for target in TARGETS:
            _, values = read_run(target)
            total = values["total", ""]
            sums = collections.Counter()
            for (scope, _), v in values.items():
                if scope == "core":
                    sums.update(actions(v))
            for name in ("synapse_multiply_accumulate", "synapse_accumulate",
                         "neuron_update", "instruction_multiply",
                         "message_in", "axon_lookup", "direct_write"):
                self.assertEqual(sums[name], total.get(name, 0), name)

    def test_energy_is_count_times_cost(self):
        for target in TARGETS:
            out, values = read_run(target)
            cost, total = costs(target), values["total", ""]
            expected = sum(count * cost[name]
                           for name, count in actions(total).items()
                           if name in cost)
            summary = json.loads((out / "summary.json").read_text())
            components = summary["energy"]["by_component_pj"]
            dynamic = sum(c["nominal"] for name, c in components.items()
                          if name != "static")
            self.assertGreater(dynamic, 0)
            self.assertAlmostEqual(dynamic / expected, 1, places=9)

    def test_events_do_not_depend_on_the_mode(self):
        for target in TARGETS:
            generate, prefill = (read_run(target, mode)[1]
                                 for mode in ("generate", "prefill"))
            for key, v in generate.items():
                if key[0] in ("stream", "connection", "core"):
                    for name, value in v.items():
                        if not name.startswith(("energy", "busy_", "blocked")):
                            self.assertEqual(value, prefill[key][name],
                                             (key, name))


if __name__ == "__main__":
    unittest.main()
