//===- targets/ImageCheck.cpp - The checks behind Image::open ---*- C++ -*-===//

#include "targets/ImageCheck.h"

using namespace synfire;
using namespace synfire::image;

void FaultList::moveTo(Errors &Out) {
  for (Error &E : Told)
    Out.push_back(std::move(E));
  if (Count > MaxTold)
    Out.push_back({fmt::format("{}: {}", File, Section), "image-more",
                   fmt::format("{} more faults of this section are not shown",
                               Count - MaxTold)});
  Told.clear();
  Count = 0;
}

Records::Records(const SectionSpans &S, const std::string &File) : File(File) {
  std::span<const std::byte> Text =
      S[static_cast<uint32_t>(SectionKind::Strings)];
  Strings = {reinterpret_cast<const char *>(Text.data()), Text.size()};
  Populations = recordsOf<PopulationRecord>(S, SectionKind::Populations);
  Connections = recordsOf<ConnectionRecord>(S, SectionKind::Connections);
  Streams = recordsOf<StreamRecord>(S, SectionKind::Streams);
  Programs = recordsOf<ProgramRecord>(S, SectionKind::Programs);
  Instructions = recordsOf<isa::Instruction>(S, SectionKind::Instructions);
  StateInit = recordsOf<uint32_t>(S, SectionKind::StateInit);
  Cores = recordsOf<CoreRecord>(S, SectionKind::Cores);
  Blocks = recordsOf<BlockRecord>(S, SectionKind::Blocks);
  Slots = recordsOf<SlotRecord>(S, SectionKind::Slots);
  Outputs = recordsOf<OutputRecord>(S, SectionKind::Outputs);
  Tiles = recordsOf<TileRecord>(S, SectionKind::Tiles);
  Axons = recordsOf<AxonRecord>(S, SectionKind::Axons);
  Flows = recordsOf<FlowRecord>(S, SectionKind::Flows);
  Hops = recordsOf<HopRecord>(S, SectionKind::Hops);
  HostScales = recordsOf<float>(S, SectionKind::HostScales);
  Sequence = recordsOf<SequenceRecord>(S, SectionKind::Sequence);
  AxonRows = recordsOf<uint32_t>(S, SectionKind::AxonRows);
  Windows = recordsOf<WindowRecord>(S, SectionKind::Windows);
  CoreMemory = S[static_cast<uint32_t>(SectionKind::CoreMemory)];
}

Status image::checkImage(std::span<const std::byte> Bytes,
                         const std::string &File, SectionSpans &Sections,
                         const ReadOnce &Done) {
  Errors Faults = checkContainer(Bytes, File, Sections, Done);
  if (!Faults.empty())
    return Faults;
  Records R(Sections, File);
  using Stage = Errors (*)(const Records &);
  for (Stage Check :
       {Stage(checkNetwork), Stage(checkCores), Stage(checkTraffic)}) {
    Faults = Check(R);
    if (!Faults.empty())
      return Faults;
  }
  return {};
}
