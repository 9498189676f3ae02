"""SpikeLM and SpikeLLM checkpoints of shapes that nobody trained, with what the
generators leave out: language heads, amplitudes and masks that differ, biases,
weights of 8 bits, tied heads."""

import json
import subprocess

import numpy
import numpy_spikellm
import safetensors_numpy as safetensors
import synfire_command as synfire

# name, shape for the generator, what is changed afterwards
BERTS = (
    ("3 heads of 6", dict(blocks=2, width=18, hidden=23, heads=3, positions=5,
                          steps=3), ()),
    ("5 heads, 3 labels", dict(blocks=1, width=30, hidden=41, heads=5,
                               positions=7, steps=5, labels=3), ()),
    ("7 heads, no inner time", dict(blocks=3, width=42, hidden=53, heads=7,
                                    positions=5, steps=1, labels=1), ()),
    ("heads of one channel", dict(blocks=1, width=6, hidden=1, heads=6,
                                  positions=1, steps=2), ()),
    ("one head, two tokens", dict(blocks=1, width=7, hidden=3, heads=1,
                                  positions=3, steps=3, vocabulary=2,
                                  labels=5), ()),
    ("amplitudes apart", dict(blocks=2, width=20, hidden=31, heads=4,
                              positions=6, steps=3), ("amplitudes",)),
    ("amplitude near 0", dict(blocks=1, width=10, hidden=11, heads=2,
                              positions=5, steps=3), ("tiny",)),
    ("language, relu", dict(blocks=1, width=27, hidden=13, heads=3, positions=5,
                            steps=2), ("amplitudes", "relu")),
    ("language, gelu", dict(blocks=2, width=9, hidden=37, heads=3, positions=5,
                            steps=4), ("amplitudes", "gelu")),
    ("half precision", dict(blocks=1, width=22, hidden=17, heads=11,
                            positions=5, steps=3, dtype="f16"), ()),
)
LLAMAS = (
    ("6 heads ask 2, W4A4 T2", dict(blocks=2, width=36, hidden=29, heads=6,
                                    kv_heads=2, positions=9), ()),
    ("5 heads ask 1, W4A4 T4", dict(blocks=1, width=30, hidden=41, heads=5,
                                    kv_heads=1, positions=7, low_share=0.5,
                                    salient_bits=2), ()),
    ("7 heads, W2A8 T2", dict(blocks=2, width=42, hidden=53, heads=7,
                              positions=11, low_share=0.75, bits=2,
                              activation_bits=8), ()),
    ("W8A8 T4", dict(blocks=1, width=28, hidden=37, heads=2, kv_heads=1,
                     positions=6, low_share=0.8, activation_bits=8,
                     salient_bits=2), ("w8",)),
    ("none salient, T1", dict(blocks=1, width=20, hidden=13, heads=2,
                              kv_heads=1, positions=5, salient_bits=0,
                              low_share=1), ()),
    ("all salient, T8", dict(blocks=1, width=20, hidden=19, heads=5,
                             positions=5, salient_bits=3, low_share=0), ()),
    ("one bit", dict(blocks=1, width=18, hidden=11, heads=3, kv_heads=1,
                     positions=6, bits=7, activation_bits=1,
                     low_share=0.6), ()),
    ("heads disagree on salience", dict(blocks=2, width=36, hidden=31, heads=6,
                                        kv_heads=2, positions=7), ("masks",)),
    ("biases, as folded", dict(blocks=2, width=24, hidden=17, heads=4,
                               kv_heads=2, positions=7, low_share=0.7),
     ("biases",)),
    ("only memories salient, T1", dict(blocks=1, width=24, hidden=17, heads=4,
                                       kv_heads=2, positions=6,
                                       low_share=0.5), ("masks", "addbit")),
    ("tied, other theta and epsilon", dict(blocks=1, width=30, hidden=23,
                                           heads=3, positions=6),
     ("tied", "theta")),
    ("heads of two, half precision", dict(blocks=1, width=14, hidden=9, heads=7,
                                          positions=5, dtype="f16"), ()),
)


