//===- models/generate/PublishedShapes.h - Sizes of networks ----*- C++ -*-===//
//
// The sizes that papers give, by the names that a user gives them.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_MODELS_GENERATE_PUBLISHEDSHAPES_H
#define SYNFIRE_MODELS_GENERATE_PUBLISHEDSHAPES_H

#include "models/generate/SpikeLlmWeights.h"
#include "models/generate/SpikeLmWeights.h"

#include <map>
#include <string>

namespace synfire::models {

struct PublishedLlama {
  GeneratedShape Shape;
  GeneratedLlama Llama;
};

/// `7b`, `13b`, `30b` and `65b` of LLaMA (arXiv 2302.13971, table 2), `70b` of
/// LLaMA 2 (2307.09288, table 1).
const std::map<std::string, PublishedLlama> &publishedSpikeLlm();
/// `base`: BERT-base (arXiv 1810.04805, section 3).
const std::map<std::string, GeneratedShape> &publishedSpikeLm();
/// `46m` and `216m` (arXiv 2302.13939).
const std::map<std::string, GeneratedShape> &publishedSpikeGpt();
/// `370m`, as it ran on Loihi 2 (docs/models.md).
const std::map<std::string, GeneratedShape> &publishedMatMulFree();

/// Fills in what \p B leaves out, in the proportions of BERT-base.
void completeBert(const GeneratedShape &S, GeneratedBert &B);

} // namespace synfire::models

#endif // SYNFIRE_MODELS_GENERATE_PUBLISHEDSHAPES_H
