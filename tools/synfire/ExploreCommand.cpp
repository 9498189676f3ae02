//===- ExploreCommand.cpp - synfire explore -------------------------------===//
//
// Hundreds of chips, one report: the points of a study shared by processes,
// each point in a folder of its own, then results.csv and study.html.
//
//===----------------------------------------------------------------------===//

#include "tools/synfire/Commands.h"
#include "tools/synfire/NetworkStudy.h"
#include "tools/synfire/StudyRunner.h"
#include "tools/synfire/WorkerPool.h"

#include "simulator/report/Format.h"
#include "simulator/report/Summary.h"
#include "simulator/study/StudyPage.h"
#include "targets/arrays/AtomicFile.h"

#include <algorithm>
#include <chrono>
#include <fcntl.h>
#include <filesystem>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <sys/file.h>
#include <thread>
#include <unistd.h>

using namespace synfire;
using namespace synfire::tools;
using study::PointStatus;
using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

namespace {

struct ExploreOptions {
  NetworkStudy Study;
  std::string Output;
  uint32_t Jobs = std::max(1u, std::thread::hardware_concurrency());
  bool Resume = false, DryRun = false, Quiet = false;
};

/// The line that says how far a study is, on a terminal only.
class ProgressLine {
public:
  ProgressLine(size_t All, bool Quiet)
      : All(All), Shown(!Quiet && isatty(STDERR_FILENO)) {}
  ~ProgressLine() {
    if (Written)
      fmt::print(stderr, "\r\033[K");
  }

  void ended(PointStatus S) {
    ++Done;
    Failed += S == PointStatus::Failed;
    Misfits += S == PointStatus::DoesNotFit;
  }
  void show() {
    if (!Shown)
      return;
    const double Spent =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - Start)
            .count();
    std::string Left = "";
    if (Done > 0)
      Left = fmt::format(", about {:.0f} s left",
                         Spent / static_cast<double>(Done) *
                             static_cast<double>(All - Done));
    fmt::print(stderr, "\r\033[K{} of {} points, {} do not fit, {} failed{}",
               Done, All, Misfits, Failed, Left);
    std::fflush(stderr);
    Written = true;
  }

private:
  size_t All, Done = 0, Failed = 0, Misfits = 0;
  bool Shown, Written = false;
  std::chrono::steady_clock::time_point Start =
      std::chrono::steady_clock::now();
};

Status storeWhole(const std::string &Path, const std::string &Text,
                  std::vector<report::FileMark> &Outputs) {
  Result<AtomicFile> File = AtomicFile::create(Path);
  if (!File)
    return File.errors();
  std::span<const uint8_t> Bytes(reinterpret_cast<const uint8_t *>(Text.data()),
                                 Text.size());
  if (Status S = File->write(Bytes); !S)
    return S;
  Outputs.push_back(
      report::markBytes(fs::path(Path).filename().string(), Bytes));
  return File->commit();
}

class Explorer {
public:
  Explorer(const ExploreOptions &O, StudyPlan Plan)
      : O(O), Plan(std::move(Plan)), Folder{O.Output} {}
  ~Explorer() {
    std::error_code Ignored;
    if (Lock >= 0) {
      fs::remove_all(Folder.work(), Ignored);
      close(Lock);
    }
  }

  Status run(const std::vector<std::string> &Arguments) {
    const auto Start = std::chrono::system_clock::now();
    if (Status S = openFolder(); !S)
      return S;
    takeKnown();
    Result<bool> Complete = work();
    if (!Complete)
      return Complete.errors();
    study::StudyTable Table = tableOf();
    if (Status S = write(Table, Arguments, Start); !S)
      return S;
    if (!O.Quiet)
      print(Table);
    return verdict(Table, *Complete);
  }

private:
  const ExploreOptions &O;
  StudyPlan Plan;
  StudyFolder Folder;
  int Lock = -1;
  std::map<uint64_t, study::PointResult> Known; ///< by point key
  std::map<uint64_t, size_t> OpenOfImage; ///< points that still need an image
  size_t Reused = 0;
  PointWork Done;

