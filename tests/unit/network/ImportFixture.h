//===- tests/unit/network/ImportFixture.h - Small checkpoints ---*- C++ -*-===//
//
// Writes tensors to a file and imports it, for tests of what importers refuse.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_TESTS_UNIT_NETWORK_IMPORTFIXTURE_H
#define SYNFIRE_TESTS_UNIT_NETWORK_IMPORTFIXTURE_H

#include "models/checkpoint/Checkpoint.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"

#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <unistd.h>
#include <vector>

namespace synfire {

struct Matrix {
  std::vector<int64_t> Shape;
  float Fill = 0.5f;
};

/// Writes the tensors as safetensors and imports them; the errors, joined.
inline std::string importErrors(
    const std::map<std::string, Matrix> &Tensors,
    const std::function<Result<mlir::OwningOpRef<mlir::ModuleOp>>(
        mlir::MLIRContext *, const checkpoint::Checkpoint &)> &Import) {
  std::string Header = "{", Data;
  for (const auto &[Name, M] : Tensors) {
    int64_t Count = 1;
    std::string Shape;
    for (int64_t D : M.Shape) {
      Count *= D;
      Shape += fmt::format("{}{}", Shape.empty() ? "" : ",", D);
    }
    Header += fmt::format("{}\"{}\":{{\"dtype\":\"F32\",\"shape\":[{}],"
                          "\"data_offsets\":[{},{}]}}",
                          Header.size() > 1 ? "," : "", Name, Shape,
                          Data.size(), Data.size() + Count * 4);
    for (int64_t I = 0; I < Count; ++I)
      Data.append(reinterpret_cast<const char *>(&M.Fill), 4);
  }
  Header += "}";
  auto Path = std::filesystem::temp_directory_path() /
              fmt::format("synfire_import_{}.safetensors", getpid());
  uint64_t Size = Header.size();
  std::ofstream Out(Path, std::ios::binary);
  Out.write(reinterpret_cast<const char *>(&Size), 8);
  Out << Header << Data;
  Out.close();
  std::string Text;
  auto File = checkpoint::Checkpoint::open(Path);
  mlir::MLIRContext Context;
  Errors Found;
  if (!File)
    Found = File.errors();
  else if (auto Module = Import(&Context, *File); !Module)
    Found = Module.errors();
  for (const Error &E : Found)
    Text += E.format() + "\n";
  std::filesystem::remove(Path);
  return Text;
}

} // namespace synfire

#endif // SYNFIRE_TESTS_UNIT_NETWORK_IMPORTFIXTURE_H
