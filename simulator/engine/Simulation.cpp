//===- simulator/engine/Simulation.cpp - One run of an image --------------===//

#include "simulator/engine/Simulation.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace synfire::sim {
namespace {

/// Appends \p Payloads to \p Array, narrowed to its elements.
void append(SpikeArray &Array, std::span<const int32_t> Payloads) {
  static_assert(std::endian::native == std::endian::little);
  ++Array.Tokens;
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
  image::Image Image;
  ChipSpec Spec;
  SimulationOptions Options;
  std::optional<Machine> Engine;
  std::optional<TickTimer> Timer, Other;
  std::vector<SpikeArray> Spikes;
  std::vector<uint32_t> ArrayOfStream;

  void prepare() {
    const Wiring &Plan = Engine->wiring();
    Timer.reset();
    Other.reset();
    if (Options.Time == Fidelity::Analytic) {
      Timer.emplace(Plan, Image, Spec, Options.TokenMode,
                    makeAnalyticNetwork(Plan, Spec));
      Other.emplace(Plan, Image, Spec,
                    Options.TokenMode == Mode::Generate ? Mode::Prefill
                                                        : Mode::Generate,
                    makeAnalyticNetwork(Plan, Spec));
    }
    Spikes.clear();
    ArrayOfStream.assign(Image.streams().size(), image::None);
    if (!Options.RecordSpikes)
      return;
    for (uint32_t S = 0; S < Image.streams().size(); ++S) {
      uint32_t Width = Engine->spikeWidth(S);
      if (Width == 0)
        continue;
      SpikeArray A;
      A.Stream = S;
      A.Width = Width;
      image::PayloadKind Kind = Image.streams()[S].Kind;
      if (accumulates(Image.streams()[S])) {
        A.ElementBytes = 1;
        A.Signed = Kind == image::PayloadKind::Ternary;
      }
      ArrayOfStream[S] = static_cast<uint32_t>(Spikes.size());
      Spikes.push_back(std::move(A));
    }
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
  I->prepare();
  return Simulation(std::move(I));
}

uint32_t Simulation::numLogits() const { return Held->Engine->numLogits(); }
uint32_t Simulation::numTokens() const { return Held->Engine->numTokens(); }

Status Simulation::step(uint32_t Token, std::span<float> Logits) {
  return stepMany({&Token, 1}, Logits);
}

Status Simulation::stepMany(std::span<const uint32_t> Tokens,
                            std::span<float> Logits) {
  Impl &I = *Held;
  ActivitySink Activity;
  if (I.Timer)
    Activity = [&](const TokenActivity &T) {
      I.Timer->add(T);
      I.Other->add(T);
    };
  SpikeSink Spikes;
  if (I.Options.RecordSpikes)
    Spikes = [&](uint32_t Stream, std::span<const int32_t> Payloads) {
      append(I.Spikes[I.ArrayOfStream[Stream]], Payloads);
    };
  return I.Engine->run(Tokens, Logits, Activity, Spikes);
}

void Simulation::reset() {
  Held->Engine->reset();
  Held->prepare();
}

Counters Simulation::counters() const {
  const Impl &I = *Held;
  const Wiring &Plan = I.Engine->wiring();
  Counters Out = countersOf(I.Engine->totals(), Plan, I.Image);
  if (I.Spec.System.Barrier)
    Out.System[Action::Barrier] =
        ticksOf(I.Options.TokenMode, Out.TokenSteps, Plan.Levels.size());
  return Out;
}

std::optional<Timing> Simulation::timing() const {
  if (!Held->Timer)
    return std::nullopt;
  return Held->Timer->result();
}

std::optional<Timing> Simulation::otherTiming() const {
  if (!Held->Other)
    return std::nullopt;
  return Held->Other->result();
}

std::span<const SpikeArray> Simulation::spikes() const { return Held->Spikes; }
const image::Image &Simulation::image() const { return Held->Image; }
const ChipSpec &Simulation::spec() const { return Held->Spec; }
const Wiring &Simulation::wiring() const { return Held->Engine->wiring(); }

} // namespace synfire::sim
