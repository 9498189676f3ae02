//===- TensorNames.cpp - What a file must hold ----------------------------===//

#include "models/network/TensorNames.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

using namespace synfire;
using namespace synfire::models;
using checkpoint::Checkpoint;
using checkpoint::Tensor;

/// The number N of `<Prefix>N.`, or -1.
static int64_t blockOf(std::string_view Name, std::string_view Prefix) {
  if (!Name.starts_with(Prefix))
    return -1;
  int64_t N = 0;
  size_t I = Prefix.size();
  for (; I < Name.size() && Name[I] >= '0' && Name[I] <= '9'; ++I) {
    N = N * 10 + (Name[I] - '0');
    if (N > 100000)
      return -1;
  }
  return I > Prefix.size() && I < Name.size() && Name[I] == '.' ? N : -1;
}

Result<int64_t> models::countBlocks(const Checkpoint &From,
                                    std::string_view Prefix,
                                    const std::string &Rule) {
  int64_t Blocks = 0;
  for (const Tensor &T : From.tensors())
    Blocks = std::max(Blocks, blockOf(T.Name, Prefix) + 1);
  // One tensor of a block far away must not make us list thousands.
  if (Blocks > static_cast<int64_t>(From.tensors().size()))
    return Error{From.path(), Rule,
                 fmt::format("the highest block is {}, but there are only {} "
                             "tensors",
                             Blocks - 1, From.tensors().size())};
  return Blocks;
}

Errors models::checkTensors(const Checkpoint &From,
                            const std::vector<ExpectedTensor> &Expected,
                            std::string_view Kind, const NetworkShape &Shape,
                            const std::set<std::string> &Ignored) {
  Errors Found;
  auto Fail = [&](std::string Rule, std::string Text) {
    Found.push_back({From.path(), std::move(Rule), std::move(Text)});
  };
  std::set<std::string, std::less<>> Known;
  for (const ExpectedTensor &E : Expected) {
    Known.insert(E.Name);
    const Tensor *T = From.find(E.Name);
    if (!T)
      Fail("checkpoint-missing-tensor",
           fmt::format("tensor '{}' of shape [{}] is missing", E.Name,
                       fmt::join(E.Shape, ", ")));
    else if (T->Shape != E.Shape)
      Fail("checkpoint-shape",
           fmt::format("tensor '{}' has shape [{}], a {} with {} layers, width "
                       "{}, hidden {}, vocabulary {} needs [{}]",
                       E.Name, fmt::join(T->Shape, ", "), Kind, Shape.Layers,
                       Shape.Width, Shape.Hidden, Shape.Vocabulary,
                       fmt::join(E.Shape, ", ")));
    else if (E.Choice && T->Type != DType::Bool)
      Fail("checkpoint-dtype",
           fmt::format("tensor '{}' is {}, a choice of channels must be bool",
                       E.Name, name(T->Type)));
    else if (!E.Choice && !isFloatingPoint(T->Type))
      Fail("checkpoint-dtype",
           fmt::format("tensor '{}' is {}, weights must be f32, f64, f16 or "
                       "bf16",
                       E.Name, name(T->Type)));
  }
  for (const Tensor &T : From.tensors())
    if (!Known.contains(T.Name) && !Ignored.contains(T.Name))
      Fail("checkpoint-unknown-tensor",
           fmt::format("tensor '{}' is not part of a {}; a weight that would "
                       "be ignored is an error",
                       T.Name, Kind));
  constexpr size_t Most = 8;
  if (Found.size() > Most) {
    size_t More = Found.size() - Most;
    Found.resize(Most);
    Found.back().Text += fmt::format(" (and {} more)", More);
  }
  return Found;
}
