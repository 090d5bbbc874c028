// The files that show the configuration, config/*.toml and docs/CONFIG.md, say exactly what the
// program does. After a change of the keys, MAYFLY_REWRITE=1 config_tests writes them anew.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "config/embedded_defaults.h"
#include "config/play_config.h"
#include "config/serve_config.h"
#include "config/toml_document.h"

namespace mayfly {
namespace {

const std::string kSource = MAYFLY_SOURCE_DIR "/";

std::string content_of(const std::string& file) {
  std::ifstream stream(kSource + file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

void expect_content(const std::string& file, const std::string& expected) {
  if (std::getenv("MAYFLY_REWRITE") != nullptr) std::ofstream(kSource + file) << expected;
  EXPECT_EQ(content_of(file), expected) << "MAYFLY_REWRITE=1 config_tests writes " << file;
}

std::string serve_document() {
  return "# What `mayfly serve` does where it is not told otherwise. Copy what you want to change\n"
         "# to a file of your own and serve with -c FILE; leave the rest out.\n\n" +
         to_toml(ServeConfig{});
}

std::string play_document() {
  return "# What `mayfly play` does where it is not told otherwise. Copy what you want to change\n"
         "# to a file of your own and play with -c FILE; leave the rest out.\n\n" +
         to_toml(PlayConfig{});
}

std::string policy_document(const std::string& name) {
  ServeConfig config;
  config.delivery = named_policy(name).value();
  auto keys = keys_of(config);
  std::erase_if(keys, [](const KeyDescription& key) { return !key.path.starts_with("delivery"); });
  return fmt::format("# The policy {} in full, for `mayfly serve -c`.\n\n", name) +
         write_toml(keys);
}

std::string table_row(const KeyDescription& key) {
  const std::string name = key.path.substr(key.path.rfind('.') + 1);
  const std::string value = key.value.empty() ? "not set" : "`" + key.value + "`";
  return fmt::format("| `{}` | {} | {} | {} |\n", name, value, key.form, key.meaning);
}

std::string reference(const std::vector<KeyDescription>& keys) {
  std::string text;
  std::string section = "none yet";
  for (const KeyDescription& key : keys) {
    const size_t dot = key.path.rfind('.');
    const std::string in = dot == std::string::npos ? "" : key.path.substr(0, dot);
    if (in != section) {
      section = in;
      text += section.empty() ? "" : fmt::format("\n### `[{}]`\n", section);
      text += "\n| key | default | value | meaning |\n|---|---|---|---|\n";
    }
    text += table_row(key);
  }
  return text + "\n";
}

// The document with the text between the marker and the next one replaced.
std::string with_part(const std::string& document, const std::string& name,
                      const std::string& part) {
  const std::string begin = fmt::format("<!-- {} -->\n", name);
  const std::string end = fmt::format("<!-- end of {} -->", name);
  const size_t from = document.find(begin);
  const size_t to = document.find(end);
  if (from == std::string::npos || to == std::string::npos) return "no markers of " + name;
  return document.substr(0, from) + begin + part + document.substr(to);
}

TEST(ConfigDocumentsTest, TheDefaultFilesAreTheDefaults) {
  expect_content("config/serve.toml", serve_document());
  expect_content("config/play.toml", play_document());

  EXPECT_EQ(parse_serve_config(content_of("config/serve.toml"), "x").value(), ServeConfig{});
  EXPECT_EQ(parse_play_config(content_of("config/play.toml"), "x").value(), PlayConfig{});
}

TEST(ConfigDocumentsTest, TheProgramHasTheDefaultFilesInIt) {
  EXPECT_EQ(kServeDefaults, content_of("config/serve.toml"));
  EXPECT_EQ(kPlayDefaults, content_of("config/play.toml"));
}

TEST(ConfigDocumentsTest, EveryNamedPolicyHasItsFile) {
  for (const std::string& name : policy_names()) {
    const std::string file = "config/policies/" + name + ".toml";
    expect_content(file, policy_document(name));

    EXPECT_EQ(parse_serve_config(content_of(file), file)->delivery, named_policy(name).value());
  }
}

TEST(ConfigDocumentsTest, TheReferenceHasEveryKey) {
  std::string document = content_of("docs/CONFIG.md");
  document = with_part(document, "keys of serve", reference(keys_of(ServeConfig{})));
  document = with_part(document, "keys of play", reference(keys_of(PlayConfig{})));

  expect_content("docs/CONFIG.md", document);
}

}  // namespace
}  // namespace mayfly
