//===- EmitImage.cpp - Chip IR to image -----------------------------------===//

#include "compiler/emit/EmitImage.h"

#include "compiler/emit/CoreMemory.h"
#include "compiler/emit/NetworkSection.h"
#include "compiler/lowering/Lowering.h"

#include <tbb/parallel_for.h>

#include <algorithm>

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;
using synfire::image::SectionKind;

/// Appends all cores' memory. A batch is made at once and written in order, so
/// that the bytes do not depend on the number of threads.
static Status writeCoreMemory(const ImageRecords &Records,
                              const NetworkPlan &Plan, Constants &Values,
                              image::ImageWriter &Out) {
  constexpr size_t Batch = 32;
  for (size_t First = 0; First < Records.Cores.size(); First += Batch) {
    size_t Count = std::min(Batch, Records.Cores.size() - First);
    std::vector<std::vector<std::byte>> Memory(Count);
    std::vector<Errors> Found(Count);
    tbb::parallel_for(size_t(0), Count, [&](size_t I) {
      auto Made = coreMemoryOf(Records, First + I, Plan, Values);
      if (Made)
        Memory[I] = std::move(*Made);
      else
        Found[I] = Made.errors();
    });
    for (size_t I = 0; I < Count; ++I) {
      if (!Found[I].empty())
        return Found[I];
      if (Status S = Out.append(SectionKind::CoreMemory, 1, Memory[I]); !S)
        return S;
    }
  }
  return {};
}

/// One scale per neuron of every stream that the host reads, in stream order.
static Result<std::vector<float>> hostScales(const NetworkPlan &Plan,
                                             Constants &Values) {
  std::vector<float> Out;
  for (const PlannedHostOutput &O : Plan.HostOutputs) {
    Result<std::vector<float>> Scales = Values.floats(O.Scales);
    if (!Scales)
      return Scales.errors();
    llvm::append_range(Out, *Scales);
  }
  return Out;
}

static Status writeRecords(const ImageRecords &R, image::ImageWriter &Out) {
  Errors Found;
  auto Append = [&]<typename T>(SectionKind Kind, const std::vector<T> &All) {
    if (Found.empty())
      if (Status S = Out.appendRecords(Kind, std::span<const T>(All)); !S)
        Found = S.errors();
  };
  if (Status S = Out.appendText(SectionKind::Strings, R.Strings); !S)
    return S;
  Append(SectionKind::Populations, R.Populations);
  Append(SectionKind::Connections, R.Connections);
  Append(SectionKind::Streams, R.Streams);
  Append(SectionKind::Programs, R.Programs);
  Append(SectionKind::Instructions, R.Instructions);
  Append(SectionKind::StateInit, R.StateInit);
  Append(SectionKind::Cores, R.Cores);
  Append(SectionKind::Blocks, R.Blocks);
  Append(SectionKind::Slots, R.Slots);
  Append(SectionKind::Outputs, R.Outputs);
  Append(SectionKind::Tiles, R.Tiles);
  Append(SectionKind::Axons, R.Axons);
  Append(SectionKind::Flows, R.Flows);
  Append(SectionKind::Hops, R.Hops);
  Append(SectionKind::AxonRows, R.AxonRows);
  Append(SectionKind::Windows, R.Windows);
  return Found.empty() ? Status() : Status(Found);
}

Status synfire::compiler::emitImage(ModuleOp Module, const ChipSpec &Chip,
                                    WeightFiles &Files,
                                    const ImageMetadata &Metadata,
                                    const std::string &Path) {
  Result<spike::NetworkOp> Network = networkOf(Module);
  if (!Network)
    return Network.errors();
  Result<chip::SystemOp> System = systemOf(Module);
  if (!System)
    return System.errors();
  if (System->getHash() != Chip.hash())
    return Error{"chip.system", "chip-target",
                 "the system was made for another target than '" + Chip.Name +
                     "' as it is now",
                 ErrorKind::BadInput};
  Result<NetworkPlan> Plan = planNetwork(*Network);
  if (!Plan)
    return Plan.errors();
  Result<ImageRecords> Records = recordsOf(*System, Chip);
  if (!Records)
    return Records.errors();
  Constants Values(Files);
  Result<std::vector<float>> Scales = hostScales(*Plan, Values);
  if (!Scales)
    return Scales.errors();
  Result<std::string> Bytecode = networkBytes(*Network);
  if (!Bytecode)
    return Bytecode.errors();

  Result<image::ImageWriter> Out = image::ImageWriter::create(Path);
  if (!Out)
    return Out.errors();
  if (Status S = Out->appendText(SectionKind::Metadata, Metadata.Json); !S)
    return S;
  if (Status S = Out->appendText(SectionKind::Target, Chip.resolvedYaml()); !S)
    return S;
  if (Status S = writeRecords(*Records, *Out); !S)
    return S;
  if (Status S = Out->appendRecords(SectionKind::HostScales,
                                    std::span<const float>(*Scales));
      !S)
    return S;
  if (Status S = writeCoreMemory(*Records, *Plan, Values, *Out); !S)
    return S;
  if (Status S = Out->appendRecords(
          SectionKind::Sequence,
          std::span<const image::SequenceRecord>(&Records->Sequence, 1));
      !S)
    return S;
  if (Status S = Out->appendText(SectionKind::Network, *Bytecode); !S)
    return S;
  return Out->finish();
}
