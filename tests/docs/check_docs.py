#!/usr/bin/env python3
"""Holds the documents to the tree. Fails when

- an op or type of a dialect has no row in docs/status.md, or a row has no op;
- a relative link or its anchor leads nowhere;
- a path in backticks does not exist;
- a `synfire` command line uses a subcommand or option that the help of the
  built command does not know, or `synfire-opt` a pass that no Passes.td has.

usage: check_docs.py SOURCE_DIR [SYNFIRE_BINARY]
       check_docs.py --self-test
"""

import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

FENCE = re.compile(r"^(```.*?^```|(?:(?<=\n\n)(?:    [^\n]*\n+)+))", re.M | re.S)
INLINE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
SOURCES = {".h", ".cpp", ".td", ".py", ".sh", ".cmake", ".mlir", ".yaml", ".md",
           ".in", ".pth"}
# What commands write, and what names a kind of file rather than a file.
PRODUCED = ("build", "out/")


def documents(root):
    skip = ("build", "out")
    return [p for p in sorted(root.rglob("*.md"))
            if not p.relative_to(root).parts[0].startswith(skip)]


def ops(root):
    """`spike.linear`, `chip.core`, ...: every op of the dialects."""
    found = set()
    for file in sorted(root.glob("dialects/*/*.td")):
        text = file.read_text()
        for mnemonic in re.findall(r'^def \w+Op\s*:\s*\w+<"(\w+)"', text, re.M):
            found.add(f"{file.parent.name}.{mnemonic}")
    return found


def check_status(root):
    status = root / "docs/status.md"
    rows = set(re.findall(r"^\| `(\w+\.\w+)` \|", status.read_text(), re.M))
    known = ops(root)
    faults = [f"docs/status.md: op {op} has no row" for op in known - rows]
    return faults + [f"docs/status.md: there is no op {op}" for op in rows - known]


def anchors(text):
    """The anchors of a page's headings, as forges make them."""
    out = set()
    for heading in re.findall(r"^#+ (.+)$", FENCE.sub("", text), re.M):
        slug = re.sub(r"[^\w\- ]", "", heading.strip().lower())
        out.add(slug.replace(" ", "-"))
    return out


