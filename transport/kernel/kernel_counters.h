#pragma once

#include <map>
#include <optional>

#include "transport/association_stats.h"
#include "transport/kernel/association_socket.h"
#include "transport/kernel/kernel_stats.h"
#include "transport/message.h"
#include "transport/send_queue.h"

namespace mayfly {

// The statistics of an association: what this side counts, and what the kernel tells, which it
// tells no more once the association has ended.
class KernelCounters {
 public:
  KernelCounters();

  void sent(StreamId stream, size_t bytes);
  void received(const Message& message);
  void abandoned(const AbandonedMessage& message);

  // The association is up: the kernel can be asked from now on.
  void begin(const AssociationSocket& socket) { ticks_ = KernelTicks::measure(socket); }
  // Keeps what the kernel tells now. To be called now and then, and before the end.
  void refresh(const AssociationSocket& socket);

  // Everything but what waits in our queue. `socket`: null once the association has ended.
  [[nodiscard]] AssociationStats stats(const AssociationSocket* socket) const;

 private:
  std::map<StreamId, StreamStats> streams_;
  std::optional<KernelTicks> ticks_;
  AssociationStats last_told_;
  std::map<StreamId, SilentlyAbandoned> last_told_abandoned_;
};

}  // namespace mayfly
