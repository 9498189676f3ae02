//===- Amplitudes.cpp - What a spike is worth -----------------------------===//

#include "models/spikelm/Amplitudes.h"

#include "models/spikelm/Membrane.h"

#include "dialects/spike/Spike.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>

using namespace synfire;
using namespace synfire::models;

/// The public code takes this for "not yet set".
static constexpr float Initial = 1.0f;
/// Amplitude by mean magnitude. The paper names 3 and 4 too; its code has 2.
static constexpr double OfMean = 2.0;

std::vector<float>
models::calibratedAmplitudes(std::span<const std::vector<float>> Drives,
                             int64_t Neurons, const KnownAmplitudes &Known,
                             bool HasMembrane, SpikeLmMembrane Membrane) {
  const size_t T = Known.size(), N = static_cast<size_t>(Neurons);
  std::vector<float> Out;
  // What every neuron of every token kept of the step before.
  std::vector<std::vector<float>> Kept;
  for (const std::vector<float> &D : Drives)
    Kept.emplace_back(D.size() / T, 0.0f);
  for (size_t Step = 0; Step < T; ++Step) {
    double Sum = 0;
    size_t Count = 0;
    auto ForMembranes = [&](auto Take) {
      for (size_t S = 0; S < Drives.size(); ++S)
        for (size_t I = 0; I < Kept[S].size(); ++I) {
          size_t Token = I / N;
          float X = Drives[S][(Token * T + Step) * N + I % N];
          Take(Kept[S][I], HasMembrane ? Kept[S][I] + X : X);
        }
    };
    ForMembranes([&](float, float M) {
      Sum += std::fabs(static_cast<double>(M));
      ++Count;
    });
    double Mean = Count == 0 ? 0.0 : Sum / static_cast<double>(Count);
    Out.push_back(Known[Step].value_or(static_cast<float>(OfMean * Mean)));
    ForMembranes(
        [&](float &Keeps, float M) { Keeps = kept(M, Out.back(), Membrane); });
  }
  return Out;
}

KnownAmplitudes Amplitudes::known(const std::string &Name) {
  KnownAmplitudes Out;
  for (int64_t T = 0; T < Shape.Steps; ++T) {
    std::string Tensor = fmt::format("{}.{}", Name, T);
    auto Given = Options.Amplitudes.find(Tensor);
    if (Given != Options.Amplitudes.end()) {
      Out.push_back(Given->second);
      continue;
    }
    const checkpoint::Tensor *Stored = From.find(Tensor);
    auto Read = Stored ? From.readFloats(*Stored)
                       : Result<std::vector<float>>(std::vector{Initial});
    bool Set = Read && Read->size() == 1 && Read->front() != Initial;
    Out.push_back(Set ? std::optional(Read->front()) : std::nullopt);
  }
  return Out;
}

bool Amplitudes::needsDrive(const KnownAmplitudes &Known) const {
  return Options.Calibrator && Wrong.empty() &&
         !llvm::all_of(Known, [](const auto &A) { return A.has_value(); });
}

void Amplitudes::check(const std::string &Tensor, float Value) {
  if (!(Value > 0) || !std::isfinite(Value))
    Wrong.push_back({From.path(), "spikelm-amplitude",
                     fmt::format("amplitude '{}' is {}, it must be finite "
                                 "and above 0",
                                 Tensor, Value)});
}

std::vector<float> Amplitudes::use(const std::string &Name,
                                   const KnownAmplitudes &Known) {
  std::vector<float> Out;
  for (auto [T, A] : llvm::enumerate(Known)) {
    std::string Tensor = fmt::format("{}.{}", Name, T);
    if (A)
      check(Tensor, *A);
    else if (!Options.Calibrator)
      Unset.push_back(Tensor);
    Out.push_back(A.value_or(Initial));
  }
  return Out;
}

std::vector<float> Amplitudes::compute(const std::string &Name,
                                       const KnownAmplitudes &Known,
                                       mlir::Value Drive, bool HasMembrane) {
  auto Values = Options.Calibrator->drive(Drive);
  if (!Values) {
    Wrong.insert(Wrong.end(), Values.errors().begin(), Values.errors().end());
    return use(Name, Known);
  }
  Computed = true;
  std::vector<float> Out =
      calibratedAmplitudes(*Values, spike::sizeOf(Drive.getType()), Known,
                           HasMembrane, Options.Membrane);
  for (auto [T, A] : llvm::enumerate(Out)) {
    std::string Tensor = fmt::format("{}.{}", Name, T);
    check(Tensor, A);
    if (!Known[T])
      Options.Calibrator->set(Tensor, A);
  }
  return Out;
}

void Amplitudes::endOfBlock(mlir::Value Live) {
  if (!Computed || !Wrong.empty())
    return;
  Computed = false;
  if (Status S = Options.Calibrator->keepOnly(Live); !S)
    Wrong.insert(Wrong.end(), S.errors().begin(), S.errors().end());
}

Errors Amplitudes::found() const {
  Errors All = Wrong;
  if (Unset.empty())
    return All;
  constexpr size_t Most = 4;
  std::span<const std::string> Shown(Unset.data(),
                                     std::min(Most, Unset.size()));
  All.push_back(
      {From.path(), "spikelm-amplitude",
       fmt::format("{} amplitudes are not set (stored as exactly 1, or "
                   "missing): {}{}. The public code sets them from the first "
                   "batch that it sees, so results depend on that batch; have "
                   "them computed from the calibration text with "
                   "--calibrate-alphas, or store what a first batch set",
                   Unset.size(), fmt::join(Shown, ", "),
                   Unset.size() > Most ? ", ..." : "")});
  return All;
}
