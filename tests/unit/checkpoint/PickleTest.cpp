// The pickle reader: what a state dict may hold, and that nothing else passes.

#include "models/checkpoint/Checkpoint.h"
#include "tests/unit/checkpoint/TestFiles.h"

#include <gmock/gmock.h>

using namespace synfire;
using namespace synfire::testfiles;
using checkpoint::Checkpoint;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

class PickleTest : public testing::Test {
protected:
  Result<Checkpoint> open(const std::string &Object, int NumStored = 6,
                          const std::string &Prefix = "") {
    return Checkpoint::open(Files.write("m.pth", pth(Object, NumStored)),
                            Prefix);
  }
  void expectError(const std::string &Object, const std::string &Rule,
                   const std::string &Text) {
    Result<Checkpoint> C = open(Object);
    ASSERT_FALSE(C) << Text;
    EXPECT_EQ(C.errors().front().Rule, Rule);
    EXPECT_THAT(C.errors().front().Text, HasSubstr(Text));
    EXPECT_THAT(C.errors().front().Where, HasSubstr("m.pth"));
  }
  std::vector<float> values(const std::string &Tensor) {
    Result<Checkpoint> C = open(dict(text("w") + Tensor));
    EXPECT_TRUE(C) << C.errors().front().format();
    Result<std::vector<float>> V = C->readFloats(*C->find("w"));
    return V ? *V : std::vector<float>();
  }
  Folder Files;
};

TEST_F(PickleTest, ReadsViewsInCOrder) {
  EXPECT_THAT(values(tensor("0", 6, 0, {2, 3}, {3, 1})),
              ElementsAre(0, 1, 2, 3, 4, 5));
  // Transposed, sliced, broadcast, scalar.
  EXPECT_THAT(values(tensor("0", 6, 0, {3, 2}, {1, 3})),
              ElementsAre(0, 3, 1, 4, 2, 5));
  EXPECT_THAT(values(tensor("0", 6, 1, {2, 2}, {3, 1})),
              ElementsAre(1, 2, 4, 5));
  EXPECT_THAT(values(tensor("0", 6, 5, {3}, {0})), ElementsAre(5, 5, 5));
  EXPECT_THAT(values(tensor("0", 6, 4, {}, {})), ElementsAre(4));
  EXPECT_THAT(values(tensor("0", 6, 6, {0, 9}, {9, 1})), ElementsAre());
}

TEST_F(PickleTest, ReadsParametersAndOrderedDicts) {
  std::string Parameter = global("torch._utils", "_rebuild_parameter") +
                          tuple(tensor("0", 6, 2, {2}, {1}) + "\x88" +
                                global("collections", "OrderedDict") + ")R") +
                          "R";
  // BUILD sets `_metadata`, which is ignored.
  Result<Checkpoint> C =
      open(global("collections", "OrderedDict") + ")R(" + text("w") +
           Parameter + text("epoch") + "G\x40\x08" + std::string(6, '\0') +
           "u" + dict(text("_metadata") + "N") + "b");
  ASSERT_TRUE(C) << C.errors().front().format();
  ASSERT_EQ(C->tensors().size(), 1u);
  EXPECT_THAT(*C->readFloats(*C->find("w")), ElementsAre(2, 3));
}

TEST_F(PickleTest, TakesTheOnlyWrapperAndAsksBetweenSeveral) {
  std::string Inner = dict(text("a.w") + tensor("0", 6, 0, {6}, {1}));
  Result<Checkpoint> One =
      open(dict(text("state_dict") + Inner + text("epoch") + number(3)));
  ASSERT_TRUE(One);
  EXPECT_NE(One->find("a.w"), nullptr);

  std::string Two = dict(text("model") + Inner + text("optimizer") + Inner);
  Result<Checkpoint> Unclear = open(Two);
  ASSERT_FALSE(Unclear);
  EXPECT_THAT(Unclear.errors().front().Text,
              HasSubstr("model (1 tensors), optimizer (1 tensors)"));
  for (const char *Prefix : {"model", "model."}) {
    Result<Checkpoint> Chosen = open(Two, 6, Prefix);
    ASSERT_TRUE(Chosen);
    EXPECT_NE(Chosen->find("a.w"), nullptr);
  }
  Result<Checkpoint> Wrong = open(Two, 6, "net.");
  ASSERT_FALSE(Wrong);
  EXPECT_EQ(Wrong.errors().front().Rule, "checkpoint-prefix");
}

