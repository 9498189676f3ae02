//===- SpikeGpt.cpp - SpikeGPT -> spike IR --------------------------------===//
//
// The equations of the training form, in their order; docs/models.md has them
// in full. u is a layer norm's output, x the residual, t the token step.
//
//===----------------------------------------------------------------------===//

#include "models/spikegpt/SpikeGpt.h"

#include "models/network/NetworkBuilder.h"

#include <cmath>
#include <fmt/format.h>

using namespace mlir;
using namespace synfire;
using namespace synfire::models;

namespace {
constexpr float NormEpsilon = 1e-5f;
constexpr float Threshold = 1.0f;
/// The public run form halves the residual after every sixth block.
constexpr int64_t RescaleEvery = 6;
/// The public run form thresholds the embedding only for this vocabulary.
constexpr int64_t RunFormBinaryVocabulary = 77;

class Importer {
public:
  Importer(MLIRContext *Context, const checkpoint::Checkpoint &From,
           const NetworkShape &Shape, SpikeGptForm Form)
      : N(Context, "spikegpt", From), S(Shape), Form(Form) {}

  Result<OwningOpRef<ModuleOp>> build() {
    Value X = embedding();
    for (int64_t L = 0; L < S.Layers; ++L) {
      X = subLayer(L, "lif1", "x1", X, &Importer::timeMix);
      X = subLayer(L, "lif2", "x2", X, &Importer::channelMix);
      if (halvesAfter(L))
        X = N.population(
            {block(L) + "x3"}, {real()}, {X}, {}, {},
            [](ProgramBuilder &P, ValueRange In, ValueRange, ValueRange) {
              return ProgramResults{{P.mul(In[0], P.constant(0.5f))}, {}};
            })[0];
    }
    Value Normed = norm("ln_out", X);
    N.output("logits",
             N.linear("head", Normed, matrix("head", S.Vocabulary, S.Width)));
    return N.finish();
  }

private:
  NetworkBuilder N;
  NetworkShape S;
  SpikeGptForm Form;

  Type real() { return N.currents(S.Width); }
  static std::string block(int64_t L) { return fmt::format("blocks.{}.", L); }
  Value vector(const std::string &Name) { return N.weight(Name, {S.Width}); }
  Value matrix(const std::string &Name, int64_t Out, int64_t In) {
    return N.weight(Name + ".weight", {Out, In});
  }
  bool halvesAfter(int64_t L) const {
    return Form == SpikeGptForm::PublicRun && (L + 1) % RescaleEvery == 0;
  }
  /// By how much the public run form scales W_o and W_val of block L.
  float outputScale(int64_t L) const {
    return Form == SpikeGptForm::PublicRun
               ? std::ldexp(1.0f, static_cast<int>(-(L / RescaleEvery)))
               : 1.0f;
  }

  /// e = H(E[token]); x = LN(e; ln0)
  Value embedding() {
    Value Tokens = N.input("tokens", S.Vocabulary);
    Value E = N.embed("emb.table", Tokens,
                      N.weight("emb.weight", {S.Vocabulary, S.Width}));
    bool Binary = Form == SpikeGptForm::Training ||
                  S.Vocabulary == RunFormBinaryVocabulary;
    if (Binary)
      E = N.population(
          {"emb"}, {N.binary(S.Width)}, {E}, {}, {},
          [](ProgramBuilder &P, ValueRange In, ValueRange, ValueRange) {
            return ProgramResults{{P.atLeast(In[0], P.constant(0.0f))}, {}};
          })[0];
    return norm("blocks.0.ln0", E);
  }

  /// A layer norm that stands alone.
  Value norm(const std::string &Name, Value X) {
    return N.norm(
        Name, X,
        {vector(Name + ".weight"), vector(Name + ".bias"), NormEpsilon});
  }

  /// u = LN(x), then for each mix m: a = m * u_t + (1 - m) * u_{t-1}, with
  /// u_{-1} = 0: the shift works on normed values.
  ResultRange shiftedNorm(const std::string &Ln, const std::string &Mixer,
                          ArrayRef<StringRef> Mixes, Value X) {
    NormStatistics Stats = N.normStatistics(Ln, X, NormEpsilon);
    std::vector<std::string> Names;
    SmallVector<Type> Types(Mixes.size(), real());
    SmallVector<Value> Params = {vector(Ln + ".weight"), vector(Ln + ".bias")};
    for (StringRef Mix : Mixes) {
      Names.push_back(Mixer + ".x" + Mix.str());
      Params.push_back(vector(Mixer + ".time_mix_" + Mix.str()));
    }
    return N.population(
        Names, Types, {X, Stats.Mean, Stats.InverseDeviation}, Params, {0.0f},
        [](ProgramBuilder &P, ValueRange In, ValueRange Par, ValueRange St) {
          Value U = NetworkBuilder::applyNorm(P, In[0], In.drop_front(), Par[0],
                                              Par[1]);
          ProgramResults R;
          for (Value M : Par.drop_front(2))
            R.Results.push_back(
                P.add(P.mul(M, U), P.mul(P.sub(P.constant(1.0f), M), St[0])));
          R.States = {U};
          return R;
        });
  }

