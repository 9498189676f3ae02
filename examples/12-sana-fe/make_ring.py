#!/usr/bin/env python3
"""Writes a ring of layers for SANA-FE, and the architecture that it runs on.

usage: make_ring.py FOLDER [--neurons N] [--layers L]

FOLDER gets `ring.yaml` (network and mappings) and `arch.yaml`. Each layer is a
group of N neurons, joined all to all to the next one, the last to the first;
weights are whole numbers other than 0, biases differ, so that layers fire at
their own pace. Layer i lies on the four cores of tile i, a quarter on each. All
numbers come from a generator written out here, so every machine gets the same.
"""

import argparse
import pathlib

CORES_PER_TILE = 4
THRESHOLD = 1024
# Costs that are all different, so that a wrong row shows.
ARCH = """\
architecture:
  name: ring_chip
  attributes:
    topology: mesh
    width: 2
    height: 4
    link_buffer_size: 16
    sync_model: table
    latency_sync: {1: 0.5e-6, 2: 0.7e-6, 4: 0.9e-6}
  tile:
    - name: tile[0..7]
      attributes:
        energy_north_hop: 4.5e-12
        latency_north_hop: 6.0e-9
        energy_east_hop: 3.25e-12
        latency_east_hop: 4.0e-9
        energy_south_hop: 4.5e-12
        latency_south_hop: 6.0e-9
        energy_west_hop: 3.25e-12
        latency_west_hop: 4.0e-9
      core:
        - name: core[0..3]
          attributes:
            buffer_position: soma
            max_neurons_supported: 1024
          axon_in:
            - name: axons_in
              attributes:
                energy_message_in: 1.5e-12
                latency_message_in: 12.0e-9
          synapse:
            - name: synapses
              attributes:
                model: current_based
                energy_process_spike: 31.0e-12
                latency_process_spike: 3.5e-9
          dendrite:
            - name: dendrites
              attributes:
                model: accumulator
                energy_update: 0.5e-12
                latency_update: 0.25e-9
          soma:
            - name: lif
              attributes:
                model: leaky_integrate_fire
                energy_access_neuron: 47.0e-12
                latency_access_neuron: 5.0e-9
                energy_update_neuron: 19.0e-12
                latency_update_neuron: 3.0e-9
                energy_spike_out: 67.0e-12
                latency_spike_out: 29.0e-9
          axon_out:
            - name: axons_out
              attributes:
                energy_message_out: 103.0e-12
                latency_message_out: 5.5e-9
"""


def numbers(seed):
    """Whole numbers below 2^31 (Park and Miller's generator)."""
    state = seed % 2147483646 + 1
    while True:
        state = state * 48271 % 2147483647
        yield state


def ring(layers, neurons):
    """Biases [layer][neuron] and weights [layer][source * neurons + target]
    from each layer to the next."""
    draw = numbers(20)
    biases = [[97 + next(draw) % 81 for _ in range(neurons)]
              for _ in range(layers)]
    # From -4 to 4 without 0, so that what arrives is small beside the biases.
    sizes = (-4, -3, -2, -1, 1, 2, 3, 4)
    weights = [[sizes[next(draw) >> 8 & 7] for _ in range(neurons * neurons)]
               for _ in range(layers)]
    return biases, weights


def cores(layers, neurons):
    """(layer, first, last, tile, core) of each run of neurons."""
    part = -(-neurons // CORES_PER_TILE)
    for layer in range(layers):
        for core in range(CORES_PER_TILE):
            first, last = core * part, min((core + 1) * part, neurons) - 1
            if first <= last:
                yield layer, first, last, layer, core


def network(layers, neurons):
    biases, weights = ring(layers, neurons)
    lines = ["network:", "  name: ring", "  groups:"]
    for layer in range(layers):
        lines += [f"    - name: l{layer}",
                  f"      attributes: {{threshold: {THRESHOLD}, "
                  "reset_mode: soft, leak_decay: 1.0}",
                  "      neurons:"]
        lines += [f"        - {n}: {{bias: {bias}}}"
                  for n, bias in enumerate(biases[layer])]
    lines.append("  edges:")
    for layer in range(layers):
        lines += [f"    - l{layer} -> l{(layer + 1) % layers}:",
                  "      - type: dense",
                  "      - weight: ["]
        row = weights[layer]
        lines += ["          " + ", ".join(map(str, row[i:i + 256])) + ","
                  for i in range(0, len(row), 256)]
        lines[-1] = lines[-1][:-1] + "]"
    lines.append("mappings:")
    lines += [f"  - l{layer}.{first}..{last}: [core: {tile}.{core}]"
              for layer, first, last, tile, core in cores(layers, neurons)]
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--neurons", type=int, default=64)
    parser.add_argument("--layers", type=int, default=4)
    options = parser.parse_args()
    if not 1 <= options.layers <= 8:
        parser.error("the chip has 8 tiles, one for each layer")
    options.folder.mkdir(parents=True, exist_ok=True)
    (options.folder / "arch.yaml").write_text(ARCH)
    (options.folder / "ring.yaml").write_text(
        network(options.layers, options.neurons))


if __name__ == "__main__":
    main()
