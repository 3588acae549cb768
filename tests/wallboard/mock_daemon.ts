// SPDX-License-Identifier: Apache-2.0
// Serves the built page and says to it what a test wants said: for what a daemon under load does
// not show at will.
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import {
  create,
  type DescMessage,
  fromJsonString,
  type MessageInitShape,
  toJsonString,
} from "@bufbuild/protobuf";
import {
  type WatchRequest,
  WatchRequestSchema,
  type WatchResponse,
  WatchResponseSchema,
} from "../gen/acd/v1/wallboard_service_pb";

const types: Record<string, string> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};
// That of acdd (daemon/http/static_files.cc).
const policy = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'";

function frame(flag: number, json: string): Buffer {
  const body = Buffer.from(json);
  const head = Buffer.alloc(5);
  head.writeUInt8(flag, 0);
  head.writeUInt32BE(body.length, 1);
  return Buffer.concat([head, body]);
}

export class Refusal extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

type Answer = (request: Record<string, unknown>) => object;

export class MockDaemon {
  // What the page watches now, and hears.
  watchers: { request: WatchRequest; tell: (response: WatchResponse) => void; end: () => void }[] =
    [];
  onWatch: (request: WatchRequest) => MessageInitShape<typeof WatchResponseSchema>[] = () => [];
  // By method, as JSON.
  readonly methods = new Map<string, Answer>();
  readonly asked: [string, Record<string, unknown>][] = [];
  private readonly server: Server;

  constructor(private readonly folder: string) {
    this.server = createServer((request, response) => {
      this.serve(request, response).catch((error: unknown) => response.destroy(error as Error));
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((done) => this.server.listen(0, "127.0.0.1", done));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.cut();
    this.server.close();
    this.server.closeAllConnections();
  }

  tell(response: MessageInitShape<typeof WatchResponseSchema>): void {
    for (const watcher of this.watchers) watcher.tell(create(WatchResponseSchema, response));
  }

  cut(): void {
    for (const watcher of this.watchers.splice(0)) watcher.end();
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url!, "http://here").pathname;
    if (request.method === "GET") return this.file(path === "/" ? "/index.html" : path, response);
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts);
    const method = path.slice(path.lastIndexOf("/") + 1);
    if (method === "Watch") return this.watch(body, response);
    const asked = JSON.parse(body.toString()) as Record<string, unknown>;
    this.asked.push([method, asked]);
    const answer = this.methods.get(method);
    response.setHeader("Content-Type", "application/json");
    try {
      if (!answer) throw new Refusal("unimplemented", `there is no ${method}`);
      response.end(JSON.stringify(answer(asked)));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      response.statusCode = error.code === "unimplemented" ? 501 : 400;
      response.end(JSON.stringify({ code: error.code, message: error.message }));
    }
  }

  private watch(body: Buffer, response: ServerResponse): void {
    const request = fromJsonString(WatchRequestSchema, body.subarray(5).toString());
    response.setHeader("Content-Type", "application/connect+json");
    const tell = (told: WatchResponse) =>
      response.write(frame(0, toJsonString(WatchResponseSchema as DescMessage, told)));
    const watcher = { request, tell, end: () => void response.destroy() };
    response.on("close", () => {
      this.watchers = this.watchers.filter((one) => one !== watcher);
    });
    this.watchers.push(watcher);
    for (const told of this.onWatch(request)) tell(create(WatchResponseSchema, told));
  }

  private async file(path: string, response: ServerResponse): Promise<void> {
    try {
      const bytes = await readFile(join(this.folder, path));
      response.setHeader("Content-Type", types[extname(path)] ?? "application/octet-stream");
      response.setHeader("Content-Security-Policy", policy);
      response.end(bytes);
    } catch {
      response.statusCode = 404;
      response.end();
    }
  }
}
