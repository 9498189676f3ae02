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
    : Img(Image), Plan(std::move(W)), Options(O), Kernels(Img, Plan),
      NonZero(Img, Plan), Arena(static_cast<int>(std::max(1u, O.Threads))) {
  Options.Threads = std::max(1u, O.Threads);
  if (Options.Threads > 1)
    Allowed.emplace(tbb::global_control::max_allowed_parallelism,
                    Options.Threads);
  uint64_t LaneBytes = Plan.NumPayloads * (sizeof(int32_t) + sizeof(Event)) +
                       Plan.Deliveries.size() * 36 + 1;
  uint64_t Weights = 0;
  bool Windows = false;
  for (uint32_t I = 0; I < Img.tiles().size(); ++I) {
    const image::TileRecord &T = Img.tiles()[I];
    Weights += uint64_t(T.Rows) * T.RowStride * std::max<uint64_t>(1, T.Planes);
    Windows |= !Plan.Windows[I].empty();
  }
  uint64_t Budget = std::max(LeastLaneBudget, Weights / WeightsPerLaneByte);
  uint64_t Fits = std::max<uint64_t>(1, Budget / LaneBytes);
  Options.Batch = static_cast<uint32_t>(std::clamp<uint64_t>(
      O.Batch, 1, std::min<uint64_t>(Fits, Plan.MostAtOnce)));
  Lanes.resize(size_t(Options.Batch) + Plan.LongestDelay);
  for (Lane &L : Lanes) {
    L.Payloads.resize(Plan.NumPayloads);
    L.Events.resize(Plan.NumPayloads);
    L.NonZero.resize(Plan.Outputs.size());
    L.Spikes.resize(Plan.Outputs.size());
    L.Ranges.resize(Plan.Outputs.size());
    L.Deliveries.resize(Plan.Deliveries.size());
    L.Effective.resize(Plan.Deliveries.size());
    L.Met.resize(Windows ? Plan.Deliveries.size() : 0);
    L.Given.resize(Plan.Givens.size());
    L.GivenRanges.resize(Plan.Givens.size());
  }
  Workers.resize(Options.Threads);
  States.resize(Plan.NumStates);
  Kept.resize(Plan.Blocks.size());
  Dynamic.resize(Img.tiles().size());
  for (uint32_t I = 0; I < Dynamic.size(); ++I) {
    const image::TileRecord &T = Img.tiles()[I];
    if (!Plan.isDynamic(I))
      continue;
    Dynamic[I].Rows = T.Rows;
    Dynamic[I].Stride = (T.Cols + 15) / 16 * 16;
    Dynamic[I].NonZero.resize(size_t(T.Planes) * T.Rows);
    Dynamic[I].Values.resize(Dynamic[I].NonZero.size() * Dynamic[I].Stride);
  }
  Streaming = Weights > CachedWeights;
  planLevels();
  planStreams();
  reset();
}

Machine::Impl::SharePlan
Machine::Impl::share(std::span<const uint64_t> Work) const {
  SharePlan S;
  for (uint64_t W : Work)
    S.Work += W;
  // Contiguous parts of about equal work.
  S.Bounds.push_back(0);
  uint64_t Done = 0;
  uint32_t Next = 0;
  for (uint32_t W = 1; W < Options.Threads; ++W) {
    uint64_t Goal = S.Work / Options.Threads * W;
    while (Next < Work.size() && Done + Work[Next] / 2 < Goal)
      Done += Work[Next++];
    S.Bounds.push_back(Next);
  }
  S.Bounds.push_back(static_cast<uint32_t>(Work.size()));
  return S;
}

void Machine::Impl::planLevels() {
  std::vector<uint64_t> Work;
  for (const std::vector<uint32_t> &Blocks : Plan.Levels) {
    Work.clear();
    for (uint32_t B : Blocks)
      Work.push_back(Plan.Blocks[B].Work);
    Levels.push_back(share(Work));
  }
  for (const SweepPlan &S : Plan.Sweeps) {
    Work.clear();
    for (const CapturePlan &C : S.Captures)
      Work.push_back(C.Work);
    Captures.push_back(share(Work));
  }
}

