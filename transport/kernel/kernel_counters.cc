#include "transport/kernel/kernel_counters.h"

#include <algorithm>

namespace mayfly {

KernelCounters::KernelCounters() {
  last_told_.stack = "kernel";
  last_told_.congestion_control = "rfc9260";
}

void KernelCounters::sent(StreamId stream, size_t bytes) {
  StreamStats& counters = streams_[stream];
  ++counters.messages_sent;
  counters.bytes_sent += bytes;
}

void KernelCounters::received(const Message& message) {
  StreamStats& counters = streams_[message.stream];
  ++counters.messages_received;
  counters.bytes_received += message.payload.size();
}

void KernelCounters::abandoned(const AbandonedMessage& message) {
  StreamStats& counters = streams_[message.stream];
  ++(message.what == Abandonment::Unsent ? counters.abandoned_unsent : counters.abandoned_sent);
}

void KernelCounters::refresh(const AssociationSocket& socket) {
  for (const auto& [stream, counters] : streams_) {
    SilentlyAbandoned& known = last_told_abandoned_[stream];
    const SilentlyAbandoned now = silently_abandoned(socket, stream);
    known.sent = std::max(known.sent, now.sent);  // none told once it has ended
    known.discarded_unsent = std::max(known.discarded_unsent, now.discarded_unsent);
  }
  last_told_ = stats(&socket);
}

AssociationStats KernelCounters::stats(const AssociationSocket* socket) const {
  AssociationStats stats = last_told_;
  stats.streams = streams_;
  const auto add = [](StreamStats& counters, const SilentlyAbandoned& more) {
    counters.abandoned_sent += more.sent;
    counters.abandoned_unsent += more.discarded_unsent;
  };
  if (socket != nullptr && ticks_ && read_stats(*socket, *ticks_, stats)) {
    for (auto& [stream, counters] : stats.streams) {
      add(counters, silently_abandoned(*socket, stream));
    }
  } else {
    for (const auto& [stream, more] : last_told_abandoned_) add(stats.streams[stream], more);
  }
  return stats;
}

}  // namespace mayfly
