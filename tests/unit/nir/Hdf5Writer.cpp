#include "tests/unit/nir/Hdf5Writer.h"

using namespace synfire::testfiles;

namespace {

hid_t space(const std::vector<hsize_t> &Shape) {
  return Shape.empty() ? H5Screate(H5S_SCALAR)
                       : H5Screate_simple(static_cast<int>(Shape.size()),
                                          Shape.data(), nullptr);
}

} // namespace

Hdf5Writer::Hdf5Writer(const std::string &Path, bool Latest) {
  hid_t Access = H5Pcreate(H5P_FILE_ACCESS);
  if (Latest)
    H5Pset_libver_bounds(Access, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);
  File = H5Fcreate(Path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, Access);
  H5Pclose(Access);
  MakeGroups = H5Pcreate(H5P_LINK_CREATE);
  H5Pset_create_intermediate_group(MakeGroups, 1);
  VariableText = H5Tcopy(H5T_C_S1);
  H5Tset_size(VariableText, H5T_VARIABLE);
  H5Tset_cset(VariableText, H5T_CSET_UTF8);
}

void Hdf5Writer::close() {
  if (File < 0)
    return;
  H5Tclose(VariableText);
  H5Pclose(MakeGroups);
  H5Fclose(File);
  File = -1;
}

void Hdf5Writer::text(const std::string &Name, const std::string &Value) {
  texts(Name, {Value}, {});
}

void Hdf5Writer::texts(const std::string &Name,
                       const std::vector<std::string> &Values,
                       std::vector<hsize_t> Shape) {
  std::vector<const char *> Pointers;
  for (const std::string &Value : Values)
    Pointers.push_back(Value.c_str());
  numbers(Name, Shape, VariableText, Pointers.data(), {});
}

void Hdf5Writer::fixedText(const std::string &Name, const std::string &Value,
                           size_t Size, bool Spaces) {
  hid_t Type = H5Tcopy(H5T_C_S1);
  H5Tset_size(Type, Size);
  H5Tset_strpad(Type, Spaces ? H5T_STR_SPACEPAD : H5T_STR_NULLPAD);
  std::string Padded = Value;
  Padded.resize(Size, Spaces ? ' ' : '\0');
  numbers(Name, {}, Type, Padded.data(), {});
  H5Tclose(Type);
}

void Hdf5Writer::floats(const std::string &Name, std::vector<hsize_t> Shape,
                        const std::vector<float> &Values, const Storage &How) {
  numbers(Name, Shape, H5T_NATIVE_FLOAT, Values.data(), How);
}
void Hdf5Writer::doubles(const std::string &Name, std::vector<hsize_t> Shape,
                         const std::vector<double> &Values,
                         const Storage &How) {
  numbers(Name, Shape, H5T_NATIVE_DOUBLE, Values.data(), How);
}
void Hdf5Writer::integers(const std::string &Name, std::vector<hsize_t> Shape,
                          const std::vector<int64_t> &Values,
                          const Storage &How) {
  numbers(Name, Shape, H5T_NATIVE_INT64, Values.data(), How);
}
void Hdf5Writer::declare(const std::string &Name, std::vector<hsize_t> Shape,
                         const Storage &How) {
  numbers(Name, Shape, H5T_NATIVE_FLOAT, nullptr, How);
}

void Hdf5Writer::numbers(const std::string &Name,
                         const std::vector<hsize_t> &Shape, hid_t Type,
                         const void *Data, const Storage &How) {
  hid_t Make = H5Pcreate(H5P_DATASET_CREATE);
  if (How.Compact)
    H5Pset_layout(Make, H5D_COMPACT);
  if (!How.Chunk.empty())
    H5Pset_chunk(Make, static_cast<int>(How.Chunk.size()), How.Chunk.data());
  if (How.OptionalFilter >= 0)
    H5Pset_filter(Make, How.OptionalFilter, H5Z_FLAG_OPTIONAL, 0, nullptr);
  if (How.Shuffle)
    H5Pset_shuffle(Make);
  if (How.Gzip >= 0)
    H5Pset_deflate(Make, static_cast<unsigned>(How.Gzip));
  if (How.Fletcher)
    H5Pset_fletcher32(Make);
  hid_t Space = space(Shape);
  hid_t Set = H5Dcreate2(File, Name.c_str(), How.Type < 0 ? Type : How.Type,
                         Space, MakeGroups, Make, H5P_DEFAULT);
  if (Data)
    H5Dwrite(Set, Type, H5S_ALL, H5S_ALL, H5P_DEFAULT, Data);
  H5Dclose(Set);
  H5Sclose(Space);
  H5Pclose(Make);
}

void Hdf5Writer::group(const std::string &Name) {
  H5Gclose(
      H5Gcreate2(File, Name.c_str(), MakeGroups, H5P_DEFAULT, H5P_DEFAULT));
}

void Hdf5Writer::attribute(const std::string &Owner, const std::string &Name,
                           const std::string &Value) {
  hid_t Object = H5Oopen(File, Owner.c_str(), H5P_DEFAULT), Space = space({});
  hid_t A = H5Acreate2(Object, Name.c_str(), VariableText, Space, H5P_DEFAULT,
                       H5P_DEFAULT);
  const char *Pointer = Value.c_str();
  H5Awrite(A, VariableText, &Pointer);
  H5Aclose(A);
  H5Sclose(Space);
  H5Oclose(Object);
}

void Hdf5Writer::attribute(const std::string &Owner, const std::string &Name,
                           double Value) {
  hid_t Object = H5Oopen(File, Owner.c_str(), H5P_DEFAULT), Space = space({});
  hid_t A = H5Acreate2(Object, Name.c_str(), H5T_NATIVE_DOUBLE, Space,
                       H5P_DEFAULT, H5P_DEFAULT);
  H5Awrite(A, H5T_NATIVE_DOUBLE, &Value);
  H5Aclose(A);
  H5Sclose(Space);
  H5Oclose(Object);
}
