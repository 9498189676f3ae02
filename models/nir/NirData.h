//===- models/nir/NirData.h - Spikes and traces in NIRData files *- C++ -*-===//
//
// Reads what was recorded of, or is to be fed to, the nodes of a NIR graph.
// HDF5 groups that an attribute `__type__` types: `NIRGraphData` with `nodes`
// of `NIRNodeData` with `observables`, each a `TimeGriddedData`, `EventData` or
// `ValuedEventData` (`nir.data_ir` of neuromorphs/NIR, January 2026).
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_MODELS_NIR_NIRDATA_H
#define SYNFIRE_MODELS_NIR_NIRDATA_H

#include "models/hdf5/Hdf5.h"

namespace synfire::nir {

/// A value for every sample, step and neuron.
struct GriddedData {
  int64_t NumSamples = 0, NumSteps = 0, NumNeurons = 0;
  double Dt = 0;              ///< one step, in the file's unit of time
  std::vector<double> Values; ///< [samples, steps, neurons], C order
};

/// One event; Value is 1 where the file has none.
struct TimedEvent {
  int64_t Neuron = 0;
  double Time = 0;
  double Value = 1;
};
struct EventData {
  int64_t NumNeurons = 0;
  double End = 0; ///< t_max
  /// Per sample, as stored but for the padding.
  std::vector<std::vector<TimedEvent>> Samples;
};

/// Something recorded of a node.
struct Observable {
  std::string Node, Key; ///< `lif1`, `spikes`
  std::optional<GriddedData> Gridded;
  std::optional<EventData> Events;
};

struct GraphData {
  /// Rules `nirdata-format`, `nirdata-value` and those of hdf5::File.
  static Result<GraphData> read(const std::string &Path);
  static Result<GraphData> parse(std::span<const uint8_t> Bytes,
                                 const std::string &Name);

  std::vector<Observable> Observables; ///< sorted by node and key
  const Observable *find(std::string_view Node, std::string_view Key) const;
};

/// Events of one sample put into steps of \p Dt: step = floor(time / dt), with
/// times within 1e-6 of a step's end taken as the next one's begin. Row-major
/// [steps, neurons], values of the same place added. Times from \p NumSteps
/// steps on are refused with rule `nirdata-value`.
Result<std::vector<double>> toSteps(const EventData &Data, size_t Sample,
                                    double Dt, int64_t NumSteps,
                                    const std::string &FileName);

} // namespace synfire::nir

#endif // SYNFIRE_MODELS_NIR_NIRDATA_H
