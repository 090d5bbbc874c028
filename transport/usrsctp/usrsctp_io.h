#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "transport/message_assembler.h"
#include "transport/send_queue.h"
#include "transport/usrsctp/usrsctp_socket.h"

namespace mayfly {

// What one read of a socket gave. Views into a buffer that the next read overwrites.
struct NothingToRead {};
struct EndOfStream {};  // the peer is gone, in good order or not
struct ReadFailed {};   // the association is; what it left may still be read
struct NotificationPart {
  ByteView bytes;
  bool ends = false;
};
using ReadResult =
    std::variant<NothingToRead, EndOfStream, ReadFailed, NotificationPart, MessagePiece>;
[[nodiscard]] ReadResult read_from(RawSocket& socket);

enum class SendResult : uint8_t {
  Taken,    // all of it
  Full,     // nothing of it; later perhaps
  Refused,  // nothing of it, nor ever: a stream the peer does not have
};
// `token` comes back in ChunkAbandoned.
[[nodiscard]] SendResult send_to_stack(RawSocket& socket, const OutgoingMessage& outgoing,
                                       uint32_t token);
// Sends the SHUTDOWN once everything the stack has is acknowledged.
void shut_down(RawSocket& socket);
// Sends an ABORT with the reason; the socket is then of no more use.
void abort_association(RawSocket& socket, const std::string& reason);

}  // namespace mayfly
