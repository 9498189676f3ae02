"""Microbenchmarks of Loihi: slopes and steps of simulated runs."""

from . import lif_network
from .page import percent

BARRIERS = {1: 600, 2: 1000, 4: 1400, 29: 1800}


def write(page, synfire):
    page.section("Loihi: microbenchmarks against the fitted figures")
    page.text("""Networks of a few populations on `tests/validation/loihi-open.yaml`
        (the fitted costs of `loihi-fitted`; neurons run a program so that the
        benchmark's rule is allowed, at no further cost). Each row is the
        difference between two simulated runs, so it tests that one more of
        something costs what the chip description says, once and only once. It does
        not test the figures themselves: those were fitted on boards by SANA-FE
        (Boyle et al., TCAD 2025 [v], which states errors up to 11.7 % in energy and
        24.3 % in time). Beside them the pre-silicon table of Davies et al. 2018 [v],
        which Synfire has as target `loihi`.""")
    page.command("synfire compile NETWORK.mlir --target tests/validation/"
                 "loihi-open.yaml --set core.neurons=N && synfire run ...")
    rows = [
        neuron(synfire), synapse_energy(synfire), synapse_time(synfire),
        message(synfire),
    ]
    rows += [barrier(synfire, tiles) for tiles in (1, 2, 4)]
    page.table(["what", "simulated", "fitted on silicon (M v)", "difference",
                "pre-silicon (P v)"], rows)


def run(synfire, layers, neurons, tokens=4):
    network, ids = lif_network.make(synfire.fresh(), layers, tokens)
    image = synfire.compile(network, synfire.data / "loihi-open.yaml",
                            "--set", f"core.neurons={neurons}")
    return synfire.execute(image, "--tokens", ids)


def energy(outcome):
    return outcome.mode("generate")["dynamic_energy_per_token_pj"]["nominal"]


def row(what, simulated, fitted, unit, before):
    return [what, f"{simulated:.2f} {unit}", f"{fitted:g} {unit}",
            percent(simulated, fitted), before]


def neuron(synfire):
    """Silent neurons, on one core each time."""
    small, large = (run(synfire, [(n, 0)], 1024) for n in (256, 768))
    slope = (core_ns(large) - core_ns(small)) / 512
    # The token's row of weights grows as well.
    slope -= 3.8
    return row("one more silent neuron, time", slope, 9.7, "ns",
               "8.4 active, 5.3 inactive")


def core_ns(outcome):
    ticks = outcome.ticks("generate")
    return sum(float(t["core_ns"]) for t in ticks) / 4


def synapse_energy(synfire):
    """One spike reaches more neurons that stay silent."""
    small, large = (run(synfire, [(1, 1), (n, 0)], 1024) for n in (200, 712))
    slope = (energy(large) - energy(small)) / 512 - 72.8
    return row("one more synapse of a spike, energy", slope, 35.5, "pJ", "23.6")


def synapse_time(synfire):
    small, large = (run(synfire, [(1, 1), (n, 0)], 1024) for n in (200, 712))
    slope = (core_ns(large) - core_ns(small)) / 512 - 9.7
    return row("one more synapse of a spike, time", slope, 3.8, "ns", "3.5")


def message(synfire):
    """The same neurons behind one core more."""
    near, far = (run(synfire, [(1, 1), (512, 0)], n) for n in (513, 257))
    more = (far.stat("message_out") - near.stat("message_out")) / 4
    hops = sum((far.stat(name) - near.stat(name)) / 4 * cost for name, cost in
               (("hop_east_west", 3.0), ("hop_north_south", 4.2)))
    slope = (energy(far) - energy(near) - hops) / more if more else float("nan")
    return row("one spike to one core more, energy without hops", slope, 111,
               "pJ", "1.7 within a tile")


def barrier(synfire, tiles):
    outcome = run(synfire, [(32 * 4 * tiles, 0)], 32)
    ticks = outcome.ticks("generate")
    return row(f"barrier, {tiles} tile{'s' * (tiles > 1)} in use",
               float(ticks[0]["barrier_ns"]), BARRIERS[tiles], "ns",
               "113 to 465 (1 to 32 tiles)")
