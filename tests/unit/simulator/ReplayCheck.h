//===- ReplayCheck.h - A replay against a run -------------------*- C++ -*-===//

#ifndef SYNFIRE_TESTS_UNIT_SIMULATOR_REPLAYCHECK_H
#define SYNFIRE_TESTS_UNIT_SIMULATOR_REPLAYCHECK_H

#include "simulator/engine/Simulation.h"
#include "simulator/replay/Replay.h"

#include <gtest/gtest.h>

#include <functional>

namespace synfire::sim {

/// Gives a simulation everything that the network reads.
using Feeder = std::function<Status(Simulation &)>;

/// The activity of \p Image on \p Spec.
inline ActivityTrace record(const image::Image &Image, const ChipSpec &Spec,
                            const Feeder &Feed) {
  SimulationOptions Options;
  Options.TokenMode = Mode::Prefill;
  Options.RecordActivity = true;
  Result<Simulation> Ran = Simulation::create(Image, Spec, Options);
  if (!Ran) {
    ADD_FAILURE() << Ran.errors().front().format();
    return {};
  }
  const Status Fed = Feed(*Ran);
  EXPECT_TRUE(Fed) << (Fed ? "" : Fed.errors().front().format());
  return Ran->takeActivity();
}

/// \p Trace on \p Image and \p Spec must have the counts and times that a run
/// of them has, or its error, in every mode and fidelity.
inline void expectReplays(const ActivityTrace &Trace, const image::Image &Image,
                          const ChipSpec &Spec, const Feeder &Feed) {
  for (Mode M : {Mode::Prefill, Mode::Generate})
    for (Fidelity F : {Fidelity::Analytic, Fidelity::Event}) {
      SimulationOptions Options;
      Options.TokenMode = M;
      Options.Time = F;
      Result<Simulation> Ran = Simulation::create(Image, Spec, Options);
      if (!Ran) {
        EXPECT_EQ(Ran.errors().front().Rule, "generate-sweeps");
        const Wiring Plan = *Wiring::build(Image, Spec);
        auto Got = replay(Trace, Image, Spec, Plan, M, F);
        ASSERT_FALSE(Got);
        EXPECT_EQ(Got.errors().front().Rule, "generate-sweeps");
        continue;
      }
      const Status Fed = Feed(*Ran);
      Result<ReplayResult> Got =
          replay(Trace, Image, Spec, Ran->wiring(), M, F);
      if (!Fed) { // messages that block each other
        ASSERT_FALSE(Got);
        EXPECT_EQ(Got.errors().front().format(), Fed.errors().front().format());
        continue;
      }
      ASSERT_TRUE(Got) << Got.errors().front().format();
      EXPECT_EQ(Got->Counts, Ran->counters());
      EXPECT_EQ(Got->Times, *Ran->timings());
    }
}

} // namespace synfire::sim

#endif // SYNFIRE_TESTS_UNIT_SIMULATOR_REPLAYCHECK_H
