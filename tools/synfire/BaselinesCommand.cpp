//===- BaselinesCommand.cpp - synfire baselines ---------------------------===//
//
// Lists the devices that a dense Transformer is compared on, prints one with
// the source of every number and its published runs, or prints what a
// Transformer of given sizes costs on them.
//
//===----------------------------------------------------------------------===//

#include "tools/synfire/Commands.h"

#include "simulator/report/DenseCurves.h"
#include "simulator/report/Format.h"

#include <fmt/format.h>
#include <memory>
#include <nlohmann/json.hpp>

using namespace synfire;
using namespace synfire::tools;
using baselines::DenseDevice;

namespace {
struct BaselinesOptions {
  std::string Name;
  double Layers = 0, Width = 0, Vocabulary = 0;
  bool Json = false;
};

std::string joules(double Picojoules) {
  return report::withPrefix(Picojoules, "J", -12);
}

std::string figureText(const baselines::Figure &F) {
  if (F.Low == F.High)
    return fmt::format("{:.6g}", F.Value);
  return fmt::format("{:.6g} ({:.6g} to {:.6g})", F.Value, F.Low, F.High);
}

void printRun(const report::PublishedCheck &C) {
  fmt::print("\n{}, context {}, batch {} [{}]: {}\n", C.Run.Model,
             C.Run.Context, C.Run.Batch, gradeLetter(C.Run.Evidence),
             C.Run.Source);
  auto Speed = C.Model ? C.Model->tokensPerSecond() : std::nullopt;
  auto Total = C.Model ? C.Model->total() : std::nullopt;
  if (C.Run.TokensPerSecond && Speed)
    fmt::print("  tokens/s   published {:<9.5g} model {:.5g} ({:.5g} to "
               "{:.5g})\n",
               *C.Run.TokensPerSecond, Speed->Nominal, Speed->Low, Speed->High);
  if (C.Run.JoulesPerToken && Total)
    fmt::print("  J/token    published {:<9.5g} model {:.3g} ({:.3g} to {:.3g})"
               ", {:.3g} at the published time\n",
               *C.Run.JoulesPerToken, Total->Nominal * 1e-12,
               Total->Low * 1e-12, Total->High * 1e-12,
               C.AtPublishedTime.value_or(0));
}

void printDevice(const DenseDevice &D) {
  fmt::print("{}: {}\n\n", D.Name, D.Summary);
  for (const baselines::FigureRow &R : describe(D))
    fmt::print("{:<29} {:>28} {:<9} {}  {}\n", R.Key, figureText(R.Number),
               R.Unit, gradeLetter(R.Number.Evidence), R.Number.Source);
  fmt::print("\nGrades: M measured on silicon, P published, D derived, A "
             "assumed.\n");
  for (const report::PublishedCheck &C : report::checkPublished({D}))
    printRun(C);
}

void printDeviceJson(const DenseDevice &D) {
  nlohmann::ordered_json Rows = nlohmann::ordered_json::array();
  for (const baselines::FigureRow &R : describe(D))
    Rows.push_back({{"key", R.Key},
                    {"value", R.Number.Value},
                    {"low", R.Number.Low},
                    {"high", R.Number.High},
                    {"unit", R.Unit},
                    {"grade", std::string(1, gradeLetter(R.Number.Evidence))},
                    {"source", R.Number.Source}});
  nlohmann::ordered_json J = {
      {"name", D.Name}, {"summary", D.Summary}, {"rows", Rows}};
  fmt::print("{}\n", J.dump(1));
}

void printCurves(const std::vector<DenseDevice> &Devices,
                 const baselines::Transformer &T) {
  fmt::print("Transformer of {} parameters (L {}, d {}, V {})\n",
             report::shortCount(T.parameters()), T.Layers, T.Width,
             T.Vocabulary);
  fmt::print("{:<12} {:>5} {:>8} {:>5} {:>7} {:>11} {:>12} {:>11}  {}\n",
             "device", "batch", "context", "fits", "devices", "dynamic/tok",
             "with static", "tokens/s", "waits for");
  for (const report::DenseCurve &C : report::deviceCurves(Devices, T))
    for (const auto &P : C.Points) {
      if (!P) {
        fmt::print("{:<12} {:>5} does not fit\n", C.Device, C.Batch);
        continue;
      }
      auto Total = P->total(), Speed = P->tokensPerSecond();
      fmt::print("{:<12} {:>5} {:>8} {:>5} {:>7} {:>11} {:>12} {:>11}  {}\n",
                 C.Device, C.Batch, P->Context, P->Batch, P->Devices,
                 joules(P->Dynamic.Nominal),
                 Total ? joules(Total->Nominal) : "-",
                 Speed ? report::shortCount(Speed->Nominal) : "-", P->Bound);
    }
}

Status showBaselines(const BaselinesOptions &O) {
  std::vector<DenseDevice> Devices;
  if (O.Name.empty()) {
    auto All = baselines::loadDevices({});
    if (!All)
      return All.errors();
    Devices = std::move(*All);
  } else {
    auto One = DenseDevice::load(O.Name);
    if (!One)
      return One.errors();
    Devices.push_back(std::move(*One));
  }
  if (O.Layers > 0)
    printCurves(Devices, {O.Layers, O.Width, O.Vocabulary, 1});
  else if (O.Name.empty())
    for (const DenseDevice &D : Devices)
      fmt::print("{:<12} {}\n", D.Name, D.Summary);
  else if (O.Json)
    printDeviceJson(Devices.front());
  else
    printDevice(Devices.front());
  return {};
}
} // namespace

void synfire::tools::addBaselines(CLI::App &App, Action &Chosen) {
  auto O = std::make_shared<BaselinesOptions>();
  CLI::App *Command = App.add_subcommand(
      "baselines", "list the devices of the dense comparison, print one with "
                   "its sources, or what a Transformer costs there");
  Command->add_option("name", O->Name, "device by name or .yaml file");
  Command->add_flag("--json", O->Json, "the device as JSON");
  auto size = [&](const char *Name, double &Held, const char *Text) {
    return Command->add_option(Name, Held, Text)->check(CLI::Range(1.0, 1e9));
  };
  auto *Layers = size("--layers", O->Layers, "layers of the Transformer");
  auto *Width = size("--width", O->Width, "its width");
  auto *Vocabulary = size("--vocabulary", O->Vocabulary, "its vocabulary");
  for (auto *Option : {Layers, Width, Vocabulary})
    for (auto *Other : {Layers, Width, Vocabulary})
      if (Option != Other)
        Option->needs(Other);
  Command->callback(
      [O, &Chosen] { Chosen = [O] { return showBaselines(*O); }; });
}
