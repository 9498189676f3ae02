//===- simulator/report/RunData.h - What a report is made of ----*- C++ -*-===//
//
// Everything that the report needs from a run, as plain data: integer counts,
// simulated times, sizes and names. The report derives energy, SynOps, the
// dense baseline and the notes from it and from the target's cost table, and
// from nothing else, so that each printed number can be recomputed.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_REPORT_RUNDATA_H
#define SYNFIRE_SIMULATOR_REPORT_RUNDATA_H

#include "simulator/engine/Counters.h"
#include "simulator/timing/Timing.h"
#include "targets/ChipSpec.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace synfire::report {

using sim::ActionCounts;

/// Sizes of the network that ran.
struct NetworkData {
  std::string Model; ///< name or file name, never a path
  uint64_t ModelHash = 0;
  uint32_t Layers = 0;     ///< L
  uint32_t Width = 0;      ///< d
  uint32_t Hidden = 0;     ///< f
  uint32_t Vocabulary = 0; ///< V
  /// T, tokens that the model was trained to look back on; 0 when the model
  /// does not tell.
  uint32_t Context = 0;
  uint64_t Parameters = 0; ///< of the float checkpoint

  std::string Architecture; ///< `spikegpt`, `spikelm`, ...; empty: unknown
  uint32_t Heads = 0, KvHeads = 0; ///< of attention; 0: none, or unknown
  /// SpikeLLM's codes; WeightCodeBits is 0 for every other network.
  uint32_t WeightCodeBits = 0, CodeBits = 0;
  uint32_t SalientBits = 0; ///< that salient channels have more; 2^n steps
  double LowShare = 1;      ///< of the channels that are not salient
};

struct CoreData {
  CoreId Core;
  uint32_t Chip = 0;
  Coord Place; ///< of its router
  ActionCounts Counts;
};

/// What a population's neurons did. A relay was added by the compiler.
struct PopulationData {
  std::string Name;
  uint64_t Neurons = 0;
  bool IsRelay = false;
  ActionCounts Counts;
  bool SendsSpikes = false; ///< some stream of it is StreamData::IsSpike
};

/// What happened in the tiles of one linear or matmul.
struct ConnectionData {
  std::string Name;
  uint64_t Rows = 0, Cols = 0;
  uint32_t WeightBits = 0;
  bool AccumulateOnly = false; ///< proven from event kinds
  bool FromHost = false;       ///< looked up by the token: an embedding table
  uint64_t Events = 0;         ///< events that selected a row, tile by tile
  image::ConnectionKind Kind = image::ConnectionKind::Linear;
  /// Tokens write what its rows are: a product of attention.
  bool isMemory() const {
    return Kind == image::ConnectionKind::Keys ||
           Kind == image::ConnectionKind::Values;
  }
  /// NeuroBench's operations; a step whose payloads are all -1, 0 or 1 counts
  /// as accumulates.
  uint64_t EffectiveAcs = 0, EffectiveMacs = 0, Dense = 0;
  uint64_t Skipped = 0; ///< weights of zero that the chip passed over
  ActionCounts Counts;
};

/// What a stream carried.
struct StreamData {
  std::string Name;
  uint64_t Neurons = 0;
  image::PayloadKind Kind = image::PayloadKind::Binary;
  uint32_t PayloadBits = 0;
  bool FromHost = false;
  bool IsRelay = false;
  /// True for the output of a threshold neuron of the network whose rate is a
  /// firing rate (not for embedding bits and not for real values).
  bool IsSpike = false;
  uint64_t Events = 0; ///< payloads other than 0, sent or not
  /// Events on their way, as simulator/engine/Counters.h counts them.
  uint64_t Sent = 0, Copies = 0, Received = 0, Host = 0, Dropped = 0,
           Deliveries = 0;
  ActionCounts Traffic;
};

/// Traffic of one directed link between routers.
struct LinkData {
  Coord From, To;
  bool CrossesChips = false;
  uint64_t Packets = 0;
  uint64_t Bits = 0;
};

/// One limit of the chip and what the image needs of it.
struct FitData {
  std::string Limit; ///< key as in the chip description
  std::string Unit;
  uint64_t Used = 0;                 ///< on the fullest core (or in all)
  std::optional<uint64_t> Available; ///< none: not limited by itself
  uint64_t Total = 0;                ///< over all cores in use
  std::string Fullest;               ///< `core 17`, or empty
};