void Machine::Impl::planStreams() {
  SpikeWidths.resize(Img.streams().size());
  SweepOfStream.resize(Img.streams().size());
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
    SweepOfStream[O.Stream] = B.Sweep;
    SpikeWidths[O.Stream] =
        std::max(SpikeWidths[O.Stream], B.FirstNeuron + B.NumNeurons);
  }
  auto limitOf = [&](image::HostRole Role) {
    uint32_t Limit = None;
    for (const FlowPlan &F : Plan.Flows)
      if (F.Output == None && F.Role == Role)
        Limit = std::min(Limit, Img.streams()[F.Stream].NumNeurons);
    return Limit == None ? 0 : Limit;
  };
  ReadsTokens = std::ranges::any_of(Plan.Flows, [](const FlowPlan &F) {
    return F.Output == None && F.Role == image::HostRole::Token;
  });
  TokenLimit = limitOf(image::HostRole::Token);
  TypeLimit = limitOf(image::HostRole::Type);
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

void Machine::Impl::resetStates(const BlockPlan &B) {
  const image::ProgramRecord &P = Img.programs()[B.Program];
  for (uint32_t S = 0; S < P.NumStates; ++S)
    std::fill_n(States.begin() + static_cast<ptrdiff_t>(
                                     B.StatePlace + uint64_t(S) * B.NumNeurons),
                B.NumNeurons, Img.stateInit()[P.FirstStateInit + S]);
}

void Machine::Impl::beginSequence() {
  for (const BlockPlan &B : Plan.Blocks)
    resetStates(B);
  for (DynamicTile &T : Dynamic) {
    std::fill(T.Values.begin(), T.Values.end(), 0);
    std::fill(T.NonZero.begin(), T.NonZero.end(), 0);
  }
  Position = 0;
  RowsSeen = 0;
}

