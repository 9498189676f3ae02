"""A network of ternary events, written by hand as spike IR: every linear only
adds and subtracts rows of weights, on any target that carries -1, 0 and 1."""

import json
import re
import subprocess
import unittest

import numpy
import synfire_command as synfire

TOKENS, INPUTS, HIDDEN, OUTPUTS = 120, 24, 96, 16

# A ternary neuron keeps what it heard, leaks half of it per token, and sends
# -1 or 1 when the rest is at least 1 away from 0.
NETWORK = """
spike.network @ternary {{
  %token = spike.input "tokens" : !spike.events<{inputs} x binary>
  %w1 = spike.weight "hidden.weight" in "weights.safetensors" at {at1} as "f32" hash {hash1}
      : tensor<{hidden}x{inputs}xf32>
  %i1 = spike.linear "hidden" %token, %w1
      : !spike.events<{inputs} x binary>, tensor<{hidden}x{inputs}xf32> -> tensor<{hidden}xf32>
  %s1 = spike.population ["hidden.sign"] (%i1 : tensor<{hidden}xf32>) params() init [0.0] {{
  ^bb0(%current: f32, %v: f32):
    %half = arith.constant 0.5 : f32
    %one = arith.constant 1.0 : f32
    %minus = arith.constant -1.0 : f32
    %zero = arith.constant 0.0 : f32
    %none = arith.constant 0 : i32
    %up = arith.constant 1 : i32
    %down = arith.constant -1 : i32
    %kept = arith.mulf %v, %half : f32
    %h = arith.addf %kept, %current : f32
    %above = arith.cmpf oge, %h, %one : f32
    %below = arith.cmpf ole, %h, %minus : f32
    %low = arith.select %below, %down, %none : i32
    %sign = arith.select %above, %up, %low : i32
    %reset = arith.select %below, %zero, %h : f32
    %next = arith.select %above, %zero, %reset : f32
    spike.yield %sign : i32 states %next : f32
  }} : !spike.events<{hidden} x ternary>
  %w2 = spike.weight "readout.weight" in "weights.safetensors" at {at2} as "f32" hash {hash2}
      : tensor<{outputs}x{hidden}xf32>
  %i2 = spike.linear "readout" %s1, %w2
      : !spike.events<{hidden} x ternary>, tensor<{outputs}x{hidden}xf32> -> tensor<{outputs}xf32>
  %s2 = spike.population ["readout.lif"] (%i2 : tensor<{outputs}xf32>) params() init [0.0] {{
  ^bb0(%current: f32, %v: f32):
    %zero = arith.constant 0.0 : f32
    %one = arith.constant 1.0 : f32
    %two = arith.constant 2.0 : f32
    %difference = arith.subf %current, %v : f32
    %step = arith.divf %difference, %two : f32
    %h = arith.addf %v, %step : f32
    %fires = arith.cmpf oge, %h, %one : f32
    %next = arith.select %fires, %zero, %h : f32
    spike.yield %fires : i1 states %next : f32
  }} : !spike.events<{outputs} x binary>
  %unit = spike.derive() {{
    %one = arith.constant 1.0 : f32
    spike.yield %one : f32
  }} : tensor<{outputs}xf32>
  spike.output "spikes" %s2 scaled by %unit : !spike.events<{outputs} x binary>, tensor<{outputs}xf32>
}}
"""


def weights(random, folder):
    """Writes the weights; where each tensor starts and its hash."""
    tensors = {
        "hidden.weight": random.uniform(-2, 2, (HIDDEN, INPUTS)),
        "readout.weight": random.uniform(-0.5, 0.7, (OUTPUTS, HIDDEN)),
    }
    return synfire.write_weights(folder / "weights.safetensors", tensors)


class Ternary(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        cls.folder = synfire.FOLDER / "ternary"
        cls.folder.mkdir(exist_ok=True)
        random = numpy.random.RandomState(7)
        places = weights(random, cls.folder)
        cls.network = cls.folder / "network.mlir"
        cls.network.write_text(NETWORK.format(
            inputs=INPUTS, hidden=HIDDEN, outputs=OUTPUTS, at1=places[0][0],
            hash1=places[0][1], at2=places[1][0], hash2=places[1][1]))
        cls.tokens = cls.folder / "tokens.npy"
        numpy.save(cls.tokens, random.randint(0, INPUTS, TOKENS))

    def test_both_linears_are_proven_accumulate_only(self):
        done = subprocess.run(
            [synfire.BINARY.parent / "synfire-opt", self.network,
             "--spike-quantize", f"--spike-classify-linears=weights="
             f"{self.folder} accumulator-bits=24"],
            capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(re.findall(
            "spike.linear .*accumulate_only = true", done.stdout)), 2)

    def test_r3_equals_r2(self):
        for target in ("loihi2", "generic", "tiny"):
            with self.subTest(target=target):
                image = self.folder / f"{target}.sfi"
                synfire.run("compile", self.network, "--target", target, "-o",
                            image)
                reference = self.folder / f"{target}.npz"
                synfire.run("reference", self.network, "--quantized", image,
                            "--tokens", self.tokens, "--spikes", "-o",
                            reference)
                r2 = synfire.outputs(reference)
                for mode in ("generate", "prefill"):
                    self.check_run(image, mode, r2)

    def check_run(self, image, mode, r2):
        out = self.folder / "run"
        synfire.run("run", image, "--tokens", self.tokens, "--mode", mode,
                    "--spikes", "-o", out)
        r3 = synfire.outputs(out / "outputs.npz")
        self.assertEqual(synfire.same_bits(r2, r3), [])
        hidden = r3["spikes/hidden.sign"]
        # All three payloads, and not so few that nothing is tested.
        self.assertEqual(set(numpy.unique(hidden)), {-1, 0, 1})
        self.assertGreater((hidden == -1).mean(), 0.05)
        self.assertGreater((hidden == 1).mean(), 0.05)
        self.assertGreater(r3["spikes/readout.lif"].sum(), TOKENS / 10)
        # One row of the first linear per token, one of the second per event.
        summary = json.loads((out / "summary.json").read_text())
        events = summary["synops"]["synaptic_events"]
        self.assertEqual(events["multiply_accumulate"], 0)
        self.assertEqual(events["accumulate"] + events["skipped_zero_weights"],
                         HIDDEN * TOKENS +
                         OUTPUTS * int(numpy.count_nonzero(hidden)))
        # It is no Transformer and has none of its size beside it.
        self.assertIsNone(summary["baseline"])


if __name__ == "__main__":
    unittest.main()
