//===- models/sanafe/SanaProgram.h - One neuron of SANA-FE ------*- C++ -*-===//

#ifndef SYNFIRE_MODELS_SANAFE_SANAPROGRAM_H
#define SYNFIRE_MODELS_SANAFE_SANAPROGRAM_H

#include "models/network/GraphBuilder.h"
#include "models/sanafe/SanaNet.h"

namespace synfire::models {

/// What arrives at a population: sums, each worth Factor.
struct SanaTerm {
  mlir::Value Sums;
  double Factor = 1;
  double Largest = 0; ///< magnitude of Sums, at most
  bool IsInteger = false;
};

/// Whether integers compute the neurons exactly: all on the grid of 1/64, and
/// the terms of a step below 2^22 together.
bool isOnGrid(const sanafe::NeuronKind &K);
bool areOnGrid(const std::vector<SanaTerm> &Terms);

/// A population \p Name of \p Kinds, one per neuron, which reset alike; its
/// spikes. \p Integer: in units of 1/64, else in binary32. Integers that
/// nothing keeps small stop at 2^24, currents that stay at 2^22: SANA-FE goes
/// on, but no threshold is beyond 2^18.
spike::PopulationOp
sanaNeurons(GraphBuilder &G, const std::string &Name,
            const std::vector<const sanafe::NeuronKind *> &Kinds,
            const std::vector<SanaTerm> &Terms, bool Integer);

} // namespace synfire::models

#endif // SYNFIRE_MODELS_SANAFE_SANAPROGRAM_H
