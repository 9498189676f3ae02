"""Networks and architectures of SANA-FE: spikes, counts and energy against a
NumPy model of this file, and against what SANA-FE itself counted."""

import csv
import importlib.util
import json
import unittest

import numpy

import synfire_command as synfire

EXAMPLE = synfire.SOURCE / "examples/12-sana-fe/make_ring.py"
_spec = importlib.util.spec_from_file_location("make_ring", EXAMPLE)
make_ring = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(make_ring)

LAYERS, NEURONS, STEPS = 4, 64, 100
# SANA-FE v2.2.1, commit 8951ab0, `sim arch.yaml ring.yaml 100`.
SANA_FE = {"fired": 3392, "packets": 13568, "synaptic events": 217088,
           "energy": {"synapse": 6.729728e-06, "dendrite": 1.085440e-07,
                      "soma": 1.916864e-06, "network": 1.510664e-06}}
# Picojoules of make_ring.ARCH.
COSTS = {"message_in": 1.5, "synapse": 31.0, "dendrite": 0.5, "access": 47.0,
         "update": 19.0, "spike_out": 67.0, "message_out": 103.0,
         "hop_north_south": 4.5}


def ring_spikes(layers, neurons, steps):
    """[step, layer, neuron] of the ring, by its equations."""
    biases, weights = make_ring.ring(layers, neurons)
    biases = numpy.array(biases)
    # [layer it leads to][source, target]
    into = [numpy.array(weights[i - 1]).reshape(neurons, neurons)
            for i in range(layers)]
    potential = numpy.zeros((layers, neurons), numpy.int64)
    fired = numpy.zeros((layers, neurons), numpy.int64)
    out = []
    for _ in range(steps):
        arrived = numpy.stack([fired[i - 1] @ into[i] for i in range(layers)])
        potential += biases + arrived
        fired = (potential > make_ring.THRESHOLD).astype(numpy.int64)
        potential -= make_ring.THRESHOLD * fired
        out.append(fired)
    return numpy.stack(out)


def read_stats(out):
    values = {}
    with (out / "stats.csv").open() as file:
        for row in csv.DictReader(file):
            values.setdefault((row["scope"], row["instance"]), {})[
                row["name"]] = float(row["value"])
    return values


