"""NIR files that `synfire export` writes: read again, they are the same
network, spike for spike."""

import unittest

import network_files
import numpy
import synfire_command as synfire

GOLDEN = synfire.shared("golden/nir")


class Export(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.folder = synfire.FOLDER / "export"
        cls.folder.mkdir(exist_ok=True)

    def run_of(self, network, *options):
        out = self.folder / "out.npz"
        synfire.run("reference", network, *options, "--spikes", "-o", out)
        return synfire.outputs(out)

    def check_same(self, network, shape, rate=0.3):
        """The exported network gives the same spikes and values."""
        events = self.folder / "events.npy"
        drawn = numpy.random.RandomState(1).rand(*shape) < rate
        numpy.save(events, drawn.astype(numpy.int8))
        copy = self.folder / f"copy-of-{network.name}"
        synfire.run("export", network, "-o", copy)
        again = self.folder / "again.nir"
        synfire.run("export", copy, "-o", again)
        self.assertEqual(copy.read_bytes(), again.read_bytes())
        options = ("--events", events)
        one, other = (self.run_of(n, *options) for n in (network, copy))
        self.assertEqual(synfire.same_bits(one, other), [])
        return sum(one[name].sum() for name in one if name.startswith("spikes"))

    def test_drawn_networks(self):
        net = network_files.convolutional(self.folder / "conv.nir")
        self.assertGreater(self.check_same(net, (20, 2, 8, 6)), 200)
        net = network_files.recurrent(self.folder / "recurrent.nir")
        self.assertGreater(self.check_same(net, (60, 6)), 100)

    @unittest.skipUnless(GOLDEN.exists(), "the NIR files are not here")
    def test_published_networks(self):
        for name, shape, rate in (
                ("lif_norse.nir", (300, 1), 0.5),
                ("cnn_sinabs.nir", (6, 2, 34, 34), 0.2),
                ("braille_noDelay_bias_zero.nir", (64, 12), 0.3)):
            with self.subTest(name=name):
                self.assertGreater(
                    self.check_same(GOLDEN / name, shape, rate), 0)

    def test_a_lava_network_without_decay(self):
        """Where no state is cut, NIR says all: the same spikes everywhere."""
        net, image = network_files.lava_integrators(self.folder / "if.net")
        biases, events = self.folder / "bias.npy", self.folder / "held.npy"
        numpy.save(biases, image)
        numpy.save(events, numpy.broadcast_to(image, (40, *image.shape)))
        copy = self.folder / "lava.nir"
        said = synfire.run("export", net, "--dt", "1e-3", "-o", copy)
        self.assertIn("a spike may differ", said.stderr)
        lava = self.run_of(net, "--bias", biases, "--events", "none", "--steps",
                           "40")
        nir = self.run_of(copy, "--dt", "1e-3", "--input-bits", "16",
                          "--events", events)
        for layer in ("layer0", "layer1", "layer3"):
            name = f"spikes/{layer}"
            self.assertGreater(lava[name].sum(), 20, layer)
            self.assertTrue((lava[name] == nir[name]).all(), layer)

    def test_what_nir_does_not_say_is_refused(self):
        said = synfire.run("export", synfire.MODEL, "-o",
                           self.folder / "no.nir", expect=2)
        self.assertIn("NIR has no word for", said.stderr)
        net = network_files.recurrent(self.folder / "recurrent.nir")
        said = synfire.run("export", net, "--dt", "1e-3", "-o",
                           self.folder / "no.nir", expect=2)
        self.assertIn("--dt: error", said.stderr)
        self.assertFalse((self.folder / "no.nir").exists())


if __name__ == "__main__":
    unittest.main()
