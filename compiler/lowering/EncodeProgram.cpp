//===- EncodeProgram.cpp - Regions to instructions ------------------------===//

#include "compiler/lowering/ProgramEncoding.h"

#include "dialects/spike/Spike.h"
#include "targets/Maths.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"

#include <fmt/format.h>

#include <bit>
#include <cstring>
#include <map>
#include <set>

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;
using synfire::isa::Instruction;
using synfire::isa::Opcode;

std::string EncodedProgram::key() const {
  std::string Out;
  auto Append = [&](const auto *Data, size_t Count) {
    Out.append(reinterpret_cast<const char *>(Data), Count * sizeof(*Data));
  };
  uint32_t Sizes[] = {NumParams, NumOutputs, uint32_t(Init.size()),
                      uint32_t(UniformSlots.size()), uint32_t(Code.size())};
  Append(Sizes, std::size(Sizes));
  for (size_t I = 0; I < UniformSlots.size(); ++I)
    Out += static_cast<char>(UniformSlots[I] + 2 * BitSlots[I]);
  Append(Init.data(), Init.size());
  Append(Code.data(), Code.size());
  return Out;
}

std::vector<uint32_t>
synfire::compiler::initialWords(Block::BlockArgListType States,
                                ArrayRef<float> Init) {
  std::vector<uint32_t> Out;
  for (auto [Arg, V] : llvm::zip(States, Init))
    Out.push_back(Arg.getType().isInteger(32)
                      ? static_cast<uint32_t>(maths::toInt(V))
                      : std::bit_cast<uint32_t>(V));
  return Out;
}

/// The same in the network and on the chip.
static bool isStep(Operation *Op) {
  return llvm::isa<spike::StepOp, chip::StepOp>(Op);
}

static std::optional<chip::Encoding> encodingOf(Operation &Op) {
  if (isStep(&Op))
    return chip::Encoding{chip::Execution::Constant, Opcode::LoadStep};
  if (auto Product = llvm::dyn_cast<spike::MulShiftOp>(Op)) {
    constexpr Opcode Codes[] = {Opcode::MulShiftZero, Opcode::MulShiftFloor,
                                Opcode::MulShiftNearest};
    return chip::Encoding{chip::Execution::Instruction,
                          Codes[static_cast<unsigned>(Product.getRounding())]};
  }
  return chip::encodingOf(Op);
}

/// What stands in the instruction itself.
static uint32_t immediateOf(Operation &Op) {
  if (auto Product = llvm::dyn_cast<spike::MulShiftOp>(Op))
    return Product.getBy();
  if (auto Product = llvm::dyn_cast<chip::MulShiftOp>(Op))
    return Product.getBy();
  return 0;
}

namespace {
class Encoder {
public:
  explicit Encoder(const ProgramRegion &Region) : Region(Region) {}
  Result<EncodedProgram> run();

private:
  /// A value on its way to a register.
  struct Virtual {
    bool Uniform = false;
    size_t LastUse = 0;
    uint32_t Register = 0;
  };

  bool usedOnce(Value V);
  Value sigmoidOperand(Operation &Op);
  void markLive(Errors &Found);
  Status findLive();
  void visit(Value V);
  uint32_t use(Value V);
  uint32_t constant(uint32_t Bits);
  /// Appends an instruction with the operands \p Ops; its new virtual value.
  uint32_t append(Opcode Code, ArrayRef<uint32_t> Ops, uint32_t Imm,
                  bool Uniform);
  void allocate();
  SmallVector<Value> operandsOf(Operation &Op) {
    if (Value X = sigmoidOperand(Op))
      return {X};
    return llvm::to_vector(Op.getOperands());
  }

  const ProgramRegion &Region;
  EncodedProgram Out;
  llvm::DenseSet<Operation *> Live;
  /// Live before sigmoids are recognised; empty until then.
  llvm::DenseSet<Operation *> Needed;
  SmallVector<Operation *> Pending;
  std::vector<Virtual> Virtuals;
  llvm::DenseMap<Value, uint32_t> Held;
  std::map<uint32_t, uint32_t> Constants;                ///< bits -> virtual
  std::map<std::pair<Opcode, uint32_t>, uint32_t> Loads; ///< -> virtual
};
} // namespace

/// True if one op among those that matter uses \p V, once.
bool Encoder::usedOnce(Value V) {
  return llvm::count_if(V.getUses(), [&](OpOperand &Use) {
           return Needed.contains(Use.getOwner()) ||
                  Use.getOwner()->hasTrait<OpTrait::IsTerminator>();
         }) == 1;
}

