"""Networks as others would write them, for the tests: NIR and Lava-DL files
with drawn weights."""

import sys

import numpy
import synfire_command as synfire

sys.path.insert(0, str(synfire.SOURCE / "tests/fuzz"))
import seed_hdf5  # noqa: E402


def array(values, kind=float):
    """Numbers as seed_hdf5 takes them; a number is an array without axes."""
    values = numpy.asarray(values)
    return list(values.shape), [kind(value) for value in values.ravel()]


def whole(values):
    return array(values, int)


def write(path, tree, new=False):
    file = seed_hdf5.File(new)
    path.write_bytes(file.finish(file.group(tree)))
    return path


def write_nir(path, nodes, edges):
    return write(path, {"version": "1.0.7", "node": {
        "type": "NIRGraph", "edges": edges, "nodes": nodes}})


def port(kind, *shape):
    return {"type": kind, "shape": whole(shape)}


def neurons(kind, shape, **parameters):
    return {"type": kind, **{name: array(numpy.broadcast_to(value, shape))
                             for name, value in parameters.items()}}


def convolution(weight, bias, stride=(1, 1), padding=(0, 0), dilation=(1, 1),
                groups=1):
    return {"type": "Conv2d", "weight": array(weight), "bias": array(bias),
            "stride": whole(stride), "padding": whole(padding),
            "dilation": whole(dilation), "groups": whole(groups)}


def affine(weight, bias):
    return {"type": "Affine", "weight": array(weight), "bias": array(bias)}


def convolutional(path):
    """2x8x6 -> conv, IF -> pool, LIF -> flatten, dense to 5, LIF."""
    draw = numpy.random.RandomState(11)
    lif = {"tau": 1e-3, "r": 10.0, "v_leak": 0.0, "v_threshold": 1.0}
    return write_nir(path, {
        "input": port("Input", 2, 8, 6),
        "conv": convolution(draw.uniform(-0.6, 1, (4, 1, 3, 3)),
                            draw.uniform(0, 0.1, 4), (1, 2), (1, 1), groups=2),
        "if": neurons("IF", (4, 8, 3), r=1.0, v_threshold=0.8),
        "pool": {"type": "SumPool2d", "kernel_size": whole((2, 1)),
                 "stride": whole((2, 1)), "padding": whole((0, 0))},
        "lif": neurons("LIF", (4, 4, 3), **lif),
        "flat": {"type": "Flatten", "start_dim": whole(0), "end_dim": whole(-1),
                 "input_type": whole((4, 4, 3))},
        "fc": affine(draw.uniform(-0.3, 0.5, (5, 48)), numpy.zeros(5)),
        "out": neurons("LIF", (5,), **lif),
        "output": port("Output", 5),
    }, [("input", "conv"), ("conv", "if"), ("if", "pool"), ("pool", "lif"),
        ("lif", "flat"), ("flat", "fc"), ("fc", "out"), ("out", "output")])


