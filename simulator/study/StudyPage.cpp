//===- StudyPage.cpp - study.html -----------------------------------------===//

#include "simulator/study/StudyPage.h"

#include "simulator/report/Format.h"
#include "simulator/report/HtmlParts.h"
#include "simulator/report/Summary.h"
#include "simulator/study/AxisValues.h"
#include "simulator/study/StudyCharts.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

using namespace synfire;
using namespace synfire::study;
using report::escapeHtml;
using report::plural;

namespace {

/// What a browser still draws and sorts at once.
constexpr size_t MostMarks = 4000, MostRows = 2000;

constexpr std::string_view MoreStyle = R"css(
svg.marks circle { fill-opacity: 0.45; stroke: none; } svg.marks circle.front { fill-opacity: 1; stroke: var(--ink); stroke-width: 1.5; }
svg.marks .band { fill: var(--c0); fill-opacity: 0.16; stroke: none; }
.multiples { display: grid; grid-template-columns: repeat(auto-fit, minmax(280px, 1fr)); gap: 14px 22px; }
figure { margin: 0; } figcaption { font-size: 13px; color: var(--soft); } .multiples svg text { font-size: 11px; }
#points th { cursor: pointer; } #points td { white-space: nowrap; } #points th[data-up="1"]::after { content: " \25B2"; } #points th[data-up="0"]::after { content: " \25BC"; }
)css";

constexpr std::string_view SortScript = R"js(
(function () {
  var heads = document.querySelectorAll("#points th");
  heads.forEach(function (head, column) {
    head.addEventListener("click", function () {
      var up = head.dataset.up !== "1";
      heads.forEach(function (other) { delete other.dataset.up; });
      head.dataset.up = up ? "1" : "0";
      var body = document.querySelector("#points tbody");
      var key = function (row) {
        var cell = row.children[column], data = cell.querySelector("data");
        return data ? Number(data.value) : cell.textContent;
      };
      Array.from(body.rows).sort(function (a, b) {
        var x = key(a), y = key(b);
        if (typeof x !== typeof y) return typeof x === "number" ? -1 : 1;
        var order = x < y ? -1 : x > y ? 1 : 0;
        return up ? order : -order;
      }).forEach(function (row) { body.appendChild(row); });
    });
  });
})();
)js";

double microjoules(const StudyRow &Row) {
  return Row.Result.Modes.front().Energy.Nominal / 1e6;
}
double speed(const StudyRow &Row) {
  return Row.Result.Modes.front().TokensPerSecond;
}
double cores(const StudyRow &Row) {
  return static_cast<double>(Row.Result.Cores);
}
bool isDone(const StudyRow &Row) {
  return Row.Result.Status == PointStatus::Done;
}

std::string labelOf(const StudyTable &Table, const StudyRow &Row) {
  const Study &S = *Table.Of;
  std::string Out =
      S.Models[Row.Of->Model].Name + " on " + S.Targets[Row.Of->Target].Name;
  for (const std::string &Key : S.variedKeys())
    if (auto Value = Row.Of->valueOf(Key))
      Out += fmt::format("\n{}: {}", Key, *Value);
  return Out + fmt::format("\n{} uJ/token, {} tokens/s, {}",
                           report::shortCount(microjoules(Row)),
                           report::shortCount(speed(Row)),
                           plural(std::to_string(Row.Result.Cores), "core"));
}

/// All rows of \p Rows that \p Keep, and of the others as many as fit into
/// \p Most, evenly.
std::vector<const StudyRow *> thinned(const std::vector<const StudyRow *> &Rows,
                                      size_t Most) {
  const size_t Stride = Rows.size() / Most + 1;
  std::vector<const StudyRow *> Out;
  for (size_t I = 0; I < Rows.size(); ++I)
    if (Rows[I]->Pareto || I % Stride == 0)
      Out.push_back(Rows[I]);
  return Out;
}

std::string thinningNote(size_t Shown, size_t All) {
  return Shown == All
             ? ""
             : fmt::format(" {} of {} points are drawn: the front, and "
                           "an even choice of the others; results.csv "
                           "has all.",
                           Shown, All);
}

