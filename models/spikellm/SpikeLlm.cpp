//===- SpikeLlm.cpp - SpikeLLM -> spike IR --------------------------------===//
//
// The equations of docs/models.md, section SpikeLLM, layer by layer. A value
// that is coded next goes along with its negative, since ranges are found with
// maxima.
//
//===----------------------------------------------------------------------===//

#include "models/spikellm/SpikeLlm.h"

#include "models/network/Attention.h"
#include "models/spikellm/Codes.h"
#include "models/spikellm/Projections.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <fmt/format.h>

using namespace mlir;
using namespace synfire;
using namespace synfire::models;

namespace {
class Importer {
public:
  Importer(MLIRContext *Context, const checkpoint::Checkpoint &From,
           const NetworkShape &Shape, const SpikeLlmOptions &Options)
      : N(Context, "spikellm", From), From(From), S(Shape), Options(Options),
        C(Options.Config), Coded(N, C, Options.Coding),
        HeadSize(Shape.Width / C.Heads) {}

  Result<OwningOpRef<ModuleOp>> build() {
    N.setTime(/*Steps=*/1, C.Positions);
    Position = N.input("positions", C.Positions, spike::InputRole::Position);
    Stream X = embedding();
    for (int64_t L = 0; L < S.Layers; ++L)
      X = feedForward(L, attentionBlock(L, X));
    Ranged Last = norm("norm", "model.norm", X);
    N.output("logits",
             N.linear("lm_head", Last.Values,
                      N.weight(C.TiedHead ? "model.embed_tokens.weight"
                                          : "lm_head.weight",
                               {S.Vocabulary, S.Width})));
    if (!Found.empty())
      return Found;
    return N.finish();
  }

private:
  /// The residual and its squares.
  struct Stream {
    Value X, Squares;
  };
  /// What goes along with a value.
  enum class Along { Nothing, Negative, Square };
  /// What a projection reads: values, or the scales and events of their codes.
  struct Coding {
    Ranged In;
    CodeScales Scales;
  };

  NetworkBuilder N;
  const checkpoint::Checkpoint &From;
  NetworkShape S;
  const SpikeLlmOptions &Options;
  const SpikeLlmConfig &C;
  Codes Coded;
  int64_t HeadSize;
  Value Position;
  Errors Found;

  bool window() const {
    return !Options.Dense && Options.Range == KeyRange::Window;
  }
  /// Of what begins the next pass when keys are coded over the sequence.
  When crossing() const {
    When W;
    if (window())
      W.Held = spike::Held::Each;
    return W;
  }
  static std::string layer(int64_t L) { return fmt::format("layer{}.", L); }

  static ProgramResults give(ProgramBuilder &P, Value V, Along A) {
    ProgramResults R{{V}, {}};
    if (A == Along::Negative)
      R.Results.push_back(P.neg(V));
    if (A == Along::Square)
      R.Results.push_back(P.mul(V, V));
    return R;
  }
  static std::vector<std::string> names(const std::string &Name, Along A) {
    switch (A) {
    case Along::Nothing:
      return {Name};
    case Along::Negative:
      return {Name, Name + ".neg"};
    case Along::Square:
      return {Name, Name + ".sq"};
    }
    return {};
  }
  ResultRange population(
      const std::string &Name, int64_t Size, Along A, ValueRange Inputs,
      ValueRange Params,
      function_ref<Value(ProgramBuilder &, ValueRange, ValueRange)> Program,
      When W = {}) {
    auto Names = names(Name, A);
    return N.population(
        Names, SmallVector<Type>(Names.size(), N.currents(Size)), Inputs,
        Params, {},
        [&](ProgramBuilder &P, ValueRange In, ValueRange Par, ValueRange) {
          return give(P, Program(P, In, Par), A);
        },
        W);
  }

  /// A constant vector that may be in the file.
  Value optional(const std::string &Name, int64_t Size) {
    return From.find(Name) ? N.weight(Name, {Size}) : Value();
  }

