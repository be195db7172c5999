/** Which form of an answer a caller asks for. Pure. */
import { notAcceptable } from "./status.ts";

/** Whole objects, rows to print, or metadata alone. */
export type Form = "whole" | "table" | "partial";

const FORMS: Readonly<Record<string, Form>> = {
  Table: "table",
  PartialObjectMetadata: "partial",
  PartialObjectMetadataList: "partial",
};

/**
 * The first form in the `Accept` header that this server makes. Throws 406 when JSON is not among what is accepted.
 */
export function formOf(accept: string | null): Form {
  if (accept === null || accept.trim() === "") return "whole";
  for (const range of accept.split(",")) {
    const [type = "", ...parameters] = range.split(";").map((part) => part.trim());
    if (type === "*/*" || type === "application/*") return "whole";
    if (type !== "application/json") continue;
    const values = new Map(parameters.map((parameter): [string, string] => {
      const [name = "", value = ""] = parameter.split("=");
      return [name, value];
    }));
    const as = values.get("as");
    if (as === undefined) return "whole";
    const form = FORMS[as];
    if (form && values.get("g") === "meta.k8s.io" && values.get("v") === "v1") return form;
  }
  throw notAcceptable(["application/json"]);
}
