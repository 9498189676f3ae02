//===- SpikeLlmNetwork.cpp - Comparing codes ------------------------------===//

#include "tests/unit/spikellm/SpikeLlmNetwork.h"

using namespace synfire;

static const compiler::Recording *find(const compiler::RunResult &R,
                                       const std::string &Name) {
  for (const compiler::Recording &E : R.Events)
    if (E.Name == Name)
      return &E;
  return nullptr;
}

namespace {
/// Where the public code keeps the code that our population has at (token,
/// neuron).
enum class Layout { TokenChannel, HeadChannelToken, HeadTokenChannel };
} // namespace

size_t synfire::codesThatDiffer(
    const compiler::RunResult &Got, const std::vector<std::string> &Modules,
    const std::string &Prefix,
    const std::function<std::vector<int32_t>(const std::string &)> &WantOf,
    const CodeShape &S) {
  size_t Differ = 0;
  auto Compare = [&](const std::string &Recorded, const std::string &Wanted,
                     Layout How, int64_t Heads,
                     const std::vector<int32_t> &Chosen, int32_t Value) {
    const compiler::Recording *R = find(Got, Recorded);
    if (!R) {
      // A stream without channels is not there.
      Differ += std::count(Chosen.begin(), Chosen.end(), Value) ? 1 : 0;
      return;
    }
    std::vector<int32_t> Want = WantOf(Wanted);
    int64_t Tokens = static_cast<int64_t>(R->Payloads.size()) / R->Neurons;
    int64_t Size = How == Layout::TokenChannel ? R->Neurons : S.HeadSize;
    ASSERT_EQ(static_cast<int64_t>(Want.size()), Tokens * Heads * Size)
        << Wanted;
    int64_t Group =
        How == Layout::TokenChannel ? 1 : Heads / (R->Neurons / S.HeadSize);
    for (int64_t T = 0; T < Tokens; ++T)
      for (int64_t H = 0; H < Heads; ++H)
        for (int64_t I = 0; I < Size; ++I) {
          if (!Chosen.empty() && Chosen[H * Size + I] != Value)
            continue;
          int64_t At =
              How == Layout::HeadChannelToken   ? (H * Size + I) * Tokens + T
              : How == Layout::HeadTokenChannel ? (H * Tokens + T) * Size + I
                                                : T * Size + I;
          Differ +=
              Want[At] != R->Payloads[T * R->Neurons + H / Group * Size + I];
        }
  };
  for (const std::string &Module : Modules) {
    bool Keys = Module.ends_with("qkt_matmul"),
         Values = Module.ends_with("pv_matmul");
    Layout How = Keys     ? Layout::HeadChannelToken
                 : Values ? Layout::HeadTokenChannel
                          : Layout::TokenChannel;
    int64_t Heads = Keys || Values ? S.Heads : 1;
    std::vector<int32_t> Low = WantOf(Module + ".mask_low");
    Compare(Prefix + Module + ".low", Module + ".low_codes", How, Heads, Low,
            1);
    Compare(Prefix + Module + ".high", Module + ".high_codes", How, Heads, Low,
            0);
    if (Keys)
      Compare(Prefix + Module + ".x1", Module + ".x1_codes",
              Layout::HeadTokenChannel, S.Heads, {}, 0);
  }
  return Differ;
}
