#!/usr/bin/env python3
"""One table of several runs, each with the dense network of its size.

    compare.py RUN/summary.json ... -o TABLE    # TABLE.md and TABLE.html

Reads summary.json files only; docs/report.md defines every figure.
"""

import argparse
import html
import json
import pathlib

HEADS = ["network", "chip", "T", "tokens", "float", "quantised",
         "accumulates", "MACs", "45 nm", "45 nm, int8", "chip, dynamic",
         "chip, with static", "tokens/s"]
UNITS = ["", "", "", "", "bits", "bits", "per token", "per token", "pJ/token",
         "pJ/token", "pJ/token", "pJ/token", ""]


def short(number):
    """Three significant digits with a prefix; a dash for what is not known."""
    if number is None:
        return "-"
    for size, letter in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(number) >= size:
            return f"{number / size:.3g} {letter}"
    return f"{number:.3g}"


def exact(number):
    return "-" if number is None else f"{number:.4f}"


def rows_of(summary):
    """The network that ran, and its dense twin on the same chip."""
    mode, run = summary["modes"][0], summary["run"]
    quality, events = summary["quality"], summary["synops"]["synaptic_events"]
    counted = None
    for row in (summary["accounting"] or {"rows": []})["rows"]:
        if row["accounting"] == "counted_operations":
            counted = row["spiking_pj"] / row["tokens"]
    name = summary["model"]["architecture"] or summary["model"]["name"]
    with_static = (mode["energy_per_token_pj"]["nominal"]
                   if mode["energy_includes_static"] else None)
    spiking = events["accumulate"] - events["embedding_lookup"]
    out = [[name, summary["target"]["name"], str(run["inner_steps"]),
            str(run["tokens"]), exact(quality["float"]),
            exact(quality["quantized"]), short(spiking / run["tokens"]),
            short(events["multiply_accumulate_per_token"]), short(counted), "-",
            short(mode["dynamic_energy_per_token_pj"]["nominal"]),
            short(with_static), short(mode["tokens_per_s"])]]
    if summary["baseline"]:
        dense = summary["baseline"]["points"][0]
        chip = dense["on_this_chip_pj_per_token"]
        total = [m["total_pj"]["nominal"] for m in chip["with_static"]
                 if m["mode"] == mode["mode"]]
        out.append([f"dense twin of {name}", summary["target"]["name"], "1",
                    str(run["tokens"]), "-", "-", "0",
                    short(dense["macs_per_token"]["total"]),
                    short(dense["energy_45nm_pj_per_token"]),
                    short(dense["energy_45nm_int8_pj_per_token"]),
                    short(chip["dynamic"]["nominal"]),
                    short(total[0] if total else None), "-"])
    return out


NOTES = """float, quantised: bits per character, or per masked symbol of SpikeLM:
not to be compared with each other. 45 nm: arithmetic alone, of what was counted
(0.9 pJ an accumulate, 4.5 or 4.6 pJ a multiply-accumulate); int8: 0.23 pJ a
multiply-accumulate. A twin with static power is given the spiking run's time, an
assumption, and its quality is not measured here. The networks differ in size and
task: read each against its own twin, not against the others.""".replace("\n", " ")


def markdown(rows):
    heads = [f"{h} ({u})" if u else h for h, u in zip(HEADS, UNITS)]
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines) + (
        "\n" + NOTES + "\n")


def page(rows):
    cells = lambda tag, line: "".join(
        f"<{tag}>{html.escape(cell)}</{tag}>" for cell in line)
    heads = [f"{h} {u}" for h, u in zip(HEADS, UNITS)]
    body = "".join(f"<tr>{cells('td', row)}</tr>\n" for row in rows)
    return ("<!doctype html>\n<meta charset=\"utf-8\"><title>Spiking networks "
            "and their dense twins</title>\n<style>body{font-family:sans-serif;"
            "margin:2em}td,th{padding:.3em .7em;text-align:right;border-bottom:"
            "1px solid #ccc}td:first-child,th:first-child{text-align:left}"
            "</style>\n<h1>Spiking networks and their dense twins</h1>\n"
            f"<table>\n<tr>{cells('th', heads)}</tr>\n{body}</table>\n"
            f"<p>{html.escape(NOTES)}</p>\n")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("summaries", nargs="+", type=pathlib.Path)
    parser.add_argument("-o", "--output", required=True, help="name to write")
    options = parser.parse_args()
    rows = []
    for path in options.summaries:
        rows += rows_of(json.loads(path.read_text(encoding="utf-8")))
    text = markdown(rows)
    pathlib.Path(options.output + ".md").write_text(text, encoding="utf-8")
    pathlib.Path(options.output + ".html").write_text(page(rows),
                                                      encoding="utf-8")
    print(text, end="")


if __name__ == "__main__":
    main()
