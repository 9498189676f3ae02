//===- Outputs.cpp - outputs.npz ------------------------------------------===//

#include "tools/synfire/Outputs.h"

#include "targets/arrays/Npz.h"

using namespace synfire;
using namespace synfire::tools;

template <typename T>
static Status addSpikes(NpzWriter &Out, const SpikeArray &S, int64_t Tokens) {
  std::vector<T> Values(S.Payloads.begin(), S.Payloads.end());
  return Out.add<T>("spikes/" + S.Name, {Tokens, S.Neurons}, Values);
}

Status synfire::tools::writeOutputs(const std::string &Path,
                                    std::span<const int64_t> Tokens,
                                    std::span<const float> Logits,
                                    int64_t Vocabulary,
                                    std::span<const SpikeArray> Spikes) {
  Result<NpzWriter> Out = NpzWriter::create(Path, NpzWriter::Mode::Deflated);
  if (!Out)
    return Out.errors();
  int64_t T = static_cast<int64_t>(Tokens.size());
  if (Status S = Out->add<int64_t>("tokens", {T}, Tokens); !S)
    return S;
  if (Status S = Out->add<float>("logits", {T, Vocabulary}, Logits); !S)
    return S;
  for (const SpikeArray &S : Spikes) {
    Status Added = S.Kind == image::PayloadKind::Binary
                       ? addSpikes<uint8_t>(*Out, S, T)
                   : S.Kind == image::PayloadKind::Ternary
                       ? addSpikes<int8_t>(*Out, S, T)
                       : addSpikes<int32_t>(*Out, S, T);
    if (!Added)
      return Added;
  }
  return Out->finish();
}
