#include "config/serve_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <fstream>

#include "tests/config/config_generators.h"

namespace mayfly {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

// The message of a document that must be refused, as lines.
std::vector<std::string> mistakes_in(std::string_view document) {
  const auto config = parse_serve_config(document, "lab.toml");
  std::vector<std::string> lines;
  if (config) return lines;
  std::istringstream stream(config.error().message);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

TEST(ServeConfigTest, AnEmptyDocumentIsTheDefaults) {
  EXPECT_EQ(parse_serve_config("", "x").value(), ServeConfig{});
}

TEST(ServeConfigTest, ReadsValuesWithTheirUnits) {
  const auto config = parse_serve_config(R"(
    listen = ["mayfly://127.0.0.1:7000", "mayfly+sctp://10.0.0.1,10.1.0.1"]
    media = ["clip.mp4"]
    report_interval = "50ms"
    [playout_delay]
    usual = "1.5s"
    [limits]
    sessions = 3
    [transport]
    stack = "kernel"
    no_delay = false
    send_queue = "2MiB"
    [delivery]
    policy = "all-expiring"
  )",
                                         "x");

  ASSERT_TRUE(config) << config.error().message;
  EXPECT_THAT(config->listen,
              ElementsAre("mayfly://127.0.0.1:7000", "mayfly+sctp://10.0.0.1,10.1.0.1"));
  EXPECT_EQ(config->report_interval, 50ms);
  EXPECT_EQ(config->playout_delay.usual, 1500ms);
  EXPECT_EQ(config->limits.sessions, 3U);
  EXPECT_EQ(config->transport, TransportChoice::Kernel);
  EXPECT_FALSE(config->transport_options.no_delay);
  EXPECT_EQ(config->transport_options.send_queue_bytes, 2U << 20);
  EXPECT_EQ(config->delivery, all_expiring());
}

TEST(ServeConfigTest, ClassesOverrideThePolicyWhereverItStands) {
  const auto config = parse_serve_config(R"(
    [delivery.b]
    lifetime = "60ms"
    stream = 5
    [delivery.p]
    retransmissions = 1
    [delivery]
    policy = "all-reliable"
  )",
                                         "x");

  ASSERT_TRUE(config) << config.error().message;
  DeliveryPolicy expected = all_reliable();
  expected.name = "custom";
  expected.for_class(FrameClass::B).lifetime = Duration(60ms);
  expected.for_class(FrameClass::B).stream = StreamId(5);
  expected.for_class(FrameClass::P).lifetime = Retransmissions{1};
  EXPECT_EQ(config->delivery, expected);
}

TEST(ServeConfigTest, APolicyKeepsItsNameWhenNothingOfItIsChanged) {
  EXPECT_EQ(parse_serve_config("[delivery.b]\nlifetime = \"100ms\"", "x")->delivery, prioritised());
}

TEST(ServeConfigTest, TellsEveryMistakeAtOnceWithItsLineAndWhatWouldBeRight) {
  const auto mistakes = mistakes_in(R"(listn = ["mayfly://[::]"]
report_interval = 200
[delivery]
policy = "prioritized"
[delivery.b]
lifetme = "60ms"
priority = -1
[delivery.p]
lifetime = "60"
message = "whole"
[transport]
streams = 1.5
no_delay = "yes"
rto_max = "2min"
)");

  EXPECT_THAT(
      mistakes,
      ElementsAre("lab.toml:1: listn: there is no such key; did you mean \"listen\"?",
                  "lab.toml:2: report_interval: must be duration, \"10ms\" to \"60s\"; for example "
                  "\"200ms\"",
                  AllOf(StartsWith("lab.toml:4: delivery.policy: "),
                        EndsWith("did you mean \"prioritised\"?")),
                  "lab.toml:6: delivery.b.lifetme: there is no such key; did you mean "
                  "\"delivery.b.lifetime\"?",
                  AllOf(StartsWith("lab.toml:7: delivery.b.priority: "), HasSubstr("0 to 65535")),
                  AllOf(StartsWith("lab.toml:9: delivery.p.lifetime: "), HasSubstr("100ms")),
                  AllOf(StartsWith("lab.toml:10: delivery.p.message: "), HasSubstr("pieces")),
                  AllOf(StartsWith("lab.toml:12: transport.streams: "), HasSubstr("whole number")),
                  "lab.toml:13: transport.no_delay: must be true or false; for example true",
                  AllOf(StartsWith("lab.toml:14: transport.rto_max: "), HasSubstr("\"60s\""))));
}

