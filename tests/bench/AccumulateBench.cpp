//===- AccumulateBench.cpp - The kernel against read bandwidth ------------===//
//
// Rows of a matrix, in ascending order, are added to 1024 accumulators. The
// matrix lies in the second-level cache (all rows), the third, or memory (15 %
// of the rows; huge pages, or small ones as a mapped image has). Beside the
// rate stand two ratios to plain vector loops timed just before and after:
//   of_read  to reading the whole matrix in order
//   of_rows  to reading the same rows: the bound where they are scattered
//
//===----------------------------------------------------------------------===//

#include "simulator/kernel/Accumulate.h"

#include <benchmark/benchmark.h>

#include <sys/mman.h>

#include <cstdlib>
#include <cstring>
#include <ctime>
#include <map>
#include <memory>
#include <random>
#include <vector>

using namespace synfire::sim;

namespace {

constexpr uint32_t Cols = 1024;
/// Matrices up to this size lie in the second-level cache.
constexpr int64_t CachedKiB = 256;

double threadSeconds() {
  timespec Now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &Now);
  return double(Now.tv_sec) + 1e-9 * double(Now.tv_nsec);
}

struct Matrix {
  struct Free {
    void operator()(std::byte *P) const { std::free(P); }
  };
  std::unique_ptr<std::byte, Free> Bytes;
  size_t Size = 0;
  std::vector<Event> Events;
};

typedef uint64_t Vector __attribute__((vector_size(32)));

/// Adds up a row in four sums of 32 bytes each, so that the latency of the adds
/// does not bound. \p Next is fetched meanwhile.
#if defined(__x86_64__)
__attribute__((target("avx2")))
#endif
inline void readRow(const std::byte *Row, const std::byte *Next, Vector *Sum) {
  for (size_t I = 0; I < Cols; I += 128) {
    __builtin_prefetch(Next + I);
    __builtin_prefetch(Next + I + 64);
    for (int K = 0; K < 4; ++K) {
      Vector V;
      std::memcpy(&V, Row + I + 32 * K, 32);
      Sum[K] += V;
    }
  }
}

/// Bytes per second of reading the rows of the events, or all rows in order.
#if defined(__x86_64__)
__attribute__((target("avx2")))
#endif
double readRate(const Matrix &M, bool OnlyEvents) {
  size_t Rows = OnlyEvents ? M.Events.size() : M.Size / Cols;
  size_t Passes = 1 + (size_t(16) << 20) / (Rows * Cols), Done = 0;
  Vector Sum[4] = {};
  double Start = threadSeconds(), Seconds = 0;
  do {
    for (size_t P = 0; P < Passes; ++P) {
      for (size_t R = 0; R < Rows; ++R) {
        size_t Next = R + 8 < Rows ? R + 8 : R;
        if (OnlyEvents)
          readRow(M.Bytes.get() + Cols * size_t(M.Events[R].Index),
                  M.Bytes.get() + Cols * size_t(M.Events[Next].Index), Sum);
        else
          // The processor sees the order by itself.
          readRow(M.Bytes.get() + Cols * R, M.Bytes.get() + Cols * R, Sum);
      }
      benchmark::ClobberMemory();
    }
    benchmark::DoNotOptimize(Sum);
    Done += Passes * Rows * Cols;
    Seconds = threadSeconds() - Start;
  } while (Seconds < 0.03);
  return double(Done) / Seconds;
}

struct Reads {
  double InOrder, Rows;
};

Reads readRates(const Matrix &M) {
  return {readRate(M, false), readRate(M, true)};
}

