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
    I32EnumAttrCase<"Unsigned", 3, "unsigned">]> {
  let cppNamespace = "::synfire::chip";
}

def Chip_Format : I32EnumAttr<"Format", "how weights are stored", [
    I32EnumAttrCase<"Int8", 0, "int8">, I32EnumAttrCase<"Bit1", 1, "bit1">]> {
  let cppNamespace = "::synfire::chip";
}

def SystemOp : Chip_Op<"system", [IsolatedFromAbove, Symbol, SymbolTable,
                                  NoTerminator, SingleBlock]> {
  let summary = "everything that one system of chips is told";
  let description = [{
    `hash` is that of the resolved target (`ChipSpec::hash`); `chips`, once
    placed, how many chips are in use.

    - system-1: it holds `chip` ops only (regions aside).
    - system-2: names of populations, streams and connections are unique among
      their kind.
    - system-3: cores, blocks, tiles and flows are numbered in order from 0.

    ```mlir
    chip.system @system on "loihi2" hash 42 chips 1 {
      ...
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, StrAttr:$target,
                       UI64Attr:$hash, OptionalAttr<I64Attr>:$chips);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $sym_name `on` $target `hash` $hash (`chips` $chips^)?
    attr-dict-with-keyword $body
  }];
  let hasRegionVerifier = 1;
}

def ProgramOp : Chip_InSystem<"program", [IsolatedFromAbove, Symbol]> {
  let summary = "what a neuron does once per token step";
  let description = [{
    Region arguments: the slots (`i32`, or `i1` where only binary events arrive,
    one at a time), then `params` parameters and the states (`f32`). It yields a
    payload (`i32` or `i1`) per output, then the new states. `uniform` tells for
    each slot whether the block has one value of it for all neurons.

    - program-1: the arguments have those types and numbers.
    - program-2: the region yields payloads, then one `f32` per `init`.
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

def YieldOp : Chip_Op<"yield", [Pure, Terminator, AttrSizedOperandSegments,
                                HasParent<"ProgramOp">]> {
  let summary = "ends a program: payloads, then new states";
  let arguments = (ins Variadic<AnyTypeOf<[I1, I32]>>:$payloads,
                       Variadic<F32>:$states);
  let assemblyFormat = [{
    ($payloads^ `:` type($payloads))? (`states` $states^ `:` type($states))?
    attr-dict
  }];
}

def StreamOp : Chip_InSystem<"stream"> {
  let summary = "a named stream of events";
  let description = [{
    What one result of a population sends, or the host. `bits` is the width of a
    payload.

    - stream-1: binary payloads have 1 bit, ternary 2, graded 1 to 32.
  }];
  let arguments = (ins StrAttr:$name, I64Attr:$neurons, Chip_Payload:$kind,
                       I64Attr:$bits);
  let assemblyFormat =
      "$name `neurons` $neurons `payload` $kind $bits attr-dict";
  let hasVerifier = 1;
}

def PopulationOp : Chip_InSystem<"population"> {
  let summary = "neurons that run one program";
  let description = [{
    `streams` has the stream of each output of the program, `reduced` the width
    in bits of a reduced output (each block sends the sum of its payloads) and 0
    for one that is not reduced. A `relay` was added by the compiler to carry
    partial sums. `level` is the tick of token 0 in prefill mode; `depths` says
    for each slot how many tokens' sums it holds at once.

    - population-1: the program exists, with one stream per output.
    - population-2: the streams exist and have as many neurons.
    - population-3: one width per output, at most 32; `depths`, once given, one
      per slot and at least 1.
  }];
  let arguments = (ins StrAttr:$name, I64Attr:$neurons,
                       FlatSymbolRefAttr:$program, StrArrayAttr:$streams,
                       DenseI64ArrayAttr:$reduced, UnitAttr:$relay,
                       OptionalAttr<I64Attr>:$level,
                       OptionalAttr<DenseI64ArrayAttr>:$depths);
  let assemblyFormat = [{
    $name `neurons` $neurons `runs` $program `sends` $streams `reduced` $reduced
    (`relay` $relay^)? (`level` $level^)? (`depths` $depths^)? attr-dict
  }];
}

def ConnectionOp : Chip_InSystem<"connection"> {
  let summary = "the linear that tiles are pieces of";
  let description = [{
    `rows` sources by `cols` targets. `accumulate_only`: proven from the event
    kind that no payload needs a multiplication.

    - connection-1: weights have 1 to 8 bits.
  }];
  let arguments = (ins StrAttr:$name, I64Attr:$rows, I64Attr:$cols,
                       I64Attr:$bits, UnitAttr:$accumulate_only);
  let assemblyFormat = [{
    $name $rows `by` $cols `bits` $bits (`accumulate_only` $accumulate_only^)?
    attr-dict
  }];
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
                       I64Attr:$axons);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $number (`at` $at^)? `synapses` $synapses `parameters` $parameters
    `states` $states `accumulators` $accumulators `programs` $programs
    `axons` $axons attr-dict-with-keyword $body
  }];
}

def BlockOp : Chip_InCore<"block"> {
  let summary = "a range of one population";
  let description = [{
    `address` is where its parameters lie within the core's memory.

    - block-1: the population exists and has those neurons, at least one.
    - block-2: the address is a multiple of 16.
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
    bytes apart, from `address` on.

    - tile-1: the connection exists and has those rows and columns, at least one
      each.
    - tile-2: the block is on the same core and has the slot, and the columns
      end within it.
    - tile-3: the stride holds a row: a multiple of 16 for `int8`.
    - tile-4: the address is a multiple of 16.
  }];
  let arguments = (ins I64Attr:$number, StrAttr:$connection, I64Attr:$firstRow,
                       I64Attr:$rows, I64Attr:$firstCol, I64Attr:$cols,
                       I64Attr:$block, I64Attr:$slot, I64Attr:$offset,
                       Chip_Format:$format, I64Attr:$stride,
                       OptionalAttr<I64Attr>:$address);
  let assemblyFormat = [{
    $number $connection `rows` `[` $firstRow `,` $rows `]`
    `cols` `[` $firstCol `,` $cols `]` `block` $block `slot` $slot
    `offset` $offset $format `stride` $stride (`address` $address^)? attr-dict
  }];
}

def AxonOp : Chip_InCore<"axon"> {
  let summary = "what events of a flow do on this core";
  let description = [{
    Event i of `indices` selects row `offset + i - first` of `tile`, or adds its
    payload at place `offset + i - first` of `slot` of `block`.

    - axon-1: the flow exists and ends on this core; axons ascend by flow.
    - axon-2: the flow carries those indices, at least one.
    - axon-3: a tile of this core with those rows, or a block of this core with
      that slot and those places (a uniform slot has one place for every index).
  }];
  let arguments = (ins I64Attr:$flow, I64Attr:$first, I64Attr:$count,
                       OptionalAttr<I64Attr>:$tile,
                       OptionalAttr<I64Attr>:$block,
                       OptionalAttr<I64Attr>:$slot, I64Attr:$offset);
  let assemblyFormat = [{
    `flow` $flow `indices` `[` $first `,` $count `]`
    (`tile` $tile^)? (`block` $block^)? (`slot` $slot^)? `offset` $offset
    attr-dict
  }];
}

def FlowOp : Chip_InSystem<"flow"> {
  let summary = "events of one output on their way";
  let description = [{
    From an output of a block, or a stream of the host, to cores and possibly to
    the host. A reduced output has the single index 0. `rate` is the expected
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
