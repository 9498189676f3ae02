//===- tests/unit/targets/ImageFixture.cpp - A small image ------*- C++ -*-===//

#include "tests/unit/targets/ImageFixture.h"

#include <xxhash.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <unistd.h>

using namespace synfire;
using namespace synfire::image;
using isa::Instruction;
using isa::Opcode;

ImageParts ImageParts::small() {
  ImageParts P;
  auto Name = [&](const char *Text) {
    auto Offset = static_cast<uint32_t>(P.Strings.size());
    P.Strings.append(Text).push_back('\0');
    return Offset;
  };
  P.Populations = {{Name("a"), 4, 0, 0}, {Name("b"), 2, 1, 0}};
  P.Connections = {{Name("embed"), 5, 4, 8, 1}, {Name("linear"), 4, 2, 8, 0}};
  P.Streams = {{Name("tokens"), 5, PayloadKind::Binary, 1, None},
               {Name("a.out"), 4, PayloadKind::Signed, 8, 0},
               {Name("a.sum"), 1, PayloadKind::Signed, 16, 0},
               {Name("b.out"), 2, PayloadKind::Signed, 32, 1}};
  P.Programs = {{Name("pa"), 0, 7, 0, 1, 1, 1, 2, 3, 0},
                {Name("pb"), 7, 4, 1, 2, 0, 0, 1, 3, 0}};
  auto I = [](Opcode Op, uint16_t Dst, uint16_t A, uint16_t B, uint32_t Imm,
              uint8_t Uniform = 0) {
    return Instruction{Op, Uniform, Dst, A, B, 0, 0, Imm};
  };
  P.Instructions = {I(Opcode::LoadAccumulator, 0, 0, 0, 0),
                    I(Opcode::LoadParameter, 1, 0, 0, 0),
                    I(Opcode::LoadState, 2, 0, 0, 0),
                    I(Opcode::AddI, 0, 0, 2, 0),
                    I(Opcode::StoreState, 0, 0, 0, 0),
                    I(Opcode::Emit, 0, 0, 0, 0),
                    I(Opcode::Emit, 0, 0, 0, 1),
                    I(Opcode::LoadAccumulator, 0, 0, 0, 0),
                    I(Opcode::LoadAccumulator, 1, 0, 0, 1, 1),
                    I(Opcode::AddI, 2, 0, 1, 0),
                    I(Opcode::Emit, 0, 2, 0, 0)};
  P.StateInit = {0};
  P.Cores = {{0, 0, 1, 0, 1, 0, 1, 0, 0, 96, 80, 16, 16, 16, 28, 20},
             {1, 1, 1, 1, 1, 1, 2, 0, 96, 64, 64, 0, 0, 12, 16, 20}};
  P.Blocks = {{0, 0, 4, 1, 0, 1, 0, 2, 0}, {1, 0, 2, 2, 1, 2, 2, 1, 0}};
  P.Slots = {{4, 0, 1, 0}, {2, 0, 1, 0}, {1, 1, 1, 0}};
  P.Outputs = {{1, 0, 0, 1, 0, 0}, {2, 1, 1, 1, 16, 0}, {3, 0, 2, 1, 0, 0}};
  P.Tiles = {{0, 0, 5, 0, 4, 0, 0, WeightFormat::Int8, 0, 16, 16, 0},
             {1, 0, 4, 0, 2, 1, 0, WeightFormat::Int8, 0, 0, 16, 0}};
  P.Axons = {{3, AxonKind::Rows, 0, 5, 0, 0},
             {0, AxonKind::Rows, 0, 4, 1, 0},
             {1, AxonKind::Direct, 0, 1, 2, 0}};
  P.Flows = {{FlowSource::Output, 0, 0, 0, 2, 0, 0, 4},
             {FlowSource::Output, 1, 0, 2, 2, 0, 0, 1},
             {FlowSource::Output, 2, 1, 4, 2, 1, 0, 2},
             {FlowSource::Host, 0, None, 6, 1, 0, 0, 5}};
  P.Hops = {{0, Port::East, 0}, {1, 0, 1},          {0, Port::East, 0},
            {1, 0, 1},          {1, Port::West, 0}, {0, Port::Host, 0},
            {0, 0, 1}};
  P.HostScales = {0.5f, 0.25f};
  P.CoreMemory.resize(160);
  for (unsigned Row = 0; Row < 5; ++Row)
    for (unsigned Col = 0; Col < 4; ++Col)
      P.CoreMemory[16 + Row * 16 + Col] = std::byte(Row * 4 + Col);
  for (unsigned Row = 0; Row < 4; ++Row)
    for (unsigned Col = 0; Col < 2; ++Col)
      P.CoreMemory[96 + Row * 16 + Col] = std::byte(Row + Col);
  return P;
}

