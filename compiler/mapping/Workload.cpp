//===- compiler/mapping/Workload.cpp --------------------------------------===//

#include "compiler/mapping/Workload.h"

#include "compiler/mapping/Schedule.h"

#include <fmt/format.h>

using namespace synfire;
using namespace synfire::mapping;

double Workload::activity(const Edge &E) const {
  if (E.From.FromHost)
    return 1.0 / HostInputs[E.From.Index].Size;
  return Populations[E.From.Index].Outputs[E.From.Output].Activity;
}

namespace {

class Checker {
public:
  explicit Checker(const Workload &Net) : Net(Net) {}
  Errors run();

private:
  void fail(const std::string &Where, const char *Rule, std::string Text) {
    Found.push_back({Where, Rule, std::move(Text), ErrorKind::BadInput});
  }
  void checkPopulation(const Population &P);
  bool checkSource(const Edge &E);
  void checkEdge(const Edge &E);

  const Workload &Net;
  Errors Found;
};

void Checker::checkPopulation(const Population &P) {
  if (P.Neurons == 0)
    fail(P.Name, "workload-size", "a population needs at least one neuron");
  for (const Slot &S : P.Slots)
    if (S.SumBits < 1 || S.SumBits > 32)
      fail(P.Name, "workload-bits",
           fmt::format("slot '{}' has sums of {} bits; 1 to 32 are possible",
                       S.Name, S.SumBits));
  for (const Output &O : P.Outputs) {
    uint32_t Bits = O.Reduced ? O.ReducedBits : O.PayloadBits;
    if (Bits < 1 || Bits > 32)
      fail(P.Name, "workload-bits",
           fmt::format("output '{}' has payloads of {} bits; 1 to 32 are "
                       "possible",
                       O.Name, Bits));
    if (!(O.Activity >= 0 && O.Activity <= 1))
      fail(P.Name, "workload-activity",
           fmt::format("output '{}' has activity {}; it is a share, 0 to 1",
                       O.Name, O.Activity));
  }
}

bool Checker::checkSource(const Edge &E) {
  if (E.From.FromHost) {
    if (E.From.Index < Net.HostInputs.size())
      return true;
    fail(E.Name, "workload-index",
         fmt::format("host input {} does not exist; there are {}", E.From.Index,
                     Net.HostInputs.size()));
    return false;
  }
  if (E.From.Index >= Net.Populations.size() ||
      E.From.Output >= Net.Populations[E.From.Index].Outputs.size()) {
    fail(E.Name, "workload-index",
         fmt::format("output {} of population {} does not exist", E.From.Output,
                     E.From.Index));
    return false;
  }
  return true;
}

void Checker::checkEdge(const Edge &E) {
  if (!checkSource(E))
    return;
  bool Reduced = !E.From.FromHost &&
                 Net.Populations[E.From.Index].Outputs[E.From.Output].Reduced;
  if (Reduced != (E.Kind == EdgeKind::Reduce) && E.Kind != EdgeKind::HostOutput)
    fail(E.Name, "workload-reduce",
         Reduced ? "a reduced output can only be read by a reduction"
                 : "a reduction needs a reduced output");
  if (E.Kind == EdgeKind::HostOutput) {
    if (E.From.FromHost)
      fail(E.Name, "workload-host", "the host cannot send to itself");
    return;
  }
  if (E.To >= Net.Populations.size() ||
      E.Slot >= Net.Populations[E.To].Slots.size()) {
    fail(E.Name, "workload-index",
         fmt::format("slot {} of population {} does not exist", E.Slot, E.To));
    return;
  }
  const Population &To = Net.Populations[E.To];
  const bool Uniform = To.Slots[E.Slot].Uniform;
  const uint32_t Size = Net.sourceSize(E);
  switch (E.Kind) {
  case EdgeKind::Linear:
  case EdgeKind::Keys:
  case EdgeKind::Values:
    if (E.WeightBits < 1 || E.WeightBits > 8)
      fail(
          E.Name, "workload-bits",
          fmt::format("weights of {} bits; 1 to 8 are possible", E.WeightBits));
    if (E.SumBits < 1 || E.SumBits > 32)
      fail(E.Name, "workload-bits",
           fmt::format("sums of {} bits; 1 to 32 are possible", E.SumBits));
    break;
  case EdgeKind::Direct:
    if (Size != To.Neurons)
      fail(E.Name, "workload-size",
           fmt::format("a direct edge joins equal sizes, not {} and {}", Size,
                       To.Neurons));
    break;
  case EdgeKind::Broadcast:
    if (Size != 1)
      fail(E.Name, "workload-size",
           fmt::format("a broadcast starts at one neuron, not {}", Size));
    break;
  case EdgeKind::Reduce:
    if (To.Neurons != 1)
      fail(E.Name, "workload-size",
           fmt::format("a reduction ends at one neuron, not {}", To.Neurons));
    break;
  case EdgeKind::HostOutput:
    break;
  }
  if (E.Kind == EdgeKind::Broadcast && !Uniform)
    fail(E.Name, "workload-slot", "a broadcast needs a uniform slot");
  if (Uniform && (E.Kind == EdgeKind::Linear || E.Kind == EdgeKind::Direct))
    fail(E.Name, "workload-slot",
         "a uniform slot can only take broadcasts and reductions");
}

Errors Checker::run() {
  for (const HostInput &H : Net.HostInputs)
    if (H.Size == 0)
      fail(H.Name, "workload-size", "a host input needs at least one index");
  for (const Population &P : Net.Populations)
    checkPopulation(P);
  for (const Edge &E : Net.Edges)
    checkEdge(E);
  if (!Found.empty())
    return Found;
  return scheduleProblemOf(Net, std::vector<bool>(Net.Edges.size())).check();
}

} // namespace

Errors Workload::check() const { return Checker(*this).run(); }
