#include "transport/usrsctp/usrsctp_stack.h"

#include <usrsctp.h>

#include <algorithm>
#include <utility>

#include "core/check.h"
#include "transport/usrsctp/sctp_packet.h"

namespace mayfly {
namespace {

// The library calls back without a word of ours, so the one instance must be found.
UsrsctpStack* current_stack = nullptr;

constexpr auto kTick = std::chrono::milliseconds(10);
// After a longer pause (a suspended machine) the timers are not worked through tick by tick.
constexpr auto kLongestCatchUp = std::chrono::seconds(1);

}  // namespace

UsrsctpStack::UsrsctpStack(const Clock& clock, TimerFactory& timers, Executor& executor,
                           UsrsctpTuning tuning)
    : clock_(clock),
      executor_(executor),
      ticker_(timers.create([this] { tick(); })),
      ticked_(clock.now()) {
  MAYFLY_CHECK(current_stack == nullptr);
  current_stack = this;
  usrsctp_init_nothreads(0, &UsrsctpStack::on_output, nullptr);
  set_usrsctp_process_settings(tuning);
  ticker_->start(kTick);
}

UsrsctpStack::~UsrsctpStack() {
  MAYFLY_CHECK(members_.empty() && routes_.empty());
  *alive_ = false;
  // Refused while what was closed still waits for timers of its own.
  for (int attempt = 0; attempt < 1000 && usrsctp_finish() != 0; ++attempt) {
    usrsctp_handle_timers(static_cast<uint32_t>(kTick.count()));
  }
  current_stack = nullptr;
}

// Addresses are never taken back from the library while it runs: it would have its iterator thread
// walk over all sockets, beside the loop's. The one free longest is used again.
UsrsctpAddress UsrsctpStack::add_address(PacketRoute& route) {
  UsrsctpAddress address = next_address_;
  if (free_addresses_.empty()) {
    ++next_address_;
    usrsctp_register_address(reinterpret_cast<void*>(address));
  } else {
    address = free_addresses_.front();
    free_addresses_.pop_front();
  }
  routes_.emplace(address, &route);
  return address;
}

void UsrsctpStack::remove_address(UsrsctpAddress address) {
  routes_.erase(address);
  free_addresses_.push_back(address);
}

void UsrsctpStack::input(UsrsctpAddress address, ByteView packet) {
  usrsctp_conninput(reinterpret_cast<void*>(address), packet.data(), packet.size(), 0);
}

auto UsrsctpStack::add_member(Member& member) -> MemberId {
  const MemberId id = next_member_++;
  members_.emplace(id, &member);
  return id;
}

void UsrsctpStack::remove_member(MemberId id) {
  members_.erase(id);
  awake_.erase(id);
}

void UsrsctpStack::wake(MemberId id) {
  awake_.insert(id);
  if (std::exchange(round_posted_, true)) return;
  executor_.post([this, alive = alive_] {
    if (*alive) round();
  });
}

void UsrsctpStack::wake_on_events(RawSocket& socket, MemberId id) {
  usrsctp_set_upcall(&socket, &UsrsctpStack::on_upcall, reinterpret_cast<void*>(id));
}

void UsrsctpStack::on_upcall(RawSocket* /*socket*/, void* member, int /*flags*/) {
  if (current_stack != nullptr) current_stack->wake(reinterpret_cast<MemberId>(member));
}

// Each member is looked up when its turn comes, as the ones before may have destroyed it. Who is
// woken meanwhile has its turn in the next round.
void UsrsctpStack::round() {
  round_posted_ = false;
  const auto alive = alive_;
  const Timestamp now = clock_.now();
  for (const MemberId id : std::exchange(awake_, {})) {
    const auto found = members_.find(id);
    if (found == members_.end()) continue;
    found->second->on_round(now);
    if (!*alive) return;
  }
}

void UsrsctpStack::tick() {
  ticker_->start(kTick);
  const Timestamp now = clock_.now();
  advance(now);
  for (const auto& [id, member] : members_) member->on_tick(now);
}

// The library's timers get the time that really passed, in whole ticks; what is left over is passed
// with the next one.
void UsrsctpStack::advance(Timestamp now) {
  const auto elapsed = std::chrono::floor<std::chrono::milliseconds>(now - ticked_);
  if (elapsed > kLongestCatchUp) {
    const auto skipped = elapsed - kLongestCatchUp;
    usrsctp_handle_timers(static_cast<uint32_t>(skipped.count()));
    ticked_ += skipped;
  }
  while (now - ticked_ >= kTick) {
    usrsctp_handle_timers(static_cast<uint32_t>(kTick.count()));
    ticked_ += kTick;
  }
}

int UsrsctpStack::on_output(void* address, void* buffer, size_t length, uint8_t /*tos*/,
                            uint8_t /*set_df*/) {
  if (current_stack == nullptr) return 0;
  const auto found = current_stack->routes_.find(reinterpret_cast<UsrsctpAddress>(address));
  if (found == current_stack->routes_.end()) return 0;
  found->second->transmit({static_cast<const std::byte*>(buffer), length});
  return 0;
}

Result<std::shared_ptr<UsrsctpListeningSocket>> UsrsctpStack::listening_socket(uint16_t port) {
  if (auto open = listening_[port].lock()) return open;
  ASSIGN_OR_RETURN(std::shared_ptr<UsrsctpListeningSocket> socket,
                   UsrsctpListeningSocket::open(port));
  listening_[port] = socket;
  return socket;
}

uint32_t UsrsctpStack::checksum_of(const Bytes& packet) {
  Bytes copy = packet;
  return usrsctp_crc32c(copy.data(), copy.size());
}

bool UsrsctpStack::is_intact(ByteView packet) {
  Bytes copy(packet.begin(), packet.end());
  if (copy.size() < kSctpHeaderBytes) return false;
  set_checksum(copy, 0);
  const uint32_t checksum = checksum_of(copy);
  set_checksum(copy, checksum);
  return std::equal(copy.begin(), copy.end(), packet.begin(), packet.end());
}

}  // namespace mayfly
