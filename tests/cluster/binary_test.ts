/**
 * The compiled program against a real kube-apiserver: as `/manager` and as `/ghalistener`, in processes of their own, with
 * the tokens of their ServiceAccounts. Where nothing was compiled there is no such test.
 */
import assert from "node:assert/strict";
import { binaryTest } from "../binary/binary_test_case.ts";
import { listenerProcess } from "../binary/listener_process.ts";
import { type Started, started } from "../binary/process.ts";
import { hasSession } from "../journeys/invariants.ts";
import { queue, results, untilAtRest, untilOver } from "../journeys/stories/story.ts";
import { CONTROLLER } from "../../sim/world_objects.ts";
import { attachedControlPlane } from "./supervisor.ts";
import { openWatchedRealStage } from "./watched.ts";

const JOBS = 50;

const attached = attachedControlPlane();

if (attached !== undefined && attached !== "absent") {
  binaryTest(
    `[real] the binary as /manager and as /ghalistener runs ${JOBS} jobs and ends cleanly`,
    async (path) => {
      const { facts } = attached;
      const folder = await Deno.makeTempDir({ prefix: "longshore-pod-" });
      for (const name of ["manager", "ghalistener"]) {
        await Deno.symlink(path("image"), `${folder}/${name}`);
      }
      const listeners: Started[] = [];
      const program = `${folder}/ghalistener`;
      const onStart = (process: Started) => listeners.push(process);
      const watched = await openWatchedRealStage(facts, {
        max: 10,
        listenersAre: listenerProcess({ program, onStart }),
      });
      await using stage = watched.stage;
      await Deno.writeTextFile(`${folder}/token`, await stage.controllerToken());
      await Deno.writeTextFile(`${folder}/ca.crt`, facts.ca);
      await Deno.writeTextFile(`${folder}/namespace`, CONTROLLER.namespace);
      const server = new URL(facts.server);
      await using manager = started(`${folder}/manager`, {
        args: [
          `--service-account-dir=${folder}`,
          `--github-hosts=github.com=${stage.githubUrl}`,
          "--metrics-addr=0",
          "--listener-metrics-addr=0",
        ],
        env: {
          CONTROLLER_MANAGER_POD_NAMESPACE: CONTROLLER.namespace,
          CONTROLLER_MANAGER_CONTAINER_IMAGE: "image",
          KUBERNETES_SERVICE_HOST: server.hostname,
          KUBERNETES_SERVICE_PORT: server.port,
        },
      });
      await stage.addSet({ max: 10 });
      await stage.until("a session is open", () => hasSession(stage), 60);
      queue(stage, JOBS, 5);
      await untilOver(stage);
      await untilAtRest(watched);
      assert.deepEqual(results(stage), { succeeded: JOBS });
      const [listener] = listeners;
      assert.ok(listener);
      assert.equal(stage.world.github.calls.deletesession, 0);
      assert.deepEqual(await manager.end("SIGTERM"), { code: 0, signal: null });
      assert.deepEqual(await listener.end("SIGTERM"), { code: 0, signal: null });
      assert.equal(stage.world.github.calls.deletesession, 1);
      await Deno.remove(folder, { recursive: true });
    },
  );
}
