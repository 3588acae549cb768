// SPDX-License-Identifier: Apache-2.0
// A list of tenants with one journal and one gate: the unit of durability and ownership.
#pragma once

#include <absl/base/thread_annotations.h>
#include <absl/container/flat_hash_map.h>
#include <absl/functional/function_ref.h>
#include <absl/status/status.h>

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/batch.h"
#include "daemon/config/config_file.h"
#include "daemon/gate.h"
#include "daemon/metrics.h"
#include "daemon/mutex.h"
#include "daemon/observer.h"
#include "daemon/opening_hours.h"
#include "daemon/outbox.h"
#include "daemon/predicted_waits.h"
#include "daemon/router_clock.h"
#include "daemon/snapshot.h"
#include "daemon/storage/journal.h"
#include "daemon/storage/records.h"
#include "daemon/storage/suspects.h"
#include "routing/hash64.h"
#include "routing/router.h"
#include "routing/timer_queue.h"

namespace acd {

namespace storage::v1 {
class OverrideQueue;
}

// Ends of calls that a switch which resumes and does not answer is told again, of each switch, for
// kOrderDeadlineNs.
inline constexpr size_t kEndsKeptMax = 1'000;
// The same of one call that lives on.
inline constexpr size_t kLiveOrdersKeptMax = 16;
// A line between two switches that is dead is told once in so long.
inline constexpr int64_t kLineWarningNs = 60 * kNsPerS;
// Calls for later that one look at the clock lets enter.
inline constexpr size_t kDueCallsMax = 250;
// So often the wall's clock is compared with the opening hours at least: it may leap.
inline constexpr int64_t kHoursLookNs = 10 * kNsPerS;

struct PartitionOptions {
  std::string name;
  std::string release;  // Stands in the journal, for whoever cannot read on: whose rules decided.
  // What the events are written to; null: nothing. Outlives the partition.
  HistoryWriter* history = nullptr;
  // Keeps what the partition is about when it crashes; null: nothing. Outlives the partition.
  Suspects* suspects = nullptr;
  // Timers that one turn may fire before commands get their chance.
  uint32_t timers_per_turn_max = 10'000;
  // A turn's frame ends when its payload reaches so many bytes.
  size_t frame_bytes_max = 256 << 10;
  // On a wall clock a frame is written when for so long nobody gave cause for one: at a start the
  // time since the last frame counts as down time, of which kClockJumpCapNs is believed at most.
  int64_t quiet_max_ns = 600 * kNsPerS;
  // Unix time in nanoseconds, as the machine has it; a test may have its own.
  int64_t (*unix_ns)() = acd::unix_ns;
  Gate::EndProcess end_process = nullptr;  // As the gate's.
};

// Why the Router refused a table of `tenant` (its resource name), for whoever starts the daemon;
// `left_out` is the queue of kQueueNotEmpty.
[[nodiscard]] absl::Status table_status(Reject reject, const std::string& tenant,
                                        const Router::LeftOutQueue& left_out);

// Runs the Routers of its tenants in turns: time first, then commands, then one frame.
//
// Threads:  restore(), recover() and start() from the main thread before the shard runs; all else from the
//           shard's.
// Owns:     the Routers, the gate and the clock; the journal and the observer outlive it.
// Order:    what a turn did leaves through the gate when its frame is durable.
// Fails:    recover() with DATA_LOSS when a replayed frame gives other events than it gave before.
class Partition {
 public:
  Partition(PartitionOptions options, ClockMode clock_mode, Journal* journal,
            const Ownership* ownership, Observer* observer);
  Partition(const Partition&) = delete;
  Partition& operator=(const Partition&) = delete;

