// .npy and .npz: what is written can be read, here and by NumPy.

#include "targets/arrays/Npy.h"
#include "targets/arrays/Npz.h"
#include "tests/unit/checkpoint/TestFiles.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>

using namespace synfire;
using namespace synfire::testfiles;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

template <typename T>
Array arrayOf(std::vector<int64_t> Shape, std::vector<T> Values) {
  return Array::of<T>(std::move(Shape), std::span<const T>(Values));
}

template <typename T>
class NpyTypes : public testing::Test {};
using Types =
    testing::Types<float, double, int64_t, int32_t, int16_t, int8_t, uint8_t>;
TYPED_TEST_SUITE(NpyTypes, Types);

TYPED_TEST(NpyTypes, RoundTrip) {
  Folder Files;
  Array A = arrayOf<TypeParam>({2, 3}, {0, 1, 2, 3, 4, TypeParam(-5)});
  ASSERT_TRUE(writeNpy(Files.path("a.npy"), A));
  Result<Array> B = readNpy(Files.path("a.npy"));
  ASSERT_TRUE(B) << B.errors().front().format();
  EXPECT_EQ(B->Type, A.Type);
  EXPECT_EQ(B->Shape, A.Shape);
  EXPECT_EQ(B->Data, A.Data);
  EXPECT_EQ(B->template as<TypeParam>()[5], TypeParam(-5));
  EXPECT_EQ(readFile(Files.path("a.npy")).size() % 64, A.Data.size() % 64);
}

TEST(Npy, KeepsScalarsVectorsAndEmptyArrays) {
  Folder Files;
  for (std::vector<int64_t> Shape :
       {std::vector<int64_t>{}, {1}, {0}, {3, 0, 2}}) {
    size_t Count = Shape.size() <= 1 && (Shape.empty() || Shape[0]) ? 1 : 0;
    Array A = arrayOf<int32_t>(Shape, std::vector<int32_t>(Count, 7));
    ASSERT_TRUE(writeNpy(Files.path("a.npy"), A));
    Result<Array> B = readNpy(Files.path("a.npy"));
    ASSERT_TRUE(B) << B.errors().front().format();
    EXPECT_EQ(B->Shape, Shape);
    EXPECT_EQ(B->Data, A.Data);
  }
}

TEST(Npy, IntegersOfAnyWidthAreTokens) {
  Array A = arrayOf<uint8_t>({2}, {3, 200});
  EXPECT_THAT(*A.toIntegers("ids.npy"), ElementsAre(3, 200));
  Result<std::vector<int64_t>> F =
      arrayOf<float>({1}, {1}).toIntegers("ids.npy");
  ASSERT_FALSE(F);
  EXPECT_THAT(F.errors().front().Text, HasSubstr(".astype('int64')"));
}

TEST(Npy, RefusesOtherArrays) {
  auto parse = [](const std::string &Dict, const std::string &Data) {
    std::string Bytes = std::string("\x93NUMPY\x01\x00", 8) +
                        littleEndian(Dict.size(), 2) + Dict + Data;
    return parseNpy(asBytes(std::span<const char>(Bytes)), "a.npy");
  };
  auto header = [](const std::string &Descr, const std::string &Fortran,
                   const std::string &Shape) {
    return "{'descr': '" + Descr + "', 'fortran_order': " + Fortran +
           ", 'shape': " + Shape + ", }\n";
  };
  EXPECT_TRUE(parse(header("<i4", "False", "(1,)"), "abcd"));
  const std::tuple<std::string, std::string, std::string> Cases[] = {
      {header(">i4", "False", "(1,)"), "abcd", "'>i4' is not read"},
      {header("|O", "False", "(1,)"), "abcd", "'|O' is not read"},
      {header("<i4", "True", "(1, 1)"), "abcd", "Fortran order"},
      {header("<i4", "False", "(2,)"), "abcd", "needs 2 elements"},
      {header("<i4", "False", "(1,)"), "abcdefgh", "4 bytes follow"},
      {header("<i4", "False", "(-1,)"), "abcd", "not a dictionary"},
      {header("<i4", "False", "(99999999999999999999,)"), "", "dictionary"},
      {header("<i4", "False", "(999999999999, 999999999999)"), "", "overflow"},
      {"{'descr': '<i4'}", "", "not a dictionary"},
      {"__import__('os')", "", "not a dictionary"}};
  for (const auto &[Dict, Data, Text] : Cases) {
    Result<Array> A = parse(Dict, Data);
    ASSERT_FALSE(A) << Text;
    EXPECT_EQ(A.errors().front().Rule, "npy-format");
    EXPECT_THAT(A.errors().front().Text, HasSubstr(Text));
  }
}

class NpzModes : public testing::TestWithParam<NpzWriter::Mode> {
protected:
  Status write(const std::string &Path) {
    Result<NpzWriter> W = NpzWriter::create(Path, GetParam());
    if (!W)
      return W.errors();
    Array Ids = arrayOf<int64_t>({3}, {5, -1, 1ll << 40});
    if (Status S = W->add("tokens", Ids); !S)
      return S;
    // In pieces, larger than the buffers.
    if (Status S = W->begin("spikes/lif1", DType::U8,
                            std::vector<int64_t>{1000, 1000});
        !S)
      return S;
    std::vector<uint8_t> Row(1000);
    for (int I = 0; I != 1000; ++I) {
      Row[static_cast<size_t>(I)] = 1;
      if (Status S = W->append(std::span<const uint8_t>(Row)); !S)
        return S;
    }
    std::vector<float> None;
    if (Status S = W->add("empty", {0, 4}, std::span<const float>(None)); !S)
      return S;
    return W->finish();
  }
  Folder Files;
};

