//===- targets/ImageCheckNetwork.cpp - Names and programs -------*- C++ -*-===//
//
// Populations, connections, streams and programs: what the network is, before
// any core is looked at.
//
//===----------------------------------------------------------------------===//

#include "targets/ImageCheck.h"

#include <cmath>

using namespace synfire;
using namespace synfire::image;
using isa::Instruction;
using isa::Opcode;

namespace {

constexpr uint32_t MaxRegisters = 4096;
/// Neurons and sizes are also used as signed 32-bit numbers.
constexpr uint32_t MaxCount = 0x7fffffff;

bool isCount(uint32_t N) { return N >= 1 && N <= MaxCount; }

void checkName(const Records &R, uint32_t Offset, uint64_t Index,
               FaultList &Faults) {
  if (Offset >= R.Strings.size())
    Faults.add(Index, "image-string",
               fmt::format("name at offset {}, but the strings have {} bytes",
                           Offset, R.Strings.size()));
}

void checkSize(std::string_view What, uint32_t N, uint64_t Index,
               FaultList &Faults) {
  if (!isCount(N))
    Faults.add(Index, "image-dimension",
               fmt::format("{} {}, not 1 to {}", N, What, MaxCount));
}

void checkFlag(std::string_view What, uint32_t Value, uint64_t Index,
               FaultList &Faults) {
  if (Value > 1)
    Faults.add(Index, "image-flag",
               fmt::format("{} is {}, not 0 or 1", What, Value));
}

void checkSequence(const Records &R, Errors &Out) {
  constexpr uint32_t MaxSteps = 64, MaxSweeps = 0xffff;
  FaultList Faults(R.File, "sequence");
  if (R.Sequence.size() != 1) {
    Faults.add(0, "image-sequence",
               fmt::format("{} records, not 1", R.Sequence.size()));
  } else {
    const SequenceRecord &S = R.Sequence.front();
    if (S.Steps < 1 || S.Steps > MaxSteps)
      Faults.add(0, "image-sequence",
                 fmt::format("{} inner steps, not 1 to {}", S.Steps, MaxSteps));
    if (S.Sweeps < 1 || S.Sweeps > MaxSweeps)
      Faults.add(0, "image-sequence",
                 fmt::format("{} sweeps, not 1 to {}", S.Sweeps, MaxSweeps));
    // Held slots keep as many sums as there are token steps.
    if (uint64_t(S.Positions) * S.Steps > MaxCount || S.Reserved != 0)
      Faults.add(0, "image-sequence",
                 fmt::format("{} positions of {} steps, at most {} in all, or "
                             "the reserved field is not 0",
                             S.Positions, S.Steps, MaxCount));
    if (S.Sweeps > 1 && S.Positions == 0)
      Faults.add(
          0, "image-sequence",
          fmt::format("{} sweeps over a sequence without end", S.Sweeps));
  }
  Faults.moveTo(Out);
}

Errors checkPopulations(const Records &R) {
  Errors Out;
  FaultList Faults(R.File, "populations");
  for (uint64_t I = 0; I < R.Populations.size(); ++I) {
    const PopulationRecord &P = R.Populations[I];
    checkName(R, P.Name, I, Faults);
    checkSize("neurons", P.NumNeurons, I, Faults);
    checkFlag("IsRelay", P.IsRelay, I, Faults);
    if (P.Program >= R.Programs.size())
      Faults.add(I, "image-index",
                 fmt::format("program {} of {}", P.Program, R.Programs.size()));
  }
  Faults.moveTo(Out);
  return Out;
}

/// Heads divide a memory, whose one side has a row per position; a convolution
/// has a shape.
void checkKind(const Records &R, const ConnectionRecord &C, uint64_t Index,
               FaultList &Faults) {
  if (C.Kind > ConnectionKind::Window)
    return Faults.add(
        Index, "image-connection",
        fmt::format("kind {} is unknown", static_cast<uint32_t>(C.Kind)));
  checkWindowOf(R, C, Index, Faults);
  if (C.Kind == ConnectionKind::Linear || C.Kind == ConnectionKind::Window) {
    if (C.Heads != 1 || C.KvHeads != 1)
      Faults.add(Index, "image-connection",
                 fmt::format("{} heads over {} of what is no memory", C.Heads,
                             C.KvHeads));
    return;
  }
  const uint32_t Positions = R.Sequence.front().Positions;
  if (C.Heads < 1 || C.KvHeads < 1 || C.Heads % C.KvHeads != 0 ||
      C.Rows % C.Heads != 0 || C.Cols % C.Heads != 0 || Positions == 0 ||
      (C.Kind == ConnectionKind::Keys ? C.Cols : C.Rows) / C.Heads != Positions)
    Faults.add(Index, "image-connection",
               fmt::format("{} heads over {} do not divide {} rows and {} "
                           "columns of {} positions",
                           C.Heads, C.KvHeads, C.Rows, C.Cols, Positions));
}

void checkConnections(const Records &R, Errors &Out) {
  FaultList Faults(R.File, "connections");
  for (uint64_t I = 0; I < R.Connections.size(); ++I) {
    const ConnectionRecord &C = R.Connections[I];
    checkName(R, C.Name, I, Faults);
    checkSize("rows", C.Rows, I, Faults);
    checkSize("columns", C.Cols, I, Faults);
    checkFlag("AccumulateOnly", C.AccumulateOnly, I, Faults);
    if (C.WeightBits < 1 || C.WeightBits > 8)
      Faults.add(I, "image-weight-bits",
                 fmt::format("weights of {} bits, not 1 to 8", C.WeightBits));
    checkKind(R, C, I, Faults);
  }
  Faults.moveTo(Out);
}

void checkStreams(const Records &R, Errors &Out) {
  FaultList Faults(R.File, "streams");
  for (uint64_t I = 0; I < R.Streams.size(); ++I) {
    const StreamRecord &S = R.Streams[I];
    checkName(R, S.Name, I, Faults);
    checkSize("neurons", S.NumNeurons, I, Faults);
    uint16_t MaxBits = S.Kind == PayloadKind::Binary    ? 1
                       : S.Kind == PayloadKind::Ternary ? 2
                                                        : 32;
    if (S.Role > HostRole::Events ||
        (S.Population != None && S.Role != HostRole::Token))
      Faults.add(I, "image-role",
                 fmt::format("role {} is unknown, or not of the host",
                             static_cast<uint32_t>(S.Role)));
    else if (S.Role == HostRole::Position &&
             S.NumNeurons != R.Sequence.front().Positions)
      Faults.add(I, "image-role",
                 fmt::format("{} positions, but sequences have {}",
                             S.NumNeurons, R.Sequence.front().Positions));
    if (S.Kind > PayloadKind::Planes)
      Faults.add(I, "image-payload",
                 fmt::format("payload kind {} is unknown",
                             static_cast<unsigned>(S.Kind)));
    else if (S.PayloadBits > MaxBits || (MaxBits == 32 && S.PayloadBits < 1))
      Faults.add(I, "image-payload",
                 fmt::format("payloads of {} bits, at most {} for their kind",
                             S.PayloadBits, MaxBits));
    if (S.Population == None)
      continue;
    if (S.Population >= R.Populations.size()) {
      Faults.add(I, "image-index",
                 fmt::format("population {} of {}", S.Population,
                             R.Populations.size()));
      continue;
    }
    uint32_t Neurons = R.Populations[S.Population].NumNeurons;
    if (S.NumNeurons != Neurons && S.NumNeurons != 1)
      Faults.add(I, "image-dimension",
                 fmt::format("{} neurons, but population {} has {} (or 1 event "
                             "when reduced)",
                             S.NumNeurons, S.Population, Neurons));
  }
  Faults.moveTo(Out);
}

/// Walks one program and keeps what each register holds at that point.
class ProgramCheck {
public:
  ProgramCheck(const ProgramRecord &P, FaultList &Faults)
      : P(P), Faults(Faults), Held(P.NumRegisters, Content::Nothing),
        Emitted(P.NumOutputs, false), Stored(P.NumStates, false) {}

