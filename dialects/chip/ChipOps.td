//===- ChipOps.td - The ops of the chip dialect ------------*- tablegen -*-===//
//
// Rules are numbered (`tile-2`); the verifier's messages and the error tests
// cite them. A pair `[a, n]` is a range: first and how many.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_DIALECTS_CHIP_OPS_TD
#define SYNFIRE_DIALECTS_CHIP_OPS_TD

include "dialects/chip/ChipDialect.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

class Chip_Op<string mnemonic, list<Trait> traits = []>
    : Op<Chip_Dialect, mnemonic, traits>;
class Chip_InSystem<string mnemonic, list<Trait> traits = []>
    : Chip_Op<mnemonic, traits # [HasParent<"SystemOp">]>;
class Chip_InCore<string mnemonic, list<Trait> traits = []>
    : Chip_Op<mnemonic, traits # [HasParent<"CoreOp">]>;

def Chip_Payload : I32EnumAttr<"Payload", "what a payload may be", [
    I32EnumAttrCase<"Binary", 0, "binary">,
    I32EnumAttrCase<"Ternary", 1, "ternary">,
    I32EnumAttrCase<"Signed", 2, "signed">,
    I32EnumAttrCase<"Unsigned", 3, "unsigned">,
    I32EnumAttrCase<"Unary", 4, "unary">,
    I32EnumAttrCase<"Planes", 5, "planes">]> {
  let cppNamespace = "::synfire::chip";
}

def Chip_Format : I32EnumAttr<"Format", "how weights are stored", [
    I32EnumAttrCase<"Int8", 0, "int8">, I32EnumAttrCase<"Bit1", 1, "bit1">,
    I32EnumAttrCase<"Int4", 2, "int4">, I32EnumAttrCase<"Int2", 3, "int2">]> {
  let cppNamespace = "::synfire::chip";
}

def Chip_Role : I32EnumAttr<"Role", "what the host tells", [
    I32EnumAttrCase<"Token", 0, "token">,
    I32EnumAttrCase<"Position", 1, "position">,
    I32EnumAttrCase<"Type", 2, "type">,
    I32EnumAttrCase<"Events", 3, "events">]> {
  let cppNamespace = "::synfire::chip";
}

def Chip_Rounding : I32EnumAttr<"Rounding", "where a product is cut", [
    I32EnumAttrCase<"Zero", 0, "zero">, I32EnumAttrCase<"Floor", 1, "floor">,
    I32EnumAttrCase<"Nearest", 2, "nearest">]> {
  let cppNamespace = "::synfire::chip";
}

def Chip_Memory : I32EnumAttr<"Memory", "how what tokens wrote is read", [
    I32EnumAttrCase<"Keys", 1, "keys">,
    I32EnumAttrCase<"Values", 2, "values">]> {
  let cppNamespace = "::synfire::chip";
}

def Chip_Held : I32EnumAttr<"Held", "what a held population finds", [
    I32EnumAttrCase<"Each", 1, "each">, I32EnumAttrCase<"Last", 2, "last">]> {
  let cppNamespace = "::synfire::chip";
}

def Chip_Rows : I32EnumAttr<"Rows", "which rows of a memory must be there", [
    I32EnumAttrCase<"Seen", 1, "seen">, I32EnumAttrCase<"All", 2, "all">]> {
  let cppNamespace = "::synfire::chip";
}

