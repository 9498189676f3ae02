// The HDF5 reader against files that the HDF5 library wrote.

#include "models/hdf5/Hdf5.h"
#include "tests/unit/checkpoint/TestFiles.h"
#include "tests/unit/nir/Hdf5Writer.h"

#include <gmock/gmock.h>

#include <numeric>
#include <random>

using namespace synfire;
using namespace synfire::testfiles;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

const hdf5::Object &at(const hdf5::File &F, const std::string &Name) {
  const hdf5::Object *O = &F.root();
  for (std::string Rest = Name; O && !Rest.empty();) {
    size_t End = std::min(Rest.find('/'), Rest.size());
    O = O->find(Rest.substr(0, End));
    Rest.erase(0, End + 1);
  }
  EXPECT_NE(O, nullptr) << Name;
  return O ? *O : F.root();
}

/// The error of opening, or of reading the numbers of `x`.
Error errorOf(const std::string &Path) {
  Result<hdf5::File> F = hdf5::File::open(Path);
  if (!F)
    return F.errors().front();
  Result<std::vector<double>> V = F->readDoubles(at(*F, "x"));
  if (V)
    return Error{"", "none", "it was read"};
  return V.errors().front();
}

class Hdf5 : public testing::TestWithParam<bool> {
protected:
  Folder Files;
  std::string Path = Files.path("x.h5");
};
INSTANTIATE_TEST_SUITE_P(EarliestAndLatest, Hdf5, testing::Bool());

TEST_P(Hdf5, ReadsEveryTypeAndLayout) {
  std::vector<float> Many(7 * 11 * 5);
  std::iota(Many.begin(), Many.end(), -20.5F);
  {
    Hdf5Writer W(Path, GetParam());
    W.floats("n/plain", {2, 2}, {1, -2, 3.5, 4});
    W.doubles("n/wide", {}, {0.1});
    W.integers("n/whole", {3}, {-5, 0, int64_t(1) << 40});
    W.integers("n/byte", {3}, {-128, 1, 127}, {.Type = H5T_STD_I8LE});
    W.integers("n/big", {2}, {-300, 300}, {.Type = H5T_STD_I16BE});
    W.doubles("n/half_be", {2}, {0.25, -8}, {.Type = H5T_IEEE_F32BE});
    W.floats("s/compact", {2}, {7, 8}, {.Compact = true});
    W.text("t/name", "Größe");
    W.fixedText("t/fixed", "input", 10);
    W.fixedText("t/spaces", "dense", 8, true);
    W.texts("t/pairs", {"a", "b", "", "d"}, {2, 2});
    W.declare("s/nothing", {3});
    W.floats("s/onechunk", {7, 11, 5}, Many,
             {.Chunk = {7, 11, 5}, .Shuffle = true, .Gzip = 4});
    if (!GetParam()) {
      W.floats(
          "s/gzip", {7, 11, 5}, Many,
          {.Chunk = {3, 4, 2}, .Shuffle = true, .Fletcher = true, .Gzip = 4});
      W.floats("s/chunks", {7, 11, 5}, Many, {.Chunk = {2, 11, 3}});
    }
  }
  Result<hdf5::File> F = hdf5::File::open(Path);
  ASSERT_TRUE(F) << F.errors().front().format();
  auto doubles = [&](const char *Name) {
    Result<std::vector<double>> V = F->readDoubles(at(*F, Name));
    EXPECT_TRUE(V) << V.errors().front().format();
    return V ? *V : std::vector<double>();
  };
  EXPECT_THAT(doubles("n/plain"), ElementsAre(1, -2, 3.5, 4));
  EXPECT_THAT(doubles("n/wide"), ElementsAre(0.1));
  EXPECT_THAT(*F->readIntegers(at(*F, "n/whole")),
              ElementsAre(-5, 0, int64_t(1) << 40));
  EXPECT_THAT(doubles("n/byte"), ElementsAre(-128, 1, 127));
  EXPECT_THAT(doubles("n/big"), ElementsAre(-300, 300));
  EXPECT_THAT(doubles("n/half_be"), ElementsAre(0.25, -8));
  EXPECT_THAT(doubles("s/compact"), ElementsAre(7, 8));
  EXPECT_THAT(doubles("s/nothing"), ElementsAre(0, 0, 0));
  EXPECT_EQ(*F->readText(at(*F, "t/name")), "Größe");
  EXPECT_EQ(*F->readText(at(*F, "t/fixed")), "input");
  EXPECT_EQ(*F->readText(at(*F, "t/spaces")), "dense");
  EXPECT_THAT(*F->readTexts(at(*F, "t/pairs")), ElementsAre("a", "b", "", "d"));
  for (const char *Name : {"s/onechunk", "s/gzip", "s/chunks"}) {
    if (Name == std::string("s/onechunk") || !GetParam()) {
      EXPECT_EQ(*F->readFloats(at(*F, Name)), Many) << Name;
    }
  }
  // What lies in the file as it is can be mapped.
  std::optional<StoredTensor> T = F->stored(at(*F, "n/plain"));
  ASSERT_TRUE(T);
  EXPECT_THAT(*readFloats(F->bytes(), *T), ElementsAre(1, -2, 3.5, 4));
  EXPECT_FALSE(F->stored(at(*F, "s/onechunk")));
  EXPECT_FALSE(F->stored(at(*F, "n/half_be")));
  EXPECT_FALSE(F->stored(at(*F, "s/compact")));
}

