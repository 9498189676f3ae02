//===- targets/ChipYamlTree.cpp - From bytes to checked nodes ---*- C++ -*-===//

#include "targets/ChipYaml.h"
#include "targets/Utf8.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>

using namespace synfire;
using namespace synfire::yaml;

namespace {

constexpr size_t MaxDepth = 16;

/// Ends a parse that cannot go on; caught in parseDocument.
struct Abandon {};

/// Builds our tree from the parser's events. Its limits hold while yaml-cpp is
/// still descending, so neither its stack nor our memory can run out.
class TreeBuilder : public YAML::EventHandler {
public:
  TreeBuilder(const std::string &File, size_t MaxNodes, Errors &Out)
      : File(File), MaxNodes(MaxNodes), Out(Out) {}

  Node Root;

  std::string place(const YAML::Mark &Mark) const {
    return fmt::format("{}:{}:{}", File, Mark.line + 1, Mark.column + 1);
  }

  void OnDocumentStart(const YAML::Mark &) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark &Mark, YAML::anchor_t Anchor) override {
    finishValue(start(Mark, "", Anchor, Node::Kind::Null));
  }
  void OnAlias(const YAML::Mark &Mark, YAML::anchor_t) override {
    refuse(Mark, "yaml-alias",
           "aliases (`*name`) are not supported; write the value out");
  }
  void OnScalar(const YAML::Mark &Mark, const std::string &Tag,
                YAML::anchor_t Anchor, const std::string &Value) override {
    Node N = start(Mark, Tag, Anchor, Node::Kind::Scalar);
    N.Text = Value;
    N.Quoted = Tag == "!";
    finishValue(std::move(N));
  }
  void OnSequenceStart(const YAML::Mark &Mark, const std::string &Tag,
                       YAML::anchor_t Anchor,
                       YAML::EmitterStyle::value) override {
    push(start(Mark, Tag, Anchor, Node::Kind::List), Mark);
  }
  void OnSequenceEnd() override { pop(); }
  void OnMapStart(const YAML::Mark &Mark, const std::string &Tag,
                  YAML::anchor_t Anchor, YAML::EmitterStyle::value) override {
    push(start(Mark, Tag, Anchor, Node::Kind::Map), Mark);
  }
  void OnMapEnd() override { pop(); }

private:
  [[noreturn]] void refuse(const YAML::Mark &Mark, const char *Rule,
                           std::string Text) {
    Out.push_back({place(Mark), Rule, std::move(Text)});
    throw Abandon();
  }

  Node start(const YAML::Mark &Mark, const std::string &Tag,
             YAML::anchor_t Anchor, Node::Kind Type) {
    if (++NumNodes > MaxNodes)
      refuse(Mark, "yaml-size",
             fmt::format("the document has more than {} values", MaxNodes));
    if (Anchor != 0)
      refuse(Mark, "yaml-alias", "anchors (`&name`) are not supported");
    if (!Tag.empty() && Tag != "?" && Tag != "!")
      refuse(Mark, "yaml-tag", "tags (`!name`) are not supported");
    Node N;
    N.Type = Type;
    N.Where = place(Mark);
    return N;
  }

  void push(Node N, const YAML::Mark &Mark) {
    if (Open.size() >= MaxDepth)
      refuse(Mark, "yaml-depth",
             fmt::format("nested more than {} deep", MaxDepth));
    Open.push_back(std::move(N));
  }
  void pop() {
    Node N = std::move(Open.back());
    Open.pop_back();
    finishValue(std::move(N));
  }

  /// Hands a finished value to what encloses it.
  void finishValue(Node N) {
    if (Open.empty()) {
      Root = std::move(N);
      return;
    }
    Node &Parent = Open.back();
    if (Parent.isMap() && Parent.Keys.size() == Parent.Items.size()) {
      if (N.Type != Node::Kind::Scalar)
        Out.push_back({N.Where, "yaml-key", "a key must be a plain word"});
      else if (const Node *Before = keyOf(Parent, N.Text))
        Out.push_back({N.Where, "yaml-duplicate-key",
                       fmt::format("key `{}` is given twice; first at {}",
                                   N.Text, Before->Where)});
      Parent.Keys.push_back(std::move(N));
    } else {
      Parent.Items.push_back(std::move(N));
    }
  }

  static const Node *keyOf(const Node &Map, const std::string &Text) {
    for (const Node &Key : Map.Keys)
      if (Key.Text == Text && Key.Type == Node::Kind::Scalar)
        return &Key;
    return nullptr;
  }

  const std::string &File;
  size_t MaxNodes;
  Errors &Out;
  std::vector<Node> Open;
  size_t NumNodes = 0;
};

/// Line and column, from 1, of a byte.
std::string placeOf(const std::string &File, std::string_view Text,
                    size_t Byte) {
  std::string_view Before = Text.substr(0, Byte);
  size_t LineStart = Before.rfind('\n') + 1; // npos + 1 is 0.
  return fmt::format("{}:{}:{}", File,
                     std::count(Before.begin(), Before.end(), '\n') + 1,
                     Byte - LineStart + 1);
}

