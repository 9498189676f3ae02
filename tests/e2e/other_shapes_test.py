"""SpikeLM and SpikeLLM of shapes that nobody trained: rung R1 emits what NumPy
programs written from the equations emit, and the same logits.
"""

import itertools
import json
import os
import pathlib
import unittest

import numpy
import numpy_spikellm
import numpy_spikelm
import odd_shapes
import synfire_command as synfire
from emitted_by_r1 import Emitted
from odd_shapes import BERTS, LLAMAS

GOLDEN = pathlib.Path(os.environ.get(
    "SYNFIRE_SHARED_DIR", synfire.SOURCE.parent / "shared")) / "golden"
# Of the largest logit.
LOGITS = 1e-5
# At most this part of all codes may be that close to a boundary.
DOUBTFUL = 1e-3
CODINGS = ("planes", "unary", "unsigned", "signed")


class Compared(unittest.TestCase):

    def reference(self, path, **options):
        """R1 of a checkpoint; arrays among the options are saved to files."""
        words = []
        for name, value in options.items():
            if value is None:
                continue
            if isinstance(value, numpy.ndarray):
                file = synfire.FOLDER / f"{name}.npy"
                numpy.save(file, value.astype(numpy.int64))
                value = file
            words += [f"--{name.replace('_', '-')}", value]
        out = synfire.FOLDER / "r1.npz"
        synfire.run("reference", path, *words, "--spikes", "-o", out)
        return synfire.outputs(out)

    def check(self, emitted, r1, expected, valid=None):
        self.assertEqual(emitted.wrong, [])
        self.assertEqual(emitted.left, set(), "nothing emits these in NumPy")
        self.assertGreater(emitted.compared, 0)
        self.assertLessEqual(emitted.doubtful,
                             max(1, DOUBTFUL * emitted.compared))
        self.assertLess(self.difference(r1, expected, valid), LOGITS)

    def difference(self, r1, expected, valid=None):
        """The largest of logits [B,N,...], as part of the largest logit."""
        difference = abs(r1["logits"].reshape(expected.shape) - expected)
        if valid is not None:
            difference = difference[valid]
        return difference.max() / abs(expected).max()


