//===- Readout.cpp - What an output chooses -------------------------------===//

#include "tools/synfire/Readout.h"

#include <algorithm>
#include <fmt/format.h>

using namespace synfire;
using namespace synfire::tools;

namespace {
constexpr int64_t MostLines = 24;

/// The figure of one neuron in steps \p First to \p End (not included), whose
/// values are \p At apart by \p Neurons.
float figureOf(const std::string &Kind, const float *At, int64_t Neurons,
               int64_t First, int64_t End) {
  if (Kind == "value")
    return At[(End - 1) * Neurons];
  double Sum = 0;
  for (int64_t Step = First; Step != End; ++Step) {
    const float V = At[Step * Neurons];
    if (Kind == "first-spike" && V != 0)
      return static_cast<float>(Step - First);
    Sum += V;
  }
  return static_cast<float>(Kind == "rate" ? Sum / double(End - First)
                                           : double(End - First));
}
} // namespace

void ReadoutOptions::addTo(CLI::App &Command) {
  auto *Readout =
      Command
          .add_option("--readout", Kind,
                      "choose a neuron of the output: by its rate, by its "
                      "first-spike, or by its value at the end")
          ->check(CLI::IsMember({"rate", "first-spike", "value"}));
  Command
      .add_option("--readout-of", Of,
                  "population to read instead of the network's output")
      ->needs(Readout);
  Command
      .add_option("--window", Window,
                  "choose once in so many steps; by default once in a sequence")
      ->needs(Readout)
      ->check(CLI::PositiveNumber);
}

Result<Readout> Readout::of(const ReadoutOptions &Options,
                            std::span<const float> Output, int64_t Neurons,
                            std::span<const SpikeArray> Spikes,
                            int64_t Sequences) {
  Readout R;
  R.Name = Options.Of.empty() ? "the output" : Options.Of;
  R.Sequences = Sequences;
  R.Neurons = Neurons;
  std::vector<float> Values(Output.begin(), Output.end());
  if (!Options.Of.empty()) {
    std::string Names;
    const SpikeArray *Found = nullptr;
    for (const SpikeArray &S : Spikes) {
      Names.append(Names.empty() ? "" : ", ").append(S.Name);
      if (S.Name == Options.Of)
        Found = &S;
    }
    if (!Found)
      return Error{Options.Of, "readout-population",
                   fmt::format("no population of that name sends events; "
                               "there are {}",
                               Names.empty() ? "none" : Names)};
    R.Neurons = Found->Neurons;
    Values.assign(Found->Payloads.begin(), Found->Payloads.end());
  }
  const auto Steps =
      static_cast<int64_t>(Values.size()) / R.Neurons / Sequences;
  const int64_t Window =
      Options.Window == 0 ? Steps : std::min(Options.Window, Steps);
  R.Windows = (Steps + Window - 1) / Window;
  const bool Least = Options.Kind == "first-spike";
  for (int64_t S = 0; S != Sequences; ++S)
    for (int64_t First = 0; First < Steps; First += Window) {
      const int64_t End = std::min(First + Window, Steps);
      const size_t Before = R.Figures.size();
      for (int64_t I = 0; I != R.Neurons; ++I)
        R.Figures.push_back(figureOf(Options.Kind,
                                     &Values[S * Steps * R.Neurons + I],
                                     R.Neurons, First, End));
      const auto Begin = R.Figures.begin() + static_cast<int64_t>(Before);
      const auto Best = Least ? std::min_element(Begin, R.Figures.end())
                              : std::max_element(Begin, R.Figures.end());
      const bool Nothing = Options.Kind == "rate"
                               ? *Best <= 0
                               : Least && *Best >= float(End - First);
      R.Choice.push_back(Nothing ? -1 : Best - Begin);
    }
  return R;
}

std::string Readout::describe(const ReadoutOptions &Options) const {
  std::string Out = fmt::format("readout of {} by {}\n", Name, Options.Kind);
  const auto Count = static_cast<int64_t>(Choice.size());
  for (int64_t I = 0; I != std::min(Count, MostLines); ++I) {
    Out += Windows == 1 ? fmt::format("  sequence {}  ", I)
                        : fmt::format("  sequence {} window {}  ", I / Windows,
                                      I % Windows);
    Out += Choice[I] < 0 ? "nothing was sent\n"
                         : fmt::format("neuron {} ({:.6g})\n", Choice[I],
                                       Figures[I * Neurons + Choice[I]]);
  }
  if (Count > MostLines)
    Out += fmt::format("  and {} more: readout/choice in the arrays\n",
                       Count - MostLines);
  return Out;
}

std::vector<NamedArray> Readout::arrays(bool Batched) const {
  std::vector<int64_t> Shape = {Windows};
  if (Batched)
    Shape.insert(Shape.begin(), Sequences);
  std::vector<int64_t> Wide = Shape;
  Wide.push_back(Neurons);
  return {{"readout/choice", Array::of<int64_t>(Shape, Choice)},
          {"readout/figures", Array::of<float>(Wide, Figures)}};
}