/// The x of 1 / (1 + exp(-x)), when nothing else uses what lies between: the
/// bits are those of maths::sigmoid.
Value Encoder::sigmoidOperand(Operation &Op) {
  auto One = [](Value V) {
    llvm::APFloat C(0.0f);
    return matchPattern(V, m_ConstantFloat(&C)) && C.isExactlyValue(1.0);
  };
  auto Div = llvm::dyn_cast<arith::DivFOp>(Op);
  if (!Div || !One(Div.getLhs()) || !usedOnce(Div.getRhs()))
    return {};
  auto Add = Div.getRhs().getDefiningOp<arith::AddFOp>();
  if (!Add)
    return {};
  Value Other = One(Add.getLhs()) ? Add.getRhs() : Add.getLhs();
  if (!One(Add.getLhs()) && !One(Add.getRhs()))
    return {};
  auto Exp = Other.getDefiningOp<math::ExpOp>();
  if (!Exp || !usedOnce(Other))
    return {};
  auto Neg = Exp.getOperand().getDefiningOp<arith::NegFOp>();
  return Neg && usedOnce(Exp.getOperand()) ? Neg.getOperand() : Value();
}

void Encoder::visit(Value V) {
  Operation *Def = V.getDefiningOp();
  if (Def && Live.insert(Def).second)
    Pending.push_back(Def);
}

void Encoder::markLive(Errors &Found) {
  for (Value V : Region.Payloads)
    visit(V);
  for (Value V : Region.States)
    visit(V);
  while (!Pending.empty()) {
    Operation *Op = Pending.pop_back_val();
    if (!encodingOf(*Op)) {
      std::string Text;
      llvm::raw_string_ostream(Text)
          << "no neuron instruction computes " << *Op;
      Found.push_back({"", "program-encode", Text, ErrorKind::BadInput});
    }
    for (Value Operand : operandsOf(*Op))
      visit(Operand);
  }
}

Status Encoder::findLive() {
  Errors Found;
  markLive(Found);
  if (!Found.empty())
    return Found;
  Needed.swap(Live);
  markLive(Found);
  return {};
}

uint32_t Encoder::append(Opcode Code, ArrayRef<uint32_t> Ops, uint32_t Imm,
                         bool Uniform) {
  size_t At = Out.Code.size();
  Instruction I;
  I.Op = Code;
  I.Uniform = Uniform;
  I.Imm = Imm;
  // Operands hold virtual numbers until registers are given out.
  uint16_t *Fields[] = {&I.A, &I.B, &I.C};
  for (size_t K = 0; K < Ops.size(); ++K) {
    *Fields[K] = static_cast<uint16_t>(Ops[K]);
    Virtuals[Ops[K]].LastUse = At;
  }
  if (Code != Opcode::Emit && Code != Opcode::StoreState) {
    I.Dst = static_cast<uint16_t>(Virtuals.size());
    Virtuals.push_back({Uniform, At, 0});
  }
  Out.Code.push_back(I);
  return I.Dst;
}

uint32_t Encoder::constant(uint32_t Bits) {
  auto [It, New] = Constants.try_emplace(Bits, 0);
  if (New)
    It->second = append(Opcode::Constant, {}, Bits, true);
  return It->second;
}

/// The virtual value of \p V, loaded if this is its first use.
uint32_t Encoder::use(Value V) {
  if (auto Arg = llvm::dyn_cast<BlockArgument>(V)) {
    ProgramArgument From = Region.Arguments[Arg.getArgNumber()];
    auto [It, New] = Loads.try_emplace({From.Load, From.Index}, 0);
    if (New)
      It->second = append(From.Load, {}, From.Index,
                          From.Load == Opcode::LoadAccumulator &&
                              Region.UniformSlots[From.Index]);
    return It->second;
  }
  Operation *Def = V.getDefiningOp();
  if (isStep(Def)) {
    auto [It, New] = Loads.try_emplace({Opcode::LoadStep, 0}, 0);
    if (New)
      It->second = append(Opcode::LoadStep, {}, 0, true);
    return It->second;
  }
  if (auto Constant = llvm::dyn_cast<arith::ConstantOp>(Def)) {
    if (auto F = llvm::dyn_cast<FloatAttr>(Constant.getValue()))
      return constant(std::bit_cast<uint32_t>(
          static_cast<float>(F.getValue().convertToFloat())));
    return constant(
        static_cast<uint32_t>(llvm::cast<IntegerAttr>(Constant.getValue())
                                  .getValue()
                                  .getZExtValue()));
  }
  if (llvm::isa<arith::ExtUIOp>(Def))
    return use(Def->getOperand(0));
  return Held[V];
}