std::string front(const StudyTable &Table,
                  const std::vector<const StudyRow *> &Done) {
  std::map<uint64_t, unsigned> Groups;
  std::vector<Mark> Marks;
  for (const StudyRow *Row : thinned(Done, MostMarks)) {
    auto Group = Groups.try_emplace(Row->Keys.Network, Groups.size()).first;
    Marks.push_back({microjoules(*Row), speed(*Row), cores(*Row), Row->Pareto,
                     Group->second, labelOf(Table, *Row)});
  }
  std::string Text = fmt::format(
      "Energy per token against tokens per second in {} mode; area: cores. "
      "Filled: on the front, where no other point of the same network is "
      "better "
      "in energy, speed and cores at once. A colour is a network: a model with "
      "its quantisation.{}",
      escapeHtml(Done.front()->Result.Modes.front().Mode),
      thinningNote(Marks.size(), Done.size()));
  return report::html::section("Pareto front", report::html::definition(Text) +
                                                   frontChart(Marks));
}

std::vector<Step> stepsOf(const Axis &A, size_t Number,
                          const std::vector<const StudyRow *> &Done,
                          double (*Figure)(const StudyRow &)) {
  std::vector<Step> Steps(A.Steps.size());
  for (size_t I = 0; I < Steps.size(); ++I)
    Steps[I].Label = A.label(I);
  for (const StudyRow *Row : Done) {
    if (Row->Of->Steps.empty())
      continue;
    Step &S = Steps[Row->Of->Steps[Number]];
    const double X = Figure(*Row);
    S.Low = S.Count ? std::min(S.Low, X) : X;
    S.High = S.Count ? std::max(S.High, X) : X;
    S.Mean += (X - S.Mean) / static_cast<double>(++S.Count);
  }
  return Steps;
}

std::string axes(const StudyTable &Table,
                 const std::vector<const StudyRow *> &Done) {
  std::string Body;
  const auto &Axes = Table.Of->Axes;
  for (size_t A = 0; A < Axes.size(); ++A) {
    if (Axes[A].Steps.size() < 2)
      continue;
    Body += fmt::format("<h3>{}</h3>\n<div class=\"multiples\">",
                        escapeHtml(Axes[A].name()));
    Body += bandChart("energy per token, uJ",
                      stepsOf(Axes[A], A, Done, microjoules)) +
            bandChart("tokens/s", stepsOf(Axes[A], A, Done, speed)) +
            bandChart("cores", stepsOf(Axes[A], A, Done, cores)) + "</div>\n";
  }
  if (Body.empty())
    return "";
  return report::html::section(
      "What each axis did",
      report::html::definition(
          "Mean over all other axes, targets and models, in the band from the "
          "lowest to the highest, of the points of the grid that fit.") +
          Body);
}

/// What the page shows of results.csv.
bool isShown(const Column &C, const Study &S) {
  for (const char *End :
       {"_low_uJ", "_high_uJ", "time_per_token_us", "ticks_per_token",
        "bound_share_of_time", "image_bytes", "status", "reason"})
    if (C.Name.ends_with(End))
      return false;
  return (C.Name != "model" || S.Models.size() > 1) &&
         (C.Name != "target" || S.Targets.size() > 1) && C.Name != "tokens";
}

std::string cell(const Column &C, const StudyRow &Row) {
  const std::string Text = C.Cell(Row);
  const auto Number = splitUnit(Text);
  // The name of a point is text, even one of digits only.
  if (!Number || C.Name == "point")
    return escapeHtml(Text);
  return fmt::format("<data value=\"{}\">{}</data>", Number->Number,
                     C.IsText ? escapeHtml(Text)
                              : report::html::shown(Number->Number,
                                                    report::html::Show::Plain));
}

