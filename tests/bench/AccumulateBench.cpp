//===- AccumulateBench.cpp - The kernel against read bandwidth ------------===//
//
// 15 % of the rows of a matrix, in ascending order, are added to 1024
// accumulators; the matrix lies in the second-level cache, the third, or
// memory. `of_read` is the rate in weight bytes over the rate at which a plain
// vector loop reads the same bytes in the same process: 1 is the bound.
//
//===----------------------------------------------------------------------===//

#include "simulator/kernel/Accumulate.h"

#include <benchmark/benchmark.h>

#include <chrono>
#include <cstring>
#include <ctime>
#include <map>
#include <random>
#include <vector>

using namespace synfire::sim;

namespace {

constexpr uint32_t Cols = 1024;

double threadSeconds() {
  timespec Now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &Now);
  return double(Now.tv_sec) + 1e-9 * double(Now.tv_nsec);
}

struct Matrix {
  std::vector<std::byte> Bytes;
  std::vector<Event> Events;
  double ReadBytesPerSecond = 0;
};

#if defined(__x86_64__)
__attribute__((target("avx2")))
#endif
double readRate(const std::vector<std::byte> &Bytes) {
  // Four sums of 32 bytes each, so that latency of the adds does not bound.
  typedef uint64_t Vector __attribute__((vector_size(32)));
  double Best = 0;
  for (int Try = 0; Try < 5; ++Try) {
    size_t Passes = 1 + (size_t(64) << 20) / Bytes.size();
    double Start = threadSeconds();
    Vector Sum[4] = {};
    for (size_t P = 0; P < Passes; ++P) {
      for (size_t I = 0; I + 128 <= Bytes.size(); I += 128)
        for (int K = 0; K < 4; ++K) {
          Vector V;
          std::memcpy(&V, Bytes.data() + I + 32 * K, 32);
          Sum[K] += V;
        }
      benchmark::ClobberMemory();
    }
    benchmark::DoNotOptimize(Sum);
    double Rate =
        double(Passes) * double(Bytes.size()) / (threadSeconds() - Start);
    Best = Rate > Best ? Rate : Best;
  }
  return Best;
}

Matrix &matrixOf(int64_t KiB) {
  static std::map<int64_t, Matrix> Made;
  Matrix &M = Made[KiB];
  if (!M.Bytes.empty())
    return M;
  M.Bytes.resize(size_t(KiB) << 10);
  std::mt19937 Random(1);
  for (size_t I = 0; I < M.Bytes.size(); I += 4) {
    uint32_t Word = Random();
    std::memcpy(&M.Bytes[I], &Word, 4);
  }
  for (uint32_t Row = 0; Row < M.Bytes.size() / Cols; ++Row)
    if (Random() % 100 < 15)
      M.Events.push_back({Row, 1});
  M.ReadBytesPerSecond = readRate(M.Bytes);
  return M;
}

int32_t payloadFor(PayloadRange Range, size_t I) {
  return Range == PayloadRange::One    ? 1
         : Range == PayloadRange::Unit ? (I % 2 ? 1 : -1)
         : Range == PayloadRange::Word ? int32_t(I % 251) - 125
                                       : int32_t(I * 2654435761u);
}

void report(benchmark::State &State, const Matrix &M, double Seconds) {
  double Bytes = double(State.iterations()) * double(M.Events.size()) * Cols;
  State.counters["GSynOps_per_s"] = Bytes / Seconds * 1e-9;
  State.counters["of_read"] = Bytes / Seconds / M.ReadBytesPerSecond;
  State.counters["read_GB_per_s"] = M.ReadBytesPerSecond * 1e-9;
}

void kernel(benchmark::State &State, KernelPath Path, PayloadRange Range) {
  if (!isAvailable(Path))
    return State.SkipWithError("path not available");
  Matrix &M = matrixOf(State.range(0));
  std::vector<Event> Events = M.Events;
  for (size_t I = 0; I < Events.size(); ++I)
    Events[I].Payload = payloadFor(Range, I);
  std::vector<int32_t> Acc(Cols);
  ByteRows Rows{M.Bytes.data(), Cols, Cols, State.range(0) > 384};
  double Start = threadSeconds();
  for (auto _ : State) {
    accumulate(Rows, Events, 0, Range, Acc.data(), Path);
    benchmark::DoNotOptimize(Acc.data());
    benchmark::ClobberMemory();
  }
  report(State, M, threadSeconds() - Start);
}

/// The loop one would write first, kept scalar: what the kernel is worth.
__attribute__((optimize("no-tree-vectorize"))) void
scalarLoop(const Matrix &M, std::vector<int32_t> &Acc) {
  for (const Event &E : M.Events) {
    auto *Row = reinterpret_cast<const int8_t *>(M.Bytes.data()) +
                size_t(Cols) * E.Index;
    for (uint32_t J = 0; J < Cols; ++J)
      Acc[J] += E.Payload * Row[J];
  }
}

void plain(benchmark::State &State) {
  Matrix &M = matrixOf(State.range(0));
  std::vector<int32_t> Acc(Cols);
  double Start = threadSeconds();
  for (auto _ : State) {
    scalarLoop(M, Acc);
    benchmark::DoNotOptimize(Acc.data());
    benchmark::ClobberMemory();
  }
  report(State, M, threadSeconds() - Start);
}

// 256 KiB: second-level cache. 8 MiB: third. 512 MiB: memory.
#define SIZES ->Arg(256)->Arg(8 << 10)->Arg(512 << 10)->MinTime(0.3)
BENCHMARK_CAPTURE(kernel, avx2_one, KernelPath::Avx2, PayloadRange::One) SIZES;
BENCHMARK_CAPTURE(kernel, avx2_unit, KernelPath::Avx2, PayloadRange::Unit)
SIZES;
BENCHMARK_CAPTURE(kernel, avx2_word, KernelPath::Avx2, PayloadRange::Word)
SIZES;
BENCHMARK_CAPTURE(kernel, avx2_any, KernelPath::Avx2, PayloadRange::Any) SIZES;
BENCHMARK_CAPTURE(kernel, portable, KernelPath::Portable, PayloadRange::Any)
SIZES;
BENCHMARK(plain) SIZES;

} // namespace

BENCHMARK_MAIN();