  /// x = E[token]
  Stream embedding() {
    Value Token = N.input("tokens", S.Vocabulary);
    Value Row = N.linear(
        "embed_tokens", Token,
        N.transposedWeight("model.embed_tokens.weight", S.Width, S.Vocabulary));
    auto X = population(
        "x0", S.Width, Along::Square, Row, {},
        [](ProgramBuilder &, ValueRange In, ValueRange) { return In[0]; });
    return {X[0], X[1]};
  }

  /// u = gamma * (x / sqrt(mean(x^2) + e)) + beta
  Ranged norm(const std::string &Name, const std::string &Weights,
              const Stream &X) {
    Value Rstd = N.rootMeanSquare(Name, X.Squares, C.Epsilon).InverseDeviation;
    SmallVector<Value> Params = {N.weight(Weights + ".weight", {S.Width})};
    if (Value Beta = optional(Weights + ".bias", S.Width))
      Params.push_back(Beta);
    Along A =
        Options.Dense || Name == "norm" ? Along::Nothing : Along::Negative;
    auto U = population(Name, S.Width, A, {X.X, Rstd}, Params,
                        [](ProgramBuilder &P, ValueRange In, ValueRange Par) {
                          Value Y = P.mul(Par[0], P.mul(In[0], In[1]));
                          return Par.size() > 1 ? P.add(Y, Par[1]) : Y;
                        });
    return {U[0], U.back()};
  }

  /// The codes' scales of what projections read.
  Coding coding(const std::string &Name, const Ranged &In) {
    if (Options.Dense)
      return {In, {}};
    return {In,
            Coded.ofGroups(Name, In, 1, C.AddBits ? C.Bits + C.AddBits : 0)};
  }

  /// Salient channels of a projection are as others when they have no bits
  /// more; those of a \p Memory always have one more.
  SmallVector<bool> lowChannels(const std::string &Name, int64_t Size,
                                bool Memory = false) const {
    auto At = Options.LowMasks.find(Name);
    // No channels are salient.
    if (At == Options.LowMasks.end() || (!Memory && C.AddBits == 0))
      return SmallVector<bool>(static_cast<size_t>(Size), true);
    return {At->second.begin(), At->second.end()};
  }

  /// The matrix, on the grid of its codes if the file tells it.
  Value matrix(const std::string &Name, int64_t Targets, int64_t Sources) {
    Value W = N.weight(Name + ".weight", {Targets, Sources});
    std::string Quantiser = Name + ".weight_quantizer.";
    const checkpoint::Tensor *Scales = From.find(Quantiser + "scales"),
                             *Zeros = From.find(Quantiser + "zeros");
    if (!Scales || !Zeros)
      return W;
    constexpr int64_t MostBits = 8;
    if (C.WeightBits > MostBits && Found.empty())
      Found.push_back(
          {C.Path, "spikellm-weight-bits",
           fmt::format("'{}' has scales of integer codes, but wbits "
                       "is {}; give the bits of the weights, 2 to "
                       "{}",
                       Name, C.WeightBits, MostBits)});
    std::optional<GridForm> Form = gridForm(*Scales, *Zeros);
    if (!Form || Form->Bits > MostBits)
      return W;
    return N.grid(W, N.weight(Quantiser + "scales", {Targets}), Form->Bits,
                  Form->WithZeros ? N.weight(Quantiser + "zeros", {Targets})
                                  : Value());
  }
  /// How a grid of unsigned codes is written, if there is one.
  struct GridForm {
    int64_t Bits;
    bool
        WithZeros; ///< else bits in two's complement, symmetric, of code - zero
  };
  /// With zero points, if they are codes. Those of the public code are whenever
  /// the ends of a row have both signs.
  std::optional<GridForm> gridForm(const checkpoint::Tensor &Scales,
                                   const checkpoint::Tensor &Zeros) {
    auto Steps = From.readFloats(Scales), Zero = From.readFloats(Zeros);
    if (!Steps || !Zero)
      return std::nullopt; // the digest of the weight tells
    for (auto [Row, V] : llvm::enumerate(*Steps))
      if (!(V > 0.0f) || std::isinf(V)) {
        Found.push_back(
            {From.path(), "spikellm-weight-scale",
             fmt::format("row {} of '{}' is {}, a scale must be positive and "
                         "finite",
                         Row, Scales.Name, V)});
        break;
      }
    float Last = static_cast<float>((int64_t(1) << C.WeightBits) - 1);
    float Most = 1.0f;
    for (float Z : *Zero)
      Most = std::max({Most, std::fabs(Z), std::fabs(Last - Z)});
    // Told by nobody else where zero points do not become part of the IR.
    if (!(Most < 0x1p30f) ||
        llvm::any_of(*Zero, [](float Z) { return std::isnan(Z); })) {
      Found.push_back(
          {From.path(), "spikellm-weight-scale",
           fmt::format("'{}' holds NaN or a value beyond 2^30", Zeros.Name)});
      return std::nullopt;
    }
    if (llvm::any_of(*Zero, [](float Z) { return std::floor(Z) != Z; }))
      return std::nullopt; // code - zero is no integer
    if (llvm::all_of(*Zero, [&](float Z) { return Z >= 0 && Z <= Last; }))
      return GridForm{C.WeightBits, true};
    int64_t Bits = std::bit_width(static_cast<uint64_t>(Most)) + 1;
    return GridForm{Bits, false};
  }

