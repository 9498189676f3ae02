//===- simulator/report/ExplainParts.cpp - What an answer is made of ------===//

#include "simulator/report/ExplainParts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace synfire::report {

using Json = nlohmann::ordered_json;

static std::vector<std::string> segments(const std::string &Path) {
  std::vector<std::string> Out(1);
  for (char C : Path)
    if (C == '.')
      Out.emplace_back();
    else
      Out.back() += C;
  return Out;
}

std::optional<size_t> entryOf(const Json &List, const std::string &Name) {
  if (!Name.empty() && Name.size() < 8 &&
      Name.find_first_not_of("0123456789") == std::string::npos) {
    size_t Index = std::stoul(Name);
    if (Index < List.size())
      return Index;
  }
  for (size_t I = 0; I < List.size(); ++I)
    for (const char *Key : {"mode", "layer", "stream", "key", "limit", "action",
                            "resource", "device", "name", "point", "link"})
      if (List.at(I).is_object() && List.at(I).contains(Key) &&
          List.at(I).at(Key) == Name)
        return I;
  return std::nullopt;
}

std::optional<std::string> pointerOf(const Json &Summary,
                                     const std::string &Path) {
  const std::vector<std::string> Parts = segments(Path);
  const Json *At = &Summary;
  std::string Pointer;
  for (size_t I = 0; I < Parts.size();) {
    std::string Name;
    bool Found = false;
    for (size_t Last = I; Last < Parts.size() && !Found; ++Last) {
      Name += (Last == I ? "" : ".") + Parts[Last];
      std::optional<size_t> Entry;
      if (At->is_object() && At->contains(Name)) {
        At = &At->at(Name);
        Pointer += "/" + Name;
        Found = true;
      } else if (At->is_array() && (Entry = entryOf(*At, Name))) {
        At = &At->at(*Entry);
        Pointer += fmt::format("/{}", *Entry);
        Found = true;
      }
      if (Found)
        I = Last + 1;
    }
    if (!Found)
      return std::nullopt;
  }
  return Pointer;
}

std::string digits(double Number) { return fmt::format("{:.12g}", Number); }

std::string rangeDigits(const Json &Range) {
  return fmt::format("{} ({} to {})", digits(Range.at("nominal").get<double>()),
                     digits(Range.at("low").get<double>()),
                     digits(Range.at("high").get<double>()));
}

const Json *Answer::ofMode(const char *List) const {
  for (const Json &Entry : S.at(List))
    if (Entry.at("mode") == mode().at("mode"))
      return &Entry;
  return nullptr;
}

double Answer::number(const std::string &Pointer) const {
  return S.at(Json::json_pointer(Pointer)).get<double>();
}

void Answer::words(const std::string &Sentence, size_t Indent) {
  constexpr size_t Width = 96;
  size_t At = 0;
  while (At < Sentence.size()) {
    size_t Take = std::min(Width - Indent, Sentence.size() - At);
    if (At + Take < Sentence.size())
      if (size_t Space = Sentence.rfind(' ', At + Take);
          Space != std::string::npos && Space > At)
        Take = Space - At;
    Text += std::string(Indent, ' ') + Sentence.substr(At, Take) + "\n";
    At += Take;
    while (At < Sentence.size() && Sentence[At] == ' ')
      ++At;
  }
}

void Answer::result(double Computed, const std::string &Unit,
                    const std::string &Pointer) {
  const double Stated = number(Pointer);
  line(fmt::format("= {} {}", digits(Computed), Unit));
  // Sums are taken in another order here.
  if (!(std::abs(Computed - Stated) <=
        1e-6 * std::max(std::abs(Computed), std::abs(Stated))))
    Mismatch = fmt::format("{} is {}, but its parts make {}", Pointer,
                           digits(Stated), digits(Computed));
}

} // namespace synfire::report
