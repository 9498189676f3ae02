#!/usr/bin/python3
"""Trains a character-level LLaMA and quantises it to SpikeLLM's GIF codes.

Dense part: RMSNorm, rotary positions, SwiGLU, no biases. Quantised part, after
arXiv 2407.04752 and what its public code computes: weights as 4-bit codes per
output row; activations as codes over each token's range, salient channels
("high") over the same range with more bits. Salient channels are chosen by the
saliency X o (X W^T W) on calibration windows. The range of a weight row is cut
by the factor that keeps the layer's output closest (tried, not learned); the
learnable transformation of the public tuning is left out.

Written are OUT-dense.pth (float16, LLaMA names), OUT.pth (de-quantised weights,
scales, zeros and masks with the public names), OUT.json and OUT-dense.json, OUT.vocab.json,
OUT.yaml, OUT.calibrate.txt, OUT.evaluate.txt and OUT.report.json.

Needs Debian's python3-torch.

    train.py --text book.txt -o book            # about half an hour on a core
    train.py --text book.txt -o book --smoke    # a minute, learns little
"""

import argparse
import json
import math
import os
import time

import torch
import torch.nn.functional as F
from torch import nn

EPS = 1e-6
THETA = 10000.0


def quantize(x, bits, axis=-1, cut=1.0):
    """Codes over the range of x along an axis: the de-quantised values, the
    scale and the zero point. The range need not hold 0."""
    levels = 2 ** bits - 1
    high, low = x.amax(axis, keepdim=True) * cut, x.amin(axis, keepdim=True) * cut
    scale = ((high - low) / levels).clamp(1e-5, 1e4)
    zero = (-low / scale).clamp(-1e4, 1e4).round()
    codes = ((x / scale).round() + zero).clamp(0, levels)
    return (codes - zero) * scale, scale, zero


class Coded(nn.Module):
    """What a product reads: low channels at `bits`, high ones at more. Passes
    everything through until masks are known."""

    def __init__(self, bits, more):
        super().__init__()
        self.bits, self.more = bits, more
        self.register_buffer("mask_low_mse", None)

    def code(self, x, axis=-1):
        if self.mask_low_mse is None:
            return x
        low, high = (quantize(x, self.bits + add, axis)[0]
                     for add in (0, self.more))
        return torch.where(self.mask_low_mse, low, high)

    def choose(self, saliency, share, shape):
        """Low are the channels of least mean saliency; a tie is low."""
        flat = saliency.flatten()
        count = max(1, int(share * flat.numel()))
        least = flat.sort().values[count - 1]
        self.mask_low_mse = (saliency <= least).view(shape)


class Projection(Coded):
    def __init__(self, inputs, outputs, bits, more):
        super().__init__(bits, more)
        self.weight = nn.Parameter(
            torch.randn(outputs, inputs) / math.sqrt(inputs))
        self.seen = None  # inputs while saliency is collected

    def forward(self, x):
        if self.seen is not None:
            self.seen.append(x.detach().flatten(0, 1))
        return F.linear(self.code(x), self.weight)

    @torch.no_grad()
    def freeze(self, bits, share):
        x = torch.cat(self.seen)
        self.seen = None
        w = self.weight
        self.choose((x * (x @ w.T @ w)).mean(0), share, (1, 1, -1))
        moments = x.T @ x
        best = None
        for cut in (1.0, 0.98, 0.95, 0.9, 0.85, 0.8, 0.7):
            coded = quantize(w, bits, cut=cut)
            off = coded[0] - w
            error = ((off @ moments) * off).sum(-1, keepdim=True)
            if best is None:
                best = [error, *coded]
            better = error < best[0]
            best = [torch.where(better, new, old)
                    for new, old in zip((error, *coded), best)]
        self.weight.data = best[1]
        self.scales, self.zeros = best[2], best[3]


class RmsNorm(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x):
        return self.weight * (
            x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + EPS))


def rotate(x):
    """Rotary positions on [B, H, N, d]; channel i turns with i + d/2."""
    half = x.shape[-1] // 2
    turn = torch.outer(torch.arange(x.shape[-2]).float(),
                       THETA ** (-torch.arange(half) / half))
    cos, sin = turn.cos().repeat(1, 2), turn.sin().repeat(1, 2)
    a, b = x.split(half, -1)
    return x * cos + torch.cat((-b, a), -1) * sin


