"""`synfire fit` answers what `synfire compile` would: cores and memory of a
model are those of its compiled image, and those of sizes alone are those of a
checkpoint of these sizes. What decides nothing of that is assumed, and said."""

import json
import re
import subprocess
import unittest

import synfire_command as synfire

# Sizes of each architecture, as options of its generator and as configuration.
SIZES = {
    "spikellm": (["--blocks", 2, "--width", 64, "--hidden", 160, "--heads", 4,
                  "--kv-heads", 2, "--positions", 32, "--vocabulary", 96],
                 {"model_type": "llama", "num_hidden_layers": 2,
                  "hidden_size": 64, "intermediate_size": 160,
                  "num_attention_heads": 4, "num_key_value_heads": 2,
                  "max_position_embeddings": 32, "vocab_size": 96}),
    "spikelm": (["--blocks", 2, "--width", 64, "--heads", 2, "--positions",
                 16, "--vocabulary", 50],
                {"model_type": "bert", "num_hidden_layers": 2,
                 "hidden_size": 64, "num_attention_heads": 2,
                 "max_position_embeddings": 16, "vocab_size": 50}),
    "spikegpt": (["--layers", 2, "--width", 64, "--vocabulary", 50,
                  "--dtype", "f16"],
                 {"model_type": "spikegpt", "num_hidden_layers": 2,
                  "hidden_size": 64, "vocab_size": 50}),
}
# A chip on which the networks above take many cores, so that cuts count.
SMALL = ["--target", "loihi2", "--set", "core.unified_bytes=24576"]


def made(name):
    """A checkpoint of the sizes, with weights."""
    path = synfire.FOLDER / f"{name}.safetensors"
    if not path.exists():
        subprocess.run([synfire.BINARY.parent / f"synfire-make-{name}",
                        *map(str, SIZES[name][0]), "-o", path],
                       check=True, capture_output=True)
    return path


def config(name, **changes):
    path = synfire.FOLDER / "shapes" / f"{name}{len(changes)}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({**SIZES[name][1], **changes}))
    return path


def fit(*arguments, expect=0):
    done = synfire.run("fit", *arguments, "--json", expect=expect)
    return json.loads(done.stdout)


def measures(answer):
    """What the answer says of the chip, without what it says of itself."""
    return {key: answer[key] for key in
            ("architecture", "parameters", "target", "fits", "cores",
             "cores_lower_bound", "chips", "fill_percent", "memory_bytes",
             "limits", "binds")}


def table(text):
    """Used, available and total of every limit, and the cores and chips."""
    rows = {name: (int(used), int(available), int(total))
            for name, used, available, total in re.findall(
                r"^([a-z_.]+) +(\d+) +(\d+) +[\d.]+ +\d+ +(\d+)$", text, re.M)}
    rows["cores"], rows["chips"] = re.search(
        r"^cores (\d+) .* on (\d+) chip", text, re.M).groups()
    return rows


class SameAsCompile(unittest.TestCase):

    def both(self, name, chip):
        """Tables of the compiled model and of the answer."""
        compiled = synfire.run("compile", made(name), *chip, "-o",
                               synfire.FOLDER / f"{name}.sfi").stdout
        return table(compiled), table(synfire.run("fit", made(name),
                                                  *chip).stdout)

    def test_of_a_model(self):
        """Programs alone depend on ranges: in fixed point what is cut off and
        shifted. Cores are filled to the last byte, so a longer program may move a
        neuron to the next; all else is equal."""
        for name in SIZES:
            with self.subTest(network=name):
                compiled, answered = self.both(name, ["--target", "loihi2"])
                memory, words, neurons, axons, flows = (
                    [t.pop(key) for t in (compiled, answered)] for key in
                    ("core.unified_bytes", "neuron.program_words",
                     "core.neurons", "core.input_axons", "core.output_flows"))
                self.assertGreater(len(compiled), 4)
                self.assertEqual(answered, compiled)
                self.assertEqual(neurons[1][2], neurons[0][2])
                for of_cores in (memory, neurons, axons, flows):
                    for used in (0, 2):
                        self.assertAlmostEqual(
                            of_cores[1][used] / of_cores[0][used], 1, delta=0.05)
                self.assertAlmostEqual(words[1][0] / words[0][0], 1, delta=0.2)

    def test_of_a_model_on_many_cores(self):
        for name in SIZES:
            with self.subTest(network=name):
                compiled, answered = self.both(name, SMALL)
                self.assertGreater(int(compiled["cores"]), 5)
                for key in ("cores", "chips"):
                    self.assertEqual(answered[key], compiled[key])
                self.assertAlmostEqual(answered["core.unified_bytes"][2] /
                                       compiled["core.unified_bytes"][2], 1,
                                       delta=0.02)

    def test_of_sizes_alone(self):
        for name in SIZES:
            with self.subTest(network=name):
                of_sizes = fit("--model-shape", config(name), *SMALL)
                of_weights = fit(made(name), *SMALL, "--worst-sums")
                self.assertEqual(measures(of_sizes), measures(of_weights))
                self.assertTrue(of_sizes["assumed"]["weights"])
                self.assertFalse(of_weights["assumed"]["weights"])

    def test_worst_sums_take_no_less(self):
        for name in SIZES:
            with self.subTest(network=name):
                worst = fit(made(name), *SMALL, "--worst-sums")
                proven = fit(made(name), *SMALL)
                self.assertGreaterEqual(worst["cores"], proven["cores"])
                for kind, size in proven["memory_bytes"].items():
                    self.assertGreaterEqual(worst["memory_bytes"][kind], size)


