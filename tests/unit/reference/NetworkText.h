//===- tests/unit/reference/NetworkText.h - Networks from text --*- C++ -*-===//
//
// Writes tensors to a file of the test's own and parses networks that read
// them.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_TESTS_UNIT_REFERENCE_NETWORKTEXT_H
#define SYNFIRE_TESTS_UNIT_REFERENCE_NETWORKTEXT_H

#include "compiler/reference/Constants.h"
#include "compiler/reference/Interpreter.h"
#include "dialects/spike/Spike.h"
#include "targets/arrays/StoredTensor.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Parser/Parser.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <gtest/gtest.h>
#include <unistd.h>

namespace synfire::compiler {

class NetworkText : public ::testing::Test {
protected:
  NetworkText() {
    Context.loadDialect<spike::SpikeDialect, mlir::arith::ArithDialect,
                        mlir::math::MathDialect>();
    // The name of one of several parameters has a slash.
    std::string Test =
        ::testing::UnitTest::GetInstance()->current_test_info()->name();
    std::replace(Test.begin(), Test.end(), '/', '-');
    Folder = std::filesystem::temp_directory_path() /
             fmt::format("synfire-reference-{}-{}", ::getpid(), Test);
    std::filesystem::create_directories(Folder);
  }
  ~NetworkText() override { std::filesystem::remove_all(Folder); }

  /// Appends a tensor to the file and declares it as `%Name`. A \p Hash
  /// replaces the right one.
  template <typename T>
  void weight(const std::string &Name, std::vector<int64_t> Shape,
              const std::vector<T> &Values, DType Type = DType::F32,
              std::optional<uint64_t> Hash = {}) {
    size_t Offset = File.size();
    File.resize(Offset + Values.size() * sizeof(T));
    std::memcpy(File.data() + Offset, Values.data(), Values.size() * sizeof(T));
    place({Name, Type, Shape, contiguousStrides(Shape), Offset}, Hash);
  }
  /// Declares a view of what is in the file already.
  void place(const StoredTensor &Tensor, std::optional<uint64_t> Hash = {}) {
    Opened.reset(); // a mapping does not follow a file that grows
    auto Digest = digest(File, Tensor);
    uint64_t Right = Digest ? Digest->Hash : 0;
    std::string Strides =
        Tensor.isContiguous()
            ? ""
            : fmt::format("strides [{}]", fmt::join(Tensor.Strides, ", "));
    Declarations += fmt::format(
        "%{0} = spike.weight \"{0}\" in \"model.bin\" at {1} as \"{2}\" hash "
        "{3} {4} : tensor<{5}xf32>\n",
        Tensor.Name, Tensor.FileOffset, name(Tensor.Type), Hash.value_or(Right),
        Strides, fmt::join(Tensor.Shape, "x"));
  }

  /// A network of the declared weights and \p Ops.
  spike::NetworkOp network(const std::string &Ops) {
    std::ofstream(Folder / "model.bin", std::ios::binary)
        .write(reinterpret_cast<const char *>(File.data()), File.size());
    Module = mlir::parseSourceString<mlir::ModuleOp>(
        "spike.network @n " + Time + " {\n" + Declarations + Ops + "\n}",
        &Context);
    if (!Module) {
      ADD_FAILURE() << "the network does not parse";
      return {};
    }
    return *Module->getOps<spike::NetworkOp>().begin();
  }

  /// Runs a network of \p Ops over \p Tokens.
  Result<RunResult> run(const std::string &Ops, std::vector<int64_t> Tokens,
                        const RunOptions &Options = {}) {
    return runInputs(Ops, RunInputs{Tokens, Types, Valid}, Options);
  }
  /// The same over any inputs.
  Result<RunResult> runInputs(const std::string &Ops, const RunInputs &Inputs,
                              const RunOptions &Options = {}) {
    spike::NetworkOp Network = network(Ops);
    if (!Network)
      return Error{"", "test", "does not parse"};
    auto Ready = Interpreter::create(Network, Files());
    if (!Ready)
      return Ready.errors();
    return Ready->run(Inputs, Options);
  }

  WeightFiles &Files() {
    if (!Opened)
      Opened = std::make_unique<WeightFiles>(Folder.string());
    return *Opened;
  }

  /// 0, 1, .. Count-1: with embed tables, the rows of a table in turn.
  static std::vector<int64_t> counting(int64_t Count) {
    std::vector<int64_t> Out(Count);
    for (int64_t I = 0; I < Count; ++I)
      Out[I] = I;
    return Out;
  }

  mlir::MLIRContext Context;
  mlir::OwningOpRef<mlir::ModuleOp> Module;
  std::filesystem::path Folder;
  std::vector<uint8_t> File;
  std::string Declarations;
  std::vector<int64_t> Types; ///< of the tokens, for run()
  std::vector<uint8_t> Valid;
  std::string Time; ///< of the network, such as `steps 2 positions 3`
  std::unique_ptr<WeightFiles> Opened;
};

/// For failure messages: the errors of a result as text.
template <typename T>
std::string why(const T &Failed) {
  std::string Out;
  for (const Error &E : Failed.errors())
    Out += E.format() + "\n";
  return Out;
}

} // namespace synfire::compiler

#endif // SYNFIRE_TESTS_UNIT_REFERENCE_NETWORKTEXT_H
