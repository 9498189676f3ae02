//===- PlainRun.cpp - NIR as it is written --------------------------------===//

#include "tests/unit/nirimport/PlainRun.h"

#include <cassert>

using namespace synfire;
using namespace synfire::nir;

static size_t count(const Shape &S) {
  size_t N = 1;
  for (int64_t D : S)
    N *= D;
  return N;
}

/// One constant for all, or one each.
static double at(const std::vector<double> &V, size_t I) {
  return V.size() == 1 ? V[0] : V[I];
}

PlainRun::PlainRun(const Graph &G, const Interpretation &How)
    : G(G), How(How), Position(G.Nodes.size()), Out(G.Nodes.size()),
      V(G.Nodes.size()), Current(G.Nodes.size()), Weights(G.Nodes.size()),
      Late(G.Nodes.size()) {
  for (size_t P = 0; P != G.Order.size(); ++P)
    Position[G.Order[P]] = P;
  for (size_t I = 0; I != G.Nodes.size(); ++I) {
    const Node &N = G.Nodes[I];
    Out[I] = V[I] = Current[I] = std::vector<double>(count(N.Out));
    if (const auto *D = std::get_if<Dense>(&N.Is))
      Weights[I] = *G.weights(D->W);
    if (const auto *C = std::get_if<Convolution>(&N.Is))
      Weights[I] = *G.weights(C->W);
    const int64_t Steps = N.K == Kind::Delay ? (*delaySteps(N, How, "x"))[0]
                          : isSpiking(N.K)   ? How.SpikeDelay
                                             : 0;
    Late[I].assign(Steps, std::vector<double>(count(N.Out)));
  }
  // Before the first step nothing was sent, but biases were there.
  Last = Out;
  for (uint32_t I : G.Order)
    if (!isNeuron(G.Nodes[I].K) && G.Nodes[I].K != Kind::Delay &&
        G.Nodes[I].K != Kind::Input && G.Nodes[I].K != Kind::Threshold)
      Out[I] = linear(I, arriving(I));
}

std::vector<double> PlainRun::arriving(size_t I) const {
  std::vector<double> X(count(G.Nodes[I].In));
  for (Edge E : G.Edges)
    if (E.To == I) {
      const bool Closes = Position[E.From] >= Position[I];
      const std::vector<double> &From = Closes ? Last[E.From] : Out[E.From];
      for (size_t K = 0; K != X.size(); ++K)
        X[K] += From[K];
    }
  return X;
}

