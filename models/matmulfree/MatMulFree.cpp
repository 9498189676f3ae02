//===- MatMulFree.cpp - MatMul-free LM -> spike IR ------------------------===//
//
// The equations of docs/models.md, section MatMul-free LM, in their order. Two
// norms that follow each other are one (`Chain`): the outer root mean square
// cancels but for its epsilon, so both sums are taken at once.
//
//===----------------------------------------------------------------------===//

#include "models/matmulfree/MatMulFree.h"

#include "models/network/NetworkBuilder.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

using namespace mlir;
using namespace synfire;
using namespace synfire::models;

namespace {
constexpr float NormEpsilon = 1e-6f;
/// Smallest mean magnitude that a ternary matrix is scaled by.
constexpr float LeastMagnitude = 1e-5f;

class Importer {
public:
  Importer(MLIRContext *Context, const checkpoint::Checkpoint &From,
           const NetworkShape &Shape)
      : N(Context, "matmulfree", From), From(From), S(Shape) {}

  Result<OwningOpRef<ModuleOp>> build() {
    Value X = embedding();
    for (int64_t L = 0; L < S.Layers; ++L) {
      std::string P = fmt::format("layers.{}.", L);
      Value O = linear(P + "attn.o_proj", mixer(L, P, X), S.Width);
      X = residual(P + "x1", X, O);
      Value Z = linear(P + "mlp.down_proj", gatedUnit(P, X), S.Width);
      X = residual(P + "x2", X, Z);
    }
    Value In = normed("lm_head", "norm", {"lm_head"}, X)[0];
    N.output("logits", N.linear("lm_head", In,
                                ternary("lm_head.weight", S.Vocabulary, 0,
                                        S.Vocabulary)));
    return N.finish();
  }

private:
  NetworkBuilder N;
  const checkpoint::Checkpoint &From;
  NetworkShape S;

  Type real() { return N.currents(S.Width); }

  /// The parameter \p Name of the model, which is a vector.
  Value vector(const std::string &Name, int64_t Size) {
    return N.weight("model." + Name + ".weight", {Size});
  }
  /// The gain of the norm that belongs to a linear.
  Value gain(const std::string &Linear, int64_t Size) {
    return N.weight(tensor(Linear) + ".norm.weight", {Size});
  }
  static std::string tensor(const std::string &Linear) {
    return Linear == "lm_head" ? Linear : "model." + Linear;
  }

  /// Rows [First, First + Rows) of T(W): a * clip(round(W / a), -1, 1), with a
  /// the mean magnitude of the whole tensor of \p OfRows rows.
  Value ternary(const std::string &Name, int64_t OfRows, int64_t First,
                int64_t Rows) {
    const checkpoint::Tensor *T = From.find(Name);
    int64_t Cols = T && T->Shape.size() == 2 ? T->Shape[1] : 1;
    Value W = Rows == OfRows ? N.weight(Name, {Rows, Cols})
                             : N.weightRows(Name, First, {Rows, Cols});
    float A = T ? meanMagnitude(*T) : 1.0f;
    return N.derive(Name, W, [&](ProgramBuilder &P, ValueRange In) {
      Value Scale = P.constant(A);
      Value Nearest = P.round(P.div(In[0], Scale));
      Value Clipped =
          P.max(P.min(Nearest, P.constant(1.0f)), P.constant(-1.0f));
      return P.mul(Clipped, Scale);
    });
  }
  /// Accumulated in binary64; NaN, which is told elsewhere, passes through.
  float meanMagnitude(const checkpoint::Tensor &T) {
    auto Values = From.readFloats(T);
    if (!Values || Values->empty())
      return 1.0f;
    double Sum = 0;
    for (float V : *Values)
      Sum += static_cast<double>(std::fabs(V));
    return std::max(
        static_cast<float>(Sum / static_cast<double>(Values->size())),
        LeastMagnitude);
  }

  /// BL without its norm and activation: T(W) times what is \p In.
  Value linear(const std::string &Name, Value In, int64_t Targets) {
    return N.linear(Name, In,
                    ternary(tensor(Name) + ".weight", Targets, 0, Targets));
  }

