#include "transport/usrsctp/usrsctp_io.h"

#include <usrsctp.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace mayfly {
namespace {

constexpr size_t kReadBytes = 64 << 10;

sctp_sendv_spa send_parameters(const OutgoingMessage& outgoing, uint32_t token) {
  sctp_sendv_spa parameters{};
  parameters.sendv_flags = SCTP_SEND_SNDINFO_VALID;
  sctp_sndinfo& info = parameters.sendv_sndinfo;
  info.snd_sid = outgoing.message.stream.value();
  info.snd_flags = outgoing.options.ordered ? 0 : SCTP_UNORDERED;
  info.snd_ppid = htonl(outgoing.message.ppid.value());
  info.snd_context = token;
  sctp_prinfo& reliability = parameters.sendv_prinfo;
  if (outgoing.options.lifetime) {
    parameters.sendv_flags |= SCTP_SEND_PRINFO_VALID;
    reliability.pr_policy = SCTP_PR_SCTP_TTL;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*outgoing.options.lifetime);
    reliability.pr_value = static_cast<uint32_t>(std::clamp<int64_t>(left.count(), 1, UINT32_MAX));
  } else if (outgoing.options.max_retransmissions) {
    parameters.sendv_flags |= SCTP_SEND_PRINFO_VALID;
    reliability.pr_policy = SCTP_PR_SCTP_RTX;
    reliability.pr_value = *outgoing.options.max_retransmissions;
  } else if (outgoing.options.discard_priority) {
    parameters.sendv_flags |= SCTP_SEND_PRINFO_VALID;
    reliability.pr_policy = SCTP_PR_SCTP_BUF;  // its name for the priority policy
    reliability.pr_value = *outgoing.options.discard_priority;
  }
  return parameters;
}

}  // namespace

ReadResult read_from(RawSocket& socket) {
  alignas(8) static thread_local std::array<std::byte, kReadBytes> buffer;
  sctp_rcvinfo info{};
  socklen_t info_size = sizeof info;
  unsigned int info_type = SCTP_RECVV_NOINFO;
  int flags = 0;
  const ssize_t length = usrsctp_recvv(&socket, buffer.data(), buffer.size(), nullptr, nullptr,
                                       &info, &info_size, &info_type, &flags);
  if (length < 0 && errno == EWOULDBLOCK) return NothingToRead{};
  if (length < 0) return ReadFailed{};
  if (length == 0) return EndOfStream{};
  const ByteView bytes(buffer.data(), static_cast<size_t>(length));
  const bool ends = (flags & MSG_EOR) != 0;
  if ((flags & MSG_NOTIFICATION) != 0) return NotificationPart{bytes, ends};
  return MessagePiece{.stream = StreamId(info.rcv_sid),
                      .ordered = (info.rcv_flags & SCTP_UNORDERED) == 0,
                      .ppid = Ppid(ntohl(info.rcv_ppid)),
                      .bytes = bytes,
                      .ends_message = ends};
}

SendResult send_to_stack(RawSocket& socket, const OutgoingMessage& outgoing, uint32_t token) {
  sctp_sendv_spa parameters = send_parameters(outgoing, token);
  const Bytes& payload = outgoing.message.payload;
  const ssize_t sent = usrsctp_sendv(&socket, payload.data(), payload.size(), nullptr, 0,
                                     &parameters, sizeof parameters, SCTP_SENDV_SPA, 0);
  if (sent >= 0) return SendResult::Taken;
  return errno == EINVAL ? SendResult::Refused : SendResult::Full;
}

void shut_down(RawSocket& socket) { usrsctp_shutdown(&socket, SHUT_WR); }

void abort_association(RawSocket& socket, const std::string& reason) {
  sctp_sndinfo info{};
  info.snd_flags = SCTP_ABORT;
  (void)usrsctp_sendv(&socket, reason.data(), reason.size(), nullptr, 0, &info, sizeof info,
                      SCTP_SENDV_SNDINFO, 0);
}

}  // namespace mayfly
