"""Networks of NIR files that other frameworks wrote: what they spike, and that
the chip gives the same bits as the interpreter (R3 = R2)."""

import unittest

import network_files
import numpy
import synfire_command as synfire

SHIPPED = synfire.SOURCE / "examples/11-nir"
GOLDEN = synfire.shared("golden/nir")

# Spike steps of lif_norse.nir by the rules of each framework.
SPIKES = {
    "norse": [460, 510, 710, 760], "snntorch": [460, 510, 710, 760],
    "sinabs": [450, 500, 710, 760], "rockpool": [450, 500, 710, 760],
    "lava": [461, 511, 711, 761], "spyx": [461, 511, 711, 761],
}
TARGETS = ("loihi2", "generic", "spinnaker2")


class Nir(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.folder = synfire.FOLDER / "nir"
        cls.folder.mkdir(exist_ok=True)

    def events(self, name, shape, rate, seed):
        path = self.folder / f"{name}.npy"
        drawn = numpy.random.RandomState(seed).rand(*shape) < rate
        numpy.save(path, drawn.astype(numpy.int8))
        return path

    def test_shipped_files_are_what_their_generator_writes(self):
        for name in ("convolutional", "recurrent"):
            copies = []
            drawn = getattr(network_files, name)(self.folder / f"{name}.nir")
            for file in (drawn, SHIPPED / f"{name}.nir"):
                copies.append(self.folder / f"{len(copies)}.nir")
                synfire.run("export", file, "-o", copies[-1])
            self.assertEqual(*(copy.read_bytes() for copy in copies), name)
        numpy.testing.assert_allclose(
            numpy.loadtxt(SHIPPED / "recurrent.csv", delimiter=","),
            network_files.recurrent_trace(), rtol=0, atol=1e-8)

    @unittest.skipUnless(GOLDEN.exists(), "the NIR files are not here")
    def test_one_neuron_by_the_rules_of_each_framework(self):
        trace = numpy.loadtxt(GOLDEN / "traces/lif_norse.csv", delimiter=",")
        steps = numpy.round(trace[:, 0]).astype(numpy.int8)
        path = self.folder / "lif.npy"
        numpy.save(path, steps[:, None])
        for preset, expected in SPIKES.items():
            out = self.folder / "lif.npz"
            synfire.run("reference", GOLDEN / "lif_norse.nir", "--preset",
                        preset, "--events", path, "--spikes", "-o", out)
            ran = numpy.load(out)
            name, = [n for n in ran.files if n.startswith("spikes/")]
            with self.subTest(preset=preset):
                self.assertEqual(numpy.nonzero(ran[name])[0].tolist(), expected)

    def same_bits(self, model, events):
        """R3 = R2 on three targets, at all fidelities, on 1 and 2 threads."""
        for target in TARGETS:
            image = self.folder / f"{target}.sfi"
            synfire.run("compile", model, "--target", target, "--calibrate",
                        events, "--evaluate", events, "-q", "-o", image)
            wanted = self.folder / f"{target}.npz"
            synfire.run("reference", model, "--quantized", image, "--events",
                        events, "--spikes", "-o", wanted)
            wanted = numpy.load(wanted)
            for fidelity, threads in (("functional", "2"), ("analytic", "1"),
                                      ("event", "2")):
                out = self.folder / f"{target}-{fidelity}"
                synfire.run("run", image, "--events", events, "--fidelity",
                            fidelity, "--threads", threads, "--spikes", "-q",
                            "-o", out)
                ran = numpy.load(out / "outputs.npz")
                with self.subTest(target=target, fidelity=fidelity):
                    spikes = [n for n in wanted.files if n in ran.files]
                    self.assertGreater(len(spikes), 2)
                    for name in spikes:
                        self.assertEqual(ran[name].tobytes(),
                                         wanted[name].tobytes(), name)

    def test_a_drawn_convolutional_network_on_the_chip(self):
        self.same_bits(
            SHIPPED / "convolutional.nir", self.events("small", (16, 2, 8, 6), 0.3, 3))

    def test_a_drawn_recurrent_network_on_the_chip(self):
        self.same_bits(SHIPPED / "recurrent.nir",
                       self.events("hears", (60, 6), 0.3, 4))

    @unittest.skipUnless(GOLDEN.exists(), "the NIR files are not here")
    def test_a_convolutional_network_on_the_chip(self):
        self.same_bits(GOLDEN / "cnn_sinabs.nir",
                       self.events("cnn", (12, 2, 34, 34), 0.2, 1))

    @unittest.skipUnless(GOLDEN.exists(), "the NIR files are not here")
    def test_a_recurrent_network_on_the_chip(self):
        self.same_bits(GOLDEN / "braille_noDelay_bias_zero.nir",
                       self.events("braille", (64, 12), 0.1, 2))

    def test_options_of_other_files_are_refused(self):
        lava, bias = network_files.lava_integrators(self.folder / "if.net")
        out = self.folder / "no.npz"
        for net, option, owner in (
                (SHIPPED / "recurrent.nir", ("--reset-every", "4"), ".net"),
                (SHIPPED / "recurrent.nir", ("--arch", "spikegpt"), "checkpoints"),
                (SHIPPED / "recurrent.nir", ("--head", "mlm"), "checkpoints"),
                (lava, ("--beside", "nobody.pt"), ".nir"),
                (lava, ("--ignore-mapping",), ".yaml")):
            with self.subTest(option=option):
                said = synfire.run("reference", net, *option, "--events",
                                   "none", "--steps", "2", "-o", out, expect=2)
                self.assertIn(f"{option[0]}: error: it is an option of {owner}",
                              said.stderr)

    def test_a_step_takes_time(self):
        """Also where no neuron asks for it."""
        net = network_files.write_nir(self.folder / "threshold.nir", {
            "input": network_files.port("Input", 2),
            "threshold": {"type": "Threshold",
                          "threshold": network_files.array([0.5, 0.5])},
            "output": network_files.port("Output", 2),
        }, [("input", "threshold"), ("threshold", "output")])
        for step, code in (("0", 2), ("-1", 2), ("nan", 2), ("1", 0)):
            synfire.run("reference", net, "--dt", step, "--events", "none",
                        "--steps", "2", "-o", self.folder / "out.npz",
                        expect=code)


if __name__ == "__main__":
    unittest.main()