  /// W x^ + b, plus \p Residual if given, x^ the values that the codes of x
  /// stand for.
  ResultRange project(int64_t L, const Projection &To, const Coding &Of,
                      const std::string &Name, Along A, When W = {},
                      Value Residual = {}) {
    std::string Tensor = layerName(L) + To.Name, Module = layer(L) + To.Name;
    Value Matrix = matrix(Tensor, To.Targets, To.Sources);
    SmallVector<Value> Inputs, Params;
    unsigned Streams = 0;
    if (Options.Dense) {
      Inputs = {N.linear(Module + ".sum", Of.In.Values, Matrix)};
    } else {
      SmallVector<bool> Low = lowChannels(Tensor, To.Sources), High;
      for (bool IsLow : Low)
        High.push_back(!IsLow);
      auto Events = Coded.events(Module, Of.In.Values, Of.Scales, Low);
      for (size_t I = 0; I < Events.size(); ++I) {
        if (!Events[I])
          continue;
        ++Streams;
        Value Mine = N.mask(I ? High : Low);
        bool All = !Events[1 - I];
        Inputs.append({N.linear(Module + ".sum" + Codes::suffix(I), Events[I],
                                Matrix, All ? Value() : Mine),
                       Of.Scales[I].Scale, Of.Scales[I].Zero});
        if (Coded.needsWeights())
          Params.push_back(N.apply(Matrix, Mine));
      }
    }
    bool HasBias = From.find(Tensor + ".bias");
    if (HasBias)
      Params.push_back(N.weight(Tensor + ".bias", {To.Targets}));
    if (Residual)
      Inputs.push_back(Residual);
    return population(
        Name, To.Targets, A, Inputs, Params,
        [&](ProgramBuilder &P, ValueRange In, ValueRange Par) {
          Value Y = Streams == 0 ? Value(In[0]) : Value();
          // The finer stream first, as the equations have it.
          for (unsigned I = Streams; I-- > 0;) {
            Value Part =
                Coded.decoded(P, In[3 * I], In[3 * I + 1], In[3 * I + 2],
                              Coded.needsWeights() ? Par[I] : Value());
            Y = Y ? P.add(Y, Part) : Part;
          }
          if (HasBias)
            Y = P.add(Y, Par.back());
          return Residual ? P.add(In.back(), Y) : Y;
        },
        W);
  }

