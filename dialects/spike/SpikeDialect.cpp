//===- SpikeDialect.cpp - Registration and types of the dialect -----------===//

#include "dialects/spike/Spike.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace synfire::spike;

#include "dialects/spike/SpikeDialect.cpp.inc"
#include "dialects/spike/SpikeEnums.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "dialects/spike/SpikeTypes.cpp.inc"

void SpikeDialect::initialize() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "dialects/spike/SpikeTypes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialects/spike/SpikeOps.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// !spike.events
//===----------------------------------------------------------------------===//

/// `<768 x signed<8>>`
Type EventsType::parse(AsmParser &Parser) {
  int64_t Size = 0;
  unsigned Bits = 0;
  StringRef Keyword;
  SMLoc Loc = Parser.getCurrentLocation();
  SmallVector<int64_t> Shape;
  if (Parser.parseLess() ||
      Parser.parseDimensionList(Shape, /*allowDynamic=*/false) ||
      Parser.parseKeyword(&Keyword))
    return {};
  if (Shape.size() != 1) {
    Parser.emitError(Loc, "events have one dimension");
    return {};
  }
  Size = Shape.front();
  std::optional<EventKind> Kind = symbolizeEventKind(Keyword);
  if (!Kind) {
    Parser.emitError(
        Loc,
        "expected binary, ternary, signed, unsigned, unary or planes, got '")
        << Keyword << "'";
    return {};
  }
  switch (*Kind) {
  case EventKind::Binary:
    Bits = 1;
    break;
  case EventKind::Ternary:
    Bits = 2;
    break;
  case EventKind::Signed:
  case EventKind::Unsigned:
  case EventKind::Unary:
  case EventKind::Planes:
    if (Parser.parseLess() || Parser.parseInteger(Bits) ||
        Parser.parseGreater())
      return {};
  }
  if (Parser.parseGreater())
    return {};
  return Parser.getChecked<EventsType>(Loc, Parser.getContext(), Size, *Kind,
                                       Bits);
}

void EventsType::print(AsmPrinter &Printer) const {
  Printer << "<" << getSize() << "x" << stringifyEventKind(getKind());
  if (getKind() != EventKind::Binary && getKind() != EventKind::Ternary)
    Printer << "<" << getBits() << ">";
  Printer << ">";
}

LogicalResult EventsType::verify(function_ref<InFlightDiagnostic()> EmitError,
                                 int64_t Size, EventKind Kind, unsigned Bits) {
  if (Size < 1)
    return EmitError() << "events-1: size is " << Size
                       << ", must be at least 1";
  unsigned Least = Kind == EventKind::Signed ? 2 : 1;
  bool Graded = Kind != EventKind::Binary && Kind != EventKind::Ternary;
  if (Graded && (Bits < Least || Bits > 32))
    return EmitError() << "events-2: payload width is " << Bits
                       << " bits, must be " << Least << " to 32";
  return success();
}

int64_t EventsType::minPayload() const {
  switch (getKind()) {
  case EventKind::Binary:
  case EventKind::Unsigned:
  case EventKind::Unary:
  case EventKind::Planes:
    return 0;
  case EventKind::Ternary:
    return -1;
  case EventKind::Signed:
    return -(int64_t(1) << (getBits() - 1));
  }
  llvm_unreachable("all kinds handled");
}

int64_t EventsType::maxPayload() const {
  switch (getKind()) {
  case EventKind::Binary:
  case EventKind::Ternary:
    return 1;
  case EventKind::Unsigned:
  case EventKind::Unary:
  case EventKind::Planes:
    return (int64_t(1) << getBits()) - 1;
  case EventKind::Signed:
    return (int64_t(1) << (getBits() - 1)) - 1;
  }
  llvm_unreachable("all kinds handled");
}
