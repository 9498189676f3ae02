//===- CoreMemory.cpp - Weights where they belong -------------------------===//

#include "compiler/emit/CoreMemory.h"

#include "compiler/lowering/JoinedPart.h"
#include "targets/Maths.h"

#include <bit>
#include <cstring>

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;

/// Puts a code into column \p Col of a row of zeros.
static void storeCode(image::WeightFormat Format, std::byte *Row, uint32_t Col,
                      int8_t Code) {
  const uint32_t Bits = image::bitsOf(Format), PerByte = 8 / Bits;
  const auto Field = static_cast<uint8_t>(Code) & ((1u << Bits) - 1);
  Row[Col / PerByte] |= std::byte(Field << (Col % PerByte * Bits));
}

/// The codes of a tile, as its matrix has them.
struct TileCodes {
  std::vector<int8_t> Codes;
  bool ByRow = false;  ///< row-major [source, target], else [target, source]
  uint32_t Length = 0; ///< codes from one target or source to the next
  /// Place of each row of the tile among the sources that were read.
  std::vector<uint32_t> Sources;
};

static void storeTile(const image::TileRecord &T, const TileCodes &From,
                      std::byte *Into) {
  // Square pieces, so that both sides stay in the cache.
  constexpr uint32_t Piece = 64;
  for (uint32_t R0 = 0; R0 < T.Rows; R0 += Piece)
    for (uint32_t C0 = 0; C0 < T.Cols; C0 += Piece)
      for (uint32_t R = R0; R < std::min(T.Rows, R0 + Piece); ++R) {
        std::byte *Row = Into + uint64_t(R) * T.RowStride;
        const uint64_t Source = From.Sources[R];
        for (uint32_t C = C0; C < std::min(T.Cols, C0 + Piece); ++C)
          storeCode(
              T.Format, Row, C,
              From.Codes[From.ByRow ? Source * From.Length + C
                                    : C * uint64_t(From.Length) + Source]);
      }
}

/// Reads what \p T holds of the matrix of \p Op. Its rows are sources of
/// \p Part; with \p Only they are numbered among those.
static Status readTile(const image::TileRecord &T, Operation *Op,
                       const std::vector<uint32_t> &Only, JoinedPart Part,
                       Constants &Values, TileCodes &Into) {
  auto Embed = llvm::dyn_cast<spike::EmbedOp>(Op);
  Value Matrix =
      Embed ? Embed.getTable() : llvm::cast<spike::LinearOp>(Op).getMatrix();
  auto SourceOf = [&](uint32_t Row) {
    return Part.sourceOf(Only.empty() ? Row : Only[Row]);
  };
  const uint32_t First = SourceOf(T.FirstRow);
  const uint32_t End = SourceOf(T.FirstRow + T.Rows - 1) + 1;
  // Sources are rows of a table, columns of a linear's matrix.
  std::pair<uint32_t, uint32_t> Sources{First, End};
  std::pair<uint32_t, uint32_t> Targets{T.FirstCol, T.FirstCol + T.Cols};
  auto [Rows, Cols] =
      Embed ? std::pair(Sources, Targets) : std::pair(Targets, Sources);
  Into.ByRow = static_cast<bool>(Embed);
  Into.Length = Cols.second - Cols.first;
  Into.Codes.resize(uint64_t(Rows.second - Rows.first) * Into.Length);
  Into.Sources.clear();
  for (uint32_t R = 0; R < T.Rows; ++R)
    Into.Sources.push_back(SourceOf(T.FirstRow + R) - First);
  Status S = Values.codes(Matrix, Rows.first, Rows.second, Cols.first,
                          Cols.second, Into.Codes.data());
  Values.dropRows(Matrix, Rows.first, Rows.second);
  return S;
}

/// The kernel of \p Op: its columns are the tile's rows, once for all groups.
static Status storeKernel(const image::TileRecord &T, Operation *Op,
                          const image::WindowRecord &W, JoinedPart Part,
                          Constants &Values, std::byte *Into) {
  auto Conv = llvm::dyn_cast<spike::ConvOp>(Op);
  if (!Conv) { // pooling
    for (uint32_t R = 0; R < T.Rows; ++R)
      storeCode(T.Format, Into + uint64_t(R) * T.RowStride, 0, 1);
    return {};
  }
  const uint32_t PerGroup = T.Rows / W.Groups, ToGroup = W.cols();
  std::vector<int8_t> Codes(uint64_t(W.TargetChannels) * PerGroup);
  // Channels of a part are columns in a row.
  if (Status S = Values.codes(Conv.getKernel(), 0, W.TargetChannels,
                              Part.Index * PerGroup,
                              (Part.Index + 1) * PerGroup, Codes.data());
      !S)
    return S;
  for (uint32_t R = 0; R < T.Rows; ++R) {
    // Row R is a source channel of group R / PerGroup.
    const uint64_t First = uint64_t(R / PerGroup) * ToGroup;
    for (uint32_t C = 0; C < ToGroup; ++C)
      storeCode(T.Format, Into + uint64_t(R) * T.RowStride, C,
                Codes[(First + C) * PerGroup + R % PerGroup]);
  }
  return {};
}

static Status storeParameters(const image::BlockRecord &Block,
                              spike::PopulationOp Op, Constants &Values,
                              std::byte *Into) {
  for (auto [Param, Arg] : llvm::zip(Op.getParams(), Op.paramArgs())) {
    Result<std::vector<float>> All = Values.floats(Param);
    if (!All)
      return All.errors();
    // A param of size 1 is the same for every neuron.
    std::vector<float> Own(Block.NumNeurons, All->front());
    if (All->size() > 1)
      std::copy_n(All->begin() + Block.FirstNeuron, Block.NumNeurons,
                  Own.begin());
    if (Arg.getType().isInteger(32))
      for (float &V : Own)
        V = std::bit_cast<float>(maths::toInt(V));
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
  TileCodes Codes;
  for (uint32_t I = C.FirstTile; I < C.FirstTile + C.NumTiles; ++I) {
    const image::TileRecord &T = Records.Tiles[I];
    if (T.Planes != 0) // written by tokens
      continue;
    const mapping::Edge &E = Plan.Net.Edges[T.Connection];
    if (E.Kind == mapping::EdgeKind::Window) {
      if (Status S = storeKernel(T, Plan.Linears[T.Connection], E.Window,
                                 joinedPartOf(Plan, T.Connection), Values,
                                 Out.data() + T.WeightOffset);
          !S)
        return S.errors();
      continue;
    }
    if (Status S = readTile(T, Plan.Linears[T.Connection],
                            Plan.Net.Edges[T.Connection].Only,
                            joinedPartOf(Plan, T.Connection), Values, Codes);
        !S)
      return S.errors();
    storeTile(T, Codes, Out.data() + T.WeightOffset);
  }
  return Out;
}