Matrix &matrixOf(int64_t KiB, bool Huge) {
  static std::map<std::pair<int64_t, bool>, Matrix> Made;
  Matrix &M = Made[{KiB, Huge}];
  if (M.Bytes)
    return M;
  M.Size = size_t(KiB) << 10;
  constexpr size_t HugePage = size_t(2) << 20;
  size_t Allocated = (M.Size + HugePage - 1) / HugePage * HugePage;
  M.Bytes.reset(
      static_cast<std::byte *>(std::aligned_alloc(HugePage, Allocated)));
  madvise(M.Bytes.get(), Allocated, Huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
  std::mt19937 Random(1);
  for (size_t I = 0; I < M.Size; I += 4) {
    uint32_t Word = Random();
    std::memcpy(M.Bytes.get() + I, &Word, 4);
  }
  for (uint32_t Row = 0; Row < M.Size / Cols; ++Row)
    if (KiB <= CachedKiB || Random() % 100 < 15)
      M.Events.push_back({Row, 1});
  return M;
}

int32_t payloadFor(PayloadRange Range, size_t I) {
  return Range == PayloadRange::One    ? 1
         : Range == PayloadRange::Unit ? (I % 2 ? 1 : -1)
         : Range == PayloadRange::Byte ? int32_t(I % 511) - 255
         : Range == PayloadRange::Word ? int32_t(I % 51101) - 25550
                                       : int32_t(I * 2654435761u);
}

void report(benchmark::State &State, const Matrix &M, double Seconds,
            Reads Before) {
  Reads After = readRates(M);
  double Rate =
      double(State.iterations()) * double(M.Events.size()) * Cols / Seconds;
  State.counters["GSynOps_per_s"] = Rate * 1e-9;
  double InOrder = (Before.InOrder + After.InOrder) / 2;
  State.counters["of_read"] = Rate / InOrder;
  State.counters["of_rows"] = Rate / ((Before.Rows + After.Rows) / 2);
  State.counters["read_GB_per_s"] = InOrder * 1e-9;
}

void kernel(benchmark::State &State, KernelPath Path, PayloadRange Range) {
  if (!isAvailable(Path))
    return State.SkipWithError("path not available");
  Matrix &M = matrixOf(State.range(0), State.range(1) != 0);
  std::vector<Event> Events = M.Events;
  for (size_t I = 0; I < Events.size(); ++I)
    Events[I].Payload = payloadFor(Range, I);
  std::vector<int32_t> Acc(Cols);
  ByteRows Rows{M.Bytes.get(), Cols, Cols, State.range(0) > CachedKiB};
  Reads Before = readRates(M);
  double Start = threadSeconds();
  for (auto _ : State) {
    accumulate(Rows, Events, 0, Range, Acc.data(), Path);
    benchmark::DoNotOptimize(Acc.data());
    benchmark::ClobberMemory();
  }
  report(State, M, threadSeconds() - Start, Before);
}

/// The loop one would write first, kept scalar: what the kernel is worth.
__attribute__((optimize("no-tree-vectorize"))) void
scalarLoop(const Matrix &M, std::vector<int32_t> &Acc) {
  for (const Event &E : M.Events) {
    auto *Row = reinterpret_cast<const int8_t *>(M.Bytes.get()) +
                size_t(Cols) * E.Index;
    for (uint32_t J = 0; J < Cols; ++J)
      Acc[J] += E.Payload * Row[J];
  }
}

void plain(benchmark::State &State) {
  Matrix &M = matrixOf(State.range(0), State.range(1) != 0);
  std::vector<int32_t> Acc(Cols);
  Reads Before = readRates(M);
  double Start = threadSeconds();
  for (auto _ : State) {
    scalarLoop(M, Acc);
    benchmark::DoNotOptimize(Acc.data());
    benchmark::ClobberMemory();
  }
  report(State, M, threadSeconds() - Start, Before);
}

#define SIZES                                                                  \
  ->ArgNames({"KiB", "huge"})                                                  \
      ->Args({256, 1})                                                         \
      ->Args({8 << 10, 1})                                                     \
      ->Args({512 << 10, 1})                                                   \
      ->Args({512 << 10, 0})                                                   \
      ->MinTime(0.2)
BENCHMARK_CAPTURE(kernel, avx2_one, KernelPath::Avx2, PayloadRange::One) SIZES;
BENCHMARK_CAPTURE(kernel, avx2_unit, KernelPath::Avx2, PayloadRange::Unit)
SIZES;
BENCHMARK_CAPTURE(kernel, avx2_byte, KernelPath::Avx2, PayloadRange::Byte)
SIZES;
BENCHMARK_CAPTURE(kernel, avx2_word, KernelPath::Avx2, PayloadRange::Word)
SIZES;
BENCHMARK_CAPTURE(kernel, avx2_any, KernelPath::Avx2, PayloadRange::Any) SIZES;
BENCHMARK_CAPTURE(kernel, portable, KernelPath::Portable, PayloadRange::Any)
SIZES;
BENCHMARK(plain) SIZES;

} // namespace

BENCHMARK_MAIN();
