//===- simulator/baselines/DeviceYaml.h - Devices as text -------*- C++ -*-===//
//
// Private to simulator/baselines/: the keys of a device file, once, for reading
// and for printing.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_BASELINES_DEVICEYAML_H
#define SYNFIRE_SIMULATOR_BASELINES_DEVICEYAML_H

#include "simulator/baselines/DenseDevice.h"
#include "targets/ChipYaml.h"

#include <span>
#include <string_view>

namespace synfire::baselines {

/// Reports into \p Out what is wrong; the device counts only without errors.
DenseDevice readDevice(const yaml::Node &Root, Errors &Out);

/// Text of a device built into the library (generated).
struct BuiltInDevice {
  std::string_view Name;
  std::string_view Yaml;
};
std::span<const BuiltInDevice> builtInDevices();

} // namespace synfire::baselines

#endif // SYNFIRE_SIMULATOR_BASELINES_DEVICEYAML_H
