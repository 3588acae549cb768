// SPDX-License-Identifier: Apache-2.0
#include "daemon/http/http_message.h"

#include <absl/strings/ascii.h>

namespace acd {

HttpAnswer http_refusal(unsigned status, std::string_view text) {
  HttpAnswer answer;
  answer.status = status;
  answer.body = text;
  answer.body += '\n';
  return answer;
}

std::string shown_text(std::string_view text, size_t bytes_max) {
  std::string safe;
  for (const char c : text.substr(0, bytes_max)) {
    safe += absl::ascii_isprint(static_cast<unsigned char>(c)) ? c : '?';
  }
  return safe;
}

}  // namespace acd
