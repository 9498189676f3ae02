//===- tests/unit/mapping/PilotNetTest.cpp - As Intel's tools cut it ------===//
//
// PilotNet as a spiking network of ten layers, in the shapes of lava-dl's
// network file, on Loihi 2. Intel's tools put it on 74 cores (lava-dl, tutorial
// netx/pilotnet_snn, benchmark notebook).
//
//===----------------------------------------------------------------------===//

#include "Networks.h"
#include "compiler/mapping/PartitionProblem.h"

#include <gtest/gtest.h>

#include <array>
#include <iostream>

using namespace synfire;
using namespace synfire::mapping;

namespace {

struct Layer {
  const char *Name;
  uint32_t Channels, Height, Width;
  uint32_t StrideY, StrideX, PadY; ///< of the 3x3 kernel before it; 0: dense
  double Activity;                 ///< spikes per neuron and step
  uint32_t Cores;                  ///< published
  uint32_t Neurons;                ///< of a full core, published
};

constexpr std::array Layers = {
    Layer{"input", 3, 66, 200, 0, 0, 0, 0.89, 13, 3168},
    Layer{"conv-0", 24, 32, 99, 2, 2, 0, 0.09, 25, 3072},
    Layer{"conv-1", 36, 15, 49, 2, 2, 0, 0.10, 13, 2160},
    Layer{"conv-2", 48, 7, 24, 2, 2, 0, 0.12, 3, 2688},
    Layer{"conv-3", 64, 4, 22, 2, 1, 1, 0.11, 3, 2048},
    Layer{"conv-4", 64, 2, 20, 1, 1, 0, 0.11, 2, 2048},
    Layer{"fc-0", 100, 1, 1, 0, 0, 0, 0.09, 12, 9},
    Layer{"fc-1", 50, 1, 1, 0, 0, 0, 0.04, 1, 50},
    Layer{"fc-2", 10, 1, 1, 0, 0, 0, 0.04, 1, 10},
    Layer{"fc-3", 1, 1, 1, 0, 0, 0, 0, 1, 1}};

/// The largest power of two of columns with fewer than 4096 neurons: the rule
/// that all published blocks follow.
uint32_t columnsOfCore(const Layer &L) {
  uint32_t Columns = 1;
  while (2 * Columns * L.Height * L.Channels < 4096)
    Columns *= 2;
  return Columns;
}

Workload pilotNet() {
  Workload Net;
  const Layer *Before = nullptr;
  for (const Layer &L : Layers) {
    Population P;
    P.Name = L.Name;
    P.Neurons = L.Channels * L.Height * L.Width;
    P.Program = Net.Populations.size();
    P.Instructions = 20;
    P.States = 2;     // current and voltage
    P.Parameters = 1; // bias
    P.ResetEvery = 16;
    P.ResetAt = (3 + P.Program) % 16;
    P.Slots.push_back({"in", false, 24});
    Output O;
    O.Name = P.Name + ".spikes";
    O.Kind = image::PayloadKind::Binary;
    O.PayloadBits = 1;
    O.Activity = L.Activity;
    P.Outputs.push_back(O);
    Net.Populations.push_back(P);
    if (Before) {
      Edge E;
      E.Name = P.Name + ".weight";
      E.From = {false, P.Program - 1, 0};
      E.To = P.Program;
      E.WeightBits = 7; // -24 .. 42
      E.AccumulateOnly = true;
      E.SumBits = 24;
      E.Kind = L.StrideX ? EdgeKind::Window : EdgeKind::Linear;
      if (L.StrideX) {
        E.Window = {Before->Channels,
                    Before->Height,
                    Before->Width,
                    L.Channels,
                    L.Height,
                    L.Width,
                    3,
                    3};
        E.Window.StrideY = L.StrideY;
        E.Window.StrideX = L.StrideX;
        E.Window.PadY = L.PadY;
      }
      Net.Edges.push_back(E);
    }
    Before = &L;
  }
  Edge Out;
  Out.Name = "angle";
  Out.Kind = EdgeKind::HostOutput;
  Out.From = {false, uint32_t(Layers.size() - 1), 0};
  Net.Edges.push_back(Out);
  return Net;
}

std::vector<uint32_t> coresOfLayers(const Mapping &Map) {
  std::vector<std::vector<bool>> On(Layers.size(),
                                    std::vector<bool>(Map.Cores.size()));
  for (const MappedBlock &B : Map.Blocks)
    if (!B.IsRelay)
      On[B.Index][B.Core] = true;
  std::vector<uint32_t> Out;
  for (const auto &Cores : On)
    Out.push_back(std::count(Cores.begin(), Cores.end(), true));
  return Out;
}

class PilotNet : public ::testing::Test {
protected:
  void SetUp() override {
    auto Loaded = ChipSpec::load("loihi2");
    ASSERT_TRUE(Loaded);
    Chip = *Loaded;
  }
  Partition map(const Workload &Net) {
    const PartitionProblem Problem{Net, Chip};
    const Errors Wrong = Problem.check();
    EXPECT_TRUE(Wrong.empty()) << Wrong.front().format();
    Partition Out = partitionAnalytically(Problem);
    EXPECT_TRUE(Out.Fit.fits()) << Out.Fit.error().format();
    const auto Faults = Problem.verify(Out.Map);
    EXPECT_TRUE(Faults.empty()) << textOf(Faults);
    std::cout << Out.Fit.table();
    return Out;
  }
  ChipSpec Chip;
};

TEST_F(PilotNet, IsCutAsIntelsToolsCutIt) {
  Workload Net = pilotNet();
  for (size_t I = 0; I != Layers.size(); ++I) {
    Population &P = Net.Populations[I];
    const Layer &L = Layers[I];
    P.OwnCores = true;
    P.CutAt = L.StrideX || I == 0 ? columnsOfCore(L) * L.Height * L.Channels
                                  : (P.Neurons + L.Cores - 1) / L.Cores;
    EXPECT_EQ(P.CutAt, L.Neurons) << L.Name;
  }
  const Partition Found = map(Net);
  std::vector<uint32_t> Published;
  for (const Layer &L : Layers)
    Published.push_back(L.Cores);
  EXPECT_EQ(coresOfLayers(Found.Map), Published);
  EXPECT_EQ(Found.Map.Cores.size(), 74u);
  EXPECT_TRUE(Found.Map.Relays.empty());
  // Spreading does not touch what was asked for.
  const Partition Even = partitionSpread({Net, Chip}, 0);
  EXPECT_EQ(coresOfLayers(Even.Map), Published);
}

TEST_F(PilotNet, DummyColumnsFillTheLastCore) {
  // Targets may have columns that no source reaches: a full block on each core.
  Workload Net = pilotNet();
  uint32_t Neurons = 0;
  for (size_t I = 0; I != Layers.size(); ++I) {
    Population &P = Net.Populations[I];
    const Layer &L = Layers[I];
    P.OwnCores = true;
    P.CutAt = L.Neurons;
    if (L.StrideX || I == 0)
      P.Neurons = L.Cores * L.Neurons;
    Neurons += P.Neurons;
  }
  for (Edge &E : Net.Edges)
    if (E.Kind == EdgeKind::Window)
      E.Window.TargetWidth = Net.Populations[E.To].Neurons /
                             E.Window.TargetHeight / E.Window.TargetChannels;
  // fc-0 hears the columns that are there.
  Edge &Flat = Net.Edges[5];
  ASSERT_EQ(Flat.Kind, EdgeKind::Linear);
  for (uint32_t I = 0; I != 2560; ++I)
    Flat.Only.push_back(I);
  EXPECT_EQ(Neurons, 164529u); // as the counters of the hardware say
  EXPECT_EQ(map(Net).Map.Cores.size(), 74u);
}

TEST_F(PilotNet, TakesFewCoresWhenLeftAlone) {
  const Partition Free = map(pilotNet());
  std::cout << "PilotNet takes " << Free.Map.Cores.size() << " cores\n";
  EXPECT_LT(Free.Map.Cores.size(), 74u);
  EXPECT_GE(Free.Map.Cores.size(), Free.Fit.CoresLowerBound);

  Workload Columns = pilotNet();
  for (size_t I = 0; I != 6; ++I)
    Columns.Populations[I].CutAt = Layers[I].Height * Layers[I].Channels;
  const Partition Cut = map(Columns);
  std::cout << "PilotNet in whole columns takes " << Cut.Map.Cores.size()
            << " cores\n";
  for (const MappedBlock &B : Cut.Map.Blocks)
    if (!B.IsRelay && B.Index < 6) {
      EXPECT_EQ(B.FirstNeuron % Columns.Populations[B.Index].CutAt, 0u);
    }
}

} // namespace
