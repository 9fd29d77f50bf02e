import { object, rbac, testErrors } from "../testing/lint-cases.ts";

testErrors([
  [
    "a Namespace as an object",
    { objects: [object({ kind: "Namespace" })] },
    "object-kind",
    "spec.objects[0].template.kind",
    /spec\.namespaces/,
  ],
  [
    "a ResourceQuota as an object",
    { objects: [object({ kind: "ResourceQuota" })] },
    "object-kind",
    "spec.objects[0].template.kind",
    /spec\.quota/,
  ],
  [
    "a LimitRange as an object",
    { objects: [object({ kind: "LimitRange" })] },
    "object-kind",
    "spec.objects[0].template.kind",
    /spec\.limits/,
  ],
  [
    "a Session as an object",
    { objects: [object({ apiVersion: "carrel.dev/v1alpha1", kind: "Session" })] },
    "object-kind",
    "spec.objects[0].template.kind",
    /Carrel's own kinds/,
  ],
  [
    "no API version",
    { objects: [object({ apiVersion: "version one" })] },
    "object-kind",
    "spec.objects[0].template.apiVersion",
    /no API version/,
  ],
  [
    "a cluster-scoped kind that no ceiling lists",
    { objects: [object({ apiVersion: "scheduling.k8s.io/v1", kind: "PriorityClass" })] },
    "cluster-object",
    "spec.objects[0].template.kind",
    /clusterObjects/,
  ],
  [
    "a variable in the kind",
    { objects: [object({ kind: "$(template.name)" })] },
    "object-identity",
    "spec.objects[0].template.kind",
    /must not use variables/,
  ],
  [
    "an output in the name",
    {
      objects: [
        object({ metadata: { name: "x-$(outputs.two.ip)" } }),
        object({}, { name: "two", outputs: { ip: "data.x" } }),
      ],
    },
    "object-identity",
    "spec.objects[0].template.metadata.name",
    /must be plain before/,
  ],
  [
    "no name",
    { objects: [object({ metadata: {} })] },
    "object-identity",
    "spec.objects[0].template.metadata.name",
    /is required/,
  ],
  [
    "somebody else's namespace",
    { objects: [object({ metadata: { name: "x", namespace: "kube-system" } })] },
    "object-namespace",
    "spec.objects[0].template.metadata.namespace",
    /the session's own namespaces only/,
  ],
  [
    "a namespace that the template has not",
    { objects: [object({ metadata: { name: "x", namespace: "$(namespaces.data)" } })] },
    "unknown-variable",
    "spec.objects[0].template.metadata.namespace",
    /there are namespaces\.primary/,
  ],
  [
    "finalizers",
    { objects: [object({ metadata: { name: "x", finalizers: ["a/b"] } })] },
    "object-metadata",
    "spec.objects[0].template.metadata.finalizers",
    /finalizedExternally/,
  ],
  [
    "a generated name",
    { objects: [object({ metadata: { generateName: "x-" } })] },
    "object-metadata",
    "spec.objects[0].template.metadata.generateName",
    /give a name/,
  ],
  [
    "an output that no variable can name",
    { objects: [object({}, { outputs: { "a-b": "data.x" } })] },
    "output-name",
    "spec.objects[0].outputs.a-b",
    /letters and digits/,
  ],
  [
    "an output of a Secret",
    { objects: [object({ kind: "Secret" }, { outputs: { token: "data.token" } })] },
    "secret-output",
    "spec.objects[0].outputs",
    /would stand in the Workspace's status/,
  ],
  [
    "one object twice",
    {
      objects: [object({}), object({ metadata: { name: "one", namespace: "$(session.namespace)" } }, { name: "two" })],
    },
    "duplicate",
    "spec.objects[1].template.metadata.name",
    /object of spec\.objects\[0\]/,
  ],
  [
    "the Secret that Carrel makes",
    { objects: [object({ kind: "Secret", metadata: { name: "generated" } })] },
    "reserved-name",
    "spec.objects[0].template.metadata.name",
    /Carrel's own/,
  ],
  [
    "a name that gets too long",
    { objects: [object({ kind: "Service", metadata: { name: `${"a".repeat(43)}$(workspace.name)` } })] },
    "name-length",
    "spec.objects[0].template.metadata.name",
    /becomes 64 characters long; a Service has at most 63/,
  ],
  [
    "a name that is none",
    { objects: [object({ metadata: { name: "My_$(session.name)" } })] },
    "name-form",
    "spec.objects[0].template.metadata.name",
    /no name/,
  ],
  [
    "after what is not there",
    { objects: [object({}, { after: ["onne"] })] },
    "unknown-object",
    "spec.objects[0].after",
    /did you mean one\?/,
  ],
  [
    "objects that wait for each other",
    {
      objects: [
        object({ data: { a: "$(outputs.two.x)" } }, { outputs: { x: "data.a" } }),
        object({ metadata: { name: "two" } }, { name: "two", after: ["one"], outputs: { x: "data.a" } }),
      ],
    },
    "object-cycle",
    "spec.objects",
    /one after two after one/,
  ],
  [
    "a binding for somebody else",
    {
      objects: [
        rbac("RoleBinding", {
          roleRef: { kind: "ClusterRole", name: "carrel-learner-view" },
          subjects: [{ kind: "User", name: "x" }],
        }),
      ],
    },
    "object-subject",
    "spec.objects[0].template.subjects[0]",
    /session's own accounts/,
  ],
  [
    "a binding to an account of another namespace",
    {
      objects: [
        rbac("RoleBinding", {
          roleRef: { kind: "ClusterRole", name: "carrel-learner-view" },
          subjects: [{ kind: "ServiceAccount", name: "x", namespace: "default" }],
        }),
      ],
    },
    "object-subject",
    "spec.objects[0].template.subjects[0]",
    /session's own accounts/,
  ],
  [
    "a binding to cluster-admin",
    { objects: [rbac("RoleBinding", { roleRef: { kind: "ClusterRole", name: "cluster-admin" }, subjects: [] })] },
    "object-role",
    "spec.objects[0].template.roleRef",
    /among the template's objects/,
  ],
]);
