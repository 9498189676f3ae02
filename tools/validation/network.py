"""The network engine against a cycle-accurate simulator."""

from .page import percent
from .synfire import rows_of

MESH = """noc:
  width: {k}
  height: {k}
  virtual_channels: {num_vcs}
  buffer_flits: {vc_buf_size}
  routing_cycles: {routing_delay}
  vc_allocation_cycles: {vc_alloc_delay}
  switch_allocation_cycles: {sw_alloc_delay}
  switch_traversal_cycles: {st_final_delay}
  credit_cycles: {credit_delay}
"""
MAIN_ROUTER = dict(k=8, num_vcs=4, vc_buf_size=8, routing_delay=0,
                   vc_alloc_delay=1, sw_alloc_delay=1, st_final_delay=1,
                   credit_delay=1)


def write(page, synfire):
    page.section("Network on chip: against BookSim 2")
    page.text("""Open loop, 8 x 8 mesh, 4 virtual channels of 8 flits. BookSim's
        sources are Bernoulli sources of its own generator, so packets differ and
        so do means, by chance: with the same packets they are equal (next
        table). Latency in cycles from creation to the last flit.""")
    page.command("synfire noc NETWORK.yaml --uniform 0.05,... --size S "
                 "--cycles 12000 --warmup 4000")
    reference = rows_of(synfire.data / "booksim_curves.csv")
    noc = synfire.write(".yaml", MESH.format(**MAIN_ROUTER))
    table = []
    for pattern, size in sorted({(r["pattern"], r["size"]) for r in reference}):
        theirs = [r for r in reference
                  if (r["pattern"], r["size"]) == (pattern, size)]
        ours = synfire.noc_curve(noc, pattern, [r["offered"] for r in theirs],
                                 size=size, cycles=12000, warmup=4000)
        for o, t in zip(ours, theirs):
            table.append([pattern, size, t["offered"], t["mean"],
                          f"{float(o['mean']):.2f}",
                          percent(float(o["mean"]), float(t["mean"])),
                          t["p95"], o["p95"],
                          percent(float(o["p95"]), float(t["p95"]))])
    page.table(["traffic", "flits", "rate", "mean, BookSim", "mean", "error",
                "p95, BookSim", "p95", "error"], table)
    same_packets(page, synfire)


def same_packets(page, synfire):
    page.text("""The same packets through both, one table row per kind of router
        and traffic: 1 to 8 virtual channels of 1 to 8 flits, from empty to far past
        saturation. `tests/unit/noc` holds every packet's times and the last arrival
        to these runs.""")
    page.command("synfire noc NETWORK.yaml --uniform R --size S --cycles C "
                 "--warmup 0 --seed N    # rows of tests/unit/noc/data/booksim.csv")
    table = []
    for row in rows_of(synfire.root / "tests/unit/noc/data/booksim.csv"):
        if row["pattern"] not in ("uniform", "transpose"):
            continue
        noc = synfire.write(".yaml", MESH.format(**row))
        ours = synfire.noc_curve(noc, row["pattern"], [row["rate"]],
                                 size=row["size"], cycles=row["cycles"],
                                 warmup=0, seed=row["seed"])[0]
        theirs = int(row["latency_sum"]) / int(row["packets"])
        table.append([
            f"{row['k']} x {row['k']}, {row['num_vcs']} x {row['vc_buf_size']}",
            "/".join(row[k] for k in ("routing_delay", "vc_alloc_delay",
                                      "sw_alloc_delay", "st_final_delay",
                                      "credit_delay")),
            row["pattern"], row["rate"], row["size"], f"{theirs:.3f}",
            f"{float(ours['mean']):.3f}", percent(float(ours["mean"]), theirs)])
    page.table(["mesh, channels x flits", "stages and credit, cycles", "traffic",
                "rate", "flits", "mean, BookSim", "mean", "error"], table)
