//===- SanaImport.cpp - SANA-FE -> spike IR -------------------------------===//

#include "models/sanafe/SanaImport.h"

#include "dialects/spike/Wishes.h"
#include "models/sanafe/SanaProgram.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <tuple>

using namespace mlir;
using namespace synfire;
using namespace synfire::models;
using sanafe::Group;
using sanafe::NeuronKind;
using sanafe::Projection;
using sanafe::SanaNet;

namespace {
/// Largest magnitude of a code of 8 bits.
constexpr double MostCode = 127;
/// Neurons are told apart by the cores that they reach up to this many pieces.
constexpr size_t MostPieces = 1 << 14;
constexpr uint32_t NoPiece = ~0u;
/// The network's input of events.
constexpr const char *InputsName = "inputs";

/// Neurons of a group that are one population.
struct Piece {
  uint32_t Group = 0, Core = sanafe::NoCore;
  std::string Name;
  std::vector<uint32_t> Neurons; ///< places in the group, ascending
  std::vector<SanaTerm> Terms;
  Value Spikes;
};

/// Synapses between two pieces, or from all inputs to one: [target, source].
struct Block {
  uint32_t Columns = 0, Rows = 0;
  std::vector<float> Weights;
};

class Importer {
public:
  Importer(MLIRContext *Context, SanaNet &Net, const SanaOptions &Options)
      : Net(Net), Options(Options), G(Context, "sanafe", Net.File, {}) {}
  Result<OwningOpRef<ModuleOp>> run();

private:
  void findInputs();
  std::vector<std::set<uint32_t>> reached(uint32_t Group) const;
  void cut(bool ByReach);
  void name();
  Status project(const Projection &P, size_t Number);
  Value late(uint32_t From, uint32_t Delay);
  SanaTerm linear(const std::string &Name, Value From, Block &&Of);
  void populate();

  SanaNet &Net;
  const SanaOptions &Options;
  GraphBuilder G;
  std::vector<Piece> Pieces;
  /// By group and neuron: piece, or number of the input, and place in it.
  std::vector<std::vector<std::array<uint32_t, 2>>> PlaceOf;
  uint32_t NumInputs = 0;
  Value Inputs;
  /// By piece (NoPiece: the inputs) and delay.
  std::map<std::array<uint32_t, 2>, Value> Delayed;
  uint64_t Elements = 0, Rounded = 0;
};
} // namespace

void Importer::findInputs() {
  PlaceOf.resize(Net.Groups.size());
  for (uint32_t I = 0; I != Net.Groups.size(); ++I)
    PlaceOf[I].resize(Net.Groups[I].size());
  for (auto [In, I] : Net.inputs())
    PlaceOf[In][I] = {NoPiece, NumInputs++};
  if (NumInputs != 0)
    Inputs = G.eventInput(InputsName,
                          G.events(NumInputs, spike::EventKind::Binary, 1),
                          std::nullopt);
}

/// The cores that each neuron of a group reaches.
std::vector<std::set<uint32_t>> Importer::reached(uint32_t From) const {
  std::vector<std::set<uint32_t>> Out(Net.Groups[From].size());
  for (const Projection &P : Net.Projections) {
    if (P.From != From)
      continue;
    const Group &To = Net.Groups[P.To];
    if (P.Pairs.empty()) {
      const std::set<uint32_t> All(To.Cores.begin(), To.Cores.end());
      for (auto &Of : Out)
        Of.insert(All.begin(), All.end());
    }
    for (auto [S, T] : P.Pairs)
      Out[S].insert(To.Cores[T]);
  }
  return Out;
}

/// Gathers the neurons of each group that can be one population.
void Importer::cut(bool ByReach) {
  Pieces.clear();
  for (uint32_t I = 0; I != Net.Groups.size(); ++I) {
    const Group &Of = Net.Groups[I];
    std::vector<std::set<uint32_t>> Reached;
    if (ByReach)
      Reached = reached(I);
    // What a population has in common; Rests only where it matters.
    using Key =
        std::tuple<uint32_t, int, int, double, bool, std::set<uint32_t>>;
    std::map<Key, uint32_t> Known;
    for (uint32_t N = 0; N != Of.size(); ++N) {
      const NeuronKind &K = Net.Kinds[Of.Kinds[N]];
      if (K.IsInput)
        continue;
      const uint32_t Core = Net.IsMapped ? Of.Cores[N] : sanafe::NoCore;
      auto [It, New] = Known.try_emplace(
          {Core, static_cast<int>(K.OnSpike), static_cast<int>(K.OnReverse),
           K.Potential, K.Refractory > 1,
           ByReach ? Reached[N] : std::set<uint32_t>()},
          static_cast<uint32_t>(Pieces.size()));
      if (New)
        Pieces.push_back({I, Core, "", {}, {}, {}});
      Piece &P = Pieces[It->second];
      PlaceOf[I][N] = {It->second, static_cast<uint32_t>(P.Neurons.size())};
      P.Neurons.push_back(N);
    }
  }
}

