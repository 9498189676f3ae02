//===- SpikeConstants.td - Weights and what is made of them -*- tablegen -*-===//

#ifndef SYNFIRE_DIALECTS_SPIKE_CONSTANTS_TD
#define SYNFIRE_DIALECTS_SPIKE_CONSTANTS_TD

include "dialects/spike/SpikeBase.td"

def WeightOp : Spike_InNetwork<"weight", [Pure]> {
  let summary = "a tensor that stays in its file";
  let description = [{
    Names where the elements lie; no pass ever holds them. `offset` is the
    byte of element 0 in `file`, `strides` count elements and are absent for
    dense row-major order, `dtype` is how an element is stored (`f32`, `f64`,
    `f16`, `bf16`, `i64`, `i32`, `i16`, `i8`, `u8`); whatever it is, the value
    read is binary32. `hash` is the
    XXH3-64 of the stored elements in row-major order, checked when the file is
    opened for reading elements.

    - weight-1: `dtype` is one of those.
    - weight-2: there are as many strides as dimensions.

    ```mlir
    %w = spike.weight "head.weight" in "model.pth" at 4096 as "f32" hash 42
        : tensor<65x128xf32>
    ```
  }];
  let arguments = (ins StrAttr:$name, StrAttr:$file, I64Attr:$offset,
                       StrAttr:$dtype, UI64Attr:$hash,
                       OptionalAttr<DenseI64ArrayAttr>:$strides);
  let results = (outs StaticShapeTensorOf<[F32]>:$value);
  let assemblyFormat = [{
    $name `in` $file `at` $offset `as` $dtype `hash` $hash
    (`strides` $strides^)? attr-dict `:` type($value)
  }];
  let hasVerifier = 1;
}

def ConstantOp : Spike_InNetwork<"constant", [Pure]> {
  let summary = "a tensor that lies in the IR";
  let description = [{
    For what has no place in a file as it is: biases and time constants that were
    computed, weights of a compressed file. At most 2^24 elements.

    - constant-1: no more elements than that, all finite.

    ```mlir
    %b = spike.constant dense<[0.5, -1.0]> : tensor<2xf32> : tensor<2xf32>
    ```
  }];
  let arguments = (ins ElementsAttr:$values);
  let results = (outs StaticShapeTensorOf<[F32]>:$value);
  let assemblyFormat = "$values attr-dict `:` type($value)";
  let hasVerifier = 1;
}

def DeriveOp : Spike_InNetwork<"derive", [Pure]> {
  let summary = "a constant tensor, element by element from others";
  let description = [{
    Compile-time arithmetic on constants (`spike.weight`, `spike.row_scale`,
    other derives): the region computes one element of the result from the
    elements at the same place. Evaluated when weights are read, by tile, so a
    derived matrix is never held either.

    - derive-1: all operands and the result have one shape; an operand of shape
      `1` is taken everywhere, a vector as long as the last dimension of the
      result in every row.
    - derive-2: operands are constants.
    - derive-3: the region's arguments and its yield have the element types.

    ```mlir
    %bits = spike.derive(%table : tensor<65x128xf32>) {
    ^bb0(%e: f32):
      %zero = arith.constant 0.0 : f32
      %fires = arith.cmpf oge, %e, %zero : f32
      spike.yield %fires : i1
    } : tensor<65x128xi1>
    ```
  }];
  let arguments = (ins Variadic<AnyStaticShapeTensor>:$inputs);
  let regions = (region SizedRegion<1>:$body);
  let results = (outs StaticShapeTensorOf<[F32, I1]>:$value);
  let assemblyFormat = [{
    `(` ($inputs^ `:` type($inputs))? `)` attr-dict-with-keyword $body `:`
    type($value)
  }];
  let hasVerifier = 1;
}

