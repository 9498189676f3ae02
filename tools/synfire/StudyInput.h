//===- tools/synfire/StudyInput.h - What a study runs -----------*- C++ -*-===//

#ifndef SYNFIRE_TOOLS_SYNFIRE_STUDYINPUT_H
#define SYNFIRE_TOOLS_SYNFIRE_STUDYINPUT_H

#include "simulator/study/StudyFile.h"
#include "targets/Image.h"
#include "tools/synfire/Model.h"
#include "tools/synfire/Sequences.h"

namespace synfire::tools {

/// Options of a network that no command line gave.
struct StudyOptions {
  /// Whose options Model refers to.
  std::unique_ptr<CLI::App> Parser;
  ModelOptions Model;
};

/// The options of \p M as those of a command. Rule `study-option` when one has
/// a value that it cannot have, `model-option` when it is not for such a file.
Result<StudyOptions> optionsOf(const study::StudyModel &M);

/// What the chip is given for model \p M of \p S, opened as \p Network:
/// - events: those of the entry;
/// - tokens: the first of the text or prompt of the study, else of the model's
///   evaluation text, as one sequence. Where \p Kind says that sequences are
///   taken as a whole or are of limited length: its windows, the last one cut.
/// Rule `study-events` when a network reads tokens and is given events, or the
/// other way round.
Result<Sequences> inputOf(const study::Study &S, const study::StudyModel &M,
                          Model &Network, const image::SequenceRecord &Kind,
                          uint64_t Seed);

} // namespace synfire::tools

#endif // SYNFIRE_TOOLS_SYNFIRE_STUDYINPUT_H
