"""Small networks of leaky integrate-and-fire neurons, as spike IR.

Layers a, b, c, ... in a row, fully connected. `fires` tells what share of each
layer's neurons gets weights that make it fire at every token; the rest never
does. So counts are known beforehand.
"""

import ctypes
import ctypes.util
import json
import struct

import numpy

TOKENS = 8

POPULATION = """
  %w{n} = spike.weight "{name}.weight" in "weights.safetensors" at {at} as "f32" hash {hash}
      : tensor<{size}x{inputs}xf32>
  %i{n} = spike.linear "{name}.in" %s{before}, %w{n}
      : !spike.events<{inputs} x binary>, tensor<{size}x{inputs}xf32> -> tensor<{size}xf32>
  %s{n} = spike.population ["{name}"] (%i{n} : tensor<{size}xf32>) params() init [0.0] {{
  ^bb0(%current: f32, %v: f32):
    %zero = arith.constant 0.0 : f32
    %one = arith.constant 1.0 : f32
    %h = arith.addf %v, %current : f32
    %fires = arith.cmpf oge, %h, %one : f32
    %next = arith.select %fires, %zero, %zero : f32
    spike.yield %fires : i1 states %next : f32
  }} : !spike.events<{size} x binary>"""

NETWORK = """spike.network @layers {{
  %s0 = spike.input "tokens" : !spike.events<{tokens} x binary>{populations}
  %unit = spike.derive() {{
    %one = arith.constant 1.0 : f32
    spike.yield %one : f32
  }} : tensor<{last}xf32>
  spike.output "spikes" %s{n} scaled by %unit : !spike.events<{last} x binary>, tensor<{last}xf32>
}}
"""


def xxh3(data):
    library = ctypes.CDLL(ctypes.util.find_library("xxhash"))
    library.XXH3_64bits.restype = ctypes.c_uint64
    library.XXH3_64bits.argtypes = (ctypes.c_char_p, ctypes.c_size_t)
    return library.XXH3_64bits(data, len(data))


def make(folder, layers, tokens):
    """Writes network.mlir and tokens.npy; `layers`: (neurons, that fire)."""
    folder.mkdir()
    header, blob, populations, inputs, active = {}, b"", "", TOKENS, 1
    places = []
    for number, (size, fires) in enumerate(layers, 1):
        weights = numpy.full((size, inputs), -1.0, "<f4")
        weights[:fires] = 1.0 if fires and active else -1.0
        active = fires
        name = chr(ord("a") + number - 1)
        data = weights.tobytes()
        header[f"{name}.weight"] = {"dtype": "F32", "shape": [size, inputs],
                                    "data_offsets": [len(blob), len(blob) + len(data)]}
        places.append((name, len(blob), xxh3(data), size, inputs))
        blob += data
        inputs = size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    (folder / "weights.safetensors").write_bytes(
        struct.pack("<Q", len(text)) + text + blob)
    for number, (name, at, digest, size, before) in enumerate(places, 1):
        populations += POPULATION.format(
            n=number, before=number - 1, name=name, at=8 + len(text) + at,
            hash=digest, size=size, inputs=before)
    (folder / "network.mlir").write_text(NETWORK.format(
        tokens=TOKENS, populations=populations, last=inputs, n=len(layers)))
    numpy.save(folder / "tokens.npy", numpy.arange(tokens) % TOKENS)
    return folder / "network.mlir", folder / "tokens.npy"
