"""Our counters against vectors that NeuroBench 2.3 itself gave (Linear layers).

Each vector is a network written by hand: a token selects a row of an embedding,
neurons send that row as events, and one linear reads them. Effective operations
and their kind must be NeuroBench's. Its vectors of convolutions are graphs of one
convolution. Those of LSTM cells (1230 and 1020) are not here: the spike IR has no
LSTM cell."""

import json
import unittest

import network_files
import numpy
import synfire_command as synfire

GOLDEN = synfire.shared("golden/nir")
W = [[1.3, 0, -3.2], [0, 1.2, -5.1], [-1.1, 2.7, 0]]

TERNARY = """
    %half = arith.constant 0.5 : f32
    %minus = arith.constant -0.5 : f32
    %none = arith.constant 0 : i32
    %up = arith.constant 1 : i32
    %down = arith.constant -1 : i32
    %above = arith.cmpf ogt, %current, %half : f32
    %below = arith.cmpf olt, %current, %minus : f32
    %low = arith.select %below, %down, %none : i32
    %sign = arith.select %above, %up, %low : i32
    spike.yield %sign : i32"""
GRADED = """
    spike.yield %current : f32"""
NETWORK = """
spike.network @vectors {{
  %token = spike.input "tokens" : !spike.events<{tokens} x binary>
  %w1 = spike.weight "x.weight" in "{file}" at {at1} as "f32" hash {hash1}
      : tensor<{inputs}x{tokens}xf32>
  %i1 = spike.linear "x" %token, %w1
      : !spike.events<{tokens} x binary>, tensor<{inputs}x{tokens}xf32> -> tensor<{inputs}xf32>
  %s1 = spike.population ["x.send"] (%i1 : tensor<{inputs}xf32>) params() init [] {{
  ^bb0(%current: f32):{program}
  }} : {sent}
  %w2 = spike.weight "w.weight" in "{file}" at {at2} as "f32" hash {hash2}
      : tensor<{outputs}x{inputs}xf32>
  %i2 = spike.linear "w" %s1, %w2
      : {sent}, tensor<{outputs}x{inputs}xf32> -> tensor<{outputs}xf32>
  %s2 = spike.population ["w.read"] (%i2 : tensor<{outputs}xf32>) params() init [] {{
  ^bb0(%current: f32):
    %bias = arith.constant {bias} : f32
    %y = arith.addf %current, %bias : f32
    %fires = arith.cmpf oge, %y, %bias : f32
    spike.yield %fires : i1
  }} : !spike.events<{outputs} x binary>
  %unit = spike.derive() {{
    %one = arith.constant 1.0 : f32
    spike.yield %one : f32
  }} : tensor<{outputs}xf32>
  spike.output "spikes" %s2 scaled by %unit : !spike.events<{outputs} x binary>, tensor<{outputs}xf32>
}}
"""


def counted(name, weight, rows, tokens, graded, bias=0.0):
    """The NeuroBench block of a run over `tokens`, which select `rows`."""
    outputs, inputs = numpy.shape(weight)
    file = synfire.FOLDER / f"{name}.safetensors"
    (at1, hash1), (at2, hash2) = synfire.write_weights(
        file, {"x.weight": numpy.transpose(rows), "w.weight": weight})
    sent = (f"tensor<{inputs}xf32>" if graded
            else f"!spike.events<{inputs} x ternary>")
    network = synfire.FOLDER / f"{name}.mlir"
    network.write_text(NETWORK.format(
        tokens=len(rows), inputs=inputs, outputs=outputs, file=file.name,
        at1=at1, hash1=hash1, at2=at2, hash2=hash2, sent=sent, bias=bias,
        program=GRADED if graded else TERNARY))
    ids = synfire.FOLDER / f"{name}.npy"
    numpy.save(ids, numpy.asarray(tokens, "i8"))
    image, out = network.with_suffix(".sfi"), synfire.FOLDER / f"{name}_run"
    synfire.run("compile", network, "--target", "generic", "-q", "-o", image)
    synfire.run("run", image, "--tokens", ids, "-q", "-o", out)
    summary = json.loads((out / "summary.json").read_text())
    block = summary["synops"]["neurobench"]
    return block["Effective_ACs"], block["Effective_MACs"], block["Dense"]


