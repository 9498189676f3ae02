//===- models/lavadl/LavaNet.h - Networks of Lava-DL ------------*- C++ -*-===//
//
// Reads `.net` files, in which Lava-DL (`lava.lib.dl.slayer`) hands trained,
// quantised networks to Loihi 2: HDF5 groups `layer/0`, `layer/1`, ... in a
// chain, numbers that are whole whatever their type. Checked against Lava-DL at
// commit d825ac5 (BSD-3-Clause) and its PilotNet.
//
// One step of a neuron, a the sum of weights of spikes of the step before, b
// the bias; tz cuts towards zero:
//
//     u = tz(u (4096 - CurrentDecay) / 4096) + 64 a
//     v = tz(v (4096 - VoltageDecay) / 4096) + u + 64 b
//     s = v > 64 Threshold;  v = 0 where s
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_MODELS_LAVADL_LAVANET_H
#define SYNFIRE_MODELS_LAVADL_LAVANET_H

#include "models/hdf5/Hdf5.h"

#include <array>

namespace synfire::lavadl {

/// Limits of Loihi 2 that a file must keep.
constexpr int64_t MaxDecay = 4096;
constexpr int64_t MaxThreshold = (int64_t(1) << 17) - 1;
constexpr int64_t MaxBias = (int64_t(1) << 23) - 1;
constexpr int64_t MinWeight = -256, MaxWeight = 255;
constexpr int64_t MaxDelay = 62;
/// Neurons of a layer, and layers.
constexpr int64_t MaxNeurons = int64_t(1) << 28;
constexpr int64_t MaxLayers = 4096;

/// A neuron of type LOIHI or CUBA.
struct Neuron {
  int64_t CurrentDecay = 0; ///< iDecay: lost per step, in 1/4096
  int64_t VoltageDecay = 0; ///< vDecay
  int64_t Threshold = 0;    ///< vThMant, in 64 units of v
};

enum class LayerType : uint8_t { Input, Flatten, Conv, Dense };
std::string_view name(LayerType Type);

struct Layer {
  LayerType Type = LayerType::Input;
  std::string Path;             ///< `/layer/3`
  std::array<int64_t, 3> Shape; ///< channels, height, width; dense [n, 1, 1]
  std::optional<struct Neuron> Neuron; ///< none in Flatten; may lack in Input
  /// Conv [out, in / groups, kernel y, kernel x], correlation; Dense
  /// [out, in], in counted as channel, y, x. In C order.
  std::vector<int64_t> WeightShape;
  std::vector<int32_t> Weight;
  std::optional<StoredTensor> Stored; ///< where Weight lies, if as it is
  std::vector<int64_t> Bias;          ///< per output channel; empty if none
  std::array<int64_t, 2> Stride = {1, 1}, Padding = {0, 0},
                         Dilation = {1, 1}; ///< y, x
  int64_t Groups = 1;
  /// Steps by which spikes of this layer are late: none, one for all, or one
  /// per neuron.
  std::vector<int64_t> Delay;
  /// Of an Input: pixel p in 0..1 is the bias trunc(2 w p - w + b).
  double InputWeight = 0, InputBias = 0;

  int64_t numNeurons() const { return Shape[0] * Shape[1] * Shape[2]; }
};

struct LavaNet {
  /// Rules `lava-format`, `lava-type`, `lava-shape`, `lava-range` and those of
  /// hdf5::File. Everything is checked: types, ranges, and the shape of each
  /// layer against the layer before it.
  static Result<LavaNet> read(const std::string &Path);
  static Result<LavaNet> parse(std::span<const uint8_t> Bytes,
                               const std::string &Name);

  std::vector<Layer> Layers; ///< by number; the first is an Input
  /// What was left out or assumed, a sentence each.
  std::vector<std::string> Notes;
};

} // namespace synfire::lavadl

#endif // SYNFIRE_MODELS_LAVADL_LAVANET_H
