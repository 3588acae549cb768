// SPDX-License-Identifier: Apache-2.0
// What a daemon under load says of itself, and what the kernel says of its process.
#include "bench/daemon_figures.h"

#include <absl/strings/str_cat.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>
#include <unistd.h>

#include <fstream>

#include "acd/v1/wallboard_service.grpc.pb.h"

namespace acd::bench {

absl::StatusOr<std::shared_ptr<grpc::Channel>> connect_to(const std::string& target) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  auto channel = grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments);
  if (channel->WaitForConnected(std::chrono::system_clock::now() + kConnectLimit)) return channel;
  return absl::UnavailableError(absl::StrCat("cannot connect to ", target));
}

absl::Status check_statistics(const std::shared_ptr<grpc::Channel>& channel,
                              const std::string& tenant, const CallCounts& counts) {
  const auto stub = v1::WallboardService::NewStub(channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kConnectLimit);
  v1::ListQueueStatsRequest request;
  request.set_parent(absl::StrCat("tenants/", tenant));
  v1::ListQueueStatsResponse response;
  const grpc::Status status = stub->ListQueueStats(&context, request, &response);
  if (!status.ok()) {
    return absl::UnavailableError(absl::StrCat("ListQueueStats: ", status.error_message()));
  }
  const v1::QueueStats& total = response.total();
  const v1::OfferStats& offers = total.offers();
  const bool equal = total.offered() == counts.offered && total.answered() == counts.ended &&
                     total.handled() == counts.ended && total.waiting() == 0 &&
                     total.connected() == 0 && offers.created() == counts.offered &&
                     offers.accepted() == counts.offered && offers.stale() == 0 &&
                     total.conserved();
  if (equal) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("the daemon's statistics do not add up with ",
                                          counts.ended,
                                          " ended calls: ", total.ShortDebugString()));
}

absl::StatusOr<ResidentMemory> resident_memory(int pid) {
  std::ifstream file(absl::StrCat("/proc/", pid, "/statm"));
  int64_t all = 0;
  int64_t resident = 0;
  int64_t of_files = 0;
  if (!(file >> all >> resident >> of_files)) {
    return absl::NotFoundError(absl::StrCat("no process ", pid));
  }
  const int64_t page_bytes = sysconf(_SC_PAGESIZE);
  return ResidentMemory{.anonymous_bytes = (resident - of_files) * page_bytes,
                        .file_bytes = of_files * page_bytes};
}

}  // namespace acd::bench