TEST_F(PickleTest, NumberedLayersAreNoWrappers) {
  std::string Layer = dict(text("w") + tensor("0", 6, 0, {6}, {1}));
  Result<Checkpoint> C = open(dict(number(0) + Layer + number(1) + Layer));
  ASSERT_TRUE(C) << C.errors().front().format();
  EXPECT_NE(C->find("0.w"), nullptr);
  EXPECT_NE(C->find("1.w"), nullptr);
}

TEST_F(PickleTest, DottedNamesAreNoWrapper) {
  Result<Checkpoint> C =
      open(dict(text("net.w") + tensor("0", 6, 0, {6}, {1})));
  ASSERT_TRUE(C);
  EXPECT_NE(C->find("net.w"), nullptr);
}

TEST_F(PickleTest, RefusesWhatItWouldHaveToRun) {
  expectError(global("os", "system") + tuple(text("true")) + "R",
              "pickle-refused", "`os.system`");
  expectError(global("torch.nn.modules.linear", "Linear") + ")\x81",
              "pickle-refused", "save `model.state_dict()` instead");
  expectError(global("collections", "OrderedDict") + ")\x81", "pickle-refused",
              "whole module");
  expectError("itorch\nx\n", "pickle-refused", "instruction 0x69");
  expectError("\x93", "pickle-refused", "instruction 0x93");
}

TEST_F(PickleTest, RefusesTensorsOutsideTheirStorage) {
  auto tensorOf = [](int32_t Stored, int32_t Offset, std::vector<int32_t> Shape,
                     std::vector<int32_t> Strides) {
    return dict(text("w") + tensor("0", Stored, Offset, Shape, Strides));
  };
  expectError(tensorOf(6, 0, {7}, {1}), "tensor-bounds", "needs 7 elements");
  expectError(tensorOf(6, 1, {2, 3}, {3, 1}), "tensor-bounds", "'w'");
  expectError(tensorOf(6, 0, {2}, {-1}), "tensor-bounds", "negative");
  expectError(tensorOf(6, -1, {2}, {1}), "pytorch-format", "element -1");
  expectError(tensorOf(6, 0, {0x7fffffff, 0x7fffffff, 0x7fffffff}, {0, 0, 0}),
              "tensor-bounds", "overflows");
  expectError(tensorOf(6, 0, {0x7fffffff}, {0}), "tensor-bounds", "repeats");
  expectError(tensorOf(7, 0, {6}, {1}), "pytorch-format", "24 bytes");
  expectError(dict(text("w") + tensor("../0", 6, 0, {6}, {1})),
              "pytorch-format", "which the archive lacks");
}

TEST_F(PickleTest, RefusesBrokenPrograms) {
  expectError("t", "pickle-format", "lacks its mark");
  expectError("a", "pickle-format", "lacks an operand");
  expectError("h\x05", "pickle-format", "memo 5");
  expectError("NN", "pickle-format", "left over");
  expectError("X\xff\xff\xff\xff", "pickle-format", "ends inside");
  expectError("cno newline", "pickle-format", "without an end");
  expectError("NQ", "pickle-format", "persistent id");
  expectError("N", "pytorch-format", "no dictionary of tensors");
  expectError("}", "checkpoint-empty", "holds no tensors");
  expectError(std::string(1 << 21, '('), "pickle-format", "open marks");
  expectError(dict(text("w") + tensor("0", 6, 0, {6}, {1}) + text("w") +
                   tensor("0", 6, 0, {6}, {1})),
              "checkpoint-names", "'w'");
}

TEST_F(PickleTest, SmallPicklesCannotDescribeHugeValues) {
  // A list of 65,536 pairs, made into a thousand dictionaries by reference.
  std::string Pairs = std::string("(NNtq\x01](");
  for (int I = 0; I != 1 << 16; ++I)
    Pairs += "h\x01";
  Pairs += "eq\x02";
  for (int I = 0; I != 1000; ++I)
    Pairs += global("collections", "OrderedDict") + "(h\x02" + "tR";
  expectError(Pairs, "pickle-refused", "containers with more than");

  // A dictionary that contains itself.
  Result<Checkpoint> Cycle =
      open(std::string("}q") + '\0' + text("a") + "h" + '\0' + "s");
  ASSERT_FALSE(Cycle);
}

TEST_F(PickleTest, NamesTheByteOfTheFile) {
  std::string Bytes = pth(global("os", "system"), 0);
  Result<Checkpoint> C = Checkpoint::open(Files.write("m.pth", Bytes));
  ASSERT_FALSE(C);
  EXPECT_THAT(C.errors().front().Text,
              HasSubstr("at byte " + std::to_string(Bytes.find("cos\n"))));
}

} // namespace