/// What decided the length of ticks.
struct BoundData {
  std::string Resource;  ///< `core 17: instructions`, `link (3,2)->(4,2)`
  uint64_t Ticks = 0;    ///< ticks that it decided
  Nanoseconds TotalTime; ///< their sum
};

/// When one level of the network was done, within a token of generate mode.
struct LevelData {
  uint32_t Level = 0;
  std::string Populations; ///< those of the level, comma-separated
  Nanoseconds MeanTime;    ///< mean length of its tick
};

/// What a resource is; see sim::TickTime for the three.
struct ResourceKind {
  sim::Bound Waited = sim::Bound::Barrier;
  sim::Stage Kind = sim::Stage::Programs;
  uint32_t Id = 0;
};

/// One tick.
struct TickData {
  Nanoseconds Duration;  ///< barrier included
  Nanoseconds Core;      ///< work of the busiest core
  Nanoseconds Network;   ///< until the last message has arrived
  uint32_t Resource = 0; ///< index into TimeData::Resources: what decided it
};

/// Simulated time of one mode.
struct TimeData {
  std::string Mode;     ///< `prefill` or `generate`
  std::string Fidelity; ///< `analytic` or `event`
  uint64_t Ticks = 0;
  uint64_t Barriers = 0;
  Nanoseconds Barrier; ///< of one tick
  Nanoseconds Total;
  /// At `event`: what `analytic` says of the same ticks.
  std::optional<Nanoseconds> AnalyticTotal;
  std::optional<Nanoseconds> FirstToken; ///< until the first result is out
  std::vector<BoundData> Bounds;         ///< longest time first
  std::vector<LevelData> Levels;
  std::vector<std::string> Resources;  ///< that decided some tick
  std::vector<ResourceKind> Kinds;     ///< as Resources
  std::vector<TickData> Each;          ///< in order
  std::vector<sim::CoreBusy> CoreBusy; ///< as RunData::Cores
  std::vector<sim::LinkUse> LinkUse;   ///< as RunData::Links
};

/// How good the text model is; absent figures were not measured.
struct QualityData {
  /// Asked for were symbols behind [MASK], not the next one: bits are per
  /// masked symbol, and accuracies are known.
  bool Masked = false;
  std::optional<double> FloatBits;     ///< bits per character, float network
  std::optional<double> QuantizedBits; ///< as it runs
  /// Quantised with programs in binary32, where the chip has none.
  std::optional<double> Binary32Bits;
  std::optional<double> RunBits; ///< of the tokens of this run
  /// Share of positions whose largest logit quantisation left in place.
  std::optional<double> ArgmaxAgreement;
  /// Share of the symbols asked for whose logit is the largest.
  std::optional<double> FloatAccuracy, QuantizedAccuracy;
  uint64_t Tokens = 0; ///< behind these
  std::string Text;    ///< what they were measured on
};

struct RunData {
  NetworkData Network;
  ChipSpec Chip;
  uint32_t Chips = 0; ///< in use
  uint64_t ImageHash = 0;
  uint64_t ImageBytes = 0;
  std::string Mode;     ///< that was asked for
  std::string Fidelity; ///< `functional`, `analytic`, `event`
  uint64_t Tokens = 0;
  uint32_t Steps = 1;  ///< T, inner steps per token
  uint32_t Sweeps = 1; ///< passes over a sequence
  /// Tokens of each sequence that was run; empty: one, of all tokens.
  std::vector<uint64_t> Sequences;
  uint64_t tokenSteps() const { return Tokens * Steps; }
  /// Cores plus System, without barriers: those are in TimeData.
  ActionCounts Total;
  std::vector<CoreData> Cores;
  ActionCounts System; ///< what no core does: the host's messages and hops
  std::vector<PopulationData> Populations;
  std::vector<ConnectionData> Connections;
  std::vector<StreamData> Streams;
  std::vector<LinkData> Links;
  std::vector<FitData> Fit;
  /// Empty at functional; else the mode that was asked for, then any other.
  std::vector<TimeData> Times;
  QualityData Quality;
};

/// The time of \p Mode, or null when it is not known.
const TimeData *timeOf(const RunData &Run, std::string_view Mode);

/// The context length that the baseline gets: the model's, or the length of the
/// run when the model does not tell (at least 1).
uint32_t contextOf(const RunData &Run);

/// `blocks.3` of `blocks.3.lif1`, `layer0` of `layer0.q_in`, else the part of
/// \p Name before the first dot: what "by layer" sums up to.
std::string layerOf(const std::string &Name);

} // namespace synfire::report

#endif // SYNFIRE_SIMULATOR_REPORT_RUNDATA_H