class Attention(nn.Module):
    def __init__(self, o):
        super().__init__()
        self.heads = o.heads
        for name in ("q_proj", "k_proj", "v_proj", "o_proj"):
            setattr(self, name, Projection(o.width, o.width, o.abits, o.addbit))
        # Salient keys and values have one more bit, whatever `addbit` is.
        self.qkt_matmul, self.pv_matmul = Coded(o.abits, 1), Coded(o.abits, 1)
        self.seen = None

    def forward(self, x):
        split = lambda y: y.unflatten(-1, (self.heads, -1)).transpose(1, 2)
        q, k = rotate(split(self.q_proj(x))), rotate(split(self.k_proj(x)))
        v = split(self.v_proj(x))
        if self.qkt_matmul.mask_low_mse is not None:
            q = quantize(q, self.qkt_matmul.bits)[0]
        n = x.shape[1]
        scores = q @ self.qkt_matmul.code(k.transpose(-1, -2))
        future = torch.ones(n, n).triu(1).bool()
        p = (scores / math.sqrt(q.shape[-1])).masked_fill(
            future, float("-inf")).softmax(-1)
        if self.seen is not None:
            self.seen.append((k * (q.transpose(-1, -2) @ q @ k.transpose(-1, -2)
                                   ).transpose(-1, -2)).mean((0, 2)))
            self.seen.append((v * (p.transpose(-1, -2) @ (p @ v))).mean((0, 2)))
        return self.o_proj((p @ self.pv_matmul.code(v)).transpose(1, 2)
                           .flatten(-2))

    def freeze(self, share):
        k, v = (sum(self.seen[i::2]) for i in (0, 1))
        self.seen = None
        self.qkt_matmul.choose(k, share, (1, *k.shape, 1))
        self.pv_matmul.choose(v, share, (1, v.shape[0], 1, v.shape[1]))


class Mlp(nn.Module):
    def __init__(self, o):
        super().__init__()
        self.gate_proj = Projection(o.width, o.hidden, o.abits, o.addbit)
        self.up_proj = Projection(o.width, o.hidden, o.abits, o.addbit)
        self.down_proj = Projection(o.hidden, o.width, o.abits, o.addbit)

    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Layer(nn.Module):
    def __init__(self, o):
        super().__init__()
        self.self_attn, self.mlp = Attention(o), Mlp(o)
        self.input_layernorm = RmsNorm(o.width)
        self.post_attention_layernorm = RmsNorm(o.width)

    def forward(self, x):
        x = x + self.self_attn(self.input_layernorm(x))
        return x + self.mlp(self.post_attention_layernorm(x))

    def projections(self):
        return [m for m in self.modules() if isinstance(m, Projection)]


class Llama(nn.Module):
    def __init__(self, vocabulary, options):
        super().__init__()
        self.model = nn.ModuleDict({
            "embed_tokens": nn.Embedding(vocabulary, options.width),
            "layers": nn.ModuleList(Layer(options)
                                    for _ in range(options.layers)),
            "norm": RmsNorm(options.width)})
        self.lm_head = nn.Linear(options.width, vocabulary, bias=False)

    def forward(self, ids):
        x = self.model["embed_tokens"](ids)
        for layer in self.model["layers"]:
            x = layer(x)
        return self.lm_head(self.model["norm"](x))


def windows(ids, begins, length):
    rows = ids[begins[:, None] + torch.arange(length + 1)]
    return rows[:, :-1], rows[:, 1:]


