// Feeds bytes to the pickle interpreter as such, then to the checkpoint
// readers, which tell the formats apart by themselves. Whatever is accepted
// must be readable within bounds.

#include "models/checkpoint/Formats.h"
#include "models/checkpoint/Pickle.h"

#include <cstdlib>

using namespace synfire;
using namespace synfire::checkpoint;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *Data, size_t Size) {
  std::span<const uint8_t> Bytes(Data, Size);
  Result<Pickle> P = Pickle::parse(Bytes, "fuzz", 0);
  if (!P && P.errors().front().Text.empty())
    std::abort();

  std::string Format;
  Result<Contents> C = readTensors(Bytes, "fuzz", Format);
  if (!C)
    return 0;
  for (const Tensor &T : C->Tensors) {
    Result<std::vector<float>> Values = readFloats(Bytes, T);
    if (!Values || Values->size() != static_cast<size_t>(T.numElements()) ||
        !digest(Bytes, T))
      std::abort();
  }
  return 0;
}
