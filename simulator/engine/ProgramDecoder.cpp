//===- simulator/engine/ProgramDecoder.cpp - Decoding a program -----------===//
//
// Each instruction makes one value. A value that depends on nothing but
// constants and uniform values has a register of its own for the whole block;
// the others share registers by their last use, in program order. A result
// never takes the register of an operand of the same instruction: the loops
// require disjoint arrays.
//
//===----------------------------------------------------------------------===//

#include "simulator/engine/ProgramRunner.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

namespace synfire::sim {

using isa::Opcode;

/// The values of one program while it is decoded.
struct ProgramDecoder {
  /// What a register of the encoded program holds at some point.
  struct Value {
    enum { Register, Slot, Param, State } Where = Register;
    uint32_t Index = 0; ///< of the slot, parameter, state, or operation
    bool Uniform = true;
    bool Constant = false;
    bool InnerStep = false;
    uint32_t Bits = 0;    ///< of a constant
    uint32_t LastUse = 0; ///< instruction, or NumInstructions for the end
    bool ReadPerChunk = false;
    ProgramRunner::Place Place = image::None;
  };
  struct Step {
    Opcode Op;
    uint32_t Dst;         ///< value
    uint32_t Operands[3]; ///< values
    uint32_t At;          ///< instruction
    bool Uniform;
  };
  struct Sink {
    uint32_t Index;
    uint32_t Source; ///< value
  };

  const image::ProgramRecord &Record;
  std::span<const isa::Instruction> Code;
  const std::string &Name;
  ProgramRunner Out;
  std::vector<Value> Values;
  std::vector<uint32_t> Holds; ///< per encoded register: value
  std::vector<Step> Steps;
  std::vector<Sink> Stores, Emits;

  Error fault(size_t At, const std::string &Text) const {
    return {fmt::format("program {}", Name), "image-program",
            fmt::format("instruction {}: {}", At, Text), ErrorKind::BadInput};
  }

  uint32_t make(Value V) {
    Values.push_back(V);
    return static_cast<uint32_t>(Values.size() - 1);
  }

  void use(uint32_t V, uint32_t At, bool PerChunk) {
    Values[V].LastUse = std::max(Values[V].LastUse, At);
    Values[V].ReadPerChunk |= PerChunk;
  }

  /// A later write to the same state or output replaces an earlier one.
  static void replace(std::vector<Sink> &Sinks, Sink S) {
    for (Sink &Old : Sinks)
      if (Old.Index == S.Index) {
        Old.Source = S.Source;
        return;
      }
    Sinks.push_back(S);
  }

  Status load(uint32_t At, const isa::Instruction &I) {
    Value V;
    V.Uniform = I.Uniform != 0;
    V.Index = I.Imm;
    uint32_t Limit = 0;
    const char *Kind = "";
    switch (I.Op) {
    case Opcode::LoadAccumulator:
      V.Where = Value::Slot, Limit = Record.NumSlots, Kind = "slot";
      if (V.Uniform)
        Out.UniformSlots.push_back(I.Imm);
      break;
    case Opcode::LoadParameter:
      V.Where = Value::Param, Limit = Record.NumParams, Kind = "parameter";
      Out.SingleNeuron |= V.Uniform;
      break;
    default:
      V.Where = Value::State, Limit = Record.NumStates, Kind = "state";
      Out.SingleNeuron |= V.Uniform;
      break;
    }
    if (I.Imm >= Limit)
      return fault(At, fmt::format("reads {} {} of {}", Kind, I.Imm, Limit));
    Holds[I.Dst] = make(V);
    return {};
  }

  Status read(uint32_t At, const isa::Instruction &I) {
    const unsigned NumOperands = isa::info(I.Op).NumOperands;
    const uint16_t Sources[3] = {I.A, I.B, I.C};
    const bool Writes = I.Op != Opcode::StoreState && I.Op != Opcode::Emit;
    for (unsigned K = 0; K < NumOperands; ++K)
      if (Sources[K] >= Record.NumRegisters)
        return fault(At, fmt::format("reads register {} of {}", Sources[K],
                                     Record.NumRegisters));
    if (Writes && I.Dst >= Record.NumRegisters)
      return fault(At, fmt::format("writes register {} of {}", I.Dst,
                                   Record.NumRegisters));
    auto Class = static_cast<unsigned>(isa::info(I.Op).Class);
    ++(I.Uniform ? Out.Counts.PerBlock : Out.Counts.PerNeuron)[Class];

    for (unsigned K = 0; K < NumOperands; ++K)
      if (I.Uniform && !Values[Holds[Sources[K]]].Uniform)
        return fault(At, fmt::format("is marked uniform but reads register {}, "
                                     "which differs between neurons",
                                     Sources[K]));
    switch (I.Op) {
    case Opcode::Constant: {
      Value V;
      V.Constant = true;
      V.Bits = I.Imm;
      Holds[I.Dst] = make(V);
      return {};
    }
    case Opcode::LoadStep: {
      Value V;
      V.InnerStep = true;
      Holds[I.Dst] = make(V);
      return {};
    }
    case Opcode::LoadAccumulator:
    case Opcode::LoadParameter:
    case Opcode::LoadState:
      return load(At, I);
    case Opcode::StoreState:
    case Opcode::Emit: {
      bool Store = I.Op == Opcode::StoreState;
      uint32_t Limit = Store ? Record.NumStates : Record.NumOutputs;
      if (I.Imm >= Limit)
        return fault(At, fmt::format("writes {} {} of {}",
                                     Store ? "state" : "output", I.Imm, Limit));
      replace(Store ? Stores : Emits, {I.Imm, Holds[I.A]});
      return {};
    }
    default:
      break;
    }
    Step S{I.Op, 0, {Holds[I.A], Holds[I.A], Holds[I.A]}, At, I.Uniform != 0};
    for (unsigned K = 0; K < NumOperands; ++K) {
      S.Operands[K] = Holds[Sources[K]];
      use(S.Operands[K], At, !S.Uniform);
    }
    if (isa::isMulShift(I.Op)) {
      if (I.Imm > isa::MaxShift)
        return fault(At, fmt::format("shifts by {} bits, at most {}", I.Imm,
                                     isa::MaxShift));
      Value Shift;
      Shift.Constant = true;
      Shift.Bits = I.Imm;
      S.Operands[2] = make(Shift);
      use(S.Operands[2], At, !S.Uniform);
    }
    Value V;
    V.Uniform = S.Uniform;
    S.Dst = Holds[I.Dst] = make(V);
    Steps.push_back(S);
    return {};
  }

