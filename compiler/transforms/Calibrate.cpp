//===- Calibrate.cpp - The pass around compiler/transforms/Calibration.h --===//

#include "compiler/transforms/Calibration.h"
#include "compiler/transforms/Passes.h"
#include "targets/arrays/Npy.h"

namespace synfire::compiler {
#define GEN_PASS_DEF_CALIBRATE
#include "compiler/transforms/Passes.h.inc"
} // namespace synfire::compiler

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;

namespace {
struct CalibratePass : synfire::compiler::impl::CalibrateBase<CalibratePass> {
  using CalibrateBase::CalibrateBase;

  void runOnOperation() override {
    if (Status S = run(); !S) {
      for (const Error &E : S.errors())
        getOperation().emitError("spike-calibrate: ") << E.format();
      signalPassFailure();
    }
  }

private:
  Status run() {
    if (Window < 1 || MaxTokens < 1)
      return Error{"", "calibrate-options",
                   "window and max-tokens must be at least 1"};
    Result<Array> File = readNpy(Tokens);
    if (!File)
      return File.errors();
    Result<std::vector<int64_t>> Ids = File->toIntegers(Tokens);
    if (!Ids)
      return Ids.errors();
    if (static_cast<int64_t>(Ids->size()) > MaxTokens)
      Ids->resize(MaxTokens);
    WeightFiles Files(Weights);
    return calibrate(getOperation(), windowsOf(*Ids, Window), Files);
  }
};
} // namespace