class Ring(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.folder = synfire.FOLDER / "sanafe"
        cls.folder.mkdir(exist_ok=True)
        (cls.folder / "arch.yaml").write_text(make_ring.ARCH)
        (cls.folder / "ring.yaml").write_text(
            make_ring.network(LAYERS, NEURONS))
        cls.chip = cls.folder / "chip.yaml"
        synfire.run("import-chip", cls.folder / "arch.yaml", "-o", cls.chip)
        cls.image = cls.compile("ring.yaml", "ring.sfi")
        cls.out = cls.simulate(cls.image, "run", "--fidelity", "analytic")
        cls.total = read_stats(cls.out)["total", ""]
        cls.wanted = ring_spikes(LAYERS, NEURONS, STEPS)

    @classmethod
    def compile(cls, network, image, *options):
        synfire.run("compile", cls.folder / network, "--target", cls.chip,
                    *options, "-q", "-o", cls.folder / image)
        return cls.folder / image

    @classmethod
    def simulate(cls, image, name, *options):
        out = cls.folder / name
        synfire.run("run", image, "--events", "none", "--steps", str(STEPS),
                    *options, "--spikes", "-q", "-o", out)
        return out

    def spikes_of(self, file):
        """[step, layer, neuron], put together from the cores."""
        ran = synfire.outputs(file)
        got = numpy.full((STEPS, LAYERS, NEURONS), -1)
        for layer, first, last, tile, core in make_ring.cores(LAYERS, NEURONS):
            got[:, layer, first:last + 1] = ran[
                f"spikes/l{layer}@{tile}.{core}"]
        return got

    def test_every_spike(self):
        numpy.testing.assert_array_equal(
            self.spikes_of(self.out / "outputs.npz"), self.wanted)

    def test_the_interpreter_gives_the_same(self):
        out = self.folder / "reference.npz"
        synfire.run("reference", self.folder / "ring.yaml", "--events", "none",
                    "--steps", str(STEPS), "--spikes", "-o", out)
        numpy.testing.assert_array_equal(self.spikes_of(out), self.wanted)

    def test_event_fidelity_and_threads_give_the_same(self):
        for name, *options in (("event", "--fidelity", "event"),
                               ("two", "--threads", "2")):
            out = self.simulate(self.image, name, *options)
            numpy.testing.assert_array_equal(
                self.spikes_of(out / "outputs.npz"), self.wanted)

    def test_counts(self):
        """A spike is sent in the step that fires it, and its synapses are
        looked up in the next one; SANA-FE counts both in the first."""
        fired = self.wanted.sum(axis=(1, 2))
        self.assertEqual(self.total["spike_emit"], fired.sum())
        self.assertEqual(self.total["message_out"], 4 * fired.sum())
        self.assertEqual(self.total["message_in"], 4 * fired.sum())
        self.assertEqual(self.total["synapse_accumulate"],
                         NEURONS * fired[:-1].sum())
        self.assertEqual(self.total["neuron_update"],
                         STEPS * LAYERS * NEURONS)

    def test_the_counts_of_sana_fe(self):
        fired = self.wanted.sum()
        self.assertEqual(fired, SANA_FE["fired"])
        self.assertEqual(self.total["message_out"], SANA_FE["packets"])
        longer = self.folder / "longer"
        synfire.run("run", self.image, "--events", "none", "--steps",
                    str(STEPS + 1), "--fidelity", "functional", "-q", "-o",
                    longer)
        total = read_stats(longer)["total", ""]
        self.assertEqual(total["synapse_accumulate"],
                         SANA_FE["synaptic events"])

    def test_energy_by_hand(self):
        fired = self.wanted.sum(axis=(1, 2))
        # Layer i lies on tile i, in the column 0; the last leads back.
        by_layer = self.wanted.sum(axis=(0, 2))
        hops = 4 * sum(int(by_layer[i]) * abs((i + 1) % LAYERS - i)
                       for i in range(LAYERS))
        packets = 4 * int(fired.sum())
        soma = (STEPS * LAYERS * NEURONS * (COSTS["access"] + COSTS["update"])
                + int(fired.sum()) * COSTS["spike_out"])
        network = (packets * (COSTS["message_in"] + COSTS["message_out"])
                   + hops * COSTS["hop_north_south"])
        synapse = int(fired[:-1].sum()) * NEURONS * (
            COSTS["synapse"] + COSTS["dendrite"])
        self.assertEqual(self.total["hop_north_south"], hops)
        self.assertEqual(self.total.get("hop_east_west", 0), 0)
        summary = json.loads((self.out / "summary.json").read_text())
        total = summary["energy"]["total_pj"]["nominal"]
        self.assertAlmostEqual(total / (soma + network + synapse), 1, delta=1e-12)
        # The same formulas give what SANA-FE printed, with its seven digits.
        last = int(fired[-1]) * NEURONS
        for name, joules in (
                ("soma", soma), ("network", network),
                ("synapse", SANA_FE["synaptic events"] * COSTS["synapse"]),
                ("dendrite", SANA_FE["synaptic events"] * COSTS["dendrite"])):
            self.assertAlmostEqual(
                joules * 1e-12 / SANA_FE["energy"][name], 1, delta=1e-6,
                msg=name)
        self.assertEqual(self.total["synapse_accumulate"] + last,
                         SANA_FE["synaptic events"])

    def test_the_mapping_is_the_files(self):
        inspected = json.loads(
            synfire.run("inspect", self.image, "--json").stdout)
        lies = {b["population"]: (b["core"], b["neurons"])
                for b in inspected["blocks"]}
        # Tile i of a mesh of 4 rows lies at column i / 4, row i mod 4; cores
        # are numbered router by router, row by row.
        for layer, first, last, tile, core in make_ring.cores(LAYERS, NEURONS):
            router = tile % 4 * 2 + tile // 4
            self.assertEqual(lies[f"l{layer}@{tile}.{core}"],
                             (router * 4 + core, last - first + 1))
        self.assertEqual(len(lies), 4 * LAYERS)

    def test_without_a_mapping_ours_is_made(self):
        image = self.compile("ring.yaml", "ours.sfi", "--ignore-mapping")
        ran = synfire.outputs(self.simulate(image, "ours") / "outputs.npz")
        for layer in range(LAYERS):
            numpy.testing.assert_array_equal(ran[f"spikes/l{layer}"],
                                             self.wanted[:, layer])

    def test_a_core_that_is_not_there(self):
        text = (self.folder / "ring.yaml").read_text()
        (self.folder / "far.yaml").write_text(text.replace("core: 3.3",
                                                           "core: 8.3"))
        done = synfire.run("compile", self.folder / "far.yaml", "--target",
                           self.chip, "-o", self.folder / "far.sfi", expect=3)
        self.assertIn("lower-core", done.stderr)

    def test_a_core_that_is_full(self):
        done = synfire.run("compile", self.folder / "ring.yaml", "--target",
                           self.chip, "--set", "core.neurons=15", "-o",
                           self.folder / "full.sfi", expect=3)
        self.assertIn("core.neurons", done.stderr)

    def test_names_of_files_and_units_are_any_text(self):
        file = self.folder / 'an "arch".yaml'
        file.write_text(make_ring.ARCH.replace(
            "- name: lif", '- {name: "other\\nname", attributes: {}}\n'
            "            - name: lif"))
        out = self.folder / "quoted.yaml"
        done = synfire.run("import-chip", file, "--soma", "lif", "-o", out)
        self.assertIn("other", done.stderr)
        self.assertIn("neuron_update", synfire.run("targets", out).stdout)


# Every kind of edge and of reset; the equations are those of SanaNet.h, in
# binary64, written once more below.
ODD = """\
network:
  name: odd
  groups:
    - name: in
      neurons:
        - 0: [spikes: [1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 1, 1]]
        - 1: {rate: 0.5}
        - 2: [spikes: [0, 0, 1, 1, 1, 1]]
    - name: a
      attributes: {threshold: 3.5, leak_decay: 0.75}
      neurons:
        - 0: {reset_mode: soft}
        - 1: {reset: -1.25, refractory_delay: 3}
        - 2: {bias: 0.5, reverse_threshold: -2.0, reverse_reset_mode: saturate}
        - 3: {reset_mode: none, leak_decay: 0.5}
    - name: b
      attributes: {threshold: 1.0, input_decay: 0.3, leak_decay: 0.9}
      neurons: [0..1: []]
  edges:
    - in -> a: {type: dense, weight: [1.5, 2, -1, 1, 2.5, 2, 6, 0.5, -3, 4, -2, 1.5]}
    - a.0 -> a.2: {weight: -4}
    - a.1 -> a.0: {weight: 1, delay: 2}
    - a -> b: {type: sparse, source_target_pairs: [[0, 0], [1, 1], [3, 0], [2, 1]], weight: [1.4, 1.4, -0.7, 2.1]}
"""


def odd_spikes(steps):
    """[step, neuron] of groups a and b, one neuron after the other."""
    weights = numpy.array([[1.5, 2, -1, 1], [2.5, 2, 6, 0.5], [-3, 4, -2, 1.5]])
    given = [[1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 1, 1], None, [0, 0, 1, 1, 1, 1]]
    a = [dict(t=3.5, leak=0.75, mode="soft"),
         dict(t=3.5, leak=0.75, mode="hard", reset=-1.25, rest=3),
         dict(t=3.5, leak=0.75, mode="hard", bias=0.5, low=-2.0),
         dict(t=3.5, leak=0.5, mode="none")]
    b = [dict(t=1.0, leak=0.9, mode="hard", keep=0.3) for _ in range(2)]
    neurons = a + b
    v, i, rest = [0.0] * 6, [0.0] * 6, [0] * 6
    sent = []  # [step][in 0..2, a 0..3, b 0..1]
    out = []

    def before(step, source):
        return sent[step][source] if step >= 0 else 0

    for step in range(steps):
        arrived = [sum(weights[s][n] * before(step - 1, s) for s in range(3))
                   for n in range(4)] + [0.0, 0.0]
        arrived[2] += -4 * before(step - 1, 3)
        arrived[0] += before(step - 3, 4)
        arrived[4] += 1.4 * before(step - 1, 3) - 0.7 * before(step - 1, 6)
        arrived[5] += 1.4 * before(step - 1, 4) + 2.1 * before(step - 1, 5)
        fired = []
        for n, k in enumerate(neurons):
            i[n] *= k.get("keep", 0)
            v[n] = numpy.trunc(v[n] * k["leak"] * 64) / 64
            fires = False
            if rest[n] == 0:
                i[n] += arrived[n]
                v[n] += k.get("bias", 0) + i[n]
                fires = v[n] > k["t"]
                if fires and k["mode"] == "hard":
                    v[n] = k.get("reset", 0)
                elif fires and k["mode"] == "soft":
                    v[n] -= k["t"]
                if fires:
                    rest[n] = k.get("rest", 0)
                if "low" in k and v[n] < k["low"]:
                    v[n] = k["low"]
            rest[n] = max(0, rest[n] - 1)
            fired.append(int(fires))
        sent.append([int(step < len(g) and g[step]) if g else
                     int((step + 1) % 2 == 0) for g in given] + fired)
        out.append(fired)
    return numpy.array(out)


class Odd(unittest.TestCase):

    def test_every_kind_of_neuron_and_edge(self):
        folder = synfire.FOLDER / "sanafe_odd"
        folder.mkdir(exist_ok=True)
        file = folder / "odd.yaml"
        file.write_text(ODD)
        wanted = odd_spikes(12)
        for target in ("generic", "tiny"):
            image = folder / f"{target}.sfi"
            synfire.run("compile", file, "--target", target, "-q", "-o", image)
            out = folder / target
            synfire.run("run", image, "--events", file, "--spikes", "-q", "-o",
                        out)
            ran = synfire.outputs(out / "outputs.npz")
            got = numpy.zeros((12, 6), int)
            # Neurons of `a` differ in how they reset: soft, hard and resting,
            # hard and saturating, none.
            for column, name in enumerate(("a", "a/1", "a/2", "a/3")):
                got[:, column] = ran[f"spikes/{name}"][:, 0]
            got[:, 4:] = ran["spikes/b"]
            numpy.testing.assert_array_equal(got, wanted)
        self.assertGreater(wanted.sum(axis=0).min(), 0)

    def spikes_of(self, groups, edges, steps):
        """What `groups` with `edges` (YAML) spike, by the interpreter."""
        folder = synfire.FOLDER / "sanafe_few"
        folder.mkdir(exist_ok=True)
        file, out = folder / "few.yaml", folder / "few.npz"
        file.write_text(f"network: {{name: few, groups: {groups}, "
                        f"edges: {edges}}}")
        given = file if "rate" in groups else "none"
        synfire.run("reference", file, "--events", given, "--steps", steps,
                    "--spikes", "-o", out)
        return synfire.outputs(out)

    def test_potentials_do_not_wrap(self):
        """600 steps of the largest bias are 2^33 in units of 1/64."""
        for sign in (1, -1):
            ran = self.spikes_of(
                "[{name: a, attributes: {threshold: 100, reset_mode: none, "
                f"bias: {sign * 262144}}}, neurons: [0]}}]", "[]", 600)
            self.assertEqual(ran["spikes/a"].sum(), 600 if sign > 0 else 0)

    def test_currents_that_stay_do_not_wrap(self):
        ran = self.spikes_of(
            "[{name: in, attributes: {rate: 1}, neurons: [0]}, "
            "{name: a, attributes: {threshold: 100, input_decay: 1}, "
            "neurons: [0]}]", "[in.0 -> a.0: {weight: 131072}]", 600)
        self.assertEqual(ran["spikes/a"].sum(), 599)

    def test_a_group_called_as_the_inputs(self):
        ran = self.spikes_of(
            "[{name: in, attributes: {rate: 1.0e-30}, neurons: [0]}, "
            "{name: inputs, attributes: {threshold: 1, bias: 2}, "
            "neurons: [0]}]", "[in.0 -> inputs.0: {weight: -4}]", 5)
        self.assertEqual(ran["spikes/inputs/0"].sum(), 5)


if __name__ == "__main__":
    unittest.main()