  Error fault(const std::string &Text) const {
    return {O.Output, "study-folder", Text};
  }

  /// Makes the folder, or takes an earlier study's.
  Status openFolder() {
    std::error_code Code;
    const bool HasPoints = fs::exists(Folder.points(), Code) &&
                           !fs::is_empty(Folder.points(), Code);
    if (HasPoints && !O.Resume)
      return fault("the folder holds points of a study; go on with it by "
                   "--resume, or choose another folder");
    if (fs::exists(O.Output, Code) && !fs::is_empty(O.Output, Code) &&
        !fs::exists(Folder.points(), Code))
      return fault("the name is taken by something that is not the folder of a "
                   "study (it has no points/); choose another");
    fs::create_directories(Folder.points(), Code);
    if (!Code)
      fs::create_directories(Folder.activity(), Code);
    if (!Code)
      fs::create_directories(Folder.work(), Code);
    if (Code)
      return fault("the folder cannot be made: " + Code.message());
    const int File = open(O.Output.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (File < 0 || flock(File, LOCK_EX | LOCK_NB) != 0)
      return fault("another synfire explore is at work in the folder");
    Lock = File;
    // What an interrupted study was at.
    for (const auto &Left : fs::directory_iterator(Folder.work(), Code))
      fs::remove_all(Left.path(), Code);
    return {};
  }

  /// Results that need no work: contradictory chips, and finished points.
  void takeKnown() {
    for (const auto &[Index, Why] : Plan.Broken) {
      auto R = study::without(Why);
      R.Status = PointStatus::Failed;
      Known.emplace(Plan.Keys[Index].Point, std::move(R));
    }
    for (const study::PointKeys &K : Plan.Keys) {
      const std::string Path = Folder.point(K.Point) + "/summary.json";
      std::error_code Code;
      if (Known.contains(K.Point) || !fs::exists(Path, Code))
        continue;
      std::ifstream File(Path);
      auto R = study::pointFromJson(Json::parse(File, nullptr, false), Path);
      if (R) {
        Known.emplace(K.Point, std::move(*R));
        ++Reused;
      } else {
        fs::remove_all(Folder.point(K.Point), Code);
      }
    }
  }

  /// Does what is not known yet. False when the user stopped it.
  Result<bool> work() {
    std::vector<size_t> Order;
    std::map<uint64_t, bool> Taken;
    for (size_t I = 0; I < Plan.Points.size(); ++I) {
      const uint64_t Key = Plan.Keys[I].Point;
      if (Known.contains(Key) || !Taken.try_emplace(Key).second)
        continue;
      Order.push_back(I);
      ++OpenOfImage[Plan.Keys[I].Image];
    }
    // Points of one image one after the other, images in order of appearance.
    std::ranges::stable_sort(Order, {}, [&](size_t I) {
      return Plan.FirstOfImage.at(Plan.Keys[I].Image);
    });
    if (Order.empty())
      return true;
    ProgressLine Progress(Order.size(), O.Quiet);
    const auto Children =
        static_cast<unsigned>(std::min<size_t>(O.Jobs, Order.size()));
    auto Begin = [&]() -> Job {
      const unsigned Threads =
          std::max(1u, std::thread::hardware_concurrency() / Children);
      auto Runner = std::make_shared<StudyRunner>(Plan, Folder, Threads);
      return [Runner](size_t Index) {
        PointWork W;
        Json Answer = study::pointJson(Runner->run(Index, W));
        Answer["work"] = {W.Images, W.NetworkRuns, W.Replays};
        return Answer.dump(-1, ' ', false, Json::error_handler_t::replace);
      };
    };
    PoolEvents Events;
    Events.Tick = [&] { Progress.show(); };
    Events.Ended = [&](size_t Index, const Result<std::string> &Answer) {
      Progress.ended(take(Index, Answer));
    };
    return runInPool(Order, Children, Begin, Events);
  }

  PointStatus take(size_t Index, const Result<std::string> &Answer) {
    study::PointResult R;
    if (Answer) {
      Json J = Json::parse(*Answer, nullptr, false);
      auto Read = study::pointFromJson(J, "the answer of a process");
      R = Read ? std::move(*Read) : study::without(Read.errors());
      if (Read) {
        Done.Images += J["work"][0].get<uint32_t>();
        Done.NetworkRuns += J["work"][1].get<uint32_t>();
        Done.Replays += J["work"][2].get<uint32_t>();
      }
    } else {
      R = study::without(Answer.errors());
    }
    const PointStatus S = R.Status;
    Known.insert_or_assign(Plan.Keys[Index].Point, std::move(R));
    const uint64_t Image = Plan.Keys[Index].Image;
    if (--OpenOfImage.at(Image) == 0) {
      std::error_code Ignored;
      fs::remove(Folder.image(Image), Ignored);
    }
    return S;
  }

  study::StudyTable tableOf() const {
    study::StudyTable Table;
    Table.Of = &Plan.Study;
    for (size_t I = 0; I < Plan.Points.size(); ++I)
      if (auto R = Known.find(Plan.Keys[I].Point); R != Known.end())
        Table.Rows.push_back({&Plan.Points[I], Plan.Keys[I], R->second, false});
    Table.markFront();
    return Table;
  }

  Status write(const study::StudyTable &Table,
               const std::vector<std::string> &Arguments,
               std::chrono::system_clock::time_point Start) const {
    report::Manifest About;
    About.Command = Arguments;
    About.Inputs = Plan.Inputs;
    if (Status S = storeWhole(O.Output + "/results.csv",
                              study::resultsCsv(Table), About.Outputs);
        !S)
      return S;
    if (Status S =
            storeWhole(O.Output + "/study.html",
                       study::studyPage(Table, Plan.Inputs, Plan.Points.size()),
                       About.Outputs);
        !S)
      return S;
    const auto Now = std::chrono::system_clock::now();
    About.StartTime =
        fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                    fmt::gmtime(std::chrono::system_clock::to_time_t(Start)));
    About.WallSeconds = std::chrono::duration<double>(Now - Start).count();
    About.Threads = O.Jobs;
    Json Manifest = report::manifestJson(About);
    // A study has as many targets and seeds as it likes.
    Manifest.erase("target_hash");
    Manifest.erase("seed");
    Manifest["study"] = {
        {"name", Plan.Study.Name},
        {"points", Plan.Points.size()},
        {"distinct_points", Plan.Distinct},
        {"done", Table.count(PointStatus::Done)},
        {"does_not_fit", Table.count(PointStatus::DoesNotFit)},
        {"failed", Table.count(PointStatus::Failed)},
        {"not_reached", Plan.Points.size() - Table.Rows.size()},
        {"reused", Reused},
        {"compiled_images", Done.Images},
        {"network_runs", Done.NetworkRuns},
        {"replays", Done.Replays}};
    return storeWhole(O.Output + "/manifest.json",
                      report::summaryText(Manifest), About.Outputs);
  }

