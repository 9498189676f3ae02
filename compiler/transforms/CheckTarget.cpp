//===- CheckTarget.cpp - Can a target run the network? --------------------===//

#include "compiler/transforms/LeakyIntegrate.h"
#include "compiler/transforms/Passes.h"
#include "compiler/transforms/TargetCheck.h"
#include "compiler/transforms/TargetChecker.h"

#include "llvm/ADT/TypeSwitch.h"

#include <algorithm>
#include <fmt/format.h>

namespace synfire::compiler {
#define GEN_PASS_DEF_CHECKTARGET
#include "compiler/transforms/Passes.h.inc"
} // namespace synfire::compiler

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;
using spike::EventsType;
using spike::PopulationOp;
using synfire::isa::CostClass;

CostClass compiler::costClassOf(Operation &Op) {
  return llvm::TypeSwitch<Operation *, CostClass>(&Op)
      .Case<arith::ConstantOp, arith::ExtUIOp>(
          [](auto) { return CostClass::Move; })
      .Case<arith::AddFOp, arith::SubFOp, arith::NegFOp, arith::MaxNumFOp,
            arith::MinNumFOp, math::AbsFOp, arith::AddIOp, arith::SubIOp,
            arith::MaxSIOp, arith::MinSIOp>([](auto) { return CostClass::Add; })
      .Case<arith::MulFOp, arith::MulIOp, spike::MulShiftOp>(
          [](auto) { return CostClass::Multiply; })
      .Case<arith::DivFOp, math::SqrtOp, math::RsqrtOp>(
          [](auto) { return CostClass::Divide; })
      .Case<math::ExpOp, math::TanhOp, math::ErfOp>(
          [](auto) { return CostClass::Exponential; })
      .Case<spike::StepOp>([](auto) { return CostClass::Memory; })
      .Case<arith::SIToFPOp, arith::UIToFPOp, arith::FPToSIOp,
            math::RoundEvenOp>([](auto) { return CostClass::Convert; })
      .Default([](Operation *) { return CostClass::Logic; });
}

/// What \p Op does that a leaky integrator does not, in a word; null when a
/// leaky integrator may do it too.
static const char *oddWork(Operation &Op) {
  return llvm::TypeSwitch<Operation *, const char *>(&Op)
      .Case<math::ExpOp>([](auto) { return "exp"; })
      .Case<math::TanhOp>([](auto) { return "tanh"; })
      .Case<math::ErfOp>([](auto) { return "erf"; })
      .Case<spike::StepOp>([](auto) { return "the inner step"; })
      .Case<math::SqrtOp, math::RsqrtOp>([](auto) { return "square roots"; })
      .Case<arith::DivFOp>([](auto) { return "division"; })
      .Case<math::RoundEvenOp>([](auto) { return "rounding"; })
      .Case<arith::MaxNumFOp, arith::MinNumFOp, arith::MaxSIOp, arith::MinSIOp>(
          [](auto) { return "clamping"; })
      .Default([](Operation *) -> const char * { return nullptr; });
}

static void note(Lack &L, Operation *Op, StringRef Name, unsigned Size = 0) {
  if (L.Names.empty()) {
    L.Place = Name.str();
    if (auto At = Op->getLoc()->findInstanceOf<FileLineColLoc>())
      L.Place = fmt::format("{}:{}:{}", At.getFilename().str(), At.getLine(),
                            At.getColumn());
  }
  L.Names.push_back(Name.str());
  L.Most = std::max(L.Most, Size);
}

/// Whether the program computes with real numbers.
static bool isReal(PopulationOp P) {
  Block &Body = P.getBody().front();
  auto IsReal = [](Type T) { return T.isF32(); };
  return llvm::any_of(Body.getArgumentTypes(), IsReal) ||
         llvm::any_of(Body.without_terminator(), [&](Operation &Op) {
           return llvm::any_of(Op.getResultTypes(), IsReal);
         });
}

TargetChecker::TargetChecker(spike::NetworkOp Network, const ChipSpec &Target,
                             bool Rewritten)
    : Network(Network), Target(Target), Rewritten(Rewritten) {
  for (Operation &Op : Network.getBody().front())
    llvm::TypeSwitch<Operation *>(&Op)
        .Case<PopulationOp>([&](auto P) { check(P); })
        .Case<spike::QuantizeOp>([&](auto Q) { checkWeights(Q); })
        .Case<spike::MatmulOp>([&](auto M) { checkMemory(M); })
        .Case<spike::ReduceOp>([&](auto R) { checkSum(R); });
}

bool TargetChecker::fits() const {
  return Fixed.Names.empty() && Dense.Names.empty() && Missing.empty() &&
         Real.Names.empty() && Kinds.empty() && Length.Names.empty() &&
         Payload.Names.empty() && Sums.Names.empty() && Weights.Names.empty() &&
         Memories.Names.empty() && Cells.Names.empty();
}

uint32_t TargetChecker::widestWeight() const {
  uint32_t Widest = 0;
  for (uint32_t Bits : Target.Core.WeightBits)
    Widest = std::max(Widest, Bits);
  return Widest;
}

