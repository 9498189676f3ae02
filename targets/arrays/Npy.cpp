//===- targets/arrays/Npy.cpp - NumPy's .npy arrays -----------------------===//

#include "targets/arrays/Npy.h"
#include "targets/arrays/AtomicFile.h"
#include "targets/arrays/MappedFile.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstring>

namespace synfire {

namespace {

/// NumPy's name of each DType, in enum order.
constexpr std::string_view Descriptions[] = {"<f4", "<f8", "<f2", "",    "<i8",
                                             "<i4", "<i2", "|i1", "|u1", "|b1"};

/// Reads the Python dict literal of a header: only the three keys, only their
/// simple values.
class HeaderParser {
public:
  explicit HeaderParser(std::string_view Text) : Text(Text) {}

  bool parse(std::string &Descr, bool &Fortran, std::vector<int64_t> &Shape) {
    bool Seen[3] = {};
    if (!eat('{'))
      return false;
    while (!eat('}')) {
      std::string Key;
      if (!string(Key) || !eat(':'))
        return false;
      unsigned Which = Key == "descr" ? 0 : Key == "fortran_order" ? 1 : 2;
      if ((Which == 2 && Key != "shape") || Seen[Which])
        return false;
      Seen[Which] = true;
      bool Ok = Which == 0   ? string(Descr)
                : Which == 1 ? boolean(Fortran)
                             : tuple(Shape);
      if (!Ok)
        return false;
      if (!eat(',')) {
        if (!eat('}'))
          return false;
        break;
      }
    }
    skipSpace();
    return Text.empty() && Seen[0] && Seen[1] && Seen[2];
  }

private:
  void skipSpace() {
    while (!Text.empty() && (Text.front() == ' ' || Text.front() == '\n'))
      Text.remove_prefix(1);
  }
  bool eat(char C) {
    skipSpace();
    if (Text.empty() || Text.front() != C)
      return false;
    Text.remove_prefix(1);
    return true;
  }
  bool word(std::string_view Word) {
    skipSpace();
    if (!Text.starts_with(Word))
      return false;
    Text.remove_prefix(Word.size());
    return true;
  }
  bool string(std::string &Out) {
    skipSpace();
    if (Text.empty() || (Text.front() != '\'' && Text.front() != '"'))
      return false;
    size_t End = Text.find(Text.front(), 1);
    if (End == std::string_view::npos)
      return false;
    Out = Text.substr(1, End - 1);
    Text.remove_prefix(End + 1);
    return true;
  }
  bool boolean(bool &Out) {
    Out = word("True");
    return Out || word("False");
  }
  bool number(int64_t &Out) {
    skipSpace();
    size_t Digits = Text.find_first_not_of("0123456789");
    if (Digits == 0 || Digits > 18)
      return false;
    Out = 0;
    for (char C : Text.substr(0, Digits))
      Out = Out * 10 + (C - '0');
    Text.remove_prefix(Digits);
    return true;
  }
  bool tuple(std::vector<int64_t> &Out) {
    if (!eat('('))
      return false;
    while (!eat(')')) {
      int64_t Size = 0;
      // NumPy itself stops at 64 dimensions.
      if (Out.size() == 64 || !number(Size))
        return false;
      Out.push_back(Size);
      if (!eat(','))
        return eat(')');
    }
    return true;
  }

