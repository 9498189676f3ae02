//===- simulator/baselines/DenseDevice.h - What runs it densely -*- C++ -*-===//
//
// A device that could run a dense Transformer of the same size, as a YAML file:
// every number with its range, grade and source. docs/report.md lists the keys;
// the shipped devices lie beside this file and are built into the library.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_BASELINES_DENSEDEVICE_H
#define SYNFIRE_SIMULATOR_BASELINES_DENSEDEVICE_H

#include "simulator/baselines/Transformer.h"
#include "targets/CostTable.h"
#include "targets/Status.h"

#include <optional>
#include <string>
#include <vector>

namespace synfire::baselines {

/// A number of a device with its range and where it comes from. Low <= Value
/// <= High; equal when the source gives a single figure.
struct Figure {
  double Value = 0, Low = 0, High = 0;
  Grade Evidence = Grade::Assumed;
  std::string Source;
};

/// A published run that the model of the device can be held against. It sets
/// no constant.
struct PublishedRun {
  std::string Model;
  Transformer Shape;
  double Context = 0;
  double Batch = 1;
  std::optional<double> TokensPerSecond; ///< of the whole device
  std::optional<double> JoulesPerToken;
  Grade Evidence = Grade::Assumed;
  std::string Source;
};

struct DenseDevice {
  std::string Name, Summary;
  std::optional<Figure> WeightBits;   ///< always given
  std::optional<Figure> KvBits;       ///< always given
  std::optional<Figure> MemoryEnergy; ///< pJ per bit; always given
  std::optional<Figure> MacEnergy;    ///< pJ; always given
  /// Bytes that hold weights and KV caches, per device; none: without limit.
  std::optional<Figure> Capacity;
  /// All of the following seven, or none: then the device has no time.
  std::optional<Figure> Bandwidth;    ///< bits per nanosecond, per device
  std::optional<Figure> BandwidthUse; ///< share of it that is reached
  std::optional<Figure> MacRate;      ///< per nanosecond, per device
  std::optional<Figure> MacUse;       ///< share of it that is reached
  std::optional<Figure> StaticPower;  ///< W per device
  std::optional<Figure> LayerTime;    ///< ns of launches per layer and step
  std::optional<Figure> StepTime;     ///< ns of launches per step
  std::optional<Figure> MaxDevices;   ///< that may share a model; none: 1
  std::optional<Figure> LargeBatch;   ///< none: batch 1 only
  std::vector<PublishedRun> Published;

  bool hasTime() const { return Bandwidth.has_value(); }

  /// Names of the shipped devices, sorted.
  static std::vector<std::string> names();
  /// A shipped device, or the file of that name when it ends in `.yaml` or has
  /// a slash. Fails with `baseline-unknown`, `file-open`, or what the file gets
  /// wrong, each with its line.
  static Result<DenseDevice> load(const std::string &NameOrFile);
  static Result<DenseDevice> parse(const std::string &Yaml,
                                   const std::string &FileName);
};

/// The shipped devices, then \p Files; a name may not come twice
/// (`baseline-duplicate`).
Result<std::vector<DenseDevice>>
loadDevices(const std::vector<std::string> &Files);

/// One number of a device, as lists print it.
struct FigureRow {
  std::string Key; ///< dotted, as in the file
  std::string Unit;
  Figure Number;
};

/// Every number that \p Device states, in the order of the file.
std::vector<FigureRow> describe(const DenseDevice &Device);

} // namespace synfire::baselines

#endif // SYNFIRE_SIMULATOR_BASELINES_DENSEDEVICE_H
