//===- TraceComparison.cpp - A run beside a trace -------------------------===//

#include "tools/synfire/TraceComparison.h"

#include "targets/arrays/MappedFile.h"

#include <charconv>
#include <cmath>
#include <fmt/format.h>

using namespace synfire;
using namespace synfire::tools;

namespace {
constexpr size_t MostNumbers = size_t(1) << 26;

/// Where two runs part.
struct Parting {
  int64_t Count = 0, Step = 0, Neuron = 0; ///< how often, and first where
  void note(int64_t AtStep, int64_t AtNeuron) {
    if (Count++ == 0)
      Step = AtStep, Neuron = AtNeuron;
  }
};

std::string_view trimmed(std::string_view Text) {
  const size_t First = Text.find_first_not_of(" \t\r");
  if (First == std::string_view::npos)
    return {};
  return Text.substr(First, Text.find_last_not_of(" \t\r") - First + 1);
}

/// The population whose spikes the trace has.
Result<const SpikeArray *> populationOf(const TraceOptions &O,
                                        const ComparedRun &Run) {
  std::vector<const SpikeArray *> Found;
  std::string Names;
  for (const SpikeArray &S : Run.Spikes) {
    if (S.Kind != image::PayloadKind::Binary || S.Neurons != Run.Neurons ||
        (!O.Population.empty() && S.Name != O.Population))
      continue;
    Found.push_back(&S);
    Names.append(Names.empty() ? "" : ", ").append(S.Name);
  }
  if (Found.size() == 1)
    return Found.front();
  return Error{O.Path, "trace-shape",
               Found.empty()
                   ? fmt::format("the network has no spiking population {}of "
                                 "{} neurons, as many as its output has",
                                 O.Population.empty()
                                     ? ""
                                     : fmt::format("'{}' ", O.Population),
                                 Run.Neurons)
                   : fmt::format("the spikes may be those of {}; choose with "
                                 "--trace-population",
                                 Names)};
}

/// The events that the run was given must be the trace's inputs. A framework
/// may write spikes as any one number.
Status checkInput(const TraceOptions &O, const TraceTable &T,
                  const ComparedRun &Run, int64_t Inputs) {
  if (Inputs == 0)
    return {};
  const std::vector<int32_t> &Given =
      Run.Given.All.front().Events.front().Payloads;
  for (int64_t Step = 0; Step != T.Steps; ++Step)
    for (int64_t I = 0; I != Inputs; ++I) {
      const double Theirs = T.Values[Step * T.Columns + I];
      const int32_t Ours = Given[Step * Inputs + I];
      if ((Theirs != 0) != (Ours != 0))
        return Error{O.Path, "trace-input",
                     fmt::format("input {} at step {} is {:g} in the trace, "
                                 "the run was given {}; give it the trace's "
                                 "own events (--events {})",
                                 I, Step, Theirs, Ours, O.Path),
                     ErrorKind::RunFailed};
    }
  return {};
}
} // namespace

void TraceOptions::addTo(CLI::App &Command) {
  auto *Trace = Command.add_option(
      "--compare", Path,
      "trace of another framework (.csv: inputs, membranes, spikes of a step "
      "in a line) that the run must equal");
  Command
      .add_option("--tolerance", Tolerance,
                  "by how much a membrane may differ from the trace")
      ->needs(Trace)
      ->check(CLI::NonNegativeNumber);
  Command
      .add_option(
          "--trace-scale", Scale,
          "the trace's membranes are this often the network's (snnTorch "
          "writes tau/dt times)")
      ->needs(Trace)
      ->check(CLI::Number);
  Command
      .add_option("--trace-late", Late,
                  "steps between a membrane and its line (Lava: 1)")
      ->needs(Trace)
      ->check(CLI::Range(0, 1 << 20));
  Command
      .add_option("--trace-population", Population,
                  "whose spikes the trace has, if several populations are as "
                  "large as the output")
      ->needs(Trace);
}

Result<TraceTable> TraceTable::read(const std::string &Path) {
  auto File = MappedFile::open(Path);
  if (!File)
    return File.errors();
  std::string_view Rest(reinterpret_cast<const char *>(File->bytes().data()),
                        File->bytes().size());
  TraceTable T;
  for (int64_t Line = 1; !Rest.empty(); ++Line) {
    const size_t End = std::min(Rest.find('\n'), Rest.size());
    std::string_view Row = trimmed(Rest.substr(0, End));
    Rest.remove_prefix(std::min(End + 1, Rest.size()));
    if (Row.empty() || Row.front() == '#')
      continue;
    const size_t Before = T.Values.size();
    for (bool More = true; More;) {
      const size_t Comma = Row.find(',');
      More = Comma != std::string_view::npos;
      const std::string_view Cell = trimmed(Row.substr(0, Comma));
      double V = 0;
      const auto [Stop, Fault] =
          std::from_chars(Cell.data(), Cell.data() + Cell.size(), V);
      if (Fault != std::errc() || Stop != Cell.data() + Cell.size() ||
          !std::isfinite(V))
        return Error{fmt::format("{}:{}", Path, Line), "trace-format",
                     fmt::format("column {} is '{}'; a finite number is needed",
                                 T.Values.size() - Before, Cell)};
      T.Values.push_back(V);
      if (More)
        Row.remove_prefix(Comma + 1);
    }
    const auto Columns = static_cast<int64_t>(T.Values.size() - Before);
    if (T.Steps++ == 0)
      T.Columns = Columns;
    if (Columns != T.Columns)
      return Error{fmt::format("{}:{}", Path, Line), "trace-format",
                   fmt::format("{} columns; the lines before have {}", Columns,
                               T.Columns)};
    if (T.Values.size() > MostNumbers)
      return Error{Path, "trace-size",
                   fmt::format("more than {} numbers; cut it", MostNumbers)};
  }
  if (T.Steps == 0)
    return Error{Path, "trace-format", "there is no line of numbers"};
  return T;
}

