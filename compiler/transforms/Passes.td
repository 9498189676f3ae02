//===- Passes.td - spike -> spike passes -------------------*- tablegen -*-===//
//
// In the order of Pipeline.cpp: first what keeps the float network's meaning,
// then what makes it integer, then what checks it. Every pass is deterministic
// and idempotent.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_COMPILER_TRANSFORMS_PASSES_TD
#define SYNFIRE_COMPILER_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

class SpikePass<string name>
    : Pass<name, "::synfire::spike::NetworkOp"> {
  let dependentDialects = ["::synfire::spike::SpikeDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::math::MathDialect"];
}

//===----------------------------------------------------------------------===//
// Simplify: the float network keeps its meaning
//===----------------------------------------------------------------------===//

def SplitChannels : SpikePass<"spike-split-channels"> {
  let summary = "spreads the channels of large convolutions over populations";
  let description = [{
    Every core of a convolutional population stores the kernel rows of all its
    channels, since neurons are numbered place by place. A population whose
    kernels exceed `most-bytes` becomes k populations `NAME/0` to `NAME/k-1` with
    as many channels each, `NAME/i` those from i * channels / k on, and a k-th of
    the kernel rows, params and biases; what it reads neuron by neuron, channel by
    channel (pooling) or by group is split alike. Convolutions and linears read
    the parts through a `spike.join`, so that each keeps one kernel, one scale and
    one sum: their results are the same to the bit. k is the least divisor of the
    channels that leaves a kernel at most three quarters of `most-bytes`; the rest
    is for neurons.

    - Requires: a float network (or codes), before `spike-quantize`.
    - Ensures: the same spikes; no kernel that can be split is above `most-bytes`.
    - Fails when: never. A population stays whole, with a remark that says why, if
      it or one split alike sends to the host or in real values to a convolution
      or linear, hears an input neuron by neuron or channel by channel, or has too
      few channels.
    - Cost: O(ops); no weight is read.
    - Source: output-channel partitioning of convolutions (mapping.md).
  }];
  let options = [
    Option<"MostBytes", "most-bytes", "uint64_t", /*default=*/"196608",
           "bytes of kernels that a core can hold">,
    Option<"WeightBits", "weight-bits", "int64_t", /*default=*/"8",
           "width that real weights are stored with">,
  ];
  let statistics = [Statistic<"NumSplit", "num-split-populations",
                              "populations that became several">];
}

def FoldEmbedding : SpikePass<"spike-fold-embedding"> {
  let summary = "folds a threshold behind the embedding into its table";
  let description = [{
    A population without state and params that reads only the embedding and
    yields one binary event is a function of one table element: the table
    becomes bits (a `spike.derive`), the population fires on a bit.

    - Requires: nothing.
    - Ensures: such an embedding is an i1 table; spikes are the same.
    - Fails when: never.
    - Cost: O(ops).
    - Source: docs/architecture.md, "embedding table behind a threshold".
  }];
  let statistics = [Statistic<"NumFolded", "num-folded-tables",
                              "embedding tables that became bits">];
}

def FoldAmplitudes : SpikePass<"spike-fold-amplitudes"> {
  let summary = "moves the amplitude of spikes to those that read them";
  let description = [{
    A result that is 0 or an amplitude (or minus the amplitude), chosen by a
    spike, becomes binary (ternary) events. The amplitude, a constant or a
    param, scales the columns of the linears that read it, and stands at the
    entry of the populations that do.

    - Requires: nothing.
    - Ensures: results read by a linear that are spike times amplitude are
      events without weight arithmetic.
    - Fails when: never; a result that something else than a linear or a
      population reads is left alone.
    - Cost: O(ops).
    - Source: the amplitude alpha of SpikeLM (arXiv 2406.03287).
  }];
  let statistics = [Statistic<"NumFolded", "num-folded-amplitudes",
                              "results that became events">];
}

