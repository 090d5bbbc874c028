#include "transport/kernel/sctp_event.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <array>
#include <cstring>

namespace mayfly {
namespace {

// Notifications as Linux writes them, in the machine's byte order: type, flags, length, and so on.
class Notification {
 public:
  template <class T>
  Notification& add(T value) {
    std::array<std::byte, sizeof(T)> bytes{};
    std::memcpy(bytes.data(), &value, sizeof(T));
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    return *this;
  }
  Notification& add_text(std::string_view text) {
    const ByteView view = as_bytes(text);
    bytes_.insert(bytes_.end(), view.begin(), view.end());
    return *this;
  }
  [[nodiscard]] const Bytes& bytes() const { return bytes_; }

 private:
  Bytes bytes_;
};

constexpr uint16_t kAssociationChange = 0x8001;
constexpr uint16_t kPathChange = 0x8002;
constexpr uint16_t kRemoteError = 0x8004;
constexpr uint16_t kShutdown = 0x8005;
constexpr uint16_t kPartialDelivery = 0x8006;
constexpr uint16_t kAuthentication = 0x8008;
constexpr uint16_t kSenderDry = 0x8009;
constexpr uint16_t kStreamsReset = 0x800a;
constexpr uint16_t kAssociationReset = 0x800b;
constexpr uint16_t kStreamsChanged = 0x800c;
constexpr uint16_t kSendFailed = 0x800d;

Notification association_change(uint16_t state) {
  Notification notification;
  notification.add(kAssociationChange).add(uint16_t{0}).add(uint32_t{20});
  notification.add(state).add(uint16_t{0}).add(uint16_t{16}).add(uint16_t{10}).add(int32_t{4});
  return notification;
}

TEST(SctpEventTest, ReadsWhatHappensToTheAssociation) {
  EXPECT_EQ(parse_sctp_event(association_change(0).bytes()), SctpEvent(AssociationUp{16}));
  EXPECT_EQ(parse_sctp_event(association_change(1).bytes()), SctpEvent(AssociationLost{}));
  EXPECT_EQ(parse_sctp_event(association_change(2).bytes()), SctpEvent(AssociationRestarted{}));
  EXPECT_EQ(parse_sctp_event(association_change(3).bytes()), SctpEvent(ShutdownComplete{}));
  EXPECT_EQ(parse_sctp_event(association_change(4).bytes()), SctpEvent(AssociationLost{}));
}

TEST(SctpEventTest, ReadsThePeersReasonAndMakesItPrintable) {
  Notification aborted = association_change(1);
  // Another cause first, padded to four bytes (RFC 9260 3.3.10).
  aborted.add_text(std::string_view("\0\x08\0\x05?\0\0\0", 8));
  aborted.add_text(std::string_view("\0\x0c\0\x10", 4)).add_text("no\x1b[2Jmore!!x");

  EXPECT_EQ(parse_sctp_event(aborted.bytes()), SctpEvent(AssociationLost{true, "no?[2Jmore!!"}));
}

TEST(SctpEventTest, ReadsAReasonThatIsCutShort) {
  Notification aborted = association_change(1);
  aborted.add_text(std::string_view("\0\x0c\x40\0", 4)).add_text("bye");

  EXPECT_EQ(parse_sctp_event(aborted.bytes()), SctpEvent(AssociationLost{true, "bye"}));
}

TEST(SctpEventTest, ReadsWhichChunkWasGivenUp) {
  Notification failed;
  failed.add(kSendFailed).add(uint16_t{1}).add(uint32_t{32}).add(uint32_t{0});
  failed.add(uint16_t{2}).add(uint16_t{0}).add(uint32_t{51}).add(uint32_t{77}).add(int32_t{4});
  failed.add(int32_t{4}).add_text("payload");

  EXPECT_EQ(parse_sctp_event(failed.bytes()), SctpEvent(ChunkAbandoned{77, Abandonment::Sent}));
}

TEST(SctpEventTest, ReadsTheOtherEvents) {
  Notification aborted;
  aborted.add(kPartialDelivery).add(uint16_t{4}).add(uint32_t{24}).add(uint32_t{0});
  aborted.add(int32_t{4}).add(uint32_t{7}).add(uint32_t{3});

  EXPECT_EQ(parse_sctp_event(aborted.bytes()),
            SctpEvent(PartialDeliveryAborted{StreamId(7), false}));
  EXPECT_EQ(parse_sctp_event(Notification().add(kShutdown).bytes()), SctpEvent(PeerShuttingDown{}));
  EXPECT_EQ(parse_sctp_event(Notification().add(kSenderDry).bytes()), SctpEvent(SenderDry{}));
}

// 10.0.0.2:9899, as Linux writes it on an IPv4 socket.
Notification path_change(int32_t state) {
  Notification notification;
  notification.add(kPathChange).add(uint16_t{0}).add(uint32_t{148});
  notification.add(uint16_t{2}).add(htons(9899)).add(htonl(0x0a000002));
  for (int i = 0; i < 120 / 4; ++i) notification.add(uint32_t{0});
  notification.add(state).add(int32_t{0}).add(int32_t{4});
  return notification;
}

TEST(SctpEventTest, ReadsWhatHappensToPaths) {
  constexpr std::array kKinds = {
      TransportEventKind::PathReachable,        TransportEventKind::PathUnreachable,
      TransportEventKind::PathRemoved,          TransportEventKind::PathAdded,
      TransportEventKind::PathMadePrimary,      TransportEventKind::PathConfirmed,
      TransportEventKind::PathPotentiallyFailed};
  for (size_t state = 0; state < kKinds.size(); ++state) {
    const TransportEvent wanted{.kind = kKinds[state], .address = "10.0.0.2:9899"};
    EXPECT_EQ(parse_sctp_event(path_change(static_cast<int32_t>(state)).bytes()),
              SctpEvent(wanted));
  }
  EXPECT_EQ(parse_sctp_event(path_change(7).bytes()), SctpEvent(OtherSctpEvent{}));
  EXPECT_EQ(parse_sctp_event(path_change(-1).bytes()), SctpEvent(OtherSctpEvent{}));
}

TEST(SctpEventTest, ReadsWhatHappensToStreams) {
  Notification reset;
  reset.add(kStreamsReset).add(uint16_t{1}).add(uint32_t{16}).add(int32_t{4});
  reset.add(uint16_t{1}).add(uint16_t{3}).add(std::byte{9});
  EXPECT_EQ(parse_sctp_event(reset.bytes()),
            SctpEvent(TransportEvent{.kind = TransportEventKind::StreamsReset,
                                     .detail = "incoming done: 1 3"}));
  Notification denied;
  denied.add(kStreamsReset).add(uint16_t{2 | 4}).add(uint32_t{12}).add(int32_t{4});
  EXPECT_EQ(parse_sctp_event(denied.bytes()),
            SctpEvent(TransportEvent{.kind = TransportEventKind::StreamsReset,
                                     .detail = "outgoing denied: all"}));
  Notification changed;
  changed.add(kStreamsChanged).add(uint16_t{0}).add(uint32_t{16}).add(int32_t{4});
  changed.add(uint16_t{2}).add(uint16_t{0});
  EXPECT_EQ(parse_sctp_event(changed.bytes()),
            SctpEvent(TransportEvent{.kind = TransportEventKind::StreamsChanged,
                                     .detail = "done: 2 incoming, 0 outgoing"}));
  Notification anew;
  anew.add(kAssociationReset).add(uint16_t{8}).add(uint32_t{20}).add(int32_t{4});
  anew.add(uint32_t{1}).add(uint32_t{2});
  EXPECT_EQ(
      parse_sctp_event(anew.bytes()),
      SctpEvent(TransportEvent{.kind = TransportEventKind::AssociationReset, .detail = "failed"}));
}

TEST(SctpEventTest, TellsOfTheFirstStreamsOfAResetOnly) {
  Notification reset;
  reset.add(kStreamsReset).add(uint16_t{1}).add(uint32_t{0}).add(int32_t{4});
  for (int i = 0; i < 20'000; ++i) reset.add(uint16_t{65'535});

