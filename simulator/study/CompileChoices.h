//===- simulator/study/CompileChoices.h - Options of a compile --*- C++ -*-===//

#ifndef SYNFIRE_SIMULATOR_STUDY_COMPILECHOICES_H
#define SYNFIRE_SIMULATOR_STUDY_COMPILECHOICES_H

#include <cstdint>
#include <optional>
#include <string>

namespace synfire::study {

/// What the compiler is told beside the chip; as the options of `synfire
/// compile`.
struct CompileChoices {
  uint32_t WeightBits = 8;     ///< 2 .. 8
  uint32_t ActivationBits = 8; ///< 2 .. 16
  bool DeferNorms = false;
  std::string Placement = "space-filling";
  std::optional<uint32_t> Spread; ///< chips
  uint64_t Seed = 0;
};

} // namespace synfire::study

#endif // SYNFIRE_SIMULATOR_STUDY_COMPILECHOICES_H
