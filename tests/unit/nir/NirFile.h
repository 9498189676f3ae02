//===- tests/unit/nir/NirFile.h - NIR graphs for tests ----------*- C++ -*-===//

#ifndef SYNFIRE_TESTS_UNIT_NIR_NIRFILE_H
#define SYNFIRE_TESTS_UNIT_NIR_NIRFILE_H

#include "models/nir/NirGraph.h"
#include "tests/unit/checkpoint/TestFiles.h"
#include "tests/unit/nir/Hdf5Writer.h"

namespace synfire::testfiles {

/// Writes a NIR graph node by node, then reads it.
class NirFile {
public:
  explicit NirFile(bool WithVersion = true) : W(Path) {
    if (WithVersion)
      W.text("version", "1.0.7");
    W.text("node/type", "NIRGraph");
  }

  /// \p Name may lead through subgraphs: `sub/inner`.
  std::string place(const std::string &Name) const {
    std::string Out = "node/nodes/";
    for (char C : Name)
      Out += C == '/' ? std::string("/nodes/") : std::string(1, C);
    return Out + "/";
  }
  void type(const std::string &Name, const std::string &Type) {
    W.text(place(Name) + "type", Type);
  }
  void port(const std::string &Name, const std::string &Type,
            const std::vector<int64_t> &Shape) {
    type(Name, Type);
    W.integers(place(Name) + "shape", {Shape.size()}, Shape);
  }
  void linear(const std::string &Name, hsize_t Out, hsize_t In) {
    type(Name, "Linear");
    W.floats(place(Name) + "weight", {Out, In},
             std::vector<float>(Out * In, 0.5F));
  }
  void lif(const std::string &Name, hsize_t Size, double Tau = 1e-2) {
    type(Name, "LIF");
    for (const char *P : {"r", "v_leak", "v_threshold"})
      W.floats(place(Name) + P, {Size},
               std::vector<float>(Size, *P == 'r' ? 1 : 0.25F));
    W.doubles(place(Name) + "tau", {Size}, std::vector<double>(Size, Tau));
  }
  void conv(const std::string &Name, const std::vector<hsize_t> &Weight,
            std::vector<int64_t> Stride, int64_t Groups = 1) {
    type(Name, Weight.size() == 3 ? "Conv1d" : "Conv2d");
    hsize_t Count = 1;
    for (hsize_t Size : Weight)
      Count *= Size;
    W.floats(place(Name) + "weight", Weight, std::vector<float>(Count, 1));
    W.floats(place(Name) + "bias", {Weight[0]},
             std::vector<float>(Weight[0], 0));
    W.integers(place(Name) + "stride", {Stride.size()}, Stride);
    W.integers(place(Name) + "dilation", {}, {1});
    W.integers(place(Name) + "groups", {}, {Groups});
  }
  /// Pairs of names of the graph, or of the subgraph \p Of.
  void edges(const std::vector<std::string> &Pairs,
             const std::string &Of = "") {
    std::string Where = Of.empty() ? "node/" : place(Of);
    if (Pairs.empty())
      W.doubles(Where + "edges", {0}, {});
    else
      W.texts(Where + "edges", Pairs, {Pairs.size() / 2, 2});
  }
  /// Input [2] -> Linear 3x2 -> LIF [3] -> Output [3], without edges.
  void chain() {
    port("input", "Input", {2});
    linear("fc", 3, 2);
    lif("lif", 3);
    port("output", "Output", {3});
  }

  Result<nir::Graph> read() {
    W.close();
    return nir::Graph::read(Path);
  }
  /// `rule: text` of the first error, or of none.
  std::string error() {
    Result<nir::Graph> G = read();
    return G ? "none" : G.errors()[0].Rule + ": " + G.errors()[0].Text;
  }

  Folder Files;
  std::string Path = Files.path("x.nir");
  Hdf5Writer W;
};

/// All notes, a line each.
inline std::string notes(const nir::Graph &G) {
  std::string Out;
  for (const nir::Note &N : G.Notes)
    Out += N.Rule + ": " + N.Text + "\n";
  return Out;
}

} // namespace synfire::testfiles

#endif // SYNFIRE_TESTS_UNIT_NIR_NIRFILE_H
