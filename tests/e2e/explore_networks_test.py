"""`synfire explore` on networks of other people: convolutions, delays, resets,
several inputs, events of the host, sweeps. Every point of a study has the
figures of a run of its own on that chip, to the digit."""

import csv
import importlib.util
import json
import sys
import unittest

import network_files
import numpy
import synfire_command as synfire

PILOTNET = synfire.SOURCE / "models/pilotnet"
NIR = synfire.SOURCE / "examples/11-nir"
SPIKELM = synfire.SOURCE / "models/shakespeare-spikelm"
CLOCKS = "  - {key: noc.clock_mhz, values: [20, 1000]}\n"
HOPS = "  - {key: noc.hop_ns.north_south, values: [5, 500]}\n"


def rows(folder):
    with open(folder / "results.csv", newline="") as file:
        return list(csv.DictReader(file))


def summary(folder):
    return json.loads((folder / "summary.json").read_text())


class ExploreNetworks(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.folder = synfire.FOLDER / "networks"
        cls.folder.mkdir(exist_ok=True)

    def events(self, name, shape, rate=0.2):
        path = self.folder / f"{name}.npy"
        drawn = numpy.random.RandomState(7).rand(*shape) < rate
        numpy.save(path, drawn.astype(numpy.int8))
        return path

    def explore(self, name, entry, target, axes, more=""):
        # A file of the network's own name would be its card.
        path = self.folder / f"study_{name}.yaml"
        path.write_text(f"version: 1\nmodels:\n  - {{{entry}}}\n"
                        f"target: {target}\naxes:\n{axes}{more}")
        out = self.folder / name
        synfire.run("explore", path, "-o", out, "--jobs", 2)
        return out

    def check(self, out, model, options, given):
        """Every point of `out` against a run of its own."""
        found = rows(out)
        self.assertEqual({row["status"] for row in found}, {"done"})
        study = json.loads((out / "manifest.json").read_text())["study"]
        self.assertLess(study["network_runs"], study["points"])
        for row in found:
            folder = out / "points" / row["point"]
            image, run = (self.folder / f"{row['point']}{end}"
                          for end in (".sfi", ".run"))
            synfire.run("compile", model, "--target", folder / "config.yaml",
                        *options, "-q", "-o", image)
            synfire.run("run", image, *given, "--mode", "prefill", "-q", "-o",
                        run)
            point, whole = summary(folder), summary(run)
            with self.subTest(point=row["point"]):
                self.assertEqual(point["tokens"], whole["run"]["tokens"])
                self.assertGreater(point["synaptic_events"], 0)
                told = whole["synops"]["synaptic_events"]
                self.assertEqual(point["synaptic_events"],
                                 told["accumulate"] +
                                 told["multiply_accumulate"])
                own = next(m for m in whole["modes"]
                           if m["mode"] == "prefill")
                self.assertEqual([m["mode"] for m in point["modes"]],
                                 ["prefill"])
                for key in ("ticks", "time_per_token_ns", "tokens_per_s",
                            "energy_per_token_pj",
                            "dynamic_energy_per_token_pj"):
                    self.assertEqual(point["modes"][0][key], own[key], key)
        return found

    def test_pilotnet(self):
        bias = PILOTNET / "image.npy"
        out = self.explore(
            "pilotnet", f"path: {PILOTNET}/network.net, bias: {bias}, "
            "reset_every: 17, block_columns: true, events: none, steps: 6",
            "loihi2", "  - {key: core.skips_zero_weights, "
            "values: [false, true]}\n" + HOPS)
        found = self.check(
            out, PILOTNET / "network.net",
            ("--bias", bias, "--reset-every", 17, "--block-columns"),
            ("--events", "none", "--steps", 6))
        # Clocks change nothing that is counted, weights of zero do.
        self.assertEqual(len({r["synaptic_events"] for r in found}), 2)

    def test_delays(self):
        net = self.folder / "delayed.net"
        _, image = network_files.lava_delayed(net)
        bias = self.folder / "delayed.npy"
        numpy.save(bias, image)
        out = self.explore(
            "delayed", f"path: {net}, bias: {bias}, events: none, steps: 40",
            "generic", "  - {key: noc.multicast, values: [true, false]}\n"
            + CLOCKS)
        self.check(out, net, ("--bias", bias),
                   ("--events", "none", "--steps", 40))

    def test_nir(self):
        trace = NIR / "recurrent.csv"
        out = self.explore(
            "recurrent", f"path: {NIR}/recurrent.nir, events: {trace}, "
            f"calibrate: {trace}", "[loihi2, generic]",
            "  - {key: core.buffered_sums, values: [true, false]}\n")
        found = rows(out)
        self.assertEqual(len(found), 4)
        self.check(out, NIR / "recurrent.nir", ("--calibrate", trace),
                   ("--events", trace))
        # Two sequences, and a longer silence behind each.
        events = self.events("frames", (2, 9, 2, 8, 6))
        out = self.explore(
            "convolutional",
            f"path: {NIR}/convolutional.nir, events: {events}, steps: 12",
            "generic", CLOCKS + "  - {key: core.neurons, values: [256, 64]}\n")
        self.check(out, NIR / "convolutional.nir", (),
                   ("--events", events, "--steps", 12))

    def test_several_inputs(self):
        net = self.folder / "two.nir"
        network_files.two_of_each(net)
        files = {name: self.events(f"two_{name}", (10, *shape), 0.4)
                 for name, shape in (("image", (2, 4, 3)), ("more", (4,)))}
        told = ", ".join(f"{n}: {f}" for n, f in files.items())
        out = self.explore("two", f"path: {net}, events: {{{told}}}",
                           "generic", CLOCKS)
        given = [a for n, f in files.items() for a in ("--events", f"{n}={f}")]
        self.check(out, net, (), given)

    def test_sana_fe(self):
        spec = importlib.util.spec_from_file_location(
            "make_ring", synfire.SOURCE / "examples/12-sana-fe/make_ring.py")
        make_ring = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(make_ring)
        sys.argv = ["make_ring", str(self.folder), "--neurons", "32"]
        make_ring.main()
        chip = self.folder / "chip.yaml"
        synfire.run("import-chip", self.folder / "arch.yaml", "-o", chip)
        # As a file says it, and as options do.
        out = self.explore(
            "ring_study", f"path: {self.folder}/ring.yaml, events: none, "
            "steps: 30", chip, HOPS)
        found = self.check(out, self.folder / "ring.yaml", (),
                           ("--events", "none", "--steps", 30))
        direct = self.folder / "ring_direct"
        synfire.run("explore", self.folder / "ring.yaml", "--target", chip,
                    "--events", "none", "--steps", 30, "--axis",
                    "noc.hop_ns.north_south=5,500", "-o", direct)
        self.assertEqual([r["point"] for r in rows(direct)],
                         [r["point"] for r in found])

    def test_sweeps(self):
        model = SPIKELM / "spikelm.pth"
        out = self.explore(
            "spikelm", f"path: {model}", "generic", CLOCKS,
            "modes: [prefill]\ntokens: 20\n"
            f"text: {self.tokens((2, 10))}\n")
        self.check(out, model, (), ("--tokens", self.tokens((2, 10))))

    def tokens(self, shape):
        path = self.folder / "ids.npy"
        numpy.save(path, numpy.random.RandomState(3).randint(
            8, 40, shape).astype(numpy.int64))
        return path

    def test_what_is_missing_is_told(self):
        net, trace = NIR / "recurrent.nir", NIR / "recurrent.csv"
        out = self.folder / "refused"

        def refused(*arguments):
            return synfire.run("explore", *arguments, "-o", out,
                               expect=2).stderr

        self.assertIn("--target", refused(net))
        self.assertIn("events", refused(net, "--target", "generic"))
        self.assertIn("steps", refused(net, "--target", "generic", "--events",
                                       "none"))
        self.assertIn("noc.clock_mhz", refused(
            net, "--target", "generic", "--events", trace, "--axis",
            "noc.clock_mzh=1"))
        self.assertIn("--axis", refused(net, "--target", "generic", "--events",
                                        trace, "--axis", "noc.clock_mhz"))
        study = self.folder / "options.yaml"
        study.write_text(f"version: 1\nmodels: [{{path: {net}, events: {trace},"
                         " preset: nobody}]\ntarget: generic\n")
        self.assertIn("--target", refused(study, "--target", "generic"))
        self.assertIn("--preset", refused(study))
        self.assertIn("no such", refused(self.folder / "nothing.nir"))
        self.assertFalse(out.exists())


if __name__ == "__main__":
    unittest.main()
