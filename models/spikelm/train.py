#!/usr/bin/python3
"""Trains a character-level SpikeLM (a spiking BERT) to fill in masked characters.

The network is the published one (arXiv 2406.03287) as its public code computes
it: a post-norm BERT encoder whose six linears per block read ternary spikes of
leaky neurons over T inner steps, whose projected keys and values are ternary,
and whose amplitudes are set by the first batch and never change. Written are
OUT.pth (state dict with the public names), OUT.json, OUT.vocab.json,
OUT.yaml, OUT.calibrate.npy, OUT.evaluate.npy with -labels and -mask, and
OUT.report.json.

Needs Debian's python3-torch and python3-numpy.

    train.py --text book.txt -o book            # about half an hour on a core
    train.py --text book.txt -o book --smoke    # a minute, learns little
"""

import argparse
import json
import math
import os
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

SPECIALS = ["[PAD]", "[CLS]", "[SEP]", "[MASK]"]
PAD, CLS, SEP, MASK = range(4)
LEAK = 0.25
SMALLEST = 1e-5  # amplitude


class Ternary(torch.autograd.Function):
    """a * clamp(round(m / a), -1, 1); backwards the identity where |m| <= a."""

    @staticmethod
    def forward(ctx, m, a):
        scaled = m / a
        ctx.save_for_backward(scaled)
        return a * scaled.round().clamp(-1, 1)

    @staticmethod
    def backward(ctx, grad):
        (scaled,) = ctx.saved_tensors
        return grad * (scaled.abs() <= 1), None


class Amplitudes(nn.ParameterList):
    """One per inner step: 1 until the first batch sets it to 2 mean |m|."""

    def __init__(self, steps):
        super().__init__(nn.Parameter(torch.tensor(1.0), requires_grad=False)
                         for _ in range(steps))
        self.known = [False] * steps
        self.rates = [0.0] * steps  # share of non-zero values, last forward

    def emit(self, t, m):
        if not self.known[t]:
            self.known[t] = True
            self[t].data.copy_(2 * m.detach().abs().mean())
        out = Ternary.apply(m, self[t].clamp(min=SMALLEST))
        self.rates[t] = (out.detach() != 0).float().mean().item()
        return out

    def each(self, x):
        """Neurons without memory: every step of x [T, ...] on its own."""
        return torch.stack([self.emit(t, x[t]) for t in range(len(x))])

    def leaky(self, x):
        """Neurons with a membrane. The factor is alpha - o: it is not divided
        by alpha and clears after +1 alone; both are so in the public code."""
        out, m = [], x[0]
        for t in range(len(x)):
            if t:
                m = m * LEAK * (self[t - 1] - out[-1]) + x[t]
            out.append(self.emit(t, m))
        return torch.stack(out)


class SpikingLinear(nn.Linear):
    def __init__(self, inputs, outputs, steps):
        super().__init__(inputs, outputs)
        self.act_clip_val = Amplitudes(steps)
        nn.init.normal_(self.weight, std=0.05)
        nn.init.zeros_(self.bias)

    def forward(self, x):
        return super().forward(self.act_clip_val.leaky(x))


class SelfAttention(nn.Module):
    def __init__(self, width, heads, steps):
        super().__init__()
        self.heads = heads
        self.query = SpikingLinear(width, width, steps)
        self.key = SpikingLinear(width, width, steps)
        self.value = SpikingLinear(width, width, steps)
        self.clip_key, self.clip_value = Amplitudes(steps), Amplitudes(steps)

    def forward(self, h, bias):
        split = lambda x: x.unflatten(-1, (self.heads, -1)).transpose(-2, -3)
        q = split(self.query(h))
        k = split(self.clip_key.each(self.key(h)))
        v = split(self.clip_value.each(self.value(h)))
        scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1]) + bias
        return (scores.softmax(-1) @ v).transpose(-2, -3).flatten(-2)


class Output(nn.Module):
    """A spiking linear, the residual, a norm."""

    def __init__(self, inputs, width, steps):
        super().__init__()
        self.dense = SpikingLinear(inputs, width, steps)
        self.LayerNorm = nn.LayerNorm(width, eps=1e-12)

    def forward(self, x, residual):
        return self.LayerNorm(self.dense(x) + residual)


class Block(nn.Module):
    def __init__(self, width, heads, hidden, steps):
        super().__init__()
        self.attention = nn.ModuleDict({
            "self": SelfAttention(width, heads, steps),
            "output": Output(width, width, steps)})
        self.intermediate = nn.ModuleDict(
            {"dense": SpikingLinear(width, hidden, steps)})
        self.output = Output(hidden, width, steps)

    def forward(self, h, bias):
        u = self.attention["output"](self.attention["self"](h, bias), h)
        return self.output(F.gelu(self.intermediate["dense"](u)), u)


