//===- tests/unit/targets/ImageFixture.h - A small image --------*- C++ -*-===//
//
// Two populations on two cores: tokens select rows of an embedding for `a`;
// `a` sends its values through a linear, and their sum through a uniform slot,
// to `b`; `b` answers the host. Small enough to change any record by hand.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_TESTS_UNIT_TARGETS_IMAGEFIXTURE_H
#define SYNFIRE_TESTS_UNIT_TARGETS_IMAGEFIXTURE_H

#include "targets/Image.h"

namespace synfire::image {

/// Every section as records that a test may change before writing.
struct ImageParts {
  std::string Metadata = "{}", Target = "version: 1\n", Strings;
  std::vector<PopulationRecord> Populations;
  std::vector<ConnectionRecord> Connections;
  std::vector<StreamRecord> Streams;
  std::vector<ProgramRecord> Programs;
  std::vector<isa::Instruction> Instructions;
  std::vector<uint32_t> StateInit;
  std::vector<CoreRecord> Cores;
  std::vector<BlockRecord> Blocks;
  std::vector<SlotRecord> Slots;
  std::vector<OutputRecord> Outputs;
  std::vector<TileRecord> Tiles;
  std::vector<AxonRecord> Axons;
  std::vector<FlowRecord> Flows;
  std::vector<HopRecord> Hops;
  std::vector<float> HostScales;
  std::vector<std::byte> CoreMemory;
  std::vector<std::byte> Network; ///< no section if there is none
  std::vector<SequenceRecord> Sequence = {{1, 0, 1, 0}};
  std::vector<uint32_t> AxonRows;
  std::vector<WindowRecord> Windows;

  /// The sound image described above, for a chip with one core per router.
  static ImageParts small();
  /// Two sweeps on one core: `a` reads tokens of which the middle one has no
  /// row; `q` is held, asks keys that `a` has written, of two heads and two
  /// positions; `s` sends the largest of each head to `m`, which answers.
  static ImageParts attention();
  /// One population `c` on one core: signed events of the host go through a
  /// kernel of 1 x 2 places to two channels; `c` hears itself a token step
  /// later and answers; its states return to their initial values at times.
  static ImageParts convolution();
  Status write(const std::string &Path) const;
};

/// Bytes at a multiple of 64, as Image::view wants them.
class AlignedBytes {
public:
  explicit AlignedBytes(std::span<const std::byte> Bytes);
  std::span<std::byte> span() { return {Begin, Size}; }

private:
  std::vector<std::byte> Storage;
  std::byte *Begin;
  size_t Size;
};

/// The file's bytes.
std::vector<std::byte> readAll(const std::string &Path);
/// A name in the folder for temporary files, different for each process.
std::string temporaryPath(const std::string &Name);
/// Makes size and checksums right again after bytes were changed, as far as the
/// section table allows, so that the checks behind them are reached.
void resealForTest(std::span<std::byte> Bytes);

} // namespace synfire::image

#endif // SYNFIRE_TESTS_UNIT_TARGETS_IMAGEFIXTURE_H
