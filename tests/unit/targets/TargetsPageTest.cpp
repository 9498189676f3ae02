// docs/targets.md: its tables are what the chip files say. A row that is not
// there is printed as it has to be.

#include "targets/ChipSpec.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

using namespace synfire;

namespace {

const std::string KindNames[] = {"binary", "ternary", "signed", "unsigned"};

std::string memoryText(const CoreLimits &Core) {
  Bytes Pool = Core.UnifiedBytes ? *Core.UnifiedBytes : *Core.SynapseBytes;
  return fmt::format("{} KiB {}", Pool.Value / 1024,
                     Core.UnifiedBytes ? "for all" : "of synapses");
}

std::string eventText(const ChipSpec &Chip) {
  if (!Chip.Event.Driven)
    return "none: dense layers";
  std::string Text;
  for (image::PayloadKind Kind : Chip.Event.Kinds)
    Text += (Text.empty() ? "" : ", ") + KindNames[static_cast<int>(Kind)];
  if (Chip.Event.PayloadBits)
    Text += fmt::format("; to {} bit", Chip.Event.PayloadBits);
  return Text;
}

std::string abilityRow(const std::string &Name, const ChipSpec &Chip) {
  const auto &Bits = Chip.Core.WeightBits;
  uint32_t Widest = *std::max_element(Bits.begin(), Bits.end());
  return fmt::format(
      "| `{}` | {} | {} | {} | {} | {} | {} | {} |", Name,
      Chip.System.UsableCores, Chip.Core.Neurons, memoryText(Chip.Core),
      Chip.Neuron.Programmable ? "programs" : "fixed", eventText(Chip), Widest,
      Chip.Noc.Multicast ? "multicast" : "unicast");
}

std::string figure(double Value, double Low, double High, Grade Evidence) {
  std::string Text = fmt::format("{} {}", Value, gradeLetter(Evidence));
  return Low == High ? Text : fmt::format("{} ({} to {})", Text, Low, High);
}

std::string energy(const Cost &Row) {
  return figure(Row.Energy.Value, Row.EnergyLow.Value, Row.EnergyHigh.Value,
                Row.EnergyGrade);
}

std::string costRow(const std::string &Name, const ChipSpec &Chip) {
  const CostTable &C = Chip.Costs;
  const Cost &Synapse = C[Action::SynapseAccumulate];
  const Ranged<Watts> &Static = C.Static.PerChip;
  std::string Lanes =
      Chip.Core.AccumulateLanes == 1
          ? ""
          : fmt::format(", {} lanes", Chip.Core.AccumulateLanes);
  return fmt::format(
      "| `{}` | {} | {} | {} | {} | {} | {} |", Name, energy(Synapse),
      figure(Synapse.Time.Value, Synapse.TimeLow.Value, Synapse.TimeHigh.Value,
             Synapse.TimeGrade) +
          Lanes,
      energy(C[Action::NeuronUpdate]), energy(C[Action::MessageOut]),
      energy(C[Action::HopEastWest]),
      figure(Static.Value, Static.Low.Value, Static.High.Value,
             Static.Evidence));
}

TEST(TargetsPage, TablesSayWhatTheChipsSay) {
  std::ifstream File(SYNFIRE_SOURCE_DIR "/docs/targets.md");
  ASSERT_TRUE(File);
  std::set<std::string> Rows;
  for (std::string Line; std::getline(File, Line);)
    if (Line.starts_with("| `"))
      Rows.insert(Line);
  for (const std::string &Name : ChipSpec::names()) {
    Result<ChipSpec> Chip = ChipSpec::load(Name);
    ASSERT_TRUE(Chip);
    for (const std::string &Row :
         {abilityRow(Name, *Chip), costRow(Name, *Chip)}) {
      EXPECT_TRUE(Rows.contains(Row)) << Row;
      Rows.erase(Row);
    }
  }
  for (const std::string &Row : Rows)
    ADD_FAILURE() << "no chip says so: " << Row;
}

} // namespace
