"""PilotNet, a network that Intel trained with Lava-DL for Loihi 2, spike for
spike: the published traces against rung R1, and the chip against it."""

import json
import unittest

import numpy
import synfire_command as synfire

MODEL = synfire.SOURCE / "models/pilotnet"
TRACES = MODEL / "traces"

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
    packed = numpy.load(TRACES / f"{name}.spikes.npy")
    _, shape = LAYERS[name]
    bits = numpy.unpackbits(packed, axis=1, bitorder="little")
    return bits[:, :numpy.prod(shape)]


class PilotNet(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.folder = synfire.FOLDER / "pilotnet"
        cls.folder.mkdir(exist_ok=True)
        cls.expected = json.loads((TRACES / "expected.json").read_text())

    def reference(self, name, steps, *options):
        out = self.folder / f"{name}.npz"
        synfire.run("reference", MODEL / "network.net", "--events", "none",
                    "--steps", str(steps), *options, "--spikes", "-o", out)
        return numpy.load(out)

    def test_every_published_spike(self):
        ran = self.reference("traces", 24, "--bias", MODEL / "image.npy",
                             "--reset-every", "17")
        for name, (layer, shape) in LAYERS.items():
            ours = channels_first(ran[f"spikes/layer{layer}"], shape)
            self.assertEqual(int((ours != published(name)).sum()), 0, name)

    def test_the_states_of_the_output(self):
        ran = self.reference("output", 25, "--bias", MODEL / "image.npy",
                             "--reset-every", "16", "--reset-offset", "-1")
        trace = json.loads((TRACES / "fc-3.output.json").read_text())
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

    def test_the_counters_of_the_hardware_run(self):
        """Whole blocks of columns, no image: the chip of the published run
        counted 22.90e9 synaptic operations in 10,000 steps. What layers do
        repeats every 16 steps."""
        image = self.folder / "hardware.sfi"
        synfire.run("compile", MODEL / "network.net", "--target", "loihi2",
                    "--reset-every", "16", "--reset-offset", "3",
                    "--block-columns", "-q", "-o", image)
        counted = {}
        for steps in (32, 48):
            out = self.folder / f"hardware-{steps}"
            synfire.run("run", image, "--events", "none", "--steps",
                        str(steps), "--fidelity", "functional", "-q", "-o", out)
            summary = json.loads((out / "summary.json").read_text())
            counted[steps] = summary["synops"]["neurobench"]["Effective_ACs"]
        per_step = (counted[48] - counted[32]) / 16
        by_core = self.expected["benchmark_no_image"][
            "per_core_mean_per_step_unclipped"]
        self.assertEqual(per_step, sum(
            sum(layer["synops_nonzero"]) for layer in by_core.values()))
        self.assertAlmostEqual(per_step * 10000 / 22.90e9, 1, delta=0.005)

    def test_the_chip_gives_the_same_bits(self):
        """R3 = R2 on three targets, and with whole blocks of columns."""
        options = ("--bias", MODEL / "image.npy", "--reset-every", "17")
        wanted = self.reference("wanted", 20, *options)
        for target, more, runs in (
                ("loihi2", ("--block-columns",),
                 (("analytic", "2"), ("functional", "1"))),
                ("generic", (), (("functional", "2"),)),
                ("spinnaker2", (), (("functional", "2"),))):
            image = self.folder / f"{target}.sfi"
            synfire.run("compile", MODEL / "network.net", "--target", target,
                        *options, *more, "-q", "-o", image)
            for fidelity, threads in runs:
                out = self.folder / f"{target}-{fidelity}-{threads}"
                synfire.run("run", image, "--events", "none", "--steps", "20",
                            "--fidelity", fidelity, "--threads", threads,
                            "--spikes", "-q", "-o", out)
                ran = numpy.load(out / "outputs.npz")
                with self.subTest(target=target, fidelity=fidelity):
                    self.assertEqual(ran["logits"].tobytes(),
                                     wanted["logits"].tobytes())
                    for name, (layer, shape) in LAYERS.items():
                        ours, same = (
                            channels_first(run[f"spikes/layer{layer}"], shape)
                            for run in (ran, wanted))
                        self.assertTrue((ours == same).all(), name)


if __name__ == "__main__":
    unittest.main()
