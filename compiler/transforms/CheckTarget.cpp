//===- CheckTarget.cpp - Can a target run the network? --------------------===//

#include "compiler/transforms/LeakyIntegrate.h"
#include "compiler/transforms/Passes.h"
#include "compiler/transforms/TargetCheck.h"

#include "llvm/ADT/TypeSwitch.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <set>

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
      .Case<arith::MulFOp, arith::MulIOp>(
          [](auto) { return CostClass::Multiply; })
      .Case<arith::DivFOp, math::SqrtOp, math::RsqrtOp>(
          [](auto) { return CostClass::Divide; })
      .Case<math::ExpOp, math::TanhOp>(
          [](auto) { return CostClass::Exponential; })
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
      .Case<math::SqrtOp, math::RsqrtOp>([](auto) { return "square roots"; })
      .Case<arith::DivFOp>([](auto) { return "division"; })
      .Case<math::RoundEvenOp>([](auto) { return "rounding"; })
      .Case<arith::MaxNumFOp, arith::MinNumFOp, arith::MaxSIOp, arith::MinSIOp>(
          [](auto) { return "clamping"; })
      .Default([](Operation *) -> const char * { return nullptr; });
}

namespace {
class Checker {
public:
  Checker(spike::NetworkOp Network, const ChipSpec &Target)
      : Network(Network), Target(Target) {}

  Status run() {
    for (Operation &Op : Network.getBody().front())
      llvm::TypeSwitch<Operation *>(&Op)
          .Case<PopulationOp>([&](auto P) {
            if (Target.Neuron.Programmable)
              checkProgram(P);
            else
              checkFixedNeuron(P);
            checkPayloads(P);
          })
          .Case<spike::QuantizeOp>([&](auto Q) { checkWeights(Q); })
          .Case<spike::ReduceOp>([&](auto R) { checkSum(R); });
    if (Found.empty())
      return {};
    bool IsLimited = !Target.Neuron.Programmable || !isGraded();
    if (IsLimited && FixedFailures + KindFailures)
      Found.insert(Found.begin(), lesson());
    return Status(Found);
  }

private:
  spike::NetworkOp Network;
  const ChipSpec &Target;
  Errors Found;
  unsigned FixedFailures = 0;    ///< populations that are no fixed neuron
  unsigned KindFailures = 0;     ///< populations that send what cannot travel
  std::set<std::string> OddWork; ///< what those populations compute
  std::set<std::string> OddEventKinds; ///< and what those send

  bool isGraded() const {
    return llvm::is_contained(Target.Event.Kinds, image::PayloadKind::Signed) ||
           llvm::is_contained(Target.Event.Kinds, image::PayloadKind::Unsigned);
  }

  /// Why this kind of network cannot run on this kind of chip, in one sentence;
  /// the other errors say where.
  Error lesson() const {
    std::vector<std::string> Chip, Network;
    if (!Target.Neuron.Programmable)
      Chip.push_back("has fixed leaky integrate-and-fire neurons");
    if (!isGraded()) {
      std::vector<std::string> Kinds;
      for (image::PayloadKind Kind : Target.Event.Kinds)
        Kinds.push_back(
            spike::stringifyEventKind(static_cast<spike::EventKind>(Kind))
                .str());
      Chip.push_back(
          fmt::format("carries {} events only", fmt::join(Kinds, " and ")));
    }
    if (KindFailures)
      Network.push_back(fmt::format("sends {} events in {} population{}",
                                    fmt::join(OddEventKinds, " and "),
                                    KindFailures,
                                    KindFailures == 1 ? "" : "s"));
    if (FixedFailures)
      Network.push_back(fmt::format(
          "has {} population{} of another kind{}", FixedFailures,
          FixedFailures == 1 ? "" : "s",
          OddWork.empty()
              ? ""
              : fmt::format(", computing {}", fmt::join(OddWork, ", "))));
    return {"", "target-kind",
            fmt::format("{} {}; this network {}; choose a programmable target "
                        "with graded events such as loihi2 or generic, or a "
                        "network of leaky integrate-and-fire neurons that send "
                        "binary spikes",
                        Target.Name, fmt::join(Chip, " and "),
                        fmt::join(Network, " and ")),
            ErrorKind::DoesNotFit};
  }

  void fail(StringRef Where, const char *Rule, std::string Text) {
    Found.push_back(
        {Where.str(), Rule, std::move(Text), ErrorKind::DoesNotFit});
  }

