//===- EventFiles.cpp - Spike trains and images ---------------------------===//

#include "tools/synfire/EventFiles.h"

#include "targets/arrays/Npy.h"
#include "tools/synfire/Sampler.h"
#include "tools/synfire/TraceComparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

using namespace synfire;
using namespace synfire::tools;

namespace {
/// More payloads than this (4 GiB) are a mistake of the number of steps.
constexpr int64_t MostPayloads = int64_t(1) << 30;

/// How an array is to be read.
struct Layout {
  int64_t Sequences = 1, Steps = 1;
  bool Batched = false;
};

/// The layout of an array of \p Shape, if it is one.
std::optional<Layout> layoutOf(std::vector<int64_t> Shape,
                               const EventPort &Port) {
  const std::vector<int64_t> Flat = {Port.Neurons};
  // What stands behind the steps: the port's own shape, or neurons in a row.
  for (const std::vector<int64_t> &Tail : {Port.Shape, Flat}) {
    if (Tail.empty() || Shape.size() < Tail.size() ||
        !std::equal(Tail.rbegin(), Tail.rend(), Shape.rbegin()))
      continue;
    Shape.resize(Shape.size() - Tail.size());
    Layout L;
    if (Shape.size() > 2)
      return std::nullopt;
    if (!Shape.empty())
      L.Steps = Shape.back();
    if (Shape.size() == 2)
      L.Sequences = Shape.front();
    L.Batched = Shape.size() == 2;
    return L.Steps >= 1 && L.Sequences >= 1 ? std::optional(L) : std::nullopt;
  }
  return std::nullopt;
}

/// The number of neuron \p I of an array in row-major order of channels, height
/// and width.
int64_t placeOf(int64_t I, const std::vector<int64_t> &Shape) {
  if (Shape.empty())
    return I;
  const int64_t X = I % Shape[2], Y = I / Shape[2] % Shape[1];
  return (X * Shape[1] + Y) * Shape[0] + I / Shape[2] / Shape[1];
}

/// The inputs of a trace, [step, neuron]. Where a framework wrote spikes as any
/// one number, that number is 1.
Result<Array> readTraceInputs(const std::string &Path, const EventPort &Port) {
  auto T = TraceTable::read(Path);
  if (!T)
    return T.errors();
  if (T->Columns < Port.Neurons)
    return Error{Path, "events-shape",
                 fmt::format("{} columns; the first {} are to be the events of "
                             "'{}'",
                             T->Columns, Port.Neurons, Port.Name)};
  std::vector<double> Values;
  for (int64_t Step = 0; Step != T->Steps; ++Step)
    Values.insert(Values.end(), &T->Values[Step * T->Columns],
                  &T->Values[Step * T->Columns] + Port.Neurons);
  double Spike = 0;
  bool OneNumber = true;
  for (double V : Values) {
    Spike = Spike == 0 ? V : Spike;
    OneNumber &= V == 0 || V == Spike;
  }
  std::vector<int64_t> Payloads;
  for (size_t I = 0; I != Values.size(); ++I) {
    const double V = OneNumber ? double(Values[I] != 0) : Values[I];
    if (V != std::floor(V) ||
        std::fabs(V) > std::numeric_limits<int32_t>::max())
      return Error{Path, "events-value",
                   fmt::format("input {} of step {} is {:g}; whole numbers, or "
                               "one number for every spike, are needed",
                               I % Port.Neurons, I / Port.Neurons, V)};
    Payloads.push_back(static_cast<int64_t>(V));
  }
  return Array::of<int64_t>({T->Steps, Port.Neurons}, Payloads);
}

Sequence sequenceOf(const EventPort &Port, int64_t Steps,
                    std::vector<int32_t> Payloads) {
  Sequence S;
  S.Tokens.resize(Steps);
  if (Port.Neurons > 0)
    S.Events.push_back({Port.Name, std::move(Payloads)});
  return S;
}
} // namespace

