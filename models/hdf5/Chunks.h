//===- models/hdf5/Chunks.h - Data cut into chunks --------------*- C++ -*-===//

#ifndef SYNFIRE_MODELS_HDF5_CHUNKS_H
#define SYNFIRE_MODELS_HDF5_CHUNKS_H

#include "models/hdf5/Messages.h"

namespace synfire::hdf5 {

/// The elements of \p Data (Layout Chunked or OneChunk, checked by
/// checkExtent) as stored, in C order: filters undone, chunks put together.
/// Chunks that were never written are zero.
Refusal readChunks(std::span<const uint8_t> File, const StoredArray &Data,
                   std::vector<uint8_t> &Out);

} // namespace synfire::hdf5

#endif // SYNFIRE_MODELS_HDF5_CHUNKS_H
