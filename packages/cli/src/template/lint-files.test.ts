import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { lintFiles } from "./lint-files.ts";

const template = (lines: readonly string[], name = "lesson"): string =>
  ["apiVersion: carrel.dev/v1alpha1", "kind: SessionTemplate", `metadata: { name: ${name} }`, "spec:", ...lines].join(
    "\n",
  );
const DESK = [
  "  workspace:",
  "    template:",
  "      spec:",
  "        containers:",
  "          - name: desk",
  "            image: registry.example.com/desk:1",
  "            ports: [{ containerPort: 8080 }]",
];
const MAIN = ["  endpoints:", "    - { name: main, port: 8080 }"];
const WIDGETS = ["  rules:", "    - apiGroups: [example.com]", "      resources: [widgets]", "      verbs: [get]"];
const ceiling = (name: string, lines: readonly string[]): string =>
  ["apiVersion: carrel.dev/v1alpha1", "kind: PolicyProfile", `metadata: { name: ${name} }`, "spec:", ...lines].join(
    "\n",
  );

const lint = (text: string, ...profiles: string[]) =>
  lintFiles(
    [{ name: "t.yaml", text }],
    profiles.map((profile, index) => ({ name: `p${index}.yaml`, text: profile })),
  ).problems.map(({ file, line, rule, path }) => `${file}:${line} ${rule} ${path}`);

test("a good template has no problem; documents of other kinds are passed over", () => {
  const text = [template([...DESK, ...MAIN]), "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: x }", ""].join(
    "\n---\n",
  );
  assert.deepEqual(lintFiles([{ name: "t.yaml", text }]), { problems: [], templates: 1 });
});

test("problems are told in order with the lines of their fields", () => {
  const text = [
    template([
      "  titel: x",
      "  parameters:",
      "    - name: seats",
      "      type: int",
      '      default: "many"',
      ...DESK,
      "            env:",
      "              - name: A",
      "                value: $(session.nmae)",
      "  objects:",
      "    - name: one",
      "      template:",
      "        apiVersion: v1",
      "        kind: ConfigMap",
      "        metadata: { name: one }",
      "        data:",
      '          "a.b": $(nothing)',
      "  endpoints:",
      "    - { name: other, port: 8080 }",
    ]),
  ].join("\n---\n");
  assert.deepEqual(lint(text), [
    "t.yaml:5 schema spec.titel",
    "t.yaml:9 parameter-default spec.parameters[0].default",
    "t.yaml:19 unknown-variable spec.workspace.template.spec.containers[0].env[0].value",
    't.yaml:27 unknown-variable spec.objects[0].template.data["a.b"]',
    "t.yaml:28 schema spec.endpoints",
  ]);
});

test("each document of a file has its own lines, and one that cannot be read hides no other", () => {
  const text = [template(MAIN, "First"), template([...DESK, "  endpoints: none"]), "a: ["].join("\n---\n");
  assert.deepEqual(lint(text), [
    "t.yaml:3 schema metadata.name",
    "t.yaml:4 schema spec.workspace",
    "t.yaml:19 schema spec.endpoints",
    "t.yaml:21 yaml ",
  ]);
});

test("another version of Carrel's API is refused", () => {
  assert.deepEqual(lint("apiVersion: carrel.dev/v1\nkind: SessionTemplate\nmetadata: { name: a }"), [
    "t.yaml:1 schema apiVersion",
  ]);
});

test("ceilings bound templates, wherever they stand", () => {
  const asks = template([...DESK, ...MAIN, ...WIDGETS]);
  const grants = ceiling("ceiling", ["  ceiling: true", ...WIDGETS.map((line) => line.replace("rules", "maxRules"))]);
  assert.deepEqual(lint(asks), ["t.yaml:15 rule-above-ceiling spec.rules[0]"]);
  assert.deepEqual(lint(`${asks}\n---\n${grants}`), []);
  assert.deepEqual(lint(asks, grants), []);
  assert.deepEqual(lint(asks, grants, ceiling("strict", ["  ceiling: true"])), [
    "t.yaml:15 rule-above-ceiling spec.rules[0]",
  ]);
});

test("profiles are known where a file of them is given", () => {
  const names = template([...DESK, ...MAIN, "  policy: { profile: lax }"]);
  assert.deepEqual(lint(names), []);
  assert.deepEqual(lint(names, ceiling("strict", ["  description: x"])), [
    "t.yaml:14 unknown-profile spec.policy.profile",
  ]);
  assert.deepEqual(lint(names, ceiling("lax", ["  descriptoin: x"])), ["p0.yaml:5 schema spec.descriptoin"]);
});

const EXAMPLES = new URL("../../../../deploy/examples/", import.meta.url);
const yamlFiles = (folder: string) =>
  readdirSync(new URL(folder, EXAMPLES))
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => ({ name, text: readFileSync(new URL(folder + name, EXAMPLES), "utf8") }));
const folders = readdirSync(EXAMPLES, { withFileTypes: true }).filter((entry) => entry.isDirectory());

test("the examples that `carrel up` applies have no problem, and need no profile", () => {
  const { problems, templates } = lintFiles(yamlFiles("./"));
  assert.deepEqual(problems, []);
  assert.ok(templates > 5);
});

for (const { name } of folders) {
  test(`the examples of ${name} have no problem under the profiles that they come with`, () => {
    const profiles = name === "with-operator" ? yamlFiles("operator/") : [];
    const { problems } = lintFiles(yamlFiles(`${name}/`), profiles);
    assert.deepEqual(problems, []);
  });
}

test("the template of the reference page has no problem, and its mistake is told as the page says", () => {
  const page = readFileSync(new URL("../../../../docs/reference/templates.md", import.meta.url), "utf8");
  const example = /```yaml\n([^]*?)```/.exec(page)?.[1] ?? "";
  assert.deepEqual(lintFiles([{ name: "shop.yaml", text: example }]), { problems: [], templates: 1 });
  const mistaken = example.replace("shop.$(session.namespace)", "shop.$(session.namspace)");
  const [problem] = lintFiles([{ name: "shop.yaml", text: mistaken }]).problems;
  assert.ok(problem);
  const line = `shop.yaml:${problem.line}: error: [${problem.rule}] shop ${problem.path}: ${problem.message}`;
  assert.ok(page.includes(line), line);
});

for (const [what, lines] of [
  ["an alias of nothing", ["  title: *nothing"]],
  [
    "an alias that holds itself",
    ["  objects: &all [{ name: o, template: { apiVersion: v1, kind: A, metadata: *all } }]"],
  ],
  [
    "aliases that grow without end",
    ["a", "b", "c", "d"].map((key, at, keys) => {
      const item = at === 0 ? "x" : `*${keys[at - 1]}`;
      return `  ${key}: &${key} [${Array.from({ length: 12 }, () => item).join(", ")}]`;
    }),
  ],
] as const) {
  test(`${what} is a problem of the file, and the others are looked at`, () => {
    const text = [template([...DESK, ...MAIN, ...lines]), template([...DESK, ...MAIN], "good")].join("\n---\n");
    const { problems, templates } = lintFiles([{ name: "t.yaml", text }]);
    assert.equal(templates, 1);
    assert.deepEqual(
      problems.map(({ rule, line }) => [rule, line]),
      [["yaml", 1]],
    );
  });
}
