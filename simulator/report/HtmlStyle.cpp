//===- simulator/report/HtmlStyle.cpp - Style sheet and script ------------===//

#include "simulator/report/HtmlParts.h"

namespace synfire::report::html {

const std::string_view Style = R"css(
:root { color-scheme: light dark;
  --bg: #f6f7f9; --card: #ffffff; --ink: #1b2230; --soft: #5b6577; --line: #dfe3ea;
  --track: #eceff4; --accent: #2f5fd0; --warn-bg: #fff6e0; --warn: #8a5a00;
  --c0: #3566d6; --c1: #e08a1e; --c2: #2a9d8f; --c3: #8757c9; --c4: #d1495b; --c5: #6b7a90; --c6: #a8b3c4; }
@media (prefers-color-scheme: dark) { :root:not([data-theme=light]) {
  --bg: #10141b; --card: #181e28; --ink: #e6eaf2; --soft: #9aa6ba; --line: #2b3443;
  --track: #232b38; --accent: #86a9ff; --warn-bg: #2b2413; --warn: #f0c66b;
  --c0: #6f97f5; --c1: #f0a64a; --c2: #4cc2b3; --c3: #b18be8; --c4: #ee7f8e; --c5: #8b9ab0; --c6: #566276; } }
:root[data-theme=dark] { color-scheme: dark;
  --bg: #10141b; --card: #181e28; --ink: #e6eaf2; --soft: #9aa6ba; --line: #2b3443;
  --track: #232b38; --accent: #86a9ff; --warn-bg: #2b2413; --warn: #f0c66b;
  --c0: #6f97f5; --c1: #f0a64a; --c2: #4cc2b3; --c3: #b18be8; --c4: #ee7f8e; --c5: #8b9ab0; --c6: #566276; }
:root[data-theme=light] { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--bg); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 28px 20px 60px; }
header { display: flex; flex-wrap: wrap; gap: 8px 20px; align-items: baseline; margin-bottom: 18px; }
h1 { font-size: 26px; line-height: 1.2; margin: 0; letter-spacing: -0.01em; flex: 1 1 auto; }
h1 small { display: block; font-size: 14px; font-weight: 400; color: var(--soft); letter-spacing: 0; margin-top: 5px; }
h2 { font-size: 18px; margin: 0 0 4px; }
h3 { font-size: 14px; margin: 22px 0 8px; color: var(--soft); font-weight: 600; }
section, .cards > div { background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
section { padding: 20px 22px; margin-top: 16px; }
p.def { color: var(--soft); font-size: 13px; margin: 4px 0 12px; max-width: 92ch; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(190px, 1fr)); gap: 12px; }
.cards > div { padding: 14px 16px; }
.cards span.name { display: block; font-size: 12.5px; color: var(--soft); }
.cards b { display: block; font-size: 23px; line-height: 1.3; font-weight: 650; font-variant-numeric: tabular-nums; }
.cards b .range { display: none; }
.cards b small { font-size: 13px; font-weight: 400; color: var(--soft); white-space: nowrap; }
.cards p { margin: 2px 0 0; font-size: 12.5px; color: var(--soft); }
.notes { background: var(--warn-bg); border-color: transparent; }
.notes h2 { color: var(--warn); }
.notes ul { margin: 8px 0 0; padding-left: 20px; }
.notes li { margin: 5px 0; }
.notes li:first-child { font-weight: 600; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 13.5px; }
th { text-align: left; color: var(--soft); font-weight: 600; font-size: 12.5px; vertical-align: bottom; }
th, td { padding: 6px 14px 6px 0; border-bottom: 1px solid var(--line); }
td { vertical-align: top; }
tbody tr:last-child td { border-bottom: 0; }
.num { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
th:last-child, td:last-child { padding-right: 0; }
.range, .none { color: var(--soft); font-size: 0.92em; }
svg { display: block; width: 100%; }
svg.stack { height: 30px; border-radius: 6px; overflow: hidden; margin-top: 10px; }
h3.mode { color: var(--ink); font-size: 16px; margin-top: 26px; border-top: 1px solid var(--line); padding-top: 16px; }
p.verdict { border-left: 3px solid var(--accent); padding: 2px 0 2px 12px; margin: 14px 0; max-width: 92ch; }
.strip { border-bottom: 1px solid var(--soft); } .strip span { font-size: 12px; color: var(--soft); }
.strip svg { height: 130px; border-top: 1px dashed var(--line); } .hover rect { fill: transparent; } .hover rect:hover { fill: var(--ink); fill-opacity: 0.18; }
.swatch { display: inline-block; width: 12px; height: 12px; border-radius: 3px; margin-right: 6px; vertical-align: -1px; }
.maps { display: flex; flex-wrap: wrap; gap: 18px 30px; margin: 12px 0; } .maps figure { margin: 0; flex: 1 1 300px; }
svg.floor text { fill: var(--soft); font-size: 10px; } svg.floor .chip { fill: var(--bg); stroke: var(--line); }
svg.floor .idle { fill: none; stroke: var(--c6); stroke-width: 0.7; stroke-opacity: 0.6; }
.hot rect { fill: var(--c4); stroke: var(--c4); stroke-width: 0.7; } .hot rect:hover { stroke: var(--ink); stroke-width: 1.5; }
.wires path { stroke: var(--c0); stroke-width: 2.2; } .keys i { display: inline-block; width: 15px; height: 11px; }
.keys i.hotkey { background: var(--c4); } .keys i.wirekey { background: var(--c0); } svg.swing { width: 220px; height: 14px; border-radius: 3px; }
.c0 { fill: var(--c0); background: var(--c0); } .c1 { fill: var(--c1); background: var(--c1); }
.c2 { fill: var(--c2); background: var(--c2); } .c3 { fill: var(--c3); background: var(--c3); }
.c4 { fill: var(--c4); background: var(--c4); } .c5 { fill: var(--c5); background: var(--c5); }
.c6 { fill: var(--c6); background: var(--c6); } .track { fill: var(--track); }
svg.lines path { fill: none; stroke-width: 2.2; stroke-linejoin: round; } svg.lines text { fill: var(--soft); font-size: 14px; }
svg.lines .grid { stroke: var(--line); stroke-width: 1; } svg.lines .dash, .keys .dash { stroke-dasharray: 7 5; }
.s0 { stroke: var(--c0); } .s1 { stroke: var(--c1); } .s2 { stroke: var(--c2); } .s3 { stroke: var(--c3); }
.s4 { stroke: var(--c4); } .s5 { stroke: var(--c5); } .s6 { stroke: var(--c6); } svg.lines .ink, .keys .ink { stroke: var(--ink); stroke-width: 3.5; }
ul.keys { list-style: none; padding: 0; margin: 8px 0 0; display: flex; flex-wrap: wrap; gap: 4px 20px; font-size: 13px; }
ul.keys svg { display: inline-block; width: 34px; height: 8px; margin-right: 7px; stroke-width: 2.2; }
ul.legend { list-style: none; padding: 0; margin: 12px 0 0; display: grid;
  grid-template-columns: repeat(auto-fill, minmax(300px, 1fr)); gap: 5px 26px; font-size: 13px; }
ul.legend li { display: grid; grid-template-columns: 12px 84px 58px 1fr; gap: 9px; align-items: center; }
ul.legend .key { width: 12px; height: 12px; border-radius: 3px; }
ul.legend b { text-align: right; font-weight: 600; font-variant-numeric: tabular-nums; }
ul.legend i { font-style: normal; color: var(--soft); }
.bars { display: grid; grid-template-columns: minmax(90px, max-content) 1fr max-content;
  gap: 6px 14px; align-items: center; font-size: 13px; }
.bars svg { height: 10px; border-radius: 3px; overflow: hidden; }
.grade { display: inline-block; min-width: 20px; text-align: center; border-radius: 4px; border: 1px solid var(--line); font-size: 12px; }
.grade.A { background: var(--warn-bg); color: var(--warn); border-color: transparent; font-weight: 700; }
button { font: inherit; font-size: 13px; padding: 5px 12px; border-radius: 7px; border: 1px solid var(--line);
  background: var(--card); color: var(--ink); cursor: pointer; }
button:hover { border-color: var(--accent); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 18px; margin: 8px 0 0; font-size: 13.5px; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
code { font: 12.5px/1.4 ui-monospace, "DejaVu Sans Mono", monospace; }
@media print { button { display: none; } section, .cards > div { break-inside: avoid; } body { background: #fff; } }
)css";

const std::string_view Script = R"js(
(function () {
  var root = document.documentElement;
  document.getElementById("theme").addEventListener("click", function () {
    var dark = root.dataset.theme ? root.dataset.theme === "dark"
                                  : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  });
  document.getElementById("download").addEventListener("click", function () {
    var data = document.getElementById("summary").textContent;
    var link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([data], { type: "application/json" }));
    link.download = "summary.json";
    link.click();
    URL.revokeObjectURL(link.href);
  });
})();
)js";

} // namespace synfire::report::html
