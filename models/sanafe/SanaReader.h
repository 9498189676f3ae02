//===- models/sanafe/SanaReader.h - A network being read --------*- C++ -*-===//
//
// The state behind SanaNet::parse(): groups and neurons (SanaNet.cpp), edges
// (SanaEdges.cpp), mappings (SanaMappings.cpp).
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_MODELS_SANAFE_SANAREADER_H
#define SYNFIRE_MODELS_SANAFE_SANAREADER_H

#include "models/sanafe/SanaNet.h"
#include "models/sanafe/SanaYaml.h"

#include <tuple>

namespace synfire::sanafe {

class Reader {
public:
  Reader(SanaNet &Net, const NumberLists &Lists) : Net(Net), Lists(Lists) {}
  Errors Found;

  void groups(const yaml::Node &N);
  void edges(const yaml::Node &N);
  void mappings(const yaml::Node &N);
  void check();

private:
  /// An address `group`, `group.3` or `group.0..3`.
  struct Address {
    uint32_t Group = 0;
    bool Whole = true;
    Range Neurons;
  };
  /// What an edge says beside its weights.
  struct EdgeValues {
    const yaml::Node *Weight = nullptr, *Delay = nullptr, *Pairs = nullptr;
    std::string Type;
    std::map<std::string, uint64_t> Shape; ///< of a convolution
  };

  void fail(const yaml::Node &At, const char *Rule, std::string Text) {
    Found.push_back({At.Where, Rule, std::move(Text)});
  }
  bool isFull() const { return Found.size() >= 40; }
  void group(const yaml::Node &N);
  void apply(NeuronKind &K, const yaml::Node &Attributes);
  void apply(NeuronKind &K, const Attribute &A);
  std::optional<Address> address(std::string_view Text, const yaml::Node &At);
  void edge(const yaml::Node &Key, const yaml::Node &Value);
  EdgeValues valuesOf(const yaml::Node &Value);
  void take(EdgeValues &Into, const Attribute &A);
  void single(const Address &From, const Address &To, const yaml::Node &At,
              const EdgeValues &V);
  void hyper(const Address &From, const Address &To, const yaml::Node &At,
             const EdgeValues &V);
  bool convolve(Projection &P, const yaml::Node &At, const EdgeValues &V);
  std::optional<uint32_t> uniformDelay(const EdgeValues &V, size_t Count);
  bool addSynapses(const yaml::Node &At, uint64_t Count);
  void mapping(const yaml::Node &Key, const yaml::Node &Value);

  SanaNet &Net;
  const NumberLists &Lists;
  std::map<std::string, uint32_t, std::less<>> GroupOf;
  /// Edges between single neurons: their projection, by groups and delay.
  std::map<std::tuple<uint32_t, uint32_t, uint32_t>, size_t> Singles;
  uint64_t Neurons = 0, Synapses = 0;
};

} // namespace synfire::sanafe

#endif // SYNFIRE_MODELS_SANAFE_SANAREADER_H
