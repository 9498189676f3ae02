//===- Codes.cpp - Integer codes of real values ---------------------------===//

#include "models/spikellm/Codes.h"

using namespace mlir;
using namespace synfire;
using namespace synfire::models;

namespace {
constexpr float LeastScale = 1e-5f, LargestScale = 1e4f;
constexpr float LargestZero = 1e4f;

/// 2^Bits - 1
float lastCode(int64_t Bits) { return static_cast<float>((1 << Bits) - 1); }

Value clamp(ProgramBuilder &P, Value V, Value Least, Value Most) {
  return P.min(P.max(V, Least), Most);
}

/// clamp(round(x / s) + z, 0, 2^Bits - 1)
Value codeOf(ProgramBuilder &P, Value X, Value Scale, Value Zero,
             int64_t Bits) {
  return clamp(P, P.add(P.round(P.div(X, Scale)), Zero), P.constant(0.0f),
               P.constant(lastCode(Bits)));
}

Value chosen(ProgramBuilder &P, Value Mask) {
  return P.atLeast(Mask, P.constant(0.5f));
}
} // namespace

Value Codes::salient(ArrayRef<bool> Low) {
  SmallVector<bool> High;
  for (bool L : Low)
    High.push_back(!L);
  return N.mask(High);
}

CodeScales Codes::scales(const std::string &Name, int64_t Size, Value Largest,
                         Value Other, bool OtherIsNegated, int64_t HighBits,
                         When W) {
  size_t Count = HighBits ? streams() : 1;
  std::vector<std::string> Names;
  for (size_t S = 0; S < Count; ++S)
    for (const char *What : {".scale", ".zero"})
      Names.push_back(Name + What + suffix(S));
  auto All = N.population(
      Names, SmallVector<Type>(Names.size(), N.currents(Size)),
      {Largest, Other}, {}, {},
      [&](ProgramBuilder &P, ValueRange In, ValueRange, ValueRange) {
        Value MinusLeast = OtherIsNegated ? Value(In[1]) : P.neg(In[1]);
        Value Range = P.add(In[0], MinusLeast);
        ProgramResults R;
        for (size_t S = 0; S < Count; ++S) {
          Value Scale =
              clamp(P, P.div(Range, P.constant(lastCode(bits(S, HighBits)))),
                    P.constant(LeastScale), P.constant(LargestScale));
          Value Zero =
              P.round(clamp(P, P.div(MinusLeast, Scale),
                            P.constant(-LargestZero), P.constant(LargestZero)));
          R.Results.append({Scale, Zero});
        }
        return R;
      },
      W);
  CodeScales Result;
  for (size_t S = 0; S < Count; ++S)
    Result[S] = {All[2 * S], All[2 * S + 1]};
  return Result;
}

CodeScales Codes::ofGroups(const std::string &Name, const Ranged &X,
                           int64_t Groups, int64_t HighBits) {
  return scales(Name, Groups, N.largest(Name + ".max", X.Values, Groups),
                N.largest(Name + ".negmin", X.Negated, Groups),
                /*OtherIsNegated=*/true, HighBits, {});
}

CodeScales Codes::ofSequence(const std::string &Name, Value Largest,
                             Value Least, int64_t HighBits) {
  When Last;
  Last.Held = spike::Held::Last;
  return scales(Name, spike::sizeOf(Largest.getType()), Largest, Least,
                /*OtherIsNegated=*/false, HighBits, Last);
}

std::array<Value, 2> Codes::events(const std::string &Name, Value X,
                                   const CodeScales &Scales,
                                   ArrayRef<bool> Low) {
  int64_t Size = static_cast<int64_t>(Low.size());
  bool Any[2] = {llvm::is_contained(Low, true),
                 streams() > 1 && llvm::is_contained(Low, false)};
  std::vector<std::string> Names;
  SmallVector<Type> Types;
  SmallVector<Value> Inputs = {X}, Params;
  for (size_t S = 0; S < 2; ++S) {
    if (!Any[S])
      continue;
    auto Bits = static_cast<unsigned>(bits(S, Config.Bits + Config.AddBits));
    Names.push_back(Name + suffix(S));
    switch (Coding) {
    case GifCoding::Planes:
      Types.push_back(N.events(Size, spike::EventKind::Planes, Bits));
      break;
    case GifCoding::Unary:
      Types.push_back(N.events(Size, spike::EventKind::Unary, Bits));
      break;
    case GifCoding::Unsigned:
      Types.push_back(N.events(Size, spike::EventKind::Unsigned, Bits));
      break;
    case GifCoding::Signed:
      Types.push_back(N.events(Size, spike::EventKind::Signed, Bits + 1));
      break;
    }
    Inputs.append({Scales[S].Scale, Scales[S].Zero});
  }
  if (Any[0] && Any[1])
    Params.push_back(salient(Low));
  auto Results = N.population(
      Names, Types, Inputs, Params, {},
      [&](ProgramBuilder &P, ValueRange In, ValueRange Par, ValueRange) {
        Value Zero = P.constant(0.0f);
        Value IsHigh = Par.empty() ? Value() : chosen(P, Par[0]);
        ProgramResults R;
        for (size_t S = 0, At = 1; S < 2; ++S) {
          if (!Any[S])
            continue;
          int64_t Bits = bits(S, Config.Bits + Config.AddBits);
          Value Code = codeOf(P, In[0], In[At], In[At + 1], Bits);
          if (Coding == GifCoding::Signed) {
            Value Most = P.constant(lastCode(Bits));
            Code = clamp(P, P.sub(Code, In[At + 1]), P.neg(Most), Most);
          }
          if (IsHigh)
            Code =
                S ? P.select(IsHigh, Code, Zero) : P.select(IsHigh, Zero, Code);
          R.Results.push_back(P.toInt(Code));
          At += 2;
        }
        return R;
      });
  std::array<Value, 2> Streams;
  for (size_t S = 0, At = 0; S < 2; ++S)
    if (Any[S])
      Streams[S] = Results[At++];
  return Streams;
}