  void checkProgram(PopulationOp P) {
    StringRef Name = P.getResultName(0);
    std::set<CostClass> Needed = {CostClass::Memory, CostClass::Emit};
    uint32_t Words = P.getBody().front().getNumArguments() +
                     P.getOutputs().size() + P.getNumStates();
    for (Operation &Op : P.getBody().front().without_terminator()) {
      Needed.insert(costClassOf(Op));
      ++Words;
    }
    std::vector<std::string_view> Missing;
    for (CostClass Class : Needed)
      if (!Target.hasInstruction(Class))
        Missing.push_back(isa::costClassName(Class));
    if (!Missing.empty())
      fail(Name, "target-instructions",
           fmt::format("the program of population '{}' needs instructions of "
                       "class {}, which neurons of {} do not have; choose a "
                       "target with them or a network without",
                       Name.str(), fmt::join(Missing, ", "), Target.Name));
    if (Words > Target.Neuron.ProgramWords)
      fail(Name, "target-program-length",
           fmt::format("the program of population '{}' has {} instructions, "
                       "neurons of {} hold {}; choose a target with longer "
                       "programs or compile without spike-fuse-populations",
                       Name.str(), Words, Target.Name,
                       Target.Neuron.ProgramWords));
  }

  void checkFixedNeuron(PopulationOp P) {
    if (isLeakyIntegrateAndFire(P))
      return;
    StringRef Name = P.getResultName(0);
    ++FixedFailures;
    std::set<std::string> Ops;
    for (Operation &Op : P.getBody().front().without_terminator()) {
      if (isa<arith::ConstantOp>(Op))
        continue;
      Ops.insert(Op.getName().getStringRef().str());
      if (const char *Word = oddWork(Op))
        OddWork.insert(Word);
    }
    fail(
        Name, "target-fixed-neuron",
        fmt::format("population '{}' is not leaky integrate-and-fire (its "
                    "program computes {}); neurons of {} are not programmable; "
                    "choose a target with programmable neurons",
                    Name.str(), fmt::join(Ops, ", "), Target.Name));
  }

  void checkPayloads(PopulationOp P) {
    bool IsOdd = false;
    for (auto [I, Out] : llvm::enumerate(P.getOutputs())) {
      auto Events = dyn_cast<EventsType>(Out.getType());
      if (!Events)
        continue;
      StringRef Name = P.getResultName(I);
      auto Kind = static_cast<image::PayloadKind>(Events.getKind());
      if (!llvm::is_contained(Target.Event.Kinds, Kind)) {
        IsOdd = true;
        OddEventKinds.insert(Kind == image::PayloadKind::Ternary ? "ternary"
                                                                 : "graded");
        fail(Name, "target-payload-kind",
             fmt::format("'{}' sends {} events, which {} cannot carry; choose "
                         "another target",
                         Name.str(),
                         spike::stringifyEventKind(Events.getKind()).str(),
                         Target.Name));
      } else if (!Events.isAccumulateOnly() &&
                 Events.getBits() > Target.Event.PayloadBits)
        fail(Name, "target-payload-bits",
             fmt::format("'{}' sends payloads of {} bits, {} carries at most "
                         "{}; choose fewer activation bits or another target",
                         Name.str(), Events.getBits(), Target.Name,
                         Target.Event.PayloadBits));
    }
    KindFailures += IsOdd;
  }

  void checkWeights(spike::QuantizeOp Q) {
    uint32_t Widest = 0;
    for (uint32_t Bits : Target.Core.WeightBits)
      Widest = std::max(Widest, Bits);
    if (Q.getBits() <= Widest)
      return;
    std::string Linears;
    for (Operation *User : Q->getUsers())
      if (auto L = dyn_cast<spike::LinearOp>(User))
        Linears += (Linears.empty() ? "'" : ", '") + L.getName().str() + "'";
    fail(Linears, "target-weight-bits",
         fmt::format("linear {} has weights of {} bits, synapses of {} store "
                     "at most {}; choose fewer weight bits",
                     Linears, Q.getBits(), Target.Name, Widest));
  }

  /// The sum of a core's neurons travels as one event.
  void checkSum(spike::ReduceOp R) {
    auto Events = dyn_cast<EventsType>(R.getValues().getType());
    if (!Events)
      return;
    int64_t Most =
        std::max(-Events.minPayload(), Events.maxPayload()) * Events.getSize();
    unsigned Bits = llvm::Log2_64_Ceil(Most + 1) + (Events.minPayload() < 0);
    if (Bits > Target.Event.PayloadBits)
      fail(R.getName(), "target-payload-bits",
           fmt::format("the sum '{}' needs payloads of {} bits, {} carries at "
                       "most {}; choose another target",
                       R.getName().str(), Bits, Target.Name,
                       Target.Event.PayloadBits));
  }
};

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
  return Checker(Network, Target).run();
}
