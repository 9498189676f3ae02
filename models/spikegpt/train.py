#!/usr/bin/python3
"""Trains a character-level SpikeGPT and saves it for Synfire.

The network is the training form of the public code: binary embedding, layer
norms, time mix with WKV, channel mix with squared ReLU, a LIF after each, and a
residual that is never rescaled. Written are OUT.pth (state dict, read by
`synfire compile`), OUT.yaml (what the tensors do not say), OUT.vocab.json,
OUT.calibrate.txt, OUT.evaluate.txt and OUT.report.json.

Needs Debian's python3-torch; libopenblas0-pthread makes it ten times faster.

    train.py --text book.txt -o book            # about 20 minutes on one core
    train.py --text book.txt -o book --smoke    # half a minute, learns little
"""

import argparse
import json
import math
import os
import time

import torch
import torch.nn.functional as F
from torch import nn

CHUNK = 16  # tokens per step of the WKV recurrence


class Threshold(torch.autograd.Function):
    """1 where z >= 0; backwards the derivative of arctan (alpha 2)."""

    @staticmethod
    def forward(ctx, z):
        ctx.save_for_backward(z)
        return (z >= 0).to(z.dtype)

    @staticmethod
    def backward(ctx, grad):
        (z,) = ctx.saved_tensors
        return grad / (1 + (math.pi * z) ** 2)


class Lif(torch.autograd.Function):
    """Leaky integrate-and-fire over the tokens of [T, B, d]: tau 2, threshold
    1, hard reset to 0 that gradients pass through. One loop each way, without a
    graph node per token."""

    @staticmethod
    def forward(ctx, current):
        h = torch.empty_like(current)
        spikes = torch.empty_like(current)
        v = torch.zeros_like(current[0])
        for t in range(current.shape[0]):
            torch.add(v, (current[t] - v) / 2, out=h[t])
            spikes[t] = h[t] >= 1
            v = (1 - spikes[t]) * h[t]
        ctx.save_for_backward(h, spikes)
        return spikes

    @staticmethod
    def backward(ctx, grad):
        h, spikes = ctx.saved_tensors
        surrogate = 1 / (1 + (math.pi * (h - 1)) ** 2)
        # d v / d h = (1 - s) - h * surrogate
        through = 1 - spikes - h * surrogate
        out = torch.empty_like(grad)
        grad_v = torch.zeros_like(grad[0])
        for t in range(grad.shape[0] - 1, -1, -1):
            grad_h = grad[t] * surrogate[t] + grad_v * through[t]
            out[t] = grad_h / 2
            grad_v = out[t]
        return out


def wkv(time_decay, time_first, k, v):
    """The WKV average of k, v [T, B, d] from an empty state.

    It is linear in (e^k v, e^k), so a chunk of tokens is one matrix per
    channel, plus what the earlier chunks left, decayed. Keys are taken relative
    to their maximum; exact while keys of a sequence lie within 80 of it.
    """
    w = -torch.exp(time_decay)
    length = k.shape[0]
    k = k - k.amax(0, keepdim=True).detach()
    weight = torch.exp(k)
    now = torch.exp(time_first + k)
    pairs = torch.stack((weight * v, weight))  # [2, T, B, d]
    steps = torch.arange(CHUNK, device=k.device)
    gap = (steps[:, None] - 1 - steps[None, :])[..., None]  # [C, C, 1]
    decay = torch.where(gap >= 0, torch.exp(gap.clamp(min=0) * w),
                        torch.zeros(()))
    from_start = torch.exp(steps[:, None] * w)  # [C, d]
    to_end = torch.exp((CHUNK - 1 - steps)[:, None] * w)
    whole = torch.exp(CHUNK * w)
    state = torch.zeros_like(pairs[:, 0])
    sums = []
    for begin in range(0, length, CHUNK):
        part = pairs[:, begin:begin + CHUNK]
        n = part.shape[1]
        sums.append(torch.einsum("ijd,ajbd->aibd", decay[:n, :n], part)
                    + from_start[:n, None] * state[:, None])
        if n == CHUNK:
            state = whole * state + (to_end[:, None] * part).sum(1)
    past = torch.cat(sums, 1)
    return (past[0] + now * v) / (past[1] + now)


def shift(x):
    """Every token sees the one before it; the first sees zeros."""
    return F.pad(x, (0, 0, 0, 0, 1, -1))


def mix(m, x, before):
    return x * m + before * (1 - m)


