//===- simulator/baselines/Transformer.h - Work of a dense token -*- C++
//-*-===//
//
// A decoder-only Transformer, its feed-forward part 4d wide, with a KV cache,
// untied embedding and head. It has no trained weights and needs none: what a
// token costs follows from its sizes. Softmax, norms and activation functions
// are not counted, in the Transformer's favour.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_BASELINES_TRANSFORMER_H
#define SYNFIRE_SIMULATOR_BASELINES_TRANSFORMER_H

namespace synfire::baselines {

/// Multiply-accumulates per token, by part.
struct DenseMacs {
  double Projections = 0; ///< 4 L d^2: query, key, value, output
  double Attention = 0;   ///< 2 L c d at context length c
  double FeedForward = 0; ///< 8 L d^2
  double Head = 0;        ///< V d

  double total() const { return Projections + Attention + FeedForward + Head; }
};

struct Transformer {
  double Layers = 0;     ///< L
  double Width = 0;      ///< d
  double Vocabulary = 0; ///< V
  /// Key and value channels held per channel of the width: 1, or less when
  /// query heads share them (grouped-query attention).
  double KvShare = 1;

  double parameters() const {
    return 12 * Layers * Width * Width + 2 * Vocabulary * Width;
  }
  /// Weights that one token needs: all but the embedding, of which it looks up
  /// one row.
  double weightsRead() const {
    return parameters() - Vocabulary * Width + Width;
  }
  /// Values of the cache that a token at context \p C reads, and that a
  /// sequence of that length occupies.
  double kvRead(double C) const { return 2 * Layers * C * Width * KvShare; }
  double kvWritten() const { return kvRead(1); }
  DenseMacs macs(double C) const {
    double Square = Layers * Width * Width;
    return {4 * Square, 2 * Layers * C * Width, 8 * Square, Vocabulary * Width};
  }
};

} // namespace synfire::baselines

#endif // SYNFIRE_SIMULATOR_BASELINES_TRANSFORMER_H
