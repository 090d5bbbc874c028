#include <memory>

#include "cli/command.h"
#include "cli/doctor/diagnosis.h"
#include "cli/doctor/machine_checks.h"
#include "cli/output.h"
#include "client/gst/gst_elements.h"
#include "transport/kernel/kernel_capabilities.h"
#include "transport/kernel/kernel_settings.h"
#include "transport/transport_options.h"
#include "transport/usrsctp/usrsctp_settings.h"

namespace mayfly {
namespace {

Diagnosis diagnose_gstreamer() {
  std::vector<MissingComponent> missing;
  for (const MissingElement& each : missing_gst_elements()) {
    missing.push_back({each.element, each.purpose, each.package});
  }
  return diagnose_components("GStreamer, for a window", missing);
}

CommandResult examine(bool json) {
  const TransportOptions options;
  DoctorReport report;
  for (const auto& checks : {diagnose_udp(options.socket_receive_buffer_bytes),
                             diagnose_kernel_sctp(probe_kernel_sctp()),
                             {diagnose_gstreamer()},
                             diagnose_laboratory()}) {
    report.diagnoses.insert(report.diagnoses.end(), checks.begin(), checks.end());
  }
  ASSIGN_OR_RETURN(auto usrsctp, usrsctp_settings(options));
  report.stacks.push_back({"usrsctp", std::move(usrsctp)});
  report.stacks.push_back({"the kernel's SCTP", kernel_settings(options)});
  RETURN_IF_ERROR(write_to_stdout(json ? to_json(report) : to_text(report)));
  if (report.is_fit()) return {};
  return failure(ErrorCode::Unsupported,
                 "something mayfly cannot do without is missing; the lines above say what, and "
                 "the mend");
}

}  // namespace

void add_doctor_command(CLI::App& app, ChosenCommand& chosen) {
  auto* command =
      app.add_subcommand("doctor", "Says what this machine offers, what is missing, and the mend");
  const auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "One JSON document");
  command->footer(
      "\nExample: what stands in the way of SCTP in the kernel\n"
      "  mayfly doctor | grep -A1 SCTP");
  command->callback([json, &chosen] { chosen = [json] { return examine(*json); }; });
}

}  // namespace mayfly
