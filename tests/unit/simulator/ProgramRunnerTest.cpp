//===- ProgramRunnerTest.cpp - Programs against a plain interpreter -------===//

#include "simulator/engine/ProgramRunner.h"
#include "targets/Maths.h"
#include "tests/unit/simulator/ImageFixture.h"

#include <gtest/gtest.h>

#include <random>

using namespace synfire;
using namespace synfire::sim;
using isa::Instruction;
using isa::Opcode;

namespace {

/// One operation as Isa.h describes it.
uint32_t compute(Opcode Op, uint32_t A, uint32_t B, uint32_t C, uint32_t Imm) {
  float X = std::bit_cast<float>(A), Y = std::bit_cast<float>(B);
  auto M = static_cast<int32_t>(A), K = static_cast<int32_t>(B);
  auto f = [](float V) { return std::bit_cast<uint32_t>(V); };
  auto i = [](int32_t V) { return static_cast<uint32_t>(V); };
  switch (Op) {
  case Opcode::AddF:
    return f(X + Y);
  case Opcode::SubF:
    return f(X - Y);
  case Opcode::MulF:
    return f(X * Y);
  case Opcode::DivF:
    return f(X / Y);
  case Opcode::NegF:
    return f(-X);
  case Opcode::AbsF:
    return f(std::fabs(X));
  case Opcode::MinF:
    return f(maths::minNum(X, Y));
  case Opcode::MaxF:
    return f(maths::maxNum(X, Y));
  case Opcode::SqrtF:
    return f(std::sqrt(X));
  case Opcode::RsqrtF:
    return f(maths::rsqrt(X));
  case Opcode::ExpF:
    return f(maths::exp(X));
  case Opcode::SigmoidF:
    return f(maths::sigmoid(X));
  case Opcode::TanhF:
    return f(maths::tanh(X));
  case Opcode::ErfF:
    return f(maths::erf(X));
  case Opcode::RoundEvenF:
    return f(maths::roundEven(X));
  case Opcode::FloatToInt:
    return i(maths::toInt(X));
  case Opcode::IntToFloat:
    return f(static_cast<float>(M));
  case Opcode::EqF:
    return X == Y;
  case Opcode::NeF:
    return X != Y;
  case Opcode::LtF:
    return X < Y;
  case Opcode::LeF:
    return X <= Y;
  case Opcode::GtF:
    return X > Y;
  case Opcode::GeF:
    return X >= Y;
  case Opcode::AddI:
    return A + B;
  case Opcode::SubI:
    return A - B;
  case Opcode::MulI:
    return A * B;
  case Opcode::MinI:
    return i(std::min(M, K));
  case Opcode::MaxI:
    return i(std::max(M, K));
  case Opcode::ShlI:
    return A << (B & 31);
  case Opcode::ShrI:
    return i(M >> (B & 31));
  case Opcode::AndI:
    return A & B;
  case Opcode::OrI:
    return A | B;
  case Opcode::XorI:
    return A ^ B;
  case Opcode::EqI:
    return M == K;
  case Opcode::NeI:
    return M != K;
  case Opcode::LtI:
    return M < K;
  case Opcode::LeI:
    return M <= K;
  case Opcode::GtI:
    return M > K;
  case Opcode::GeI:
    return M >= K;
  case Opcode::Select:
    return A != 0 ? B : C;
  case Opcode::MulShiftZero:
    return i(maths::mulShiftZero(M, K, Imm));
  case Opcode::MulShiftFloor:
    return i(maths::mulShiftFloor(M, K, Imm));
  case Opcode::MulShiftNearest:
    return i(maths::mulShiftNearest(M, K, Imm));
  default:
    return A;
  }
}

/// A program with the memory of one block.
/// Of the token, for every program.
constexpr uint32_t InnerStep = 3;

struct Case {
  image::ProgramRecord Record{};
  std::vector<Instruction> Code;
  uint32_t N = 0;
  std::vector<std::vector<int32_t>> Slots;
  std::vector<bool> Uniform;
  std::vector<uint32_t> Params, States;
  std::vector<std::vector<int32_t>> Outputs;

