#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>

#include "core/quantity.h"
#include "netsim/link_model.h"

namespace mayfly {
namespace {

constexpr std::array<std::string_view, 13> kLinkKeys = {
    "loss",    "burst", "loss_in_bad", "loss_in_good", "pattern",   "delay", "jitter",
    "reorder", "rate",  "trace",       "queue",        "duplicate", "outage"};

using Settings = std::map<std::string_view, std::string_view>;

// Far beyond any run, and far from where sums of times overflow.
constexpr Duration kLongest = 1000h;
// Shorter fades are a matter of packets; and a sender that is silent for an hour passes them all.
constexpr Duration kShortestFade = 100us;

// The spec as written: for both directions, and for one.
struct WrittenSettings {
  Settings both;
  Settings up;
  Settings down;
};

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const size_t end = text.find(separator);
    parts.push_back(trimmed(text.substr(0, end)));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::optional<double> number_from(std::string_view text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value, std::chars_format::fixed);
  if (error != std::errc{} || rest != end) return std::nullopt;
  return value;
}

Result<Duration> parse_bounded_duration(std::string_view text) {
  auto duration = parse_duration(text);
  if (duration && *duration > kLongest) {
    return failure(ErrorCode::InvalidArgument, "must not be longer than " + to_text(kLongest));
  }
  return duration;
}

WrittenSettings read_settings(std::string_view spec, std::vector<std::string>& mistakes) {
  WrittenSettings written;
  if (trimmed(spec).empty()) return written;
  for (const std::string_view part : split(spec, ',')) {
    const size_t equals = part.find('=');
    std::string_view key = trimmed(part.substr(0, equals));
    if (equals == std::string_view::npos) {
      mistakes.push_back(fmt::format("\"{}\" is not of the form key=value", part));
      continue;
    }
    Settings* into = &written.both;
    if (key.starts_with("up.")) into = &written.up;
    if (key.starts_with("down.")) into = &written.down;
    const std::string_view name = into == &written.both ? key : key.substr(key.find('.') + 1);
    const bool known = std::find(kLinkKeys.begin(), kLinkKeys.end(), name) != kLinkKeys.end();
    if (!known && (name != "seed" || into != &written.both)) {
      mistakes.push_back(
          fmt::format("\"{}\" is not a key; there are {} (also with up. or down. in "
                      "front) and seed",
                      key, fmt::join(kLinkKeys, ", ")));
    } else if (!into->emplace(name, trimmed(part.substr(equals + 1))).second) {
      mistakes.push_back(fmt::format("{} is given twice", key));
    }
  }
  return written;
}

// One direction: what holds for it alone hides what holds for both. So does a trace the rate of
// both, and a pattern the loss of both, and the other way round.
Settings settings_for(const WrittenSettings& written, const Settings& own) {
  Settings settings = own;
  for (const auto& [key, value] : written.both) {
    const bool is_loss = key == "loss" || key == "burst" || key.starts_with("loss_in_");
    if ((key == "rate" && own.contains("trace")) || (key == "trace" && own.contains("rate")) ||
        (is_loss && own.contains("pattern")) || (key == "pattern" && own.contains("loss"))) {
      continue;
    }
    if (key != "seed") settings.emplace(key, value);
  }
  return settings;
}

// Turns the settings of one direction into its model, and notes what is wrong with them.
class LinkReader {
 public:
  LinkReader(const Settings& settings, std::vector<std::string>& mistakes)
      : settings_(settings), mistakes_(mistakes) {}

  [[nodiscard]] LinkModel read();

 private:
  [[nodiscard]] std::optional<std::string_view> find(std::string_view key) const;
  void mistake(std::string_view key, const std::string& what);
  // Reads the value of `key` into `target` when there is one.
  template <class T, class Parse>
  void read_into(T& target, std::string_view key, Parse parse);

