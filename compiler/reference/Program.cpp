//===- compiler/reference/Program.cpp - Evaluate a region -----------------===//

#include "compiler/reference/Program.h"

#include "targets/Maths.h"

#include <bit>
#include <cstring>

using namespace synfire;
using namespace synfire::compiler;
using WordOp = Program::WordOp;

Program::Registers Program::registers() const {
  Registers Out((Constants.size() + Steps.size()) * MaxNeurons);
  for (size_t I = 0; I < Constants.size(); ++I)
    std::fill_n(Out.begin() + I * MaxNeurons, MaxNeurons, Constants[I]);
  return Out;
}

void Program::setStep(int32_t Inner, Registers &Scratch) const {
  if (InnerStep)
    std::fill_n(Scratch.begin() + *InnerStep * MaxNeurons, MaxNeurons, Inner);
}

namespace {
/// The vectors of one step: Out[i] = f(A[i], B[i], C[i]).
struct Lanes {
  const int32_t *A, *B, *C;
  int32_t *Out;
  int64_t Count;
  unsigned Shift;

  template <typename F>
  void floats1(F Function) const {
    const int32_t *__restrict X = A;
    int32_t *__restrict Y = Out;
    for (int64_t I = 0; I < Count; ++I)
      Y[I] = std::bit_cast<int32_t>(Function(std::bit_cast<float>(X[I])));
  }
  template <typename F>
  void floats2(F Function) const {
    const int32_t *X = A, *Z = B;
    int32_t *__restrict Y = Out;
    for (int64_t I = 0; I < Count; ++I)
      Y[I] = std::bit_cast<int32_t>(
          Function(std::bit_cast<float>(X[I]), std::bit_cast<float>(Z[I])));
  }
  template <typename F>
  void compare(F Function) const {
    const int32_t *X = A, *Z = B;
    int32_t *__restrict Y = Out;
    for (int64_t I = 0; I < Count; ++I)
      Y[I] = Function(std::bit_cast<float>(X[I]), std::bit_cast<float>(Z[I]))
                 ? 1
                 : 0;
  }
  template <typename F>
  void words2(F Function) const {
    const int32_t *X = A, *Z = B;
    int32_t *__restrict Y = Out;
    for (int64_t I = 0; I < Count; ++I)
      Y[I] = static_cast<int32_t>(Function(X[I], Z[I]));
  }
};
} // namespace

