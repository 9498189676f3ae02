//===- LavaImport.cpp - Lava-DL -> spike IR -------------------------------===//

#include "models/lavadl/LavaImport.h"

#include "dialects/spike/Wishes.h"
#include "models/network/GraphBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <fmt/format.h>

#include <bit>
#include <numeric>
#include <set>

using namespace mlir;
using namespace synfire;
using namespace synfire::models;
using lavadl::Layer;
using lavadl::LayerType;

namespace {
/// Sums and biases enter u and v with 6 fractional bits; decays have 12.
constexpr int StateShift = 6, DecayShift = 12;
/// States of Loihi 2 have 24 bits.
constexpr int64_t MostState = (int64_t(1) << 23) - 1;
constexpr int UnusedBits = 8;

/// What the layers behind it read.
struct Read {
  Value Events;
  SpatialShape Shape = {1, 1, 1}; ///< without columns that reach nobody
  /// Steps by which its spikes are late, beyond the one that all take: one for
  /// all, or one per neuron as channel, y, x.
  std::vector<int64_t> Delay = {0};
};

class Importer {
public:
  Importer(MLIRContext *Context, const lavadl::LavaNet &From,
           const std::string &Path, std::span<const uint8_t> Bytes,
           const LavaOptions &Options)
      : From(From), Path(Path), Options(Options),
        G(Context, "lavadl", Path, Bytes) {}
  Result<OwningOpRef<ModuleOp>> run();

private:
  Status addLayer(size_t I);
  Result<SmallVector<Value>> sumsOf(const Layer &L, const std::string &Name,
                                    SpatialShape To, int64_t &Factor);
  Value sum(const Layer &L, const std::string &Name, LayerWeights W,
            SpatialShape To, int64_t Factor, int64_t Bits, int64_t Delay);
  Status checkDelays(const Layer &L);
  int64_t delayOf(const Layer &L, size_t Weight) const;
  Status population(const Layer &L, const std::string &Name,
                    ArrayRef<Value> Sums, int64_t Factor, SpatialShape To,
                    bool Last);
  std::vector<float> biasOf(const Layer &L, SpatialShape To);
  int64_t neuronsOfCore(const Layer &L, SpatialShape To);
  Error cannot(const Layer &L, std::string Why) {
    return {Path + ":" + L.Path, "lava-import", std::move(Why),
            ErrorKind::BadInput};
  }

  const lavadl::LavaNet &From;
  const std::string &Path;
  const LavaOptions &Options;
  GraphBuilder G;
  Read Before;
  int64_t NumPopulations = 0;
};

/// Integer arithmetic of a program.
class Words {
public:
  Words(OpBuilder B, Location Loc) : B(B), Loc(Loc) {}
  Value constant(int64_t V) {
    return arith::ConstantOp::create(
        B, Loc, B.getI32IntegerAttr(static_cast<int32_t>(V)));
  }
  Value mul(Value L, Value R) { return arith::MulIOp::create(B, Loc, L, R); }
  Value add(Value L, Value R) { return arith::AddIOp::create(B, Loc, L, R); }
  Value shift(Value V, int64_t By) {
    return arith::ShLIOp::create(B, Loc, V, constant(By));
  }
  /// V without \p Lost / 4096 of it, cut toward zero.
  Value decayed(Value V, int64_t Lost) {
    if (Lost == 0)
      return V;
    return spike::MulShiftOp::create(
        B, Loc, B.getI32Type(), V, constant((int64_t(1) << DecayShift) - Lost),
        DecayShift, spike::Rounding::Zero);
  }
  /// The low 24 bits of V as a signed number.
  Value wrapped(Value V) {
    Value Up = shift(V, UnusedBits);
    return arith::ShRSIOp::create(B, Loc, Up, constant(UnusedBits));
  }
  Value saturated(Value V) {
    Value Low = arith::MaxSIOp::create(B, Loc, V, constant(-MostState - 1));
    return arith::MinSIOp::create(B, Loc, Low, constant(MostState));
  }
  Value above(Value L, Value R) {
    return arith::CmpIOp::create(B, Loc, arith::CmpIPredicate::sgt, L, R);
  }
  Value select(Value If, Value Yes, Value No) {
    return arith::SelectOp::create(B, Loc, If, Yes, No);
  }
  void yield(ValueRange Results, ValueRange States) {
    spike::YieldOp::create(B, Loc, Results, States);
  }

private:
  OpBuilder B;
  Location Loc;
};
} // namespace

