#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/bytes.h"
#include "core/ids.h"
#include "core/units.h"
#include "transport/sctp/packet/chunk.h"
#include "transport/sctp/packet/tlv.h"
#include "transport/sctp/packet/types.h"

// Error causes (RFC 9260 3.3.10), the contents of ABORT and ERROR chunks. All of a list's causes
// are TlvViews; their type is the cause code.
namespace mayfly::sctp {

// A cause's code may be any 16 bits; these have a name.
enum class CauseCode : uint16_t {
  InvalidStreamIdentifier = 1,           // RFC 9260 3.3.10.1
  MissingMandatoryParameter = 2,         // RFC 9260 3.3.10.2
  StaleCookie = 3,                       // RFC 9260 3.3.10.3
  OutOfResource = 4,                     // RFC 9260 3.3.10.4
  UnresolvableAddress = 5,               // RFC 9260 3.3.10.5
  UnrecognizedChunkType = 6,             // RFC 9260 3.3.10.6
  InvalidMandatoryParameter = 7,         // RFC 9260 3.3.10.7
  UnrecognizedParameters = 8,            // RFC 9260 3.3.10.8
  NoUserData = 9,                        // RFC 9260 3.3.10.9
  CookieReceivedWhileShuttingDown = 10,  // RFC 9260 3.3.10.10
  RestartWithNewAddresses = 11,          // RFC 9260 3.3.10.11
  UserInitiatedAbort = 12,               // RFC 9260 3.3.10.12
  ProtocolViolation = 13,                // RFC 9260 3.3.10.13
  DeletionOfLastAddress = 0xa0,          // RFC 5061 4.3.1
  ResourceShortage = 0xa1,               // RFC 5061 4.3.2
  DeletionOfSourceAddress = 0xa2,        // RFC 5061 4.3.3
  IllegalAsconfAck = 0xa3,               // RFC 5061 4.3.4
  NoAuthorization = 0xa4,                // RFC 5061 4.3.5
  UnsupportedHmac = 0x105,               // RFC 4895 4
};

// "protocol violation"; "cause 200" for one that has no name.
[[nodiscard]] std::string to_string(CauseCode code);
// For people: the code, and what the cause says beside it where that can be read. What a peer wrote
// is shown without its control characters.
[[nodiscard]] std::string cause_text(const TlvView& cause);
// The causes of a chunk, with commas, as far as people read; "no reason given" when there is none.
[[nodiscard]] std::string causes_text(ByteView causes);
// What its program said to the one who aborted us, if that is what the chunk holds.
[[nodiscard]] std::optional<std::string> user_abort_text(ByteView causes);
[[nodiscard]] bool has_cause(ByteView causes, CauseCode code);

// Writes causes one after another to a list that it borrows, for ABORT or ERROR. Texts and echoed
// chunks are cut where a cause could become longer than kMaxEchoBytes: it has to fit a packet.
class CauseWriter {
 public:
  static constexpr size_t kMaxEchoBytes = 1024;

  explicit CauseWriter(Bytes& list) : tlvs_(list) {}

  void invalid_stream_identifier(StreamId stream);
  // Types of the parameters that were missed.
  void missing_mandatory_parameters(std::span<const uint16_t> types);
  // By how much the cookie was too old.
  void stale_cookie(Duration staleness);
  void out_of_resource();
  // `parameter` is the address that was of no use, whole.
  void unresolvable_address(ByteView parameter);
  void unrecognized_chunk(const ChunkView& chunk);
  void invalid_mandatory_parameter();
  // `parameters` as they came, padded between each other.
  void unrecognized_parameters(ByteView parameters);
  void no_user_data(Tsn tsn);
  void cookie_received_while_shutting_down();
  // `addresses` are address parameters, padded between each other.
  void restart_with_new_addresses(ByteView addresses);
  void user_initiated_abort(std::string_view reason);
  void protocol_violation(std::string_view what);

 private:
  void add(CauseCode code, ByteView value);

  TlvWriter tlvs_;
};

// What a cause says beside its code; nothing when it is of another code or too short.
[[nodiscard]] std::optional<StreamId> invalid_stream_of(const TlvView& cause);
[[nodiscard]] std::optional<Duration> staleness_of(const TlvView& cause);
[[nodiscard]] std::optional<Tsn> empty_data_of(const TlvView& cause);

}  // namespace mayfly::sctp
