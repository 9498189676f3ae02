//===- simulator/engine/Simulation.cpp - One run of an image --------------===//

#include "simulator/engine/Simulation.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <cstring>

namespace synfire::sim {
namespace {

/// Appends \p Payloads to \p Array, narrowed to its elements.
void append(SpikeArray &Array, std::span<const int32_t> Payloads) {
  static_assert(std::endian::native == std::endian::little);
  ++Array.TokenSteps;
  if (Array.ElementBytes == 4) {
    auto Bytes = std::as_bytes(Payloads);
    Array.Bytes.insert(Array.Bytes.end(), Bytes.begin(), Bytes.end());
    return;
  }
  for (int32_t P : Payloads)
    Array.Bytes.push_back(static_cast<std::byte>(P));
}

} // namespace

struct Simulation::Impl {
  Status run(const SequenceInput &Input, std::span<float> Logits);

  image::Image Image;
  ChipSpec Spec;
  SimulationOptions Options;
  std::optional<Machine> Engine;
  RunTimers Timers;
  std::optional<TraceRecorder> Recorder;
  std::vector<SpikeArray> Spikes;
  std::vector<uint32_t> ArrayOfStream;

  Status prepare() {
    auto Made =
        RunTimers::create(Engine->wiring(), Image, Spec, Options.TokenMode,
                          Options.Time, Options.Observer);
    if (!Made)
      return Made.errors();
    Timers = std::move(*Made);
    if (Options.TokenMode == Mode::Generate &&
        Engine->wiring().Sweeps.size() > 1)
      return generateNeedsOneSweep(Engine->wiring());
    if (Options.RecordActivity)
      Recorder.emplace(Image, Engine->wiring());
    Spikes.clear();
    ArrayOfStream.assign(Image.streams().size(), image::None);
    if (!Options.RecordSpikes)
      return {};
    for (uint32_t S = 0; S < Image.streams().size(); ++S) {
      uint32_t Width = Engine->spikeWidth(S);
      if (Width == 0)
        continue;
      SpikeArray A;
      A.Stream = S;
      A.Width = Width;
      image::PayloadKind Kind = Image.streams()[S].Kind;
      if ((accumulates(Kind) && spikeCountOf(Kind) == SpikeCount::Event)) {
        A.ElementBytes = 1;
        A.Signed = Kind == image::PayloadKind::Ternary;
      }
      ArrayOfStream[S] = static_cast<uint32_t>(Spikes.size());
      Spikes.push_back(std::move(A));
    }
    return {};
  }
};

Simulation::Simulation(std::unique_ptr<Impl> I) : Held(std::move(I)) {}
Simulation::Simulation(Simulation &&) noexcept = default;
Simulation &Simulation::operator=(Simulation &&) noexcept = default;
Simulation::~Simulation() = default;

Result<Simulation> Simulation::create(image::Image Image, ChipSpec Spec,
                                      const SimulationOptions &Options) {
  auto I = std::make_unique<Impl>(
      Impl{std::move(Image), std::move(Spec), Options, {}, {}, {}, {}, {}});
  MachineOptions Engine;
  Engine.Threads = Options.Threads;
  Engine.RecordSpikes = Options.RecordSpikes;
  Result<Machine> Made = Machine::create(I->Image, I->Spec, Engine);
  if (!Made)
    return Made.errors();
  I->Engine.emplace(std::move(*Made));
  if (Status S = I->prepare(); !S)
    return S.errors();
  return Simulation(std::move(I));
}

uint32_t Simulation::numLogits() const { return Held->Engine->numLogits(); }
uint32_t Simulation::numTokens() const { return Held->Engine->numTokens(); }
uint32_t Simulation::numTypes() const { return Held->Engine->numTypes(); }

Status Simulation::step(uint32_t Token, std::span<float> Logits) {
  return stepMany({&Token, 1}, Logits);
}

Status Simulation::stepMany(std::span<const uint32_t> Tokens,
                            std::span<float> Logits) {
  return Held->run({Tokens}, Logits);
}

Status Simulation::runSequence(const SequenceInput &Sequence,
                               std::span<float> Logits) {
  Held->Engine->beginSequence();
  return Held->run(Sequence, Logits);
}

Status Simulation::Impl::run(const SequenceInput &Input,
                             std::span<float> Logits) {
  Impl &I = *this;
  MachineSinks Sinks;
  Status Timed;
  if (I.Options.Time != Fidelity::Functional)
    Sinks.Activity = [&](const TokenActivity &T) {
      if (Timed)
        Timed = I.Timers.add(T);
    };
  if (I.Options.RecordSpikes)
    Sinks.Spikes = [&](uint32_t Stream, std::span<const int32_t> Payloads) {
      append(I.Spikes[I.ArrayOfStream[Stream]], Payloads);
    };
  if (I.Recorder) {
    Sinks.Outputs = [&](uint32_t Output, std::span<const int32_t> Payloads) {
      I.Recorder->addOutput(Output, Payloads);
    };
    Sinks.Givens = [&](uint32_t Stream, std::span<const Event> Events) {
      I.Recorder->addGiven(Stream, Events);
    };
    Sinks.StepDone = [&](const StepPlace &Place, uint32_t Token,
                         uint32_t Type) {
      I.Recorder->endStep(Place, Token, Type);
    };
  }
  Status Ran = I.Engine->run(Input, Logits, Sinks);
  return Ran ? Timed : Ran;
}

Status Simulation::reset() {
  Held->Engine->reset();
  return Held->prepare();
}

Counters Simulation::counters() const {
  const Impl &I = *Held;
  const Wiring &Plan = I.Engine->wiring();
  Counters Out = countersOf(I.Engine->totals(), Plan, I.Image);
  addBarriers(Out, Plan, I.Spec, I.Options.TokenMode);
  return Out;
}

Result<std::vector<Timing>> Simulation::timings() const {
  return Held->Timers.results();
}

ActivityTrace Simulation::takeActivity() {
  return Held->Recorder->finish(Held->Engine->totals());
}

std::span<const SpikeArray> Simulation::spikes() const { return Held->Spikes; }
const image::Image &Simulation::image() const { return Held->Image; }
const ChipSpec &Simulation::spec() const { return Held->Spec; }
const Wiring &Simulation::wiring() const { return Held->Engine->wiring(); }

} // namespace synfire::sim