  // Takes the state of a snapshot, before recover(). FAILED_PRECONDITION when this release reads it
  // differently than the one that wrote it, DATA_LOSS when it cannot be read.
  [[nodiscard]] absl::Status restore(SavedPartition saved);
  // Replays what the journal holds behind that state, or all of it. Nothing is delivered; the
  // observer gets every event. Stops before the end after a frame for which `is_enough` says so.
  [[nodiscard]] absl::Status recover(absl::FunctionRef<bool()> is_enough = [] { return false; });
  // Whether the state can be saved: it is complete and no work is half done.
  [[nodiscard]] bool is_quiet() const;
  // The state after the last record; its history_id and release are left to the caller. REQUIRES:
  // is_quiet(), the observer runs and nobody else reads it.
  [[nodiscard]] SavedPartition save() const;
  [[nodiscard]] uint64_t last_sequence() const { return last_sequence_; }
  // Begins to run: starts the journal, seeds an empty one from `seeds`, or resumes what was there
  // with the clock advanced by the wall time that passed.
  [[nodiscard]] absl::Status start(const std::vector<TenantSeed>& seeds);

  // One turn at the clock's present, or at the conductor's for a driven batch. Takes the batches.
  void turn(std::vector<std::unique_ptr<Batch>>& batches);
  // When the clock next needs a turn without a batch; kNeverNs on a driven clock.
  [[nodiscard]] int64_t next_turn_ns() const;
  [[nodiscard]] const RouterClock& clock() const { return clock_; }

  struct TenantInfo {
    std::string id;
    TenantIndex index;
    Observer::BoardId board = 0;
    std::string config_etag;
  };
  [[nodiscard]] std::vector<TenantInfo> tenants() const;
  // Over all tenants in order.
  [[nodiscard]] uint64_t state_hash() const;
  [[nodiscard]] std::string check_invariants() const;
  [[nodiscard]] uint64_t replayed_records() const { return replayed_records_; }
  // Records up to here are durable. From any thread.
  [[nodiscard]] uint64_t durable_sequence() const { return gate_.durable_sequence(); }
  // How much room the journal has left. From any thread.
  [[nodiscard]] JournalSpace space() const { return gate_.space(); }
  [[nodiscard]] Gate::Status gate_status() const { return gate_.status(); }
  // From any thread.
  [[nodiscard]] CommandFigures command_figures() const ABSL_LOCKS_EXCLUDED(figures_mutex_);

 private:
  // What a switch that does not answer was told of a live call, the oldest first.
  struct LiveOrders {
    SourceIndex source;
    std::deque<KeptOrder> orders;
  };
  // What a switch that answers commands has not answered: all that it is told again.
  struct SwitchAnswers {
    bool answers = false;  // In its present epoch. Else `outbox` is empty.
    Outbox outbox;
    int64_t warned_ns = INT64_MIN;  // When the log was told last, and what it was not told since.
    uint64_t untold = 0;
  };
  struct Tenant {
    std::string id;
    std::shared_ptr<const ConfigInForce> config;
    Router router;
    Observer::BoardId board = 0;
    std::vector<std::shared_ptr<SwitchStream>> streams;  // By source; null: not connected.
    std::vector<std::deque<KeptOrder>> ends;             // By source, the oldest first.
    // Of each live call, by its id, until the switch shows that it knows.
    std::map<std::string, LiveOrders, std::less<>> live_orders;
    std::vector<SwitchAnswers> switches;  // By source.
    std::deque<KeptAnswer> answers;       // The oldest first.
    // When it was last said that calls of the one switch do not reach the other's stations.
    std::map<std::pair<SourceIndex, SourceIndex>, int64_t> lines_warned_ns;
    // acd.v1.Queue of those that were left out of the configuration, by id, as they were last.
    std::map<std::string, std::string> left_out;
    OpeningHours hours;
    // Unix time when the hours were last looked at, and when they are to be: INT64_MIN for at once.
    int64_t hours_seen_ns = 0;
    int64_t hours_due_ns = INT64_MIN;
    bool has_told_hours = false;   // The board has a list that is not empty.
    size_t translated_events = 0;  // Of the router's log: already turned into switch commands.
    bool touched = false;          // In this frame.
  };
  struct Binding {
    TenantIndex tenant;
    SourceIndex source;
  };

