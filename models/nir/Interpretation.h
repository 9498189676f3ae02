//===- models/nir/Interpretation.h - What NIR leaves open -------*- C++ -*-===//
//
// A NIR file states differential equations. How long a step is, what a spike
// does to the membrane, and when it arrives are left to who runs it, and public
// frameworks differ: on one neuron their spikes lie up to ten steps apart. Here
// the choice is a value that a user states and a report prints.
//
// One step of a leaky neuron, x the sum of its inputs, as all of these have it:
//
//     i = SynDecay i + SynGain x                   Cuba kinds; else i = x
//     v = Decay v + Drive + Gain i
//     s = v > threshold                            strictly
//     v = v_reset, 0, or v - threshold             where s
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_MODELS_NIR_INTERPRETATION_H
#define SYNFIRE_MODELS_NIR_INTERPRETATION_H

#include "models/nir/NirGraph.h"

namespace synfire::nir {

/// What a spike does to the membrane.
enum class Reset : uint8_t { ToVReset, ToZero, Subtract };

/// How dv/dt = (v_leak - v + r i) / tau becomes a step of dt.
enum class Decay : uint8_t {
  Euler,       ///< Decay 1 - dt/tau, Drive and Gain with dt/tau
  Exponential, ///< Decay a = exp(-dt/tau); Drive with 1 - a, Gain with dt/tau
  Exact,       ///< Decay a; Drive and Gain with 1 - a: input held for a step
};

/// What r of an IF or I neuron means (dv/dt = r i).
enum class IfConvention : uint8_t {
  Auto, ///< r = 1 adds the input once per step (as Sinabs, Norse and snnTorch
        ///< write it); any other r, 1/dt among them (SpikingJelly), times dt
  Unit, ///< v += r i
  Dt,   ///< v += dt r i
};

struct Interpretation {
  std::string Preset = "default";
  double Dt = 1e-4; ///< one step, in the unit of the file's time constants
  Reset OnSpike = Reset::ToVReset;
  Decay Membrane = Decay::Euler;
  IfConvention If = IfConvention::Auto;
  /// Steps from crossing the threshold to the spike, and the reset with it if
  /// ResetWithSpike. A reset that comes later acts after the decay.
  unsigned SpikeDelay = 0;
  bool ResetWithSpike = false;
  /// Steps that a spike needs along an edge that closes a recurrence.
  unsigned RecurrentDelay = 1;
  /// Cuba kinds: the membrane reads the current of this step, not of the last.
  bool CurrentFirst = true;

  /// `default`, or the rules of a framework: `norse`, `snntorch`, `sinabs`,
  /// `rockpool`, `lava`, `spyx`. Sources: the traces of one file that the paper
  /// published for each (`paper/01_lif` of neuromorphs/NIR).
  /// Rule `nir-preset` for other names.
  static Result<Interpretation> preset(std::string_view Name);
  /// For people: every choice, and where it comes from. Ends with a newline.
  std::string describe() const;
  /// The same in a line, without an end: preset, dt, decay, reset, delay.
  std::string summary() const;
};

/// Parse `zero`, `subtract`, `v_reset`; `auto`, `unit`, `dt`. Rule
/// `nir-option`.
Result<Reset> parseReset(std::string_view Text);
Result<IfConvention> parseIfConvention(std::string_view Text);

/// Constants of one step: one per neuron, or one for all.
struct NeuronStep {
  std::vector<double> Decay; ///< 1 for I and IF
  std::vector<double> Drive; ///< added every step: the pull of v_leak
  std::vector<double> Gain;  ///< times the input, or the current of Cuba kinds
  std::vector<double> SynDecay, SynGain; ///< empty without a current
  std::vector<double> Threshold;         ///< empty if it does not spike
  std::vector<double> ResetTo; ///< empty for Subtract or if it does not spike
  /// True for an IF or I whose r was read as once per step.
  bool UnitStep = false;
};

/// The constants of neuron \p N (isNeuron). Refuses dt <= 0 and dt >= tau with
/// rule `nir-dt`; \p FileName goes into the message.
Result<NeuronStep> discretize(const Node &N, const Interpretation &How,
                              const std::string &FileName);

/// A line per neuron node of \p G: decays and gains as they come out, least and
/// largest. Errors as discretize().
Result<std::string> describeNeurons(const Graph &G, const Interpretation &How);

/// Steps of each element of a Delay, rounded to nearest. A delay that is not
/// within 1e-3 of a whole number of steps is refused with rule `nir-dt`.
Result<std::vector<int64_t>> delaySteps(const Node &N,
                                        const Interpretation &How,
                                        const std::string &FileName);

} // namespace synfire::nir

#endif // SYNFIRE_MODELS_NIR_INTERPRETATION_H
