"""A Lava-DL network with strides, groups, dilation, biases and axonal delays
against its equations in NumPy, and the chip against the interpreter."""

import unittest

import lava_numpy
import network_files
import numpy
import synfire_command as synfire

STEPS = 90


def channels_first(spikes, shape):
    """Our columns first, [step, (x, y, c)], as channel, y, x."""
    channels, height, width = shape
    columns = spikes.reshape(len(spikes), width, height, channels)
    return columns.transpose(0, 3, 2, 1).reshape(len(spikes), -1)


class Lava(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.folder = synfire.FOLDER / "lava"
        cls.folder.mkdir(exist_ok=True)
        cls.net = cls.folder / "net.net"
        cls.layers, image = network_files.lava_delayed(cls.net)
        cls.bias = cls.folder / "bias.npy"
        numpy.save(cls.bias, image)
        cls.wanted = lava_numpy.run(cls.layers, image, STEPS)

    def reference(self, net, *options):
        out = self.folder / "out.npz"
        synfire.run("reference", net, "--bias", self.bias, "--events", "none",
                    "--steps", str(STEPS), *options, "--spikes", "-o", out)
        return synfire.outputs(out)

    def test_every_spike(self):
        ran = self.reference(self.net)
        for index, (spikes, _, _) in self.wanted.items():
            ours = channels_first(ran[f"spikes/layer{index}"],
                                  self.layers[index]["shape"])
            with self.subTest(layer=index):
                self.assertGreater(spikes.sum(), 10)
                self.assertLess(spikes.mean(), 0.9)
                self.assertEqual(int((ours != spikes).sum()), 0)

    def test_u_and_v_of_every_layer(self):
        """Those of the last layer are recorded: networks cut behind each."""
        for index, (_, u, v) in self.wanted.items():
            net = self.folder / f"cut{index}.net"
            network_files.lava_delayed(net, layers=index + 1)
            ran = self.reference(net)
            for state, wanted in (("u", u), ("v", v)):
                ours = channels_first(ran[f"spikes/layer{index}.{state}"],
                                      self.layers[index]["shape"])
                with self.subTest(layer=index, state=state):
                    self.assertTrue((ours == wanted).all())

    def test_a_delay_matters(self):
        """Without them the spikes are others."""
        undelayed = [{**layer, "delay": 0} for layer in self.layers]
        other = lava_numpy.run(undelayed, numpy.load(self.bias), STEPS)
        for index in (1, 2, 4, 5):
            self.assertTrue((other[index][0] != self.wanted[index][0]).any())

    def test_the_chip_gives_the_same_bits(self):
        wanted = self.reference(self.net)
        for target in ("loihi2", "generic", "spinnaker2"):
            image = self.folder / f"{target}.sfi"
            synfire.run("compile", self.net, "--bias", self.bias, "--target",
                        target, "-q", "-o", image)
            for fidelity, threads in (("functional", "2"), ("event", "1")):
                out = self.folder / "run"
                synfire.run("run", image, "--events", "none", "--steps",
                            str(STEPS), "--fidelity", fidelity, "--threads",
                            threads, "--spikes", "-q", "-o", out)
                ran = synfire.outputs(out / "outputs.npz")
                with self.subTest(target=target, fidelity=fidelity):
                    self.assertEqual(synfire.same_bits(ran, wanted), [])

    def test_delays_within_a_channel_before_a_convolution_are_refused(self):
        net = self.folder / "mixed.net"
        tree = {str(i): {key: value if key == "type" else
                         network_files.lava_neuron(*value) if key == "neuron"
                         else network_files.whole(value)
                         for key, value in layer.items()}
                for i, layer in enumerate(self.layers)}
        tree["0"]["delay"] = network_files.whole(numpy.arange(252) % 3)
        network_files.write(net, {"layer": tree})
        said = synfire.run("reference", net, "--bias", self.bias, "--events",
                           "none", "--steps", "2", "-o",
                           self.folder / "no.npz", expect=2)
        self.assertIn("channels with one delay each", said.stderr)
        self.assertIn("[lava-import]", said.stderr)

    def test_an_image_holds_biases(self):
        large = numpy.load(self.bias)
        large.flat[5] = 2**23
        numpy.save(self.folder / "large.npy", large)
        said = synfire.run("reference", self.net, "--bias",
                           self.folder / "large.npy", "--events", "none",
                           "--steps", "2", "-o", self.folder / "no.npz",
                           expect=2)
        self.assertIn("has the value 8388608", said.stderr)


if __name__ == "__main__":
    unittest.main()