  /// y * cos + partner * sin, the partner of the first half negated.
  struct Turned {
    Value X, Partner, Cosine, Sine, Second;
    static Value program(ProgramBuilder &P, ValueRange In, Value Second) {
      Value Partner =
          P.select(P.atLeast(Second, P.constant(0.5f)), In[1], P.neg(In[1]));
      return P.add(P.mul(In[0], In[2]), P.mul(Partner, In[3]));
    }
    std::array<Value, 4> inputs() const { return {X, Partner, Cosine, Sine}; }
  };
  Turned turned(const std::string &Name, Value X, int64_t Heads) {
    int64_t Size = Heads * HeadSize;
    SmallVector<bool> Second;
    for (int64_t I = 0; I < Size; ++I)
      Second.push_back(I % HeadSize >= HeadSize / 2);
    auto Table = [&](bool Sine) {
      return N.linear(Name + (Sine ? ".sin" : ".cos"), Position,
                      N.rotary(Sine, C.RopeBase, Heads, Size, C.Positions));
    };
    return {X, N.rotate(X, Heads), Table(false), Table(true), N.mask(Second)};
  }
  Ranged rotary(const std::string &Name, Value X, int64_t Heads, When W) {
    Turned T = turned(Name, X, Heads);
    auto Y = population(
        Name, Heads * HeadSize,
        Options.Dense ? Along::Nothing : Along::Negative, T.inputs(), T.Second,
        [](ProgramBuilder &P, ValueRange In, ValueRange Par) {
          return Turned::program(P, In, Par[0]);
        },
        W);
    return {Y[0], Y.back()};
  }

  /// Masks of keys or values are per head that asks; one per memory if all that
  /// share a memory agree.
  struct MemoryMask {
    SmallVector<bool> Queries; ///< Heads * d
    SmallVector<bool> Memory;  ///< KvHeads * d
    bool Split = false;        ///< they do not agree
  };
  MemoryMask memoryMask(int64_t L, const char *Product) {
    MemoryMask M;
    M.Queries = lowChannels(layerName(L) + "self_attn." + Product, S.Width,
                            /*Memory=*/true);
    int64_t Group = C.Heads / C.KvHeads;
    for (int64_t H = 0; H < C.Heads; ++H)
      for (int64_t I = 0; I < HeadSize; ++I) {
        bool Low = M.Queries[H * HeadSize + I];
        if (H % Group == 0)
          M.Memory.push_back(Low);
        M.Split |= Low != M.Memory[H / Group * HeadSize + I];
      }
    return M;
  }
  static std::optional<ArrayRef<bool>> unlessSplit(const MemoryMask &M) {
    if (M.Split)
      return std::nullopt;
    return ArrayRef<bool>(M.Memory);
  }

  /// The values that codes of keys stand for.
  SmallVector<Value> keys(int64_t L, Value Y, const MemoryMask &Mask) {
    std::string Rope = layer(L) + "self_attn.k_rope",
                Name = layer(L) + "self_attn.qkt_matmul";
    int64_t Bits = C.salientBitsOfMemory();
    if (!window()) {
      Ranged K = rotary(Rope, Y, C.KvHeads, {});
      if (Options.Dense)
        return {K.Values};
      return Coded.values(Name, K.Values,
                          Coded.ofGroups(Name, K, C.KvHeads, Bits), Bits,
                          unlessSplit(Mask));
    }
    int64_t Size = C.KvHeads * HeadSize;
    Turned T = turned(Rope, Y, C.KvHeads);
    constexpr float Largest = std::numeric_limits<float>::max();
    auto K = N.population(
        {Rope, Rope + ".largest", Rope + ".least"},
        SmallVector<Type>(3, N.currents(Size)), T.inputs(), T.Second,
        {-Largest, Largest},
        [](ProgramBuilder &P, ValueRange In, ValueRange Par, ValueRange St) {
          Value V = Turned::program(P, In, Par[0]);
          Value Most = P.max(St[0], V), Least = P.min(St[1], V);
          return ProgramResults{{V, Most, Least}, {Most, Least}};
        });
    Value Held = held(Rope + ".held", K[0]);
    return Coded.values(Name, Held, Coded.ofSequence(Name, K[1], K[2], Bits),
                        Bits, unlessSplit(Mask));
  }
  /// \p X as it was in the pass before.
  Value held(const std::string &Name, Value X) {
    return population(
        Name, spike::sizeOf(X.getType()), Along::Nothing, X, {},
        [](ProgramBuilder &, ValueRange In, ValueRange) { return In[0]; },
        crossing())[0];
  }

