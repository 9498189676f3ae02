//===- simulator/report/RunFolder.cpp - The files of a run ----------------===//

#include "simulator/report/RunFolder.h"
#include "simulator/report/Html.h"
#include "simulator/report/Stats.h"
#include "simulator/report/Summary.h"
#include "simulator/report/TimeSplit.h"
#include "targets/arrays/AtomicFile.h"

#include <nlohmann/json.hpp>

namespace synfire::report {

static std::span<const uint8_t> bytesOf(const std::string &Text) {
  return {reinterpret_cast<const uint8_t *>(Text.data()), Text.size()};
}

static Status store(const std::string &Path, const std::string &Text) {
  Result<AtomicFile> File = AtomicFile::create(Path);
  if (!File)
    return File.errors();
  if (Status Written = File->write(bytesOf(Text)); !Written)
    return Written;
  return File->commit();
}

Result<nlohmann::ordered_json>
writeRunFolder(const std::string &Folder, const Analysis &A, Manifest About) {
  nlohmann::ordered_json Summary = summarize(A);
  Result<std::string> Page = renderHtml(Summary);
  if (!Page)
    return Page.errors();
  std::vector<std::pair<const char *, std::string>> Files = {
      {"summary.json", summaryText(Summary)},
      {"stats.csv", statsCsv(A)},
      {"report.html", std::move(*Page)}};
  if (!A.Run->Times.empty())
    Files.emplace_back("ticks.csv", ticksCsv(*A.Run));
  for (const auto &[Name, Text] : Files) {
    if (Status Stored = store(Folder + "/" + Name, Text); !Stored)
      return Stored.errors();
    About.Outputs.push_back(markBytes(Name, bytesOf(Text)));
  }
  std::string Text = summaryText(manifestJson(About));
  if (Status Stored = store(Folder + "/manifest.json", Text); !Stored)
    return Stored.errors();
  return Summary;
}

} // namespace synfire::report