/// Linear scan in code order. A register is free again after the instruction
/// that reads it last, so that a result never lands on an operand.
void Encoder::allocate() {
  struct Pool {
    std::set<uint32_t> Free;
    uint32_t Size = 0;
  } Pools[2];
  std::vector<std::vector<uint32_t>> Ending(Out.Code.size());
  for (uint32_t V = 0; V < Virtuals.size(); ++V)
    Ending[Virtuals[V].LastUse].push_back(V);
  for (size_t At = 0; At < Out.Code.size(); ++At) {
    Instruction &I = Out.Code[At];
    if (I.Op != Opcode::Emit && I.Op != Opcode::StoreState) {
      Virtual &V = Virtuals[I.Dst];
      Pool &P = Pools[V.Uniform];
      if (P.Free.empty())
        P.Free.insert(P.Size++);
      V.Register = *P.Free.begin();
      P.Free.erase(P.Free.begin());
    }
    for (uint32_t V : Ending[At])
      Pools[Virtuals[V].Uniform].Free.insert(Virtuals[V].Register);
  }
  auto Register = [&](uint16_t V) {
    return static_cast<uint16_t>(Virtuals[V].Register +
                                 (Virtuals[V].Uniform ? Pools[0].Size : 0));
  };
  for (Instruction &I : Out.Code) {
    uint16_t *Fields[] = {&I.A, &I.B, &I.C};
    for (unsigned K = 0; K < isa::info(I.Op).NumOperands; ++K)
      *Fields[K] = Register(*Fields[K]);
    if (I.Op != Opcode::Emit && I.Op != Opcode::StoreState)
      I.Dst = Register(I.Dst);
  }
  Out.NumRegisters = Pools[0].Size + Pools[1].Size;
}

Result<EncodedProgram> Encoder::run() {
  if (Status S = findLive(); !S)
    return S.errors();
  Out.UniformSlots = Region.UniformSlots;
  Out.BitSlots.assign(Region.UniformSlots.size(), false);
  for (auto [Arg, From] :
       llvm::zip(Region.Body->getArguments(), Region.Arguments)) {
    if (From.Load == Opcode::LoadAccumulator)
      Out.BitSlots[From.Index] = Arg.getType().isInteger(1);
    else if (From.Load == Opcode::LoadParameter)
      Out.NumParams = std::max(Out.NumParams, From.Index + 1);
  }
  Out.NumOutputs = Region.Payloads.size();
  for (Operation &Op : Region.Body->without_terminator()) {
    if (!Live.contains(&Op))
      continue;
    chip::Encoding Code = *encodingOf(Op);
    if (Code.How != chip::Execution::Instruction)
      continue;
    SmallVector<uint32_t> Ops;
    bool Uniform = true;
    for (Value Operand : operandsOf(Op)) {
      Ops.push_back(use(Operand));
      Uniform &= Virtuals[Ops.back()].Uniform;
    }
    Held[Op.getResult(0)] =
        append(sigmoidOperand(Op) ? Opcode::SigmoidF : Code.Op, Ops,
               immediateOf(Op), Uniform);
  }
  for (auto [I, V] : llvm::enumerate(Region.Payloads))
    append(Opcode::Emit, {use(V)}, I, false);
  for (auto [I, V] : llvm::enumerate(Region.States)) {
    auto Arg = llvm::dyn_cast<BlockArgument>(V);
    bool Kept =
        Arg && Region.Arguments[Arg.getArgNumber()].Load == Opcode::LoadState &&
        Region.Arguments[Arg.getArgNumber()].Index == I;
    if (!Kept)
      append(Opcode::StoreState, {use(V)}, I, false);
  }
  if (Virtuals.size() > UINT16_MAX)
    return Error{"", "program-size",
                 fmt::format("a program computes {} values, at most {} can be "
                             "encoded",
                             Virtuals.size(), UINT16_MAX)};
  allocate();
  return std::move(Out);
}

Result<EncodedProgram>
synfire::compiler::encodeProgram(const ProgramRegion &Region) {
  return Encoder(Region).run();
}

Result<EncodedProgram> synfire::compiler::encodeProgram(chip::ProgramOp Op) {
  ProgramRegion Region;
  Region.Body = &Op.getBody().front();
  for (uint32_t I = 0; I < Op.getNumSlots(); ++I) {
    Region.Arguments.push_back({Opcode::LoadAccumulator, I});
    Region.UniformSlots.push_back(Op.getUniform()[I]);
  }
  for (uint32_t I = 0; I < Op.getParams(); ++I)
    Region.Arguments.push_back({Opcode::LoadParameter, I});
  for (uint32_t I = 0; I < Op.getInit().size(); ++I)
    Region.Arguments.push_back({Opcode::LoadState, I});
  llvm::append_range(Region.Payloads, Op.getYield().getPayloads());
  llvm::append_range(Region.States, Op.getYield().getStates());
  Result<EncodedProgram> Out = encodeProgram(Region);
  if (Out)
    Out->Init =
        initialWords(Region.Body->getArguments().take_back(Op.getInit().size()),
                     Op.getInit());
  return Out;
}
