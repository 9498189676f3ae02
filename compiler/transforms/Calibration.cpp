//===- Calibration.cpp - Ranges of real values ----------------------------===//

#include "compiler/transforms/Calibration.h"

#include "compiler/reference/Interpreter.h"
#include "compiler/transforms/PopulationEdit.h"

#include "llvm/ADT/MapVector.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <fmt/format.h>
#include <iterator>

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;
using spike::PopulationOp;

/// docs/architecture.md, "The numeric contract".
static constexpr double Percentile = 0.9999;

bool MagnitudeHistogram::add(std::span<const float> Values) {
  for (float V : Values) {
    if (!std::isfinite(V))
      return false;
    float Magnitude = std::fabs(V);
    ++Counts[std::bit_cast<uint32_t>(Magnitude) >> Shift];
    ++Count;
    Largest = std::max(Largest, Magnitude);
    Smallest = std::min(Smallest, V);
  }
  return true;
}

float MagnitudeHistogram::percentile(double Fraction) const {
  double Wanted = Fraction * static_cast<double>(Count);
  double Below = 0;
  for (uint32_t Bin = 0; Bin < NumBins; ++Bin) {
    auto Here = static_cast<double>(Counts[Bin]);
    if (Here == 0 || Below + Here < Wanted) {
      Below += Here;
      continue;
    }
    // The lowest bin holds zero and subnormals: they count as zero.
    auto Low = std::bit_cast<float>(Bin << Shift);
    auto High = std::bit_cast<float>(((Bin + 1) << Shift) - 1);
    double Within = (Wanted - Below) / Here;
    auto Value = static_cast<float>(Low + Within * (High - Low));
    return std::min(Bin == 0 ? Low : Value, Largest);
  }
  return Largest;
}

std::vector<std::vector<int64_t>>
compiler::windowsOf(std::span<const int64_t> Tokens, int64_t Window) {
  std::vector<std::vector<int64_t>> Windows;
  auto Size = static_cast<size_t>(Window);
  for (size_t I = 0; I < Tokens.size(); I += Size) {
    auto Part = Tokens.subspan(I, std::min(Size, Tokens.size() - I));
    Windows.emplace_back(Part.begin(), Part.end());
  }
  return Windows;
}

bool compiler::addSent(MagnitudeHistogram &H, std::span<const float> Values,
                       int64_t Neurons, bool Rows) {
  auto IsZero = [](float V) { return V == 0.0f; };
  std::vector<float> Ran;
  for (size_t I = 0; I < Values.size(); I += static_cast<size_t>(Neurons)) {
    auto Step = Values.subspan(I, static_cast<size_t>(Neurons));
    if (Rows) {
      Ran.clear();
      std::remove_copy_if(Step.begin(), Step.end(), std::back_inserter(Ran),
                          IsZero);
      Step = Ran;
    }
    if (!std::all_of(Step.begin(), Step.end(), IsZero) && !H.add(Step))
      return false;
  }
  return true;
}

Result<RunResult> compiler::runOn(Interpreter &Network,
                                  const CalibrationSequence &Sequence,
                                  const RunOptions &Options) {
  std::vector<EventInput> Events;
  for (const CalibrationEvents &E : Sequence.Events)
    Events.push_back({E.Name, E.Payloads});
  return Network.run(
      RunInputs{Sequence.Tokens, Sequence.Types, Sequence.Valid, Events},
      Options);
}

Status compiler::calibrate(spike::NetworkOp Network,
                           std::span<const std::vector<int64_t>> Windows,
                           WeightFiles &Files) {
  std::vector<CalibrationSequence> Sequences;
  for (const std::vector<int64_t> &Window : Windows)
    Sequences.push_back({Window});
  return calibrate(Network, Sequences, Files);
}

Status compiler::calibrate(spike::NetworkOp Network,
                           std::span<const CalibrationSequence> Sequences,
                           WeightFiles &Files) {
  if (Sequences.empty())
    return Error{"calibration", "calibrate-no-tokens",
                 "there are no tokens to calibrate on; give some text"};
  Result<Interpreter> Runner = Interpreter::create(Network, Files);
  if (!Runner)
    return Runner.errors();

  llvm::DenseMap<Value, MagnitudeHistogram> Histograms;
  std::string NotFinite;
  RunOptions Options;
  Options.ObserveCurrents = [&](OpResult R, std::span<const float> Values) {
    auto P = dyn_cast<PopulationOp>(R.getOwner());
    if (P &&
        !addSent(Histograms[R], Values, P.getNumNeurons(),
                 P.getRows().has_value()) &&
        NotFinite.empty())
      NotFinite = P.getResultName(R.getResultNumber()).str();
  };
  for (const CalibrationSequence &S : Sequences) {
    Result<RunResult> Run = runOn(*Runner, S, Options);
    if (!Run)
      return Run.errors();
    if (!NotFinite.empty())
      return Error{NotFinite, "calibrate-not-finite",
                   fmt::format("'{}' becomes NaN or infinite on the "
                               "calibration text; the network cannot be "
                               "quantised",
                               NotFinite)};
  }

  for (auto P : Network.getBody().front().getOps<PopulationOp>()) {
    Builder B(P.getContext());
    SmallVector<Attribute> Ranges;
    bool Any = false;
    for (Value Out : P.getOutputs()) {
      auto Found = Histograms.find(Out);
      if (Found == Histograms.end()) {
        Ranges.push_back(B.getDenseF32ArrayAttr({}));
        continue;
      }
      const MagnitudeHistogram &H = Found->second;
      Any = true;
      Ranges.push_back(B.getDenseF32ArrayAttr(
          {H.largest(), H.percentile(Percentile), H.smallestValue()}));
    }
    if (Any)
      P->setAttr(RangesAttr, B.getArrayAttr(Ranges));
  }
  return {};
}

unsigned compiler::assumeRanges(spike::NetworkOp Network) {
  // Multiples of the golden ratio: no two near each other.
  constexpr double Golden = 0.6180339887498949;
  unsigned Assumed = 0;
  for (auto P : Network.getBody().front().getOps<PopulationOp>()) {
    Builder B(P.getContext());
    SmallVector<Attribute> Ranges;
    bool Any = false;
    for (Value Out : P.getOutputs()) {
      auto Type = dyn_cast<ShapedType>(Out.getType());
      if (!Type || !Type.getElementType().isF32()) {
        Ranges.push_back(B.getDenseF32ArrayAttr({}));
        continue;
      }
      Any = true;
      double Turns = Golden * ++Assumed;
      // Scales that are powers of two follow the exponent alone, so that
      // differs from neighbour to neighbour; far from where a scale would be 1.
      int Exponent = static_cast<int>(Assumed * 5 % 17) - 8;
      auto Most = static_cast<float>(
          std::ldexp(1.0 + (Turns - std::floor(Turns)), Exponent));
      Ranges.push_back(B.getDenseF32ArrayAttr({2 * Most, Most, -2 * Most}));
    }
    if (Any)
      P->setAttr(RangesAttr, B.getArrayAttr(Ranges));
  }
  return Assumed;
}
