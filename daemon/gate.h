// SPDX-License-Identifier: Apache-2.0
// The one way out of a partition: nothing leaves before what it saw is durable.
#pragma once

#include <absl/base/thread_annotations.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "daemon/batch.h"
#include "daemon/mutex.h"
#include "daemon/observer.h"
#include "daemon/storage/journal.h"
#include "routing/event.h"

namespace acd {

// Everything that one turn has for the world.
struct TurnOutput {
  uint64_t sequence = 0;  // Last record that it depends on.
  int64_t now_ns = 0;
  std::vector<std::pair<Observer::BoardId, EventLog>> events;
  std::vector<std::pair<std::shared_ptr<SwitchStream>, Delivery>> deliveries;
};

// Holds the outputs of a partition's turns and lets them go, in order, once they are durable.
//
// Threads:  hold() from the shard's thread, on_durable() and on_failed() from the journal's.
//           Whichever finds an output due delivers it, one thread at a time.
// Bounds:   as many outputs as frames may wait in the journal, and one.
// Order:    events reach the observer before the acknowledgements that cover them reach the
//           streams, so that a read after an acknowledgement sees its events.
// Fails:    a failed journal ends the process with exit code kExitJournalFailed: what was applied
//           but is not durable must not be seen by anybody.
class Gate final : public JournalListener {
 public:
  static constexpr int kExitJournalFailed = 70;

  explicit Gate(Observer* observer) : observer_(observer) {}

  void hold(TurnOutput output);

  void on_durable(uint64_t sequence) override;
  void on_failed(const absl::Status& status) override;

 private:
  void release_due() ABSL_LOCKS_EXCLUDED(mutex_);

  Observer* const observer_;
  Mutex mutex_;
  std::deque<TurnOutput> held_ ABSL_GUARDED_BY(mutex_);
  uint64_t durable_sequence_ ABSL_GUARDED_BY(mutex_) = 0;
  bool releasing_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace acd
