//===- simulator/trace/TokenTrace.cpp - One token under a lens ------------===//

#include "simulator/trace/TokenTrace.h"
#include "simulator/trace/Perfetto.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace synfire::trace {

void TokenTrace::setLevels(uint64_t Levels, uint64_t Steps) {
  const uint64_t Ticks = Levels + Steps - 1;
  First = Token * (TokenMode == sim::Mode::Generate ? Ticks : Steps);
  Last = First + Ticks;
}

bool TokenTrace::wants(uint64_t Tick) const {
  return First <= Tick && Tick < Last;
}

void TokenTrace::see(uint64_t Tick, Nanoseconds Start,
                     const sim::TickTime &Time,
                     const sim::TickSchedule &Schedule) {
  // Ticks that drain the pipeline may be shown more than once.
  if (Seen.empty() || Seen.back().Index < Tick)
    Seen.push_back({Tick, Start.Value, Time, Schedule});
}

/// Puts the ticks of a TokenTrace on tracks.
class TokenDrawing {
public:
  TokenDrawing(const report::RunView &Run, uint64_t Token) : Run(Run) {
    constexpr uint32_t SystemPid = 1;
    Out.process(SystemPid, fmt::format("token {}", Token));
    TickRow = Out.thread(SystemPid, 1, "ticks");
    InFlight =
        Out.counter(Out.thread(SystemPid, 2, "network"), "messages on the way");
    uint32_t Chip = image::None;
    for (const image::CoreRecord &C : Run.Image.cores()) {
      const uint32_t Of = Run.Spec.chipOf(Run.Spec.routerOf(CoreId{C.Core}));
      if (Of != Chip)
        Out.process(SystemPid + 1 + Of, fmt::format("chip {}", Chip = Of));
      CoreRows.push_back(Out.thread(SystemPid + 1 + Of, 2 * C.Core + 1,
                                    fmt::format("core {}", C.Core)));
      // Where sums are buffered, synapses go on beside neurons.
      SynapseRows.push_back(
          Run.Spec.Core.BufferedSums
              ? Out.thread(SystemPid + 1 + Of, 2 * C.Core + 2,
                           fmt::format("core {}: synapses", C.Core))
              : CoreRows.back());
    }
  }

  void draw(const TokenTrace::Tick &T) {
    Start = T.Start;
    const double Barrier =
        Run.Times.empty() ? 0 : Run.Times.front().Barrier.Value;
    slice(
        TickRow, 0, T.Time.Duration.Value - Barrier,
        fmt::format("tick {}: {}", T.Index, report::resourceName(T.Time, Run)));
    if (Barrier > 0)
      slice(TickRow, T.Time.Duration.Value - Barrier, T.Time.Duration.Value,
            "barrier");
    for (const auto &S : T.Schedule.Stages)
      slice(rowOf(S), S.Start, S.Start + S.Ns, sim::stageName(S.Kind));
    Arrows.clear();
    for (const auto &M : T.Schedule.Messages)
      if (Run.Plan.Flows[M.Flow].Output != image::None)
        Arrows.try_emplace({M.Flow, M.Core}, NextArrow++);
    drawBlocks(T.Schedule);
    drawMessages(T.Schedule);
    drawInFlight(T.Schedule);
  }

  const std::string &bytes() const { return Out.file(); }

private:
  PerfettoTrace::Track rowOf(const sim::TickSchedule::StageSpan &S) const {
    const bool IsNeurons =
        S.Kind == sim::Stage::Programs || S.Kind == sim::Stage::Sending;
    return (IsNeurons ? CoreRows : SynapseRows)[S.Core];
  }
  uint64_t at(double Ns) const {
    return static_cast<uint64_t>(std::llround(Start + Ns));
  }
  void slice(PerfettoTrace::Track On, double From, double To,
             std::string_view Name, std::span<const uint64_t> FlowsOut = {},
             std::span<const uint64_t> FlowsIn = {}) {
    Out.begin(On, at(From), Name, FlowsOut, FlowsIn);
    Out.end(On, at(To));
  }

  void drawBlocks(const sim::TickSchedule &S) {
    std::map<uint32_t, std::vector<uint64_t>> Leaving; ///< by block
    for (const auto &[Key, Arrow] : Arrows)
      Leaving[Run.Plan.Outputs[Run.Plan.Flows[Key.first].Output].Block]
          .push_back(Arrow);
    for (const auto &B : S.Blocks) {
      const sim::BlockPlan &Of = Run.Plan.Blocks[B.Block];
      slice(CoreRows[Of.Core], B.Start, B.Start + B.Ns,
            Run.Image.string(Run.Image.populations()[Of.Population].Name),
            Leaving[B.Block]);
    }
  }

  /// Messages of a flow that a core takes without a pause are one slice.
  void drawMessages(const sim::TickSchedule &S) {
    std::vector<const sim::TickSchedule::MessageSpan *> ByCore;
    for (const auto &M : S.Messages)
      ByCore.push_back(&M);
    std::stable_sort(
        ByCore.begin(), ByCore.end(),
        [](const auto *A, const auto *B) { return A->Core < B->Core; });
    for (size_t I = 0; I < ByCore.size();) {
      const auto &M = *ByCore[I];
      double End = M.Start + M.Ns;
      size_t Next = I + 1;
      for (; Next < ByCore.size() && ByCore[Next]->Core == M.Core &&
             ByCore[Next]->Flow == M.Flow && ByCore[Next]->Start <= End;
           ++Next)
        End = ByCore[Next]->Start + ByCore[Next]->Ns;
      std::vector<uint64_t> Ending;
      if (auto Arrow = Arrows.find({M.Flow, M.Core}); Arrow != Arrows.end()) {
        Ending.push_back(Arrow->second);
        Arrows.erase(Arrow);
      }
      const uint32_t Stream = Run.Plan.Flows[M.Flow].Stream;
      slice(SynapseRows[M.Core], M.Start, End,
            fmt::format("{} x {}",
                        Run.Image.string(Run.Image.streams()[Stream].Name),
                        Next - I),
            {}, Ending);
      I = Next;
    }
  }

  void drawInFlight(const sim::TickSchedule &S) {
    std::map<uint64_t, int64_t> Steps;
    for (const auto &M : S.Messages) {
      ++Steps[at(M.Created)];
      --Steps[at(M.Arrived)];
    }
    int64_t Now = 0;
    for (const auto &[Ns, Step] : Steps)
      Out.count(InFlight, Ns, Now += Step);
  }

  const report::RunView &Run;
  PerfettoTrace Out;
  PerfettoTrace::Track TickRow = 0, InFlight = 0;
  // Per core of the image.
  std::vector<PerfettoTrace::Track> CoreRows, SynapseRows;
  double Start = 0; ///< of the tick, in ns
  /// By flow and core: from the block that sends to the first message.
  std::map<std::pair<uint32_t, uint32_t>, uint64_t> Arrows;
  uint64_t NextArrow = 1;
};

std::string TokenTrace::draw(const report::RunView &Run) const {
  TokenDrawing Drawing(Run, Token);
  for (const Tick &T : Seen)
    Drawing.draw(T);
  return Drawing.bytes();
}

} // namespace synfire::trace
