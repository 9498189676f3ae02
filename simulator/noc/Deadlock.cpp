//===- simulator/noc/Deadlock.cpp - Why nothing moves ---------------------===//

#include "simulator/noc/Kernel.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace synfire::sim::noc {
namespace {

/// Follows waiting packets from buffer to buffer until one comes again.
class Chase {
public:
  Chase(const Topology &Graph, const RouteTable &Routes, const Fabric &F)
      : Graph(Graph), Routes(Routes), F(F) {}

  /// Input channels that wait for each other in a ring; empty if none.
  std::vector<uint32_t> cycle() const {
    std::vector<uint8_t> Seen(F.Ins.size());
    for (uint32_t First = 0; First < F.Ins.size(); ++First) {
      std::vector<uint32_t> Path;
      for (uint32_t In = First; In != None && Seen[In] != Done;) {
        if (Seen[In] == OnPath) {
          Path.erase(Path.begin(), std::ranges::find(Path, In));
          return Path;
        }
        Seen[In] = OnPath;
        Path.push_back(In);
        In = waitsFor(In);
      }
      for (uint32_t In : Path)
        Seen[In] = Done;
    }
    return {};
  }
  std::string nameOf(uint32_t In) const {
    uint32_t Sender = F.Ins[In].Sender;
    if (Sender & SourceFlag)
      return fmt::format("node {}", (Sender & ~SourceFlag) % Graph.numNodes());
    return Graph.linkName(F.OutPorts[Sender / F.Channels].Link);
  }

private:
  enum : uint8_t { OnPath = 1, Done = 2 };

  /// The input channel that has what the packet in \p In needs.
  uint32_t waitsFor(uint32_t In) const {
    const InVc &I = F.Ins[In];
    if (I.State == VcState::Idle)
      return None;
    uint32_t Ports = uint32_t(1) << I.Out;
    if (I.Branches)
      Ports = F.Branches[In].Waiting;
    for (; Ports; Ports &= Ports - 1) {
      uint32_t Port = static_cast<uint32_t>(std::countr_zero(Ports));
      uint32_t Next =
          I.State == VcState::Head ? holderOf(In, Port) : fullBehind(In, Port);
      if (Next != None)
        return Next;
    }
    return None;
  }
  /// A packet that holds a channel of the output.
  uint32_t holderOf(uint32_t In, uint32_t Port) const {
    const InVc &I = F.Ins[In];
    ChannelClass Class = ChannelClass(I.Class);
    if (I.Branches)
      Class = Routes.next(Routes.stop(I.Way), Port).Class;
    uint32_t Taken = channelsOf(Class, F.Channels) &
                     ~F.OutPorts[I.Router * F.Ports + Port].Free;
    if (!Taken)
      return None;
    return F
        .Outs[(I.Router * F.Ports + Port) * F.Channels +
              static_cast<uint32_t>(std::countr_zero(Taken))]
        .Owner;
  }
  /// The buffer that has no room for the packet.
  uint32_t fullBehind(uint32_t In, uint32_t Port) const {
    const InVc &I = F.Ins[In];
    uint32_t Channel = I.Branches ? F.BranchChannel[size_t(In) * F.Ports + Port]
                                  : I.OutChannel;
    const OutVc &O = F.Outs[(I.Router * F.Ports + Port) * F.Channels + Channel];
    return F.Slots[O.FirstSlot + O.Back].Free == Never ? O.Receiver : None;
  }

  const Topology &Graph;
  const RouteTable &Routes;
  const Fabric &F;
};

} // namespace

Error explainDeadlock(const Topology &Graph, const RouteTable &Routes,
                      const Fabric &State, uint64_t Waiting, Instant At) {
  constexpr size_t Shown = 16;
  Chase Follow(Graph, Routes, State);
  std::vector<uint32_t> Cycle = Follow.cycle();
  std::string List;
  for (size_t I = 0; I < std::min(Shown, Cycle.size()); ++I)
    List += fmt::format("{}{}", I ? " -> " : "", Follow.nameOf(Cycle[I]));
  if (Cycle.size() > Shown)
    List += fmt::format(" -> {} more", Cycle.size() - Shown);
  return {
      "", "noc-deadlock",
      fmt::format("the network is stuck at {} ns with {} deliveries to "
                  "come: packets behind these links wait for each other: "
                  "{}. Use routes without a cycle of turns (xy), more "
                  "virtual channels, or packets of one flit where they branch",
                  Graph.toTime(At).Value, Waiting,
                  List.empty() ? "(no single cycle)" : List),
      ErrorKind::RunFailed};
}

} // namespace synfire::sim::noc
