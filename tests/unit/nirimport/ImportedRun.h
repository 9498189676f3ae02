//===- tests/unit/nirimport/ImportedRun.h - NIR by spike IR -----*- C++ -*-===//

#ifndef SYNFIRE_TESTS_UNIT_NIRIMPORT_IMPORTEDRUN_H
#define SYNFIRE_TESTS_UNIT_NIRIMPORT_IMPORTEDRUN_H

#include "compiler/reference/Interpreter.h"
#include "models/nir/NirImport.h"
#include "models/nir/PerNeuron.h"
#include "tests/unit/nirimport/PlainRun.h"

#include "mlir/IR/MLIRContext.h"

#include <filesystem>
#include <gtest/gtest.h>
#include <random>

namespace synfire {

inline std::string print(const Errors &All) {
  std::string Out;
  for (const Error &E : All)
    Out += E.format() + "\n";
  return Out;
}

/// An imported graph, run by the interpreter.
struct Imported {
  mlir::MLIRContext Context;
  mlir::OwningOpRef<mlir::ModuleOp> Module;
  compiler::RunResult Ran;

  spike::NetworkOp network() {
    return *Module->getOps<spike::NetworkOp>().begin();
  }
  void load(const nir::Graph &G, const nir::Interpretation &How,
            const models::NirOptions &Options = {}) {
    auto Made = models::importNir(&Context, G, How, Options);
    ASSERT_TRUE(Made) << print(Made.errors());
    Module = std::move(*Made);
  }
  /// \p Payloads [step, neuron].
  void run(const nir::Graph &G, const std::vector<int32_t> &Payloads,
           int64_t Neurons) {
    compiler::WeightFiles Files(
        std::filesystem::path(G.file().name()).parent_path());
    auto Run = compiler::Interpreter::create(network(), Files);
    ASSERT_TRUE(Run) << print(Run.errors());
    auto Input = *network().getOps<spike::InputOp>().begin();
    const std::string Name = Input.getName().str();
    compiler::EventInput Events{Name, Payloads};
    std::vector<int64_t> Steps(Payloads.size() / Neurons);
    compiler::RunInputs In;
    In.Tokens = Steps;
    In.Events = {&Events, 1};
    compiler::RunOptions Options;
    Options.RecordEvents = true;
    auto Out = Run->run(In, Options);
    ASSERT_TRUE(Out) << print(Out.errors());
    Ran = std::move(*Out);
  }
  const compiler::Recording *events(const std::string &Name) const {
    for (const compiler::Recording &R : Ran.Events)
      if (R.Name == Name)
        return &R;
    return nullptr;
  }
};

/// Channels, height and width, as spike.conv numbers a node's neurons.
inline models::SpatialShape placesOf(const nir::Shape &S) {
  return S.size() == 3   ? models::SpatialShape{S[0], S[1], S[2]}
         : S.size() == 2 ? models::SpatialShape{S[0], 1, S[1]}
                         : models::SpatialShape{S[0], 1, 1};
}

/// Imports \p G, gives it \p Steps steps of spikes of probability \p Rate and
/// compares every spike of every spiking node with PlainRun. Returns how many
/// spikes there were.
inline int64_t compareSpikes(const nir::Graph &G,
                             const nir::Interpretation &How, int64_t Steps,
                             double Rate) {
  Imported Net;
  Net.load(G, How);
  size_t Input = 0;
  while (G.Nodes[Input].K != nir::Kind::Input)
    ++Input;
  const models::SpatialShape Shape = placesOf(G.Nodes[Input].Out);
  const int64_t N = models::sizeOf(Shape);
  if (!Net.Module)
    return 0;
  std::mt19937 Random(3);
  std::bernoulli_distribution Draw(Rate);
  std::vector<int32_t> Payloads(Steps * N);
  std::vector<std::vector<double>> Given(Steps, std::vector<double>(N));
  for (int64_t T = 0; T != Steps; ++T)
    for (int64_t I = 0; I != N; ++I)
      Payloads[T * N + models::neuronOf(I, Shape)] = Given[T][I] = Draw(Random);
  Net.run(G, Payloads, N);
  PlainRun Plain(G, How);
  int64_t Spikes = 0, Differ = 0;
  for (int64_t T = 0; T != Steps; ++T) {
    Plain.step(Given[T]);
    for (size_t I = 0; I != G.Nodes.size(); ++I) {
      const nir::Node &Node = G.Nodes[I];
      if (!nir::isSpiking(Node.K) && Node.K != nir::Kind::Threshold)
        continue;
      const compiler::Recording *R = Net.events(Node.Name);
      if (!R) {
        ADD_FAILURE() << "no events of " << Node.Name;
        return 0;
      }
      for (int64_t E = 0; E != R->Neurons; ++E) {
        const int64_t Place = models::neuronOf(E, placesOf(Node.Out));
        const auto Wanted = static_cast<int32_t>(Plain.of(I)[E]);
        Spikes += Wanted;
        Differ += R->Payloads[T * R->Neurons + Place] != Wanted;
      }
    }
  }
  EXPECT_EQ(Differ, 0);
  return Spikes;
}

} // namespace synfire

#endif // SYNFIRE_TESTS_UNIT_NIRIMPORT_IMPORTEDRUN_H