Value Codes::decoded(ProgramBuilder &P, Value Sum, Value Scale, Value Zero,
                     Value Weights) {
  return P.mul(Scale, needsWeights() ? P.sub(Sum, P.mul(Zero, Weights)) : Sum);
}

SmallVector<Value> Codes::values(const std::string &Name, Value X,
                                 const CodeScales &Scales, int64_t HighBits,
                                 std::optional<ArrayRef<bool>> Low) {
  int64_t Size = spike::sizeOf(X.getType());
  bool Split = !Low && streams() > 1;
  std::vector<std::string> Names;
  SmallVector<Type> Types;
  SmallVector<Value> Inputs = {X}, Params;
  for (size_t S = 0; S < streams(); ++S) {
    Names.push_back(Name + suffix(S));
    Types.push_back(N.events(Size, spike::EventKind::Unsigned,
                             static_cast<unsigned>(bits(S, HighBits))));
    Inputs.append({Scales[S].Scale, Scales[S].Zero});
  }
  for (size_t S = 0; S < (Split ? 2 : 1); ++S) {
    Names.push_back(Name + ".value" + (Split ? suffix(S) : ""));
    Types.push_back(N.currents(Size));
  }
  if (Low && streams() > 1)
    Params.push_back(salient(*Low));
  auto All = N.population(
      Names, Types, Inputs, Params, {},
      [&](ProgramBuilder &P, ValueRange In, ValueRange Par, ValueRange) {
        SmallVector<Value> Code, Decoded;
        for (size_t S = 0; S < streams(); ++S) {
          Value Scale = In[1 + 2 * S], Zero = In[2 + 2 * S];
          Code.push_back(codeOf(P, In[0], Scale, Zero, bits(S, HighBits)));
          Decoded.push_back(P.mul(P.sub(Code.back(), Zero), Scale));
        }
        if (!Par.empty()) {
          Value IsHigh = chosen(P, Par[0]), Silent = P.constant(0.0f);
          Decoded = {P.select(IsHigh, Decoded[1], Decoded[0])};
          Code = {P.select(IsHigh, Silent, Code[0]),
                  P.select(IsHigh, Code[1], Silent)};
        }
        ProgramResults R;
        for (Value C : Code)
          R.Results.push_back(P.toInt(C));
        R.Results.append(Decoded);
        return R;
      });
  auto Decoded = All.drop_front(streams());
  return {Decoded.begin(), Decoded.end()};
}

SmallVector<Value> Codes::query(const std::string &Name, Value X,
                                const CodeScales &Scales,
                                std::optional<ArrayRef<bool>> Low) {
  int64_t Size = spike::sizeOf(X.getType());
  std::vector<std::string> Names = {Name};
  SmallVector<Type> Types = {N.events(Size, spike::EventKind::Unsigned,
                                      static_cast<unsigned>(Config.Bits))};
  for (size_t S = 0; S < (Low ? 2 : 1); ++S) {
    Names.push_back(Name + ".value" + (Low ? suffix(S) : ""));
    Types.push_back(N.currents(Size));
  }
  SmallVector<Value> Params;
  if (Low)
    Params.push_back(salient(*Low));
  auto All = N.population(
      Names, Types, {X, Scales[0].Scale, Scales[0].Zero}, Params, {},
      [&](ProgramBuilder &P, ValueRange In, ValueRange Par, ValueRange) {
        Value Code = codeOf(P, In[0], In[1], In[2], Config.Bits);
        Value Decoded = P.mul(P.sub(Code, In[2]), In[1]);
        ProgramResults R{{P.toInt(Code)}, {}};
        if (Par.empty()) {
          R.Results.push_back(Decoded);
        } else {
          Value IsHigh = chosen(P, Par[0]), Nothing = P.constant(0.0f);
          R.Results.append({P.select(IsHigh, Nothing, Decoded),
                            P.select(IsHigh, Decoded, Nothing)});
        }
        return R;
      });
  auto Decoded = All.drop_front(1);
  return {Decoded.begin(), Decoded.end()};
}
