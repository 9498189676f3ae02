//===- simulator/report/HeatMap.cpp - Where work and energy are -----------===//

#include "simulator/report/HeatMap.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

namespace synfire::report {

std::string_view detailName(HeatDetail D) {
  static constexpr std::string_view Names[] = {"core", "router", "block"};
  return Names[static_cast<unsigned>(D)];
}

namespace {

constexpr size_t MostListed = 10;

class MapMaker {
public:
  MapMaker(const RunData &Run, const TimeData *Time, const EnergyReport &Energy)
      : Run(Run), Time(Time), Energy(Energy) {
    Map.ChipWidth = Run.Chip.Noc.Width;
    Map.ChipHeight = Run.Chip.Noc.Height;
    Map.GridWidth = Run.Chip.System.GridWidth;
    Map.Chips = Run.Chips;
    Map.HasTime = Time && Time->Total.Value > 0 &&
                  Time->CoreBusy.size() == Run.Cores.size() &&
                  Time->LinkUse.size() == Run.Links.size();
  }

  HeatMap make(size_t MostPlaces) {
    chooseDetail(MostPlaces);
    addPlaces();
    addCores();
    addLinks();
    return std::move(Map);
  }

private:
  using Key = std::tuple<uint32_t, uint32_t, uint32_t>; ///< y, x, slot

  void chooseDetail(size_t MostPlaces) {
    const ChipSpec &Chip = Run.Chip;
    const uint64_t PerRouter = Chip.Noc.CoresPerRouter;
    uint64_t Places = uint64_t(Run.Chips) * Chip.System.UsableCores;
    Map.Slots = Chip.Noc.CoresPerRouter;
    if (Places <= MostPlaces)
      return;
    Map.Detail = HeatDetail::Router;
    Map.Slots = 1;
    Places = (Places + PerRouter - 1) / PerRouter;
    const uint32_t Largest = std::max(Map.ChipWidth, Map.ChipHeight);
    while (Places > MostPlaces && Map.Edge < Largest) {
      Map.Detail = HeatDetail::Block;
      Map.Edge *= 2;
      Places /= 4;
    }
  }

  /// The corner of the place that router \p At is in; places end at chips.
  Coord cornerOf(Coord At) const {
    auto corner = [&](uint32_t Place, uint32_t Size) {
      return Place - Place % Size % Map.Edge;
    };
    return {corner(At.X, Map.ChipWidth), corner(At.Y, Map.ChipHeight)};
  }

  HeatPlace &placeOf(CoreId Core) {
    Coord At = cornerOf(Run.Chip.coordOf(Run.Chip.routerOf(Core)));
    uint32_t Slot =
        Map.Detail == HeatDetail::Core ? Run.Chip.localIndexOf(Core) : 0;
    auto [Entry, Fresh] =
        Known.try_emplace(Key{At.Y, At.X, Slot}, Map.Places.size());
    if (Fresh) {
      Map.Places.emplace_back();
      Map.Places.back().At = At;
      Map.Places.back().Slot = Slot;
      Map.Places.back().FirstCore = Core;
    }
    return Map.Places[Entry->second];
  }

  void addPlaces() {
    for (uint32_t Chip = 0; Chip < Run.Chips; ++Chip)
      for (uint32_t N = 0; N < Run.Chip.System.UsableCores; ++N)
        ++placeOf(Run.Chip.usableCore(Chip, N)).Idle;
  }

  sim::CoreBusy shareOf(size_t Core) const {
    sim::CoreBusy Out;
    if (Map.HasTime)
      for (unsigned S = 0; S < sim::NumStages; ++S)
        Out.Ns[S] = Time->CoreBusy[Core].Ns[S] / Time->Total.Value;
    return Out;
  }

  void addCores() {
    for (size_t C = 0; C < Run.Cores.size(); ++C) {
      const CoreData &Core = Run.Cores[C];
      HotCore Hot{Core.Core, Core.Chip, Core.Place, shareOf(C),
                  Energy.ByCore[C].Energy.Nominal};
      HeatPlace &P = placeOf(Core.Core);
      if (P.Used == 0 || Hot.Share.total() > P.Share.total()) {
        P.Busiest = Core.Core.Value;
        P.Share = Hot.Share;
      }
      ++P.Used;
      P.Idle -= P.Idle > 0;
      P.EnergyPj += Hot.EnergyPj;
      Map.Cores.push_back(Hot);
    }
    for (const HeatPlace &P : Map.Places) {
      Map.UsedCores += P.Used;
      Map.IdleCores += P.Idle;
    }
    std::stable_sort(Map.Cores.begin(), Map.Cores.end(),
                     [](const HotCore &A, const HotCore &B) {
                       return std::pair(A.Share.total(), A.EnergyPj) >
                              std::pair(B.Share.total(), B.EnergyPj);
                     });
    Map.Cores.erase(Map.Cores.begin() +
                        std::min<ptrdiff_t>(Map.Cores.size(), MostListed),
                    Map.Cores.end());
  }

  void addLinks() {
    std::map<std::tuple<uint32_t, uint32_t, uint32_t, uint32_t>, size_t> Seen;
    for (size_t I = 0; I < Run.Links.size(); ++I) {
      const LinkData &L = Run.Links[I];
      const bool ToHost = L.From == L.To;
      HotLink Hot;
      Hot.Name = fmt::format("({},{}) to ", L.From.X, L.From.Y);
      Hot.Name += ToHost ? "host" : fmt::format("({},{})", L.To.X, L.To.Y);
      Hot.CrossesChips = L.CrossesChips;
      Hot.Packets = L.Packets;
      if (Map.HasTime) {
        Hot.Utilisation = Time->LinkUse[I].Busy.Value / Time->Total.Value;
        Hot.Blocked = Time->LinkUse[I].Blocked.Value / Time->Total.Value;
      }
      Coord From = cornerOf(L.From), To = cornerOf(L.To);
      if (From != To) { // else within a place, or the host's
        auto [At, Fresh] =
            Seen.try_emplace({From.X, From.Y, To.X, To.Y}, Map.Links.size());
        if (Fresh)
          Map.Links.push_back({From, To});
        HeatLink &Of = Map.Links[At->second];
        Of.Utilisation = std::max(Of.Utilisation, Hot.Utilisation);
        Of.Blocked = std::max(Of.Blocked, Hot.Blocked);
      }
      Map.HotLinks.push_back(std::move(Hot));
    }
    std::stable_sort(Map.HotLinks.begin(), Map.HotLinks.end(),
                     [](const HotLink &A, const HotLink &B) {
                       return std::pair(A.Utilisation, A.Packets) >
                              std::pair(B.Utilisation, B.Packets);
                     });
    if (Map.HotLinks.size() > MostListed)
      Map.HotLinks.resize(MostListed);
  }

  const RunData &Run;
  const TimeData *Time;
  const EnergyReport &Energy;
  HeatMap Map;
  std::map<Key, size_t> Known;
};

} // namespace

HeatMap heatMapOf(const RunData &Run, const TimeData *Time,
                  const EnergyReport &Energy, size_t MostPlaces) {
  if (Run.Chip.Noc.Width == 0 || Run.Chip.Noc.Height == 0)
    return {};
  return MapMaker(Run, Time, Energy).make(MostPlaces);
}

} // namespace synfire::report