def CollapseOp : Spike_InNetwork<"collapse", [Pure]> {
  let summary = "a tensor as a matrix";
  let description = [{
    All dimensions but the first become one, in row-major order: kernels and
    matrices whose sources have a shape are stored with more dimensions (and,
    by the strides of their `spike.weight`, in any order of them).

    - collapse-1: the operand is a constant; both have as many rows, and as many
      elements.
  }];
  let arguments = (ins StaticShapeTensorOf<[F32]>:$tensor);
  let results = (outs 2DTensorOf<[F32]>:$matrix);
  let assemblyFormat = "$tensor attr-dict `:` type($tensor) `->` type($matrix)";
  let hasVerifier = 1;
}

def RepeatOp : Spike_InNetwork<"repeat", [Pure]> {
  let summary = "a vector again and again";
  let description = [{
    Element i is element i mod n of the operand, which has n: what is given by
    channel, for all neurons of a convolution.

    - repeat-1: the operand is a constant whose length divides that of the
      result.
  }];
  let arguments = (ins 1DTensorOf<[F32]>:$vector);
  let results = (outs 1DTensorOf<[F32]>:$value);
  let assemblyFormat = "$vector attr-dict `:` type($vector) `->` type($value)";
  let hasVerifier = 1;
}

def PartOp : Spike_InNetwork<"part", [Pure]> {
  let summary = "some channels of a constant";
  let description = [{
    Along the first dimension: of every `of` elements (of a vector) or rows (of a
    matrix) those from `first` on, `count` of them. Read where they lie, nothing
    is copied.

    - part-1: the operand is a constant of one or two dimensions, `of` divides the
      first, and the part lies within it.
    - part-2: the result is as large as that.

    ```mlir
    %p = spike.part %v first 4 count 2 of 8 : tensor<16xf32> -> tensor<4xf32>
    ```
  }];
  let arguments = (ins StaticShapeTensorOf<[F32]>:$whole, I64Attr:$first,
                       I64Attr:$count, I64Attr:$of);
  let results = (outs StaticShapeTensorOf<[F32]>:$value);
  let assemblyFormat = [{
    $whole `first` $first `count` $count `of` $of attr-dict `:` type($whole) `->`
    type($value)
  }];
  let hasVerifier = 1;
}

def ApplyOp : Spike_InNetwork<"apply", [Pure]> {
  let summary = "a constant matrix times a constant vector";
  let description = [{
    `value[i] = sum over j of matrix[i, j] * vector[j]`, accumulated in binary64
    in the order of j and rounded once: what a linear adds to its sums when a
    constant vector is added to its sources.

    - apply-1: the matrix has one column per element of the vector and one row
      per element of the result.
    - apply-2: operands are constants.
  }];
  let arguments = (ins 2DTensorOf<[F32]>:$matrix, 1DTensorOf<[F32]>:$vector);
  let results = (outs 1DTensorOf<[F32]>:$value);
  let assemblyFormat = [{
    $matrix `to` $vector attr-dict `:` type($matrix) `,` type($vector) `->`
    type($value)
  }];
  let hasVerifier = 1;
}

def RowScaleOp : Spike_InNetwork<"row_scale", [Pure]> {
  let summary = "the scale of each row of a matrix";
  let description = [{
    absmax of the row / (2^(bits-1) - 1), or 1 for a row of zeros: the step of
    a symmetric code of `bits` bits.

    - row-scale-1: one scale per row of the matrix.
    - row-scale-2: 2 <= bits <= 16.
  }];
  let arguments = (ins 2DTensorOf<[F32]>:$matrix, I64Attr:$bits);
  let results = (outs 1DTensorOf<[F32]>:$scales);
  let assemblyFormat = [{
    $matrix `bits` $bits attr-dict `:` type($matrix) `->` type($scales)
  }];
  let hasVerifier = 1;
}

