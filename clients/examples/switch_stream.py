# SPDX-License-Identifier: Apache-2.0
"""One connection of a switch to the daemon: nobody who uses it waits for the network."""
import queue
import threading

import grpc
from acd.v1 import switch_service_pb2_grpc

CHANNEL = [("grpc.keepalive_time_ms", 15_000), ("grpc.keepalive_timeout_ms", 5_000),
           # Else gRPC waits up to two minutes by itself before it connects again.
           ("grpc.initial_reconnect_backoff_ms", 100), ("grpc.max_reconnect_backoff_ms", 1_000)]


class Stream:
    """One connection: a thread that reads into the inbox, and a queue of what gRPC is to write (at most what is unacked)."""

    def __init__(self, target, inbox):
        self.outbox, self.channel = queue.SimpleQueue(), grpc.insecure_channel(target, CHANNEL)
        responses = switch_service_pb2_grpc.SwitchServiceStub(self.channel).Connect(iter(self.outbox.get, None))
        threading.Thread(target=self.read, args=(responses, inbox), daemon=True).start()

    def read(self, responses, inbox):
        try:
            for response in responses:
                inbox.put((self, response))
            inbox.put((self, "closed"))
        except grpc.RpcError as error:
            inbox.put((self, f"{error.code().name} {error.details()}"))

    def close(self):
        self.outbox.put(None)
        self.channel.close()
