"""What goes into a graph and comes out: several inputs and outputs, NIRData
files, and readouts."""

import unittest

import network_files
import numpy
import synfire_command as synfire

STEPS = 24


class Events(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.folder = synfire.FOLDER / "events"
        cls.folder.mkdir(exist_ok=True)
        cls.net = network_files.two_of_each(cls.folder / "two.nir")
        draw = numpy.random.RandomState(2)
        cls.image = draw.rand(STEPS, 2, 4, 3) < 0.4
        cls.more = draw.rand(STEPS, 4) < 0.4
        cls.given = []
        for name, values in (("image", cls.image), ("more", cls.more)):
            path = cls.folder / f"{name}.npy"
            numpy.save(path, values.astype(numpy.int8))
            cls.given += ["--events", f"{name}={path}"]
        cls.wanted = cls.reference(*cls.given)

    @classmethod
    def reference(cls, *options, expect=0):
        out = cls.folder / "out.npz"
        done = synfire.run("reference", cls.net, *options, "--spikes", "-o",
                           out, expect=expect)
        return synfire.outputs(out) if expect == 0 else done.stderr

    def test_two_inputs_and_two_outputs_on_the_chip(self):
        self.assertGreater(self.wanted["spikes/if"].sum(), 50)
        self.assertGreater(self.wanted["spikes/lif"].sum(), 20)
        for name in ("image", "more"):
            silent = [f"{name}=none" if part.startswith(f"{name}=") else part
                      for part in self.given]
            other = self.reference(*silent)
            self.assertTrue((other["logits"] != self.wanted["logits"]).any())
        for target in ("loihi2", "generic", "spinnaker2"):
            image, out = self.folder / "two.sfi", self.folder / "run"
            synfire.run("compile", self.net, "--target", target, "-q", "-o",
                        image)
            wanted = self.reference(*self.given, "--quantized", image)
            synfire.run("run", image, *self.given, "--spikes", "-q", "-o", out)
            ran = synfire.outputs(out / "outputs.npz")
            with self.subTest(target=target):
                self.assertEqual(synfire.same_bits(ran, wanted), [])

    def test_grids_are_what_arrays_are(self):
        """Two samples; neurons of an image are channel, y, x."""
        data = network_files.write_data(
            self.folder / "grid.nir",
            image=numpy.stack([self.image, ~self.image]).reshape(2, STEPS, 24),
            more=numpy.stack([self.more, ~self.more]))
        ran = self.reference("--events", data)
        self.assertEqual(ran["logits"].shape, (2, STEPS, 5))
        self.assertEqual(ran["logits"][0].tobytes(),
                         self.wanted["logits"].tobytes())
        self.assertTrue((ran["logits"][1] != ran["logits"][0]).any())

    def test_timed_events_are_what_arrays_are(self):
        events = [(i, step * 1e-4 + 3e-5) for step, i in
                  numpy.argwhere(self.image.reshape(STEPS, 24))]
        data = network_files.write_data(self.folder / "timed.nir",
                                        image=(STEPS * 1e-4, 24, [events]))
        # A sample is a sequence of several, an array the only one.
        self.assertIn("1 sequences for", self.reference(
            "--events", f"image={data}", *self.given[2:], expect=2))
        more = network_files.write_data(self.folder / "more.nir",
                                        more=self.more[None])
        ran = self.reference("--events", f"image={data}#image/spikes",
                             "--events", f"more={more}")
        self.assertEqual(ran["logits"].tobytes(),
                         self.wanted["logits"].tobytes())

    def test_what_is_missing_is_named(self):
        for options, text in (
                (self.given[:2], "more: error: this input has no file"),
                (["--events", self.given[1].split("=")[1]],
                 "the network reads events at"),
                (self.given + ["--events", "other=none"], "other=none"),
                (["--events", "none"], "silence has no length")):
            with self.subTest(options=options):
                self.assertIn(text, self.reference(*options, expect=2))
        data = network_files.write_data(self.folder / "other.nir",
                                        a=self.more[None], b=self.more[None])
        said = self.reference("--events", f"more={data}", "--events",
                              "image=none", expect=2)
        self.assertIn("a/spikes, b/spikes", said)
        said = self.reference("--events", f"more={data}#a/spikes", "--events",
                              "image=none", "--dt", "5e-5", expect=2)
        self.assertIn("[events-dt]", said)

    def test_a_file_for_all_inputs_names_them_all(self):
        """Data of one input are not another's, though the sizes would fit."""
        lif = network_files.neurons("LIF", (4,), tau=1e-3, r=10.0, v_leak=0.0,
                                    v_threshold=1.0)
        net = network_files.write_nir(self.folder / "alike.nir", {
            "a": network_files.port("Input", 4),
            "b": network_files.port("Input", 4), "lif": lif,
            "out": network_files.port("Output", 4),
        }, [("a", "lif"), ("b", "lif"), ("lif", "out")])
        data = network_files.write_data(self.folder / "only.nir",
                                        a=self.more[None])
        for events, text in ((data, "which data are for 'b'"),
                             (f"{data}#a/spikes", "INPUT=FILE")):
            said = synfire.run("reference", net, "--events", events, "-o",
                               self.folder / "no.npz", expect=2)
            self.assertIn(text, said.stderr)

    def test_sizes_that_make_no_sense_are_refused(self):
        for data in (self.more[None][:0], self.more[None][:, :0],
                     (6e3, 4, [[(0, 0.1)]] * 10)):
            path = network_files.write_data(self.folder / "size.nir", more=data)
            said = self.reference("--events", f"more={path}", "--events",
                                  "image=none", expect=2)
            self.assertRegex(said, r"\[events-(shape|steps)\]")
        # Nor has a network without inputs any number of steps.
        net, _ = network_files.lava_integrators(self.folder / "if.net")
        said = synfire.run("reference", net, "--events", "none", "--steps",
                           10**14, "-o", self.folder / "no.npz", expect=2)
        self.assertIn("[events-steps]", said.stderr)

    def test_readouts(self):
        spikes = self.wanted["spikes/lif"].reshape(3, 8, 5)
        out = self.folder / "readout.npz"

        def read(*options):
            said = synfire.run("reference", self.net, *self.given, "--readout",
                               *options, "-o", out).stdout
            ran = synfire.outputs(out)
            return said, ran["readout/choice"], ran["readout/figures"]

        said, choice, figures = read("rate", "--window", "8")
        numpy.testing.assert_allclose(figures, spikes.mean(axis=1), rtol=1e-6)
        self.assertEqual(choice.tolist(),
                         spikes.sum(axis=1).argmax(axis=1).tolist())
        self.assertIn(f"window 1  neuron {choice[1]}", said)
        _, choice, figures = read("first-spike", "--window", "8")
        first = numpy.where(spikes.any(axis=1), spikes.argmax(axis=1), 8)
        self.assertEqual(figures.tolist(), first.tolist())
        self.assertEqual(choice.tolist(), first.argmin(axis=1).tolist())
        _, choice, figures = read("value", "--record-membrane")
        self.assertEqual(figures.tolist(),
                         synfire.outputs(out)["logits"][-1:].tolist())
        _, _, figures = read("rate", "--readout-of", "if")
        numpy.testing.assert_allclose(
            figures[0], self.wanted["spikes/if"].mean(axis=0), rtol=1e-6)
        said = self.reference(*self.given, "--readout", "rate", "--readout-of",
                              "none", expect=2)
        self.assertIn("there are", said)

    def test_the_chip_reads_out_the_same(self):
        image, out = self.folder / "read.sfi", self.folder / "read"
        synfire.run("compile", self.net, "--target", "generic", "-q", "-o",
                    image)
        file = self.folder / "quantised.npz"
        options = (*self.given, "--readout", "rate", "--window", "6")
        synfire.run("reference", self.net, "--quantized", image, *options, "-o",
                    file)
        synfire.run("run", image, *options, "-q", "-o", out)
        ran, wanted = (synfire.outputs(path)
                       for path in (out / "outputs.npz", file))
        self.assertEqual(synfire.same_bits(ran, wanted), [])


if __name__ == "__main__":
    unittest.main()
