//===- tests/unit/checkpoint/TestFiles.cpp - Files made by hand -----------===//

#include "tests/unit/checkpoint/TestFiles.h"

#include <zlib.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdlib.h>

namespace synfire::testfiles {

std::string littleEndian(uint64_t Value, int Size) {
  std::string Out;
  for (int I = 0; I != Size; ++I, Value >>= 8)
    Out += static_cast<char>(Value);
  return Out;
}

std::string zip(const std::vector<ZipMember> &Members) {
  auto le = littleEndian;
  std::string Out, Directory;
  for (const ZipMember &M : Members) {
    uint32_t Crc =
        M.CrcError ^
        static_cast<uint32_t>(crc32_z(
            0, reinterpret_cast<const Bytef *>(M.Data.data()), M.Data.size()));
    uint64_t Local = Out.size() + static_cast<uint64_t>(M.LocalOffsetError);
    Out += "PK\x03\x04" + le(20, 2) + le(M.Flags, 2) + le(M.Method, 2) +
           le(0, 4) + le(0, 12) + le(M.LocalName.size(), 2) + le(0, 2) +
           M.LocalName + M.Data;
    Directory += "PK\x01\x02" + le(20, 2) + le(20, 2) + le(M.Flags, 2) +
                 le(M.Method, 2) + le(0, 4) + le(Crc, 4) +
                 le(M.Data.size(), 4) + le(M.Data.size(), 4) +
                 le(M.Name.size(), 2) + le(0, 12) + le(Local, 4) + M.Name;
  }
  uint64_t At = Out.size();
  return Out + Directory + "PK\x05\x06" + le(0, 4) + le(Members.size(), 2) +
         le(Members.size(), 2) + le(Directory.size(), 4) + le(At, 4) + le(0, 2);
}

std::string text(const std::string &S) {
  return "X" + littleEndian(S.size(), 4) + S;
}

std::string number(int32_t N) {
  return "J" + littleEndian(static_cast<uint32_t>(N), 4);
}

std::string tuple(const std::string &Items) { return "(" + Items + "t"; }

std::string global(const std::string &Module, const std::string &Name) {
  return "c" + Module + "\n" + Name + "\n";
}

std::string tensor(const std::string &Key, int32_t NumStored, int32_t Offset,
                   const std::vector<int32_t> &Shape,
                   const std::vector<int32_t> &Strides) {
  auto numbers = [](const std::vector<int32_t> &From) {
    std::string Items;
    for (int32_t N : From)
      Items += number(N);
    return tuple(Items);
  };
  std::string Storage =
      tuple(text("storage") + global("torch", "FloatStorage") + text(Key) +
            text("cpu") + number(NumStored)) +
      "Q";
  return global("torch._utils", "_rebuild_tensor_v2") +
         tuple(Storage + number(Offset) + numbers(Shape) + numbers(Strides) +
               "\x89" + global("collections", "OrderedDict") + ")R") +
         "R";
}

std::string dict(const std::string &Items) { return "}(" + Items + "u"; }

std::string pth(const std::string &Object, int NumStored) {
  std::string Data;
  for (int I = 0; I != NumStored; ++I) {
    float Value = static_cast<float>(I);
    Data.append(reinterpret_cast<const char *>(&Value), sizeof(Value));
  }
  return zip({{"m/data.pkl", "\x80\x02" + Object + "."},
              {"m/data/0", Data},
              {"m/version", "3\n"}});
}

Folder::Folder() {
  std::string Name =
      (std::filesystem::temp_directory_path() / "synfireXXXXXX").string();
  Root = mkdtemp(Name.data());
}

Folder::~Folder() {
  std::error_code Code;
  std::filesystem::remove_all(Root, Code);
}

std::string Folder::write(const std::string &Name,
                          const std::string &Bytes) const {
  std::ofstream(path(Name), std::ios::binary) << Bytes;
  return path(Name);
}

std::vector<std::string> Folder::list() const {
  std::vector<std::string> Names;
  for (const auto &Entry : std::filesystem::directory_iterator(Root))
    Names.push_back(Entry.path().filename().string());
  std::sort(Names.begin(), Names.end());
  return Names;
}

std::string readFile(const std::string &Path) {
  std::ifstream In(Path, std::ios::binary);
  return {std::istreambuf_iterator<char>(In), {}};
}

} // namespace synfire::testfiles
