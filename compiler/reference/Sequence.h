//===- compiler/reference/Sequence.h - The time of a run --------*- C++ -*-===//
//
// Which token and inner step a token step belongs to, what the host tells
// there, and which rows of the memories of attention are there.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_COMPILER_REFERENCE_SEQUENCE_H
#define SYNFIRE_COMPILER_REFERENCE_SEQUENCE_H

#include "compiler/reference/Interpreter.h"
#include "dialects/spike/Spike.h"

#include <cstdint>
#include <vector>

namespace synfire::compiler {

/// Token step s is inner step s % T of token s / T.
class Sequence {
public:
  /// \p Inputs must outlive the object.
  Sequence(spike::NetworkOp Network, const RunInputs &Inputs)
      : Inputs(Inputs), T(static_cast<int64_t>(Network.getSteps())),
        M(static_cast<int64_t>(Network.getPositions().value_or(1))) {
    for (size_t I = 0; I < Inputs.Tokens.size(); ++I) {
      if (Inputs.Valid.empty() || Inputs.Valid[I])
        TokenOfRow.push_back(static_cast<int64_t>(I));
      Seen.push_back(numRows());
    }
  }

  int64_t numTokens() const { return static_cast<int64_t>(Seen.size()); }
  int64_t innerSteps() const { return T; }
  int64_t numSteps() const { return numTokens() * T; }
  int32_t innerOf(int64_t Step) const { return static_cast<int32_t>(Step % T); }
  /// Rows that a memory can have.
  int64_t positions() const { return M; }
  /// Valid tokens of the sequence, and the token that wrote a row.
  int64_t numRows() const { return static_cast<int64_t>(TokenOfRow.size()); }
  int64_t tokenOfRow(int64_t Row) const { return TokenOfRow[Row]; }

  /// Rows that are there in a token step; the first of each memory.
  int64_t rowsThere(spike::Rows Which, int64_t Step) const {
    return Which == spike::Rows::All ? numRows() : Seen[Step / T];
  }

  /// The index of the one event of an input.
  int64_t input(spike::InputRole Role, int64_t Step) const {
    int64_t Token = Step / T;
    if (Role == spike::InputRole::Position)
      return Token;
    if (Role == spike::InputRole::Token)
      return Inputs.Tokens[Token];
    return Inputs.Types.empty() ? 0 : Inputs.Types[Token];
  }
  /// Payloads of the input \p Name of any events: [token, neuron].
  std::span<const int32_t> events(llvm::StringRef Name) const {
    for (const EventInput &E : Inputs.Events)
      if (E.Name == Name)
        return E.Payloads;
    return {};
  }

private:
  RunInputs Inputs;
  int64_t T, M;
  std::vector<int64_t> Seen; ///< rows there, by token
  std::vector<int64_t> TokenOfRow;
};

} // namespace synfire::compiler

#endif // SYNFIRE_COMPILER_REFERENCE_SEQUENCE_H