void TargetChecker::check(PopulationOp P) {
  ++NumPopulations;
  StringRef Name = P.getResultName(0);
  if (!Target.Event.Driven)
    note(Dense, P, Name);
  if (Target.Neuron.Programmable)
    checkProgram(P);
  else if (!isLeakyIntegrateAndFire(P)) {
    note(Fixed, P, Name);
    for (Operation &Op : P.getBody().front().without_terminator())
      if (const char *Word = oddWork(Op)) {
        OddWork.insert(Word);
        OddOps.insert(Op.getName().getStringRef().str());
      }
  }
  for (auto [I, Out] : llvm::enumerate(P.getOutputs())) {
    auto Events = dyn_cast<EventsType>(Out.getType());
    if (!Events)
      continue;
    auto Kind = static_cast<image::PayloadKind>(Events.getKind());
    if (!llvm::is_contained(Target.Event.Kinds, image::carriedAs(Kind)))
      note(Kinds.try_emplace(Kind, Lack{"target-payload-kind"}).first->second,
           P, P.getResultName(I), Events.getBits());
    else if (!Events.isAccumulateOnly() &&
             Events.getBits() > Target.Event.PayloadBits)
      note(Payload, P, P.getResultName(I), Events.getBits());
  }
}

void TargetChecker::checkProgram(PopulationOp P) {
  if (Target.Neuron.Numbers == Arithmetic::Fixed && isReal(P)) {
    if (!Rewritten)
      note(Real, P, P.getResultName(0));
    return;
  }
  std::set<CostClass> Needed = {CostClass::Memory, CostClass::Emit};
  uint32_t Words = P.getBody().front().getNumArguments() +
                   P.getOutputs().size() + P.getNumStates();
  for (Operation &Op : P.getBody().front().without_terminator()) {
    Needed.insert(costClassOf(Op));
    ++Words;
  }
  for (CostClass Class : Needed)
    if (!Target.hasInstruction(Class))
      note(
          Missing.try_emplace(Class, Lack{"target-instructions"}).first->second,
          P, P.getResultName(0));
  if (Words > Target.Neuron.ProgramWords)
    note(Length, P, P.getResultName(0), Words);
}

void TargetChecker::checkWeights(spike::QuantizeOp Q) {
  if (Q.getBits() <= widestWeight())
    return;
  for (Operation *User : Q->getUsers())
    if (llvm::isa<spike::LinearOp, spike::ConvOp>(User))
      note(Weights, User, User->getAttrOfType<StringAttr>("name").getValue(),
           Q.getBits());
}

/// What events write becomes signed synapses.
void TargetChecker::checkMemory(spike::MatmulOp M) {
  if (!Target.Core.DynamicSynapses) {
    note(Memories, M, M.getName());
    return;
  }
  auto Written = dyn_cast<EventsType>(M.getWritten().getType());
  if (!Written)
    return;
  unsigned Bits = Written.isAccumulateOnly() &&
                          Written.getKind() != spike::EventKind::Unary &&
                          Written.getKind() != spike::EventKind::Planes
                      ? 2
                      : llvm::Log2_64_Ceil(Written.maxPayload() + 1) + 1;
  if (Bits > widestWeight())
    note(Cells, M, M.getName(), Bits);
}

/// The sum (or the largest) of a core's neurons travels as one event.
void TargetChecker::checkSum(spike::ReduceOp R) {
  auto Events = dyn_cast<EventsType>(R.getValues().getType());
  if (!Events ||
      !llvm::is_contained(Target.Event.Kinds,
                          static_cast<image::PayloadKind>(Events.getKind())))
    return;
  int64_t Terms =
      R.getMax() ? 1 : Events.getSize() / spike::sizeOf(R.getSum().getType());
  int64_t Most = std::max(-Events.minPayload(), Events.maxPayload()) * Terms;
  unsigned Bits = llvm::Log2_64_Ceil(Most + 1) + (Events.minPayload() < 0);
  if (Bits > Target.Event.PayloadBits)
    note(Target.Event.PayloadBits ? Payload : Sums, R, R.getName(), Bits);
}

namespace {
struct CheckTargetPass
    : synfire::compiler::impl::CheckTargetBase<CheckTargetPass> {
  using CheckTargetBase::CheckTargetBase;

  void runOnOperation() override {
    Result<ChipSpec> Spec = ChipSpec::load(this->Target);
    Status S =
        Spec ? checkTarget(getOperation(), *Spec) : Status(Spec.errors());
    for (const Error &E : S.errors())
      getOperation().emitError("spike-check-target: ") << E.format();
    if (!S)
      return signalPassFailure();
    markAllAnalysesPreserved();
  }
};
} // namespace

Status compiler::checkTarget(spike::NetworkOp Network, const ChipSpec &Target) {
  TargetChecker Check(Network, Target, /*Rewritten=*/false);
  return Check.fits() ? Status() : Status(Check.explain());
}
