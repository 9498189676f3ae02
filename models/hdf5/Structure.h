//===- models/hdf5/Structure.h - From the superblock to objects -*- C++ -*-===//

#ifndef SYNFIRE_MODELS_HDF5_STRUCTURE_H
#define SYNFIRE_MODELS_HDF5_STRUCTURE_H

#include "models/hdf5/Hdf5.h"
#include "models/hdf5/Messages.h"

#include <map>

namespace synfire::hdf5 {

/// One entry of a group, as stored.
struct LinkEntry {
  std::string Name;
  uint64_t Address = Undefined; ///< of the object's header
  std::string NotHard;          ///< `soft`, `external`, ... or empty
};

/// Reads all objects of a file, and no data.
class StructureReader {
public:
  StructureReader(std::span<const uint8_t> Bytes, const std::string &Name)
      : Bytes(Bytes), FileName(Name) {}

  Result<Object> read();

private:
  struct Header; ///< what the messages of one object say

  Result<uint64_t> rootAddress() const;
  Status readObject(uint64_t Address, Object &O, unsigned Depth);
  Refusal readHeader(uint64_t Address, Header &H, Object &O);
  Refusal readBlock(uint64_t Begin, uint64_t End, bool Version2, bool HasOrder,
                    Header &H, Object &O);
  Refusal readMessage(MessageType Type, unsigned Flags, Cursor &C, Header &H,
                      Object &O);
  Refusal readLinkMessage(Cursor &C, Header &H);
  Refusal readSymbolTable(uint64_t Tree, uint64_t Heap,
                          std::vector<LinkEntry> &Links);
  Refusal readGroupTree(uint64_t Address, int Level, Cursor Names,
                        std::vector<LinkEntry> &Links);
  Refusal readSymbols(uint64_t Address, Cursor Names,
                      std::vector<LinkEntry> &Links);
  Status readChildren(std::vector<LinkEntry> Links, Object &O, unsigned Depth);
  /// One more structure was looked at; a refusal if there were too many.
  Refusal spend();
  Error error(const Refusal &R, const std::string &Path) const;

  std::span<const uint8_t> Bytes;
  const std::string &FileName;
  /// Where the header of each object stands, and its path: a second link to it
  /// is refused.
  std::map<uint64_t, std::string> Seen;
  size_t NumLinks = 0;
  size_t Spent = 0;
};

} // namespace synfire::hdf5

#endif // SYNFIRE_MODELS_HDF5_STRUCTURE_H
