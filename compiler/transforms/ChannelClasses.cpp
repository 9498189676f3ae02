//===- ChannelClasses.cpp - Populations that are split alike --------------===//

#include "compiler/transforms/ChannelClasses.h"

#include "dialects/spike/Wishes.h"

#include "llvm/ADT/IntEqClasses.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;
using spike::PopulationOp;

//===----------------------------------------------------------------------===//
// Bytes
//===----------------------------------------------------------------------===//

KernelRoom KernelRoom::of(const ChipSpec &Chip, uint32_t WeightBits) {
  const auto &Core = Chip.Core;
  KernelRoom Room;
  Room.Bytes = Core.SynapseBytes   ? Core.SynapseBytes->Value
               : Core.UnifiedBytes ? Core.UnifiedBytes->Value
                                   : UINT64_MAX;
  Room.Widths = Core.WeightBits;
  Room.Store = Core.Synapses;
  Room.WeightBits = WeightBits;
  return Room;
}

uint64_t ChannelMember::kernelBytes(const KernelRoom &Room,
                                    int64_t Parts) const {
  uint64_t Sum = 0;
  for (spike::ConvOp Conv : Kernels) {
    auto Codes = Conv.getKernel().getDefiningOp<spike::QuantizeOp>();
    const uint32_t Bits =
        Codes ? static_cast<uint32_t>(Codes.getBits()) : Room.WeightBits;
    const auto Groups = static_cast<int64_t>(Conv.getGroups());
    int64_t Rows = Conv.getFrom()[0] * Conv.getSize()[0] * Conv.getSize()[1];
    int64_t Cols = Conv.getTo()[0] / Groups;
    (Groups == 1 ? Cols : Rows) /= Parts;
    if (Room.Store.WordBits != 0) {
      Sum += Room.Store.bytes(Conv.getStride()[1] > 1
                                  ? SynapseStore::Kind::StridedKernel
                                  : SynapseStore::Kind::Kernel,
                              Rows, Cols, narrowestWidth(Room.Widths, Bits));
      continue;
    }
    // Widths that images hold.
    uint32_t Stored = 8;
    for (uint32_t Width : {4u, 2u, 1u})
      if (Width >= Bits && llvm::is_contained(Room.Widths, Width))
        Stored = Width;
    Sum += static_cast<uint64_t>(Rows) * ((Cols * Stored + 7) / 8);
  }
  return Sum;
}

uint64_t ChannelClass::mostBytes(const KernelRoom &Room, int64_t Parts) const {
  uint64_t Most = 0;
  for (const ChannelMember &M : Members)
    Most = std::max(Most, M.kernelBytes(Room, Parts));
  return Most;
}

const ChannelMember &ChannelClass::largest(const KernelRoom &Room) const {
  return *std::ranges::max_element(Members, {}, [&](const ChannelMember &M) {
    return M.kernelBytes(Room, 1);
  });
}

int64_t ChannelClass::chooseParts(const KernelRoom &Room) {
  if (!Why.empty())
    return 0;
  int64_t Parts = 0;
  for (int64_t K = 2; K <= Common; ++K) {
    if (Common % K != 0)
      continue;
    const uint64_t Bytes = mostBytes(Room, K);
    // A quarter is left for neurons.
    if (Bytes <= Room.Bytes / 4 * 3)
      return K;
    if (Bytes <= Room.Bytes)
      Parts = K;
  }
  if (Parts == 0)
    Why = fmt::format("in {} parts, the most that its channels and groups can "
                      "be divided into, kernels have {} bytes",
                      Common, mostBytes(Room, Common));
  return Parts;
}

//===----------------------------------------------------------------------===//
// Who reads whom, and how
//===----------------------------------------------------------------------===//