  void step(const Instruction &I, uint64_t Index) {
    if (static_cast<unsigned>(I.Op) >= isa::NumOpcodes)
      return Faults.add(
          Index, "image-opcode",
          fmt::format("opcode {} is unknown", static_cast<unsigned>(I.Op)));
    if (I.Reserved != 0 || I.Uniform > 1)
      Faults.add(Index, "image-reserved",
                 "a reserved field is not 0, or Uniform is not 0 or 1");
    checkOperands(I, Index);
    checkImmediate(I, Index);
    checkUniform(I, Index);
    if (I.Op == Opcode::StoreState || I.Op == Opcode::Emit) {
      if (I.Dst != 0)
        Faults.add(Index, "image-reserved",
                   "Dst is not 0 though nothing is written to a register");
      return;
    }
    if (I.Dst >= P.NumRegisters)
      return Faults.add(Index, "image-register",
                        fmt::format("writes r{}, but the program has {} "
                                    "registers",
                                    I.Dst, P.NumRegisters));
    Held[I.Dst] = I.Uniform ? Content::Uniform : Content::PerNeuron;
  }

  /// Outputs that no instruction emits.
  std::optional<uint32_t> firstSilentOutput() const {
    for (uint32_t O = 0; O < Emitted.size(); ++O)
      if (!Emitted[O])
        return O;
    return std::nullopt;
  }

private:
  enum class Content : uint8_t { Nothing, PerNeuron, Uniform };

