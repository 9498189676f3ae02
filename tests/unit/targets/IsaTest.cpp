// The instruction table and its text form.

#include "targets/Isa.h"

#include "targets/CostTable.h"

#include <gtest/gtest.h>

#include <set>

using namespace synfire;
using isa::CostClass;
using isa::Instruction;
using isa::Opcode;

namespace {

TEST(Isa, MnemonicsAreDistinct) {
  std::set<std::string_view> Seen;
  for (const isa::OpcodeInfo &Info : isa::OpcodeTable) {
    EXPECT_TRUE(Seen.insert(Info.Mnemonic).second) << Info.Mnemonic;
    EXPECT_LE(Info.NumOperands, 3);
  }
  EXPECT_EQ(Seen.size(), isa::NumOpcodes);
}

TEST(Isa, EveryCostClassHasItsRow) {
  for (unsigned C = 0; C < isa::NumCostClasses; ++C) {
    auto Class = static_cast<CostClass>(C);
    EXPECT_EQ(actionKey(instructionAction(Class)),
              "instruction_" + std::string(costClassName(Class)));
  }
}

TEST(Isa, Disassembles) {
  EXPECT_EQ(isa::disassemble({Opcode::Constant, 1, 3, 0, 0, 0, 0, 0x3f800000}),
            "u r3 = const 0x3f800000 (1.0)");
  EXPECT_EQ(isa::disassemble({Opcode::AddF, 0, 3, 1, 2}), "r3 = addf r1, r2");
  EXPECT_EQ(isa::disassemble({Opcode::NegF, 0, 3, 1}), "r3 = negf r1");
  EXPECT_EQ(isa::disassemble({Opcode::Select, 0, 4, 1, 2, 3}),
            "r4 = select r1, r2, r3");
  EXPECT_EQ(isa::disassemble({Opcode::LoadAccumulator, 0, 1, 0, 0, 0, 0, 7}),
            "r1 = ldacc slot[7]");
  EXPECT_EQ(isa::disassemble({Opcode::LoadParameter, 0, 1, 0, 0, 0, 0, 7}),
            "r1 = ldpar param[7]");
  EXPECT_EQ(isa::disassemble({Opcode::LoadState, 0, 1, 0, 0, 0, 0, 7}),
            "r1 = ldst state[7]");
  EXPECT_EQ(isa::disassemble({Opcode::StoreState, 0, 0, 5, 0, 0, 0, 7}),
            "state[7] = stst r5");
  EXPECT_EQ(isa::disassemble({Opcode::MulShiftFloor, 0, 3, 1, 2, 0, 0, 6}),
            "r3 = mulsf r1, r2, 6");
  EXPECT_EQ(isa::disassemble({Opcode::Emit, 0, 0, 5, 0, 0, 0, 2}),
            "output[2] = emit r5");
}

TEST(Isa, ShowsAConstantAsWhatItIs) {
  const std::pair<uint32_t, const char *> Constants[] = {
      {0, "0x00000000 (0)"},
      {5, "0x00000005 (5)"},
      {0xffff8001, "0xffff8001 (-32767)"},
      {0x00ffffff, "0x00ffffff (16777215)"},
      {0xff000001, "0xff000001 (-16777215)"},
      {0x01000000, "0x01000000 (2.3509887e-38)"},
      {0x3f000000, "0x3f000000 (0.5)"},
      {0xc2f00000, "0xc2f00000 (-120.0)"},
      {0x3dcccccd, "0x3dcccccd (0.1)"},
      {0x80000000, "0x80000000"},
      {0x7f800000, "0x7f800000"},
      {0x7fc00000, "0x7fc00000"},
  };
  for (const auto &[Bits, Text] : Constants)
    EXPECT_EQ(isa::disassemble({Opcode::Constant, 0, 1, 0, 0, 0, 0, Bits}),
              std::string("r1 = const ") + Text);
}

TEST(Isa, DisassemblesAnyByte) {
  for (unsigned Byte = 0; Byte < 256; ++Byte)
    EXPECT_FALSE(isa::disassemble({static_cast<Opcode>(Byte)}).empty());
  EXPECT_EQ(isa::disassemble({static_cast<Opcode>(200)}), "invalid opcode 200");
}

} // namespace
