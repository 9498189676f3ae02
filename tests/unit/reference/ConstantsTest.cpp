//===- ConstantsTest.cpp - Weights, what is derived from them, mistakes ---===//

#include "targets/Maths.h"
#include "tests/unit/reference/NetworkText.h"

#include <cmath>
#include <limits>

using namespace synfire;
using namespace synfire::compiler;

namespace {
class ConstantValues : public NetworkText {
protected:
  /// The value %r of a network of the declared weights and \p Ops.
  mlir::Value value(const std::string &Ops) {
    spike::NetworkOp Network = network(Ops);
    if (!Network)
      return {};
    mlir::Value Last;
    for (mlir::Operation &Op : Network.getBody().front())
      Last = Op.getResult(0);
    return Last;
  }
  Result<std::vector<float>> floats(const std::string &Ops = "") {
    mlir::Value V = value(Ops);
    return V ? Constants(Files()).floats(V)
             : Result<std::vector<float>>(Error{"", "test", "no value"});
  }
  void expectRule(const std::string &Rule, const std::string &Ops = "") {
    auto Read = floats(Ops);
    ASSERT_FALSE(Read);
    EXPECT_EQ(Read.errors().front().Rule, Rule) << why(Read);
    EXPECT_EQ(Read.errors().front().Where, "w") << why(Read);
  }
  const std::vector<float> Six = {1, 2, 3, 4, 5, 6};
};

std::vector<float> ramp(int64_t Count) {
  std::vector<float> Out(Count);
  for (int64_t I = 0; I < Count; ++I)
    Out[I] = std::sin(0.37f * static_cast<float>(I)) * 3.0f;
  return Out;
}
} // namespace

TEST_F(ConstantValues, EveryStoredTypeBecomesBinary32) {
  weight("w", {2, 3}, Six);
  auto Read = floats();
  ASSERT_TRUE(Read) << why(Read);
  EXPECT_EQ(*Read, Six);
  Declarations.clear();
  weight("w", {3}, std::vector<double>{0.1, -2.0, 1e-300}, DType::F64);
  Read = floats();
  ASSERT_TRUE(Read) << why(Read);
  EXPECT_EQ(*Read, (std::vector<float>{0.1f, -2.0f, 0.0f}));
}

TEST_F(ConstantValues, HalfPrecision) {
  weight("w", {4}, std::vector<uint16_t>{0x3c00, 0xc000, 0x0001, 0x8000},
         DType::F16);
  auto Read = floats();
  ASSERT_TRUE(Read) << why(Read);
  EXPECT_EQ(*Read, (std::vector<float>{1.0f, -2.0f, 0x1p-24f, -0.0f}));
}

TEST_F(ConstantValues, BrainFloat) {
  weight("w", {2}, std::vector<uint16_t>{0x3f80, 0xc040}, DType::BF16);
  auto Read = floats();
  ASSERT_TRUE(Read) << why(Read);
  EXPECT_EQ(*Read, (std::vector<float>{1.0f, -3.0f}));
}

TEST_F(ConstantValues, StridesAreFollowed) {
  File.resize(24);
  std::memcpy(File.data(), Six.data(), 24);
  place({"w", DType::F32, {3, 2}, {1, 3}, 0}); // transposed
  auto Read = floats();
  ASSERT_TRUE(Read) << why(Read);
  EXPECT_EQ(*Read, (std::vector<float>{1, 4, 2, 5, 3, 6}));
  std::vector<float> Tile(2);
  Constants All(Files());
  ASSERT_TRUE(All.floats(value(""), 1, 3, 1, 2, Tile.data()));
  EXPECT_EQ(Tile, (std::vector<float>{5, 6}));
}

TEST_F(ConstantValues, HigherRanksAreMatricesOfTheirLastDimension) {
  std::vector<float> Values = ramp(24);
  File.resize(96);
  std::memcpy(File.data(), Values.data(), 96);
  place({"w", DType::F32, {3, 2, 4}, {4, 12, 1}, 0});
  auto Read = floats();
  ASSERT_TRUE(Read) << why(Read);
  for (int I = 0; I < 3; ++I)
    for (int J = 0; J < 2; ++J)
      for (int K = 0; K < 4; ++K)
        EXPECT_EQ((*Read)[I * 8 + J * 4 + K], Values[I * 4 + J * 12 + K]);
}

TEST_F(ConstantValues, AnotherHashIsRefused) {
  weight("w", {2, 3}, Six, DType::F32, 1234);
  expectRule("weight-hash");
}