std::optional<Error> checkBytes(const std::string &Text,
                                const std::string &File, size_t MaxBytes) {
  if (Text.size() > MaxBytes)
    return Error{File, "yaml-size",
                 fmt::format("{} bytes; a document has at most {}", Text.size(),
                             MaxBytes)};
  if (std::optional<size_t> Bad = findInvalidUtf8(Text))
    return Error{placeOf(File, Text, *Bad), "yaml-utf8",
                 "this byte is not UTF-8 text"};
  for (size_t I = 0; I < Text.size(); ++I) {
    auto Byte = static_cast<unsigned char>(Text[I]);
    if ((Byte < 0x20 && Byte != '\n' && Byte != '\t' && Byte != '\r') ||
        Byte == 0x7f)
      return Error{placeOf(File, Text, I), "yaml-utf8",
                   fmt::format("control character {:#04x}", Byte)};
  }
  return std::nullopt;
}

void markOverride(Node &N, const std::string &Where) {
  N.Where = Where;
  N.FromOverride = true;
  for (Node &Key : N.Keys)
    markOverride(Key, Where);
  for (Node &Item : N.Items)
    markOverride(Item, Where);
}

Node makeNode(Node::Kind Type, std::string Text, const std::string &Where) {
  Node N;
  N.Type = Type;
  N.Text = std::move(Text);
  N.Where = Where;
  N.FromOverride = true;
  return N;
}

} // namespace

const Node *Node::find(std::string_view Key) const {
  if (Type != Kind::Map)
    return nullptr;
  for (size_t I = 0; I < Keys.size(); ++I)
    if (Keys[I].Text == Key)
      return &Items[I];
  return nullptr;
}
Node *Node::find(std::string_view Key) {
  return const_cast<Node *>(std::as_const(*this).find(Key));
}

Result<Node> yaml::parseDocument(const std::string &Text,
                                 const std::string &File, Limits Most) {
  if (std::optional<Error> Bad = checkBytes(Text, File, Most.Bytes))
    return *Bad;
  Errors Out;
  TreeBuilder Builder(File, Most.Values, Out);
  try {
    // yaml-cpp 0.7 misses a quote that is still open at the end of the file
    // when blanks follow; without them it tells.
    size_t Length = Text.find_last_not_of(" \t\r\n") + 1;
    std::istringstream Stream(Text.substr(0, Length));
    YAML::Parser Parser(Stream);
    if (!Parser.HandleNextDocument(Builder))
      return Error{File, "yaml-empty", "the document is empty"};
    Node Root = std::move(Builder.Root);
    if (Parser.HandleNextDocument(Builder))
      Out.push_back({Builder.Root.Where, "yaml-documents",
                     "a second document; only one is allowed"});
    Builder.Root = std::move(Root);
  } catch (const Abandon &) {
    // Already told.
  } catch (const YAML::Exception &E) {
    Out.push_back({Builder.place(E.mark), "yaml-syntax", E.msg});
  } catch (const std::exception &E) {
    Out.push_back({File, "yaml-syntax", E.what()});
  }
  if (!Out.empty())
    return Out;
  return std::move(Builder.Root);
}

Status yaml::applyOverride(Node &Root, const std::string &Assignment) {
  std::string Where = "--set " + Assignment;
  size_t Equal = Assignment.find('=');
  if (Equal == std::string::npos || Equal == 0)
    return Error{Where, "override-syntax",
                 "an override is written key=value, such as noc.width=16"};
  Result<Node> Value = parseDocument(Assignment.substr(Equal + 1), Where);
  if (!Value) {
    Errors Told = Value.errors();
    for (Error &E : Told)
      E.Where = Where; // A line and column of a command line help nobody.
    return Told;
  }
  markOverride(*Value, Where);

  std::string Path = Assignment.substr(0, Equal);
  Node *At = &Root;
  for (size_t Begin = 0; Begin <= Path.size();) {
    size_t End = std::min(Path.find('.', Begin), Path.size());
    std::string Key = Path.substr(Begin, End - Begin);
    if (Key.empty())
      return Error{Where, "override-syntax",
                   fmt::format("`{}` has an empty part", Path)};
    if (!At->isMap())
      return Error{Where, "override-path",
                   fmt::format("`{}` is a value and has no key `{}`",
                               Path.substr(0, Begin - 1), Key)};
    Node *Next = At->find(Key);
    if (!Next) {
      At->Keys.push_back(makeNode(Node::Kind::Scalar, Key, Where));
      At->Items.push_back(makeNode(Node::Kind::Map, "", Where));
      Next = &At->Items.back();
    }
    At = Next;
    Begin = End + 1;
  }
  *At = std::move(*Value);
  return {};
}

Node yaml::merge(Node Base, const Node &Over) {
  auto StatesOneThing = [](const Node &N) {
    return N.find("value") || N.find("grade") || N.find("not_applicable");
  };
  if (!Base.isMap() || !Over.isMap() || StatesOneThing(Base) ||
      StatesOneThing(Over))
    return Over;
  for (size_t I = 0; I < Over.Keys.size(); ++I) {
    if (Node *Below = Base.find(Over.Keys[I].Text)) {
      *Below = merge(std::move(*Below), Over.Items[I]);
    } else {
      Base.Keys.push_back(Over.Keys[I]);
      Base.Items.push_back(Over.Items[I]);
    }
  }
  Base.Where = Over.Where;
  return Base;
}