static void execute(WordOp Op, const Lanes &L) {
  switch (Op) {
  case WordOp::AddF:
    return L.floats2([](float A, float B) { return A + B; });
  case WordOp::SubF:
    return L.floats2([](float A, float B) { return A - B; });
  case WordOp::MulF:
    return L.floats2([](float A, float B) { return A * B; });
  case WordOp::DivF:
    return L.floats2([](float A, float B) { return A / B; });
  case WordOp::NegF:
    return L.floats1([](float A) { return -A; });
  case WordOp::AbsF:
    return L.floats1([](float A) { return std::fabs(A); });
  case WordOp::MinF:
    return L.floats2([](float A, float B) { return maths::minNum(A, B); });
  case WordOp::MaxF:
    return L.floats2([](float A, float B) { return maths::maxNum(A, B); });
  case WordOp::Sqrt:
    return L.floats1([](float A) { return std::sqrt(A); });
  case WordOp::Rsqrt:
    return L.floats1([](float A) { return maths::rsqrt(A); });
  case WordOp::Exp:
    return L.floats1([](float A) { return maths::exp(A); });
  case WordOp::Tanh:
    return L.floats1([](float A) { return maths::tanh(A); });
  case WordOp::Erf:
    return L.floats1([](float A) { return maths::erf(A); });
  case WordOp::RoundEven:
    return L.floats1([](float A) { return maths::roundEven(A); });
  case WordOp::FloatToInt:
    for (int64_t I = 0; I < L.Count; ++I)
      L.Out[I] = maths::toInt(std::bit_cast<float>(L.A[I]));
    return;
  case WordOp::SignedToFloat:
    for (int64_t I = 0; I < L.Count; ++I)
      L.Out[I] = std::bit_cast<int32_t>(static_cast<float>(L.A[I]));
    return;
  case WordOp::UnsignedToFloat:
    for (int64_t I = 0; I < L.Count; ++I)
      L.Out[I] = std::bit_cast<int32_t>(
          static_cast<float>(static_cast<uint32_t>(L.A[I])));
    return;
  case WordOp::Copy:
    std::memcpy(L.Out, L.A, L.Count * sizeof(int32_t));
    return;
  case WordOp::EqF:
    return L.compare([](float A, float B) { return A == B; });
  case WordOp::NeF:
    return L.compare([](float A, float B) { return A != B; });
  case WordOp::LtF:
    return L.compare([](float A, float B) { return A < B; });
  case WordOp::LeF:
    return L.compare([](float A, float B) { return A <= B; });
  case WordOp::GtF:
    return L.compare([](float A, float B) { return A > B; });
  case WordOp::GeF:
    return L.compare([](float A, float B) { return A >= B; });
  case WordOp::AddI:
    return L.words2([](int32_t A, int32_t B) { return maths::addWrap(A, B); });
  case WordOp::SubI:
    return L.words2([](int32_t A, int32_t B) { return maths::subWrap(A, B); });
  case WordOp::MulI:
    return L.words2([](int32_t A, int32_t B) { return maths::mulWrap(A, B); });
  case WordOp::MinI:
    return L.words2([](int32_t A, int32_t B) { return A < B ? A : B; });
  case WordOp::MaxI:
    return L.words2([](int32_t A, int32_t B) { return A > B ? A : B; });
  case WordOp::Shl:
    return L.words2([](int32_t A, int32_t B) {
      return static_cast<uint32_t>(A) << (B & 31);
    });
  case WordOp::Shr:
    return L.words2([](int32_t A, int32_t B) { return A >> (B & 31); });
  case WordOp::And:
    return L.words2([](int32_t A, int32_t B) { return A & B; });
  case WordOp::Or:
    return L.words2([](int32_t A, int32_t B) { return A | B; });
  case WordOp::Xor:
    return L.words2([](int32_t A, int32_t B) { return A ^ B; });
  case WordOp::EqI:
    return L.words2([](int32_t A, int32_t B) { return A == B; });
  case WordOp::NeI:
    return L.words2([](int32_t A, int32_t B) { return A != B; });
  case WordOp::LtI:
    return L.words2([](int32_t A, int32_t B) { return A < B; });
  case WordOp::LeI:
    return L.words2([](int32_t A, int32_t B) { return A <= B; });
  case WordOp::GtI:
    return L.words2([](int32_t A, int32_t B) { return A > B; });
  case WordOp::GeI:
    return L.words2([](int32_t A, int32_t B) { return A >= B; });
  case WordOp::Select:
    for (int64_t I = 0; I < L.Count; ++I)
      L.Out[I] = L.A[I] != 0 ? L.B[I] : L.C[I];
    return;
  case WordOp::MulShiftZero:
    return L.words2([&](int32_t A, int32_t B) {
      return maths::mulShiftZero(A, B, L.Shift);
    });
  case WordOp::MulShiftFloor:
    return L.words2([&](int32_t A, int32_t B) {
      return maths::mulShiftFloor(A, B, L.Shift);
    });
  case WordOp::MulShiftNearest:
    return L.words2([&](int32_t A, int32_t B) {
      return maths::mulShiftNearest(A, B, L.Shift);
    });
  }
}

void Program::run(std::span<const int32_t *const> Arguments,
                  std::span<int32_t *const> Outputs, int64_t Count,
                  Registers &Scratch) const {
  assert(Arguments.size() == NumArguments && Outputs.size() == Yields.size());
  assert(Count <= MaxNeurons);
  auto Read = [&](unsigned Place) -> const int32_t * {
    return Place < NumArguments
               ? Arguments[Place]
               : Scratch.data() + (Place - NumArguments) * MaxNeurons;
  };
  int32_t *Out = Scratch.data() + Constants.size() * MaxNeurons;
  for (const Step &S : Steps) {
    execute(S.Op, {Read(S.A), Read(S.B), Read(S.C), Out, Count, S.Shift});
    Out += MaxNeurons;
  }
  for (size_t I = 0; I < Yields.size(); ++I)
    std::memcpy(Outputs[I], Read(Yields[I]), Count * sizeof(int32_t));
}

void Program::widen(std::span<const int32_t *const> Arguments, int64_t Count,
                    const Registers &Scratch,
                    std::span<NumberRange> Ranges) const {
  constexpr float Infinite = 1e30f;
  for (size_t V = 0; V < Reals.size(); ++V) {
    if (!Reals[V])
      continue;
    const int32_t *Words =
        V < NumArguments
            ? Arguments[V]
            : Scratch.data() +
                  (Constants.size() + V - NumArguments) * MaxNeurons;
    float Low = Infinite, High = -Infinite;
    for (int64_t I = 0; I < Count; ++I) {
      const auto Number = std::bit_cast<float>(Words[I]);
      if (std::fabs(Number) < Infinite) { // not NaN either
        Low = std::min(Low, Number);
        High = std::max(High, Number);
      }
    }
    if (Low <= High)
      Ranges[V].widen({Low, High});
  }
}
