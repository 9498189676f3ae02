//===- CoreMemory.cpp - Weights where they belong -------------------------===//

#include "compiler/emit/CoreMemory.h"

#include <cstring>

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;

/// \p Codes is row-major [source, target] when \p ByRow, else [target, source].
static void storeTile(const image::TileRecord &T, const int8_t *Codes,
                      bool ByRow, std::byte *Into) {
  // Square pieces, so that both sides stay in the cache.
  constexpr uint32_t Piece = 64;
  for (uint32_t R0 = 0; R0 < T.Rows; R0 += Piece)
    for (uint32_t C0 = 0; C0 < T.Cols; C0 += Piece)
      for (uint32_t R = R0; R < std::min(T.Rows, R0 + Piece); ++R) {
        std::byte *Row = Into + uint64_t(R) * T.RowStride;
        for (uint32_t C = C0; C < std::min(T.Cols, C0 + Piece); ++C) {
          int8_t Code = ByRow ? Codes[uint64_t(R) * T.Cols + C]
                              : Codes[uint64_t(C) * T.Rows + R];
          if (T.Format == image::WeightFormat::Int8)
            Row[C] = static_cast<std::byte>(Code);
          else if (Code & 1)
            Row[C / 8] |= std::byte(1 << (C % 8));
        }
      }
}

static Status storeParameters(const image::BlockRecord &Block,
                              spike::PopulationOp Op, Constants &Values,
                              std::byte *Into) {
  for (Value Param : Op.getParams()) {
    Result<std::vector<float>> All = Values.floats(Param);
    if (!All)
      return All.errors();
    // A param of size 1 is the same for every neuron.
    std::vector<float> Own(Block.NumNeurons, All->front());
    if (All->size() > 1)
      std::copy_n(All->begin() + Block.FirstNeuron, Block.NumNeurons,
                  Own.begin());
    std::memcpy(Into, Own.data(), Own.size() * sizeof(float));
    Into += Own.size() * sizeof(float);
  }
  return {};
}

Result<std::vector<std::byte>>
synfire::compiler::coreMemoryOf(const ImageRecords &Records, size_t Core,
                                const NetworkPlan &Plan, Constants &Values) {
  const image::CoreRecord &C = Records.Cores[Core];
  std::vector<std::byte> Out(C.MemoryBytes);
  for (uint32_t I = C.FirstBlock; I < C.FirstBlock + C.NumBlocks; ++I) {
    const image::BlockRecord &Block = Records.Blocks[I];
    if (Records.Populations[Block.Population].IsRelay)
      continue;
    if (Status S = storeParameters(Block, Plan.Populations[Block.Population].Op,
                                   Values, Out.data() + Block.ParamOffset);
        !S)
      return S.errors();
  }
  std::vector<int8_t> Codes;
  for (uint32_t I = C.FirstTile; I < C.FirstTile + C.NumTiles; ++I) {
    const image::TileRecord &T = Records.Tiles[I];
    Codes.resize(uint64_t(T.Rows) * T.Cols);
    Operation *Op = Plan.Linears[T.Connection];
    auto Embed = llvm::dyn_cast<spike::EmbedOp>(Op);
    Value Matrix =
        Embed ? Embed.getTable() : llvm::cast<spike::LinearOp>(Op).getMatrix();
    // Sources are rows of a table, columns of a linear's matrix.
    std::pair<uint32_t, uint32_t> Sources{T.FirstRow, T.FirstRow + T.Rows};
    std::pair<uint32_t, uint32_t> Targets{T.FirstCol, T.FirstCol + T.Cols};
    auto [Rows, Cols] =
        Embed ? std::pair(Sources, Targets) : std::pair(Targets, Sources);
    Status S = Values.codes(Matrix, Rows.first, Rows.second, Cols.first,
                            Cols.second, Codes.data());
    Values.dropRows(Matrix, Rows.first, Rows.second);
    if (!S)
      return S.errors();
    storeTile(T, Codes.data(), static_cast<bool>(Embed),
              Out.data() + T.WeightOffset);
  }
  return Out;
}
