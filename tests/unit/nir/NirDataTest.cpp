// Spikes and traces in NIRData files and .npy arrays.

#include "models/nir/NirData.h"
#include "targets/arrays/Npy.h"
#include "tests/unit/checkpoint/TestFiles.h"
#include "tests/unit/nir/Hdf5Writer.h"

#include <gmock/gmock.h>

#include <cmath>

using namespace synfire;
using namespace synfire::nir;
using namespace synfire::testfiles;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

void writeTree(Hdf5Writer &W, const std::string &Kind) {
  W.group("nodes/lif/observables/spikes");
  W.attribute("/", "__type__", "NIRGraphData");
  W.attribute("nodes/lif", "__type__", "NIRNodeData");
  W.attribute("nodes/lif/observables/spikes", "__type__", Kind);
}

TEST(NirData, ReadsEvents) {
  Folder Files;
  {
    Hdf5Writer W(Files.path("x.h5"));
    std::string At = "nodes/lif/observables/spikes";
    writeTree(W, "ValuedEventData");
    W.attribute(At, "n_neurons", 3);
    W.attribute(At, "t_max", 1);
    W.integers(At + "/idx", {2, 3}, {0, 2, -1, 1, 2, 2});
    W.doubles(At + "/time", {2, 3}, {0, 0.25, INFINITY, 0.3, 0.1, 0.1});
    W.doubles(At + "/value", {2, 3}, {1, 2, 0, 1, 1, 4});
  }
  Result<GraphData> D = GraphData::read(Files.path("x.h5"));
  ASSERT_TRUE(D) << D.errors()[0].format();
  const Observable *O = D->find("lif", "spikes");
  ASSERT_TRUE(O && O->Events);
  EXPECT_EQ(O->Events->Samples[0].size(), 2U);
  // 0.3 / 0.1 is just below 3.
  EXPECT_THAT(*toSteps(*O->Events, 1, 0.1, 4, "x"),
              ElementsAre(0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 1, 0));
  EXPECT_THAT(toSteps(*O->Events, 0, 0.1, 2, "x").errors()[0].Text,
              HasSubstr("an event of neuron 2 at time 0.25 is in step 2 of 2"));
  EXPECT_FALSE(toSteps(*O->Events, 2, 0.1, 4, "x"));
}

TEST(NirData, ReadsGrids) {
  Folder Files;
  {
    Hdf5Writer W(Files.path("x.h5"));
    writeTree(W, "TimeGriddedData");
    W.attribute("nodes/lif/observables/spikes", "dt", 1e-3);
    W.floats("nodes/lif/observables/spikes/data", {1, 2, 2}, {0, 1, 1, 0});
  }
  Result<GraphData> D = GraphData::read(Files.path("x.h5"));
  ASSERT_TRUE(D) << D.errors()[0].format();
  const GriddedData &Grid = *D->find("lif", "spikes")->Gridded;
  EXPECT_EQ(Grid.NumSteps, 2);
  EXPECT_EQ(Grid.Dt, 1e-3);
  EXPECT_THAT(Grid.Values, ElementsAre(0, 1, 1, 0));
}

TEST(NirData, NamesFaults) {
  Folder Files;
  auto error = [&](const std::string &Kind, int64_t Neuron, double Time) {
    {
      Hdf5Writer W(Files.path("x.h5"));
      std::string At = "nodes/lif/observables/spikes";
      writeTree(W, Kind);
      W.attribute(At, "n_neurons", 3);
      W.attribute(At, "t_max", 1);
      W.integers(At + "/idx", {1, 1}, {Neuron});
      W.doubles(At + "/time", {1, 1}, {Time});
    }
    Result<GraphData> D = GraphData::read(Files.path("x.h5"));
    return D ? "none" : D.errors()[0].Text;
  };
  EXPECT_EQ(error("EventData", 2, 0), "none");
  EXPECT_THAT(error("EventData", 3, 0), HasSubstr("neuron 3 of 3"));
  EXPECT_THAT(error("EventData", 1, -1), HasSubstr("time -1"));
  EXPECT_THAT(error("EventData", 1, NAN), HasSubstr("time nan"));
  EXPECT_THAT(error("Other", 1, 0), HasSubstr("is a 'Other'"));
  EXPECT_THAT(error("TimeGriddedData", 1, 0), HasSubstr("no dataset 'data'"));
  EXPECT_THAT(error("ValuedEventData", 1, 0), HasSubstr("no dataset 'value'"));
}

} // namespace
