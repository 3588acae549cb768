# SPDX-License-Identifier: Apache-2.0
# Limits of the core that are made small for small_limits_test, which knows these values.
s/\(size_t kBulkSliceMax\) = [0-9']*;/\1 = 3;/
s/\(size_t kEmptyCallClassesKept\) = [0-9']*;/\1 = 2;/
s/\(size_t kEmptyAgentClassesKept\) = [0-9']*;/\1 = 1;/
s/\(size_t kListedLinksMax\) = [0-9']*;/\1 = 3;/
s/\(size_t kMarksMax\) = [0-9']*;/\1 = 1;/
s/\(size_t kChunk\) = [0-9']*;/\1 = 4;/
s/\(uint32_t kBandLinksMax\) = [0-9']*;/\1 = 2;/
s/\(size_t kClassesALink\) = [0-9']*;/\1 = 2;/
s/\(size_t kColumnsOfFewMax\) = [0-9']*;/\1 = 4;/
s/\(size_t kBlock\) = [0-9']*;/\1 = 128;/
s/\(size_t kRowsALink\) = [0-9']*;/\1 = 2;/
s/\(size_t kDrawnAsTheyStandMax\) = [0-9']*;/\1 = 2;/
s/\(size_t kPartiesMax\) = [0-9']*;/\1 = 2;/
s/\(size_t kCallbacksMax\) = [0-9']*;/\1 = 2;/
s/\(size_t kScheduledMax\) = [0-9']*;/\1 = 2;/
