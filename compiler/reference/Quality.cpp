//===- compiler/reference/Quality.cpp - How well a network predicts -------===//

#include "compiler/reference/Quality.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <numbers>

using namespace synfire;
using namespace synfire::compiler;

static Error refuse(std::string Text) {
  return {"quality", "quality-input", std::move(Text), ErrorKind::BadInput};
}

/// Sum over positions of -log2 softmax(row)[target].
static Result<double> sumBits(std::span<const float> Logits,
                              std::span<const int64_t> Targets) {
  if (Targets.empty() || Logits.size() % Targets.size() != 0 || Logits.empty())
    return refuse(fmt::format("{} logits cannot be shared among {} targets",
                              Logits.size(), Targets.size()));
  size_t Width = Logits.size() / Targets.size();
  double Nats = 0;
  for (size_t T = 0; T < Targets.size(); ++T) {
    std::span<const float> Row = Logits.subspan(T * Width, Width);
    if (Targets[T] < 0 || Targets[T] >= static_cast<int64_t>(Width))
      return refuse(fmt::format("target {} at position {} is not among the {} "
                                "logits of a token",
                                Targets[T], T, Width));
    if (auto Bad = std::find_if(Row.begin(), Row.end(),
                                [](float L) { return std::isnan(L); });
        Bad != Row.end())
      return refuse(
          fmt::format("logit {} at position {} is NaN", Bad - Row.begin(), T));
    double Largest = *std::max_element(Row.begin(), Row.end());
    double Sum = 0;
    for (float Logit : Row)
      Sum += std::exp(static_cast<double>(Logit) - Largest);
    Nats += Largest + std::log(Sum) - static_cast<double>(Row[Targets[T]]);
  }
  return Nats / std::numbers::ln2;
}

Result<double> compiler::bitsPerToken(std::span<const float> Logits,
                                      std::span<const int64_t> Targets) {
  auto Bits = sumBits(Logits, Targets);
  if (!Bits)
    return Bits;
  return *Bits / static_cast<double>(Targets.size());
}

Result<double> compiler::bitsPerToken(Interpreter &Network,
                                      std::span<const int64_t> Text,
                                      int64_t Window) {
  if (Text.size() < 2 || Window < 1)
    return refuse(fmt::format("{} tokens in windows of {}: at least 2 tokens "
                              "and windows of 1 are needed",
                              Text.size(), Window));
  double Bits = 0;
  size_t Positions = Text.size() - 1;
  for (size_t At = 0; At < Positions; At += static_cast<size_t>(Window)) {
    size_t Size = std::min(static_cast<size_t>(Window), Positions - At);
    auto Ran = Network.run(Text.subspan(At, Size));
    if (!Ran)
      return Ran.errors();
    auto Sum = sumBits(Ran->Logits, Text.subspan(At + 1, Size));
    if (!Sum)
      return Sum;
    Bits += *Sum;
  }
  return Bits / static_cast<double>(Positions);
}
