//===- models/generate/GeneratedTensor.h - Seeded random weights -*- C++
//-*-===//
//
// A tensor of which every element is a function of (seed, tensor, index) alone,
// so that it can be made in pieces and changing one tensor moves no other.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_MODELS_GENERATE_GENERATEDTENSOR_H
#define SYNFIRE_MODELS_GENERATE_GENERATEDTENSOR_H

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace synfire::models {

/// Sizes of a network; 0 is not given.
struct GeneratedShape {
  int64_t Layers = 0;
  int64_t Width = 0; ///< channels
  int64_t Vocabulary = 0;
};

/// How the elements of a tensor are made.
enum class Fill : uint8_t {
  Ones,
  Zeros,
  Random,    ///< near-normal, mean Mean, standard deviation Deviation
  TimeDecay, ///< -5 + 8 (c/(d-1))^(0.7 + 1.3 l/(L-1))
  TimeFirst, ///< ln 0.3 + 0, 0.5, -0.5, 0, ...
  Mix,       ///< (c/d)^Exponent + Mean
  Codes,     ///< Deviation * near-normal integers of Bits bits
  Choice,    ///< true for a part Mean of the elements; stored as bool
};

struct GeneratedTensor {
  std::string Name;
  std::vector<int64_t> Shape;
  Fill How = Fill::Zeros;
  float Mean = 0;
  float Deviation = 0;
  double Exponent = 0;
  int Bits = 0; ///< of codes, 2 to 8: -2^(Bits-1) .. 2^(Bits-1) - 1
  /// Of choices: every group of Repeated parts of Part elements is the same
  /// part, repeated.
  int64_t Part = 1;
  int64_t Repeated = 1;

  int64_t numElements() const;
};

/// Elements [First, First + Out.size()) of tensor number \p Index of \p T's
/// network, in C order.
void fillElements(const GeneratedTensor &T, uint64_t Seed, uint64_t Index,
                  int64_t First, std::span<float> Out);

} // namespace synfire::models

#endif // SYNFIRE_MODELS_GENERATE_GENERATEDTENSOR_H
