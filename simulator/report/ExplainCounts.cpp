//===- simulator/report/ExplainCounts.cpp - Rates, operations, baseline ---===//

#include "simulator/report/ExplainParts.h"
#include "simulator/report/Format.h"

#include <fmt/format.h>

namespace synfire::report {

using Json = nlohmann::ordered_json;

static void definitionOf(Answer &A, const Json &Block) {
  if (Block.contains("definition"))
    A.words(Block.at("definition").get<std::string>());
}

/// The mean, or the rate of the stream \p Part.
void explainFiringRate(Answer &A, const std::string &Part) {
  const Json &Activity = A.S.at("activity");
  A.Text += fmt::format("firing rate{}{}\n", Part.empty() ? "" : " of ", Part);
  definitionOf(A, Activity);
  A.head("= events / (neurons x tokens)");
  double Events = 0, Neurons = 0;
  for (size_t I = 0; I < Activity.at("streams").size(); ++I) {
    const Json &Stream = Activity.at("streams").at(I);
    if (Part.empty() ? Stream.at("kind") != "spikes"
                     : Stream.at("stream") != Part)
      continue;
    const double E = Stream.at("events").get<double>(),
                 N = Stream.at("neurons").get<double>();
    Events += E;
    Neurons += N;
    A.line(fmt::format("{:<28} {:>14} / ({} x {})",
                       Stream.at("stream").get<std::string>(), digits(E),
                       digits(N), digits(A.tokens())));
    if (!Part.empty())
      return A.result(E / (N * A.tokens()), "per neuron and token",
                      fmt::format("/activity/streams/{}/rate", I));
  }
  if (Activity.at("mean_firing_rate").is_null())
    return A.words("No threshold neuron of the network sends spikes.");
  A.line(fmt::format("{:<28} {:>14} / ({} x {})", "all", digits(Events),
                     digits(Neurons), digits(A.tokens())));
  A.result(Events / (Neurons * A.tokens()), "per neuron and token",
           "/activity/mean_firing_rate");
}

void explainSynapticEvents(Answer &A, const std::string &) {
  const Json &E = A.S.at("synops").at("synaptic_events");
  A.Text += "synaptic_events\n";
  definitionOf(A, E);
  A.head("= events that select a row x stored columns of the row, by "
         "connection (stats.csv, scope connection)");
  for (const char *Key : {"accumulate", "embedding_lookup", "spike_driven",
                          "multiply_accumulate", "skipped_zero_weights"})
    A.line(fmt::format("{:<22} {:>18}", Key, E.at(Key).dump()));
  A.line("spike_driven = accumulate - embedding_lookup");
  const double Accumulate = E.at("accumulate").get<double>();
  A.result(Accumulate - E.at("embedding_lookup").get<double>(), "spike-driven",
           "/synops/synaptic_events/spike_driven");
  A.line(fmt::format(
      "per token: {} accumulate, {} multiply-accumulate",
      digits(Accumulate / A.tokens()),
      digits(E.at("multiply_accumulate").get<double>() / A.tokens())));
}

void explainNeuroBench(Answer &A, const std::string &) {
  const Json &N = A.S.at("synops").at("neurobench");
  A.Text += "neurobench\n";
  definitionOf(A, N);
  A.head(
      fmt::format("per sample, and divided by {} tokens", digits(A.tokens())));
  for (const char *Key : {"Effective_ACs", "Effective_MACs", "Dense"}) {
    A.line(fmt::format("{:<16} {:>18}", Key, N.at(Key).dump()));
    A.result(N.at(Key).get<double>() / A.tokens(), "per token",
             fmt::format("/synops/neurobench/per_token/{}", Key));
  }
}

void explainPaper(Answer &A, const std::string &) {
  const Json &P = A.S.at("synops").at("paper");
  A.Text += "paper.ratio: the theoretical accounting of the SpikeGPT paper\n";
  if (P.is_null())
    return A.words("There is none: the network is no SpikeGPT. "
                   "`accounting` has the one of its own paper.");
  definitionOf(A, P);
  const double Ac = P.at("e_ac_pj").get<double>(),
               Mac = P.at("e_mac_pj").get<double>();
  A.head("vanilla = L x E_MAC x (9 T d^2 + 2 T^2 d + 3 T^2), spiking = L x "
         "(E_AC x R x 9 T d^2 + E_MAC x 6 T d)");
  A.line(fmt::format("E_AC {} pJ, E_MAC {} pJ (45 nm, the paper's table)",
                     digits(Ac), digits(Mac)));
  for (const auto &[Key, Name] :
       {std::pair("at_assumed_rate", "this network, the rate that the paper "
                                     "assumes"),
        {"at_measured_rate", "this network, the rate of this run"},
        {"at_published_shape", "the paper's own shape and rate"}}) {
    if (P.at(Key).is_null())
      continue;
    const std::string At = fmt::format("/synops/paper/{}", Key);
    const Json &X = P.at(Key);
    const double L = X.at("layers").get<double>(),
                 D = X.at("width").get<double>(),
                 T = X.at("context_tokens").get<double>(),
                 R = X.at("rate").get<double>();
    A.head(fmt::format("{}: L {}, d {}, T {}, R {}", Name, digits(L), digits(D),
                       digits(T), digits(R)));
    const double Vanilla =
        L * Mac * (9 * T * D * D + 2 * T * T * D + 3 * T * T);
    const double Spiking = L * (Ac * R * 9 * T * D * D + Mac * 6 * T * D);
    A.result(Vanilla, "pJ vanilla", At + "/vanilla_pj");
    A.result(Spiking, "pJ spiking", At + "/spiking_pj");
    A.result(Vanilla / Spiking, "vanilla / spiking", At + "/ratio");
    A.result((Vanilla - L * Mac * (2 * T * T * D + 3 * T * T)) / Spiking,
             "without the attention term", At + "/ratio_without_attention");
  }
  A.head(fmt::format("As published: {}",
                     digits(A.number("/synops/paper/published/ratio"))));
}

void explainBaseline(Answer &A, const std::string &) {
  const Json &B = A.S.at("baseline");
  A.Text += "baseline: a dense Transformer of the same size\n";
  if (B.is_null())
    return A.words("There is none: the network states no layers, width or "
                   "vocabulary.");
  definitionOf(A, B);
  const double L = A.number("/model/layers"), D = A.number("/model/width"),
               V = A.number("/model/vocabulary"),
               M = A.number("/baseline/shape/feed_forward_matrices"),
               F = A.number("/baseline/shape/feed_forward_width"),
               S = A.number("/baseline/shape/kv_share"),
               Mac = A.number("/baseline/e_mac_45nm_pj"),
               Int = A.number("/baseline/e_mac_int8_45nm_pj");
  for (size_t I = 0; I < B.at("points").size(); ++I) {
    const std::string At = fmt::format("/baseline/points/{}", I);
    const double C = A.number(At + "/context_tokens");
    A.head(fmt::format("Context {} tokens (point `{}`)", digits(C),
                       B.at("points").at(I).at("point").get<std::string>()));
    A.line(fmt::format("MACs per token = L ((2 + 2 s) d^2 + m d f + 2 c d) + "
                       "V d, L {}, d {}, V {}, m {}, f {}, s {}",
                       digits(L), digits(D), digits(V), digits(M), digits(F),
                       digits(S)));
    const double Macs =
        L * ((2 + 2 * S) * D * D + M * D * F + 2 * C * D) + V * D;
    A.result(Macs, "MAC", At + "/macs_per_token/total");
    A.line("KV cache read per token = 2 L c d s bytes");
    A.result(2 * L * C * D * S, "bytes", At + "/kv_bytes_read_per_token");
    A.line(fmt::format("45 nm = MACs x {} pJ; of 8-bit integers x {} pJ",
                       digits(Mac), digits(Int)));
    A.result(Macs * Mac, "pJ", At + "/energy_45nm_pj_per_token");
    A.result(Macs * Int, "pJ", At + "/energy_45nm_int8_pj_per_token");
    A.line("on this chip, dynamic = synapses + neurons + traffic");
    const std::string Chip = At + "/on_this_chip_pj_per_token/";
    double Sum = 0;
    for (const char *Part : {"synapses", "neurons", "traffic"}) {
      Sum += A.number(Chip + Part + "/nominal");
      A.line(fmt::format("  {:<10} {} pJ", Part,
                         rangeDigits(A.S.at(Json::json_pointer(Chip + Part)))));
    }
    A.result(Sum, "pJ", Chip + "dynamic/nominal");
  }
  A.Text += "\n";
  if (B.contains("on_this_chip_definition"))
    A.words(B.at("on_this_chip_definition").get<std::string>());
}

} // namespace synfire::report
