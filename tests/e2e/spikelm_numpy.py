"""The encoder of SpikeLM in NumPy (docs/models.md, section SpikeLM), as far as
its amplitudes need it. Written apart from the compiler on purpose."""

import math

import numpy

ERF = numpy.vectorize(math.erf, otypes=[numpy.float32])


def norm(x, gain, bias, epsilon):
    mean = x.mean(-1, keepdims=True)
    variance = ((x - mean) ** 2).mean(-1, keepdims=True)
    return (x - mean) / numpy.sqrt(variance + numpy.float32(epsilon)) * gain + bias


class Encoder:
    """Sets each amplitude that is missing or exactly 1 by the rule of the public
    code; `tensors` then has them all."""

    def __init__(self, tensors, config, ids):
        self.w, self.steps, self.computed = tensors, config["T"], []
        e = "bert.embeddings."
        x = (self.w[e + "word_embeddings.weight"][ids]
             + self.w[e + "token_type_embeddings.weight"][0]
             + self.w[e + "position_embeddings.weight"][:ids.shape[1]])
        x = norm(x, *self.pair(e + "LayerNorm"), config["layer_norm_eps"])
        h = [x] * self.steps
        for layer in range(config["num_hidden_layers"]):
            h = self.block(f"bert.encoder.layer.{layer}.", h,
                           config["num_attention_heads"])

    def pair(self, name):
        return self.w[name + ".weight"], self.w[name + ".bias"]

    def spikes(self, clip, drive, membrane=True):
        """alpha s of each step."""
        out, m = [], None
        for t, x in enumerate(drive):
            if membrane and t:
                m = m * numpy.float32(0.25) * (alpha - out[-1]) + x
            else:
                m = x
            name = f"{clip}.{t}"
            if self.w.get(name, 1.0) == 1.0:
                self.w[name] = numpy.float32(2 * numpy.abs(m).astype("f8").mean())
                self.computed.append(name)
            alpha = self.w[name]
            out.append(alpha * numpy.clip(numpy.rint(m / alpha), -1, 1))
        return out

    def linear(self, name, drive):
        weight, bias = self.pair(name)
        return [s @ weight.T + bias
                for s in self.spikes(name + ".act_clip_val", drive)]

    def block(self, p, h, heads):
        a = p + "attention.self."
        q, k, v = (self.linear(a + name, h) for name in ("query", "key", "value"))
        k = self.spikes(a + "clip_key", k, membrane=False)
        v = self.spikes(a + "clip_value", v, membrane=False)
        split = lambda x: x.reshape(*x.shape[:2], heads, -1).swapaxes(1, 2)
        context = []
        for t in range(self.steps):
            score = split(q[t]) @ split(k[t]).swapaxes(2, 3)
            score = score / numpy.float32(math.sqrt(h[0].shape[-1] // heads))
            weights = numpy.exp(score - score.max(-1, keepdims=True))
            weights /= weights.sum(-1, keepdims=True)
            context.append((weights @ split(v[t])).swapaxes(1, 2)
                           .reshape(h[0].shape))
        o = p + "attention.output."
        u = [norm(x + r, *self.pair(o + "LayerNorm"), 1e-12)
             for x, r in zip(self.linear(o + "dense", context), h)]
        f = [x * numpy.float32(0.5) * (1 + ERF(x / numpy.float32(math.sqrt(2))))
             for x in self.linear(p + "intermediate.dense", u)]
        o = p + "output."
        return [norm(x + r, *self.pair(o + "LayerNorm"), 1e-12)
                for x, r in zip(self.linear(o + "dense", f), u)]
