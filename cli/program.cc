#include "cli/program.h"

#include <fmt/format.h>

#include <CLI/Error.hpp>
#include <cstdio>
#include <exception>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/help_format.h"

namespace mayfly {
namespace {

// Set once, before anything runs.
std::string typed;
std::vector<std::string> after_dashes;

// Another program's words are not ours to interpret, least of all its options and its own "--".
// Those of the command end in front of them; how many there are.
int set_words_apart(int argc, char** argv) {
  if (argc < 2 || std::string_view(argv[1]) != "link") return argc;
  for (int i = 2; i < argc; ++i) {
    if (std::string_view(argv[i]) != "--") continue;
    after_dashes.assign(argv + i + 1, argv + argc);
    return i;
  }
  return argc;
}

// The last words of a program that failed. Waits for whoever reads them; when they cannot be
// written there is only the status to tell.
void complain(std::string_view sentence) {
  std::fputs(fmt::format("mayfly: {}\n", sentence).c_str(), stderr);
}

void describe(CLI::App& app) {
  app.name("mayfly");
  app.set_version_flag("--version", std::string("mayfly ") + MAYFLY_VERSION);
  app.require_subcommand(1);
  app.formatter(std::make_shared<HelpFormat>());  // the subcommands inherit it
  app.footer(
      "\nExample: serve a folder, and watch a clip of it over a bad link\n"
      "  mayfly serve ~/videos\n"
      "  mayfly play mayfly://localhost/street.ts --impair \"loss=3%,delay=40ms\"\n"
      "\nmayfly COMMAND --help tells more, with an example.");
}

int run(int argc, char** argv, std::span<const AddCommand> commands) {
  for (int i = 0; i < argc; ++i) typed += (i == 0 ? "" : " ") + std::string(argv[i]);
  CLI::App app("Streams video over SCTP and gives every frame the lifetime it deserves.");
  describe(app);
  ChosenCommand chosen;
  for (const AddCommand add : commands) add(app, chosen);
  try {
    app.parse(set_words_apart(argc, argv), argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
    complain(usage_sentence(app, error));
    return kWrongUsage;
  }
  const CommandResult done = chosen();
  if (done) return done->status;
  complain(done.error().message);
  return done.error().status;
}

}  // namespace

int run_program(int argc, char** argv, std::span<const AddCommand> commands) {
  try {
    return run(argc, argv, commands);
  } catch (const std::exception& error) {
    // Only libraries throw, and their exceptions end at our edges: this one slipped through.
    complain(error.what());
    return kFailed;
  }
}

const std::string& command_line() { return typed; }

const std::vector<std::string>& words_after_dashes() { return after_dashes; }

}  // namespace mayfly