def wide(path, ends=None):
    """3x6x5 -> conv to 16, IF -> conv to 16, LIF, both to IF -> pool and
    depthwise conv, IF -> flatten, dense to 5, LIF. The second kernel is the
    largest: 16 x 16 x 3 x 6. With `ends`, that node is the output."""
    draw = numpy.random.RandomState(16)
    lif = {"tau": 1e-3, "r": 10.0, "v_leak": 0.0, "v_threshold": 1.0}
    nodes = {
        "input": port("Input", 3, 6, 5),
        "conv1": convolution(draw.uniform(-0.3, 0.6, (16, 3, 3, 3)),
                             draw.uniform(0, 0.1, 16), padding=(1, 1)),
        "if1": neurons("IF", (16, 6, 5), r=1.0, v_threshold=1.5),
        "conv2": convolution(draw.uniform(-0.19, 0.21, (16, 16, 3, 6)),
                             draw.uniform(0, 0.1, 16), padding=(1, 3)),
        "if2": neurons("LIF", (16, 6, 6), **lif),
        "pool": {"type": "SumPool2d", "kernel_size": whole((2, 2)),
                 "stride": whole((2, 2)), "padding": whole((0, 0))},
        "alone": convolution(draw.uniform(-0.5, 0.9, (16, 1, 2, 2)),
                             numpy.zeros(16), stride=(2, 2), groups=16),
        "if3": neurons("IF", (16, 3, 3), r=1.0, v_threshold=3.0),
        "flat": {"type": "Flatten", "start_dim": whole(0), "end_dim": whole(-1),
                 "input_type": whole((16, 3, 3))},
        "fc": affine(draw.uniform(-0.5, 0.45, (5, 144)), numpy.zeros(5)),
        "out": neurons("LIF", (5,), **lif),
        "output": port("Output", 5),
    }
    edges = [("input", "conv1"), ("conv1", "if1"), ("if1", "conv2"),
             ("conv2", "if2"), ("if2", "pool"), ("if2", "alone"),
             ("pool", "if3"), ("alone", "if3"), ("if3", "flat"),
             ("flat", "fc"), ("fc", "out"), ("out", "output")]
    if ends:
        nodes["output"] = port("Output", 16, 6, 6)
        edges = edges[:4] + [(ends, "output")]
        nodes = {name: node for name, node in nodes.items()
                 if any(name in edge for edge in edges)}
    return write_nir(path, nodes, edges)


def lava_wide(path):
    """3x6x5 -> conv to 16 -> conv to 16 with a kernel of 16 x 3 x 6 -> flatten
    -> dense to 4, all late. Returns the file and biases of the input."""
    draw = numpy.random.RandomState(17)
    write(path, {"layer": {
        "0": {"type": "input", "shape": whole((3, 6, 5)),
              "neuron": lava_neuron(4096, 900, 120)},
        "1": {"type": "conv", "shape": whole((16, 6, 5)),
              "neuron": lava_neuron(1500, 700, 200),
              "weight": whole(draw.randint(-20, 50, (16, 3, 3, 3))),
              "padding": whole((1, 1)), "bias": whole(draw.randint(-10, 30, 16)),
              "delay": whole(numpy.repeat([1], 16 * 30))},
        "2": {"type": "conv", "shape": whole((16, 6, 6)),
              "neuron": lava_neuron(3000, 900, 900),
              "weight": whole(draw.randint(-30, 50, (16, 16, 3, 6))),
              "padding": whole((1, 3)),
              "delay": whole(numpy.repeat([0, 2], 8 * 36))},
        "3": {"type": "flatten", "shape": whole((576, 1, 1))},
        "4": {"type": "dense", "shape": whole((4, 1, 1)),
              "neuron": lava_neuron(0, 2000, 900),
              "weight": whole(draw.randint(-40, 60, (4, 576)))}}})
    return path, draw.randint(0, 60, (3, 6, 5))


def lava_many_channels(path):
    """3x6x5 -> conv to 64 -> conv to 64 with 64 x 5 x 5 taps each -> flatten ->
    dense to 4. Returns the file and biases of the input."""
    draw = numpy.random.RandomState(18)
    write(path, {"layer": {
        "0": {"type": "input", "shape": whole((3, 6, 5)),
              "neuron": lava_neuron(4096, 900, 120)},
        "1": {"type": "conv", "shape": whole((64, 6, 5)),
              "neuron": lava_neuron(1500, 700, 200),
              "weight": whole(draw.randint(-20, 40, (64, 3, 3, 3))),
              "padding": whole((1, 1))},
        "2": {"type": "conv", "shape": whole((64, 6, 5)),
              "neuron": lava_neuron(3000, 900, 2000),
              "weight": whole(draw.randint(-70, 80, (64, 64, 5, 5))),
              "padding": whole((2, 2))},
        "3": {"type": "flatten", "shape": whole((64 * 30, 1, 1))},
        "4": {"type": "dense", "shape": whole((4, 1, 1)),
              "neuron": lava_neuron(0, 2000, 900),
              "weight": whole(draw.randint(-40, 60, (4, 64 * 30)))}}})
    return path, draw.randint(0, 60, (3, 6, 5))


