//===- SpikeLm.cpp - SpikeLM -> spike IR ----------------------------------===//
//
// The equations of docs/models.md, section SpikeLM, in their order. h is the
// residual stream, s a spike, a its amplitude. Amplitudes differ from inner
// step to inner step and are no part of a spike: whoever reads a linear on
// spikes multiplies its sums by them.
//
//===----------------------------------------------------------------------===//

#include "models/spikelm/SpikeLm.h"

#include "models/network/Attention.h"
#include "models/network/NetworkBuilder.h"
#include "models/spikelm/Amplitudes.h"
#include "models/spikelm/Membrane.h"

#include <cmath>
#include <fmt/format.h>

using namespace mlir;
using namespace synfire;
using namespace synfire::models;

namespace {
/// The norms inside a block do not follow layer_norm_eps in the public code.
constexpr float BlockEpsilon = 1e-12f;

/// Spikes, and what each is worth.
struct Spikes {
  Value Events;
  std::vector<float> Amplitude; ///< by inner step
};

class Importer {
public:
  Importer(MLIRContext *Context, const checkpoint::Checkpoint &From,
           const SpikeLmShape &Shape, const SpikeLmOptions &Options)
      : N(Context, "spikelm", From), A(From, Shape, Options), S(Shape),
        Membrane(Options.Membrane) {
    N.setTime(S.Steps, S.Positions);
  }

  Result<OwningOpRef<ModuleOp>> build(SpikeLmHead Head) {
    Value H = embeddings();
    for (int64_t L = 0; L < S.Sizes.Layers; ++L) {
      H = block(L, H);
      A.endOfBlock(H);
    }
    bool OfSequence =
        Head == SpikeLmHead::NextSentence || Head == SpikeLmHead::Classifier;
    Value Mean = timeMean(H, OfSequence);
    if (Head == SpikeLmHead::LanguageModel)
      N.output("logits", languageModel(Mean));
    else if (Head == SpikeLmHead::None)
      N.output("encoder", Mean);
    else if (Head == SpikeLmHead::NextSentence)
      N.output("logits", pooled(Mean, "cls.seq_relationship", 2));
    else
      N.output("logits", pooled(Mean, "classifier", S.Labels));
    Errors Found = A.found();
    auto Module = N.finish();
    if (!Module)
      Found.insert(Found.end(), Module.errors().begin(), Module.errors().end());
    if (!Found.empty())
      return Found;
    return Module;
  }

private:
  NetworkBuilder N;
  Amplitudes A;
  SpikeLmShape S;
  SpikeLmMembrane Membrane;

  Type real(int64_t Size) { return N.currents(Size); }
  Value vector(const std::string &Name, int64_t Size) {
    return N.weight(Name, {Size});
  }
  static std::string tensors(int64_t L) {
    return fmt::format("bert.encoder.layer.{}.", L);
  }
  /// W s, without amplitude and bias.
  Value linear(const std::string &Name, Value In, const std::string &Tensor,
               int64_t Targets, int64_t Sources) {
    return N.linear(Name, In, N.weight(Tensor + ".weight", {Targets, Sources}));
  }
  Value norm(const std::string &Name, const std::string &Tensor, Value X,
             float Epsilon, bool AtLastStep = false) {
    int64_t D = S.Sizes.Width;
    return N.norm(Name, X,
                  {vector(Tensor + ".weight", D), vector(Tensor + ".bias", D),
                   Epsilon, AtLastStep});
  }

  /// h = LN(word + type + position), the same in all inner steps. The tables
  /// are matrices of linears on the one event that selects a row, since their
  /// rows are real numbers.
  Value embeddings() {
    const std::string P = "bert.embeddings.";
    int64_t D = S.Sizes.Width;
    auto Select = [&](const char *Name, int64_t Size, spike::InputRole Role,
                      const std::string &Table) {
      return N.linear("embeddings." + std::string(Name),
                      N.input(Name, Size, Role),
                      N.transposedWeight(P + Table + ".weight", D, Size));
    };
    Value Word = Select("tokens", S.Sizes.Vocabulary, spike::InputRole::Token,
                        "word_embeddings");
    Value Kind = Select("types", S.Types, spike::InputRole::Type,
                        "token_type_embeddings");
    Value Place = Select("positions", S.Positions, spike::InputRole::Position,
                         "position_embeddings");
    Value Sum = N.population(
        {"embeddings.sum"}, {real(D)}, {Word, Kind, Place}, {}, {},
        [](ProgramBuilder &B, ValueRange In, ValueRange, ValueRange) {
          return ProgramResults{{B.add(B.add(In[0], In[1]), In[2])}, {}};
        })[0];
    return norm("embeddings", P + "LayerNorm", Sum, S.EmbeddingEpsilon);
  }

