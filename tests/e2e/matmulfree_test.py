"""The MatMul-free language model: the float network (R1) is what a NumPy
program written from the equations says, and R3 = R2 bit for bit."""

import itertools
import json
import subprocess
import unittest

import matmulfree_numpy
import numpy
import synfire_command as synfire

TARGETS = (("loihi2",), ("generic",), ("tiny",))
VOCABULARY, TOKENS = 40, 24


class MatMulFree(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.folder = synfire.FOLDER / "matmulfree"
        cls.folder.mkdir(exist_ok=True)
        cls.model = cls.folder / "small.safetensors"
        cls.make("f32", cls.model)
        cls.ids = numpy.random.RandomState(3).randint(0, VOCABULARY, TOKENS)
        cls.tokens = cls.folder / "tokens.npy"
        numpy.save(cls.tokens, cls.ids)
        cls.tensors = matmulfree_numpy.read_safetensors(cls.model)

    @classmethod
    def make(cls, dtype, path):
        subprocess.run(
            [synfire.BINARY.parent / "synfire-make-matmulfree", "--blocks", "3",
             "--width", "48", "--hidden", "96", "--vocabulary",
             str(VOCABULARY), "--seed", "5", "--dtype", dtype, "-o", path],
            check=True, capture_output=True, timeout=60)

    def logits(self, model, *options):
        out = self.folder / "reference.npz"
        synfire.run("reference", model, "--tokens", self.tokens, *options, "-o",
                    out)
        return synfire.outputs(out)["logits"]

    def image(self, target, *options):
        path = self.folder / f"{'_'.join((target, *options))}.sfi"
        if not path.exists():
            synfire.run("compile", self.model, "--target", target,
                        "--calibrate", self.tokens, *options, "-o", path)
        return path

    def test_r1_is_the_equations(self):
        network = matmulfree_numpy.MatMulFree(self.tensors)
        expected = network.run(self.ids)
        numpy.testing.assert_allclose(self.logits(self.model), expected,
                                      rtol=0, atol=1e-4)
        # The state matters: without it, later tokens come out differently.
        alone = network.run(self.ids[-1:])
        self.assertGreater(numpy.abs(alone[0] - expected[-1]).max(), 0.01)

    def test_half_precision_weights(self):
        path = self.folder / "half.safetensors"
        self.make("f16", path)
        tensors = matmulfree_numpy.read_safetensors(path)
        numpy.testing.assert_allclose(
            self.logits(path),
            matmulfree_numpy.MatMulFree(tensors).run(self.ids), rtol=0,
            atol=1e-4)

    def test_fixed_scales_cost_about_as_much_as_those_of_each_token(self):
        exact = matmulfree_numpy.MatMulFree(self.tensors).run(self.ids)
        rounded = matmulfree_numpy.MatMulFree(
            self.tensors, matmulfree_numpy.round_to_8_bits).run(self.ids)
        quantised = self.logits(self.model, "--quantized",
                                self.image("loihi2"))

        def error(logits):
            return numpy.sqrt(numpy.mean((logits - exact)**2)) / exact.std()

        print(f"relative error of logits: 8 bits with a scale per token "
              f"{error(rounded):.4f}, fixed scales {error(quantised):.4f}")
        self.assertLess(error(quantised), 3 * error(rounded))

    def test_r3_equals_r2(self):
        for target, *options in (*TARGETS, ("loihi2", "--spread", "1")):
            image = self.image(target, *options)
            reference = self.folder / "r2.npz"
            synfire.run("reference", self.model, "--quantized", image,
                        "--tokens", self.tokens, "--spikes", "-o", reference)
            r2 = synfire.outputs(reference)
            for mode, threads in itertools.product(("generate", "prefill"),
                                                   (1, 2)):
                with self.subTest(target=target, options=options, mode=mode,
                                  threads=threads):
                    out = self.folder / "run"
                    synfire.run("run", image, "--tokens", self.tokens, "--mode",
                                mode, "--threads", threads, "--spikes", "-o",
                                out)
                    r3 = synfire.outputs(out / "outputs.npz")
                    self.assertEqual(synfire.same_bits(r2, r3), [])

    def test_spread_uses_more_cores(self):
        cores = [json.loads(synfire.run("inspect", image, "--json").stdout)
                 ["cores_used"] for image in (
                     self.image("loihi2"),
                     self.image("loihi2", "--spread", "1"))]
        self.assertGreater(cores[1], 4 * cores[0])

    def test_zero_weights_are_counted(self):
        """A chip that skips them does the effective operations only."""
        out = self.folder / "counted"
        synfire.run("run", self.image("loihi2"), "--tokens", self.tokens, "-o",
                    out)
        synops = json.loads((out / "summary.json").read_text())["synops"]
        events = synops["synaptic_events"]
        fetched = (events["multiply_accumulate"] +
                   events["skipped_zero_weights"])
        effective = synops["neurobench"]
        self.assertEqual(
            events["multiply_accumulate"] + events["spike_driven"],
            effective["Effective_MACs"] + effective["Effective_ACs"])
        matrices = matmulfree_numpy.MatMulFree(self.tensors).matrices.values()
        used = (sum(numpy.count_nonzero(m) for m in matrices) /
                sum(m.size for m in matrices))
        self.assertAlmostEqual(used, 0.69, delta=0.02)
        self.assertAlmostEqual(
            synops["neurobench"]["Effective_MACs"] / fetched, used, delta=0.01)


if __name__ == "__main__":
    unittest.main()
