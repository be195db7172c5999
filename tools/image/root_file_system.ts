/**
 * The root file system of the image, put together from packages of Debian as the base image is: for machines without a
 * container engine. Knows paths in the image; the `Dockerfile` says the same for engines.
 */
import type { DebianPackage } from "../release/bill_of_materials.ts";

/** What the binary needs of a system: a C library, certificates, time zones. */
export const DEBIAN_PACKAGES: readonly string[] = [
  "ca-certificates",
  "libc6",
  "libgcc-s1",
  "tzdata",
];

/** Who the program runs as in the image; distroless calls it `nonroot`. */
export const USER_ID = 65532;

/** Names under which the program is found; all but the first are links to it. */
export const PROGRAMS: readonly string[] = ["longshore", "manager", "ghalistener"];

/** Folders where a pod mounts what it is given. */
const MOUNT_POINTS = [
  "etc/gha-listener",
  "proc",
  "tmp",
  "var/run/secrets/kubernetes.io/serviceaccount",
];

/** Parts of those packages that a program does not need. */
const LEFT_OUT = [
  "usr/bin",
  "usr/sbin",
  "sbin",
  "usr/share/doc",
  "usr/share/lintian",
  "usr/share/man",
  "usr/share/locale",
  "usr/share/bug",
  "usr/lib/x86_64-linux-gnu/gconv",
  "lib/x86_64-linux-gnu/audit",
  "etc/ca-certificates",
];

/** What was put together. */
export interface RootFileSystem {
  readonly bytes: number;
  readonly packages: readonly DebianPackage[];
}

/** Fills `folder`, which must be empty. Throws what the tools say; {@link Unavailable} where packages cannot be had. */
export async function assemble(
  folder: string,
  options: { readonly binary: string },
): Promise<RootFileSystem> {
  const packages: DebianPackage[] = [];
  const downloads = await Deno.makeTempDir({ prefix: "longshore-debian-" });
  try {
    await downloaded(downloads);
    for await (const { name } of Deno.readDir(downloads)) {
      if (!name.endsWith(".deb")) continue;
      await run("dpkg-deb", ["--extract", `${downloads}/${name}`, folder]);
      packages.push(await described(`${downloads}/${name}`));
    }
  } finally {
    await Deno.remove(downloads, { recursive: true });
  }
  for (const path of LEFT_OUT) await removed(`${folder}/${path}`);
  await certificates(folder);
  await accounts(folder);
  for (const path of MOUNT_POINTS) await Deno.mkdir(`${folder}/${path}`, { recursive: true });
  await programs(folder, options.binary);
  const { stdout } = await run("du", ["--summarize", "--bytes", folder]);
  const sorted = packages.toSorted((a, b) => a.name < b.name ? -1 : 1);
  return { bytes: Number(stdout.split("\t")[0]), packages: sorted };
}

/** There is no way to Debian's packages from here. */
export class Unavailable extends Error {
  override readonly name = "Unavailable";
}

async function downloaded(folder: string): Promise<void> {
  try {
    const { code, stderr } = await output("apt-get", ["download", ...DEBIAN_PACKAGES], folder);
    if (code !== 0) throw new Unavailable(`apt-get download ended with ${code}: ${stderr}`);
  } catch (thrown) {
    if (!(thrown instanceof Deno.errors.NotFound)) throw thrown;
    throw new Unavailable("there is no program apt-get");
  }
}

async function described(path: string): Promise<DebianPackage> {
  const form = "${Package}\n${Version}\n${Architecture}";
  const { stdout } = await run("dpkg-deb", [`--showformat=${form}`, "--show", path]);
  const [name = "", version = "", architecture = ""] = stdout.split("\n");
  return { name, version, architecture };
}

/** All authorities in one file, where programs look for it. */
async function certificates(folder: string): Promise<void> {
  const from = `${folder}/usr/share/ca-certificates/mozilla`;
  const names = (await Array.fromAsync(Deno.readDir(from))).map(({ name }) => name).sort();
  const texts = await Promise.all(names.map((name) => Deno.readTextFile(`${from}/${name}`)));
  await Deno.mkdir(`${folder}/etc/ssl/certs`, { recursive: true });
  await Deno.writeTextFile(`${folder}/etc/ssl/certs/ca-certificates.crt`, texts.join(""));
  await removed(`${folder}/usr/share/ca-certificates`);
}

async function accounts(folder: string): Promise<void> {
  await Deno.mkdir(`${folder}/etc`, { recursive: true });
  const id = USER_ID;
  await Deno.writeTextFile(
    `${folder}/etc/passwd`,
    `root:x:0:0:root:/nowhere:/sbin/nologin\nnonroot:x:${id}:${id}:nonroot:/nowhere:/sbin/nologin\n`,
  );
  await Deno.writeTextFile(`${folder}/etc/group`, `root:x:0:\nnonroot:x:${id}:\n`);
  await Deno.writeTextFile(`${folder}/etc/nsswitch.conf`, "hosts: files dns\n");
}

async function programs(folder: string, binary: string): Promise<void> {
  const [program = "", ...links] = PROGRAMS;
  await Deno.copyFile(binary, `${folder}/${program}`);
  await Deno.chmod(`${folder}/${program}`, 0o755);
  for (const link of links) await Deno.symlink(program, `${folder}/${link}`);
}

async function removed(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (thrown) {
    if (!(thrown instanceof Deno.errors.NotFound)) throw thrown;
  }
}

async function run(program: string, args: readonly string[]): Promise<{ readonly stdout: string }> {
  const { code, stdout, stderr } = await output(program, args);
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${stderr}`);
  return { stdout };
}

async function output(program: string, args: readonly string[], cwd?: string) {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    stdin: "null",
    ...(cwd !== undefined && { cwd }),
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  return { code, stdout: text(stdout), stderr: text(stderr) };
}
