//===- models/nir/NirRead.cpp - One node and its parameters ---------------===//

#include "models/nir/NirSteps.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace synfire::nir {

namespace {

/// Datasets of each kind, in enum order; `?` marks those that may be absent.
constexpr std::string_view Parameters[] = {
    "shape",
    "shape",
    "weight bias",
    "weight",
    "scale",
    "weight bias stride padding dilation groups input_shape?",
    "weight bias stride padding dilation groups input_shape?",
    "kernel_size stride padding",
    "kernel_size stride padding",
    "start_dim end_dim input_type?",
    "delay",
    "threshold",
    "r",
    "r v_threshold v_reset?",
    "tau r v_leak",
    "tau r v_leak v_threshold v_reset?",
    "tau_syn tau_mem r v_leak w_in?",
    "tau_syn tau_mem r v_leak v_threshold v_reset? w_in?"};

std::vector<std::string_view> words(std::string_view Text) {
  std::vector<std::string_view> Out;
  while (!Text.empty()) {
    size_t End = std::min(Text.find(' '), Text.size());
    Out.push_back(Text.substr(0, End));
    Text.remove_prefix(std::min(End + 1, Text.size()));
  }
  return Out;
}

/// Reads the parameters of one node. The first fault is kept; after it,
/// everything reads as empty.
class NodeReader {
public:
  NodeReader(const hdf5::File &File, const hdf5::Object &Group, Node &N,
             std::vector<Note> &Notes)
      : File(File), Group(Group), N(N), Notes(Notes) {}

  Status read();

private:
  void fail(const char *Rule, const std::string &Text) {
    if (Faults.empty())
      Faults.push_back(
          {File.name(), Rule,
           fmt::format("node {} ({}): {}", quoted(N.Name), name(N.K), Text)});
  }
  bool checkNames();
  const hdf5::Object *dataset(std::string_view Name);
  Values values(std::string_view Name, double Default);
  Values values(std::string_view Name) { return values(Name, NAN); }
  Values positive(std::string_view Name);
  Shape integers(std::string_view Name);
  /// One number, or one per axis; at least \p Least.
  Shape axes(std::string_view Name, size_t NumAxes, int64_t Least);
  int64_t integer(std::string_view Name);
  /// A shape: every dimension at least 1.
  Shape shape(std::string_view Name);
  Weights weights(size_t MinRank, size_t MaxRank);
  Values bias(int64_t Outputs);
  Convolution convolution(size_t NumAxes);
  void padding(Convolution &C, size_t NumAxes);
  Neuron neuron();