TEST(Hdf5Limits, NewestFormsAreNamed) {
  Folder Files;
  std::string Path = Files.path("x.h5");
  {
    Hdf5Writer W(Path, true);
    for (char C = 'a'; C != 'z'; ++C)
      W.group(std::string("many/") + C);
    W.floats("x", {9}, std::vector<float>(9, 1), {.Chunk = {2}});
  }
  Error E = errorOf(Path);
  EXPECT_EQ(E.Rule, "hdf5-unsupported");
  EXPECT_THAT(E.Text, HasSubstr("of kind 'fixed array'"));
  Result<hdf5::File> F = hdf5::File::open(Path);
  ASSERT_TRUE(F && at(*F, "many").Fault);
  EXPECT_THAT(at(*F, "many").Fault->Text, HasSubstr("fractal heap"));
}

TEST_P(Hdf5, RefusesWrongTypes) {
  {
    Hdf5Writer W(Path, GetParam());
    W.text("t", "text");
    W.doubles("x", {2}, {1.5, 2});
    W.text("bad", "a\xff\n");
  }
  Result<hdf5::File> F = hdf5::File::open(Path);
  ASSERT_TRUE(F) << F.errors().front().format();
  EXPECT_EQ(F->readDoubles(at(*F, "t")).errors()[0].Rule, "hdf5-type");
  EXPECT_EQ(F->readTexts(at(*F, "x")).errors()[0].Rule, "hdf5-type");
  EXPECT_EQ(F->readDouble(at(*F, "x")).errors()[0].Rule, "hdf5-shape");
  EXPECT_EQ(F->readDoubles(F->root()).errors()[0].Rule, "hdf5-type");
  Error NotWhole = F->readIntegers(at(*F, "x")).errors()[0];
  EXPECT_EQ(NotWhole.Rule, "hdf5-integer");
  EXPECT_THAT(NotWhole.Text, HasSubstr("'/x': element 0 is 1.5"));
  Error NotUtf8 = F->readTexts(at(*F, "bad")).errors()[0];
  EXPECT_EQ(NotUtf8.Rule, "hdf5-text");
  EXPECT_THAT(NotUtf8.Text, HasSubstr("a\\xff\\x0a"));
}

