"""Checkpoints in the safetensors format, as NumPy arrays."""

import json

import numpy

KINDS = {"F32": "<f4", "F16": "<f2", "I64": "<i8", "BOOL": "?"}


def read(path):
    """Every tensor of a file; half precision becomes float32."""
    data = path.read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])
    header.pop("__metadata__", None)
    tensors = {}
    for name, about in header.items():
        begin, end = (start + place for place in about["data_offsets"])
        values = numpy.frombuffer(data[begin:end], KINDS[about["dtype"]])
        if about["dtype"] == "F16":
            values = values.astype(numpy.float32)
        tensors[name] = values.reshape(about["shape"])
    return tensors


def write(path, tensors):
    """Writes arrays of bool, int64 or float32."""
    names = {numpy.dtype(kind): name for name, kind in KINDS.items()}
    header, blob = {}, b""
    for name, values in tensors.items():
        data = values.tobytes()
        header[name] = {"dtype": names[values.dtype],
                        "shape": list(values.shape),
                        "data_offsets": [len(blob), len(blob) + len(data)]}
        blob += data
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(len(text).to_bytes(8, "little") + text + blob)
