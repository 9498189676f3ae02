//===- RingBench.cpp - A compiled ring of layers --------------------------===//
//
// Runs an image that biases alone drive, made of a network of SANA-FE
// (examples/12-sana-fe/make_ring.py), with its timing and energy:
//
//     synfire_ring_bench IMAGE.sfi [STEPS]
//
// Prints synaptic events per second of thread time, the time from the file to
// the first step, and memory over synapses: what the simulation holds (its own
// memory and the weights of the image), and the growth of the largest resident
// set, in which are also the program's own pages. Made to be set beside the
// same figures of SANA-FE.
//
//===----------------------------------------------------------------------===//

#include "simulator/engine/Simulation.h"
#include "simulator/report/Collect.h"
#include "simulator/report/Energy.h"

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string>
#include <sys/resource.h>
#include <vector>

using namespace synfire;
using namespace synfire::sim;

/// Seconds of processor time of this thread.
static double threadSeconds() {
  timespec T;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &T);
  return double(T.tv_sec) + 1e-9 * double(T.tv_nsec);
}

static double peakBytes() {
  rusage Use;
  getrusage(RUSAGE_SELF, &Use);
  return 1024.0 * double(Use.ru_maxrss);
}

/// Memory of this process that is no file's.
static double ownBytes() {
  std::ifstream Status("/proc/self/status");
  for (std::string Key; Status >> Key;)
    if (double KiB = 0; Key == "RssAnon:" && Status >> KiB)
      return 1024 * KiB;
  return 0;
}

static int fail(const Errors &E) {
  std::fprintf(stderr, "%s\n", E.front().format().c_str());
  return 1;
}

int main(int Argc, char **Argv) {
  if (Argc < 2 || Argc > 3) {
    std::fprintf(stderr, "usage: %s IMAGE.sfi [STEPS]\n", Argv[0]);
    return 2;
  }
  const size_t Steps = Argc == 3 ? std::strtoul(Argv[2], nullptr, 10) : 1000;
  const double StartBytes = peakBytes(), StartOwn = ownBytes();
  const double Start = threadSeconds();
  Result<image::Image> Image = image::Image::open(Argv[1]);
  if (!Image)
    return fail(Image.errors());
  Result<ChipSpec> Chip =
      ChipSpec::parse(std::string(Image->target()), Argv[1]);
  if (!Chip)
    return fail(Chip.errors());
  SimulationOptions Options;
  Options.TokenMode = Mode::Prefill;
  Options.Time = Fidelity::Analytic;
  double Synapses = 0;
  for (const image::ConnectionRecord &C : Image->connections())
    Synapses += double(C.Rows) * double(C.Cols);
  Result<Simulation> S = Simulation::create(*Image, *Chip, Options);
  if (!S)
    return fail(S.errors());
  const double Loaded = threadSeconds();

  // One sequence: a second one would begin from the initial states.
  const std::vector<uint32_t> Tokens(Steps);
  if (Status Ran = S->runSequence({Tokens}); !Ran)
    return fail(Ran.errors());
  Result<report::RunData> Run = report::collect(*S);
  if (!Run)
    return fail(Run.errors());
  auto Energy = report::computeEnergy(*Run, "prefill");
  if (!Energy)
    return fail(Energy.errors());
  const double Seconds = threadSeconds() - Loaded;
  double Held = ownBytes() - StartOwn;
  for (const image::TileRecord &T : Image->tiles())
    Held += double(T.Rows) * double(T.RowStride);

  const ActionCounts Total = S->counters().total();
  const double Events = double(Total[Action::SynapseAccumulate]);
  std::printf("steps                         %zu\n", Steps);
  std::printf("synapses                      %.0f\n", Synapses);
  std::printf("spikes                        %llu\n",
              static_cast<unsigned long long>(Total[Action::SpikeEmit]));
  std::printf("share of neurons that fire    %.4f\n",
              double(Total[Action::SpikeEmit]) /
                  double(Total[Action::NeuronUpdate]));
  std::printf("synaptic events               %.0f\n", Events);
  std::printf("simulated energy              %.6e J\n",
              Energy->Total.Nominal * 1e-12);
  std::printf("load                          %.4f s\n", Loaded - Start);
  std::printf("run, timing, energy           %.4f s\n", Seconds);
  std::printf("synaptic events per second    %.4e\n", Events / Seconds);
  std::printf("bytes per synapse, held       %.3f\n", Held / Synapses);
  std::printf("bytes per synapse, resident   %.3f\n",
              (peakBytes() - StartBytes) / Synapses);
  return 0;
}
