//===- simulator/report/ExplainParts.h - What an answer is made of -*- C++
//-*-//
//
// Private to the files that make the answers of Explain.h.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_REPORT_EXPLAINPARTS_H
#define SYNFIRE_SIMULATOR_REPORT_EXPLAINPARTS_H

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace synfire::report {

/// Writes one answer about one mode of a summary.
class Answer {
public:
  using Json = nlohmann::ordered_json;
  Answer(const Json &Summary, size_t Mode) : S(Summary), ModeIndex(Mode) {}

  const Json &S;
  size_t ModeIndex;
  std::string Text;
  std::string Mismatch; ///< what did not add up; empty when all did

  const Json &mode() const { return S.at("modes").at(ModeIndex); }
  std::string modeName() const { return mode().at("mode").get<std::string>(); }
  double tokens() const { return S.at("run").at("tokens").get<double>(); }
  /// The entry of `time` or `sensitivity` of this mode, or null.
  const Json *ofMode(const char *List) const;
  double number(const std::string &Pointer) const;

  /// A line, indented by two.
  void line(const std::string &Line) { Text += "  " + Line + "\n"; }
  void head(const std::string &Line) { Text += "\n" + Line + "\n"; }
  /// Words broken to lines of 96 columns, indented.
  void words(const std::string &Sentence, size_t Indent = 2);
  /// `= Computed unit`, held against the number at \p Pointer of the document.
  void result(double Computed, const std::string &Unit,
              const std::string &Pointer);
};

/// All digits that matter: up to twelve, none after the last.
std::string digits(double Number);
/// `nominal (low to high)` of a range object.
std::string rangeDigits(const nlohmann::ordered_json &Range);

/// The entry of the array \p List whose name is \p Name or whose number it is.
std::optional<size_t> entryOf(const nlohmann::ordered_json &List,
                              const std::string &Name);
/// JSON pointer of the dotted \p Path; list entries by number or by name, which
/// may hold dots itself. None when nothing is there.
std::optional<std::string> pointerOf(const nlohmann::ordered_json &Summary,
                                     const std::string &Path);

/// count x coefficient of one mode.
struct ExplainedTerm {
  std::string Component, Action, CoefficientUnit, Grade, Source;
  double Count = 0, Low = 0, Nominal = 0, High = 0; ///< of the coefficient
  double energy() const { return Count * Nominal; }
};
/// The terms of \p A's mode: those of the mode in the document, its barriers
/// and its time put in their place.
std::vector<ExplainedTerm> termsOf(const Answer &A);

/// The answers. \p Part narrows one: a component, an action, a mode, a stream.
void explainEnergyPerToken(Answer &A, const std::string &Part);
void explainDynamicEnergy(Answer &A, const std::string &Part);
void explainEnergy(Answer &A, const std::string &Part);
void explainPerParameter(Answer &A, const std::string &Part);
void explainSensitivity(Answer &A, const std::string &Part);
void explainTokensPerSecond(Answer &A, const std::string &Part);
void explainTime(Answer &A, const std::string &Part);
void explainFirstToken(Answer &A, const std::string &Part);
void explainFiringRate(Answer &A, const std::string &Part);
void explainSynapticEvents(Answer &A, const std::string &Part);
void explainNeuroBench(Answer &A, const std::string &Part);
void explainPaper(Answer &A, const std::string &Part);
void explainBaseline(Answer &A, const std::string &Part);

} // namespace synfire::report

#endif // SYNFIRE_SIMULATOR_REPORT_EXPLAINPARTS_H
