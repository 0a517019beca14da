// A service through create, update, scale and delete with the AWS SDK for JavaScript.
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

const client = new sdk.ECSClient({
  endpoint: process.argv[2] ?? "http://127.0.0.1:8090",
  region: "us-east-1",
  credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" },
});
const send = (name, input = {}) => client.send(new sdk[name + "Command"](input));
const stable = async () => {
  const wait = { client, maxWaitTime: 60, minDelay: 1, maxDelay: 1 };
  await sdk.waitUntilServicesStable(wait, { services: ["js"] });
  return (await send("DescribeServices", { services: ["js"] })).services[0];
};

const containerDefinitions = [{ name: "web", image: "web:1", memory: 64, portMappings: [{ containerPort: 80, hostPort: 0 }] }];
await send("RegisterTaskDefinition", { family: "js", containerDefinitions });
await send("CreateService", { serviceName: "js", taskDefinition: "js", desiredCount: 3 });
assert.equal((await stable()).runningCount, 3);
const { taskDefinition } = await send("RegisterTaskDefinition", { family: "js", containerDefinitions });
await send("UpdateService", { service: "js", taskDefinition: taskDefinition.taskDefinitionArn });
const updated = await stable();
assert.equal(updated.deployments.length, 1);
assert.equal(updated.taskDefinition, taskDefinition.taskDefinitionArn);
assert.ok(updated.createdAt instanceof Date);
await assert.rejects(send("DeleteService", { service: "js" }), sdk.InvalidParameterException);
await assert.rejects(send("ListTasks", { cluster: "nope" }), sdk.ClusterNotFoundException);
await send("DeleteService", { service: "js", force: true });
console.log("ok: a service was created, updated and deleted with @aws-sdk/client-ecs");