TEST_F(ConstantValues, NotANumberIsRefusedByIndex) {
  std::vector<float> Bad = Six;
  Bad[4] = std::numeric_limits<float>::quiet_NaN();
  weight("w", {2, 3}, Bad);
  auto Read = floats();
  ASSERT_FALSE(Read);
  EXPECT_EQ(Read.errors().front().Rule, "weight-finite");
  EXPECT_NE(Read.errors().front().Text.find("[1, 1]"), std::string::npos)
      << why(Read);
}

TEST_F(ConstantValues, TooLargeForBinary32IsRefused) {
  weight("w", {2}, std::vector<double>{1.0, 1e300}, DType::F64);
  expectRule("weight-finite");
}

TEST_F(ConstantValues, ElementsOutsideOfTheFileAreRefused) {
  weight("w", {2, 3}, Six);
  Declarations.clear();
  place({"w", DType::F32, {2, 3}, {3, 1}, 4}, 1);
  expectRule("tensor-bounds");
}

TEST_F(ConstantValues, OffsetsThatWrapAroundAreRefused) {
  weight("w", {2, 3}, Six);
  Declarations = "%w = spike.weight \"w\" in \"model.bin\" at -8 as \"f32\" "
                 "hash 1 strides [4611686018427387904, 1] : "
                 "tensor<2x3xf32>\n";
  expectRule("tensor-bounds");
}

TEST_F(ConstantValues, AMissingFileIsNamed) {
  Declarations = "%w = spike.weight \"w\" in \"absent.bin\" at 0 as \"f32\" "
                 "hash 1 : tensor<2x3xf32>\n";
  auto Read = floats();
  ASSERT_FALSE(Read);
  EXPECT_NE(why(Read).find("absent.bin"), std::string::npos) << why(Read);
}

TEST_F(ConstantValues, DeriveTakesMatricesRowsAndScalars) {
  weight("w", {2, 3}, Six);
  weight("row", {3}, std::vector<float>{10, 20, 30});
  weight("one", {1}, std::vector<float>{0.5f});
  std::string Ops = R"(
    %r = spike.derive(%w, %row, %one : tensor<2x3xf32>, tensor<3xf32>,
                      tensor<1xf32>) {
    ^bb0(%a: f32, %b: f32, %c: f32):
      %s = arith.mulf %a, %b : f32
      %t = arith.addf %s, %c : f32
      spike.yield %t : f32
    } : tensor<2x3xf32>)";
  auto Read = floats(Ops);
  ASSERT_TRUE(Read) << why(Read);
  EXPECT_EQ(*Read, (std::vector<float>{10.5, 40.5, 90.5, 40.5, 100.5, 180.5}));
  std::vector<float> Tile(2);
  Constants All(Files());
  ASSERT_TRUE(All.floats(value(Ops), 1, 2, 1, 3, Tile.data()));
  EXPECT_EQ(Tile, (std::vector<float>{100.5, 180.5}));
}

TEST_F(ConstantValues, ApplyIsAMatrixTimesAVector) {
  weight("w", {2, 3}, Six);
  weight("x", {3}, std::vector<float>{1e8f, 1.0f, -1e8f});
  auto Read = floats("%r = spike.apply %w to %x : tensor<2x3xf32>, "
                     "tensor<3xf32> -> tensor<2xf32>");
  ASSERT_TRUE(Read) << why(Read);
  // In binary32 the 2 and the 5 would be lost.
  EXPECT_EQ(*Read, (std::vector<float>{-199999998.0f, -199999995.0f}));
}

TEST_F(ConstantValues, RowScalesAndCodes) {
  weight("w", {3, 2}, std::vector<float>{-1.0f, 0.5f, 0.0f, 0.0f, 3.0f, 12.7f});
  std::string Scales = "%s = spike.row_scale %w bits 8 : tensor<3x2xf32> -> "
                       "tensor<3xf32>\n";
  auto Read = floats(Scales);
  ASSERT_TRUE(Read) << why(Read);
  EXPECT_EQ(*Read, (std::vector<float>{1.0f / 127.0f, 1.0f, 12.7f / 127.0f}));
  mlir::Value Codes =
      value(Scales + "%r = spike.quantize %w by %s bits 8 : tensor<3x2xf32>, "
                     "tensor<3xf32> -> tensor<3x2xi8>");
  ASSERT_TRUE(Codes);
  std::vector<int8_t> Out(6);
  Constants All(Files());
  ASSERT_TRUE(All.codes(Codes, 0, 3, 0, 2, Out.data()));
  EXPECT_EQ(Out, (std::vector<int8_t>{-127, 64, 0, 0, 30, 127}));
  EXPECT_FALSE(All.floats(Codes)); // codes are not floats
}

