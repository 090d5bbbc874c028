#include "transport/association_events.h"

#include <utility>

namespace mayfly {
namespace {

struct Teller {
  Association::Observer& observer;

  void operator()(const AssociationEvents::Connected&) const { observer.on_connected(); }
  void operator()(Message& message) const { observer.on_message(std::move(message)); }
  void operator()(const AbandonedMessage& abandoned) const {
    observer.on_message_abandoned(abandoned.id, abandoned.what);
  }
  void operator()(const AssociationEvents::SendBufferLow&) const { observer.on_send_buffer_low(); }
  void operator()(const TransportEvent& event) const { observer.on_event(event); }
  void operator()(const Error& reason) const { observer.on_closed(reason); }
};

}  // namespace

TransportEvent end_event(const Error& reason, bool was_up) {
  TransportEvent event;
  if (!was_up) {
    event.kind = TransportEventKind::AssociationFailed;
  } else if (reason.code == ErrorCode::Closed) {
    event.kind = TransportEventKind::AssociationShutDown;
  } else {
    event.kind = TransportEventKind::AssociationLost;
  }
  event.detail = reason.message;
  return event;
}

TransportEvent send_failed_event(const AbandonedMessage& abandoned) {
  return {.kind = TransportEventKind::MessageSendFailed,
          .stream = abandoned.stream,
          .detail = abandoned.what == Abandonment::Sent ? "sent" : "unsent"};
}

AssociationEvents::AssociationEvents(TimerFactory& timers)
    : soon_(timers.create([this] { deliver(); })),
      wake_([this] {
        if (!soon_->is_running()) soon_->start(Duration::zero());
      }),
      alive_(std::make_shared<bool>(true)) {}

AssociationEvents::AssociationEvents(std::function<void()> wake)
    : wake_(std::move(wake)), alive_(std::make_shared<bool>(true)) {}

AssociationEvents::~AssociationEvents() { *alive_ = false; }

void AssociationEvents::set_observer(Association::Observer* observer) {
  observer_ = observer;
  wake_if_needed();
}

void AssociationEvents::push(Event event) {
  if (closed_) return;
  closed_ = std::holds_alternative<Error>(event);
  if (const auto* told = std::get_if<TransportEvent>(&event)) counts_.add(told->kind);
  waiting_.push_back(std::move(event));
  wake_if_needed();
}

void AssociationEvents::deliver() {
  if (soon_) soon_->stop();
  const std::shared_ptr<bool> alive = alive_;
  while (*alive && observer_ != nullptr && !waiting_.empty()) {
    Event event = std::move(waiting_.front());
    waiting_.pop_front();
    std::visit(Teller{*observer_}, event);
  }
}

void AssociationEvents::wake_if_needed() {
  if (observer_ != nullptr && !waiting_.empty()) wake_();
}

}  // namespace mayfly