def SystemOp : Chip_Op<"system", [IsolatedFromAbove, Symbol, SymbolTable,
                                  NoTerminator, SingleBlock]> {
  let summary = "everything that one system of chips is told";
  let description = [{
    `hash` is that of the resolved target (`ChipSpec::hash`); `chips`, once
    placed, how many chips are in use. `steps` are the inner steps of a token,
    `positions` the tokens of the longest sequence (0: no limit), `sweeps` the
    passes over it.

    - system-1: it holds `chip` ops only (regions aside).
    - system-2: names of populations, streams and connections are unique among
      their kind.
    - system-3: cores, blocks, tiles, tables and flows are numbered in order
      from 0.
    - system-4: 1 to 64 steps, 1 to 65535 sweeps; with more than one sweep, held
      populations, rows or memories there are positions.

    ```mlir
    chip.system @system on "loihi2" hash 42 chips 1 {
      ...
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, StrAttr:$target,
                       UI64Attr:$hash, OptionalAttr<I64Attr>:$chips,
                       DefaultValuedAttr<I64Attr, "1">:$steps,
                       DefaultValuedAttr<I64Attr, "0">:$positions,
                       DefaultValuedAttr<I64Attr, "1">:$sweeps);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $sym_name `on` $target `hash` $hash (`steps` $steps^)?
    (`positions` $positions^)? (`sweeps` $sweeps^)? (`chips` $chips^)?
    attr-dict-with-keyword $body
  }];
  let hasRegionVerifier = 1;
}

def ProgramOp : Chip_InSystem<"program", [IsolatedFromAbove, Symbol]> {
  let summary = "what a neuron does once per token step";
  let description = [{
    Region arguments: the slots (`i32`, or `i1` where only binary events arrive,
    one at a time), then `params` parameters and the states (`f32`, or `i32` in
    fixed point). It yields a payload (`i32` or `i1`) per output, then the new states. `uniform` tells for
    each slot whether the block has one value of it for all neurons.

    - program-1: the arguments have those types and numbers.
    - program-2: the region yields payloads, then a state of the same type per
      `init`; that of an i32 state is an integer.
    - program-3: every op has an instruction (`targets/Isa.h`).
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, DenseBoolArrayAttr:$uniform,
                       I64Attr:$params, DenseF32ArrayAttr:$init);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $sym_name `uniform` $uniform `params` $params `init` $init
    attr-dict-with-keyword $body
  }];
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
  let extraClassDeclaration = [{
    unsigned getNumSlots() { return getUniform().size(); }
    YieldOp getYield();
  }];
}

def StepOp : Chip_Op<"step", [Pure, HasParent<"ProgramOp">]> {
  let summary = "the inner step of the token";
  let description = [{ 0 .. steps-1, the same for all neurons. }];
  let results = (outs I32:$step);
  let assemblyFormat = "attr-dict";
}

def MulShiftOp : Chip_Op<"mul_shift", [Pure, HasParent<"ProgramOp">]> {
  let summary = "a fixed-point product";
  let description = [{ As `spike.mul_shift`; 0 <= by <= 62. }];
  let arguments = (ins I32:$left, I32:$right,
                       ConfinedAttr<I64Attr, [IntMinValue<0>,
                                              IntMaxValue<62>]>:$by,
                       Chip_Rounding:$rounding);
  let results = (outs I32:$product);
  let assemblyFormat = "$left `,` $right `by` $by $rounding attr-dict";
}

def YieldOp : Chip_Op<"yield", [Pure, Terminator, AttrSizedOperandSegments,
                                HasParent<"ProgramOp">]> {
  let summary = "ends a program: payloads, then new states";
  let arguments = (ins Variadic<AnyTypeOf<[I1, I32]>>:$payloads,
                       Variadic<AnyTypeOf<[F32, I32]>>:$states);
  let assemblyFormat = [{
    ($payloads^ `:` type($payloads))? (`states` $states^ `:` type($states))?
    attr-dict
  }];
}

def StreamOp : Chip_InSystem<"stream"> {
  let summary = "a named stream of events";
  let description = [{
    What one result of a population sends, or the host. `bits` is the width of a
    payload; `role` what the host tells, the token when absent.

    - stream-1: binary payloads have 1 bit, ternary 2, others 1 to 32.
  }];
  let arguments = (ins StrAttr:$name, I64Attr:$neurons, Chip_Payload:$kind,
                       I64Attr:$bits, OptionalAttr<Chip_Role>:$role);
  let assemblyFormat = [{
    $name `neurons` $neurons `payload` $kind $bits (`role` $role^)? attr-dict
  }];
  let hasVerifier = 1;
}

def PopulationOp : Chip_InSystem<"population"> {
  let summary = "neurons that run one program";
  let description = [{
    `streams` has the stream of each output of the program, `reduced` the width
    in bits of a reduced output (each block sends the sum of its payloads) and 0
    for one that is not reduced. A `relay` was added by the compiler to carry
    partial sums. `level` is the tick of token 0 in prefill mode (with more
    sweeps: its place on the way of the data); `depths` says for each slot how
    many token steps' sums it holds at once.

    `groups` has for each output the equal groups that are reduced each by
    itself, `maxima` whether the largest payload is sent and not the sum;
    `largest` tells which slots keep the largest of what arrives, `entry_bytes`
    the memory of one of their entries. All are absent when they say nothing
    else than 1, false, false and 4. `reset` is [every, at] of
    image::BlockRecord. `sweep`, `held` and `rows` are those of
    image::BlockRecord; with `rows` neuron h * positions + m has row m.

    - population-1: the program exists, with one stream per output.
    - population-2: the streams exist and have as many neurons.
    - population-3: one width per output, at most 32; `depths`, once given, one
      per slot and at least 1.
    - population-4: `groups` and `maxima` have an element per output; groups
      divide the neurons, only reduced outputs have more than one or a maximum.
    - population-5: `largest` and `entry_bytes` have an element per slot, of 1 to
      4 bytes.
    - population-6: the sweep is one of the system's, not the first when held;
      with `rows` the neurons are a multiple of the positions.
    - population-7: of a reset, 0 <= at < every.
  }];
  let arguments = (ins StrAttr:$name, I64Attr:$neurons,
                       FlatSymbolRefAttr:$program, StrArrayAttr:$streams,
                       DenseI64ArrayAttr:$reduced, UnitAttr:$relay,
                       OptionalAttr<DenseI64ArrayAttr>:$groups,
                       OptionalAttr<DenseBoolArrayAttr>:$maxima,
                       OptionalAttr<DenseBoolArrayAttr>:$largest,
                       OptionalAttr<DenseI64ArrayAttr>:$entry_bytes,
                       DefaultValuedAttr<I64Attr, "0">:$sweep,
                       OptionalAttr<Chip_Held>:$held,
                       OptionalAttr<Chip_Rows>:$rows,
                       OptionalAttr<DenseI64ArrayAttr>:$reset,
                       OptionalAttr<I64Attr>:$level,
                       OptionalAttr<DenseI64ArrayAttr>:$depths);
  let assemblyFormat = [{
    $name `neurons` $neurons `runs` $program `sends` $streams `reduced` $reduced
    (`relay` $relay^)? (`groups` $groups^)? (`maxima` $maxima^)?
    (`largest` $largest^)? (`entry_bytes` $entry_bytes^)? (`sweep` $sweep^)?
    (`held` $held^)? (`rows` $rows^)? (`reset` $reset^)? (`level` $level^)?
    (`depths` $depths^)?
    attr-dict
  }];
  let extraClassDeclaration = [{
    /// Groups that output \p I is reduced by.
    int64_t groupsOf(unsigned I) { return getGroups() ? (*getGroups())[I] : 1; }
    bool sendsLargest(unsigned I) { return getMaxima() && (*getMaxima())[I]; }
    bool keepsLargest(unsigned Slot) {
      return getLargest() && (*getLargest())[Slot];
    }
    int64_t entryBytesOf(unsigned Slot) {
      return getEntryBytes() ? (*getEntryBytes())[Slot] : 4;
    }
  }];
}

def ConnectionOp : Chip_InSystem<"connection"> {
  let summary = "the linear or matmul that tiles are pieces of";
  let description = [{
    `rows` sources by `cols` targets. `accumulate_only`: proven from the event
    kind that no payload needs a multiplication. A `memory` is written by tokens;
    it has `heads` heads that share `kvHeads` written ones
    (image::ConnectionRecord). A `window` is a convolution: the 16 numbers of
    image::WindowRecord in order.

    - connection-1: weights have 1 to 8 bits.
    - connection-2: a memory's heads divide rows and cols and are a multiple of
      the written ones.
    - connection-3: a window has 16 numbers, as many sources as rows and targets
      as columns; memories have none.
  }];
  let arguments = (ins StrAttr:$name, I64Attr:$rows, I64Attr:$cols,
                       I64Attr:$bits, UnitAttr:$accumulate_only,
                       OptionalAttr<Chip_Memory>:$memory,
                       DefaultValuedAttr<I64Attr, "1">:$heads,
                       DefaultValuedAttr<I64Attr, "1">:$kvHeads,
                       OptionalAttr<DenseI64ArrayAttr>:$window);
  let assemblyFormat = [{
    $name $rows `by` $cols `bits` $bits (`accumulate_only` $accumulate_only^)?
    (`memory` $memory^)? (`heads` $heads^)? (`over` $kvHeads^)?
    (`window` $window^)? attr-dict
  }];
  let hasVerifier = 1;
}

def TableOp : Chip_InSystem<"table"> {
  let summary = "the rows that sparse sources select";
  let description = [{
    A row per index of the axons that use it, -1 where a source has none and
    never fires.

    - table-1: at least one row; each is -1 or at least 0.

    ```mlir
    chip.table 0 [0, -1, -1, 1]
    ```
  }];
  let arguments = (ins I64Attr:$number, DenseI64ArrayAttr:$rows);
  let assemblyFormat = "$number $rows attr-dict";
  let hasVerifier = 1;
}

def CoreOp : Chip_InSystem<"core", [NoTerminator, SingleBlock]> {
  let summary = "one core and what lies on it";
  let description = [{
    `at` is [x, y, place at the router]; without it the core has no place yet.
    A place given before `chip-place` runs is kept. The rest is the core's memory
    in use, in bytes.

    - core-1: it holds blocks, tiles and axons only.
    - core-2: `at` has three numbers, and no two cores have the same.
    - core-3: once the system has its chips, every core has a place.

    ```mlir
    chip.core 0 at [3, 1, 0] synapses 4096 parameters 0 states 512
        accumulators 256 programs 40 axons 64 { ... }
    ```
  }];
  let arguments = (ins I64Attr:$number, OptionalAttr<DenseI64ArrayAttr>:$at,
                       I64Attr:$synapses, I64Attr:$parameters, I64Attr:$states,
                       I64Attr:$accumulators, I64Attr:$programs,
                       I64Attr:$axons,
                       DefaultValuedAttr<I64Attr, "0">:$dynamic);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $number (`at` $at^)? `synapses` $synapses `parameters` $parameters
    `states` $states `accumulators` $accumulators `programs` $programs
    `axons` $axons (`dynamic` $dynamic^)? attr-dict-with-keyword $body
  }];
}

def BlockOp : Chip_InCore<"block"> {
  let summary = "a range of one population";
  let description = [{
    `address` is where its parameters lie within the core's memory.

    - block-1: the population exists and has those neurons, at least one.
    - block-2: the address is a multiple of 16.
    - block-3: neurons do not cross a group of a reduced output; with rows, nor
      one of the system's positions.
  }];
  let arguments = (ins I64Attr:$number, StrAttr:$population, I64Attr:$first,
                       I64Attr:$neurons, OptionalAttr<I64Attr>:$address);
  let assemblyFormat = [{
    $number $population `neurons` `[` $first `,` $neurons `]`
    (`address` $address^)? attr-dict
  }];
}

def TileOp : Chip_InCore<"tile"> {
  let summary = "rows by columns of one linear";
  let description = [{
    Sums land in `slot` of `block`, from place `offset` on. Rows lie `stride`
    bytes apart, from `address` on. A tile of a memory has no address but as many
    `planes` as the system has steps; `position` is the memory row of its first
    column (keys) or row (values).

    - tile-1: the connection exists and has those rows and columns, at least one
      each.
    - tile-2: the block is on the same core and has the slot, and the columns
      end within it.
    - tile-3: the stride holds a row: a multiple of 16 but for bits, memories and
      convolutions; a tile of a convolution has all rows of the kernel.
    - tile-4: the address is a multiple of 16.
    - tile-5: a tile has planes exactly when it is of a memory, as many as the
      system has steps; it lies within one head, and its positions in the
      system's.
  }];
  let arguments = (ins I64Attr:$number, StrAttr:$connection, I64Attr:$firstRow,
                       I64Attr:$rows, I64Attr:$firstCol, I64Attr:$cols,
                       I64Attr:$block, I64Attr:$slot, I64Attr:$offset,
                       Chip_Format:$format, I64Attr:$stride,
                       OptionalAttr<I64Attr>:$address,
                       DefaultValuedAttr<I64Attr, "0">:$planes,
                       DefaultValuedAttr<I64Attr, "0">:$position);
  let assemblyFormat = [{
    $number $connection `rows` `[` $firstRow `,` $rows `]`
    `cols` `[` $firstCol `,` $cols `]` `block` $block `slot` $slot
    `offset` $offset $format `stride` $stride (`address` $address^)?
    (`planes` $planes^)? (`position` $position^)? attr-dict
  }];
}

def AxonOp : Chip_InCore<"axon"> {
  let summary = "what events of a flow do on this core";
  let description = [{
    Event i of `indices` selects row `offset + i - first` of `tile`, or adds its
    payload at place `offset + i - first` of `slot` of `block`. With a `table` the
    row is the one that stands there instead. `writes`: its payload is written to
    that row (keys) or column (values) of `tile`. An axon to a tile of a
    convolution takes sources of it, its offset is 0. With a `delay` the events
    are those of so many token steps before.

    - axon-1: the flow exists and ends on this core; axons ascend by flow.
    - axon-2: the flow carries those indices, at least one.
    - axon-3: a tile of this core with those rows, or a block of this core with
      that slot and those places (a uniform slot has one place for every index).
    - axon-4: a table exists, has a row for each index, all of the tile, and
      stands at offset 0 of an axon that writes nothing.
    - axon-5: only a tile of a memory is written.
    - axon-6: the indices are sources of the convolution; a delay is 0 to 1023,
      and 0 for writes.
  }];
  let arguments = (ins I64Attr:$flow, I64Attr:$first, I64Attr:$count,
                       OptionalAttr<I64Attr>:$tile,
                       OptionalAttr<I64Attr>:$block,
                       OptionalAttr<I64Attr>:$slot, I64Attr:$offset,
                       UnitAttr:$writes, OptionalAttr<I64Attr>:$table,
                       DefaultValuedAttr<I64Attr, "0">:$delay);
  let assemblyFormat = [{
    `flow` $flow `indices` `[` $first `,` $count `]` (`writes` $writes^)?
    (`tile` $tile^)? (`block` $block^)? (`slot` $slot^)? `offset` $offset
    (`table` $table^)? (`delay` $delay^)? attr-dict
  }];
}

def FlowOp : Chip_InSystem<"flow"> {
  let summary = "events of one output on their way";
  let description = [{
    From an output of a block, or a stream of the host, to cores and possibly to
    the host. A reduced output has the single index of its group. `rate` is the expected
    number of events per token. A `route` lists hops: at this router, leave
    through these ports, and be delivered to these local cores. The first hop is
    at the source.

    - flow-1: a block with that output, or a stream of the host.
    - flow-2: the block sends those indices, at least one.
    - flow-3: destinations exist and ascend; there is an end.
    - flow-4: a route has a router, ports and cores per hop.

    ```mlir
    chip.flow 0 from block 2 output 0 indices [0, 64] to [0, 5] rate 9.6
        route [3 east, 4 south cores(0), 12 cores(0, 2)]
    ```
  }];
  let arguments = (ins I64Attr:$number, OptionalAttr<I64Attr>:$block,
                       OptionalAttr<I64Attr>:$output,
                       OptionalAttr<StrAttr>:$stream, I64Attr:$first,
                       I64Attr:$count, DenseI64ArrayAttr:$to,
                       UnitAttr:$host_output, OptionalAttr<F64Attr>:$rate,
                       OptionalAttr<DenseI64ArrayAttr>:$route);
  let assemblyFormat = [{
    $number `from` (`block` $block^)? (`output` $output^)? (`host` $stream^)?
    `indices` `[` $first `,` $count `]` `to` $to (`and_host` $host_output^)?
    (`rate` $rate^)? (`route` custom<Route>($route)^)? attr-dict
  }];
  let hasVerifier = 1;
}

#endif // SYNFIRE_DIALECTS_CHIP_OPS_TD
