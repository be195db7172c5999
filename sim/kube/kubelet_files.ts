/** Where the mounted files of containers are kept: in memory, or as real files under a folder. Knows nothing of volumes. */
/** The files of one container. */
export interface ContainerFiles {
  /** The folder that stands for `/`; "" when there is none. */
  readonly root: string;
  /** Follows {@link update}. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Makes these the files; unchanged ones are not written. */
  update(files: ReadonlyMap<string, Uint8Array>): Promise<void>;
  /** Removes everything. */
  remove(): Promise<void>;
}

/** Makes a place for one container; `id` is unique, `folders` exist from the start. */
export type FileStore = (
  id: string,
  folders: readonly string[],
) => Promise<ContainerFiles>;

/** Files as bytes only: for worlds on virtual time. */
export function filesInMemory(): Promise<ContainerFiles> {
  const files = new Map<string, Uint8Array>();
  return Promise.resolve({
    root: "",
    files,
    update: (wanted) => {
      replaceAll(files, wanted);
      return Promise.resolve();
    },
    remove: () => Promise.resolve(),
  });
}

/** Real files under `base`, readable by their owner only; a change appears at once and whole. */
export function filesUnder(base: string): FileStore {
  return async (id, folders) => {
    const root = `${base}/${id}`;
    const files = new Map<string, Uint8Array>();
    for (const folder of ["/", ...folders]) await makeFolder(root + folder);
    return {
      root,
      files,
      update: async (wanted) => {
        for (const [path, content] of wanted) {
          if (!sameBytes(files.get(path), content)) await writeWhole(root + path, content);
        }
        for (const path of files.keys()) if (!wanted.has(path)) await Deno.remove(root + path);
        replaceAll(files, wanted);
      },
      remove: () => Deno.remove(root, { recursive: true }),
    };
  };
}

function makeFolder(path: string): Promise<void> {
  return Deno.mkdir(path, { recursive: true, mode: 0o700 });
}

/** A reader sees the old content or the new one, never a part. */
async function writeWhole(path: string, content: Uint8Array): Promise<void> {
  await makeFolder(path.slice(0, path.lastIndexOf("/")));
  const fresh = `${path}.new`;
  await Deno.writeFile(fresh, content, { mode: 0o600 });
  await Deno.rename(fresh, path);
}

function sameBytes(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && a.length === b.length && a.every((byte, at) => byte === b[at]);
}

function replaceAll<K, V>(target: Map<K, V>, wanted: ReadonlyMap<K, V>): void {
  target.clear();
  for (const [key, value] of wanted) target.set(key, value);
}
