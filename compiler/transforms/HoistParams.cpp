//===- HoistParams.cpp - Arithmetic on params done at compile time --------===//

#include "compiler/transforms/Passes.h"
#include "compiler/transforms/PopulationEdit.h"

#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/SetVector.h"

namespace synfire::compiler {
#define GEN_PASS_DEF_HOISTPARAMS
#include "compiler/transforms/Passes.h.inc"
} // namespace synfire::compiler

using namespace mlir;
using namespace synfire;
using namespace synfire::compiler;
using spike::PopulationOp;

namespace {
/// The values of a program that depend on params and constants only.
class ParamValues {
public:
  explicit ParamValues(PopulationOp P) {
    llvm::DenseSet<Value> Constants;
    for (BlockArgument Arg : P.paramArgs())
      if (Arg.getType().isF32()) // a derive computes from reals
        Known.insert(Arg);
    for (Operation &Op : P.getBody().front().without_terminator()) {
      if (isa<arith::ConstantOp>(Op)) {
        Constants.insert(Op.getResult(0));
        continue;
      }
      bool Fixed = llvm::all_of(Op.getOperands(), [&](Value V) {
        return Known.contains(V) || Constants.contains(V);
      });
      bool Params = llvm::any_of(Op.getOperands(),
                                 [&](Value V) { return Known.contains(V); });
      if (Fixed && Params)
        Known.insert(Op.getResult(0));
    }
  }
  bool contains(Value V) const { return Known.contains(V); }

private:
  llvm::DenseSet<Value> Known;
};

class Hoister {
public:
  explicit Hoister(PopulationOp P) : P(P), Fixed(P), Edit(P) {}

  /// Number of values that became params.
  unsigned run() {
    // The last values of the fixed part: what the rest of the program reads.
    SmallVector<Value> Frontier;
    for (Operation &Op : P.getBody().front().without_terminator()) {
      Value V = Op.getNumResults() ? Op.getResult(0) : Value();
      if (V && V.getType().isF32() && Fixed.contains(V) &&
          llvm::any_of(V.getUsers(), [&](Operation *User) {
            return isa<spike::YieldOp>(User) ||
                   !Fixed.contains(User->getResult(0)) ||
                   // An i1 cannot be a param, so its operands are.
                   !User->getResult(0).getType().isF32();
          }))
        Frontier.push_back(V);
    }
    for (Value V : Frontier)
      Edit.replaceValue(V, Edit.addParam(derive(V)));
    if (!Frontier.empty())
      Edit.finish();
    return Frontier.size();
  }

private:
  PopulationOp P;
  ParamValues Fixed;
  PopulationEdit Edit;

  /// A derive that computes what \p V depends on.
  Value derive(Value V) {
    llvm::SetVector<Operation *> Slice;
    SmallVector<BlockArgument> Args;
    collect(V, Slice, Args);
    int64_t Size = 1;
    SmallVector<Value> Inputs;
    for (BlockArgument Arg : Args) {
      Inputs.push_back(Edit.valueOf(Arg));
      Size = std::max(Size, spike::sizeOf(Inputs.back().getType()));
    }
    OpBuilder B(P);
    auto D = spike::DeriveOp::create(
        B, V.getLoc(), RankedTensorType::get({Size}, B.getF32Type()), Inputs);
    Block &Body = D.getBody().emplaceBlock();
    IRMapping Map;
    for (BlockArgument Arg : Args)
      Map.map(Arg, Body.addArgument(B.getF32Type(), Arg.getLoc()));
    OpBuilder In = OpBuilder::atBlockEnd(&Body);
    for (Operation *Op : Slice)
      In.clone(*Op, Map);
    spike::YieldOp::create(In, V.getLoc(), Map.lookup(V), ValueRange{});
    return D.getValue();
  }

  /// What \p V is computed from, operands first.
  void collect(Value V, llvm::SetVector<Operation *> &Slice,
               SmallVector<BlockArgument> &Args) {
    if (auto Arg = dyn_cast<BlockArgument>(V)) {
      if (!llvm::is_contained(Args, Arg))
        Args.push_back(Arg);
      return;
    }
    if (Slice.contains(V.getDefiningOp()))
      return;
    for (Value Operand : V.getDefiningOp()->getOperands())
      collect(Operand, Slice, Args);
    Slice.insert(V.getDefiningOp());
  }
};

struct HoistParamsPass
    : synfire::compiler::impl::HoistParamsBase<HoistParamsPass> {
  void runOnOperation() override {
    for (auto P : llvm::make_early_inc_range(
             getOperation().getBody().front().getOps<PopulationOp>()))
      NumHoisted += Hoister(P).run();
  }
};
} // namespace
