// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/figures_desk.h"

#include <boost/asio/post.hpp>
#include <utility>

namespace acd {

void FiguresDesk::ask(Reply reply) {
  if (is_late_) return reply(without_tenants());
  waiting_.push_back(std::move(reply));
  if (std::exchange(is_gathering_, true)) return;
  late_.expires_after(options_.gather_time_max);
  late_.async_wait([this](boost::system::error_code ended) {
    if (!ended && is_gathering_) give_up();
  });
  options_.gather([this](DaemonFigures figures) {
    boost::asio::post(io_, [this, figures = std::move(figures)] { take(figures); });
  });
}

void FiguresDesk::take(const DaemonFigures& figures) {
  is_gathering_ = false;
  is_late_ = false;
  late_.cancel();
  answer(figures);
}

void FiguresDesk::give_up() {
  is_late_ = true;
  answer(without_tenants());
}

void FiguresDesk::answer(const DaemonFigures& figures) {
  for (const Reply& reply : std::exchange(waiting_, {})) reply(figures);
}

DaemonFigures FiguresDesk::without_tenants() const {
  DaemonFigures figures = options_.figures();
  figures.is_partial = true;
  return figures;
}

}  // namespace acd
