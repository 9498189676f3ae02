//===- tools/synfire/RunInputs.h - What a chip reads ------------*- C++ -*-===//
//
// The inputs of `synfire run`: a text, files of sequences, or events.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_TOOLS_SYNFIRE_RUNINPUTS_H
#define SYNFIRE_TOOLS_SYNFIRE_RUNINPUTS_H

#include "simulator/engine/Simulation.h"
#include "tools/synfire/EventFiles.h"
#include "tools/synfire/Fill.h"
#include "tools/synfire/OpenedImage.h"
#include "tools/synfire/Sequences.h"

namespace synfire::tools {

/// One of Prompt, Text, Tokens, Fill and Events is given.
struct RunInputs {
  std::string Image; ///< the file of what reads
  std::string Prompt, Text, Tokens, Types, Mask;
  std::string Fill, Blank = "_";
  EventOptions Events;

  bool givesEvents() const { return Events.asked(); }
  /// The network is given whole sequences, it writes nothing.
  bool givesSequences() const {
    return !Tokens.empty() || !Fill.empty() || givesEvents();
  }
  /// Adds the options; returns that of the prompt.
  CLI::Option *addTo(CLI::App &Command);
};

/// The vocabulary of an image, if it carries one.
Result<std::optional<checkpoint::Vocabulary>>
vocabularyOf(const ImageMetadata &About, const std::string &Image);

/// The text of --fill, with its gaps.
Result<GappedText>
gapsOf(const RunInputs &In,
       const std::optional<checkpoint::Vocabulary> &Vocabulary);

/// What the chip reads: files of sequences, or one text. Fails where the
/// network reads something else than what is given.
Result<Sequences>
givenSequences(const RunInputs &In, const OpenedImage &Opened,
               const std::optional<checkpoint::Vocabulary> &Vocabulary);

/// Whether \p Chip knows every token and type of \p Given, and sequences are no
/// longer than it was compiled for.
Status checkInputs(const RunInputs &In, const OpenedImage &Opened,
                   const Sequences &Given, const sim::Simulation &Chip);

} // namespace synfire::tools

#endif // SYNFIRE_TOOLS_SYNFIRE_RUNINPUTS_H
