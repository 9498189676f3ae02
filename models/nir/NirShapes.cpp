//===- models/nir/NirShapes.cpp - What shape everything has ---------------===//
//
// Shapes are worked out from the nodes' own parameters and handed on along the
// edges; what a file says of them besides is only compared. Not taken over from
// the reference: it uses one kernel size for both axes, the channels of one
// group for all, and leaves the stride out with `same`.
//
//===----------------------------------------------------------------------===//

#include "models/nir/NirSteps.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>

namespace synfire::nir {

namespace {

int64_t count(const Shape &S) {
  int64_t N = 1;
  for (int64_t Size : S)
    N *= Size;
  return N;
}

Shape withoutOnes(Shape S) {
  std::erase(S, 1);
  return S;
}

class Inference {
public:
  Inference(const std::string &FileName, Graph &G)
      : FileName(FileName), G(G), Known(G.Nodes.size(), false),
        Targets(G.Nodes.size()) {
    for (Edge E : G.Edges)
      Targets[E.From].push_back(E.To);
  }

  Status run();
  void comparePorts(const std::vector<DissolvedPort> &Ports);

private:
  Error fail(const Node &N, std::string_view Text) const {
    return Error{
        FileName, "nir-shape",
        fmt::format("node {} ({}): {}", quoted(N.Name), name(N.K), Text)};
  }
  /// In of a node that says it itself.
  std::optional<Shape> ownInput(const Node &N) const;
  /// The shape of \p N's parameters if they have more than one element.
  std::optional<Shape> parameterShape(const Node &N) const;
  Status outputOf(Node &N) const;
  Status convolve(const Convolution &C, Node &N) const;
  Status settle(uint32_t I, Shape In);
  Status spread();
  Status compareEdges();

