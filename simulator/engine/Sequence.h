//===- simulator/engine/Sequence.h - Tokens and where they are --*- C++ -*-===//

#ifndef SYNFIRE_SIMULATOR_ENGINE_SEQUENCE_H
#define SYNFIRE_SIMULATOR_ENGINE_SEQUENCE_H

#include "simulator/kernel/Accumulate.h"
#include "targets/Image.h"

#include <algorithm>
#include <cstdint>
#include <span>

namespace synfire::sim {

/// Events of one stream with the role Events. Those of token t, which each of
/// its inner steps gets, are Events[Offsets[t]] to Events[Offsets[t + 1] - 1],
/// by ascending index; their payloads are of the stream's kind, never 0.
struct EventInput {
  uint32_t Stream = 0;               ///< index of the StreamRecord
  std::span<const uint64_t> Offsets; ///< tokens + 1, ascending, from 0 on
  std::span<const Event> Events;
};

/// What the host tells of each token. Types and Valid may be empty: type 0, all
/// valid. A token that is not valid (padding) leaves no row in a memory. Of a
/// network that reads no tokens the ids mean nothing: only their number counts.
struct SequenceInput {
  std::span<const uint32_t> Tokens, Types = {};
  std::span<const uint8_t> Valid = {};
  /// At most one per stream of the role; a stream without gets no events.
  std::span<const EventInput> Events = {};
};

/// One token step of a sequence in one sweep.
struct StepPlace {
  uint32_t Sweep = 0;
  uint64_t Index = 0; ///< token step in its sequence
  uint32_t Step = 0;  ///< inner step of the token
  bool Last = false;  ///< inner step of the token
  bool Valid = true;
  /// Memory rows of valid tokens: up to this one, and of the whole sequence as
  /// far as it is known.
  uint32_t RowsSeen = 0, RowsAll = 0;

  /// True when the token's memory row is one of \p Count from \p First on.
  bool writes(uint32_t First, uint32_t Count) const {
    return Valid && RowsSeen > First && RowsSeen - 1 - First < Count;
  }
  uint32_t rows(image::RowRule Rule) const {
    return Rule == image::RowRule::Seen ? RowsSeen : RowsAll;
  }
  /// Neurons that run of \p NumNeurons, the first of which needs \p FirstRow.
  uint32_t running(image::RowRule Rule, uint32_t FirstRow,
                   uint32_t NumNeurons) const {
    if (Rule == image::RowRule::None)
      return NumNeurons;
    const uint32_t Rows = rows(Rule);
    return Rows <= FirstRow ? 0 : std::min(NumNeurons, Rows - FirstRow);
  }
};

} // namespace synfire::sim

#endif // SYNFIRE_SIMULATOR_ENGINE_SEQUENCE_H
