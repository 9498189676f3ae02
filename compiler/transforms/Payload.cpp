//===- Payload.cpp - How a real value travels -----------------------------===//

#include "compiler/transforms/Payload.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <cmath>

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;
using spike::EventKind;

// docs/architecture.md, "The numeric contract".
static constexpr unsigned DirectBits = 16;
static constexpr unsigned WideBits = 24; // exact in binary32
static constexpr unsigned MostReduceBits = 20;
static constexpr unsigned LargestBits = 20;
static constexpr unsigned SumBits = 31; // magnitude bits of an int32 sum
// A query is not stored, so its bits cost links only, while the 8 bits of keys
// and values are bound by memory. 12 bits times 8 over 4096 rows fit a sum.
static constexpr unsigned QueryBits = 12;
static constexpr float DirectHeadroom = 2;
static constexpr float WideHeadroom = 4;

StringRef compiler::suffixOf(Reader R) {
  static constexpr llvm::StringLiteral Suffixes[NumReaders] = {
      "",         ".query", ".direct",  ".broadcast",
      ".reduced", ".host",  ".written", ".largest"};
  return Suffixes[static_cast<unsigned>(R)];
}

Reader compiler::readerOf(OpOperand &Use) {
  Operation *Op = Use.getOwner();
  if (isa<spike::LinearOp, spike::ConvOp, spike::PoolOp>(Op))
    return Reader::Linear;
  if (auto M = dyn_cast<spike::MatmulOp>(Op))
    return &Use == &M.getWrittenMutable() ? Reader::Written : Reader::Query;
  if (auto Reduce = dyn_cast<spike::ReduceOp>(Op))
    return Reduce.getMax() ? Reader::Largest : Reader::Reduce;
  if (isa<spike::OutputOp>(Op))
    return Reader::Output;
  // One for all, or one for each group: wide, as many depend on each.
  int64_t Neurons = spike::sizeOf(Use.get().getType());
  auto P = dyn_cast<spike::PopulationOp>(Op);
  return Neurons == 1 || (P && P.getNumNeurons() != Neurons) ? Reader::Broadcast
                                                             : Reader::Direct;
}

int64_t Payload::low() const {
  if (Offset)
    return 1 - Offset; // payload 0 is no event
  return Type.getKind() == EventKind::Signed ? -Type.maxPayload() : 0;
}

unsigned compiler::reduceBits(int64_t Terms) {
  return std::min<unsigned>(MostReduceBits,
                            SumBits - llvm::Log2_64_Ceil(Terms));
}

/// The smallest power of two that maps \p Reach to a code of at most \p High.
static float powerOfTwoScale(float Reach, int64_t High) {
  if (Reach == 0)
    return 1;
  int Exponent = 0;
  double Quotient = std::frexp(static_cast<double>(Reach) / High, &Exponent);
  // frexp gives [0.5, 1): an exact power of two is 0.5 * 2^Exponent.
  if (Quotient == 0.5)
    --Exponent;
  // 1/scale must be finite and normal as well.
  return std::ldexp(1.0f, std::clamp(Exponent, -120, 120));
}

Payload compiler::payloadFor(MLIRContext *Context, Reader R,
                             const Coding &How) {
  const Magnitude &M = How.Range;
  auto Make = [&](EventKind Kind, unsigned Bits, float Reach) {
    Payload P;
    P.Type = spike::EventsType::get(Context, How.Neurons, Kind, Bits);
    P.Scale = powerOfTwoScale(Reach, P.Type.maxPayload());
    return P;
  };
  auto ByPercentile = [&](EventKind Kind, unsigned Bits) {
    Payload P;
    P.Type = spike::EventsType::get(Context, How.Neurons, Kind, Bits);
    // Mostly zeros: the percentile says nothing, the maximum does.
    float Reach = M.Percentile > 0 ? M.Percentile : M.Largest;
    P.Scale = Reach / static_cast<float>(P.Type.maxPayload());
    if (!std::isnormal(P.Scale) || !std::isnormal(1.0f / P.Scale))
      P.Scale = 1;
    return P;
  };
  EventKind Proven = How.NonNegative ? EventKind::Unsigned : EventKind::Signed;
  switch (R) {
  case Reader::Linear:
    return ByPercentile(Proven, How.ActivationBits);
  case Reader::Query:
    return ByPercentile(Proven, std::max(How.ActivationBits, QueryBits));
  case Reader::Written:
    // Synapses are signed, whatever the sign of what is written.
    return ByPercentile(EventKind::Signed,
                        std::min(How.ActivationBits, MostWrittenBits));
  case Reader::Direct:
    return Make(EventKind::Signed, DirectBits, DirectHeadroom * M.Largest);
  case Reader::Reduce:
    return Make(Proven, reduceBits(How.Terms), DirectHeadroom * M.Largest);
  case Reader::Largest: {
    // Half of the codes are for values below 0. The largest of nothing is 0,
    // which is no event, so the codes of values begin at 1.
    Payload P = Make(EventKind::Unsigned, LargestBits, 0);
    P.Offset = int64_t(1) << (LargestBits - 1);
    P.Scale = powerOfTwoScale(DirectHeadroom * M.Largest, P.high());
    return P;
  }
  case Reader::Broadcast:
  case Reader::Output:
    return Make(EventKind::Signed, WideBits, WideHeadroom * M.Largest);
  }
  llvm_unreachable("all readers handled");
}
