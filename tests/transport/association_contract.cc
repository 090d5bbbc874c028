#include "tests/transport/association_contract.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <numeric>

#include "transport/association_events.h"

namespace mayfly {

using ::testing::AnyOf;
using ::testing::Each;
using ::testing::ElementsAreArray;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAreArray;

void AssociationContract::Recorder::check_call() const {
  EXPECT_FALSE(inside_call) << "called back from inside a call";
  EXPECT_FALSE(closed) << "called back after on_closed()";
}

void AssociationContract::Recorder::on_connected() {
  check_call();
  EXPECT_EQ(count_events(TransportEventKind::AssociationUp), 1U) << "told before on_connected()";
  ++connected;
  after_connected();
}

void AssociationContract::Recorder::on_message(Message message) {
  check_call();
  messages.push_back(std::move(message));
  after_message();
}

void AssociationContract::Recorder::on_message_abandoned(MessageId id, Abandonment what) {
  check_call();
  abandoned.emplace_back(id.value(), what);
  after_abandoned();
}

void AssociationContract::Recorder::on_send_buffer_low() {
  check_call();
  ++lows;
  after_low();
}

void AssociationContract::Recorder::on_event(const TransportEvent& event) {
  check_call();
  events.push_back(event);
}

void AssociationContract::Recorder::on_closed(const Error& reason) {
  check_call();
  // How it ended is told right before, in the same words.
  ASSERT_FALSE(events.empty());
  EXPECT_EQ(events.back(), end_event(reason, connected > 0));
  closed = reason;
  after_closed();
}

size_t AssociationContract::Recorder::count_abandoned(Abandonment what) const {
  return static_cast<size_t>(std::count_if(abandoned.begin(), abandoned.end(),
                                           [&](const auto& each) { return each.second == what; }));
}

size_t AssociationContract::Recorder::count_events(TransportEventKind kind) const {
  return static_cast<size_t>(std::count_if(events.begin(), events.end(),
                                           [&](const auto& each) { return each.kind == kind; }));
}

bool AssociationContract::Recorder::has_received(uint64_t number) const {
  return std::any_of(messages.begin(), messages.end(),
                     [&](const Message& each) { return number_of(each) == number; });
}

void AssociationContract::use(const TransportOptions& options) {
  environment_ = GetParam()(options);
}

void AssociationContract::listen() {
  if (!environment_) use({});
  auto listener = environment_->server().listen(environment_->server_address());
  ASSERT_TRUE(listener) << listener.error().message;
  listener_ = std::move(*listener);
  listener_->set_acceptor([this](std::unique_ptr<Association> association) {
    server_.association = std::move(association);
    server_.association->set_observer(&server_.recorder);
  });
}

void AssociationContract::begin() {
  if (!listener_) {
    ASSERT_NO_FATAL_FAILURE(listen());
  }
  auto association = environment_->client().connect(environment_->server_address());
  ASSERT_TRUE(association) << association.error().message;
  client_.association = std::move(*association);
  client_.association->set_observer(&client_.recorder);
}

void AssociationContract::connect() {
  ASSERT_NO_FATAL_FAILURE(begin());
  ASSERT_TRUE(run_until([&] {
    return client_.recorder.connected == 1 && server_.recorder.connected == 1;
  })) << (client_.recorder.closed ? client_.recorder.closed->message : "not connected");
}

bool AssociationContract::set_link(const ContractEnvironment::Link& link) {
  return environment_->set_link(link);
}

bool AssociationContract::run_until(const std::function<bool()>& done, Duration limit) {
  return environment_->run_until(done, limit);
}

namespace {

std::byte expected_byte(uint64_t number, size_t position) {
  return static_cast<std::byte>((number * 131 + position * 7 + (position >> 8)) & 0xff);
}

}  // namespace

Message AssociationContract::numbered(uint64_t number, size_t bytes, StreamId stream) {
  Message message{stream, Ppid(51), Bytes(bytes)};
  for (size_t i = 0; i < bytes; ++i) message.payload[i] = expected_byte(number, i);
  Bytes head;
  ByteWriter(head).u64(number);
  std::copy_n(head.begin(), std::min<size_t>(bytes, 8), message.payload.begin());
  return message;
}

std::optional<uint64_t> AssociationContract::number_of(const Message& message) {
  if (message.payload.size() < 8) return std::nullopt;
  const uint64_t number = ByteReader(message.payload).u64();
  for (size_t i = 8; i < message.payload.size(); ++i) {
    if (message.payload[i] != expected_byte(number, i)) return std::nullopt;
  }
  return number;
}

std::vector<uint64_t> AssociationContract::numbers_of(const std::vector<Message>& messages) {
  std::vector<uint64_t> numbers;
  for (const Message& message : messages) {
    const auto number = number_of(message);
    EXPECT_TRUE(number) << "a corrupt message of " << message.payload.size() << " bytes";
    numbers.push_back(number.value_or(UINT64_MAX));
  }
  return numbers;
}

Result<void> AssociationContract::send(uint64_t number, size_t bytes, SendOptions options,
                                       StreamId stream) {
  options.id = MessageId(number);
  client_.recorder.inside_call = true;
  auto result = client_.association->send(numbered(number, bytes, stream), options);
  client_.recorder.inside_call = false;
  return result;
}

TEST_P(AssociationContract, TellsBothSidesThatTheyAreConnected) {
  ASSERT_NO_FATAL_FAILURE(connect());

  run_for(100ms);
  EXPECT_EQ(client_.recorder.connected, 1);
  EXPECT_EQ(server_.recorder.connected, 1);
  EXPECT_EQ(client_.association->outgoing_streams(), TransportOptions{}.streams);
  EXPECT_EQ(server_.association->outgoing_streams(), TransportOptions{}.streams);
  EXPECT_THAT(client_.association->peer(),
              HasSubstr(address_text(environment_->server_address().endpoints.front())));
}

TEST_P(AssociationContract, SaysWhoDoesNotAnswer) {
  use({});
  auto association = environment_->client().connect(environment_->deserted_address());
  ASSERT_TRUE(association) << association.error().message;
  client_.association = std::move(*association);
  client_.association->set_observer(&client_.recorder);

  ASSERT_TRUE(run_until([&] { return client_.recorder.closed.has_value(); }, 60s));

  EXPECT_EQ(client_.recorder.connected, 0);
  EXPECT_THAT(client_.recorder.closed->code, AnyOf(ErrorCode::Timeout, ErrorCode::Io));
  EXPECT_THAT(client_.recorder.closed->message,
              HasSubstr(address_text(environment_->deserted_address().endpoints.front())));
}

TEST_P(AssociationContract, CarriesMessagesOfEverySizeInOrder) {
  ASSERT_NO_FATAL_FAILURE(connect());
  const std::vector<size_t> sizes = {8,    9,    100,    1199,   1200,   1201,    1224,   1225,
                                     2000, 5000, 16'000, 65'535, 65'536, 200'000, 1 << 20};
  for (size_t i = 0; i < sizes.size(); ++i) ASSERT_TRUE(send(i, sizes[i]));

  ASSERT_TRUE(run_until([&] { return server_.recorder.messages.size() == sizes.size(); }));

  std::vector<uint64_t> expected(sizes.size());
  std::iota(expected.begin(), expected.end(), 0);
  EXPECT_THAT(numbers_of(server_.recorder.messages), ElementsAreArray(expected));
  for (size_t i = 0; i < sizes.size(); ++i) {
    EXPECT_EQ(server_.recorder.messages[i].payload.size(), sizes[i]);
  }
}

TEST_P(AssociationContract, CarriesASingleByteWithItsStreamAndProtocolIdentifier) {
  ASSERT_NO_FATAL_FAILURE(connect());

  ASSERT_TRUE(client_.association->send({StreamId(7), Ppid(0xdeadbeef), Bytes(1, std::byte{9})},
                                        {.ordered = false}));

  ASSERT_TRUE(run_until([&] { return !server_.recorder.messages.empty(); }));
  const Message& message = server_.recorder.messages.front();
  EXPECT_EQ(message.stream, StreamId(7));
  EXPECT_EQ(message.ppid, Ppid(0xdeadbeef));
  EXPECT_EQ(message.payload, Bytes(1, std::byte{9}));
}

TEST_P(AssociationContract, CarriesTheLargestMessageAndRefusesALargerOne) {
  ASSERT_NO_FATAL_FAILURE(connect());
  const size_t largest = client_.association->max_message_bytes();
  ASSERT_GE(largest, 8U << 20);

  const auto refused = send(1, largest + 1);
  ASSERT_TRUE(send(2, largest));

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::InvalidArgument);
  ASSERT_TRUE(run_until([&] { return !server_.recorder.messages.empty(); }, 120s));
  EXPECT_THAT(numbers_of(server_.recorder.messages), ElementsAreArray({2}));
}

