import type { Acl } from "../records/acl.ts";
import { parentOf } from "../records/root.ts";
import type { ZooKeeper } from "../zookeeper.ts";
import { hasCode } from "./persevere.ts";

/**
 * Makes something below `folder`, and the folder first where it is missing: as a container, which the servers delete when it has been empty
 * for a while (so does Curator). They may do so at any moment; then it is made again.
 */
export async function createBelow<T>(zookeeper: ZooKeeper, folder: string, acl: readonly Acl[] | undefined, make: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await make();
    } catch (error) {
      // A chroot that does not exist is the user's to create.
      if (folder === "/" || !hasCode(error, "ZK_NO_NODE")) throw error;
    }
    await createBelow(zookeeper, parentOf(folder), acl, () => container(zookeeper, folder, acl));
  }
}

async function container(zookeeper: ZooKeeper, path: string, acl: readonly Acl[] | undefined): Promise<void> {
  try {
    await zookeeper.create(path, "", { mode: "container", ...(acl && { acl }) });
  } catch (error) {
    if (!hasCode(error, "ZK_NODE_EXISTS")) throw error;
  }
}
