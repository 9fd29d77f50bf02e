import { readFile } from "node:fs/promises";
import path from "node:path";
import type { GeneratedFile } from "./generated-file.ts";

/** The chart's webhook configurations: the file that the webhook's own tests run against, for any namespace. */
export async function generateWebhookConfiguration(root: string): Promise<GeneratedFile[]> {
  const source = await readFile(path.join(root, "services/webhook/webhook-configuration.yaml"), "utf8");
  const content = source.replaceAll("carrel-system", "{{ .Release.Namespace }}");
  return [
    {
      path: "deploy/chart/templates/webhook-configuration.yaml",
      content: `{{/* Generated from services/webhook/webhook-configuration.yaml by \`npm run generate\`. */}}\n${content}`,
    },
  ];
}
