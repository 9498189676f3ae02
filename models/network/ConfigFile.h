//===- models/network/ConfigFile.h - config.json of a checkpoint *- C++ -*-===//
//
// The settings that a public training code leaves beside a checkpoint: what
// tensors do not tell, such as the number of heads. Known keys are read with
// their limits, others are left alone.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_MODELS_NETWORK_CONFIGFILE_H
#define SYNFIRE_MODELS_NETWORK_CONFIGFILE_H

#include "models/checkpoint/Checkpoint.h"
#include "targets/Status.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

namespace synfire::models {

/// Reads keys of a JSON object and keeps what was wrong.
class ConfigFile {
public:
  /// `model.json` beside `model.pth`, else `config.json` in its folder; fails
  /// with rule `config-missing` when neither is there: \p Why is what they are
  /// needed for.
  static Result<ConfigFile> besides(const std::string &CheckpointPath,
                                    const std::string &Why);
  /// Beside the file of \p From, or what it declares.
  static Result<ConfigFile> of(const checkpoint::Checkpoint &From,
                               const std::string &Why);
  /// A JSON object from \p Text of the file \p Path; rule `config-syntax`.
  static Result<ConfigFile> parse(const std::string &Text,
                                  const std::string &Path);

  const std::string &path() const { return Path; }
  /// What was wrong so far; rule `config-value`.
  const Errors &found() const { return Found; }

  /// Each leaves \p To when the key is absent or null.
  void integer(const char *Key, int64_t &To, int64_t Least, int64_t Most,
               bool Needed = false);
  void real(const char *Key, double &To, double Least, double Most);
  void real(const char *Key, float &To, double Least, double Most);
  void flag(const char *Key, bool &To);
  void text(const char *Key, std::string &To);
  /// A setting that changes what the model computes and has one known value.
  void only(const char *Key, const nlohmann::json &Known);
  /// Tells that the value \p V of a key is wrong.
  void fail(const char *Key, const nlohmann::json &V, const std::string &Text);

private:
  const nlohmann::json *find(const char *Key, bool Needed);

  nlohmann::json From;
  std::string Path;
  Errors Found;
};

} // namespace synfire::models

#endif // SYNFIRE_MODELS_NETWORK_CONFIGFILE_H
