// Feeds bytes to the .safetensors reader behind a right header length, so that
// the fuzzer need not guess it, and to the .npy and zip readers.

#include "models/checkpoint/Formats.h"
#include "targets/arrays/Npy.h"
#include "targets/arrays/Zip.h"

#include <cstdlib>
#include <cstring>

using namespace synfire;
using namespace synfire::checkpoint;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *Data, size_t Size) {
  std::span<const uint8_t> Bytes(Data, Size);
  (void)parseNpy(Bytes, "fuzz");
  if (Result<ZipArchive> Zip = ZipArchive::parse(Bytes, "fuzz"))
    for (const ZipEntry &Entry : Zip->entries())
      (void)Zip->read(Entry, 1 << 20);

  uint64_t HeaderSize = Size;
  std::vector<uint8_t> File(sizeof(HeaderSize));
  std::memcpy(File.data(), &HeaderSize, sizeof(HeaderSize));
  File.insert(File.end(), Bytes.begin(), Bytes.end());
  File.resize(File.size() + 64);
  Result<Contents> C = readSafetensors(File, "fuzz");
  if (!C)
    return 0;
  for (const Tensor &T : C->Tensors)
    if (!readFloats(File, T))
      std::abort();
  return 0;
}