  /// x + W_o softmax(q k^T / sqrt(d)) v
  Stream attentionBlock(int64_t L, const Stream &X) {
    std::string P = layer(L);
    auto To = projections(S, C);
    Coding In =
        coding(P + "attn_in", norm(P + "input_layernorm",
                                   layerName(L) + "input_layernorm", X));
    std::string Self = P + "self_attn.";
    MemoryMask K = memoryMask(L, "qkt_matmul"), V = memoryMask(L, "pv_matmul");
    Along ForRange = Options.Dense ? Along::Nothing : Along::Negative;

    Attention A;
    A.Name = P + "attention";
    A.Heads = C.Heads;
    A.KvHeads = C.KvHeads;
    A.Positions = C.Positions;
    A.Causal = true;
    A.Scale = {1.0f / std::sqrt(static_cast<float>(HeadSize))};
    A.WithNegative = !Options.Dense;

    Value Q0 = project(L, To[0], In, Self + "q_proj", Along::Nothing)[0];
    Ranged Q = rotary(Self + "q_rope", Q0, C.Heads, crossing());
    SmallVector<Value> Queries = {Q.Values};
    std::string Product = Self + "qkt_matmul.x1";
    if (!Options.Dense)
      Queries = Coded.query(
          Product, Q.Values, Coded.ofGroups(Product, Q, C.Heads, 0),
          K.Split ? std::optional<ArrayRef<bool>>(K.Queries) : std::nullopt);
    Value K0 = project(L, To[1], In, Self + "k_proj", Along::Nothing)[0];
    for (auto [Query, Key] : llvm::zip(Queries, keys(L, K0, K)))
      A.Keys.push_back({Query, Key});

    auto V0 = project(L, To[2], In, Self + "v_proj", ForRange, crossing());
    A.Values = {V0[0]};
    if (!Options.Dense) {
      std::string Name = Self + "pv_matmul";
      int64_t Bits = C.salientBitsOfMemory();
      A.Values = Coded.values(
          Name, V0[0], Coded.ofGroups(Name, {V0[0], V0[1]}, C.KvHeads, Bits),
          Bits, unlessSplit(V));
      if (V.Split) {
        SmallVector<bool> High;
        for (bool Low : V.Queries)
          High.push_back(!Low);
        A.SecondValues = N.mask(High);
      }
    }
    auto Context = attention(N, A);
    Value Residual = window() ? held(P + "x.held", X.X) : X.X;
    auto Sum =
        project(L, To[3], coding(P + "o_in", {Context[0], Context.back()}),
                P + "x1", Along::Square, {}, Residual);
    return {Sum[0], Sum[1]};
  }

  /// x + W_down (SiLU(W_gate u) * W_up u)
  Stream feedForward(int64_t L, const Stream &X) {
    std::string P = layer(L);
    auto To = projections(S, C);
    Coding In = coding(P + "mlp_in",
                       norm(P + "post_attention_layernorm",
                            layerName(L) + "post_attention_layernorm", X));
    Value Gate = project(L, To[4], In, P + "mlp.gate_proj", Along::Nothing)[0];
    Value Up = project(L, To[5], In, P + "mlp.up_proj", Along::Nothing)[0];
    auto Z =
        population(P + "mlp.product", S.Hidden,
                   Options.Dense ? Along::Nothing : Along::Negative, {Gate, Up},
                   {}, [](ProgramBuilder &B, ValueRange In, ValueRange) {
                     return B.mul(B.silu(In[0]), In[1]);
                   });
    auto Sum = project(L, To[6], coding(P + "down_in", {Z[0], Z.back()}),
                       P + "x2", Along::Square, {}, X.X);
    return {Sum[0], Sum[1]};
  }
};
} // namespace

Result<OwningOpRef<ModuleOp>>
models::importSpikeLlm(MLIRContext *Context, const checkpoint::Checkpoint &From,
                       const SpikeLlmOptions &Options) {
  Result<NetworkShape> Shape = inferLlamaShape(From, Options.Config);
  if (!Shape)
    return Shape.errors();
  SpikeLlmOptions Whole = Options;
  if (!Options.Dense) {
    Result<ChannelMasks> Masks =
        readMasks(From, *Shape, Options.Config, Options.LowMasks);
    if (!Masks)
      return Masks.errors();
    Whole.LowMasks = std::move(*Masks);
    Whole.Config.SalientMemory = !Whole.LowMasks.empty();
  }
  return Importer(Context, From, *Shape, Whole).build();
}
