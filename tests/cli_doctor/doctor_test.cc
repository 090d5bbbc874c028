#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/doctor/diagnosis.h"
#include "cli/doctor/machine_checks.h"
#include "transport/kernel/kernel_settings.h"

namespace mayfly {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using Verdict = Diagnosis::Verdict;

KernelCapabilities without_sctp() {
  KernelCapabilities kernel;
  kernel.unavailable = Error{ErrorCode::Unsupported, "this kernel has no SCTP"};
  kernel.release = "6.1.0-18-amd64";
  return kernel;
}

TEST(DoctorTest, NamesTheCommandThatLoadsSctp) {
  KernelCapabilities kernel = without_sctp();
  kernel.module_on_disk = true;

  const auto lines = diagnose_kernel_sctp(kernel);

  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_EQ(lines[0].verdict, Verdict::Limited);
  EXPECT_THAT(lines[0].state, HasSubstr("the module is not loaded"));
  EXPECT_EQ(lines[0].mend, "modprobe sctp");
}

TEST(DoctorTest, NamesTheFileThatForbidsSctp) {
  KernelCapabilities kernel = without_sctp();
  kernel.module_on_disk = true;
  kernel.blacklisted_in = "/etc/modprobe.d/hardening.conf";

  const auto lines = diagnose_kernel_sctp(kernel);

  EXPECT_THAT(lines.at(0).state, HasSubstr("/etc/modprobe.d/hardening.conf forbids loading it"));
  EXPECT_THAT(lines.at(0).mend, HasSubstr("/etc/modprobe.d/hardening.conf && modprobe sctp"));
}

TEST(DoctorTest, PointsOutSysctlsThatGetInTheWay) {
  KernelCapabilities kernel;
  kernel.release = "6.1.0";
  kernel.sysctls = {{"prsctp_enable", 0}, {"udp_port", 9899}};

  const auto lines = diagnose_kernel_sctp(kernel);

  ASSERT_THAT(lines, SizeIs(3));
  EXPECT_EQ(lines[0].verdict, Verdict::Fine);
  EXPECT_EQ(lines[1].what, "net.sctp.prsctp_enable");
  EXPECT_EQ(lines[1].verdict, Verdict::Limited);
  EXPECT_EQ(lines[1].mend, "sysctl -w net.sctp.prsctp_enable=1");
  EXPECT_EQ(lines[2].verdict, Verdict::Fine);
  EXPECT_THAT(lines[2].state, HasSubstr("9899"));
  EXPECT_THAT(lines[2].mend, IsEmpty());
}

TEST(DoctorTest, TellsWhichFeaturesOfTheKernelAreOffAndHowToGetThem) {
  KernelCapabilities kernel;
  kernel.release = "6.1.0";
  kernel.sysctls = {{"prsctp_enable", 1}, {"udp_port", 0}};
  kernel.features = {
      {"SCTP-AUTH (RFC 4895)", "transport.kernel.auth_key_file", true, "not to be seen"},
      {"message interleaving (RFC 8260)", "transport.kernel.interleaving", false,
       "sysctl -w net.sctp.intl_enable=1"}};

  const auto lines = diagnose_kernel_sctp(kernel);

  ASSERT_THAT(lines, SizeIs(5));
  EXPECT_EQ(lines[2].mend, "sysctl -w net.sctp.udp_port=9899");
  EXPECT_EQ(lines[3].verdict, Verdict::Fine);
  EXPECT_THAT(lines[3].mend, IsEmpty());
  EXPECT_EQ(lines[4].verdict, Verdict::Limited);
  EXPECT_EQ(lines[4].state, "off: transport.kernel.interleaving will not work");
  EXPECT_EQ(lines[4].mend, "sysctl -w net.sctp.intl_enable=1");
}

TEST(DoctorTest, FindsUdpSocketsHere) {
  const auto lines = diagnose_udp(4096);

  ASSERT_THAT(lines, SizeIs(5));
  EXPECT_EQ(lines[0].what, "UDP sockets");
  EXPECT_THAT(lines, Each(Field(&Diagnosis::verdict, Not(Verdict::Missing))));
  EXPECT_EQ(lines[1].verdict, Verdict::Fine) << lines[1].state;
}

TEST(DoctorTest, SaysHowToGetLargerBuffers) {
  constexpr size_t kMoreThanAnyoneAllows = 1 << 30;

  const auto lines = diagnose_udp(kMoreThanAnyoneAllows);

  EXPECT_EQ(lines.at(1).verdict, Verdict::Limited);
  EXPECT_EQ(lines.at(1).mend, "sysctl -w net.core.rmem_max=1073741824");
}

TEST(DoctorTest, LooksAtEveryPartOfTheLaboratory) {
  const auto lines = diagnose_laboratory();

  ASSERT_THAT(lines, SizeIs(3));
  for (const Diagnosis& each : lines) {
    EXPECT_EQ(each.mend.empty(), each.verdict == Verdict::Fine) << each.what;
  }
}

TEST(DoctorTest, NamesMissingComponentsWithTheirPackages) {
  const std::vector<MissingComponent> missing = {{"vp9dec", "decodes VP9", "plugins-good"},
                                                 {"h264parse", "parses H.264", "plugins-bad"}};

  const Diagnosis found = diagnose_components("GStreamer", missing);

  EXPECT_EQ(found.verdict, Diagnosis::Verdict::Limited);
  EXPECT_THAT(found.state, HasSubstr("vp9dec (decodes VP9)"));
  EXPECT_EQ(found.mend, "apt-get install plugins-bad plugins-good");
  EXPECT_EQ(diagnose_components("GStreamer", {}).verdict, Diagnosis::Verdict::Fine);
}

TEST(DoctorTest, OnlyWhatIsIndispensableMakesAMachineUnfit) {
  DoctorReport report;
  report.diagnoses = {{"a", "b", Verdict::Limited, "c"}};
  EXPECT_TRUE(report.is_fit());

  report.diagnoses.push_back({"UDP sockets", "none", Verdict::Missing, {}});
  EXPECT_FALSE(report.is_fit());
}

TEST(DoctorTest, PrintsTheSameAsTextAndAsJson) {
  DoctorReport report;
  report.diagnoses = {{"SCTP in the kernel", "no", Verdict::Limited, "modprobe sctp"},
                      {"UDP sockets", "IPv4 \xff", Verdict::Fine, {}}};
  report.stacks = {{"kernel", {{"SCTP_NODELAY", "on", "off", "Nagle waits"}}}};

  const std::string text = to_text(report);
  const auto json = nlohmann::json::parse(to_json(report));

  EXPECT_THAT(text, AllOf(HasSubstr("limited  SCTP in the kernel  no\n"),
                          HasSubstr("try: modprobe sctp\n"), HasSubstr("ok       UDP sockets"),
                          HasSubstr("SCTP_NODELAY  on  (off)  Nagle waits\n")));
  EXPECT_EQ(json["fit"], true);
  EXPECT_EQ(json["checks"][0]["mend"], "modprobe sctp");
  EXPECT_EQ(json["checks"][0]["verdict"], "limited");
  EXPECT_TRUE(json["checks"][1]["mend"].is_null());
  EXPECT_EQ(json["stacks"][0]["settings"][0]["stack_default"], "off");
}

TEST(DoctorTest, TellsTheKernelsSettingsWithAndWithoutSctp) {
  TransportOptions options;
  options.rto_max = 350ms;
  options.shutdown_limit = 1s;

  const auto settings = kernel_settings(options);

  EXPECT_THAT(settings.size(), testing::Ge(10U));
  for (const TransportSetting& each : settings) {
    EXPECT_THAT(each.value, Not(IsEmpty())) << each.name;
    EXPECT_THAT(each.stack_default, Not(IsEmpty())) << each.name;
    EXPECT_THAT(each.reason, Not(IsEmpty())) << each.name;
    if (each.name == "SCTP_RTOINFO srto_max") {
      EXPECT_EQ(each.value, "350ms");
    }
  }
}

}  // namespace
}  // namespace mayfly