std::string points(const StudyTable &Table,
                   const std::vector<const StudyRow *> &Done) {
  std::vector<std::string> Heads;
  std::vector<size_t> TextColumns;
  std::vector<Column> Shown;
  for (Column &C : columnsOf(*Table.Of)) {
    if (!isShown(C, *Table.Of))
      continue;
    if (C.IsText)
      TextColumns.push_back(Heads.size());
    std::string Head;
    for (char Letter : escapeHtml(C.Name))
      Head += Letter == '_' ? std::string("_<wbr>") : std::string(1, Letter);
    Heads.push_back(std::move(Head));
    Shown.push_back(std::move(C));
  }
  std::vector<std::vector<std::string>> Rows;
  for (const StudyRow *Row : thinned(Done, MostRows)) {
    Rows.emplace_back();
    for (const Column &C : Shown)
      Rows.back().push_back(cell(C, *Row));
  }
  return report::html::section(
      "Points",
      report::html::definition("Click a head to sort. A point's folder is "
                               "points/ with the name in the first column." +
                               thinningNote(Rows.size(), Done.size())) +
          "<div id=\"points\">" +
          report::html::table(Heads, Rows, TextColumns) + "</div>\n");
}

/// Points of \p Status by reason, the commonest first.
std::string reasons(const StudyTable &Table, PointStatus Status,
                    const char *Title) {
  std::map<std::string, std::pair<size_t, const StudyRow *>> ByReason;
  for (const StudyRow &Row : Table.Rows)
    if (Row.Result.Status == Status)
      ++ByReason.try_emplace(Row.Result.Reason, 0, &Row).first->second.first;
  std::vector<std::vector<std::string>> Rows;
  for (const auto &[Reason, Points] : ByReason) {
    std::string Example;
    for (const std::string &Key : Table.Of->variedKeys())
      if (auto Value = Points.second->Of->valueOf(Key))
        Example += (Example.empty() ? "" : ", ") + Key + "=" + *Value;
    Rows.push_back({escapeHtml(Reason), escapeHtml(Example),
                    std::to_string(Points.first)});
  }
  std::ranges::stable_sort(Rows, [](const auto &A, const auto &B) {
    return std::stoull(A[2]) > std::stoull(B[2]);
  });
  if (Rows.empty())
    return "";
  return report::html::section(
      Title,
      report::html::table({"reason", "for example", "points"}, Rows, {0, 1}));
}

std::string inputs(const StudyTable &Table,
                   const std::vector<report::FileMark> &Inputs) {
  const Study &S = *Table.Of;
  std::string List = fmt::format(
      "<dl><dt>fidelity</dt><dd>{}</dd><dt>tokens read, at most</dt><dd>{}"
      "</dd>",
      sim::fidelityName(S.Fidelity), S.Tokens);
  for (const Setting &F : S.Fixed)
    List += fmt::format("<dt>{}</dt><dd>{}</dd>", escapeHtml(F.Key),
                        escapeHtml(F.Value));
  for (const report::FileMark &F : Inputs)
    List += fmt::format("<dt>{}</dt><dd>{} bytes, <code>{}</code></dd>",
                        escapeHtml(F.Role), report::grouped(F.Bytes),
                        report::hashText(F.Hash));
  return report::html::section("Inputs", List + "</dl>\n");
}

} // namespace

std::string study::studyPage(const StudyTable &Table,
                             const std::vector<report::FileMark> &Inputs,
                             size_t Planned) {
  std::vector<const StudyRow *> Done;
  for (const StudyRow &Row : Table.Rows)
    if (isDone(Row))
      Done.push_back(&Row);
  const std::string Title = escapeHtml(Table.Of->Name);
  std::string Counts = fmt::format(
      "{}: {} done, {} do not fit, {} failed",
      plural(report::grouped(Planned), "point"), Done.size(),
      Table.count(PointStatus::DoesNotFit), Table.count(PointStatus::Failed));
  if (Table.Rows.size() < Planned)
    Counts += fmt::format(", {} not reached", Planned - Table.Rows.size());
  std::string Body;
  if (!Done.empty())
    Body = front(Table, Done) + axes(Table, Done) + points(Table, Done);
  Body += reasons(Table, PointStatus::Failed, "Failed points") +
          reasons(Table, PointStatus::DoesNotFit, "Points that do not fit") +
          inputs(Table, Inputs);
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, "
      "initial-scale=1\">\n<title>{}</title>\n<style>{}{}</style>\n</head>\n"
      "<body>\n<main>\n<header><h1>{}<small>{}</small></h1></header>\n{}"
      "</main>\n<script>{}</script>\n</body>\n</html>\n",
      Title, report::html::Style, MoreStyle, Title, Counts, Body, SortScript);
}