  using Drive = llvm::function_ref<Value(ProgramBuilder &, ValueRange Inputs,
                                         ValueRange Params)>;
  /// The amplitudes \p Clip of a population whose drive is \p Program; those
  /// that are not set from what the drive is on the calibrator's batch.
  std::vector<float> amplitude(const std::string &Clip, int64_t Size,
                               ValueRange Inputs, ValueRange Params,
                               bool HasMembrane, Drive Program) {
    KnownAmplitudes Known = A.known(Clip);
    if (!A.needsDrive(Known))
      return A.use(Clip, Known);
    Value Given = N.population(
        {Clip + ".drive"}, {real(Size)}, Inputs, Params, {},
        [&](ProgramBuilder &P, ValueRange In, ValueRange Par, ValueRange) {
          return ProgramResults{{Program(P, In, Par)}, {}};
        })[0];
    std::vector<float> Out = A.compute(Clip, Known, Given, HasMembrane);
    Given.getDefiningOp()->erase();
    return Out;
  }
  /// A population of ternary spikes whose drive is \p Program, with the
  /// amplitudes \p Clip. With a membrane it remembers from inner step to inner
  /// step.
  Spikes spikes(const std::string &Name, int64_t Size, const std::string &Clip,
                ValueRange Inputs, ValueRange Params, bool HasMembrane,
                Drive Program) {
    Spikes To = {{},
                 amplitude(Clip, Size, Inputs, Params, HasMembrane, Program)};
    SmallVector<float> Init;
    if (HasMembrane && S.Steps > 1)
      Init.push_back(0.0f);
    To.Events = N.population(
        {Name}, {N.events(Size, spike::EventKind::Ternary, 2)}, Inputs, Params,
        Init,
        [&](ProgramBuilder &P, ValueRange In, ValueRange Par, ValueRange St) {
          return fire(P, Program(P, In, Par), To.Amplitude, Membrane, St);
        })[0];
    return To;
  }
  /// Spikes of a linear's input: its drive is a value as it is.
  Spikes inputSpikes(const std::string &Name, const std::string &Tensor,
                     Value X) {
    return spikes(
        Name, spike::sizeOf(X.getType()), Tensor + ".act_clip_val", X, {},
        /*HasMembrane=*/true,
        [](ProgramBuilder &, ValueRange In, ValueRange) { return In[0]; });
  }
  /// a W s + b, inside a program.
  static Value dense(ProgramBuilder &P, Value Sums,
                     const std::vector<float> &Amplitude, Value Bias) {
    return P.add(P.mul(Sums, P.perStep(Amplitude)), Bias);
  }

