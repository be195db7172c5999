/** Collects what a program would have printed. */
import type { TextSink } from "../../modes/output.ts";

export class Sink implements TextSink {
  text = "";

  writeSync(bytes: Uint8Array): number {
    this.text += new TextDecoder().decode(bytes);
    return bytes.length;
  }
}
