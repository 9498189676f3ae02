#!/usr/bin/env python3
"""Writes small HDF5 files for nir-fuzz and lavadl-fuzz to start from, which would hardly find
the format by itself: a NIR graph, NIRData and a Lava-DL network, each with groups of
the older form (symbol tables) and of the newer one (links in the header).

usage: seed_hdf5.py FOLDER
"""

import pathlib
import struct
import sys
import zlib

UNDEFINED = 2**64 - 1


class File:
    """Appends structures; the superblock comes last, at byte 0."""

    def __init__(self, new):
        self.new = new
        self.out = bytearray(96)

    def put(self, data):
        self.out += bytes(-len(self.out) % 8)
        self.out += data
        return len(self.out) - len(data)

    def header(self, messages):
        if self.new:
            body = b"".join(struct.pack("<BHB", kind, len(data), 0) + data
                            for kind, data in messages)
            return self.put(b"OHDR\2\2" + struct.pack("<I", len(body)) + body
                            + bytes(4))
        body = b""
        for kind, data in messages:
            data += bytes(-len(data) % 8)
            body += struct.pack("<HHB3x", kind, len(data), 0) + data
        return self.put(struct.pack("<BxHII4x", 1, len(messages), 1, len(body))
                        + body)

    def dataset(self, value):
        """A text, a list of pairs of texts, or (shape, floats or ints)."""
        if isinstance(value, str):
            shape, text = [], value.encode()
            kind = struct.pack("<B3BI", 0x13, 0x10, 0, 0, len(text))
            data = text
        elif isinstance(value, list):
            shape, heap, data = [len(value), 2], b"", b""
            texts = [text.encode() for pair in value for text in pair]
            for i, text in enumerate(texts, 1):
                heap += struct.pack("<HHIQ", i, 1, 0, len(text)) + text
                heap += bytes(-len(text) % 8)
            heap += bytes(16)
            at = self.put(b"GCOL\1\0\0\0" + struct.pack("<Q", 16 + len(heap))
                          + heap)
            for i, text in enumerate(texts, 1):
                data += struct.pack("<IQI", len(text), at, i)
            kind = struct.pack("<B3BI", 0x19, 1, 1, 0, 16)
            kind += struct.pack("<B3BIHH", 0x10, 0, 0, 0, 1, 0, 8)
        else:
            shape, numbers = value
            if any(isinstance(number, float) for number in numbers):
                kind = struct.pack("<B3BIHHBBBBI", 0x11, 0x20, 31, 0, 4, 0, 32,
                                   23, 8, 0, 23, 127)
                data = struct.pack(f"<{len(numbers)}f", *numbers)
            else:
                kind = struct.pack("<B3BIHH", 0x10, 8, 0, 0, 8, 0, 64)
                data = struct.pack(f"<{len(numbers)}q", *numbers)
        space = struct.pack("<BBB5x", 1, len(shape), 0)
        space += b"".join(struct.pack("<Q", size) for size in shape)
        messages = [(1, space), (3, kind)]
        if len(shape) == 2 and not isinstance(value, list):
            # Matrices: one compressed chunk.
            packed = zlib.compress(data)
            chunk = self.put(packed)
            key = struct.pack("<II3Q", len(packed), 0, 0, 0, 0)
            tree = self.put(b"TREE" + struct.pack("<BBHQQ", 1, 0, 1, UNDEFINED,
                                                  UNDEFINED) + key
                            + struct.pack("<Q", chunk) + key)
            size = len(data) // (shape[0] * shape[1])
            messages += [
                (8, struct.pack("<BBBQIII", 3, 2, 3, tree, *shape, size)),
                (11, struct.pack("<BB6xHHHHI4x", 1, 1, 1, 0, 1, 1, 6))]
        else:
            at = self.put(data)
            messages.append((8, struct.pack("<BBQQ", 3, 1, at, len(data))))
        return self.header(messages)

    @staticmethod
    def attribute(name, value):
        """A text or a float64."""
        if isinstance(value, str):
            data = value.encode()
            kind = struct.pack("<B3BI", 0x13, 0x10, 0, 0, len(data))
        else:
            data = struct.pack("<d", value)
            kind = struct.pack("<B3BIHHBBBBI", 0x11, 0x20, 63, 0, 8, 0, 64, 52,
                               11, 0, 52, 1023)
        space, name = struct.pack("<BBB5x", 1, 0, 0), name.encode() + b"\0"
        head = struct.pack("<BxHHH", 1, len(name), len(kind), len(space))
        return 12, head + b"".join(part + bytes(-len(part) % 8)
                                   for part in (name, kind, space)) + data

    def group(self, members):
        """Values under `@` are the group's attributes."""
        members = dict(members)
        attributes = [self.attribute(*pair)
                      for pair in members.pop("@", {}).items()]
        at = {name: self.group(value) if isinstance(value, dict)
              else self.dataset(value) for name, value in sorted(members.items())}
        if self.new:
            info = struct.pack("<BBQQ", 0, 0, UNDEFINED, UNDEFINED)
            links = [(6, struct.pack("<BBB", 1, 0, len(name.encode()))
                      + name.encode() + struct.pack("<Q", address))
                     for name, address in at.items()]
            return self.header([(2, info)] + links + attributes)
        names, entries = bytearray(8), b""
        for name, address in at.items():
            entries += struct.pack("<QQ24x", len(names), address)
            names += name.encode() + b"\0"
        data = self.put(bytes(names))
        heap = self.put(b"HEAP" + bytes(4)
                        + struct.pack("<QQQ", len(names), 1, data))
        table = self.put(b"SNOD\1\0" + struct.pack("<H", len(at)) + entries)
        tree = self.put(b"TREE" + struct.pack("<BBHQQQQQ", 0, 0, 1, UNDEFINED,
                                              UNDEFINED, 0, table, 0))
        return self.header([(17, struct.pack("<QQ", tree, heap))] + attributes)

    def finish(self, root):
        signature = b"\x89HDF\r\n\x1a\n"
        end = len(self.out)
        if self.new:
            block = signature + struct.pack("<BBBBQQQQI", 2, 8, 8, 0, 0,
                                            UNDEFINED, end, root, 0)
        else:
            block = signature + struct.pack("<BBBBBBBxHHIQQQQQQ", 0, 0, 0, 0, 0,
                                            8, 8, 4, 16, 0, 0, UNDEFINED, end,
                                            UNDEFINED, 0, root)
        self.out[:len(block)] = block
        return bytes(self.out)