TEST(ServeConfigTest, TellsWhatSeveralKeysMakeWrongTogether) {
  const auto mistakes = mistakes_in(R"([transport]
rto_min = "1s"
streams = 3
[playout_delay]
usual = "10ms"
)");

  EXPECT_THAT(mistakes,
              ElementsAre(StartsWith("lab.toml: transport.rto_initial: \"500ms\" must not be"),
                          StartsWith("lab.toml: playout_delay.shortest: "),
                          StartsWith("lab.toml: delivery.b.stream: 3 must be less than"),
                          StartsWith("lab.toml: delivery.audio.stream: 4"),
                          StartsWith("lab.toml:2: transport.rto_min: \"1s\" must not be")));
}

TEST(ServeConfigTest, RefusesALifetimeBesideARetransmissionLimit) {
  const auto mistakes = mistakes_in("[delivery.p]\nlifetime = \"auto\"\nretransmissions = 1\n");

  ASSERT_EQ(mistakes.size(), 2U);
  EXPECT_THAT(mistakes[0], HasSubstr("lab.toml:2: delivery.p.lifetime: cannot stand beside"));
}

TEST(ServeConfigTest, ADiscardPriorityStandsInPlaceOfALifetime) {
  const auto config = parse_serve_config("[delivery.b]\ndiscard_priority = 7\n", "x");

  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->delivery.for_class(FrameClass::B).lifetime, Lifetime(DiscardPriority{7}));
  EXPECT_EQ(parse_serve_config(to_toml(*config), "x").value(), *config);
  EXPECT_THAT(mistakes_in("[delivery.b]\ndiscard_priority = 7\nretransmissions = 1\n"),
              ElementsAre(HasSubstr("delivery.b.discard_priority: cannot stand beside"),
                          HasSubstr("delivery.b.retransmissions: cannot stand beside")));
  EXPECT_THAT(mistakes_in("[delivery.b]\ndiscard_priority = -1\n"),
              ElementsAre(HasSubstr("delivery.b.discard_priority")));
}

TEST(ServeConfigTest, RefusesSectionsAndValuesInEachOthersPlace) {
  EXPECT_THAT(mistakes_in("delivery = \"prioritised\""),
              ElementsAre(HasSubstr("delivery: is a section; write [delivery]")));
  EXPECT_THAT(mistakes_in("[listen]\nurl = \"x\""), ElementsAre(HasSubstr("listen.url")));
  EXPECT_THAT(mistakes_in("[transprot]"), ElementsAre(HasSubstr("no such key")));
  EXPECT_THAT(mistakes_in("media = \"clip.mp4\""), ElementsAre(HasSubstr("[\"clip.mp4\"")));
  EXPECT_THAT(mistakes_in("media = [1, 2]"), ElementsAre(HasSubstr("list of files")));
  EXPECT_THAT(mistakes_in("[[delivery]]\npolicy = \"unreliable\""),
              ElementsAre(HasSubstr("section")));
}

TEST(ServeConfigTest, ASectionMayBeEmpty) {
  EXPECT_EQ(parse_serve_config("[delivery.b]\n# lifetime = \"60ms\"\n[transport]\n", "x").value(),
            ServeConfig{});
  EXPECT_THAT(parse_serve_config("[deliverance]\n", "x").error().message,
              HasSubstr("deliverance: there is no such key"));
}

TEST(ServeConfigTest, FindsAKeyThatStandsInTheWrongSection) {
  EXPECT_THAT(mistakes_in("rto_min = \"100ms\""),
              ElementsAre(HasSubstr("did you mean \"transport.rto_min\"?")));
}

TEST(ServeConfigTest, ADocumentThatIsNoTomlIsRefusedWithItsLine) {
  const auto mistakes = mistakes_in("[delivery]\npolicy = prioritised\n");

  ASSERT_FALSE(mistakes.empty());
  EXPECT_THAT(mistakes[0], StartsWith("lab.toml:2: "));
}

TEST(ServeConfigTest, AFileThatCannotBeReadIsNamed) {
  const auto absent = read_serve_config("/nowhere/mayfly.toml");
  const auto folder = read_serve_config("/");

  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().code, ErrorCode::NotFound);
  EXPECT_THAT(absent.error().message, HasSubstr("/nowhere/mayfly.toml"));
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().code, ErrorCode::Io);
}

TEST(ServeConfigTest, ReadsAFileAndNamesItInMistakes) {
  const std::string file = ::testing::TempDir() + "mayfly_serve_config_test.toml";
  std::ofstream(file) << "[limits]\nsessions = 0\n";

  const auto config = read_serve_config(file);

  ASSERT_FALSE(config);
  EXPECT_THAT(config.error().message, StartsWith(file + ":2: limits.sessions: "));
}

