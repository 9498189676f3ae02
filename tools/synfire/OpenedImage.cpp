//===- OpenedImage.cpp - An image with its meaning ------------------------===//

#include "tools/synfire/OpenedImage.h"

#include "targets/ImageFit.h"

#include <algorithm>

using namespace synfire;
using namespace synfire::tools;

Result<OpenedImage> OpenedImage::open(const std::string &Path) {
  Result<image::Image> Image = image::Image::open(Path);
  if (!Image)
    return Image.errors();
  Result<ImageMetadata> About =
      ImageMetadata::fromJson(Image->metadata(), Path);
  if (!About)
    return About.errors();
  Result<ChipSpec> Chip =
      ChipSpec::parse(std::string(Image->target()), Path + " (target)");
  if (!Chip)
    return Chip.errors();
  if (Status S = image::checkAgainst(*Image, *Chip); !S)
    return S.errors();
  return OpenedImage{*Image, *About, *Chip};
}

std::string OpenedImage::text(uint32_t Offset) const {
  return std::string(Image.string(Offset));
}

uint32_t OpenedImage::numChips() const {
  uint32_t Last = 0;
  for (const image::CoreRecord &C : Image.cores())
    Last = std::max(Last, Chip.chipOf(Chip.routerOf(CoreId{C.Core})));
  return Last + 1;
}