def FoldNorms : SpikePass<"spike-fold-norms"> {
  let summary = "folds the affine tail of a norm into the matrices behind it";
  let description = [{
    A result `n * gamma + beta` (params or constants) that only linears read
    becomes `n`; the columns of each matrix W take the factor gamma, and
    `W * beta` (a `spike.apply`) is added by the population that reads the sums.
    Everything stays a constant expression on the weights' file.

    - Requires: sums are read by populations (`spike-insert-readers`).
    - Ensures: no population that only linears read ends in an affine map.
    - Fails when: never; a linear whose sums something else reads is left alone.
    - Cost: O(ops); no weight is read.
    - Source: spikegpt.md section 2.1.
  }];
  let statistics = [Statistic<"NumFolded", "num-folded-norms",
                              "affine tails moved into matrices">];
}

def DeferScales : SpikePass<"spike-defer-scales"> {
  let summary = "takes a factor that all neurons share behind the linear";
  let description = [{
    A result `w * r` with r one number for the whole population, such as the
    reciprocal root mean square of a norm, that only linears read becomes `w`;
    the populations that read the sums multiply them by r. The events leave
    before r is known, so a token crosses each norm one level sooner. The price:
    after quantisation a scale fixed for all tokens covers `w`, whose magnitude
    follows the token, and not the normed value.

    - Requires: sums are read by populations (`spike-insert-readers`); after
      `spike-fold-norms`, which would fold what is left into matrices.
    - Ensures: no population that only linears read ends in such a factor.
    - Fails when: never; a linear whose sums something else reads is left alone.
    - Cost: O(populations x ops).
    - Source: linearity; for the 8-bit activations of BitLinear the integers do
      not depend on the norm at all (arXiv 2406.02528).
  }];
  let statistics = [Statistic<"NumDeferred", "num-deferred-scales",
                              "factors moved behind linears">];
}

def MergePopulations : SpikePass<"spike-merge-populations"> {
  let summary = "merges populations that compute the same";
  let description = [{
    Two populations with the same inputs, params, initial states, result types,
    `rows`, `held` and program, constants included, are one; the later goes, its
    names stay as `spike.aliases`: results keep the names of the first. Params
    are the same when they are the same expression over weights of equal type
    and hash, wherever those lie: so the query, key and value inputs of SpikeLM
    are one population exactly when their amplitudes are equal.

    - Requires: nothing.
    - Ensures: no two populations are equal.
    - Fails when: never.
    - Cost: O(populations^2) comparisons of operands, programs only where those
      agree.
    - Source: value numbering.
  }];
  let statistics = [Statistic<"NumMerged", "num-merged-populations",
                              "populations that another stands for">];
}

def InsertReaders : SpikePass<"spike-insert-readers"> {
  let summary = "puts a population behind every sum that none reads";
  let description = [{
    Sums (of linears, matmuls, embeddings, reductions) are read by populations on
    a chip, neuron by neuron. Where an output, a linear, a matmul or a reduction
    reads real sums directly, or a population reads them by broadcast (other
    than one reduced value for all), an identity population `<name>.out` is put
    between.

    - Requires: nothing.
    - Ensures: real sums are read by populations only, neuron by neuron.
    - Fails when: never.
    - Cost: O(ops).
    - Source: docs/architecture.md, "Blocks, slots, flows".
  }];
  let statistics = [Statistic<"NumInserted", "num-inserted-readers",
                              "identity populations created">];
}

def HoistParams : SpikePass<"spike-hoist-params"> {
  let summary = "computes what depends on params only at compile time";
  let description = [{
    A real value inside a program that depends on params and constants only,
    such as `1 - m` or `-exp(w)`, becomes a `spike.derive` and is read as a
    param. The same arithmetic is done once instead of at every step, so no bit
    changes.

    - Requires: nothing.
    - Ensures: what a program computes depends on an input or a state, or is
      constant.
    - Fails when: never.
    - Cost: O(region ops).
    - Source: loop-invariant code motion.
  }];
  let statistics = [Statistic<"NumHoisted", "num-hoisted-values",
                              "values computed at compile time">];
}

