//===- simulator/baselines/DenseCost.cpp - A dense token's price ----------===//

#include "simulator/baselines/DenseCost.h"

#include <algorithm>
#include <cmath>

namespace synfire::baselines {

Range &Range::operator+=(const Range &O) {
  Low += O.Low;
  Nominal += O.Nominal;
  High += O.High;
  return *this;
}

Range Range::operator*(double Factor) const {
  return {Low * Factor, Nominal * Factor, High * Factor};
}

namespace {

constexpr double PicojoulesPerWattNanosecond = 1e3;

Range rangeOf(const Figure &F) { return {F.Low, F.Value, F.High}; }

/// Sequences that fit and devices that hold them.
struct Room {
  double Batch = 0, Devices = 1;
};

std::optional<Room> roomFor(const DenseDevice &D, const Transformer &T,
                            double Context, double Batch) {
  if (!D.Capacity)
    return Room{Batch, 1};
  double Weights = T.parameters() * D.WeightBits->Value / 8;
  double Cache = T.kvRead(Context) * D.KvBits->Value / 8;
  double Most = D.MaxDevices ? D.MaxDevices->Value : 1;
  double Fits = std::floor((Most * D.Capacity->Value - Weights) / Cache);
  if (Fits < 1)
    return std::nullopt;
  Batch = std::min(Batch, Fits);
  double Devices = std::ceil((Weights + Batch * Cache) / D.Capacity->Value);
  return Room{Batch, std::max(1.0, Devices)};
}

/// Time of a step with each figure at one end: the slow end has the least
/// bandwidth and the longest launches.
double stepTime(const DenseDevice &D, const Transformer &T, double Bits,
                double Macs, double Figure::*Rate, double Figure::*Launch) {
  double Memory = Bits / ((*D.Bandwidth).*Rate * (*D.BandwidthUse).*Rate);
  double Arithmetic = Macs / ((*D.MacRate).*Rate * (*D.MacUse).*Rate);
  return std::max(Memory, Arithmetic) + T.Layers * ((*D.LayerTime).*Launch) +
         (*D.StepTime).*Launch;
}

void addTime(TokenCost &Cost, const DenseDevice &D, const Transformer &T,
             double Bits, double Macs) {
  Range Step = {stepTime(D, T, Bits, Macs, &Figure::High, &Figure::Low),
                stepTime(D, T, Bits, Macs, &Figure::Value, &Figure::Value),
                stepTime(D, T, Bits, Macs, &Figure::Low, &Figure::High)};
  double Memory = Bits / (D.Bandwidth->Value * D.BandwidthUse->Value);
  double Arithmetic = Macs / (D.MacRate->Value * D.MacUse->Value);
  double Work = std::max(Memory, Arithmetic);
  Cost.Bound = Step.Nominal - Work > Work ? "launch"
               : Memory >= Arithmetic     ? "memory"
                                          : "arithmetic";
  Range Power = rangeOf(*D.StaticPower) *
                (Cost.Devices * PicojoulesPerWattNanosecond / Cost.Batch);
  Cost.Static = Part{"static",
                     {Power.Low * Step.Low, Power.Nominal * Step.Nominal,
                      Power.High * Step.High},
                     "power.static_w",
                     D.StaticPower->Evidence};
  Cost.Step = Step;
}

} // namespace

std::optional<Range> TokenCost::total() const {
  if (!Static)
    return std::nullopt;
  Range Sum = Dynamic;
  Sum += Static->Energy;
  return Sum;
}

std::optional<Range> TokenCost::tokensPerSecond() const {
  if (!Step)
    return std::nullopt;
  double Tokens = Batch * 1e9;
  return Range{Tokens / Step->High, Tokens / Step->Nominal, Tokens / Step->Low};
}

std::optional<TokenCost> costOf(const DenseDevice &D, const Transformer &T,
                                double Context, double Batch) {
  std::optional<Room> Space = roomFor(D, T, Context, Batch);
  if (!Space)
    return std::nullopt;
  TokenCost Cost;
  Cost.Context = Context;
  Cost.Batch = Space->Batch;
  Cost.Devices = Space->Devices;
  double Together = Cost.Batch / std::min(Cost.Batch, Cost.Devices);
  double Weights = T.weightsRead() * D.WeightBits->Value;
  double Cache = (T.kvRead(Context) + T.kvWritten()) * D.KvBits->Value;
  double Macs = T.macs(Context).total();

  Range PerBit = rangeOf(*D.MemoryEnergy);
  const std::string Memory = "memory.energy_pj_per_bit";
  Cost.Parts = {{"weights", PerBit * (Weights / Together), Memory,
                 D.MemoryEnergy->Evidence},
                {"kv_cache", PerBit * Cache, Memory, D.MemoryEnergy->Evidence},
                {"arithmetic", rangeOf(*D.MacEnergy) * Macs,
                 "arithmetic.energy_pj_per_mac", D.MacEnergy->Evidence}};
  for (const Part &P : Cost.Parts)
    Cost.Dynamic += P.Energy;
  if (D.hasTime())
    addTime(Cost, D, T, Weights + Together * Cache, Together * Macs);
  return Cost;
}

} // namespace synfire::baselines
