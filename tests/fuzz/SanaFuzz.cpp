// Feeds bytes to the readers of SANA-FE files. An architecture that is accepted
// must make a chip file that is one; a network must be consistent.

#include "models/sanafe/SanaArch.h"
#include "models/sanafe/SanaNet.h"
#include "targets/ChipSpec.h"

#include <cstdlib>

using namespace synfire;
using namespace synfire::sanafe;

static void checkNet(const SanaNet &Net) {
  for (const Group &G : Net.Groups) {
    for (uint32_t K : G.Kinds)
      if (K >= Net.Kinds.size())
        std::abort();
    if (Net.IsMapped != !G.Cores.empty())
      std::abort();
  }
  for (const Projection &P : Net.Projections) {
    const uint64_t From = Net.Groups[P.From].size(),
                   To = Net.Groups[P.To].size();
    if (P.Weights.size() != (P.Pairs.empty() ? From * To : P.Pairs.size()))
      std::abort();
    for (auto [S, T] : P.Pairs)
      if (S >= From || T >= To)
        std::abort();
  }
  for (auto [G, I] : Net.inputs())
    (void)Net.Kinds[Net.Groups[G].Kinds[I]].fires(Net.longestSpikes());
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *Data, size_t Size) {
  const std::string Text(reinterpret_cast<const char *>(Data), Size);
  if (Result<Arch> A = Arch::parse(Text, "fuzz"); A) {
    if (!ChipSpec::parse(A->toChipYaml(), "fuzz"))
      std::abort();
  } else if (A.errors().front().Text.empty()) {
    std::abort();
  }
  if (Result<SanaNet> Net = SanaNet::parse(Text, "fuzz"))
    checkNet(*Net);
  return 0;
}
