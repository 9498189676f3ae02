//===- compiler/mapping/RouteProblem.cpp ----------------------------------===//

#include "compiler/mapping/RouteProblem.h"

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/breadth_first_search.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

using namespace synfire;
using namespace synfire::mapping;

Errors RouteProblem::check() const {
  Errors Out;
  const uint64_t Cores = uint64_t(Chip.systemWidth()) *
                         Chip.systemHeight(NumChips) * Chip.Noc.CoresPerRouter;
  auto Fail = [&](size_t Flow, const char *Rule, std::string Text) {
    Out.push_back({fmt::format("flow {}", Flow), Rule, std::move(Text),
                   ErrorKind::BadInput});
  };
  for (size_t F = 0; F != Requests.size(); ++F) {
    const RouteRequest &R = Requests[F];
    if (R.Source && R.Source->Value >= Cores)
      Fail(F, "route-core",
           fmt::format("source core {} of {}", R.Source->Value, Cores));
    for (CoreId Core : R.Destinations)
      if (Core.Value >= Cores)
        Fail(F, "route-core",
             fmt::format("destination core {} of {}", Core.Value, Cores));
    const size_t Ends = R.Destinations.size() + R.HostOutput;
    if (Ends == 0)
      Fail(F, "route-end", "it goes nowhere");
    if (Ends > 1 && !Chip.Noc.Multicast)
      Fail(F, "route-multicast",
           fmt::format("{} ends on a chip without multicast", Ends));
  }
  return Out;
}

namespace {

/// Checks the hops of one flow as a graph of routers.
class FlowVerifier {
public:
  FlowVerifier(const RouteProblem &Problem, size_t Flow,
               std::span<const image::HopRecord> Hops,
               std::vector<Violation> &Out)
      : Chip(Problem.Chip), Request(Problem.Requests[Flow]), Flow(Flow),
        Hops(Hops), Out(Out), Width(Chip.systemWidth()),
        Height(Chip.systemHeight(Problem.NumChips)) {}

  void run() {
    if (Hops.empty())
      return fail("first-hop", "there is none");
    RouterId Start =
        Request.Source ? Chip.routerOf(*Request.Source) : Chip.hostRouter();
    if (Hops[0].Router != Start.Value)
      fail("first-hop", fmt::format("it is at router {}, not {}",
                                    Hops[0].Router, Start.Value));
    verifyTree();
    verifyDelivery();
  }

private:
  using Graph =
      boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS>;

  void fail(const char *Rule, const std::string &Text) {
    Out.push_back({Rule, fmt::format("flow {}: {}", Flow, Text)});
  }

  /// Links between hops; each hop but the first is entered exactly once and all
  /// are reached from the first, so there is no loop.
  void verifyTree() {
    std::map<uint32_t, uint32_t> HopAt;
    for (uint32_t H = 0; H != Hops.size(); ++H)
      if (!HopAt.emplace(Hops[H].Router, H).second)
        fail("tree", fmt::format("router {} has two hops", Hops[H].Router));
    Graph Links(Hops.size());
    std::vector<uint32_t> Entered(Hops.size());
    for (uint32_t H = 0; H != Hops.size(); ++H) {
      if (Hops[H].Router >= Width * Height) {
        fail("grid",
             fmt::format("router {} of {}", Hops[H].Router, Width * Height));
        continue;
      }
      auto Leave = [&](image::Port P) {
        if (!(Hops[H].Ports & P))
          return;
        const std::optional<RouterId> To =
            Chip.neighbour(RouterId{Hops[H].Router}, P);
        if (!To || To->Value >= Width * Height)
          return fail("grid",
                      fmt::format("port {} of router {} leaves the grid",
                                  unsigned(P), Hops[H].Router));
        auto Next = HopAt.find(To->Value);
        if (Next == HopAt.end())
          return fail("tree", fmt::format("nothing takes over after router {}",
                                          Hops[H].Router));
        boost::add_edge(H, Next->second, Links);
        ++Entered[Next->second];
      };
      Leave(image::North);
      Leave(image::South);
      Leave(image::East);
      Leave(image::West);
    }
    for (uint32_t H = 0; H != Hops.size(); ++H)
      if (Entered[H] != (H == 0 ? 0u : 1u))
        fail("tree", fmt::format("router {} is entered {} times",
                                 Hops[H].Router, Entered[H]));
    std::vector<boost::default_color_type> Seen(Hops.size());
    boost::breadth_first_search(
        Links, 0,
        boost::color_map(boost::make_iterator_property_map(
            Seen.begin(), boost::get(boost::vertex_index, Links))));
    if (std::count(Seen.begin(), Seen.end(), boost::black_color) !=
        int64_t(Hops.size()))
      fail("tree", "some hops cannot be reached from the first");
  }

  void verifyDelivery() {
    std::multiset<CoreId> Got;
    bool Host = false;
    for (const image::HopRecord &Hop : Hops) {
      for (uint32_t I = 0; I != 16; ++I) {
        if (!(Hop.Cores >> I & 1))
          continue;
        if (I >= Chip.Noc.CoresPerRouter)
          fail("delivery",
               fmt::format("router {} has no core {}", Hop.Router, I));
        Got.insert(CoreId{Hop.Router * Chip.Noc.CoresPerRouter + I});
      }
      if (!(Hop.Ports & image::Host))
        continue;
      Host = true;
      if (Hop.Router != Chip.hostRouter().Value)
        fail("host", fmt::format("router {} has no host port", Hop.Router));
    }
    if (Host != Request.HostOutput)
      fail("host",
           Host ? "it reaches the host unasked" : "it does not reach the host");
    const std::multiset<CoreId> Wanted(Request.Destinations.begin(),
                                       Request.Destinations.end());
    if (Got != Wanted)
      fail("delivery", fmt::format("{} cores are reached, {} are wanted, or "
                                   "they are others",
                                   Got.size(), Wanted.size()));
  }

  const ChipSpec &Chip;
  const RouteRequest &Request;
  size_t Flow;
  std::span<const image::HopRecord> Hops;
  std::vector<Violation> &Out;
  int64_t Width, Height;
};

} // namespace

std::vector<Violation> RouteProblem::verify(const Routes &Solution) const {
  std::vector<Violation> Out;
  const auto &First = Solution.First;
  if (First.size() != Requests.size() + 1 || First.front() != 0 ||
      First.back() != Solution.Hops.size() ||
      !std::is_sorted(First.begin(), First.end()))
    return {{"size", "hops are not grouped by flow"}};
  for (size_t F = 0; F != Requests.size(); ++F)
    FlowVerifier(
        *this, F,
        std::span(Solution.Hops).subspan(First[F], First[F + 1] - First[F]),
        Out)
        .run();
  return Out;
}

RouteProblem mapping::routeProblemOf(const ChipSpec &Chip, const Mapping &Map,
                                     const Placement &Where) {
  RouteProblem Out{Chip, Where.NumChips, {}};
  Out.Requests.reserve(Map.Flows.size());
  for (const MappedFlow &F : Map.Flows) {
    RouteRequest R;
    if (F.SourceKind == image::FlowSource::Output)
      R.Source = Where.Cores[F.SourceCore];
    R.HostOutput = F.HostOutput;
    for (uint32_t Core : F.Destinations)
      R.Destinations.push_back(Where.Cores[Core]);
    std::sort(R.Destinations.begin(), R.Destinations.end());
    Out.Requests.push_back(std::move(R));
  }
  return Out;
}
