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
    I32EnumAttrCase<"Unsigned", 3, "unsigned">]> {
  let cppNamespace = "::synfire::spike";
  let genSpecializedAttr = 0;
}

def Spike_EventsType : TypeDef<Spike_Dialect, "Events"> {
  let mnemonic = "events";
  let summary = "the events of a population in one token step";
  let description = [{
    `!spike.events<768 x binary>` (payload 0 or 1), `ternary` (-1, 0, 1),
    `signed<8>` and `unsigned<8>` (graded: integers of 1 to 32 bits). Payload 0 is
    no event.

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
      return getKind() == EventKind::Binary || getKind() == EventKind::Ternary;
    }
    /// The smallest and largest payload.
    int64_t minPayload() const;
    int64_t maxPayload() const;
  }];
}

#endif // SYNFIRE_DIALECTS_SPIKE_TYPES_TD
