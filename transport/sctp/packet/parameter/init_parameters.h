#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/bytes.h"
#include "core/units.h"
#include "transport/ip_endpoint.h"
#include "transport/sctp/packet/chunk.h"
#include "transport/sctp/packet/parameter/parameter_type.h"
#include "transport/sctp/packet/tlv.h"
#include "transport/sctp/packet/wire_list.h"
#include "transport/sctp/packet/wire_records.h"

namespace mayfly::sctp {

// Another way to find errors than the checksum, that the sender of ZeroChecksumAcceptable can rely
// on (RFC 9653 7.2).
inline constexpr uint32_t kSctpOverDtls = 1;

// More addresses than this of one peer are not kept: each costs heartbeats. RFC 9260 sets no bound;
// hosts have a handful.
inline constexpr size_t kMaxPeerAddresses = 16;
// More parameters than this that we do not know are not told back to a peer.
inline constexpr size_t kMaxReportedParameters = 16;

// What the parameters of an INIT or INIT ACK say (RFC 9260 3.3.2.1, 3.3.3.1 and the RFCs beside the
// fields). All views are of the chunk, and must not outlive it.
struct InitParameters {
  std::vector<IpEndpoint> addresses{};     // with port 0; at most kMaxPeerAddresses, each once
  std::optional<ByteView> state_cookie{};  // INIT ACK only, where it must be
  bool has_host_name = false;              // ends the set-up: Unresolvable Address
  ByteView host_name{};                    // the whole parameter, for that cause
  bool is_ecn_capable = false;
  bool supports_forward_tsn = false;                // said by the parameter or the extension
  WireList<ChunkType> supported_extensions{};       // RFC 5061 4.2.7
  std::optional<uint32_t> adaptation_indication{};  // RFC 5061 4.2.6
  std::optional<uint32_t> zero_checksum_method{};   // RFC 9653 4
  // The peer's parameters that we do not know and whose type asks for a report, each whole.
  std::vector<ByteView> to_report{};

  // Nothing when a parameter is cut off or has a length that its type does not allow; then the
  // chunk is to be refused with a protocol violation.
  [[nodiscard]] static std::optional<InitParameters> parse(ByteView parameters);

  [[nodiscard]] bool supports(ChunkType extension) const;
};

// Writes the parameters of an INIT or INIT ACK one after another to a list that it borrows.
class InitParameterWriter {
 public:
  explicit InitParameterWriter(Bytes& list) : tlvs_(list) {}

  void address(const IpEndpoint& address);  // without its port
  void state_cookie(ByteView cookie);
  // One parameter of the peer's INIT, whole, that was not understood.
  void unrecognized(ByteView parameter);
  void forward_tsn_supported();
  void supported_extensions(const WireList<ChunkType>& chunks);
  void adaptation_indication(uint32_t indication);
  void zero_checksum_acceptable(uint32_t method);

 private:
  TlvWriter tlvs_;
};

}  // namespace mayfly::sctp