ImageParts ImageParts::attention() {
  ImageParts P;
  auto Name = [&](const char *Text) {
    auto Offset = static_cast<uint32_t>(P.Strings.size());
    P.Strings.append(Text).push_back('\0');
    return Offset;
  };
  P.Sequence = {{2, 2, 2, 0}};
  P.Populations = {{Name("a"), 4, 0, 0},
                   {Name("q"), 4, 0, 0},
                   {Name("s"), 4, 1, 0},
                   {Name("m"), 2, 0, 0}};
  P.Connections = {{Name("embed"), 2, 4, 2, 1},
                   {Name("keys"), 4, 4, 2, 1, ConnectionKind::Keys, 2, 2}};
  P.Streams = {{Name("tokens"), 3, PayloadKind::Binary, 1, None},
               {Name("a.out"), 4, PayloadKind::Ternary, 2, 0},
               {Name("q.out"), 4, PayloadKind::Planes, 2, 1},
               {Name("s.out"), 4, PayloadKind::Unsigned, 7, 2},
               {Name("m.out"), 2, PayloadKind::Unsigned, 7, 3}};
  P.Programs = {{Name("one"), 0, 3, 0, 1, 0, 0, 1, 2, 0},
                {Name("two"), 3, 3, 0, 1, 0, 0, 2, 1, 0}};
  P.Instructions = {{Opcode::LoadAccumulator, 0, 0, 0, 0, 0, 0, 0},
                    {Opcode::LoadStep, 1, 1, 0, 0, 0, 0, 0},
                    {Opcode::Emit, 0, 0, 0, 0, 0, 0, 0},
                    {Opcode::LoadAccumulator, 0, 0, 0, 0, 0, 0, 0},
                    {Opcode::Emit, 0, 0, 0, 0, 0, 0, 0},
                    {Opcode::Emit, 0, 0, 0, 0, 0, 0, 1}};
  P.Cores = {{0, 0, 5, 0, 3, 0, 8, 0, 0, 64, 32, 0, 0, 56, 24, 60, 8}};
  P.Blocks = {{0, 0, 4, 0, 0, 1, 0, 1, 0},
              {1, 0, 4, 1, 1, 1, 1, 1, 0, 1, Held::Each},
              {2, 0, 2, 2, 2, 1, 2, 2, 0, 1, Held::No, RowRule::All, 0},
              {2, 2, 2, 2, 3, 1, 4, 2, 0, 1, Held::No, RowRule::All, 0},
              {3, 0, 2, 3, 4, 1, 6, 1, 0, 1}};
  P.Slots = {{4, 0, 1}, {4, 0, 4, 0, 1}, {2, 0, 1}, {2, 0, 1}, {2, 0, 1, 1}};
  P.Outputs = {{1, 0, 0, 1, 0, 0}, {2, 0, 1, 1, 0, 0}, {3, 0, 2, 0, 0, 0},
               {3, 2, 2, 1, 8, 0}, {3, 0, 3, 0, 0, 0}, {3, 2, 3, 1, 8, 1},
               {4, 0, 4, 1, 0, 0}};
  P.Tiles = {{0, 0, 2, 0, 4, 0, 0, WeightFormat::Int2, 0, 0, 16, 0},
             {1, 0, 2, 0, 2, 2, 0, WeightFormat::Int2, 2, 0, 1, 0},
             {1, 2, 2, 2, 2, 3, 0, WeightFormat::Int2, 2, 0, 1, 0}};
  P.Axons = {
      {0, AxonKind::Direct, 0, 4, 1, 0}, {0, AxonKind::Write, 0, 2, 1, 0},
      {0, AxonKind::Write, 2, 2, 2, 0},  {1, AxonKind::Rows, 0, 2, 1, 0},
      {1, AxonKind::Rows, 2, 2, 2, 0},   {2, AxonKind::Direct, 0, 1, 4, 0},
      {3, AxonKind::Direct, 1, 1, 4, 1}, {5, AxonKind::Rows, 0, 3, 0, 0, 0}};
  P.AxonRows = {0, None, 1};
  P.Flows = {{FlowSource::Output, 0, 0, 0, 1, 0, 0, 4},
             {FlowSource::Output, 1, 0, 1, 1, 0, 0, 4},
             {FlowSource::Output, 3, 0, 2, 1, 0, 0, 1},
             {FlowSource::Output, 5, 0, 3, 1, 0, 1, 1},
             {FlowSource::Output, 6, 0, 4, 1, 1, 0, 2},
             {FlowSource::Host, 0, None, 5, 1, 0, 0, 3}};
  P.Hops = {{0, 0, 1}, {0, 0, 1},          {0, 0, 1},
            {0, 0, 1}, {0, Port::Host, 0}, {0, 0, 1}};
  P.HostScales = {0.5f, 0.25f};
  P.CoreMemory.resize(64);
  P.CoreMemory[0] = std::byte(0x5f);
  P.CoreMemory[16] = std::byte(0x11);
  return P;
}

