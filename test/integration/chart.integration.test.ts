import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFile } from "node:fs/promises";
import path from "node:path";
import { before, test } from "node:test";
import { promisify } from "node:util";
import { ensureProgram } from "@carrel/cluster";
import { installCrds, sharedControlPlane } from "@carrel/testkit";

const execute = promisify(execFile);
const CHART = path.resolve(import.meta.dirname, "../../deploy/chart");
const EMBEDDED = path.join(CHART, "values-embedded.yaml");
let helm: string;
let kubectl: string;

before(async () => {
  helm = await ensureProgram("helm");
  kubectl = await ensureProgram("kubectl");
});

for (const values of [[], ["--values", EMBEDDED]]) {
  test(`helm lint --strict ${values.length === 0 ? "with the defaults" : "for the embedded cluster"}`, async () => {
    const { stdout } = await execute(helm, ["lint", "--strict", CHART, ...values]);
    assert.match(stdout, /0 chart\(s\) failed/);
  });
}

const refused: [string, string, RegExp][] = [
  ["a misspelt value", "proxy.replcas=3", /replcas/],
  ["a scheme that is none", "publicScheme=ftp", /publicScheme/],
  ["replicas that are no number", "reaper.replicas=many", /replicas/],
  ["a tenant that would forge events", "tenants={evt}", /evt is a name of Carrel's own/],
  [
    "a right that is never given",
    "provisioner.grantableRules[0].apiGroups={a},provisioner.grantableRules[0].resources={b},provisioner.grantableRules[0].verbs={escalate}",
    /verbs/,
  ],
  [
    "rights to everything",
    "provisioner.grantableRules[0].apiGroups={*},provisioner.grantableRules[0].resources={b},provisioner.grantableRules[0].verbs={get}",
    /apiGroups/,
  ],
  ["Carrel's own secrets shared", "sharedSecretNamespaces={default,kube-system}", /nobody's to share/],
  [
    "all kinds at once",
    "provisioner.objectRules[0].apiGroups={*},provisioner.objectRules[0].resources={pods}",
    /apiGroups/,
  ],
  ["no NATS at all", "nats.enabled=false", /nats\.(url|existingSecret) is required/],
];
for (const [what, set, message] of refused) {
  test(`the chart refuses ${what}`, async () => {
    await assert.rejects(execute(helm, ["template", "carrel", CHART, "--set", set]), (error: { stderr?: string }) => {
      assert.match(error.stderr ?? "", message);
      return true;
    });
  });
}

test("every object of the chart is accepted by a real API server, field by field", async () => {
  const controlPlane = await sharedControlPlane({ controllerManager: true });
  await installCrds(controlPlane);
  const kubeconfig = path.join(controlPlane.directory, "chart.kubeconfig");
  await copyFile(controlPlane.kubeconfigPath, kubeconfig);
  const run = (...args: string[]) => execute(kubectl, ["--kubeconfig", kubeconfig, ...args]);
  await run("config", "set-context", "--current", "--namespace", "carrel-system");
  // A dry run creates no namespace for what is to go into it.
  for (const namespace of ["carrel-system", "carrel-system-parameters"]) await run("create", "namespace", namespace);
  const rendered = await execute(helm, [
    "template",
    "carrel",
    CHART,
    "--namespace",
    "carrel-system",
    "--set",
    "tenants={acme}",
    "--set",
    "sharedSecretNamespaces={default}",
    "--set",
    "webhook.trustedUsers={system:serviceaccount:kubevirt:kubevirt-controller}",
    "--set",
    "reaper.objectRules[0].apiGroups={kubevirt.io},reaper.objectRules[0].resources={virtualmachines}",
    "--set",
    "provisioner.grantableRules[0].apiGroups={kubevirt.io},provisioner.grantableRules[0].resources={virtualmachines}",
    "--set",
    "provisioner.grantableRules[0].verbs={get,create}",
  ]);
  // Only with something to grant may the provisioner make cluster-wide roles.
  assert.match(rendered.stdout, /resources: \[clusterroles, clusterrolebindings\][^]*- kubevirt\.io/);
  const applying = run(
    "apply",
    "--server-side",
    "--force-conflicts",
    "--validate=strict",
    "--dry-run=server",
    "-f",
    "-",
  );
  applying.child.stdin?.end(rendered.stdout);
  const { stdout } = await applying;
  for (const object of [
    "deployment.apps/carrel-proxy",
    "poddisruptionbudget.policy/carrel-webhook",
    "secret/carrel-nats-acme",
    "priorityclass.scheduling.k8s.io/carrel-desk",
    "validatingwebhookconfiguration.admissionregistration.k8s.io/carrel-admission",
  ]) {
    assert.ok(stdout.includes(`${object} serverside-applied`), `${object} in:\n${stdout}`);
  }
});
