"""Bad input: one clear error, the right exit code, nothing half-written."""

import pathlib
import unittest

import numpy

import synfire_command as synfire


class Errors(unittest.TestCase):

    def refused(self, code, text, *arguments):
        """Runs, expects `code` and `text` on stderr; returns stderr."""
        done = synfire.run(*arguments, expect=code)
        self.assertIn(text, done.stderr)
        return done.stderr

    def setUp(self):
        self.out = synfire.FOLDER / "must_not_exist.sfi"

    def tearDown(self):
        self.assertFalse(self.out.exists())
        left = [p.name for p in synfire.FOLDER.iterdir() if "tmp" in p.name]
        self.assertEqual(left, [], "half-written files were left behind")

    def test_usage(self):
        self.refused(2, "", "compile")
        self.refused(2, "", "no-such-command")

    def test_unknown_target_and_key(self):
        self.refused(2, "loihi2", "compile", synfire.MODEL, "--target",
                     "loihi3", "-o", self.out)
        self.refused(2, "noc.width", "compile", synfire.MODEL, "--target",
                     "loihi2", "--set", "noc.widht=4", "-o", self.out)

    def test_truncated_and_flipped_checkpoints(self):
        whole = synfire.MODEL.read_bytes()
        bad = synfire.FOLDER / "bad.pth"
        for size in (0, 10, len(whole) // 2, len(whole) - 1):
            bad.write_bytes(whole[:size])
            self.refused(2, "bad.pth", "compile", bad, "--target", "loihi2",
                         "-o", self.out)
        middle = len(whole) // 2
        bad.write_bytes(whole[:middle] + bytes([whole[middle] ^ 64]) +
                        whole[middle + 1:])
        self.refused(2, "bad.pth", "compile", bad, "--target", "loihi2", "-o",
                     self.out)

    def test_truncated_and_flipped_images(self):
        whole = synfire.image("loihi2").read_bytes()
        bad = synfire.FOLDER / "bad.sfi"
        for content in (b"", whole[:100], whole[:-1],
                        whole[:5000] + bytes([whole[5000] ^ 1]) + whole[5001:]):
            bad.write_bytes(content)
            self.refused(2, "bad.sfi", "run", bad, "--prompt", "To be",
                         "--generate", "1", "-o", synfire.FOLDER / "no_run")
        self.assertFalse((synfire.FOLDER / "no_run").exists())

    def test_a_target_that_is_too_small(self):
        text = self.refused(3, "unified_bytes", "compile", synfire.MODEL,
                            "--target", "tiny", "--set", "system.max_chips=1",
                            "--set", "core.unified_bytes=4KiB", "-o",
                            self.out)
        self.assertIn("available", text)

    def test_a_target_that_cannot(self):
        # What the chip has instead, what asks for more, and the ways out.
        for target, rules in {
                "truenorth": ("fixed-neuron", "payload-kind", "weight-bits"),
                "loihi": ("fixed-neuron", "payload-kind"),
                "darwin3": ("instructions", "payload-kind"),
                "tianjic": ("fixed-neuron", ),
                "northpole": ("events", ),
        }.items():
            with self.subTest(target=target):
                text = self.refused(3, f"{target} cannot run this network",
                                    "compile", synfire.MODEL, "--target",
                                    target, "-o", self.out)
                self.assertIn("(generic, loihi2, loihi2-fitted, spinnaker2, tiny)", text)
                for rule in rules:
                    self.assertIn(f"[target-{rule}]", text)
                self.assertLess(len(text.splitlines()), 20)

    def test_tokens_and_prompts(self):
        bad = synfire.FOLDER / "bad.npy"
        numpy.save(bad, numpy.array([1, 2, 65], dtype=numpy.int64))
        out = synfire.FOLDER / "no_run"
        self.refused(2, "65", "run", synfire.image("loihi2"), "--tokens", bad,
                     "-o", out)
        self.refused(2, "65", "reference", synfire.MODEL, "--tokens", bad, "-o",
                     synfire.FOLDER / "no.npz")
        self.refused(2, "é", "run", synfire.image("loihi2"), "--prompt",
                     "café", "--generate", "1", "-o", out)
        self.assertFalse(out.exists())
        self.assertFalse((synfire.FOLDER / "no.npz").exists())

    def test_unwritable_output(self):
        nowhere = pathlib.Path("/proc/synfire/model.sfi")
        self.refused(2, str(nowhere), "compile", synfire.MODEL, "--target",
                     "loihi2", "-o", nowhere)

    def test_an_image_needs_its_model(self):
        other = synfire.FOLDER / "other.pth"
        content = bytearray(synfire.MODEL.read_bytes())
        other.write_bytes(content[:-1])
        self.refused(2, "other.pth", "reference", other, "--tokens",
                     synfire.tokens(), "--quantized", synfire.image("loihi2"),
                     "-o", synfire.FOLDER / "no.npz")


if __name__ == "__main__":
    unittest.main()
