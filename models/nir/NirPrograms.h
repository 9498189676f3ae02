//===- models/nir/NirPrograms.h - Populations of NIR nodes ------*- C++ -*-===//
//
// The programs of populations: one step of the equations of Interpretation.h,
// in binary32. Products of constants are taken in binary64 and rounded once.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_MODELS_NIR_NIRPROGRAMS_H
#define SYNFIRE_MODELS_NIR_NIRPROGRAMS_H

#include "models/nir/Interpretation.h"
#include "models/nir/PerNeuron.h"

namespace synfire::models {

/// What a population reads, each neuron its own: Scale times what Of has.
struct Term {
  mlir::Value Of;
  PerNeuron Scale{1};
  /// Given by a population or input, so that linears may read it.
  bool Given = true;
  /// Largest magnitude of the integers Of has; 0 for real values.
  int64_t Largest = 0;
  bool Signed = false;
};

/// The sum of terms and a constant.
struct Signal {
  std::vector<Term> Terms;
  PerNeuron Bias{0};
  /// Whether linears may read each term: given, one factor, no bias.
  bool isLinear() const;
};

/// The constants of a neuron (nir::NeuronStep) in the order of a population.
struct NeuronConstants {
  PerNeuron Decay, Drive, Gain, SynDecay, SynGain, Threshold, ResetTo;
  bool HasCurrent, Spikes;
  NeuronConstants(const nir::NeuronStep &Step, const SpatialShape &Shape);
};

/// A population \p Name of \p Count neurons; results are the spikes (or the
/// membrane, if it does not spike) and, unless \p Membrane is empty, the
/// membrane by that name.
spike::PopulationOp neurons(GraphBuilder &G, const std::string &Name,
                            int64_t Count, const Signal &In,
                            const NeuronConstants &C,
                            const nir::Interpretation &How,
                            const std::string &Membrane);

/// Spikes where \p In is above \p Threshold.
mlir::Value threshold(GraphBuilder &G, const std::string &Name, int64_t Count,
                      const Signal &In, const PerNeuron &Threshold);

/// \p In as the result of a population: integers as graded events, with the
/// factor they had, or else currents.
Term handOn(GraphBuilder &G, const std::string &Name, int64_t Count,
            const Signal &In);
/// The same, always as currents.
Term currents(GraphBuilder &G, const std::string &Name, int64_t Count,
              const Signal &In);

} // namespace synfire::models

#endif // SYNFIRE_MODELS_NIR_NIRPROGRAMS_H
