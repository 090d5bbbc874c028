#include "runtime/resolver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "runtime/event_loop.h"

namespace mayfly {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

class ResolverTest : public testing::Test {
 protected:
  Result<std::vector<IpEndpoint>> resolve(const std::string& host) {
    std::optional<Result<std::vector<IpEndpoint>>> answer;
    resolver_.resolve(host, 9899, [&](auto result) { answer = std::move(result); });
    EXPECT_FALSE(answer.has_value());  // never from inside the call
    EXPECT_TRUE(loop_.run_until([&] { return answer.has_value(); }, 30s));
    return answer ? *answer : failure(ErrorCode::Timeout, "nothing came");
  }

  EventLoop loop_;
  Resolver resolver_{loop_};
};

TEST_F(ResolverTest, AnswersAnAddressWithItself) {
  EXPECT_THAT(*resolve("192.0.2.7"), ElementsAre(IpEndpoint::v4({192, 0, 2, 7}, 9899)));
  EXPECT_EQ(to_string(resolve("2001:db8::1")->front()), "[2001:db8::1]:9899");
}

TEST_F(ResolverTest, FindsTheAddressesOfANameOnce) {
  const auto found = resolve("localhost");

  ASSERT_TRUE(found.has_value()) << found.error().message;
  for (const IpEndpoint& endpoint : *found) {
    EXPECT_EQ(std::count(found->begin(), found->end(), endpoint), 1);
    EXPECT_EQ(endpoint.port, 9899);
  }
}

TEST_F(ResolverTest, SaysWhichNameHasNoAddress) {
  // RFC 6761 6.4: "invalid" never resolves. No network is asked where there is none.
  const auto found = resolve("nowhere.invalid");

  ASSERT_FALSE(found.has_value());
  EXPECT_EQ(found.error().code, ErrorCode::NotFound);
  EXPECT_THAT(found.error().message, HasSubstr("\"nowhere.invalid\""));
}

TEST(ResolverLifetimeTest, CallsNobodyBackOnceDestroyed) {
  EventLoop loop;
  bool called = false;
  auto resolver = std::make_unique<Resolver>(loop);
  resolver->resolve("192.0.2.7", 1, [&](const auto&) { called = true; });
  resolver->resolve("localhost", 1, [&](const auto&) { called = true; });

  resolver.reset();
  EXPECT_FALSE(loop.run_until([&] { return called; }, 20ms));
}

TEST(ResolverLifetimeTest, MayBeDestroyedByItsOwnAnswer) {
  EventLoop loop;
  auto resolver = std::make_unique<Resolver>(loop);
  resolver->resolve("192.0.2.7", 1, [&](const auto&) { resolver.reset(); });

  EXPECT_TRUE(loop.run_until([&] { return resolver == nullptr; }, 30s));
}

}  // namespace
}  // namespace mayfly