class TimeMix(nn.Module):
    def __init__(self, width, layer, layers):
        super().__init__()
        up, down = layer / (layers - 1), 1 - layer / layers
        c = torch.arange(width)
        self.time_decay = nn.Parameter(
            -5 + 8 * (c / (width - 1)) ** (0.7 + 1.3 * up))
        self.time_first = nn.Parameter(
            math.log(0.3) + 0.5 * ((c + 1) % 3 - 1).float())
        place = (c / width)[None, None]
        self.time_mix_k = nn.Parameter(place ** down)
        self.time_mix_v = nn.Parameter(place ** down + 0.3 * up)
        self.time_mix_r = nn.Parameter(place ** (0.5 * down))
        self.key = linear(width, width, 1)
        self.value = linear(width, width, 1)
        self.receptance = linear(width, width, 1)
        self.output = linear(width, width, 3)

    def forward(self, x):
        before = shift(x)
        k = self.key(mix(self.time_mix_k, x, before))
        v = self.value(mix(self.time_mix_v, x, before))
        r = torch.sigmoid(self.receptance(mix(self.time_mix_r, x, before)))
        return self.output(r * wkv(self.time_decay, self.time_first, k, v))


class ChannelMix(nn.Module):
    def __init__(self, width, layer, layers):
        super().__init__()
        place = (torch.arange(width) / width)[None, None]
        self.time_mix_k = nn.Parameter(place ** (1 - layer / layers))
        self.time_mix_r = nn.Parameter(place ** (1 - layer / layers))
        self.key = linear(width, 4 * width, 2)
        self.receptance = linear(width, width, 1)
        self.value = linear(4 * width, width, 1)

    def forward(self, x):
        before = shift(x)
        h = torch.relu(self.key(mix(self.time_mix_k, x, before))) ** 2
        r = torch.sigmoid(self.receptance(mix(self.time_mix_r, x, before)))
        return r * self.value(h)


def linear(inputs, outputs, gain):
    """Gains are such that the neurons fire from the first step on."""
    layer = nn.Linear(inputs, outputs, bias=False)
    nn.init.orthogonal_(layer.weight, gain)
    return layer


class Block(nn.Module):
    def __init__(self, width, layer, layers):
        super().__init__()
        self.ln1 = nn.LayerNorm(width)
        self.ln2 = nn.LayerNorm(width)
        if layer == 0:
            self.ln0 = nn.LayerNorm(width)
        self.att = TimeMix(width, layer, layers)
        self.ffn = ChannelMix(width, layer, layers)

    def forward(self, x, rates):
        if hasattr(self, "ln0"):
            x = self.ln0(x)
        for part, norm in ((self.att, self.ln1), (self.ffn, self.ln2)):
            spikes = Lif.apply(part(norm(x)))
            rates.append(spikes.detach().mean())
            x = x + spikes
        return x


class SpikeGpt(nn.Module):
    """Names of the parameters are those of the public state dict."""

    def __init__(self, vocabulary, layers, width, dropout):
        super().__init__()
        self.emb = nn.Embedding(vocabulary, width)
        self.blocks = nn.ModuleList(
            Block(width, layer, layers) for layer in range(layers))
        self.ln_out = nn.LayerNorm(width)
        self.head = nn.Linear(width, vocabulary, bias=False)
        self.dropout = dropout
        self.rates = []  # of the last forward, per LIF

    def forward(self, ids):
        """Logits [T, B, V] of tokens [T, B]; all states start from rest."""
        x = Threshold.apply(self.emb(ids))
        self.rates = []
        for block in self.blocks:
            x = F.dropout(block(x, self.rates), self.dropout, self.training)
        return self.head(self.ln_out(x))


@torch.no_grad()
def evaluate(model, ids, context, windows):
    """Bits per character and firing rates over the first windows of ids."""
    model.eval()
    windows = min(windows, (len(ids) - 1) // context)
    x = ids[:windows * context].view(windows, context).T
    y = ids[1:windows * context + 1].view(windows, context).T
    loss = F.cross_entropy(model(x).flatten(0, 1), y.flatten())
    model.train()
    return loss.item() / math.log(2), [r.item() for r in model.rates]


def learning_rate(step, steps, peak):
    warm_up = min(200, steps // 10 + 1)
    if step < warm_up:
        return peak * (step + 1) / warm_up
    done = (step - warm_up) / max(1, steps - warm_up)
    return peak * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * done)))


