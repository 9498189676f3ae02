//===- targets/ChipSpecRules.cpp - Rules between keys -----------*- C++ -*-===//
//
// What no single key can be wrong about by itself. docs/chip-yaml.md lists the
// rules by their tags.
//
//===----------------------------------------------------------------------===//

#include "targets/ChipSpecYaml.h"

#include <fmt/format.h>

#include <algorithm>

using namespace synfire;
using image::PayloadKind;

namespace {

/// Core numbers are 32 bits wide; half of that leaves room for arithmetic.
constexpr uint64_t MaxSystemCores = uint64_t(1) << 31;

class Rules {
public:
  Rules(const ChipSpec &Spec, const std::string &File,
        const std::map<std::string, std::string> &Places)
      : Spec(Spec), File(File), Places(Places) {}

  Errors run() {
    checkNetwork();
    if (Spec.Noc.Topology == NocTopology::Tree)
      return std::move(Out); // The rest is about routers in rows.
    checkSystem();
    checkMemory();
    checkEvents();
    checkNeuron();
    checkCosts();
    return std::move(Out);
  }

private:
  void fault(const std::string &Key, std::string_view Rule, std::string Text) {
    auto At = Places.find(Key);
    if (At == Places.end()) // A key that is not there: its section.
      At = Places.find(Key.substr(0, Key.find('.')));
    Out.push_back({At == Places.end() ? File : At->second, std::string(Rule),
                   fmt::format("`{}`: {}", Key, std::move(Text))});
  }
  bool has(PayloadKind Kind) const {
    return std::ranges::find(Spec.Event.Kinds, Kind) != Spec.Event.Kinds.end();
  }
  bool isGraded() const {
    return has(PayloadKind::Signed) || has(PayloadKind::Unsigned);
  }

  void checkNetwork() {
    for (Error &E : nocFaults(Spec.Noc, File, Places))
      Out.push_back(std::move(E));
    if (Spec.Noc.Topology == NocTopology::Tree)
      fault("noc.topology", "chip-topology",
            "programs are routed over a mesh or torus; a tree can be simulated "
            "with `synfire noc`, from a file with nothing but `noc:`");
  }

  void checkSystem() {
    const NocSpec &Noc = Spec.Noc;
    const SystemSpec &System = Spec.System;
    uint64_t Cores = uint64_t(Noc.Width) * Noc.Height * Noc.CoresPerRouter;
    if (System.UsableCores > Cores)
      fault("system.usable_cores", "chip-usable-cores",
            fmt::format("{} cores cannot be used; the mesh of {} x {} routers "
                        "with {} cores each has {}",
                        System.UsableCores, Noc.Width, Noc.Height,
                        Noc.CoresPerRouter, Cores));
    uint64_t Rows =
        (uint64_t(System.MaxChips) + System.GridWidth - 1) / System.GridWidth;
    if (Rows * System.GridWidth > MaxSystemCores / Cores)
      fault("system.max_chips", "chip-system-size",
            fmt::format("{} chips of {} cores are more than the {} cores that "
                        "can be numbered",
                        Rows * System.GridWidth, Cores, MaxSystemCores));
  }

  void checkMemory() {
    const CoreLimits &Core = Spec.Core;
    bool Separate = Core.SynapseBytes || Core.StateBytes || Core.ProgramBytes ||
                    Core.AxonBytes;
    if (Core.UnifiedBytes && Separate)
      fault(
          "core.unified_bytes", "chip-memory-pools",
          "a core has either one pool for everything or pools by use "
          "(synapse_bytes, state_bytes, program_bytes, axon_bytes), not both");
    if (!Core.UnifiedBytes && !Core.SynapseBytes)
      fault("core", "chip-memory-pools",
            "a core needs unified_bytes or at least synapse_bytes");
    const SynapseStore &Store = Core.Synapses;
    if (Store.WordBits % 8 != 0)
      fault("core.synapse_word_bits", "chip-synapse-store",
            fmt::format("words of {} bits are no whole bytes; round to a "
                        "multiple of 8",
                        Store.WordBits));
    if (Store.WordBits == 0 && (Store.HeaderBits || Store.Group ||
                                Store.IndexBits || Store.StrideBits))
      fault("core.synapse_word_bits", "chip-synapse-store",
            "headers, groups, indices and strides of synapses need words; give "
            "synapse_word_bits, 8 for bytes");
  }