class SpikeLm(Compared):

    def inputs(self, shape):
        """Three sequences: a whole one, one with padding behind, one with
        padding first and between."""
        random = numpy.random.RandomState(1)
        size = 3, shape["positions"]
        mask = numpy.ones(size, int)
        mask[1, (size[1] + 1) // 2:] = 0
        if size[1] > 3:
            mask[2, [0, 2]] = 0
        return dict(tokens=random.randint(0, shape.get("vocabulary", 37), size),
                    types=random.randint(0, 2, size), mask=mask)

    def compare(self, checkpoint, given, membrane, head, theirs=None):
        """R1 beside NumPy with the membrane `theirs`; what differs, and logits."""
        path, tensors, config = checkpoint
        r1 = self.reference(path, membrane=membrane, head=head, **given)
        emitted = Emitted(r1, given["tokens"].shape)
        network = numpy_spikelm.SpikeLm(tensors, config, theirs or membrane,
                                        emitted.spikes)
        y = network.encode(given["tokens"], given.get("types"),
                           given.get("mask"))
        expected = network.read(head, y)
        if head in ("classifier", "next-sentence"):
            # Read at the first token, zeros behind it.
            whole = numpy.zeros((*y.shape[:2], expected.shape[-1]))
            whole[:, 0] = expected
            expected = whole
        return emitted, r1, expected

    def test_every_shape(self):
        for seed, (name, shape, edits) in enumerate(BERTS, 1):
            checkpoint = odd_shapes.bert(shape, seed, edits)
            heads = ("mlm", "next-sentence") if edits and edits[-1] in (
                "relu", "gelu") else ("classifier", "none")
            for membrane, head in itertools.product(("published", "textbook"),
                                                    heads):
                with self.subTest(shape=name, membrane=membrane, head=head):
                    self.check(*self.compare(checkpoint, self.inputs(shape),
                                             membrane, head))

    def test_shorter_than_the_positions_and_without_types(self):
        checkpoint = odd_shapes.bert(BERTS[0][1], 5)
        given = dict(tokens=numpy.array([[3, 36, 0]]))
        self.check(*self.compare(checkpoint, given, "published", "none"))

    def test_a_sequence_of_padding_disturbs_no_other(self):
        """Its queries have no key; what they see is 0 here, not their mean."""
        path, _, _ = odd_shapes.bert(BERTS[0][1], 5)
        tokens = numpy.array([[3, 36, 0], [1, 2, 3]])
        mask = numpy.array([[1, 1, 1], [0, 0, 0]])
        both = self.reference(path, tokens=tokens, mask=mask, head="none")
        alone = self.reference(path, tokens=tokens[:1], head="none")
        self.assertTrue(numpy.isfinite(both["logits"]).all())
        self.assertFalse(both["spikes/layer0.attn_out_in"][1].any())
        self.assertEqual(synfire.same_bits(
            {name: values[:1] for name, values in both.items()}, alone), [])

    def test_half_an_amplitude_does_not_fire(self):
        """Exact ties: every channel's drive is a multiple of half an amplitude."""

        def halves(tensors, config, random):
            for name in tensors:
                if "query" in name and "clip" in name:
                    tensors[name][...] = 2
            tensors["bert.embeddings.LayerNorm.weight"][:] = 0
            tensors["bert.embeddings.LayerNorm.bias"][:] = numpy.resize(
                numpy.float32((-3, -1, 0, 1, 3)), config["hidden_size"])

        checkpoint = odd_shapes.generated("spikelm", BERTS[0][1], 3, halves)
        given = dict(tokens=numpy.array([[1, 2, 3, 4, 5]]))
        emitted, r1, expected = self.compare(checkpoint, given, "published",
                                             "none")
        self.check(emitted, r1, expected)
        self.assertEqual(emitted.doubtful, 0)
        first = r1["spikes/layer0.q_in"][0, 0, :5]
        self.assertEqual(first.tolist(), [-1, 0, 0, 0, 1])

    def test_the_other_membrane_is_told_apart(self):
        name, shape, edits = BERTS[0]
        checkpoint = odd_shapes.bert(shape, 1)
        emitted, r1, expected = self.compare(
            checkpoint, self.inputs(shape), "published", "none", "textbook")
        self.assertGreater(len(emitted.wrong), 5)
        self.assertGreater(self.difference(r1, expected), 0.01)

    def test_public_code(self):
        """The NumPy program itself, against arrays of the public code."""
        if not (GOLDEN / "spikelm").exists():
            self.skipTest("golden vectors are not beside this checkout")
        for name, head, logits in (
                ("mlm_l2_d64_t4", "mlm", "prediction_logits"),
                ("cls_l4_d128_t4", "classifier", "logits")):
            folder = GOLDEN / "spikelm" / name
            given = synfire.outputs(folder / "io.npz")
            spikes = synfire.outputs(folder / "spikes.npz")
            differ = []

            def emit(name, step, ours, drive):
                differ.append((ours != spikes[name][step]).sum())
                return ours

            network = numpy_spikelm.SpikeLm(
                synfire.outputs(folder / "weights.npz"),
                json.loads((folder / "config.json").read_text()), emit=emit)
            y = network.encode(given["input_ids"], given["token_type_ids"],
                               given["attention_mask"])
            self.assertEqual(len(differ), 4 * len(spikes))
            self.assertEqual(sum(differ), 0)
            numpy.testing.assert_allclose(y, given["encoder_output_f64"],
                                          rtol=0, atol=1e-12)
            numpy.testing.assert_allclose(network.read(head, y), given[logits],
                                          rtol=0, atol=1e-5)


    def test_neuron_of_the_public_code(self):
        file = GOLDEN / "spikelm/neuron_unit/spike_linear_unit.npz"
        if not file.exists():
            self.skipTest("golden vectors are not beside this checkout")
        unit = {name: values.astype(float)
                for name, values in synfire.outputs(file).items()}
        for name in ("random", "ties", "reset_asymmetry", "alpha_below_eps"):
            with self.subTest(case=name):
                out = numpy_spikelm.population(
                    name, unit[f"{name}.x"], unit[f"{name}.alpha_after"],
                    "published")
                numpy.testing.assert_array_equal(
                    out, unit[f"{name}.quantised"])


class SpikeLlm(Compared):

    def compare(self, checkpoint, tokens, k_range, coding, mask=None,
                theirs=None):
        """R1 beside NumPy with the keys' range `theirs`."""
        path, tensors, config = checkpoint
        r1 = self.reference(path, tokens=tokens, mask=mask, k_range=k_range,
                            coding=coding)
        valid = numpy.ones(tokens.shape, bool) if mask is None else mask == 1
        emitted = Emitted(r1, tokens.shape)
        signed = coding == "signed"
        network = numpy_spikellm.SpikeLlm(
            tensors, config, theirs or k_range, signed,
            emit=lambda *what: emitted.codes(*what, signed, valid))
        return emitted, r1, network.run(tokens, mask), valid

    def tokens(self, shape, sequences=2):
        return numpy.random.RandomState(2).randint(
            0, 37, (sequences, shape["positions"]))

    def test_every_shape(self):
        for seed, (name, shape, edits) in enumerate(LLAMAS, 1):
            checkpoint = odd_shapes.llama(shape, seed, edits)
            ways = list(itertools.product(("token", "window"), CODINGS))
            # All of them for the first two shapes; of the others each coding
            # in turn with either range.
            if seed > 2:
                ways = [ways[seed % 4], ways[4 + (seed + 1) % 4]]
            for k_range, coding in ways:
                with self.subTest(shape=name, k_range=k_range, coding=coding):
                    self.check(*self.compare(checkpoint, self.tokens(shape),
                                             k_range, coding))

    def test_without_codes(self):
        for seed in (0, 8, 9):
            name, shape, edits = LLAMAS[seed]
            path, tensors, config = odd_shapes.llama(shape, seed, edits)
            tokens = self.tokens(shape)
            out = synfire.FOLDER / "dense.npz"
            numpy.save(synfire.FOLDER / "tokens.npy", tokens)
            synfire.run("reference", path, "--dense", "--tokens",
                        synfire.FOLDER / "tokens.npy", "-o", out)
            expected = numpy_spikellm.SpikeLlm(tensors, config,
                                               dense=True).run(tokens)
            with self.subTest(shape=name):
                self.assertLess(
                    self.difference(synfire.outputs(out), expected), LOGITS)

    def test_short_windows(self):
        """One token: a key's range is a point, its scale the least there is."""
        name, shape, edits = LLAMAS[7]
        checkpoint = odd_shapes.llama(shape, 4, edits)
        for count, k_range in itertools.product((1, 2), ("token", "window")):
            with self.subTest(tokens=count, k_range=k_range):
                self.check(*self.compare(
                    checkpoint, self.tokens(shape)[:, :count], k_range,
                    "planes"))

    def test_padding(self):
        """Behind, first and between, in one batch."""
        name, shape, edits = LLAMAS[0]
        checkpoint = odd_shapes.llama(shape, 9)
        mask = numpy.ones((4, shape["positions"]), int)
        mask[1, 4:] = mask[2, :3] = mask[3, [2, 5]] = 0
        for k_range, coding in itertools.product(("token", "window"),
                                                 ("planes", "signed")):
            with self.subTest(k_range=k_range, coding=coding):
                self.check(*self.compare(checkpoint, self.tokens(shape, 4),
                                         k_range, coding, mask))

    def test_padding_first_on_the_chip(self):
        """R3 = R2 where the first queries of a causal sequence have no key."""
        shape = dict(blocks=1, width=12, hidden=11, heads=2, kv_heads=1,
                     positions=5, low_share=0.7)
        path, _, _ = odd_shapes.llama(shape, 9)
        tokens, mask = (synfire.FOLDER / f"first_{what}.npy"
                        for what in ("tokens", "mask"))
        numpy.save(tokens, self.tokens(shape))
        numpy.save(mask, numpy.array([[0, 0, 1, 1, 1], [1, 1, 1, 1, 1]]))
        for k_range in ("token", "window"):
            with self.subTest(k_range=k_range):
                image = synfire.FOLDER / f"first_{k_range}.sfi"
                synfire.run("compile", path, "--target", "generic", "--k-range",
                            k_range, "--calibrate", tokens, "-o", image)
                given = ("--tokens", tokens, "--mask", mask, "--spikes")
                r2, r3 = synfire.FOLDER / "r2.npz", synfire.FOLDER / "first"
                synfire.run("reference", path, "--k-range", k_range,
                            "--quantized", image, *given, "-o", r2)
                synfire.run("run", image, *given, "--mode", "prefill", "-o", r3)
                r2 = synfire.outputs(r2)
                self.assertTrue(numpy.isfinite(r2["logits"]).all())
                self.assertEqual(synfire.same_bits(
                    r2, synfire.outputs(r3 / "outputs.npz")), [])

    def test_signed_events_are_limited(self):
        """Where all values of a token have one sign, c - z does not fit: the one
        place where a coding is not what was published."""
        shape = dict(blocks=1, width=8, hidden=3, heads=2, kv_heads=1,
                     positions=3, low_share=0.5, vocabulary=5)
        checkpoint = odd_shapes.llama(shape, 7)
        tokens = self.tokens(shape) % 5
        signed = self.compare(checkpoint, tokens, "token", "signed")
        self.check(*signed)
        published = self.compare(checkpoint, tokens, "token", "unsigned")
        self.check(*published)
        self.assertGreater(self.difference(signed[1], published[2]), 0.01)

    def test_the_other_range_is_told_apart(self):
        checkpoint = odd_shapes.llama(LLAMAS[0][1], 1)
        emitted, r1, expected, _ = self.compare(
            checkpoint, self.tokens(LLAMAS[0][1]), "token", "planes",
            theirs="window")
        self.assertGreater(len(emitted.wrong), 5)
        self.assertGreater(self.difference(r1, expected), 0.01)

    def test_public_code(self):
        """The NumPy program itself, against arrays of the public code."""
        if not (GOLDEN / "spikellm").exists():
            self.skipTest("golden vectors are not beside this checkout")
        for name in ("llama_l2_d64_w4a4_t2", "llama_gqa_l1_d64_w2a8_t2"):
            folder = GOLDEN / "spikellm" / name
            given = synfire.outputs(folder / "io.npz")
            codes = synfire.outputs(folder / "codes.npz")
            differ = []

            def emit(name, ours, used):
                name = name.replace("model.layers.", "layer")
                theirs, c = codes[f"{name}_codes"], ours.c
                if "matmul" in name:
                    # [B,N,heads,n] to what the public code multiplies.
                    c = c.transpose((0, 2, 3, 1) if "qkt_matmul." in name and
                                    not name.endswith("x1") else (0, 2, 1, 3))
                    c = numpy.repeat(c, theirs.shape[1] // c.shape[1], axis=1)
                differ.append((c != theirs).sum())
                return ours

            network = numpy_spikellm.SpikeLlm(
                synfire.outputs(folder / "spikellm_checkpoint.npz"),
                json.loads((folder / "config.json").read_text()), emit=emit)
            logits = network.run(given["input_ids"])
            self.assertGreater(len(differ), 18)
            self.assertEqual(sum(differ), 0)
            numpy.testing.assert_allclose(logits, given["logits_f64"], rtol=0,
                                          atol=1e-6)


if __name__ == "__main__":
    unittest.main()