def FusePopulations : SpikePass<"spike-fuse-populations"> {
  let summary = "merges element-wise neighbours into one program";
  let description = [{
    A population P and a population C of the same size that reads P one to one
    become one, when no other way leads from P to C: what needs no network stays
    on its neuron. Currents that only C reads vanish; binary and ternary events,
    and what others read, stay results under their names. Greedy, consumers in
    network order, producers in operand order.

    - Requires: nothing.
    - Ensures: no further pair can be fused; events and remaining values are
      bit-identical.
    - Fails when: never.
    - Cost: O(populations x ops).
    - Source: loop fusion (element-wise, acyclic).
  }];
  let statistics = [Statistic<"NumFused", "num-fused-populations",
                              "populations that became part of another">];
}

//===----------------------------------------------------------------------===//
// Quantise: the float network becomes integer
//===----------------------------------------------------------------------===//

def Calibrate : SpikePass<"spike-calibrate"> {
  let summary = "measures the range of every real value on text";
  let description = [{
    Runs the interpreter on sequences, each from reset state, and leaves on each
    population `spike.ranges`: for each result of currents `[absmax, p9999, min]`.
    p9999 is the 99.99th percentile of the magnitudes of all neurons in all
    token steps, from a histogram of 128 bins per power of two (linear within
    the bin: relative error below 1/128). Neurons of rows that did not run do
    not count, nor does a token step in which a whole population is 0 (gated
    until the last inner step, say): it sends nothing, and its zeros would move
    the percentile of what is sent at other times.

    Tokens of one dimension are cut into windows; with two each row is a
    sequence.

    - Requires: files of weights and tokens are there.
    - Ensures: every population result of currents has a range.
    - Fails when: tokens or weights cannot be read, files differ in shape, a
      token is outside the vocabulary, a value is not finite.
    - Cost: one float forward pass of the tokens.
    - Source: docs/architecture.md, "The numeric contract".
  }];
  let options = [
    Option<"Tokens", "tokens", "std::string", /*default=*/"",
           "NumPy file of token ids (one dimension, or one row per sequence; i1, u1, i2, u2, i4 or i8)">,
    Option<"Types", "types", "std::string", /*default=*/"",
           "NumPy file of token types, of the same shape (all 0)">,
    Option<"Mask", "mask", "std::string", /*default=*/"",
           "NumPy file of the same shape, 0 for padding (all valid)">,
    Option<"Window", "window", "int64_t", /*default=*/"256",
           "tokens run from one reset state">,
    Option<"MaxTokens", "max-tokens", "int64_t", /*default=*/"2048",
           "tokens used, from the start of the file">,
    Option<"Weights", "weights", "std::string", /*default=*/"",
           "folder that relative weight files are taken from">,
  ];
}

