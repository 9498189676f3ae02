"""What a broken SpikeLM checkpoint, or a wrong sequence, is told. The network is
generated, then one thing is broken."""

import json
import struct
import subprocess
import unittest

import numpy
import synfire_command as synfire

AMPLITUDE = "bert.encoder.layer.0.attention.self.query.act_clip_val.2"


class SpikeLmErrors(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.folder = synfire.FOLDER / "spikelm_errors"
        cls.folder.mkdir(exist_ok=True)
        cls.model = cls.folder / "small.safetensors"
        subprocess.run(
            [synfire.BINARY.parent / "synfire-make-spikelm", "--blocks", "1",
             "--width", "16", "--hidden", "32", "--heads", "2", "--vocabulary",
             "30", "--positions", "8", "--dtype", "f32", "-o", cls.model],
            check=True, capture_output=True, timeout=60)
        cls.config = json.loads(cls.model.with_suffix(".json").read_text())

    def tokens(self, *ids):
        path = self.folder / "tokens.npy"
        numpy.save(path, numpy.array(ids, dtype=numpy.int64))
        return path

    def refused(self, *texts, tensors=lambda data, header, start: None,
                config=None, ids=(1, 2, 3), options=()):
        """Breaks a copy and expects exit 2, one clear error, no output."""
        data = bytearray(self.model.read_bytes())
        size, = struct.unpack_from("<Q", data)
        header = json.loads(data[8:8 + size])
        tensors(data, header, 8 + size)
        broken = self.folder / "broken.safetensors"
        broken.write_bytes(data)
        broken.with_suffix(".json").write_text(
            json.dumps({**self.config, **(config or {})}))
        out = self.folder / "out.npz"
        done = synfire.run("reference", broken, "--tokens", self.tokens(*ids),
                           *options, "-o", out, expect=2)
        for text in texts:
            self.assertIn(text, done.stderr)
        self.assertFalse(out.exists())

    def amplitude(self, value):
        def change(data, header, start):
            begin = header[AMPLITUDE]["data_offsets"][0]
            struct.pack_into("<f", data, start + begin, value)
        return change

    def test_the_whole_network_runs(self):
        out = self.folder / "sound.npz"
        synfire.run("reference", self.model, "--tokens", self.tokens(1, 2, 3),
                    "-o", out)
        self.assertTrue(numpy.isfinite(synfire.outputs(out)["logits"]).all())

    def test_amplitudes(self):
        for value in (0.0, -1.0, float("nan"), float("inf"), 1.0):
            with self.subTest(value=value):
                self.refused(AMPLITUDE, "[spikelm-amplitude]",
                             tensors=self.amplitude(value))

    def test_heads_that_do_not_divide(self):
        self.refused("num_attention_heads", config={"num_attention_heads": 3})

    def test_vocabulary_of_another_size(self):
        self.refused("vocab_size", config={"vocab_size": 31})

    def test_sequences(self):
        self.refused("9", "8", ids=range(9))
        self.refused("token 1 is 40", ids=(1, 40))
        types = self.folder / "types.npy"
        numpy.save(types, numpy.array([0, 5, 0], dtype=numpy.int64))
        self.refused("5", options=("--types", types))
        mask = self.folder / "mask.npy"
        numpy.save(mask, numpy.array([1, 2, 1], dtype=numpy.int64))
        self.refused("[mask-value]", options=("--mask", mask))


if __name__ == "__main__":
    unittest.main()