def generated(kind, shape, seed, change):
    """A checkpoint of synfire-make-`kind`, changed by change(tensors, config,
    random) if there is something to change. Returns its path, tensors and configuration; the next one of a kind
    replaces it."""
    path = synfire.FOLDER / f"{kind}.safetensors"
    options = {"vocabulary": 37, "dtype": "f32", "seed": seed, **shape}
    words = [str(word) for name, value in options.items()
             for word in (f"--{name.replace('_', '-')}", value)]
    subprocess.run([synfire.BINARY.parent / f"synfire-make-{kind}", *words,
                    "-o", path], check=True, capture_output=True, timeout=60)
    config = json.loads(path.with_suffix(".json").read_text())
    tensors = {name: value.copy()
               for name, value in safetensors.read(path).items()}
    if change:
        change(tensors, config, numpy.random.RandomState(seed))
        safetensors.write(path, tensors)
        path.with_suffix(".json").write_text(json.dumps(config))
    return path, tensors, config


def normal(random, *shape, deviation=1.0):
    return (random.randn(*shape) * deviation).astype(numpy.float32)


def change_bert(edits, tensors, config, random):
    alphas = [name for name in tensors if "clip" in name]
    if "amplitudes" in edits:
        for name in alphas:
            tensors[name] *= numpy.float32(random.uniform(0.9, 1.7))
    if "tiny" in edits:
        # Spikes are of 1e-5 then; values of that order come from the norm.
        for name in alphas:
            if "query" in name:
                tensors[name][...] = 1e-7
        for part in ("weight", "bias"):
            tensors[f"bert.embeddings.LayerNorm.{part}"] *= numpy.float32(1e-5)
    if edits and edits[-1] in ("relu", "gelu"):
        d, name = config["hidden_size"], "cls.predictions"
        tensors |= {
            f"{name}.transform.dense.weight": normal(random, d, d,
                                                     deviation=d**-0.5),
            f"{name}.transform.dense.bias": normal(random, d),
            f"{name}.transform.LayerNorm.weight": normal(random, d),
            f"{name}.transform.LayerNorm.bias": normal(random, d),
            f"{name}.bias": normal(random, config["vocab_size"]),
            f"{name}.decoder.weight":
                tensors["bert.embeddings.word_embeddings.weight"],
            "cls.seq_relationship.weight": normal(random, 2, d),
            "cls.seq_relationship.bias": normal(random, 2)}
        del tensors["classifier.weight"], tensors["classifier.bias"]
        config |= {"hidden_act": edits[-1], "layer_norm_eps": 1e-2}


def change_llama(edits, tensors, config, random):
    for name in list(tensors):
        stem = name.removesuffix("weight")
        if "masks" in edits and "matmul.mask" in name:
            tensors[name] = random.rand(*tensors[name].shape) < 0.6
        if "biases" in edits and name.endswith(("proj.weight",
                                                "layernorm.weight")):
            tensors[f"{stem}bias"] = normal(random, len(tensors[name]),
                                            deviation=0.3)
        if "w8" in edits and name.endswith("proj.weight"):
            w = normal(random, *tensors[name].shape)
            w /= numpy.float32(w.shape[1]**0.5)
            codes = numpy_spikellm.encode(w, 8)
            tensors |= {name: codes.values().astype(numpy.float32),
                        f"{stem}weight_quantizer.scales": codes.s,
                        f"{stem}weight_quantizer.zeros": codes.z}
    if "biases" in edits:
        # Folded into the weights already: to be ignored.
        tensors["model.layers.0.qkt_smooth_scale"] = normal(
            random, config["hidden_size"])
    if "w8" in edits:
        config["wbits"] = 8
    if "addbit" in edits:
        config["addbit"] = 0
    if "tied" in edits:
        del tensors["lm_head.weight"]
        config["tie_word_embeddings"] = True
    if "theta" in edits:
        config |= {"rope_theta": 500.0, "rms_norm_eps": 1e-2}


def bert(shape, seed, edits=()):
    return generated("spikelm", shape, seed,
                     edits and (lambda *made: change_bert(edits, *made)))


def llama(shape, seed, edits=()):
    return generated("spikellm", shape, seed,
                     edits and (lambda *made: change_llama(edits, *made)))