int64_t synfire::models::blockColumns(int64_t Neurons) {
  constexpr int64_t NeuronsOfCore = 4096;
  const int64_t Most = (NeuronsOfCore - 1) / Neurons;
  return Most < 1 ? 1
                  : static_cast<int64_t>(
                        std::bit_floor(static_cast<uint64_t>(Most)));
}

/// Neurons that Intel's tools give one core: blocks of columns, and of a dense
/// layer as many parts as a core has room for words of synapses, found by
/// dividing sources, then targets (the log in models/pilotnet/traces/
/// hardware.json, fc0_split_log; a rule fitted on that one network).
int64_t Importer::neuronsOfCore(const Layer &L, SpatialShape To) {
  if (L.Type != LayerType::Dense)
    return blockColumns(To[0] * To[1]) * To[0] * To[1];
  constexpr int64_t WordsOfCore = 12000, BitsOfWord = 64;
  constexpr int64_t BitsOfSynapse = 15, BitsOfRow = 20;
  const int64_t Sources = sizeOf(Before.Shape);
  auto WordsFor = [&](int64_t Targets) {
    return Sources * ((Targets * BitsOfSynapse + BitsOfRow + BitsOfWord - 1) /
                      BitsOfWord);
  };
  int64_t Parts = 1;
  for (int64_t Words = WordsFor(To[0]); Words > WordsOfCore;) {
    Parts *= (Words + WordsOfCore - 1) / WordsOfCore;
    Words = WordsFor((To[0] + Parts - 1) / Parts);
  }
  return (To[0] + Parts - 1) / Parts;
}

/// Bias mantissas, one per neuron or one per channel.
std::vector<float> Importer::biasOf(const Layer &L, SpatialShape To) {
  if (L.Type != LayerType::Input)
    return {L.Bias.begin(), L.Bias.end()};
  if (Options.InputBias.empty())
    return {};
  // Channels first to columns first; columns beyond the last have no bias.
  std::vector<float> Out(sizeOf(To));
  const int64_t Height = L.Shape[1], Width = L.Shape[2];
  for (int64_t C = 0; C < L.Shape[0]; ++C)
    for (int64_t Y = 0; Y < Height; ++Y)
      for (int64_t X = 0; X < Width; ++X)
        Out[(X * Height + Y) * L.Shape[0] + C] =
            static_cast<float>(Options.InputBias[(C * Height + Y) * Width + X]);
  return Out;
}

/// A kernel reads whole channels: all neurons of one are as late.
Status Importer::checkDelays(const Layer &L) {
  const std::vector<int64_t> &D = Before.Delay;
  const int64_t Area = Before.Shape[1] * Before.Shape[2];
  for (size_t I = 0; L.Type == LayerType::Conv && D.size() > 1 && I != D.size();
       ++I)
    if (const size_t First = I / Area * Area; D[I] != D[First])
      return cannot(L, fmt::format("it reads channel {}, whose neurons are {} "
                                   "and {} steps late; behind a convolution "
                                   "stand channels with one delay each",
                                   I / Area, D[First], D[I]));
  return {};
}

/// Steps by which what the weight number \p Weight reads is late.
int64_t Importer::delayOf(const Layer &L, size_t Weight) const {
  const std::vector<int64_t> &D = Before.Delay;
  if (D.size() == 1)
    return D[0];
  if (L.Type == LayerType::Dense)
    return D[Weight % D.size()];
  const std::vector<int64_t> &S = L.WeightShape;
  const int64_t Kernel = S[2] * S[3],
                Out = static_cast<int64_t>(Weight) / (S[1] * Kernel);
  const int64_t Channel = Out / (S[0] / L.Groups) * S[1] +
                          static_cast<int64_t>(Weight) / Kernel % S[1];
  return D[Channel * Before.Shape[1] * Before.Shape[2]];
}

/// What arrives at \p L over the weights \p W, \p Delay steps late.
Value Importer::sum(const Layer &L, const std::string &Name, LayerWeights W,
                    SpatialShape To, int64_t Factor, int64_t Bits,
                    int64_t Delay) {
  Value Late = G.delay(Before.Events, 1 + Delay);
  const auto Unit = static_cast<float>(Factor);
  if (L.Type == LayerType::Dense)
    return G.linear(Name + ".sum", Late, G.codes(G.matrix(W), Unit, Bits));
  WindowShape Window;
  Window.From = Before.Shape;
  Window.To = To;
  Window.Size = {L.WeightShape[2], L.WeightShape[3]};
  Window.Stride = L.Stride;
  Window.Pad = L.Padding;
  Window.Dilation = L.Dilation;
  Window.Groups = L.Groups;
  return G.conv(Name + ".sum", Late, G.codes(G.kernel(W), Unit, Bits), Window);
}

