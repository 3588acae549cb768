// SPDX-License-Identifier: Apache-2.0
// Unary requests that change something, or ask the shard: handed to it, answered when what it did or saw is
// durable.
#pragma once

#include <absl/functional/any_invocable.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "daemon/explain.h"
#include "daemon/mutex.h"
#include "daemon/rpc/status.h"
#include "daemon/table_change.h"

namespace acd {

struct UnaryCall;
class UnaryReply;

// The changes of one service that are parsed, checked or under way.
//
// Threads:  gRPC's; replies are given on a journal's or a shard's.
// Bounds:   `places_max` at once; more are told OVERLOADED.
class Changes {
  struct Places;

 public:
  // One of the places; whoever holds it may work on a change. May outlive the Changes.
  class Place {
   public:
    explicit Place(std::shared_ptr<Places> places) : places_(std::move(places)) {}
    ~Place();
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

   private:
    const std::shared_ptr<Places> places_;
  };

  explicit Changes(int places_max) : places_max_(places_max) {}

  // Null when all are taken; then the reply is given.
  [[nodiscard]] std::shared_ptr<Place> take_place(const UnaryCall& call);

  // Hands the change to the tenant's shard. `answer` replies to what was done; what was not is told
  // here. The reply is given at once where there is no such tenant.
  using Answer = absl::AnyInvocable<void(const TableAnswer& answer, UnaryReply* reply)>;
  static void submit(UnaryCall& call, const std::string& tenant, std::shared_ptr<Place> place,
                     std::unique_ptr<TableChange> change, Answer answer);

  // The same with a question; `told` replies.
  using Told = absl::AnyInvocable<void(const Explanation& answer, UnaryReply* reply)>;
  static void ask(UnaryCall& call, const std::string& tenant, std::shared_ptr<Place> place,
                  std::unique_ptr<Question> question, Told told);

  // For a stop, when nothing new is taken any more: waits until `limit` for the answers of changes
  // under way, then gives the others up: a shard that waits for its disk would hold the stop up for
  // ever.
  void finish(std::chrono::steady_clock::time_point limit);

 private:
  // Shared with the changes, which may outlive the service in a shard that stops after it.
  struct Places {
    Mutex mutex;
    CondVar left;
    int taken ABSL_GUARDED_BY(mutex) = 0;
    // Of changes under way, and of some that are over.
    std::vector<std::weak_ptr<UnaryReply>> replies ABSL_GUARDED_BY(mutex);
  };

  const int places_max_;
  const std::shared_ptr<Places> places_ = std::make_shared<Places>();
};

// A request id is none or a UUID.
void check_request_id(const std::string& id, Violations* violations);

}  // namespace acd
