#include "config/toml_document.h"

#include <fmt/format.h>

#include <toml++/toml.h>
#include <algorithm>

namespace mayfly {
namespace {

// Of the comment lines in a written document.
constexpr size_t kCommentWidth = 96;

int line_of(const toml::node& node) { return static_cast<int>(node.source().begin.line); }

// What the value is called in a sentence: nobody who wrote 1.5 asked for a "floating-point".
std::string name_of(toml::node_type type) {
  switch (type) {
    case toml::node_type::table: return "a section";
    case toml::node_type::array: return "a list";
    case toml::node_type::string: return "a text";
    case toml::node_type::integer: return "a whole number";
    case toml::node_type::floating_point: return "a number with a fraction";
    case toml::node_type::boolean: return "true or false";
    case toml::node_type::date:
    case toml::node_type::time:
    case toml::node_type::date_time: return "a date or time";
    case toml::node_type::none: break;
  }
  return "something else";
}

Setting setting_of(std::string path, const toml::node& node) {
  Setting setting{std::move(path), ValueKind::Other, {name_of(node.type())}, line_of(node)};
  if (const auto* text = node.as_string()) {
    setting.kind = ValueKind::Text;
    setting.values = {text->get()};
  } else if (const auto* integer = node.as_integer()) {
    setting.kind = ValueKind::Integer;
    setting.values = {std::to_string(integer->get())};
  } else if (const auto* flag = node.as_boolean()) {
    setting.kind = ValueKind::Flag;
    setting.values = {flag->get() ? "true" : "false"};
  } else if (node.is_table()) {
    setting.kind = ValueKind::Section;
  } else if (const auto* list = node.as_array();
             list &&
             std::ranges::all_of(*list, [](const auto& each) { return each.is_string(); })) {
    setting.kind = ValueKind::List;
    setting.values.clear();
    for (const toml::node& each : *list) setting.values.push_back(each.as_string()->get());
  }
  return setting;
}

void collect(const toml::table& table, const std::string& prefix, std::vector<Setting>& settings) {
  for (const auto& [key, node] : table) {
    std::string path = prefix + std::string(key.str());
    if (const auto* section = node.as_table(); section && !section->empty()) {
      collect(*section, path + ".", settings);
    } else {
      settings.push_back(setting_of(std::move(path), node));
    }
  }
}

// "# " and the words of the text, in lines that a terminal shows whole.
std::string comment(std::string_view text) {
  std::string lines;
  std::string line = "#";
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    if (line.size() + 1 + end > kCommentWidth) {
      lines += line + "\n";
      line = "#";
    }
    line += " " + std::string(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines + line + "\n";
}

}  // namespace

Result<std::vector<Setting>> read_toml(std::string_view document) {
  std::vector<Setting> settings;
  try {
    collect(toml::parse(document), "", settings);
  } catch (const toml::parse_error& error) {
    return failure(ErrorCode::Malformed,
                   fmt::format("{}: {}", error.source().begin.line, error.description()));
  }
  std::ranges::stable_sort(settings, {}, &Setting::line);
  return settings;
}

std::string write_toml(const std::vector<KeyDescription>& keys) {
  std::string document;
  std::string section;
  for (const KeyDescription& key : keys) {
    const size_t dot = key.path.rfind('.');
    const std::string in = dot == std::string::npos ? "" : key.path.substr(0, dot);
    const std::string name = dot == std::string::npos ? key.path : key.path.substr(dot + 1);
    if (!document.empty()) document += "\n";
    if (in != section) {
      section = in;
      document += fmt::format("[{}]\n", section);
    }
    document += comment(fmt::format("{} ({})", key.meaning, key.form));
    document += key.value.empty() ? fmt::format("# {} = {}\n", name, key.example)
                                  : fmt::format("{} = {}\n", name, key.value);
  }
  return document;
}

std::string toml_text(std::string_view text) {
  std::string out = "\"";
  for (const char each : text) {
    const auto byte = static_cast<unsigned char>(each);
    if (each == '"' || each == '\\') {
      out += '\\';
      out += each;
    } else if (byte < 0x20 || byte == 0x7f) {
      out += fmt::format("\\u{:04X}", byte);
    } else {
      out += each;
    }
  }
  return out + "\"";
}

std::string toml_value(ValueKind kind, const std::vector<std::string>& values) {
  switch (kind) {
    case ValueKind::Text: return toml_text(values.front());
    case ValueKind::Integer:
    case ValueKind::Flag: return values.front();
    case ValueKind::List:
    case ValueKind::Section:
    case ValueKind::Other: break;
  }
  std::string list;
  for (const std::string& each : values) list += (list.empty() ? "" : ", ") + toml_text(each);
  return "[" + list + "]";
}

}  // namespace mayfly
