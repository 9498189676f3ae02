//===- simulator/engine/Simulation.h - One run of an image ------*- C++ -*-===//
//
// What a tool needs to run an image on a chip: outputs, counters, time, spikes.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_ENGINE_SIMULATION_H
#define SYNFIRE_SIMULATOR_ENGINE_SIMULATION_H

#include "simulator/engine/Counters.h"
#include "simulator/engine/Machine.h"
#include "simulator/replay/ActivityTrace.h"
#include "simulator/timing/TickTimer.h"

#include <memory>
#include <optional>

namespace synfire::sim {

struct SimulationOptions {
  Mode TokenMode = Mode::Generate;
  Fidelity Time = Fidelity::Functional;
  uint32_t Threads = 1;
  bool RecordSpikes = false;
  bool RecordActivity = false; ///< for takeActivity()
  /// Is shown ticks of TokenMode; must outlive the simulation.
  TickObserver *Observer = nullptr;
};

/// The payloads of one stream, token step after token step.
struct SpikeArray {
  uint32_t Stream = 0; ///< index of the StreamRecord
  uint32_t Width = 0;  ///< neurons
  uint64_t TokenSteps = 0;
  /// uint8 (binary), int8 (ternary) or int32 little-endian (graded, reduced).
  uint32_t ElementBytes = 4;
  bool Signed = true;
  std::vector<std::byte> Bytes; ///< [token step][neuron]
};

class Simulation {
public:
  /// Keeps image and chip. Fails with BadInput when they do not go together, or
  /// a network of several sweeps is to run in generate mode.
  static Result<Simulation> create(image::Image Image, ChipSpec Spec,
                                   const SimulationOptions &Options = {});
  Simulation(Simulation &&) noexcept;
  Simulation &operator=(Simulation &&) noexcept;
  ~Simulation();

  /// Values that the network puts out per token.
  uint32_t numLogits() const;
  /// Token ids are 0 .. this - 1.
  uint32_t numTokens() const;
  /// Type ids likewise; 0 when the network reads none.
  uint32_t numTypes() const;

  /// All inner steps of one token. \p Logits is empty or numLogits() long.
  Status step(uint32_t Token, std::span<float> Logits = {});
  /// All inner steps of some tokens, faster. \p Logits is empty or
  /// [token][logit]. With several sweeps the tokens are a whole sequence.
  Status stepMany(std::span<const uint32_t> Tokens,
                  std::span<float> Logits = {});
  /// A whole sequence, from initial states and empty memories. Everything that
  /// is counted, timed and recorded goes on. \p Logits as above.
  Status runSequence(const SequenceInput &Sequence,
                     std::span<float> Logits = {});
  /// As if nothing had been run.
  Status reset();

  Counters counters() const;
  /// As RunTimers::results(): the mode that was asked for comes first; empty at
  /// functional fidelity.
  Result<std::vector<Timing>> timings() const;
  /// Everything since the last reset, for simulator/replay. Requires
  /// RecordActivity; to be called once, before the next reset.
  ActivityTrace takeActivity();
  /// One per stream of a population, in their order; empty unless recorded.
  std::span<const SpikeArray> spikes() const;

  const image::Image &image() const;
  const ChipSpec &spec() const;
  const Wiring &wiring() const;

private:
  struct Impl;
  explicit Simulation(std::unique_ptr<Impl> I);
  std::unique_ptr<Impl> Held;
};

} // namespace synfire::sim

#endif // SYNFIRE_SIMULATOR_ENGINE_SIMULATION_H
