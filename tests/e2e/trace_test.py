"""Traces of other frameworks beside a run (--compare), and a graph beside its
checkpoint (--beside)."""

import unittest

import network_files
import numpy
import synfire_command as synfire

GOLDEN = synfire.shared("golden/nir")

# The published trace of each preset: file, what its membranes are multiplied
# with, and how many steps late they are.
PUBLISHED = {
    "norse": ("norse", 1, 0), "snntorch": ("snntorch", 25, 0),
    "sinabs": ("sinabs", 1, 0), "rockpool": ("rockpool", 1, 0),
    "lava": ("lava_cpu_float", 1, 1), "spyx": ("spyx", 1, 0),
}


def options(scale, late):
    return "--trace-scale", scale, "--trace-late", late


class Trace(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.folder = synfire.FOLDER / "trace"
        cls.folder.mkdir(exist_ok=True)
        cls.net = network_files.write_nir(cls.folder / "lif.nir", {
            "in": network_files.port("Input", 2),
            # Weights that 8 bits hold.
            "fc": network_files.affine([[1, -1], [0, 2]], [0, 0.5]),
            "lif": network_files.neurons("LIF", (2,), tau=2.5e-3, r=1.0,
                                         v_leak=0.0, v_threshold=0.1),
            "out": network_files.port("Output", 2),
        }, [("in", "fc"), ("fc", "lif"), ("lif", "out")])
        # The equation of docs/networks.md, forward Euler, reset to zero.
        cls.given = (numpy.random.RandomState(5).rand(300, 2) < 0.1)
        v, rows = numpy.zeros(2), []
        for given in cls.given:
            x = numpy.array([[1, -1], [0, 2]]) @ given + [0, 0.5]
            v = v + 0.04 * (x - v)
            spikes = v > numpy.float32(0.1)
            v = numpy.where(spikes, 0, v)
            rows.append([*given, *v, *spikes])
        cls.trace = numpy.array(rows, dtype=float)
        cls.file = cls.write("lif.csv", cls.trace)

    @classmethod
    def write(cls, name, trace):
        path = cls.folder / name
        numpy.savetxt(path, trace, delimiter=",")
        return path

    def reference(self, compared, *more, expect=0, net=None):
        return synfire.run("reference", net or self.net, "--events", self.file,
                           "--compare", compared, *more, "-o",
                           self.folder / "out.npz", expect=expect)

    def test_the_interpreter_equals_the_equation(self):
        said = self.reference(self.file).stdout
        self.assertGreater(self.trace[:, 4:].sum(), 20)
        self.assertIn(f"spikes    {self.trace[:, 4:].sum():.0f} here, "
                      f"{self.trace[:, 4:].sum():.0f} in the trace, 0 differ",
                      said)
        self.assertIn("rule      preset default, dt 0.0001", said)

    def test_the_chip_equals_the_equation(self):
        for target in ("loihi2", "generic"):
            image = self.folder / "lif.sfi"
            synfire.run("compile", self.net, "--target", target,
                        "--record-membrane", "--calibrate", self.file,
                        "--evaluate", self.file, "-q", "-o", image)
            said = synfire.run("run", image, "--events", self.file, "--compare",
                               self.file, "-q", "-o", self.folder / "run")
            self.assertIn("0 differ", said.stdout)
            self.assertIn("0 beyond 1e-06", said.stdout)
        # Without membranes there is nothing to compare them with.
        synfire.run("compile", self.net, "--target", "generic", "-q", "-o",
                    image)
        said = synfire.run("run", image, "--events", self.file, "--compare",
                           self.file, "-q", "-o", self.folder / "run", expect=2)
        self.assertIn("--record-membrane", said.stderr)

    def test_a_changed_spike_is_found(self):
        trace = self.trace.copy()
        trace[200, 5] = 1 - trace[200, 5]
        said = self.reference(self.write("spike.csv", trace), expect=1)
        self.assertIn("first at step 200, neuron 1", said.stdout)
        self.assertIn("1 spikes differ", said.stderr)
        self.assertIn("[trace-spikes]", said.stderr)
        self.assertNotIn("[trace-membrane]", said.stderr)

    def test_a_changed_membrane_is_found(self):
        trace = self.trace.copy()
        trace[100, 2] += 1e-3
        path = self.write("membrane.csv", trace)
        said = self.reference(path, expect=1)
        self.assertIn("largest error 0.001 at step 100, neuron 0; 1 beyond",
                      said.stdout)
        self.assertIn("[trace-membrane]", said.stderr)
        self.reference(path, "--tolerance", "2e-3")

    def test_scale_and_lateness_are_taken_out(self):
        trace = self.trace.copy()
        trace[:, 2:4] *= 25
        trace[1:, 2:4] = trace[:-1, 2:4]
        path = self.write("late.csv", trace)
        self.reference(path, *options(25, 1))
        self.reference(path, *options(25, 0), expect=1)
        self.reference(path, *options(1, 1), expect=1)

    def test_a_silent_run_has_membranes(self):
        net = network_files.write_nir(self.folder / "silent.nir", {
            "in": network_files.port("Input", 2),
            "lif": network_files.neurons("LIF", (2,), tau=2.5e-3, r=1.0,
                                         v_leak=0.0, v_threshold=0.1),
            "out": network_files.port("Output", 2),
        }, [("in", "lif"), ("lif", "out")])
        path = self.write("silent.csv", [[0, 0, 0.05, 0, 0, 0]] * 4)
        said = synfire.run("reference", net, "--events", path, "--compare",
                           path, "-o", self.folder / "out.npz", expect=1)
        self.assertIn("[trace-membrane]", said.stderr)

    def test_a_trace_is_read_before_the_run(self):
        out = self.folder / "never.npz"
        said = synfire.run("reference", self.net, "--events", self.file,
                           "--compare", self.folder / "nobody.csv", "-o", out,
                           expect=2)
        self.assertIn("nobody.csv", said.stderr)
        self.assertFalse(out.exists())

    def test_another_rule_is_no_match(self):
        said = self.reference(self.file, "--preset", "sinabs", expect=1)
        self.assertIn("preset sinabs", said.stdout)

    def test_what_cannot_be_compared_is_refused(self):
        trace = self.trace.copy()
        trace[7, 1] = 1 - trace[7, 1]
        said = self.reference(self.write("other.csv", trace), expect=1)
        self.assertIn("[trace-input]", said.stderr)
        said = self.reference(self.write("narrow.csv", trace[:, :5]), expect=2)
        self.assertIn("6 are needed", said.stderr)
        path = self.write("broken.csv", trace)
        path.write_text(path.read_text().replace(",", ";", 1))
        self.assertIn("[trace-format]", self.reference(path, expect=2).stderr)
        for nothing in (("--trace-late", len(trace)), ("--trace-scale", 0)):
            said = self.reference(self.file, *nothing, expect=2)
            self.assertIn("[trace-shape]", said.stderr)
        said = self.reference(self.file, "--trace-population", "none", expect=2)
        self.assertIn("[trace-shape]", said.stderr)

    @unittest.skipUnless(GOLDEN.exists(), "the NIR files are not here")
    def test_published_traces(self):
        for preset, (name, scale, late) in PUBLISHED.items():
            trace = GOLDEN / f"traces/lif_{name}.csv"
            with self.subTest(preset=preset):
                said = synfire.run(
                    "reference", GOLDEN / "lif_norse.nir", "--preset", preset,
                    "--events", trace, "--compare", trace,
                    *options(scale, late), "-o", self.folder / "out.npz")
                self.assertIn("4 here, 4 in the trace, 0 differ", said.stdout)
                self.assertIn(" 0 beyond 1e-06", said.stdout)

    @unittest.skipUnless(GOLDEN.exists(), "the NIR files are not here")
    def test_a_graph_equals_its_checkpoint(self):
        events = self.folder / "braille.npy"
        numpy.save(events, numpy.zeros((4, 12), numpy.int8))
        net = GOLDEN / "braille_noDelay_bias_zero.nir"
        out = self.folder / "out.npz"
        said = synfire.run("reference", net, "--events", events, "--beside",
                           GOLDEN / "braille_noDelay_bias_zero.pt", "-o", out)
        self.assertIn("lif1.w_rec.weight = lif1.recurrent.weight", said.stderr)
        said = synfire.run("reference", net, "--events", events, "--beside",
                           GOLDEN / "cnn_ann_weights.pth", "-o", out, expect=2)
        self.assertIn("'fc1.weight' equals no tensor", said.stderr)
        self.assertIn("[nir-beside]", said.stderr)


if __name__ == "__main__":
    unittest.main()
