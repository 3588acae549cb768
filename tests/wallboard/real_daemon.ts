// SPDX-License-Identifier: Apache-2.0
// acdd and what calls it, started for one test and ended with it; and a line to it that can be cut.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "node:events";

const bin = process.env["ACD_BIN_DIR"] ?? "";
const source = process.env["ACD_SOURCE_DIR"] ?? "";
const startMaxMs = 60_000;

// Resolves when `isTrue`, which is asked again and again.
export async function until(
  what: string,
  isTrue: () => boolean | Promise<boolean>,
  maxMs = startMaxMs,
): Promise<void> {
  const end = performance.now() + maxMs;
  while (!(await isTrue())) {
    if (performance.now() > end) throw new Error(`waited ${maxMs / 1000} s in vain until ${what}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

// Everything that a test starts, in a folder of its own.
export class Centre {
  readonly folder = mkdtempSync(join(tmpdir(), "acd-wallboard-"));
  private readonly processes: ChildProcess[] = [];
  private logs = new Map<ChildProcess, string>();
  target = "";
  httpPort = 0;

  path(name: string): string {
    return join(this.folder, name);
  }

  write(name: string, text: string): string {
    writeFileSync(this.path(name), text);
    return this.path(name);
  }

  // The configuration that a call log asks for.
  configOf(log: string): string {
    const text = execFileSync(join(bin, "acdsim"), ["bank-config", log], {
      encoding: "utf8",
      maxBuffer: 1 << 28,
    });
    return this.write("acdd.yaml", text);
  }

  run(program: string, ...args: string[]): ChildProcess {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], env: process.env });
    this.processes.push(child);
    this.logs.set(child, "");
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.setEncoding("utf8");
      stream.on("data", (text: string) =>
        this.logs.set(child, (this.logs.get(child)! + text).slice(-20_000)),
      );
    }
    return child;
  }

  said(child: ChildProcess): string {
    return this.logs.get(child)!;
  }

  async startDaemon(config: string, ...options: string[]): Promise<void> {
    const [port, httpPort] = [this.path("port"), this.path("http-port")];
    const daemon = this.run(
      join(bin, "acdd"),
      "--config",
      config,
      "--data-dir",
      this.path("data"),
      "--durability",
      "none",
      "--listen",
      "127.0.0.1:0",
      "--port-file",
      port,
      "--http",
      "127.0.0.1:0",
      "--http-port-file",
      httpPort,
      ...options,
    );
    const isWritten = (file: string) =>
      existsSync(file) && readFileSync(file, "utf8").includes("\n");
    await until("acdd serves", () => {
      if (daemon.exitCode !== null) throw new Error(`acdd ended: ${this.said(daemon)}`);
      return isWritten(port) && isWritten(httpPort);
    });
    const portOf = (file: string) => readFileSync(file, "utf8").trim().split(":").pop()!;
    this.target = `127.0.0.1:${portOf(port)}`;
    this.httpPort = Number(portOf(httpPort));
    await until(
      "acdd is ready",
      async () => (await fetch(`http://127.0.0.1:${this.httpPort}/readyz`)).ok,
    );
  }

  // Plays a call log, so many of its seconds in one.
  replay(log: string, speed: string, ...options: string[]): ChildProcess {
    return this.run(
      join(bin, "acdsim"),
      "replay",
      log,
      "--target",
      this.target,
      "--tenant",
      "bank",
      "--speed",
      speed,
      "--quiet",
      ...options,
    );
  }

  quietSwitch(queue: string, calls: number, agents: string[]): ChildProcess {
    return this.run(
      join(source, "tests/wallboard/quiet_switch.py"),
      this.target,
      "desk",
      "pbx",
      queue,
      String(calls),
      ...agents,
    );
  }

  async stop(): Promise<void> {
    for (const child of this.processes.reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

// Stands between browser and daemon: passes all, nothing more, or cuts. (That of tests/net speaks
// gRPC alone.)
export class Line {
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private isCut = false;

  constructor(private readonly port: number) {
    this.server = createServer((near) => {
      if (this.isCut) return void near.destroy();
      const far = connect(this.port, "127.0.0.1");
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.sockets.add(one);
        one.pipe(other);
        one.on("error", () => other.destroy());
        one.on("close", () => {
          this.sockets.delete(one);
          other.destroy();
        });
      }
    });
  }

  async open(): Promise<string> {
    this.server.listen(0, "127.0.0.1");
    await once(this.server, "listening");
    const address = this.server.address();
    return `http://127.0.0.1:${typeof address === "object" ? address!.port : 0}`;
  }

  cut(): void {
    this.isCut = true;
    for (const socket of this.sockets) socket.destroy();
  }

  // Nothing passes, and nobody is told.
  freeze(): void {
    for (const socket of this.sockets) socket.pause();
  }

  heal(): void {
    this.isCut = false;
  }

  close(): void {
    this.cut();
    this.server.close();
  }
}
