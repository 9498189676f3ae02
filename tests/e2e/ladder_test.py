"""Rung R3 = rung R2, bit for bit: logits and every event of every population,
whatever the target, placement, mode, fidelity and thread count."""

import itertools
import unittest

import synfire_command as synfire

# tiny is small enough that matrices are cut by rows and by columns.
TARGETS = ("loihi2", "generic", "spinnaker2", "tiny")
PLACEMENTS = ("space-filling", "row-major")


class Ladder(unittest.TestCase):

    def test_r3_equals_r2(self):
        for target in TARGETS:
            reference = synfire.FOLDER / f"r2_{target}.npz"
            synfire.run("reference", synfire.MODEL, "--tokens",
                        synfire.tokens(), "--quantized",
                        synfire.image(target), "--spikes", "-o", reference)
            r2 = synfire.outputs(reference)
            self.assertGreater(len(r2), 20)
            for placement, mode, (fidelity, threads) in itertools.product(
                    PLACEMENTS, ("generate", "prefill"),
                    (("functional", 1), ("analytic", 2), ("event", 1))):
                with self.subTest(target=target, placement=placement,
                                  mode=mode, threads=threads):
                    image = synfire.image(target, "--placement", placement)
                    out = synfire.FOLDER / "ladder"
                    synfire.run("run", image, "--tokens", synfire.tokens(),
                                "--mode", mode, "--fidelity", fidelity,
                                "--threads", threads, "--spikes", "-o", out)
                    r3 = synfire.outputs(out / "outputs.npz")
                    self.assertEqual(synfire.same_bits(r2, r3), [])

    def test_the_small_target_cuts_rows_and_columns(self):
        import json
        shown = json.loads(
            synfire.run("inspect", synfire.image("tiny"), "--json").stdout)
        tiles = shown["tiles"]
        cut = {t["connection"] for t in tiles if t["rows"] < t["of_rows"]}
        self.assertTrue(cut, "no linear is cut by rows")
        self.assertTrue(any(t["cols"] < t["of_cols"] for t in tiles))
        self.assertGreater(shown["cores_used"], 20)

    def test_quantisation_costs_at_most_one_percent(self):
        import json
        shown = json.loads(
            synfire.run("inspect", synfire.image("loihi2"), "--json").stdout)
        quality = shown["metadata"]["quality"]
        self.assertEqual(quality["tokens"], 2048)
        self.assertAlmostEqual(quality["float_bits_per_token"], 1.8953,
                               delta=0.002)
        ratio = (quality["quantized_bits_per_token"] /
                 quality["float_bits_per_token"])
        self.assertLess(ratio, 1.01)


class Determinism(unittest.TestCase):

    def test_same_inputs_same_image(self):
        first = synfire.image("loihi2").read_bytes()
        again = synfire.FOLDER / "again.sfi"
        synfire.run("compile", synfire.MODEL, "--target", "loihi2", "-o",
                    again)
        self.assertEqual(first, again.read_bytes())

    def test_same_summary_on_any_thread_count(self):
        seen = set()
        for threads in (1, 2):
            out = synfire.FOLDER / f"threads{threads}"
            synfire.run("run", synfire.image("loihi2"), "--tokens",
                        synfire.tokens(), "--fidelity", "analytic",
                        "--threads", threads, "-o", out)
            seen.add(tuple((out / name).read_bytes() for name in (
                "summary.json", "stats.csv", "outputs.npz", "report.html")))
        self.assertEqual(len(seen), 1)


if __name__ == "__main__":
    unittest.main()