class Answers(unittest.TestCase):

    def test_an_answer_says_what_was_assumed_and_adds_up(self):
        text = synfire.run("fit", "--model-shape", config("spikellm"),
                           *SMALL).stdout
        for said in ("assumed    ranges", "assumed    weights",
                     "assumed    sums", "binds: core.", "\nfits\n"):
            self.assertIn(said, text)
        answer = fit("--model-shape", config("spikellm"), *SMALL)
        pool = [row for row in answer["limits"]
                if row["limit"] == "core.unified_bytes"]
        self.assertEqual(sum(answer["memory_bytes"].values()),
                         pool[0]["total"])

    def test_bits_and_positions_count(self):
        def ask(*options):
            return fit("--model-shape", config("spikellm"), *SMALL,
                       *options)["memory_bytes"]
        self.assertLess(ask("--weight-bits", 2)["weights"],
                        ask("--weight-bits", 8)["weights"])
        self.assertLess(ask("--positions", 16)["dynamic_synapses"],
                        ask("--positions", 64)["dynamic_synapses"])

    def test_bits_are_taken_from_the_option_as_from_the_configuration(self):
        weights = []
        for bits in (2, 3, 4, 8):
            asked, configured = (
                measures(fit("--model-shape", shape, *SMALL, *options))
                for shape, *options in (
                    (config("spikellm"), "--weight-bits", bits),
                    (config("spikellm", wbits=bits),)))
            self.assertEqual(asked, configured)
            weights.append(asked["memory_bytes"]["weights"])
        # Codes of 3 bits with zero points are stored as differences of 4.
        self.assertLess(weights[0], weights[1])
        self.assertAlmostEqual(weights[1] / weights[2], 1, delta=0.02)
        self.assertLess(weights[2], weights[3])

    def test_the_same_question_has_the_same_answer(self):
        answers = [fit("--model-shape", config("spikelm"), *SMALL)
                   for _ in range(2)]
        for answer in answers:
            self.assertGreater(answer.pop("seconds"), 0)
            self.assertGreater(answer.pop("peak_bytes"), 0)
        self.assertEqual(*map(json.dumps, answers))

    def test_a_published_size_holds_no_weights(self):
        answer = fit("--model-shape", "spikellm-7b", "--target", "loihi2")
        self.assertGreater(answer["parameters"], 6.7e9)
        self.assertGreater(answer["memory_bytes"]["weights"], 3e9)
        self.assertLess(answer["peak_bytes"], 1e9)
        # Half of the rows of the memory, half of the memory.
        half = fit("--model-shape", "spikellm-7b", "--target", "loihi2",
                   "--positions", 1024)
        self.assertEqual(2 * half["memory_bytes"]["dynamic_synapses"],
                         answer["memory_bytes"]["dynamic_synapses"])


class Refused(unittest.TestCase):

    def refused(self, rule, *arguments, expect=2):
        done = synfire.run("fit", *arguments, expect=expect)
        self.assertIn(f"[{rule}]" if rule else "", done.stderr)
        return done.stderr

    def test_shapes_that_there_are_not(self):
        text = self.refused("shape-unknown", "--model-shape", "spikellm-8b",
                            *SMALL)
        self.assertIn("spikellm-7b", text)
        self.refused("shape-architecture", "--model-shape",
                     config("spikellm", model_type="gpt2"), *SMALL)
        self.refused("shape-architecture", "--model-shape", "spikelm-base",
                     "--arch", "spikellm", *SMALL)
        self.refused("config-value", "--model-shape",
                     config("spikellm", num_attention_heads=7), *SMALL)
        broken = synfire.FOLDER / "broken.json"
        for text in (b"", b"{", b"[1]", b"\xff\x00"):
            broken.write_bytes(text)
            self.refused("", "--model-shape", broken, *SMALL)
        self.refused("file-open", "--model-shape",
                     synfire.FOLDER / "nowhere.json", *SMALL)

    def test_bits_and_positions_that_there_are_not(self):
        shape = ["--model-shape", config("spikellm"), *SMALL]
        for bits in (1, 9):
            self.refused("", *shape, "--weight-bits", bits)
            self.refused("config-value", "--model-shape",
                         config("spikellm", wbits=bits), *SMALL)
        self.refused("", *shape, "--positions", 0)
        self.refused("shape-positions", "--model-shape", config("spikegpt"),
                     *SMALL, "--positions", 8)

    def test_a_model_or_a_shape(self):
        self.refused("fit-model", *SMALL)
        self.refused("fit-model", made("spikegpt"), "--model-shape",
                     "spikegpt-46m", *SMALL)
        self.refused("fit-model", "--model-shape", "spikegpt-46m", "--form",
                     "public-run", *SMALL)

    def test_what_does_not_fit(self):
        shape = ["--model-shape", config("spikellm"), *SMALL]
        done = synfire.run("fit", *shape, "--set", "system.max_chips=1",
                           "--set", "system.usable_cores=2", expect=3)
        self.assertIn("[does-not-fit]", done.stderr)
        self.assertIn("smallest change: system.max_chips >=", done.stderr)
        self.assertIn("does not fit", done.stdout)
        answer = fit(*shape, "--set", "system.max_chips=1", "--set",
                     "system.usable_cores=2", expect=3)
        self.assertFalse(answer["fits"])
        self.assertEqual(answer["failure"]["limit"], "system.max_chips")
        self.refused("target-kind", "--model-shape", config("spikellm"),
                     "--target", "truenorth", expect=3)


if __name__ == "__main__":
    unittest.main()