Status TraceOptions::check() const {
  if (!asked())
    return {};
  if (Scale == 0)
    return Error{"--trace-scale", "trace-shape",
                 "0 times a membrane tells nothing of it; give another number"};
  auto T = TraceTable::read(Path);
  return T ? Status() : T.errors();
}

Status synfire::tools::compareWithTrace(const TraceOptions &O,
                                        const ComparedRun &Run) {
  auto T = TraceTable::read(O.Path);
  if (!T)
    return T.errors();
  auto Of = populationOf(O, Run);
  if (!Of)
    return Of.errors();
  auto refuse = [&](std::string Why) {
    return Error{O.Path, "trace-shape", std::move(Why)};
  };
  if (Run.Given.Batched)
    return refuse("the run has several sequences; a trace is of one");
  const int64_t N = Run.Neurons;
  const Sequence &Given = Run.Given.All.front();
  const auto Steps = static_cast<int64_t>(Given.Tokens.size());
  const int64_t Inputs =
      Given.Events.empty()
          ? 0
          : static_cast<int64_t>(Given.Events.front().Payloads.size()) / Steps;
  if (Given.Events.size() > 1)
    return refuse("the network has several inputs; a trace has one");
  if (T->Columns != Inputs + 2 * N)
    return refuse(fmt::format("{} columns; {} are needed: {} inputs, {} "
                              "membranes, {} spikes",
                              T->Columns, Inputs + 2 * N, Inputs, N, N));
  if (T->Steps > Steps)
    return refuse(fmt::format("the trace has {} steps, the run {}; give "
                              "--steps {}",
                              T->Steps, Steps, T->Steps));
  if (T->Steps <= O.Late)
    return refuse(fmt::format("the trace has {} steps, and its membranes are "
                              "{} late: none is left to compare",
                              T->Steps, O.Late));
  if (Status S = checkInput(O, *T, Run, Inputs); !S)
    return S;

  Parting Spikes, Membranes;
  int64_t Here = 0, There = 0, WorstStep = 0, WorstNeuron = 0;
  double Worst = 0;
  bool OnlySpikes = true;
  for (int64_t Step = 0; Step != T->Steps; ++Step)
    for (int64_t I = 0; I != N; ++I) {
      const double *Row = &T->Values[Step * T->Columns + Inputs + I];
      const bool Ours = (*Of)->Payloads[Step * N + I] != 0,
                 Theirs = Row[N] != 0;
      Here += Ours;
      There += Theirs;
      if (Ours != Theirs)
        Spikes.note(Step, I);
      OnlySpikes &= Run.Membrane[Step * N + I] == static_cast<float>(Ours);
      if (Step < O.Late)
        continue;
      const double Off =
          std::fabs(Run.Membrane[(Step - O.Late) * N + I] - Row[0] / O.Scale);
      if (!(Off <= Worst))
        Worst = Off, WorstStep = Step, WorstNeuron = I;
      if (!(Off <= O.Tolerance))
        Membranes.note(Step, I);
    }
  if (OnlySpikes && Here > 0 && Membranes.Count > 0)
    return refuse("the network's output is its spikes and no membrane; give "
                  "--record-membrane when it is compiled");
  fmt::print("trace {}: {} steps of {} neuron{}, '{}'\n", O.Path, T->Steps, N,
             N == 1 ? "" : "s", (*Of)->Name);
  if (!Run.Reading.empty())
    fmt::print("  rule      {}\n", Run.Reading);
  fmt::print("  spikes    {} here, {} in the trace, {} differ\n", Here, There,
             Spikes.Count);
  if (Spikes.Count > 0)
    fmt::print("            first at step {}, neuron {}\n", Spikes.Step,
               Spikes.Neuron);
  fmt::print("  membrane  largest error {:.3g} at step {}, neuron {}; {} "
             "beyond {:g}\n",
             Worst, WorstStep, WorstNeuron, Membranes.Count, O.Tolerance);
  if (Membranes.Count > 0)
    fmt::print(
        "            first at step {}, neuron {}: {:.9g} here, {:.9g} "
        "in the trace\n",
        Membranes.Step, Membranes.Neuron,
        Run.Membrane[(Membranes.Step - O.Late) * N + Membranes.Neuron],
        T->Values[Membranes.Step * T->Columns + Inputs + Membranes.Neuron] /
            O.Scale);
  Errors Found;
  if (Spikes.Count > 0)
    Found.push_back({O.Path, "trace-spikes",
                     fmt::format("{} spikes differ, the first at step {}; is "
                                 "this the framework's --preset?",
                                 Spikes.Count, Spikes.Step),
                     ErrorKind::RunFailed});
  if (Membranes.Count > 0)
    Found.push_back(
        {O.Path, "trace-membrane",
         fmt::format("{} membranes differ by more than {:g}, the first at step "
                     "{}; is this the framework's --preset, --trace-scale and "
                     "--trace-late?",
                     Membranes.Count, O.Tolerance, Membranes.Step),
         ErrorKind::RunFailed});
  return Found;
}
