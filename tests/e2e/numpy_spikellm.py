"""SpikeLLM in NumPy, written from its equations (docs/models.md, "SpikeLLM";
arXiv 2407.04752 and the default mode of its public code). Shares nothing with the
importer.

Shapes: B sequences, N tokens, D channels, F feed-forward neurons, H heads of
n = D/H that ask, G heads of keys and values, V tokens of vocabulary. All
arithmetic is binary64 on the binary32 numbers of the checkpoint.
"""

import math
import typing

import numpy

LEAST_SCALE = float(numpy.float32(1e-5))


class Codes(typing.NamedTuple):
    """Spike counts `c` of values, (c - z) s what they stand for; `drive` is x / s
    and `lowest` is -min / s, both before they were rounded."""
    c: numpy.ndarray
    z: numpy.ndarray
    s: numpy.ndarray
    bits: int
    drive: numpy.ndarray
    lowest: numpy.ndarray

    def signed(self):
        """What travels if events carry c - z: at most 2^bits - 1 either way."""
        return numpy.clip(self.c - self.z, 1 - 2**self.bits, 2**self.bits - 1)

    def values(self, signed=False):
        return (self.signed() if signed else self.c - self.z) * self.s


def keep(name, codes, used):
    """What `emit` is unless given: codes go on as they are."""
    return codes


def encode(x, bits, axis=-1):
    """Codes of `bits` over the range that x has along `axis`."""
    greatest, least = x.max(axis, keepdims=True), x.min(axis, keepdims=True)
    s = numpy.clip((greatest - least) / (2**bits - 1), LEAST_SCALE, 1e4)
    lowest = numpy.clip(-least / s, -1e4, 1e4)
    z = numpy.rint(lowest)
    c = numpy.clip(numpy.rint(x / s) + z, 0, 2**bits - 1)
    return Codes(c, z, s, bits, x / s, lowest)


def rms_norm(x, gain, bias, epsilon):
    return gain * x / numpy.sqrt((x * x).mean(axis=-1, keepdims=True)
                                 + epsilon) + bias


def rotate(y, theta):
    """R at positions 0..N-1: y [B,N,heads,n], pairs i and i + n/2."""
    half = y.shape[-1] // 2
    angle = (numpy.arange(y.shape[1])[:, None]
             * theta ** (-numpy.arange(half) / half))[:, None, :]
    a, b = y[..., :half], y[..., half:]
    return numpy.concatenate(
        (a * numpy.cos(angle) - b * numpy.sin(angle),
         b * numpy.cos(angle) + a * numpy.sin(angle)), axis=-1)


def softmax(x, valid):
    """Over the last axis where `valid`; zeros where nothing is."""
    e = numpy.where(valid, numpy.exp(x - x.max(axis=-1, keepdims=True)), 0)
    return e / numpy.maximum(e.sum(axis=-1, keepdims=True), 1e-300)


def silu(x):
    return x / (1 + numpy.exp(-x))