def QuantizeOp : Spike_InNetwork<"quantize", [Pure]> {
  let summary = "a matrix as integer codes under row scales";
  let description = [{
    Element (i, j) becomes `maths::quantizeSymmetric(w, scale[i], bits)`. With
    `zeros` it becomes clamp(round(w / scale[i]) + zeros[i], 0, 2^bits - 1)
    - 2^(bits-1): the unsigned code of a grid with zero points, moved to where
    `bits` bits in two's complement hold it.

    - quantize-1: shapes agree, one scale per row, and one zero if there are any.
    - quantize-2: 2 <= bits <= 8.
  }];
  let arguments = (ins 2DTensorOf<[F32]>:$matrix, 1DTensorOf<[F32]>:$scales,
                       Optional<1DTensorOf<[F32]>>:$zeros, I64Attr:$bits);
  let results = (outs 2DTensorOf<[I8]>:$codes);
  let assemblyFormat = [{
    $matrix `by` $scales (`zeros` $zeros^ `:` type($zeros))? `bits` $bits
    attr-dict `:` type($matrix) `,` type($scales) `->` type($codes)
  }];
  let hasVerifier = 1;
}

def MaskOp : Spike_InNetwork<"mask", [Pure]> {
  let summary = "a choice of neurons";
  let description = [{
    1 where `bits` is true, else 0. Which channels are salient is structure, not
    weight: the mapping has to know it.

    - mask-1: one bit per element.
  }];
  let arguments = (ins DenseBoolArrayAttr:$bits);
  let results = (outs 1DTensorOf<[F32]>:$value);
  let assemblyFormat = "$bits attr-dict `:` type($value)";
  let hasVerifier = 1;
}

def GridOp : Spike_InNetwork<"grid", [Pure]> {
  let summary = "a matrix whose elements are known to lie on a grid";
  let description = [{
    The matrix itself, and the promise that element (i, j) is within rounding an
    integer of at most 2^(bits-1) - 1 in magnitude times scale[i]:
    `spike-quantize` takes these scales and bits instead of its own. How
    checkpoints say that they were quantised before.

    With `zeros`, the zero points of asymmetric codes, element (i, j) is within
    rounding scale[i] * (q - zeros[i]), q and zeros[i] integers of 0 to
    2^bits - 1 (a weight that is read as a code is an error where its zero is
    not).

    - grid-1: shapes agree, one scale per row, and one zero if there are any;
      operands are constants.
    - grid-2: 2 <= bits <= 8.

    ```mlir
    %g = spike.grid %w by %steps zeros %z : tensor<2xf32> bits 4
        : tensor<2x3xf32>, tensor<2xf32> -> tensor<2x3xf32>
    ```
  }];
  let arguments = (ins 2DTensorOf<[F32]>:$matrix, 1DTensorOf<[F32]>:$scales,
                       Optional<1DTensorOf<[F32]>>:$zeros, I64Attr:$bits);
  let results = (outs 2DTensorOf<[F32]>:$value);
  let assemblyFormat = [{
    $matrix `by` $scales (`zeros` $zeros^ `:` type($zeros))? `bits` $bits
    attr-dict `:` type($matrix) `,` type($scales) `->` type($value)
  }];
  let hasVerifier = 1;
}

def RotaryOp : Spike_InNetwork<"rotary", [Pure]> {
  let summary = "the angles of rotary position embedding";
  let description = [{
    A matrix [targets, sources] whose sources are positions and whose targets are
    the values of `heads` heads of n each: element (h*n + i, p) is the cosine (or
    sine) of p * base^(-2 (i mod n/2) / n); frequency and product in binary32,
    then the function, as LLaMA computes it (arXiv 2104.09864, equation 34).

    - rotary-1: heads of an even length.
  }];
  let arguments = (ins UnitAttr:$sine, F32Attr:$base, I64Attr:$heads);
  let results = (outs 2DTensorOf<[F32]>:$value);
  let assemblyFormat = [{
    (`sine` $sine^)? `base` $base `heads` $heads attr-dict `:` type($value)
  }];
  let hasVerifier = 1;
}

#endif // SYNFIRE_DIALECTS_SPIKE_CONSTANTS_TD
