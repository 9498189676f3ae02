//===- simulator/noc/Fabric.h - The state of all routers --------*- C++ -*-===//
//
// Private to simulator/noc. Flat arrays of plain records, indexed by physical
// network, router, port and virtual channel in that order.
//
// A flit is written into its place in the buffer of the next router at the
// moment it is granted, with the time of its arrival; the place that it leaves
// gets the time from which the sender may use it again. So neither a flit on a
// wire nor a credit on its way back is an event of its own.
//
//===----------------------------------------------------------------------===//

#ifndef SYNFIRE_SIMULATOR_NOC_FABRIC_H
#define SYNFIRE_SIMULATOR_NOC_FABRIC_H

#include "simulator/noc/Routes.h"
#include "simulator/noc/Wheel.h"

namespace synfire::sim::noc {

/// Which packet, and whether the flit begins or ends it.
inline constexpr uint32_t HeadFlag = uint32_t(1) << 31;
inline constexpr uint32_t TailFlag = uint32_t(1) << 30;
inline constexpr uint32_t PacketMask = TailFlag - 1;

/// Place of one flit in a buffer.
struct Slot {
  Tick Arrive = 0;
  Tick Free = 0;       ///< Never while a flit is in it
  uint32_t Packet = 0; ///< with its flags
  uint32_t Way = 0;    ///< of a head: the route from here on (Routes.h)
};

enum class VcState : uint8_t {
  Idle,   ///< no packet
  Head,   ///< a head waits for channels of its outputs
  Active, ///< the packet has them
};

/// A virtual channel of an input.
struct InVc {
  uint32_t FirstSlot = 0;
  uint32_t Sender = 0; ///< OutVc on the other side, or SourceFlag | source
  Tick Since = 0;      ///< when the front flit began to wait
  uint32_t Way = 0;    ///< of the packet in front
  uint16_t Front = 0, Depth = 0;
  VcState State = VcState::Idle;
  uint8_t Out = 0;          ///< output port; the first of several
  uint8_t OutChannel = 0;   ///< the virtual channel that it has there
  uint8_t Class = 0;        ///< of the channels it may take there (Routes.h)
  bool Branches = false;    ///< several outputs: see BranchState
  bool SenderWaits = false; ///< wants to know when the front is gone
  uint32_t Router = 0;
};
inline constexpr uint32_t SourceFlag = uint32_t(1) << 31;

/// Sending side of a virtual channel: one of an output, or of a source.
struct OutVc {
  uint32_t FirstSlot = 0;
  uint32_t Receiver = None; ///< InVc; None: a sink
  uint32_t Owner = None;    ///< InVc whose packet it carries
  uint16_t Back = 0, Depth = 0;
  Tick HeadAt = 0; ///< of a sink: arrival of the packet's head
};

/// A packet that leaves a router by several outputs.
struct BranchState {
  uint32_t Ports = 0;   ///< all
  uint32_t Waiting = 0; ///< the front flit has still to go there
  uint32_t Blocked = 0; ///< of these: no buffer or no wire yet
};

struct OutPort {
  Tick Ready = 0;    ///< the wire is taken until then
  Tick LastSend = 0; ///< when the last flit left the switch
  uint32_t Latency = 0, Gap = 1;
  uint32_t Link = None; ///< of Topology::links(); None: a sink or nothing
  uint32_t Node = None; ///< of a sink
  uint32_t Free = 0;    ///< virtual channels without a packet
};

struct SourceState {
  uint32_t First = None, Last = None; ///< queue of injections
  uint32_t Left = 0;                  ///< flits of the first still to be sent
  Tick Ready = 0;                     ///< the port is taken until then
  uint8_t LastChannel = 0, Channel = 0;
  bool Fresh = true;    ///< has not sent anything yet
  bool Sending = false; ///< has a channel for its first packet
  Tick WakeAt = Never;  ///< its event that counts
  uint32_t FirstVc = 0; ///< OutVc
};

/// Everything of a network but the tables of routes.
struct Fabric {
  explicit Fabric(const Topology &Graph);

  uint32_t Ports = 0, Channels = 0; ///< strides
  uint32_t PerNetwork = 0;          ///< routers
  uint32_t Networks = 0;
  std::vector<Slot> Slots;
  std::vector<InVc> Ins;         ///< router, port, channel
  std::vector<OutVc> Outs;       ///< the same; then the sources
  std::vector<OutPort> OutPorts; ///< router, port
  std::vector<Tick> CreditDelay; ///< per router and input port
  std::vector<SourceState> Sources;
  std::vector<BranchState> Branches;  ///< as Ins; empty until needed
  std::vector<uint8_t> BranchChannel; ///< InVc x port: channel held there
  uint32_t Horizon = 0;               ///< longest delay of an event

  uint32_t numRouters() const { return Networks * PerNetwork; }
  void needBranches();
  /// Makes every slot free again: for a new epoch, or after a deadlock.
  void clear();

private:
  void connect(uint32_t Out, uint32_t Depth, uint32_t Receiver);
};

} // namespace synfire::sim::noc

#endif // SYNFIRE_SIMULATOR_NOC_FABRIC_H
