"""A Lava-DL network by the equations of models/lavadl/LavaNet.h, in NumPy, by
plain loops over taps."""

import numpy


def cut(state, decay):
    """What is left of a state, cut towards zero."""
    return numpy.sign(state) * (numpy.abs(state) * (4096 - decay) // 4096)


def convolve(layer, spikes):
    """Correlation of spikes [channel, y, x]."""
    weight, groups = layer["weight"], layer.get("groups", 1)
    (sy, sx), (py, px), (dy, dx) = (
        layer.get(name, (default, default))
        for name, default in (("stride", 1), ("padding", 0), ("dilation", 1)))
    padded = numpy.pad(spikes, ((0, 0), (py, py), (px, px)))
    outputs, inputs, height, width = weight.shape
    out = numpy.zeros(layer["shape"], numpy.int64)
    _, rows, columns = out.shape
    for o in range(outputs):
        first = o // (outputs // groups) * inputs
        for i in range(inputs):
            for y in range(height):
                for x in range(width):
                    taps = padded[first + i, y * dy:, x * dx:][::sy, ::sx]
                    out[o] += weight[o, i, y, x] * taps[:rows, :columns]
    return out


def run(net, image, steps):
    """For each layer with neurons: spikes, u and v of every step, each
    [step, neuron] in the order of channel, y, x."""
    sent, results = None, {}
    for index, layer in enumerate(net):
        if layer["type"] == "flatten":
            continue
        current, voltage, threshold = layer["neuron"]
        shape = layer["shape"]
        u, v = numpy.zeros(shape, numpy.int64), numpy.zeros(shape, numpy.int64)
        bias = layer.get("bias", numpy.zeros(1, numpy.int64))
        bias = image if index == 0 else bias.reshape(-1, 1, 1)
        spikes, us, vs = [], [], []
        for step in range(steps):
            if index > 0:
                arriving = sent(step)
                sums = (convolve(layer, arriving) if layer["type"] == "conv"
                        else layer["weight"] @ arriving.ravel())
                u = cut(u, current) + 64 * sums.reshape(shape)
            v = cut(v, voltage) + u + 64 * bias
            spike = v > 64 * threshold
            v = numpy.where(spike, 0, v)
            for kept, value in ((spikes, spike), (us, u), (vs, v)):
                kept.append(numpy.broadcast_to(value, shape).ravel())
        results[index] = tuple(map(numpy.array, (spikes, us, vs)))
        late = numpy.broadcast_to(layer.get("delay", 0), (spike.size,)) + 1

        def sent(step, spikes=results[index][0], late=late, shape=shape):
            """What of this layer arrives at a step."""
            at = step - late
            arrived = spikes[numpy.maximum(at, 0), numpy.arange(len(late))]
            return numpy.where(at < 0, 0, arrived).reshape(shape)

    return results