  const std::string &FileName;
  Graph &G;
  std::vector<bool> Known;
  std::vector<std::vector<uint32_t>> Targets;
  std::deque<uint32_t> Queue;
};

std::optional<Shape> Inference::parameterShape(const Node &N) const {
  if (const auto *E = std::get_if<Elementwise>(&N.Is)) {
    if (E->By.Data.size() > 1)
      return E->By.Dims;
    return std::nullopt;
  }
  const auto &P = std::get<Neuron>(N.Is);
  for (const Values *V :
       {&P.R, &P.Tau, &P.TauSyn, &P.VLeak, &P.VThreshold, &P.VReset, &P.WIn})
    if (V->Data.size() > 1)
      return V->Dims;
  return std::nullopt;
}

std::optional<Shape> Inference::ownInput(const Node &N) const {
  if (N.K == Kind::Input && !std::get<Port>(N.Is).Declared.empty())
    return std::get<Port>(N.Is).Declared;
  if (const auto *D = std::get_if<Dense>(&N.Is)) {
    Shape S = D->W.Dims;
    S.erase(S.end() - 2);
    return S;
  }
  if (const auto *C = std::get_if<Convolution>(&N.Is)) {
    if (!C->InputSize)
      return std::nullopt;
    Shape S = *C->InputSize;
    S.insert(S.begin(), C->W.Dims[1] * C->Groups);
    return S;
  }
  if (const auto *F = std::get_if<Flattening>(&N.Is))
    return F->InputType;
  if (std::holds_alternative<Elementwise>(N.Is) ||
      std::holds_alternative<Neuron>(N.Is))
    return parameterShape(N);
  return std::nullopt;
}

/// Outputs along one axis; 0 if the kernel does not fit in.
int64_t windows(int64_t Size, int64_t Padding, int64_t Reach, int64_t Stride) {
  int64_t Room = Size + Padding - Reach;
  return Room < 0 ? 0 : Room / Stride + 1;
}

Status Inference::convolve(const Convolution &C, Node &N) const {
  size_t NumAxes = C.Stride.size();
  if (N.In.size() != NumAxes + 1 || N.In[0] != C.W.Dims[1] * C.Groups)
    return fail(N, fmt::format("its input has shape {}, its weight {} with {} "
                               "groups reads {} channels and {} axes",
                               formatShape(N.In), formatShape(C.W.Dims),
                               C.Groups, C.W.Dims[1] * C.Groups, NumAxes));
  N.Out = {C.W.Dims[0]};
  for (size_t A = 0; A != NumAxes; ++A)
    N.Out.push_back(windows(N.In[A + 1], C.PadBefore[A] + C.PadAfter[A],
                            C.Dilation[A] * (C.W.Dims[A + 2] - 1) + 1,
                            C.Stride[A]));
  return {};
}

Status Inference::outputOf(Node &N) const {
  N.Out = N.In;
  if (const auto *D = std::get_if<Dense>(&N.Is)) {
    N.Out.back() = D->W.Dims[D->W.Dims.size() - 2];
  } else if (const auto *C = std::get_if<Convolution>(&N.Is)) {
    if (Status S = convolve(*C, N); !S)
      return S;
  } else if (const auto *P = std::get_if<Pooling>(&N.Is)) {
    if (N.In.size() != 3)
      return fail(N, fmt::format("its input has shape {}; channels, height and "
                                 "width are expected",
                                 formatShape(N.In)));
    for (size_t A = 0; A != 2; ++A)
      N.Out[A + 1] =
          windows(N.In[A + 1], 2 * P->Padding[A], P->Kernel[A], P->Stride[A]);
  } else if (auto *F = std::get_if<Flattening>(&N.Is)) {
    auto Rank = static_cast<int64_t>(N.In.size());
    auto resolve = [&](int64_t Axis) { return Axis < 0 ? Axis + Rank : Axis; };
    int64_t First = resolve(F->First), Last = resolve(F->Last);
    if (First < 0 || Last < First || Last >= Rank)
      return fail(N, fmt::format("axes {} to {} of an input of shape {}",
                                 F->First, F->Last, formatShape(N.In)));
    F->First = First;
    F->Last = Last;
    auto Begin = N.In.begin() + First, End = N.In.begin() + Last + 1;
    N.Out.assign(N.In.begin(), Begin);
    N.Out.push_back(count(Shape(Begin, End)));
    N.Out.insert(N.Out.end(), End, N.In.end());
  }
  int64_t Count = 1;
  for (int64_t Size : N.Out)
    if (Size < 1 || __builtin_mul_overflow(Count, Size, &Count) ||
        Count > MaxNodeElements)
      return fail(N, fmt::format("it makes shape {} of {}; 1 to {} elements "
                                 "are read (a kernel larger than its input "
                                 "makes none)",
                                 formatShape(N.Out), formatShape(N.In),
                                 MaxNodeElements));
  return {};
}

Status Inference::settle(uint32_t I, Shape In) {
  Node &N = G.Nodes[I];
  int64_t Count = 1;
  for (int64_t Size : In)
    if (Size < 1 || __builtin_mul_overflow(Count, Size, &Count) ||
        Count > MaxNodeElements)
      return fail(N, fmt::format("an input of shape {}; 1 to {} elements are "
                                 "read",
                                 formatShape(In), MaxNodeElements));
  N.In = std::move(In);
  Known[I] = true;
  Queue.push_back(I);
  return outputOf(N);
}

Status Inference::spread() {
  while (!Queue.empty()) {
    uint32_t I = Queue.front();
    Queue.pop_front();
    for (uint32_t To : Targets[I])
      if (!Known[To])
        if (Status S = settle(To, G.Nodes[I].Out); !S)
          return S;
  }
  return {};
}

Status Inference::run() {
  for (uint32_t I = 0; I != G.Nodes.size(); ++I)
    if (std::optional<Shape> Own = ownInput(G.Nodes[I]))
      if (Status S = settle(I, std::move(*Own)); !S)
        return S;
  if (Status S = spread(); !S)
    return S;
  // Inputs that were inserted take their reader's shape.
  for (Edge E : G.Edges)
    if (!Known[E.From] && Known[E.To] && G.Nodes[E.From].K == Kind::Input)
      if (Status S = settle(E.From, G.Nodes[E.To].In); !S)
        return S;
  if (Status S = spread(); !S)
    return S;
  // Parameters of one element, and nothing before them tells more.
  for (uint32_t I : G.Order) {
    Node &N = G.Nodes[I];
    if (Known[I] || !isNeuron(N.K))
      continue;
    Shape Own = std::get<Neuron>(N.Is).R.Dims;
    Status S = settle(I, Own.empty() ? Shape{1} : Own);
    if (S)
      S = spread();
    if (!S)
      return S;
  }
  for (Edge E : G.Edges)
    if (!Known[E.From] && Known[E.To] && G.Nodes[E.From].K == Kind::Input)
      if (Status S = settle(E.From, G.Nodes[E.To].In); !S)
        return S;
  for (uint32_t I = 0; I != G.Nodes.size(); ++I)
    if (!Known[I])
      return fail(G.Nodes[I], "nothing tells its shape: no Input with a shape "
                              "leads to it");
  return compareEdges();
}

Status Inference::compareEdges() {
  auto take = [&](Node &Marker, const Shape &S, Edge E) {
    G.Notes.push_back({FileName, "nir-shape",
                       fmt::format("edge {}: {} says shape {}, {} holds",
                                   edgeText(G, E), quoted(Marker.Name),
                                   formatShape(Marker.Out), formatShape(S))});
    Marker.In = Marker.Out = S;
  };
  Errors All;
  for (Edge E : G.Edges) {
    Node &From = G.Nodes[E.From], &To = G.Nodes[E.To];
    if (To.K == Kind::Output) {
      const Shape &Declared = std::get<Port>(To.Is).Declared;
      if (To.In == From.Out && (Declared.empty() || Declared == From.Out))
        continue;
      if (To.In == From.Out && withoutOnes(Declared) == withoutOnes(From.Out)) {
        To.Out = Declared;
        take(To, From.Out, E);
        continue;
      }
      if (To.In == From.Out)
        To.In = Declared;
    }
    if (From.Out == To.In)
      continue;
    if (From.K == Kind::Input && Targets[E.From].size() == 1 &&
        withoutOnes(From.Out) == withoutOnes(To.In)) {
      take(From, To.In, E);
      continue;
    }
    bool SameCount = count(From.Out) == count(To.In);
    All.push_back(
        {FileName, "nir-shape",
         fmt::format("edge {}: the source yields shape {}, the "
                     "target ({}) reads {}{}",
                     edgeText(G, E), formatShape(From.Out), name(To.K),
                     formatShape(To.In),
                     SameCount ? "; a Flatten between them would fit" : "")});
    if (All.size() == 20)
      break;
  }
  if (!All.empty())
    return All;
  // Only now, so that a conflict is not preceded by a note on its cause.
  for (const Node &N : G.Nodes)
    if (isNeuron(N.K) && !parameterShape(N) && count(N.In) > 1)
      G.Notes.push_back(
          {FileName, "nir-broadcast",
           fmt::format("node {} ({}): its parameters have one "
                       "element and stand for all of {}",
                       quoted(N.Name), name(N.K), formatShape(N.In))});
  return {};
}

void Inference::comparePorts(const std::vector<DissolvedPort> &Ports) {
  for (const DissolvedPort &P : Ports)
    for (uint32_t From : P.Sources)
      if (!P.Declared.empty() && P.Declared != G.Nodes[From].Out)
        G.Notes.push_back(
            {FileName, "nir-shape",
             fmt::format("edge {} -> {}: the subgraph's port says shape {}, "
                         "the source yields {}, which holds",
                         quoted(G.Nodes[From].Name), quoted(P.Name),
                         formatShape(P.Declared),
                         formatShape(G.Nodes[From].Out))});
}

} // namespace

Status inferShapes(const std::string &FileName,
                   const std::vector<DissolvedPort> &Ports, Graph &G) {
  Inference I(FileName, G);
  if (Status S = I.run(); !S)
    return S;
  I.comparePorts(Ports);
  return {};
}

} // namespace synfire::nir
