//===- simulator/study/StudyCharts.h - Charts of study.html -----*- C++ -*-===//

#ifndef SYNFIRE_SIMULATOR_STUDY_STUDYCHARTS_H
#define SYNFIRE_SIMULATOR_STUDY_STUDYCHARTS_H

#include <string>
#include <vector>

namespace synfire::study {

/// Maps numbers to a stretch of a picture, evenly or by their logarithm.
class Scale {
public:
  /// Over [\p Low, \p High], a little wider; by logarithm when it may be and
  /// the ends are more than \p LogFrom times apart.
  Scale(double Low, double High, double Begin, double End, double LogFrom = 8);
  double at(double X) const;
  bool isLog() const { return Log; }
  /// Round numbers within the range, about four to ten.
  std::vector<double> ticks() const;

private:
  bool Log;
  double Low, High, Begin, End;
};

/// A mark of the front chart.
struct Mark {
  double Energy = 0; ///< uJ per token
  double Speed = 0;  ///< tokens per second
  double Cores = 0;
  bool OnFront = false;
  unsigned Group = 0; ///< points of a group share a colour and a front
  std::string Label;  ///< plain text, on hover
};
/// Energy to the right, speed upwards, cores as area; the front of each group
/// as a line. Empty without marks.
std::string frontChart(const std::vector<Mark> &Marks);

/// What one step of an axis came to.
struct Step {
  std::string Label; ///< plain text
  double Low = 0, Mean = 0, High = 0;
  size_t Count = 0; ///< points behind it; 0: a gap
};
/// Mean as a line in the band from lowest to highest, from zero upwards.
std::string bandChart(const std::string &Title, const std::vector<Step> &Steps);

} // namespace synfire::study

#endif // SYNFIRE_SIMULATOR_STUDY_STUDYCHARTS_H
