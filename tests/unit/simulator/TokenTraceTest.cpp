//===- TokenTraceTest.cpp - Traces read back ------------------------------===//
//
// Reads the protobuf of a trace with a small reader of its own and checks what
// must hold of every trace: slices end where they began, rows do not overlap,
// arrows have both ends.
//
//===----------------------------------------------------------------------===//

#include "simulator/trace/TokenTrace.h"
#include "simulator/engine/Simulation.h"
#include "tests/unit/simulator/TestNetwork.h"

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <set>

using namespace synfire;
using namespace synfire::sim;

namespace {

/// One level of fields: number -> values (numbers, or bytes).
struct Fields {
  std::multimap<unsigned, uint64_t> Numbers;
  std::multimap<unsigned, std::string> Bytes;
  bool Sound = true;

  uint64_t number(unsigned F) const {
    auto At = Numbers.find(F);
    return At == Numbers.end() ? 0 : At->second;
  }
};

Fields parse(std::string_view Text) {
  Fields Out;
  size_t At = 0;
  auto varint = [&] {
    uint64_t V = 0;
    for (unsigned Shift = 0; At < Text.size(); Shift += 7) {
      auto B = static_cast<uint8_t>(Text[At++]);
      V |= uint64_t(B & 0x7f) << Shift;
      if (B < 0x80)
        return V;
    }
    Out.Sound = false;
    return V;
  };
  while (At < Text.size() && Out.Sound) {
    uint64_t Key = varint();
    auto Field = static_cast<unsigned>(Key >> 3);
    if ((Key & 7) == 0) {
      Out.Numbers.emplace(Field, varint());
    } else if ((Key & 7) == 1 && At + 8 <= Text.size()) {
      uint64_t V;
      std::memcpy(&V, Text.data() + At, 8);
      At += 8;
      Out.Numbers.emplace(Field, V);
    } else if ((Key & 7) == 2) {
      uint64_t Size = varint();
      if (Size > Text.size() - At) {
        Out.Sound = false;
        break;
      }
      Out.Bytes.emplace(Field, std::string(Text.substr(At, Size)));
      At += Size;
    } else {
      Out.Sound = false;
    }
  }
  return Out;
}

void check(Fidelity F, Mode M) {
  ChipSpec Spec = makeChip();
  Cuts C{{0, 8, 24}, {0, 20, 40}, {0, 12, 24}, {0, 40}, {0, 3, 17}};
  Result<image::Image> Image = TestNetwork(Spec, C).Builder.build();
  ASSERT_TRUE(Image);
  trace::TokenTrace Trace(2, M);
  SimulationOptions Options;
  Options.TokenMode = M;
  Options.Time = F;
  Options.Observer = &Trace;
  Result<Simulation> S = Simulation::create(*Image, Spec, Options);
  ASSERT_TRUE(S);
  Trace.setLevels(S->wiring().Levels.size());
  ASSERT_TRUE(S->stepMany(std::vector<uint32_t>{1, 2, 3, 4, 5}));
  auto Times = *S->timings();
  const Counters Counts = S->counters();
  const std::string Bytes =
      Trace.draw({S->image(), Spec, S->wiring(), Counts, Times});

  Fields File = parse(Bytes);
  ASSERT_TRUE(File.Sound);
  std::map<uint64_t, int> Depth;
  std::map<uint64_t, uint64_t> Latest;
  std::set<uint64_t> Out, In, Tracks;
  size_t Ticks = 0, Slices = 0;
  for (auto [It, End] = File.Bytes.equal_range(1); It != End; ++It) {
    Fields Packet = parse(It->second);
    ASSERT_TRUE(Packet.Sound);
    auto Described = Packet.Bytes.find(60);
    if (Described != Packet.Bytes.end()) {
      EXPECT_TRUE(Tracks.insert(parse(Described->second).number(1)).second);
    }
    auto Found = Packet.Bytes.find(11);
    if (Found == Packet.Bytes.end())
      continue;
    Fields Event = parse(Found->second);
    ASSERT_TRUE(Event.Sound);
    const uint64_t Track = Event.number(11), Type = Event.number(9);
    EXPECT_TRUE(Tracks.contains(Track));
    EXPECT_GE(Packet.number(8), Latest[Track]);
    Latest[Track] = Packet.number(8);
    if (Type == 1) {
      EXPECT_EQ(++Depth[Track], 1) << "slices of a row do not overlap";
      ++Slices;
      Ticks += Event.Bytes.find(23)->second.starts_with("tick ");
    } else if (Type == 2) {
      EXPECT_EQ(--Depth[Track], 0);
    }
    for (auto [A, E] = Event.Numbers.equal_range(47); A != E; ++A)
      EXPECT_TRUE(Out.insert(A->second).second);
    for (auto [A, E] = Event.Numbers.equal_range(48); A != E; ++A)
      EXPECT_TRUE(In.insert(A->second).second);
  }
  EXPECT_EQ(Ticks, S->wiring().Levels.size());
  EXPECT_GT(Slices, 3 * Ticks);
  EXPECT_EQ(Out, In);
  EXPECT_EQ(Out.empty(), F == Fidelity::Analytic);
}

TEST(TokenTraceTest, AnalyticTracesAreSound) {
  check(Fidelity::Analytic, Mode::Generate);
  check(Fidelity::Analytic, Mode::Prefill);
}

TEST(TokenTraceTest, EventTracesAreSound) {
  check(Fidelity::Event, Mode::Generate);
  check(Fidelity::Event, Mode::Prefill);
}

} // namespace
