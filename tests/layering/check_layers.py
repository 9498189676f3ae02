#!/usr/bin/env python3
"""Fails on an include or a link that the architecture forbids.

usage: check_layers.py SOURCE_DIR LINKS_FILE
       check_layers.py --self-test

docs/architecture.md says who may use whom; RULES says it to the machine. A
folder may include from itself, from the folders listed, and from the libraries
listed (by the first part of the include path). LINKS_FILE is written by CMake:
one line `target folder: library library ...` per target.
"""

import pathlib
import re
import sys
import tempfile

# folder -> (folders it may use, third-party include roots it may use)
MLIR = {"mlir", "llvm"}
RULES = {
    "targets": ({"targets"}, {"yaml-cpp", "fmt", "xxhash.h", "zlib.h"}),
    "dialects/spike": ({"dialects/spike", "targets"}, MLIR),
    "dialects/chip": ({"dialects/chip", "targets"}, MLIR | {"fmt"}),
    "models/checkpoint": ({"models/checkpoint", "targets"},
                          {"yaml-cpp", "fmt", "nlohmann", "xxhash.h", "zlib.h"}),
    "models/hdf5": ({"models/hdf5", "targets"}, {"fmt", "zlib.h"}),
    "models/nir": ({"models/nir", "models/hdf5", "models/checkpoint",
                    "models/network", "dialects/spike", "targets"},
                   MLIR | {"fmt"}),
    "models/lavadl": ({"models/lavadl", "models/nir", "models/hdf5", "models/network",
                       "dialects/spike", "targets"}, MLIR | {"fmt"}),
    "models/sanafe": ({"models/sanafe", "models/network", "dialects/spike",
                       "targets"}, MLIR | {"fmt"}),
    "models/generate": ({"models/generate", "models/checkpoint",
                         "models/network", "targets"},
                        {"fmt", "nlohmann", "CLI"}),
    "models/network": ({"models/network", "models/checkpoint", "dialects/spike",
                        "targets"}, MLIR | {"fmt", "nlohmann"}),
    "models/spikelm": ({"models/spikelm", "models/network",
                        "models/checkpoint", "dialects/spike", "targets"},
                       MLIR | {"fmt"}),
    "models/matmulfree": ({"models/matmulfree", "models/network",
                           "models/checkpoint", "dialects/spike", "targets"},
                          MLIR | {"fmt"}),
    "models/spikegpt": ({"models/spikegpt", "models/network",
                         "models/checkpoint", "dialects/spike", "targets"},
                        MLIR | {"fmt"}),
    "models/spikellm": ({"models/spikellm", "models/network",
                         "models/checkpoint", "dialects/spike", "targets"},
                        MLIR | {"fmt", "nlohmann"}),
    "compiler/mapping": ({"compiler/mapping", "targets"},
                         {"boost", "Eigen", "fmt"}),
    "compiler/reference": ({"compiler/reference", "dialects/spike", "targets"},
                           MLIR | {"Eigen", "fmt", "xxhash.h", "tbb", "oneapi"}),
    "compiler/transforms": ({"compiler/transforms", "compiler/reference",
                             "dialects/spike", "targets"}, MLIR | {"fmt"}),
    "compiler/lowering": ({"compiler/lowering", "compiler/mapping",
                           "compiler/reference", "compiler/transforms",
                           "dialects", "targets"}, MLIR | {"fmt", "boost"}),
    "compiler/emit": ({"compiler/emit", "compiler/lowering",
                       "compiler/mapping", "compiler/reference", "dialects",
                       "targets"}, MLIR | {"fmt", "nlohmann", "xxhash.h",
                                                   "tbb"}),
    "simulator": ({"simulator", "targets"},
                  {"fmt", "nlohmann", "Eigen", "tbb", "oneapi", "xxhash.h"}),
    "simulator/baselines": ({"simulator/baselines", "targets"}, {"fmt"}),
    "simulator/noc": ({"simulator/noc", "targets"}, {"fmt", "zlib.h"}),
    "simulator/study": ({"simulator/study", "simulator/report",
                         "simulator/timing", "targets"},
                        {"fmt", "nlohmann", "xxhash.h"}),
    "simulator/kernel": ({"simulator/kernel", "targets"}, {"immintrin.h"}),
}
PROJECT = {"targets", "dialects", "models", "compiler", "simulator", "tools",
           "tests"}
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.M)


def folder_of(path):
    """The longest folder of RULES that holds `path`, or None."""
    parts = path.split("/")
    for n in range(len(parts), 0, -1):
        if "/".join(parts[:n]) in RULES:
            return "/".join(parts[:n])
    return None


def allowed(user, used):
    return any(used == a or used.startswith(a + "/") for a in RULES[user][0])


def check_includes(root):
    faults = []
    files = [p for top in ("targets", "dialects", "models", "compiler",
                           "simulator")
             for ext in ("*.h", "*.cpp", "*.td", "*.in")
             for p in sorted((root / top).rglob(ext))]
    for file in files:
        name = file.relative_to(root).as_posix()
        user = folder_of(name)
        if user is None:
            faults.append(f"{name}: its folder has no rule in check_layers.py")
            continue
        text = file.read_text(encoding="utf-8", errors="replace")
        for match in INCLUDE.finditer(text):
            path, line = match[1], text[:match.start()].count("\n") + 1
            first = path.split("/")[0]
            if first in PROJECT:
                used = path.rsplit("/", 1)[0]
                if not allowed(user, used):
                    faults.append(f"{name}:{line}: {user} must not use {path}")
            elif "/" in path and first not in RULES[user][1] and first != "sys":
                faults.append(f"{name}:{line}: {user} must not use {path}")
            elif first in {"xxhash.h", "zlib.h"} - RULES[user][1]:
                faults.append(f"{name}:{line}: {user} must not use {path}")
    return faults


def check_links(lines):
    """No library below the dialects may reach MLIR, nor anyone upwards."""
    home, links = {}, {}
    for line in lines:
        head, _, libs = line.partition(":")
        target, _, folder = head.partition(" ")
        home[target], links[target] = folder.strip(), libs.split()
    faults = []
    for target, libs in links.items():
        user = folder_of(home[target])
        if user is None:
            continue
        for lib in libs:
            if lib in home:
                if not allowed(user, home[lib]):
                    faults.append(f"{target} ({home[target]}) must not link "
                                  f"{lib} ({home[lib]})")
            elif lib in ("MLIR", "LLVM") and "mlir" not in RULES[user][1]:
                faults.append(f"{target} ({home[target]}) must not link {lib}")
    return faults


def self_test():
    """A tree with one forbidden include of each kind must be refused."""
    with tempfile.TemporaryDirectory() as temp:
        root = pathlib.Path(temp)
        (root / "simulator/engine").mkdir(parents=True)
        bad = root / "simulator/engine/Bad.cpp"
        for include in ("mlir/IR/Builders.h", "compiler/emit/Emit.h",
                        "dialects/spike/Spike.h"):
            bad.write_text(f'#include "{include}"\n')
            assert check_includes(root), include
        bad.write_text('#include "targets/Image.h"\n#include <vector>\n')
        assert not check_includes(root)
    assert check_links(["a simulator/engine: MLIR"])
    assert check_links(["a simulator/engine: b", "b compiler/emit:"])
    assert not check_links(["a compiler/emit: b MLIR", "b targets:"])


def main():
    self_test()
    if sys.argv[1:] == ["--self-test"]:
        return 0
    root, links = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    faults = check_includes(root) + check_links(links.read_text().splitlines())
    for fault in faults:
        print(fault)
    print(f"{len(faults)} forbidden uses")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
