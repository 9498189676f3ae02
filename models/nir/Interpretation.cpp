//===- models/nir/Interpretation.cpp - What NIR leaves open ---------------===//

#include "models/nir/Interpretation.h"
#include "models/nir/NirSteps.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace synfire::nir {

namespace {

/// r of an IF is 1 or 1/dt within this, relatively: binary32 rounds it.
constexpr double SameR = 1e-6;
/// A delay is a whole number of steps within this, in steps.
constexpr double WholeStep = 1e-3;
constexpr double MaxDelaySteps = 1 << 20;

constexpr std::string_view PresetNames =
    "default, norse, snntorch, sinabs, rockpool, lava, spyx";

/// The number of constants that a node needs: one, or one per neuron.
size_t numConstants(const Neuron &P) {
  size_t N = 1;
  for (const Values *V :
       {&P.R, &P.Tau, &P.TauSyn, &P.VLeak, &P.VThreshold, &P.VReset, &P.WIn})
    N = std::max(N, V->Data.size());
  return N;
}

/// Fraction of a step that is lost and, for \p How, how much input counts.
struct Leak {
  double Keep, Drive, Gain;
};
Leak leak(Decay How, double Ratio) {
  double Kept = std::exp(-Ratio);
  switch (How) {
  case Decay::Euler:
    return {1 - Ratio, Ratio, Ratio};
  case Decay::Exponential:
    return {Kept, -std::expm1(-Ratio), Ratio};
  case Decay::Exact:
    return {Kept, -std::expm1(-Ratio), -std::expm1(-Ratio)};
  }
  return {};
}

std::string range(const std::vector<double> &V) {
  auto [Least, Most] = std::ranges::minmax(V);
  return Least == Most ? fmt::format("{:.6g}", Least)
                       : fmt::format("{:.6g} to {:.6g}", Least, Most);
}

std::string_view text(Reset R) {
  return R == Reset::ToVReset ? "to v_reset"
         : R == Reset::ToZero ? "to zero"
                              : "subtract the threshold";
}
std::string_view text(Decay D) {
  return D == Decay::Euler         ? "1 - dt/tau (forward Euler)"
         : D == Decay::Exponential ? "exp(-dt/tau), input gain r dt/tau"
                                   : "exp(-dt/tau), input held for a step";
}
std::string_view text(IfConvention C) {
  return C == IfConvention::Auto   ? "r = 1 is once per step, else dt r"
         : C == IfConvention::Unit ? "once per step"
                                   : "dt r";
}

} // namespace

Result<Interpretation> Interpretation::preset(std::string_view Name) {
  Interpretation I;
  I.Preset = Name;
  if (Name == "default" || Name == "snntorch")
    return I;
  if (Name == "norse") {
    I.CurrentFirst = false;
  } else if (Name == "sinabs" || Name == "rockpool") {
    I.Membrane = Decay::Exponential;
    I.OnSpike = Reset::Subtract;
  } else if (Name == "lava") {
    I.SpikeDelay = 1;
  } else if (Name == "spyx") {
    I.OnSpike = Reset::Subtract;
    I.SpikeDelay = 1;
    I.ResetWithSpike = true;
  } else {
    return Error{"", "nir-preset",
                 fmt::format("there is no preset {}; there are {}",
                             quoted(Name), PresetNames)};
  }
  return I;
}

Result<Reset> parseReset(std::string_view Text) {
  if (Text == "v_reset")
    return Reset::ToVReset;
  if (Text == "zero")
    return Reset::ToZero;
  if (Text == "subtract")
    return Reset::Subtract;
  return Error{
      "", "nir-option",
      fmt::format("a reset of {}; zero, subtract and v_reset are known",
                  quoted(Text))};
}

Result<IfConvention> parseIfConvention(std::string_view Text) {
  if (Text == "auto")
    return IfConvention::Auto;
  if (Text == "unit")
    return IfConvention::Unit;
  if (Text == "dt")
    return IfConvention::Dt;
  return Error{
      "", "nir-option",
      fmt::format("an IF convention of {}; auto, unit and dt are known",
                  quoted(Text))};
}

std::string Interpretation::describe() const {
  return fmt::format("preset            {}\n"
                     "step dt           {:g} (in the file's unit of time)\n"
                     "decay per step    {}\n"
                     "reset             {}{}\n"
                     "spike             v > threshold, leaves {} steps later\n"
                     "recurrent edges   {} step{}\n"
                     "IF and I          {}\n"
                     "Cuba current      of {} step\n",
                     Preset, Dt, text(Membrane), text(OnSpike),
                     ResetWithSpike && SpikeDelay
                         ? ", when the spike leaves"
                         : ", in the step of the crossing",
                     SpikeDelay, RecurrentDelay, RecurrentDelay == 1 ? "" : "s",
                     text(If), CurrentFirst ? "this" : "the last");
}