void Importer::name() {
  std::map<uint32_t, uint32_t> OfGroup;
  std::map<std::array<uint32_t, 2>, uint32_t> OfCore;
  for (const Piece &P : Pieces)
    ++OfGroup[P.Group];
  for (Piece &P : Pieces) {
    P.Name = Net.Groups[P.Group].Name;
    if (OfGroup[P.Group] == 1) {
      if (P.Name == InputsName && NumInputs != 0)
        P.Name += "/0";
      continue;
    }
    if (P.Core != sanafe::NoCore)
      P.Name += fmt::format("@{}.{}", P.Core >> 4, P.Core & 15);
    if (const uint32_t Before = OfCore[{P.Group, P.Core}]++; Before != 0)
      P.Name += fmt::format("/{}", Before);
  }
}

/// What a piece (or the inputs) sent \p Delay steps ago.
Value Importer::late(uint32_t From, uint32_t Delay) {
  Value &V = Delayed[{From, Delay}];
  if (!V && From == NoPiece)
    V = G.delay(Inputs, Delay);
  else if (!V)
    V = G.laterDelay(G.events(static_cast<int64_t>(Pieces[From].Neurons.size()),
                              spike::EventKind::Binary, 1),
                     Delay);
  return V;
}

/// The unit that all \p Weights are whole multiples of, none of more than 127:
/// one of 1/64, or the smallest of them; 0 when there is none.
static double unitOf(const std::vector<float> &Weights) {
  constexpr double Grid = 64, Nearly = 1e-6;
  double Least = INFINITY, Most = 0;
  int64_t Common = 0;
  bool OnGrid = true;
  for (float W : Weights) {
    const double Size = std::abs(static_cast<double>(W));
    if (Size == 0)
      continue;
    Least = std::min(Least, Size);
    Most = std::max(Most, Size);
    OnGrid =
        OnGrid && Size * Grid == std::floor(Size * Grid) && Size * Grid < 1e9;
    if (OnGrid)
      Common = std::gcd(Common, static_cast<int64_t>(Size * Grid));
  }
  if (Most == 0)
    return 1;
  if (OnGrid && Most * Grid <= MostCode * static_cast<double>(Common))
    return static_cast<double>(Common) / Grid;
  if (Most > MostCode * Least * (1 + Nearly))
    return 0;
  for (float W : Weights) {
    const double Times = static_cast<double>(W) / Least;
    if (std::abs(Times - std::round(Times)) > Nearly)
      return 0;
  }
  return Least;
}

SanaTerm Importer::linear(const std::string &Name, Value From, Block &&Of) {
  const double Unit = unitOf(Of.Weights);
  double Most = 0;
  for (float W : Of.Weights)
    Most = std::max(Most, std::abs(static_cast<double>(W)));
  LayerWeights W{Name + ".weight",
                 {Of.Columns, Of.Rows, 1, 1},
                 std::nullopt,
                 std::move(Of.Weights)};
  Value Matrix = G.matrix(W);
  SanaTerm T;
  if (Unit == 0) {
    Rounded += W.Values.size();
    T.Sums = G.linear(Name, From, Matrix);
    return T;
  }
  T.Factor = Unit;
  T.IsInteger = true;
  T.Largest = std::round(Most / Unit) * Of.Rows;
  // Codes of 8 bits: the chip stores no others.
  T.Sums = G.linear(Name, From,
                    G.codes(Matrix, static_cast<float>(Unit), /*Bits=*/8));
  // The factor of the codes is in the program.
  return T;
}

