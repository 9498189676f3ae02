//===- tests/fuzz/ChipYamlFuzz.cpp - Hostile chip files ---------*- C++ -*-===//
//
// Any bytes as a chip file. The first byte decides whether they stand alone,
// extend a sound chip, or are an override. An accepted chip must read back.
//
//===----------------------------------------------------------------------===//

#include "targets/ChipSpec.h"

#include <cstdlib>

using namespace synfire;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *Data, size_t Size) {
  if (Size == 0)
    return 0;
  std::string Text(reinterpret_cast<const char *>(Data + 1), Size - 1);
  Result<ChipSpec> Spec =
      Data[0] % 3 == 0   ? ChipSpec::parse(Text, "f.yaml")
      : Data[0] % 3 == 1 ? ChipSpec::parse("extends: tiny\n" + Text, "f.yaml")
                         : ChipSpec::load("tiny", {Text});
  if (!Spec) {
    if (Spec.errors().empty())
      std::abort();
    return 0;
  }
  Result<ChipSpec> Again = ChipSpec::parse(Spec->resolvedYaml(), "r.yaml");
  if (!Again || Again->hash() != Spec->hash())
    std::abort();
  return 0;
}