def Quantize : SpikePass<"spike-quantize"> {
  let summary = "rewrites the whole network to integer events";
  let description = [{
    Every currents result of a population becomes events: the producer's program
    multiplies by 1/scale, rounds to even, converts (NaN becomes 0) and clamps;
    the consumer's converts back and multiplies by the scale. Which payload and
    scale depends on who reads it:

    | reader | payload | scale | name |
    |---|---|---|---|
    | linear, query of a matmul | `activation-bits`, unsigned if proven non-negative | p9999 / largest code | `X` |
    | population, one to one (rotated or not) | signed 16 | power of two, twice absmax | `X.direct` |
    | population, by broadcast | signed 24 | power of two, four times absmax | `X.broadcast` |
    | reduce, sum of n | min(20, 31 - ceil(log2 n)) bits, unsigned if proven | power of two, twice absmax | `X.reduced` |
    | output | signed 24 | power of two, four times absmax | `X.host` |
    | memory of a matmul | min(8, `activation-bits`) signed | p9999 / largest code | `X.written` |
    | reduce, the largest | unsigned 20, code + 2^19, at least 1 | power of two, twice absmax | `X.largest` |

    The first kind of reader in this order takes the plain name `X`. Results of
    a population that are the same value are one, the first. A reduce
    that sums what is also the query along values (the weights of attention)
    reads the codes of the query: what rounding takes away is then missing from
    both, and weights still add up to one.

    A matrix becomes codes under row scales, those of its `spike.grid` if it has
    one, or all worth 2^e where its linear says so (`spike.weight_exponent`, for
    chips that only shift sums; `synfire compile` chooses e); a linear's reader multiplies its sum by the param row scale x
    activation scale. The sums of a matmul are worth the product of both scales.
    The reader of a largest value takes the offset off; where nothing came it
    reads 0. Events are left as they are.

    Zero points of a grid, codes scale[i] * (q - zero[i]) with q unsigned: q - zero
    has a bit more than q, and would be stored in twice the bits. With
    h = 2^(bits-1), the matrix gets q - h instead, the linear's readers read a
    reduce `X.total` of its source X as well and add (h - zero[i]) times it
    before they scale: integers, equal to the sums of q - zero. Linears of one
    source share the reduce. Done where a row saves more than the 32 bits of
    h - zero[i]: sources with synapses x (stored width of bits + 1 - that of
    bits), stored widths being 2, 4 and 8. Otherwise the codes are q - zero. At 8
    bits, where those do not exist, always; except for sources that are no
    population, which get scales of their own.

    - Requires: `spike-insert-readers`, `spike-calibrate`, an i1 embedding
      (`spike-fold-embedding`).
    - Ensures: what `spike-verify-quantized` checks.
    - Fails when: a range is missing, a real sum is not read by a population, a
      rotated value is not handed on one to one, an embedding table is real.
    - Cost: O(region ops); no weight is read.
    - Source: docs/architecture.md, "The numeric contract"; zero points: the
      zero_point terms of arXiv 1712.05877, section 2.3.
  }];
  let options = [
    Option<"ActivationBits", "activation-bits", "int64_t", /*default=*/"8",
           "payload width of what linears read, 2 to 16">,
    Option<"WeightBits", "weight-bits", "int64_t", /*default=*/"8",
           "width of a weight code, 2 to 8">,
    Option<"FoldZeros", "fold-zeros", "bool", /*default=*/"true",
           "takes zero points of grids out of matrices where that pays">,
  ];
  let statistics = [
    Statistic<"NumMatrices", "num-quantized-linears", "linears on codes">,
    Statistic<"NumFolded", "num-folded-zeros",
              "of those, without their zero points">,
    Statistic<"NumResults", "num-graded-results",
              "results that became graded events">,
    Statistic<"NumUnsigned", "num-unsigned-results",
              "of those, proven non-negative">,
  ];
}

def VerifyQuantized : SpikePass<"spike-verify-quantized"> {
  let summary = "checks that only integers travel";
  let description = [{
    The phase boundary behind quantisation: populations emit events, linears
    have codes, embeddings bits; sums are read by populations only, outputs are
    scaled events.

    - Requires: nothing.
    - Ensures: the above.
    - Fails when: a value is real; the error names it and the pass to run.
    - Cost: O(ops).
    - Source: docs/architecture.md, "The numeric contract".
  }];
}

