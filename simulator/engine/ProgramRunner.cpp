//===- simulator/engine/ProgramRunner.cpp - Running a program -------------===//

#include "simulator/engine/ProgramRunner.h"

#include <algorithm>
#include <cstring>

namespace synfire::sim {
namespace {

/// Neurons handled at once: a dozen live registers fill half of a first-level
/// cache of 32 KiB.
constexpr uint32_t ChunkNeurons = 256;

const LoopTable &loopsOf(KernelPath Path) {
#ifdef SYNFIRE_HAVE_AVX2
  if (Path == KernelPath::Avx2)
    return detail::LoopsAvx2;
#endif
  (void)Path;
  return detail::LoopsPortable;
}

} // namespace

void ProgramRunner::run(const BlockMemory &Block, Scratch &Memory,
                        KernelPath Path) const {
  if (Block.Running == 0)
    return;
  const LoopTable &Loops = loopsOf(Path);
  const uint32_t Widest = std::min(ChunkNeurons, Block.Running);
  // Registers, then a copy of each uniform slot, spread over a chunk.
  Memory.Registers.resize(
      std::max(Memory.Registers.size(),
               size_t(ChunkNeurons) * (NumRegisters + NumSlots)));
  const uint32_t NumPlaces = NumRegisters + NumSlots + NumParams + NumStates;
  Memory.Places.resize(std::max<size_t>(Memory.Places.size(), NumPlaces));
  uint32_t *Registers = Memory.Registers.data();
  const uint32_t **Places = Memory.Places.data();

  for (Place R = 0; R < NumRegisters; ++R)
    Places[R] = Registers + size_t(R) * ChunkNeurons;
  const Place FirstSlot = NumRegisters, FirstParam = FirstSlot + NumSlots,
              FirstState = FirstParam + NumParams;
  for (uint32_t S = 0; S < NumSlots; ++S) {
    const BlockMemory::Slot &Slot = Block.Slots[S];
    auto *Sums = reinterpret_cast<const uint32_t *>(Slot.Sums);
    if (Slot.Uniform) {
      uint32_t *Copy = Registers + size_t(FirstSlot + S) * ChunkNeurons;
      std::fill_n(Copy, Widest, *Sums);
      Sums = Copy;
    }
    Places[FirstSlot + S] = Sums;
  }
  // Everything is 32 bits of either kind; the loops read them through bit_cast.
  const uint32_t *Params = Block.Params;
  uint32_t *States = Block.States;
  for (uint32_t P = 0; P < NumParams; ++P)
    Places[FirstParam + P] = Params + size_t(P) * Block.NumNeurons;
  for (uint32_t S = 0; S < NumStates; ++S)
    Places[FirstState + S] = States + size_t(S) * Block.NumNeurons;

  auto execute = [&](const Operation &O, size_t N) {
    Loops[static_cast<unsigned>(O.Op)](Registers + size_t(O.Dst) * ChunkNeurons,
                                       Places[O.A], Places[O.B], Places[O.C],
                                       N);
  };
  for (const ConstantValue &C : Constants)
    std::fill_n(Registers + size_t(C.Dst) * ChunkNeurons, Widest, C.Bits);
  for (Place R : Steps)
    std::fill_n(Registers + size_t(R) * ChunkNeurons, Widest, Block.Step);
  for (const Operation &O : OncePerBlock) {
    execute(O, 1);
    uint32_t *Value = Registers + size_t(O.Dst) * ChunkNeurons;
    if (O.Spread)
      std::fill_n(Value + 1, Widest - 1, *Value);
  }
  for (uint32_t First = 0; First < Block.Running; First += ChunkNeurons) {
    const uint32_t N = std::min(ChunkNeurons, Block.Running - First);
    for (const Operation &O : PerChunk)
      execute(O, N);
    for (const Transfer &T : Emits)
      std::memcpy(Block.Outputs[T.Index] + First, Places[T.Source],
                  N * sizeof(uint32_t));
    for (const Transfer &T : Stores)
      std::memcpy(States + size_t(T.Index) * Block.NumNeurons + First,
                  Places[T.Source], N * sizeof(uint32_t));
    for (uint32_t S = 0; S < NumSlots; ++S)
      if (!Block.Slots[S].Uniform)
        Places[FirstSlot + S] += N;
    for (Place P = FirstParam; P < NumPlaces; ++P)
      Places[P] += N;
  }
}

} // namespace synfire::sim
