"""PilotNet, a network that Intel trained with Lava-DL for Loihi 2, spike for
spike: the published traces against rung R1, and the chip against it."""

import json
import os
import pathlib
import unittest

import numpy
import synfire_command as synfire

GOLDEN = pathlib.Path(os.environ.get(
    "SYNFIRE_SHARED_DIR",
    synfire.SOURCE.parent / "shared")) / "golden" / "loihi2-pilotnet"

# Channels, height, width; flatten is layer 6.
LAYERS = {
    "input": (0, (3, 66, 200)), "conv-0": (1, (24, 32, 99)),
    "conv-1": (2, (36, 15, 49)), "conv-2": (3, (48, 7, 24)),
    "conv-3": (4, (64, 4, 22)), "conv-4": (5, (64, 2, 20)),
    "fc-0": (7, (100, 1, 1)), "fc-1": (8, (50, 1, 1)), "fc-2": (9, (10, 1, 1)),
}
LAST = "layer10"


def channels_first(spikes, shape):
    """Our columns first, [step, (x, y, c)], in the order of the traces."""
    channels, height, width = shape
    columns = spikes.reshape(len(spikes), -1, height, channels)[:, :width]
    return columns.transpose(0, 3, 2, 1).reshape(len(spikes), -1)


def published(name):
    packed = numpy.load(GOLDEN / f"{name}.spikes.npy")
    _, shape = LAYERS[name]
    bits = numpy.unpackbits(packed, axis=1, bitorder="little")
    return bits[:, :numpy.prod(shape)]


@unittest.skipUnless(GOLDEN.exists(), "the published traces are not here")
class PilotNet(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.folder = synfire.FOLDER / "pilotnet"
        cls.folder.mkdir(exist_ok=True)
        cls.expected = json.loads((GOLDEN / "expected.json").read_text())

    def reference(self, name, steps, *options):
        out = self.folder / f"{name}.npz"
        synfire.run("reference", GOLDEN / "network.net", "--events", "none",
                    "--steps", str(steps), *options, "--spikes", "-o", out)
        return numpy.load(out)

    def test_every_published_spike(self):
        ran = self.reference("traces", 24, "--bias", GOLDEN / "image.npy",
                             "--reset-every", "17")
        for name, (layer, shape) in LAYERS.items():
            ours = channels_first(ran[f"spikes/layer{layer}"], shape)
            self.assertEqual(int((ours != published(name)).sum()), 0, name)

    def test_the_states_of_the_output(self):
        ran = self.reference("output", 25, "--bias", GOLDEN / "image.npy",
                             "--reset-every", "16", "--reset-offset", "-1")
        trace = json.loads((GOLDEN / "fc-3.output.json").read_text())
        for state in "uv":
            self.assertEqual(
                ran[f"spikes/{LAST}.{state}"].ravel().tolist(),
                [int(value) for value in trace[state]], state)

    def test_the_run_without_an_image(self):
        ran = self.reference("hardware", 64, "--reset-every", "16",
                             "--reset-offset", "3")
        expected = self.expected["benchmark_no_image"]["spikes"]
        for name, (layer, _) in LAYERS.items():
            self.assertEqual(
                (ran[f"spikes/layer{layer}"] != 0).sum(axis=1).tolist(),
                expected[name], name)


if __name__ == "__main__":
    unittest.main()
