// SPDX-License-Identifier: Apache-2.0
// How long the calls of one tenant will wait, learned from its events alone.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "routing/bitmap.h"
#include "routing/event.h"
#include "routing/ids.h"
#include "routing/insight/board.h"
#include "routing/insight/wait_eligibility.h"
#include "routing/insight/wait_prediction.h"
#include "routing/insight/wait_queue.h"
#include "routing/ordered_index.h"
#include "routing/tenant_config.h"

namespace acd {

struct SavedPredictor;

// A prediction begins with the calls that go before the call in the order of the tenant, and the
// rate at which those who may serve them take calls (queue_wait.h); regression on that and on what
// is usual corrects its mean (wait_ridge.h), and its own errors say how far off it may be
// (wait_residuals.h). All it learns from is what callers waited for whom it had said something.
//
// Threads:  one at a time (the observer's).
// Bounds:   queues and agents of the tenant; a few bytes a call, and kPromisesMax calls that teach;
//           kStrataMax histograms; shares of kSharingQueuesMax queues with one another.
// Order:    what it says depends on the events alone, not on what was asked before or when.
// Fails:    never.
class WaitPredictor {
 public:
  // Waiting calls to learn from, about 700 bytes each; further ones are predicted all the same.
  static constexpr size_t kPromisesMax = 65'536;
  // Histograms of alike calls, 256 bytes each; further ones go by the whole of their queue.
  static constexpr size_t kStrataMax = 65'536;
  // Of queues that come behind these, the calls of others are not seen to be ahead.
  static constexpr size_t kSharingQueuesMax = 1'024;

  // The board outlives the predictor and is fed first.
  explicit WaitPredictor(const Board& board) : board_(board) {}
  WaitPredictor(const WaitPredictor&) = delete;
  WaitPredictor& operator=(const WaitPredictor&) = delete;

  // As Board::configure().
  void configure(const TenantConfig& config);
  // REQUIRES: the board has applied it, and nothing after it.
  void apply(const Event& event);

  // `now_ns` is not before the last event.
  [[nodiscard]] WaitPrediction predict_call(CallIndex call, int64_t now_ns) const;
  // Nothing to wait for where somebody is free who may serve the queue.
  [[nodiscard]] WaitPrediction predict_arrival(QueueIndex queue, const WaitArrival& arrival,
                                               int64_t now_ns) const;
  // A call that would come with nothing of its own: the queue's priority and no credit.
  [[nodiscard]] WaitArrival usual_arrival(QueueIndex queue) const;
  // Of a queue that an event has told.
  [[nodiscard]] const WaitScore& score(QueueIndex queue) const;
  // That the agent may serve, at work or not, by their indexes.
  [[nodiscard]] std::span<const uint32_t> queues_of(AgentIndex agent) const;

  // The state, for a snapshot.
  [[nodiscard]] SavedPredictor save() const;
  // Goes on as the one that was saved would have. REQUIRES: configured, nothing was applied, and
  // the board was restored from the same snapshot.
  void restore(const SavedPredictor& saved);

 private:
  // How OrderedIndex sees calls: in the order of one queue, or as they entered it.
  struct OrderTable;
  struct EntryTable;
  struct Forecast {
    QueueWait wait;
    double base_s = 0;
    double ahead = 0;
    double gap_s = 0;
    double usual_s = 0;
    uint32_t stratum = 0;
    WaitRidge::Features features{};
    WaitQuantiles quantiles_s{};
  };
  static constexpr int64_t kAtEntry = -1;

