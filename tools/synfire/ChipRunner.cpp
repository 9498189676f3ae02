//===- ChipRunner.cpp - Sequences through a chip --------------------------===//

#include "tools/synfire/ChipRunner.h"

#include <fmt/ranges.h>

#include <cstdio>
#include <list>

using namespace synfire;
using namespace synfire::tools;

namespace {
/// The events of a sequence as the simulator takes them.
class ChipEvents {
public:
  ChipEvents(const image::Image &Image, const Sequence &From) {
    for (uint32_t S = 0; S < Image.streams().size(); ++S) {
      const image::StreamRecord &Stream = Image.streams()[S];
      for (const compiler::CalibrationEvents &E : From.Events)
        if (Stream.Population == image::None &&
            Image.string(Stream.Name) == E.Name)
          add(S, E.Payloads, Stream.NumNeurons);
    }
  }
  std::span<const sim::EventInput> inputs() const { return Inputs; }

private:
  void add(uint32_t Stream, const std::vector<int32_t> &Payloads,
           uint32_t Neurons) {
    auto &[Offsets, Events] = Lists.emplace_back();
    Offsets.push_back(0);
    for (size_t At = 0; At < Payloads.size(); At += Neurons) {
      for (uint32_t I = 0; I < Neurons; ++I)
        if (Payloads[At + I] != 0)
          Events.push_back({I, Payloads[At + I]});
      Offsets.push_back(Events.size());
    }
    Inputs.push_back({Stream, Offsets, Events});
  }

  std::list<std::pair<std::vector<uint64_t>, std::vector<sim::Event>>> Lists;
  std::vector<sim::EventInput> Inputs;
};
} // namespace

Result<Transcript> ChipRunner::runAll(const Sequences &Given) {
  Transcript T;
  // Several texts, or one that is read from both sides, predict no next
  // token.
  T.KnownText = !Given.Batched && Chip.image().sequence().Sweeps <= 1 &&
                Chip.numTokens() > 0;
  for (const Sequence &S : Given.All) {
    const size_t Before = T.Logits.size();
    T.Logits.resize(Before + S.Tokens.size() * Chip.numLogits());
    T.Tokens.insert(T.Tokens.end(), S.Tokens.begin(), S.Tokens.end());
    const std::vector<uint32_t> Ids(S.Tokens.begin(), S.Tokens.end()),
        Types(S.Types.begin(), S.Types.end());
    const ChipEvents Events(Chip.image(), S);
    if (Status Ran = Chip.runSequence({Ids, Types, S.Valid, Events.inputs()},
                                      std::span(T.Logits).subspan(Before));
        !Ran)
      return Ran.errors();
  }
  return T;
}

Result<Transcript> ChipRunner::run(std::vector<int64_t> Given, int64_t Generate,
                                   const Sampler &Choose) {
  Transcript T;
  T.KnownText = Generate == 0;
  say(Given, Generate > 0);
  if (Status S = give(T, Given); !S)
    return S.errors();
  size_t Width = Chip.numLogits();
  for (int64_t I = 0; I < Generate; ++I) {
    auto Last = std::span(T.Logits).last(Width);
    std::vector<int64_t> Next = {Choose.choose(Last, I)};
    say(Next, true);
    // The last token written is not read again.
    if (I + 1 == Generate)
      break;
    if (Status S = give(T, Next); !S)
      return S.errors();
  }
  if (Generate > 0 && !Quiet)
    fmt::print("\n");
  return T;
}

Status ChipRunner::give(Transcript &T, const std::vector<int64_t> &Tokens) {
  size_t Before = T.Logits.size();
  T.Logits.resize(Before + Tokens.size() * Chip.numLogits());
  T.Tokens.insert(T.Tokens.end(), Tokens.begin(), Tokens.end());
  std::vector<uint32_t> Ids(Tokens.begin(), Tokens.end());
  return Chip.stepMany(Ids, std::span(T.Logits).subspan(Before));
}

void ChipRunner::say(const std::vector<int64_t> &Tokens, bool Shown) {
  if (!Shown || Quiet)
    return;
  if (Vocabulary)
    fmt::print("{}", *Vocabulary->decode(Tokens));
  else
    fmt::print("{} ", fmt::join(Tokens, " "));
  std::fflush(stdout);
}
