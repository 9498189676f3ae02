//===- SpikeOps.td - The ops of the spike dialect ----------*- tablegen -*-===//
//
// Rules are numbered (`linear-2`); the verifier's messages and the error tests
// cite them.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_DIALECTS_SPIKE_OPS_TD
#define SYNFIRE_DIALECTS_SPIKE_OPS_TD

include "dialects/spike/SpikeConstants.td"
include "dialects/spike/SpikeWindows.td"

def NetworkOp : Spike_Op<"network", [IsolatedFromAbove, Symbol, NoTerminator,
                                     SingleBlock, RegionKindInterface,
                                     HasOnlyGraphRegion]> {
  let summary = "a spiking network";
  let description = [{
    The ops inside run once per token step, in order.

    - network-1: it holds `spike` ops only (regions aside).
    - network-2: names of populations' results, inputs, outputs, linears,
      matmuls and reduces are unique.
    - network-3: `steps` (inner steps per token; 1 when absent) is 1 to 64;
      `positions` (the longest sequence, in tokens) is at least 1, and given when
      a position is input or a matmul is there.
    - network-4: what an op reads belongs to its own sweep or, if it is a held
      population or what a matmul that is not causal has written, to one before.
      (An op belongs to the latest sweep among what it reads; a held population
      to the one after; an input to all; a linear or embed on an input to the
      sweep that reads it.)
    - network-5: only a `spike.delay` reads what stands later; from there to what
      it reads, nothing is held and no matmul stands.

    ```mlir
    spike.network @spikegpt {
      %token = spike.input "tokens" : !spike.events<65 x binary>
      ...
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name,
                       DefaultValuedAttr<I64Attr, "1">:$steps,
                       OptionalAttr<I64Attr>:$positions);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $sym_name (`steps` $steps^)? (`positions` $positions^)?
    attr-dict-with-keyword $body
  }];
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
}

def InputOp : Spike_InNetwork<"input"> {
  let summary = "what the host tells of a token";
  let description = [{
    One event per token step, the same in all inner steps of a token: its index
    is the token, the position of the token in its sequence (0, 1, ...), or its
    type (BERT's segment); its payload is 1. With the role `events` any events,
    given for each token: spike trains, or an image as graded events. `shape`
    (channels, height, width) tells that they are numbered as `spike.conv` has
    it, columns first.

    - input-1: the events are binary, but for the role `events`.
    - input-2: a position has one event per position of the network.
    - input-3: a shape is that of all events, and of the role `events` only.
  }];
  let arguments = (ins StrAttr:$name,
                       DefaultValuedAttr<Spike_InputRole,
                         "::synfire::spike::InputRole::Token">:$role,
                       OptionalAttr<DenseI64ArrayAttr>:$shape);
  let results = (outs Spike_EventsType:$tokens);
  let assemblyFormat = [{
    $name (`role` $role^)? (`shape` $shape^)? attr-dict `:`
    qualified(type($tokens))
  }];
  let hasVerifier = 1;
}

def EmbedOp : Spike_InNetwork<"embed"> {
  let summary = "table look-up: the row that the token selects";
  let description = [{
    A linear whose input is one-hot; the table is stored [source, target].

    - embed-1: the table has one row per token and one column per result.
    - embed-2: f32 table -> `tensor<Nxf32>`; i1 table -> `tensor<Nxi32>`.
  }];
  let arguments = (ins StrAttr:$name, Spike_EventsType:$tokens,
                       2DTensorOf<[F32, I1]>:$table);
  let results = (outs 1DTensorOf<[F32, I32]>:$sums);
  let assemblyFormat = [{
    $name $tokens `,` $table attr-dict `:` qualified(type($tokens)) `,`
    type($table) `->` type($sums)
  }];
  let hasVerifier = 1;
}

def LinearOp : Spike_InNetwork<"linear"> {
  let summary = "stored weights times what arrives";
  let description = [{
    `sums[i] = sum over j of matrix[i, j] * values[j]`, the matrix stored
    [target, source].

    - linear-1: the matrix has one row per target and one column per source, or
      fewer columns: sources beyond them have no synapses.
    - linear-2: f32 matrix -> real currents; i8 matrix -> integer sums, and the
      sources are events.
    - linear-3: `accumulate_only`, once set by `spike-classify-linears`, equals
      what the event kind proves (binary or ternary events).
    - linear-4: `sum_bits`, once set, is at most 32: the proven width of a sum
      in two's complement.
    - linear-5: `only`, a spike.mask over the sources, tells which of them have
      synapses; the others are always 0 (a run fails when one is not).
  }];
  let arguments = (ins StrAttr:$name, Spike_Values:$values,
                       2DTensorOf<[F32, I8]>:$matrix,
                       Optional<1DTensorOf<[F32]>>:$only,
                       OptionalAttr<BoolAttr>:$accumulate_only,
                       OptionalAttr<I64Attr>:$sum_bits);
  let results = (outs 1DTensorOf<[F32, I32]>:$sums);
  let assemblyFormat = [{
    $name $values `,` $matrix (`only` $only^ `:` type($only))? attr-dict `:`
    qualified(type($values)) `,` type($matrix) `->` type($sums)
  }];
  let hasVerifier = 1;
}

def MatmulOp : Spike_InNetwork<"matmul"> {
  let summary = "activations times a memory of activations";
  let description = [{
    Dynamic synapses. The memory has one row per token of the sequence (at most
    the network's `positions`), `kvHeads` heads of d columns each, and one plane
    per inner step. In every token step `written` (kvHeads * d values) goes to
    the row of its token, in the plane of its inner step; a token that is
    padding writes none, and rows are numbered in the order of tokens that
    write. `query` has `heads` heads; heads h*g .. h*g + g-1 read head h of the
    memory, g = heads / kvHeads. With n positions, in the plane of the step:

    - along keys: `sums[h*n + m] = sum over j of query[h*d + j] * row[m][j]`
    - along values: `sums[h*d + j] = sum over m of query[h*n + m] * row[m][j]`

    over the rows m that are there: with `causal` those of tokens up to and
    including this one, else those of the whole sequence, which has passed in
    the sweep before. What rows that are not there would give is not defined;
    only a population of `rows` may read sums along keys, and only its results
    may be the query along values.

    - matmul-1: sizes agree as above, and heads is a multiple of kvHeads.
    - matmul-2: events on both sides give integer sums; anything else currents.
    - matmul-3: `accumulate_only`, once set, equals what the event kinds prove:
      one of the two is binary or ternary, or the query unary or planes.
    - matmul-4: `sum_bits`, once set, is at most 32.
    - matmul-5: results along keys are read by populations of `rows` only; the
      query along values comes from one.
  }];
  let arguments = (ins StrAttr:$name, Spike_Values:$query,
                       Spike_Values:$written, Spike_Along:$along,
                       I64Attr:$heads, I64Attr:$kvHeads, UnitAttr:$causal,
                       OptionalAttr<BoolAttr>:$accumulate_only,
                       OptionalAttr<I64Attr>:$sum_bits);
  let results = (outs 1DTensorOf<[F32, I32]>:$sums);
  let assemblyFormat = [{
    $name $query `against` $written `along` $along `heads` $heads `over`
    $kvHeads (`causal` $causal^)? attr-dict `:` qualified(type($query)) `,`
    qualified(type($written)) `->` type($sums)
  }];
  let hasVerifier = 1;
}

def DelayOp : Spike_InNetwork<"delay"> {
  let summary = "what was some token steps ago";
  let description = [{
    The values of the operand `by` token steps ago in the same sequence; 0 (no
    events) before it began. The one op that may read what stands later in the
    network: how a recurrent projection hears the step before.

    - delay-1: 1 <= by <= 1023; one type.
    - delay-2: the operand is an input of the role `events` or the result of a
      population without rows.
  }];
  let arguments = (ins Spike_Values:$values, I64Attr:$by);
  let results = (outs Spike_Values:$delayed);
  let assemblyFormat = [{
    $values `by` $by attr-dict `:` qualified(type($values)) `->`
    qualified(type($delayed))
  }];
  let hasVerifier = 1;
}

def RotateOp : Spike_InNetwork<"rotate"> {
  let summary = "the other half of each head";
  let description = [{
    Within each of `heads` equal parts, value i is value (i + n/2) mod n of the
    operand, n the length of a part: the partner in rotary position embedding.
    Neuron by neuron like a value handed on, so populations read it.

    - rotate-1: the parts have an even length.
    - rotate-2: the operand is the result of a population.
  }];
  let arguments = (ins Spike_Values:$values, I64Attr:$heads);
  let results = (outs Spike_Values:$rotated);
  let assemblyFormat =
      "$values `heads` $heads attr-dict `:` qualified(type($values)) `->` qualified(type($rotated))";
  let hasVerifier = 1;
}

def PopulationOp : Spike_InNetwork<"population", [AttrSizedOperandSegments]> {
  let summary = "neurons that run one program";
  let description = [{
    All results have the same number of neurons N; the region is the program of
    one neuron. Its arguments are the values of `inputs` at the neuron (a value
    of size 1 is read by every neuron, one of size S that divides N by the N / S
    neurons of each of S equal groups: a broadcast), then its `params`, then its
    states. It yields one value per result, then the new states. States start
    at `init` and persist from token step to token step; with `spike.delay` they
    are the only memory of a network. With `reset [every, at]` they return to
    `init` before token step t of a sequence (0, 1, ...) when t mod every = at.

    What a program sees: `f32` of currents, params and states; `i32` of sums and
    of ternary or graded events; `i1` of binary events. What it yields for a
    result is the same. States and params may be `i32` as well (fixed point):
    what `init` and the param's constant give is then an integer.

    - population-1: one name per result; all results have the same size N.
    - population-2: the size of an input divides N; params are constants of size
      N or 1.
    - population-3: region arguments and yields have the types just described.
    - population-4: the region holds `arith` and `math` ops of the neuron
      instruction set only, on f32, i32 and i1.
    - population-5: one `init` value per state.
    - population-6: with `rows`, N is a multiple of the network's positions n, and
      neuron h*n + m belongs to row m of the memories of attention. It runs only
      when the row is there (`seen`: rows of tokens so far; `all`: of the
      sequence); else it emits nothing, takes no part in a reduce, and keeps its
      states.
    - population-7: `held each` begins the next sweep, with the inputs of the
      same token step; `held last` with the inputs of the last token step of the
      sweep before, in every token step. No input is a constant.
    - population-8: of `reset [every, at]`, 0 <= at < every.
    - population-9: the `init` of an i32 state is an integer of 32 bits.

    ```mlir
    %s = spike.population ["lif"] (%i : tensor<8xf32>) params() init [0.0] {
    ^bb0(%current: f32, %v: f32):
      ...
      spike.yield %fires : i1 states %next : f32
    } : !spike.events<8 x binary>
    ```
  }];
  let arguments = (ins StrArrayAttr:$names, Variadic<Spike_Values>:$inputs,
                       Variadic<1DTensorOf<[F32]>>:$params,
                       DenseF32ArrayAttr:$init, OptionalAttr<Spike_Rows>:$rows,
                       OptionalAttr<Spike_Held>:$held,
                       OptionalAttr<DenseI64ArrayAttr>:$reset);
  let regions = (region SizedRegion<1>:$body);
  let results = (outs Variadic<Spike_Values>:$outputs);
  let assemblyFormat = [{
    $names `(` ($inputs^ `:` qualified(type($inputs)))? `)`
    `params` `(` ($params^ `:` type($params))? `)` `init` $init
    (`rows` $rows^)? (`held` $held^)? (`reset` $reset^)? attr-dict-with-keyword $body `:` qualified(type($outputs))
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// Neurons of the population.
    int64_t getNumNeurons();
    unsigned getNumStates() { return getInit().size(); }
    /// The name of result \p I.
    llvm::StringRef getResultName(unsigned I);
    /// Region arguments of the inputs, params and states.
    mlir::Block::BlockArgListType inputArgs();
    mlir::Block::BlockArgListType paramArgs();
    mlir::Block::BlockArgListType stateArgs();
    YieldOp getYield();
  }];
}

def StepOp : Spike_Op<"step", [Pure, ParentOneOf<["PopulationOp"]>]> {
  let summary = "the inner step of the token";
  let description = [{
    0 .. steps-1, the same for all neurons; stands in a program.
  }];
  let results = (outs I32:$step);
  let assemblyFormat = "attr-dict";
}

def MulShiftOp : Spike_Op<"mul_shift", [Pure,
    ParentOneOf<["PopulationOp", "DeriveOp"]>]> {
  let summary = "a fixed-point product";
  let description = [{
    `left * right / 2^by`, the product exact in 64 bits, cut toward zero, down
    (`floor`) or to the nearest integer (halves up); the low 32 bits are kept.
    Stands in a program.

    - mul-shift-1: 0 <= by <= 62.
  }];
  let arguments = (ins I32:$left, I32:$right, I64Attr:$by,
                       Spike_Rounding:$rounding);
  let results = (outs I32:$product);
  let assemblyFormat = "$left `,` $right `by` $by $rounding attr-dict";
  let hasVerifier = 1;
}

def ReduceOp : Spike_InNetwork<"reduce"> {
  let summary = "the sum, or the largest value, over a population";
  let description = [{
    The values are S equal groups, S the size of the result. Real currents give
    the sum of each group (accumulated in binary64, rounded once), events the
    exact integer sum of their payloads. With `max`, currents give the largest
    value of a group, unsigned events the largest payload (0 when nothing came).
    Of a population of `rows` only neurons that ran take part.

    - reduce-1: currents -> `tensor<Sxf32>`; events -> `tensor<Sxi32>`; S divides
      the number of values.
    - reduce-2: the largest possible sum of payloads fits 32 bits.
    - reduce-3: `max` of events needs unsigned ones.
  }];
  let arguments = (ins StrAttr:$name, Spike_Values:$values, UnitAttr:$max);
  let results = (outs 1DTensorOf<[F32, I32]>:$sum);
  let assemblyFormat = [{
    $name (`max` $max^)? $values attr-dict `:` qualified(type($values)) `->` type($sum)
  }];
  let hasVerifier = 1;
}

def OutputOp : Spike_InNetwork<"output"> {
  let summary = "values that the host reads";
  let description = [{
    Real currents are read as they are; events are read as
    `float(payload) * scale` in binary32, with one scale per neuron.

    - output-1: events come with scales, one per neuron; currents without.
  }];
  let arguments = (ins StrAttr:$name, Spike_Values:$values,
                       Optional<1DTensorOf<[F32]>>:$scales);
  let assemblyFormat = [{
    $name $values (`scaled` `by` $scales^)? attr-dict `:`
    qualified(type($values)) (`,` type($scales)^)?
  }];
  let hasVerifier = 1;
}

def YieldOp : Spike_Op<"yield", [Pure, Terminator, AttrSizedOperandSegments,
    ParentOneOf<["PopulationOp", "DeriveOp"]>]> {
  let summary = "ends a program: results, then new states";
  let arguments = (ins Variadic<AnyType>:$results,
                       Variadic<AnyTypeOf<[F32, I32]>>:$states);
  let assemblyFormat = [{
    ($results^ `:` type($results))? (`states` $states^ `:` type($states))?
    attr-dict
  }];
}

#endif // SYNFIRE_DIALECTS_SPIKE_OPS_TD
