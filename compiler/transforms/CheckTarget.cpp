//===- CheckTarget.cpp - Can a target run the network? --------------------===//

#include "compiler/transforms/LeakyIntegrate.h"
#include "compiler/transforms/Passes.h"
#include "compiler/transforms/TargetCheck.h"

#include "llvm/ADT/TypeSwitch.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>
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

namespace {
/// One thing that the target lacks, and all that ask for it.
struct Lack {
  const char *Rule;
  std::string Place;              ///< of the first, as messages write it
  std::vector<std::string> Names; ///< in the order of the network
  unsigned Most = 0;              ///< of what is counted, such as bits
};

/// `'a'`, `'a' and 'b'`, `'a', 'b' and 7 more`.
std::string listed(const std::vector<std::string> &Names) {
  constexpr size_t Shown = 2;
  std::string Out = fmt::format("'{}'", Names.front());
  for (size_t I = 1; I < std::min(Shown, Names.size()); ++I)
    Out +=
        fmt::format("{}'{}'", Names.size() == Shown ? " and " : ", ", Names[I]);
  if (Names.size() > Shown)
    Out += fmt::format(" and {} more", Names.size() - Shown);
  return Out;
}

std::string joined(const std::vector<std::string> &Parts) {
  if (Parts.size() < 2)
    return Parts.empty() ? "" : Parts.front();
  return fmt::format("{} and {}",
                     fmt::join(Parts.begin(), Parts.end() - 1, ", "),
                     Parts.back());
}

/// `1 population`, `3 populations`.
std::string counted(size_t N, const char *What) {
  std::string_view Word = What;
  if (N != 1 && Word.ends_with('y'))
    return fmt::format("{} {}ies", N, Word.substr(0, Word.size() - 1));
  return fmt::format("{} {}{}", N, Word, N == 1 ? "" : "s");
}

std::string kindName(image::PayloadKind Kind) {
  return spike::stringifyEventKind(static_cast<spike::EventKind>(Kind)).str();
}

class Checker {
public:
  /// \p Rewritten: programs will have been brought to the arithmetic of the
  /// target, of another than the network was compiled for.
  Checker(spike::NetworkOp Network, const ChipSpec &Target, bool Rewritten)
      : Network(Network), Target(Target), Rewritten(Rewritten) {
    for (Operation &Op : Network.getBody().front())
      llvm::TypeSwitch<Operation *>(&Op)
          .Case<PopulationOp>([&](auto P) { check(P); })
          .Case<spike::QuantizeOp>([&](auto Q) { checkWeights(Q); })
          .Case<spike::MatmulOp>([&](auto M) { checkMemory(M); })
          .Case<spike::ReduceOp>([&](auto R) { checkSum(R); });
  }

  bool fits() const {
    return Fixed.Names.empty() && Dense.Names.empty() && Missing.empty() &&
           Real.Names.empty() && Kinds.empty() && Length.Names.empty() &&
           Payload.Names.empty() && Sums.Names.empty() &&
           Weights.Names.empty() && Memories.Names.empty() &&
           Cells.Names.empty();
  }

  /// First what the chip is and the ways out, then each lack with its place.
  Errors explain() const;

private:
  spike::NetworkOp Network;
  const ChipSpec &Target;
  const bool Rewritten;
  size_t NumPopulations = 0;
  std::set<std::string> OddWork, OddOps; ///< of populations in Fixed
  Lack Fixed{"target-fixed-neuron", "", {}};
  Lack Dense{"target-events", "", {}};
  Lack Real{"target-arithmetic", "", {}}; ///< where neurons have integers
  std::map<CostClass, Lack> Missing;
  std::map<image::PayloadKind, Lack> Kinds;
  Lack Length{"target-program-length", "", {}};
  Lack Payload{"target-payload-bits", "", {}};
  Lack Sums{"target-payload-kind", "", {}}; ///< where there is no payload
  Lack Weights{"target-weight-bits", "", {}};
  Lack Memories{"target-dynamic-synapses", "", {}};
  Lack Cells{"target-memory-bits", "", {}}; ///< what is written is too wide

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

  uint32_t widestWeight() const {
    uint32_t Widest = 0;
    for (uint32_t Bits : Target.Core.WeightBits)
      Widest = std::max(Widest, Bits);
    return Widest;
  }
  std::string carriedKinds() const {
    std::vector<std::string> Names;
    for (image::PayloadKind Kind : Target.Event.Kinds)
      Names.push_back(kindName(Kind));
    return joined(Names);
  }
  std::string missingClasses() const {
    std::vector<std::string> Names;
    for (const auto &[Class, L] : Missing)
      Names.emplace_back(isa::costClassName(Class));
    return joined(Names);
  }
  /// What an importer can choose instead of spikes that count or select.
  std::string otherCodings() const {
    bool Expanded = Kinds.contains(image::PayloadKind::Unary) ||
                    Kinds.contains(image::PayloadKind::Planes);
    bool Graded =
        llvm::is_contained(Target.Event.Kinds, image::PayloadKind::Unsigned);
    return Expanded && Graded ? " (import with another coding: graded)" : "";
  }
  /// `graded events on 3 streams`: those of a kind that cannot travel.
  std::string oddEvents() const {
    std::set<std::string> Words;
    size_t Streams = 0;
    for (const auto &[Kind, L] : Kinds) {
      bool IsGraded = Kind == image::PayloadKind::Signed ||
                      Kind == image::PayloadKind::Unsigned;
      Words.insert(IsGraded ? "graded" : kindName(Kind));
      Streams += L.Names.size();
    }
    return fmt::format("{} events on {}", fmt::join(Words, " and "),
                       counted(Streams, "stream"));
  }

