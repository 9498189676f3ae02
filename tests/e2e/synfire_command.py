"""Runs the built `synfire` for the end-to-end tests, and compiles each image
that several tests need only once."""

import ctypes
import ctypes.util
import functools
import json
import os
import pathlib
import struct
import subprocess
import tempfile

import numpy

SOURCE = pathlib.Path(os.environ["SYNFIRE_SOURCE_DIR"])
BINARY = pathlib.Path(os.environ["SYNFIRE_BINARY_DIR"]) / "synfire"
MODEL = SOURCE / "models/shakespeare/shakespeare.pth"
_folder = tempfile.TemporaryDirectory(prefix="synfire_e2e_")
FOLDER = pathlib.Path(_folder.name)


def shared(part):
    """Where published files would lie that are not in the repository."""
    return pathlib.Path(os.environ.get(
        "SYNFIRE_SHARED_DIR", SOURCE.parent / "shared")) / part


def run(*arguments, expect=0):
    """Runs synfire; fails the test unless it exits with `expect`."""
    done = subprocess.run([BINARY, *map(str, arguments)], capture_output=True,
                          text=True, stdin=subprocess.DEVNULL, timeout=600)
    assert done.returncode == expect, (
        f"{arguments} exited with {done.returncode}, not {expect}:\n"
        f"{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
    return done


@functools.cache
def image(target, *options):
    """The shipped model compiled for `target`."""
    path = FOLDER / f"{'_'.join((target, *options)).replace('/', '_')}.sfi"
    run("compile", MODEL, "--target", target, *options, "-o", path)
    return path


@functools.cache
def tokens(count=96):
    """Some text of the model's evaluation part as token ids, in a file."""
    symbols = json.loads((MODEL.parent / "vocab.json").read_text())
    ids = {symbol: i for i, symbol in enumerate(symbols)}
    text = (MODEL.parent / "evaluate.txt").read_text()[:count]
    path = FOLDER / f"tokens{count}.npy"
    numpy.save(path, numpy.array([ids[c] for c in text], dtype=numpy.int64))
    return path


def outputs(path):
    with numpy.load(path) as file:
        return {name: file[name] for name in file.files}


def same_bits(a, b):
    """Names of arrays that are missing or differ in a single bit."""
    differ = sorted(set(a) ^ set(b))
    for name in sorted(set(a) & set(b)):
        if (a[name].dtype != b[name].dtype or a[name].shape != b[name].shape
                or a[name].tobytes() != b[name].tobytes()):
            differ.append(name)
    return differ


def write_weights(path, tensors):
    """Writes tensors for spike IR as safetensors: for each, where it starts and
    its XXH3-64."""
    xxhash = ctypes.CDLL(ctypes.util.find_library("xxhash"))
    xxhash.XXH3_64bits.restype = ctypes.c_uint64
    xxhash.XXH3_64bits.argtypes = [ctypes.c_char_p, ctypes.c_size_t]
    header, blob = {}, b""
    for name, values in tensors.items():
        data = numpy.asarray(values, "<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(numpy.shape(values)),
                        "data_offsets": [len(blob), len(blob) + len(data)]}
        blob += data
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + blob)
    return [(8 + len(text) + h["data_offsets"][0],
             xxhash.XXH3_64bits(blob[slice(*h["data_offsets"])],
                                h["data_offsets"][1] - h["data_offsets"][0]))
            for h in header.values()]
