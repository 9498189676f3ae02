"""`synfire explore`: one run of the network for many chips, the same figures as
single runs, the same bytes for any number of processes, nothing lost on the
way."""

import csv
import json
import os
import pathlib
import shutil
import signal
import subprocess
import time
import unittest

import synfire_command as synfire

HEAD = f"""version: 1
models: [{{path: {synfire.MODEL}}}]
tokens: 24
target: generic
set: {{system.max_chips: 1}}
"""
AXES = """axes:
  - {key: noc.link_width_bits, values: [32, 64]}
  - {key: noc.clock_mhz, values: [1000, 50]}
  - {key: core.unified_bytes, values: [64KiB, 4KiB]}
"""


def study(name, text):
    path = synfire.FOLDER / f"{name}.yaml"
    path.write_text(text)
    return path


def rows(folder):
    with open(folder / "results.csv", newline="") as file:
        return list(csv.DictReader(file))


def counts(folder):
    return json.loads((folder / "manifest.json").read_text())["study"]


class Explore(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.path = study("small", HEAD + AXES)
        cls.out = synfire.FOLDER / "study"
        cls.screen = synfire.run("explore", cls.path, "-o", cls.out, "--jobs",
                                 1).stdout

    def test_every_point_has_a_row_and_a_folder(self):
        found = rows(self.out)
        self.assertEqual(len(found), 8)
        fits = [r for r in found if r["core.unified_bytes"] == "64KiB"]
        self.assertEqual({r["status"] for r in fits}, {"done"})
        others = [r for r in found if r not in fits]
        self.assertEqual({r["status"] for r in others}, {"does_not_fit"})
        for row in others:
            self.assertIn("max_chips", row["reason"])
        folders = {p.name for p in (self.out / "points").iterdir()
                   if p.is_dir()}
        self.assertEqual(folders, {r["point"] for r in found})
        self.assertFalse((self.out / "work").exists())
        self.assertTrue(any(r["pareto"] == "yes" for r in found))

    def test_the_network_runs_once_per_partition(self):
        made = counts(self.out)
        self.assertEqual(made["points"], 8)
        self.assertEqual((made["done"], made["does_not_fit"]), (4, 4))
        traces = list((self.out / "activity").glob("*.npz"))
        self.assertEqual(made["network_runs"], len(traces))
        self.assertLessEqual(made["network_runs"], made["compiled_images"])
        self.assertEqual(made["compiled_images"], 2)  # one per link width
        self.assertEqual(made["replays"], 4)
        done = [r for r in rows(self.out) if r["status"] == "done"]
        self.assertEqual(len({r["synaptic_events"] for r in done}), 1)

    def test_a_point_equals_a_run_of_its_own(self):
        row = next(r for r in rows(self.out) if r["status"] == "done"
                   and r["noc.clock_mhz"] == "50")
        folder = self.out / "points" / row["point"]
        image = synfire.FOLDER / "point.sfi"
        synfire.run("compile", synfire.MODEL, "--target",
                    folder / "config.yaml", "-o", image, "-q")
        run = synfire.FOLDER / "point_run"
        synfire.run("run", image, "--tokens", synfire.tokens(24), "-o", run,
                    "-q")
        summary = json.loads((run / "summary.json").read_text())
        point = json.loads((folder / "summary.json").read_text())
        self.assertEqual(point["tokens"], 24)
        for mode, own in zip(summary["modes"], point["modes"]):
            for key in ("mode", "ticks", "time_per_token_ns", "tokens_per_s",
                        "energy_per_token_pj", "dynamic_energy_per_token_pj"):
                self.assertEqual(own[key], mode[key], key)
        events = summary["synops"]["synaptic_events"]
        self.assertEqual(point["synaptic_events"],
                         events["accumulate"] + events["multiply_accumulate"])
        self.assertEqual(point["quality_bits_per_token"],
                         summary["quality"]["quantized"])

    def test_results_do_not_depend_on_the_processes(self):
        out = synfire.FOLDER / "study3"
        synfire.run("explore", self.path, "-o", out, "--jobs", 3, "-q")
        for name in ("results.csv", "study.html"):
            self.assertEqual((out / name).read_bytes(),
                             (self.out / name).read_bytes(), name)
        for point in (out / "points").glob("*/*"):
            other = self.out / "points" / point.parent.name / point.name
            self.assertEqual(point.read_bytes(), other.read_bytes())
        for key in ("compiled_images", "network_runs", "replays"):
            self.assertEqual(counts(out)[key], counts(self.out)[key], key)

    def test_resume_does_only_what_is_missing(self):
        out = synfire.FOLDER / "resumed"
        shutil.copytree(self.out, out)
        points = sorted(p for p in (out / "points").iterdir() if p.is_dir())
        shutil.rmtree(points[0])
        (points[1] / "summary.json").write_text("{")
        done = synfire.run("explore", self.path, "-o", out, expect=2)
        self.assertIn("--resume", done.stderr)
        synfire.run("explore", self.path, "-o", out, "--resume", "-q")
        self.assertEqual(counts(out)["reused"], 6)
        self.assertEqual(counts(out)["network_runs"], 0)
        self.assertEqual((out / "results.csv").read_bytes(),
                         (self.out / "results.csv").read_bytes())

    def test_mistakes_are_told_at_once_and_leave_nothing(self):
        bad = study("bad", HEAD.replace("models", "modles") +
                    "axes:\n  - {key: noc.widht, values: [4]}\n")
        out = synfire.FOLDER / "no_study"
        text = synfire.run("explore", bad, "-o", out, expect=2).stderr
        self.assertIn("bad.yaml:2:1", text)
        bad = study("bad", HEAD + "axes:\n  - {key: noc.widht, values: [4]}\n"
                    "  - {key: noc.height, values: [4pJ]}\n"
                    "  - {key: noc.width, values: [x]}\n")
        text = synfire.run("explore", bad, "-o", out, expect=2).stderr
        for place in ("bad.yaml:7:31", "bad.yaml:8:32", "bad.yaml:9:31"):
            self.assertIn(place, text)
        self.assertIn("did you mean `noc.width`", text)
        bad = study("bad", HEAD.replace("generic", "genric"))
        self.assertIn("bad.yaml:4:9",
                      synfire.run("explore", bad, "-o", out, expect=2).stderr)
        bad = study("bad", HEAD.replace(".pth", ".missing"))
        self.assertIn("missing",
                      synfire.run("explore", bad, "-o", out, expect=2).stderr)
        bad = study("bad", HEAD + "axes:\n" + "".join(
            f"  - {{key: noc.{k}, from: 1, to: 100, steps: 100}}\n"
            for k in ("width", "height", "link_width_bits")))
        self.assertIn("1000000 points",
                      synfire.run("explore", bad, "-o", out, expect=2).stderr)
        self.assertFalse(out.exists())
        done = synfire.run("explore", self.path, "-o", synfire.FOLDER,
                           expect=2)
        self.assertIn("not the folder of a study", done.stderr)

    def test_a_contradiction_fails_its_point_only(self):
        path = study("contradiction", HEAD + "axes:\n"
                     "  - {key: system.usable_cores, values: [64, 100000]}\n")
        out = synfire.FOLDER / "contradiction"
        text = synfire.run("explore", path, "-o", out, expect=1).stderr
        self.assertIn("contradiction.yaml:7:", text)
        self.assertEqual([r["status"] for r in rows(out)], ["done", "failed"])
        self.assertIn("usable", (out / "study.html").read_text())

    def test_dry_run_counts(self):
        out = synfire.FOLDER / "dry"
        text = synfire.run("explore", self.path, "-o", out, "--dry-run").stdout
        self.assertIn("8 points", text)
        self.assertFalse(out.exists())


class Interrupted(unittest.TestCase):
    """A study of many points, disturbed once some are done."""

    def start(self, name):
        path = study(name, HEAD.replace("24", "256") + "axes:\n"
                     "  - {key: costs.barrier_time.base_ns, from: 1, to: 400, "
                     "steps: 400}\n")
        out = synfire.FOLDER / name
        process = subprocess.Popen(
            [synfire.BINARY, "explore", path, "-o", out, "--jobs", "2"],
            stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        deadline = time.time() + 300
        while time.time() < deadline and not [
                p for p in out.glob("points/*") if p.is_dir()]:
            time.sleep(0.02)
        return path, out, process

    def test_a_dead_process_costs_its_point(self):
        _, out, process = self.start("killed")
        children = pathlib.Path(
            f"/proc/{process.pid}/task/{process.pid}/children").read_text()
        os.kill(int(children.split()[0]), signal.SIGKILL)
        _, text = process.communicate(timeout=600)
        self.assertEqual(process.returncode, 1, text)
        made = counts(out)
        self.assertEqual((made["done"], made["failed"]), (399, 1))
        self.assertIn("signal 9", text)
        # What the dead process did for its point is not told.
        self.assertIn(made["network_runs"], (0, 1))

    def test_a_stopped_study_keeps_what_it_has(self):
        path, out, process = self.start("stopped")
        process.send_signal(signal.SIGINT)
        _, text = process.communicate(timeout=600)
        self.assertEqual(process.returncode, 1, text)
        self.assertIn("--resume", text)
        made = counts(out)
        self.assertGreater(made["done"], 0)
        self.assertEqual(len(rows(out)), made["done"])
        self.assertFalse((out / "work").exists())
        synfire.run("explore", path, "-o", out, "--resume", "-q")
        self.assertEqual(counts(out)["done"], 400)
        # Workers may have finished a point each behind the signal.
        self.assertIn(counts(out)["reused"] - made["done"], (0, 1, 2))
        self.assertEqual(counts(out)["network_runs"], 0)


if __name__ == "__main__":
    unittest.main()
