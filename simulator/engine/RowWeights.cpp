//===- simulator/engine/RowWeights.cpp - Synapses of a row ----------------===//

#include "simulator/engine/RowWeights.h"

namespace synfire::sim {

/// Weights that are not 0 among the first \p Cols of a row.
static uint32_t countWeights(image::WeightFormat Format, const std::byte *Row,
                             uint32_t Cols) {
  const unsigned Bits = image::bitsOf(Format), PerByte = 8 / Bits;
  const unsigned Mask = (1u << Bits) - 1;
  uint32_t Count = 0;
  for (uint32_t J = 0; J < Cols; ++J)
    Count +=
        (std::to_integer<unsigned>(Row[J / PerByte]) >> (Bits * (J % PerByte)) &
         Mask) != 0;
  return Count;
}

const std::vector<uint32_t> &RowWeights::of(const DeliveryPlan &D) {
  std::vector<uint32_t> &Of = Counts[D.Tile];
  if (!Of.empty())
    return Of;
  const image::TileRecord &T = Image.tiles()[D.Tile];
  const std::byte *Weights =
      Image.coreMemory().data() +
      Image.cores()[Plan.Blocks[D.Block].Core].MemoryOffset + T.WeightOffset;
  Of.resize(T.Rows);
  for (uint32_t R = 0; R < T.Rows; ++R)
    Of[R] = countWeights(T.Format, Weights + size_t(T.RowStride) * R, T.Cols);
  return Of;
}

uint32_t RowWeights::of(const DeliveryPlan &D, uint32_t Index) {
  const uint32_t Row =
      D.HasTable ? Image.axonRows()[Index + D.TableBias] : Index + D.RowBias;
  return Row == image::None ? 0 : of(D)[Row];
}

} // namespace synfire::sim
