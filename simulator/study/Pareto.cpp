//===- Pareto.cpp - What nothing else beats -------------------------------===//

#include "simulator/study/Pareto.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

using namespace synfire::study;

std::vector<bool>
synfire::study::paretoFront(const std::vector<Objectives> &Points) {
  std::vector<size_t> Order;
  for (size_t I = 0; I < Points.size(); ++I)
    if (std::ranges::all_of(Points[I],
                            [](double X) { return std::isfinite(X); }))
      Order.push_back(I);
  std::ranges::sort(Order,
                    [&](size_t A, size_t B) { return Points[A] < Points[B]; });

  // In ascending order, only earlier points can beat a later one: those with a
  // second and third figure at most as large. Stairs maps a second figure to
  // the smallest third figure that goes with it or a smaller one.
  std::vector<bool> Front(Points.size());
  std::map<double, double> Stairs;
  auto Best = [&](double Second) {
    auto After = Stairs.upper_bound(Second);
    return After == Stairs.begin() ? std::numeric_limits<double>::infinity()
                                   : std::prev(After)->second;
  };
  for (size_t First = 0, End; First < Order.size(); First = End) {
    const Objectives &P = Points[Order[First]];
    End = First + 1;
    while (End < Order.size() && Points[Order[End]] == P)
      ++End;
    if (Best(P[1]) <= P[2])
      continue; // an earlier one is no larger anywhere, and it is not equal
    for (size_t I = First; I < End; ++I)
      Front[Order[I]] = true;
    auto Step = Stairs.insert_or_assign(P[1], P[2]).first;
    for (++Step; Step != Stairs.end() && Step->second >= P[2];)
      Step = Stairs.erase(Step);
  }
  return Front;
}
