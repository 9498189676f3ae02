// Feeds bytes to the HDF5 reader and to what stands on it: NIR graphs, NIRData
// and Lava-DL networks. Whatever is accepted must be readable and consistent.

#include "models/hdf5/Hdf5.h"
#include "models/lavadl/LavaNet.h"
#include "models/nir/Interpretation.h"
#include "models/nir/NirData.h"

#include <cstdlib>

using namespace synfire;

namespace {

void readAll(const hdf5::File &F, const hdf5::Object &O) {
  if (!O.IsGroup) {
    Result<std::vector<double>> Values = F.readDoubles(O);
    if (Values && Values->size() != static_cast<size_t>(O.Data.numElements()))
      std::abort();
    (void)F.readTexts(O);
    if (std::optional<StoredTensor> T = F.stored(O); T)
      if (!digest(F.bytes(), *T))
        std::abort();
  }
  for (const hdf5::Object &Child : O.Children)
    readAll(F, Child);
}

void checkGraph(const nir::Graph &G) {
  if (G.Order.size() != G.Nodes.size())
    std::abort();
  for (nir::Edge E : G.Edges)
    if (E.From >= G.Nodes.size() || E.To >= G.Nodes.size() ||
        G.Nodes[E.From].Out != G.Nodes[E.To].In)
      std::abort();
  (void)nir::describeNeurons(G, {});
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *Data, size_t Size) {
  std::span<const uint8_t> Bytes(Data, Size);
  Result<hdf5::File> F = hdf5::File::parse(Bytes, "fuzz");
  if (!F) {
    if (F.errors().front().Text.empty())
      std::abort();
    return 0;
  }
  readAll(*F, F->root());
  if (Result<nir::Graph> G = nir::Graph::parse(Bytes, "fuzz"))
    checkGraph(*G);
  (void)nir::GraphData::parse(Bytes, "fuzz");
  if (Result<lavadl::LavaNet> Net = lavadl::LavaNet::parse(Bytes, "fuzz"))
    if (Net->Layers.empty())
      std::abort();
  return 0;
}
