// Files that we write, read by our reader and by the HDF5 library.

#include "models/hdf5/Hdf5.h"
#include "models/hdf5/Writer.h"
#include "tests/unit/checkpoint/TestFiles.h"

#include <gmock/gmock.h>
#include <hdf5.h>

#include <bit>
#include <cmath>

using namespace synfire;
using namespace synfire::hdf5;
using namespace synfire::testfiles;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

/// Every type, a nested group, an empty array, and more members than a table.
NewObject sample(int Many) {
  NewObject Root;
  Root.Members["floats"] = {
      {},
      std::vector<float>{1, -2.5F, 1e-40F, 3, std::nextafter(1.0F, 2.0F), 0},
      {2, 3}};
  NewObject &G = Root.Members["group"];
  G.Members["doubles"] = {{}, std::vector<double>{0.1, -1e300}, {2}};
  G.Members["whole"] = NewObject::integer(-7);
  G.Members["text"] = NewObject::text("m\xC3\xA4\xC3\x9F");
  G.Members["pairs"] = {
      {}, std::vector<std::string>{"a", "", "lif1.lif", "b"}, {2, 2}};
  G.Members["none"] = {{}, std::vector<double>(), {0}};
  NewObject &M = Root.Members["many"];
  for (int I = 0; I != Many; ++I)
    M.Members["n" + std::to_string(I)] = NewObject::integer(I);
  return Root;
}

class Hdf5Writing : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Members, Hdf5Writing, testing::Values(0, 8, 9, 700));

TEST_P(Hdf5Writing, OursReadsItBack) {
  auto Bytes = encode(sample(GetParam()));
  ASSERT_TRUE(Bytes);
  auto F = File::parse(*Bytes, "x");
  ASSERT_TRUE(F) << F.errors()[0].format();
  const Object *Floats = F->root().find("floats");
  auto Read = F->readFloats(*Floats);
  ASSERT_TRUE(Read);
  const auto Wanted =
      std::get<std::vector<float>>(sample(0).Members["floats"].Values);
  for (size_t I = 0; I != Wanted.size(); ++I)
    EXPECT_EQ(std::bit_cast<uint32_t>((*Read)[I]),
              std::bit_cast<uint32_t>(Wanted[I]));
  EXPECT_THAT(Floats->Data.Shape, ElementsAre(2, 3));
  EXPECT_TRUE(F->stored(*Floats)) << "weights are mapped, not copied";
  const Object &G = *F->root().find("group");
  EXPECT_THAT(*F->readDoubles(*G.find("doubles")), ElementsAre(0.1, -1e300));
  EXPECT_EQ(*F->readInteger(*G.find("whole")), -7);
  EXPECT_EQ(*F->readText(*G.find("text")), "m\xC3\xA4\xC3\x9F");
  EXPECT_THAT(*F->readTexts(*G.find("pairs")),
              ElementsAre("a", "", "lif1.lif", "b"));
  EXPECT_TRUE(F->readDoubles(*G.find("none"))->empty());
  const Object &M = *F->root().find("many");
  ASSERT_EQ(M.Children.size(), static_cast<size_t>(GetParam()));
  for (int I = 0; I != GetParam(); ++I)
    EXPECT_EQ(*F->readInteger(*M.find("n" + std::to_string(I))), I);
}

TEST_P(Hdf5Writing, TheLibraryReadsIt) {
  Folder Files;
  const std::string Path = Files.path("x.h5");
  ASSERT_TRUE(write(sample(GetParam()), Path));
  const hid_t F = H5Fopen(Path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  ASSERT_GE(F, 0);
  auto read = [&](const std::string &Name, hid_t Type, void *To) {
    const hid_t D = H5Dopen2(F, Name.c_str(), H5P_DEFAULT);
    const bool Done =
        D >= 0 && H5Dread(D, Type, H5S_ALL, H5S_ALL, H5P_DEFAULT, To) >= 0;
    H5Dclose(D);
    return Done;
  };
  float Floats[6];
  ASSERT_TRUE(read("floats", H5T_NATIVE_FLOAT, Floats));
  EXPECT_THAT(Floats,
              ElementsAre(1, -2.5F, 1e-40F, 3, std::nextafter(1.0F, 2.0F), 0));
  double Doubles[2];
  ASSERT_TRUE(read("group/doubles", H5T_NATIVE_DOUBLE, Doubles));
  EXPECT_THAT(Doubles, ElementsAre(0.1, -1e300));
  int64_t Whole = 0;
  ASSERT_TRUE(read("group/whole", H5T_NATIVE_INT64, &Whole));
  EXPECT_EQ(Whole, -7);
  const hid_t Text = H5Tcopy(H5T_C_S1);
  H5Tset_size(Text, H5T_VARIABLE);
  H5Tset_cset(Text, H5T_CSET_UTF8);
  char *Pairs[4] = {};
  ASSERT_TRUE(read("group/pairs", Text, Pairs));
  EXPECT_STREQ(Pairs[0], "a");
  EXPECT_STREQ(Pairs[2], "lif1.lif");
  EXPECT_STREQ(Pairs[3], "b");
  for (char *P : Pairs)
    H5free_memory(P);
  H5Tclose(Text);
  for (int I = 0; I != GetParam(); ++I) {
    ASSERT_TRUE(read("many/n" + std::to_string(I), H5T_NATIVE_INT64, &Whole));
    EXPECT_EQ(Whole, I);
  }
  H5G_info_t Info;
  ASSERT_GE(H5Gget_info_by_name(F, "many", &Info, H5P_DEFAULT), 0);
  EXPECT_EQ(Info.nlinks, static_cast<hsize_t>(GetParam()));
  H5Fclose(F);
}

TEST(Hdf5Writing, IsTheSameEveryTime) {
  EXPECT_EQ(*encode(sample(20)), *encode(sample(20)));
}

TEST(Hdf5Writing, RefusesWhatItCannotWrite) {
  for (const char *Name : {"", ".", "a/b"}) {
    NewObject Root;
    Root.Members[Name] = NewObject::integer(1);
    auto Bytes = encode(Root);
    ASSERT_FALSE(Bytes) << Name;
    EXPECT_EQ(Bytes.errors()[0].Rule, "hdf5-name");
  }
  NewObject Root;
  Root.Members["x"] = {{}, std::vector<double>{1}, {2}};
  auto Bytes = encode(Root);
  ASSERT_FALSE(Bytes);
  EXPECT_THAT(Bytes.errors()[0].format(), HasSubstr("/x: error: 1 values"));
  Folder Files;
  EXPECT_FALSE(write(Root, Files.path("x.h5")));
  EXPECT_TRUE(Files.list().empty());
}

} // namespace
