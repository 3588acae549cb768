// SPDX-License-Identifier: Apache-2.0
// The one way out of a partition: nothing leaves before what it saw is durable.
#pragma once

#include <absl/base/thread_annotations.h>
#include <absl/functional/any_invocable.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "daemon/batch.h"
#include "daemon/mutex.h"
#include "daemon/observer.h"
#include "daemon/storage/journal.h"

namespace acd {

// Everything that one turn has for the world.
struct TurnOutput {
  uint64_t sequence = 0;  // Last record that it depends on.
  TurnEvents events;
  std::vector<std::pair<std::shared_ptr<SwitchStream>, Delivery>> deliveries;
  std::vector<absl::AnyInvocable<void()>> answers;  // To changes of tables, and what the log says.

  [[nodiscard]] bool empty() const {
    return events.empty() && deliveries.empty() && answers.empty();
  }
};

// Holds the outputs of a partition's turns and lets them go, in order, once they are durable.
//
// Threads:  hold() from the shard's thread, on_durable() and on_failed() from the journal's.
//           Whichever finds an output due delivers it, one thread at a time.
// Bounds:   as many outputs as frames may wait in the journal, and one.
// Order:    events reach the observer before the acknowledgements that cover them reach the
//           streams, so that a read after an acknowledgement sees its events.
// Fails:    a failed or fenced journal, or an ownership that has run out, shuts the gate and ends
//           the process: what was applied but is not durable must not be seen by anybody.
class Gate final : public JournalListener {
 public:
  static constexpr int kExitJournalFailed = 70;
  // Stopped while there was no space for what was taken in last.
  static constexpr int kExitStorageFull = 75;
  // Ends the process at once, with no destructor and no flush.
  using EndProcess = void (*)(int exit_code);

  // Both outlive the gate. A test that is to live on gives its own `end_process`; then the gate
  // stays shut.
  Gate(Observer* observer, const Ownership* ownership, EndProcess end_process = nullptr);

  void hold(TurnOutput output);
  // Until the observer and the streams have all that was held. False: the gate is shut, and they
  // never will. From the thread of hold().
  [[nodiscard]] bool wait_until_released();

  void on_durable(uint64_t sequence) override;
  void on_failed(const absl::Status& status) override;
  void on_space(JournalSpace space, const absl::Status& why) override;

  // Records up to here are durable. From any thread.
  [[nodiscard]] uint64_t durable_sequence() const;
  // What the journal said last. From any thread.
  struct Status {
    uint64_t durable_sequence = 0;  // 0: nothing since the start.
    JournalSpace space = JournalSpace::kEnough;
    std::string space_reason;
  };
  [[nodiscard]] Status status() const;
  [[nodiscard]] JournalSpace space() const;

 private:
  void release_due() ABSL_LOCKS_EXCLUDED(mutex_);
  [[nodiscard]] bool take_due(TurnOutput* output) ABSL_LOCKS_EXCLUDED(mutex_);
  void shut(int exit_code, const std::string& why) ABSL_LOCKS_EXCLUDED(mutex_);

  Observer* const observer_;
  const Ownership* const ownership_;
  const EndProcess end_process_;
  mutable Mutex mutex_;
  CondVar released_;  // Nobody is releasing, or the gate is shut.
  std::deque<TurnOutput> held_ ABSL_GUARDED_BY(mutex_);
  uint64_t durable_sequence_ ABSL_GUARDED_BY(mutex_) = 0;
  bool releasing_ ABSL_GUARDED_BY(mutex_) = false;
  bool is_shut_ ABSL_GUARDED_BY(mutex_) = false;
  JournalSpace space_ ABSL_GUARDED_BY(mutex_) = JournalSpace::kEnough;
  std::string space_reason_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace acd
