#include <gmock/gmock.h>

#include "tests/transport/association_contract.h"

namespace mayfly {

using ::testing::HasSubstr;
using ::testing::SizeIs;

TEST_P(AssociationContract, ShutdownDeliversEverythingThatWasAccepted) {
  ASSERT_NO_FATAL_FAILURE(connect());
  for (uint64_t i = 0; i < 200; ++i) ASSERT_TRUE(send(i, 1200, {.ordered = i % 2 == 0}));

  client_.recorder.inside_call = true;
  client_.association->shutdown();
  client_.recorder.inside_call = false;

  ASSERT_TRUE(run_until(
      [&] { return client_.recorder.closed.has_value() && server_.recorder.closed.has_value(); }));
  EXPECT_THAT(numbers_of(server_.recorder.messages), SizeIs(200));
  EXPECT_EQ(client_.recorder.closed->code, ErrorCode::Closed) << client_.recorder.closed->message;
  EXPECT_EQ(server_.recorder.closed->code, ErrorCode::Closed) << server_.recorder.closed->message;
  EXPECT_EQ(client_.association->stats().events.of(TransportEventKind::AssociationShutDown), 1U);
  EXPECT_EQ(server_.recorder.count_events(TransportEventKind::PeerShutdown), 1U);
}

TEST_P(AssociationContract, ShutdownEndsInGoodOrderOnALossyLinkToo) {
  ASSERT_NO_FATAL_FAILURE(connect());
  if (!set_link({.loss = 0.1})) GTEST_SKIP() << "no lossy link here";
  for (uint64_t i = 0; i < 50; ++i) ASSERT_TRUE(send(i, 1000));

  client_.association->shutdown();

  ASSERT_TRUE(run_until(
      [&] { return client_.recorder.closed.has_value() && server_.recorder.closed.has_value(); }));
  EXPECT_THAT(numbers_of(server_.recorder.messages), SizeIs(50));
  EXPECT_EQ(client_.recorder.closed->code, ErrorCode::Closed) << client_.recorder.closed->message;
  EXPECT_EQ(server_.recorder.closed->code, ErrorCode::Closed) << server_.recorder.closed->message;
}

TEST_P(AssociationContract, ShutdownOfBothSidesAtOnceEndsInGoodOrder) {
  ASSERT_NO_FATAL_FAILURE(connect());

  client_.association->shutdown();
  server_.association->shutdown();

  ASSERT_TRUE(run_until(
      [&] { return client_.recorder.closed.has_value() && server_.recorder.closed.has_value(); }));
  EXPECT_EQ(client_.recorder.closed->code, ErrorCode::Closed) << client_.recorder.closed->message;
  EXPECT_EQ(server_.recorder.closed->code, ErrorCode::Closed) << server_.recorder.closed->message;
}

TEST_P(AssociationContract, AShutdownThatTakesTooLongBecomesAnAbort) {
  TransportOptions options;
  options.shutdown_limit = 1s;
  ASSERT_NO_FATAL_FAILURE(connect(options));
  if (!set_link({.cut = true})) GTEST_SKIP() << "no link to cut here";
  ASSERT_TRUE(send(1, 1000));

  client_.association->shutdown();

  ASSERT_TRUE(run_until([&] { return client_.recorder.closed.has_value(); }, 5s));
  EXPECT_EQ(client_.recorder.closed->code, ErrorCode::Timeout);
}

TEST_P(AssociationContract, AbortTellsThePeerWhy) {
  ASSERT_NO_FATAL_FAILURE(connect());

  client_.recorder.inside_call = true;
  client_.association->abort("the clip has burnt");
  client_.recorder.inside_call = false;

  ASSERT_TRUE(run_until(
      [&] { return client_.recorder.closed.has_value() && server_.recorder.closed.has_value(); }));
  EXPECT_NE(client_.recorder.closed->code, ErrorCode::Closed);
  EXPECT_NE(server_.recorder.closed->code, ErrorCode::Closed);
  if (environment_->tells_why_it_aborts()) {
    EXPECT_THAT(server_.recorder.closed->message, HasSubstr("the clip has burnt"));
  }
}

TEST_P(AssociationContract, DestroyingAnOpenAssociationAbortsIt) {
  ASSERT_NO_FATAL_FAILURE(connect());

  client_.association.reset();

  ASSERT_TRUE(run_until([&] { return server_.recorder.closed.has_value(); }));
  EXPECT_NE(server_.recorder.closed->code, ErrorCode::Closed);
  EXPECT_FALSE(client_.recorder.closed);
}

TEST_P(AssociationContract, NoticesAPeerThatHasVanished) {
  ASSERT_NO_FATAL_FAILURE(connect());
  ASSERT_TRUE(send(1, 1000));
  ASSERT_TRUE(run_until([&] { return server_.recorder.messages.size() == 1; }));
  if (!set_link({.cut = true})) GTEST_SKIP() << "no link to cut here";

  ASSERT_TRUE(send(2, 1000));

  ASSERT_TRUE(run_until(
      [&] { return client_.recorder.closed.has_value() && server_.recorder.closed.has_value(); },
      60s));
  EXPECT_EQ(client_.recorder.closed->code, ErrorCode::Timeout) << client_.recorder.closed->message;
  EXPECT_EQ(server_.recorder.closed->code, ErrorCode::Timeout) << server_.recorder.closed->message;
  EXPECT_THAT(client_.recorder.closed->message,
              HasSubstr(address_text(environment_->server_address().endpoints.front())));
}

TEST_P(AssociationContract, SurvivesAnOutageShorterThanItsPatience) {
  ASSERT_NO_FATAL_FAILURE(connect());
  if (!set_link({.cut = true})) GTEST_SKIP() << "no link to cut here";
  ASSERT_TRUE(send(1, 5000));
  run_for(3s);
  ASSERT_TRUE(set_link({}));

  EXPECT_TRUE(run_until([&] { return server_.recorder.messages.size() == 1; }, 2s));
  EXPECT_FALSE(client_.recorder.closed);
}

TEST_P(AssociationContract, RefusesToSendOnceItIsClosedOrClosing) {
  ASSERT_NO_FATAL_FAILURE(connect());
  client_.association->shutdown();

  const auto closing = send(1, 100);
  ASSERT_TRUE(run_until(
      [&] { return client_.recorder.closed.has_value() && server_.recorder.closed.has_value(); }));
  const auto closed = send(2, 100);
  const auto other_side = server_.association->send(numbered(3, 100), {});

  for (const auto& result : {closing, closed, other_side}) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::Closed);
  }
  client_.association->shutdown();
  client_.association->abort("again");
  client_.association->abandon(MessageId(1));
  run_for(200ms);
  (void)client_.association->stats();
}