def nir_graph():
    lif = {"type": "LIF", "tau": ([2], [0.01, 0.02]), "r": ([2], [1.0, 1.0]),
           "v_leak": ([2], [0.0, 0.0]), "v_threshold": ([2], [0.1, 0.1])}
    fc = {"type": "Affine", "weight": ([2, 2], [1.0, -2.0, 3.0, 4.0]),
          "bias": ([2], [0.5, 0.0])}
    conv = {"type": "Conv1d", "weight": ([1, 1, 2], [1.0, 2.0]),
            "bias": ([1], [0.0]), "stride": ([], [1]), "padding": "same",
            "dilation": ([], [1]), "groups": ([], [1])}
    inner = {"type": "NIRGraph",
             "edges": [("in", "lif"), ("lif", "out"), ("lif", "rec"),
                       ("rec", "lif")],
             "nodes": {"in": {"type": "Input", "shape": ([1], [2])},
                       "lif": lif, "rec": fc,
                       "out": {"type": "Output", "shape": ([1], [2])}}}
    return {"version": "1.0.7", "node": {
        "type": "NIRGraph",
        "edges": [("x", "fc"), ("fc", "sub"), ("sub", "y"), ("in", "conv")],
        "nodes": {"x": {"type": "Input", "shape": ([1], [2])}, "fc": fc,
                  "sub": inner, "conv": conv,
                  "in": {"type": "Input", "shape": ([2], [1, 4])},
                  "y": {"type": "Output", "shape": ([1], [2])}}}}


def nir_data():
    grid = {"@": {"__type__": "TimeGriddedData", "dt": 1e-4},
            "data": ([1, 2, 2], [1.0, 0.0, 0.0, 1.0])}
    events = {"@": {"__type__": "ValuedEventData", "n_neurons": 2.0,
                    "t_max": 1e-3},
              "idx": ([1, 2], [0, 1]), "time": ([1, 2], [1e-4, 3e-4]),
              "value": ([1, 2], [1.0, 2.0])}
    node = {"@": {"__type__": "NIRNodeData"},
            "observables": {"spikes": grid, "events": events}}
    return {"@": {"__type__": "NIRGraphData"}, "nodes": {"lif": node}}


def lava_net():
    neuron = {"type": "CUBA", "iDecay": ([], [4096]), "vDecay": ([], [1024]),
              "vThMant": ([], [25])}
    return {"layer": {
        "0": {"type": "input", "shape": ([3], [1, 2, 2])},
        "1": {"type": "conv", "shape": ([3], [1, 1, 1]), "neuron": neuron,
              "weight": ([1, 1, 2, 2], [2.0, 4.0, -2.0, 0.0])},
        "2": {"type": "flatten", "shape": ([3], [1, 1, 1])},
        "3": {"type": "dense", "shape": ([3], [2, 1, 1]), "neuron": neuron,
              "weight": ([2, 1], [2.0, 4.0]), "delay": ([], [1])}},
        "simulation": {"tSample": ([], [16])}}


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, tree in (("nir", nir_graph()), ("data", nir_data()),
                       ("lava", lava_net())):
        for new in (False, True):
            file = File(new)
            data = file.finish(file.group(tree))
            (folder / f"{name}-{'new' if new else 'old'}.h5").write_bytes(data)


if __name__ == "__main__":
    main()