namespace {
class Finder {
public:
  Finder(spike::NetworkOp Network) {
    for (auto P : Network.getBody().front().getOps<PopulationOp>()) {
      IndexOf[P] = Found.size();
      Found.push_back({P, 0, {}});
    }
    Why.resize(Found.size());
    Divides.resize(Found.size());
    Same.grow(Found.size());
  }
  std::vector<ChannelClass> run(const KernelRoom &Room);

private:
  void visit(uint32_t I, Value In);
  void visitReaders(uint32_t I, Value Given);
  /// \p I reads \p Values channel by channel, of which a place has \p Channels.
  void byChannel(uint32_t I, Value Values, int64_t Channels);
  /// Whoever reads \p Sums, which \p I does, is split like it.
  void shareSums(uint32_t I, Value Sums);
  void setChannels(uint32_t I, int64_t Channels);
  void block(uint32_t I, std::string Reason) {
    if (Why[I].empty())
      Why[I] = std::move(Reason);
  }
  std::string nameOf(uint32_t I) { return Found[I].Op.getResultName(0).str(); }

  std::vector<ChannelMember> Found;
  std::vector<std::string> Why;
  std::vector<SmallVector<int64_t>> Divides;
  std::vector<std::pair<uint32_t, uint32_t>> OneToOne;
  llvm::DenseMap<Operation *, uint32_t> IndexOf;
  llvm::IntEqClasses Same;
};
} // namespace

void Finder::setChannels(uint32_t I, int64_t Channels) {
  int64_t &Known = Found[I].Channels;
  if (Known != 0 && Known != Channels)
    block(I, fmt::format("'{}' is seen with {} and with {} channels", nameOf(I),
                         Known, Channels));
  else if (Found[I].Op.getNumNeurons() % Channels != 0)
    block(I, fmt::format("{} neurons of '{}' are no places of {} channels",
                         Found[I].Op.getNumNeurons(), nameOf(I), Channels));
  else
    Known = Channels;
}

void Finder::shareSums(uint32_t I, Value Sums) {
  for (Operation *User : Sums.getUsers()) {
    auto Other = IndexOf.find(User);
    if (Other == IndexOf.end())
      block(I, "its sums are read by something else than populations");
    else
      Same.join(I, Other->second);
  }
}

void Finder::byChannel(uint32_t I, Value Values, int64_t Channels) {
  auto Source = IndexOf.find(spike::undelayed(Values).getDefiningOp());
  if (Source == IndexOf.end())
    return block(
        I, fmt::format("'{}' reads an input channel by channel", nameOf(I)));
  Same.join(I, Source->second);
  setChannels(Source->second, Channels);
}

void Finder::visit(uint32_t I, Value In) {
  const int64_t Size = spike::sizeOf(In.getType());
  if (Size == 1 && Found[I].Op.getNumNeurons() != 1)
    return; // the same for all
  if (Size != Found[I].Op.getNumNeurons())
    return block(I, fmt::format("'{}' reads a value per group", nameOf(I)));
  Operation *Def = spike::undelayed(In).getDefiningOp();
  if (auto Source = IndexOf.find(Def); Source != IndexOf.end()) {
    Same.join(I, Source->second);
    OneToOne.push_back({I, Source->second});
  } else if (auto Conv = dyn_cast_or_null<spike::ConvOp>(Def)) {
    setChannels(I, Conv.getTo()[0]);
    shareSums(I, In);
    Found[I].Kernels.push_back(Conv);
    if (Conv.getGroups() == 1)
      return;
    byChannel(I, Conv.getValues(), Conv.getFrom()[0]);
    Divides[I].push_back(static_cast<int64_t>(Conv.getGroups()));
  } else if (auto Pool = dyn_cast_or_null<spike::PoolOp>(Def)) {
    setChannels(I, Pool.getTo()[0]);
    shareSums(I, In);
    byChannel(I, Pool.getValues(), Pool.getFrom()[0]);
  } else if (isa_and_nonnull<spike::LinearOp>(Def)) {
    shareSums(I, In);
  } else {
    block(I, fmt::format("'{}' reads an input neuron by neuron", nameOf(I)));
  }
}

