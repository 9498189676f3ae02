//===- targets/Isa.cpp - The instruction set of a neuron --------*- C++ -*-===//

#include "targets/Isa.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>

using namespace synfire;
using namespace synfire::isa;

std::string_view isa::costClassName(CostClass Class) {
  switch (Class) {
  case CostClass::Move:
    return "move";
  case CostClass::Memory:
    return "memory";
  case CostClass::Add:
    return "add";
  case CostClass::Multiply:
    return "multiply";
  case CostClass::Divide:
    return "divide";
  case CostClass::Exponential:
    return "exponential";
  case CostClass::Logic:
    return "logic";
  case CostClass::Convert:
    return "convert";
  case CostClass::Emit:
    return "emit";
  }
  return "invalid";
}

/// The bits of a constant and what they mean: a constant has no type of its
/// own, but small integers are no normal floats (but for those of 2^23 and
/// more, which would be floats below 3e-38) and normal floats are no small
/// integers.
static std::string constantText(uint32_t Bits) {
  auto Integer = static_cast<int32_t>(Bits);
  if (Integer > -(1 << 24) && Integer < 1 << 24)
    return fmt::format("{:#010x} ({})", Bits, Integer);
  auto Float = std::bit_cast<float>(Bits);
  if (!std::isnormal(Float))
    return fmt::format("{:#010x}", Bits);
  std::string Text = fmt::format("{}", Float);
  if (Text.find_first_of(".e") == std::string::npos)
    Text += ".0";
  return fmt::format("{:#010x} ({})", Bits, Text);
}

std::string isa::disassemble(const Instruction &I) {
  std::string_view Mark = I.Uniform ? "u " : "";
  if (static_cast<unsigned>(I.Op) >= NumOpcodes)
    return fmt::format("{}invalid opcode {}", Mark,
                       static_cast<unsigned>(I.Op));
  const OpcodeInfo &Info = info(I.Op);
  switch (I.Op) {
  case Opcode::Constant:
    return fmt::format("{}r{} = {} {}", Mark, I.Dst, Info.Mnemonic,
                       constantText(I.Imm));
  case Opcode::LoadAccumulator:
    return fmt::format("{}r{} = {} slot[{}]", Mark, I.Dst, Info.Mnemonic,
                       I.Imm);
  case Opcode::LoadParameter:
    return fmt::format("{}r{} = {} param[{}]", Mark, I.Dst, Info.Mnemonic,
                       I.Imm);
  case Opcode::LoadState:
    return fmt::format("{}r{} = {} state[{}]", Mark, I.Dst, Info.Mnemonic,
                       I.Imm);
  case Opcode::StoreState:
    return fmt::format("{}state[{}] = {} r{}", Mark, I.Imm, Info.Mnemonic, I.A);
  case Opcode::Emit:
    return fmt::format("{}output[{}] = {} r{}", Mark, I.Imm, Info.Mnemonic,
                       I.A);
  default:
    break;
  }
  std::string Text =
      fmt::format("{}r{} = {} r{}", Mark, I.Dst, Info.Mnemonic, I.A);
  if (Info.NumOperands > 1)
    Text += fmt::format(", r{}", I.B);
  if (Info.NumOperands > 2)
    Text += fmt::format(", r{}", I.C);
  if (isMulShift(I.Op))
    Text += fmt::format(", {}", I.Imm);
  return Text;
}
