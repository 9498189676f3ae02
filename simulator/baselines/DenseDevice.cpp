//===- simulator/baselines/DenseDevice.cpp - Finding devices --------------===//

#include "simulator/baselines/DenseDevice.h"

#include "simulator/baselines/DeviceYaml.h"
#include "targets/arrays/MappedFile.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace synfire::baselines {

static const BuiltInDevice *builtIn(const std::string &Name) {
  for (const BuiltInDevice &D : builtInDevices())
    if (D.Name == Name)
      return &D;
  return nullptr;
}

static Error unknownDevice(const std::string &Name, const std::string &Where) {
  std::vector<std::string> Known = DenseDevice::names();
  auto Near = yaml::nearest(Name, Known);
  return {Where, "baseline-unknown",
          fmt::format("no baseline device is called `{}`; there are {}, or "
                      "give a .yaml file{}",
                      Name, fmt::join(Known, ", "),
                      Near ? fmt::format("; did you mean `{}`?", *Near) : "")};
}

std::vector<std::string> DenseDevice::names() {
  std::vector<std::string> Names;
  for (const BuiltInDevice &D : builtInDevices())
    Names.emplace_back(D.Name);
  std::ranges::sort(Names);
  return Names;
}

Result<DenseDevice> DenseDevice::load(const std::string &NameOrFile) {
  if (const BuiltInDevice *D = builtIn(NameOrFile))
    return parse(std::string(D->Yaml), NameOrFile + ".yaml");
  if (!NameOrFile.ends_with(".yaml") && NameOrFile.find('/') == NameOrFile.npos)
    return unknownDevice(NameOrFile, "");
  Result<MappedFile> File = MappedFile::open(NameOrFile);
  if (!File)
    return File.errors();
  auto Bytes = File->bytes();
  return parse(std::string(Bytes.begin(), Bytes.end()), NameOrFile);
}

Result<DenseDevice> DenseDevice::parse(const std::string &Yaml,
                                       const std::string &FileName) {
  Result<yaml::Node> Root = yaml::parseDocument(Yaml, FileName);
  if (!Root)
    return Root.errors();
  if (const yaml::Node *Base = Root->find("extends")) {
    const BuiltInDevice *D = builtIn(Base->Text);
    if (!D)
      return unknownDevice(Base->Text, Base->Where);
    auto Below =
        yaml::parseDocument(std::string(D->Yaml), std::string(D->Name));
    if (!Below)
      return Below.errors();
    // What was published of another device says nothing about this one.
    if (yaml::Node *Runs = Below->find("published"))
      Runs->Items.clear();
    Root = yaml::merge(std::move(*Below), *Root);
  }
  Errors Faults;
  DenseDevice Device = readDevice(*Root, Faults);
  if (!Faults.empty())
    return Faults;
  return Device;
}

Result<std::vector<DenseDevice>>
loadDevices(const std::vector<std::string> &Files) {
  std::vector<DenseDevice> Devices;
  std::vector<std::string> Names;
  for (const BuiltInDevice &D : builtInDevices())
    Names.emplace_back(D.Name);
  Names.insert(Names.end(), Files.begin(), Files.end());
  for (const std::string &Name : Names) {
    Result<DenseDevice> Device = DenseDevice::load(Name);
    if (!Device)
      return Device.errors();
    for (const DenseDevice &Other : Devices)
      if (Other.Name == Device->Name)
        return Error{Name, "baseline-duplicate",
                     fmt::format("a baseline device called `{}` is there "
                                 "already; give yours another `name`",
                                 Device->Name)};
    Devices.push_back(std::move(*Device));
  }
  return Devices;
}

} // namespace synfire::baselines