def check_links(root, file, text):
    faults = []
    for target in LINK.findall(FENCE.sub("", text)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        there = (file.parent / path).resolve() if path else file
        if not there.exists():
            faults.append(f"link to {target}, which does not exist")
        elif anchor and there.suffix == ".md" and (
                anchor not in anchors(there.read_text())):
            faults.append(f"link to {target}: no such heading")
    return faults


def check_paths(root, file, text):
    tops = {p.name for p in root.iterdir() if p.is_dir()}
    faults = []
    for span in INLINE.findall(FENCE.sub("", text)):
        word = span.strip()
        if re.search(r"[\s<>{}*$=]|\.\.\.|[A-Z]{4,}[./]|://", word):
            continue
        if word.startswith(PRODUCED):
            continue
        path = pathlib.PurePosixPath(word)
        if "/" in word:
            # `compiler/lowering`, `tests/e2e/x.py`; not `+1/-1` or `Mbit/s`.
            if path.parts[0] in tops or path.suffix in SOURCES:
                if not ((root / word).exists() or (file.parent / word).exists()):
                    faults.append(f"path `{word}` does not exist")
        elif path.suffix in {".h", ".cpp", ".td"} and path.stem:
            if not any(True for top in ("targets", "dialects", "models",
                                        "compiler", "simulator", "tools", "tests")
                       for _ in (root / top).rglob(word)):
                faults.append(f"file `{word}` does not exist")
    return faults


def command_lines(text):
    """Every `synfire...` command in code, with continuation lines joined."""
    code = [m.group(0) for m in FENCE.finditer(text)]
    lines = "\n".join(code).replace("\\\n", " ").splitlines()
    lines += INLINE.findall(FENCE.sub("", text))
    for line in lines:
        for part in re.split(r"[|;]|&&|\s>\s", line):
            match = re.match(r"\s*(?:\$ )?(?:\S*/)?(synfire(?:-opt)?)\s+(.*)$", part)
            if match:
                try:
                    yield match[1], shlex.split(match[2], comments=True)
                except ValueError:
                    yield match[1], match[2].split()


def help_of(binary, *subcommand):
    done = subprocess.run([binary, *subcommand, "--help"], capture_output=True,
                          text=True, timeout=60)
    return done.stdout if done.returncode == 0 else None


class Options:
    """The subcommands and options that a built `synfire` knows."""

    def __init__(self, binary):
        listing = help_of(binary).split("Subcommands:")[1]
        self.of = {}
        for name in re.findall(r"^  ([\w-]+)", listing, re.M):
            found = re.findall(r"(?<![\w-])--?[a-z][\w-]*", help_of(binary, name))
            self.of[name] = set(found)

    def check(self, words):
        if not words or words[0].startswith("-"):
            return []
        if words[0] not in self.of:
            return [f"there is no command synfire {words[0]}"]
        return [f"synfire {words[0]} has no option {w}" for w in words[1:]
                if re.match(r"--?[a-z]", w)
                and w.split("=")[0] not in self.of[words[0]]]


def passes(root):
    found = {"--spike-simplify", "--cse", "--help"}
    for file in root.glob("compiler/*/Passes.td"):
        found |= {f"--{name}" for name in
                  re.findall(r'^def \w+ : \w+<"([\w-]+)">', file.read_text(), re.M)}
    return found


def check(root, options):
    faults = check_status(root)
    known = passes(root)
    for file in documents(root):
        text = file.read_text()
        found = check_links(root, file, text) + check_paths(root, file, text)
        for tool, words in command_lines(text):
            if tool == "synfire-opt":
                found += [f"synfire-opt has no pass {w}" for w in words
                          if w.startswith("--") and w.split("=")[0] not in known]
            elif options:
                found += options.check(words)
        faults += [f"{file.relative_to(root)}: {fault}" for fault in found]
    return sorted(faults)


def self_test():
    """A tree with one fault of each kind must be refused, and mended accepted."""
    with tempfile.TemporaryDirectory() as temp:
        root = pathlib.Path(temp)
        for folder in ("docs", "dialects/spike", "compiler/transforms", "tools"):
            (root / folder).mkdir(parents=True)
        (root / "dialects/spike/SpikeOps.td").write_text(
            'def LinearOp : Spike_InNetwork<"linear"> {\n')
        (root / "compiler/transforms/Passes.td").write_text(
            'def Quantize : SpikePass<"spike-quantize"> {\n')
        page, status = root / "README.md", root / "docs/status.md"
        options = Options.__new__(Options)
        options.of = {"run": {"--mode", "-o"}}
        good = ("# Page one\n\n[here](docs/status.md) [there](#page-one) `docs/status.md`"
                "\n\n    build/bin/synfire run x.sfi \\\n      --mode prefill -o y\n"
                "\n    synfire-opt x.mlir --spike-quantize\n")
        status.write_text("| `spike.linear` | yes |\n")
        page.write_text(good)
        assert check(root, options) == [], check(root, options)
        for bad in ("[x](docs/none.md)", "[x](#page-two)", "`tools/none`",
                    "`Nowhere.cpp`", "`synfire run x --fast`", "`synfire fly x`",
                    "`synfire-opt x --spike-fly`",
                    "text\n\n    synfire run x \\\n      --fast\n"):
            page.write_text(good + "\n" + bad + "\n")
            assert len(check(root, options)) == 1, (bad, check(root, options))
        page.write_text(good)
        for bad in ("", "| `spike.linear` | \n| `spike.fly` | yes |\n"):
            status.write_text(bad)
            assert len(check(root, options)) == 1, bad


def main():
    self_test()
    if sys.argv[1:] == ["--self-test"]:
        return 0
    root = pathlib.Path(sys.argv[1]).resolve()
    binary = sys.argv[2] if len(sys.argv) > 2 else None
    if binary and not pathlib.Path(binary).exists():
        print(f"{binary} is not built: command lines are not checked")
        binary = None
    faults = check(root, Options(binary) if binary else None)
    for fault in faults:
        print(fault)
    print(f"{len(faults)} faults in {len(documents(root))} documents")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
