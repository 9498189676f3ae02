//===- Calibrate.cpp - The pass around compiler/transforms/Calibration.h --===//

#include "compiler/transforms/Calibration.h"
#include "compiler/transforms/Passes.h"
#include "targets/arrays/Npy.h"

#include <algorithm>
#include <fmt/format.h>

namespace synfire::compiler {
#define GEN_PASS_DEF_CALIBRATE
#include "compiler/transforms/Passes.h.inc"
} // namespace synfire::compiler

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;

namespace {
/// Integers with the shape they were stored in; no shape when no file is given.
struct Table {
  std::vector<int64_t> Shape, Values;
};

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
  static Result<Table> read(const std::string &Path) {
    Result<Array> File = readNpy(Path);
    if (!File)
      return File.errors();
    Result<std::vector<int64_t>> Values = File->toIntegers(Path);
    if (!Values)
      return Values.errors();
    return Table{File->Shape, std::move(*Values)};
  }

  /// The part of \p From that belongs to tokens Begin .. End - 1.
  template <typename T>
  static std::vector<T> part(const Table &From, size_t Begin, size_t End) {
    std::vector<T> Out;
    if (!From.Values.empty())
      for (size_t I = Begin; I < End; ++I)
        Out.push_back(static_cast<T>(From.Values[I]));
    return Out;
  }

  Result<std::vector<CalibrationSequence>> sequences() {
    Result<Table> Ids = read(Tokens);
    if (!Ids)
      return Ids.errors();
    Table Optional[2];
    for (auto [Path, Into] :
         {std::pair<std::string, Table *>(Types, Optional),
          std::pair<std::string, Table *>(Mask, Optional + 1)}) {
      if (Path.empty())
        continue;
      Result<Table> File = read(Path);
      if (!File)
        return File.errors();
      if (File->Shape != Ids->Shape)
        return Error{
            Path, "calibrate-shape",
            fmt::format("must have the shape of {}", Tokens.getValue())};
      *Into = std::move(*File);
    }
    if (Ids->Shape.empty() || Ids->Shape.size() > 2)
      return Error{Tokens, "calibrate-shape",
                   fmt::format("has {} dimensions, must have one, or two: one "
                               "row per sequence",
                               Ids->Shape.size())};
    auto Length =
        static_cast<size_t>(Ids->Shape.size() == 2 ? Ids->Shape[1] : Window);
    size_t Count = std::min(Ids->Values.size(), static_cast<size_t>(MaxTokens));
    std::vector<CalibrationSequence> Out;
    for (size_t Begin = 0; Begin < Count && Length; Begin += Length) {
      size_t End = std::min(Begin + Length, Count);
      Out.push_back({part<int64_t>(*Ids, Begin, End),
                     part<int64_t>(Optional[0], Begin, End),
                     part<uint8_t>(Optional[1], Begin, End)});
    }
    return Out;
  }

  Status run() {
    if (Window < 1 || MaxTokens < 1)
      return Error{"", "calibrate-options",
                   "window and max-tokens must be at least 1"};
    auto Read = sequences();
    if (!Read)
      return Read.errors();
    WeightFiles Files(Weights);
    return calibrate(getOperation(), *Read, Files);
  }
};
} // namespace
