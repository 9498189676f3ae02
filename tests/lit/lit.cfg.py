# Text tests of dialects and passes: a test is a file with RUN lines.
import os

import lit.formats

config.name = "synfire"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir"]
config.test_source_root = os.path.dirname(__file__)
config.environment["PATH"] = os.pathsep.join(
    [config.synfire_tools_dir, config.llvm_tools_dir, config.environment["PATH"]]
)
