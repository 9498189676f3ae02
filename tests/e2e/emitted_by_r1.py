"""Compares what R1 emitted with what the NumPy programs emit.

These compute in binary64 and R1 in binary32, so a value that lies within rounding
of the boundary between two codes may fall either way. Such a code is taken over
from R1, so that everything behind it is still compared; any other difference is
wrong.
"""

import numpy

# How far from a boundary a value may be misjudged, in codes of a range of one.
ROUNDING = 1e-5


class Emitted:
    """What R1 emitted, compared with what a NumPy program emits."""

    def __init__(self, r1, tokens_shape):
        self.r1, self.shape = r1, tokens_shape
        self.left = {name for name in r1 if name.startswith("spikes/")}
        self.compared = self.doubtful = 0
        self.wrong = []

    def settle(self, name, ours, theirs, distance, rounding):
        """Ours, but theirs where that may be rounding."""
        differ = ours != theirs
        doubtful = differ & (distance <= rounding)
        if (differ & ~doubtful).any():
            self.wrong.append(f"{name}: {(differ & ~doubtful).sum()} of "
                              f"{differ.size}, first at "
                              f"{numpy.argwhere(differ & ~doubtful)[0]}")
        self.compared += differ.size
        self.doubtful += doubtful.sum()
        return numpy.where(doubtful, theirs, ours)

    def zero_points(self, codes, theirs, compared, signed):
        """The codes with z on the other side where it may be rounding and more of
        theirs agree then."""
        below = numpy.floor(codes.lowest)
        other = 2 * below + 1 - codes.z
        moved = codes._replace(z=other, c=numpy.clip(
            numpy.rint(codes.drive) + other, 0, 2**codes.bits - 1))
        axis = tuple(i for i, size in enumerate(codes.z.shape) if size == 1)
        agree, moved_agree = (
            (compared & ((c.signed() if signed else c.c) == theirs)).sum(
                axis, keepdims=True) for c in (codes, moved))
        take = ((abs(codes.lowest - below - 0.5) <= ROUNDING * 2**codes.bits)
                & (moved_agree > agree))
        self.doubtful += take.sum()
        return codes._replace(z=numpy.where(take, moved.z, codes.z),
                              c=numpy.where(take, moved.c, codes.c))

    def spikes(self, name, step, ours, drive):
        """`emit` of SpikeLm: R1 stores [B, N x T, width]."""
        name = f"spikes/{name}"
        self.left.discard(name)
        width = ours.shape[-1]
        theirs = self.r1[name].reshape(*self.shape, -1, width)[:, :, step]
        return self.settle(f"{name} step {step}", ours, theirs,
                           abs(abs(drive) - 0.5), ROUNDING)

    def codes(self, name, codes, used, signed, valid):
        """`emit` of SpikeLlm: R1 stores [B, N, channels], of matrices with signed
        events c - z."""
        name = f"spikes/{name.replace('model.layers.', 'layer')}"
        if name not in self.r1:
            if used.any():
                self.wrong.append(f"{name} is missing")
            return codes
        self.left.discard(name)
        signed = signed and "matmul" not in name
        theirs = self.r1[name].reshape(codes.c.shape).astype(float)
        # Channels of the other stream are silent, unless heads that share them
        # disagree: then both codes are there. Codes of padding are not compared.
        rows = valid.reshape(*valid.shape, *[1] * (theirs.ndim - 2))
        compared = rows & (used | (theirs != 0))
        codes = self.zero_points(codes, theirs, compared, signed)
        ours = codes.signed() if signed else codes.c
        theirs = numpy.where(compared, theirs, ours)
        fraction = codes.drive - numpy.floor(codes.drive)
        settled = self.settle(name, ours, theirs, abs(fraction - 0.5),
                              ROUNDING * 2**codes.bits)
        return codes._replace(c=settled + codes.z if signed else settled)