  [[nodiscard]] Tenant& tenant_at(TenantIndex index) { return *tenants_[index.value()]; }
  // The tenant's events and hash belong to the frame that is being built.
  void mark_touched(TenantIndex index);
  [[nodiscard]] Router& touch(TenantIndex index);

  // --- One turn.
  void run_wall_turn(std::vector<std::unique_ptr<Batch>>& batches);
  void tell_time();
  void run_driven_batch(std::unique_ptr<Batch> batch);
  // The same on the way to the conductor's time, with the hours that change before it.
  void advance_driven(int64_t now_ns);
  // Fires what is due before `now_ns`; false when more is due than a turn may fire.
  [[nodiscard]] bool advance(int64_t now_ns);
  void apply_batch(std::unique_ptr<Batch> batch, int64_t now_ns);
  void answer_question(Batch& batch);
  void apply_open(Batch& batch, int64_t now_ns);
  void apply_close(Batch& batch, int64_t now_ns);
  void apply_events(Batch& batch, Binding binding, int64_t now_ns);
  // Makes the event one that is refused for `reason` (acd.v1.ErrorReason).
  static void refuse_instead(Batch& batch, size_t index, int32_t reason);
  // Applies and journals one command.
  Reject apply(TenantIndex tenant, const Command& command, std::string_view arena, int64_t now_ns);
  // Ends the frame where it has no room for the command.
  void make_room(const Command& command);
  // Ends the frame: appends it and hands the turn's output to the gate.
  void seal_frame();