  /// One block, post-norm: u = LN(W_o o + b + h), y = LN(W_2 f + b + u). Its
  /// queries and its residual wait for the next sweep, in which all keys and
  /// values are there.
  Value block(int64_t L, Value H) {
    int64_t D = S.Sizes.Width, F = S.Sizes.Hidden;
    std::string P = fmt::format("layer{}.", L), T = tensors(L);
    std::string Self = T + "attention.self.";

    Spikes Q = inputSpikes(P + "q_in", Self + "query", H);
    Spikes K = projected(P + "k", Self + "key", Self + "clip_key", H);
    Spikes V = projected(P + "v", Self + "value", Self + "clip_value", H);
    When NextSweep = {spike::Held::Each, {}};
    Value Query = N.population(
        {P + "query"}, {real(D)},
        {linear(P + "q", Q.Events, Self + "query", D, D)},
        {vector(Self + "query.bias", D)}, {},
        [&](ProgramBuilder &B, ValueRange In, ValueRange Par, ValueRange) {
          return ProgramResults{{dense(B, In[0], Q.Amplitude, Par[0])}, {}};
        },
        NextSweep)[0];
    Value Residual = N.population(
        {P + "residual"}, {real(D)}, {H}, {}, {},
        [](ProgramBuilder &, ValueRange In, ValueRange, ValueRange) {
          return ProgramResults{{In[0]}, {}};
        },
        NextSweep)[0];

    Attention How;
    How.Name = P + "attention";
    How.Heads = How.KvHeads = S.Heads;
    How.Positions = S.Positions;
    How.Keys = {{Query, K.Events}};
    How.Values = {V.Events};
    auto Length = static_cast<float>(D / S.Heads);
    How.Scale.clear();
    for (float Each : K.Amplitude)
      How.Scale.push_back(Each / std::sqrt(Length));
    How.ContextScale = V.Amplitude;
    Value Context = attention(N, How)[0];

    std::string Out = T + "attention.output.";
    Spikes O = inputSpikes(P + "attn_out_in", Out + "dense", Context);
    Value U = addAndNorm(P + "attn", Out,
                         linear(P + "attn_out", O.Events, Out + "dense", D, D),
                         O.Amplitude, Residual);

    std::string Up = T + "intermediate.dense", Down = T + "output.";
    Spikes In = inputSpikes(P + "ffn_up_in", Up, U);
    Spikes Mid = spikes(P + "ffn_down_in", F, Down + "dense.act_clip_val",
                        {linear(P + "ffn_up", In.Events, Up, F, D)},
                        {vector(Up + ".bias", F)},
                        /*HasMembrane=*/true,
                        [&](ProgramBuilder &B, ValueRange In1, ValueRange Par) {
                          return B.gelu(dense(B, In1[0], In.Amplitude, Par[0]));
                        });
    return addAndNorm(P + "ffn", Down,
                      linear(P + "ffn_down", Mid.Events, Down + "dense", D, F),
                      Mid.Amplitude, U);
  }

  /// Keys or values: spikes in front of the projection and, without a membrane,
  /// behind it.
  Spikes projected(const std::string &Name, const std::string &Tensor,
                   const std::string &Clip, Value H) {
    int64_t D = S.Sizes.Width;
    Spikes In = inputSpikes(Name + "_in", Tensor, H);
    return spikes(Name + "_out", D, Clip,
                  {linear(Name, In.Events, Tensor, D, D)},
                  {vector(Tensor + ".bias", D)}, /*HasMembrane=*/false,
                  [&](ProgramBuilder &P, ValueRange Sums, ValueRange Par) {
                    return dense(P, Sums[0], In.Amplitude, Par[0]);
                  });
  }

  /// LN(a W s + b + h)
  Value addAndNorm(const std::string &Name, const std::string &Tensor,
                   Value Sums, const std::vector<float> &Amplitude,
                   Value Residual) {
    int64_t D = S.Sizes.Width;
    Value Sum = N.population(
        {Name + "_sum"}, {real(D)}, {Sums, Residual},
        {vector(Tensor + "dense.bias", D)}, {},
        [&](ProgramBuilder &P, ValueRange In, ValueRange Par, ValueRange) {
          return ProgramResults{
              {P.add(dense(P, In[0], Amplitude, Par[0]), In[1])}, {}};
        })[0];
    return norm(Name + "_norm", Tensor + "LayerNorm", Sum, BlockEpsilon);
  }

  //===--------------------------------------------------------------------===//
  // Heads
  //===--------------------------------------------------------------------===//

  /// \p V in the last inner step, of the first token only if \p OfSequence; 0
  /// elsewhere. The state is 1 until the first token has passed.
  static ProgramResults gated(ProgramBuilder &P, Value V, bool OfSequence,
                              ValueRange States) {
    Value Zero = P.constant(0.0f);
    Value Out = P.atLastStep(V, Zero);
    if (!OfSequence)
      return {{Out}, {}};
    Value Before = States.back();
    Value First = P.above(Before, Zero);
    return {{P.select(First, Out, Zero)}, {P.atLastStep(Zero, Before)}};
  }
  static SmallVector<float> gateInit(bool OfSequence) {
    return OfSequence ? SmallVector<float>{1.0f} : SmallVector<float>{};
  }

  /// The mean over the inner steps of a token.
  Value timeMean(Value H, bool OfSequence) {
    SmallVector<float> Init = {0.0f};
    Init.append(gateInit(OfSequence));
    return N.population(
        {"encoder.mean"}, {real(S.Sizes.Width)}, {H}, {}, Init,
        [&](ProgramBuilder &P, ValueRange In, ValueRange, ValueRange St) {
          Value Sum = P.add(P.atFirstStep(P.constant(0.0f), St[0]), In[0]);
          Value Mean = P.div(Sum, P.constant(static_cast<float>(S.Steps)));
          ProgramResults R = gated(P, Mean, OfSequence, St);
          R.States.insert(R.States.begin(), Sum);
          return R;
        })[0];
  }

