//===- compiler/mapping/Workload.cpp --------------------------------------===//

#include "compiler/mapping/Workload.h"

#include "compiler/mapping/Schedule.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

using namespace synfire;
using namespace synfire::mapping;

double Workload::activity(const Edge &E) const {
  if (E.From.FromHost)
    return 1.0 / HostInputs[E.From.Index].Size;
  return Populations[E.From.Index].Outputs[E.From.Output].Activity;
}

Workload Workload::withPositions(uint32_t Shorter) const {
  Workload Out = *this;
  Out.Positions = Shorter;
  for (Population &P : Out.Populations)
    if (P.Rows != image::RowRule::None)
      P.Neurons = P.Neurons / Positions * Shorter;
  for (HostInput &H : Out.HostInputs)
    if (H.Role == image::HostRole::Position)
      H.Size = Shorter;
  return Out;
}

namespace {

class Checker {
public:
  explicit Checker(const Workload &Net) : Net(Net) {}
  Errors run();

private:
  template <typename... Args>
  void fail(const std::string &Where, const char *Rule,
            fmt::format_string<Args...> Text, Args &&...Values) {
    Found.push_back({Where, Rule,
                     fmt::format(Text, std::forward<Args>(Values)...),
                     ErrorKind::BadInput});
  }
  void checkPopulation(const Population &P);
  void checkSequence(const Population &P);
  bool checkSource(const Edge &E, const Source &From);
  void checkEdge(const Edge &E);
  void checkTarget(const Edge &E);
  void checkLinear(const Edge &E);
  void checkMatmul(const Edge &E);

