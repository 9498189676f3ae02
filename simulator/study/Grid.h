//===- simulator/study/Grid.h - The points of a study -----------*- C++ -*-===//
//
// A point is one model on one chip under one set of choices. It is known by the
// hash of its resolved configuration: the same configuration is the same point,
// in whatever study and place of the grid it stands.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_STUDY_GRID_H
#define SYNFIRE_SIMULATOR_STUDY_GRID_H

#include "simulator/study/StudyFile.h"
#include "targets/ChipSpec.h"

namespace synfire::study {

/// Raised whenever a finished point would come out otherwise: what is stored,
/// its meaning, or how it is computed.
inline constexpr int PointFormatVersion = 1;

/// A study of more points is refused.
inline constexpr uint64_t MostPoints = 100000;

struct Point {
  uint32_t Model = 0, Target = 0; ///< indices into the study
  /// In the order in which they are applied; of the study, which must outlive
  /// the point.
  std::vector<const Setting *> Settings;
  std::vector<uint32_t> Steps; ///< per axis; empty beside the grid

  /// The last value given to \p Key by other than `set:`, or nothing.
  std::optional<std::string> valueOf(const std::string &Key) const;
};

/// models x targets x (product of the axes, then `points`), the last axis
/// changing fastest. Fails with rule `study-size` above \p Most.
Result<std::vector<Point>> expand(const Study &S, uint64_t Most = MostPoints);

/// Tries every value of every axis and point on every target, alone, and
/// reports what the chip reader does not know or cannot read, at the place in
/// the study. Contradictions between keys are left to the points that have
/// them.
Status checkSettings(const Study &S);

/// What the tool knows about the inputs of a study that is no part of it.
struct InputHashes {
  std::vector<uint64_t> Models; ///< per model: all files that it consists of
  std::vector<uint64_t> Texts;  ///< per model: what the chip reads
};

/// A point with everything filled in.
struct Configuration {
  ChipSpec Chip;
  CompileChoices Compile;
};
/// Fails when the chip contradicts itself.
Result<Configuration> configure(const Study &S, const Point &P);

/// What a point is known by.
struct PointKeys {
  uint64_t Point = 0;   ///< of everything: name of its folder
  uint64_t Network = 0; ///< model and choices that change what it computes
  uint64_t Input = 0;   ///< what the chip reads
  uint64_t Image = 0;   ///< network, mapping, and what the mapping looks at
};
PointKeys keysOf(const Study &S, const Point &P, const Configuration &C,
                 const InputHashes &Inputs);

/// The chip as far as the compiler looks at it; chips with equal ones share an
/// image. Left out are costs, names and evidence, and of the network on chip
/// what only changes the time of a message: clock, stages of a router, credits,
/// channels, buffers, injection, ejection and hop times. Everything else is
/// taken as looked at, new keys too.
ChipSpec mappingView(ChipSpec Chip);

/// 16 hexadecimal digits.
std::string keyText(uint64_t Key);

} // namespace synfire::study

#endif // SYNFIRE_SIMULATOR_STUDY_GRID_H
