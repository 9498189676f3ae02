//===- models/lavadl/LavaNet.cpp - Networks of Lava-DL --------------------===//

#include "models/lavadl/LavaNet.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace synfire::lavadl {

namespace {

using hdf5::printable;

constexpr std::string_view TypeNames[] = {"input", "flatten", "conv", "dense"};
/// What else Lava-DL writes.
constexpr std::string_view OtherTypes[] = {
    "dense_rec", "dense_comp", "average", "pool", "convT", "unpool", "concat"};
constexpr std::string_view KnownFields[] = {
    "type",       "shape",       "neuron",     "weight",     "bias",
    "stride",     "padding",     "dilation",   "groups",     "delay",
    "inChannels", "outChannels", "kernelSize", "inFeatures", "outFeatures"};

std::string shapeText(const std::array<int64_t, 3> &S) {
  return formatShape(std::span(S));
}

/// Reads one layer; the first fault is kept.
class LayerReader {
public:
  LayerReader(const hdf5::File &File, const hdf5::Object &Group, Layer &L,
              std::vector<std::string> &Notes)
      : File(File), Group(Group), L(L), Notes(Notes) {}

  /// \p Before is null for the first layer.
  Status read(const Layer *Before);

private:
  void fail(const char *Rule, std::string_view Text) {
    if (Faults.empty())
      Faults.push_back({File.name(), Rule,
                        fmt::format("'{}': {}", printable(Group.Path), Text)});
  }
  /// All of \p V are in range, or a fault.
  void checkRange(std::string_view Name, const std::vector<int64_t> &V,
                  int64_t Least, int64_t Most);
  const hdf5::Object *field(const hdf5::Object &Owner, std::string_view Name,
                            bool Needed);
  std::vector<int64_t> integers(const hdf5::Object &Owner,
                                std::string_view Name, bool Needed);
  int64_t integer(const hdf5::Object &Owner, std::string_view Name,
                  int64_t Least, int64_t Most, int64_t Default, bool Needed);
  double number(std::string_view Name);
  std::array<int64_t, 2> pair(std::string_view Name, int64_t Least,
                              int64_t Default);
  void readType();
  void readShape();
  void readNeuron();
  void readWeight();
  void readBias();
  void readConv(const Layer &Before);
  void readDense(const Layer &Before);
  void checkField(std::string_view Name, int64_t Expected);

