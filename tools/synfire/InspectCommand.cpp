//===- InspectCommand.cpp - synfire inspect -------------------------------===//
//
// What an image holds: provenance, fit, populations with their levels, tiles,
// and one core in full. Read from the image alone.
//
//===----------------------------------------------------------------------===//

#include "tools/synfire/Commands.h"
#include "tools/synfire/Model.h"
#include "tools/synfire/OpenedImage.h"

#include "compiler/emit/ImageToChip.h"
#include "compiler/emit/NetworkSection.h"

#include "simulator/report/FitTable.h"

#include <fmt/format.h>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

using namespace synfire;
using namespace synfire::tools;
using Json = nlohmann::ordered_json;

namespace {
struct InspectOptions {
  std::string Image;
  std::optional<uint32_t> Core;
  bool AsJson = false, AsSpike = false, AsChip = false;
};

Json fitJson(const OpenedImage &O) {
  Json Rows = Json::array();
  for (const report::FitData &F : report::fitOf(O.Image, O.Chip))
    Rows.push_back({{"limit", F.Limit},
                    {"unit", F.Unit},
                    {"used", F.Used},
                    {"available", F.Available ? Json(*F.Available) : Json()},
                    {"total", F.Total},
                    {"fullest", F.Fullest}});
  return Rows;
}

Json tilesJson(const OpenedImage &O) {
  Json Rows = Json::array();
  for (const image::CoreRecord &C : O.Image.cores())
    for (const image::TileRecord &T :
         O.Image.tiles().subspan(C.FirstTile, C.NumTiles)) {
      const image::ConnectionRecord &Of = O.Image.connections()[T.Connection];
      Rows.push_back({{"connection", O.text(Of.Name)},
                      {"core", C.Core},
                      {"first_row", T.FirstRow},
                      {"rows", T.Rows},
                      {"of_rows", Of.Rows},
                      {"first_col", T.FirstCol},
                      {"cols", T.Cols},
                      {"of_cols", Of.Cols},
                      {"bits", Of.WeightBits}});
    }
  return Rows;
}

Json blocksJson(const OpenedImage &O) {
  Json Rows = Json::array();
  for (const image::CoreRecord &C : O.Image.cores())
    for (const image::BlockRecord &B :
         O.Image.blocks().subspan(C.FirstBlock, C.NumBlocks)) {
      const image::PopulationRecord &P = O.Image.populations()[B.Population];
      Rows.push_back({{"population", O.text(P.Name)},
                      {"core", C.Core},
                      {"first_neuron", B.FirstNeuron},
                      {"neurons", B.NumNeurons},
                      {"level", B.Level},
                      {"relay", P.IsRelay != 0}});
    }
  return Rows;
}

/// Memory by use, in bytes.
Json coresJson(const OpenedImage &O) {
  Json Rows = Json::array();
  for (const image::CoreRecord &C : O.Image.cores())
    Rows.push_back({{"core", C.Core},
                    {"synapses", C.SynapseBytes},
                    {"dynamic_synapses", C.DynamicBytes},
                    {"parameters", C.ParameterBytes},
                    {"states", C.StateBytes},
                    {"accumulators", C.AccumulatorBytes},
                    {"programs", C.ProgramBytes},
                    {"axons", C.AxonBytes}});
  return Rows;
}

void printSummary(const OpenedImage &O) {
  const ImageMetadata &M = O.About;
  fmt::print("model      {} ({}, {} parameters)\n", M.ModelFile, M.Architecture,
             M.Parameters);
  fmt::print("target     {}, {} cores on {} chip(s)\n", M.TargetName,
             O.Image.cores().size(), O.numChips());
  fmt::print("numbers    {}-bit weights, {}-bit activations, scales from {} "
             "tokens of {}\n",
             M.WeightBits, M.ActivationBits, M.CalibrationTokens,
             M.CalibrationText);
  if (M.FloatBits && M.QuantizedBits)
    fmt::print("quality    {:.4f} bits per token float, {:.4f} {}, on {} "
               "tokens of {}\n",
               *M.FloatBits, *M.QuantizedBits,
               M.Binary32Bits ? "in fixed point" : "quantised",
               M.EvaluationTokens, M.EvaluationText);
  fmt::print("image      {} bytes, of which {} core memory\n",
             O.Image.fileBytes(), O.Image.coreMemory().size());
  uint32_t Levels = 0;
  for (const image::BlockRecord &B : O.Image.blocks())
    Levels = std::max(Levels, B.Level + 1);
  fmt::print("schedule   {} levels\n\n", Levels);
  fmt::print("{:<32} {:>14} {:>14} {:>16}  {}\n", "limit", "used", "available",
             "total", "fullest");
  for (const report::FitData &F : report::fitOf(O.Image, O.Chip))
    fmt::print("{:<32} {:>14} {:>14} {:>16}  {}\n", F.Limit, F.Used,
               F.Available ? fmt::to_string(*F.Available) : "-", F.Total,
               F.Fullest);

  struct Spread {
    uint32_t Blocks = 0, Neurons = 0, Level = 0;
  };
  std::map<uint32_t, Spread> Spreads;
  for (const image::BlockRecord &B : O.Image.blocks()) {
    Spread &S = Spreads[B.Population];
    ++S.Blocks;
    S.Neurons += B.NumNeurons;
    S.Level = std::max(S.Level, B.Level);
  }
  fmt::print("\n{:<40} {:>8} {:>7} {:>6}\n", "population", "neurons", "cores",
             "level");
  for (const auto &[Index, S] : Spreads)
    fmt::print("{:<40} {:>8} {:>7} {:>6}\n",
               O.text(O.Image.populations()[Index].Name), S.Neurons, S.Blocks,
               S.Level);
}

/// One core: blocks with their programs, tiles, axons.
Status printCore(const OpenedImage &O, uint32_t Core) {
  for (const image::CoreRecord &C : O.Image.cores()) {
    if (C.Core != Core)
      continue;
    Coord At = O.Chip.coordOf(O.Chip.routerOf(CoreId{Core}));
    fmt::print("core {} at router ({}, {}), chip {}, {} bytes of memory\n",
               Core, At.X, At.Y, O.Chip.chipOf(O.Chip.routerOf(CoreId{Core})),
               C.MemoryBytes);
    fmt::print("  synapses {} B, parameters {} B, states {} B, accumulators {} "
               "B, programs {} B, axons {} B\n",
               C.SynapseBytes, C.ParameterBytes, C.StateBytes,
               C.AccumulatorBytes, C.ProgramBytes, C.AxonBytes);
    for (const image::BlockRecord &B :
         O.Image.blocks().subspan(C.FirstBlock, C.NumBlocks)) {
      const image::PopulationRecord &P = O.Image.populations()[B.Population];
      fmt::print("  block {}[{}..{}) level {}\n", O.text(P.Name), B.FirstNeuron,
                 B.FirstNeuron + B.NumNeurons, B.Level);
      const image::ProgramRecord &R = O.Image.programs()[P.Program];
      for (const isa::Instruction &I : O.Image.instructions().subspan(
               R.FirstInstruction, R.NumInstructions))
        fmt::print("    {}\n", isa::disassemble(I));
    }
    for (const image::TileRecord &T :
         O.Image.tiles().subspan(C.FirstTile, C.NumTiles))
      fmt::print("  tile {} rows [{}, {}) cols [{}, {})\n",
                 O.text(O.Image.connections()[T.Connection].Name), T.FirstRow,
                 T.FirstRow + T.Rows, T.FirstCol, T.FirstCol + T.Cols);
    for (const image::AxonRecord &A :
         O.Image.axons().subspan(C.FirstAxon, C.NumAxons))
      fmt::print("  axon flow {} events [{}, {}) -> {} {} from {}\n", A.Flow,
                 A.FirstIndex, A.FirstIndex + A.NumIndices,
                 A.Kind == image::AxonKind::Rows ? "tile" : "slot", A.Target,
                 A.Offset);
    return {};
  }
  return Error{O.About.ModelFile, "inspect-core",
               fmt::format("core {} is not in use; {} cores are", Core,
                           O.Image.cores().size())};
}

/// The IR that the image carries (spike) or stands for (chip), as text.
Status printIr(const OpenedImage &O, bool Chip) {
  auto Context = makeContext();
  mlir::OwningOpRef<mlir::ModuleOp> Module;
  if (Chip) {
    Module = mlir::ModuleOp::create(mlir::UnknownLoc::get(Context.get()));
    if (auto System = compiler::imageToChip(O.Image, O.Chip, *Module); !System)
      return System.errors();
  } else {
    auto Network = compiler::readNetwork(O.Image, Context.get());
    if (!Network)
      return Network.errors();
    Module = std::move(*Network);
  }
  Module->print(llvm::outs());
  llvm::outs() << '\n';
  return {};
}

Status inspect(const InspectOptions &O) {
  Result<OpenedImage> All = OpenedImage::open(O.Image);
  if (!All)
    return All.errors();
  if (O.Core)
    return printCore(*All, *O.Core);
  if (O.AsSpike || O.AsChip)
    return printIr(*All, O.AsChip);
  if (!O.AsJson) {
    printSummary(*All);
    return {};
  }
  Json J = {{"metadata", Json::parse(All->Image.metadata())},
            {"image_bytes", All->Image.fileBytes()},
            {"core_memory_bytes", All->Image.coreMemory().size()},
            {"cores_used", All->Image.cores().size()},
            {"chips_used", All->numChips()},
            {"fit", fitJson(*All)},
            {"cores", coresJson(*All)},
            {"blocks", blocksJson(*All)},
            {"tiles", tilesJson(*All)}};
  fmt::print("{}\n", J.dump(1));
  return {};
}
} // namespace

void synfire::tools::addInspect(CLI::App &App, Action &Chosen) {
  auto O = std::make_shared<InspectOptions>();
  CLI::App *Command = App.add_subcommand("inspect", "show what an image holds");
  Command->add_option("image", O->Image, "image (.sfi)")->required();
  Command->add_option("--core", O->Core, "show one core in full");
  Command->add_flag("--json", O->AsJson, "as JSON");
  Command->add_flag("--spike-ir", O->AsSpike,
                    "print the quantised network as spike IR");
  Command->add_flag("--chip-ir", O->AsChip,
                    "print the mapped network as chip IR");
  Command->callback([O, &Chosen] { Chosen = [O] { return inspect(*O); }; });
}
