/** The charts as a release has them: packaged as `helm package` does, and rendered for those who have no Helm. */
import { filesBelow } from "./files.ts";
import { tarGz } from "./tar.ts";

/** Of the controller first: it must be installed first. */
export const CHARTS = ["gha-runner-scale-set-controller", "gha-runner-scale-set"] as const;

/** Where the plain manifest installs the controller. */
const NAMESPACE = "arc-systems";
const RELEASE = "arc";

/** The archive of a chart; the same chart gives the same bytes. */
export async function packagedChart(
  folder: string,
  name: string,
): Promise<Uint8Array<ArrayBuffer>> {
  return await tarGz(await filesBelow(folder, `${name}/`));
}

/** All custom resource definitions in one text. `root`: the folder of the repository. */
export async function definitions(root: string): Promise<string> {
  const folder = `${root}/crds/generated`;
  const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
  const texts = await Promise.all(names.map((name) => Deno.readTextFile(`${folder}/${name}`)));
  return texts.map((text) => text.replace(/^---\n/, "")).join("---\n");
}

/** The definitions, a namespace, and the controller's chart with its defaults, for `kubectl apply -f`. */
export async function plainInstall(
  helm: string,
  of: { readonly root: string; readonly crds: string },
): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(helm, {
    args: [
      "template",
      RELEASE,
      `${of.root}/chart/${CHARTS[0]}`,
      `--namespace=${NAMESPACE}`,
      "--kube-version=1.36.0",
      "--no-hooks", // nobody would run them at their time
    ],
    stdin: "null",
  }).output();
  if (code !== 0) {
    throw new Error(`helm template ended with ${code}: ${new TextDecoder().decode(stderr).trim()}`);
  }
  const namespace = `apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ${NAMESPACE}\n`;
  const rendered = new TextDecoder().decode(stdout).replace(/^---\n/, "");
  const head =
    "# Longshore, for kubectl apply -f. Made from the chart with its defaults; Helm can do more.\n";
  return `${head}${[of.crds, namespace, rendered].join("---\n")}`;
}
