"""`synfire explain` recomputes what summary.json states, from the summary
alone, and refuses files that are none."""

import json
import re
import shutil
import unittest

import synfire_command as synfire


def run_folder():
    out = synfire.FOLDER / "explained"
    if not out.exists():
        synfire.run("run", synfire.image("loihi2"), "--tokens",
                    synfire.tokens(), "--fidelity", "analytic", "-o", out)
    return out


def explain(*arguments, expect=0):
    return synfire.run("explain", *arguments, expect=expect)


class Explain(unittest.TestCase):

    def test_terms_recompute_to_the_stated_energy(self):
        summary = json.loads((run_folder() / "summary.json").read_text())
        for mode in summary["modes"]:
            text = explain(run_folder(), "energy_per_token", "--mode",
                           mode["mode"]).stdout
            rows = re.findall(r"(\S+) +x +(\S+) \S+ \(\S+ to \S+\) +[MPDA] ",
                              text)
            self.assertGreater(len(rows), 10)
            total = sum(float(count) * float(cost) for count, cost in rows)
            stated = mode["energy_per_token_pj"]["nominal"]
            self.assertAlmostEqual(total / summary["run"]["tokens"] / stated,
                                   1, places=6)
            self.assertIn("What moves energy_per_token", text)

    def test_everything_listed_can_be_asked(self):
        listed = explain(run_folder()).stdout
        names = re.findall(r"^  ([a-z_.]+)  ", listed, re.M)
        self.assertGreater(len(names), 20)
        for name in names:
            with self.subTest(metric=name):
                self.assertTrue(explain(run_folder(), name).stdout.strip())

    def test_a_summary_from_elsewhere_is_enough(self):
        copy = synfire.FOLDER / "elsewhere"
        copy.mkdir(exist_ok=True)
        shutil.copy(run_folder() / "summary.json", copy)
        for metric in ("tokens_per_s", "modes.prefill.tokens_per_s"):
            self.assertEqual(explain(copy, metric).stdout,
                             explain(run_folder(), metric).stdout)

    def test_wrong_questions_and_files_are_bad_input(self):
        wrong = explain(run_folder(), "enery_per_token", expect=2).stderr
        self.assertIn("did you mean energy_per_token?", wrong)
        explain(run_folder(), "energy_per_token", "--mode", "x", expect=2)
        explain(synfire.FOLDER / "nowhere", expect=2)
        whole = (run_folder() / "summary.json").read_bytes()
        cut = synfire.FOLDER / "cut.json"
        for text in (b"", whole[:len(whole) // 2], b"\xff\xfe", b"{}", b"[3]"):
            cut.write_bytes(text)
            self.assertIn("[report-summary]", explain(cut, expect=2).stderr)

    def test_ticks_sum_to_the_simulated_time(self):
        summary = json.loads((run_folder() / "summary.json").read_text())
        sums = {}
        lines = (run_folder() / "ticks.csv").read_text().splitlines()[1:]
        for line in lines:
            mode, _, duration = line.split(",")[:3]
            sums[mode] = sums.get(mode, 0) + float(duration)
        for mode in summary["modes"]:
            self.assertAlmostEqual(
                sums[mode["mode"]] / mode["simulated_time_ns"], 1, places=9)
        manifest = json.loads((run_folder() / "manifest.json").read_text())
        self.assertIn("ticks.csv", [o["name"] for o in manifest["outputs"]])

    def test_no_energy_is_left_without_a_layer(self):
        summary = json.loads((run_folder() / "summary.json").read_text())
        layers = {x["layer"]: x["energy_pj"]["nominal"]
                  for x in summary["energy"]["by_layer"]}
        self.assertNotIn("traffic", layers)
        self.assertAlmostEqual(
            sum(layers.values()) / summary["energy"]["total_pj"]["nominal"], 1,
            places=9)


if __name__ == "__main__":
    unittest.main()