  void checkEvents() {
    if (isGraded() && Spec.Event.PayloadBits == 0)
      fault("event.payload_bits", "chip-payload",
            "signed and unsigned payloads need at least 1 bit");
    if (!isGraded() && Spec.Event.PayloadBits != 0)
      fault("event.payload_bits", "chip-payload",
            fmt::format("{} bits, but event.kinds has neither signed nor "
                        "unsigned; write 0",
                        Spec.Event.PayloadBits));
  }

  void checkNeuron() {
    const NeuronUnit &Neuron = Spec.Neuron;
    if (Neuron.Programmable &&
        (Neuron.Instructions.empty() || Neuron.ProgramWords == 0))
      fault("neuron.programmable", "chip-neuron",
            "a programmable neuron needs instructions and program_words");
    if (!Neuron.Programmable && !Neuron.Instructions.empty())
      fault("neuron.instructions", "chip-neuron",
            "a neuron that is not programmable has no instructions; write []");
  }

  /// Whether the chip can do an action at all.
  bool canDo(Action A) const {
    if (A >= Action::InstructionMove && A <= Action::InstructionEmit)
      return Spec.hasInstruction(static_cast<isa::CostClass>(
          static_cast<unsigned>(A) -
          static_cast<unsigned>(Action::InstructionMove)));
    switch (A) {
    case Action::SynapseMultiply:
      return isGraded();
    case Action::DirectWrite:
      return Spec.Neuron.Programmable;
    case Action::DynamicWrite:
      return Spec.Core.DynamicSynapses;
    case Action::ChipLinkBit:
      return Spec.System.MaxChips > 1;
    case Action::Barrier:
      return Spec.System.Barrier;
    default:
      return true;
    }
  }

  void checkCosts() {
    const CostTable &Costs = Spec.Costs;
    std::vector<std::string> AllIn, Others;
    for (unsigned I = 0; I < NumActions; ++I) {
      auto A = static_cast<Action>(I);
      std::string Key = fmt::format("costs.{}", actionKey(A));
      const Cost &Row = Costs[A];
      if (!Row.NotApplicable.empty()) {
        if (canDo(A))
          fault(Key, "chip-cost-missing",
                "the chip can do this, so its energy and time are needed");
        continue;
      }
      if (Row.EnergyScope == Scope::AllIn)
        AllIn.push_back(Key);
      else if (Row.EnergyHigh.Value > 0)
        Others.push_back(Key);
    }
    const StaticPower &Power = Costs.Static;
    for (const Ranged<Watts> *P : {&Power.PerChip, &Power.PerCore,
                                   &Power.PerIdleCore, &Power.HostProcessor})
      if (P->High.Value > 0) {
        Others.push_back("costs.static_power");
        break;
      }
    for (size_t I = 0; I < AllIn.size(); ++I)
      checkAllIn(AllIn[I], I == 0 ? Others : std::vector{AllIn[0]});
    if (Spec.System.MaxChips > 1 && Costs.Link.BitsPerNanosecond <= 0)
      fault("costs.chip_link", "chip-link",
            "a system of several chips needs a bandwidth above 0");
  }

  /// An all-in figure is the power of the whole chip divided by operations, so
  /// whatever stands beside it would be charged twice.
  void checkAllIn(const std::string &Key,
                  const std::vector<std::string> &Beside) {
    if (Beside.empty())
      return;
    constexpr size_t Shown = 3;
    std::string List;
    for (size_t I = 0; I < std::min(Shown, Beside.size()); ++I)
      List += fmt::format("{}`{}`", I ? ", " : "", Beside[I]);
    if (Beside.size() > Shown)
      List += fmt::format(" and {} more", Beside.size() - Shown);
    fault(Key + ".energy_pj", "chip-cost-scope",
          fmt::format("an all_in energy is the power of the whole chip divided "
                      "by operations, so {} would be charged twice; give the "
                      "incremental energy of this action, or keep this row "
                      "alone and set every other energy and the static power "
                      "to 0",
                      List));
  }

  const ChipSpec &Spec;
  const std::string &File;
  const std::map<std::string, std::string> &Places;
  Errors Out;
};

} // namespace

Errors synfire::checkSpec(const ChipSpec &Spec, const std::string &File,
                          const std::map<std::string, std::string> &Places) {
  return Rules(Spec, File, Places).run();
}
