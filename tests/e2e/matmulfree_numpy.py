"""The MatMul-free language model in NumPy, written from its equations
(docs/models.md), one token after another. Shares nothing with the importer."""

import json

import numpy

EPSILON = numpy.float32(1e-6)


def read_safetensors(path):
    """Every tensor of an f32 or f16 file, as float32."""
    data = path.read_bytes()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8:8 + size])
    header.pop("__metadata__", None)
    tensors = {}
    for name, about in header.items():
        begin, end = (8 + size + place for place in about["data_offsets"])
        kind = {"F32": "<f4", "F16": "<f2"}[about["dtype"]]
        tensors[name] = numpy.frombuffer(data[begin:end], kind).reshape(
            about["shape"]).astype(numpy.float32)
    return tensors


def norm(x, gain):
    return gain * x / numpy.sqrt(numpy.mean(x * x) + EPSILON)


def ternary(weight):
    a = max(numpy.float32(numpy.abs(weight).mean(dtype=numpy.float64)),
            numpy.float32(1e-5))
    return a * numpy.clip(numpy.rint(weight / a), -1, 1)


def round_to_8_bits(y):
    """Q8: one scale per token."""
    m = max(numpy.abs(y).max(), 1e-5)
    return numpy.clip(numpy.rint(127 * y / m), -128, 127) * m / 127


def sigmoid(x):
    return 1 / (1 + numpy.exp(-x))


def silu(x):
    return x * sigmoid(x)


class MatMulFree:

    def __init__(self, tensors, activation=lambda y: y):
        """`activation`: what happens to the input of a linear after its norm."""
        self.t, self.activation = tensors, activation
        self.blocks = len(tensors["model.lower_bounds"])
        self.matrices = {
            name: ternary(value) for name, value in tensors.items()
            if value.ndim == 2 and f"{name[:-7]}.norm.weight" in tensors}
        e = numpy.exp(tensors["model.lower_bounds"] -
                      tensors["model.lower_bounds"].max(axis=0))
        p = e / e.sum(axis=0)
        self.bounds = numpy.cumsum(p, axis=0) - p[0]

    def linear(self, name, x):
        y = norm(x, self.t[f"{name}.norm.weight"])
        return self.matrices[f"{name}.weight"] @ self.activation(y)

    def mixer(self, block, x, state):
        name = f"model.layers.{block}.attn"
        u = norm(x, self.t[f"{name}_norm.weight"])
        i, r, g = (self.linear(f"{name}.{p}_proj", u) for p in "ifg")
        f = sigmoid(r)
        if block > 0:
            b = self.bounds[block]
            f = b + (1 - b) * f
        state[:] = f * state + (1 - f) * silu(i)
        o = norm(g, self.t[f"{name}.g_norm.weight"]) * silu(state)
        return x + self.linear(f"{name}.o_proj", o)

    def gated_unit(self, block, x):
        name = f"model.layers.{block}.mlp"
        v = norm(x, self.t[f"{name}_norm.weight"])
        p, y = numpy.split(self.linear(f"{name}.gate_proj", v), 2)
        return x + self.linear(f"{name}.down_proj", silu(p) * y)

    def run(self, tokens):
        """Logits, one row per token."""
        table = self.t["model.embeddings.weight"]
        states = numpy.zeros((self.blocks, table.shape[1]), numpy.float32)
        logits = []
        for token in tokens:
            x = table[token]
            for block in range(self.blocks):
                x = self.mixer(block, x, states[block])
                x = self.gated_unit(block, x)
            x = norm(x, self.t["model.norm.weight"])
            logits.append(self.linear("lm_head", x))
        return numpy.array(logits)