  /// x = E[token]. The table is the matrix of a linear on the one event of the
  /// token, since its rows are real numbers.
  Value embedding() {
    Value Tokens = N.input("tokens", S.Vocabulary);
    Value Row = N.linear(
        "embeddings", Tokens,
        N.transposedWeight("model.embeddings.weight", S.Width, S.Vocabulary));
    return N.population(
        {"x0"}, {real()}, {Row}, {}, {},
        [](ProgramBuilder &, ValueRange In, ValueRange, ValueRange) {
          return ProgramResults{{In[0]}, {}};
        })[0];
  }

  Value residual(const std::string &Name, Value X, Value Sums) {
    return N.population(
        {Name}, {real()}, {X, Sums}, {}, {},
        [](ProgramBuilder &P, ValueRange In, ValueRange, ValueRange) {
          return ProgramResults{{P.add(In[0], In[1])}, {}};
        })[0];
  }

  /// What N(y / rms(x)) multiplies y by: 1 / sqrt(mean(y^2) + e (mean(x^2) +
  /// e)), from the sums of squares of \p Of values.
  Value chainScale(const std::string &Name, Value SquaresOfX, Value SquaresOfY,
                   int64_t Of) {
    Value Inner = N.sum(Name + ".s0", SquaresOfX);
    Value Outer = N.sum(Name + ".s1", SquaresOfY);
    return N.population(
        {Name + ".scale"}, {N.currents(1)}, {Inner, Outer}, {}, {},
        [&](ProgramBuilder &P, ValueRange In, ValueRange, ValueRange) {
          Value Count = P.constant(static_cast<float>(Of));
          Value Epsilon = P.constant(NormEpsilon);
          Value Rest = P.mul(Epsilon, P.add(P.div(In[0], Count), Epsilon));
          return ProgramResults{{P.rsqrt(P.add(P.div(In[1], Count), Rest))},
                                {}};
        })[0];
  }

  /// N(N(x; \p Norm); gain of each linear): what the linears read.
  ResultRange normed(const std::string &Name, const std::string &Norm,
                     const std::vector<std::string> &Linears, Value X) {
    Value Gain = vector(Norm, S.Width);
    auto Squares = N.population(
        {Name + ".sq0", Name + ".sq1"}, {real(), real()}, {X}, {Gain}, {},
        [](ProgramBuilder &P, ValueRange In, ValueRange Par, ValueRange) {
          Value Y = P.mul(In[0], Par[0]);
          return ProgramResults{{P.mul(In[0], In[0]), P.mul(Y, Y)}, {}};
        });
    Value Scale = chainScale(Name, Squares[0], Squares[1], S.Width);
    std::vector<std::string> Names;
    SmallVector<Value> Gains = {Gain};
    for (const std::string &Linear : Linears) {
      Names.push_back(Linear + ".in");
      Gains.push_back(gain(Linear, S.Width));
    }
    return N.population(
        Names, SmallVector<Type>(Linears.size(), real()), {X, Scale}, Gains, {},
        [](ProgramBuilder &P, ValueRange In, ValueRange Par, ValueRange) {
          ProgramResults R;
          for (Value G : Par.drop_front())
            R.Results.push_back(
                P.mul(P.mul(In[0], P.mul(Par.front(), G)), In[1]));
          return R;
        });
  }

