//===- models/generate/DeclaredShape.h - Networks without weights -*- C++
//-*-===//
//
// A network that is told by its sizes alone: by the name of a published one, or
// by the `config.json` that lies beside its weights. It becomes a checkpoint
// whose tensors have names and shapes and no elements, which the importers read
// as any other.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_MODELS_GENERATE_DECLAREDSHAPE_H
#define SYNFIRE_MODELS_GENERATE_DECLAREDSHAPE_H

#include "models/checkpoint/Checkpoint.h"
#include "models/generate/PublishedShapes.h"

#include <optional>

namespace synfire::models {

struct DeclaredShape {
  std::string Name;         ///< as given: for messages
  std::string Architecture; ///< spikegpt, matmulfree, spikelm or spikellm
  GeneratedShape Sizes;
  GeneratedLlama Llama; ///< of spikellm
  GeneratedBert Bert;   ///< of spikelm
  int64_t Hidden = 0;   ///< of matmulfree; 0: what the public code takes
};

/// What the user changes of a shape.
struct ShapeChanges {
  std::string Architecture;      ///< empty: what the name or the file says
  int64_t Positions = 0;         ///< 0: as the shape has it
  std::optional<int> WeightBits; ///< of the codes of spikellm
};

/// `spikellm-7b` and its like, or the path of a `.json` file with the keys of a
/// Hugging Face configuration; `model_type` llama is spikellm, bert spikelm.
/// Errors: `shape-unknown` with the names that there are, `shape-architecture`,
/// `shape-positions`, `config-syntax`, `config-value`.
Result<DeclaredShape> readShape(const std::string &NameOrFile,
                                const ShapeChanges &Changes);

/// The network as a checkpoint. Masks of channels are random ones with the
/// shape's share of low channels: those of the generators at seed 1.
Result<checkpoint::Checkpoint> declareNetwork(const DeclaredShape &Shape);

} // namespace synfire::models

#endif // SYNFIRE_MODELS_GENERATE_DECLAREDSHAPE_H
