// A service through create, update, rollback, scale, drain and delete with the AWS SDK for
// JavaScript.
//
//   go run ./examples/localecs -advance-on-poll -manual &
//   (cd examples/localecs/clients && npm install && node service.mjs http://127.0.0.1:8090)
let sdk;
try {
  sdk = await import("@aws-sdk/client-ecs");
} catch {
  console.log("skipped: @aws-sdk/client-ecs is not installed (npm install)");
  process.exit(0);
}
import assert from "node:assert/strict";

const endpoint = process.argv[2] ?? "http://127.0.0.1:8090";
const client = new sdk.ECSClient({
  endpoint,
  region: "us-east-1",
  credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" },
});
const send = (name, input = {}) => client.send(new sdk[name + "Command"](input));
const define = async (image) => {
  const containerDefinitions = [{ name: "web", image, memory: 64, portMappings: [{ containerPort: 80, hostPort: 0 }] }];
  return (await send("RegisterTaskDefinition", { family: "js", containerDefinitions })).taskDefinition.taskDefinitionArn;
};
const wait = { client, maxWaitTime: 60, minDelay: 1, maxDelay: 1 };
const stable = async (runningCount, taskDefinition) => {
  await sdk.waitUntilServicesStable(wait, { services: ["js"] });
  const service = (await send("DescribeServices", { services: ["js"] })).services[0];
  assert.equal(service.runningCount, runningCount);
  assert.deepEqual(service.deployments.map((d) => d.taskDefinition), [taskDefinition]);
  return service;
};

const first = await define("web:1");
const deploymentConfiguration = { deploymentCircuitBreaker: { enable: true, rollback: true } };
await send("CreateService", { serviceName: "js", taskDefinition: "js", desiredCount: 2, deploymentConfiguration });
assert.ok((await stable(2, first)).createdAt instanceof Date);

const second = await define("web:2");
await send("UpdateService", { service: "js", taskDefinition: second });
await stable(2, second);

await fetch(endpoint + "/_local/behaviour", { method: "POST", headers: { "X-Localecs": "1" }, body: JSON.stringify({ image: "web:bad", pullError: "not found" }) });
await send("UpdateService", { service: "js", taskDefinition: await define("web:bad") });
await stable(2, second);
const { serviceDeployments } = await send("ListServiceDeployments", { service: "js" });
assert.equal(serviceDeployments[0].status, "ROLLBACK_SUCCESSFUL");

await send("UpdateService", { service: "js", desiredCount: 4 });
await stable(4, second);

const { containerInstanceArns } = await send("ListContainerInstances");
const containerInstances = containerInstanceArns.slice(0, 1);
await send("UpdateContainerInstancesState", { containerInstances, status: "DRAINING" });
const drained = await send("DescribeContainerInstances", { containerInstances });
assert.equal(drained.containerInstances[0].runningTasksCount, 0);
await stable(4, second);

const { tasks } = await send("RunTask", { taskDefinition: "js:1" });
await sdk.waitUntilTasksRunning(wait, { tasks: [tasks[0].taskArn] });
await send("StopTask", { task: tasks[0].taskArn });
await sdk.waitUntilTasksStopped(wait, { tasks: [tasks[0].taskArn] });

await assert.rejects(send("DeleteService", { service: "js" }), sdk.InvalidParameterException);
await assert.rejects(send("ListTasks", { cluster: "nope" }), sdk.ClusterNotFoundException);
await send("DeleteService", { service: "js", force: true });
await sdk.waitUntilServicesInactive(wait, { services: ["js"] });
console.log("ok: a service was created, updated, rolled back, scaled, drained and deleted with @aws-sdk/client-ecs");