  const hdf5::File &File;
  const hdf5::Object &Group;
  Node &N;
  std::vector<Note> &Notes;
  Errors Faults;
};

bool NodeReader::checkNames() {
  std::vector<std::string_view> Known =
      words(Parameters[static_cast<size_t>(N.K)]);
  for (std::string_view Name : Known)
    if (!Name.ends_with('?') && !Group.find(Name)) {
      fail("nir-param", fmt::format("no dataset '{}', which it needs", Name));
      return false;
    }
  for (const hdf5::Object &Child : Group.Children) {
    auto is = [&](std::string_view Name) {
      return Name.substr(0, Name.find('?')) == Child.Name;
    };
    if (Child.Name != "type" && Child.Name != "metadata" &&
        std::ranges::none_of(Known, is))
      Notes.push_back(
          {File.name(), "nir-unknown",
           fmt::format("node {} ({}): {} is not known here and "
                       "left out",
                       quoted(N.Name), name(N.K), quoted(Child.Name))});
  }
  return true;
}

const hdf5::Object *NodeReader::dataset(std::string_view Name) {
  return Faults.empty() ? Group.find(Name) : nullptr;
}

Values NodeReader::values(std::string_view Name, double Default) {
  const hdf5::Object *D = dataset(Name);
  if (!D)
    return {{}, {Default}};
  Result<std::vector<double>> Data = File.readDoubles(*D);
  if (!Data) {
    Faults = Data.errors();
    return {{}, {Default}};
  }
  for (size_t I = 0; I != Data->size(); ++I)
    if (!std::isfinite((*Data)[I])) {
      fail("nir-value",
           fmt::format("element {} of '{}' is {}", I, Name, (*Data)[I]));
      break;
    }
  if (Data->empty())
    fail("nir-value", fmt::format("'{}' is empty", Name));
  return {D->Data.Shape, std::move(*Data)};
}

Values NodeReader::positive(std::string_view Name) {
  Values V = values(Name);
  for (size_t I = 0; I != V.Data.size(); ++I)
    if (!(V.Data[I] > 0))
      fail("nir-value", fmt::format("element {} of '{}' is {}; a time constant "
                                    "is above 0",
                                    I, Name, V.Data[I]));
  return V;
}

Shape NodeReader::integers(std::string_view Name) {
  const hdf5::Object *D = dataset(Name);
  if (!D)
    return {};
  if (D->Data.Shape.size() > 1 || D->Data.numElements() > 32) {
    fail("nir-param", fmt::format("'{}' has shape {}; a list of up to 32 "
                                  "numbers is expected",
                                  Name, formatShape(D->Data.Shape)));
    return {};
  }
  Result<std::vector<int64_t>> Data = File.readIntegers(*D);
  if (!Data) {
    Faults = Data.errors();
    return {};
  }
  return std::move(*Data);
}

Shape NodeReader::axes(std::string_view Name, size_t NumAxes, int64_t Least) {
  Shape Out = integers(Name);
  if (!Faults.empty())
    return Shape(NumAxes, 1);
  if (Out.size() == 1)
    Out.resize(NumAxes, Out[0]);
  constexpr int64_t Most = int64_t(1) << 20;
  if (Out.size() != NumAxes || std::ranges::any_of(Out, [&](int64_t A) {
        return A < Least || A > Most;
      }))
    fail("nir-value",
         fmt::format("'{}' is {}; one number or {} are expected, each {} to {}",
                     Name, formatShape(Out), NumAxes, Least, Most));
  Out.resize(NumAxes, 1);
  return Out;
}

int64_t NodeReader::integer(std::string_view Name) {
  Shape All = integers(Name);
  if (Faults.empty() && All.size() != 1)
    fail("nir-param",
         fmt::format("'{}' has {} numbers instead of one", Name, All.size()));
  return All.size() == 1 ? All[0] : 1;
}

Shape NodeReader::shape(std::string_view Name) {
  Shape Out = integers(Name);
  int64_t Count = 1;
  for (int64_t Size : Out)
    if (Size < 1 || __builtin_mul_overflow(Count, Size, &Count) ||
        Count > MaxNodeElements) {
      fail("nir-value", fmt::format("'{}' is {}; dimensions from 1 on with at "
                                    "most {} elements are read",
                                    Name, formatShape(Out), MaxNodeElements));
      break;
    }
  return Out;
}

Weights NodeReader::weights(size_t MinRank, size_t MaxRank) {
  const hdf5::Object *D = dataset("weight");
  if (!D)
    return {};
  if (D->Fault) {
    Faults = {*D->Fault};
    return {};
  }
  Weights W{D->Path, D->Data.Shape, File.stored(*D)};
  if (D->IsGroup || !D->Data.Type.isNumber() || W.Dims.size() < MinRank ||
      W.Dims.size() > MaxRank || D->Data.numElements() == 0)
    fail("nir-param",
         fmt::format("'weight' has shape {} of {}; {} to {} axes "
                     "of numbers are expected",
                     formatShape(W.Dims), D->Data.Type.Name, MinRank, MaxRank));
  if (!Faults.empty())
    W.Dims.assign(MinRank, 1);
  return W;
}

Values NodeReader::bias(int64_t Outputs) {
  Values V = values("bias");
  if (Faults.empty() && V.Data.size() != 1 &&
      V.Data.size() != static_cast<size_t>(Outputs))
    fail("nir-param", fmt::format("'bias' has {} elements, 'weight' {} outputs",
                                  V.Data.size(), Outputs));
  return V;
}

void NodeReader::padding(Convolution &C, size_t NumAxes) {
  const hdf5::Object *D = dataset("padding");
  if (!D || D->Fault || !D->Data.Type.isText()) {
    C.PadBefore = C.PadAfter = axes("padding", NumAxes, 0);
    return;
  }
  Result<std::string> Text = File.readText(*D);
  if (!Text) {
    Faults = Text.errors();
    return;
  }
  C.PadBefore = C.PadAfter = Shape(NumAxes, 0);
  if (*Text == "valid")
    return;
  if (*Text != "same") {
    fail("nir-value", fmt::format("'padding' is {}; numbers, 'same' and "
                                  "'valid' are read",
                                  quoted(*Text)));
    return;
  }
  for (size_t A = 0; A != NumAxes; ++A) {
    // As PyTorch: what is left over stands at the end.
    int64_t Total = C.Dilation[A] * (C.W.Dims[2 + A] - 1);
    C.PadBefore[A] = Total / 2;
    C.PadAfter[A] = Total - Total / 2;
  }
  if (std::ranges::any_of(C.Stride, [](int64_t S) { return S != 1; }))
    Notes.push_back(
        {File.name(), "nir-same",
         fmt::format("node {} ({}): padding 'same' with stride {}, "
                     "which PyTorch does not have, is read as: pad "
                     "as for stride 1, then take every stride-th "
                     "output",
                     quoted(N.Name), name(N.K), formatShape(C.Stride))});
}

Convolution NodeReader::convolution(size_t NumAxes) {
  Convolution C;
  C.W = weights(NumAxes + 2, NumAxes + 2);
  C.Stride = axes("stride", NumAxes, 1);
  C.Dilation = axes("dilation", NumAxes, 1);
  C.Groups = integer("groups");
  if (!Faults.empty())
    return C;
  C.Bias = bias(C.W.Dims[0]);
  padding(C, NumAxes);
  if (C.Groups < 1 || C.W.Dims[0] % C.Groups != 0)
    fail("nir-value", fmt::format("'groups' is {}, which does not divide its "
                                  "{} output channels",
                                  C.Groups, C.W.Dims[0]));
  if (dataset("input_shape")) {
    C.InputSize = shape("input_shape");
    if (Faults.empty() && C.InputSize->size() != NumAxes)
      fail("nir-value", fmt::format("'input_shape' is {}; {} numbers are "
                                    "expected",
                                    formatShape(*C.InputSize), NumAxes));
  }
  return C;
}

Neuron NodeReader::neuron() {
  Neuron P;
  bool Cuba = N.K == Kind::CubaLI || N.K == Kind::CubaLIF;
  bool Leaky = N.K == Kind::LI || N.K == Kind::LIF || Cuba;
  P.R = values("r");
  if (Leaky) {
    P.Tau = positive(Cuba ? "tau_mem" : "tau");
    P.VLeak = values("v_leak");
  }
  if (Cuba) {
    P.TauSyn = positive("tau_syn");
    P.WIn = values("w_in", 1);
  }
  if (isSpiking(N.K)) {
    P.VThreshold = values("v_threshold");
    P.VReset = values("v_reset", 0);
  }
  // All of one shape, or one element for all.
  const Values *First = nullptr;
  for (const Values *V :
       {&P.R, &P.Tau, &P.TauSyn, &P.VLeak, &P.VThreshold, &P.VReset, &P.WIn}) {
    if (V->Data.size() < 2)
      continue;
    if (First && V->Dims != First->Dims)
      fail("nir-param",
           fmt::format("its parameters have shapes {} and {}; one shape, or "
                       "one element, is expected",
                       formatShape(First->Dims), formatShape(V->Dims)));
    First = V;
  }
  return P;
}

Status NodeReader::read() {
  if (!checkNames())
    return Faults;
  switch (N.K) {
  case Kind::Input:
  case Kind::Output:
    N.Is = Port{shape("shape")};
    break;
  case Kind::Affine:
  case Kind::Linear: {
    Dense D;
    D.W = weights(2, 8);
    if (Faults.empty() && N.K == Kind::Affine)
      D.Bias = bias(D.W.Dims[D.W.Dims.size() - 2]);
    N.Is = std::move(D);
    break;
  }
  case Kind::Scale:
    N.Is = Elementwise{values("scale")};
    break;
  case Kind::Threshold:
    N.Is = Elementwise{values("threshold")};
    break;
  case Kind::Delay: {
    Elementwise D{values("delay")};
    for (double Seconds : D.By.Data)
      if (Seconds < 0)
        fail("nir-value",
             fmt::format("a delay of {}; it cannot be negative", Seconds));
    N.Is = std::move(D);
    break;
  }
  case Kind::Conv1d:
  case Kind::Conv2d:
    N.Is = convolution(N.K == Kind::Conv1d ? 1 : 2);
    break;
  case Kind::SumPool2d:
  case Kind::AvgPool2d:
    N.Is = Pooling{axes("kernel_size", 2, 1), axes("stride", 2, 1),
                   axes("padding", 2, 0)};
    break;
  case Kind::Flatten: {
    Flattening F{integer("start_dim"), integer("end_dim"), {}};
    if (dataset("input_type"))
      F.InputType = shape("input_type");
    N.Is = std::move(F);
    break;
  }
  default:
    N.Is = neuron();
    break;
  }
  return Faults;
}

} // namespace

