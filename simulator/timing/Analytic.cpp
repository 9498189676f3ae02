//===- simulator/timing/Analytic.cpp - Time from counts -------------------===//
//
// A tick lasts as long as its busiest core or the network, whichever is longer,
// plus the barrier:
//
//   core     its work (simulator/timing/Work.h); where sums are buffered, until
//            it has sent (simulator/timing/BufferedSums.h)
//   network  the busiest link's messages one after the other, plus the slowest
//            route's latency: an upper bound where flows do not contend, too
//            low where they do (the busiest links of a route may add up)
//
// Messages on a link: NocSpec::packetTime; between chips: bits of whole flits
// over the link's bandwidth. The port to the host costs no time.
//
//===----------------------------------------------------------------------===//

#include "simulator/timing/TickModel.h"

#include <algorithm>

namespace synfire::sim {
namespace {

class AnalyticModel : public TickModel {
public:
  AnalyticModel(const Wiring &Plan, const image::Image &Image,
                const ChipSpec &Spec)
      : Plan(Plan), Image(Image), Spec(Spec), Sums(Plan),
        LinkNs(Plan.Links.size()) {
    for (const FlowPlan &F : Plan.Flows) {
      PerMessage.emplace_back();
      for (uint32_t L : F.Links)
        PerMessage.back().push_back(messageNs(Plan.Links[L], F.MessageBits));
    }
  }

  bool setSchedule(TickSchedule *Into) override {
    Schedule = Into;
    return Spec.Core.BufferedSums;
  }

  Result<TickTime> time(const TickWork &Work, std::span<SynapseUnit> Units,
                        std::span<LinkUse> Use) override {
    TickTime Out;
    if (!Units.empty())
      return timeBuffered(Work, Units, Use);
    for (size_t C = 0; C < Work.Cores.size(); ++C) {
      double Ns = Work.Cores[C].total();
      if (Ns > Out.Core.Value) {
        Out.Core = Nanoseconds(Ns);
        Out.Waited = Bound::Core;
        Out.Kind = Work.Cores[C].longest();
        Out.Id = Image.cores()[C].Core;
      }
    }
    Out.Duration = Out.Core;
    uint32_t Busiest = image::None;
    Out.Network = deliver(Work.Loads, Use, Busiest);
    if (Out.Network.Value > Out.Duration.Value) {
      Out.Duration = Out.Network;
      Out.Waited = Bound::Link;
      Out.Id = Busiest;
    }
    return Out;
  }

private:
  TickTime timeBuffered(const TickWork &Work, std::span<SynapseUnit> Units,
                        std::span<LinkUse> Use) {
    TickTime Out;
    Sums.begin(Work, Units);
    const double Leaves = Sums.arrive(Work.Loads);
    if (const uint32_t C = Sums.last(); Sums.Cores[C].Sent > 0) {
      Out.Core = Nanoseconds(Sums.Cores[C].Sent);
      Out.Waited = Bound::Core;
      Out.Kind = Sums.Cores[C].Kind;
      Out.Id = Image.cores()[C].Core;
    }
    Out.Duration = Out.Core;
    uint32_t Busiest = image::None;
    Out.Network = deliver(Work.Loads, Use, Busiest);
    if (!Work.Loads.empty())
      Out.Network += Nanoseconds(Leaves);
    if (Out.Network.Value > Out.Duration.Value) {
      Out.Duration = Out.Network;
      Out.Waited = Bound::Link;
      Out.Id = Busiest;
    }
    if (Schedule)
      show(Work);
    Sums.end(Work, {}, Units);
    return Out;
  }

  /// Neurons, then sending; beside them what the synapse unit does.
  void show(const TickWork &Work) {
    for (uint32_t C = 0; C < Sums.Cores.size(); ++C) {
      const BufferedSums::Core &Of = Sums.Cores[C];
      const CoreBusy &Busy = Work.Cores[C];
      auto add = [&](Stage Kind, double Start, double Ns) {
        if (Ns > 0)
          Schedule->Stages.push_back({C, Kind, Start, Ns});
      };
      const double Programs = Busy[Stage::Programs];
      add(Stage::Programs, Of.Begin, Programs);
      add(Stage::Sending, Of.Begin + Programs, Busy[Stage::Sending]);
      add(Stage::Synapses, Of.Free - Of.Before, Of.Before);
      add(Stage::Synapses, Sums.beginsAfter(C), Of.After);
    }
  }

  Nanoseconds deliver(std::span<const FlowLoad> Loads, std::span<LinkUse> Use,
                      uint32_t &Slowest) {
    double Latency = 0, Busiest = 0;
    Touched.clear();
    for (const FlowLoad &Load : Loads) {
      const FlowPlan &F = Plan.Flows[Load.Flow];
      for (size_t I = 0; I < F.Links.size(); ++I) {
        double &Ns = LinkNs[F.Links[I]];
        if (Ns == 0)
          Touched.push_back(F.Links[I]);
        Ns += PerMessage[Load.Flow][I] * Load.Events;
      }
      Latency = std::max(Latency, F.Latency.Value);
    }
    std::sort(Touched.begin(), Touched.end());
    for (uint32_t L : Touched) {
      if (LinkNs[L] > Busiest) {
        Busiest = LinkNs[L];
        Slowest = L;
      }
      Use[L].Busy += Nanoseconds(LinkNs[L]);
      LinkNs[L] = 0;
    }
    return Nanoseconds(Busiest + Latency);
  }

  double messageNs(const LinkPlan &L, uint32_t Bits) const {
    if (L.Where.Port == image::Host)
      return 0;
    auto flits = [&](uint32_t Width) {
      return (Bits + std::max(1u, Width) - 1) / std::max(1u, Width);
    };
    if (L.Crossing) {
      const uint32_t Width = std::max(1u, Spec.System.LinkWidthBits);
      const double Rate = Spec.Costs.Link.BitsPerNanosecond;
      return Rate > 0 ? double(flits(Width)) * Width / Rate : 0;
    }
    const bool EastWest =
        L.Where.Port == image::East || L.Where.Port == image::West;
    return Spec.Noc.packetTime(flits(Spec.Noc.LinkWidthBits), EastWest).Value;
  }

  const Wiring &Plan;
  const image::Image &Image;
  const ChipSpec &Spec;
  BufferedSums Sums;
  TickSchedule *Schedule = nullptr;
  std::vector<std::vector<double>> PerMessage; ///< per flow and link of it
  std::vector<double> LinkNs;
  std::vector<uint32_t> Touched;
};

} // namespace

std::unique_ptr<TickModel> makeAnalyticModel(const Wiring &Plan,
                                             const image::Image &Image,
                                             const ChipSpec &Spec) {
  return std::make_unique<AnalyticModel>(Plan, Image, Spec);
}

} // namespace synfire::sim
