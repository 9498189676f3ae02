//===- SpikeTypes.td - Events and weight references --------*- tablegen -*-===//

#ifndef SYNFIRE_DIALECTS_SPIKE_TYPES_TD
#define SYNFIRE_DIALECTS_SPIKE_TYPES_TD

include "dialects/spike/SpikeDialect.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"

def Spike_EventKind : I32EnumAttr<"EventKind", "what a payload may be", [
    I32EnumAttrCase<"Binary", 0, "binary">,
    I32EnumAttrCase<"Ternary", 1, "ternary">,
    I32EnumAttrCase<"Signed", 2, "signed">,
    I32EnumAttrCase<"Unsigned", 3, "unsigned">,
    I32EnumAttrCase<"Unary", 4, "unary">,
    I32EnumAttrCase<"Planes", 5, "planes">]> {
  let cppNamespace = "::synfire::spike";
  let genSpecializedAttr = 0;
}

def Spike_InputRole : I32EnumAttr<"InputRole", "what the host tells", [
    I32EnumAttrCase<"Token", 0, "token">,
    I32EnumAttrCase<"Position", 1, "position">,
    I32EnumAttrCase<"Type", 2, "type">,
    I32EnumAttrCase<"Events", 3, "events">]> {
  let cppNamespace = "::synfire::spike";
}

def Spike_Rounding : I32EnumAttr<"Rounding", "where a product is cut", [
    I32EnumAttrCase<"Zero", 0, "zero">, I32EnumAttrCase<"Floor", 1, "floor">,
    I32EnumAttrCase<"Nearest", 2, "nearest">]> {
  let cppNamespace = "::synfire::spike";
}

def Spike_Held : I32EnumAttr<"Held", "what a held population reads", [
    I32EnumAttrCase<"Each", 0, "each">, I32EnumAttrCase<"Last", 1, "last">]> {
  let cppNamespace = "::synfire::spike";
}

def Spike_Rows : I32EnumAttr<"Rows", "which rows of a memory take part", [
    I32EnumAttrCase<"Seen", 0, "seen">, I32EnumAttrCase<"All", 1, "all">]> {
  let cppNamespace = "::synfire::spike";
}

def Spike_Along : I32EnumAttr<"Along", "how a memory is read", [
    I32EnumAttrCase<"Keys", 0, "keys">, I32EnumAttrCase<"Values", 1, "values">]> {
  let cppNamespace = "::synfire::spike";
}

def Spike_EventsType : TypeDef<Spike_Dialect, "Events"> {
  let mnemonic = "events";
  let summary = "the events of a population in one token step";
  let description = [{
    `!spike.events<768 x binary>` (payload 0 or 1), `ternary` (-1, 0, 1),
    `signed<8>` and `unsigned<8>` (graded: integers of 1 to 32 bits). Payload 0 is
    no event.

    `unary<4>` and `planes<4>` hold the same numbers as `unsigned<4>` but travel as
    binary spikes: payload c as c spikes, or as one spike per bit that is set,
    which selects its row shifted by the place of the bit. Sums are equal; what
    is sent, delivered and added is counted spike by spike.

    - events-1: the size is at least 1.
    - events-2: a graded width is 1 to 32 bits (2 to 32 when signed).
  }];
  let parameters = (ins "int64_t":$size, "::synfire::spike::EventKind":$kind,
                        "unsigned":$bits);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// Events without weight arithmetic: each selects a row to add or subtract.
    bool isAccumulateOnly() const {
      return getKind() != EventKind::Signed && getKind() != EventKind::Unsigned;
    }
    /// The smallest and largest payload.
    int64_t minPayload() const;
    int64_t maxPayload() const;
  }];
}

#endif // SYNFIRE_DIALECTS_SPIKE_TYPES_TD
