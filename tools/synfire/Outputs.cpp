//===- Outputs.cpp - outputs.npz ------------------------------------------===//

#include "tools/synfire/Outputs.h"

#include "targets/arrays/Npz.h"

using namespace synfire;
using namespace synfire::tools;

/// Dimensions of \p Rows values of \p Width, cut into sequences if there are.
static std::vector<int64_t> dimensions(const OutputShape &Shape, int64_t Rows,
                                       int64_t Width) {
  if (Shape.Batched)
    return {Shape.Sequences, Rows / Shape.Sequences, Width};
  return {Rows, Width};
}

template <typename T>
static Status addSpikes(NpzWriter &Out, const SpikeArray &S,
                        const OutputShape &Shape) {
  std::vector<T> Values(S.Payloads.begin(), S.Payloads.end());
  auto Rows = static_cast<int64_t>(Values.size()) / S.Neurons;
  return Out.add<T>("spikes/" + S.Name, dimensions(Shape, Rows, S.Neurons),
                    Values);
}

Status synfire::tools::writeOutputs(const std::string &Path,
                                    std::span<const int64_t> Tokens,
                                    std::span<const float> Logits,
                                    int64_t Vocabulary,
                                    std::span<const SpikeArray> Spikes,
                                    OutputShape Shape,
                                    std::span<const NamedArray> More) {
  Result<NpzWriter> Out = NpzWriter::create(Path, NpzWriter::Mode::Deflated);
  if (!Out)
    return Out.errors();
  int64_t T = static_cast<int64_t>(Tokens.size());
  std::vector<int64_t> TokenShape = dimensions(Shape, T, 1);
  TokenShape.pop_back();
  if (Status S = Out->add<int64_t>("tokens", TokenShape, Tokens); !S)
    return S;
  if (Status S =
          Out->add<float>("logits", dimensions(Shape, T, Vocabulary), Logits);
      !S)
    return S;
  for (const SpikeArray &S : Spikes) {
    Status Added = S.Kind == image::PayloadKind::Binary
                       ? addSpikes<uint8_t>(*Out, S, Shape)
                   : S.Kind == image::PayloadKind::Ternary
                       ? addSpikes<int8_t>(*Out, S, Shape)
                       : addSpikes<int32_t>(*Out, S, Shape);
    if (!Added)
      return Added;
  }
  for (const auto &[Name, A] : More)
    if (Status S = A.Type == DType::I64
                       ? Out->add<int64_t>(Name, A.Shape, A.as<int64_t>())
                       : Out->add<float>(Name, A.Shape, A.as<float>());
        !S)
      return S;
  return Out->finish();
}
