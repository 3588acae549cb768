// SPDX-License-Identifier: Apache-2.0
// The daemon's services, by the Connect protocol, at the address that the page came from.
import { type Client, Code, ConnectError, createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import { ConfigService } from "../gen/acd/v1/config_service_pb";
import { ExplainService } from "../gen/acd/v1/explain_service_pb";
import { SupervisorService } from "../gen/acd/v1/supervisor_service_pb";
import { WallboardService } from "../gen/acd/v1/wallboard_service_pb";

// For one unary call.
const answerTimeMs = 10_000;

const transport = createConnectTransport({
  baseUrl: window.location.origin,
  useBinaryFormat: false,
  // A newer daemon may say more than this page knows.
  jsonOptions: { ignoreUnknownFields: true },
});

export const api: {
  wallboard: Client<typeof WallboardService>;
  explain: Client<typeof ExplainService>;
  supervisor: Client<typeof SupervisorService>;
  config: Client<typeof ConfigService>;
} = {
  wallboard: createClient(WallboardService, transport),
  explain: createClient(ExplainService, transport),
  supervisor: createClient(SupervisorService, transport),
  config: createClient(ConfigService, transport),
};

export function answerTime(): { timeoutMs: number } {
  return { timeoutMs: answerTimeMs };
}

// Why a call failed, for people: what the daemon says, which names what to do about it.
export function errorText(error: unknown): string {
  const known = ConnectError.from(error);
  if (known.code === Code.DeadlineExceeded) return "the daemon did not answer in time";
  if (isUnanswered(error)) return "the daemon cannot be reached";
  return known.rawMessage.replace(/\.$/, "") || `refused (${Code[known.code]})`;
}

// Whether the daemon said nothing: then it may have done what it was asked all the same.
export function isUnanswered(error: unknown): boolean {
  const known = ConnectError.from(error);
  return (
    known.code === Code.DeadlineExceeded ||
    error instanceof TypeError ||
    known.cause instanceof TypeError
  );
}

export function errorCode(error: unknown): Code {
  return ConnectError.from(error).code;
}

// Names one change, so that a repeat of it is answered as the first time. Of what a page without
// TLS has, too.
export function newRequestId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