/// q - 2^(bits-1), q the code of scale * (q - zero): the ends of both are used.
TEST_F(ConstantValues, CodesAroundAZero) {
  weight("w", {2, 4},
         std::vector<float>{-2.5f, -0.5f, 0.0f, 5.0f, //
                            -30.0f, 2.1f, 1.9f, 0.0f});
  weight("s", {2}, std::vector<float>{0.5f, 2.0f});
  auto Codes = [&] {
    return value("%r = spike.quantize %w by %s zeros %z : tensor<2xf32> bits 4 "
                 ": tensor<2x4xf32>, tensor<2xf32> -> tensor<2x4xi8>");
  };
  weight("z", {2}, std::vector<float>{5.0f, 15.0f});
  std::vector<int8_t> Out(8);
  Constants All(Files());
  ASSERT_TRUE(All.codes(Codes(), 0, 2, 0, 4, Out.data()));
  EXPECT_EQ(Out, (std::vector<int8_t>{-8, -4, -3, 7, -8, 7, 7, 7}));
  // The second row alone.
  std::vector<int8_t> Row(4);
  ASSERT_TRUE(All.codes(Codes(), 1, 2, 0, 4, Row.data()));
  EXPECT_EQ(Row, (std::vector<int8_t>{-8, 7, 7, 7}));
}

TEST_F(ConstantValues, ZerosThatAreNoCodesAreRefused) {
  for (float Bad : {-1.0f, 0.5f, 16.0f}) {
    Declarations.clear();
    weight("w", {2, 1}, std::vector<float>{1.0f, 1.0f});
    weight("s", {2}, std::vector<float>{1.0f, 1.0f});
    weight("z", {2}, std::vector<float>{15.0f, Bad});
    mlir::Value Codes =
        value("%r = spike.quantize %w by %s zeros %z : tensor<2xf32> bits 4 : "
              "tensor<2x1xf32>, tensor<2xf32> -> tensor<2x1xi8>");
    std::vector<int8_t> Out(2);
    Constants All(Files());
    ASSERT_TRUE(All.codes(Codes, 0, 1, 0, 1, Out.data()));
    EXPECT_EQ(Out[0], 7);
    Status S = All.codes(Codes, 0, 2, 0, 1, Out.data());
    ASSERT_FALSE(S);
    EXPECT_EQ(S.errors().front().Rule, "quantize-zero");
    EXPECT_EQ(S.errors().front().Where, "z");
    EXPECT_NE(S.errors().front().Text.find("the zero point of row 1 is"),
              std::string::npos);
  }
}

TEST_F(ConstantValues, TilesAgreeWithTheWhole) {
  // Larger than one internal tile, so that rows are worked on in groups.
  const int64_t Rows = 300, Cols = 500;
  weight("w", {Rows, Cols}, ramp(Rows * Cols));
  mlir::Value Codes = value(R"(
    %d = spike.derive(%w : tensor<300x500xf32>) {
    ^bb0(%a: f32):
      %e = math.exp %a : f32
      spike.yield %e : f32
    } : tensor<300x500xf32>
    %s = spike.row_scale %d bits 6 : tensor<300x500xf32> -> tensor<300xf32>
    %r = spike.quantize %d by %s bits 6 : tensor<300x500xf32>, tensor<300xf32>
        -> tensor<300x500xi8>)");
  ASSERT_TRUE(Codes);
  Constants All(Files());
  std::vector<int8_t> Whole(Rows * Cols), Tile(7 * 11);
  ASSERT_TRUE(All.codes(Codes, 0, Rows, 0, Cols, Whole.data()));
  ASSERT_TRUE(All.codes(Codes, 290, 297, 100, 111, Tile.data()));
  std::vector<float> W = ramp(Rows * Cols);
  for (int64_t R = 0; R < 7; ++R) {
    float Largest = 0;
    for (int64_t C = 0; C < Cols; ++C)
      Largest = std::max(Largest, maths::exp(W[(290 + R) * Cols + C]));
    for (int64_t C = 0; C < 11; ++C) {
      int64_t At = (290 + R) * Cols + 100 + C;
      EXPECT_EQ(Tile[R * 11 + C], Whole[At]);
      EXPECT_EQ(Whole[At], maths::quantizeSymmetric(maths::exp(W[At]),
                                                    Largest / 31.0f, 6));
    }
  }
}
