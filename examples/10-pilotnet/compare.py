"""Compares the spikes of a PilotNet run with the published traces, layer by
layer. Usage: compare.py OUTPUTS.npz"""

import pathlib
import sys

import numpy

TRACES = pathlib.Path(__file__).parents[2] / "models/pilotnet/traces"
# Layer in network.net, and its channels, height, width.
LAYERS = {
    "input": (0, (3, 66, 200)), "conv-0": (1, (24, 32, 99)),
    "conv-1": (2, (36, 15, 49)), "conv-2": (3, (48, 7, 24)),
    "conv-3": (4, (64, 4, 22)), "conv-4": (5, (64, 2, 20)),
    "fc-0": (7, (100, 1, 1)), "fc-1": (8, (50, 1, 1)), "fc-2": (9, (10, 1, 1)),
}

ran = numpy.load(sys.argv[1])
print(f"{'layer':8}{'neurons':>9}{'spikes in 24 steps':>20}{'differences':>13}")
wrong = 0
for name, (layer, (channels, height, width)) in LAYERS.items():
    neurons = channels * height * width
    packed = numpy.load(TRACES / f"{name}.spikes.npy")
    published = numpy.unpackbits(packed, axis=1, bitorder="little")[:, :neurons]
    ours = ran[f"spikes/layer{layer}"]
    # Columns first, and perhaps more of them, to the order of the traces.
    ours = ours.reshape(len(ours), -1, height, channels)[:, :width]
    ours = ours.transpose(0, 3, 2, 1).reshape(len(ours), -1)
    different = int((ours != published).sum())
    wrong += different
    print(f"{name:8}{neurons:9}{int(published.sum()):20}{different:13}")
sys.exit(wrong != 0)
