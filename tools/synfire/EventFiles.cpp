//===- EventFiles.cpp - Spike trains and images ---------------------------===//

#include "tools/synfire/EventFiles.h"

#include "tools/synfire/PortEvents.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

using namespace synfire;
using namespace synfire::tools;

namespace {
std::string namesOf(const std::vector<EventPort> &Ports) {
  std::string Out;
  for (const EventPort &P : Ports)
    Out.append(Out.empty() ? "'" : ", '").append(P.Name).append("'");
  return Out;
}

/// The file of each port, in their order.
Result<std::vector<std::string>> filesOf(const std::vector<std::string> &Given,
                                         const std::vector<EventPort> &Ports) {
  // One file, or silence, may serve all.
  if (Given.size() == 1) {
    const std::string &Only = Given.front();
    const bool Named = std::ranges::any_of(Ports, [&](const EventPort &P) {
      return Only.starts_with(P.Name + "=");
    });
    const bool HasAll = isNirData(Only) && Only.find('#') == std::string::npos;
    if (!Named && (Ports.size() == 1 || Only == "none" || HasAll))
      return std::vector<std::string>(Ports.size(), Only);
  }
  std::vector<std::string> Out(Ports.size());
  for (const std::string &G : Given) {
    bool Taken = false;
    for (size_t I = 0; I != Ports.size(); ++I)
      if (G.starts_with(Ports[I].Name + "=")) {
        Taken = Out[I].empty();
        Out[I] = G.substr(Ports[I].Name.size() + 1);
      }
    if (!Taken)
      return Error{G, "events-inputs",
                   fmt::format("this is for no input, or for one that has a "
                               "file; the network reads events at {}: give "
                               "--events INPUT=FILE once for each",
                               namesOf(Ports))};
  }
  for (size_t I = 0; I != Ports.size(); ++I)
    if (Out[I].empty())
      return Error{Ports[I].Name, "events-inputs",
                   fmt::format("this input has no file; give --events {}=FILE "
                               "(or {}=none)",
                               Ports[I].Name, Ports[I].Name)};
  return Out;
}

Sequence silence(int64_t Steps) {
  Sequence S;
  S.Tokens.resize(Steps);
  return S;
}
} // namespace

void EventOptions::addTo(CLI::App &Command, CLI::App &Group) {
  auto *Events =
      Group
          .add_option(
              "--events", Files,
              "payloads (.npy: [step, neuron], or [step, channel, height, "
              "width]; an image is sent in the first step), a trace (.csv) or "
              "NIRData (.nir, .h5); `none` for silence; INPUT=FILE for each of "
              "several inputs")
          ->allow_extra_args(false);
  Command
      .add_option("--steps", Steps,
                  "token steps of the events; more than the file has are "
                  "silent")
      ->needs(Events)
      ->check(CLI::PositiveNumber);
}

Result<Sequences>
synfire::tools::readEvents(const EventOptions &Options,
                           const std::vector<EventPort> &Ports) {
  if (Ports.empty() && Options.Files != std::vector<std::string>{"none"})
    return Error{Options.Files.front(), "events-inputs",
                 "the network reads no events, biases drive it; give none, and "
                 "--steps"};
  auto Files = filesOf(Options.Files, Ports);
  if (!Files)
    return Files.errors();
  std::vector<std::optional<PortEvents>> Read(Ports.size());
  const PortEvents *First = nullptr;
  const bool Shared = Ports.size() > 1 && Options.Files.size() == 1;
  int64_t Steps = Options.Steps, Neurons = 0;
  for (size_t I = 0; I != Ports.size(); ++I) {
    Neurons += Ports[I].Neurons;
    const std::string &Path = (*Files)[I];
    if (Path == "none")
      continue;
    auto One = readPortEvents(Path, Ports[I], Options.Steps, Shared);
    if (!One)
      return One.errors();
    Read[I] = std::move(*One);
    if (First && (Read[I]->Sequences.size() != First->Sequences.size() ||
                  Read[I]->Batched != First->Batched))
      return Error{Path, "events-shape",
                   fmt::format("{} sequences for '{}', other inputs have {}",
                               Read[I]->Sequences.size(), Ports[I].Name,
                               First->Sequences.size())};
    First = First ? First : &*Read[I];
    if (Options.Steps != 0 && Read[I]->Steps > Options.Steps)
      return Error{Path, "events-steps",
                   fmt::format("the file has {} token steps, --steps says {}; "
                               "cut it",
                               Read[I]->Steps, Options.Steps)};
    Steps = std::max(Steps, Read[I]->Steps);
  }
  if (Steps == 0)
    return Error{Options.Files.front(), "events-steps",
                 "silence has no length; give it with --steps"};
  Sequences Out;
  Out.Batched = First && First->Batched;
  const auto Count = static_cast<int64_t>(First ? First->Sequences.size() : 1);
  if (Steps > MostPayloads / std::max<int64_t>(Neurons, 1) / Count)
    return Error{Options.Files.front(), "events-steps",
                 fmt::format("{} sequences of {} token steps of {} neurons are "
                             "more than {} payloads; run fewer at once",
                             Count, Steps, Neurons, MostPayloads)};
  for (int64_t S = 0; S != Count; ++S) {
    Sequence One = silence(Steps);
    for (size_t I = 0; I != Ports.size(); ++I) {
      std::vector<int32_t> Payloads;
      if (Read[I])
        Payloads = std::move(Read[I]->Sequences[S]);
      Payloads.resize(Steps * Ports[I].Neurons);
      One.Events.push_back({Ports[I].Name, std::move(Payloads)});
    }
    Out.All.push_back(std::move(One));
  }
  return Out;
}

Sequence synfire::tools::drawEvents(const std::vector<EventPort> &Ports,
                                    int64_t Steps, uint64_t Seed) {
  // One in ten, by a generator of its own so that any library gives the same.
  constexpr uint64_t OneIn = 10;
  Sequence Out = silence(Steps);
  uint64_t State = Seed;
  for (const EventPort &Port : Ports) {
    std::vector<int32_t> Payloads(Steps * Port.Neurons);
    for (int32_t &P : Payloads) {
      // SplitMix64 (Steele, Lea and Flood 2014).
      uint64_t Z = State += 0x9e3779b97f4a7c15;
      Z = (Z ^ Z >> 30) * 0xbf58476d1ce4e5b9;
      Z = (Z ^ Z >> 27) * 0x94d049bb133111eb;
      P = (Z ^ Z >> 31) % OneIn == 0;
    }
    Out.Events.push_back({Port.Name, std::move(Payloads)});
  }
  return Out;
}