ImageParts ImageParts::convolution() {
  ImageParts P;
  auto Name = [&](const char *Text) {
    auto Offset = static_cast<uint32_t>(P.Strings.size());
    P.Strings.append(Text).push_back('\0');
    return Offset;
  };
  P.Populations = {{Name("c"), 8, 0, 0}};
  // One channel of 2 x 3 places; two of 2 x 2.
  P.Windows = {{1, 2, 3, 2, 2, 2, 1, 2}};
  P.Connections = {{Name("conv"), 6, 8, 4, 0, ConnectionKind::Window, 1, 1, 0}};
  P.Streams = {
      {Name("pixels"), 6, PayloadKind::Signed, 8, None, HostRole::Events},
      {Name("c.out"), 8, PayloadKind::Signed, 16, 0}};
  P.Programs = {{Name("p"), 0, 6, 0, 1, 0, 1, 1, 3, 0}};
  P.Instructions = {{Opcode::LoadAccumulator, 0, 0, 0, 0, 0, 0, 0},
                    {Opcode::LoadState, 0, 1, 0, 0, 0, 0, 0},
                    {Opcode::AddI, 0, 0, 0, 1, 0, 0, 0},
                    {Opcode::MulShiftNearest, 0, 2, 0, 1, 0, 0, 12},
                    {Opcode::StoreState, 0, 0, 2, 0, 0, 0, 0},
                    {Opcode::Emit, 0, 0, 2, 0, 0, 0, 0}};
  // Read as a binary32 this word would be a signalling NaN.
  P.StateInit = {0x7f800001u};
  P.Cores = {{0, 0, 1, 0, 1, 0, 2, 0, 0, 16, 2, 0, 32, 64, 24, 16}};
  P.Blocks = {{0, 0, 8, 0, 0, 1, 0, 1, 0}};
  P.Blocks[0].ResetEvery = 4;
  P.Blocks[0].ResetAt = 1;
  P.Slots = {{8, 0, 2}};
  P.Outputs = {{1, 0, 0, 1, 0, 0}};
  P.Tiles = {{0, 0, 2, 0, 8, 0, 0, WeightFormat::Int4, 0, 0, 1, 0}};
  P.Axons = {{0, AxonKind::Direct, 0, 8, 0, 0, None, 1},
             {1, AxonKind::Window, 0, 6, 0, 0}};
  P.Flows = {{FlowSource::Output, 0, 0, 0, 1, 1, 0, 8},
             {FlowSource::Host, 0, None, 1, 1, 0, 0, 6}};
  P.Hops = {{0, Port::Host, 1}, {0, 0, 1}};
  P.HostScales.assign(8, 1.0f);
  P.CoreMemory.resize(16);
  P.CoreMemory[0] = std::byte(0x7f);
  P.CoreMemory[1] = std::byte(0x91);
  return P;
}

