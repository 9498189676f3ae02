//===- compiler/transforms/TargetChecker.h - What is lacking ----*- C++ -*-===//
//
// Collects what a network asks for and a target does not have (CheckTarget.cpp)
// and says so (TargetErrors.cpp).
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_COMPILER_TRANSFORMS_TARGETCHECKER_H
#define SYNFIRE_COMPILER_TRANSFORMS_TARGETCHECKER_H

#include "dialects/spike/Spike.h"
#include "targets/ChipSpec.h"

#include <map>
#include <set>

namespace synfire::compiler {

/// One thing that the target lacks, and all that ask for it.
struct Lack {
  const char *Rule;
  std::string Place = {};              ///< of the first, as messages write it
  std::vector<std::string> Names = {}; ///< in the order of the network
  unsigned Most = 0;                   ///< of what is counted, such as bits
};

class TargetChecker {
public:
  /// \p Rewritten: programs will have been brought to the arithmetic of the
  /// target, of another than the network was compiled for.
  TargetChecker(spike::NetworkOp Network, const ChipSpec &Target,
                bool Rewritten);

  bool fits() const;
  /// First what the chip is and the ways out, then each lack with its place.
  Errors explain() const;

private:
  void check(spike::PopulationOp P);
  void checkProgram(spike::PopulationOp P);
  void checkWeights(spike::QuantizeOp Q);
  void checkMemory(spike::MatmulOp M);
  void checkSum(spike::ReduceOp R);

  uint32_t widestWeight() const;
  std::string carriedKinds() const;
  std::string missingClasses() const;
  std::string otherCodings() const;
  std::string oddEvents() const;
  std::string hostProcessor() const;
  Error lesson() const;

  spike::NetworkOp Network;
  const ChipSpec &Target;
  const bool Rewritten;
  size_t NumPopulations = 0;
  std::set<std::string> OddWork, OddOps; ///< of populations in Fixed
  Lack Fixed{"target-fixed-neuron"};
  Lack Dense{"target-events"};
  Lack Real{"target-arithmetic"}; ///< where neurons have integers
  std::map<isa::CostClass, Lack> Missing;
  std::map<image::PayloadKind, Lack> Kinds;
  Lack Length{"target-program-length"};
  Lack Payload{"target-payload-bits"};
  Lack Sums{"target-payload-kind"}; ///< where there is no payload
  Lack Weights{"target-weight-bits"};
  Lack Memories{"target-dynamic-synapses"};
  Lack Cells{"target-memory-bits"}; ///< what is written is too wide
};

} // namespace synfire::compiler

#endif // SYNFIRE_COMPILER_TRANSFORMS_TARGETCHECKER_H
