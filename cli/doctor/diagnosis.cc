#include "cli/doctor/diagnosis.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace mayfly {
namespace {

using Verdict = Diagnosis::Verdict;

const char* mark_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::Fine: return "ok";
    case Verdict::Limited: return "limited";
    case Verdict::Missing: return "MISSING";
  }
  return "?";
}

const char* json_name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::Fine: return "fine";
    case Verdict::Limited: return "limited";
    case Verdict::Missing: return "missing";
  }
  return "unknown";
}

template <class Range, class Text>
size_t widest(const Range& range, Text text) {
  size_t width = 0;
  for (const auto& each : range) width = std::max(width, text(each).size());
  return width;
}

std::string settings_text(const StackSettings& stack) {
  const size_t name = widest(stack.settings, [](const auto& each) { return each.name; });
  const size_t value = widest(stack.settings, [](const auto& each) { return each.value; });
  const size_t own = widest(stack.settings, [](const auto& each) { return each.stack_default; });
  std::string text = fmt::format(
      "\nSettings of {}: what mayfly sets (by itself the stack would have)\n", stack.stack);
  for (const TransportSetting& each : stack.settings) {
    text += fmt::format("  {:<{}}  {:<{}}  {:<{}}  {}\n", each.name, name, each.value, value,
                        fmt::format("({})", each.stack_default), own + 2, each.reason);
  }
  return text;
}

}  // namespace

bool DoctorReport::is_fit() const {
  return std::none_of(diagnoses.begin(), diagnoses.end(),
                      [](const Diagnosis& each) { return each.verdict == Verdict::Missing; });
}

std::string to_text(const DoctorReport& report) {
  const size_t width = widest(report.diagnoses, [](const auto& each) { return each.what; });
  std::string text;
  for (const Diagnosis& each : report.diagnoses) {
    text += fmt::format("{:<7}  {:<{}}  {}\n", mark_of(each.verdict), each.what, width, each.state);
    if (!each.mend.empty())
      text += fmt::format("{:7}  {:<{}}  try: {}\n", "", "", width, each.mend);
  }
  for (const StackSettings& each : report.stacks) text += settings_text(each);
  return text;
}

std::string to_json(const DoctorReport& report) {
  nlohmann::ordered_json json;
  json["fit"] = report.is_fit();
  json["checks"] = nlohmann::ordered_json::array();
  for (const Diagnosis& each : report.diagnoses) {
    nlohmann::ordered_json check = {
        {"what", each.what}, {"state", each.state}, {"verdict", json_name_of(each.verdict)}};
    check["mend"] =
        each.mend.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(each.mend);
    json["checks"].push_back(std::move(check));
  }
  json["stacks"] = nlohmann::ordered_json::array();
  for (const StackSettings& each : report.stacks) {
    nlohmann::ordered_json stack = {{"stack", each.stack},
                                    {"settings", nlohmann::ordered_json::array()}};
    for (const TransportSetting& setting : each.settings) {
      stack["settings"].push_back({{"name", setting.name},
                                   {"value", setting.value},
                                   {"stack_default", setting.stack_default},
                                   {"reason", setting.reason}});
    }
    json["stacks"].push_back(std::move(stack));
  }
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace mayfly
