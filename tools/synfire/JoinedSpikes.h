//===- tools/synfire/JoinedSpikes.h - One array per layer -------*- C++ -*-===//
//
// A layer whose kernel no core holds is several populations on the chip
// (`spike-split-channels`). Who reads arrays need not know: they have the name
// and the numbering of the whole layer.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_TOOLS_SYNFIRE_JOINEDSPIKES_H
#define SYNFIRE_TOOLS_SYNFIRE_JOINEDSPIKES_H

#include "tools/synfire/ImageMetadata.h"
#include "tools/synfire/Outputs.h"

namespace synfire::tools {

/// Makes one array NAME of the arrays NAME/0, NAME/1, ... of every population
/// that \p Splits names, in place of the first one. Where one of them is
/// missing they stay as they are.
void joinSpikes(std::vector<SpikeArray> &Spikes, const ChannelParts &Splits);

} // namespace synfire::tools

#endif // SYNFIRE_TOOLS_SYNFIRE_JOINEDSPIKES_H