void Machine::Impl::reset() {
  beginSequence();
  Totals = ActivityTotals::zero(Plan, Img);
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
uint32_t Machine::numTypes() const { return Held->TypeLimit; }
void Machine::reset() { Held->reset(); }
void Machine::beginSequence() { Held->beginSequence(); }

Status Machine::Impl::check(const SequenceInput &In) const {
  auto inRange = [](std::span<const uint32_t> Ids, uint32_t Limit,
                    const char *What) -> Status {
    for (size_t T = 0; T < Ids.size(); ++T)
      if (Ids[T] >= Limit)
        return Error{fmt::format("token {}", T), fmt::format("{}-range", What),
                     fmt::format("{} id {} is out of range; the network knows "
                                 "ids 0 to {}",
                                 What, Ids[T], int64_t(Limit) - 1),
                     ErrorKind::BadInput};
    return {};
  };
  if (Status S = inRange(In.Tokens, TokenLimit, "token"); ReadsTokens && !S)
    return S;
  if (Status S = inRange(In.Types, std::max(1u, TypeLimit), "type"); !S)
    return S;
  for (size_t Size : {In.Types.size(), In.Valid.size()})
    if (Size != 0 && Size != In.Tokens.size())
      return Error{"", "sequence-size",
                   fmt::format("{} tokens come with {} types or marks of "
                               "padding",
                               In.Tokens.size(), Size),
                   ErrorKind::BadInput};
  const uint64_t Before = Plan.Sweeps.size() > 1 ? 0 : Position;
  if (Plan.Positions != 0 && Before + In.Tokens.size() > Plan.Positions)
    return Error{"", "positions",
                 fmt::format("{} tokens after {} are more than the {} "
                             "positions that the network was compiled for; "
                             "begin a new sequence or give fewer tokens",
                             In.Tokens.size(), Before, Plan.Positions),
                 ErrorKind::BadInput};
  return checkEvents(In);
}

void Machine::Impl::beginSweep(uint32_t Sweep, uint64_t TokenSteps) {
  if (Plan.Sweeps.size() == 1)
    return;
  LastStep = TokenSteps - 1;
  // What happens in other sweeps did not happen.
  for (auto *Counts : {&Sent, &FlowEvents, &Drops})
    std::fill(Counts->begin(), Counts->end(), 0);
  for (Lane &L : Lanes)
    std::fill(L.Deliveries.begin(), L.Deliveries.end(), 0);
  if (Sweep != 0)
    return;
  for (uint32_t I = 0; I < Kept.size(); ++I) {
    const BlockPlan &B = Plan.Blocks[I];
    if (B.Holds != image::Held::No)
      Kept[I].assign(
          B.SlotWords * (B.Holds == image::Held::Each ? TokenSteps : 1), 0);
  }
}

void Machine::Impl::setLane(Lane &L, const SequenceInput &In,
                            uint64_t TokenStep) const {
  const uint64_t Token = TokenStep / Plan.Steps;
  L.Place.Index = Position * Plan.Steps + TokenStep;
  L.Place.Step = static_cast<uint32_t>(TokenStep % Plan.Steps);
  L.Place.Last = L.Place.Step + 1 == Plan.Steps;
  L.Place.Valid = In.Valid.empty() || In.Valid[Token] != 0;
  auto at = [&](image::HostRole Role) -> Event & {
    return L.Host[static_cast<unsigned>(Role)];
  };
  at(image::HostRole::Token) = {In.Tokens[Token], 1};
  at(image::HostRole::Position) = {static_cast<uint32_t>(Position + Token), 1};
  at(image::HostRole::Type) = {In.Types.empty() ? 0 : In.Types[Token], 1};
  setEvents(L, In, Token);
}

Status Machine::run(std::span<const uint32_t> Tokens, std::span<float> Logits,
                    const MachineSinks &Sinks) {
  return run(SequenceInput{Tokens}, Logits, Sinks);
}

Status Machine::run(const SequenceInput &In, std::span<float> Logits,
                    const MachineSinks &Sinks) {
  Impl &I = *Held;
  const uint32_t NumLogits = I.Plan.NumLogits;
  assert((Logits.empty() || Logits.size() == In.Tokens.size() * NumLogits) &&
         "one row of logits per token");
  if (Status S = I.check(In); !S || In.Tokens.empty())
    return S;
  if (I.Plan.Sweeps.size() > 1)
    I.beginSequence();
  const uint64_t TokenSteps = In.Tokens.size() * I.Plan.Steps;
  const auto Padding = static_cast<uint32_t>(std::ranges::count(In.Valid, 0));
  const uint32_t RowsAll =
      I.RowsSeen + static_cast<uint32_t>(In.Tokens.size()) - Padding;
  for (uint32_t Sweep = 0; Sweep < I.Plan.Sweeps.size(); ++Sweep) {
    I.beginSweep(Sweep, TokenSteps);
    uint32_t Rows = I.RowsSeen;
    for (uint64_t First = 0; First < TokenSteps; First += I.Options.Batch) {
      const auto NumLanes = static_cast<uint32_t>(
          std::min<uint64_t>(I.Options.Batch, TokenSteps - First));
      // Without delays the same few lanes serve, and stay in the cache.
      if (I.Plan.LongestDelay != 0)
        I.FirstLane = (I.Position * I.Plan.Steps + First) % I.Lanes.size();
      for (uint32_t K = 0; K < NumLanes; ++K) {
        Lane &L = I.lane(K);
        I.setLane(L, In, First + K);
        L.Place.Sweep = Sweep;
        Rows += L.Place.Valid && L.Place.Step == 0;
        L.Place.RowsSeen = Rows;
        L.Place.RowsAll = RowsAll;
      }
      I.runLevels(Sweep, NumLanes);
      for (uint32_t K = 0; K < NumLanes; ++K) {
        const Lane &L = I.lane(K);
        const uint64_t Token = (First + K) / I.Plan.Steps;
        I.account(K, Sinks.Activity);
        if (!Logits.empty() && L.Place.Last)
          I.gatherLogits(L, Logits.subspan(Token * NumLogits, NumLogits));
        if (Sinks.Spikes)
          I.gatherSpikes(L, Sinks.Spikes);
        if (Sinks.Outputs)
          I.gatherOutputs(L, Sinks.Outputs);
        for (uint32_t G = 0; Sinks.Givens && G < L.Given.size(); ++G)
          Sinks.Givens(I.Plan.Givens[G].Stream, L.Given[G]);
        if (Sinks.StepDone)
          Sinks.StepDone(L.Place, In.Tokens[Token],
                         In.Types.empty() ? 0 : In.Types[Token]);
      }
    }
  }
  I.Position += In.Tokens.size();
  I.RowsSeen = RowsAll;
  return {};
}

} // namespace synfire::sim
