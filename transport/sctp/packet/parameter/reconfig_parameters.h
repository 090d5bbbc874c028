#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/bytes.h"
#include "core/ids.h"
#include "transport/sctp/packet/tlv.h"
#include "transport/sctp/packet/types.h"
#include "transport/sctp/packet/wire_list.h"
#include "transport/sctp/packet/wire_records.h"

// The parameters of RE-CONFIG (RFC 6525 4). Their lists of streams are borrowed: views of the
// packet or of the list they are made from. An empty list of streams means all of them.
namespace mayfly::sctp {

// The sender resets streams that it sends on (RFC 6525 4.1): its next message of each has number 0.
struct OutgoingResetRequest {
  ReconfigSequence sequence{};
  ReconfigSequence response_to{};  // the incoming request that this answers, or the last seen
  Tsn last_tsn{};                  // the last that the sender gave to data before the reset
  WireList<StreamId> streams{};

  friend bool operator==(const OutgoingResetRequest&, const OutgoingResetRequest&) = default;
};

// The sender asks the other side to reset streams that it sends on (RFC 6525 4.2).
struct IncomingResetRequest {
  ReconfigSequence sequence{};
  WireList<StreamId> streams{};

  friend bool operator==(const IncomingResetRequest&, const IncomingResetRequest&) = default;
};

// The sender asks to reset all streams both ways, and the TSNs (RFC 6525 4.3).
struct SsnTsnResetRequest {
  ReconfigSequence sequence{};

  friend bool operator==(const SsnTsnResetRequest&, const SsnTsnResetRequest&) = default;
};

// RFC 6525 4.4.
enum class ReconfigResult : uint32_t {
  NothingToDo = 0,
  Performed = 1,
  Denied = 2,
  WrongSsn = 3,
  AlreadyInProgress = 4,
  BadSequenceNumber = 5,
  InProgress = 6,
};

// Answers a request (RFC 6525 4.4). The TSNs come with the answer to an SsnTsnResetRequest alone.
struct ReconfigResponse {
  struct NextTsns {
    Tsn sender;
    Tsn receiver;

    friend bool operator==(const NextTsns&, const NextTsns&) = default;
  };

  ReconfigSequence response_to{};
  ReconfigResult result = ReconfigResult::NothingToDo;  // any number parses
  std::optional<NextTsns> next_tsns{};

  friend bool operator==(const ReconfigResponse&, const ReconfigResponse&) = default;
};

// The sender wants to send on more streams (RFC 6525 4.5).
struct AddOutgoingStreams {
  ReconfigSequence sequence{};
  uint16_t count = 0;

  friend bool operator==(const AddOutgoingStreams&, const AddOutgoingStreams&) = default;
};

// The sender asks the other side to send on more streams (RFC 6525 4.6).
struct AddIncomingStreams {
  ReconfigSequence sequence{};
  uint16_t count = 0;

  friend bool operator==(const AddIncomingStreams&, const AddIncomingStreams&) = default;
};

using ReconfigParameter =
    std::variant<OutgoingResetRequest, IncomingResetRequest, SsnTsnResetRequest, ReconfigResponse,
                 AddOutgoingStreams, AddIncomingStreams>;

// RFC 6525 3.1 allows one parameter, or two in certain pairs.
inline constexpr size_t kMaxReconfigParameters = 2;

// Nothing when one is cut off, not as long as its type asks, or of a type that has no place here,
// or when there are none or more than two, or two that may not stand together (RFC 6525 3.1).
[[nodiscard]] std::optional<std::vector<ReconfigParameter>> parse_reconfig_parameters(
    ByteView parameters);
void write_reconfig_parameter(TlvWriter& tlvs, const ReconfigParameter& parameter);
[[nodiscard]] Bytes serialize(const std::vector<ReconfigParameter>& parameters);

[[nodiscard]] std::string to_string(const ReconfigParameter& parameter);

}  // namespace mayfly::sctp
