//===- GreedySteps.cpp - Codes as spikes over steps -----------------------===//

#include "models/spikellm/GreedySteps.h"

#include <algorithm>

using namespace synfire::models;

GreedySteps synfire::models::greedySteps(int64_t Code, int64_t Steps,
                                         int64_t Levels, bool Lossy) {
  GreedySteps Result;
  for (int64_t Step = 0; Step < Steps; ++Step) {
    bool TakesAll = !Lossy && Step + 1 == Steps;
    int64_t Spikes = TakesAll ? Code : std::min(Code, Levels - 1);
    Result.Spikes.push_back(Spikes);
    Code -= Spikes;
  }
  Result.Residual = Code;
  return Result;
}