  // --- Predictions.
  // Nothing: nobody is at work. `waited_ns` is kAtEntry, or how long the call has been waiting.
  [[nodiscard]] std::optional<Forecast> forecast(const WaitingQueue& queue, const CallPlace& place,
                                                 int64_t now_ns, int64_t waited_ns) const;
  [[nodiscard]] double calls_ahead(const WaitingQueue& queue, const CallPlace& place,
                                   int64_t now_ns) const;
  [[nodiscard]] uint32_t ahead_in(const WaitingQueue& queue, const CallOrderRule& rule,
                                  const CallPlace& place, int64_t now_ns) const;
  [[nodiscard]] double share_of(const WaitingQueue& queue, const WaitingQueue& other) const;
  [[nodiscard]] QueueService service_of(const WaitingQueue& queue) const;
  [[nodiscard]] double overtaken(const WaitingQueue& queue, const CallPlace& place, int64_t now_ns,
                                 double wait_s, double ahead) const;
  [[nodiscard]] WaitUnknown unknown_of(const WaitingQueue& queue) const;
  [[nodiscard]] WaitUnknown unknown_of_call(CallIndex call, int64_t now_ns) const;
  void answer(const WaitingQueue& queue, const CallPlace& place, int64_t now_ns, int64_t waited_ns,
              WaitPrediction* prediction) const;

  // --- Events.
  void pass_to(int64_t now_ns);
  void promise(CallIndex call);
  void look_at(CallIndex call, int64_t now_ns);
  void begin_visit(const Event& event);
  void end_visit(CallIndex call, bool is_answered, int64_t now_ns);
  void learn(WaitingCall& call, bool is_answered, int64_t now_ns);
  void learn_residual(WaitResiduals& residuals, const WaitLook& look, bool is_answered,
                      int64_t now_ns);
  void place(const Event& event);
  void enter_order(CallIndex call, int64_t now_ns);
  void leave_order(CallIndex call, int64_t now_ns);
  void start(CallIndex call, AgentIndex agent, int64_t now_ns);
  void count_arrival(WaitingQueue& queue, const WaitingCall& call);
  void count_up_to(WaitingQueue& queue, int64_t now_ns);

  void bind_queue(QueueIndex index, int64_t now_ns);
  void dismiss_staff(WaitingQueue& queue, int64_t now_ns);
  void refresh_holders(const Event& event);
  void refresh_load(AgentIndex agent, int64_t now_ns);
  void refresh_agents_at(SourceIndex source, int64_t now_ns);
  void refresh_agent(AgentIndex agent, int64_t now_ns);
  void refresh_member(AgentIndex agent, WaitingQueue& queue, int64_t now_ns);
  void join(AgentIndex agent, WaitingQueue& queue);
  void part(AgentIndex agent, WaitingQueue& queue);
  static void add_load(WaitingQueue& queue, const AgentLoad& load, int32_t times);
  [[nodiscard]] AgentLoad load_of(AgentIndex agent) const;
  [[nodiscard]] bool is_switch_away(SourceIndex source) const {
    return source.valid() && source.value() < is_away_.size() && is_away_[source.value()] != 0;
  }

  [[nodiscard]] WaitingQueue& queue_at(QueueIndex index);
  [[nodiscard]] const WaitingQueue* find_queue(QueueIndex index) const;
  [[nodiscard]] QueueShare* share_at(WaitingQueue& queue, const WaitingQueue& other);

  const Board& board_;
  ServingRules rules_;
  std::deque<WaitingQueue> queues_;  // By QueueIndex.
  std::deque<ServingAgent> agents_;  // By AgentIndex.
  std::deque<WaitingCall> calls_;    // By CallIndex.
  std::vector<OrderedNode> order_nodes_;
  std::vector<OrderedNode> entry_nodes_;
  Bitmap ordered_;                                 // Queues with a call in their order.
  std::vector<uint8_t> is_away_;                   // Of switches, by source.
  std::vector<ArrivalBand> bands_;                 // Of the tenant, as they came to be.
  int64_t landmark_ns_ = 0;                        // Of all arrival counts.
  int64_t now_ns_ = 0;                             // Of the last event.
  std::vector<CallIndex> newcomers_;               // Of this instant, some of them gone again.
  std::set<std::pair<int64_t, CallIndex>> looks_;  // When calls are looked at next.
  size_t promises_ = 0;
  size_t strata_ = 0;
};

}  // namespace acd
