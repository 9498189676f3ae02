//===- SpikeWindows.td - Convolutions and pooling ----------*- tablegen -*-===//

#ifndef SYNFIRE_DIALECTS_SPIKE_WINDOWS_TD
#define SYNFIRE_DIALECTS_SPIKE_WINDOWS_TD

include "dialects/spike/SpikeBase.td"

class Spike_WindowOp<string mnemonic> : Spike_InNetwork<mnemonic> {
  let hasVerifier = 1;
}

def ConvOp : Spike_WindowOp<"conv"> {
  let summary = "one kernel over all places";
  let description = [{
    A convolution as networks have it (cross-correlation). `from` and `to` are
    channels, height and width of both sides, `size`, `stride`, `pad` and
    `dilation` are given as [y, x]. Neurons are numbered columns first: channel c
    of place (x, y) is neuron (x * height + y) * channels + c, so that a run of
    neurons is a run of columns, which is how cores hold them.

    `sums[x', y', c'] = sum over c, kx, ky of kernel[c', (c, kx, ky)] *
    values[x' * stride - pad + kx * dilation, ..., c]`, where places outside
    count as 0 and c runs over the channels of the same of `groups` equal groups.

    The kernel is a matrix [target channels, source channels of a group * width *
    height], its columns in the order (c, kx, ky).

    - conv-1: the kernel has that shape; channels are multiples of the groups;
      strides and dilations are at least 1.
    - conv-2: the values are at least as many as `from` says (more are beyond the
      last column, and meet nothing); the sums are as many as `to` says.
    - conv-3: f32 kernel -> real currents; i8 kernel -> integer sums, and the
      sources are events.
    - conv-4: the height of `to` is what the rest gives, its width at least that:
      a chip that holds whole blocks of columns has more of them.
    - conv-5: `accumulate_only`, once set, equals what the event kind proves;
      `sum_bits`, once set, is at most 32.
  }];
  let arguments = (ins StrAttr:$name, Spike_Values:$values,
                       2DTensorOf<[F32, I8]>:$kernel,
                       DenseI64ArrayAttr:$from, DenseI64ArrayAttr:$to,
                       DenseI64ArrayAttr:$size, DenseI64ArrayAttr:$stride,
                       DenseI64ArrayAttr:$pad, DenseI64ArrayAttr:$dilation,
                       DefaultValuedAttr<I64Attr, "1">:$groups,
                       OptionalAttr<BoolAttr>:$accumulate_only,
                       OptionalAttr<I64Attr>:$sum_bits);
  let results = (outs 1DTensorOf<[F32, I32]>:$sums);
  let assemblyFormat = [{
    $name $values `,` $kernel `from` $from `to` $to `size` $size `stride` $stride
    `pad` $pad `dilation` $dilation (`groups` $groups^)? attr-dict `:`
    qualified(type($values)) `,` type($kernel) `->` type($sums)
  }];
}

def PoolOp : Spike_WindowOp<"pool"> {
  let summary = "the sum over a window, channel by channel";
  let description = [{
    As a `spike.conv` with weights of 1 and as many groups as channels.

    - pool-1: strides are at least 1; both sides have as many channels.
    - conv-2, conv-4, conv-5 hold.
    - pool-3: currents give currents, events integer sums.
  }];
  let arguments = (ins StrAttr:$name, Spike_Values:$values,
                       DenseI64ArrayAttr:$from, DenseI64ArrayAttr:$to,
                       DenseI64ArrayAttr:$size, DenseI64ArrayAttr:$stride,
                       DenseI64ArrayAttr:$pad,
                       OptionalAttr<BoolAttr>:$accumulate_only,
                       OptionalAttr<I64Attr>:$sum_bits);
  let results = (outs 1DTensorOf<[F32, I32]>:$sums);
  let assemblyFormat = [{
    $name $values `from` $from `to` $to `size` $size `stride` $stride `pad` $pad
    attr-dict `:` qualified(type($values)) `->` type($sums)
  }];
}

def JoinOp : Spike_InNetwork<"join", [Pure]> {
  let summary = "populations that hold the channels of one";
  let description = [{
    The events of populations of equal size, each of which has `channels` channels
    at every place: at each place those of the first operand, then those of the
    second, and so on. How convolutions and linears read a population whose
    channels `spike-split-channels` has spread.

    - join-1: operands are events of one type whose size `channels` divides; the
      result has their kind, and is as large as all of them.
    - join-2: each is a result of a population without rows, or such a result
      through a spike.delay, all by as many token steps, and stands once.

    ```mlir
    %all = spike.join %a, %b channels 4
        : !spike.events<36xbinary> -> !spike.events<72xbinary>
    ```
  }];
  let arguments = (ins Variadic<Spike_EventsType>:$parts, I64Attr:$channels);
  let results = (outs Spike_EventsType:$events);
  let assemblyFormat = [{
    $parts `channels` $channels attr-dict `:` qualified(type($parts)) `->`
    qualified(type($events))
  }];
  let hasVerifier = 1;
}

#endif // SYNFIRE_DIALECTS_SPIKE_WINDOWS_TD