  // --- Output.
  Delivery& delivery_for(const std::shared_ptr<SwitchStream>& stream);
  static TextRef add_text(Delivery& delivery, std::string_view text);
  // `ended_call` is the call that the switch ended by the command which brought the events; empty
  // when it ended none.
  void translate_events(TenantIndex tenant, std::string_view ended_call = {});
  void translate_event(Tenant& tenant, const Event& event, std::string_view ended_call);
  void warn_of_line(Tenant& tenant, const Event& event) const;
  // --- partition_desktops.cc
  // Null: the session is away.
  [[nodiscard]] static std::shared_ptr<SwitchStream> desktop_stream(const Tenant& tenant,
                                                                    SourceIndex desktop);
  [[nodiscard]] static std::shared_ptr<SwitchStream> stream_of_agent(const Tenant& tenant,
                                                                     AgentIndex index);
  void tell_desktop(Tenant& tenant, const Event& event);
  void tell_standing(Tenant& tenant, AgentIndex index, const std::shared_ptr<SwitchStream>& stream);
  void tell_status(Tenant& tenant, AgentIndex index, const std::shared_ptr<SwitchStream>& stream);
  // As things were at `now_ns`: a timer fires before the turn's time is known.
  void tell_offer(Tenant& tenant, CallIndex index, AgentIndex offered, uint32_t generation,
                  int64_t now_ns, int64_t deadline_ns, const std::shared_ptr<SwitchStream>& stream);
  void add_update(Tenant& tenant, AgentIndex agent, DesktopUpdate update,
                  const std::shared_ptr<SwitchStream>& stream);
  void tell_attached(Tenant& tenant, SourceIndex desktop,
                     const std::shared_ptr<SwitchStream>& stream);
  // Whether a limit of its queue ended the call, so that the switch is to release it.
  static bool is_release(const Tenant& tenant, const Event& event, std::string_view ended_call);
  [[nodiscard]] static int64_t deadline_of(const Tenant& tenant, const Event& event,
                                           const SwitchCommand& command);
  // The names and addresses of the command, into `*arena`.
  static void fill_texts(const Tenant& tenant, const Event& event, SwitchCommand* command,
                         std::string* arena);
  static void fill_parties(const Tenant& tenant, CallIndex call, AgentIndex agent,
                           SwitchCommand* command, std::string* arena);
  // For a switch that resumes.
  void keep_order(Tenant& tenant, const Event& event, const SwitchCommand& command,
                  std::string_view arena);
  // --- partition_answers.cc
  [[nodiscard]] static SwitchAnswers& switch_at(Tenant& tenant, SourceIndex source);
  [[nodiscard]] static bool does_answer(const Tenant& tenant, SourceIndex source);
  void keep_unanswered(Tenant& tenant, SourceIndex source, KeptOrder order, int64_t now_ns);
  void greet_switch(Tenant& tenant, const Event& event);
  // What a command of a switch says to what it was told. Behind the Router, live and by replay.
  void heed_answers(TenantIndex index, const Command& command, std::string_view arena);
  // Until when the Router waits for what the order asks for; none: it does not, or never did.
  [[nodiscard]] static std::optional<int64_t> awaited_until_ns(const Tenant& tenant,
                                                               const KeptOrder& order);
  static void refresh_awaited(const Tenant& tenant, SwitchAnswers* one, int64_t now_ns);
  static void grant_return(Tenant* tenant);
  static void forget_all_but_ends(SwitchAnswers* one);
  void give_up_overdue(const Tenant& tenant, SourceIndex source, SwitchAnswers* one,
                       int64_t now_ns);
  void give_up(const Tenant& tenant, SourceIndex source, SwitchAnswers* one, const KeptOrder& order,
               std::string_view why);
  void look_at_answers();
  void resend_order(const KeptOrder& order, Delivery& delivery) const;
  static void keep_end(Tenant& tenant, const Event& event, KeptOrder order);
  static void keep_live_order(Tenant& tenant, SourceIndex source, KeptOrder order, int64_t now_ns);
  static void forget_retrieval(Tenant& tenant, const Event& event);
  static void forget_end(Tenant& tenant, SourceIndex source, std::string_view call);
  // Forgets what the switch was told of a live call when an event shows that it knows, and keeps it
  // true as the call moves on.
  static void tend_live_order(Tenant& tenant, const Event& event);
  void resend_orders(const Tenant& tenant, SourceIndex source, Delivery& delivery) const;
  void resend_open(Tenant& tenant, const std::vector<Router::OpenOffer>& open,
                   const std::shared_ptr<SwitchStream>& stream);
  // What a refusal says of a requirement that names a skill which is not declared.
  // What is said to a switch of an event that the partition refuses in the Router's stead.
  [[nodiscard]] static const char* refusal_text(int32_t reason);
  [[nodiscard]] static std::string unknown_skill(const Router& router,
                                                 std::string_view requirement);
  // The code or label of an outcome that was refused for it; empty for another refusal.
  [[nodiscard]] static std::string unknown_word(const Tenant& tenant, const Command& command,
                                                std::string_view arena, Reject reject);
  void refuse(Delivery& delivery, const Tenant& tenant, const Batch& batch, size_t index,
              Reject reject);
  static void add_refused(Delivery& delivery, const KeptRefusal& kept);
  void answer_repeat(Delivery& delivery, const Tenant& tenant, SourceIndex source,
                     const Command& command);