TEST(SetTest, SetsAKeyAsTheCommandLineSpellsIt) {
  ServeConfig config;

  EXPECT_TRUE(set(config, "delivery.b.lifetime", "60ms"));
  EXPECT_TRUE(set(config, "transport.streams", "8"));
  EXPECT_TRUE(set(config, "delivery.b.ordered", "true"));
  EXPECT_TRUE(set(config, {{"media", {"a.mp4", "b,c.mp4"}}}));

  EXPECT_EQ(config.delivery.for_class(FrameClass::B).lifetime, Lifetime(Duration(60ms)));
  EXPECT_TRUE(config.delivery.for_class(FrameClass::B).ordered);
  EXPECT_EQ(config.delivery.name, "custom");
  EXPECT_EQ(config.transport_options.streams, 8);
  EXPECT_THAT(config.media, ElementsAre("a.mp4", "b,c.mp4"));
}

TEST(SetTest, TheOrderOfOverridesDoesNotMatter) {
  ServeConfig one;
  ServeConfig other;

  ASSERT_TRUE(set(one, {{"delivery.b.lifetime", {"60ms"}}, {"delivery.policy", {"unreliable"}}}));
  ASSERT_TRUE(set(other, {{"delivery.policy", {"unreliable"}}, {"delivery.b.lifetime", {"60ms"}}}));

  EXPECT_EQ(one, other);
  EXPECT_EQ(one.delivery.for_class(FrameClass::B).lifetime, Lifetime(Duration(60ms)));
  EXPECT_EQ(one.delivery.for_class(FrameClass::I).lifetime, Lifetime(Retransmissions{0}));
}

TEST(SetTest, ChangesNothingWhenAnythingIsWrongAndTellsAllOfIt) {
  ServeConfig config;

  const auto result = set(config, {{"delivery.b.lifetime", {"60ms"}},
                                   {"delivery.p.lifetime", {"60"}},
                                   {"limits.session", {"7"}},
                                   {"impair", {"a", "b"}}});

  ASSERT_FALSE(result);
  EXPECT_EQ(config, ServeConfig{});
  EXPECT_THAT(result.error().message, HasSubstr("delivery.p.lifetime: \"60\" is not a lifetime"));
  EXPECT_THAT(result.error().message, HasSubstr("did you mean \"limits.sessions\"?"));
  EXPECT_THAT(result.error().message, HasSubstr("impair: takes one value, not 2"));
}

TEST(ServeConfigTest, EveryTransportOptionHasAKey) {
  // Does not compile when an option comes or goes: then the keys, and the generator of the property
  // below, must follow.
  [[maybe_unused]] const auto& [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v] =
      TransportOptions{};
  constexpr size_t kOptions = 22;

  size_t keys = 0;
  for (const KeyDescription& each : keys_of(ServeConfig{})) {
    const bool of_kernel = each.path.starts_with("transport.kernel.");
    keys += each.path.starts_with("transport.") && !of_kernel ? 1U : 0U;
  }

  EXPECT_EQ(keys, kOptions + 1);  // and transport.stack
}

RC_GTEST_PROP(ServeConfigProperty, WhatIsPrintedParsesBack, ()) {
  const ServeConfig config = *any_serve_config();

  const auto parsed = parse_serve_config(to_toml(config), "printed");

  if (!parsed) RC_FAIL(parsed.error().message);
  RC_ASSERT(*parsed == config);
}

RC_GTEST_PROP(ServeConfigProperty, EveryPrintedValueCanBeSetOnTheCommandLine, ()) {
  const ServeConfig wanted = *any_serve_config();
  ServeConfig config;
  std::vector<Override> overrides;
  for (const KeyDescription& each : keys_of(wanted)) {
    // Lists and texts come from the shell unquoted.
    if (each.kind == ValueKind::List) continue;
    if (each.kind == ValueKind::Text && each.value.find('\\') != std::string::npos) continue;
    const size_t quotes = each.kind == ValueKind::Text ? 1U : 0U;
    if (each.value.empty()) continue;
    overrides.push_back({each.path, {each.value.substr(quotes, each.value.size() - 2 * quotes)}});
  }

  const auto result = set(config, overrides);

  if (!result) RC_FAIL(result.error().message);
  RC_ASSERT(config.delivery == wanted.delivery);
  RC_ASSERT(config.transport_options == wanted.transport_options);
  RC_ASSERT(config.limits == wanted.limits);
}

TEST(ServeConfigTest, TellsWhatOthersSayOfAValueWithItsLineBesideTheOtherMistakes) {
  const ValueChecks checks = {{"listen", [](const std::string& url) -> Result<void> {
                                 if (url == "here") return {};
                                 return failure(ErrorCode::InvalidArgument, "not a URL: " + url);
                               }}};

  const auto config = parse_serve_config("listen = [\"here\", \"there\"]\nreport_interval = 3\n",
                                         "lab.toml", checks);

  ASSERT_FALSE(config);
  EXPECT_THAT(config.error().message, HasSubstr("lab.toml:1: listen: not a URL: there"));
  EXPECT_THAT(config.error().message, HasSubstr("lab.toml:2: report_interval"));
}

}  // namespace
}  // namespace mayfly
