//===- tests/unit/report/JsonSchema.cpp - A small schema checker ----------===//

#include "JsonSchema.h"

#include <algorithm>
#include <regex>
#include <set>

namespace synfire::report {

using nlohmann::json;

namespace {

class Checker {
public:
  explicit Checker(const json &Root) : Root(Root) {}

  void check(const json &Value, const json &Schema, const std::string &At) {
    if (Schema.contains("$ref")) {
      std::string Ref = Schema["$ref"];
      return check(Value, Root.at(json::json_pointer(Ref.substr(1))), At);
    }
    knownKeywords(Schema, At);
    if (Schema.contains("anyOf"))
      checkAnyOf(Value, Schema["anyOf"], At);
    if (Schema.contains("type") && !hasType(Value, Schema["type"]))
      return fail(At, "is not of type " + Schema["type"].dump());
    if (Schema.contains("const") && Value != Schema["const"])
      fail(At, "is not " + Schema["const"].dump());
    if (Schema.contains("enum") &&
        std::find(Schema["enum"].begin(), Schema["enum"].end(), Value) ==
            Schema["enum"].end())
      fail(At, "is none of " + Schema["enum"].dump());
    if (Value.is_number())
      checkNumber(Value, Schema, At);
    if (Value.is_string() && Schema.contains("pattern") &&
        !std::regex_search(Value.get<std::string>(),
                           std::regex(Schema["pattern"].get<std::string>())))
      fail(At, "does not match its pattern");
    if (Value.is_object())
      checkObject(Value, Schema, At);
    if (Value.is_array())
      checkArray(Value, Schema, At);
  }

  std::vector<std::string> Found;

private:
  void fail(const std::string &At, const std::string &Text) {
    Found.push_back((At.empty() ? "/" : At) + " " + Text);
  }

  void knownKeywords(const json &Schema, const std::string &At) {
    static const std::set<std::string> Known = {
        "$schema",    "$id",         "$defs",
        "title",      "description", "type",
        "properties", "required",    "additionalProperties",
        "items",      "enum",        "const",
        "minimum",    "maximum",     "minItems",
        "pattern",    "anyOf"};
    for (const auto &[Key, Unused] : Schema.items())
      if (!Known.count(Key))
        fail(At, "meets the unknown keyword " + Key);
  }

  static bool hasType(const json &Value, const json &Type) {
    if (Type.is_array())
      return std::any_of(Type.begin(), Type.end(),
                         [&](const json &T) { return hasType(Value, T); });
    return (Type == "object" && Value.is_object()) ||
           (Type == "array" && Value.is_array()) ||
           (Type == "string" && Value.is_string()) ||
           (Type == "boolean" && Value.is_boolean()) ||
           (Type == "null" && Value.is_null()) ||
           (Type == "integer" && Value.is_number_integer()) ||
           (Type == "number" && Value.is_number());
  }

  void checkAnyOf(const json &Value, const json &Choices,
                  const std::string &At) {
    for (const json &Choice : Choices) {
      Checker Inner(Root);
      Inner.check(Value, Choice, At);
      if (Inner.Found.empty())
        return;
    }
    fail(At, "fits none of its choices");
  }

  void checkNumber(const json &Value, const json &Schema,
                   const std::string &At) {
    if (Schema.contains("minimum") && Value < Schema["minimum"])
      fail(At, "is below " + Schema["minimum"].dump());
    if (Schema.contains("maximum") && Value > Schema["maximum"])
      fail(At, "is above " + Schema["maximum"].dump());
  }

  void checkObject(const json &Value, const json &Schema,
                   const std::string &At) {
    const json Properties = Schema.value("properties", json::object());
    for (const json &Key : Schema.value("required", json::array()))
      if (!Value.contains(Key.get<std::string>()))
        fail(At, "lacks " + Key.get<std::string>());
    for (const auto &[Key, Inner] : Value.items()) {
      if (Properties.contains(Key))
        check(Inner, Properties[Key], At + "/" + Key);
      else if (Schema.contains("additionalProperties") &&
               Schema["additionalProperties"] == false)
        fail(At, "has the unknown field " + Key);
    }
  }

  void checkArray(const json &Value, const json &Schema,
                  const std::string &At) {
    if (Schema.contains("minItems") && Value.size() < Schema["minItems"])
      fail(At, "has too few items");
    if (Schema.contains("items"))
      for (size_t I = 0; I < Value.size(); ++I)
        check(Value[I], Schema["items"], At + "/" + std::to_string(I));
  }

  const json &Root;
};

} // namespace

std::vector<std::string> violations(const json &Document, const json &Schema) {
  Checker C(Schema);
  C.check(Document, Schema, "");
  return C.Found;
}

} // namespace synfire::report
