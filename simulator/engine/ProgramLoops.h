//===- simulator/engine/ProgramLoops.h - One loop per opcode ----*- C++ -*-===//
//
// Private to the files ProgramLoops*.cpp: each includes this once and compiles
// the same loops for one instruction set. Everything is in an unnamed namespace
// and flattened, so that no inline function built for a wider instruction set
// can be linked into another file. The results are the same on every path:
// each function of targets/Maths.h rounds in one way only.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_ENGINE_PROGRAMLOOPS_H
#define SYNFIRE_SIMULATOR_ENGINE_PROGRAMLOOPS_H

#include "simulator/engine/ProgramRunner.h"
#include "targets/Maths.h"

namespace synfire::sim {
namespace {

// Macros, not templates over functors: a loop has to be one function with
// restrict parameters for GCC to vectorise it.
#define SYNFIRE_LOOP(Name, Value)                                              \
  __attribute__((flatten)) void loop##Name(                                    \
      uint32_t *__restrict Dst, const uint32_t *__restrict A,                  \
      const uint32_t *__restrict B, const uint32_t *__restrict C, size_t N) {  \
    (void)B;                                                                   \
    (void)C;                                                                   \
    for (size_t I = 0; I < N; ++I) {                                           \
      [[maybe_unused]] const float X = std::bit_cast<float>(A[I]);             \
      [[maybe_unused]] const int32_t M = static_cast<int32_t>(A[I]);           \
      Dst[I] = std::bit_cast<uint32_t>(Value);                                 \
    }                                                                          \
  }
#define SYNFIRE_LOOP2(Name, Value)                                             \
  __attribute__((flatten)) void loop##Name(                                    \
      uint32_t *__restrict Dst, const uint32_t *__restrict A,                  \
      const uint32_t *__restrict B, const uint32_t *__restrict C, size_t N) {  \
    (void)C;                                                                   \
    for (size_t I = 0; I < N; ++I) {                                           \
      [[maybe_unused]] const float X = std::bit_cast<float>(A[I]);             \
      [[maybe_unused]] const float Y = std::bit_cast<float>(B[I]);             \
      [[maybe_unused]] const int32_t M = static_cast<int32_t>(A[I]);           \
      [[maybe_unused]] const int32_t K = static_cast<int32_t>(B[I]);           \
      Dst[I] = std::bit_cast<uint32_t>(Value);                                 \
    }                                                                          \
  }

SYNFIRE_LOOP(Copy, A[I])
SYNFIRE_LOOP2(AddF, X + Y)
SYNFIRE_LOOP2(SubF, X - Y)
SYNFIRE_LOOP2(MulF, X *Y)
SYNFIRE_LOOP2(DivF, X / Y)
SYNFIRE_LOOP(NegF, -X)
SYNFIRE_LOOP(AbsF, std::fabs(X))
SYNFIRE_LOOP2(MinF, maths::minNum(X, Y))
SYNFIRE_LOOP2(MaxF, maths::maxNum(X, Y))
SYNFIRE_LOOP(SqrtF, std::sqrt(X))
SYNFIRE_LOOP(RsqrtF, maths::rsqrt(X))
SYNFIRE_LOOP(ExpF, maths::exp(X))
SYNFIRE_LOOP(SigmoidF, maths::sigmoid(X))
SYNFIRE_LOOP(TanhF, maths::tanh(X))
SYNFIRE_LOOP(ErfF, maths::erf(X))
SYNFIRE_LOOP(RoundEvenF, maths::roundEven(X))
SYNFIRE_LOOP(FloatToInt, maths::toInt(X))
SYNFIRE_LOOP(IntToFloat, static_cast<float>(M))
SYNFIRE_LOOP2(EqF, uint32_t(X == Y))
SYNFIRE_LOOP2(NeF, uint32_t(X != Y))
SYNFIRE_LOOP2(LtF, uint32_t(X < Y))
SYNFIRE_LOOP2(LeF, uint32_t(X <= Y))
SYNFIRE_LOOP2(GtF, uint32_t(X > Y))
SYNFIRE_LOOP2(GeF, uint32_t(X >= Y))
SYNFIRE_LOOP2(AddI, maths::addWrap(M, K))
SYNFIRE_LOOP2(SubI, maths::subWrap(M, K))
SYNFIRE_LOOP2(MulI, maths::mulWrap(M, K))
SYNFIRE_LOOP2(MinI, K < M ? K : M)
SYNFIRE_LOOP2(MaxI, K > M ? K : M)
SYNFIRE_LOOP2(ShlI, A[I] << (B[I] & 31u))
SYNFIRE_LOOP2(ShrI, M >> (K & 31))
SYNFIRE_LOOP2(AndI, A[I] & B[I])
SYNFIRE_LOOP2(OrI, A[I] | B[I])
SYNFIRE_LOOP2(XorI, A[I] ^ B[I])
SYNFIRE_LOOP2(EqI, uint32_t(M == K))
SYNFIRE_LOOP2(NeI, uint32_t(M != K))
SYNFIRE_LOOP2(LtI, uint32_t(M < K))
SYNFIRE_LOOP2(LeI, uint32_t(M <= K))
SYNFIRE_LOOP2(GtI, uint32_t(M > K))
SYNFIRE_LOOP2(GeI, uint32_t(M >= K))

void loopSelect(uint32_t *__restrict Dst, const uint32_t *__restrict A,
                const uint32_t *__restrict B, const uint32_t *__restrict C,
                size_t N) {
  for (size_t I = 0; I < N; ++I) {
    // Masks instead of a condition: loads of both sides are unconditional.
    uint32_t Mask = A[I] != 0 ? 0xffffffffu : 0u;
    Dst[I] = (B[I] & Mask) | (C[I] & ~Mask);
  }
}

// The decoder puts the shift into the third operand. 64-bit products shifted
// by a register: as fast as plain code gets on either path.
#define SYNFIRE_MULSHIFT(Rounding)                                             \
  __attribute__((flatten)) void loopMulShift##Rounding(                        \
      uint32_t *__restrict Dst, const uint32_t *__restrict A,                  \
      const uint32_t *__restrict B, const uint32_t *__restrict C, size_t N) {  \
    const unsigned Shift = *C;                                                 \
    for (size_t I = 0; I < N; ++I)                                             \
      Dst[I] = static_cast<uint32_t>(maths::mulShift##Rounding(                \
          static_cast<int32_t>(A[I]), static_cast<int32_t>(B[I]), Shift));     \
  }
SYNFIRE_MULSHIFT(Zero)
SYNFIRE_MULSHIFT(Floor)
SYNFIRE_MULSHIFT(Nearest)

#undef SYNFIRE_MULSHIFT
#undef SYNFIRE_LOOP
#undef SYNFIRE_LOOP2

constexpr LoopTable makeLoopTable() {
  LoopTable Table{};
#define SYNFIRE_ENTRY(Name)                                                    \
  Table[static_cast<unsigned>(isa::Opcode::Name)] = loop##Name;
  SYNFIRE_COMPUTING_OPCODES(SYNFIRE_ENTRY)
#undef SYNFIRE_ENTRY
  // What reads or writes a place outside the registers moves a value.
  for (isa::Opcode Op : {isa::Opcode::Constant, isa::Opcode::LoadAccumulator,
                         isa::Opcode::LoadParameter, isa::Opcode::LoadState,
                         isa::Opcode::StoreState, isa::Opcode::Emit})
    Table[static_cast<unsigned>(Op)] = loopCopy;
  return Table;
}

} // namespace
} // namespace synfire::sim

#endif // SYNFIRE_SIMULATOR_ENGINE_PROGRAMLOOPS_H
