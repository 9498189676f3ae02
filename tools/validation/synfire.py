"""Runs Synfire's commands and reads what they leave."""

import csv
import json
import subprocess


class Synfire:
    def __init__(self, root, folder, bin=None):
        self.root, self.folder = root, folder
        self.bin = bin or root / "build" / "bin"
        self.data = root / "tests" / "validation"
        self.count = 0

    def run(self, *arguments):
        done = subprocess.run([self.bin / arguments[0], *map(str, arguments[1:])],
                              capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(map(str, arguments))}\n{done.stderr}")
        return done.stdout

    def fresh(self, suffix=""):
        self.count += 1
        return self.folder / f"{self.count}{suffix}"

    def write(self, suffix, text):
        path = self.fresh(suffix)
        path.write_text(text)
        return path

    def noc_curve(self, noc, pattern, rates, **options):
        """Rows of the open-loop table."""
        table = self.fresh(".csv")
        extra = [f"--{k}={v}" for k, v in options.items()]
        self.run("synfire", "noc", noc, f"--{pattern}", ",".join(map(str, rates)),
                 "-o", table, *extra)
        return rows_of(table)

    def noc_trace(self, noc, packets):
        """Rows of the table of packets; `packets`: (time, source, target, size)."""
        trace = self.write(".csv", "time,src,dst,size\n" + "".join(
            "%d,%d,%d,%d\n" % p for p in packets))
        table = self.fresh(".csv")
        self.run("synfire", "noc", noc, "--packets", trace, "-o", table)
        return rows_of(table)

    def compile(self, model, target, *options):
        image = self.fresh(".sfi")
        self.run("synfire", "compile", model, "--target", target, *options,
                 "-o", image)
        return image

    def execute(self, image, *options):
        """The folder, summary and counters of a run."""
        folder = self.fresh()
        self.run("synfire", "run", image, *options, "-q", "-o", folder)
        return Run(folder)


class Run:
    def __init__(self, folder):
        self.folder = folder
        self.summary = json.loads((folder / "summary.json").read_text())
        self.stats = rows_of(folder / "stats.csv")

    def mode(self, name):
        return next(m for m in self.summary["modes"] if m["mode"] == name)

    def stat(self, name, scope="total", instance=None):
        return sum(float(r["value"]) for r in self.stats
                   if r["name"] == name and r["scope"] == scope
                   and (instance is None or r["instance"] == instance))

    def ticks(self, mode):
        return [r for r in rows_of(self.folder / "ticks.csv")
                if r["mode"] == mode]


def rows_of(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(
            line for line in file if not line.startswith("#")))
