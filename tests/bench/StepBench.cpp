//===- StepBench.cpp - Whole token steps of a spiking network -------------===//
//
// Five populations of 1024 leaky integrate-and-fire neurons in a row, joined
// all to all (4.19 M synapses), driven by a bias to fire at 15 % per step with
// subtractive reset; blocks of 256 neurons on a core each. The figure is
// synaptic events per second of thread time: neuron programs, events, delivery
// and counting included.
//
//===----------------------------------------------------------------------===//

#include "simulator/engine/Simulation.h"
#include "tests/unit/simulator/ImageFixture.h"

#include <benchmark/benchmark.h>

#include <cstdio>

using namespace synfire;
using namespace synfire::sim;
using isa::Opcode;

namespace {

constexpr uint32_t Populations = 5, Neurons = 1024, BlockNeurons = 256;

image::Image makeRow(const ChipSpec &Spec) {
  ImageBuilder I;
  // v += bias + weight x sum; fire at 1 and subtract 1.
  I.Programs = {
      {"lif",
       {load(Opcode::LoadAccumulator, 0, 0), op(Opcode::IntToFloat, 1, 0),
        constant(2, 1e-6f), op(Opcode::MulF, 3, 1, 2),
        load(Opcode::LoadState, 4, 0), op(Opcode::AddF, 5, 4, 3),
        load(Opcode::LoadParameter, 6, 0), op(Opcode::AddF, 5, 5, 6),
        constant(7, 1.0f), op(Opcode::GeF, 8, 5, 7),
        op(Opcode::IntToFloat, 9, 8), op(Opcode::SubF, 10, 5, 9),
        store(Opcode::StoreState, 0, 10), store(Opcode::Emit, 0, 8)},
       1,
       1,
       1,
       11,
       {0.0f}}};
  using image::PayloadKind;
  uint32_t Token = I.stream("token", 1, PayloadKind::Binary, 1, image::None);
  std::vector<uint32_t> Pops, Streams;
  for (uint32_t P = 0; P < Populations; ++P) {
    std::string Name = "p" + std::to_string(P);
    Pops.push_back(I.population(Name, Neurons, 0));
    Streams.push_back(
        I.stream(Name, Neurons, PayloadKind::Binary, 1, Pops.back()));
    I.Connections.push_back({I.name(Name), P ? Neurons : 1, Neurons, 8, 1});
  }
  constexpr uint32_t PerPopulation = Neurons / BlockNeurons;
  for (uint32_t P = 0; P < Populations; ++P)
    for (uint32_t B = 0; B < PerPopulation; ++B) {
      std::vector<float> Bias;
      for (uint32_t J = 0; J < BlockNeurons; ++J)
        Bias.push_back(0.15f + 0.0001f * float((J * 37 + B) % 97) - 0.005f);
      uint32_t Core = P * PerPopulation + B, Block = I.Blocks.size();
      I.Blocks.push_back({Core,
                          Pops[P],
                          B * BlockNeurons,
                          BlockNeurons,
                          P,
                          {false},
                          Bias,
                          {{Streams[P]}}});
      I.tile(P, 0, P ? Neurons : 1, B * BlockNeurons, BlockNeurons, Core, Block,
             0, 0, [](uint32_t R, uint32_t C) {
               return int((R * 2654435761u + C * 40503u) >> 16 & 0xff) - 128;
             });
    }
  for (uint32_t P = 0; P < Populations; ++P) {
    std::vector<uint32_t> Cores;
    for (uint32_t B = 0; B < PerPopulation; ++B)
      Cores.push_back(P * PerPopulation + B);
    uint32_t Senders = P ? PerPopulation : 1;
    for (uint32_t S = 0; S < Senders; ++S) {
      uint32_t Block = (P - 1) * PerPopulation + S;
      uint32_t First = P ? S * BlockNeurons : 0, N = P ? BlockNeurons : 1;
      uint32_t Flow =
          P ? I.flow(Spec, {Block, 0, Streams[P - 1], First, N, {}}, Cores)
            : I.flow(Spec, {image::None, 0, Token, 0, 1, {}}, Cores);
      for (uint32_t C : Cores)
        I.Axons.push_back(
            {C, Flow, image::AxonKind::Rows, First, N, C, 0, First});
    }
  }
  Result<image::Image> Image = I.build();
  if (!Image) {
    std::fputs(Image.errors().front().format().c_str(), stderr);
    std::abort();
  }
  return *Image;
}

void steps(benchmark::State &State, Mode M, Fidelity Time) {
  ChipSpec Spec = makeChip(5, 2);
  SimulationOptions Options;
  Options.TokenMode = M;
  Options.Time = Time;
  Options.Threads = static_cast<uint32_t>(State.range(0));
  Result<Simulation> S = Simulation::create(makeRow(Spec), Spec, Options);
  if (!S)
    return State.SkipWithError(S.errors().front().format().c_str());
  std::vector<uint32_t> Tokens(M == Mode::Generate ? 1 : 64);
  for (auto _ : State)
    if (!S->stepMany(Tokens))
      return State.SkipWithError("a step failed");
  Counters C = S->counters();
  ActionCounts Total = C.total();
  auto Rate = [](double V) {
    return benchmark::Counter(V, benchmark::Counter::kIsRate);
  };
  State.counters["synaptic_events_per_s"] =
      Rate(double(Total[Action::SynapseAccumulate]));
  State.counters["steps_per_s"] = Rate(double(C.TokenSteps));
  State.counters["firing_rate"] =
      double(C.Streams[2].Events) / double(C.TokenSteps) / Neurons;
}

BENCHMARK_CAPTURE(steps, generate, Mode::Generate, Fidelity::Functional)
    ->Arg(1)
    ->Arg(2);
BENCHMARK_CAPTURE(steps, generate_analytic, Mode::Generate, Fidelity::Analytic)
    ->Arg(1);
BENCHMARK_CAPTURE(steps, prefill, Mode::Prefill, Fidelity::Functional)
    ->Arg(1)
    ->Arg(2)
    ->UseRealTime();

} // namespace

BENCHMARK_MAIN();