  /// f(W x + b), gated.
  Value denseLayer(const std::string &Name, const std::string &Tensor, Value X,
                   Value Matrix, const std::string &Bias, bool OfSequence,
                   llvm::function_ref<Value(ProgramBuilder &, Value)> F) {
    int64_t Targets = cast<ShapedType>(Matrix.getType()).getDimSize(0);
    return N.population(
        {Name}, {real(Targets)}, {N.linear(Tensor, X, Matrix)},
        {vector(Bias, Targets)}, gateInit(OfSequence),
        [&](ProgramBuilder &P, ValueRange In, ValueRange Par, ValueRange St) {
          return gated(P, F(P, P.add(In[0], Par[0])), OfSequence, St);
        })[0];
  }

  /// Logits of every token: decoder(LN(f(W x + b))).
  Value languageModel(Value Mean) {
    const std::string P = "cls.predictions.";
    int64_t D = S.Sizes.Width;
    Value X = denseLayer("head.transform", "head.dense", Mean,
                         N.weight(P + "transform.dense.weight", {D, D}),
                         P + "transform.dense.bias", /*OfSequence=*/false,
                         [&](ProgramBuilder &B, Value V) {
                           return S.ReluHead ? B.relu(V) : B.gelu(V);
                         });
    X = norm("head.norm", P + "transform.LayerNorm", X, S.EmbeddingEpsilon,
             /*AtLastStep=*/true);
    return denseLayer("head.logits", "head.decoder", X,
                      N.weight(P + "decoder.weight", {S.Sizes.Vocabulary, D}),
                      P + "bias", /*OfSequence=*/false,
                      [](ProgramBuilder &, Value V) { return V; });
  }

  /// W tanh(W_p x + b_p) + b at the first token.
  Value pooled(Value Mean, const std::string &Tensor, int64_t Labels) {
    int64_t D = S.Sizes.Width;
    Value X = denseLayer("pooler", "pooler.dense", Mean,
                         N.weight("bert.pooler.dense.weight", {D, D}),
                         "bert.pooler.dense.bias", /*OfSequence=*/true,
                         [](ProgramBuilder &B, Value V) { return B.tanh(V); });
    return denseLayer("head.logits", "head.classifier", X,
                      N.weight(Tensor + ".weight", {Labels, D}),
                      Tensor + ".bias", /*OfSequence=*/true,
                      [](ProgramBuilder &, Value V) { return V; });
  }
};
} // namespace

/// The head that is asked for, or that the tensors suggest.
static Result<SpikeLmHead> headOf(const checkpoint::Checkpoint &From,
                                  const SpikeLmShape &S, SpikeLmHead Asked) {
  auto Needs = [&](bool Has, const char *Tensor) -> Result<SpikeLmHead> {
    if (Has)
      return Asked;
    return Error{From.path(), "spikelm-head",
                 fmt::format("this head needs the tensor '{}', which is not "
                             "there",
                             Tensor)};
  };
  switch (Asked) {
  case SpikeLmHead::None:
    return Asked;
  case SpikeLmHead::LanguageModel:
    return Needs(S.LanguageModel, "cls.predictions.decoder.weight");
  case SpikeLmHead::NextSentence:
    return Needs(S.NextSentence && S.Pooler, "cls.seq_relationship.weight");
  case SpikeLmHead::Classifier:
    return Needs(S.Labels > 0, "classifier.weight");
  case SpikeLmHead::FromTensors:
    break;
  }
  return S.Labels > 0      ? SpikeLmHead::Classifier
         : S.LanguageModel ? SpikeLmHead::LanguageModel
                           : SpikeLmHead::None;
}

Result<OwningOpRef<ModuleOp>>
synfire::models::importSpikeLm(MLIRContext *Context,
                               const checkpoint::Checkpoint &From,
                               const SpikeLmOptions &Options) {
  Result<SpikeLmShape> Shape = inferSpikeLmShape(From);
  if (!Shape)
    return Shape.errors();
  Result<SpikeLmHead> Head = headOf(From, *Shape, Options.Head);
  if (!Head)
    return Head.errors();
  return Importer(Context, From, *Shape, Options).build(*Head);
}