  /// x' = x + LIF(mix(x))
  Value subLayer(int64_t L, StringRef Lif, StringRef Residual, Value X,
                 Value (Importer::*Mix)(int64_t, Value)) {
    Value Current = (this->*Mix)(L, X);
    // h = v + (I - v)/2: the order of operations decides ties at the threshold.
    Value Spikes = N.population(
        {block(L) + Lif.str()}, {N.binary(S.Width)}, {Current}, {}, {0.0f},
        [](ProgramBuilder &P, ValueRange In, ValueRange, ValueRange St) {
          Value Half = P.div(P.sub(In[0], St[0]), P.constant(2.0f));
          Value H = P.add(St[0], Half);
          Value Zero = P.constant(0.0f);
          Value Fires = P.atLeast(P.sub(H, P.constant(Threshold)), Zero);
          return ProgramResults{{Fires}, {P.select(Fires, Zero, H)}};
        })[0];
    return N.population(
        {block(L) + Residual.str()}, {real()}, {X, Spikes}, {}, {},
        [](ProgramBuilder &P, ValueRange In, ValueRange, ValueRange) {
          return ProgramResults{{P.add(In[0], P.asFloat(In[1]))}, {}};
        })[0];
  }

  /// TM = W_o (sigmoid(W_r a_r) * WKV(W_k a_k, W_v a_v))
  Value timeMix(int64_t L, Value X) {
    std::string P = block(L) + "att";
    int64_t D = S.Width;
    auto A = shiftedNorm(block(L) + "ln1", P, {"k", "v", "r"}, X);
    Value K = N.linear(P + ".key", A[0], matrix(P + ".key", D, D));
    Value V = N.linear(P + ".value", A[1], matrix(P + ".value", D, D));
    Value R =
        N.linear(P + ".receptance", A[2], matrix(P + ".receptance", D, D));
    Value Gated =
        N.population({P + ".wkv"}, {real()}, {K, V, R},
                     {vector(P + ".time_decay"), vector(P + ".time_first")},
                     {0.0f, 0.0f, -1e38f}, wkv)[0];
    return scaled(L, P + ".scaled",
                  N.linear(P + ".output", Gated, matrix(P + ".output", D, D)));
  }

  /// The WKV recurrence with a running maximum, times the gate:
  ///   n = max(o, u+k); y = (e^(o-n) p + e^(u+k-n) v) / (e^(o-n) q + e^(u+k-n))
  ///   n = max(w+o, k); p, q decay by e^(w+o-n) and take e^(k-n) v, e^(k-n)
  static ProgramResults wkv(ProgramBuilder &B, ValueRange In, ValueRange Par,
                            ValueRange St) {
    Value K = In[0], V = In[1], R = In[2];
    Value W = B.neg(B.exp(Par[0])), U = Par[1];
    Value P = St[0], Q = St[1], O = St[2];

    Value Bonus = B.add(U, K);
    Value N1 = B.max(O, Bonus);
    Value A1 = B.exp(B.sub(O, N1)), B1 = B.exp(B.sub(Bonus, N1));
    Value Y = B.div(B.add(B.mul(A1, P), B.mul(B1, V)), B.add(B.mul(A1, Q), B1));

    Value Decayed = B.add(W, O);
    Value N2 = B.max(Decayed, K);
    Value A2 = B.exp(B.sub(Decayed, N2)), B2 = B.exp(B.sub(K, N2));
    Value NextP = B.add(B.mul(A2, P), B.mul(B2, V));
    Value NextQ = B.add(B.mul(A2, Q), B2);
    return {{B.mul(B.sigmoid(R), Y)}, {NextP, NextQ, N2}};
  }

  /// CM = sigmoid(W_rec a_r) * (W_val relu(W_key a_k)^2)
  Value channelMix(int64_t L, Value X) {
    std::string P = block(L) + "ffn";
    int64_t D = S.Width, F = S.Hidden;
    auto A = shiftedNorm(block(L) + "ln2", P, {"k", "r"}, X);
    Value K = N.linear(P + ".key", A[0], matrix(P + ".key", F, D));
    Value R =
        N.linear(P + ".receptance", A[1], matrix(P + ".receptance", D, D));
    Value H = N.population(
        {P + ".relu2"}, {N.currents(F)}, {K}, {}, {},
        [](ProgramBuilder &B, ValueRange In, ValueRange, ValueRange) {
          Value Relu = B.max(In[0], B.constant(0.0f));
          return ProgramResults{{B.mul(Relu, Relu)}, {}};
        })[0];
    Value V = scaled(L, P + ".scaled",
                     N.linear(P + ".value", H, matrix(P + ".value", D, F)));
    return N.population(
        {P + ".gate"}, {real()}, {R, V}, {}, {},
        [](ProgramBuilder &B, ValueRange In, ValueRange, ValueRange) {
          return ProgramResults{{B.mul(B.sigmoid(In[0]), In[1])}, {}};
        })[0];
  }

  /// The public run form divides W_o and W_val by a power of two; so may their
  /// result be, exactly.
  Value scaled(int64_t L, const std::string &Name, Value Current) {
    float Scale = outputScale(L);
    if (Scale == 1.0f)
      return Current;
    return N.population(
        {Name}, {real()}, {Current}, {}, {},
        [&](ProgramBuilder &P, ValueRange In, ValueRange, ValueRange) {
          return ProgramResults{{P.mul(In[0], P.constant(Scale))}, {}};
        })[0];
  }
};
} // namespace

Result<OwningOpRef<ModuleOp>>
synfire::models::importSpikeGpt(MLIRContext *Context,
                                const checkpoint::Checkpoint &From,
                                SpikeGptForm Form) {
  Result<NetworkShape> Shape = inferSpikeGptShape(From);
  if (!Shape)
    return Shape.errors();
  return Importer(Context, From, *Shape, Form).build();
}