/// What arrives at \p L, in units of \p Factor: its weights have that factor in
/// common. One sum for each delay of what it reads, with zeros for others.
Result<SmallVector<Value>> Importer::sumsOf(const Layer &L,
                                            const std::string &Name,
                                            SpatialShape To, int64_t &Factor) {
  int64_t Largest = 0;
  Factor = 0;
  for (int32_t W : L.Weight) {
    Factor = std::gcd(Factor, W);
    Largest = std::max<int64_t>(Largest, std::abs(int64_t(W)));
  }
  Factor = std::max<int64_t>(Factor, 1);
  constexpr int64_t MostCode = 127;
  if (Largest / Factor > MostCode)
    return cannot(L, fmt::format("weights reach {} with the common factor {}; "
                                 "codes of 8 bits hold {} times it",
                                 Largest, Factor, MostCode));
  const int64_t Bits = std::max<int64_t>(
      2, std::bit_width(static_cast<uint64_t>(Largest / Factor)) + 1);
  LayerWeights W{Name + ".weight", {}, L.Stored, {}};
  W.Shape = L.Type == LayerType::Conv
                ? std::array<int64_t, 4>{L.WeightShape[0], L.WeightShape[1],
                                         L.WeightShape[2], L.WeightShape[3]}
                : std::array<int64_t, 4>{L.Shape[0], Before.Shape[0],
                                         Before.Shape[1], Before.Shape[2]};
  if (Status S = checkDelays(L); !S)
    return S.errors();
  const std::set<int64_t> Delays(Before.Delay.begin(), Before.Delay.end());
  if (!L.Stored)
    W.Values.assign(L.Weight.begin(), L.Weight.end());
  if (Delays.size() == 1)
    return SmallVector<Value>{
        sum(L, Name, std::move(W), To, Factor, Bits, *Delays.begin())};
  SmallVector<Value> Sums;
  for (int64_t Delay : Delays) {
    const std::string Part = fmt::format("{}.late{}", Name, Delay);
    LayerWeights Some{Part + ".weight", W.Shape, std::nullopt, {}};
    Some.Values.assign(L.Weight.begin(), L.Weight.end());
    for (size_t I = 0; I != Some.Values.size(); ++I)
      if (delayOf(L, I) != Delay)
        Some.Values[I] = 0;
    Sums.push_back(sum(L, Part, std::move(Some), To, Factor, Bits, Delay));
  }
  return Sums;
}

