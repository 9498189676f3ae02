//===- StudyTable.cpp - All points side by side ---------------------------===//

#include "simulator/study/StudyTable.h"

#include "simulator/report/Stats.h"
#include "simulator/study/Pareto.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

using namespace synfire;
using namespace synfire::study;

namespace {

constexpr double PicojoulesPerMicrojoule = 1e6;
constexpr double NanosecondsPerMicrosecond = 1e3;

std::string number(double X) { return fmt::format("{:.9g}", X); }

std::string microjoules(double Picojoules) {
  return number(Picojoules / PicojoulesPerMicrojoule);
}

/// A column of the finished points.
Column figure(std::string Name,
              std::function<std::string(const PointResult &)> Cell) {
  return {std::move(Name), false, [Cell](const StudyRow &Row) {
            return Row.Result.Status == PointStatus::Done ? Cell(Row.Result)
                                                          : std::string();
          }};
}

/// The columns of mode \p M of the study.
void addMode(size_t M, const std::string &Mode, std::vector<Column> &Out) {
  auto Add = [&](const char *Name,
                 std::string (*Cell)(const ModeFigures &, uint64_t Tokens)) {
    Out.push_back(figure(Mode + "_" + Name, [M, Cell](const PointResult &R) {
      return M < R.Modes.size() ? Cell(R.Modes[M], R.Tokens) : std::string();
    }));
  };
  Add("tokens_per_s",
      [](const ModeFigures &F, uint64_t) { return number(F.TokensPerSecond); });
  Add("time_per_token_us", [](const ModeFigures &F, uint64_t) {
    return number(F.TimePerToken / NanosecondsPerMicrosecond);
  });
  Add("ticks_per_token", [](const ModeFigures &F, uint64_t Tokens) {
    return number(static_cast<double>(F.Ticks) / Tokens);
  });
  Add("energy_per_token_uJ", [](const ModeFigures &F, uint64_t) {
    return microjoules(F.Energy.Nominal);
  });
  Add("energy_per_token_low_uJ",
      [](const ModeFigures &F, uint64_t) { return microjoules(F.Energy.Low); });
  Add("energy_per_token_high_uJ", [](const ModeFigures &F, uint64_t) {
    return microjoules(F.Energy.High);
  });
  Add("dynamic_energy_per_token_uJ", [](const ModeFigures &F, uint64_t) {
    return microjoules(F.DynamicEnergy.Nominal);
  });
  Add("static_energy_per_token_uJ", [](const ModeFigures &F, uint64_t) {
    return microjoules(F.StaticEnergy.Nominal);
  });
  Add("bound", [](const ModeFigures &F, uint64_t) { return F.Bound; });
  Out.back().IsText = true;
  Add("bound_share_of_time", [](const ModeFigures &F, uint64_t) {
    return fmt::format("{:.4f}", F.BoundShare);
  });
}

} // namespace

void StudyTable::markFront() {
  std::map<uint64_t, std::vector<size_t>> Networks;
  for (size_t I = 0; I < Rows.size(); ++I) {
    Rows[I].Pareto = false;
    if (Rows[I].Result.Status == PointStatus::Done)
      Networks[Rows[I].Keys.Network].push_back(I);
  }
  for (const auto &[Network, Members] : Networks) {
    std::vector<Objectives> Figures;
    for (size_t I : Members) {
      const PointResult &R = Rows[I].Result;
      Figures.push_back({R.Modes.front().Energy.Nominal,
                         -R.Modes.front().TokensPerSecond,
                         static_cast<double>(R.Cores)});
    }
    const std::vector<bool> Front = paretoFront(Figures);
    for (size_t I = 0; I < Members.size(); ++I)
      Rows[Members[I]].Pareto = Front[I];
  }
}

size_t StudyTable::count(PointStatus S) const {
  return std::ranges::count_if(
      Rows, [S](const StudyRow &Row) { return Row.Result.Status == S; });
}

std::vector<Column> study::columnsOf(const Study &S) {
  std::vector<Column> Out;
  auto Text = [&](std::string Name,
                  std::function<std::string(const StudyRow &)> Cell) {
    Out.push_back({std::move(Name), true, std::move(Cell)});
  };
  auto Count = [&](const char *Name, auto Member) {
    Out.push_back(figure(Name, [Member](const PointResult &R) {
      return std::to_string(R.*Member);
    }));
  };
  Text("point", [](const StudyRow &Row) { return keyText(Row.Keys.Point); });
  Text("model",
       [&S](const StudyRow &Row) { return S.Models[Row.Of->Model].Name; });
  Text("target",
       [&S](const StudyRow &Row) { return S.Targets[Row.Of->Target].Name; });
  for (const std::string &Key : S.variedKeys())
    Text(Key, [Key](const StudyRow &Row) {
      return Row.Of->valueOf(Key).value_or("");
    });
  Text("status", [](const StudyRow &Row) {
    return std::string(statusName(Row.Result.Status));
  });
  Text("pareto", [](const StudyRow &Row) {
    return Row.Result.Status != PointStatus::Done ? ""
           : Row.Pareto                           ? "yes"
                                                  : "no";
  });
  Count("chips", &PointResult::Chips);
  Count("cores", &PointResult::Cores);
  for (size_t M = 0; M < S.Modes.size(); ++M)
    addMode(M, S.Modes[M] == sim::Mode::Generate ? "generate" : "prefill", Out);
  Count("tokens", &PointResult::Tokens);
  Count("synaptic_events", &PointResult::SynapticEvents);
  Count("packets", &PointResult::Packets);
  Count("link_bytes", &PointResult::LinkBytes);
  Count("peak_core_bytes", &PointResult::PeakCoreBytes);
  Count("image_bytes", &PointResult::ImageBytes);
  Out.push_back(figure("quality_bits_per_token", [](const PointResult &R) {
    return R.QualityBits ? number(*R.QualityBits) : std::string();
  }));
  Text("reason", [](const StudyRow &Row) { return Row.Result.Reason; });
  return Out;
}

std::string study::resultsCsv(const StudyTable &Table) {
  const std::vector<Column> Columns = columnsOf(*Table.Of);
  std::string Out;
  for (size_t C = 0; C < Columns.size(); ++C)
    Out.append(C ? "," : "").append(report::csvField(Columns[C].Name));
  Out += "\n";
  for (const StudyRow &Row : Table.Rows) {
    for (size_t C = 0; C < Columns.size(); ++C)
      Out.append(C ? "," : "").append(report::csvField(Columns[C].Cell(Row)));
    Out += "\n";
  }
  return Out;
}
