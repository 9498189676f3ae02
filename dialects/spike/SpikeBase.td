//===- SpikeBase.td - What all ops share -------------------*- tablegen -*-===//

#ifndef SYNFIRE_DIALECTS_SPIKE_BASE_TD
#define SYNFIRE_DIALECTS_SPIKE_BASE_TD

include "dialects/spike/SpikeTypes.td"
include "mlir/IR/RegionKindInterface.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

class Spike_Op<string mnemonic, list<Trait> traits = []>
    : Op<Spike_Dialect, mnemonic, traits>;

/// One step's values of a population: events, real currents, or sums.
def Spike_Values : AnyTypeOf<[Spike_EventsType, 1DTensorOf<[F32, I32]>],
                             "events, currents or sums">;

class Spike_InNetwork<string mnemonic, list<Trait> traits = []>
    : Spike_Op<mnemonic, traits # [HasParent<"NetworkOp">]>;

#endif // SYNFIRE_DIALECTS_SPIKE_BASE_TD