  void checkOperands(const Instruction &I, uint64_t Index) {
    const uint16_t Operands[3] = {I.A, I.B, I.C};
    unsigned Used = isa::info(I.Op).NumOperands;
    for (unsigned K = 0; K < 3; ++K) {
      uint16_t Register = Operands[K];
      if (K >= Used) {
        if (Register != 0)
          Faults.add(Index, "image-reserved",
                     fmt::format("operand {} is not used and must be 0",
                                 char('A' + K)));
        continue;
      }
      if (Register >= P.NumRegisters)
        Faults.add(Index, "image-register",
                   fmt::format("reads r{}, but the program has {} registers",
                               Register, P.NumRegisters));
      else if (Held[Register] == Content::Nothing)
        Faults.add(Index, "image-register",
                   fmt::format("reads r{} before it is written", Register));
      else if (I.Uniform && Held[Register] != Content::Uniform)
        Faults.add(Index, "image-uniform",
                   fmt::format("is uniform, but r{} differs from neuron to "
                               "neuron",
                               Register));
    }
  }

  void checkImmediate(const Instruction &I, uint64_t Index) {
    auto Limit = [&](std::string_view What, uint32_t Size) {
      if (I.Imm >= Size)
        Faults.add(Index, "image-index",
                   fmt::format("{} {} of {}", What, I.Imm, Size));
    };
    switch (I.Op) {
    case Opcode::Constant:
      return;
    case Opcode::LoadAccumulator:
      return Limit("slot", P.NumSlots);
    case Opcode::LoadParameter:
      return Limit("parameter", P.NumParams);
    case Opcode::LoadState:
      return Limit("state", P.NumStates);
    case Opcode::StoreState:
      Limit("state", P.NumStates);
      return once(Stored, "state", I, Index);
    case Opcode::Emit:
      Limit("output", P.NumOutputs);
      return once(Emitted, "output", I, Index);
    case Opcode::MulShiftZero:
    case Opcode::MulShiftFloor:
    case Opcode::MulShiftNearest:
      if (I.Imm > isa::MaxShift)
        Faults.add(Index, "image-shift",
                   fmt::format("shifts a product by {} bits, at most {}", I.Imm,
                               isa::MaxShift));
      return;
    default:
      if (I.Imm != 0)
        Faults.add(Index, "image-reserved", "Imm is not used and must be 0");
    }
  }