TEST_P(AssociationContract, MayBeDestroyedInAnyCallback) {
  use({});
  const auto destroy_server = [this] { server_.association.reset(); };
  using Hook = std::function<void()> Recorder::*;
  for (const Hook hook : {&Recorder::after_connected, &Recorder::after_message,
                          &Recorder::after_closed, &Recorder::after_low}) {
    server_.recorder = {};
    client_.recorder = {};
    server_.recorder.*hook = destroy_server;
    ASSERT_NO_FATAL_FAILURE(begin());
    if (hook == &Recorder::after_low) {
      server_.recorder.after_connected = [this] {
        while (server_.association->send(numbered(1, 100'000), {})) {
        }
      };
    }
    for (uint64_t i = 0; i < 20; ++i) ASSERT_TRUE(send(i, 3000));
    if (hook == &Recorder::after_closed) {
      ASSERT_TRUE(run_until([&] { return server_.association != nullptr; }));
      client_.association->abort("done");
    }

    ASSERT_TRUE(run_until([&] {
      return server_.recorder.connected == 1 && server_.association == nullptr &&
             client_.recorder.closed.has_value();
    })) << "hook "
        << (hook == &Recorder::after_connected) << (hook == &Recorder::after_message)
        << (hook == &Recorder::after_closed) << (hook == &Recorder::after_low);
    client_.association.reset();
  }
}

TEST_P(AssociationContract, MayBeDestroyedWhenItTellsOfAnAbandonedMessage) {
  ASSERT_NO_FATAL_FAILURE(connect());
  if (!set_link({.cut = true})) GTEST_SKIP() << "no link to cut here";
  client_.recorder.after_abandoned = [this] { client_.association.reset(); };
  for (uint64_t i = 0; i < 100; ++i) ASSERT_TRUE(send(i, 1000, {.lifetime = 100ms}));

  ASSERT_TRUE(run_until([&] { return client_.association == nullptr; }));
  run_for(500ms);
  EXPECT_THAT(client_.recorder.abandoned, SizeIs(1));
}

TEST_P(AssociationContract, ConnectsAgainAfterAnEnd) {
  ASSERT_NO_FATAL_FAILURE(connect());
  client_.association->shutdown();
  ASSERT_TRUE(run_until(
      [&] { return client_.recorder.closed.has_value() && server_.recorder.closed.has_value(); }));
  client_.association.reset();
  server_.association.reset();
  client_.recorder = {};
  server_.recorder = {};

  ASSERT_NO_FATAL_FAILURE(connect());
  ASSERT_TRUE(send(1, 100));
  EXPECT_TRUE(run_until([&] { return server_.recorder.messages.size() == 1; }));
}

}  // namespace mayfly
