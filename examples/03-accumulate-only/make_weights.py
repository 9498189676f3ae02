"""Writes the example's weights and the tokens it reads.

    make_weights.py FOLDER    -> FOLDER/weights.safetensors, FOLDER/tokens.npy

Weights are drawn by a linear congruential generator with a fixed seed, so that
the bytes, and the hashes that network.mlir states, are the same everywhere.
"""

import json
import struct
import sys
from pathlib import Path

import numpy as np


def draw(seed: int, count: int) -> np.ndarray:
    """`count` numbers of [0, 1), of 24 bits each (Knuth's MMIX constants)."""
    out = np.empty(count)
    for i in range(count):
        seed = (seed * 6364136223846793005 + 1442695040888963407) % 2**64
        out[i] = (seed >> 40) / 2**24
    return out


def main(folder: Path) -> None:
    # Rows are target neurons. With these offsets about one neuron in six of the
    # first layer fires per token, one in sixteen of the second.
    tensors = {
        "hidden.weight": 4 * draw(1, 128 * 64).reshape(128, 64) - 1.5,
        "readout.weight": draw(2, 32 * 128).reshape(32, 128) / 4 - 0.09,
    }
    header, blob = {}, b""
    for name, values in tensors.items():
        data = values.astype("<f4").tobytes()
        header[name] = {
            "dtype": "F32",
            "shape": list(values.shape),
            "data_offsets": [len(blob), len(blob) + len(data)],
        }
        blob += data
    text = json.dumps(header).encode()
    # Padded so that the numbers start at byte 256.
    text += b" " * (256 - 8 - len(text))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "weights.safetensors").write_bytes(
        struct.pack("<Q", len(text)) + text + blob)
    for name, entry in header.items():
        print(name, "at byte", 8 + len(text) + entry["data_offsets"][0])
    tokens = (draw(3, 200) * 64).astype(np.int64)
    np.save(folder / "tokens.npy", tokens)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
