//===- tools/synfire/OpenedImage.h - An image with its meaning --*- C++ -*-===//

#ifndef SYNFIRE_TOOLS_SYNFIRE_OPENEDIMAGE_H
#define SYNFIRE_TOOLS_SYNFIRE_OPENEDIMAGE_H

#include "targets/ChipSpec.h"
#include "targets/Image.h"
#include "tools/synfire/ImageMetadata.h"

#include <string>

namespace synfire::tools {

/// An image file, what its metadata says, and the chip that it is for.
struct OpenedImage {
  image::Image Image;
  ImageMetadata About;
  ChipSpec Chip;

  /// Opens and checks \p Path: the image in itself, its metadata, the chip it
  /// carries, and that the image stays within that chip's limits.
  static Result<OpenedImage> open(const std::string &Path);
  /// The name at \p Offset of the string section.
  std::string text(uint32_t Offset) const;
  /// Chips that hold a core in use, counted from the first.
  uint32_t numChips() const;
};

} // namespace synfire::tools

#endif // SYNFIRE_TOOLS_SYNFIRE_OPENEDIMAGE_H
