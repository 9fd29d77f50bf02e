import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { generateAsyncApi } from "./asyncapi.ts";
import { generateCrds } from "./crds.ts";
import { generateValuesSchema } from "./chart-values.ts";
import { generateJsonSchemas } from "./json-schemas.ts";
import { generateNatsPermissions } from "./nats-permissions.ts";
import { generateReferencePages } from "./reference-pages.ts";
import { generateTemplateTables } from "./template-tables.ts";
import { generateWebhookConfiguration } from "./webhook-configuration.ts";

const root = path.resolve(import.meta.dirname, "../../..");
const check = process.argv.includes("--check");

const stale: string[] = [];
for (const file of [
  ...generateCrds(),
  ...generateValuesSchema(),
  ...generateNatsPermissions(),
  ...generateJsonSchemas(),
  ...generateAsyncApi(),
  ...generateReferencePages(),
  ...(await generateTemplateTables(root)),
  ...(await generateWebhookConfiguration(root)),
]) {
  const target = path.join(root, file.path);
  const current = await readFile(target, "utf8").catch(() => undefined);
  if (current === file.content) continue;
  stale.push(file.path);
  if (check) continue;
  await mkdir(path.dirname(target), { recursive: true });
  await writeFile(target, file.content);
}

if (check && stale.length > 0) {
  console.error(`out of date: ${stale.join(", ")}\nrun: npm run generate`);
  process.exitCode = 1;
} else if (!check) {
  console.log(stale.length === 0 ? "everything is up to date" : `wrote ${stale.join(", ")}`);
}