  const hdf5::File &File;
  const hdf5::Object &Group;
  Layer &L;
  std::vector<std::string> &Notes;
  Errors Faults;
};

void LayerReader::checkRange(std::string_view Name,
                             const std::vector<int64_t> &V, int64_t Least,
                             int64_t Most) {
  for (size_t I = 0; I != V.size(); ++I)
    if (V[I] < Least || V[I] > Most)
      return fail("lava-range",
                  fmt::format("element {} of '{}' is {}; {} to {} "
                              "are read",
                              I, Name, V[I], Least, Most));
}

const hdf5::Object *LayerReader::field(const hdf5::Object &Owner,
                                       std::string_view Name, bool Needed) {
  if (!Faults.empty())
    return nullptr;
  const hdf5::Object *O = Owner.find(Name);
  if (O && O->Fault)
    Faults = {*O->Fault};
  else if (!O && Needed)
    fail("lava-format", fmt::format("no '{}', which it needs", Name));
  return Faults.empty() ? O : nullptr;
}

std::vector<int64_t> LayerReader::integers(const hdf5::Object &Owner,
                                           std::string_view Name, bool Needed) {
  const hdf5::Object *O = field(Owner, Name, Needed);
  if (!O)
    return {};
  Result<std::vector<int64_t>> V = File.readIntegers(*O);
  if (!V) {
    Faults = V.errors();
    return {};
  }
  return std::move(*V);
}

int64_t LayerReader::integer(const hdf5::Object &Owner, std::string_view Name,
                             int64_t Least, int64_t Most, int64_t Default,
                             bool Needed) {
  std::vector<int64_t> V = integers(Owner, Name, Needed);
  if (V.empty())
    return Default;
  if (V.size() != 1)
    fail("lava-format",
         fmt::format("'{}' has {} numbers instead of one", Name, V.size()));
  checkRange(Name, V, Least, Most);
  return V[0];
}

double LayerReader::number(std::string_view Name) {
  const hdf5::Object *O = field(Group, Name, false);
  if (!O)
    return 0;
  Result<double> V = File.readDouble(*O);
  if (!V) {
    Faults = V.errors();
    return 0;
  }
  if (!(std::fabs(*V) <= static_cast<double>(MaxBias)))
    fail("lava-range",
         fmt::format("'{}' is {}; up to {} is read", Name, *V, MaxBias));
  return *V;
}

std::array<int64_t, 2> LayerReader::pair(std::string_view Name, int64_t Least,
                                         int64_t Default) {
  std::vector<int64_t> V = integers(Group, Name, false);
  if (V.empty())
    return {Default, Default};
  if (V.size() > 2)
    fail("lava-format", fmt::format("'{}' has {} numbers; one, or y and x, are "
                                    "expected",
                                    Name, V.size()));
  checkRange(Name, V, Least, MaxNeurons);
  return {V.front(), V.size() == 1 ? V[0] : V[1]};
}

void LayerReader::readType() {
  const hdf5::Object *O = field(Group, "type", true);
  if (!O)
    return;
  Result<std::string> Text = File.readText(*O);
  if (!Text) {
    Faults = Text.errors();
    return;
  }
  const auto *Found = std::ranges::find(TypeNames, *Text);
  if (Found != std::end(TypeNames)) {
    L.Type = static_cast<LayerType>(Found - std::begin(TypeNames));
    return;
  }
  bool Known = std::ranges::find(OtherTypes, *Text) != std::end(OtherTypes);
  fail("lava-type",
       fmt::format("a layer of type '{}'{}; input, flatten, conv and dense are "
                   "read",
                   printable(*Text),
                   Known ? ", which Lava-DL has but Synfire does not" : ""));
}

void LayerReader::readShape() {
  std::vector<int64_t> V = integers(Group, "shape", true);
  if (!Faults.empty())
    return;
  int64_t Count = 1;
  bool Fits = V.size() <= 3 && !V.empty();
  for (int64_t Size : V)
    Fits = Fits && Size > 0 && !__builtin_mul_overflow(Count, Size, &Count) &&
           Count <= MaxNeurons;
  if (!Fits)
    return fail("lava-shape",
                fmt::format("'shape' is {}; channels, height and width with at "
                            "most {} neurons are read",
                            formatShape(V), MaxNeurons));
  V.resize(3, 1);
  std::ranges::copy(V, L.Shape.begin());
}

void LayerReader::readNeuron() {
  if (L.Type == LayerType::Flatten)
    return;
  const hdf5::Object *N = field(Group, "neuron", L.Type != LayerType::Input);
  if (!N)
    return;
  const hdf5::Object *Type = field(*N, "type", true);
  if (!Type)
    return;
  Result<std::string> Text = File.readText(*Type);
  if (!Text) {
    Faults = Text.errors();
    return;
  }
  if (*Text != "LOIHI" && *Text != "CUBA")
    return fail("lava-type",
                fmt::format("a neuron of type '{}'; LOIHI and CUBA "
                            "are read",
                            printable(*Text)));
  L.Neuron.emplace();
  L.Neuron->CurrentDecay = integer(*N, "iDecay", 0, MaxDecay, 0, true);
  L.Neuron->VoltageDecay = integer(*N, "vDecay", 0, MaxDecay, 0, true);
  L.Neuron->Threshold = integer(*N, "vThMant", 0, MaxThreshold, 0, true);
  // Lava-DL's own loader passes over both.
  int64_t Refractory = integer(*N, "refDelay", 0, 63, 1, false);
  int64_t Exponent = integer(*N, "wgtExp", -8, 7, 0, false);
  if (Refractory > 1 || Exponent != 0)
    Notes.push_back(fmt::format("'{}': refDelay {} and wgtExp {} are left out, "
                                "as Lava-DL's loader does",
                                printable(Group.Path), Refractory, Exponent));
}

void LayerReader::readWeight() {
  std::vector<int64_t> V = integers(Group, "weight", true);
  if (!Faults.empty())
    return;
  const hdf5::Object &O = *Group.find("weight");
  L.WeightShape = O.Data.Shape;
  checkRange("weight", V, MinWeight, MaxWeight);
  L.Weight.assign(V.begin(), V.end());
  L.Stored = File.stored(O);
  size_t Rank = L.Type == LayerType::Conv ? 4 : 2;
  // Lava-DL's tensors end with a time axis of one.
  while (L.WeightShape.size() > Rank && L.WeightShape.back() == 1)
    L.WeightShape.pop_back();
  if (L.Type == LayerType::Dense && L.WeightShape.size() == 1)
    L.WeightShape.insert(L.WeightShape.begin(), 1); // One output.
  if (L.WeightShape.size() != Rank || V.empty())
    fail("lava-shape",
         fmt::format("'weight' has shape {}; {} axes are expected",
                     formatShape(O.Data.Shape), Rank));
  if (L.Stored) {
    L.Stored->Shape = L.WeightShape;
    L.Stored->Strides = contiguousStrides(L.WeightShape);
  }
}

void LayerReader::readBias() {
  L.Bias = integers(Group, "bias", false);
  checkRange("bias", L.Bias, -MaxBias, MaxBias);
  if (!L.Bias.empty() && static_cast<int64_t>(L.Bias.size()) != L.Shape[0])
    fail("lava-shape", fmt::format("'bias' has {} elements for {} outputs",
                                   L.Bias.size(), L.Shape[0]));
}

/// A redundant field says the same.
void LayerReader::checkField(std::string_view Name, int64_t Expected) {
  std::vector<int64_t> V = integers(Group, Name, false);
  if (!V.empty() && V != std::vector<int64_t>{Expected})
    fail("lava-shape", fmt::format("'{}' is {}, the weights and shapes say {}",
                                   Name, formatShape(V), Expected));
}

void LayerReader::readConv(const Layer &Before) {
  readWeight();
  L.Stride = pair("stride", 1, 1);
  L.Padding = pair("padding", 0, 0);
  L.Dilation = pair("dilation", 1, 1);
  L.Groups = integer(Group, "groups", 1, MaxNeurons, 1, false);
  if (!Faults.empty())
    return;
  const std::vector<int64_t> &W = L.WeightShape;
  std::array<int64_t, 3> Made = {W[0], 0, 0};
  for (size_t A = 0; A != 2; ++A) {
    int64_t Room = Before.Shape[A + 1] + 2 * L.Padding[A] -
                   L.Dilation[A] * (W[A + 2] - 1) - 1;
    Made[A + 1] = Room < 0 ? 0 : Room / L.Stride[A] + 1;
  }
  if (W[1] * L.Groups != Before.Shape[0] || W[0] % L.Groups != 0 ||
      Made != L.Shape)
    return fail("lava-shape",
                fmt::format("weight {} with {} groups, stride {}, padding {} "
                            "and dilation {} makes {} of {}; 'shape' is {}",
                            formatShape(W), L.Groups, formatShape(L.Stride),
                            formatShape(L.Padding), formatShape(L.Dilation),
                            shapeText(Made), shapeText(Before.Shape),
                            shapeText(L.Shape)));
  checkField("inChannels", Before.Shape[0]);
  checkField("outChannels", W[0]);
}

void LayerReader::readDense(const Layer &Before) {
  readWeight();
  if (!Faults.empty())
    return;
  if (L.WeightShape[1] != Before.numNeurons() ||
      L.WeightShape[0] != L.Shape[0] || L.numNeurons() != L.Shape[0])
    return fail("lava-shape",
                fmt::format("weight {} between {} and {} neurons of shape {}",
                            formatShape(L.WeightShape), Before.numNeurons(),
                            L.numNeurons(), shapeText(L.Shape)));
  checkField("inFeatures", Before.numNeurons());
  checkField("outFeatures", L.Shape[0]);
}

Status LayerReader::read(const Layer *Before) {
  L.Path = Group.Path;
  L.Shape = {1, 1, 1};
  readType();
  readShape();
  if (Faults.empty() && (L.Type == LayerType::Input) != !Before)
    fail("lava-format", Before ? "a second input; only the first layer is one"
                               : "the first layer must be of type input");
  readNeuron();
  if (Faults.empty()) {
    if (L.Type == LayerType::Input) {
      L.InputWeight = number("weight");
      L.InputBias = number("bias");
    } else if (L.Type == LayerType::Conv) {
      readConv(*Before);
      readBias();
    } else if (L.Type == LayerType::Dense) {
      readDense(*Before);
      readBias();
    } else if (L.numNeurons() != Before->numNeurons()) {
      fail("lava-shape",
           fmt::format("flattens {} to {}", shapeText(Before->Shape),
                       shapeText(L.Shape)));
    }
  }
  L.Delay = integers(Group, "delay", false);
  // A flatten has no neurons that could be late.
  checkRange("delay", L.Delay, 0, L.Type == LayerType::Flatten ? 0 : MaxDelay);
  if (L.Delay.size() > 1 &&
      static_cast<int64_t>(L.Delay.size()) != L.numNeurons())
    fail("lava-shape", fmt::format("'delay' has {} elements for {} neurons",
                                   L.Delay.size(), L.numNeurons()));
  for (const hdf5::Object &O : Group.Children)
    if (std::ranges::find(KnownFields, O.Name) == std::end(KnownFields))
      Notes.push_back(fmt::format("'{}' is not known here and left out",
                                  printable(O.Path)));
  return Faults;
}

Result<LavaNet> readAll(const Result<hdf5::File> &F) {
  if (!F)
    return F.errors();
  auto fail = [&](std::string Text) {
    return Error{F->name(), "lava-format", std::move(Text)};
  };
  const hdf5::Object *All = F->root().find("layer");
  if (All && All->Fault)
    return *All->Fault;
  if (!All || !All->IsGroup)
    return fail(F->root().find("node")
                    ? "no group '/layer': this looks like a NIR graph, whose "
                      "name must end in .nir"
                    : "no group '/layer': not a network of Lava-DL");
  // By number: as text "10" comes before "9".
  std::vector<const hdf5::Object *> Groups(All->Children.size());
  if (Groups.empty() || Groups.size() > static_cast<size_t>(MaxLayers))
    return fail(
        fmt::format("{} layers; 1 to {} are read", Groups.size(), MaxLayers));
  for (const hdf5::Object &O : All->Children) {
    size_t Number = 0;
    const char *End = O.Name.data() + O.Name.size();
    auto [Stop, Code] = std::from_chars(O.Name.data(), End, Number);
    if (Stop != End || Code != std::errc() || Number >= Groups.size() ||
        Groups[Number])
      return fail(fmt::format("'{}': layers are numbered 0 to {}",
                              printable(O.Path), Groups.size() - 1));
    Groups[Number] = &O;
  }
  LavaNet Net;
  for (const hdf5::Object *Group : Groups) {
    if (Group->Fault)
      return *Group->Fault;
    Layer L;
    const Layer *Before = Net.Layers.empty() ? nullptr : &Net.Layers.back();
    if (Status S = LayerReader(*F, *Group, L, Net.Notes).read(Before); !S)
      return S.errors();
    Net.Layers.push_back(std::move(L));
  }
  return Net;
}

} // namespace

std::string_view name(LayerType Type) {
  return TypeNames[static_cast<size_t>(Type)];
}

Result<LavaNet> LavaNet::read(const std::string &Path) {
  return readAll(hdf5::File::open(Path));
}

Result<LavaNet> LavaNet::parse(std::span<const uint8_t> Bytes,
                               const std::string &Name) {
  return readAll(hdf5::File::parse(Bytes, Name));
}

} // namespace synfire::lavadl