Status ImageParts::write(const std::string &Path) const {
  Result<ImageWriter> Writer = ImageWriter::create(Path);
  if (!Writer)
    return Writer.errors();
  Errors Out;
  auto Keep = [&](const Status &S) {
    Out.insert(Out.end(), S.errors().begin(), S.errors().end());
  };
  auto Put = [&]<typename T>(SectionKind Kind, const std::vector<T> &Records) {
    Keep(Writer->appendRecords(Kind, std::span<const T>(Records)));
  };
  Keep(Writer->appendText(SectionKind::Metadata, Metadata));
  Keep(Writer->appendText(SectionKind::Target, Target));
  Keep(Writer->appendText(SectionKind::Strings, Strings));
  Put(SectionKind::Populations, Populations);
  Put(SectionKind::Connections, Connections);
  Put(SectionKind::Streams, Streams);
  Put(SectionKind::Programs, Programs);
  Put(SectionKind::Instructions, Instructions);
  Put(SectionKind::StateInit, StateInit);
  Put(SectionKind::Cores, Cores);
  if (!Network.empty())
    Put(SectionKind::Network, Network);
  Put(SectionKind::Blocks, Blocks);
  Put(SectionKind::Slots, Slots);
  Put(SectionKind::Outputs, Outputs);
  Put(SectionKind::Tiles, Tiles);
  Put(SectionKind::Axons, Axons);
  Put(SectionKind::Flows, Flows);
  Put(SectionKind::Hops, Hops);
  Put(SectionKind::HostScales, HostScales);
  Put(SectionKind::CoreMemory, CoreMemory);
  Put(SectionKind::Sequence, Sequence);
  Put(SectionKind::AxonRows, AxonRows);
  Put(SectionKind::Windows, Windows);
  Keep(Writer->finish());
  return Out;
}

AlignedBytes::AlignedBytes(std::span<const std::byte> Bytes)
    : Storage(Bytes.size() + Alignment), Size(Bytes.size()) {
  auto At = reinterpret_cast<uintptr_t>(Storage.data());
  Begin = Storage.data() + (Alignment - At % Alignment) % Alignment;
  if (Size != 0)
    std::memcpy(Begin, Bytes.data(), Size);
}

std::vector<std::byte> image::readAll(const std::string &Path) {
  std::ifstream File(Path, std::ios::binary);
  std::vector<char> Chars((std::istreambuf_iterator<char>(File)),
                          std::istreambuf_iterator<char>());
  std::span<const std::byte> Bytes = std::as_bytes(std::span(Chars));
  return {Bytes.begin(), Bytes.end()};
}

std::string image::temporaryPath(const std::string &Name) {
  return (std::filesystem::temp_directory_path() /
          ("synfire-" + std::to_string(getpid()) + "-" + Name))
      .string();
}

void image::resealForTest(std::span<std::byte> Bytes) {
  if (Bytes.size() < sizeof(Header))
    return;
  Header Head;
  std::memcpy(&Head, Bytes.data(), sizeof(Head));
  uint64_t Room = (Bytes.size() - sizeof(Header)) / sizeof(SectionEntry);
  uint64_t Sections = std::min<uint64_t>(Head.NumSections, Room);
  std::byte *Table = Bytes.data() + sizeof(Header);
  for (uint64_t S = 0; S < Sections; ++S) {
    SectionEntry E;
    std::memcpy(&E, Table + S * sizeof(E), sizeof(E));
    if (E.Offset > Bytes.size() || E.Bytes > Bytes.size() - E.Offset)
      continue;
    E.Checksum = XXH3_64bits(Bytes.data() + E.Offset, E.Bytes);
    std::memcpy(Table + S * sizeof(E), &E, sizeof(E));
  }
  Head.FileBytes = Bytes.size();
  Head.TableChecksum = XXH3_64bits(Table, Sections * sizeof(SectionEntry));
  std::memcpy(Bytes.data(), &Head, sizeof(Head));
}