  /// o, normed for the output projection:
  ///   f = b + (1 - b) sigmoid(r);  h = f h + (1 - f) SiLU(i)
  ///   o = N(g; g_norm) * h * sigmoid(h)
  Value mixer(int64_t L, const std::string &P, Value X) {
    std::string A = P + "attn.";
    auto In = normed(P + "attn", P + "attn_norm",
                     {A + "i_proj", A + "f_proj", A + "g_proj"}, X);
    SmallVector<Value> Sums;
    for (auto [Name, Value] :
         llvm::zip(std::array{"i_proj", "f_proj", "g_proj"}, In))
      Sums.push_back(linear(A + Name, Value, S.Width));
    SmallVector<Value> Params = {vector(A + "g_norm", S.Width)};
    if (L > 0)
      Params.push_back(lowerBound(L));
    auto Gated = N.population(
        {A + "o", A + "g_sq", A + "o_sq"}, {real(), real(), real()}, Sums,
        Params, {0.0f},
        [](ProgramBuilder &B, ValueRange In, ValueRange Par, ValueRange St) {
          Value One = B.constant(1.0f), Forget = B.sigmoid(In[1]), G = In[2];
          if (Par.size() > 1)
            Forget = B.add(Par[1], B.mul(B.sub(One, Par[1]), Forget));
          Value H = B.add(B.mul(Forget, St[0]),
                          B.mul(B.sub(One, Forget), B.silu(In[0])));
          Value O = B.mul(B.mul(G, Par[0]), B.silu(H));
          return ProgramResults{{O, B.mul(G, G), B.mul(O, O)}, {H}};
        });
    Value Scale = chainScale(A + "o_norm", Gated[1], Gated[2], S.Width);
    return scaled(A + "o_proj", Gated[0], Scale, S.Width);
  }

  /// b_l = p_1 + .. + p_l, p the softmax of lower_bounds over the blocks.
  Value lowerBound(int64_t L) {
    SmallVector<Value> Bounds;
    for (int64_t Block = 0; Block < S.Layers; ++Block)
      Bounds.push_back(N.weightRows("model.lower_bounds", Block, {S.Width}));
    return N.derive(fmt::format("lower_bound.{}", L), Bounds,
                    [&](ProgramBuilder &P, ValueRange In) {
                      Value Largest = In.front(), All = P.constant(0.0f),
                            Mine = P.constant(0.0f);
                      for (Value V : In.drop_front())
                        Largest = P.max(Largest, V);
                      for (auto [Block, V] : llvm::enumerate(In)) {
                        Value E = P.exp(P.sub(V, Largest));
                        All = P.add(All, E);
                        if (Block >= 1 && static_cast<int64_t>(Block) <= L)
                          Mine = P.add(Mine, E);
                      }
                      return P.div(Mine, All);
                    });
  }

  /// Values times the scale of their norm times the gain of the linear that
  /// reads them.
  Value scaled(const std::string &Linear, Value Values, Value Scale,
               int64_t Size) {
    return N.population(
        {Linear + ".in"}, {N.currents(Size)}, {Values, Scale},
        {gain(Linear, Size)}, {},
        [](ProgramBuilder &P, ValueRange In, ValueRange Par, ValueRange) {
          return ProgramResults{{P.mul(P.mul(In[0], Par[0]), In[1])}, {}};
        })[0];
  }

  /// z = SiLU(p) * y, normed for the down projection; p and y are the halves of
  /// the gate projection.
  Value gatedUnit(const std::string &P, Value X) {
    int64_t F = S.Hidden;
    std::string Gate = P + "mlp.gate_proj", Weight = tensor(Gate) + ".weight";
    Value In = normed(P + "mlp", P + "mlp_norm", {Gate}, X)[0];
    Value Gates = N.linear(Gate + ".p", In, ternary(Weight, 2 * F, 0, F));
    Value Values = N.linear(Gate + ".y", In, ternary(Weight, 2 * F, F, F));
    auto Z = N.population(
        {P + "mlp.z", P + "mlp.z_sq"}, {N.currents(F), N.currents(F)},
        {Gates, Values}, {}, {},
        [](ProgramBuilder &B, ValueRange In, ValueRange, ValueRange) {
          Value Product = B.mul(B.silu(In[0]), In[1]);
          return ProgramResults{{Product, B.mul(Product, Product)}, {}};
        });
    Value Scale =
        N.rootMeanSquare(P + "mlp.z_norm", Z[1], NormEpsilon).InverseDeviation;
    return scaled(P + "mlp.down_proj", Z[0], Scale, F);
  }
};
} // namespace

Result<OwningOpRef<ModuleOp>>
synfire::models::importMatMulFree(MLIRContext *Context,
                                  const checkpoint::Checkpoint &From) {
  Result<NetworkShape> Shape = inferMatMulFreeShape(From);
  if (!Shape)
    return Shape.errors();
  return Importer(Context, From, *Shape).build();
}
