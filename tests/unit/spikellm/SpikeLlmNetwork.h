//===- tests/unit/spikellm/SpikeLlmNetwork.h - Imported and ready -*- C++
//-*-===//

#ifndef SYNFIRE_TESTS_UNIT_SPIKELLM_SPIKELLMNETWORK_H
#define SYNFIRE_TESTS_UNIT_SPIKELLM_SPIKELLMNETWORK_H

#include "compiler/reference/Interpreter.h"
#include "models/spikellm/SpikeLlm.h"
#include "targets/arrays/Npz.h"

#include "mlir/IR/MLIRContext.h"

#include <cmath>
#include <filesystem>
#include <gtest/gtest.h>

namespace synfire {

inline const std::filesystem::path Golden =
    std::filesystem::path(SYNFIRE_SHARED_DIR) / "golden";

inline std::string print(const Errors &All) {
  std::string Out;
  for (const Error &E : All)
    Out += E.format() + "\n";
  return Out;
}

/// Part \p Index of the first dimension.
template <typename T>
std::vector<T> slice(const Array &A, int64_t Index) {
  size_t Size = A.numElements() / static_cast<size_t>(A.Shape.front());
  auto All = A.as<T>().subspan(static_cast<size_t>(Index) * Size, Size);
  return {All.begin(), All.end()};
}

/// Codes of up to 8 bits, and choices.
inline std::vector<int32_t> integers(const Array &A) {
  EXPECT_EQ(byteSize(A.Type), 1u);
  return {A.Data.begin(), A.Data.end()};
}

inline double largestDifference(const std::vector<float> &Got,
                                const std::vector<float> &Want) {
  EXPECT_EQ(Got.size(), Want.size());
  double Worst = 0;
  for (size_t I = 0; I < std::min(Got.size(), Want.size()); ++I)
    Worst = std::max(Worst, std::fabs(double(Got[I]) - double(Want[I])));
  return Worst;
}

/// An imported checkpoint, ready to run.
struct SpikeLlmNetwork {
  mlir::MLIRContext Context;
  models::SpikeLlmOptions Options;
  mlir::OwningOpRef<mlir::ModuleOp> Module;
  std::unique_ptr<compiler::WeightFiles> Files;
  std::unique_ptr<compiler::Interpreter> Run;

  /// Options aside from the configuration are taken as they are.
  void load(const std::filesystem::path &Path, int64_t Positions = 0) {
    auto Config = models::SpikeLlmConfig::besides(Path);
    ASSERT_TRUE(Config) << print(Config.errors());
    Options.Config = *Config;
    if (Positions)
      Options.Config.Positions = Positions;
    auto File = checkpoint::Checkpoint::open(Path);
    ASSERT_TRUE(File) << print(File.errors());
    auto Imported = models::importSpikeLlm(&Context, *File, Options);
    ASSERT_TRUE(Imported) << print(Imported.errors());
    Module = std::move(*Imported);
    Files = std::make_unique<compiler::WeightFiles>(Path.parent_path());
    auto Net = *Module->getOps<spike::NetworkOp>().begin();
    auto Made = compiler::Interpreter::create(Net, *Files);
    ASSERT_TRUE(Made) << print(Made.errors());
    Run = std::make_unique<compiler::Interpreter>(std::move(*Made));
  }
};

inline compiler::RunOptions recordEvents() {
  compiler::RunOptions Options;
  Options.RecordEvents = true;
  return Options;
}

/// Shape of the codes of one layer.
struct CodeShape {
  int64_t Heads, KvHeads, HeadSize;
};

/// Codes of one sequence that differ from those of the public code, which
/// \p WantOf gives by name ([token, channel], or as the public layout of keys
/// and values has it). Every stream of \p Modules is compared, where a channel
/// belongs to it.
size_t codesThatDiffer(
    const compiler::RunResult &Got, const std::vector<std::string> &Modules,
    const std::string &Prefix,
    const std::function<std::vector<int32_t>(const std::string &)> &WantOf,
    const CodeShape &Shape);

} // namespace synfire

#endif // SYNFIRE_TESTS_UNIT_SPIKELLM_SPIKELLMNETWORK_H