  /// The ends of the front, and where the rest is.
  void print(const study::StudyTable &Table) const {
    fmt::print("{}: {} done, {} do not fit, {} failed ({} taken over)\n",
               report::plural(report::grouped(Plan.Points.size()), "point"),
               Table.count(PointStatus::Done),
               Table.count(PointStatus::DoesNotFit),
               Table.count(PointStatus::Failed), Reused);
    fmt::print("{} compiled, {} of the network, {}\n",
               report::plural(std::to_string(Done.Images), "image"),
               report::plural(std::to_string(Done.NetworkRuns), "run"),
               report::plural(std::to_string(Done.Replays), "replay"));
    std::vector<const study::StudyRow *> Front;
    for (const study::StudyRow &Row : Table.Rows)
      if (Row.Pareto)
        Front.push_back(&Row);
    if (!Front.empty()) {
      auto Figures = [](const study::StudyRow *Row) -> const auto & {
        return Row->Result.Modes.front();
      };
      auto Energy = [&](const study::StudyRow *Row) {
        return Figures(Row).Energy.Nominal;
      };
      auto Speed = [&](const study::StudyRow *Row) {
        return Figures(Row).TokensPerSecond;
      };
      line("least energy", *std::ranges::min(Front, {}, Energy));
      line("fastest", *std::ranges::max(Front, {}, Speed));
      line("fewest cores",
           *std::ranges::min(Front, {}, [](const study::StudyRow *Row) {
             return Row->Result.Cores;
           }));
    }
    fmt::print("report: {}/study.html\n", O.Output);
  }

