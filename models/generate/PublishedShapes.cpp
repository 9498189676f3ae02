//===- PublishedShapes.cpp - Sizes of networks ----------------------------===//

#include "models/generate/PublishedShapes.h"

#include <algorithm>

namespace synfire::models {

const std::map<std::string, PublishedLlama> &publishedSpikeLlm() {
  static const std::map<std::string, PublishedLlama> Models = {
      {"7b", {{32, 4096, 32000}, {11008, 32, 32, 2048}}},
      {"13b", {{40, 5120, 32000}, {13824, 40, 40, 2048}}},
      {"30b", {{60, 6656, 32000}, {17920, 52, 52, 2048}}},
      {"65b", {{80, 8192, 32000}, {22016, 64, 64, 2048}}},
      {"70b", {{80, 8192, 32000}, {28672, 64, 8, 4096, 1e-5}}},
  };
  return Models;
}

const std::map<std::string, GeneratedShape> &publishedSpikeLm() {
  static const std::map<std::string, GeneratedShape> Models = {
      {"base", {12, 768, 30522}}};
  return Models;
}

const std::map<std::string, GeneratedShape> &publishedSpikeGpt() {
  static const std::map<std::string, GeneratedShape> Models = {
      {"46m", {12, 512, 5458}}, {"216m", {18, 768, 50277}}};
  return Models;
}

const std::map<std::string, GeneratedShape> &publishedMatMulFree() {
  // As published but for the vocabulary, which was 32,000: embedding and head
  // were not on the chip.
  static const std::map<std::string, GeneratedShape> Models = {
      {"370m", {24, 1024, 256}}};
  return Models;
}

void completeBert(const GeneratedShape &S, GeneratedBert &B) {
  if (B.Hidden == 0)
    B.Hidden = 4 * S.Width;
  if (B.Heads == 0)
    B.Heads = std::max<int64_t>(1, S.Width / 64);
  if (B.Positions == 0)
    B.Positions = 512;
}

} // namespace synfire::models
