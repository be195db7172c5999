/** What a mode's worker and the thread that started it say to each other. Types only. */
import type { PluginCredential } from "../kube/credential_plugin.ts";
import type { ModeName } from "./invocation.ts";

export type ToWorker =
  | {
    readonly type: "start";
    readonly mode: ModeName;
    /** Plain data, without secrets: the worker reads those from its own paths. */
    readonly config: unknown;
    /** What the sandbox allows of the network, for messages and for asking. */
    readonly net: {
      readonly granted: readonly string[] | "any";
      readonly added: readonly string[];
      readonly growth: "never" | "asked";
    };
    /** Where log lines go: standard output, or to the starter as messages. */
    readonly log: "stdout" | "messages";
  }
  | { readonly type: "stop" }
  | {
    readonly type: "plugin-answer";
    /** Of the question. */
    readonly id: number;
    readonly outcome: { readonly credential: PluginCredential } | { readonly failure: string };
  };

export type FromWorker =
  /** The code is loaded; nothing has been read or asked yet. */
  | { readonly type: "up" }
  | { readonly type: "log"; readonly line: string }
  /** What a person asked for; no log. */
  | { readonly type: "print"; readonly text: string }
  /** Wants these `host:port` words in its sandbox; it will be stopped, and started anew with them. */
  | { readonly type: "ask-net"; readonly words: readonly string[] }
  /** Wants a credential of the kubeconfig's plugin. */
  | { readonly type: "ask-plugin"; readonly id: number; readonly how: "soft" | "hard" }
  /** The mode has ended; `code` is the exit code, `because` a sentence when it was not asked to. */
  | { readonly type: "stopped"; readonly code: number; readonly because?: string };
