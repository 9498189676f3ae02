//===- models/sanafe/SanaArch.h - Architectures of SANA-FE ------*- C++ -*-===//
//
// `architecture:` files of SANA-FE v2.2 (commit 8951ab0): a mesh of tiles,
// tiles of cores, cores of units, each with an energy and a time per event.
// Tile i lies at column i / height, row i mod height.
//
// A core is one kind everywhere here, so what differs between tiles, cores or
// several units of a core is an error or, where one unit can be picked, a note.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_MODELS_SANAFE_SANAARCH_H
#define SYNFIRE_MODELS_SANAFE_SANAARCH_H

#include "targets/Status.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace synfire::sanafe {

/// Energy in joules and time in seconds of an event.
struct EventCost {
  double Energy = 0, Latency = 0;
  bool operator==(const EventCost &) const = default;
};

/// What a core charges, by the unit that was picked.
struct CoreCosts {
  EventCost MessageIn, Synapse, Dendrite, Access, Update, SpikeOut, MessageOut;
  uint64_t Neurons = 0; ///< max_neurons_supported
  /// True: the dendrite also runs once per neuron and step
  /// (`buffer_position: dendrite` inside the unit).
  bool DendriteEachStep = false;
  bool operator==(const CoreCosts &) const = default;
};

struct TileCosts {
  EventCost North, East, South, West;
  bool operator==(const TileCosts &) const = default;
};

/// Which unit of a core is meant where it has several; empty: the first one
/// (of somas the first that is no input).
struct UnitNames {
  std::string Synapse, Dendrite, Soma;
};

struct Arch {
  std::string Name, File;
  uint64_t Width = 0, Height = 0, CoresPerTile = 0;
  uint64_t LinkBuffer = 0;
  /// Tiles in use from which on, seconds; by rising tiles, the first at 1.
  std::vector<std::pair<uint64_t, double>> Sync;
  TileCosts Tile;
  CoreCosts Core;
  std::vector<std::string> Notes;

  /// Rules `sana-...` and `yaml-...`. Limits: 1 MiB, 10,000 values, meshes of
  /// 1024 x 1024 tiles, 16 cores a tile. Tiles must fill the mesh.
  static Result<Arch> parse(std::string Text, const std::string &File,
                            const UnitNames &Units = {});

  /// The same as a chip file of ours. Energies map one to one, with grade A and
  /// the file as their source; the notes go in front as comments.
  std::string toChipYaml() const;
};

} // namespace synfire::sanafe

#endif // SYNFIRE_MODELS_SANAFE_SANAARCH_H
