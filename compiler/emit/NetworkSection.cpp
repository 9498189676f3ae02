//===- NetworkSection.cpp - The network in an image -----------------------===//

#include "compiler/emit/NetworkSection.h"

#include "mlir/Bytecode/BytecodeReader.h"
#include "mlir/Bytecode/BytecodeWriter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;

Result<std::string> synfire::compiler::networkBytes(spike::NetworkOp Network) {
  Location Nowhere = UnknownLoc::get(Network.getContext());
  OwningOpRef<ModuleOp> Module = ModuleOp::create(Nowhere);
  Module->push_back(Network->clone());
  Module->walk([&](Operation *Op) {
    Op->setLoc(Nowhere);
    for (Region &R : Op->getRegions())
      for (Block &B : R)
        for (BlockArgument Arg : B.getArguments())
          Arg.setLoc(Nowhere);
  });
  std::string Bytes;
  llvm::raw_string_ostream Stream(Bytes);
  if (failed(writeBytecodeToFile(*Module, Stream,
                                 BytecodeWriterConfig("synfire"))))
    return Error{"spike.network", "emit-network",
                 "the network cannot be written as bytecode",
                 ErrorKind::RunFailed};
  return Bytes;
}

Result<OwningOpRef<ModuleOp>>
synfire::compiler::readNetwork(const image::Image &From, MLIRContext *Context) {
  Context->loadDialect<spike::SpikeDialect, arith::ArithDialect,
                       math::MathDialect>();
  std::string Told;
  ScopedDiagnosticHandler Handler(Context, [&](Diagnostic &D) {
    if (Told.empty())
      Told = D.str();
    return success();
  });
  auto Bytes = From.network();
  StringRef Text(reinterpret_cast<const char *>(Bytes.data()), Bytes.size());
  // Sections start at a multiple of 64, which bytecode asks for.
  OwningOpRef<ModuleOp> Module;
  if (isBytecode(llvm::MemoryBufferRef(Text, "network")))
    Module = parseSourceString<ModuleOp>(Text, ParserConfig(Context));
  if (!Module || failed(verify(*Module)) ||
      Module->getOps<spike::NetworkOp>().empty())
    return Error{"network section", "image-network",
                 Told.empty() ? "the section holds no spike.network" : Told,
                 ErrorKind::BadInput};
  return Module;
}
