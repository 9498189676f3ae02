//===- simulator/replay/Replay.cpp - The same events, another chip --------===//

#include "simulator/replay/Replay.h"
#include "simulator/engine/RowWeights.h"
#include "simulator/engine/WindowKernels.h"

#include <algorithm>

namespace synfire::sim {
namespace {

using image::None;

class Player {
public:
  Player(const ActivityTrace &Trace, const image::Image &Image,
         const Wiring &Plan)
      : Trace(Trace), Image(Image), Plan(Plan), Layout(Image, Plan),
        Outputs(Plan.Outputs.size()), Flows(Plan.Flows.size()),
        Drops(Plan.Arrivals.size()), Deliveries(Plan.Deliveries.size()),
        Givens(Plan.Givens.size()), NonZero(Plan.Deliveries.size()),
        Rows(Image, Plan), Kernels(Image, Plan) {
    const bool Windows = std::ranges::any_of(
        Plan.Windows, [](const WindowPlan &P) { return !P.empty(); });
    Met.resize(Windows ? Plan.Deliveries.size() : 0);
    Totals = ActivityTotals::zero(Plan, Image);
    Totals.EffectiveAccumulates = Trace.EffectiveAccumulates;
    Totals.EffectiveMultiplies = Trace.EffectiveMultiplies;
  }

  /// Whether steps follow each other as a machine takes them, with a record
  /// each. Else play() may not be called.
  bool isWhole();
  /// What happened in record \p Step; to be called in order.
  TokenActivity play(size_t Step);
  const ActivityTotals &totals() const { return Totals; }

private:
  /// What was sent in a record.
  struct Sent {
    const TraceStep *Step = nullptr;
    const uint8_t *Record = nullptr;
  };
  Sent sentIn(size_t Step) const {
    return {&Trace.Steps[Step], Trace.Spikes.data() + Records[Step]};
  }
  /// Where the spikes of \p F are and the index of the first neuron there; null
  /// if they are an index of the host.
  struct Source {
    const SpikeField *Field = nullptr;
    uint32_t First = 0;
  };
  Source sourceOf(const FlowPlan &F) const;
  /// The index that the host sends on \p F, which carries no events.
  uint32_t hostIndex(const FlowPlan &F, const TraceStep &S) const;
  /// Calls \p Each (index, spikes) for what \p F carries of \p R.
  template <typename Visitor>
  void forEach(const Sent &Of, const FlowPlan &F, IndexRange R,
               Visitor Each) const;
  uint32_t countIn(const Sent &Of, const FlowPlan &F, IndexRange R) const;
  void deliver(uint32_t Index, const Sent &Of);

