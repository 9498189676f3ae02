//===- TargetErrors.cpp - What a target lacks, in words -------------------===//

#include "compiler/transforms/TargetChecker.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;

/// `'a'`, `'a' and 'b'`, `'a', 'b' and 7 more`.
static std::string listed(const std::vector<std::string> &Names) {
  constexpr size_t Shown = 2;
  std::string Out = fmt::format("'{}'", Names.front());
  for (size_t I = 1; I < std::min(Shown, Names.size()); ++I)
    Out +=
        fmt::format("{}'{}'", Names.size() == Shown ? " and " : ", ", Names[I]);
  if (Names.size() > Shown)
    Out += fmt::format(" and {} more", Names.size() - Shown);
  return Out;
}

static std::string joined(const std::vector<std::string> &Parts) {
  if (Parts.size() < 2)
    return Parts.empty() ? "" : Parts.front();
  return fmt::format("{} and {}",
                     fmt::join(Parts.begin(), Parts.end() - 1, ", "),
                     Parts.back());
}

/// `1 population`, `3 populations`.
static std::string counted(size_t N, const char *What) {
  std::string_view Word = What;
  if (N != 1 && Word.ends_with('y'))
    return fmt::format("{} {}ies", N, Word.substr(0, Word.size() - 1));
  return fmt::format("{} {}{}", N, Word, N == 1 ? "" : "s");
}

static std::string kindName(image::PayloadKind Kind) {
  return spike::stringifyEventKind(static_cast<spike::EventKind>(Kind)).str();
}

std::string TargetChecker::carriedKinds() const {
  std::vector<std::string> Names;
  for (image::PayloadKind Kind : Target.Event.Kinds)
    Names.push_back(kindName(Kind));
  return joined(Names);
}

std::string TargetChecker::missingClasses() const {
  std::vector<std::string> Names;
  for (const auto &[Class, L] : Missing)
    Names.emplace_back(synfire::isa::costClassName(Class));
  return joined(Names);
}

/// What an importer can choose instead of spikes that count or select.
std::string TargetChecker::otherCodings() const {
  bool Expanded = Kinds.contains(image::PayloadKind::Unary) ||
                  Kinds.contains(image::PayloadKind::Planes);
  bool Graded =
      llvm::is_contained(Target.Event.Kinds, image::PayloadKind::Unsigned);
  return Expanded && Graded ? " (import with another coding: graded)" : "";
}

/// `graded events on 3 streams`: those of a kind that cannot travel.
std::string TargetChecker::oddEvents() const {
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

/// `0.065 W`, or `0 W, at most 0.47 W`.
static std::string shown(const Ranged<Watts> &Power) {
  std::string Text = fmt::format("{:.3g} W", Power.Value);
  if (Power.High.Value > Power.Value)
    Text += fmt::format(", at most {:.3g} W", Power.High.Value);
  return Text;
}

/// A chip's embedded processors could compute what its neurons cannot; nothing
/// is compiled for them.
std::string TargetChecker::hostProcessor() const {
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
Error TargetChecker::lesson() const {
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
        Other && TargetChecker(Network, *Other, /*Rewritten=*/true).fits())
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

Errors TargetChecker::explain() const {
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
                        synfire::isa::costClassName(Class), L.Names.size(),
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