  const Workload &Net;
  Errors Found;
};

void Checker::checkPopulation(const Population &P) {
  if (P.Neurons == 0)
    fail(P.Name, "workload-size", "a population needs at least one neuron");
  if (P.Groups == 0 || P.Neurons % std::max(1u, P.Groups) != 0)
    fail(P.Name, "workload-groups", "{} neurons are no {} equal groups",
         P.Neurons, P.Groups);
  for (const Slot &S : P.Slots)
    if (S.SumBits < 1 || S.SumBits > 32)
      fail(P.Name, "workload-bits",
           "slot '{}' has sums of {} bits; 1 to 32 are possible", S.Name,
           S.SumBits);
  for (const Output &O : P.Outputs) {
    uint32_t Bits = O.Reduced ? O.ReducedBits : O.PayloadBits;
    if (Bits < 1 || Bits > 32)
      fail(P.Name, "workload-bits",
           "output '{}' has payloads of {} bits; 1 to 32 are possible", O.Name,
           Bits);
    if (!(O.Activity >= 0 && O.Activity <= 1))
      fail(P.Name, "workload-activity",
           "output '{}' has activity {}; it is a share, 0 to 1", O.Name,
           O.Activity);
    if (O.Reduced && (O.ReducedGroups == 0 || P.Groups % O.ReducedGroups != 0))
      fail(P.Name, "workload-groups",
           "output '{}' is reduced by {} groups, blocks keep to {}", O.Name,
           O.ReducedGroups, P.Groups);
  }
  checkSequence(P);
}

/// Sweeps, rows of memories, held slots.
void Checker::checkSequence(const Population &P) {
  if (P.Sweep >= Net.Sweeps)
    fail(P.Name, "workload-sweep", "sweep {} of {}", P.Sweep, Net.Sweeps);
  if (P.Held != image::Held::No && (P.Sweep == 0 || Net.Positions == 0))
    fail(P.Name, "workload-sweep",
         "a held population needs a sweep before it and a longest sequence");
  if (P.Rows != image::RowRule::None &&
      (Net.Positions == 0 || P.Neurons % Net.Positions != 0 ||
       P.Groups % (P.Neurons / Net.Positions) != 0))
    fail(P.Name, "workload-rows",
         "{} neurons in {} groups are no rows of {} positions", P.Neurons,
         P.Groups, Net.Positions);
}

bool Checker::checkSource(const Edge &E, const Source &From) {
  if (From.FromHost) {
    if (From.Index < Net.HostInputs.size())
      return true;
    fail(E.Name, "workload-index", "host input {} does not exist; there are {}",
         From.Index, Net.HostInputs.size());
    return false;
  }
  if (From.Index < Net.Populations.size() &&
      From.Output < Net.Populations[From.Index].Outputs.size())
    return true;
  fail(E.Name, "workload-index", "output {} of population {} does not exist",
       From.Output, From.Index);
  return false;
}

void Checker::checkLinear(const Edge &E) {
  if (E.WeightBits < 1 || E.WeightBits > 8)
    fail(E.Name, "workload-bits", "weights of {} bits; 1 to 8 are possible",
         E.WeightBits);
  if (E.SumBits < 1 || E.SumBits > 32)
    fail(E.Name, "workload-bits", "sums of {} bits; 1 to 32 are possible",
         E.SumBits);
  if (std::adjacent_find(E.Only.begin(), E.Only.end(),
                         std::greater_equal<>()) != E.Only.end() ||
      (!E.Only.empty() && E.Only.back() >= Net.sourceSize(E)))
    fail(E.Name, "workload-only",
         "the sources that have synapses do not ascend within the {} there are",
         Net.sourceSize(E));
}

void Checker::checkMatmul(const Edge &E) {
  if (!checkSource(E, E.Written))
    return;
  const Population &To = Net.Populations[E.To];
  if (E.Written.FromHost || E.From.FromHost)
    return fail(E.Name, "workload-memory",
                "a memory is written and asked by populations");
  const Population &Wrote = Net.Populations[E.Written.Index];
  const Population &Asks = Net.Populations[E.From.Index];
  const bool Keys = E.Kind == EdgeKind::Keys;
  const Population &OfRows = Keys ? To : Asks, &OfValues = Keys ? Asks : To;
  if (E.Heads == 0 || E.KvHeads == 0 || E.Heads % E.KvHeads != 0 ||
      OfValues.Neurons % E.Heads != 0 || Wrote.Neurons % E.KvHeads != 0 ||
      OfValues.Neurons / E.Heads != Wrote.Neurons / E.KvHeads ||
      uint64_t(E.Heads) * Net.Positions != OfRows.Neurons)
    return fail(E.Name, "workload-size",
                "{} heads over {} of {} positions do not join {} values, {} "
                "rows and {} written",
                E.Heads, E.KvHeads, Net.Positions, OfValues.Neurons,
                OfRows.Neurons, Wrote.Neurons);
  if (OfRows.Rows == image::RowRule::None)
    fail(E.Name, "workload-rows", "'{}' is no population of rows", OfRows.Name);
  if (To.Groups % E.Heads != 0)
    fail(E.Name, "workload-groups",
         "'{}' has {} groups, blocks must not cross one of {} heads", To.Name,
         To.Groups, E.Heads);
  if (Wrote.Sweep != Asks.Sweep && Wrote.Sweep + 1 != Asks.Sweep)
    fail(E.Name, "workload-sweep", "written in sweep {}, asked in sweep {}",
         Wrote.Sweep, Asks.Sweep);
  if (!E.Only.empty() || Wrote.Outputs[E.Written.Output].Reduced)
    fail(E.Name, "workload-memory",
         "a memory takes what each neuron sends, of all neurons");
}

/// What the kind of \p E asks of sizes and slots.
void Checker::checkTarget(const Edge &E) {
  const Population &To = Net.Populations[E.To];
  const bool Uniform = To.Slots[E.Slot].Uniform;
  const uint32_t Size = Net.sourceSize(E);
  switch (E.Kind) {
  case EdgeKind::Linear:
    checkLinear(E);
    break;
  case EdgeKind::Keys:
  case EdgeKind::Values:
    checkLinear(E);
    checkMatmul(E);
    break;
  case EdgeKind::Direct:
    if (Size != To.Neurons)
      fail(E.Name, "workload-size",
           "a direct edge joins equal sizes, not {} and {}", Size, To.Neurons);
    else if (E.RotateParts != 0 && Size % (2 * E.RotateParts) != 0)
      fail(E.Name, "workload-rotate",
           "{} neurons are no {} parts of an even length", Size, E.RotateParts);
    break;
  case EdgeKind::Broadcast:
    if (To.Groups % Size != 0)
      fail(E.Name, "workload-size",
           "a broadcast starts at one neuron for each group of '{}', which has "
           "{}, not {}",
           To.Name, To.Groups, Size);
    break;
  case EdgeKind::Reduce: {
    const Population &From = Net.Populations[E.From.Index];
    const Output &O = From.Outputs[E.From.Output];
    if (Uniform ? To.Groups % O.ReducedGroups != 0
                : To.Neurons != O.ReducedGroups)
      fail(E.Name, "workload-size",
           "a reduction by {} ends at as many neurons, not {}, or at all "
           "neurons of as many groups",
           O.ReducedGroups, To.Neurons);
    if (To.Slots[E.Slot].Largest != O.Largest)
      fail(E.Name, "workload-slot",
           "the largest value needs a slot that keeps the largest");
    break;
  }
  case EdgeKind::HostOutput:
    break;
  }
  if (To.Slots[E.Slot].Largest && E.Kind != EdgeKind::Reduce)
    fail(E.Name, "workload-slot",
         "a slot that keeps the largest takes "
         "reductions only");
  if (E.Kind == EdgeKind::Broadcast && !Uniform)
    fail(E.Name, "workload-slot", "a broadcast needs a uniform slot");
  if (Uniform && (hasTiles(E) || E.Kind == EdgeKind::Direct))
    fail(E.Name, "workload-slot",
         "a uniform slot can only take broadcasts and reductions");
}

void Checker::checkEdge(const Edge &E) {
  if (!checkSource(E, E.From))
    return;
  bool Reduced = !E.From.FromHost &&
                 Net.Populations[E.From.Index].Outputs[E.From.Output].Reduced;
  if (Reduced != (E.Kind == EdgeKind::Reduce) && E.Kind != EdgeKind::HostOutput)
    return fail(E.Name, "workload-reduce", "{}",
                Reduced ? "a reduced output can only be read by a reduction"
                        : "a reduction needs a reduced output");
  if (E.Kind == EdgeKind::HostOutput) {
    if (E.From.FromHost)
      fail(E.Name, "workload-host", "the host cannot send to itself");
    return;
  }
  if (E.To >= Net.Populations.size() ||
      E.Slot >= Net.Populations[E.To].Slots.size())
    return fail(E.Name, "workload-index",
                "slot {} of population {} does not exist", E.Slot, E.To);
  checkTarget(E);
  const Population &To = Net.Populations[E.To];
  const uint32_t Sweep = To.Sweep - (To.Held != image::Held::No);
  if (!E.From.FromHost && Net.Populations[E.From.Index].Sweep != Sweep)
    fail(E.Name, "workload-sweep", "'{}' of sweep {} reads what sweep {} sends",
         To.Name, To.Sweep, Net.Populations[E.From.Index].Sweep);
}

Errors Checker::run() {
  if (Net.Steps < 1 || Net.Sweeps < 1)
    fail("network", "workload-sweep", "{} steps, {} sweeps; at least 1 of each",
         Net.Steps, Net.Sweeps);
  if (uint64_t(Net.Steps) * Net.Positions > INT32_MAX)
    fail("network", "workload-size", "{} steps of {} positions; at most {}",
         Net.Steps, Net.Positions, INT32_MAX);
  for (const HostInput &H : Net.HostInputs)
    if (H.Size == 0)
      fail(H.Name, "workload-size", "a host input needs at least one index");
  for (const Population &P : Net.Populations)
    checkPopulation(P);
  if (!Found.empty())
    return Found;
  for (const Edge &E : Net.Edges)
    checkEdge(E);
  if (!Found.empty())
    return Found;
  return scheduleProblemOf(Net, std::vector<bool>(Net.Edges.size())).check();
}

} // namespace

Errors Workload::check() const { return Checker(*this).run(); }
