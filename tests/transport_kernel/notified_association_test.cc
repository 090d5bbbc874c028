#include "transport/kernel/notified_association.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/sctp.h>

#include <cstring>

namespace mayfly {
namespace {

template <class Notification>
Bytes bytes_of(const Notification& notification) {
  Bytes bytes(sizeof(notification));
  std::memcpy(bytes.data(), &notification, sizeof(notification));
  return bytes;
}

TEST(NotifiedAssociationTest, ReadsTheIdOfEveryNotification) {
  sctp_assoc_change change{};
  change.sac_type = SCTP_ASSOC_CHANGE;
  change.sac_assoc_id = 11;
  sctp_paddr_change path{};
  path.spc_type = SCTP_PEER_ADDR_CHANGE;
  path.spc_assoc_id = 12;
  sctp_send_failed_event failed{};
  failed.ssf_type = SCTP_SEND_FAILED_EVENT;
  failed.ssf_assoc_id = 13;
  sctp_shutdown_event shutdown{};
  shutdown.sse_type = SCTP_SHUTDOWN_EVENT;
  shutdown.sse_assoc_id = 14;
  sctp_pdapi_event partial{};
  partial.pdapi_type = SCTP_PARTIAL_DELIVERY_EVENT;
  partial.pdapi_assoc_id = 15;
  sctp_sender_dry_event dry{};
  dry.sender_dry_type = SCTP_SENDER_DRY_EVENT;
  dry.sender_dry_assoc_id = 16;
  sctp_stream_change_event streams{};
  streams.strchange_type = SCTP_STREAM_CHANGE_EVENT;
  streams.strchange_assoc_id = 17;

  int32_t expected = 11;
  for (const Bytes& each : {bytes_of(change), bytes_of(path), bytes_of(failed), bytes_of(shutdown),
                            bytes_of(partial), bytes_of(dry), bytes_of(streams)}) {
    EXPECT_EQ(notified_association(each), AssociationId(expected++));
  }
}

TEST(NotifiedAssociationTest, ReadsNothingFromWhatIsCutShortOrUnknown) {
  sctp_assoc_change change{};
  change.sac_type = SCTP_ASSOC_CHANGE;
  change.sac_assoc_id = 11;
  const Bytes whole = bytes_of(change);
  for (size_t length = 0; length < whole.size(); ++length) {
    EXPECT_EQ(notified_association(ByteView(whole).first(length)), std::nullopt);
  }
  Bytes unknown(64, std::byte{0xff});
  EXPECT_EQ(notified_association(unknown), std::nullopt);
}

}  // namespace
}  // namespace mayfly
