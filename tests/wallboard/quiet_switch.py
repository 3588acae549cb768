#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The example switch with callers who have all the time in the world: they wait until they are
answered and then talk until the end, so that a test can look at one of them.

quiet_switch.py TARGET TENANT SOURCE QUEUE CALLS AGENT...   prints what the example prints.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.environ["ACD_SOURCE_DIR"], "clients", "examples"))
import switch  # noqa: E402


class QuietSwitch(switch.Switch):
    def __init__(self, target, tenant, source, queue_id, calls, agents):
        super().__init__(target, tenant, source, queue_id, agents)
        self.calls_wanted = calls

    def arrive(self, number=1):
        for number in range(1, self.calls_wanted + 1):
            call_id, call = f"{self.source}-{number}", switch.Call()
            self.calls[call_id] = call
            self.session.offer(call_id, call.since, call_offered={"queue_id": self.queue_id})

    def hang_up(self, call_id):
        pass

    def carry_out(self, command):
        if command.WhichOneof("command") == "park_caller":
            call = self.calls[command.call_id]
            call.is_talking, call.generation, call.answered = False, 0, 0
            switch.say("parked", command.call_id)
        else:
            super().carry_out(command)


if __name__ == "__main__":
    if len(sys.argv) < 7:
        sys.exit(__doc__)
    target, tenant, source, queue_id, calls, *agents = sys.argv[1:]
    QuietSwitch(target, tenant, source, queue_id, int(calls), agents).run()