TEST_P(AssociationContract, CarriesUnorderedMessagesAllOfThem) {
  ASSERT_NO_FATAL_FAILURE(connect());
  std::vector<uint64_t> expected;
  for (uint64_t i = 0; i < 300; ++i) {
    ASSERT_TRUE(send(i, 8 + i * 5, {.ordered = false}, StreamId(static_cast<uint16_t>(i % 16))));
    expected.push_back(i);
  }

  ASSERT_TRUE(run_until([&] { return server_.recorder.messages.size() == expected.size(); }));

  EXPECT_THAT(numbers_of(server_.recorder.messages), UnorderedElementsAreArray(expected));
}

TEST_P(AssociationContract, CarriesLargeMessagesOnOneStreamBesideSmallOnesOnOthers) {
  ASSERT_NO_FATAL_FAILURE(connect());
  std::vector<uint64_t> expected;
  for (uint64_t i = 0; i < 200; ++i) {
    const bool large = i % 50 == 0;
    const auto stream = StreamId(large ? uint16_t{1} : static_cast<uint16_t>(2 + i % 10));
    ASSERT_TRUE(send(i, large ? 1 << 20 : 300, {.ordered = i % 3 != 0}, stream));
    expected.push_back(i);
  }

  ASSERT_TRUE(run_until([&] { return server_.recorder.messages.size() == expected.size(); }, 60s));

  EXPECT_THAT(numbers_of(server_.recorder.messages), UnorderedElementsAreArray(expected));
}

