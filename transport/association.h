#pragma once

#include <memory>
#include <string>

#include "core/result.h"
#include "transport/association_stats.h"
#include "transport/message.h"
#include "transport/transport_event.h"

namespace mayfly {

// One SCTP association, whatever stack is under it. All calls and all callbacks are on the loop's
// thread. Messages handed to send() wait in a queue of ours, strictly by priority and then by age,
// until the stack can put them on the wire soon; one that expires in that queue is never sent.
//
// Destroying an open association aborts it (RFC 9260 9.1); nothing is called back after that.
class Association {
 public:
  // Called from the loop, never from inside a call into the association, so an observer may do
  // anything in a callback: send, shut down, or destroy the association.
  class Observer {
   public:
    virtual ~Observer() = default;
    virtual void on_connected() = 0;
    // Whole messages only: partial deliveries have been put together (RFC 6458 6.1.7, MSG_EOR).
    virtual void on_message(Message message) = 0;
    // Once per message that was given up, however many chunks it had.
    virtual void on_message_abandoned(MessageId id, Abandonment what) = 0;
    // What else happened, for logs: the first thing told of an association (before on_connected())
    // is that it is up, and the last before on_closed() how it ended. stats() counts them.
    virtual void on_event(const TransportEvent& event) { static_cast<void>(event); }
    // The send buffer has room again after send() failed with Exhausted, or has drained to its low
    // mark.
    virtual void on_send_buffer_low() = 0;
    // Last call. `reason.code` is Closed when the association was shut down in good order,
    // whichever side began; anything else is a failure and says why.
    virtual void on_closed(const Error& reason) = 0;
  };

  virtual ~Association() = default;

  // Must be set before the loop runs again after connect() or accept; events wait until it is. The
  // observer must outlive the association or be replaced by nullptr first: without one, events
  // wait.
  virtual void set_observer(Observer* observer) = 0;

  // Takes the message, or fails with: Exhausted (send buffer full; on_send_buffer_low() will tell),
  // Closed (not connected any more), InvalidArgument (larger than max_message_bytes(), a stream the
  // peer does not have, an impossible option). Messages sent before on_connected() wait for it;
  // their lifetime runs.
  [[nodiscard]] virtual Result<void> send(Message message, const SendOptions& options) = 0;

  // Gives up every message sent with this id of which nothing was handed to the stack yet; each
  // comes back as abandoned unsent. What the stack already has goes its way. For frames that nobody
  // waits for any more: after a seek, or when another piece of the same frame was abandoned.
  virtual void abandon(MessageId id) = 0;

  // Bytes that send() will still take now without giving anything up for them. A frame of several
  // messages is sent whole or not at all by asking first.
  [[nodiscard]] virtual size_t send_buffer_free() const = 0;
  // The same with what would be given up for messages with these options (discard priorities).
  [[nodiscard]] virtual size_t send_buffer_room(const SendOptions& options) const {
    static_cast<void>(options);
    return send_buffer_free();
  }
  // Bytes accepted and not yet acknowledged or abandoned, as far as the stack tells.
  [[nodiscard]] virtual size_t buffered_bytes() const = 0;
  [[nodiscard]] virtual size_t max_message_bytes() const = 0;
  // The largest message that fits one DATA chunk on this path.
  [[nodiscard]] virtual size_t max_chunk_payload_bytes() const = 0;
  [[nodiscard]] virtual uint16_t outgoing_streams() const = 0;

  [[nodiscard]] virtual AssociationStats stats() const = 0;
  [[nodiscard]] virtual std::string peer() const = 0;  // for people: "192.0.2.1:9899"

  // Delivers what was accepted, then closes (RFC 9260 9.2). send() fails from here on.
  virtual void shutdown() = 0;
  // Closes at once; the peer is told `reason` (RFC 9260 9.1, user-initiated abort).
  virtual void abort(const std::string& reason) = 0;
};

}  // namespace mayfly