TEST_P(NpzModes, RoundTripAndSameBytes) {
  ASSERT_TRUE(write(Files.path("a.npz")));
  ASSERT_TRUE(write(Files.path("b.npz")));
  EXPECT_EQ(readFile(Files.path("a.npz")), readFile(Files.path("b.npz")));
  EXPECT_THAT(Files.list(), ElementsAre("a.npz", "b.npz"));
  Result<NpzReader> R = NpzReader::open(Files.path("a.npz"));
  ASSERT_TRUE(R) << R.errors().front().format();
  EXPECT_THAT(R->names(), ElementsAre("tokens", "spikes/lif1", "empty"));
  EXPECT_THAT(R->read("tokens")->as<int64_t>(), ElementsAre(5, -1, 1ll << 40));
  Array Spikes = *R->read("spikes/lif1");
  EXPECT_THAT(Spikes.Shape, ElementsAre(1000, 1000));
  EXPECT_EQ(std::count(Spikes.Data.begin(), Spikes.Data.end(), 1), 500500);
  EXPECT_THAT(R->read("empty")->Shape, ElementsAre(0, 4));
  EXPECT_FALSE(R->read("logits"));
}

TEST_P(NpzModes, NumPyAgrees) {
  std::string Python = "/usr/bin/python3 -c ";
  if (std::system((Python + "'import numpy' 2>/dev/null").c_str()) != 0)
    GTEST_SKIP() << "no NumPy";
  ASSERT_TRUE(write(Files.path("a.npz")));
  std::string Check =
      "\"import numpy as n; z = n.load('" + Files.path("a.npz") +
      "'); assert list(z) == ['tokens', 'spikes/lif1', 'empty']; "
      "assert z['tokens'].dtype == 'int64' and z['tokens'][2] == 2**40; "
      "assert (z['spikes/lif1'] == n.tri(1000)).all(); "
      "assert z['empty'].shape == (0, 4)\"";
  EXPECT_EQ(std::system((Python + Check).c_str()), 0);
}

TEST_P(NpzModes, NothingRemainsOfAnUnfinishedFile) {
  {
    Result<NpzWriter> W = NpzWriter::create(Files.path("a.npz"), GetParam());
    ASSERT_TRUE(W);
    ASSERT_TRUE(W->begin("x", DType::U8, std::vector<int64_t>{4}));
    std::vector<uint8_t> Two(2), Three(3);
    ASSERT_TRUE(W->append(std::span<const uint8_t>(Two)));
    EXPECT_FALSE(W->append(std::span<const uint8_t>(Three)));
    EXPECT_FALSE(W->finish());
  }
  EXPECT_THAT(Files.list(), ElementsAre());
}

INSTANTIATE_TEST_SUITE_P(Npz, NpzModes,
                         testing::Values(NpzWriter::Mode::Stored,
                                         NpzWriter::Mode::Deflated));

TEST(Npz, UnwritablePlacesAreErrors) {
  Result<NpzWriter> W = NpzWriter::create("/nonexistent/a.npz");
  ASSERT_FALSE(W);
  EXPECT_EQ(W.errors().front().Rule, "file-write");
  EXPECT_FALSE(writeNpy("/nonexistent/a.npy", arrayOf<float>({1}, {1})));
}

TEST(Npz, ReadsWhatNumPyWrote) {
  std::string Path = std::string(SYNFIRE_SHARED_DIR) + "/golden/spikegpt/";
  if (!std::filesystem::exists(Path))
    GTEST_SKIP() << "no golden vectors at " << Path;
  Result<NpzReader> R = NpzReader::open(Path + "tiny_io.npz");
  ASSERT_TRUE(R) << R.errors().front().format();
  for (const std::string &Name : R->names())
    EXPECT_TRUE(R->read(Name)) << Name;
  EXPECT_THAT(R->read("input_ids")->Shape, ElementsAre(2, 48));
  EXPECT_THAT(R->read("spikes")->Shape, ElementsAre(2, 2, 2, 48, 64));
}

TEST(Npz, DamageIsFound) {
  Folder Files;
  Result<NpzWriter> W =
      NpzWriter::create(Files.path("a.npz"), NpzWriter::Mode::Deflated);
  ASSERT_TRUE(W &&
              W->add("x", arrayOf<int32_t>({64}, std::vector<int32_t>(64))) &&
              W->finish());
  std::string Whole = readFile(Files.path("a.npz"));
  for (size_t At = 0; At != Whole.size(); ++At) {
    std::string Bad = Whole;
    Bad[At] = static_cast<char>(Bad[At] ^ 0x10);
    Result<NpzReader> R = NpzReader::open(Files.write("b.npz", Bad));
    if (!R || !R->contains("x"))
      continue;
    Result<Array> A = R->read("x");
    if (A) {
      EXPECT_EQ(A->numElements(), 64) << At;
    }
  }
}

} // namespace
