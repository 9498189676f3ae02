//===- tests/unit/spikelm/Vectors.h - SpikeLM against vectors ---*- C++ -*-===//
//
// Imports a checkpoint and runs it on the sequences of a file of vectors that
// the original public code made.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_TESTS_UNIT_SPIKELM_VECTORS_H
#define SYNFIRE_TESTS_UNIT_SPIKELM_VECTORS_H

#include "compiler/reference/Interpreter.h"
#include "models/spikelm/SpikeLm.h"
#include "targets/arrays/Npz.h"

#include "mlir/IR/MLIRContext.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <vector>

namespace synfire {

inline const std::filesystem::path Golden =
    std::filesystem::path(SYNFIRE_SHARED_DIR) / "golden";

inline std::string print(const Errors &All) {
  std::string Out;
  for (const Error &E : All)
    Out += E.format() + "\n";
  return Out;
}

/// One sequence, with memory of its own.
struct TokenRow {
  std::vector<int64_t> Tokens, Types;
  std::vector<uint8_t> Valid;
  compiler::RunInputs inputs() const { return {Tokens, Types, Valid}; }
};

/// An imported checkpoint, ready to run.
struct Network {
  mlir::MLIRContext Context;
  mlir::OwningOpRef<mlir::ModuleOp> Module;
  std::unique_ptr<compiler::WeightFiles> Files;
  std::unique_ptr<compiler::Interpreter> Run;

  void load(const std::filesystem::path &Path,
            const models::SpikeLmOptions &Options = {}) {
    auto File = checkpoint::Checkpoint::open(Path);
    ASSERT_TRUE(File) << print(File.errors());
    auto Imported = models::importSpikeLm(&Context, *File, Options);
    ASSERT_TRUE(Imported) << print(Imported.errors());
    Module = std::move(*Imported);
    Files = std::make_unique<compiler::WeightFiles>(Path.parent_path());
    auto Net = *Module->getOps<spike::NetworkOp>().begin();
    auto Made = compiler::Interpreter::create(Net, *Files);
    ASSERT_TRUE(Made) << print(Made.errors());
    Run = std::make_unique<compiler::Interpreter>(std::move(*Made));
  }
};

/// Row \p Index of the first dimension of integers of any type.
inline std::vector<int64_t> integerRow(const Array &A, size_t Index) {
  auto All = A.toIntegers("array");
  EXPECT_TRUE(All);
  size_t Size = A.numElements() / A.Shape.front();
  return {All->begin() + Index * Size, All->begin() + (Index + 1) * Size};
}

inline TokenRow rowOf(const Array &Tokens, const Array &Mask, size_t Index) {
  TokenRow Out;
  Out.Tokens = integerRow(Tokens, Index);
  for (int64_t M : integerRow(Mask, Index))
    Out.Valid.push_back(static_cast<uint8_t>(M));
  return Out;
}

/// The largest difference of two rows of numbers.
inline double largestDifference(std::span<const float> Got,
                                std::span<const float> Want) {
  EXPECT_EQ(Got.size(), Want.size());
  double Worst = 0;
  for (size_t I = 0; I < std::min(Got.size(), Want.size()); ++I)
    Worst = std::max(Worst, std::abs(double(Got[I]) - double(Want[I])));
  return Worst;
}

/// Spikes of one population that differ: \p Got is [token step, neuron], \p
/// Want [T, B, token, neuron] of which sequence \p Index counts.
inline size_t spikesThatDiffer(const compiler::Recording &Got,
                               const Array &Want, size_t Index) {
  auto All = Want.as<int8_t>();
  size_t T = Want.Shape[0], Width = Want.Shape.back();
  size_t Tokens = Want.Shape[Want.Shape.size() - 2];
  size_t Batch = All.size() / (T * Tokens * Width), Differ = 0;
  EXPECT_EQ(Got.Payloads.size(), Tokens * T * Width) << Got.Name;
  if (Got.Payloads.size() != Tokens * T * Width)
    return All.size();
  for (size_t N = 0; N < Tokens; ++N)
    for (size_t S = 0; S < T; ++S)
      for (size_t I = 0; I < Width; ++I)
        Differ += Got.Payloads[(N * T + S) * Width + I] !=
                  All[((S * Batch + Index) * Tokens + N) * Width + I];
  return Differ;
}

} // namespace synfire

#endif // SYNFIRE_TESTS_UNIT_SPIKELM_VECTORS_H
