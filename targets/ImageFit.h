//===- targets/ImageFit.h - Does an image fit a chip ------------*- C++ -*-===//
//
// Image::open checks what an image says about itself. What it says about the
// chip (that a core exists, that a route stays on the grid) needs the chip.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_TARGETS_IMAGEFIT_H
#define SYNFIRE_TARGETS_IMAGEFIT_H

#include "targets/ChipSpec.h"
#include "targets/Image.h"
#include "targets/Status.h"

namespace synfire::image {

/// Checks \p I against \p Spec: cores exist and are usable; the hops of each
/// flow form a tree from its source's router over existing links, without
/// visiting a router twice (a single path where the chip has no multicast), to
/// existing cores; the host port is at the host's router; every core keeps the
/// limits of ChipSpec::Core; programs and payloads are what the chip can do.
/// Reports all faults of each kind, the first ten in full.
Status checkAgainst(const Image &I, const ChipSpec &Spec);

} // namespace synfire::image

#endif // SYNFIRE_TARGETS_IMAGEFIT_H
