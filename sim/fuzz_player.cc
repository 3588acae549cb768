// SPDX-License-Identifier: Apache-2.0
#include "sim/fuzz_player.h"

#include <algorithm>
#include <utility>

#include "sim/command_line.h"

namespace acd::sim {
namespace {

constexpr uint32_t kBigCentreCheckEvery = 200;
// What a big centre goes through once it is filled.
constexpr uint32_t kBigCentreSteps = 400;
constexpr uint64_t kExtentEvery = 64;
constexpr uint64_t kRestoredOdds = 4;
constexpr uint32_t kRestoreAgainEvery = 40;
constexpr int64_t kAwayNs = 2 * 3'600 * kNsPerS;  // Longer than any grace or timer.

bool has_skill(const TenantConfig& config, const std::string& skill) {
  return std::ranges::find(config.skills, skill) != config.skills.end();
}

// The sequence of a step's command, by what its switch said last.
int64_t sequence_of(const FuzzStep& step, int64_t last) {
  switch (step.order) {
    case FuzzStep::Order::kNone:
      return 0;
    case FuzzStep::Order::kNext:
      return last + 1;
    case FuzzStep::Order::kRepeat:
      return std::max<int64_t>(last - step.order_offset, 1);
    case FuzzStep::Order::kGap:
      return last + 2 + step.order_offset;
  }
  return 0;
}

}  // namespace

FuzzWorld draw_world(Draw& draw) {
  FuzzWorld world;
  world.features = draw_features(draw);
  world.config = draw_config(draw, world.features);
  world.agents = draw_agents(draw, world.features, world.config);
  world.twin.by_instant = !draw.one_in(4);
  const bool is_big = world.features.has(Feature::kBigCentre);
  if (draw.one_in(is_big ? 3 : 8)) {
    world.twin.settles = false;
    world.twin.compares = false;
  }
  world.twin.check_every = draw.pick<uint32_t>({50, 50, 50, 7, 1});
  world.is_replayed = draw.one_in(8);
  if (is_big) {
    world.twin.check_every = kBigCentreCheckEvery;
    world.twin.judges_alternatives = false;
  }
  // From a number that is there: a draw of its own would change the worlds of all kept seeds.
  if (world.config.random_seed % kRestoredOdds == 0) {
    const auto often = static_cast<uint32_t>(world.config.random_seed / kRestoredOdds % 64);
    world.twin.restore_every = is_big ? kBigCentreCheckEvery : 1 + often;
  }
  return world;
}

namespace {

// Decisions are seen before they are judged and taken out of the events.
TwinOptions watched(TwinOptions options, Coverage* coverage) {
  if (coverage == nullptr) return options;
  options.see_decision = [coverage](std::string_view, const Decision& decision) {
    if (decision.tie_break == TieBreak::kLoad) coverage->count(Evidence::kFewerContacts);
  };
  return options;
}

}  // namespace

FuzzPlayer::FuzzPlayer(const FuzzWorld& world, Coverage* coverage)
    : coverage_(world.twin.compares ? coverage : nullptr),  // What nobody judges proves nothing.
      settles_(world.twin.settles),
      config_(world.config),
      twin_(watched(world.twin, coverage_),
            [this](const Event& event, const EventLog& log, std::string_view) {
              if (coverage_ != nullptr) coverage_->see_event(event, log, twin_.ledger());
            }) {
  if (coverage_ != nullptr) coverage_->see_world(world.features, world.config);
  if (twin_.configure(config_, 0) != Reject::kNone) left_over_ = "the configuration is refused";
  for (const AgentProfile& agent : world.agents) {
    const Reject reject = twin_.upsert_agents({agent}, 0);
    if (reject != Reject::kNone) left_over_ = "agent " + agent.id + " is refused";
    if (coverage_ != nullptr) coverage_->see_profile(agent);
  }
}

const std::string& FuzzPlayer::failure() const {
  return twin_.difference().empty() ? left_over_ : twin_.difference();
}

FuzzView FuzzPlayer::view() const {
  return {&twin_.ledger(), &config_, twin_.now_ns(), twin_.next_deadline_ns()};
}

bool FuzzPlayer::is_possible(const FuzzStep& step) const {
  const auto& sources = twin_.ledger().sources();
  switch (step.kind) {
    case FuzzStep::Kind::kPass:
    case FuzzStep::Kind::kConfigure:
      return true;
    case FuzzStep::Kind::kUpsert:
      return std::ranges::all_of(
          step.profile->skills, [&](const auto& skill) { return has_skill(config_, skill.first); });
    case FuzzStep::Kind::kCommand:
      break;
  }
  const Command& command = step.command;
  if (command.kind == CommandKind::kOpenSession) {
    // Switches and desktops are numbered as they come first.
    const std::string_view id = command.name.in(step.arena);
    return std::ranges::find(sources, id, &LedgerSource::id) != sources.end() ||
           id == "switch" + std::to_string(sources.size()) ||
           id == "desktop" + std::to_string(sources.size());
  }
  if (!command.source.valid()) return true;
  // An unknown switch is told by its sequence.
  if (command.source.value() >= sources.size()) return step.order != FuzzStep::Order::kNone;
  return sources[command.source.value()].is_connected;
}

void FuzzPlayer::play(const FuzzStep& step) {
  if (!failure().empty() || !is_possible(step)) return;
  const bool is_at_deadline = step.kind == FuzzStep::Kind::kCommand &&
                              twin_.now_ns() == step.now_ns && settles_ &&
                              twin_.next_deadline_ns() == step.now_ns;
  if (is_at_deadline && coverage_ != nullptr) coverage_->count(Evidence::kAtDeadline);
  const uint64_t slices_before = twin_.slice_count();
  const bool was_between = twin_.router().is_slice_left();
  Reject reject = Reject::kNone;
  switch (step.kind) {
    case FuzzStep::Kind::kPass:
      twin_.advance(step.now_ns);
      break;
    case FuzzStep::Kind::kConfigure:
      reject = twin_.configure(*step.config, step.now_ns);
      if (reject != Reject::kNone) break;
      config_ = *step.config;
      if (coverage_ != nullptr) coverage_->see_config(config_);
      break;
    case FuzzStep::Kind::kUpsert:
      reject = twin_.upsert_agents({*step.profile}, step.now_ns);
      break;
    case FuzzStep::Kind::kCommand:
      reject = play_command(step);
      break;
  }
  const bool has_slices = twin_.slice_count() != slices_before;
  const bool is_between =
      (was_between || has_slices) && !settles_ && step.kind != FuzzStep::Kind::kPass;
  if (is_between && reject == Reject::kNone) ++between_slices_count_;
  if (coverage_ == nullptr) return;
  if (has_slices) coverage_->count(Evidence::kSliceLeft);
  if (++step_count_ % kExtentEvery == 0) coverage_->see_extent(twin_.router().extent());
  coverage_->see_sights(twin_.take_sights());
  coverage_->see_step(step, reject, twin_.ledger());
  if (step.kind == FuzzStep::Kind::kUpsert) coverage_->see_profile(*step.profile);
}

Reject FuzzPlayer::play_command(const FuzzStep& step) {
  Command command = step.command;
  if (step.order == FuzzStep::Order::kNone) {
    return twin_.apply(command, step.arena, step.now_ns);
  }
  // Time first: a grace that ends now lets the switch forget its sequence.
  twin_.advance(step.now_ns);
  std::vector<LedgerSource>& sources = twin_.ledger().sources();
  const bool is_known = command.source.value() < sources.size();
  command.sequence =
      sequence_of(step, is_known ? sources[command.source.value()].last_sequence : 0);
  const Reject reject = twin_.apply(command, step.arena, step.now_ns);
  const bool is_dropped = reject == Reject::kRepeat || reject == Reject::kSequenceGap;
  if (is_known && !is_dropped) sources[command.source.value()].last_sequence = command.sequence;
  return reject;
}

void FuzzPlayer::drain() {
  // Callbacks and reminders outlive their switch: they are taken back.
  std::vector<std::string> outlive;
  for (const LedgerCall& call : twin_.ledger().calls()) {
    const bool is_kept = call.is_reminder && call.stage != LedgerStage::kConnected;
    if (!call.is_on_line || is_kept) outlive.push_back(call.id);
  }
  for (const std::string& id : outlive) {
    FuzzStep step;
    step.kind = FuzzStep::Kind::kCommand;
    step.now_ns = twin_.now_ns();
    step.command.kind = CommandKind::kEndCall;
    step.command.detail = static_cast<uint8_t>(EndedBy::kSwitch);
    step.command.call = step.text(id);
    play(step);
  }
  for (uint32_t i = 0; i < twin_.ledger().sources().size(); ++i) {
    if (!twin_.ledger().sources()[i].is_connected) continue;
    FuzzStep step;
    step.kind = FuzzStep::Kind::kCommand;
    step.now_ns = twin_.now_ns();
    step.command.kind = CommandKind::kCloseSession;
    step.command.source = SourceIndex(i);
    play(step);
  }
  const int64_t end_ns = twin_.now_ns() + kAwayNs;
  while (twin_.now_ns() < end_ns && failure().empty()) twin_.advance(end_ns);
  if (!failure().empty()) return;
  const Ledger& ledger = twin_.ledger();
  if (!ledger.calls().empty()) {
    left_over_ = "call " + ledger.calls().front().id + " lives on without its switch";
  }
  for (const LedgerAgent& agent : ledger.agents()) {
    if (agent.desktop.valid()) left_over_ = "agent " + agent.id + " is attached to nobody";
    if (agent.state == AgentState::kLoggedOut) continue;
    left_over_ = "agent " + agent.id + " is logged in without their switch";
  }
  if (left_over_.empty() && twin_.next_deadline_ns() != kNeverNs) {
    left_over_ = "a timer is left at " + time_text(twin_.next_deadline_ns());
  }
  if (left_over_.empty()) left_over_ = twin_.router().check_invariants();
}

namespace {

// Two Routers that took the same commands are the same, however their timers were fired, and though
// one of them was saved and restored on its way.
std::string compare_hashes(const FuzzWorld& world, const std::vector<FuzzStep>& steps,
                           const Router& played) {
  FuzzWorld alone = world;
  alone.twin.compares = false;
  alone.twin.by_instant = !world.twin.by_instant;
  alone.twin.check_every = 0;
  alone.twin.restore_every = world.twin.restore_every == 0 ? kRestoreAgainEvery : 0;
  FuzzPlayer player(alone, nullptr);
  for (const FuzzStep& step : steps) player.play(step);
  player.drain();
  if (!player.failure().empty()) return "played again: " + player.failure();
  const Router& again = player.twin().router();
  if (again.event_hash() != played.event_hash()) return "played again: another event hash";
  if (again.state_hash() != played.state_hash()) return "played again: another state hash";
  return "";
}

std::string finish(const FuzzWorld& world, const std::vector<FuzzStep>& steps, FuzzPlayer* player) {
  player->drain();
  if (!player->failure().empty() || !world.is_replayed) return player->failure();
  return compare_hashes(world, steps, player->twin().router());
}

}  // namespace

void play_world(Draw& draw, uint32_t commands, const std::function<bool()>& is_over,
                const std::function<void(TwinOptions*)>& adjust, Coverage* coverage, FuzzRun* run) {
  run->steps.clear();
  run->failure.clear();
  run->world = draw_world(draw);
  if (adjust) adjust(&run->world.twin);
  FuzzPlayer player(run->world, coverage);
  FuzzMaker maker(draw, run->world.features);
  maker.know(run->world.agents);
  const auto play = [&](FuzzStep step) {
    run->steps.push_back(std::move(step));
    player.play(run->steps.back());
  };
  const uint32_t switches = run->world.features.has(Feature::kTwoSwitches) ? 2 : 1;
  for (uint32_t i = 0; i < switches; ++i) play(maker.open(player.view(), i, false));
  uint32_t steps_left = commands;
  for (uint32_t i = 0; i < steps_left && player.failure().empty() && !is_over(); ++i) {
    FuzzView view = player.view();
    const bool is_filling = maker.is_filling();
    if (run->world.features.has(Feature::kBigCentre) && is_filling) {
      steps_left = std::min(commands, i + 1 + kBigCentreSteps);
    }
    const int64_t now_ns = maker.next_time(view);
    // A restart is what happens before its late timers fire; it needs no look at the world.
    const bool is_restart = !is_filling && run->world.features.has(Feature::kRestart) &&
                            now_ns > view.now_ns && draw.one_in(100);
    if (is_restart) {
      FuzzStep step;
      step.kind = FuzzStep::Kind::kCommand;
      step.command.kind = CommandKind::kResume;
      step.now_ns = now_ns;
      play(std::move(step));
      continue;
    }
    if (now_ns > view.now_ns) {
      FuzzStep pass;
      pass.now_ns = now_ns;
      play(std::move(pass));
      if (!player.failure().empty()) break;
      view = player.view();
    }
    play(maker.next(view));
  }
  run->event_hash = player.twin().router().event_hash();
  run->state_hash = player.twin().router().state_hash();
  run->failure =
      player.failure().empty() ? finish(run->world, run->steps, &player) : player.failure();
  run->event_count = player.twin().event_count();
  if (coverage == nullptr) return;
  if (!run->world.twin.settles) coverage->count(Evidence::kUnsettled);
  for (uint64_t i = 0; i < player.between_slices_count(); ++i) {
    coverage->count(Evidence::kBetweenSlices);
  }
  if (run->world.is_replayed) coverage->count(Evidence::kReplayed);
  for (uint64_t i = 0; i < player.twin().restore_count(); ++i) {
    coverage->count(Evidence::kRestored);
  }
}

std::string play_again(const FuzzWorld& world, const std::vector<FuzzStep>& steps,
                       Coverage* coverage) {
  FuzzPlayer player(world, coverage);
  for (const FuzzStep& step : steps) {
    player.play(step);
    if (!player.failure().empty()) return player.failure();
  }
  return finish(world, steps, &player);
}

size_t impossible_step(const FuzzWorld& world, const std::vector<FuzzStep>& steps) {
  FuzzPlayer player(world, nullptr);
  for (size_t i = 0; i < steps.size() && player.failure().empty(); ++i) {
    if (!player.is_possible(steps[i])) return i + 1;
    player.play(steps[i]);
  }
  return 0;
}

}  // namespace acd::sim
