#include "delivery/delivery_policy.h"

#include <fmt/format.h>

#include "core/quantity.h"

namespace mayfly {
namespace {

// A message that may wait longer than this is in effect reliable, and should say so.
constexpr Duration kLongestLifetime = 1h;
// No stack does better for more: at one retransmission a round trip this is minutes.
constexpr uint32_t kMostRetransmissions = 1000;
// RFC 9260 3.3.2: stream 0 to 65534 can exist, as their number is a 16-bit count.
constexpr uint16_t kLastStream = 65534;

struct NamedPolicy {
  std::string_view name;
  DeliveryPolicy (*make)();
};
constexpr std::array kPolicies = {
    NamedPolicy{"prioritised", prioritised}, NamedPolicy{"all-reliable", all_reliable},
    NamedPolicy{"all-expiring", all_expiring}, NamedPolicy{"unreliable", unreliable}};

// Every class alike, on a stream of its own, unordered: a piece says where it belongs, and an
// ordered one would wait for others that need not come.
DeliveryPolicy alike(std::string name, const Lifetime& lifetime) {
  DeliveryPolicy policy;
  policy.name = std::move(name);
  for (const FrameClass each : kFrameClasses) {
    policy.for_class(each) = {.stream = StreamId(static_cast<uint16_t>(index_of(each) + 1)),
                              .lifetime = lifetime,
                              .ordered = false,
                              .priority = 1,
                              .message = MessageForm::Pieces};
  }
  return policy;
}

std::string fault_of(const Lifetime& lifetime) {
  if (const auto* duration = std::get_if<Duration>(&lifetime)) {
    if (*duration <= Duration::zero()) {
      return "must be longer than 0; \"0 retransmissions\" sends once";
    }
    if (*duration > kLongestLifetime) {
      return fmt::format("must be at most \"{}\"; \"forever\" is reliable",
                         to_text(kLongestLifetime));
    }
  }
  if (const auto* limit = std::get_if<Retransmissions>(&lifetime)) {
    if (limit->limit > kMostRetransmissions) {
      return fmt::format("must be at most {} retransmissions; \"forever\" is reliable",
                         kMostRetransmissions);
    }
  }
  return {};
}

std::optional<Retransmissions> parse_retransmissions(std::string_view text) {
  for (const std::string_view unit : {" retransmissions", " retransmission"}) {
    if (!text.ends_with(unit)) continue;
    const auto count =
        parse_integer(text.substr(0, text.size() - unit.size()), 0, kMostRetransmissions);
    if (count) return Retransmissions{static_cast<uint32_t>(*count)};
  }
  return std::nullopt;
}

std::optional<DiscardPriority> parse_discard_priority(std::string_view text) {
  constexpr std::string_view kName = "discard priority ";
  if (!text.starts_with(kName)) return std::nullopt;
  const auto value = parse_integer(text.substr(kName.size()), 0, UINT16_MAX);
  if (!value) return std::nullopt;
  return DiscardPriority{static_cast<uint16_t>(*value)};
}

}  // namespace

Result<Lifetime> parse_lifetime(std::string_view text) {
  if (text == "forever") return Forever{};
  if (text == "auto") return UntilDeadline{};
  if (const auto limit = parse_retransmissions(text)) return *limit;
  if (const auto priority = parse_discard_priority(text)) return *priority;
  const auto duration = parse_duration(text);
  if (!duration) {
    return failure(ErrorCode::InvalidArgument,
                   fmt::format("\"{}\" is not a lifetime like \"forever\", \"auto\", \"100ms\", "
                               "\"0 retransmissions\" or \"discard priority 3\"",
                               text));
  }
  if (const std::string fault = fault_of(*duration); !fault.empty()) {
    return failure(ErrorCode::InvalidArgument, fmt::format("lifetime \"{}\" {}", text, fault));
  }
  return *duration;
}

std::string to_text(const Lifetime& lifetime) {
  struct Printer {
    std::string operator()(Forever) const { return "forever"; }
    std::string operator()(UntilDeadline) const { return "auto"; }
    std::string operator()(Duration duration) const { return mayfly::to_text(duration); }
    std::string operator()(Retransmissions limit) const {
      return fmt::format("{} retransmission{}", limit.limit, limit.limit == 1 ? "" : "s");
    }
    std::string operator()(DiscardPriority priority) const {
      return fmt::format("discard priority {}", priority.value);
    }
  };
  return std::visit(Printer{}, lifetime);
}

std::string_view to_string(MessageForm form) {
  switch (form) {
    case MessageForm::Pieces: return "pieces";
    case MessageForm::Frame: return "frame";
  }
  return "?";
}

std::string name_of_stream(const DeliveryPolicy& policy, StreamId stream) {
  if (stream == StreamId(0)) return "control";
  std::string name;
  for (const FrameClass each : kFrameClasses) {
    if (policy.for_class(each).stream != stream) continue;
    name += (name.empty() ? "" : "+") + std::string(to_string(each));
  }
  return name.empty() ? "-" : name;
}

DeliveryPolicy prioritised() {
  DeliveryPolicy policy = alike("prioritised", UntilDeadline{});
  policy.for_class(FrameClass::I).lifetime = Forever{};
  policy.for_class(FrameClass::B).lifetime = Duration(100ms);
  // Audio is a fiftieth of the bytes and the first thing a viewer misses.
  policy.for_class(FrameClass::Audio).priority = 1;
  policy.for_class(FrameClass::I).priority = 2;
  policy.for_class(FrameClass::P).priority = 3;
  policy.for_class(FrameClass::B).priority = 4;
  return policy;
}

DeliveryPolicy all_reliable() {
  DeliveryPolicy policy = alike("all-reliable", Forever{});
  for (Delivery& each : policy.classes) {
    each.stream = StreamId(1);
    each.ordered = true;
  }
  return policy;
}

DeliveryPolicy all_expiring() { return alike("all-expiring", UntilDeadline{}); }

DeliveryPolicy unreliable() { return alike("unreliable", Retransmissions{0}); }

std::vector<std::string> policy_names() {
  std::vector<std::string> names;
  for (const NamedPolicy& each : kPolicies) names.emplace_back(each.name);
  return names;
}

Result<DeliveryPolicy> named_policy(std::string_view name) {
  for (const NamedPolicy& each : kPolicies) {
    if (each.name == name) return each.make();
  }
  return failure(ErrorCode::NotFound, fmt::format("no policy is called \"{}\"; there are {}", name,
                                                  fmt::join(policy_names(), ", ")));
}

std::vector<Error> problems_of(const DeliveryPolicy& policy) {
  std::vector<Error> problems;
  for (const FrameClass each : kFrameClasses) {
    const Delivery& delivery = policy.for_class(each);
    const auto report = [&](std::string_view key, std::string_view fault) {
      problems.push_back({ErrorCode::InvalidArgument,
                          fmt::format("delivery.{}.{}: {}", to_string(each), key, fault)});
    };
    if (delivery.stream == StreamId(0)) {
      report("stream", "stream 0 carries the control messages; 1 and up are free");
    } else if (delivery.stream.value() > kLastStream) {
      report("stream", fmt::format("must be at most {}", kLastStream));
    }
    if (const std::string fault = fault_of(delivery.lifetime); !fault.empty()) {
      report("lifetime", fault);
    }
  }
  return problems;
}

}  // namespace mayfly
