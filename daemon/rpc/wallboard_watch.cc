// SPDX-License-Identifier: Apache-2.0
#include "daemon/rpc/wallboard_watch.h"

#include <utility>

namespace acd {

bool WallboardWatch::is_ready() {
  const MutexLock lock(&mutex_);
  return !is_finished() && !is_writing();
}

void WallboardWatch::show(std::shared_ptr<const WallboardPages> pages) {
  const MutexLock lock(&mutex_);
  if (is_finished()) return;
  pages_ = std::move(pages);
  next_page_ = 0;
  write();
}

bool WallboardWatch::next_message(grpc::ByteBuffer* bytes) {
  if (pages_ == nullptr) return false;
  if (next_page_ == pages_->size()) {
    pages_ = nullptr;
    return false;
  }
  *bytes = (*pages_)[next_page_++];
  return true;
}

}  // namespace acd