TEST_P(Hdf5, FollowsNoLinks) {
  {
    Hdf5Writer W(Path, GetParam());
    W.floats("g/a", {1}, {1});
    H5Lcreate_soft("/g/a", W.file(), "soft", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_external("other.h5", "/x", W.file(), "external", H5P_DEFAULT,
                       H5P_DEFAULT);
    H5Lcreate_hard(W.file(), "/g", W.file(), "/g/again", H5P_DEFAULT,
                   H5P_DEFAULT);
  }
  Result<hdf5::File> F = hdf5::File::open(Path);
  ASSERT_TRUE(F) << F.errors().front().format();
  for (const char *Name : {"soft", "external"}) {
    EXPECT_EQ(F->readDoubles(at(*F, Name)).errors()[0].Rule, "hdf5-link");
  }
  const hdf5::Object *Again = at(*F, "g").find("again");
  ASSERT_TRUE(Again && Again->Fault);
  EXPECT_THAT(Again->Fault->Text, HasSubstr("a second link to the object at "
                                            "'/g'"));
}

TEST_P(Hdf5, ReadsAttributes) {
  {
    Hdf5Writer W(Path, GetParam());
    W.group("g");
    W.attribute("g", "__type__", "NIRData");
    W.attribute("g", "dt", 1e-4);
  }
  Result<hdf5::File> F = hdf5::File::open(Path);
  ASSERT_TRUE(F) << F.errors().front().format();
  const hdf5::Object &G = at(*F, "g");
  EXPECT_EQ(*F->readText(G, *G.attribute("__type__")), "NIRData");
  EXPECT_EQ(*F->readDouble(G, *G.attribute("dt")), 1e-4);
  EXPECT_EQ(G.attribute("other"), nullptr);
}

TEST(Hdf5Limits, AreCheckedBeforeReading) {
  Folder Files;
  std::string Path = Files.path("x.h5");
  // 4 GB of which one chunk of 64 bytes is there.
  {
    Hdf5Writer W(Path);
    W.declare("x", {hsize_t(1) << 30}, {.Chunk = {16}, .Gzip = 1});
  }
  Error Bomb = errorOf(Path);
  EXPECT_EQ(Bomb.Rule, "hdf5-size");
  EXPECT_THAT(Bomb.Text, HasSubstr("1073741824 elements, at most 268435456"));
  {
    Hdf5Writer W(Path);
    W.declare("x", {hsize_t(1) << 27}, {.Chunk = {16}, .Gzip = 1});
  }
  EXPECT_THAT(errorOf(Path).Text, HasSubstr("more than a file of"));
  {
    Hdf5Writer W(Path);
    W.declare("x", {hsize_t(1) << 40, hsize_t(1) << 40}, {.Chunk = {4, 4}});
  }
  EXPECT_THAT(errorOf(Path).Text, HasSubstr("more than 2^64 elements"));
}

TEST(Hdf5Limits, FiltersAreNamed) {
  Folder Files;
  std::string Path = Files.path("x.h5");
  {
    Hdf5Writer W(Path);
    W.floats("x", {4}, {1, 2, 3, 4}, {.Chunk = {4}, .OptionalFilter = 32000});
  }
  Error E = errorOf(Path);
  EXPECT_EQ(E.Rule, "hdf5-filter");
  EXPECT_THAT(E.Text, HasSubstr("filter lzf"));
}

TEST(Hdf5Limits, DepthIsBounded) {
  Folder Files;
  std::string Path = Files.path("x.h5"), Deep;
  for (int I = 0; I != 40; ++I)
    Deep += "/g";
  {
    Hdf5Writer W(Path);
    W.group(Deep);
  }
  Result<hdf5::File> F = hdf5::File::open(Path);
  ASSERT_TRUE(F);
  const hdf5::Object *O = &F->root();
  unsigned Depth = 0;
  for (; !O->Fault && O->find("g"); O = O->find("g"))
    ++Depth;
  EXPECT_EQ(Depth, hdf5::MaxDepth);
  ASSERT_TRUE(O->Fault);
  EXPECT_EQ(O->Fault->Rule, "hdf5-depth");
}

std::vector<uint8_t> sample(const Folder &Files, bool Latest) {
  std::string Path = Files.path("s.h5");
  {
    Hdf5Writer W(Path, Latest);
    W.text("t", "text");
    W.texts("g/e", {"a", "b"}, {1, 2});
    W.floats("g/x", {5, 3}, std::vector<float>(15, 2),
             {.Chunk = {5, 3}, .Shuffle = true, .Gzip = 4});
    if (!Latest)
      W.floats("y", {5, 3}, std::vector<float>(15, 2),
               {.Chunk = {2, 2}, .Fletcher = true, .Gzip = 4});
    W.integers("z", {3}, {1, 2, 3});
    W.attribute("g", "a", "b");
  }
  std::string Text = readFile(Path);
  return {Text.begin(), Text.end()};
}

/// Reads everything that \p Bytes hold; only that it ends counts.
size_t readAll(const hdf5::File &F, const hdf5::Object &O) {
  size_t Count = 1;
  if (!O.IsGroup) {
    Result<std::vector<double>> V = F.readDoubles(O);
    Result<std::vector<std::string>> T = F.readTexts(O);
    Count += V ? V->size() : !V.errors()[0].Text.empty();
    Count += T ? T->size() : !T.errors()[0].Text.empty();
  }
  for (const hdf5::Object &Child : O.Children)
    Count += readAll(F, Child);
  return Count;
}

TEST_P(Hdf5, SaysWhereItIsTruncated) {
  std::vector<uint8_t> Whole = sample(Files, GetParam());
  for (size_t Size = 0; Size < Whole.size(); Size += 13) {
    std::vector<uint8_t> Part(Whole.begin(),
                              Whole.begin() + static_cast<ptrdiff_t>(Size));
    Result<hdf5::File> F = hdf5::File::parse(Part, "part");
    ASSERT_FALSE(F) << Size;
    EXPECT_THAT(F.errors()[0].Rule, testing::StartsWith("hdf5-"));
  }
}

TEST_P(Hdf5, SurvivesDamage) {
  std::vector<uint8_t> Whole = sample(Files, GetParam());
  std::mt19937 Random(1);
  size_t NumRead = 0;
  for (int Round = 0; Round != 2000; ++Round) {
    std::vector<uint8_t> Damaged = Whole;
    for (unsigned I = 0, Count = 1 + Random() % 4; I != Count; ++I)
      Damaged[Random() % Damaged.size()] = static_cast<uint8_t>(Random());
    Result<hdf5::File> F = hdf5::File::parse(Damaged, "damaged");
    if (F)
      NumRead += readAll(*F, F->root());
    else
      ASSERT_FALSE(F.errors()[0].Text.empty());
  }
  EXPECT_GT(NumRead, 1000U); // Most damage hits gaps.
}

} // namespace
