//===- simulator/timing/Timing.cpp - When it happened ---------------------===//

#include "simulator/timing/Timing.h"

#include <algorithm>
#include <numeric>

namespace synfire::sim {

std::string_view fidelityName(Fidelity F) {
  switch (F) {
  case Fidelity::Functional:
    return "functional";
  case Fidelity::Analytic:
    return "analytic";
  case Fidelity::Event:
    break;
  }
  return "event";
}

std::string_view stageName(Stage S) {
  constexpr std::string_view Names[NumStages] = {"programs", "sending",
                                                 "receiving", "synapses"};
  return Names[static_cast<unsigned>(S)];
}

double CoreBusy::total() const {
  return std::accumulate(Ns.begin(), Ns.end(), 0.0);
}

Stage CoreBusy::longest() const {
  return static_cast<Stage>(std::max_element(Ns.begin(), Ns.end()) -
                            Ns.begin());
}

CoreBusy &CoreBusy::operator+=(const CoreBusy &O) {
  for (unsigned S = 0; S < NumStages; ++S)
    Ns[S] += O.Ns[S];
  return *this;
}

} // namespace synfire::sim