def counted_graph(network, events):
    """The same of a run of a NIR graph."""
    given, image = network.with_suffix(".npy"), network.with_suffix(".sfi")
    out = network.with_suffix(".run")
    numpy.save(given, numpy.asarray(events, numpy.int8))
    synfire.run("compile", network, "--target", "generic", "--calibrate", given,
                "--evaluate", given, "-q", "-o", image)
    synfire.run("run", image, "--events", given, "-q", "-o", out)
    block = json.loads((out / "summary.json").read_text())
    block = block["synops"]["neurobench"]
    return block["Effective_ACs"], block["Effective_MACs"], block["Dense"]


def counted_convolution(name, weight, events, **window):
    """The same of one convolution of events [step, channel, y, x]."""
    _, _, height, width = numpy.shape(events)
    stride, padding = window.get("stride", 1), window.get("padding", 0)
    size = [(n + 2 * padding - 3) // stride + 1 for n in (height, width)]
    shape = (len(weight), *size)
    path = synfire.FOLDER / f"{name}.nir"
    network_files.write_nir(path, {
        "input": network_files.port("Input", *numpy.shape(events)[1:]),
        "conv": network_files.convolution(
            weight, numpy.ones(len(weight)),
            groups=window.pop("groups", 1),
            **{key: (value, value) for key, value in window.items()}),
        "if": network_files.neurons("IF", shape, r=1.0, v_threshold=100.0),
        "output": network_files.port("Output", *shape),
    }, [("input", "conv"), ("conv", "if"), ("if", "output")])
    return counted_graph(path, events)


class NeuroBench(unittest.TestCase):

    def test_convolutions(self):
        ones = numpy.ones((1, 1, 4, 4))
        kernel = numpy.ones((1, 1, 3, 3))
        self.assertEqual(
            counted_convolution("conv", kernel, ones, padding=1), (100, 0, 100))
        spikes = numpy.zeros((1, 1, 4, 4))
        spikes[0, 0, 0, 0] = spikes[0, 0, 1, 1] = 1
        self.assertEqual(
            counted_convolution("few", kernel, spikes, padding=1), (13, 0, 100))
        ones, kernel = numpy.ones((1, 2, 5, 5)), numpy.ones((4, 1, 3, 3))
        options = {"stride": 2, "padding": 1, "groups": 2}
        self.assertEqual(counted_convolution("groups", kernel, ones, **options),
                         (196, 0, 196))
        kernel[1] = 0
        self.assertEqual(counted_convolution("zeros", kernel, ones, **options),
                         (147, 0, 196))

    def test_pooling_and_padding_are_not_counted(self):
        """The sums of network_files.convolutional(), by hand: taps of a 3x3
        window of stride 1 and 2 over 8x6 with a border of 1, two groups."""
        path = network_files.convolutional(synfire.FOLDER / "counted.nir")
        rows, columns = 3 * 8 - 2, 3 * 3 - 1
        dense = rows * columns * 4 + 48 * 5
        events = numpy.random.RandomState(3).rand(4, 2, 8, 6) < 0.3
        self.assertEqual(counted_graph(path, events)[2], 4 * dense)

    @unittest.skipUnless(GOLDEN.exists(), "the NIR files are not here")
    def test_a_published_network(self):
        """838,688 products in a step (903,680 with those of padding)."""
        path = synfire.FOLDER / "cnn.nir"
        path.write_bytes((GOLDEN / "cnn_sinabs.nir").read_bytes())
        events = numpy.random.RandomState(3).rand(2, 2, 34, 34) < 0.1
        self.assertEqual(counted_graph(path, events)[2], 2 * 838688)

    def test_graded_input_is_multiply_accumulates(self):
        rows = [[0, 1.3, -1], [0, 2, 0]]
        self.assertEqual(counted("mac4", W, rows, [0], True), (0, 4, 9))
        self.assertEqual(counted("mac2", W, rows, [1], True), (0, 2, 9))

    def test_bias_is_not_counted(self):
        self.assertEqual(counted("bias", W, [[0, 1.3, -1]] * 2, [0], True, 0.5),
                         (0, 4, 9))

    def test_spikes_are_accumulates(self):
        rows = [[0, 1, 1], [0, -1, 1], [0, 0, 0]]
        for token, effective in ((0, 4), (1, 4), (2, 0)):
            with self.subTest(x=rows[token]):
                self.assertEqual(
                    counted(f"ac{token}", W, rows, [token], False),
                    (effective, 0, 9))

    def test_steps_add_up(self):
        # Linear 20 -> 5 of ones, 10 steps: 1000 per sample, whatever the batch.
        rows = numpy.ones((2, 20))
        self.assertEqual(
            counted("steps", numpy.ones((5, 20)), rows, [0] * 10, False),
            (1000, 0, 1000))


if __name__ == "__main__":
    unittest.main()
