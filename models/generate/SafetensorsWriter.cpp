//===- models/generate/SafetensorsWriter.cpp - Writing networks -----------===//

#include "models/generate/SafetensorsWriter.h"
#include "targets/arrays/AtomicFile.h"
#include "targets/arrays/Npy.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <bit>
#include <cmath>

namespace synfire::models {

namespace {
/// Elements made and written at a time.
constexpr int64_t Piece = 1 << 18;
} // namespace

uint16_t toHalf(float Value) {
  uint32_t Bits = std::bit_cast<uint32_t>(Value);
  uint16_t Sign = static_cast<uint16_t>(Bits >> 16 & 0x8000);
  float Magnitude = std::fabs(Value);
  if (Magnitude != Magnitude)
    return Sign | 0x7e00;
  if (Magnitude >= 65520.0f)
    return Sign | 0x7c00;
  // Adding a power of two that leaves exactly the wanted bits lets the adder
  // round. Below 2^-14 a half has a fixed step of 2^-24.
  if (Magnitude < 0x1p-14f) {
    float Shifted = Magnitude + 0.5f;
    return Sign | static_cast<uint16_t>(std::bit_cast<uint32_t>(Shifted) -
                                        std::bit_cast<uint32_t>(0.5f));
  }
  uint32_t Rounded = (Bits & 0x7fffffff) + 0xfff + (Bits >> 13 & 1);
  return Sign | static_cast<uint16_t>((Rounded >> 13) - (112 << 10));
}

DType storedType(const GeneratedTensor &T, DType Type) {
  return T.How == Fill::Choice ? DType::Bool : Type;
}

std::vector<uint8_t> storedElements(const GeneratedTensor &T, uint64_t Seed,
                                    uint64_t Index, int64_t First,
                                    int64_t Count, DType Type) {
  std::vector<float> Floats(static_cast<size_t>(Count));
  fillElements(T, Seed, Index, First, Floats);
  if (T.How == Fill::Choice)
    return {Floats.begin(), Floats.end()};
  auto Bytes = asBytes(std::span<const float>(Floats));
  if (Type != DType::F16)
    return {Bytes.begin(), Bytes.end()};
  std::vector<uint16_t> Halves(Floats.size());
  std::transform(Floats.begin(), Floats.end(), Halves.begin(), toHalf);
  Bytes = asBytes(std::span<const uint16_t>(Halves));
  return {Bytes.begin(), Bytes.end()};
}

Status writeSafetensors(const std::string &Path,
                        const std::vector<GeneratedTensor> &Tensors,
                        uint64_t Seed, DType Type) {
  nlohmann::ordered_json Header;
  Header["__metadata__"] = {{"format", "pt"}, {"seed", std::to_string(Seed)}};
  int64_t End = 0;
  for (const GeneratedTensor &T : Tensors) {
    int64_t Begin = End;
    DType Stored = storedType(T, Type);
    End += T.numElements() * byteSize(Stored);
    Header[T.Name] = {{"dtype", Stored == DType::Bool  ? "BOOL"
                                : Stored == DType::F16 ? "F16"
                                                       : "F32"},
                      {"shape", T.Shape},
                      {"data_offsets", {Begin, End}}};
  }
  std::string Text = Header.dump();
  Text.append((8 - Text.size() % 8) % 8, ' ');

  Result<AtomicFile> File = AtomicFile::create(Path);
  if (!File)
    return File.errors();
  uint64_t HeaderSize = Text.size();
  if (Status S =
          File->write(asBytes(std::span<const uint64_t>(&HeaderSize, 1)));
      !S)
    return S;
  if (Status S = File->write(asBytes(std::span<const char>(Text))); !S)
    return S;
  for (size_t I = 0; I != Tensors.size(); ++I) {
    int64_t Count = Tensors[I].numElements();
    for (int64_t At = 0; At < Count; At += Piece)
      if (Status S = File->write(storedElements(
              Tensors[I], Seed, I, At, std::min(Piece, Count - At), Type));
          !S)
        return S;
  }
  return File->commit();
}

} // namespace synfire::models
