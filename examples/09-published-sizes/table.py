#!/usr/bin/env python3
"""The answers of `synfire fit --json` in a folder as one table.

    table.py FOLDER    # NETWORK-BITS-TARGET.json; writes FOLDER/table.md too
"""

import json
import pathlib
import sys

HEADS = ["network", "bits", "chip", "cores", "chips", "fits", "weights",
         "written by events", "slots", "other", "binds", "seconds", "peak"]


def sized(count):
    """Bytes with three digits."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:.3g} TB"


def row(path):
    answer = json.loads(path.read_text())
    network, bits, target = path.stem.rsplit("-", 2)
    memory = answer["memory_bytes"]
    shown = [memory.pop(key)
             for key in ("weights", "dynamic_synapses", "slots")]
    failure = answer.get("failure")
    fits = "yes" if not failure else (
        f"no: {failure['limit']} {failure['available']:,}")
    return (target, answer["parameters"], int(bits)), [
        network, bits, target, f"{answer['cores']:,}", f"{answer['chips']:,}",
        fits, *map(sized, shown), sized(sum(memory.values())),
        answer["binds"] or "-", f"{answer['seconds']:.1f}",
        sized(answer["peak_bytes"])]


def main():
    folder = pathlib.Path(sys.argv[1])
    rows = [line for _, line in
            sorted(row(path) for path in folder.glob("*.json"))]
    table = ["| " + " | ".join(line) + " |"
             for line in [HEADS, ["---"] * len(HEADS), *rows]]
    text = "\n".join(table) + "\n"
    (folder / "table.md").write_text(text)
    print(text, end="")


if __name__ == "__main__":
    main()