  const SctpEvent event = parse_sctp_event(reset.bytes());

  EXPECT_LT(std::get<TransportEvent>(event).detail.size(), 130U);
}

TEST(SctpEventTest, ReadsKeysAndComplaints) {
  const auto key_change = [](uint32_t indication) {
    Notification notification;
    notification.add(kAuthentication).add(uint16_t{0}).add(uint32_t{20});
    notification.add(uint16_t{7}).add(uint16_t{0}).add(indication).add(int32_t{4});
    return std::get<TransportEvent>(parse_sctp_event(notification.bytes()));
  };
  EXPECT_EQ(key_change(0),
            (TransportEvent{.kind = TransportEventKind::Authentication, .detail = "key 7 in use"}));
  EXPECT_EQ(key_change(1).detail, "key 7 not needed");
  EXPECT_EQ(key_change(2).detail, "the peer does not authenticate");

  Notification complaint;
  complaint.add(kRemoteError).add(uint16_t{0}).add(uint32_t{20});
  complaint.add(htons(6)).add(uint16_t{0}).add(int32_t{4}).add_text("\x1b[2J");
  EXPECT_EQ(
      parse_sctp_event(complaint.bytes()),
      SctpEvent(TransportEvent{.kind = TransportEventKind::RemoteError, .detail = "cause 6"}));
}

TEST(SctpEventTest, TellsTheOperatorWhatMattersToHim) {
  EXPECT_EQ(transport_event(PeerShuttingDown{})->kind, TransportEventKind::PeerShutdown);
  EXPECT_EQ(transport_event(AssociationRestarted{})->kind,
            TransportEventKind::AssociationRestarted);
  EXPECT_EQ(
      transport_event(PartialDeliveryAborted{StreamId(7), true}),
      (TransportEvent{.kind = TransportEventKind::PartialDeliveryAborted, .stream = StreamId(7)}));
  EXPECT_FALSE(transport_event(ChunkAbandoned{}));
  EXPECT_FALSE(transport_event(SenderDry{}));
}

TEST(SctpEventTest, IgnoresWhatIsCutShortOrUnknown) {
  for (const Bytes& whole : {association_change(0).bytes(), path_change(1).bytes()}) {
    for (size_t length = 0; length < whole.size(); ++length) {
      EXPECT_EQ(parse_sctp_event(ByteView(whole).first(length)), SctpEvent(OtherSctpEvent{}));
    }
  }
  EXPECT_EQ(parse_sctp_event(Notification().add(uint16_t{0x80ff}).bytes()),
            SctpEvent(OtherSctpEvent{}));
  EXPECT_EQ(parse_sctp_event(association_change(99).bytes()), SctpEvent(OtherSctpEvent{}));
}

}  // namespace
}  // namespace mayfly
