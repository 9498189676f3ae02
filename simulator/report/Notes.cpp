//===- simulator/report/Notes.cpp - What a reader must be told ------------===//

#include "simulator/report/Notes.h"
#include "simulator/report/Analysis.h"
#include "simulator/report/Format.h"

#include <fmt/format.h>

namespace synfire::report {

std::string spikeDrivenNote(const Analysis &A) {
  const SynapticEvents &Chip = A.SynOps.Chip;
  unsigned Linears = 0, AccumulateOnly = 0;
  for (const ConnectionData &C : A.Run->Connections)
    if (!C.FromHost) {
      ++Linears;
      AccumulateOnly += C.AccumulateOnly;
    }
  if (Linears == 0)
    return "The network has no linear layer.";
  double Driven = static_cast<double>(Chip.spikeDriven());
  double All = Driven + static_cast<double>(Chip.MultiplyAccumulate);
  if (Chip.spikeDriven() == 0)
    return fmt::format(
        "As built, this network has no accumulate-only matrix: all {} linears "
        "receive graded values, all {} weight fetches behind them were "
        "multiply-accumulates, and spikes drove none. The only accumulates, "
        "{}, look up the embedding.",
        Linears, grouped(static_cast<double>(Chip.MultiplyAccumulate)),
        grouped(static_cast<double>(Chip.TableLookup)));
  return fmt::format("Spikes drive {} of {} linears: {:.1f} % of the weight "
                     "fetches outside the embedding were accumulates.",
                     AccumulateOnly, Linears, 100 * Driven / All);
}

static std::string paperNote(const Analysis &A) {
  const PaperEnergies &P = A.SynOps.PaperPublished;
  std::string Text = fmt::format(
      "The paper's ratio of {} is E_MAC / (E_AC x rate) at an assumed rate of "
      "{}, not a count of operations; its formula gives {:.1f} without the "
      "attention term.",
      PaperFigures::PublishedRatio, PaperFigures::AssumedRate,
      P.ratioWithoutAttention());
  if (P.VanillaAttention > PaperFigures::PublishedVanilla)
    Text += fmt::format(
        " The published vanilla total ({:.2e} pJ) cannot include the table's "
        "own attention term, which alone is {:.2e} pJ at d = {}, T = {}.",
        PaperFigures::PublishedVanilla, P.VanillaAttention, PaperFigures::Width,
        PaperFigures::Context);
  if (A.SynOps.MeanRate)
    Text += fmt::format(" Measured here: a mean rate of {:.3f}.",
                        *A.SynOps.MeanRate);
  return Text;
}

/// What the paper of the network claims, against what was counted.
static std::string accountingNote(const Analysis &A) {
  if (A.Run->Network.Architecture == "spikegpt")
    return paperNote(A);
  if (!A.Accounting)
    return "";
  const AccountingRow *Measured = nullptr, *Chip = nullptr;
  for (const AccountingRow &Row : A.Accounting->Rows) {
    if (Row.Kind == "formula_measured_rate")
      Measured = &Row;
    if (Row.Kind == "this_chip")
      Chip = &Row;
  }
  std::string Text;
  if (Measured && Measured->operationsToDense() && Measured->ratio())
    Text = fmt::format(
        "By the arithmetic of 45 nm the spiking matrices take {:.2f} times "
        "less "
        "energy than dense ones with {:.2f} times their operations: the "
        "difference is the price of an accumulate ({} pJ) against a "
        "multiply-accumulate ({} pJ), and nothing else is counted.",
        *Measured->ratio(), *Measured->operationsToDense(),
        A.Accounting->AccumulateEnergy, A.Accounting->MultiplyEnergy);
  if (Chip && Chip->ratio())
    Text +=
        fmt::format("{}On this chip, all actions counted and without static "
                    "power, the dense network of the same shape takes {:.2f} "
                    "times the energy of the spiking one.",
                    Text.empty() ? "" : " ", *Chip->ratio());
  return Text;
}

static std::string denseNote(const Analysis &A) {
  if (!A.Baseline)
    return "There is no Transformer of the same size: the network is not one "
           "(it states no layers, width or vocabulary).";
  double Dynamic = A.main().DynamicPerToken.Nominal;
  double Dense = A.Baseline->Run.OnChip.Dynamic.Nominal;
  if (Dynamic <= 0 || Dense <= 0)
    return "The target gives no energy for the actions of this run, so the "
           "dense Transformer cannot be compared on this chip.";
  return fmt::format(
      "On this chip, without static power, a token of the spiking network "
      "costs {:.2f} times the energy of the dense Transformer of its size "
      "({} against {}).",
      Dynamic / Dense, withPrefix(Dynamic, "J", -12),
      withPrefix(Dense, "J", -12));
}

static std::string curveName(const DenseCurve &C) {
  if (!C.Mode.empty())
    return "this chip";
  return C.Batch > 1 ? fmt::format("{} at batch {}", C.Device, C.Batch)
                     : C.Device + " at batch 1";
}

/// Where the spiking network wins with static power, and where it does not.
static std::string curvesNote(const Analysis &A) {
  const DenseCurves &All = A.Baseline->Curves;
  std::string Always, From, Never;
  auto add = [](std::string &List, const std::string &Name) {
    List += (List.empty() ? "" : ", ") + Name;
  };
  for (const DenseComparison &C : All.Comparisons) {
    if (C.What != Measure::WithStatic || C.Mode != A.main().Mode)
      continue;
    std::string Name = curveName(All.Curves[C.Curve]);
    if (!C.Nominal)
      add(Never, Name);
    else if (*C.Nominal <= baselines::Contexts.front())
      add(Always, Name);
    else
      add(From,
          fmt::format("{} from a context of {:.0f} on", Name, *C.Nominal));
  }
  std::string Text;
  for (const auto &[Lead, List] :
       {std::pair("less at every context than on ", &Always),
        std::pair("less than on ", &From),
        std::pair("more at every context than on ", &Never)})
    if (!List->empty())
      Text += (Text.empty() ? "" : "; ") + (Lead + *List);
  if (Text.empty())
    return "";
  return fmt::format("With static power, a token of the spiking network ({}) "
                     "takes, against the dense Transformer of its size over "
                     "contexts of {} to {} tokens: {}. What decides each is in "
                     "the table by context length.",
                     A.main().Mode, baselines::Contexts.front(),
                     grouped(baselines::Contexts.back()), Text);
}

/// How much of the energy rests on figures that nobody published.
static std::string evidenceNote(const EnergyReport &E) {
  double Assumed = 0, AssumedDynamic = 0, Dynamic = 0;
  for (const EnergyTerm &T : E.Terms) {
    bool IsDynamic =
        T.Part != Component::Barrier && T.Part != Component::Static;
    Dynamic += IsDynamic ? T.Energy.Nominal : 0;
    if (T.Evidence != Grade::Assumed)
      continue;
    Assumed += T.Energy.Nominal;
    AssumedDynamic += IsDynamic ? T.Energy.Nominal : 0;
  }
  if (Assumed <= 0)
    return "";
  std::string OfDynamic;
  if (Dynamic > 0)
    OfDynamic =
        AssumedDynamic >= Dynamic
            ? ": all of its dynamic part (all but barrier and static power)"
            : fmt::format(": {} of its dynamic part (all but barrier and "
                          "static power)",
                          percent(AssumedDynamic / Dynamic));
  return fmt::format("{} of the energy rests on figures that nobody published "
                     "(grade A){}; see the list of figures used.",
                     percent(Assumed / E.Total.Nominal), OfDynamic);
}

std::vector<std::string> composeNotes(const Analysis &A) {
  const ModeReport &Main = A.main();
  std::vector<std::string> Notes{spikeDrivenNote(A)};
  for (const std::string &Text : {accountingNote(A), denseNote(A)})
    if (!Text.empty())
      Notes.push_back(Text);
  if (std::string Text = A.Baseline ? curvesNote(A) : ""; !Text.empty())
    Notes.push_back(Text);
  if (A.Run->Network.Parameters)
    Notes.push_back(fmt::format(
        "{:.3g} pJ per parameter and token is {}. Of the weights of "
        "linears, {:.1f} % were fetched per token.",
        Main.PerParameterAndToken.Nominal, sanityText(Main.Band),
        100 * A.FetchedShare));
  if (std::string Text = evidenceNote(Main.Energy); !Text.empty())
    Notes.push_back(Text);
  Notes.insert(Notes.end(), Main.Energy.Notes.begin(), Main.Energy.Notes.end());
  if (A.Baseline && A.Run->Network.Context == 0)
    Notes.push_back(fmt::format("The model does not state its context length; "
                                "the baseline uses the {} tokens of this run.",
                                contextOf(*A.Run)));
  return Notes;
}

} // namespace synfire::report
