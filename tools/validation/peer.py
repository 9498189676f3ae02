"""The closest peer's hand formulas, and where they stop to hold."""

import numpy

from . import lif_network
from .page import percent, ratio

LAYER, LAYERS, FIRING = 256, 4, 40
CHIP = "tests/validation/loihi-open.yaml"

CONCENTRATED = """noc:
  width: 8
  height: 4
  cores_per_router: 4
  virtual_channels: 1
  buffer_flits: 8
"""


def write(page, synfire):
    page.section("SANA-FE: its formulas by hand")
    page.text(f"""SANA-FE's `simple` model (source read, version 2.2.1): a step takes
        the largest sum, over cores, of neuron, sending and receiving times, plus the
        synchronisation; energy is counts x cost, without static power. Worked out
        here by hand for {LAYERS} layers of {LAYER} neurons, fully connected, of which
        {FIRING} fire per step, one layer a core, and compared with a run of
        `analytic` fidelity. Synfire adds what SANA-FE leaves out (static power, the
        host's messages), so those are left out of this row, not of the product.""")
    page.command(f"synfire compile LAYERS.mlir --target {CHIP} "
                 f"--set core.neurons={LAYER}")
    network, ids = lif_network.make(
        synfire.fresh(), [(LAYER, FIRING)] * LAYERS, 4)
    image = synfire.compile(network, synfire.root / CHIP,
                            "--set", f"core.neurons={LAYER}")
    ran = synfire.execute(image, "--tokens", ids)
    ticks = ran.ticks("generate")[:LAYERS]
    rows = []
    for level in range(LAYERS - 1):
        # Neurons, spikes and one message each; the next core takes them.
        send = LAYER * 9.7 + FIRING * (30 + 5.1)
        # The host's token arrives at the first core, in the same step.
        if level == 0:
            send += 16 + LAYER * 3.8
        receive = FIRING * (16 + LAYER * 3.8)
        hand = max(send, receive)
        rows.append([f"step {level + 1}, busiest core", f"{hand:,.1f} ns",
                     f"{float(ticks[level]['core_ns']):,.1f} ns",
                     percent(float(ticks[level]["core_ns"]), hand)])
    spikes = FIRING * LAYERS
    hand = (LAYERS * LAYER * 72.8 + spikes * (69.3 + 111)
            + FIRING * (LAYERS - 1) * LAYER * 35.5 + LAYER * 35.5)
    hops = (ran.stat("hop_east_west") * 3.0
            + ran.stat("hop_north_south") * 4.2) / 4
    mode = ran.mode("generate")["dynamic_energy_per_token_pj"]["nominal"]
    rows.append(["energy per token without hops", f"{hand / 1000:,.3f} nJ",
                 f"{(mode - hops) / 1000:,.3f} nJ", percent(mode - hops, hand)])
    page.table(["", "by hand", "Synfire", "difference"], rows)
    bursts(page, synfire)


def bursts(page, synfire):
    page.text("""Where the network is the limit, SANA-FE's default model is 1.3 to 5.5
        times faster than its own cycle-accurate mode (measured: quick cores, its
        fixed network of 8 x 4 routers with 4 cores each, 1 channel, 8 flits). The
        same kind of traffic here: every core sends its share at once; how long
        until the last packet is there, against the packets over the busiest link or
        port, which is what Synfire's own `analytic` fidelity builds on: it is too
        fast by that ratio where such a network alone decides, and `event` is there
        for that.""")
    page.command("synfire noc CONCENTRATED.yaml --packets BURST.csv -o ...")
    noc = synfire.write(".yaml", CONCENTRATED)
    random = numpy.random.RandomState(1)
    nodes = 8 * 4 * 4
    rows = []
    for name, count, target in (
            ("uniform", 16384, lambda s: int(random.randint(nodes))),
            ("to one core", 1024, lambda s: 5),
            ("bit complement", 1024, lambda s: nodes - 1 - s)):
        packets = [(0, i % nodes, target(i % nodes), 1) for i in range(count)]
        last = max(int(r["t_tail_out"])
                   for r in synfire.noc_trace(noc, packets))
        bound = busiest(packets)
        rows.append([name, f"{count:,}", f"{last:,}", f"{bound:,}",
                     ratio(last, bound)])
    page.table(["traffic", "packets", "last arrival, cycles",
                "busiest link or port, cycles", "ratio"], rows)


def busiest(packets):
    """Packets over the busiest link or into the busiest core, x first."""
    use = {}
    for _, source, target, _ in packets:
        (x, y), (u, v) = ((n // 4 % 8, n // 32) for n in (source, target))
        use["in", target] = use.get(("in", target), 0) + 1
        while x != u:
            step = 1 if u > x else -1
            use[x, y, step, 0] = use.get((x, y, step, 0), 0) + 1
            x += step
        while y != v:
            step = 1 if v > y else -1
            use[x, y, 0, step] = use.get((x, y, 0, step), 0) + 1
            y += step
    return max(use.values())
