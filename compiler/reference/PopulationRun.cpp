//===- compiler/reference/PopulationRun.cpp - Neurons over time -----------===//
//
// A population's program, neuron by neuron through all token steps: the one op
// that has states.
//
//===----------------------------------------------------------------------===//

#include "compiler/reference/NetworkRun.h"
#include "targets/Maths.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <fmt/format.h>
#include <oneapi/tbb/parallel_for.h>
#include <optional>

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;
using namespace synfire::spike;

namespace {
/// A payload that its type cannot hold.
struct Overrun {
  int64_t Step = 0;
  int64_t Neuron = 0;
  unsigned Output = 0;
  int32_t Payload = 0;
};

/// An input of a population.
struct Source {
  const char *Data; ///< words of all token steps; floats or ints
  int64_t Size;     ///< a divisor of N: one value for each of so many groups
};
} // namespace

/// What neurons \p Begin .. + \p Count of \p N read in a token step.
static void readInput(const Source &In, int64_t Step, int64_t N, int64_t Begin,
                      int64_t Count, int32_t *To) {
  constexpr size_t Word = sizeof(int32_t);
  const char *Values = In.Data + Step * In.Size * Word;
  if (In.Size == N) {
    std::memcpy(To, Values + Begin * Word, Count * Word);
    return;
  }
  int64_t PerGroup = N / In.Size;
  for (int64_t I = 0; I < Count;) {
    int64_t Of = (Begin + I) / PerGroup;
    int64_t End = std::min(Count, (Of + 1) * PerGroup - Begin);
    int32_t Value = 0;
    std::memcpy(&Value, Values + Of * Word, Word);
    std::fill(To + I, To + End, Value);
    I = End;
  }
}

