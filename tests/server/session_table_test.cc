#include "server/session_table.h"

#include <gmock/gmock.h>

#include <sstream>

#include "tests/server/served_world.h"

namespace mayfly {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Le;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

SessionStats a_session() {
  SessionStats player;
  player.id = 4711;
  player.peer = "[2001:db8:1234:5678:9abc:def0:1234:5678]:50123";
  player.state = SessionState::Playing;
  player.clip = "a film with quite a long name.mp4";
  player.policy = "prioritised";
  player.connected = 3723s;
  player.buffered_bytes = 123'456'789;
  player.chunks_retransmitted = 1'234'567;
  player.transport.stack = "kernel";
  player.transport.paths = {{.address = "10.0.0.2:9899",
                             .active = true,
                             .primary = true,
                             .smoothed_rtt = 42ms,
                             .retransmission_timeout = 142ms,
                             .congestion_window_bytes = 64'000,
                             .mtu_bytes = 1500},
                            {.address = "10.0.1.2:9899", .mtu_bytes = 1400}};
  player.transport.streams[StreamId(3)] = {.messages_sent = 2310,
                                           .bytes_sent = 2'400'000,
                                           .messages_received = 7,
                                           .abandoned_unsent = 12,
                                           .abandoned_sent = 5};
  player.stream_names[StreamId(3)] = "b";
  player.transport.events.add(TransportEventKind::PathUnreachable);
  return player;
}

TEST(SessionTableTest, ShowsPathsAndStreamsOfEveryPlayerIn80Columns) {
  const std::string table = session_table({a_session(), a_session()});

  EXPECT_THAT(table, AllOf(HasSubstr("2 players"), HasSubstr("4711"), HasSubstr("1:02:03")));
  EXPECT_THAT(table, HasSubstr("path 10.0.0.2:9899          primary, up, rtt 42 ms, rto 142 ms"));
  EXPECT_THAT(table, HasSubstr("path 10.0.1.2:9899          down"));
  EXPECT_THAT(table, HasSubstr("3 b                2310     2.4M        7       12        5"));
  EXPECT_THAT(table, HasSubstr("path-unreachable 1"));
  for (const std::string& line : lines_of(table)) EXPECT_THAT(line.size(), Le(80U)) << line;
}

TEST(SessionTableTest, ShowsTheReadersOfMpegTsIn80Columns) {
  TsFeedStats reader;
  reader.id = 123'456;
  reader.peer = "[2001:db8:1234:5678:9abc:def0:1234:5678]:50123";
  reader.clip = "a film with quite a long name.mp4";
  reader.connected = 3723s;
  reader.frames = {100, 200, 300, 400};
  reader.bytes = 123'456'789;
  reader.abandoned = 7;
  const std::string table = reader_table({reader, reader});

  EXPECT_THAT(table, AllOf(HasSubstr("2 readers of MPEG-TS"), HasSubstr("1:02:03"),
                           HasSubstr("1000   123M      7")));
  for (const std::string& line : lines_of(table)) EXPECT_THAT(line.size(), Le(80U)) << line;
  EXPECT_EQ(reader_table({}), "");
}

TEST(SessionTableTest, SaysThatNobodyIsThere) { EXPECT_EQ(session_table({}), "0 players\n"); }

TEST(SessionTableTest, NamesTheStreamsOfASessionByWhatTheyCarry) {
  ServedWorld world;
  world.join_and_greet().play("clip");
  world.run_for(2s);

  const auto sessions = world.server().sessions();

  ASSERT_EQ(sessions.size(), 1U);
  EXPECT_EQ(sessions[0].stream_names.at(StreamId(0)), "control");
  EXPECT_EQ(sessions[0].stream_names.at(StreamId(1)), "i");
  EXPECT_GT(sessions[0].transport.streams.at(StreamId(2)).messages_sent, 0U);
  EXPECT_EQ(sessions[0].transport.events.of(TransportEventKind::AssociationUp), 1U);
}

}  // namespace
}  // namespace mayfly