Result<Sequences> synfire::tools::readEvents(const std::string &Path,
                                             const EventPort &Port,
                                             int64_t Steps) {
  if (Path == "none") {
    if (Steps == 0)
      return Error{Path, "events-steps",
                   "silence has no length; give it with --steps"};
    return Sequences{{silence(Port, Steps)}, /*Batched=*/false};
  }
  if (Port.Neurons == 0)
    return Error{Path, "events-inputs",
                 "the network reads no events, biases drive it; give none, and "
                 "--steps"};
  Result<Array> File =
      Path.ends_with(".csv") ? readTraceInputs(Path, Port) : readNpy(Path);
  if (!File)
    return File.errors();
  std::optional<Layout> L = layoutOf(File->Shape, Port);
  if (!L)
    return Error{
        Path, "events-shape",
        fmt::format(
            "an array of shape {} holds no events of '{}'; [step, {}]"
            "{} is needed, or the same with a dimension for sequences "
            "in front",
            formatShape(File->Shape), Port.Name, Port.Neurons,
            Port.Shape.empty()
                ? ""
                : fmt::format(" or [step, {}]", fmt::join(Port.Shape, ", ")))};
  const int64_t Count = Steps == 0 ? L->Steps : Steps;
  if (Count < L->Steps)
    return Error{Path, "events-steps",
                 fmt::format("the array has {} token steps, --steps says {}; "
                             "cut it",
                             L->Steps, Count)};
  if (Count > MostPayloads / Port.Neurons / L->Sequences)
    return Error{Path, "events-steps",
                 fmt::format("{} sequences of {} token steps of {} neurons are "
                             "more than {} payloads; run fewer at once",
                             L->Sequences, Count, Port.Neurons, MostPayloads)};
  Result<std::vector<int64_t>> Values = File->toIntegers(Path);
  if (!Values)
    return Values.errors();
  Sequences Out;
  Out.Batched = L->Batched;
  const int64_t N = Port.Neurons;
  // An array of neurons in a row has their own order.
  const bool Shaped =
      !Port.Shape.empty() && File->Shape.size() >= Port.Shape.size() &&
      std::equal(Port.Shape.rbegin(), Port.Shape.rend(), File->Shape.rbegin());
  const std::vector<int64_t> Shape =
      Shaped ? Port.Shape : std::vector<int64_t>();
  std::vector<int64_t> Places(N);
  for (int64_t I = 0; I < N; ++I)
    Places[I] = placeOf(I, Shape);
  for (int64_t S = 0; S < L->Sequences; ++S) {
    std::vector<int32_t> Payloads(Count * N);
    for (int64_t T = 0; T < L->Steps; ++T)
      for (int64_t I = 0; I < N; ++I) {
        const int64_t V = (*Values)[(S * L->Steps + T) * N + I];
        if (V < std::numeric_limits<int32_t>::min() ||
            V > std::numeric_limits<int32_t>::max())
          return Error{Path, "events-value",
                       fmt::format("payload {} of neuron {} at token step {} "
                                   "does not fit 32 bits",
                                   V, I, T)};
        Payloads[T * N + Places[I]] = static_cast<int32_t>(V);
      }
    Out.All.push_back(sequenceOf(Port, Count, std::move(Payloads)));
  }
  return Out;
}

Sequence synfire::tools::drawEvents(const EventPort &Port, int64_t Steps,
                                    uint64_t Seed) {
  // One in ten, by a generator of its own so that any library gives the same.
  constexpr uint64_t OneIn = 10;
  std::vector<int32_t> Payloads(Steps * Port.Neurons);
  uint64_t State = Seed;
  for (int32_t &P : Payloads) {
    // SplitMix64 (Steele, Lea and Flood 2014).
    uint64_t Z = State += 0x9e3779b97f4a7c15;
    Z = (Z ^ Z >> 30) * 0xbf58476d1ce4e5b9;
    Z = (Z ^ Z >> 27) * 0x94d049bb133111eb;
    P = (Z ^ Z >> 31) % OneIn == 0;
  }
  return sequenceOf(Port, Steps, std::move(Payloads));
}

Sequence synfire::tools::silence(const EventPort &Port, int64_t Steps) {
  return sequenceOf(Port, Steps, std::vector<int32_t>(Steps * Port.Neurons));
}