def recurrent_weights():
    draw = numpy.random.RandomState(12)
    fc1 = draw.uniform(-0.4, 0.9, (9, 6)).astype("f4")
    tau = draw.uniform(5e-4, 2e-3, 9).astype("f4")
    rec = draw.uniform(-0.5, 0.4, (9, 9)).astype("f4")
    return fc1, tau, rec, draw.uniform(-0.4, 0.9, (3, 9)).astype("f4")


def recurrent(path):
    """6 -> dense, CubaLIF of 9 that hear themselves -> dense, LIF of 3."""
    fc1, tau, rec, fc2 = recurrent_weights()
    return write_nir(path, {
        "input": port("Input", 6), "fc1": affine(fc1, numpy.zeros(9)),
        "cuba": neurons("CubaLIF", (9,), tau_syn=2e-4, tau_mem=tau, r=8.0,
                        v_leak=0.0, w_in=2.0, v_threshold=1.0),
        "rec": affine(rec, numpy.zeros(9)),
        "fc2": affine(fc2, numpy.zeros(3)),
        "lif": neurons("LIF", (3,), tau=1e-3, r=10.0, v_leak=0.0,
                       v_threshold=1.0),
        "output": port("Output", 3),
    }, [("input", "fc1"), ("fc1", "cuba"), ("cuba", "rec"), ("rec", "cuba"),
        ("cuba", "fc2"), ("fc2", "lif"), ("lif", "output")])


def recurrent_trace(steps=80, dt=1e-4):
    """That network by its equations, forward Euler in binary64: a row per step
    of inputs, membranes and spikes of the last neurons."""
    fc1, tau, rec, fc2 = (weight.astype(float)
                          for weight in recurrent_weights())
    given = numpy.random.RandomState(5).rand(steps, 6) < 0.3
    current, membrane, sent = numpy.zeros((3, 9))
    last, rows = numpy.zeros(3), []
    for step in given:
        current += dt / 2e-4 * (2 * (fc1 @ step + rec @ sent) - current)
        membrane += dt / tau * (8 * current - membrane)
        sent = (membrane > 1).astype(float)
        membrane[membrane > 1] = 0
        last += dt / 1e-3 * (10 * (fc2 @ sent) - last)
        spikes = last > 1
        last[spikes] = 0
        rows.append([*step, *last, *spikes])
    return numpy.array(rows, dtype=float)


def two_of_each(path):
    """Inputs `image` 2x4x3 (conv, IF, whose spikes are the Output `seen`) and
    `more` 4, both to LIF of 5 and the Output `chosen`."""
    draw = numpy.random.RandomState(15)
    return write_nir(path, {
        "image": port("Input", 2, 4, 3), "more": port("Input", 4),
        "conv": convolution(draw.uniform(-0.2, 0.8, (3, 2, 2, 2)),
                            numpy.zeros(3)),
        "if": neurons("IF", (3, 3, 2), r=1.0, v_threshold=0.9),
        "flat": {"type": "Flatten", "start_dim": whole(0), "end_dim": whole(-1),
                 "input_type": whole((3, 3, 2))},
        "fc": affine(draw.uniform(-0.3, 0.5, (5, 18)), numpy.zeros(5)),
        "fc2": affine(draw.uniform(-0.3, 0.9, (5, 4)), numpy.zeros(5)),
        "lif": neurons("LIF", (5,), tau=1e-3, r=10.0, v_leak=0.0,
                       v_threshold=1.0),
        "chosen": port("Output", 5), "seen": port("Output", 3, 3, 2),
    }, [("image", "conv"), ("conv", "if"), ("if", "flat"), ("flat", "fc"),
        ("fc", "lif"), ("more", "fc2"), ("fc2", "lif"), ("lif", "chosen"),
        ("if", "seen")])


