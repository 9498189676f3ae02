//===- simulator/replay/Replay.cpp - The same events, another chip --------===//

#include "simulator/replay/Replay.h"
#include "simulator/engine/RowWeights.h"

#include <bit>
#include <cstring>

namespace synfire::sim {
namespace {

using image::None;

/// Ones among \p Count bits from \p First on. \p Bits ends in 8 spare bytes.
uint32_t countBits(const uint8_t *Bits, uint64_t First, uint64_t Count) {
  static_assert(std::endian::native == std::endian::little);
  uint32_t Ones = 0;
  while (Count != 0) {
    uint64_t Word;
    std::memcpy(&Word, Bits + First / 8, sizeof(Word));
    const uint64_t Take = std::min<uint64_t>(Count, 64 - First % 8);
    Word >>= First % 8;
    if (Take < 64)
      Word &= (uint64_t(1) << Take) - 1;
    Ones += static_cast<uint32_t>(std::popcount(Word));
    First += Take;
    Count -= Take;
  }
  return Ones;
}

class Player {
public:
  Player(const ActivityTrace &Trace, const image::Image &Image,
         const Wiring &Plan)
      : Trace(Trace), Plan(Plan), Layout(Image, Plan),
        Lane(Trace.BytesPerToken + 8), Outputs(Plan.Outputs.size()),
        Flows(Plan.Flows.size()), Drops(Plan.Arrivals.size()),
        Deliveries(Plan.Deliveries.size()), NonZero(Plan.Deliveries.size()),
        Rows(Image, Plan) {
    Totals = ActivityTotals::zero(Plan, Image);
    Totals.EffectiveAccumulates = Trace.EffectiveAccumulates;
    Totals.EffectiveMultiplies = Trace.EffectiveMultiplies;
  }

  TokenActivity play(uint64_t Token) {
    std::memcpy(Lane.data(), Trace.Bits.data() + Token * Trace.BytesPerToken,
                Trace.BytesPerToken);
    Id = Trace.Tokens[Token];
    for (uint32_t O = 0; O < Outputs.size(); ++O) {
      const OutputPlan &P = Plan.Outputs[O];
      const uint32_t Emitted = countIn(O, P.Indices);
      Outputs[O] = P.SentWhole ? Emitted : 0;
      if (!P.SentWhole)
        for (IndexRange R : P.Sent)
          Outputs[O] += countIn(O, R);
      Totals.Emitted[O] += Emitted;
    }
    for (uint32_t F = 0; F < Flows.size(); ++F)
      Flows[F] = countIn(Plan.Flows[F].Output, Plan.Flows[F].Indices);
    for (uint32_t A = 0; A < Drops.size(); ++A) {
      Drops[A] = 0;
      for (IndexRange Gap : Plan.Arrivals[A].Gaps)
        Drops[A] += countIn(Plan.Flows[Plan.Arrivals[A].Flow].Output, Gap);
    }
    for (uint32_t D = 0; D < Deliveries.size(); ++D)
      Deliveries[D] = countIn(Plan.Flows[Plan.Deliveries[D].Flow].Output,
                              Plan.Deliveries[D].Indices);
    for (uint32_t D = 0; Plan.SkipsZeroWeights && D < NonZero.size(); ++D)
      if (Plan.skipsZeros(Plan.Deliveries[D]))
        NonZero[D] = nonZeroIn(Plan.Deliveries[D]);
    StepPlace Place;
    Place.Index = Token;
    Place.Last = true;
    const TokenActivity Activity{Place,      Outputs, Flows, Drops,
                                 Deliveries, {},      {},    NonZero};
    Totals.add(Activity, Plan);
    return Activity;
  }

  const ActivityTotals &totals() const { return Totals; }

private:
  /// The host sends one event per token: its id.
  uint32_t countIn(uint32_t Output, IndexRange R) const {
    if (Output == None)
      return R.First <= Id && Id < R.Last ? 1 : 0;
    return countBits(Lane.data(),
                     Layout.firstBit(Output) + R.First -
                         Plan.Outputs[Output].Indices.First,
                     R.Last - R.First);
  }

  /// Weights other than 0 that the events of \p D meet.
  uint64_t nonZeroIn(const DeliveryPlan &D) {
    const uint32_t Output = Plan.Flows[D.Flow].Output;
    uint64_t Sum = 0;
    for (uint32_t I = D.Indices.First; I < D.Indices.Last; ++I)
      if (countIn(Output, {I, I + 1}) != 0)
        Sum += Rows.of(D, I);
    return Sum;
  }

  const ActivityTrace &Trace;
  const Wiring &Plan;
  TraceLayout Layout;
  uint32_t Id = 0;
  std::vector<uint8_t> Lane;
  std::vector<uint32_t> Outputs, Flows, Drops, Deliveries;
  std::vector<uint64_t> NonZero;
  RowWeights Rows;
  ActivityTotals Totals;
};

} // namespace

Result<ReplayResult> replay(const ActivityTrace &Trace,
                            const image::Image &Image, const ChipSpec &Spec,
                            const Wiring &Plan, Mode TokenMode,
                            Fidelity Model) {
  if (Status S = checkReplayable(Image); !S)
    return S.errors();
  if (Trace.Partition != partitionHash(Image) ||
      Trace.BytesPerToken != TraceLayout(Image, Plan).bytesPerToken() ||
      Trace.Bits.size() != Trace.Tokens.size() * Trace.BytesPerToken ||
      Trace.EffectiveAccumulates.size() != Image.connections().size())
    return Error{"", "trace-partition",
                 "the activity was recorded on another network or another "
                 "partition of it; run this image once",
                 ErrorKind::BadInput};
  auto Timers = RunTimers::create(Plan, Image, Spec, TokenMode, Model);
  if (!Timers)
    return Timers.errors();
  Player Play(Trace, Image, Plan);
  for (uint64_t T = 0; T < Trace.Tokens.size(); ++T)
    if (Status S = Timers->add(Play.play(T)); !S)
      return S.errors();
  auto Times = Timers->results();
  if (!Times)
    return Times.errors();
  ReplayResult Out{countersOf(Play.totals(), Plan, Image), std::move(*Times)};
  addBarriers(Out.Counts, Plan, Spec, TokenMode);
  return Out;
}

} // namespace synfire::sim
