"""SpikeLM in NumPy, written from its equations (docs/models.md, "SpikeLM";
arXiv 2406.03287 and its public code). Shares nothing with the importer.

Shapes: T inner steps, B sequences, N tokens, D channels, F feed-forward
neurons, H heads of n = D/H, V tokens of vocabulary. All arithmetic is binary64 on
the binary32 numbers of the checkpoint, so that what differs from a binary32
implementation is that one's rounding.
"""

import math

import numpy

LOWEST = float(numpy.finfo(numpy.float32).min)
LEAST_AMPLITUDE = float(numpy.float32(1e-5))
_erf = numpy.vectorize(math.erf, otypes=[numpy.float64])


def keep(name, step, spikes, drive):
    """What `emit` is unless given: spikes go on as they are."""
    return spikes


def ternary(m, alpha):
    """Spikes in {-1, 0, 1} of membranes `m`, ties to even, and m / a."""
    drive = m / max(alpha, LEAST_AMPLITUDE)
    return numpy.clip(numpy.rint(drive), -1, 1), drive


def leak(m, spikes, alpha, membrane):
    """What a membrane keeps after it has emitted `spikes`."""
    if membrane == "textbook":
        return 0.25 * m * (1 - numpy.abs(spikes))
    # A positive spike resets (if alpha is its amplitude), a negative one does
    # the opposite.
    return (0.25 * m) * (alpha - max(alpha, LEAST_AMPLITUDE) * spikes)


def population(name, x, alphas, membrane, emit=keep):
    """One neuron per element over all T steps.

    x: drive [T,...]; alphas: T amplitudes; membrane: "published" or "textbook"
    in front of a linear (LIF), None at keys and values (TER).
    Returns what goes downstream, amplitude x spike [T,...].
    """
    out, kept = [], 0
    for step, (drive, alpha) in enumerate(zip(x, alphas)):
        m = drive + kept
        spikes, scaled = ternary(m, alpha)
        spikes = emit(name, step, spikes, scaled)
        if membrane is not None:
            kept = leak(m, spikes, alpha, membrane)
        out.append(max(alpha, LEAST_AMPLITUDE) * spikes)
    return numpy.stack(out)


def layer_norm(x, gain, bias, epsilon):
    centred = x - x.mean(axis=-1, keepdims=True)
    variance = (centred * centred).mean(axis=-1, keepdims=True)
    return gain * centred / numpy.sqrt(variance + epsilon) + bias


def gelu(x):
    return x / 2 * (1 + _erf(x / math.sqrt(2)))


def softmax(x):
    e = numpy.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


ACTIVATIONS = {"relu": lambda x: numpy.maximum(x, 0), "gelu": gelu}


class SpikeLm:

    def __init__(self, tensors, config, membrane="published", emit=keep):
        """tensors: the public state dict; config: its BERT configuration.
        emit(name, step, spikes, m / a) may look at or replace any spikes."""
        self.t = {name: value.astype(numpy.float64)
                  for name, value in tensors.items()}
        self.config, self.membrane, self.emit = config, membrane, emit
        self.heads = config["num_attention_heads"]
        self.steps = len(self.amplitudes(
            "bert.encoder.layer.0.attention.self.query.act_clip_val"))
        self.layers = 1 + max(int(name.split(".")[3]) for name in self.t
                              if name.startswith("bert.encoder.layer."))

    def amplitudes(self, name):
        alphas = []
        while f"{name}.{len(alphas)}" in self.t:
            alphas.append(self.t[f"{name}.{len(alphas)}"].item())
        return alphas

    def linear(self, name, x):
        return x @ self.t[f"{name}.weight"].T + self.t[f"{name}.bias"]

    def spiking_linear(self, name, site, x):
        """W LIF(x) + b, [T,B,N,in] to [T,B,N,out]."""
        return self.linear(name, population(
            site, x, self.amplitudes(f"{name}.act_clip_val"), self.membrane,
            self.emit))

    def norm(self, name, x, epsilon=1e-12):
        return layer_norm(x, self.t[f"{name}.weight"], self.t[f"{name}.bias"],
                          epsilon)

    def split(self, x):
        """[T,B,N,D] to [T,B,H,N,n]."""
        return x.reshape(*x.shape[:3], self.heads, -1).swapaxes(2, 3)

    def attention(self, block, site, h, mask):
        """The context c [T,B,N,D] of h; mask [B,N], 0 for padding."""
        own = f"{block}.attention.self"
        q = self.spiking_linear(f"{own}.query", f"{site}.q_in", h)
        k = self.spiking_linear(f"{own}.key", f"{site}.k_in", h)
        v = self.spiking_linear(f"{own}.value", f"{site}.v_in", h)
        k = population(f"{site}.k_out", k, self.amplitudes(f"{own}.clip_key"),
                       None, self.emit)
        v = population(f"{site}.v_out", v, self.amplitudes(f"{own}.clip_value"),
                       None, self.emit)
        q, k, v = self.split(q), self.split(k), self.split(v)
        scores = q @ k.swapaxes(-1, -2) / math.sqrt(q.shape[-1])
        scores += (1 - mask)[None, :, None, None, :] * LOWEST
        return (softmax(scores) @ v).swapaxes(2, 3).reshape(h.shape)

    def block(self, index, h, mask):
        block, site = f"bert.encoder.layer.{index}", f"layer{index}"
        c = self.attention(block, site, h, mask)
        u = self.spiking_linear(f"{block}.attention.output.dense",
                                f"{site}.attn_out_in", c)
        u = self.norm(f"{block}.attention.output.LayerNorm", u + h)
        f = gelu(self.spiking_linear(f"{block}.intermediate.dense",
                                     f"{site}.ffn_up_in", u))
        y = self.spiking_linear(f"{block}.output.dense", f"{site}.ffn_down_in",
                                f)
        return self.norm(f"{block}.output.LayerNorm", y + u)

    def encode(self, tokens, types=None, mask=None):
        """tokens, types, mask [B,N] to hidden states [B,N,D]."""
        tokens = numpy.asarray(tokens)
        types = numpy.zeros_like(tokens) if types is None else types
        mask = numpy.ones(tokens.shape) if mask is None else mask
        name = "bert.embeddings"
        e = (self.t[f"{name}.word_embeddings.weight"][tokens]
             + self.t[f"{name}.position_embeddings.weight"][:tokens.shape[1]]
             + self.t[f"{name}.token_type_embeddings.weight"][types])
        e = self.norm(f"{name}.LayerNorm", e, self.config["layer_norm_eps"])
        h = numpy.stack([e] * self.steps)
        for index in range(self.layers):
            h = self.block(index, h, numpy.asarray(mask))
        return h.mean(axis=0)

    def pooled(self, y):
        return numpy.tanh(self.linear("bert.pooler.dense", y[:, 0]))

    def read(self, head, y):
        """What `head` says of hidden states y [B,N,D]: "none" y itself, "mlm"
        [B,N,V], "next-sentence" [B,2], "classifier" [B,labels]."""
        if head == "none":
            return y
        if head == "next-sentence":
            return self.linear("cls.seq_relationship", self.pooled(y))
        if head == "classifier":
            return self.linear("classifier", self.pooled(y))
        name = "cls.predictions"
        z = ACTIVATIONS[self.config["hidden_act"]](
            self.linear(f"{name}.transform.dense", y))
        z = self.norm(f"{name}.transform.LayerNorm", z,
                      self.config["layer_norm_eps"])
        return (z @ self.t["bert.embeddings.word_embeddings.weight"].T
                + self.t[f"{name}.bias"])