def write_data(path, **nodes):
    """A NIRData file: for each node an observable `spikes`, an array [sample,
    step, neuron] (steps of 1e-4), or (t_max, neurons, samples of (neuron,
    time))."""
    tree = {}
    for name, data in nodes.items():
        if isinstance(data, tuple):
            end, count, samples = data
            most = max(map(len, samples))
            index = [[e[0] for e in s] + [-1] * (most - len(s))
                     for s in samples]
            time = [[float(e[1]) for e in s] + [float("inf")] * (most - len(s))
                    for s in samples]
            data = {"@": {"__type__": "EventData", "n_neurons": float(count),
                          "t_max": end},
                    "idx": whole(index), "time": array(time)}
        else:
            data = {"@": {"__type__": "TimeGriddedData", "dt": 1e-4},
                    "data": array(data)}
        tree[name] = {"@": {"__type__": "NIRNodeData"},
                      "observables": {"spikes": data}}
    return write(path, {"@": {"__type__": "NIRGraphData"}, "nodes": tree})


def lava_neuron(current, voltage, threshold):
    return {"type": "CUBA", "iDecay": whole(current), "vDecay": whole(voltage),
            "vThMant": whole(threshold)}


def lava_integrators(path):
    """1x5x4 -> conv to 3x3x2 -> flatten -> dense to 4, without decay of v and
    all of u: only sums. Returns the file and biases of the input."""
    draw = numpy.random.RandomState(13)
    write(path, {"layer": {
        "0": {"type": "input", "shape": whole((1, 5, 4)),
              "neuron": lava_neuron(4096, 0, 90)},
        "1": {"type": "conv", "shape": whole((3, 3, 2)),
              "neuron": lava_neuron(4096, 0, 70),
              "weight": whole(draw.randint(-10, 40, (3, 1, 3, 3))),
              "bias": whole(draw.randint(0, 6, 3))},
        "2": {"type": "flatten", "shape": whole((18, 1, 1))},
        "3": {"type": "dense", "shape": whole((4, 1, 1)),
              "neuron": lava_neuron(4096, 0, 100),
              "weight": whole(draw.randint(-20, 50, (4, 18)))}}})
    return path, draw.randint(0, 80, (1, 5, 4))


def lava_delayed(path, layers=6):
    """The first `layers` of a network in which everything differs: 4x9x7 ->
    conv of stride, padding, dilation and two groups -> conv -> flatten -> dense
    with bias -> dense with one output; every layer late, by channel or by
    neuron. Returns what lava_numpy.run() takes, and biases of the input."""
    draw = numpy.random.RandomState(14)
    channels = draw.randint(0, 4, 6)
    net = [
        {"type": "input", "shape": (4, 9, 7), "neuron": (4096, 900, 120),
         "delay": numpy.repeat([0, 2, 1, 0], 63)},
        {"type": "conv", "shape": (6, 5, 5), "neuron": (1500, 700, 150),
         "weight": draw.randint(-20, 50, (6, 2, 3, 2)), "stride": (2, 1),
         "padding": (1, 0), "dilation": (1, 2), "groups": 2,
         "bias": draw.randint(-10, 30, 6), "delay": numpy.repeat(channels, 25)},
        {"type": "conv", "shape": (3, 4, 2), "neuron": (3000, 0, 400),
         "weight": draw.randint(-30, 50, (3, 6, 2, 2)), "stride": (1, 3),
         "padding": (0, 1), "delay": draw.randint(0, 63, 24)},
        {"type": "flatten", "shape": (24, 1, 1)},
        {"type": "dense", "shape": (10, 1, 1), "neuron": (0, 2000, 900),
         "weight": draw.randint(-40, 60, (10, 24)),
         "bias": draw.randint(-20, 60, 10), "delay": numpy.array([3])},
        {"type": "dense", "shape": (1, 1, 1), "neuron": (1024, 4096, 60),
         "weight": draw.randint(-60, 128, (1, 10)), "bias": numpy.array([5]),
         "delay": numpy.array([1])},
    ][:layers]
    tree = {}
    for index, layer in enumerate(net):
        tree[str(index)] = {
            key: value if key == "type" else
            lava_neuron(*value) if key == "neuron" else whole(value)
            for key, value in layer.items()}
    write(path, {"layer": tree})
    return net, draw.randint(0, 60, (4, 9, 7))