def train(model, ids, options):
    generator = torch.Generator().manual_seed(options.seed)
    adam = torch.optim.Adam(model.parameters(), betas=(0.9, 0.99), eps=4e-9)
    offsets = torch.arange(options.context + 1)[:, None]
    started = time.time()
    for step in range(options.steps):
        for group in adam.param_groups:
            group["lr"] = learning_rate(step, options.steps, options.rate)
        begins = torch.randint(len(ids) - options.context, (options.batch,),
                               generator=generator)
        batch = ids[offsets + begins]
        logits = model(batch[:-1])
        loss = F.cross_entropy(logits.flatten(0, 1), batch[1:].flatten())
        # The public loss pulls the largest logit of each token towards 0.
        pull = 1e-4 / logits[..., 0].numel() / 2 * (logits.amax(-1) ** 2).sum()
        adam.zero_grad(set_to_none=True)
        (loss + pull).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        adam.step()
        if step % max(1, options.steps // 20) == 0 or step + 1 == options.steps:
            print(f"step {step + 1}/{options.steps}: "
                  f"{loss.item() / math.log(2):.3f} bits per character, "
                  f"{time.time() - started:.0f} s", flush=True)
    return time.time() - started


def write(path, text):
    """Whole or not at all."""
    with open(path + ".part", "w", encoding="utf-8", newline="") as file:
        file.write(text)
    os.replace(path + ".part", path)


def save(model, options, text, split, characters, report):
    out = options.output
    torch.save(model.state_dict(), out + ".pth.part")
    os.replace(out + ".pth.part", out + ".pth")
    write(out + ".vocab.json", json.dumps(characters))
    window = options.context
    write(out + ".calibrate.txt", text[:min(split, 4096)])
    write(out + ".evaluate.txt", text[split:split + 16 * window + 1])
    name = os.path.basename(out)
    write(out + ".yaml",
          "architecture: spikegpt\nform: training\n"
          f"vocabulary: {name}.vocab.json\ncalibrate: {name}.calibrate.txt\n"
          f"evaluate: {name}.evaluate.txt\nevaluate_window: {window}\n")
    write(out + ".report.json", json.dumps(report, indent=1) + "\n")


def parse_options():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--text", required=True, help="UTF-8 text to learn")
    parser.add_argument("-o", "--output", required=True, help="name to write")
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--width", type=int, default=128)
    parser.add_argument("--context", type=int, default=128,
                        help="tokens per window")
    parser.add_argument("--steps", type=int, default=9000)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=2e-3,
                        help="highest learning rate")
    parser.add_argument("--dropout", type=float, default=0.03)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--smoke", action="store_true",
                        help="a small network and few steps, to try it out")
    options = parser.parse_args()
    if options.smoke:
        options.layers, options.width, options.steps = 2, 64, 250
        options.context, options.batch = 64, 16
    if options.layers < 2 or options.width < 2:
        parser.error("--layers and --width must be at least 2")
    return options


def main():
    options = parse_options()
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)
    with open(options.text, encoding="utf-8", newline="") as file:
        text = file.read()
    split = len(text) * 9 // 10
    if len(text) - split < options.context + 1:
        raise SystemExit(f"{options.text}: error: {len(text)} characters; a "
                         f"tenth of it must fill a window of {options.context}")
    characters = sorted(set(text))
    token = {c: i for i, c in enumerate(characters)}
    ids = torch.tensor([token[c] for c in text])
    model = SpikeGpt(len(characters), options.layers, options.width,
                     options.dropout)
    before, _ = evaluate(model, ids[split:], options.context, 64)
    seconds = train(model, ids[:split], options)
    # Denormals count: -1e-45 is below the embedding's threshold.
    torch.set_flush_denormal(False)
    learned, _ = evaluate(model, ids[:split], options.context, 64)
    after, rates = evaluate(model, ids[split:], options.context, 64)
    report = {
        "text": os.path.basename(options.text),
        "characters": len(text),
        "vocabulary": len(characters),
        "parameters": sum(p.numel() for p in model.parameters()),
        "layers": options.layers, "width": options.width,
        "context": options.context, "steps": options.steps,
        "batch": options.batch, "seed": options.seed,
        "seconds": round(seconds, 1),
        "bits_per_character": {"untrained": round(before, 4),
                               "train": round(learned, 4),
                               "test": round(after, 4)},
        "firing_rates": [round(r, 4) for r in rates],
    }
    save(model, options, text, split, characters, report)
    print(f"{options.output}.pth: {report['parameters']} parameters, "
          f"{after:.3f} bits per character on the last tenth of the text")


if __name__ == "__main__":
    main()