  const ActivityTrace &Trace;
  const image::Image &Image;
  const Wiring &Plan;
  TraceLayout Layout;
  std::vector<uint64_t> Records; ///< per step: first byte in Trace.Spikes
  std::vector<uint32_t> Outputs, Flows, Drops, Deliveries, Givens;
  std::vector<uint64_t> NonZero;
  std::vector<MetCounts> Met;
  std::vector<Event> Events;
  RowWeights Rows;
  WindowKernels Kernels;
  ActivityTotals Totals;
};

bool Player::isWhole() {
  uint64_t Bytes = 0;
  TraceStep Before;
  for (const TraceStep &S : Trace.Steps) {
    if (S.Sweep >= Plan.Sweeps.size())
      return false;
    const bool First = Records.empty();
    const bool Follows =
        !First && S.Sweep == Before.Sweep && S.Index == Before.Index + 1;
    const bool NextSweep =
        !First && S.Sweep == Before.Sweep + 1 && S.Index == 0;
    if (!Follows && !NextSweep && (S.Sweep != 0 || S.Index != 0))
      return false;
    Records.push_back(Bytes);
    Bytes += Layout.bytes(S.Sweep);
    Before = S;
  }
  return Bytes == Trace.Spikes.size();
}

uint32_t Player::hostIndex(const FlowPlan &F, const TraceStep &S) const {
  switch (F.Role) {
  case image::HostRole::Position:
    return static_cast<uint32_t>(S.Index / Plan.Steps);
  case image::HostRole::Type:
    return S.Type;
  case image::HostRole::Token:
  case image::HostRole::Events:
    break;
  }
  return S.Token;
}

Player::Source Player::sourceOf(const FlowPlan &F) const {
  if (F.Given != None)
    return {&Layout.given(Plan.Givens[F.Given].Stream), 0};
  if (F.Output != None)
    return {&Layout.output(F.Output), Plan.Outputs[F.Output].Indices.First};
  return {};
}

template <typename Visitor>
void Player::forEach(const Sent &Of, const FlowPlan &F, IndexRange R,
                     Visitor Each) const {
  const auto [Field, First] = sourceOf(F);
  if (!Field) {
    if (const uint32_t Index = hostIndex(F, *Of.Step);
        R.First <= Index && Index < R.Last)
      Each(Index, 1u);
    return;
  }
  R = intersect(R, {First, First + Field->Size});
  if (!R.empty())
    Field->forEach(
        Of.Record, R.First - First, R.Last - First,
        [&, Base = First](uint32_t I, uint32_t N) { Each(Base + I, N); });
}

uint32_t Player::countIn(const Sent &Of, const FlowPlan &F,
                         IndexRange R) const {
  const auto [Field, First] = sourceOf(F);
  if (!Field) {
    const uint32_t Index = hostIndex(F, *Of.Step);
    return R.First <= Index && Index < R.Last;
  }
  R = intersect(R, {First, First + Field->Size});
  if (R.empty())
    return 0;
  return static_cast<uint32_t>(
      Field->count(Of.Record, R.First - First, R.Last - First));
}

void Player::deliver(uint32_t Index, const Sent &Of) {
  const DeliveryPlan &D = Plan.Deliveries[Index];
  const FlowPlan &F = Plan.Flows[D.Flow];
  if (D.Window) {
    const WindowPlan &P = Plan.Windows[D.Tile];
    const IndexRange Reach = reachOf(D, P);
    Deliveries[Index] = countIn(Of, F, D.Indices);
    Events.clear();
    if (!Reach.empty())
      forEach(Of, F, Reach, [&](uint32_t I, uint32_t N) {
        Events.push_back({I, static_cast<int32_t>(N)});
      });
    const WindowCounts Found = countWindow(
        P, Kernels.of(D.Tile),
        F.Counts == SpikeCount::Event ? F.Counts : SpikeCount::Payload, Events);
    Met[Index] = Found.Met;
    NonZero[Index] = Found.NonZero;
    return;
  }
  const bool Zeros = Plan.skipsZeros(D);
  if (!D.HasTable && !Zeros) {
    Deliveries[Index] = countIn(Of, F, D.Indices);
    return;
  }
  Deliveries[Index] = 0;
  NonZero[Index] = 0;
  forEach(Of, F, D.Indices, [&](uint32_t I, uint32_t N) {
    if (D.HasTable && Image.axonRows()[I + D.TableBias] == None)
      return;
    Deliveries[Index] += N;
    if (Zeros)
      NonZero[Index] += uint64_t(N) * Rows.of(D, I);
  });
}

TokenActivity Player::play(size_t Step) {
  const TraceStep &S = Trace.Steps[Step];
  const SweepPlan &Now = Plan.Sweeps[S.Sweep];
  const Sent Of = sentIn(Step);
  // What happens in other sweeps did not happen.
  if (S.Index == 0)
    for (auto *Counts : {&Outputs, &Flows, &Drops, &Deliveries, &Givens})
      std::ranges::fill(*Counts, 0);
  for (uint32_t O : Now.Outputs) {
    const OutputPlan &P = Plan.Outputs[O];
    FlowPlan F;
    F.Output = O;
    const uint32_t Emitted = countIn(Of, F, P.Indices);
    Outputs[O] = P.SentWhole ? Emitted : 0;
    if (!P.SentWhole)
      for (IndexRange R : P.Sent)
        Outputs[O] += countIn(Of, F, R);
    Totals.Emitted[O] += Emitted;
  }
  for (uint32_t F : Now.Flows)
    Flows[F] = countIn(Of, Plan.Flows[F], Plan.Flows[F].Indices);
  for (uint32_t A : Now.Arrivals) {
    Drops[A] = 0;
    for (IndexRange Gap : Plan.Arrivals[A].Gaps)
      Drops[A] += countIn(Of, Plan.Flows[Plan.Arrivals[A].Flow], Gap);
  }
  for (uint32_t G : Now.Givens) {
    FlowPlan F;
    F.Given = G;
    Givens[G] = 0;
    for (IndexRange R : Plan.Givens[G].Sent)
      Givens[G] += countIn(Of, F, R);
  }
  for (uint32_t I : Now.Deliveries) {
    const uint32_t Delay = Plan.Deliveries[I].Delay;
    if (S.Index >= Delay) {
      deliver(I, sentIn(Step - Delay));
      continue;
    }
    // Nothing was sent before the sequence began.
    Deliveries[I] = 0;
    NonZero[I] = 0;
    if (!Met.empty())
      Met[I] = {};
  }
  StepPlace Place;
  Place.Sweep = S.Sweep;
  Place.Index = S.Index;
  Place.Step = static_cast<uint32_t>(S.Index % Plan.Steps);
  Place.Last = Place.Step + 1 == Plan.Steps;
  Place.Valid = S.Valid;
  Place.RowsSeen = S.RowsSeen;
  Place.RowsAll = S.RowsAll;
  const TokenActivity Activity{Place,      Outputs, Flows,  Drops,
                               Deliveries, Met,     Givens, NonZero};
  Totals.add(Activity, Plan);
  return Activity;
}

} // namespace

Result<ReplayResult> replay(const ActivityTrace &Trace,
                            const image::Image &Image, const ChipSpec &Spec,
                            const Wiring &Plan, Mode TokenMode,
                            Fidelity Model) {
  if (Plan.Sweeps.size() > 1 && TokenMode == Mode::Generate)
    return generateNeedsOneSweep(Plan);
  Player Play(Trace, Image, Plan);
  if (Trace.Partition != partitionHash(Image) || !Play.isWhole() ||
      Trace.EffectiveAccumulates.size() != Image.connections().size() ||
      Trace.EffectiveMultiplies.size() != Image.connections().size())
    return Error{"", "trace-partition",
                 "the activity was recorded on another network or another "
                 "partition of it; run this image once",
                 ErrorKind::BadInput};
  auto Timers = RunTimers::create(Plan, Image, Spec, TokenMode, Model);
  if (!Timers)
    return Timers.errors();
  for (size_t S = 0; S < Trace.Steps.size(); ++S)
    if (Status Timed = Timers->add(Play.play(S)); !Timed)
      return Timed.errors();
  auto Times = Timers->results();
  if (!Times)
    return Times.errors();
  ReplayResult Out{countersOf(Play.totals(), Plan, Image), std::move(*Times)};
  addBarriers(Out.Counts, Plan, Spec, TokenMode);
  return Out;
}

} // namespace synfire::sim