Result<std::string> readType(const hdf5::File &File,
                             const hdf5::Object &Group) {
  if (Group.Fault)
    return *Group.Fault;
  const hdf5::Object *Type = Group.find("type");
  if (!Type)
    return Error{File.name(), "nir-type",
                 fmt::format("{} has no dataset 'type' and so is no node",
                             quoted(Group.Path))};
  return File.readText(*Type);
}

Result<Node> readNode(const hdf5::File &File, const hdf5::Object &Group,
                      std::string Name, std::vector<Note> &Notes) {
  Result<std::string> Type = readType(File, Group);
  if (!Type)
    return Type.errors();
  std::optional<Kind> K = parseKind(*Type);
  if (!K) {
    std::string Known;
    for (size_t I = 0; I != std::size(Parameters); ++I)
      Known.append(name(static_cast<Kind>(I))).append(", ");
    return Error{File.name(), "nir-type",
                 fmt::format("node {} is of type {}; read are {}NIRGraph",
                             quoted(Name), quoted(*Type), Known)};
  }
  Node N;
  N.Name = std::move(Name);
  N.Path = Group.Path;
  N.K = *K;
  if (Status S = NodeReader(File, Group, N, Notes).read(); !S)
    return S.errors();
  return N;
}

} // namespace synfire::nir