  void line(const char *What, const study::StudyRow &Row) const {
    const study::ModeFigures &F = Row.Result.Modes.front();
    std::string Choice;
    for (const std::string &Key : Plan.Study.variedKeys())
      if (auto Value = Row.Of->valueOf(Key))
        Choice += " " + Key + "=" + *Value;
    fmt::print("  {:12} {:>8}/token {:>8} tokens/s {:>4} cores  {} on {}{}\n",
               What, report::withPrefix(F.Energy.Nominal, "J", -12),
               report::shortCount(F.TokensPerSecond), Row.Result.Cores,
               Plan.Study.Models[Row.Of->Model].Name,
               Plan.Study.Targets[Row.Of->Target].Name, Choice);
  }

  Status verdict(const study::StudyTable &Table, bool Complete) const {
    if (!Complete)
      return Error{O.Output, "study-stopped",
                   fmt::format("stopped with {} of {} points; go on with "
                               "--resume",
                               Table.Rows.size(), Plan.Points.size()),
                   ErrorKind::RunFailed};
    Errors Failed;
    for (const study::StudyRow &Row : Table.Rows)
      if (Row.Result.Status == PointStatus::Failed)
        Failed.push_back({"point " + study::keyText(Row.Keys.Point),
                          "study-point-failed", Row.Result.Reason,
                          ErrorKind::RunFailed});
    return Failed;
  }
};

Status explore(const ExploreOptions &O,
               const std::vector<std::string> &Arguments) {
  if (O.Output.empty() && !O.DryRun)
    return Error{"--output", "study-folder", "a folder to write is needed"};
  Result<study::Study> Study = O.Study.read();
  if (!Study)
    return Study.errors();
  Result<StudyPlan> Plan = StudyPlan::make(std::move(*Study));
  if (!Plan)
    return Plan.errors();
  if (O.DryRun) {
    fmt::print(
        "{}, {} different, {} to compile, {} computed\n",
        report::plural(report::grouped(Plan->Points.size()), "point"),
        Plan->Distinct,
        report::plural(std::to_string(Plan->FirstOfImage.size()), "image"),
        report::plural(std::to_string(Plan->Networks), "network"));
    return {};
  }
  return Explorer(O, std::move(*Plan)).run(Arguments);
}
} // namespace

void synfire::tools::addExplore(CLI::App &App, Action &Chosen,
                                const std::vector<std::string> &Arguments) {
  auto O = std::make_shared<ExploreOptions>();
  CLI::App *Command = App.add_subcommand(
      "explore", "run a study of many chips and report on all of them");
  O->Study.addTo(*Command);
  Command->add_option("-o,--output", O->Output, "folder to write");
  Command->add_option("--jobs", O->Jobs, "processes that share the points")
      ->check(CLI::Range(1, 1024));
  Command->add_flag("--resume", O->Resume,
                    "take over the points that the folder holds already");
  Command->add_flag("--dry-run", O->DryRun,
                    "check the study and count its points, run nothing");
  Command->add_flag("-q,--quiet", O->Quiet, "print nothing but errors");
  Command->callback([O, &Chosen, Arguments] {
    Chosen = [O, Arguments] { return explore(*O, Arguments); };
  });
}
