"""`synfire noc` as a user runs it: the recorded packets of a cycle-accurate
simulator (golden/booksim), open loops, and what it refuses."""

import csv
import gzip
import statistics
import unittest

import synfire_command as synfire

GOLDEN = synfire.SOURCE.parent / "shared" / "golden" / "booksim"
ROUTERS = {"r_vc4": (4, 8), "r_wh": (1, 4)}
NETWORK = """noc:
  topology: mesh
  width: 8
  height: 8
  cores_per_router: 1
  routing: xy
  virtual_channels: {}
  buffer_flits: {}
  routing_cycles: 0
  vc_allocation_cycles: 1
  switch_allocation_cycles: 1
  switch_traversal_cycles: 1
  link_cycles: 1
  credit_cycles: 1
  injection_flits_per_cycle: 1
  ejection_flits_per_cycle: 1
  clock_mhz: 1000
"""


def network(router="r_vc4"):
    path = synfire.FOLDER / f"{router}.yaml"
    path.write_text(NETWORK.format(*ROUTERS[router]))
    return path


def rows(text):
    return [{k: int(v) for k, v in row.items()}
            for row in csv.DictReader(text.splitlines())]


def latencies(packets):
    return sorted(p["t_tail_out"] - p["t_create"] for p in packets)


def refused(*arguments):
    out = synfire.FOLDER / "refused.csv"
    done = synfire.run("noc", *arguments, "-o", out, expect=2)
    assert not out.exists()
    return done.stderr


class Noc(unittest.TestCase):

    @unittest.skipUnless(GOLDEN.exists(), "no ../shared/golden/booksim")
    def test_recorded_packets(self):
        for path in sorted((GOLDEN / "packets").glob("*.csv.gz")):
            router, trace = path.name.removesuffix(".csv.gz").split("__")
            out = synfire.FOLDER / "packets.csv"
            synfire.run("noc", network(router), "--packets",
                        GOLDEN / "traces" / f"{trace}.csv.gz", "-o", out)
            ours = rows(out.read_text())
            theirs = rows(gzip.open(path, "rt").read())
            with self.subTest(router=router, trace=trace):
                if trace.startswith("zeroload"):
                    self.assertEqual(ours, theirs)
                self.assertEqual(len(ours), len(theirs))
                self.assertEqual(max(p["t_tail_out"] for p in ours),
                                 max(p["t_tail_out"] for p in theirs))
                a, b = latencies(ours), latencies(theirs)
                self.assertAlmostEqual(
                    statistics.mean(a) / statistics.mean(b), 1, delta=0.001)

    def test_open_loops_repeat_and_saturate(self):
        tables = []
        for name in ("a", "b"):
            out = synfire.FOLDER / f"{name}.csv"
            synfire.run("noc", network("r_wh"), "--uniform", "0.05,0.6",
                        "--size", 1, "--cycles", 3000, "--seed", 3, "-o", out)
            tables.append(out.read_text())
        self.assertEqual(*tables)
        light, heavy = csv.DictReader(tables[0].splitlines())
        self.assertEqual(light["saturated"], "0")
        self.assertEqual(heavy["saturated"], "1")
        self.assertLess(float(heavy["accepted"]), 0.5)
        self.assertGreater(float(heavy["mean"]), 2 * float(light["mean"]))

    def test_what_cannot_be(self):
        def trace(text):
            path = synfire.FOLDER / "trace.csv"
            path.write_text(text)
            return refused(network(), "--packets", path)

        self.assertIn("trace.csv:2", trace("time,src,dst,size\n0,64,0,1\n"))
        self.assertIn("trace.csv:3", trace("0,0,1,1\n5,0,1,1\n4,0,1,1\n"))
        self.assertIn("trace.csv:1", trace("0,0,1,0\n"))
        self.assertIn("trace.csv:1", trace("0,0,1,-1\n"))
        self.assertIn("trace.csv:1", trace("\xff\x00,,\n"))
        for key, value in (("buffer_flits", 0), ("virtual_channels", 0),
                           ("ejection_flits_per_cycle", 0), ("width", 0),
                           ("injection_flits_per_cycle", -1)):
            with self.subTest(key=key):
                self.assertIn(f"noc.{key}", refused(
                    network(), "--uniform", "0.1", "--set", f"noc.{key}={value}"))
        wrong = synfire.FOLDER / "wrong.yaml"
        wrong.write_text("noc:\n  width: 4\n  height: 4\n  bufer_flits: 4\n")
        message = refused(wrong, "--uniform", "0.1")
        self.assertIn("wrong.yaml:4", message)
        self.assertIn("buffer_flits", message)


if __name__ == "__main__":
    unittest.main()
