//===- SpikeDialect.td - The spike dialect -----------------*- tablegen -*-===//

#ifndef SYNFIRE_DIALECTS_SPIKE_DIALECT_TD
#define SYNFIRE_DIALECTS_SPIKE_DIALECT_TD

include "mlir/IR/OpBase.td"

def Spike_Dialect : Dialect {
  let name = "spike";
  let cppNamespace = "::synfire::spike";
  let summary = "what a spiking network means";
  let description = [{
    A `spike.network` is a synchronous dataflow graph: in every *token step* each
    op runs once, in order. Time lives in one place only, the states of a
    `spike.population`; every other op is a function of the same step.

    A token may take several *inner steps* (`steps` of the network): then the
    whole network runs that many times per token, and a program knows which step
    it is in (`spike.step`). Where a step is meant, a *token step* is one inner
    step of one token.

    Attention reads what other tokens left behind. Its memory is a
    `spike.matmul`: every token writes one row, and later (or the same) token
    steps multiply with all rows. Where a token needs rows of tokens that come
    after it, the sequence passes the network more than once: a *sweep* is one
    pass of all token steps of a sequence through the ops that belong to it. A
    population that is `held` begins the next sweep: its inputs are those of the
    same token step in the sweep before.

    Values are of four kinds:

    | type | what it is |
    |---|---|
    | `!spike.events<N x kind>` | what N neurons emit in a step, as integer payloads; 0 is no event |
    | `tensor<Nxf32>` | N real currents (float network), or N parameters |
    | `tensor<Nxi32>` | N integer sums of payloads (quantised network) |
    | `tensor<AxBx...>` | a matrix that stays in its file |

    The event kind is a type, so whether a `spike.linear` only accumulates is a
    property of the IR that the verifier proves, not a counter.

    Neuron dynamics are not built in: a population's region of `arith` and `math`
    ops on scalars is the program of each neuron. The ops that may stand in a
    region are those that `targets/Isa.h` can execute, with the semantics of
    `targets/Maths.h`: `arith.fptosi` saturates and maps NaN to 0; integer
    arithmetic wraps; shifts use the low five bits.
  }];
  let dependentDialects = ["mlir::arith::ArithDialect",
                           "mlir::math::MathDialect"];
  let useDefaultTypePrinterParser = 1;
}

#endif // SYNFIRE_DIALECTS_SPIKE_DIALECT_TD
