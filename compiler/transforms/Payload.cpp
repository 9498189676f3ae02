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
static constexpr unsigned SumBits = 31; // magnitude bits of an int32 sum
static constexpr float DirectHeadroom = 2;
static constexpr float WideHeadroom = 4;

StringRef compiler::suffixOf(Reader R) {
  static constexpr llvm::StringLiteral Suffixes[NumReaders] = {
      "", ".direct", ".broadcast", ".reduced", ".host"};
  return Suffixes[static_cast<unsigned>(R)];
}

Reader compiler::readerOf(OpOperand &Use, int64_t Neurons) {
  Operation *Op = Use.getOwner();
  if (isa<spike::LinearOp>(Op))
    return Reader::Linear;
  if (isa<spike::ReduceOp>(Op))
    return Reader::Reduce;
  if (isa<spike::OutputOp>(Op))
    return Reader::Output;
  return Neurons == 1 ? Reader::Broadcast : Reader::Direct;
}

int64_t Payload::low() const {
  return Type.getKind() == EventKind::Signed ? -Type.maxPayload() : 0;
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

Payload compiler::payloadFor(MLIRContext *Context, Reader R, int64_t Neurons,
                             Magnitude M, bool NonNegative,
                             unsigned ActivationBits) {
  auto Make = [&](EventKind Kind, unsigned Bits, float Reach) {
    Payload P;
    P.Type = spike::EventsType::get(Context, Neurons, Kind, Bits);
    P.Scale = powerOfTwoScale(Reach, P.Type.maxPayload());
    return P;
  };
  EventKind Proven = NonNegative ? EventKind::Unsigned : EventKind::Signed;
  switch (R) {
  case Reader::Linear: {
    Payload P;
    P.Type = spike::EventsType::get(Context, Neurons, Proven, ActivationBits);
    // Mostly zeros: the percentile says nothing, the maximum does.
    float Reach = M.Percentile > 0 ? M.Percentile : M.Largest;
    P.Scale = Reach / static_cast<float>(P.Type.maxPayload());
    if (!std::isnormal(P.Scale) || !std::isnormal(1.0f / P.Scale))
      P.Scale = 1;
    return P;
  }
  case Reader::Direct:
    return Make(EventKind::Signed, DirectBits, DirectHeadroom * M.Largest);
  case Reader::Reduce:
    return Make(Proven,
                std::min<unsigned>(MostReduceBits,
                                   SumBits - llvm::Log2_64_Ceil(Neurons)),
                DirectHeadroom * M.Largest);
  case Reader::Broadcast:
  case Reader::Output:
    return Make(EventKind::Signed, WideBits, WideHeadroom * M.Largest);
  }
  llvm_unreachable("all readers handled");
}
