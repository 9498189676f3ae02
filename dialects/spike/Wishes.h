//===- dialects/spike/Wishes.h - What importers ask of mappers --*- C++ -*-===//

#ifndef SYNFIRE_DIALECTS_SPIKE_WISHES_H
#define SYNFIRE_DIALECTS_SPIKE_WISHES_H

namespace synfire::spike {

/// Attribute of a population: its neurons are given out in pieces of so many,
/// each to a core of its own. For whoever knows how the chip's own tools map.
inline constexpr const char *OwnCoresAttr = "spike.own_cores";

/// Attribute of a population: [x, y, place at the router], the core that all
/// its neurons lie on, with those of others. All populations have it, or none.
inline constexpr const char *OnCoreAttr = "spike.on_core";

} // namespace synfire::spike

#endif // SYNFIRE_DIALECTS_SPIKE_WISHES_H
