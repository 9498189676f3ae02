//===- simulator/engine/Machine.cpp - Running an image --------------------===//
//
// Lays out a machine's memory and takes tokens through it, some at a time.
//
//===----------------------------------------------------------------------===//

#include "simulator/engine/MachineParts.h"

#include <fmt/core.h>

#include <algorithm>
#include <cassert>
#include <new>

namespace synfire::sim {
namespace {

using image::None;

/// Weights beyond this many bytes are not expected in a second-level cache.
constexpr uint64_t CachedWeights = 384 << 10;
/// Payloads and events of all lanes together, in bytes: a small share of the
/// weights, so that a large network needs little more memory than its image.
constexpr uint64_t LeastLaneBudget = 4 << 20;
constexpr uint64_t WeightsPerLaneByte = 16;

} // namespace

Machine::Impl::Impl(const image::Image &Image, Wiring W,
                    const MachineOptions &O)
    : Img(Image), Plan(std::move(W)), Options(O),
      Arena(static_cast<int>(std::max(1u, O.Threads))) {
  Options.Threads = std::max(1u, O.Threads);
  if (Options.Threads > 1)
    Allowed.emplace(tbb::global_control::max_allowed_parallelism,
                    Options.Threads);
  uint64_t LaneBytes = Plan.NumPayloads * (sizeof(int32_t) + sizeof(Event)) +
                       Plan.Deliveries.size() * 12 + 1;
  uint64_t Weights = 0;
  for (const image::TileRecord &T : Img.tiles())
    Weights += uint64_t(T.Rows) * T.RowStride;
  uint64_t Budget = std::max(LeastLaneBudget, Weights / WeightsPerLaneByte);
  uint64_t Fits = std::max<uint64_t>(1, Budget / LaneBytes);
  Options.Batch = static_cast<uint32_t>(std::clamp<uint64_t>(O.Batch, 1, Fits));
  Lanes.resize(Options.Batch);
  for (Lane &L : Lanes) {
    L.Payloads.resize(Plan.NumPayloads);
    L.Events.resize(Plan.NumPayloads);
    L.NonZero.resize(Plan.Outputs.size());
    L.Ranges.resize(Plan.Outputs.size());
    L.Deliveries.resize(Plan.Deliveries.size());
    L.Effective.resize(Plan.Deliveries.size());
  }
  Workers.resize(Options.Threads);
  RowWeights.resize(Img.tiles().size());
  States.resize(Plan.NumStates);
  Streaming = Weights > CachedWeights;
  planLevels();
  planStreams();
  reset();
}

void Machine::Impl::planLevels() {
  for (const std::vector<uint32_t> &Blocks : Plan.Levels) {
    LevelPlan L;
    for (uint32_t B : Blocks)
      L.Work += Plan.Blocks[B].Work;
    // Contiguous parts of about equal work.
    L.Bounds.push_back(0);
    uint64_t Done = 0;
    uint32_t Next = 0;
    for (uint32_t W = 1; W < Options.Threads; ++W) {
      uint64_t Goal = L.Work / Options.Threads * W;
      while (Next < Blocks.size() &&
             Done + Plan.Blocks[Blocks[Next]].Work / 2 < Goal)
        Done += Plan.Blocks[Blocks[Next++]].Work;
      L.Bounds.push_back(Next);
    }
    L.Bounds.push_back(static_cast<uint32_t>(Blocks.size()));
    Levels.push_back(std::move(L));
  }
}

void Machine::Impl::planStreams() {
  SpikeWidths.resize(Img.streams().size());
  OutputsOfStream.resize(Img.streams().size());
  std::vector<bool> Whole(Img.streams().size());
  for (const OutputPlan &O : Plan.Outputs)
    Whole[O.Stream] = Whole[O.Stream] || !O.Reduced;
  for (uint32_t I = 0; I < Plan.Outputs.size(); ++I) {
    const OutputPlan &O = Plan.Outputs[I];
    if (O.Reduced && Whole[O.Stream])
      continue;
    const BlockPlan &B = Plan.Blocks[O.Block];
    OutputsOfStream[O.Stream].push_back(I);
    SpikeWidths[O.Stream] =
        std::max(SpikeWidths[O.Stream], B.FirstNeuron + B.NumNeurons);
  }
  TokenLimit = None;
  for (const FlowPlan &F : Plan.Flows)
    if (F.Output == None)
      TokenLimit = std::min(TokenLimit, Img.streams()[F.Stream].NumNeurons);
  if (TokenLimit == None)
    TokenLimit = 0;
  if (!Options.RecordSpikes)
    return;
  uint64_t Summed = 0;
  for (const OutputPlan &O : Plan.Outputs) {
    SummedPlaces.push_back(Summed);
    Summed += O.Reduced ? Plan.Blocks[O.Block].NumNeurons : 0;
  }
  for (Lane &L : Lanes)
    L.Summed.resize(Summed);
}

void Machine::Impl::reset() {
  for (const BlockPlan &B : Plan.Blocks) {
    const image::ProgramRecord &P = Img.programs()[B.Program];
    for (uint32_t S = 0; S < P.NumStates; ++S)
      std::fill_n(States.begin() + B.StatePlace + uint64_t(S) * B.NumNeurons,
                  B.NumNeurons, Img.stateInit()[P.FirstStateInit + S]);
  }
  Totals = {};
  Totals.Outputs.resize(Plan.Outputs.size());
  Totals.Emitted.resize(Plan.Outputs.size());
  Totals.Flows.resize(Plan.Flows.size());
  Totals.Drops.resize(Plan.Arrivals.size());
  Totals.Deliveries.resize(Plan.Deliveries.size());
  Totals.EffectiveAccumulates.resize(Img.connections().size());
  Totals.EffectiveMultiplies.resize(Img.connections().size());
}

Machine::Machine(std::unique_ptr<Impl> I) : Held(std::move(I)) {}
Machine::Machine(Machine &&) noexcept = default;
Machine &Machine::operator=(Machine &&) noexcept = default;
Machine::~Machine() = default;

Result<Machine> Machine::create(const image::Image &Image, const ChipSpec &Spec,
                                const MachineOptions &Options) {
  Result<Wiring> Plan = Wiring::build(Image, Spec);
  if (!Plan)
    return Plan.errors();
  try {
    return Machine(std::make_unique<Impl>(Image, std::move(*Plan), Options));
  } catch (const std::bad_alloc &) {
    return Error{"", "out-of-memory",
                 "the machine has too little memory for the network's states "
                 "and payloads",
                 ErrorKind::RunFailed};
  }
}

const Wiring &Machine::wiring() const { return Held->Plan; }
uint32_t Machine::numLogits() const { return Held->Plan.NumLogits; }
uint32_t Machine::numTokens() const { return Held->TokenLimit; }
uint32_t Machine::spikeWidth(uint32_t Stream) const {
  return Held->SpikeWidths[Stream];
}
const ActivityTotals &Machine::totals() const { return Held->Totals; }
void Machine::reset() { Held->reset(); }

Status Machine::run(std::span<const uint32_t> Tokens, std::span<float> Logits,
                    const MachineSinks &Sinks) {
  Impl &I = *Held;
  const uint32_t NumLogits = I.Plan.NumLogits;
  assert((Logits.empty() || Logits.size() == Tokens.size() * NumLogits) &&
         "one row of logits per token");
  for (size_t T = 0; T < Tokens.size(); ++T)
    if (Tokens[T] >= I.TokenLimit)
      return Error{fmt::format("token {}", T), "token-range",
                   fmt::format("token id {} is out of range; the network knows "
                               "ids 0 to {}",
                               Tokens[T], int64_t(I.TokenLimit) - 1),
                   ErrorKind::BadInput};
  for (size_t First = 0; First < Tokens.size(); First += I.Options.Batch) {
    auto NumLanes = static_cast<uint32_t>(
        std::min<size_t>(I.Options.Batch, Tokens.size() - First));
    for (uint32_t K = 0; K < NumLanes; ++K)
      I.Lanes[K].Token = {Tokens[First + K], 1};
    I.runLevels(NumLanes);
    for (uint32_t K = 0; K < NumLanes; ++K) {
      I.account(I.Lanes[K], Sinks.Activity);
      if (!Logits.empty())
        I.gatherLogits(I.Lanes[K],
                       Logits.subspan((First + K) * NumLogits, NumLogits));
      if (Sinks.Spikes)
        I.gatherSpikes(I.Lanes[K], Sinks.Spikes);
      if (Sinks.Outputs)
        I.gatherOutputs(I.Lanes[K], Sinks.Outputs);
      if (Sinks.TokenDone)
        Sinks.TokenDone(Tokens[First + K]);
    }
  }
  return {};
}

} // namespace synfire::sim