  /// A stored value that is itself a state must be read before any store.
  void separateStatesFromStores() {
    auto End = static_cast<uint32_t>(Code.size());
    for (Sink &S : Stores)
      if (Values[S.Source].Where == Value::State) {
        Value V;
        V.Uniform = false;
        use(S.Source, End, true);
        uint32_t Copy = make(V);
        Steps.push_back({Opcode::LoadState,
                         Copy,
                         {S.Source, S.Source, S.Source},
                         End,
                         false});
        S.Source = Copy;
      }
    for (const Sink &S : Stores)
      use(S.Source, End + 1, true);
    for (const Sink &S : Emits)
      use(S.Source, End + 1, true);
  }

  void assignPlaces() {
    uint32_t Registers = 0;
    for (Value &V : Values)
      if (V.Where == Value::Register && V.Uniform) {
        V.Place = Registers++;
        if (V.Constant)
          Out.Constants.push_back({V.Place, V.Bits});
        if (V.InnerStep)
          Out.Steps.push_back(V.Place);
      }
    // Varying values: lowest free register first, freed after the last use.
    std::set<uint32_t> Free;
    std::vector<std::pair<uint32_t, uint32_t>> Live; ///< (last use, register)
    for (const Step &S : Steps) {
      if (S.Uniform)
        continue;
      // Strictly before: an operand of this instruction is still being read.
      std::erase_if(Live, [&](const auto &L) {
        if (L.first >= S.At)
          return false;
        Free.insert(L.second);
        return true;
      });
      Value &V = Values[S.Dst];
      if (Free.empty())
        Free.insert(Registers++);
      V.Place = *Free.begin();
      Free.erase(Free.begin());
      Live.push_back({std::max(V.LastUse, S.At), V.Place});
    }
    Out.NumRegisters = Registers;
    for (Value &V : Values) {
      uint32_t First = Registers;
      if (V.Where == Value::Slot)
        V.Place = First + V.Index;
      else if (V.Where == Value::Param)
        V.Place = First + Record.NumSlots + V.Index;
      else if (V.Where == Value::State)
        V.Place = First + Record.NumSlots + Record.NumParams + V.Index;
    }
  }

  Status decode() {
    Out.NumSlots = Record.NumSlots;
    Out.NumParams = Record.NumParams;
    Out.NumStates = Record.NumStates;
    // A register that was never written reads as zero.
    Value Zero;
    Zero.Constant = true;
    // One more entry: instructions without operands may carry any number.
    Holds.assign(65536, make(Zero));
    for (uint32_t At = 0; At < Code.size(); ++At) {
      if (static_cast<unsigned>(Code[At].Op) >= isa::NumOpcodes)
        return fault(At, fmt::format("has unknown opcode {}",
                                     static_cast<unsigned>(Code[At].Op)));
      if (Status S = read(At, Code[At]); !S)
        return S;
    }
    separateStatesFromStores();
    assignPlaces();
    for (const Step &S : Steps) {
      const Value &V = Values[S.Dst];
      ProgramRunner::Operation O{S.Op,
                                 S.Uniform && V.ReadPerChunk,
                                 V.Place,
                                 Values[S.Operands[0]].Place,
                                 Values[S.Operands[1]].Place,
                                 Values[S.Operands[2]].Place};
      (S.Uniform ? Out.OncePerBlock : Out.PerChunk).push_back(O);
    }
    for (const Sink &S : Stores)
      Out.Stores.push_back({S.Index, Values[S.Source].Place});
    for (const Sink &S : Emits)
      Out.Emits.push_back({S.Index, Values[S.Source].Place});
    std::sort(Out.UniformSlots.begin(), Out.UniformSlots.end());
    Out.UniformSlots.erase(
        std::unique(Out.UniformSlots.begin(), Out.UniformSlots.end()),
        Out.UniformSlots.end());
    return {};
  }
};

Result<ProgramRunner>
ProgramRunner::decode(const image::ProgramRecord &Record,
                      std::span<const isa::Instruction> Code,
                      const std::string &Name) {
  ProgramDecoder Decoder{Record, Code, Name, {}, {}, {}, {}, {}, {}};
  if (Status S = Decoder.decode(); !S)
    return S.errors();
  return std::move(Decoder.Out);
}

} // namespace synfire::sim
