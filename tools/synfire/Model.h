//===- tools/synfire/Model.h - The MODEL of a command -----------*- C++ -*-===//
//
// Opens what a user calls a model: a checkpoint (.pth, .safetensors) that an
// importer turns into spike IR, or spike IR itself (.mlir, .mlirbc); and what
// lies beside it: vocabulary, calibration and evaluation text.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_TOOLS_SYNFIRE_MODEL_H
#define SYNFIRE_TOOLS_SYNFIRE_MODEL_H

#include "dialects/spike/Spike.h"
#include "models/checkpoint/Checkpoint.h"
#include "models/checkpoint/ModelCard.h"
#include "models/checkpoint/Vocabulary.h"
#include "models/network/TensorNames.h"
#include "targets/Status.h"
#include "tools/synfire/EventFiles.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>

namespace synfire::tools {

struct ModelOptions {
  std::string Path;
  std::string Architecture;     ///< empty: what the card or the tensors say
  std::string Form;             ///< empty: what the card says, else training
  std::string Prefix;           ///< of the tensor names in the checkpoint
  std::string Membrane = "";    ///< of spikelm; empty: published
  std::string Head = "";        ///< of spikelm; empty: what the tensors have
  std::string Coding = "";      ///< of spikellm; empty: planes
  std::string KeyRange = "";    ///< of spikellm; empty: token
  bool Dense = false;           ///< of spikellm: without codes
  int64_t Positions = 0;        ///< of spikellm; 0: what the configuration says
  std::string Calibrate = "";   ///< text to calibrate on; empty: the card's
  bool CalibrateAlphas = false; ///< of spikelm: compute amplitudes not set
  std::string Masks = "";       ///< of spikellm; compute, a file, or checkpoint

  // Of Lava-DL networks (models/lavadl/LavaImport.h).
  std::string Bias = ""; ///< image that the input layer holds
  int64_t ResetEvery = 0, ResetOffset = 0;
  bool BlockColumns = false;
  bool OutputSpikes = false;

  // Of NIR graphs (models/nir/Interpretation.h, NirImport.h).
  std::string NirPreset = "default";
  std::optional<double> NirDt; ///< unset: what the preset says
  std::string NirReset, NirIf; ///< empty: what the preset says
  unsigned InputBits = 1;
  double InputScale = 1;
  bool RecordMembrane = false;
  std::string Beside; ///< checkpoint that its weights must equal; empty: none

  // Of SANA-FE networks (models/sanafe/SanaImport.h).
  bool IgnoreMapping = false;
  /// Rows of the mesh that mappings speak of; no option, the target says it.
  uint32_t MeshHeight = 0;

  void addTo(CLI::App &Command);
  /// Refuses what was given on the command line for another kind of file than
  /// Path is (`model-option`).
  Status check() const;

private:
  /// Whose options they are: `.nir`, or `checkpoints`.
  std::vector<std::pair<std::string, const CLI::Option *>> Owned;
};

struct Model {
  std::unique_ptr<mlir::MLIRContext> Context;
  mlir::OwningOpRef<mlir::ModuleOp> Module;
  std::string Path;
  std::string Folder; ///< where the weight files of the IR lie
  std::string Architecture;
  std::string Form;
  models::NetworkShape Shape; ///< all 0 for spike IR
  uint64_t Parameters = 0;    ///< elements of all tensors
  uint64_t Hash = 0;          ///< XXH3-64 of the file
  checkpoint::ModelCard Card;
  std::optional<checkpoint::Vocabulary> Vocabulary;
  /// What was computed on the way, a line each without its end, to be shown.
  std::vector<std::string> Notes;
  /// How what a NIR file leaves open was read, in a line; empty for others.
  std::string Reading;
  double Dt = 0; ///< one step of a NIR file, in its unit; 0 for others

  /// The one network of the module.
  spike::NetworkOp network();
  /// Its inputs of events.
  std::vector<EventPort> eventPorts();
  /// Whether it is given events and not tokens: also a network without inputs,
  /// which biases drive.
  bool takesEvents();
};

/// A context with the dialects of networks; diagnostics go to nobody unless a
/// handler is there.
std::unique_ptr<mlir::MLIRContext> makeContext();

Result<Model> openModel(const ModelOptions &Options);
/// Prints the notes, a line each.
void printNotes(const Model &M);
/// A network of which there is no file, imported as \p Options say.
Result<Model> importDeclared(const checkpoint::Checkpoint &Declared,
                             const std::string &Architecture,
                             const ModelOptions &Options);

/// The vocabulary as a list of symbols; empty if the model has none.
std::vector<std::string> symbolsOf(const Model &M);

} // namespace synfire::tools

#endif // SYNFIRE_TOOLS_SYNFIRE_MODEL_H