Status NetworkRun::population(PopulationOp Op) {
  const Program &P = Programs.find(Op)->second;
  int64_t N = Op.getNumNeurons();
  size_t NumInputs = Op.getInputs().size(), NumParams = Op.getParams().size();
  size_t NumStates = Op.getNumStates(), NumOutputs = Op.getOutputs().size();

  std::vector<Source> Inputs;
  for (Value In : Op.getInputs()) {
    const void *Data = isReal(In) ? static_cast<const void *>(floats(In).data())
                                  : static_cast<const void *>(ints(In).data());
    Inputs.push_back({static_cast<const char *>(Data), sizeOf(In.getType())});
  }
  std::vector<std::vector<float>> Params;
  for (Value Param : Op.getParams()) {
    auto Whole = Weights.floats(Param);
    if (!Whole)
      return Whole.errors();
    Params.push_back(std::move(*Whole));
    // An integer param is given as the float of that value.
    if (Op.paramArgs()[Params.size() - 1].getType().isInteger(32))
      for (float &V : Params.back())
        V = std::bit_cast<float>(maths::toInt(V));
    if (static_cast<int64_t>(Params.back().size()) != N)
      Params.back().assign(N, Params.back().front());
  }
  std::vector<Steps> Results(NumOutputs);
  std::vector<char *> Targets;
  for (auto [Result, S] : llvm::zip(Op.getOutputs(), Results)) {
    if (isReal(Result)) {
      S.Floats.resize((End - Begin) * N);
      Targets.push_back(reinterpret_cast<char *>(S.Floats.data()));
    } else {
      S.Ints.resize((End - Begin) * N);
      Targets.push_back(reinterpret_cast<char *>(S.Ints.data()));
    }
  }

  std::vector<int32_t> Init;
  for (auto [Arg, V] : llvm::zip(Op.stateArgs(), Op.getInit()))
    Init.push_back(Arg.getType().isInteger(32) ? maths::toInt(V)
                                               : std::bit_cast<int32_t>(V));
  const bool Whole = Begin == 0 && End == Count;
  std::vector<int32_t> *Between = Whole ? nullptr : &States[Op];
  if (Between)
    Between->resize(NumStates * N);
  const ArrayRef<int64_t> Reset = Op.getReset().value_or(ArrayRef<int64_t>());

  // Neurons are independent: a group of them runs through all token steps, its
  // states close by. Groups have one size whatever the number of threads. Where
  // neurons are rows, groups do not cross heads: those that run come first.
  constexpr int64_t Group = Program::MaxNeurons;
  constexpr size_t Word = sizeof(int32_t);
  std::optional<Rows> Which = Op.getRows();
  int64_t Head = Which ? Time.positions() : N;
  int64_t GroupsOfHead = (Head + Group - 1) / Group;
  int64_t NumGroups = N / Head * GroupsOfHead;
  std::vector<std::optional<Overrun>> Overruns(NumGroups);
  std::vector<std::vector<NumberRange>> Seen;
  if (Options.ObservePrograms)
    Seen.assign(NumGroups, std::vector<NumberRange>(P.numValues()));
  auto RunGroup = [&](int64_t G) {
    int64_t First = G % GroupsOfHead * Group;
    int64_t NeuronsFrom = G / GroupsOfHead * Head + First;
    int64_t Width = std::min(Group, Head - First);
    Program::Registers Scratch = P.registers();
    std::vector<int32_t> Read((NumInputs + NumParams + NumStates) * Group);
    std::vector<int32_t> Written((NumOutputs + NumStates) * Group);
    std::vector<const int32_t *> Arguments;
    std::vector<int32_t *> Yields;
    for (size_t I = 0; I < NumInputs + NumParams + NumStates; ++I)
      Arguments.push_back(Read.data() + I * Group);
    for (size_t I = 0; I < NumOutputs + NumStates; ++I)
      Yields.push_back(Written.data() + I * Group);
    for (size_t I = 0; I < NumParams; ++I)
      std::memcpy(Read.data() + (NumInputs + I) * Group,
                  Params[I].data() + NeuronsFrom, Width * Word);
    int32_t *States = Read.data() + (NumInputs + NumParams) * Group;
    auto Restart = [&] {
      for (size_t I = 0; I < NumStates; ++I)
        std::fill_n(States + I * Group, Group, Init[I]);
    };
    Restart();
    if (Between && Begin != 0)
      for (size_t I = 0; I < NumStates; ++I)
        std::copy_n(Between->begin() + I * N + NeuronsFrom, Width,
                    States + I * Group);

    for (int64_t T = Begin; T < End; ++T) {
      if (!Reset.empty() && T % Reset[0] == Reset[1])
        Restart();
      // Results of neurons that do not run stay 0.
      int64_t Running = Width;
      if (Which)
        Running =
            std::clamp<int64_t>(Time.rowsThere(*Which, T) - First, 0, Width);
      if (Running == 0)
        continue;
      int64_t ReadAt = Op.getHeld() == Held::Last ? Count - 1 : T;
      for (size_t I = 0; I < NumInputs; ++I)
        readInput(Inputs[I], ReadAt, N, NeuronsFrom, Running,
                  Read.data() + I * Group);
      P.setStep(Time.innerOf(T), Scratch);
      P.run(Arguments, Yields, Running, Scratch);
      if (!Seen.empty())
        P.widen(Arguments, Running, Scratch, Seen[G]);
      for (size_t I = 0; I < NumStates; ++I)
        std::memcpy(States + I * Group,
                    Written.data() + (NumOutputs + I) * Group, Running * Word);
      for (size_t I = 0; I < NumOutputs; ++I) {
        const int32_t *From = Written.data() + I * Group;
        std::memcpy(Targets[I] + ((T - Begin) * N + NeuronsFrom) * Word, From,
                    Running * Word);
        auto Events = dyn_cast<EventsType>(Op.getOutputs()[I].getType());
        if (!Events || Overruns[G])
          continue;
        int64_t Least = Events.minPayload(), Most = Events.maxPayload();
        auto [Low, High] = std::minmax_element(From, From + Running);
        if (*Low < Least || *High > Most) {
          const int32_t *Bad = *Low < Least ? Low : High;
          Overruns[G] = {T, NeuronsFrom + (Bad - From),
                         static_cast<unsigned>(I), *Bad};
        }
      }
    }
    if (Between)
      for (size_t I = 0; I < NumStates; ++I)
        std::copy_n(States + I * Group, Width,
                    Between->begin() + I * N + NeuronsFrom);
  };
  if (NumGroups * (End - Begin) < 64)
    for (int64_t G = 0; G < NumGroups; ++G)
      RunGroup(G);
  else
    tbb::parallel_for(int64_t(0), NumGroups, RunGroup);
  if (!Seen.empty()) {
    for (size_t G = 1; G < Seen.size(); ++G)
      for (size_t V = 0; V < Seen[G].size(); ++V)
        Seen[0][V].widen(Seen[G][V]);
    Options.ObservePrograms(Op, Seen[0]);
  }

  const Overrun *First = nullptr;
  for (const std::optional<Overrun> &O : Overruns)
    if (O && (!First || O->Step < First->Step))
      First = &*O;
  if (First) {
    auto Events = cast<EventsType>(Op.getOutputs()[First->Output].getType());
    return Error{Op.getResultName(First->Output).str(), "payload-range",
                 fmt::format("neuron {} emits payload {} at token step {}, its "
                             "events hold {} to {}; the program must clamp",
                             First->Neuron, First->Payload, First->Step,
                             Events.minPayload(), Events.maxPayload()),
                 ErrorKind::RunFailed};
  }
  for (auto [Result, S] : llvm::zip(Op->getResults(), Results))
    keep(Result, std::move(S));
  return {};
}
