#!/usr/bin/env node
// Deploys with the AWS SDK for JavaScript, and looks, when the waiter is content, whether the deployment that it began
// is completed. Without this look, the same script is one that believes the waiter.
//
//   npm install @aws-sdk/client-ecs                  in this folder, or in one above it
//   go run ./examples/drill -scenario 1,2,5a -- \
//     examples/drill/stub/watch.mjs {{.Cluster}} {{.Service}} {{.TaskDefinition}}
import { readFileSync } from "node:fs";

let sdk;
try {
  sdk = await import("@aws-sdk/client-ecs");
} catch {
  console.error("@aws-sdk/client-ecs is not installed: npm install @aws-sdk/client-ecs");
  process.exit(3);
}
const [cluster, service, definition, believe] = process.argv.slice(2);
if (cluster === undefined) process.exit(0); // it was only asked whether the SDK is there
const client = new sdk.ECSClient({});
const send = (name, input) => client.send(new sdk[name + "Command"](input));

const { taskDefinition } = await send("RegisterTaskDefinition", JSON.parse(readFileSync(definition, "utf8")));
const updated = await send("UpdateService", { cluster, service, taskDefinition: taskDefinition.taskDefinitionArn });
const mine = updated.service.deployments.find((d) => d.status === "PRIMARY").id;
await sdk.waitUntilServicesStable({ client, maxWaitTime: 600 }, { cluster, services: [service] });
if (believe !== "believe") {
  const { services } = await send("DescribeServices", { cluster, services: [service] });
  const found = services[0].deployments.find((d) => d.id === mine);
  if (found?.rolloutState !== "COMPLETED") {
    console.error(`the deployment ${mine} is ${found?.rolloutState ?? "gone"}`);
    process.exit(1);
  }
}
console.log("Deployment successful");
