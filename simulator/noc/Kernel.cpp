//===- simulator/noc/Kernel.cpp - Routers at work -------------------------===//

#include "simulator/noc/Kernel.h"

#include "simulator/noc/Channels.h"
#include "simulator/noc/Run.h"
#include "simulator/noc/Send.h"
#include "simulator/noc/Source.h"
#include "simulator/noc/Switch.h"

namespace synfire::sim::noc {

std::unique_ptr<KernelBase>
makeKernel(const Topology &Graph, const RouteTable &Routes, Fabric &State) {
  const Pipeline &P = Graph.pipeline();
  bool Deep = P.Clocked && (P.Routing > 0 || P.VcAllocation > 1 ||
                            P.SwitchAllocation > 1 || P.Traversal > 1);
  bool Small = State.Ports * State.Channels <= 64;
  if (Deep)
    return Small ? std::unique_ptr<KernelBase>(
                       std::make_unique<Kernel<1, true>>(Graph, Routes, State))
                 : std::make_unique<Kernel<8, true>>(Graph, Routes, State);
  return Small ? std::unique_ptr<KernelBase>(
                     std::make_unique<Kernel<1, false>>(Graph, Routes, State))
               : std::make_unique<Kernel<8, false>>(Graph, Routes, State);
}

} // namespace synfire::sim::noc
