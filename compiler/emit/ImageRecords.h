//===- compiler/emit/ImageRecords.h - All records of an image ---*- C++ -*-===//

#ifndef SYNFIRE_COMPILER_EMIT_IMAGERECORDS_H
#define SYNFIRE_COMPILER_EMIT_IMAGERECORDS_H

#include "compiler/lowering/ChipMapping.h"
#include "targets/Image.h"

#include <string>
#include <vector>

namespace synfire::compiler {

/// The sections that are arrays of records, as they will be written.
struct ImageRecords {
  std::string Strings;
  std::vector<image::PopulationRecord> Populations;
  std::vector<image::ConnectionRecord> Connections;
  std::vector<image::StreamRecord> Streams;
  std::vector<image::ProgramRecord> Programs;
  std::vector<isa::Instruction> Instructions;
  std::vector<uint32_t> StateInit;
  std::vector<image::CoreRecord> Cores;
  std::vector<image::BlockRecord> Blocks;
  std::vector<image::SlotRecord> Slots;
  std::vector<image::OutputRecord> Outputs;
  std::vector<image::TileRecord> Tiles;
  std::vector<image::AxonRecord> Axons;
  std::vector<image::FlowRecord> Flows;
  std::vector<image::HopRecord> Hops;
  std::vector<uint32_t> AxonRows;
  std::vector<image::WindowRecord> Windows;
  image::SequenceRecord Sequence{};
  uint64_t CoreMemoryBytes = 0;
};

/// Fails when the system is not laid out.
Result<ImageRecords> recordsOf(chip::SystemOp System, const ChipSpec &Chip);

} // namespace synfire::compiler

#endif // SYNFIRE_COMPILER_EMIT_IMAGERECORDS_H
