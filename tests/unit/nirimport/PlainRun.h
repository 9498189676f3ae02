//===- tests/unit/nirimport/PlainRun.h - NIR as it is written ---*- C++ -*-===//
//
// Runs a NIR graph node by node in binary64, channels first, by the equations
// of Interpretation.h: what imported networks are compared with. It shares
// nothing with the importer but the constants of a step.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_TESTS_UNIT_NIRIMPORT_PLAINRUN_H
#define SYNFIRE_TESTS_UNIT_NIRIMPORT_PLAINRUN_H

#include "models/nir/Interpretation.h"

#include <deque>

namespace synfire {

class PlainRun {
public:
  PlainRun(const nir::Graph &G, const nir::Interpretation &How);
  /// One step with \p Input [element in C order] at the graph's Input.
  void step(const std::vector<double> &Input);
  /// What node \p I gives in this step: spikes as 0 and 1.
  const std::vector<double> &of(size_t I) const { return Out[I]; }
  const std::vector<double> &membrane(size_t I) const { return V[I]; }

private:
  std::vector<double> arriving(size_t I) const;
  std::vector<double> linear(size_t I, const std::vector<double> &X) const;
  std::vector<double> neurons(size_t I, const std::vector<double> &X);

  const nir::Graph &G;
  const nir::Interpretation &How;
  std::vector<size_t> Position;
  std::vector<std::vector<double>> Out, Last, V, Current;
  std::vector<std::vector<float>> Weights;
  std::vector<std::deque<std::vector<double>>> Late;
};

} // namespace synfire

#endif // SYNFIRE_TESTS_UNIT_NIRIMPORT_PLAINRUN_H