TEST_P(AssociationContract, CarriesBothDirectionsAtOnce) {
  ASSERT_NO_FATAL_FAILURE(connect());
  for (uint64_t i = 0; i < 100; ++i) {
    ASSERT_TRUE(send(i, 3000));
    ASSERT_TRUE(server_.association->send(numbered(i, 2000), {}));
  }

  ASSERT_TRUE(run_until([&] {
    return server_.recorder.messages.size() == 100 && client_.recorder.messages.size() == 100;
  }));
  EXPECT_EQ(numbers_of(server_.recorder.messages), numbers_of(client_.recorder.messages));
}

TEST_P(AssociationContract, DeliversWhatWasSentBeforeItWasConnected) {
  ASSERT_NO_FATAL_FAILURE(begin());
  ASSERT_TRUE(send(1, 100));
  ASSERT_TRUE(send(2, 5000));

  ASSERT_TRUE(run_until([&] { return server_.recorder.messages.size() == 2; }));
  EXPECT_THAT(numbers_of(server_.recorder.messages), ElementsAreArray({1, 2}));
}

TEST_P(AssociationContract, RefusesWhatMakesNoSense) {
  ASSERT_NO_FATAL_FAILURE(connect());
  const auto code = [](const Result<void>& result) {
    return result ? ErrorCode::Closed : result.error().code;
  };

  EXPECT_EQ(code(send(1, 100, {}, StreamId(16))), ErrorCode::InvalidArgument);
  EXPECT_EQ(code(client_.association->send({StreamId(0), Ppid(0), {}}, {})),
            ErrorCode::InvalidArgument);
  EXPECT_EQ(code(send(1, 100, {.lifetime = 0ms})), ErrorCode::InvalidArgument);
  EXPECT_EQ(code(send(1, 100, {.lifetime = -5ms})), ErrorCode::InvalidArgument);
  EXPECT_EQ(code(send(1, 100, {.lifetime = 10ms, .max_retransmissions = 1})),
            ErrorCode::InvalidArgument);
  EXPECT_TRUE(send(2, 100));
  EXPECT_TRUE(run_until([&] { return server_.recorder.messages.size() == 1; }));
}

