"""SpikeLM and SpikeLLM: R3 = R2, bit for bit, and what quantising costs."""

import itertools
import json
import unittest

import numpy
import synfire_command as synfire

TARGETS = ("loihi2", "generic", "spinnaker2")
BERT = synfire.SOURCE / "models/shakespeare-spikelm/spikelm.pth"
LLAMA = synfire.SOURCE / "models/shakespeare-spikellm/spikellm.pth"
FIDELITIES = (("functional", 1), ("analytic", 2), ("event", 1))


class Ladder(unittest.TestCase):

    def compiled(self, model, target, *options):
        name = "_".join((model.stem, target, *options)).replace("/", "_")
        path = synfire.FOLDER / f"{name}.sfi"
        if not path.exists():
            synfire.run("compile", model, "--target", target, *options, "-o",
                        path)
        return path

    def saved(self, name, array):
        path = synfire.FOLDER / f"{name}.npy"
        numpy.save(path, numpy.asarray(array, dtype=numpy.int64))
        return path

    def compare(self, model, image, inputs, runs, options=()):
        reference = synfire.FOLDER / "r2.npz"
        synfire.run("reference", model, *options, "--quantized", image,
                    *inputs, "--spikes", "-o", reference)
        r2 = synfire.outputs(reference)
        self.assertGreater(len(r2), 20)
        for mode, (fidelity, threads) in runs:
            with self.subTest(image=image.name, mode=mode, fidelity=fidelity):
                out = synfire.FOLDER / "attention"
                synfire.run("run", image, *inputs, "--mode", mode,
                            "--fidelity", fidelity, "--threads", threads,
                            "--spikes", "-o", out)
                r3 = synfire.outputs(out / "outputs.npz")
                self.assertEqual(synfire.same_bits(r2, r3), [])
        return r2


class SpikeLm(Ladder):

    def inputs(self):
        """Two sequences, the second one padded."""
        folder = BERT.parent
        tokens = numpy.load(folder / "evaluate.npy")[4:6]
        mask = numpy.load(folder / "evaluate-mask.npy")[4:6]
        assert mask[0].all() and not mask[1].all()
        return ("--tokens", self.saved("bert", tokens), "--mask",
                self.saved("bert_mask", mask))

    def test_r3_equals_r2(self):
        runs = [("prefill", how) for how in FIDELITIES]
        for target in TARGETS:
            r2 = self.compare(BERT, self.compiled(BERT, target), self.inputs(),
                              runs)
            self.assertEqual(r2["logits"].shape, (2, 64, 69))
            self.assertEqual(r2["spikes/layer0.k_out"].shape, (2, 256, 128))
            self.assertTrue(r2["spikes/layer0.k_out"].any())

    def test_eight_bits_cost_at_most_one_percent(self):
        shown = json.loads(synfire.run(
            "inspect", self.compiled(BERT, "loihi2"), "--json").stdout)
        quality = shown["metadata"]["quality"]
        self.assertEqual(quality["tokens"], 294)
        self.assertAlmostEqual(quality["float_bits_per_token"], 2.2072,
                               delta=0.002)
        self.assertLess(quality["quantized_bits_per_token"] /
                        quality["float_bits_per_token"], 1.01)

    def test_fills_gaps(self):
        def fill(text, *options, expect=0):
            return synfire.run("run", self.compiled(BERT, "loihi2"), "--fill",
                               text, *options, "-o", synfire.FOLDER / "filled",
                               expect=expect)

        self.assertIn("What is the matter, my lord?\n",
                      fill("What is th_ matter, my l_rd?").stdout)
        self.assertIn("What is the matter, my lord?\n",
                      fill("What is th# matter, my l#rd?", "--blank",
                           "#").stdout)
        self.assertIn("[fill-gap]", fill("What?", expect=2).stderr)
        self.assertIn("[fill-blank]",
                      fill("What?", "--blank", "", expect=2).stderr)

    def test_a_sequence_is_no_prompt(self):
        done = synfire.run("run", self.compiled(BERT, "loihi2"),
                           *self.inputs(), "--mode", "generate", "-o",
                           synfire.FOLDER / "refused", expect=2)
        self.assertIn("prefill", done.stderr)
        self.assertFalse((synfire.FOLDER / "refused").exists())


class SpikeLlm(Ladder):

    def inputs(self, count):
        symbols = json.loads(
            (synfire.MODEL.parent / "vocab.json").read_text())
        text = (synfire.MODEL.parent / "evaluate.txt").read_text()[:count]
        return ("--tokens",
                self.saved("llama", [symbols.index(c) for c in text]))

    def test_r3_equals_r2_token_by_token(self):
        """With scales of keys by token the network can generate."""
        runs = itertools.product(("generate", "prefill"), FIDELITIES)
        for target in TARGETS:
            options = ("--k-range", "token")
            self.compare(LLAMA, self.compiled(LLAMA, target, *options),
                         self.inputs(40), list(runs), options)
            runs = [("prefill", ("analytic", 2)), ("generate", ("event", 1))]

    def test_r3_equals_r2_by_windows(self):
        options = ("--k-range", "window")
        self.compare(LLAMA, self.compiled(LLAMA, "generic", *options),
                     self.inputs(48), [("prefill", ("analytic", 2))], options)


if __name__ == "__main__":
    unittest.main()
