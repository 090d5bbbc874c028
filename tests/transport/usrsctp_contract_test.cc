#include "tests/transport/association_contract.h"
#include "tests/transport/usrsctp_environment.h"

namespace mayfly {
namespace {

std::unique_ptr<ContractEnvironment> make_environment(const TransportOptions& options) {
  return std::make_unique<UsrsctpEnvironment>(options);
}

INSTANTIATE_TEST_SUITE_P(UsrsctpOnVirtualTime, AssociationContract,
                         ::testing::Values(&make_environment));

}  // namespace
}  // namespace mayfly
