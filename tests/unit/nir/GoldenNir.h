//===- tests/unit/nir/GoldenNir.h - Files of neuromorphs/NIR ----*- C++ -*-===//

#ifndef SYNFIRE_TESTS_UNIT_NIR_GOLDENNIR_H
#define SYNFIRE_TESTS_UNIT_NIR_GOLDENNIR_H

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace synfire::testfiles {

/// The path of a file that others published; it need not be there.
inline std::string golden(const std::string &Name) {
  return std::string(SYNFIRE_SHARED_DIR "/golden/nir/").append(Name);
}

/// One neuron, as a framework ran it.
struct GoldenTrace {
  std::vector<double> Input, V;
  std::vector<int> Spikes; ///< steps
};

/// `traces/lif_NAME.csv`: input, v and spike of each step.
inline GoldenTrace readTrace(const std::string &Name) {
  std::ifstream In(golden("traces/lif_" + Name + ".csv"));
  GoldenTrace T;
  std::string Line;
  for (int Step = 0; std::getline(In, Line); ++Step) {
    std::ranges::replace(Line, ',', ' ');
    std::istringstream Row(Line);
    double Input = 0, V = 0, Spike = 0;
    Row >> Input >> V >> Spike;
    T.Input.push_back(Input);
    T.V.push_back(V);
    if (Spike != 0)
      T.Spikes.push_back(Step);
  }
  return T;
}

} // namespace synfire::testfiles

#endif // SYNFIRE_TESTS_UNIT_NIR_GOLDENNIR_H
