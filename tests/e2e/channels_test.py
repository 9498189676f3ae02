"""Convolutions whose kernels no core holds: split by channels they spike as
they do whole, and the chip as the interpreter."""

import json
import unittest

import network_files
import numpy
import synfire_command as synfire

# Bytes of a core: less than the largest kernel takes, 288 rows of 16 bytes, or of
# three words of 64 bits.
SMALL = {"loihi2": 6900, "generic": 4500, "spinnaker2": 4500}


class Channels(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.folder = synfire.FOLDER / "channels"
        cls.folder.mkdir(exist_ok=True)
        cls.nir = network_files.wide(cls.folder / "wide.nir")
        cls.lava, bias = network_files.lava_wide(cls.folder / "wide.net")
        cls.bias = cls.folder / "bias.npy"
        numpy.save(cls.bias, bias)
        cls.events = cls.folder / "events.npy"
        drawn = numpy.random.RandomState(2).rand(2, 14, 3, 6, 5) < 0.3
        numpy.save(cls.events, drawn.astype(numpy.int8))

    def compile(self, model, target, bytes_, name, *options):
        image = self.folder / f"{name}.sfi"
        set_ = ("--set", f"core.unified_bytes={bytes_}") if bytes_ else ()
        said = synfire.run("compile", model, "--target", target, *set_,
                           *options, "-o", image)
        return image, said.stdout

    def run_chip(self, image, *options):
        out = self.folder / "run"
        synfire.run("run", image, *options, "--spikes", "-q", "-o", out)
        summary = json.loads((out / "summary.json").read_text())
        return synfire.outputs(out / "outputs.npz"), summary

    def reference(self, model, *options):
        out = self.folder / "reference.npz"
        synfire.run("reference", model, *options, "--spikes", "-o", out)
        return synfire.outputs(out)

    def test_a_nir_network(self):
        given = ("--events", self.events)
        for target, bytes_ in SMALL.items():
            learn = ("--calibrate", self.events, "--evaluate", self.events)
            whole, said = self.compile(self.nir, target, 0, "whole", *learn)
            self.assertNotIn("split", said)
            split, said = self.compile(self.nir, target, bytes_, "split",
                                       *learn)
            self.assertIn("'if2/0' to 'if2/1' of 8 channels each", said)
            wanted = self.reference(self.nir, "--quantized", split, *given)
            unsplit, counts = self.run_chip(whole, *given)
            for fidelity, threads in (("functional", "2"), ("analytic", "1"),
                                      ("event", "2")):
                ran, summary = self.run_chip(
                    split, *given, "--fidelity", fidelity, "--threads", threads)
                with self.subTest(target=target, fidelity=fidelity):
                    self.assertGreater(ran["spikes/if2"].sum(), 50)
                    self.assertEqual(synfire.same_bits(ran, wanted), [])
                    self.assertEqual(synfire.same_bits(ran, unsplit), [])
                    for key in ("synaptic_events", "neurobench"):
                        self.assertEqual(summary["synops"][key],
                                         counts["synops"][key])

    def test_a_lava_network_is_exact(self):
        given = ("--events", "none", "--steps", "40")
        wanted = self.reference(self.lava, "--bias", self.bias, *given)
        for target, bytes_ in SMALL.items():
            for reset in ((), ("--reset-every", "16")):
                if reset:
                    wanted_now = self.reference(self.lava, "--bias", self.bias,
                                                *reset, *given)
                    self.assertNotEqual(
                        synfire.same_bits(wanted, wanted_now), [])
                else:
                    wanted_now = wanted
                image, said = self.compile(self.lava, target, bytes_, "lava",
                                           "--bias", self.bias, *reset)
                self.assertIn("populations 'layer2/0'", said)
                ran, _ = self.run_chip(image, *given)
                with self.subTest(target=target, reset=reset):
                    self.assertGreater(ran["spikes/layer2"].sum(), 50)
                    self.assertEqual(synfire.same_bits(ran, wanted_now), [])

    def test_cores_with_whole_columns_of_their_channels(self):
        """Room for blocks of up to 4095 neurons, but not for a whole kernel."""
        net, bias = network_files.lava_many_channels(self.folder / "many.net")
        numpy.save(self.folder / "many.npy", bias)
        given = ("--bias", self.folder / "many.npy")
        steps = ("--events", "none", "--steps", "30")
        image, said = self.compile(net, "loihi2", 64 * 1024, "columns", *given,
                                   "--block-columns")
        self.assertIn("populations 'layer2/0'", said)
        blocks = json.loads(synfire.run("inspect", image, "--json").stdout)[
            "blocks"]
        parts = [b for b in blocks if b["population"].startswith("layer2/")]
        share = 64 // len({b["population"] for b in parts})
        self.assertLess(share, 64)
        for block in parts:  # columns of 6 places
            self.assertEqual(block["neurons"] % (6 * share), 0)
        ran, _ = self.run_chip(image, *steps)
        wanted = self.reference(net, *given, *steps)
        self.assertGreater(wanted["spikes/layer2"].sum(), 50)
        self.assertEqual(ran["logits"].tobytes(), wanted["logits"].tobytes())
        for layer in ("layer0", "layer1", "layer2"):
            whole = wanted[f"spikes/{layer}"]
            # Columns beyond the edge come last.
            self.assertTrue((ran[f"spikes/{layer}"][..., :whole.shape[-1]]
                             == whole).all(), layer)

    def test_a_readout_of_a_split_layer(self):
        split, _ = self.compile(self.nir, "generic", 4500, "split")
        read = ("--events", self.events, "--readout", "rate", "--readout-of",
                "if2")
        chip = synfire.run("run", split, *read, "-o", self.folder / "run")
        host = synfire.run("reference", self.nir, "--quantized", split, *read,
                           "-o", self.folder / "reference.npz")
        line, = [x for x in chip.stdout.splitlines() if "sequence 0" in x]
        self.assertIn(line, host.stdout)

    def test_an_output_stays_whole_and_says_so(self):
        nir = network_files.wide(self.folder / "ends.nir", ends="if2")
        said = synfire.run("compile", nir, "--target", "generic", "--set",
                           "core.unified_bytes=4500", "-o",
                           self.folder / "no.sfi", expect=3)
        self.assertIn("stays whole: 'if2' is the network's output", said.stderr)
        self.assertIn("put a smaller layer behind it", said.stderr)


if __name__ == "__main__":
    unittest.main()