Status Importer::population(const Layer &L, const std::string &Name,
                            ArrayRef<Value> Sums, int64_t Factor,
                            SpatialShape To, bool Last) {
  const lavadl::Neuron &N = *L.Neuron;
  const int64_t Count = sizeOf(To);
  std::vector<float> Bias = biasOf(L, To);
  SmallVector<Value> Inputs(Sums), Params;
  if (!Bias.empty())
    Params.push_back(
        G.repeated(Bias, Count / static_cast<int64_t>(Bias.size())));
  // u that is all lost in a step is no state.
  const bool KeepsCurrent = !Sums.empty() && N.CurrentDecay < lavadl::MaxDecay;
  const bool KeepsVoltage = N.VoltageDecay < lavadl::MaxDecay;
  std::vector<std::string> Names = {Name};
  std::vector<Type> Types = {G.events(Count, spike::EventKind::Binary, 1)};
  const bool SendsStates = Last && !Options.OutputSpikes;
  if (SendsStates)
    for (const char *State : {".u", ".v"}) {
      Names.push_back(Name + State);
      Types.push_back(G.events(Count, spike::EventKind::Signed, 24));
    }
  std::vector<float> Init(KeepsCurrent + KeepsVoltage);
  auto Op = G.population(Names, Types, Inputs, Params, Init, /*Integer=*/true);
  if (Options.BlockColumns)
    Op->setAttr(spike::OwnCoresAttr,
                IntegerAttr::get(IntegerType::get(Op.getContext(), 64),
                                 neuronsOfCore(L, To)));
  if (const int64_t Every = Options.ResetEvery) {
    // The offset may be negative.
    const int64_t At =
        ((Options.ResetOffset + NumPopulations) % Every + Every) % Every;
    Op.setReset(ArrayRef<int64_t>{Every, At});
  }
  Words W(OpBuilder::atBlockEnd(&Op.getBody().front()), Op.getLoc());
  auto States = Op.stateArgs();
  Value U, V;
  if (!Sums.empty()) {
    Value All = Op.inputArgs()[0];
    for (Value More : llvm::drop_begin(Op.inputArgs()))
      All = W.add(All, More);
    U = W.mul(All, W.constant(Factor << StateShift));
    if (KeepsCurrent)
      U = W.add(W.decayed(States[0], N.CurrentDecay), U);
    U = W.wrapped(U);
  }
  if (KeepsVoltage)
    V = W.decayed(States[KeepsCurrent], N.VoltageDecay);
  auto Add = [&](Value More) { V = V ? W.add(V, More) : More; };
  if (U)
    Add(U);
  if (!Params.empty())
    Add(W.shift(Op.paramArgs()[0], StateShift));
  V = W.saturated(V ? V : W.constant(0));
  Value Spike = W.above(V, W.constant(N.Threshold << StateShift));
  Value Next = W.select(Spike, W.constant(0), V);
  SmallVector<Value> Results = {Spike}, NextStates;
  if (SendsStates)
    Results.append({U ? U : W.constant(0), Next});
  if (KeepsCurrent)
    NextStates.push_back(U);
  if (KeepsVoltage)
    NextStates.push_back(Next);
  W.yield(Results, NextStates);
  ++NumPopulations;
  Before.Events = Op.getOutputs()[0];
  if (Last)
    G.output("out", Op.getOutputs().back());
  return {};
}

Status Importer::addLayer(size_t I) {
  const Layer &L = From.Layers[I];
  const std::string Name = fmt::format("layer{}", I);
  if (L.Type == LayerType::Flatten)
    return {};
  if (!L.Neuron)
    return cannot(L, "the layer has no neurons; inputs that are handed on as "
                     "they are cannot be biases");
  SpatialShape To = L.Shape;
  if (Options.BlockColumns && L.Type != LayerType::Dense) {
    const int64_t Block = blockColumns(To[0] * To[1]);
    To[2] = (To[2] + Block - 1) / Block * Block;
  }
  SmallVector<Value> Sums;
  int64_t Factor = 1;
  if (L.Type != LayerType::Input) {
    auto Made = sumsOf(L, Name, To, Factor);
    if (!Made)
      return Made.errors();
    Sums = std::move(*Made);
  }
  if (Status S =
          population(L, Name, Sums, Factor, To, I + 1 == From.Layers.size());
      !S)
    return S;
  Before.Shape = L.Shape;
  Before.Delay = L.Delay.empty() ? std::vector<int64_t>{0} : L.Delay;
  return {};
}

Result<OwningOpRef<ModuleOp>> Importer::run() {
  const Layer &Input = From.Layers.front();
  if (!Options.InputBias.empty() &&
      static_cast<int64_t>(Options.InputBias.size()) != Input.numNeurons())
    return Error{Path, "lava-input",
                 fmt::format("the image has {} values, the input layer {} "
                             "neurons ({} x {} x {}: channels, height, width)",
                             Options.InputBias.size(), Input.numNeurons(),
                             Input.Shape[0], Input.Shape[1], Input.Shape[2]),
                 ErrorKind::BadInput};
  for (int64_t B : Options.InputBias)
    if (B < -lavadl::MaxBias || B > lavadl::MaxBias)
      return Error{Path, "lava-input",
                   fmt::format("the image has the value {}; biases are {} to "
                               "{}",
                               B, -lavadl::MaxBias, lavadl::MaxBias),
                   ErrorKind::BadInput};
  for (size_t I = 0; I < From.Layers.size(); ++I)
    if (Status S = addLayer(I); !S)
      return S.errors();
  return G.finish();
}

Result<OwningOpRef<ModuleOp>> synfire::models::importLavaNet(
    MLIRContext *Context, const lavadl::LavaNet &From, const std::string &Path,
    std::span<const uint8_t> Bytes, const LavaOptions &Options) {
  return Importer(Context, From, Path, Bytes, Options).run();
}