Status Importer::project(const Projection &P, size_t Number) {
  const Group &To = Net.Groups[P.To];
  std::map<std::array<uint32_t, 2>, Block> Blocks; // source and target piece
  for (size_t I = 0; I != P.Weights.size(); ++I) {
    const uint32_t S =
        P.Pairs.empty() ? static_cast<uint32_t>(I / To.size()) : P.Pairs[I][0];
    const uint32_t T =
        P.Pairs.empty() ? static_cast<uint32_t>(I % To.size()) : P.Pairs[I][1];
    if (Net.isInput(P.To, T))
      continue; // of weight 0
    const auto [From, Row] = PlaceOf[P.From][S];
    const auto [Into, Column] = PlaceOf[P.To][T];
    Block &B = Blocks[{From, Into}];
    if (B.Weights.empty()) {
      B.Rows = From == NoPiece
                   ? NumInputs
                   : static_cast<uint32_t>(Pieces[From].Neurons.size());
      B.Columns = static_cast<uint32_t>(Pieces[Into].Neurons.size());
      Elements += uint64_t(B.Rows) * B.Columns;
      if (Elements > sanafe::MostSynapses)
        return Error{P.Where, "sana-import",
                     fmt::format("the matrices of the edges have more than {} "
                                 "elements; cut groups that are sparsely "
                                 "connected",
                                 sanafe::MostSynapses)};
      B.Weights.resize(uint64_t(B.Rows) * B.Columns);
    }
    B.Weights[uint64_t(Column) * B.Rows + Row] =
        static_cast<float>(P.Weights[I]);
  }
  for (auto &[Between, B] : Blocks) {
    const std::string Name = fmt::format(
        "{}->{}.{}",
        Between[0] == NoPiece ? InputsName : Pieces[Between[0]].Name,
        Pieces[Between[1]].Name, Number);
    // A spike reaches the soma one step after it was fired.
    Pieces[Between[1]].Terms.push_back(
        linear(Name, late(Between[0], P.Delay + 1), std::move(B)));
  }
  return {};
}

void Importer::populate() {
  uint64_t Real = 0;
  for (Piece &P : Pieces) {
    std::vector<const NeuronKind *> Kinds;
    for (uint32_t N : P.Neurons)
      Kinds.push_back(&Net.Kinds[Net.Groups[P.Group].Kinds[N]]);
    const bool Integer =
        llvm::all_of(Kinds, [](auto *K) { return isOnGrid(*K); }) &&
        areOnGrid(P.Terms);
    Real += Integer ? 0 : Kinds.size();
    auto Op = sanaNeurons(G, P.Name, Kinds, P.Terms, Integer);
    P.Spikes = Op.getOutputs()[0];
    if (P.Core != sanafe::NoCore && Options.MeshHeight != 0) {
      const int64_t Tile = P.Core >> 4;
      Op->setAttr(spike::OnCoreAttr,
                  G.builder().getDenseI64ArrayAttr({Tile / Options.MeshHeight,
                                                    Tile % Options.MeshHeight,
                                                    P.Core & 15}));
    }
  }
  for (auto &[Of, V] : Delayed)
    if (Of[0] != NoPiece)
      G.set(V, Pieces[Of[0]].Spikes);
  if (Real != 0)
    Net.Notes.push_back(
        fmt::format("{} neurons compute in binary32, SANA-FE in binary64: "
                    "their numbers are "
                    "no multiples of 1/64, or their decays none of 1/4096",
                    Real));
  if (Rounded != 0)
    Net.Notes.push_back(fmt::format("{} weights are rounded to codes of 8 "
                                    "bits: they are not all multiples, "
                                    "up to 127, of one number",
                                    Rounded));
}

Result<OwningOpRef<ModuleOp>> Importer::run() {
  for (const Group &Of : Net.Groups)
    for (uint32_t K : Of.Kinds)
      if (const NeuronKind &N = Net.Kinds[K];
          !N.IsInput && N.Potential != 0 && N.LeakDecay != 1)
        return Error{Net.File, "sana-import",
                     fmt::format("`{}` starts at a potential of {} and leaks; "
                                 "the first step would not leak, which no "
                                 "program here can tell",
                                 Of.Name, N.Potential)};
  findInputs();
  cut(/*ByReach=*/Net.IsMapped);
  if (Pieces.size() > MostPieces) {
    cut(/*ByReach=*/false);
    Net.Notes.push_back(
        "neurons of a core are not told apart by the cores that they reach: "
        "there are too many kinds; messages go to cores without a synapse");
  }
  if (Pieces.empty())
    return Error{Net.File, "sana-import",
                 "all neurons are inputs; nothing is left to run"};
  name();
  for (size_t I = 0; I != Net.Projections.size(); ++I)
    if (Status S = project(Net.Projections[I], I); !S)
      return S.errors();
  populate();
  return G.finish();
}

Result<OwningOpRef<ModuleOp>>
synfire::models::importSanaNet(MLIRContext *Context, SanaNet &Net,
                               const SanaOptions &Options) {
  return Importer(Context, Net, Options).run();
}
