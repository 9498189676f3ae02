//===- simulator/engine/Machine.h - Running an image ------------*- C++ -*-===//
//
// Executes token steps of an image: what happens, not when. Blocks run level by
// level; each one first fetches what the routes and axons bring to its slots,
// then runs its program. Several tokens go through a level at once, so that a
// weight row fetched from memory serves all of them; since a block's states are
// its own, the result is that of one token after the other. Where tokens read
// what others wrote, each sees the rows up to its own.
//
// An image with several sweeps takes a sequence as a whole, sweep by sweep.
//
// The weights stay where they are, in the mapped image.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_ENGINE_MACHINE_H
#define SYNFIRE_SIMULATOR_ENGINE_MACHINE_H

#include "simulator/engine/Activity.h"
#include "simulator/engine/Sequence.h"
#include "simulator/engine/Wiring.h"

#include <functional>
#include <memory>

namespace synfire::sim {

struct MachineOptions {
  uint32_t Threads = 1;
  /// Tokens that go through a level at once, at most; at least 1.
  uint32_t Batch = 16;
  KernelPath Path = bestKernelPath();
  /// A level with less work than this (in synaptic events, estimated) runs on
  /// one thread: waking the others takes some microseconds.
  uint64_t WorthThreads = 400000;
  /// Keep what each neuron emitted on outputs of which only the sum is sent, so
  /// that a SpikeSink sees it.
  bool RecordSpikes = false;
};

/// Called for each token step of each sweep, in order.
using ActivitySink = std::function<void(const TokenActivity &)>;
/// Called for each token step and stream of a population, in order, in the
/// stream's sweep: the payloads of all neurons. A stream that is only sent
/// reduced has one value, the sum over its population.
using SpikeSink =
    std::function<void(uint32_t Stream, std::span<const int32_t> Payloads)>;

/// Called for each token step and output, in order, in the output's sweep: what
/// it emitted.
using OutputSink =
    std::function<void(uint32_t Output, std::span<const int32_t> Payloads)>;

/// Called for each token step and stream of events that the host sends and
/// somebody reads, in every sweep.
using GivenSink =
    std::function<void(uint32_t Stream, std::span<const Event> Events)>;

/// What is told while a machine runs; none needs to be given.
struct MachineSinks {
  ActivitySink Activity;
  SpikeSink Spikes;
  OutputSink Outputs;
  GivenSink Givens;
  /// After each token step of each sweep; the token's id and its type.
  std::function<void(const StepPlace &Place, uint32_t Token, uint32_t Type)>
      StepDone;
};

class Machine {
public:
  /// Keeps the image mapped; \p Spec is read now only. Fails with BadInput.
  static Result<Machine> create(const image::Image &Image, const ChipSpec &Spec,
                                const MachineOptions &Options = {});
  Machine(Machine &&) noexcept;
  Machine &operator=(Machine &&) noexcept;
  ~Machine();

  const Wiring &wiring() const;
  /// Values that the host receives per token.
  uint32_t numLogits() const;
  /// Tokens are 0 .. this - 1.
  uint32_t numTokens() const;
  /// Values of \p Stream that a SpikeSink gets; 0 when it gets none.
  uint32_t spikeWidth(uint32_t Stream) const;

  /// Types are 0 .. this - 1; 0 when the network reads none.
  uint32_t numTypes() const;

  /// Runs all token steps of some tokens. With one sweep they follow those of
  /// the calls before; with several they are a sequence of their own. \p Logits
  /// is empty or [token][logit], of each token's last inner step. On a token
  /// out of range, or more of them than a sequence may have (BadInput), nothing
  /// is run.
  Status run(const SequenceInput &Input, std::span<float> Logits,
             const MachineSinks &Sinks = {});
  /// The same for tokens of type 0 that are all valid.
  Status run(std::span<const uint32_t> Tokens, std::span<float> Logits,
             const MachineSinks &Sinks = {});

  /// States to their initial values, memories empty; counts go on.
  void beginSequence();

  /// The same, and all counts to 0.
  void reset();

  const ActivityTotals &totals() const;

private:
  struct Impl;
  explicit Machine(std::unique_ptr<Impl> I);
  std::unique_ptr<Impl> Held;
};

} // namespace synfire::sim

#endif // SYNFIRE_SIMULATOR_ENGINE_MACHINE_H
