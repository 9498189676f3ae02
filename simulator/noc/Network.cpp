//===- simulator/noc/Network.cpp - Packets through routers ----------------===//

#include "simulator/noc/Network.h"

#include "simulator/noc/Kernel.h"

#include <fmt/format.h>

namespace synfire::sim::noc {

class Engine::Impl {
public:
  explicit Impl(Topology Given)
      : Graph(std::move(Given)), Routes(Graph), State(Graph),
        Work(makeKernel(Graph, Routes, State)) {}

  const Topology Graph;
  RouteTable Routes;
  Fabric State;
  std::unique_ptr<KernelBase> Work;
  RunOutput Out;
};

Engine::Engine(std::unique_ptr<Impl> I) : Self(std::move(I)) {}
Engine::Engine(Engine &&) noexcept = default;
Engine &Engine::operator=(Engine &&) noexcept = default;
Engine::~Engine() = default;

Result<Engine> Engine::create(Topology Graph) {
  Errors Faults;
  for (const NocFault &Fault : checkNoc(Graph.spec()))
    Faults.push_back(
        {"", Fault.Rule, fmt::format("`noc.{}`: {}", Fault.Key, Fault.Text)});
  if (!Faults.empty())
    return Faults;
  return Engine(std::make_unique<Impl>(std::move(Graph)));
}

const Topology &Engine::topology() const { return Self->Graph; }
uint32_t Engine::numTrees() const { return Self->Routes.numTrees(); }

Result<uint32_t> Engine::addTree(uint32_t Source,
                                 std::span<const uint32_t> Links,
                                 std::span<const uint32_t> Nodes,
                                 TrafficClass Class) {
  return Self->Routes.add(Source, Links, Nodes, Class);
}

Result<uint32_t> Engine::addTree(uint32_t Source,
                                 std::span<const uint32_t> Nodes,
                                 TrafficClass Class) {
  return Self->Routes.add(Source, Nodes, Class);
}

Result<RunStats> Engine::run(std::span<const Injection> Packets) {
  if (Packets.size() > PacketMask)
    return Error{"", "noc-packets",
                 fmt::format("{} packets in one run; at most {}",
                             Packets.size(), PacketMask)};
  for (size_t I = 0; I < Packets.size(); ++I)
    if (Packets[I].Tree >= numTrees() || Packets[I].Flits == 0)
      return Error{"", "noc-packets",
                   fmt::format("packet {} has {} flits on route {} of {}", I,
                               Packets[I].Flits, Packets[I].Tree, numTrees())};
  if (Self->Routes.hasBranches())
    Self->State.needBranches();
  if (Status S = Self->Work->run(Packets, Self->Out); !S)
    return S.errors();
  return Self->Out.Stats;
}

std::span<const Delivery> Engine::deliveries() const {
  return Self->Out.Deliveries;
}
std::span<const LinkLoad> Engine::links() const { return Self->Out.Links; }
std::span<const uint32_t> Engine::usedLinks() const {
  return Self->Out.UsedLinks;
}

} // namespace synfire::sim::noc
