//===- models/hdf5/Messages.h - Messages of object headers ------*- C++ -*-===//
//
// An object's header is a list of messages: its shape, its type, where its data
// lie. Each function here reads one of them and throws nothing; what is not
// read is named in the Refusal.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_MODELS_HDF5_MESSAGES_H
#define SYNFIRE_MODELS_HDF5_MESSAGES_H

#include "models/hdf5/Bytes.h"
#include "models/hdf5/Hdf5.h"

namespace synfire::hdf5 {

/// Empty, or why a message is not read.
struct Refusal {
  std::string Rule;
  std::string Text;
  explicit operator bool() const { return !Text.empty(); }
};

/// Message types (specification, IV.A.2).
enum class MessageType : uint16_t {
  Dataspace = 0x1,
  LinkInfo = 0x2,
  Datatype = 0x3,
  FillOld = 0x4,
  Fill = 0x5,
  Link = 0x6,
  ExternalFiles = 0x7,
  Layout = 0x8,
  Filters = 0xB,
  Attribute = 0xC,
  Continuation = 0x10,
  SymbolTable = 0x11,
  AttributeInfo = 0x15,
};

Refusal readDataspace(Cursor &C, std::vector<int64_t> &Shape);
Refusal readDatatype(Cursor &C, ElementType &Type);
/// \p C counts from the start of the file, since compact data lie inside.
Refusal readLayout(Cursor &C, StoredArray &Data);
Refusal readFilters(Cursor &C, std::vector<Filter> &Filters);
/// Refuses a fill value other than zero.
Refusal readFill(Cursor &C, bool Old);
/// \p C counts from the start of the file and ends with the message.
Refusal readAttribute(Cursor &C, struct Attribute &A);

/// `lzf`, `szip`, ...; the number of others.
std::string filterName(uint16_t Id);

/// Checks what a shape and a type say against each other and the file:
/// element counts and bytes, before anything is read.
Refusal checkExtent(const StoredArray &Data, uint64_t FileSize);

} // namespace synfire::hdf5

#endif // SYNFIRE_MODELS_HDF5_MESSAGES_H