  std::string_view Text;
};

Error bad(const std::string &Name, const std::string &Text) {
  return Error{Name, "npy-format", Text};
}

} // namespace

Result<std::vector<int64_t>> Array::toIntegers(const std::string &Name) const {
  std::vector<int64_t> Out;
  auto convert = [&](auto Values) { Out.assign(Values.begin(), Values.end()); };
  switch (Type) {
  case DType::I64:
    convert(as<int64_t>());
    break;
  case DType::I32:
    convert(as<int32_t>());
    break;
  case DType::I16:
    convert(as<int16_t>());
    break;
  case DType::I8:
    convert(as<int8_t>());
    break;
  case DType::U8:
    convert(as<uint8_t>());
    break;
  default:
    return Error{
        Name, "npy-type",
        fmt::format("holds {}, an array of integers is needed: convert "
                    "it with .astype('int64')",
                    name(Type))};
  }
  return Out;
}

Result<Array> parseNpy(std::span<const uint8_t> Bytes,
                       const std::string &Name) {
  if (Bytes.size() < 10 || std::memcmp(Bytes.data(), "\x93NUMPY", 6) != 0)
    return bad(Name, "not a .npy array (it does not begin with \\x93NUMPY)");
  uint8_t Major = Bytes[6];
  if (Major < 1 || Major > 3)
    return bad(Name, fmt::format("at byte 6: .npy format {}.{} is not known; "
                                 "1.0 to 3.0 are read",
                                 Major, Bytes[7]));
  size_t Begin = Major == 1 ? 10 : 12;
  size_t HeaderSize = Bytes[8] | Bytes[9] << 8;
  if (Major != 1 && Bytes.size() >= 12)
    HeaderSize |= size_t(Bytes[10]) << 16 | size_t(Bytes[11]) << 24;
  if (Bytes.size() < Begin || HeaderSize > Bytes.size() - Begin)
    return bad(Name,
               fmt::format("at byte 8: a header of {} bytes runs past the "
                           "end of the file (byte {})",
                           HeaderSize, Bytes.size()));
  std::string Descr;
  bool Fortran = false;
  Array A;
  HeaderParser Parser(
      {reinterpret_cast<const char *>(Bytes.data()) + Begin, HeaderSize});
  if (!Parser.parse(Descr, Fortran, A.Shape))
    return bad(Name,
               fmt::format("at byte {}: the header is not a dictionary of "
                           "descr, fortran_order and shape",
                           Begin));
  auto Known =
      std::find(std::begin(Descriptions), std::end(Descriptions), Descr);
  if (Known == std::end(Descriptions) || Descr.empty())
    return bad(Name, fmt::format("element type '{}' is not read; convert to "
                                 "int64, int32, int16, int8, uint8, bool or a "
                                 "little-endian float",
                                 Descr));
  A.Type = static_cast<DType>(Known - std::begin(Descriptions));
  if (Fortran && A.Shape.size() > 1)
    return bad(Name, "the array is in Fortran order; save "
                     "numpy.ascontiguousarray(a)");
  StoredTensor T{Name, A.Type, A.Shape, contiguousStrides(A.Shape),
                 Begin + HeaderSize};
  if (Status S = checkBounds(T, Bytes.size()); !S)
    return bad(Name, S.errors().front().Text);
  size_t Size = static_cast<size_t>(T.numElements()) * byteSize(A.Type);
  if (Bytes.size() - T.FileOffset != Size)
    return bad(Name, fmt::format("{} bytes follow the elements of shape {}",
                                 Bytes.size() - T.FileOffset - Size,
                                 formatShape(A.Shape)));
  auto First = Bytes.begin() + static_cast<ptrdiff_t>(T.FileOffset);
  A.Data.assign(First, Bytes.end());
  return A;
}

Result<Array> readNpy(const std::string &Path) {
  Result<MappedFile> File = MappedFile::open(Path);
  if (!File)
    return File.errors();
  return parseNpy(File->bytes(), Path);
}

Result<std::string> npyHeader(DType Type, std::span<const int64_t> Shape) {
  std::string_view Descr = Descriptions[static_cast<unsigned>(Type)];
  if (Descr.empty())
    return Error{"", "npy-type",
                 fmt::format(".npy has no type for {}", name(Type))};
  std::string Tuple = fmt::format("({}{})", fmt::join(Shape, ", "),
                                  Shape.size() == 1 ? "," : "");
  std::string Dict = fmt::format(
      "{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}", Descr, Tuple);
  Dict.append(63 - (10 + Dict.size()) % 64, ' ');
  Dict += '\n';
  std::string Header("\x93NUMPY\x01\x00", 8);
  Header += static_cast<char>(Dict.size() & 0xff);
  Header += static_cast<char>(Dict.size() >> 8);
  return Header + Dict;
}

Status writeNpy(const std::string &Path, const Array &A) {
  Result<std::string> Header = npyHeader(A.Type, A.Shape);
  if (!Header)
    return Header.errors();
  Result<AtomicFile> File = AtomicFile::create(Path);
  if (!File)
    return File.errors();
  if (Status S = File->write(asBytes(std::span<const char>(*Header))); !S)
    return S;
  if (Status S = File->write(A.Data); !S)
    return S;
  return File->commit();
}

} // namespace synfire
