#include "delivery/delivery_policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace mayfly {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(LifetimeTest, ParsesEverySpelling) {
  EXPECT_EQ(parse_lifetime("forever").value(), Lifetime(Forever{}));
  EXPECT_EQ(parse_lifetime("auto").value(), Lifetime(UntilDeadline{}));
  EXPECT_EQ(parse_lifetime("100ms").value(), Lifetime(Duration(100ms)));
  EXPECT_EQ(parse_lifetime("0 retransmissions").value(), Lifetime(Retransmissions{0}));
  EXPECT_EQ(parse_lifetime("1 retransmission").value(), Lifetime(Retransmissions{1}));
  EXPECT_EQ(parse_lifetime("discard priority 3").value(), Lifetime(DiscardPriority{3}));
}

TEST(LifetimeTest, RefusesWhatIsNoneAndSaysWhatWouldBe) {
  for (const char* text : {"", "100", "soon", "-1ms", "-1 retransmissions", "retransmissions",
                           "discard priority", "discard priority 65536", "discard priority -1",
                           "1.5 retransmissions", "1001 retransmissions", "Forever", "auto "}) {
    const auto lifetime = parse_lifetime(text);
    ASSERT_FALSE(lifetime) << text;
    EXPECT_THAT(lifetime.error().message, HasSubstr("\"forever\", \"auto\", \"100ms\""));
  }
}

TEST(LifetimeTest, RefusesZeroBecauseStacksDisagreeAboutIt) {
  const auto lifetime = parse_lifetime("0ms");

  ASSERT_FALSE(lifetime);
  EXPECT_THAT(lifetime.error().message, HasSubstr("0 retransmissions"));
}

TEST(LifetimeTest, RefusesLifetimesThatMeanReliable) {
  EXPECT_TRUE(parse_lifetime("60min"));
  EXPECT_FALSE(parse_lifetime("61min"));
}

RC_GTEST_PROP(LifetimeProperty, WhatIsPrintedParsesBack, ()) {
  const auto lifetime = *rc::gen::oneOf(
      rc::gen::just(Lifetime(Forever{})), rc::gen::just(Lifetime(UntilDeadline{})),
      rc::gen::map(rc::gen::inRange<int64_t>(1, 3'600'000'001),
                   [](int64_t us) { return Lifetime(Duration(us)); }),
      rc::gen::map(rc::gen::inRange<uint32_t>(0, 1001),
                   [](uint32_t limit) { return Lifetime(Retransmissions{limit}); }),
      rc::gen::map(rc::gen::arbitrary<uint16_t>(),
                   [](uint16_t value) { return Lifetime(DiscardPriority{value}); }));

  RC_ASSERT(parse_lifetime(to_text(lifetime)).value() == lifetime);
}

TEST(NamedPolicyTest, EveryNamedPolicyCanBeUsedAndKnowsItsName) {
  EXPECT_THAT(policy_names(),
              ElementsAre("prioritised", "all-reliable", "all-expiring", "unreliable"));
  for (const std::string& name : policy_names()) {
    const DeliveryPolicy policy = named_policy(name).value();
    EXPECT_EQ(policy.name, name);
    EXPECT_THAT(problems_of(policy), IsEmpty()) << name;
  }
}

TEST(NamedPolicyTest, AnUnknownNameIsAnsweredWithThoseThereAre) {
  const auto policy = named_policy("priority");

  ASSERT_FALSE(policy);
  EXPECT_EQ(policy.error().code, ErrorCode::NotFound);
  EXPECT_THAT(policy.error().message, HasSubstr("prioritised, all-reliable"));
}

TEST(NamedPolicyTest, PrioritisedGivesIFramesForeverAndSendsWhatCostsMostFirst) {
  const DeliveryPolicy policy = prioritised();

  EXPECT_EQ(policy.for_class(FrameClass::I).lifetime, Lifetime(Forever{}));
  EXPECT_EQ(policy.for_class(FrameClass::P).lifetime, Lifetime(UntilDeadline{}));
  EXPECT_EQ(policy.for_class(FrameClass::B).lifetime, Lifetime(Duration(100ms)));
  EXPECT_LT(policy.for_class(FrameClass::I).priority, policy.for_class(FrameClass::P).priority);
  EXPECT_LT(policy.for_class(FrameClass::P).priority, policy.for_class(FrameClass::B).priority);
  for (const FrameClass each : kFrameClasses) EXPECT_FALSE(policy.for_class(each).ordered);
}

TEST(NamedPolicyTest, AllReliableIsOneOrderedStreamLikeTcp) {
  const DeliveryPolicy policy = all_reliable();

  for (const FrameClass each : kFrameClasses) {
    EXPECT_EQ(policy.for_class(each), policy.for_class(FrameClass::I));
    EXPECT_TRUE(policy.for_class(each).ordered);
    EXPECT_EQ(policy.for_class(each).lifetime, Lifetime(Forever{}));
  }
}

TEST(PolicyProblemsTest, EveryProblemIsNamedByItsKey) {
  DeliveryPolicy policy = prioritised();
  policy.for_class(FrameClass::I).stream = StreamId(0);
  policy.for_class(FrameClass::P).stream = StreamId(65535);
  policy.for_class(FrameClass::B).lifetime = Duration(0ms);
  policy.for_class(FrameClass::Audio).lifetime = Retransmissions{5000};

  std::vector<std::string> messages;
  for (const Error& each : problems_of(policy)) messages.push_back(each.message);

  EXPECT_THAT(messages, ElementsAre(HasSubstr("delivery.i.stream: stream 0 carries"),
                                    HasSubstr("delivery.p.stream: must be at most 65534"),
                                    HasSubstr("delivery.b.lifetime: must be longer than 0"),
                                    HasSubstr("delivery.audio.lifetime: must be at most 1000")));
}

}  // namespace
}  // namespace mayfly