class SpikeLlm:

    def __init__(self, tensors, config, k_range="window", signed=False,
                 dense=False, emit=keep):
        """tensors: the state dict that the public code saves; config: its LLaMA
        configuration with `abits` and `addbit`. k_range: what the range of a
        key's code spans, the channel over the sequence ("window", as published)
        or the token's head ("token"). signed: matrices read events of c - z, which
        are limited (not as published). dense: nothing is coded.
        emit(name, codes, used) may look at or replace any codes; `used` says
        which channels they are the codes of."""
        self.t = {name: value if value.dtype == bool
                  else value.astype(numpy.float64)
                  for name, value in tensors.items()}
        self.config, self.k_range, self.emit = config, k_range, emit
        self.signed, self.dense = signed, dense
        self.heads = config["num_attention_heads"]
        self.groups = config.get("num_key_value_heads", self.heads)
        self.theta = config.get("rope_theta", 10000.0)

    def mask(self, name, shape):
        """True for low channels; all of them where no mask was saved."""
        low = self.t.get(f"{name}.mask_low_mse")
        return numpy.ones(shape, bool) if low is None else low.reshape(shape)

    def linear(self, name, x):
        """W x^ + b, [B,N,in] to [B,N,out]; x^ is x as its codes say."""
        weight = self.t[f"{name}.weight"]
        if not self.dense:
            low = self.mask(name, weight.shape[1])
            if self.config["addbit"] == 0:  # both codes are the same
                low = numpy.ones_like(low)
            bits = self.config["abits"]
            few = self.emit(f"{name}.low", encode(x, bits), low)
            many = self.emit(f"{name}.high",
                             encode(x, bits + self.config["addbit"]), ~low)
            x = numpy.where(low, few.values(self.signed),
                            many.values(self.signed))
        return x @ weight.T + self.t.get(f"{name}.bias", 0)

    def norm(self, name, x):
        return rms_norm(x, self.t[f"{name}.weight"],
                        self.t.get(f"{name}.bias", 0),
                        self.config["rms_norm_eps"])

    def shared(self, name, x, axis):
        """Keys or values [B,N,G,n] as the H heads see them, [B,N,H,n]. Heads of
        a group share a memory but may call other channels salient."""
        share = self.heads // self.groups
        low = self.mask(name, (self.groups, share, x.shape[-1]))
        bits = self.config["abits"]
        few = self.emit(f"{name}.low", encode(x, bits, axis), low.any(1))
        many = self.emit(f"{name}.high", encode(x, bits + 1, axis),
                         (~low).any(1))
        seen = numpy.where(low, few.values()[:, :, :, None],
                           many.values()[:, :, :, None])
        return seen.reshape(*x.shape[:2], self.heads, -1)

    def attention(self, name, u, mask):
        def split(y, heads):
            return y.reshape(*y.shape[:2], heads, -1)

        q = rotate(split(self.linear(f"{name}.q_proj", u), self.heads),
                   self.theta)
        k = rotate(split(self.linear(f"{name}.k_proj", u), self.groups),
                   self.theta)
        v = split(self.linear(f"{name}.v_proj", u), self.groups)
        if self.dense:
            k, v = (numpy.repeat(x, self.heads // self.groups, axis=2)
                    for x in (k, v))
        else:
            q = self.emit(f"{name}.qkt_matmul.x1",
                          encode(q, self.config["abits"]),
                          numpy.ones(q.shape[2:], bool)).values()
            k = self.shared(f"{name}.qkt_matmul", k,
                            1 if self.k_range == "window" else -1)
            v = self.shared(f"{name}.pv_matmul", v, -1)
        scores = numpy.einsum("bqhi,bkhi->bhqk", q, k) / math.sqrt(q.shape[-1])
        earlier = numpy.tril(numpy.ones(scores.shape[-2:], bool))
        p = softmax(scores, earlier & mask[:, None, None, :])
        c = numpy.einsum("bhqk,bkhi->bqhi", p, v)
        return self.linear(f"{name}.o_proj", c.reshape(*u.shape[:2], -1))

    def layer(self, index, x, mask):
        """One decoder layer, [B,N,D] to [B,N,D]."""
        name = f"model.layers.{index}"
        x = x + self.attention(f"{name}.self_attn",
                               self.norm(f"{name}.input_layernorm", x), mask)
        u = self.norm(f"{name}.post_attention_layernorm", x)
        gate = self.linear(f"{name}.mlp.gate_proj", u)
        up = self.linear(f"{name}.mlp.up_proj", u)
        return x + self.linear(f"{name}.mlp.down_proj", silu(gate) * up)

    def run(self, tokens, mask=None):
        """tokens and mask [B,N], 0 for padding, to logits [B,N,V]. Padding is not
        attended to; it counts as a position and for the range of keys."""
        tokens = numpy.asarray(tokens)
        mask = numpy.ones(tokens.shape) if mask is None else mask
        mask = numpy.asarray(mask, bool)
        x = self.t["model.embed_tokens.weight"][tokens]
        for index in range(self.config["num_hidden_layers"]):
            x = self.layer(index, x, mask)
        tied = self.config.get("tie_word_embeddings", False)
        head = "model.embed_tokens" if tied else "lm_head"
        return self.norm("model.norm", x) @ self.t[f"{head}.weight"].T