def ClassifyLinears : SpikePass<"spike-classify-linears"> {
  let summary = "proves what each product costs and that its sums fit";
  let description = [{
    Sets `accumulate_only` from the event kinds, and on integer linears
    `sum_bits`: the width of the largest sum that any payloads can make,
    max over rows of sum |code| x largest |payload|, with the codes themselves
    (those of the sources that have synapses). On integer matmuls the same from
    the payloads of both sides: their largest product times the number of terms,
    the values of a head along keys, the positions along values.

    - Requires: files of weights are there (integer linears only).
    - Ensures: both attributes stand on every integer linear and matmul, the
      first on all.
    - Fails when: a sum may need more bits than `accumulator-bits`; the error
      names the linear and the row, or the matmul.
    - Cost: one pass over the weights, by tile.
    - Source: docs/architecture.md, "The numeric contract".
  }];
  let options = [
    Option<"AccumulatorBits", "accumulator-bits", "int64_t", /*default=*/"32",
           "width of a synaptic sum on the target">,
    Option<"Weights", "weights", "std::string", /*default=*/"",
           "folder that relative weight files are taken from">,
  ];
  let statistics = [
    Statistic<"NumAccumulate", "num-accumulate-only-linears",
              "linears and matmuls that only add rows">,
    Statistic<"NumMultiply", "num-multiply-linears",
              "linears and matmuls that multiply payloads">,
  ];
}

def ToFixedPoint : SpikePass<"spike-to-fixed-point"> {
  let summary = "rewrites programs to the integers that neurons calculate with";
  let description = [{
    Every real number of a program becomes an integer mantissa and a fraction of
    bits that is fixed here: enough bits that twice the measured magnitude fits a
    register of 32 bits, and never so many that what is proven of the number
    could overflow it; where the two are more than a factor of 16 apart, the
    number is cut off at twice the measured magnitude. States and params have
    `neuron.state_bits`, constant factors `neuron.multiplier_bits`; products are
    rounded as `neuron.rounding` says, states beyond their width as
    `neuron.overflow`. Payloads are rounded to the nearest integer, halves up.

    Powers of two move the fraction and cost nothing; a product that is only
    rounded to a payload is one instruction. Exponentials take 19 instructions,
    quotients about 40, reciprocal roots about 35: shifts into an octave, a
    polynomial, Newton's iteration.

    - Requires: `spike-quantize`; `spike.value_ranges` on every population with
      real numbers, which `synfire compile` measures on the calibration text;
      `sum_bits` (`spike-classify-linears`) make ranges tight.
    - Ensures: programs compute with i32 and i1 only; params and initial states
      are whole numbers.
    - Fails when: ranges are missing, a population yields currents.
    - Cost: O(region ops); no weight is read.
    - Source: targets/ChipSpec.h, NeuronUnit; the fixed-point pages of Loihi
      (loihi-pilotnet.md section 2) round toward zero.
  }];
  let options = [
    Option<"Target", "target", "std::string", /*default=*/"\"loihi2\"",
           "chip by name or YAML file">,
  ];
  let statistics = [
    Statistic<"NumPrograms", "num-fixed-programs", "programs rewritten">,
    Statistic<"NumBefore", "num-float-ops", "ops of those programs before">,
    Statistic<"NumAfter", "num-integer-ops", "ops of those programs after">,
  ];
}

def CheckTarget : SpikePass<"spike-check-target"> {
  let summary = "checks that the target's neurons can run the network";
  let description = [{
    Instruction classes and program length of every population, payload kinds
    and widths, weight widths, and for attention synapses that events can write,
    wide enough for what is written. A target that calculates in fixed point
    takes no program with real numbers. A target with fixed neurons takes only
    leaky integrate-and-fire programs, recognised by what they compute: h is a
    weighted sum of the state, a current and inputs, the event is h against a
    constant, the next state is a constant where it fired and h elsewhere.

    - Requires: `spike-quantize`.
    - Ensures: lowering finds every instruction.
    - Fails when: something is lacking; one error per kind of lack, with the
      populations, linears, matmuls or streams it is about and the way out.
    - Cost: O(region ops).
    - Source: targets/ChipSpec.h.
  }];
  let options = [
    Option<"Target", "target", "std::string", /*default=*/"\"loihi2\"",
           "chip by name or YAML file">,
  ];
}

#endif // SYNFIRE_COMPILER_TRANSFORMS_PASSES_TD
