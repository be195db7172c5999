import assert from "node:assert/strict";
import { exception, restRefusal, runnerRefusal } from "../../../sim/github/answers.ts";

Deno.test("refusals have the shape of the part of GitHub that refuses", {
  permissions: "none",
}, async () => {
  const service = exception("TaskAgentNotFoundException", "Runner with id 42 was not found");
  assert.equal(service.status, 404);
  assert.deepEqual(await service.json(), {
    $id: "1",
    innerException: null,
    message: "Runner with id 42 was not found",
    typeName:
      "GitHub.DistributedTask.WebApi.TaskAgentNotFoundException, GitHub.DistributedTask.WebApi",
    typeKey: "TaskAgentNotFoundException",
    errorCode: 0,
    eventId: 3000,
  });
  const rest = await restRefusal(401, "Bad credentials").json();
  assert.deepEqual([rest.message, rest.status], ["Bad credentials", "401"]);
  const runner = await runnerRefusal(403, "RunnerVersionTooOld", "Too old").json();
  assert.deepEqual([runner.errorKind, runner.statusCode], ["RunnerVersionTooOld", 403]);
});