  void check(PopulationOp P) {
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
        note(Kinds.try_emplace(Kind, Lack{"target-payload-kind", "", {}})
                 .first->second,
             P, P.getResultName(I), Events.getBits());
      else if (!Events.isAccumulateOnly() &&
               Events.getBits() > Target.Event.PayloadBits)
        note(Payload, P, P.getResultName(I), Events.getBits());
    }
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

  void checkProgram(PopulationOp P) {
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
        note(Missing.try_emplace(Class, Lack{"target-instructions", "", {}})
                 .first->second,
             P, P.getResultName(0));
    if (Words > Target.Neuron.ProgramWords)
      note(Length, P, P.getResultName(0), Words);
  }

  void checkWeights(spike::QuantizeOp Q) {
    if (Q.getBits() <= widestWeight())
      return;
    for (Operation *User : Q->getUsers())
      if (auto L = dyn_cast<spike::LinearOp>(User))
        note(Weights, L, L.getName(), Q.getBits());
  }

  /// What events write becomes signed synapses.
  void checkMemory(spike::MatmulOp M) {
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
  void checkSum(spike::ReduceOp R) {
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

  Error lesson() const;
  std::string hostProcessor() const;
};

/// `0.065 W`, or `0 W, at most 0.47 W`.
static std::string shown(const Ranged<Watts> &Power) {
  std::string Text = fmt::format("{:.3g} W", Power.Value);
  if (Power.High.Value > Power.Value)
    Text += fmt::format(", at most {:.3g} W", Power.High.Value);
  return Text;
}

/// A chip's embedded processors could compute what its neurons cannot; nothing
/// is compiled for them.
std::string Checker::hostProcessor() const {
  const Ranged<Watts> &Power = Target.Costs.Static.HostProcessor;
  if (Power.High.Value <= 0 ||
      (Missing.empty() && Fixed.Names.empty() && Memories.Names.empty()))
    return "";
  return fmt::format("\n  its embedded processors ({} per chip, "
                     "costs.static_power.host_processor_w) could compute what "
                     "its neurons cannot; Synfire compiles nothing for them",
                     shown(Power));
}

/// What the chip has instead, what the network asks for, and the ways out.
Error Checker::lesson() const {
  std::vector<std::string> Chip, Asks, Changes;
  auto differ = [&](std::string Has, std::string Asked, std::string Change) {
    Chip.push_back(std::move(Has));
    Asks.push_back(std::move(Asked));
    Changes.push_back(std::move(Change));
  };
  if (!Dense.Names.empty())
    differ("whole layers on a fixed schedule, without events",
           fmt::format("{} that wait for events",
                       counted(Dense.Names.size(), "population")),
           "dense layers without state");
  if (!Fixed.Names.empty())
    differ(Target.Event.PayloadBits
               ? "fixed neurons, of which leaky integrate-and-fire is compiled"
               : "fixed leaky integrate-and-fire neurons",
           fmt::format("{} of another kind{}{}",
                       counted(Fixed.Names.size(), "population"),
                       OddWork.empty() ? "" : ", computing ",
                       fmt::join(OddWork, ", ")),
           "leaky integrate-and-fire neurons");
  if (!Real.Names.empty())
    differ("neurons that calculate in integers",
           "programs that compute with real numbers",
           "programs in fixed point (spike-to-fixed-point)");
  if (!Missing.empty())
    differ(fmt::format("neurons without {} instructions", missingClasses()),
           "programs that compute with them",
           fmt::format("programs without {}", missingClasses()));
  if (!Length.Names.empty())
    differ(
        fmt::format("programs of {} instructions", Target.Neuron.ProgramWords),
        fmt::format("programs of up to {}", Length.Most), "shorter programs");
  if (!Kinds.empty())
    differ(fmt::format("{} events only", carriedKinds()), oddEvents(),
           fmt::format("{} events{}", carriedKinds(), otherCodings()));
  if (!Payload.Names.empty())
    differ(fmt::format("payloads of at most {} bits", Target.Event.PayloadBits),
           fmt::format("payloads of up to {} bits", Payload.Most),
           "fewer activation bits");
  if (!Sums.Names.empty())
    differ("events without payload",
           fmt::format("sums of up to {} bits", Sums.Most),
           "no sums over neurons");
  if (!Weights.Names.empty())
    differ(fmt::format("weights of at most {}", counted(widestWeight(), "bit")),
           fmt::format("weights of {} bits", Weights.Most),
           "fewer weight bits");
  if (!Memories.Names.empty())
    differ("synapses that are fixed while a network runs",
           fmt::format("attention over {} that events write",
                       counted(Memories.Names.size(), "memory")),
           "a recurrence instead of attention");
  if (!Cells.Names.empty())
    differ(
        fmt::format("synapses of at most {}", counted(widestWeight(), "bit")),
        fmt::format("memories of {} bits", Cells.Most),
        "fewer activation bits");
  std::vector<std::string> Able;
  for (const std::string &Name : ChipSpec::names())
    if (Result<ChipSpec> Other = ChipSpec::load(Name);
        Other && Checker(Network, *Other, /*Rewritten=*/true).fits())
      Able.push_back(Name);
  std::string Text = fmt::format("{} cannot run this network\n  it has: {}",
                                 Target.Name, fmt::join(Chip, "; "));
  if (!Target.Limits.empty())
    Text += fmt::format("\n  {}", Target.Limits);
  Text += fmt::format("\n  the network has: {}\n  ways out: ",
                      fmt::join(Asks, "; "));
  if (!Able.empty())
    Text += fmt::format("a target that can ({}), or ", fmt::join(Able, ", "));
  Text += fmt::format("a network with {}", joined(Changes));
  Text += hostProcessor();
  return {"", "target-kind", std::move(Text), ErrorKind::DoesNotFit};
}

Errors Checker::explain() const {
  Errors Out = {lesson()};
  auto tell = [&](const Lack &L, std::string Text) {
    if (!L.Names.empty())
      Out.push_back({L.Place, L.Rule, std::move(Text), ErrorKind::DoesNotFit});
  };
  auto plural = [](const Lack &L, const char *One, const char *Many) {
    return L.Names.size() == 1 ? One : Many;
  };
  auto names = [](const Lack &L) {
    return L.Names.empty() ? std::string() : listed(L.Names);
  };
  tell(Dense, fmt::format("{} {} for events; {} has none", names(Dense),
                          plural(Dense, "waits", "wait"), Target.Name));
  tell(Fixed,
       fmt::format("{} {} not leaky integrate-and-fire ({} of {}{}{}); "
                   "neurons of {} are not programmable",
                   names(Fixed), plural(Fixed, "is", "are"), Fixed.Names.size(),
                   counted(NumPopulations, "population"),
                   OddOps.empty() ? "" : "; computed with ",
                   fmt::join(OddOps, ", "), Target.Name));
  tell(Real,
       fmt::format("{} {} with real numbers; neurons of {} calculate in fixed "
                   "point (neuron.arithmetic): run spike-to-fixed-point",
                   names(Real), plural(Real, "computes", "compute"),
                   Target.Name));
  for (const auto &[Class, L] : Missing)
    tell(L, fmt::format("{} {} instructions of class {} ({} of {}), which "
                        "neurons of {} do not have",
                        names(L), plural(L, "needs", "need"),
                        isa::costClassName(Class), L.Names.size(),
                        counted(NumPopulations, "population"), Target.Name));
  tell(Length,
       fmt::format("{} {} up to {} instructions, neurons of {} hold {}; a "
                   "compiler without spike-fuse-populations makes shorter ones",
                   names(Length), plural(Length, "has", "have"), Length.Most,
                   Target.Name, Target.Neuron.ProgramWords));
  for (const auto &[Kind, L] : Kinds)
    tell(L, fmt::format("{} {} {} events of up to {} bits, which {} cannot "
                        "carry",
                        names(L), plural(L, "sends", "send"), kindName(Kind),
                        L.Most, Target.Name));
  tell(Payload,
       fmt::format("{} {} payloads of up to {} bits, {} carries at "
                   "most {}; choose fewer activation bits",
                   names(Payload), plural(Payload, "needs", "need"),
                   Payload.Most, Target.Name, Target.Event.PayloadBits));
  tell(Sums, fmt::format("{} {} payloads of up to {} bits, {} carries none",
                         names(Sums), plural(Sums, "needs", "need"), Sums.Most,
                         Target.Name));
  tell(Weights,
       fmt::format("{} {} weights of up to {} bits, synapses of {} store at "
                   "most {}; choose fewer weight bits",
                   names(Weights), plural(Weights, "has", "have"), Weights.Most,
                   Target.Name, widestWeight()));
  tell(Memories,
       fmt::format("{} {} a memory that events write while the network runs; "
                   "synapses of {} are fixed (core.dynamic_synapses)",
                   names(Memories), plural(Memories, "multiplies", "multiply"),
                   Target.Name));
  tell(Cells,
       fmt::format("{} {} up to {} bits of what is written, synapses of {} "
                   "store at most {}; choose fewer activation bits",
                   names(Cells), plural(Cells, "keeps", "keep"), Cells.Most,
                   Target.Name, widestWeight()));
  return Out;
}

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
  Checker Check(Network, Target, /*Rewritten=*/false);
  return Check.fits() ? Status() : Status(Check.explain());
}