  [[nodiscard]] LossModel read_loss();
  [[nodiscard]] LossModel read_burst_loss(double mean, std::string_view burst);
  [[nodiscard]] LossModel read_pattern(std::string_view pattern);
  void check(const GilbertElliottLoss& loss);
  void read_capacity(LinkModel& link);
  void read_outages(LinkModel& link);

  const Settings& settings_;
  std::vector<std::string>& mistakes_;
};

LinkModel LinkReader::read() {
  LinkModel link;
  link.loss = read_loss();
  read_into(link.delay, "delay", parse_bounded_duration);
  read_into(link.jitter, "jitter", parse_bounded_duration);
  read_into(link.queue, "queue", parse_bounded_duration);
  read_into(link.duplicate, "duplicate", parse_percentage);
  read_into(link.reorder, "reorder", [](std::string_view text) -> Result<bool> {
    if (text == "on" || text == "off") return text == "on";
    return failure(ErrorCode::InvalidArgument, fmt::format("\"{}\" is not on or off", text));
  });
  read_capacity(link);
  read_outages(link);
  return link;
}

std::optional<std::string_view> LinkReader::find(std::string_view key) const {
  const auto found = settings_.find(key);
  if (found == settings_.end()) return std::nullopt;
  return found->second;
}

void LinkReader::mistake(std::string_view key, const std::string& what) {
  std::string text = fmt::format("{}: {}", key, what);
  // What holds for both directions is read twice.
  if (std::find(mistakes_.begin(), mistakes_.end(), text) == mistakes_.end()) {
    mistakes_.push_back(std::move(text));
  }
}

template <class T, class Parse>
void LinkReader::read_into(T& target, std::string_view key, Parse parse) {
  const auto text = find(key);
  if (!text) return;
  auto value = parse(*text);
  if (value) {
    target = *std::move(value);
  } else {
    mistake(key, value.error().message);
  }
}

LossModel LinkReader::read_loss() {
  const auto pattern = find("pattern");
  if (pattern && find("loss")) mistake("pattern", "cannot stand beside loss");
  if (!find("loss")) {
    for (const std::string_view key : {"burst", "loss_in_bad", "loss_in_good"}) {
      if (find(key)) mistake(key, "needs loss, the mean share of packets lost");
    }
  }
  if (pattern) return read_pattern(*pattern);
  double mean = 0;
  read_into(mean, "loss", parse_percentage);
  if (const auto burst = find("burst")) return read_burst_loss(mean, *burst);
  for (const std::string_view key : {"loss_in_bad", "loss_in_good"}) {
    if (find(key)) mistake(key, "needs burst, the mean length of a bad period in packets");
  }
  return BernoulliLoss{mean};
}

LossModel LinkReader::read_burst_loss(double mean, std::string_view burst) {
  if (const auto packets = number_from(burst)) {
    GilbertElliottLoss loss{.mean = mean, .burst_packets = *packets};
    read_into(loss.loss_in_bad, "loss_in_bad", parse_percentage);
    read_into(loss.loss_in_good, "loss_in_good", parse_percentage);
    check(loss);
    return loss;
  }
  const auto length = parse_bounded_duration(burst);
  if (length && *length < kShortestFade) {
    mistake("burst",
            fmt::format("must be at least {}, or a number of packets", to_text(kShortestFade)));
    return BernoulliLoss{};
  }
  if (!length) {
    mistake("burst", fmt::format("\"{}\" is neither a number of packets like \"5\" nor a duration "
                                 "like \"20ms\"",
                                 burst));
    return BernoulliLoss{};
  }
  for (const std::string_view key : {"loss_in_bad", "loss_in_good"}) {
    if (find(key)) mistake(key, "goes with a burst in packets only");
  }
  return FadingLoss{.mean = mean, .burst = *length};
}

void LinkReader::check(const GilbertElliottLoss& loss) {
  if (!(loss.burst_packets >= 1 && loss.burst_packets <= 1e9)) {
    mistake("burst", "must be at least 1 packet");
    return;
  }
  if (loss.loss_in_good >= loss.loss_in_bad || loss.mean < loss.loss_in_good ||
      loss.mean > loss.loss_in_bad) {
    mistake("loss", "must lie between loss_in_good and loss_in_bad");
    return;
  }
  // The chain must be able to leave the good state often enough: p = r bad / (1 - bad) <= 1.
  const double bad = (loss.mean - loss.loss_in_good) / (loss.loss_in_bad - loss.loss_in_good);
  const double shortest = bad < 1 ? bad / (1 - bad) : 1;
  if (loss.burst_packets < shortest) {
    mistake("burst", fmt::format("must be at least {:.3g} packets at this loss", shortest));
  }
}

LossModel LinkReader::read_pattern(std::string_view pattern) {
  PatternLoss loss;
  for (const char digit : pattern) loss.lost.push_back(digit == '1');
  if (pattern.empty() || pattern.find_first_not_of("01") != std::string_view::npos) {
    mistake("pattern",
            fmt::format("\"{}\" is not a row of 0 (arrives) and 1 (is lost), like 00100", pattern));
  }
  return loss;
}

// The name of a file, or the times themselves: "1ms+5ms+5ms".
Result<CapacityTrace> trace_from(std::string_view text) {
  CapacityTrace trace;
  for (const std::string_view part : split(text, '+')) {
    const auto time = parse_bounded_duration(part);
    if (!time) return read_capacity_trace(std::string(text));
    trace.opportunities.push_back(*time);
  }
  if (!std::is_sorted(trace.opportunities.begin(), trace.opportunities.end()) ||
      trace.opportunities.back() == Duration::zero()) {
    return failure(ErrorCode::InvalidArgument, "times must ascend and end later than 0");
  }
  return trace;
}

void LinkReader::read_capacity(LinkModel& link) {
  if (find("rate") && find("trace")) mistake("trace", "cannot stand beside rate");
  if (find("rate")) {
    DataRate rate = DataRate::bits_per_second(1);
    read_into(rate, "rate", parse_data_rate);
    if (rate == DataRate{}) {
      mistake("rate", "must not be 0; loss=100% makes a link on which nothing arrives");
    } else {
      link.capacity = rate;
    }
  } else if (find("trace")) {
    read_into(link.capacity, "trace", trace_from);
  }
}

void LinkReader::read_outages(LinkModel& link) {
  const auto text = find("outage");
  if (!text) return;
  for (const std::string_view part : split(*text, '/')) {
    const size_t plus = std::min(part.find('+'), part.size());
    const auto from = parse_bounded_duration(trimmed(part.substr(0, plus)));
    const auto length =
        parse_bounded_duration(trimmed(part.substr(std::min(plus + 1, part.size()))));
    if (from && length && *length > Duration::zero()) {
      link.outages.emplace_back(*from, *length);
    } else {
      mistake("outage", fmt::format("\"{}\" is not a beginning and a length like \"10s+400ms\", "
                                    "several joined by /",
                                    part));
    }
  }
}

uint64_t read_seed(const Settings& settings, std::vector<std::string>& mistakes) {
  uint64_t seed = PathModel{}.seed;
  const auto found = settings.find("seed");
  if (found == settings.end()) return seed;
  const std::string_view text = found->second;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, seed);
  if (error != std::errc{} || rest != end) {
    mistakes.push_back(fmt::format("seed: \"{}\" is not a whole number", text));
  }
  return seed;
}

}  // namespace

Result<PathModel> parse_path_model(std::string_view spec) {
  std::vector<std::string> mistakes;
  const WrittenSettings written = read_settings(spec, mistakes);
  PathModel path;
  path.seed = read_seed(written.both, mistakes);
  const Settings up = settings_for(written, written.up);
  const Settings down = settings_for(written, written.down);
  path.up = LinkReader(up, mistakes).read();
  path.down = LinkReader(down, mistakes).read();
  if (mistakes.empty()) return path;
  return failure(ErrorCode::InvalidArgument,
                 fmt::format("network \"{}\": {}", spec, fmt::join(mistakes, "; ")));
}

}  // namespace mayfly