  void interpret() {
    std::vector<uint32_t> Before = States;
    for (uint32_t J = 0; J < N; ++J) {
      std::vector<uint32_t> R(Record.NumRegisters);
      for (const Instruction &I : Code)
        switch (I.Op) {
        case Opcode::Constant:
          R[I.Dst] = I.Imm;
          break;
        case Opcode::LoadStep:
          R[I.Dst] = InnerStep;
          break;
        case Opcode::LoadAccumulator:
          R[I.Dst] = Slots[I.Imm][Uniform[I.Imm] ? 0 : J];
          break;
        case Opcode::LoadParameter:
          R[I.Dst] = Params[I.Imm * N + J];
          break;
        case Opcode::LoadState:
          R[I.Dst] = Before[I.Imm * N + J];
          break;
        case Opcode::StoreState:
          States[I.Imm * N + J] = R[I.A];
          break;
        case Opcode::Emit:
          Outputs[I.Imm][J] = static_cast<int32_t>(R[I.A]);
          break;
        default:
          R[I.Dst] = compute(I.Op, R[I.A], R[I.B], R[I.C], I.Imm);
        }
    }
  }

  void run(KernelPath Path, ProgramRunner::Scratch &Scratch) {
    Result<ProgramRunner> P = ProgramRunner::decode(Record, Code, "p");
    ASSERT_TRUE(P) << P.errors()[0].format();
    std::vector<BlockMemory::Slot> Views;
    std::vector<int32_t *> Out;
    for (size_t S = 0; S < Slots.size(); ++S)
      Views.push_back({Slots[S].data(), Uniform[S]});
    for (auto &O : Outputs)
      Out.push_back(O.data());
    P->run({N, N, InnerStep, Views, Params.data(), States.data(), Out}, Scratch,
           Path);
  }
};

/// Equal bits, except that one NaN is as good as another.
bool same(uint32_t A, uint32_t B) {
  bool BothNaN = (A & 0x7fffffff) > 0x7f800000 && (B & 0x7fffffff) > 0x7f800000;
  return A == B || BothNaN;
}

uint32_t drawBits(std::mt19937 &Random) {
  const uint32_t Special[] = {0,          0x80000000, 0x7f800000, 0xff800000,
                              0x7fc00000, 1,          0xffffffff, 0x3f800000,
                              0x4effffff, 0xcf000000, 0x42b17218, 0xc2cff1b5,
                              0x00400000};
  switch (Random() % 4) {
  case 0:
    return Special[Random() % std::size(Special)];
  case 1:
    return Random();
  case 2:
    return std::bit_cast<uint32_t>(float(int32_t(Random()) >> 8) / 65536);
  default:
    return Random() % 2000 - 1000;
  }
}

Case drawCase(std::mt19937 &Random) {
  Case C;
  C.N = std::vector<uint32_t>{1, 5, 128, 256, 257, 700}[Random() % 6];
  C.Record.NumSlots = 3;
  C.Record.NumParams = 2;
  C.Record.NumStates = 3;
  C.Record.NumOutputs = 2;
  C.Record.NumRegisters = 7; // few, so that they are reused
  C.Uniform = {false, true, false};
  for (int S = 0; S < 3; ++S) {
    C.Slots.emplace_back();
    for (uint32_t J = 0; J < (C.Uniform[S] ? 1 : C.N); ++J)
      C.Slots.back().push_back(drawBits(Random));
  }
  for (uint32_t J = 0; J < 2 * C.N; ++J)
    C.Params.push_back(drawBits(Random));
  for (uint32_t J = 0; J < 3 * C.N; ++J)
    C.States.push_back(drawBits(Random));
  C.Outputs.assign(2, std::vector<int32_t>(C.N, 77));
  std::vector<bool> IsUniform(7, true); // zero at first
  for (int K = 0; K < 60; ++K) {
    Instruction I;
    I.Op = static_cast<Opcode>(Random() % isa::NumOpcodes);
    I.Dst = Random() % 7;
    I.A = Random() % 7;
    I.B = Random() % 7;
    I.C = Random() % 7;
    bool Equal = true;
    const uint16_t Sources[3] = {I.A, I.B, I.C};
    for (unsigned S = 0; S < isa::info(I.Op).NumOperands; ++S)
      Equal = Equal && IsUniform[Sources[S]];
    bool Writes = true;
    switch (I.Op) {
    case Opcode::Constant:
      I.Imm = drawBits(Random);
      break;
    case Opcode::LoadAccumulator:
      I.Imm = Random() % 3;
      Equal = C.Uniform[I.Imm];
      break;
    case Opcode::LoadParameter:
      I.Imm = Random() % 2, Equal = false;
      break;
    case Opcode::LoadState:
      I.Imm = Random() % 3, Equal = false;
      break;
    case Opcode::StoreState:
      I.Imm = Random() % 3, Writes = false;
      break;
    case Opcode::Emit:
      I.Imm = Random() % 2, Writes = false;
      break;
    case Opcode::MulShiftZero:
    case Opcode::MulShiftFloor:
    case Opcode::MulShiftNearest:
      I.Imm = Random() % 63;
      break;
    default:
      break;
    }
    I.Uniform = Equal && Random() % 4 != 0;
    if (Writes)
      IsUniform[I.Dst] = I.Uniform || I.Op == Opcode::Constant;
    C.Code.push_back(I);
  }
  return C;
}

class ProgramRunnerTest : public testing::TestWithParam<KernelPath> {};

TEST_P(ProgramRunnerTest, RandomProgramsEqualThePlainInterpreter) {
  if (!isAvailable(GetParam()))
    GTEST_SKIP() << "this processor lacks the path";
  std::mt19937 Random(5);
  ProgramRunner::Scratch Scratch;
  for (int Try = 0; Try < 400; ++Try) {
    Case Plain = drawCase(Random), Fast = Plain;
    Plain.interpret();
    Fast.run(GetParam(), Scratch);
    for (size_t O = 0; O < 2; ++O)
      for (uint32_t J = 0; J < Plain.N; ++J)
        ASSERT_TRUE(same(Fast.Outputs[O][J], Plain.Outputs[O][J]))
            << "try " << Try << " output " << O << " neuron " << J;
    for (size_t S = 0; S < Plain.States.size(); ++S)
      ASSERT_TRUE(same(Fast.States[S], Plain.States[S]))
          << "try " << Try << " state " << S;
  }
}

INSTANTIATE_TEST_SUITE_P(Paths, ProgramRunnerTest,
                         testing::Values(KernelPath::Portable,
                                         KernelPath::Avx2));

TEST_P(ProgramRunnerTest, MulShiftsOfEdgeValuesAreExact) {
  if (!isAvailable(GetParam()))
    GTEST_SKIP() << "this processor lacks the path";
  const int32_t Edges[] = {INT32_MIN, INT32_MIN + 1, -4096,    -1, 0, 1,
                           3,         4095,          INT32_MAX};
  constexpr uint32_t N = std::size(Edges) * std::size(Edges);
  ProgramRunner::Scratch Scratch;
  for (Opcode Op :
       {Opcode::MulShiftZero, Opcode::MulShiftFloor, Opcode::MulShiftNearest})
    for (uint32_t Shift : {0u, 1u, 12u, 31u, 32u, 61u, 62u}) {
      Case Plain;
      Plain.N = N;
      Plain.Record.NumParams = 2;
      Plain.Record.NumOutputs = 1;
      Plain.Record.NumRegisters = 3;
      Plain.Outputs.assign(1, std::vector<int32_t>(N));
      for (uint32_t J = 0; J < N; ++J)
        Plain.Params.push_back(
            static_cast<uint32_t>(Edges[J / std::size(Edges)]));
      for (uint32_t J = 0; J < N; ++J)
        Plain.Params.push_back(
            static_cast<uint32_t>(Edges[J % std::size(Edges)]));
      Instruction Product = op(Op, 2, 0, 1);
      Product.Imm = Shift;
      Plain.Code = {load(Opcode::LoadParameter, 0, 0),
                    load(Opcode::LoadParameter, 1, 1), Product,
                    store(Opcode::Emit, 0, 2)};
      Case Fast = Plain;
      Plain.interpret();
      Fast.run(GetParam(), Scratch);
      EXPECT_EQ(Fast.Outputs, Plain.Outputs) << Shift;
    }
}

TEST(ProgramDecodeTest, AShiftBeyondTheProductIsRefused) {
  image::ProgramRecord R{};
  R.NumRegisters = 1;
  Instruction I = op(Opcode::MulShiftZero, 0, 0, 0);
  I.Imm = 63;
  Result<ProgramRunner> P = ProgramRunner::decode(R, {&I, 1}, "p");
  ASSERT_FALSE(P);
  EXPECT_NE(P.errors()[0].Text.find("63 bits"), std::string::npos);
}

TEST(ProgramDecodeTest, SwappingStatesReadsBeforeItWrites) {
  Case C;
  C.N = 300;
  C.Record.NumStates = 2;
  C.Record.NumRegisters = 2;
  C.Code = {load(Opcode::LoadState, 0, 0), load(Opcode::LoadState, 1, 1),
            store(Opcode::StoreState, 0, 1), store(Opcode::StoreState, 1, 0)};
  // Signalling NaNs, were they floats: words move as they are.
  constexpr uint32_t One = 0x7f800001, Two = 0xff800002;
  C.States.assign(300, One);
  C.States.resize(600, Two);
  ProgramRunner::Scratch Scratch;
  C.run(bestKernelPath(), Scratch);
  EXPECT_EQ(std::count(C.States.begin(), C.States.begin() + 300, Two), 300);
  EXPECT_EQ(std::count(C.States.begin() + 300, C.States.end(), One), 300);
}

TEST(ProgramDecodeTest, CountsUniformInstructionsOncePerBlock) {
  image::ProgramRecord R{};
  R.NumSlots = R.NumOutputs = 1;
  R.NumRegisters = 4;
  Result<ProgramRunner> P = ProgramRunner::decode(
      R,
      std::vector<Instruction>{
          constant(0, 1u), uniform(op(Opcode::AddI, 1, 0, 0)),
          load(Opcode::LoadAccumulator, 2, 0), op(Opcode::AddI, 3, 2, 1),
          store(Opcode::Emit, 0, 3)},
      "p");
  ASSERT_TRUE(P);
  auto count = [](auto &Counts, isa::CostClass Class) {
    return Counts[static_cast<unsigned>(Class)];
  };
  EXPECT_EQ(count(P->counts().PerBlock, isa::CostClass::Move), 1u);
  EXPECT_EQ(count(P->counts().PerBlock, isa::CostClass::Add), 1u);
  EXPECT_EQ(count(P->counts().PerNeuron, isa::CostClass::Add), 1u);
  EXPECT_EQ(count(P->counts().PerNeuron, isa::CostClass::Memory), 1u);
  EXPECT_EQ(count(P->counts().PerNeuron, isa::CostClass::Emit), 1u);
}

TEST(ProgramDecodeTest, RejectsWhatDoesNotHold) {
  image::ProgramRecord R{};
  R.NumSlots = R.NumParams = R.NumStates = R.NumOutputs = 1;
  R.NumRegisters = 2;
  auto refuses = [&](std::vector<Instruction> Code) {
    return !ProgramRunner::decode(R, Code, "p");
  };
  EXPECT_TRUE(refuses({load(Opcode::LoadAccumulator, 0, 1)}));
  EXPECT_TRUE(refuses({load(Opcode::LoadParameter, 0, 1)}));
  EXPECT_TRUE(refuses({load(Opcode::LoadState, 0, 9)}));
  EXPECT_TRUE(refuses({store(Opcode::StoreState, 1, 0)}));
  EXPECT_TRUE(refuses({store(Opcode::Emit, 1, 0)}));
  EXPECT_TRUE(refuses({op(Opcode::AddF, 2, 0, 0)}));
  EXPECT_TRUE(refuses({op(Opcode::AddF, 0, 0, 2)}));
  EXPECT_TRUE(refuses({op(static_cast<Opcode>(200), 0, 0, 0)}));
  EXPECT_TRUE(refuses(
      {load(Opcode::LoadAccumulator, 0, 0), uniform(op(Opcode::NegF, 1, 0))}));
  EXPECT_FALSE(refuses({load(Opcode::LoadAccumulator, 0, 0)}));
}

} // namespace
