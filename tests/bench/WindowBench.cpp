//===- WindowBench.cpp - Convolutions against rows of a matrix ------------===//
//
// Events of the host go through a convolution into one block; beside the time
// of a synaptic operation (counting included; what token steps without events
// take, mostly the program, is taken off) stands its ratio to that of the row
// kernel: events that select rows of a matrix of 1024 columns in the
// second-level cache, timed just before. Arguments: source channels, target
// channels, places of a side, kernel side, stride, per cent of sources with an
// event, groups.
//
//===----------------------------------------------------------------------===//

#include "simulator/engine/Machine.h"
#include "tests/unit/simulator/ImageFixture.h"

#include <benchmark/benchmark.h>

#include <ctime>
#include <random>

using namespace synfire;
using namespace synfire::sim;

namespace {

constexpr uint32_t Tokens = 16;

double threadSeconds() {
  timespec Now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &Now);
  return double(Now.tv_sec) + 1e-9 * double(Now.tv_nsec);
}

/// Seconds per synaptic operation of the row kernel, payloads of 8 bits.
double secondsOfRows() {
  constexpr uint32_t Rows = 128, Cols = 1024;
  static std::vector<std::byte> Weights(Rows * Cols, std::byte(3));
  std::vector<int32_t> Sums(Cols);
  std::vector<Event> Events;
  for (uint32_t I = 0; I < Rows; I += 4)
    Events.push_back({I, int32_t(I) - 60});
  const PayloadRange Range = payloadRange(Events);
  double Best = 1;
  for (int Round = 0; Round < 20; ++Round) {
    const double Start = threadSeconds();
    for (int I = 0; I < 50; ++I)
      accumulate(ByteRows{Weights.data(), Cols, Cols, false}, Events, 0, Range,
                 Sums.data());
    benchmark::DoNotOptimize(Sums.data());
    Best = std::min(Best, (threadSeconds() - Start) /
                              (50.0 * double(Events.size()) * Cols));
  }
  return Best;
}

image::WindowRecord windowOf(const benchmark::State &S) {
  image::WindowRecord W{};
  auto at = [&](int I) { return static_cast<uint32_t>(S.range(I)); };
  W.SourceChannels = at(0);
  W.TargetChannels = at(1);
  W.SourceHeight = W.SourceWidth = at(2);
  W.KernelHeight = W.KernelWidth = at(3);
  W.StrideY = W.StrideX = at(4);
  W.PadY = W.PadX = at(3) / 2;
  W.TargetHeight = W.TargetWidth = (at(2) - 1) / at(4) + 1;
  W.Groups = at(6);
  return W;
}

image::Image makeImage(const image::WindowRecord &W, const ChipSpec &Spec) {
  ImageBuilder I;
  const auto Sources = static_cast<uint32_t>(W.numSources()),
             Targets = static_cast<uint32_t>(W.numTargets());
  I.Windows = {W};
  I.Programs = {{"pass",
                 {load(isa::Opcode::LoadAccumulator, 0, 0),
                  store(isa::Opcode::Emit, 0, 0)},
                 1,
                 0,
                 1,
                 1,
                 {}}};
  const uint32_t P = I.population("p", Targets, 0);
  I.stream("given", Sources, image::PayloadKind::Signed, 8, image::None);
  I.Streams[0].Role = image::HostRole::Events;
  const uint32_t Out =
      I.stream("p", Targets, image::PayloadKind::Signed, 32, P);
  I.Connections.push_back({I.name("conv"), Sources, Targets, 8, 0,
                           image::ConnectionKind::Window, 1, 1, 0});
  I.Blocks.push_back({0, P, 0, Targets, 0, {false}, {}, {{Out}}});
  const uint32_t T =
      I.windowTile(0, 0, Targets, 0, 0, 0, 0, [](uint32_t R, uint32_t C) {
        return int((R * 31 + C * 17) % 255) - 127;
      });
  const uint32_t F = I.flow(Spec, {image::None, 0, 0, 0, Sources, {}}, {0});
  I.Axons.push_back({0, F, image::AxonKind::Window, 0, Sources, T, 0, 0});
  I.flow(Spec, {0, 0, Out, 0, Targets, {}}, {}, true);
  I.HostScales.assign(Targets, 1.0f);
  Result<image::Image> Made = I.build();
  if (!Made) {
    std::fprintf(stderr, "%s\n", Made.errors().front().format().c_str());
    std::abort();
  }
  return *Made;
}

void convolve(benchmark::State &S) {
  ChipSpec Spec = *ChipSpec::load("loihi2");
  Spec.Core.Neurons = 1u << 20;
  const image::WindowRecord W = windowOf(S);
  Result<Machine> M = Machine::create(makeImage(W, Spec), Spec);
  if (!M)
    return S.SkipWithError(M.errors().front().format().c_str());
  std::mt19937 Random(1);
  std::vector<uint64_t> Offsets = {0};
  std::vector<Event> Events;
  for (uint32_t T = 0; T < Tokens; ++T) {
    for (uint32_t I = 0; I < W.numSources(); ++I)
      if (Random() % 100 < static_cast<uint32_t>(S.range(5)))
        Events.push_back({I, int32_t(Random() % 127) + 1});
    Offsets.push_back(Events.size());
  }
  const std::vector<uint32_t> Ids(Tokens);
  const EventInput Of{0, Offsets, Events};
  SequenceInput In{Ids};
  In.Events = {&Of, 1};
  const double Rows = secondsOfRows();
  double Idle = 1;
  for (int Round = 0; Round < 20; ++Round) {
    const double Start = threadSeconds();
    if (!M->run(SequenceInput{Ids}, {}, {}))
      return S.SkipWithError("the run failed");
    Idle = std::min(Idle, threadSeconds() - Start);
  }
  const double Start = threadSeconds();
  for (auto _ : S)
    if (!M->run(In, {}, {}))
      return S.SkipWithError("the run failed");
  const double Seconds =
      threadSeconds() - Start - Idle * double(S.iterations());
  double Synapses = 0;
  for (const DynamicCounts &D : M->totals().Dynamic)
    Synapses += double(D.Synapses);
  const double Each = Seconds / std::max(1.0, Synapses);
  S.counters["ns_per_op"] = Each * 1e9;
  S.counters["rows_ns_per_op"] = Rows * 1e9;
  S.counters["of_rows"] = Each / Rows;
  S.counters["idle_us"] = Idle / Tokens * 1e6;
  S.counters["ops_per_token"] = Synapses / (double(S.iterations()) * Tokens);
}

BENCHMARK(convolve)
    ->ArgNames({"in", "out", "side", "kernel", "stride", "percent", "groups"})
    ->Args({3, 24, 64, 3, 2, 50, 1})
    ->Args({24, 36, 32, 3, 2, 10, 1})
    ->Args({64, 64, 16, 3, 1, 5, 1})
    ->Args({64, 64, 16, 3, 1, 20, 1})
    ->Args({64, 64, 16, 3, 1, 80, 1})
    ->Args({32, 32, 32, 3, 1, 20, 32});

} // namespace

BENCHMARK_MAIN();