std::string Interpretation::summary() const {
  return fmt::format("preset {}, dt {:g}, decay {}, reset {}, spikes {} steps "
                     "late",
                     Preset, Dt, text(Membrane), text(OnSpike), SpikeDelay);
}

Result<NeuronStep> discretize(const Node &N, const Interpretation &How,
                              const std::string &FileName) {
  const auto &P = std::get<Neuron>(N.Is);
  auto fail = [&](std::string_view Text) {
    return Error{
        FileName, "nir-dt",
        fmt::format("node {} ({}): {}", quoted(N.Name), name(N.K), Text)};
  };
  if (!(How.Dt > 0) || !std::isfinite(How.Dt))
    return fail(fmt::format("a step dt of {}; it is above 0", How.Dt));
  size_t Count = numConstants(P);
  NeuronStep S;
  bool Leaky = !P.Tau.empty() && N.K != Kind::I && N.K != Kind::IF;
  bool Cuba = N.K == Kind::CubaLI || N.K == Kind::CubaLIF;
  auto tooCoarse = [&](std::string_view Name, size_t I, double Tau) {
    return fail(fmt::format("{} of neuron {} is {:g}, and dt {:g} is not below "
                            "it; give a smaller --dt (or the file counts time "
                            "in other units)",
                            Name, I, Tau, How.Dt));
  };
  for (size_t I = 0; I != Count; ++I) {
    double R = P.R.at(I);
    if (!Leaky) {
      bool Unit = How.If == IfConvention::Unit ||
                  (How.If == IfConvention::Auto && std::fabs(R - 1) <= SameR);
      S.UnitStep |= Unit;
      double Gain = Unit ? R : How.Dt * R;
      // 1/dt was rounded to binary32 when it was written.
      if (!Unit && std::fabs(Gain - 1) <= SameR)
        Gain = 1;
      S.Decay.push_back(1);
      S.Drive.push_back(0);
      S.Gain.push_back(Gain);
    } else {
      double Tau = P.Tau.at(I);
      if (How.Dt >= Tau)
        return tooCoarse(Cuba ? "tau_mem" : "tau", I, Tau);
      Leak L = leak(How.Membrane, How.Dt / Tau);
      S.Decay.push_back(L.Keep);
      S.Drive.push_back(L.Drive * P.VLeak.at(I));
      S.Gain.push_back(L.Gain * R);
    }
    if (Cuba) {
      double Tau = P.TauSyn.at(I);
      if (How.Dt >= Tau)
        return tooCoarse("tau_syn", I, Tau);
      Leak L = leak(How.Membrane, How.Dt / Tau);
      S.SynDecay.push_back(L.Keep);
      S.SynGain.push_back(L.Gain * P.WIn.at(I));
    }
    if (!isSpiking(N.K))
      continue;
    S.Threshold.push_back(P.VThreshold.at(I));
    if (How.OnSpike != Reset::Subtract)
      S.ResetTo.push_back(How.OnSpike == Reset::ToZero ? 0 : P.VReset.at(I));
  }
  return S;
}

Result<std::string> describeNeurons(const Graph &G, const Interpretation &How) {
  std::string Out;
  for (const Node &N : G.Nodes) {
    if (!isNeuron(N.K))
      continue;
    Result<NeuronStep> S = discretize(N, How, G.file().name());
    if (!S)
      return S.errors();
    Out += fmt::format("{} ({}): ", hdf5::printable(N.Name), name(N.K));
    if (!S->SynDecay.empty())
      Out += fmt::format("current decay {}, gain {}; ", range(S->SynDecay),
                         range(S->SynGain));
    Out += fmt::format("decay {}, gain {}", range(S->Decay), range(S->Gain));
    if (!S->Threshold.empty())
      Out += fmt::format(", threshold {}", range(S->Threshold));
    Out += S->UnitStep ? " (r read as once per step)\n" : "\n";
  }
  return Out;
}

Result<std::vector<int64_t>> delaySteps(const Node &N,
                                        const Interpretation &How,
                                        const std::string &FileName) {
  std::vector<int64_t> Out;
  const Values &By = std::get<Elementwise>(N.Is).By;
  for (size_t I = 0; I != By.Data.size(); ++I) {
    double Steps = By.Data[I] / How.Dt;
    if (!(Steps <= MaxDelaySteps) ||
        std::fabs(Steps - std::round(Steps)) > WholeStep)
      return Error{
          FileName, "nir-dt",
          fmt::format("node {} (Delay): element {} is {:g}, which is "
                      "{:g} steps of dt {:g}; whole numbers up to {:g} "
                      "are read",
                      quoted(N.Name), I, By.Data[I], Steps, How.Dt,
                      MaxDelaySteps)};
    Out.push_back(static_cast<int64_t>(std::round(Steps)));
  }
  return Out;
}

} // namespace synfire::nir