class Embeddings(nn.Module):
    def __init__(self, vocabulary, width, positions):
        super().__init__()
        self.word_embeddings = nn.Embedding(vocabulary, width)
        self.position_embeddings = nn.Embedding(positions, width)
        self.token_type_embeddings = nn.Embedding(2, width)
        for table in self.children():
            nn.init.normal_(table.weight, std=0.05)
        self.LayerNorm = nn.LayerNorm(width, eps=1e-12)

    def forward(self, ids):
        at = torch.arange(ids.shape[1])
        return self.LayerNorm(self.word_embeddings(ids)
                              + self.position_embeddings(at)
                              + self.token_type_embeddings.weight[0])


class SpikeLm(nn.Module):
    """Names of the parameters are those of the public state dict; the pooler
    and the next-sentence head, which this training does not use, are there at
    their initial values because readers of the format expect them."""

    def __init__(self, vocabulary, layers, width, heads, hidden, positions,
                 steps):
        super().__init__()
        self.steps = steps
        self.bert = nn.ModuleDict({
            "embeddings": Embeddings(vocabulary, width, positions),
            "encoder": nn.ModuleDict({"layer": nn.ModuleList(
                Block(width, heads, hidden, steps) for _ in range(layers))}),
            "pooler": nn.ModuleDict({"dense": nn.Linear(width, width)})})
        predictions = nn.ModuleDict({
            "transform": nn.ModuleDict({
                "dense": nn.Linear(width, width),
                "LayerNorm": nn.LayerNorm(width, eps=1e-12)}),
            "decoder": nn.Linear(width, vocabulary)})
        predictions["decoder"].weight = (
            self.bert["embeddings"].word_embeddings.weight)
        nn.init.zeros_(predictions["decoder"].bias)
        predictions.register_parameter("bias", predictions["decoder"].bias)
        self.cls = nn.ModuleDict({"predictions": predictions,
                                  "seq_relationship": nn.Linear(width, 2)})

    def forward(self, ids, mask):
        """Logits [B, N, V] of ids [B, N]; mask 1 where a token counts."""
        bias = (1.0 - mask[:, None, None].float()) * torch.finfo().min
        h = self.bert["embeddings"](ids).expand(self.steps, -1, -1, -1)
        for block in self.bert["encoder"]["layer"]:
            h = block(h, bias)
        head = self.cls["predictions"]
        x = torch.relu(head["transform"]["dense"](h.mean(0)))
        return head["decoder"](head["transform"]["LayerNorm"](x))

    def amplitudes(self):
        return {name: m for name, m in self.named_modules()
                if isinstance(m, Amplitudes)}


def draw(ids, begins, lengths, positions, vocabulary, generator):
    """Masked sequences: inputs, labels (-100: not asked), mask.

    15 % of the characters are asked for: 8 of 10 show [MASK], 1 another
    character, 1 itself."""
    batch = len(begins)
    x = torch.full((batch, positions), PAD)
    for row, (begin, length) in enumerate(zip(begins, lengths)):
        x[row, 0], x[row, length + 1] = CLS, SEP
        x[row, 1:length + 1] = ids[begin:begin + length]
    asked = torch.rand(x.shape, generator=generator) < 0.15
    asked &= x >= len(SPECIALS)
    labels = torch.where(asked, x, torch.tensor(-100))
    how = torch.rand(x.shape, generator=generator)
    other = torch.randint(len(SPECIALS), vocabulary, x.shape,
                          generator=generator)
    mask = (x != PAD).long()
    x = torch.where(asked & (how < 0.8), torch.tensor(MASK), x)
    return torch.where(asked & (how >= 0.9), other, x), labels, mask


def batch_of(ids, count, positions, vocabulary, generator):
    most = positions - 2
    begins = torch.randint(len(ids) - most, (count,), generator=generator)
    lengths = torch.full((count,), most)
    short = torch.rand(count, generator=generator) < 0.1
    lengths[short] = torch.randint(most // 4, most, (int(short.sum()),),
                                   generator=generator)
    return draw(ids, begins.tolist(), lengths.tolist(), positions, vocabulary,
                generator)


@torch.no_grad()
def evaluate(model, x, labels, mask):
    """Bits per masked character and the share that is guessed."""
    logits = model(x, mask)[labels >= 0]
    labels = labels[labels >= 0]
    bits = F.cross_entropy(logits, labels).item() / math.log(2)
    return bits, (logits.argmax(-1) == labels).float().mean().item()