  // --- Changes of tables (partition_tables.cc).
  void apply_change(Batch& batch, int64_t now_ns);
  [[nodiscard]] TableAnswer change_config(TenantIndex index, TableChange& change, int64_t now_ns);
  [[nodiscard]] TableAnswer change_agents(TenantIndex index, TableChange& change, int64_t now_ns);
  [[nodiscard]] TableAnswer change_call(TenantIndex index, TableChange& change, int64_t now_ns);
  // Of a command of a call that a request brought and the Router took: for a repeat.
  static void keep_call_answer(Tenant& tenant, const Command& command, std::string_view arena,
                               int64_t now_ns);
  // Of the request that brings agents; all empty at the first start.
  struct AgentsRequest {
    std::string id;
    std::string checksum;
    std::string principal;
    google::protobuf::FieldMask mask{};
  };
  [[nodiscard]] absl::Status add_agents(TenantIndex index, const std::vector<v1::Agent>& agents,
                                        const AgentsRequest& request, int64_t now_ns);
  // The command that brings the configuration; a payload that is too large for its record is
  // staged in the journal now, before the Router takes it.
  [[nodiscard]] Command stage_config(TenantIndex index, std::string_view payload);
  // Journals the command that brought tables, in a frame of its own.
  void journal_table(TenantIndex tenant, Command command, std::string_view payload,
                     std::string_view principal);
  // Brings the payload of a kConfigure to the Router and the board.
  [[nodiscard]] absl::Status take_config(TenantIndex index, std::string_view payload,
                                         int64_t now_ns);
  [[nodiscard]] Reject take_config(TenantIndex index, std::shared_ptr<const ConfigInForce> config,
                                   std::string request_id, int64_t now_ns);
  // The same with that of a kUpsertAgents.
  [[nodiscard]] absl::Status take_agents(TenantIndex index, std::string_view payload,
                                         int64_t now_ns);
  static void keep_answer(Tenant& tenant, KeptAnswer answer);
  [[nodiscard]] static const KeptAnswer* find_answer(const Tenant& tenant,
                                                     std::string_view request_id, int64_t now_ns);
  [[nodiscard]] absl::Status replay_stage(const Record& record);
  [[nodiscard]] absl::Status replay_table(const Record& record);
  void drop_staged();
  // Keeps the settings of queues that a new configuration leaves out.
  static void note_left_out(Tenant& tenant, const v1::TenantConfig& next);

  // --- Opening hours (partition_hours.cc).
  // Unix time of now_ns_.
  [[nodiscard]] int64_t unix_now_ns() const;
  // Opens and closes what the hours want by now, wherever they are due.
  void tend_hours();
  // The same of one tenant. What is so already stays as it is, so nothing is done twice.
  void keep_hours(TenantIndex index, int64_t unix_ns);
  // Unix time at which a call for later is to enter; kNeverNs: there is none.
  [[nodiscard]] static int64_t calls_due_ns(const Tenant& tenant);
  void enter_due_calls(TenantIndex index, int64_t unix_ns);
  // After a change of what is for later.
  void look_at_schedule();
  void turn_queue(TenantIndex index, const std::string& queue, CommandKind kind, int32_t reason);
  // Applies and journals a command of the daemon's own, which the Router cannot refuse. Whose work it
  // is was noted before.
  void apply_own(TenantIndex index, const Command& command, std::string_view arena);
  // Goes by the calendars of the configuration in force from now on.
  void configure_hours(Tenant& tenant);
  // Before anybody is served: while nobody ran, hours may have changed.
  void start_hours();
  static void tell_unknown_zones(const Tenant& tenant);
  [[nodiscard]] TableAnswer override_queue(TenantIndex index, TableChange& change);
  // Takes it and journals it, with a line of text for those who read the journal.
  void journal_override(TenantIndex index, const storage::v1::OverrideQueue& record,
                        std::string_view principal);
  [[nodiscard]] absl::Status take_override(TenantIndex index, std::string_view payload,
                                           std::string_view principal, int64_t now_ns);

  // --- Predicted waits (partition_waits.cc).
  // Goes by the queues of the configuration in force from now on.
  void list_waits(TenantIndex index);
  // Tells the Routers what has been answered, and asks anew when it is time.
  void tend_waits();
  void ask_for_waits();
  void take_waits();
  void tell_wait(const PredictedWait& wait);

  // --- Snapshots (partition_snapshot.cc).
  [[nodiscard]] static std::vector<std::string> left_out_with_calls(const Tenant& tenant,
                                                                    const SavedRouter& router);

