//===- AxisValues.cpp - The steps of an axis ------------------------------===//

#include "simulator/study/AxisValues.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

using namespace synfire;
using namespace synfire::study;
using yaml::MapReader;
using yaml::Node;

namespace {

constexpr double MostSteps = 100000;

class AxisReader {
public:
  AxisReader(const Node &Item, Errors &Out)
      : Item(Item), Map(Item, "axes", Out), Out(Out) {}

  std::optional<Axis> read() {
    const size_t Before = Out.size();
    const Node *Key = Map.take("key"), *Keys = Map.take("keys");
    const Node *Values = Map.take("values"), *From = Map.take("from");
    const Node *To = Map.take("to"), *Steps = Map.take("steps"),
               *Factor = Map.take("factor");
    Map.finish();
    if (!Key == !Keys)
      refuse(Item, "an axis needs `key`, or `keys` that move together");
    else if (Key)
      readKey(*Key);
    else if (yaml::expectList(*Keys, "axes.keys", Out))
      for (const Node &K : Keys->Items)
        readKey(K);
    if (!Values == !From)
      refuse(Item, "an axis needs `values`, or `from` and `to`");
    else if (Values && (To || Steps || Factor))
      refuse(*(To      ? To
               : Steps ? Steps
                       : Factor),
             "`to`, `steps` and `factor` go with `from`, not with `values`");
    else if (Values)
      readValues(*Values);
    else
      readRange(*From, To, Steps, Factor);
    if (Out.size() != Before)
      return std::nullopt;
    return std::move(A);
  }

private:
  const Node &Item;
  MapReader Map;
  Errors &Out;
  Axis A;

  void refuse(const Node &At, std::string Text) {
    Out.push_back({At.Where, "study-axis", std::move(Text)});
  }

  void readKey(const Node &N) {
    if (auto Text = yaml::readText(N, "axes.key", Out))
      A.Keys.push_back(*Text);
  }

  void readValues(const Node &List) {
    if (!yaml::expectList(List, "axes.values", Out))
      return;
    for (const Node &V : List.Items) {
      std::vector<Setting> Step;
      if (A.Keys.size() == 1 && !Map.take("keys")) {
        Step.push_back({A.Keys[0], flowText(V), V.Where});
      } else if (!V.isList() || V.Items.size() != A.Keys.size()) {
        refuse(V, fmt::format("{} keys move together, so each value is a list "
                              "of {}, such as [4, 8]",
                              A.Keys.size(), A.Keys.size()));
      } else {
        for (size_t K = 0; K < A.Keys.size(); ++K)
          Step.push_back({A.Keys[K], flowText(V.Items[K]), V.Items[K].Where});
      }
      A.Steps.push_back(std::move(Step));
    }
  }

  std::optional<UnitNumber> number(const Node &N, const char *Key) {
    auto Split =
        N.Type == Node::Kind::Scalar ? splitUnit(N.Text) : std::nullopt;
    if (!Split)
      refuse(N, fmt::format("`{}` is a number, such as 16 or 16KiB", Key));
    return Split;
  }

  void readRange(const Node &From, const Node *To, const Node *Steps,
                 const Node *Factor) {
    if (!To || !Steps == !Factor)
      return refuse(From, "a range needs `from`, `to`, and either `steps` (how "
                          "many values) or `factor` (from each to the next)");
    if (A.Keys.size() > 1)
      return refuse(From, "keys that move together need `values`");
    auto First = number(From, "from"), Last = number(*To, "to");
    if (!First || !Last)
      return;
    if (First->Unit != Last->Unit)
      return refuse(*To, "`from` and `to` need the same unit");
    std::vector<double> Numbers =
        Steps ? evenly(First->Number, Last->Number, *Steps)
              : byFactor(First->Number, Last->Number, *Factor);
    if (A.Keys.empty())
      return;
    for (double N : Numbers)
      A.Steps.push_back(
          {{A.Keys[0], fmt::format("{:.12g}{}", N, First->Unit), From.Where}});
  }

  std::vector<double> evenly(double First, double Last, const Node &Steps) {
    auto Count = yaml::readNumber(Steps, "axes.steps", yaml::Unit::Count, 2,
                                  MostSteps, true, Out);
    std::vector<double> Numbers;
    for (double I = 0; Count && I < *Count; ++I)
      Numbers.push_back(First + (Last - First) * I / (*Count - 1));
    return Numbers;
  }

  std::vector<double> byFactor(double First, double Last, const Node &Factor) {
    auto Times = yaml::readNumber(Factor, "axes.factor", yaml::Unit::Count, 0,
                                  1e9, false, Out);
    if (!Times)
      return {};
    if (!(First > 0 && Last > 0) || *Times == 1 ||
        (*Times > 1) != (Last > First) || *Times <= 0) {
      refuse(Factor, fmt::format("{} does not lead from {} to {}", *Times,
                                 First, Last));
      return {};
    }
    // The end counts as reached in spite of rounding.
    double Count = std::floor(std::log(Last / First) / std::log(*Times) + 1e-9);
    if (Count >= MostSteps) {
      refuse(Factor,
             fmt::format("the axis has more than {} values", MostSteps));
      return {};
    }
    std::vector<double> Numbers;
    for (double I = 0; I <= Count; ++I)
      Numbers.push_back(First * std::pow(*Times, I));
    return Numbers;
  }
};

} // namespace

std::optional<UnitNumber> study::splitUnit(std::string_view Text) {
  UnitNumber Out;
  auto [End, Code] =
      std::from_chars(Text.data(), Text.data() + Text.size(), Out.Number);
  if (Code != std::errc() || !std::isfinite(Out.Number))
    return std::nullopt;
  Out.Unit = std::string(End, Text.data() + Text.size());
  return Out;
}

std::string study::flowText(const Node &Value) {
  std::string Out;
  switch (Value.Type) {
  case Node::Kind::Null:
    return "";
  case Node::Kind::Scalar:
    return Value.Quoted ? yaml::quote(Value.Text) : Value.Text;
  case Node::Kind::List:
    for (const Node &Item : Value.Items)
      Out += (Out.empty() ? "" : ", ") + flowText(Item);
    return "[" + Out + "]";
  case Node::Kind::Map:
    for (size_t I = 0; I < Value.Keys.size(); ++I)
      Out += (I ? ", " : "") + Value.Keys[I].Text + ": " +
             flowText(Value.Items[I]);
    return "{" + Out + "}";
  }
  return Out;
}

std::optional<Axis> study::readAxis(const Node &Item, Errors &Out) {
  return AxisReader(Item, Out).read();
}