@torch.no_grad()
def evaluate(model, ids, options, most=64):
    count = min(most, (len(ids) - 1) // options.context)
    x, y = windows(ids, torch.arange(count) * options.context, options.context)
    logits = model(x)
    return (F.cross_entropy(logits.flatten(0, 1), y.flatten()).item()
            / math.log(2))


def train(model, ids, options):
    generator = torch.Generator().manual_seed(options.seed)
    adam = torch.optim.AdamW(model.parameters(), lr=options.rate,
                             betas=(0.9, 0.95), weight_decay=0.1)
    warm_up = max(1, options.steps // 20)
    started = time.time()
    for step in range(options.steps):
        done = max(0, step - warm_up) / max(1, options.steps - warm_up)
        for group in adam.param_groups:
            group["lr"] = options.rate * min(
                (step + 1) / warm_up, 0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * done)))
        begins = torch.randint(len(ids) - options.context, (options.batch,),
                               generator=generator)
        x, y = windows(ids, begins, options.context)
        loss = F.cross_entropy(model(x).flatten(0, 1), y.flatten())
        adam.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        adam.step()
        if step % max(1, options.steps // 20) == 0 or step + 1 == options.steps:
            print(f"step {step + 1}/{options.steps}: "
                  f"{loss.item() / math.log(2):.3f} bits per character, "
                  f"{time.time() - started:.0f} s", flush=True)
    return time.time() - started


@torch.no_grad()
def spike(model, ids, options):
    """Quantises block after block; each sees what the quantised ones before it
    make of the calibration windows."""
    generator = torch.Generator().manual_seed(options.seed + 1)
    begins = torch.randint(len(ids) - options.context, (options.samples,),
                           generator=generator)
    x = model.model["embed_tokens"](windows(ids, begins, options.context)[0])
    for layer in model.model["layers"]:
        layer.self_attn.seen = []
        for p in layer.projections():
            p.seen = []
        layer(x)
        layer.self_attn.freeze(options.low)
        for p in layer.projections():
            p.freeze(options.wbits, options.low)
        x = layer(x)


def spiking_state(model):
    state = model.state_dict()
    for name, m in model.named_modules():
        if isinstance(m, Projection):
            state[f"{name}.weight_quantizer.scales"] = m.scales
            state[f"{name}.weight_quantizer.zeros"] = m.zeros
    return state


def write(path, text):
    """Whole or not at all."""
    with open(path + ".part", "w", encoding="utf-8", newline="") as file:
        file.write(text)
    os.replace(path + ".part", path)


def save_tensors(path, state):
    torch.save(state, path + ".part")
    os.replace(path + ".part", path)


def save_texts(options, text, split, characters, report):
    out, name = options.output, os.path.basename(options.output)
    config = {"GIF_levels_L": 2 ** options.abits,
              "GIF_steps_T_kv_high": 2,
              "GIF_steps_T_linear_high": 2 ** options.addbit,
              "abits": options.abits, "addbit": options.addbit,
              "hidden_act": "silu", "hidden_size": options.width,
              "intermediate_size": options.hidden, "let": False, "lwc": True,
              "low_p": options.low,
              "max_position_embeddings": options.context,
              "num_attention_heads": options.heads,
              "num_hidden_layers": options.layers,
              "num_key_value_heads": options.heads, "rms_norm_eps": EPS,
              "rope_theta": THETA, "tie_word_embeddings": False,
              "vocab_size": len(characters), "wbits": options.wbits}
    for file in (out, out + "-dense"):
        write(file + ".json", json.dumps(config, indent=1) + "\n")
    write(out + ".vocab.json", json.dumps(characters))
    write(out + ".calibrate.txt", text[:min(split, 4096)])
    write(out + ".evaluate.txt", text[split:split + 16 * options.context + 1])
    write(out + ".yaml",
          f"architecture: spikellm\n"
          f"vocabulary: {name}.vocab.json\ncalibrate: {name}.calibrate.txt\n"
          f"evaluate: {name}.evaluate.txt\nevaluate_window: {options.context}\n")
    write(out + ".report.json", json.dumps(report, indent=1) + "\n")


def parse_options():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--text", required=True, help="UTF-8 text to learn")
    parser.add_argument("-o", "--output", required=True, help="name to write")
    for name, default, text in (
            ("layers", 3, None), ("width", 96, None), ("heads", 4, None),
            ("hidden", 264, "width of the feed-forward part"),
            ("context", 128, "tokens per window"), ("steps", 1600, None),
            ("batch", 32, None), ("seed", 29, None), ("threads", 1, None),
            ("wbits", 4, "bits of a weight code"),
            ("abits", 4, "bits of an activation code"),
            ("addbit", 1, "further bits of salient channels: T = 2^addbit"),
            ("samples", 64, "calibration windows")):
        parser.add_argument(f"--{name}", type=int, default=default, help=text)
    parser.add_argument("--low", type=float, default=0.9,
                        help="share of channels that are not salient")
    parser.add_argument("--rate", type=float, default=2e-3,
                        help="highest learning rate")
    parser.add_argument("--smoke", action="store_true",
                        help="a small network and few steps, to try it out")
    options = parser.parse_args()
    if options.smoke:
        options.layers, options.width, options.hidden = 2, 48, 128
        options.context, options.steps, options.samples = 32, 150, 16
    if options.width % (2 * options.heads):
        parser.error("2 x --heads must divide --width")
    return options


def main():
    options = parse_options()
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    with open(options.text, encoding="utf-8", newline="") as file:
        text = file.read()
    split = len(text) * 9 // 10
    if len(text) - split < options.context + 1:
        raise SystemExit(f"{options.text}: error: {len(text)} characters; a "
                         f"tenth of it must fill a window of {options.context}")
    characters = sorted(set(text))
    token = {c: i for i, c in enumerate(characters)}
    ids = torch.tensor([token[c] for c in text])
    model = Llama(len(characters), options)
    seconds = train(model, ids[:split], options)
    # As LLaMA files are stored; every number below is of these values.
    half = {k: v.half() for k, v in model.state_dict().items()}
    save_tensors(options.output + "-dense.pth", half)
    model.load_state_dict({k: v.float() for k, v in half.items()})
    dense = evaluate(model, ids[split:], options)
    spike(model, ids[:split], options)
    spiking = evaluate(model, ids[split:], options)
    save_tensors(options.output + ".pth", spiking_state(model))
    report = {
        "text": os.path.basename(options.text), "characters": len(text),
        "parameters": sum(p.numel() for p in model.parameters()),
        **{k: getattr(options, k) for k in
           ("layers", "width", "heads", "hidden", "context", "steps", "batch",
            "rate", "seed", "wbits", "abits", "addbit", "low", "samples")},
        "seconds": round(seconds, 1),
        "bits_per_character": {"dense": round(dense, 4),
                               "spiking": round(spiking, 4)},
    }
    save_texts(options, text, split, characters, report)
    print(f"{options.output}.pth: {report['parameters']} parameters, bits per "
          f"character on the last tenth of the text: {dense:.3f} dense, "
          f"{spiking:.3f} spiking")


if __name__ == "__main__":
    main()