  // --- What a crash is blamed on, and refused for it (partition_poison.cc).
  void note(SuspectKind kind, TenantIndex tenant, const Command& command, int64_t now_ns);
  void note_subject(std::string_view first, std::string_view second);
  void note_session(SourceKind kind, std::string_view id, std::string_view epoch);
  // The same of timers and starts, which have no command.
  void note_work(SuspectKind kind, TenantIndex tenant, int64_t now_ns);
  [[nodiscard]] bool is_held(const Suspect& suspect) const;
  void load_poisoned();
  // Of that subject, which is the one that note_subject() was told.
  [[nodiscard]] bool is_poisoned(SuspectKind kind, TenantIndex tenant, int64_t sequence) const;

  // --- Start and replay (partition_recovery.cc).
  [[nodiscard]] absl::Status seed(const std::vector<TenantSeed>& seeds);
  [[nodiscard]] absl::Status seed_tenant(TenantIndex index, const TenantSeed& seed);
  [[nodiscard]] absl::Status replay_record(const Record& record);
  void fold_event_hash();
  // Takes the events of the frame that ends.
  [[nodiscard]] TurnEvents take_events();

  const PartitionOptions options_;
  Journal* const journal_;
  const Ownership* const ownership_;
  Observer* const observer_;
  Gate gate_;
  RouterClock clock_;

  std::vector<std::unique_ptr<Tenant>> tenants_;
  TimerQueue deadlines_;  // The next deadline of each tenant.
  absl::flat_hash_map<const SwitchStream*, Binding> bindings_;
  const SwitchStream* conductor_ = nullptr;
  int64_t now_ns_ = 0;
  uint64_t replayed_records_ = 0;
  uint64_t last_sequence_ = 0;  // Of the last record that was applied.
  int64_t last_frame_ns_ = 0;   // Router time of the last frame, and its Unix time.
  int64_t last_wall_ns_ = 0;
  int64_t turn_wall_ns_ = 0;  // Unix time of now_ns_ on a wall clock.
  // Of all tenants' hours; Unix time.
  int64_t hours_seen_ns_ = 0;
  int64_t hours_due_ns_ = INT64_MIN;
  bool are_hours_timed_ = false;
  int64_t hours_turn_ns_ = kNeverNs;  // Router time at which opening hours are looked at next.
  std::vector<PredictedWait> waits_;  // Of the queues that go by them; the waits are not known.
  size_t waits_next_ = 0;             // Of them, the first that the next question is about.
  int64_t waits_due_ns_ = kNeverNs;   // Router time of the next question.
  std::shared_ptr<WaitsQuestion> question_;  // Under way; null: none.
  UnixAnchor unix_anchor_;
  bool is_replaying_ = false;
  bool opening_answers_ = false;        // Whether the session that is being opened answers.
  int64_t answers_look_ns_ = kNeverNs;  // Router time at which overdue answers are looked for.
  mutable Mutex figures_mutex_;
  CommandFigures figures_ ABSL_GUARDED_BY(figures_mutex_);
  bool seeded_ = false;  // The journal holds the whole first configuration.
  Hash64 event_hash_;
  // Parts of a configuration that the replay has met, and not their command yet.
  TenantIndex staged_tenant_;
  int32_t staged_parts_ = 0;
  std::string staged_;

  // What this thread is about, for Suspects::Watch. Ordinary stores: who reads them is a handler of
  // this thread, behind calls that the compiler cannot look into.
  Suspect note_;
  std::vector<Suspect> poisoned_;  // Made the process crash, and are not applied again.

  // Of the turn that runs.
  FrameBuilder frame_;
  std::vector<TenantIndex> touched_;
  TurnOutput output_;
  // Configurations that came into force in this frame, by board.
  std::vector<std::pair<Observer::BoardId, std::shared_ptr<const ConfigInForce>>> configs_;
  // By what queues are open since this frame, by board.
  std::vector<std::pair<Observer::BoardId, std::shared_ptr<const HoursList>>> hours_;
  absl::flat_hash_map<const SwitchStream*, size_t> delivery_index_;  // In output_.deliveries.
  std::vector<std::unique_ptr<Batch>>
      late_;  // Wait because more timers are due than a turn may fire.
};

}  // namespace acd
