"""What a calibration text decides: amplitudes of SpikeLM that are not set, masks
and codes of a dense LLaMA. Held to the published rules in NumPy."""

import json
import pathlib
import struct
import subprocess
import unittest

import numpy
import spikelm_numpy
import synfire_command as synfire

TYPES = {"F32": "<f4", "F16": "<f2", "BOOL": "?"}
LLAMA = synfire.SOURCE / "models/shakespeare-spikellm/dense.pth"


def read_safetensors(path):
    data = pathlib.Path(path).read_bytes()
    size, = struct.unpack_from("<Q", data)
    header = json.loads(data[8:8 + size])
    header.pop("__metadata__", None)
    return {name: numpy.frombuffer(
                data[8 + size:][slice(*at["data_offsets"])],
                TYPES[at["dtype"]]).reshape(at["shape"])
            for name, at in header.items()}


def write_safetensors(path, tensors):
    synfire.write_weights(path, tensors)


class Amplitudes(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.folder = synfire.FOLDER / "amplitudes"
        cls.folder.mkdir(exist_ok=True)
        made = cls.folder / "made.safetensors"
        subprocess.run(
            [synfire.BINARY.parent / "synfire-make-spikelm", "--blocks", "2",
             "--width", "16", "--hidden", "32", "--heads", "2", "--vocabulary",
             "30", "--positions", "8", "--dtype", "f32", "-o", made],
            check=True, capture_output=True, timeout=60)
        cls.tensors = read_safetensors(made)
        cls.config = json.loads(made.with_suffix(".json").read_text())
        cls.config.setdefault("T", 4)
        random = numpy.random.default_rng(5)
        cls.ids = random.integers(0, 30, (3, 8))
        cls.batch = cls.folder / "batch.npy"
        numpy.save(cls.batch, cls.ids)

    def write(self, name, tensors):
        path = self.folder / f"{name}.safetensors"
        write_safetensors(path, tensors)
        path.with_suffix(".json").write_text(json.dumps(self.config))
        return path

    def reference(self, model, *options):
        out = self.folder / "out.npz"
        done = synfire.run("reference", model, "--tokens", self.batch, "--spikes",
                           *options, "-o", out)
        return done.stdout, synfire.outputs(out)

    def compare(self, unset):
        """A network of which `unset` amplitudes are not set, against one with
        those that NumPy computes."""
        known = dict(self.tensors)
        encoder = spikelm_numpy.Encoder(
            {name: value for name, value in unset.items()}, self.config, self.ids)
        known.update({name: encoder.w[name] for name in encoder.computed})
        said, ours = self.reference(self.write("unset", unset),
                                    "--calibrate-alphas", "--calibrate",
                                    self.batch)
        _, theirs = self.reference(self.write("set", known))
        self.assertIn(f"{len(encoder.computed)} computed", said)
        self.assertIn("24 tokens in 3 sequences of batch.npy", said)
        for name, values in theirs.items():
            if name == "logits":
                numpy.testing.assert_allclose(ours[name], values, atol=2e-5)
            else:
                self.assertEqual((ours[name] != values).sum(), 0, name)
        return encoder.computed

    def is_amplitude(self, name):
        return "clip" in name and not name.endswith("weight_clip_val")

    def test_all_are_set_from_the_first_batch(self):
        unset = {name: numpy.float32(1) if self.is_amplitude(name) else value
                 for name, value in self.tensors.items()}
        self.assertEqual(len(self.compare(unset)), 2 * 8 * self.config["T"])

    def test_steps_that_a_checkpoint_lacks(self):
        unset = {name: value for name, value in self.tensors.items()
                 if not (self.is_amplitude(name) and name[-1] in "23")}
        self.assertEqual(len(self.compare(unset)), 2 * 8 * 2)

    def test_nothing_to_compute(self):
        said, ours = self.reference(self.write("whole", self.tensors),
                                    "--calibrate-alphas")
        _, same = self.reference(self.write("whole", self.tensors))
        self.assertIn("none computed", said)
        self.assertEqual(synfire.same_bits(ours, same), [])

    def test_the_refusal_names_the_way_out_and_a_text_is_needed(self):
        unset = dict(self.tensors)
        unset["bert.encoder.layer.1.attention.self.clip_key.0"] = numpy.float32(1)
        model = self.write("one", unset)
        out = self.folder / "none.npz"
        for options, texts in (
                ((), ("[spikelm-amplitude]", "--calibrate-alphas", "clip_key.0")),
                (("--calibrate-alphas",), ("[calibration-text]", "--calibrate"))):
            done = synfire.run("reference", model, "--tokens", self.batch,
                               *options, "-o", out, expect=2)
            for text in texts:
                self.assertIn(text, done.stderr)
            self.assertFalse(out.exists())

    def test_a_population_without_drive(self):
        silent = {name: numpy.zeros_like(value)
                  if ".0.attention.self.key.weight" in name
                  or ".0.attention.self.key.bias" in name else value
                  for name, value in self.tensors.items()}
        silent["bert.encoder.layer.0.attention.self.clip_key.0"] = numpy.float32(1)
        done = synfire.run(
            "reference", self.write("silent", silent), "--tokens", self.batch,
            "--calibrate-alphas", "--calibrate", self.batch, "-o",
            self.folder / "none.npz", expect=2)
        self.assertIn("clip_key.0' is 0", done.stderr)


class Channels(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.folder = synfire.FOLDER / "channels"
        cls.folder.mkdir(exist_ok=True)
        cls.text = cls.folder / "text.txt"
        words = (synfire.SOURCE / "models/shakespeare/calibrate.txt").read_text()
        cls.text.write_text(words[:513])
        cls.made = cls.folder / "made.safetensors"
        cls.said = synfire.run(
            "quantize", LLAMA, "--calibrate", cls.text, "--evaluate", cls.text,
            "--weight-bits", 4, "--activation-bits", 4, "--salient-bits", 1,
            "--low-share", 0.9, "-o", cls.made).stdout
        cls.coded = read_safetensors(cls.made)

    def logits(self, model, *options):
        out = self.folder / "out.npz"
        done = synfire.run("reference", model, "--tokens", self.text_ids(),
                           *options, "-o", out)
        return done.stdout, synfire.outputs(out)["logits"]

    def text_ids(self):
        return synfire.tokens(64)

    def refused(self, *texts, options):
        out = self.folder / "none.npz"
        done = synfire.run("reference", *options, "--tokens", self.text_ids(),
                           "-o", out, expect=2)
        for text in texts:
            self.assertIn(text, done.stderr)
        self.assertFalse(out.exists())

    def test_codes_follow_the_rule_of_a_row(self):
        whole = self.folder / "eight.safetensors"
        synfire.run("quantize", LLAMA, "--weight-bits", 8, "--salient-bits", 0,
                    "-q", "-o", whole)
        fine = read_safetensors(whole)
        self.assertFalse([n for n in fine if n.endswith("mask_low_mse")])
        matrices = [n for n in self.coded if n.endswith("_proj.weight")]
        self.assertEqual(len(matrices), 3 * 7)
        for name in matrices:
            scales, zeros = (self.coded[name.replace("weight", f"weight_quantizer.{x}")]
                             for x in ("scales", "zeros"))
            w, near = self.coded[name], fine[name]
            codes = numpy.rint(w / scales) + zeros
            numpy.testing.assert_allclose((codes - zeros) * scales, w, rtol=1e-5)
            self.assertTrue(((codes >= 0) & (codes <= 15)).all(), name)
            # 8-bit weights stand in for the dense ones: within half a fine step.
            span = near.max(1, keepdims=True) - near.min(1, keepdims=True)
            numpy.testing.assert_allclose(scales, span / 15, rtol=0.02)
            self.assertLess((numpy.abs(w - near) / scales).max(), 1.1)

    def test_masks_are_the_channels_of_least_saliency(self):
        fine = self.folder / "fine.safetensors"
        synfire.run("quantize", LLAMA, "--weight-bits", 8, "--salient-bits", 0,
                    "-q", "-o", fine)
        w = read_safetensors(fine)
        symbols = json.loads(
            (synfire.SOURCE / "models/shakespeare/vocab.json").read_text())
        ids = [symbols.index(c) if isinstance(symbols, list) else symbols[c]
               for c in self.text.read_text()[:512]]
        layer = "model.layers.0."
        x = w["model.embed_tokens.weight"][ids].astype("f8")
        x /= numpy.sqrt((x ** 2).mean(-1, keepdims=True) + 1e-6)
        x *= w[layer + "input_layernorm.weight"]
        for name in ("q", "k", "v"):
            m = w[f"{layer}self_attn.{name}_proj.weight"].astype("f8")
            saliency = (x * (x @ m.T @ m)).mean(0)
            low = self.coded[f"{layer}self_attn.{name}_proj.mask_low_mse"].ravel()
            self.assertEqual(low.sum(), 86)  # floor(0.9 x 96)
            # Saliencies of 8-bit weights are near enough to order most.
            expected = saliency <= numpy.sort(saliency)[85]
            self.assertLessEqual((expected != low).sum(), 2, name)
        self.assertRegex(self.said, r"10\.\d\d % of \d+ channels are salient")
        self.assertIn("512 tokens of text.txt", self.said)

    def test_the_text_decides_the_same_in_every_command(self):
        said, ours = self.logits(LLAMA, "--masks", "compute", "--calibrate",
                                 self.text)
        self.assertIn("computed from 512 tokens", said)
        _, given = self.logits(LLAMA, "--masks", self.made)
        numpy.testing.assert_array_equal(ours, given)
        _, other = self.logits(LLAMA, "--masks",
                               LLAMA.with_name("spikellm.pth"))
        self.assertTrue((ours != other).any())
        self.logits(self.made, "--masks", "checkpoint")

    def test_a_coded_network_is_near_the_dense_one(self):
        self.assertIn("512 tokens of text.txt", self.said.splitlines()[-1])
        words = self.said.splitlines()[-1].split()
        dense, coded = float(words[1]), float(words[6])
        self.assertLess(dense, coded)
        self.assertLess(coded, 1.3 * dense)

    def test_errors(self):
        self.refused("[spikellm-masks]", "--masks compute", options=(LLAMA,))
        self.refused("[spikellm-masks]", "--masks compute",
                     options=(LLAMA, "--masks", self.plain("no_mask", {
                         "x": numpy.zeros(3, "f4")})))
        self.refused("[spikellm-mask-size]", "5 channels", "96", "q_proj",
                     options=(LLAMA, "--masks", self.plain("short", {
                         "model.layers.0.self_attn.q_proj.mask_low_mse":
                             numpy.zeros(5, "f4")})))
        self.refused("[spikellm-mask-name]", "model.layers.9.x",
                     options=(LLAMA, "--masks", self.plain("strange", {
                         "model.layers.9.x.mask_low_mse":
                             numpy.zeros(96, "f4")})))
        self.refused("no-such-file", options=(LLAMA, "--masks", "no-such-file"))
        self.refused("[model-form]", options=(
            synfire.MODEL, "--masks", "compute"))
        bare = self.folder / "bare.safetensors"
        bare.write_bytes(self.made.read_bytes())
        bare.with_suffix(".json").write_text(
            self.made.with_suffix(".json").read_text())
        self.refused("[calibration-text]", options=(bare, "--masks", "compute"))

    def plain(self, name, tensors):
        path = self.folder / f"{name}.safetensors"
        write_safetensors(path, tensors)
        return path

    def test_errors_of_the_quantiser(self):
        for options, text in (
                ((self.made, "-o", self.folder / "x.safetensors"),
                 "[spikellm-quantised]"),
                ((LLAMA, "-o", self.folder / "x.pth"), "[quantize-output]"),
                ((synfire.MODEL, "-o", self.folder / "x.safetensors"),
                 "config")):
            done = synfire.run("quantize", *options, "--calibrate", self.text,
                               expect=2)
            self.assertIn(text, done.stderr)
        self.assertFalse(list(self.folder.glob("x.*")))


if __name__ == "__main__":
    unittest.main()