std::vector<double> PlainRun::linear(size_t I,
                                     const std::vector<double> &X) const {
  const Node &N = G.Nodes[I];
  std::vector<double> Y(count(N.Out));
  if (N.K == Kind::Flatten || N.K == Kind::Output)
    return X;
  if (N.K == Kind::Scale) {
    for (size_t K = 0; K != X.size(); ++K)
      Y[K] = X[K] * at(std::get<Elementwise>(N.Is).By.Data, K);
    return Y;
  }
  if (const auto *D = std::get_if<Dense>(&N.Is)) {
    for (size_t To = 0; To != Y.size(); ++To) {
      Y[To] = D->Bias.empty() ? 0 : D->Bias.Data[To];
      for (size_t From = 0; From != X.size(); ++From)
        Y[To] += double(Weights[I][To * X.size() + From]) * X[From];
    }
    return Y;
  }
  const auto *C = std::get_if<Convolution>(&N.Is);
  const auto *P = std::get_if<Pooling>(&N.Is);
  assert(C || P);
  auto pair = [](const Shape &S, int64_t First) {
    return S.size() == 1 ? Shape{First, S[0]} : S;
  };
  auto planes = [](const Shape &S) {
    return S.size() == 2 ? Shape{S[0], 1, S[1]} : S;
  };
  const Shape In = planes(N.In), To = planes(N.Out);
  const Shape Size =
      P ? P->Kernel : pair({C->W.Dims.begin() + 2, C->W.Dims.end()}, 1);
  const Shape Stride = P ? P->Stride : pair(C->Stride, 1);
  const Shape Pad = P ? P->Padding : pair(C->PadBefore, 0);
  const Shape Dilation = P ? Shape{1, 1} : pair(C->Dilation, 1);
  const int64_t Groups = P ? In[0] : C->Groups;
  const int64_t Inner = In[0] / Groups, Outer = To[0] / Groups;
  const double Unit = N.K == Kind::AvgPool2d ? 1.0 / (Size[0] * Size[1]) : 1;
  size_t Next = 0;
  for (int64_t K = 0; K != To[0]; ++K)
    for (int64_t Y0 = 0; Y0 != To[1]; ++Y0)
      for (int64_t X0 = 0; X0 != To[2]; ++X0) {
        double &Sum = Y[Next++];
        Sum = C && !C->Bias.empty() ? C->Bias.Data[K] : 0;
        for (int64_t J = 0; J != Inner; ++J)
          for (int64_t Ky = 0; Ky != Size[0]; ++Ky)
            for (int64_t Kx = 0; Kx != Size[1]; ++Kx) {
              const int64_t Sy = Y0 * Stride[0] - Pad[0] + Ky * Dilation[0];
              const int64_t Sx = X0 * Stride[1] - Pad[1] + Kx * Dilation[1];
              if (Sy < 0 || Sx < 0 || Sy >= In[1] || Sx >= In[2])
                continue;
              const double W =
                  P ? Unit
                    : Weights[I]
                             [((K * Inner + J) * Size[0] + Ky) * Size[1] + Kx];
              const int64_t From = K / Outer * Inner + J;
              Sum += W * X[(From * In[1] + Sy) * In[2] + Sx];
            }
      }
  return Y;
}

std::vector<double> PlainRun::neurons(size_t I, const std::vector<double> &X) {
  const Node &N = G.Nodes[I];
  const NeuronStep S = *discretize(N, How, "x");
  std::vector<double> Spikes(X.size());
  const bool ResetsLate = How.ResetWithSpike && How.SpikeDelay;
  for (size_t K = 0; K != X.size(); ++K) {
    double Drawn = X[K];
    if (!S.SynDecay.empty()) {
      const double Before = Current[I][K];
      Current[I][K] = at(S.SynDecay, K) * Before + at(S.SynGain, K) * X[K];
      Drawn = How.CurrentFirst ? Current[I][K] : Before;
    }
    double &M = V[I][K];
    M = at(S.Decay, K) * M + at(S.Drive, K) + at(S.Gain, K) * Drawn;
    if (S.Threshold.empty())
      continue;
    auto reset = [&] {
      M = S.ResetTo.empty() ? M - at(S.Threshold, K) : at(S.ResetTo, K);
    };
    if (ResetsLate && Late[I].front()[K] != 0)
      reset();
    Spikes[K] = M > at(S.Threshold, K);
    if (!ResetsLate && Spikes[K] != 0)
      reset();
  }
  return S.Threshold.empty() ? V[I] : Spikes;
}

void PlainRun::step(const std::vector<double> &Input) {
  Last = Out;
  for (uint32_t I : G.Order) {
    const Node &N = G.Nodes[I];
    if (N.K == Kind::Input) {
      Out[I] = Input;
      continue;
    }
    const std::vector<double> X = arriving(I);
    if (N.K == Kind::Threshold) {
      for (size_t K = 0; K != X.size(); ++K)
        Out[I][K] = X[K] > at(std::get<Elementwise>(N.Is).By.Data, K);
      continue;
    }
    if (!isNeuron(N.K) && N.K != Kind::Delay) {
      Out[I] = linear(I, X);
      continue;
    }
    Late[I].push_back(isNeuron(N.K) ? neurons(I, X) : X);
    Out[I] = Late[I].front();
    Late[I].pop_front();
  }
}