  void once(std::vector<bool> &Done, std::string_view What,
            const Instruction &I, uint64_t Index) {
    if (I.Imm >= Done.size())
      return;
    if (Done[I.Imm])
      Faults.add(Index, "image-program",
                 fmt::format("writes {} {} a second time", What, I.Imm));
    Done[I.Imm] = true;
  }

  void checkUniform(const Instruction &I, uint64_t Index) {
    bool PerNeuron = I.Op == Opcode::LoadParameter ||
                     I.Op == Opcode::LoadState || I.Op == Opcode::StoreState ||
                     I.Op == Opcode::Emit;
    if (I.Uniform && PerNeuron)
      Faults.add(Index, "image-uniform",
                 fmt::format("`{}` works on each neuron and cannot be uniform",
                             isa::info(I.Op).Mnemonic));
  }

  const ProgramRecord &P;
  FaultList &Faults;
  std::vector<Content> Held;
  std::vector<bool> Emitted, Stored;
};

Errors checkPrograms(const Records &R) {
  Errors Out;
  FaultList Faults(R.File, "programs");
  FaultList CodeFaults(R.File, "instructions");
  // Every instruction belongs to exactly one program, so that the work here is
  // bounded by the size of the file.
  uint64_t NextInstruction = 0;
  for (uint64_t I = 0; I < R.Programs.size(); ++I) {
    const ProgramRecord &P = R.Programs[I];
    checkName(R, P.Name, I, Faults);
    if (P.Reserved != 0)
      Faults.add(I, "image-reserved", "the reserved field is not 0");
    if (P.NumRegisters > MaxRegisters) {
      Faults.add(I, "image-register",
                 fmt::format("{} registers, at most {}", P.NumRegisters,
                             MaxRegisters));
      continue;
    }
    if (!within(P.FirstStateInit, P.NumStates, R.StateInit.size()))
      Faults.add(I, "image-index",
                 fmt::format("states {}..{}, but there are {} initial values",
                             P.FirstStateInit,
                             uint64_t(P.FirstStateInit) + P.NumStates,
                             R.StateInit.size()));
    if (P.FirstInstruction != NextInstruction ||
        !within(P.FirstInstruction, P.NumInstructions, R.Instructions.size())) {
      Faults.add(I, "image-index",
                 fmt::format("instructions {}..{} do not follow on the program "
                             "before (ends at {}) or exceed the {} stored",
                             P.FirstInstruction,
                             uint64_t(P.FirstInstruction) + P.NumInstructions,
                             NextInstruction, R.Instructions.size()));
      break;
    }
    NextInstruction += P.NumInstructions;
    ProgramCheck Check(P, CodeFaults);
    for (uint64_t K = P.FirstInstruction; K < NextInstruction; ++K)
      Check.step(R.Instructions[K], K);
    if (std::optional<uint32_t> Silent = Check.firstSilentOutput())
      Faults.add(I, "image-program",
                 fmt::format("no instruction emits output {}", *Silent));
  }
  if (Faults.empty() && NextInstruction != R.Instructions.size())
    Faults.add(R.Programs.size(), "image-index",
               fmt::format("{} instructions belong to no program",
                           R.Instructions.size() - NextInstruction));
  Faults.moveTo(Out);
  CodeFaults.moveTo(Out);
  return Out;
}

} // namespace

Errors image::checkNetwork(const Records &R) {
  Errors Out = checkPopulations(R);
  checkSequence(R, Out);
  if (!Out.empty())
    return Out;
  checkWindows(R, Out);
  checkConnections(R, Out);
  checkStreams(R, Out);
  for (Error &E : checkPrograms(R))
    Out.push_back(std::move(E));
  return Out;
}