TEST_P(AssociationContract, PushesBackWhenItsBufferIsFullAndTellsWhenThereIsRoom) {
  TransportOptions options;
  options.send_queue_bytes = 256 << 10;
  options.send_queue_low_bytes = 16 << 10;
  ASSERT_NO_FATAL_FAILURE(connect(options));
  uint64_t sent = 0;
  Result<void> last;
  while ((last = send(sent, 1000)) && sent < 10'000) ++sent;

  ASSERT_FALSE(last);
  EXPECT_EQ(last.error().code, ErrorCode::Exhausted);
  EXPECT_LT(client_.association->send_buffer_free(), 1000U);
  EXPECT_GE(client_.association->buffered_bytes(), options.send_queue_bytes / 2);
  ASSERT_TRUE(run_until([&] { return client_.recorder.lows > 0; }));
  EXPECT_TRUE(send(sent++, 1000));
  ASSERT_TRUE(run_until([&] { return server_.recorder.messages.size() == sent; }));
  EXPECT_GE(client_.association->stats().messages_refused, 1U);
  ASSERT_TRUE(run_until([&] { return client_.association->buffered_bytes() == 0; }));
}

TEST_P(AssociationContract, KeepsEventsUntilThereIsAnObserver) {
  ASSERT_NO_FATAL_FAILURE(connect());
  server_.association->set_observer(nullptr);
  ASSERT_TRUE(send(1, 100));
  run_for(300ms);

  EXPECT_THAT(server_.recorder.messages, IsEmpty());
  server_.association->set_observer(&server_.recorder);
  EXPECT_TRUE(run_until([&] { return server_.recorder.messages.size() == 1; }));
}

TEST_P(AssociationContract, SumsUpWhatItDid) {
  ASSERT_NO_FATAL_FAILURE(connect());
  for (uint64_t i = 0; i < 60; ++i) {
    ASSERT_TRUE(send(i, 500, {}, StreamId(static_cast<uint16_t>(i % 3))));
  }
  ASSERT_TRUE(run_until([&] { return server_.recorder.messages.size() == 60; }));
  run_for(1200ms);

  const AssociationStats sent = client_.association->stats();
  const AssociationStats received = server_.association->stats();
  for (uint16_t stream = 0; stream < 3; ++stream) {
    EXPECT_EQ(sent.streams.at(StreamId(stream)).messages_sent, 20U);
    EXPECT_EQ(sent.streams.at(StreamId(stream)).bytes_sent, 10'000U);
    EXPECT_EQ(received.streams.at(StreamId(stream)).messages_received, 20U);
    EXPECT_EQ(received.streams.at(StreamId(stream)).bytes_received, 10'000U);
  }
  ASSERT_FALSE(sent.paths.empty());
  EXPECT_TRUE(sent.paths.front().primary);
  EXPECT_TRUE(sent.paths.front().active);
  if (set_link({})) {  // else the round trip may be shorter than a stack can tell
    EXPECT_GT(sent.paths.front().smoothed_rtt, Duration::zero());
  }
  EXPECT_LE(sent.paths.front().retransmission_timeout, TransportOptions{}.rto_max);
  EXPECT_GT(sent.paths.front().congestion_window_bytes, 2000U);
  EXPECT_EQ(sent.queued_bytes, 0U);
  EXPECT_EQ(sent.messages_refused, 0U);
  EXPECT_FALSE(sent.stack.empty());
}

TEST_P(AssociationContract, KeepsManyAssociationsOfOneListenerApart) {
  constexpr uint64_t kClients = 20;
  ASSERT_NO_FATAL_FAILURE(listen());
  std::vector<std::unique_ptr<Side>> servers;
  listener_->set_acceptor([&](std::unique_ptr<Association> association) {
    servers.push_back(std::make_unique<Side>());
    servers.back()->association = std::move(association);
    servers.back()->association->set_observer(&servers.back()->recorder);
  });
  std::vector<std::unique_ptr<Side>> clients;
  for (uint64_t i = 0; i < kClients; ++i) {
    auto association = environment_->client().connect(environment_->server_address());
    ASSERT_TRUE(association);
    clients.push_back(std::make_unique<Side>());
    clients.back()->association = std::move(*association);
    clients.back()->association->set_observer(&clients.back()->recorder);
    for (int k = 0; k < 5; ++k) {
      ASSERT_TRUE(clients.back()->association->send(numbered(i, 3000), {}));
    }
  }

  const auto is_complete = [](const auto& side) { return side->recorder.messages.size() == 5; };
  ASSERT_TRUE(run_until([&] {
    return servers.size() == kClients && std::all_of(servers.begin(), servers.end(), is_complete);
  }));

  std::vector<uint64_t> seen;
  for (const auto& server : servers) {
    const auto numbers = numbers_of(server->recorder.messages);
    EXPECT_THAT(numbers, Each(Eq(numbers.front())));
    seen.push_back(numbers.front());
    ASSERT_TRUE(server->association->send(numbered(numbers.front(), 200), {}));
  }
  std::sort(seen.begin(), seen.end());
  EXPECT_EQ(std::unique(seen.begin(), seen.end()) - seen.begin(), int64_t{kClients});
  ASSERT_TRUE(run_until([&] {
    return std::all_of(clients.begin(), clients.end(),
                       [](const auto& side) { return side->recorder.messages.size() == 1; });
  }));
  for (uint64_t i = 0; i < kClients; ++i) {
    EXPECT_THAT(numbers_of(clients[i]->recorder.messages), ElementsAreArray({i}));
  }
}

TEST_P(AssociationContract, KeepsAcceptedAssociationsWhenTheListenerIsGone) {
  ASSERT_NO_FATAL_FAILURE(connect());

  listener_.reset();
  ASSERT_TRUE(send(1, 100));

  EXPECT_TRUE(run_until([&] { return server_.recorder.messages.size() == 1; }));
}

}  // namespace mayfly