void Finder::visitReaders(uint32_t I, Value Given) {
  const bool Real = !isa<spike::EventsType>(Given.getType());
  for (Operation *User : Given.getUsers()) {
    if (auto Delay = dyn_cast<spike::DelayOp>(User)) {
      visitReaders(I, Delay.getDelayed());
    } else if (auto Pool = dyn_cast<spike::PoolOp>(User)) {
      setChannels(I, Pool.getFrom()[0]);
    } else if (auto Conv = dyn_cast<spike::ConvOp>(User)) {
      setChannels(I, Conv.getFrom()[0]);
      if (Real && Conv.getGroups() == 1)
        block(I, fmt::format("'{}' gives real values to '{}'", nameOf(I),
                             Conv.getName().str()));
    } else if (auto Linear = dyn_cast<spike::LinearOp>(User)) {
      if (Real || Linear.getOnly())
        block(I, fmt::format("'{}' gives real values to '{}', or some of its "
                             "neurons have no synapses there",
                             nameOf(I), Linear.getName().str()));
    } else if (auto P = dyn_cast<PopulationOp>(User)) {
      if (P.getNumNeurons() != Found[I].Op.getNumNeurons())
        block(I, fmt::format("'{}' is one value for many", nameOf(I)));
    } else if (auto Out = dyn_cast<spike::OutputOp>(User)) {
      block(I, fmt::format("'{}' is the network's output '{}', which is one "
                           "population: put a smaller layer behind it",
                           nameOf(I), Out.getName().str()));
    } else {
      block(I, fmt::format("'{}' is read by a {}", nameOf(I),
                           User->getName().getStringRef().str()));
    }
  }
}

std::vector<ChannelClass> Finder::run(const KernelRoom &Room) {
  for (uint32_t I = 0; I != Found.size(); ++I) {
    PopulationOp P = Found[I].Op;
    if (P.getRows() || P.getHeld() || P->hasAttr(spike::OnCoreAttr))
      block(I, fmt::format("'{}' has rows, waits for a sweep or has a given "
                           "core",
                           nameOf(I)));
    llvm::SmallDenseSet<Value> Seen;
    for (Value In : P.getInputs())
      if (Seen.insert(In).second)
        visit(I, In);
    for (Value Out : P.getOutputs())
      visitReaders(I, Out);
  }
  for (bool More = true; More;) {
    More = false;
    for (auto [A, B] : OneToOne) {
      if ((Found[A].Channels == 0) == (Found[B].Channels == 0)) {
        if (Found[A].Channels != Found[B].Channels)
          setChannels(A, Found[B].Channels);
        continue;
      }
      More = true;
      (Found[A].Channels == 0 ? Found[A] : Found[B]).Channels =
          std::max(Found[A].Channels, Found[B].Channels);
    }
  }
  std::map<unsigned, ChannelClass> Classes;
  for (uint32_t I = 0; I != Found.size(); ++I) {
    ChannelClass &C = Classes[Same.findLeader(I)];
    C.Members.push_back(Found[I]);
    if (C.Why.empty())
      C.Why = Why[I];
    if (C.Why.empty() && Found[I].Channels == 0)
      C.Why = fmt::format("nothing tells how many channels '{}' has, which is "
                          "split like it",
                          nameOf(I));
    C.Common = std::gcd(C.Common, Found[I].Channels);
    for (int64_t N : Divides[I])
      C.Common = std::gcd(C.Common, N);
    if (auto Own = Found[I].Op->getAttrOfType<IntegerAttr>(spike::OwnCoresAttr))
      C.Common = std::gcd(C.Common, Own.getInt());
  }
  std::vector<ChannelClass> Out;
  for (auto &[Leader, C] : Classes)
    if (C.mostBytes(Room, 1) > Room.Bytes)
      Out.push_back(std::move(C));
  return Out;
}

std::vector<ChannelClass>
synfire::compiler::channelClasses(spike::NetworkOp Network,
                                  const KernelRoom &Room) {
  return Finder(Network).run(Room);
}
