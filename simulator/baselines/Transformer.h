//===- simulator/baselines/Transformer.h - Work of a dense token -*- C++
//-*-===//
//
// A Transformer with a KV cache, untied embedding and head; its feed-forward
// part is 4d wide unless its width is known. It has no trained weights and
// needs none: what a token costs follows from its sizes. Softmax, norms and
// activation functions are not counted, in the Transformer's favour. An encoder
// is the same work: every token looks at all of its sequence.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_BASELINES_TRANSFORMER_H
#define SYNFIRE_SIMULATOR_BASELINES_TRANSFORMER_H

namespace synfire::baselines {

/// Multiply-accumulates per token, by part.
struct DenseMacs {
  double Projections = 0; ///< 4 L d^2: query, key, value, output
  double Attention = 0;   ///< 2 L c d at context length c
  double FeedForward = 0; ///< 8 L d^2, or m L d f
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
  /// f; 0: not known, 4d is taken and every projection is d x d.
  double Hidden = 0;
  /// m, matrices of d x f in the feed-forward part: 3 when it is gated.
  double Matrices = 2;

  double projections() const {
    return (Hidden > 0 ? 2 + 2 * KvShare : 4) * Layers * Width * Width;
  }
  double feedForward() const {
    return Matrices * Layers * Width * (Hidden > 0 ? Hidden : 4 * Width);
  }
  double parameters() const {
    return projections() + feedForward() + 2 * Vocabulary * Width;
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
    return {projections(), 2 * Layers * C * Width, feedForward(),
            Vocabulary * Width};
  }
};

} // namespace synfire::baselines

#endif // SYNFIRE_SIMULATOR_BASELINES_TRANSFORMER_H