def train(model, ids, options, vocabulary):
    generator = torch.Generator().manual_seed(options.seed)
    adam = torch.optim.AdamW(
        [p for p in model.parameters() if p.requires_grad], lr=options.rate,
        weight_decay=0)
    warm_up = max(1, options.steps // 20)
    started = time.time()
    for step in range(options.steps):
        factor = min((step + 1) / warm_up,
                     (options.steps - step) / max(1, options.steps - warm_up))
        for group in adam.param_groups:
            group["lr"] = options.rate * factor
        x, labels, mask = batch_of(ids, options.batch, options.positions,
                                   vocabulary, generator)
        loss = F.cross_entropy(model(x, mask).flatten(0, 1), labels.flatten())
        adam.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(
            [p for p in model.parameters() if p.requires_grad], 1.0)
        adam.step()
        if step % max(1, options.steps // 20) == 0 or step + 1 == options.steps:
            print(f"step {step + 1}/{options.steps}: "
                  f"{loss.item() / math.log(2):.3f} bits per masked character, "
                  f"{time.time() - started:.0f} s", flush=True)
    return time.time() - started


def write(path, text):
    """Whole or not at all."""
    with open(path + ".part", "w", encoding="utf-8", newline="") as file:
        file.write(text)
    os.replace(path + ".part", path)


def save(model, options, symbols, calibrate, test, report):
    out, name = options.output, os.path.basename(options.output)
    torch.save(model.state_dict(), out + ".pth.part")
    os.replace(out + ".pth.part", out + ".pth")
    write(out + ".vocab.json", json.dumps(symbols))
    np.save(out + ".calibrate.npy", calibrate.numpy())
    for part, values in zip(("", "-labels", "-mask"), test):
        np.save(f"{out}.evaluate{part}.npy", values.numpy())
    config = {"T": options.inner, "hidden_act": "relu",
              "hidden_size": options.width, "input_bits": 2,
              "intermediate_size": options.hidden, "layer_norm_eps": 1e-12,
              "max_position_embeddings": options.positions,
              "num_attention_heads": options.heads,
              "num_hidden_layers": options.layers,
              "type_vocab_size": 2, "vocab_size": len(symbols)}
    write(out + ".json", json.dumps(config, indent=1) + "\n")
    write(out + ".yaml",
          f"architecture: spikelm\n"
          f"vocabulary: {name}.vocab.json\ncalibrate: {name}.calibrate.npy\n"
          f"evaluate: {name}.evaluate.npy\n"
          f"evaluate_labels: {name}.evaluate-labels.npy\n"
          f"evaluate_mask: {name}.evaluate-mask.npy\n"
          f"evaluate_window: {options.positions}\n")
    write(out + ".report.json", json.dumps(report, indent=1) + "\n")


def parse_options():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--text", required=True, help="UTF-8 text to learn")
    parser.add_argument("-o", "--output", required=True, help="name to write")
    for name, default, text in (
            ("layers", 3, None), ("width", 128, None), ("heads", 4, None),
            ("hidden", 512, "width of the feed-forward part"),
            ("positions", 64, "tokens of a sequence"),
            ("inner", 4, "inner steps T"), ("steps", 3000, None),
            ("batch", 32, None), ("seed", 3, None), ("threads", 1, None)):
        parser.add_argument(f"--{name}", type=int, default=default, help=text)
    parser.add_argument("--rate", type=float, default=1.5e-3,
                        help="highest learning rate")
    parser.add_argument("--smoke", action="store_true",
                        help="a small network and few steps, to try it out")
    options = parser.parse_args()
    if options.smoke:
        options.layers, options.width, options.hidden = 2, 64, 128
        options.positions, options.steps = 32, 150
    if options.width % options.heads or options.positions < 8:
        parser.error("--heads must divide --width; --positions is at least 8")
    return options


def main():
    options = parse_options()
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    with open(options.text, encoding="utf-8", newline="") as file:
        text = file.read()
    split = len(text) * 9 // 10
    if len(text) - split < options.positions:
        raise SystemExit(f"{options.text}: error: {len(text)} characters; a "
                         f"tenth of it must fill {options.positions}")
    symbols = SPECIALS + sorted(set(text))
    token = {c: i for i, c in enumerate(symbols)}
    ids = torch.tensor([token[c] for c in text])
    generator = torch.Generator().manual_seed(options.seed + 1)
    drawn = lambda part, count: batch_of(part, count, options.positions,
                                         len(symbols), generator)
    calibrate, test = drawn(ids[:split], 32), drawn(ids[split:], 128)
    model = SpikeLm(len(symbols), options.layers, options.width, options.heads,
                    options.hidden, options.positions, options.inner)
    seconds = train(model, ids[:split], options, len(symbols))
    bits, accuracy = evaluate(model, *test)
    rates = {name: [round(r, 4) for r in a.rates]
             for name, a in model.amplitudes().items()}
    report = {
        "text": os.path.basename(options.text), "characters": len(text),
        "parameters": sum(p.numel() for p in model.parameters()
                          if p.requires_grad),
        **{k: getattr(options, k) for k in
           ("layers", "width", "heads", "hidden", "positions", "inner",
            "steps", "batch", "rate", "seed")},
        "seconds": round(seconds, 1),
        "test": {"bits_per_masked_character": round(bits, 4),
                 "accuracy": round(accuracy, 4)},
        "firing_rates": rates,
    }
    save(model, options, symbols, calibrate[0], [t[:32] for t in test], report)
    print(f"{options.output}.pth: {report['parameters']} parameters, "
          f"{bits:.3f} bits per masked character and {accuracy:.1%} of them "
          "guessed on the last tenth of the text")


if __name__ == "__main__":
    main()
